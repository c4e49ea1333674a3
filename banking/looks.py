"""Who logged in, saw, printed and exported what: the log as auditors and managers read it.

At a branch the newest lines stand in its own log until the day closes, which seals them into the chain;
sealed lines travel, so that headquarters reads those of every branch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from sqlalchemy import Select, literal, or_, select, union_all
from sqlalchemy.orm import Session

from schema.accounting import AuditEvent
from schema.people import User
from schema.reference import Office
from schema.replication import AuditLog

MOST: Final = 500
"""Lines that are shown at once, the newest first."""

PRINTS: Final = ("%print%", "%.copy", "%export%", "%.file")
KINDS: Final = ("", "login", "paper", "seen")


@dataclass(frozen=True, slots=True)
class Look:
    """One line: ``what`` was done is a dotted word (``login.refused``, ``client.view``), ``subject`` to what.

    ``who`` is empty where a name was tried that nobody has; ``office`` is empty until the day is sealed.
    """

    at: datetime
    who: str
    what: str
    subject: str
    office: str


def list_looks(
    session: Session,
    *,
    user_id: int | None = None,
    on: date | None = None,
    subject: str = "",
    kind: str = "",
    zone: tzinfo = UTC,
) -> list[Look]:
    """List the newest lines that fit.

    on       a day of ``zone``
    subject  a part of what was seen, such as a client's number
    kind     "login" (with those refused), "paper" (printed and exported), "seen" (the rest), or all
    """
    logs = [_fitting(model, user_id, on, subject, kind, zone) for model in (AuditLog, AuditEvent)]
    lines = union_all(*logs).subquery()
    wanted = (
        select(lines.c.at, User.username, lines.c.what, lines.c.subject, Office.code)
        .select_from(lines)
        .outerjoin(User, User.id == lines.c.user_id)
        .outerjoin(Office, Office.id == lines.c.office_id)
        .order_by(lines.c.at.desc())
        .limit(MOST)
    )
    return [
        Look(at, who or "", what, of, office or "") for at, who, what, of, office in session.execute(wanted)
    ]


def list_known_users(session: Session) -> Sequence[User]:
    """List everybody who may stand in the log, by log-in name."""
    return session.scalars(select(User).order_by(User.username, User.id)).all()


def _fitting(
    model: type[AuditLog] | type[AuditEvent],
    user_id: int | None,
    on: date | None,
    subject: str,
    kind: str,
    zone: tzinfo,
) -> Select[datetime, int | None, str, str, int | None]:
    office = literal(None) if model is AuditLog else AuditEvent.origin_office_id
    wanted = select(model.at, model.user_id, model.what, model.subject, office.label("office_id"))
    if model is AuditLog:
        wanted = wanted.where(AuditLog.sealed == 0)
    if user_id is not None:
        wanted = wanted.where(model.user_id == user_id)
    if on is not None:
        starts = datetime.combine(on, time(), zone)
        wanted = wanted.where(model.at >= starts, model.at < starts + timedelta(1))
    if subject:
        wanted = wanted.where(model.subject.icontains(subject, autoescape=True))
    log_in = model.what.like("login%")
    paper = or_(*(model.what.like(pattern) for pattern in PRINTS))
    if kind == "login":
        return wanted.where(log_in)
    if kind == "paper":
        return wanted.where(paper)
    return wanted.where(~log_in, ~paper) if kind == "seen" else wanted
