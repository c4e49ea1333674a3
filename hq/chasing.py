"""Asking a branch for what is missing: a note that names the bundle, on paper or by mail, and kept.

The check letters of a bundle come from its random id and its last entry: of a bundle that never came they
are not known here. The note names its label and the entries that are wanted, and of the last bundle that
came the letters too, so that both sides see that they speak of the same discs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

from babel.dates import format_date
from babel.support import Translations
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

import web
from hq.grid import Missing, is_late, label_of_record, list_missing
from hq.status import BranchStatus, hq_status
from ledger.errors import N_, NotFoundError, RuleError
from schema.desk import ChaseNote
from schema.people import User
from schema.reference import Office
from schema.replication import BundleRecord
from sync.carriers.mailing import send_letter
from sync.carriers.settings import Carriers
from sync.installation import Installation
from sync.labels import check_letters, label_number
from web.languages import LANGUAGES

PRINTED, MAILED = "printed", "mailed"
_TRANSLATIONS: Final = Path(web.__file__).parent / "translations"


class NothingMissingError(RuleError):
    """Facts: branch."""

    code = "NOTHING_MISSING"
    message = N_("Nothing of {branch} is missing and it is not late. No note was made.")


@dataclass(frozen=True, slots=True)
class Last:
    """The newest bundle of a branch that came: what stands on its label."""

    label: str
    check: str
    next_label: str


@dataclass(frozen=True, slots=True)
class Chase:
    """What a branch is asked for. ``last`` is None where nothing has come."""

    office: Office
    status: BranchStatus
    missing: tuple[Missing, ...]
    last: Last | None

    @property
    def is_late(self) -> bool:
        """Whether it is asked for its newest work too."""
        return is_late(self.status)

    @property
    def labels(self) -> list[str]:
        """The labels that it is asked for."""
        return [label for one in self.missing for label in one.labels]


@dataclass(frozen=True, slots=True)
class Asked:
    """A note that was printed or mailed. ``text`` is the note as the branch got it."""

    id: int
    branch: str
    name: str
    at: datetime
    by: str
    how: str
    sent_to: str
    text: str

    @property
    def paragraphs(self) -> list[str]:
        """The note's paragraphs; the first one is its heading."""
        return self.text.split("\n\n")


def list_chases(installation: Installation, session: Session, code: str = "") -> list[Chase]:
    """List the branches of which something is missing or that are late; of one branch, only that.

    raises  NotFoundError; NothingMissingError for one branch of which nothing is missing
    """
    branches = [row for row in hq_status(installation, session) if not code or row.branch == code.upper()]
    if code and not branches:
        raise NotFoundError(kind="branch", key=code)
    offices = {office.code: office for office in session.scalars(select(Office))}
    missing = list_missing(session)
    found = []
    for status in branches:
        office = offices[status.branch]
        wanted = tuple(one for one in missing if one.office_id == office.id)
        if wanted or is_late(status):
            found.append(Chase(office, status, wanted, _last(session, office)))
    if code and not found:
        raise NothingMissingError(branch=code.upper())
    return found


def text_of(chase: Chase, institution: str, today: date) -> str:
    """Write the note in the branch's language: paragraphs with an empty line between them."""
    language = chase.office.language if chase.office.language in LANGUAGES else "en"
    say = Translations.load(_TRANSLATIONS, [language]).gettext
    locale = LANGUAGES[language].locale.replace("-", "_")

    def day(value: date) -> str:
        return str(format_date(value, "d MMM y", locale=locale))

    parts = [
        say(N_("To branch {code} {name}: headquarters misses something from you")).format(
            code=chase.office.code, name=chase.office.name
        ),
        f"{institution}, {day(today)}",
        *(_wanted(one, say) for one in chase.missing),
        *([_newest(chase, say, day)] if chase.is_late else []),
    ]
    if chase.missing:
        parts.append(
            say(
                N_(
                    "Please look for the disc, the stick or the mail with this label, and send it again. "
                    "If you do not find it, write a new bundle from entry {first} on and send that: "
                    "it holds the same."
                )
            ).format(first=chase.missing[0].first)
        )
    else:
        parts.append(
            say(N_("Please write a bundle and send it: it holds everything that has not arrived here."))
        )
    parts.append(
        say(
            N_(
                "Then telephone headquarters and read out the label and its four check letters. Nothing that "
                "you have booked is lost."
            )
        )
    )
    return "\n\n".join(parts)


def _wanted(one: Missing, say: Callable[[str], str]) -> str:
    facts = {"labels": ", ".join(one.labels), "first": one.first, "last": one.last, "device": one.device}
    if one.labels:
        told = N_(
            "Missing: {labels}, with the entries {first} to {last} of laptop {device}. What you sent after "
            "that is here, and waits for it. Its label says {labels} and four check letters."
        )
    else:
        told = N_(
            "Missing: the entries {first} to {last} of laptop {device}. What you sent after that is here, "
            "and waits for it."
        )
    return say(told).format(**facts)


def _newest(chase: Chase, say: Callable[[str], str], day: Callable[[date], str]) -> str:
    """Say up to when the branch's work is here; it is late, so something has come."""
    assert chase.status.last_date is not None, "a branch of which nothing came is not late"
    facts = {"day": day(chase.status.last_date), "days": chase.status.days_behind}
    if chase.last is None:
        told = N_("Your work is here up to {day}, {days} days ago. What follows is missing.")
        return say(told).format(**facts)
    told = N_(
        "Your work is here up to {day}, {days} days ago. The last bundle that came is {label}, check letters "
        "{check}. What follows is missing, from {next_label} on."
    )
    last = chase.last
    return say(told).format(**facts, label=last.label, check=last.check, next_label=last.next_label)


def mail_note(installation: Installation, chase: Chase, text: str) -> str:
    """Send the note as a plain mail; gives the address that it went to.

    raises  TrustError NO_SETTING where the branch's address or the server is not set, NO_LINE
    """
    carriers = Carriers.read(installation)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = carriers.needed("mail.from")
    mail["To"] = carriers.needed(f"mail.to.{chase.office.code}")
    mail["Subject"] = f"Satchel {', '.join(chase.labels) or chase.office.code}"
    heading, *rest = text.split("\n\n")
    mail.set_content("\n\n".join([heading, *rest]) + "\n")
    send_letter(carriers, mail)
    return str(mail["To"])


def keep_note(
    session: Session, chase: Chase, text: str, at: datetime, user_id: int | None, sent_to: str = ""
) -> int:
    """Keep that a branch was asked; ``sent_to`` is the address of a mail, empty for paper. Gives its id."""
    how = MAILED if sent_to else PRINTED
    row = ChaseNote(office_id=chase.office.id, at=at, user_id=user_id, missing=text, how=how, sent_to=sent_to)
    session.add(row)
    session.flush()
    return row.id


def list_asked(session: Session, office_id: int | None = None, *, limit: int = 10) -> list[Asked]:
    """List the last notes, newest first, of all branches or of one."""
    wanted = _notes().order_by(ChaseNote.id.desc()).limit(limit)
    if office_id is not None:
        wanted = wanted.where(ChaseNote.office_id == office_id)
    return [_asked(*row) for row in session.execute(wanted)]


def last_asked(session: Session) -> dict[str, Asked]:
    """Give the last note of every branch that was asked, by its code."""
    newest = select(ChaseNote.office_id, ChaseNote.id).order_by(ChaseNote.id)
    last = {row.office_id: row.id for row in session.execute(newest)}
    wanted = _notes().where(ChaseNote.id.in_(last.values()))
    return {asked.branch: asked for asked in (_asked(*row) for row in session.execute(wanted))}


def asked_together(session: Session, number: int) -> list[Asked]:
    """Give a note and all that were made in the same moment, by branch; NotFoundError."""
    row = session.get(ChaseNote, number)
    if row is None:
        raise NotFoundError(kind="note", key=number)
    wanted = _notes().where(ChaseNote.at == row.at, ChaseNote.how == row.how).order_by(Office.code)
    return [_asked(*found) for found in session.execute(wanted)]


def _notes() -> Select[ChaseNote, str, str, str]:
    return (
        select(ChaseNote, Office.code, Office.name, User.full_name)
        .join(Office, Office.id == ChaseNote.office_id)
        .outerjoin(User, User.id == ChaseNote.user_id)
    )


def _asked(note: ChaseNote, code: str, name: str, by: str | None) -> Asked:
    return Asked(note.id, code, name, note.at, by or "", note.how, note.sent_to, note.missing)


def _last(session: Session, office: Office) -> Last | None:
    wanted = (
        select(BundleRecord)
        .where(
            BundleRecord.direction == "in",
            BundleRecord.office_id == office.id,
            BundleRecord.last_seq.is_not(None),
        )
        .order_by(BundleRecord.last_seq.desc(), BundleRecord.id.desc())
    )
    record = session.scalars(wanted).first()
    if record is None:
        return None
    following = label_number(office.code, record.number + 1) if record.number else office.code
    return Last(
        label_of_record(office.code, record), check_letters(record.bundle_id, record.last_hash), following
    )
