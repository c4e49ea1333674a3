"""Reports as they were handed out: kept under the check code that stands on them, and compared."""

import hashlib
import json
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.closing.snapshots import FieldDifference, differences
from banking.reports import REPORTS, Report, to_json
from banking.reports.stored_form import from_stored, read_question, stored_question, to_stored
from console.home import operator
from console.reports import WRITTEN, Asked, RestsOn, make_report, office_words, write_document
from ledger.check_letters import check_code, read_code
from ledger.errors import N_, NotFoundError, RuleError, UnsupportedFormatError
from schema.desk import PrintedReport
from schema.people import User
from schema.reference import Office
from sync.home import write_durably
from sync.installation import Installation

_SHORTEST: Final = 7
_LONGEST: Final = 15
LISTED: Final = 100
"""How many of the newest ones a list shows."""


class MistypedCodeError(RuleError):
    """A check code whose last letter does not fit the others. Facts: given."""

    code = "MISTYPED"
    message = N_("{given} is no check code: one of its letters is wrong. Read it from the paper once more.")


class AlteredPaperError(RuleError):
    """What is kept is not what the code was made of. Facts: key."""

    code = "ALTERED"
    message = N_(
        "What is kept under {key} was altered in the database after it was printed. It is not shown: believe "
        "the paper, and tell whoever looks after headquarters' computer."
    )


@dataclass(frozen=True, slots=True)
class Printing:
    """How a report is handed out: to whom, as what, and whether it was asked as it was kept at a close."""

    form: str
    user_id: int | None
    printed_by: str
    kept: str = ""
    translate: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Printed:
    """A report that was handed out, as it was. ``printed_by`` and ``office`` are the words of that day."""

    code: str
    form: str
    made_at: datetime
    user_id: int | None
    printed_by: str
    office: str
    kept: str
    question: dict[str, Any] = field(default_factory=dict)
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line of the list of what was handed out; ``office`` is a code, empty for all of them."""

    code: str
    title: str
    form: str
    made_at: datetime
    printed_by: str
    as_of: date | None
    office: str


def hand_out(installation: Installation, report: Report, printing: Printing) -> tuple[str, bytes]:
    """Write a report in a form and keep it as it is; gives its check code, which stands on it.

    raises  UnsupportedFormatError
    """
    made_at = installation.clock()
    question = stored_question(report.question) | ({"kept": printing.kept} if printing.kept else {})
    with installation.database.reading() as session:
        office = office_words(session, report.question.office_id, sub_tree=report.question.sub_tree)
        content = json.dumps(
            {
                "form": printing.form,
                "made_at": made_at.isoformat(),
                "printed_by": printing.printed_by,
                "office": office,
                "question": question,
                "report": to_stored(report),
            },
            ensure_ascii=False,
        ).encode()
        digest = hashlib.sha256(content).digest()
        code = _free_code(session, digest)
    document = write_document(
        installation,
        report,
        printing.form,
        printed_by=printing.printed_by,
        office=office,
        translate=printing.translate,
        at=made_at,
        code=code,
    )
    row = PrintedReport(
        code=code,
        name=report.name,
        form=printing.form,
        made_at=made_at,
        user_id=printing.user_id,
        office_id=report.question.office_id,
        question=json.dumps(question),
        rests_on=" ".join(report.basis),
        content=zlib.compress(content),
        digest=digest,
    )
    with installation.database.writing() as session:
        session.add(row)
    return code, document


def _free_code(session: Session, digest: bytes) -> str:
    """Give the shortest code of a digest that no other report has."""
    codes = (check_code(digest, length) for length in range(_SHORTEST, _LONGEST))
    return next(code for code in codes if session.get(PrintedReport, code) is None)


def list_printed(session: Session, limit: int = LISTED) -> list[PrintedLine]:
    """List what was handed out, newest first."""
    wanted = (
        select(
            PrintedReport.code,
            PrintedReport.name,
            PrintedReport.form,
            PrintedReport.made_at,
            PrintedReport.question,
            User.full_name,
            User.username,
            Office.code,
        )
        .outerjoin(User, User.id == PrintedReport.user_id)
        .outerjoin(Office, Office.id == PrintedReport.office_id)
        .order_by(PrintedReport.made_at.desc(), PrintedReport.code)
        .limit(limit)
    )
    lines = []
    for code, name, form, made_at, question, full_name, username, office in session.execute(wanted):
        title = REPORTS[name].title if name in REPORTS else name
        as_of = read_question(json.loads(question)).get("as_of")
        by = full_name or username or ""
        lines.append(PrintedLine(code, title, form, made_at, by, as_of, office or ""))
    return lines


def _content(row: PrintedReport) -> dict[str, Any]:
    content = zlib.decompress(row.content)
    digest = hashlib.sha256(content).digest()
    own = (check_code(digest, length) for length in range(_SHORTEST, _LONGEST))
    if digest != bytes(row.digest) or row.code not in own:
        raise AlteredPaperError(key=row.code)
    found: dict[str, Any] = json.loads(content)
    return found


def find_printed(session: Session, typed: str) -> Printed:
    """Give what was handed out under a check code, however it is typed.

    raises  MistypedCodeError, NotFoundError, AlteredPaperError
    """
    code = read_code(typed)
    if code is None:
        raise MistypedCodeError(given=typed)
    row = session.get(PrintedReport, code)
    if row is None:
        raise NotFoundError(kind="printed report", key=code)
    content = _content(row)
    question = dict(content["question"])
    kept = question.pop("kept", "")
    return Printed(
        row.code,
        row.form,
        row.made_at,
        row.user_id,
        content["printed_by"],
        content["office"],
        kept,
        question,
        from_stored(content["report"]),
    )


def differences_today(installation: Installation, printed: Printed) -> Sequence[FieldDifference]:
    """Give the figures that the same question gives differently today.

    raises  what ``console.reports.make_report`` refuses
    """
    assert printed.report is not None
    about = read_question(printed.question)
    today = make_report(installation, Asked(printed.report.name, about, printed.kept))
    digits = installation.place.digits
    pair = [json.loads(json.dumps(to_json(one, digits))) for one in (printed.report, today)]
    for document in pair:
        document.pop("notes")  # what the figures rest on moves on with every bundle
    return list(differences(pair[0], pair[1], digits))


def print_again(installation: Installation, printed: Printed, form: str) -> bytes:
    """Write a report as it was handed out, with the instant, the name and the code of that time.

    raises  UnsupportedFormatError
    """
    assert printed.report is not None
    return write_document(
        installation,
        printed.report,
        form,
        printed_by=printed.printed_by,
        office=printed.office,
        at=printed.made_at,
        code=printed.code,
    )


def write_report(
    installation: Installation,
    asked: Asked,
    form: str,
    out: Path | None,
    rests_on: RestsOn | None = None,
) -> None:
    """Make a report and write it to ``out`` or to standard output; what is for people is kept too.

    raises  UnknownReportError, UnsupportedFormatError, MissingQuestionError, UnheededQuestionError
    """
    if form not in WRITTEN:
        raise UnsupportedFormatError(given=form, known=", ".join(WRITTEN))
    report = make_report(installation, asked, rests_on)
    with installation.database.reading() as session:
        user = session.get(User, operator(installation))
    by = user.full_name or user.username if user else installation.place.office_code
    if form == "json":
        document = write_document(installation, report, form, printed_by=by)
    else:
        printing = Printing(form, user.id if user else None, by, asked.kept)
        code, document = hand_out(installation, report, printing)
        click.echo(f"Check code: {code}", err=True)
    _put(document, out)


def write_printed(installation: Installation, typed: str, form: str, out: Path | None) -> None:
    """Write a report as it was handed out; JSON has who, when, and what differs today.

    raises  MistypedCodeError, NotFoundError, UnsupportedFormatError
    """
    with installation.database.reading() as session:
        printed = find_printed(session, typed)
    if form != "json":
        _put(print_again(installation, printed, form), out)
        return
    assert printed.report is not None
    document = {
        "check_code": printed.code,
        "form": printed.form,
        "printed_at": printed.made_at.isoformat(),
        "printed_by": printed.printed_by,
        "office": printed.office,
        "question": printed.question,
        "kept": printed.kept,
        "rests_on": list(printed.report.basis),
        "report": to_json(printed.report, installation.place.digits),
        "differences": [
            {name: getattr(one, name) for name in one.__dataclass_fields__}
            for one in differences_today(installation, printed)
        ],
    }
    _put(json.dumps(document, ensure_ascii=False).encode() + b"\n", out)


def _put(document: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(document)
    else:
        write_durably(out, document)
