"""Calls that change something, done once for each idempotency key of a token.

The answer is kept in the transaction of the act itself, so that a crash leaves both or neither. What was
refused changed nothing and is not kept: asked again it is judged anew.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.api.errors import CONFLICT, ApiError
from hq.api.operations import Answer
from schema.database import Database
from schema.desk import ApiCall

KEPT: Final = timedelta(days=45)
"""An answer is given again for so long at least; older ones go when the token calls again."""


class AnsweredError(Exception):
    """Leaves a unit of work: the same call was answered before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def digest_of(method: str, path: str, media_type: str, body: bytes) -> bytes:
    """Give what tells one call from another under the same key."""
    told = json.dumps([method, path, media_type]).encode()
    return hashlib.sha256(len(told).to_bytes(4) + told + body).digest()


def find_call(session: Session, token_id: int, key: str, digest: bytes) -> Answer | None:
    """Find the answer of a call that was made before; None for a new one.

    raises   ApiError 409 where the key was used for something else
    """
    row = session.get(ApiCall, (token_id, key))
    if row is None:
        return None
    if row.digest != digest:
        raise ApiError(
            CONFLICT,
            "KEY_USED",
            "This idempotency key was used for another call. Nothing was changed.",
            where="Idempotency-Key",
            next_step="Send a new key for what is new, and the same key only for the same call.",
        )
    return row.status, json.loads(row.answer)


def keep_call(
    session: Session, token_id: int, key: str, digest: bytes, answer: Answer, now: datetime
) -> None:
    """Keep an answer, and let go of those of this token that nobody asks for any more."""
    old = select(ApiCall).where(ApiCall.token_id == token_id, ApiCall.at < now - KEPT)
    for row in session.scalars(old):
        session.delete(row)
    status, document = answer
    session.add(
        ApiCall(
            token_id=token_id,
            idempotency_key=key,
            digest=digest,
            at=now,
            status=status,
            answer=json.dumps(document, ensure_ascii=False),
        )
    )
    session.flush()


class OneAtATime:
    """For calls that are no single transaction: the second one of a key waits, and gets the same answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._busy: dict[tuple[int, str], tuple[Lock, int]] = {}

    @contextmanager
    def _turn(self, name: tuple[int, str]) -> Iterator[None]:
        with self._lock:
            lock, waiting = self._busy.get(name, (Lock(), 0))
            self._busy[name] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._lock:
                _, waiting = self._busy.pop(name)
                if waiting > 1:
                    self._busy[name] = (lock, waiting - 1)

    def once(
        self, token_id: int, key: str, digest: bytes, now: datetime, act: Callable[[], Answer]
    ) -> Answer:
        """Do ``act`` unless it was done before; a crash in between repeats it, which must be harmless.

        raises   ApiError 409 where the key was used for something else, and what ``act`` raises
        """
        with self._turn((token_id, key)):
            with self._database.reading() as session:
                earlier = find_call(session, token_id, key, digest)
            if earlier is not None:
                return earlier
            answer = act()
            with self._database.writing() as session:
                earlier = find_call(session, token_id, key, digest)
                if earlier is not None:  # another server on this database was faster
                    return earlier
                keep_call(session, token_id, key, digest, answer, now)
            return answer
