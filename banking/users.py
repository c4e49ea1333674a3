"""Who may log in, with what rights. Passwords never leave this installation."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from banking.errors import (
    BadValueError,
    LastAdministratorError,
    LockedOutError,
    UsernameTakenError,
    WeakPasswordError,
    WrongPasswordError,
)
from banking.offices import LANGUAGES
from banking.rows import get_row
from banking.text import require
from ledger.errors import NotFoundError
from schema.people import User
from schema.replication import AuditLog, Credential, WebSession
from schema.secrets import hash_password, verify_password
from schema.user_orders import show_under_orders, standing_of
from schema.writing import insert, update

LEAST_PASSWORD = 6
LONGEST_PASSWORD = 1024
WRONG_TRIES = 5
LOCK_OUT = timedelta(minutes=5)

ADMIN, MANAGER, CLERK, OFFICER = "admin", "manager", "clerk", "officer"
CASHIER, ACCOUNTANT, AUDITOR = "cashier", "accountant", "auditor"
ROLES = (ADMIN, MANAGER, CLERK, OFFICER, CASHIER, ACCOUNTANT, AUDITOR)

PERMISSIONS: Mapping[str, frozenset[str]] = {
    "clients.see": frozenset({ADMIN, MANAGER, CLERK, OFFICER, CASHIER, ACCOUNTANT, AUDITOR}),
    "clients.see_private": frozenset({ADMIN, MANAGER, CLERK, OFFICER}),
    "clients.write": frozenset({ADMIN, MANAGER, CLERK, OFFICER}),
    "loans.apply": frozenset({ADMIN, MANAGER, CLERK, OFFICER}),
    "loans.approve": frozenset({ADMIN, MANAGER}),
    "loans.disburse": frozenset({ADMIN, MANAGER, CLERK, CASHIER}),
    "loans.write_off": frozenset({ADMIN, MANAGER}),
    "sheets.print": frozenset({ADMIN, MANAGER, CLERK, OFFICER, CASHIER}),
    "money.post": frozenset({ADMIN, MANAGER, CLERK, CASHIER}),
    "savings.manage": frozenset({ADMIN, MANAGER}),
    "money.reverse": frozenset({ADMIN, MANAGER, CLERK, CASHIER}),
    "money.confirm": frozenset({ADMIN, MANAGER, ACCOUNTANT}),
    "cash.move": frozenset({ADMIN, MANAGER, CASHIER}),
    "cash.assign": frozenset({ADMIN, MANAGER}),
    "day.open_close": frozenset({ADMIN, MANAGER, CASHIER}),
    "journal.post": frozenset({ADMIN, MANAGER, ACCOUNTANT}),
    "period.close": frozenset({ADMIN, MANAGER, ACCOUNTANT}),
    "reports.see": frozenset({ADMIN, MANAGER, CLERK, OFFICER, CASHIER, ACCOUNTANT, AUDITOR}),
    "audit.see": frozenset({ADMIN, MANAGER, ACCOUNTANT, AUDITOR}),
    "bundles.send": frozenset({ADMIN, MANAGER, CLERK, CASHIER}),
    "bundles.import": frozenset({ADMIN, MANAGER, ACCOUNTANT}),
    "devices.confirm": frozenset({ADMIN, MANAGER}),
    "devices.retire": frozenset({ADMIN, MANAGER}),
    "exceptions.decide": frozenset({ADMIN, MANAGER, ACCOUNTANT}),
    "reference.write": frozenset({ADMIN}),
    "users.write": frozenset({ADMIN}),
}
"""Which roles may do what. Pages and commands ask ``may``; nothing else decides."""


def may(role: str, permission: str) -> bool:
    """Tell whether a role has a permission. A permission that is not in the table is a fault of ours."""
    return role in PERMISSIONS[permission]


def create_user(session: Session, username: str, full_name: str, role: str, password: str) -> User:
    """Give somebody a log-in.

    raises   UsernameTakenError, BadValueError for the role, WeakPasswordError, MissingError
    """
    name = _username(username)
    if role not in ROLES:
        raise BadValueError(field="role", given=role)
    _check_password(password)
    if find_user(session, name) is not None:
        raise UsernameTakenError(username=name)
    user = User(username=name, full_name=require(full_name, "full_name"), role=role)
    insert(session, user)
    session.add(Credential(user_id=user.id, password_hash=hash_password(_normal(password))))
    session.flush()
    return user


def find_user(session: Session, username: str) -> User | None:
    """Find somebody who logs in here, by name; capitals do not count.

    Headquarters holds the users of every branch as well; who has no password here is somebody else.
    """
    wanted = (
        select(User)
        .join(Credential, Credential.user_id == User.id)
        .where(func.lower(User.username) == folded_username(username))
        .order_by(User.id)
    )
    return session.scalars(wanted.limit(1)).first()


def list_users(session: Session) -> list[User]:
    """List everybody, those who left too, by log-in name."""
    return list(session.scalars(select(User).order_by(User.username, User.id)))


def list_own_users(session: Session) -> list[User]:
    """List those who have a password here, those who left too, by log-in name."""
    own = select(User).join(Credential, Credential.user_id == User.id)
    return list(session.scalars(own.order_by(User.username, User.id)))


def list_log_ins(session: Session) -> list[tuple[User, datetime | None]]:
    """List those who have a password here, as they count, each with until when wrong tries lock the name."""
    own = select(User, Credential.locked_until).join(Credential, Credential.user_id == User.id)
    found = session.execute(own.order_by(User.username, User.id))
    return [(show_under_orders(session, user), until) for user, until in found]


def set_language(session: Session, user_id: int, language: str) -> User:
    """Choose the language in which pages speak to somebody; empty: that of the office.

    raises   NotFoundError, BadValueError
    """
    if language and language not in LANGUAGES:
        raise BadValueError(field="language", given=language)
    user = get_row(session, User, user_id, "user")
    update(session, user, language=language)
    return user


def set_password(session: Session, user_id: int, password: str, *, goes_on: bytes = b"") -> None:
    """Set somebody's password here, and end a lock-out and the log-ins of this person. Nothing of it travels.

    Who learned the old password may be logged in with it: a new one shuts that door too.

    goes_on  the token hash of the log-in that does not end: that of who sets the own password
    raises   NotFoundError, WeakPasswordError
    """
    if session.get(User, user_id) is None:
        raise NotFoundError(kind="user", key=user_id)
    _check_password(password)
    credential = session.get(Credential, user_id)
    if credential is None:
        credential = Credential(user_id=user_id, password_hash="")
        session.add(credential)
    credential.password_hash = hash_password(_normal(password))
    credential.failures, credential.locked_until = 0, None
    log_ins = select(WebSession).where(WebSession.user_id == user_id, WebSession.token_hash != goes_on)
    for row in session.scalars(log_ins):
        session.delete(row)
    session.flush()


def set_role(session: Session, user_id: int, role: str) -> User:
    """Give somebody another role.

    raises   NotFoundError, BadValueError; LastAdministratorError
    """
    if role not in ROLES:
        raise BadValueError(field="role", given=role)
    user = get_row(session, User, user_id, "user")
    if role != ADMIN:
        _keep_an_administrator(session, user)
    update(session, user, role=role)
    return user


def disable(session: Session, user_id: int) -> User:
    """End somebody's log-in; what they did stays under their name.

    raises   NotFoundError; LastAdministratorError
    """
    user = get_row(session, User, user_id, "user")
    _keep_an_administrator(session, user)
    update(session, user, state="disabled")
    return user


def enable(session: Session, user_id: int) -> User:
    """Let somebody log in again.

    raises   NotFoundError
    """
    user = get_row(session, User, user_id, "user")
    update(session, user, state="active")
    return user


def _keep_an_administrator(session: Session, leaving: User) -> None:
    others = [
        user
        for user in list_own_users(session)
        if user.role == ADMIN and user.state == "active" and user.id != leaving.id
    ]
    if leaving.role == ADMIN and not others:
        raise LastAdministratorError(username=leaving.username)


def authenticate(session: Session, username: str, password: str, now: datetime) -> User:
    """Give the user behind a name and a password, and write the try into the log.

    A wrong try is counted and committed before it is refused, whatever becomes of the session: call this in a
    writing session of its own. After five wrong tries the name is locked for five minutes.

    raises   WrongPasswordError (also for unknown and disabled names), LockedOutError
    """
    user = find_user(session, username)
    credential = None if user is None else session.get(Credential, user.id)
    if user is None or credential is None or standing_of(session, user)[1] != "active":
        verify_password(_normal(password), _nobody())  # as long as for a name that exists
        _log(session, now, None, "login.refused", "")
        session.commit()
        raise WrongPasswordError
    if credential.locked_until is not None and now < credential.locked_until:
        left = credential.locked_until - now
        _log(session, now, user.id, "login.refused", "locked")
        session.commit()
        raise LockedOutError(minutes=max(1, -(-int(left.total_seconds()) // 60)))
    if len(password) <= LONGEST_PASSWORD and verify_password(_normal(password), credential.password_hash):
        credential.failures, credential.locked_until = 0, None
        _log(session, now, user.id, "login", "")
        session.flush()
        return user
    credential.failures += 1
    if credential.failures >= WRONG_TRIES:
        credential.failures, credential.locked_until = 0, now + LOCK_OUT
    _log(session, now, user.id, "login.refused", "")
    session.commit()
    raise WrongPasswordError


def log_look(session: Session, now: datetime, user_id: int | None, what: str, subject: str = "") -> None:
    """Write down that somebody saw, printed or exported something; sealed into the chain at day close."""
    _log(session, now, user_id, what, subject)
    session.flush()


def _log(session: Session, now: datetime, user_id: int | None, what: str, subject: str) -> None:
    session.add(AuditLog(at=now, user_id=user_id, what=what, subject=subject[:200]))


def folded_username(username: str) -> str:
    """Give a log-in name as it is compared."""
    return _normal(username).strip().lower()


def _username(username: str) -> str:
    name = require(username, "username").lower()
    if any(character.isspace() for character in name):
        raise BadValueError(field="username", given=username)
    return name


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _check_password(password: str) -> None:
    if not LEAST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise WeakPasswordError(least=LEAST_PASSWORD)


@cache
def _nobody() -> str:
    """Give a hash that fits no name: asking for an unknown name takes as long as for a known one."""
    return hash_password("nobody")
