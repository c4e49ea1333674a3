"""Log-ins and used forms: the only tables that the page kit itself reads and writes.

A log-in's cookie holds 32 random bytes; the table keeps only their hash, so a copy of the database opens no
door. What somebody typed when the log-in ran out is kept on the ended row, and given back to the same user
at the next log-in from the same browser.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from schema.database import Database
from schema.people import User
from schema.replication import FormToken, Setting, WebSession
from schema.user_orders import put_under_orders

TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)
"""``seen_at`` is brought up to date at most so often: a page view must not cost a flush to the disk."""

IDLE_LIMIT = timedelta(minutes=30)
"""A log-in that was not used for so long has ended, unless this home has another limit."""

IDLE_CHOICES = (5, 10, 15, 30, 60, 120)
"""Minutes that the limit may be set to."""

KEEP_ENDED = timedelta(days=2)
KEEP_USED_FORMS = timedelta(days=30)
KEPT_LIMIT = 16 * 1024

SECRETS = frozenset({"password", "again", "old", "second_password"})
"""Fields of forms that hold a password: never kept, never shown again."""

_SIGNING = "web.signing"
_IDLE = "web.idle_minutes"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is logged in, and by which log-in."""

    user: User
    token_hash: bytes
    kept: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed into the form at ``path`` when the log-in ran out."""

    path: str
    fields: dict[str, str]

    def as_text(self) -> str:
        """Give the form in which it is stored; too much is not kept at all."""
        text = json.dumps({"path": self.path, "fields": self.fields})
        return text if len(text) <= KEPT_LIMIT else ""

    @classmethod
    def from_text(cls, text: str) -> "Kept | None":
        """Read the stored form; None where nothing was kept."""
        if not text:
            return None
        stored = json.loads(text)
        return cls(stored["path"], stored["fields"])


def hash_of(token: str) -> bytes:
    """Give what the table keeps of a cookie's token."""
    return hashlib.sha256(token.encode()).digest()


def begin_session(database: Database, user: User, now: datetime, old_token: str = "") -> str:
    """Log ``user`` in and give the new token; what the same user typed before it is carried over."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with database.writing() as session:
        _forget_old(session, now)
        old = session.get(WebSession, hash_of(old_token)) if old_token else None
        kept = ""
        if old is not None:
            old.ended_at = old.ended_at or now
            kept = old.kept if old.user_id == user.id else ""
            old.kept = ""
        session.add(
            WebSession(token_hash=hash_of(token), user_id=user.id, started_at=now, seen_at=now, kept=kept)
        )
    return token


def find_signed_in(database: Database, token: str, now: datetime) -> SignedIn | None:
    """Give who is logged in by ``token``; None when unknown, ended or idle, or the user not active."""
    if not token:
        return None
    with database.reading() as session:
        row = session.get(WebSession, hash_of(token))
        if row is None or row.ended_at is not None or now - row.seen_at > _idle_limit(session):
            return None
        user = session.get(User, row.user_id)
        if user is None:
            return None
        if put_under_orders(session, user) != "active":
            return None
    if now - row.seen_at >= SEEN_EVERY:
        with database.writing() as session:
            seen = session.get(WebSession, row.token_hash)
            if seen is None:  # ended a moment ago, by a new password
                return None
            seen.seen_at = now
    return SignedIn(user, row.token_hash, row.kept)


def idle_limit(database: Database) -> timedelta:
    """Give after how long without a page a log-in of this home has ended."""
    with database.reading() as session:
        return _idle_limit(session)


def set_idle_limit(database: Database, minutes: int) -> None:
    """Set after how many minutes without a page a log-in of this home has ended."""
    with database.writing() as session:
        session.merge(Setting(name=_IDLE, value=str(minutes)))


def _idle_limit(session: Session) -> timedelta:
    found = session.get(Setting, _IDLE)
    return IDLE_LIMIT if found is None else timedelta(minutes=int(found.value))


def keep_typed(database: Database, token: str, kept: Kept, now: datetime) -> None:
    """Keep what was typed for the user whose log-in ``token`` has just run out."""
    with database.writing() as session:
        row = session.get(WebSession, hash_of(token)) if token else None
        if row is not None:
            row.ended_at = row.ended_at or now
            row.kept = kept.as_text()


def drop_kept(database: Database, token_hash: bytes) -> None:
    """Forget what was kept: it has been put back into its form."""
    with database.writing() as session:
        session.get_one(WebSession, token_hash).kept = ""


def end_session(database: Database, token: str, now: datetime) -> None:
    """Log out."""
    with database.writing() as session:
        row = session.get(WebSession, hash_of(token)) if token else None
        if row is not None:
            row.ended_at = now
            row.kept = ""


def find_answer(session: Session, token: str, user_id: int) -> str | None:
    """Give the answer (a path) that the form with ``token`` led to, or None if it was never posted."""
    used = session.get(FormToken, token)
    return used.answer if used is not None and used.user_id == user_id else None


def use_form(session: Session, token: str, user_id: int, now: datetime, answer: str) -> None:
    """Write down, in the same transaction as what the form did, that the form has been used."""
    session.add(FormToken(token=token, user_id=user_id, used_at=now, answer=answer))
    session.flush()


def cookie_secret(database: Database) -> str:
    """Give the secret that signs form cookies; made once per home, so a restart spoils no open form."""
    with database.reading() as session:
        found = session.get(Setting, _SIGNING)
    if found is None:
        with database.writing() as session:
            found = session.get(Setting, _SIGNING)
            if found is None:
                found = Setting(name=_SIGNING, value=secrets.token_hex(TOKEN_BYTES))
                session.add(found)
    return found.value


def _forget_old(session: Session, now: datetime) -> None:
    session.query(WebSession).where(WebSession.seen_at < now - KEEP_ENDED).delete()
    session.query(FormToken).where(FormToken.used_at < now - KEEP_USED_FORMS).delete()
