"""Tokens: keys of other programs, of which headquarters keeps only the hash.

A token is 256 bits of chance behind a word of ours, so that a plain SHA-256 keeps it and nobody can guess it.
It acts in the name of the administrator who made it, and ends with that person's log-in.
"""

import hashlib
import secrets
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError, MissingError
from banking.rows import get_row
from banking.text import require
from banking.users import log_look
from hq.api.errors import TOO_MANY, UNAUTHORIZED, ApiError
from hq.api.scopes import SCOPES
from schema.database import Database
from schema.desk import ApiToken
from schema.people import User
from schema.reference import Office
from schema.user_orders import standing_of

MADE: Final = "api.token_made"
REVOKED: Final = "api.token_revoked"
REFUSED: Final = "api.refused"
"""Words of the log."""

WRONG_A_MINUTE: Final = 30
"""Wrong tokens from one address that are looked at and written down; right ones are always taken."""
MOST_ADDRESSES: Final = 10_000
USED_EVERY: Final = timedelta(minutes=1)
"""``used_at`` is as exact as this: not every question shall write."""

_BEGINS: Final = "satchel_"
_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the token, what it may do, the office that it is bound to (None: all), the person behind."""

    token_id: int
    name: str
    scopes: frozenset[str]
    office_id: int | None
    user_id: int
    role: str


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token as a list shows it. ``state`` is good, expired, revoked or ended (with its maker's log-in)."""

    id: int
    name: str
    scopes: tuple[str, ...]
    office: str
    made_by: str
    made_at: datetime
    expires_on: date | None
    used_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token to be made; ``office_id`` None is every office, ``expires_on`` its last good day."""

    name: str
    scopes: Sequence[str]
    office_id: int | None = None
    expires_on: date | None = None


def make_token(session: Session, wanted: Wanted, user_id: int, now: datetime) -> tuple[ApiToken, str]:
    """Make a token; gives its row and the token itself, which nobody can ever see again.

    raises   MissingError without name or scope; BadValueError for an unknown scope or a day that is over;
             NotFoundError for the office
    """
    name = require(wanted.name, "name")
    unknown = [scope for scope in wanted.scopes if scope not in SCOPES]
    if unknown:
        raise BadValueError(field="scopes", given=unknown[0][:40])
    if not wanted.scopes:
        raise MissingError(field="scopes")
    if wanted.expires_on is not None and wanted.expires_on < now.date():
        raise BadValueError(field="expires_on", given=wanted.expires_on)
    if wanted.office_id is not None:
        get_row(session, Office, wanted.office_id, "office")
    text = _BEGINS + secrets.token_urlsafe(_BYTES)
    row = ApiToken(
        name=name,
        token_hash=_hashed(text),
        scopes=" ".join(scope for scope in SCOPES if scope in wanted.scopes),
        office_id=wanted.office_id,
        user_id=user_id,
        made_at=now,
        expires_on=wanted.expires_on,
    )
    session.add(row)
    session.flush()
    log_look(session, now, user_id, MADE, f"{row.id} {name}: {row.scopes}")
    return row, text


def revoke_token(session: Session, token_id: int, user_id: int, now: datetime) -> ApiToken:
    """End a token for ever; one that is revoked stays as it is.

    raises   NotFoundError
    """
    row = get_row(session, ApiToken, token_id, "token")
    if row.revoked_at is None:
        row.revoked_at = now
        session.flush()
        log_look(session, now, user_id, REVOKED, f"{row.id} {row.name}")
    return row


def list_tokens(session: Session, now: datetime) -> list[TokenLine]:
    """List every token, the newest first."""
    wanted = (
        select(ApiToken, User, Office.code)
        .join(User, User.id == ApiToken.user_id, isouter=True)
        .join(Office, Office.id == ApiToken.office_id, isouter=True)
        .order_by(ApiToken.id.desc())
    )
    return [
        TokenLine(
            id=row.id,
            name=row.name,
            scopes=tuple(row.scopes.split()),
            office=code or "",
            made_by=_name_of(user),
            made_at=row.made_at,
            expires_on=row.expires_on,
            used_at=row.used_at,
            state=_state(session, row, user, now),
        )
        for row, user, code in session.execute(wanted)
    ]


def _name_of(user: User | None) -> str:
    return "" if user is None else user.username


def _state(session: Session, row: ApiToken, user: User | None, now: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_on is not None and row.expires_on < now.date():
        return "expired"
    return "good" if user is not None and standing_of(session, user)[1] == "active" else "ended"


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


class Door:
    """Lets callers in by their token, and counts the wrong ones by address."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._wrong: dict[str, deque[datetime]] = {}

    def caller(self, header: str, address: str, now: datetime) -> Caller:
        """Give who asks.

        header   ``Authorization``; address  where the question came from
        raises   ApiError 401 without a good token, 429 after too many wrong ones
        """
        if not header:
            raise ApiError(UNAUTHORIZED, "NO_TOKEN", "Send a token: “Authorization: Bearer …”.")
        scheme, _, text = header.partition(" ")
        with self._database.reading() as session:
            row = self._find(session, text.strip()) if scheme.lower() == "bearer" else None
            user = session.get(User, row.user_id) if row is not None else None
            is_good = row is not None and _state(session, row, user, now) == "good"
            role = standing_of(session, user)[0] if user is not None else ""
        if row is None or user is None or not is_good:
            raise self._wrong_token(row, address, now)
        if row.used_at is None or now - row.used_at >= USED_EVERY:
            with self._database.writing() as session:
                session.get_one(ApiToken, row.id).used_at = now
        scopes = frozenset(row.scopes.split())
        return Caller(row.id, row.name, scopes, row.office_id, user.id, role)

    def _find(self, session: Session, text: str) -> ApiToken | None:
        found = select(ApiToken).where(ApiToken.token_hash == _hashed(text)).limit(1)
        return session.scalars(found).first()

    def _wrong_token(self, row: ApiToken | None, address: str, now: datetime) -> ApiError:
        """Count a wrong token, write it into the log, and give the refusal."""
        if self._is_too_often(address, now):
            return ApiError(
                TOO_MANY, "TOO_MANY_TRIES", "Too many wrong tokens.", next_step="Try again in a minute."
            )
        told = f"token {row.id} {row.name}" if row is not None else "unknown token"
        with self._database.writing() as session:
            log_look(session, now, None, REFUSED, f"{told} from {address}")
        return ApiError(
            UNAUTHORIZED,
            "WRONG_TOKEN",
            "This token is wrong, expired or revoked.",
            next_step="An administrator of headquarters makes tokens.",
        )

    def _is_too_often(self, address: str, now: datetime) -> bool:
        with self._lock:
            if len(self._wrong) > MOST_ADDRESSES:
                self._wrong.clear()
            tries = self._wrong.setdefault(address, deque(maxlen=WRONG_A_MINUTE))
            if len(tries) == WRONG_A_MINUTE and now - tries[0] < timedelta(minutes=1):
                return True
            tries.append(now)
            return False


def words_of(scopes: Iterable[str]) -> list[str]:
    """Give the meanings of scopes, to be translated."""
    return [SCOPES[scope] for scope in scopes if scope in SCOPES]
