"""Reports asked for and written out: JSON, CSV, a workbook, or paper."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.reports import REPORTS, Report, to_csv, to_json, to_xlsx
from banking.reports.paper import Letterhead, day_words, to_pdf
from ledger.errors import N_, NotFoundError, RuleError, UnsupportedFormatError
from schema.reference import Office
from sync.home import write_durably
from sync.installation import Installation

WRITTEN: Final = ("json", "csv", "xlsx", "pdf")
"""The forms that a report can be written in."""

RestsOn = Callable[[Installation, Session, "tuple[int, ...] | None"], tuple[str, ...]]
"""What the figures of some offices (None: all) rest on, in sentences."""


class UnknownReportError(NotFoundError):
    """Facts: name, known (the names of the catalogue)."""

    message = N_("There is no report “{name}”. Choose one of: {known}.")


class MissingQuestionError(RuleError):
    """A report was not told whose it is. Facts: name, option."""

    code = "MISSING_OPTION"
    message = N_("The report “{name}” needs {option}. Nothing was written; ask again with it.")


class UnheededQuestionError(RuleError):
    """An option that the report cannot heed; ignoring it would mislead. Facts: name, option."""

    code = "UNSUPPORTED_OPTION"
    message = N_("The report “{name}” cannot be asked with {option}. Nothing was written; ask without it.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A report and the question: ``about`` are the fields of ``banking.reports.Question`` that were given."""

    name: str
    about: dict[str, Any] = field(default_factory=dict)


def make_report(installation: Installation, asked: Asked, rests_on: RestsOn | None = None) -> Report:
    """Answer a question, with what the figures rest on.

    raises  UnknownReportError, MissingQuestionError, UnheededQuestionError
    """
    if asked.name not in REPORTS:
        raise UnknownReportError(name=asked.name, known=", ".join(sorted(REPORTS)))
    definition = REPORTS[asked.name]
    for missing in definition.needs:
        if not asked.about.get(missing):
            raise MissingQuestionError(name=asked.name, option=f"--{missing}")
    for given in ("account", "client", "group", "officer", "product", "by_office"):
        if asked.about.get(given) and given not in definition.asks:
            raise UnheededQuestionError(name=asked.name, option=f"--{given.replace('_', '-')}")
    with installation.database.reading() as session:
        report = definition(session, **asked.about)
        notes = rests_on(installation, session, report.question.offices) if rests_on else ()
    return replace(report, notes=(*report.notes, *notes))


def write_document(
    installation: Installation, report: Report, form: str, *, printed_by: str, office: str = ""
) -> bytes:
    """Write a report in one of its forms; paper says for which ``office`` (its name) and by whom.

    raises  UnsupportedFormatError
    """
    place = installation.place
    if form == "json":
        return json.dumps(to_json(report, place.digits), ensure_ascii=False).encode() + b"\n"
    if form == "csv":
        return to_csv(report, place.digits).encode()
    if form == "xlsx":
        return to_xlsx(report, place.digits, institution=place.institution, currency=place.currency)
    if form == "pdf":
        now = installation.clock()
        here = now.astimezone()
        printed_at = f"{day_words(here.date().isoformat())}, {here:%H:%M}"
        return to_pdf(
            report,
            Letterhead(place.institution, office, place.currency, place.digits, printed_at, printed_by, now),
        )
    raise UnsupportedFormatError(given=form, known=", ".join(WRITTEN))


def office_words(session: Session, office_id: int | None, *, sub_tree: bool) -> str:
    """Name the offices that a report is of, as paper says it."""
    if office_id is None:
        return N_("All offices")
    office = session.get_one(Office, office_id)
    return f"{office.code} {office.name}" + (" +" if sub_tree else "")


def write_report(
    installation: Installation,
    asked: Asked,
    form: str,
    out: Path | None,
    rests_on: RestsOn | None = None,
) -> None:
    """Make a report and write it to ``out`` or to standard output.

    raises  UnknownReportError, UnsupportedFormatError, MissingQuestionError, UnheededQuestionError
    """
    if form not in WRITTEN:
        raise UnsupportedFormatError(given=form, known=", ".join(WRITTEN))
    report = make_report(installation, asked, rests_on)
    with installation.database.reading() as session:
        office = office_words(session, report.question.office_id, sub_tree=report.question.sub_tree)
    document = write_document(
        installation, report, form, printed_by=installation.place.office_code, office=office
    )
    if out is None:
        sys.stdout.buffer.write(document)
    else:
        write_durably(out, document)


def list_offices(session: Session) -> list[Office]:
    """List the offices by number, for a page to choose from."""
    return list(session.scalars(select(Office).order_by(Office.number)))
