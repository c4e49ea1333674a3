"""Reports asked for and written out: JSON, CSV, a workbook, or paper."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.closing.snapshots import snapshot_difference
from banking.reports import (
    REPORTS,
    Column,
    Definition,
    Report,
    Table,
    read_json,
    to_csv,
    to_json,
    to_xlsx,
)
from banking.reports.paper import Letterhead, day_words, printed_words, to_pdf
from banking.reports.side_by_side import month_before, year_before
from ledger.errors import N_, NotFoundError, RuleError, UnsupportedFormatError
from schema.reference import Office
from sync.installation import Installation

WRITTEN: Final = ("json", "csv", "xlsx", "pdf")
"""The forms that a report can be written in."""

HEEDED: Final = (
    "account",
    "client",
    "group",
    "officer",
    "product",
    "by_office",
    "columns",
    "compare",
    "late",
    "adjustments",
    "exception",
    "limits",
)
"""What a question may carry that not every report heeds."""

COMPARED: Final[Mapping[str, Callable[[date], date]]] = {"month": month_before, "year": year_before}
"""Days to compare with that follow from the day asked about."""

CLOSED: Final = "closed"
DIFFERENCES: Final = (
    Column("table", N_("Table")),
    Column("key", N_("Row")),
    Column("field", N_("Figure")),
    Column("stored", N_("At the close")),
    Column("today", N_("Today")),
    Column("difference", N_("Difference")),
)
"""Columns of what came after a close: figures as documents write them."""

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
    kept: str = ""
    """``closed`` for the report kept when its month was closed, ``difference`` for what changed since."""


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
    for given in HEEDED:
        if asked.about.get(given) and given not in definition.asks:
            option = "by" if given == "columns" else given.replace("_", "-")
            raise UnheededQuestionError(name=asked.name, option=f"--{option}")
    with installation.database.reading() as session:
        if asked.kept:
            return _kept_report(session, definition, asked, installation.place.digits)
        report = definition(session, **asked.about)
        notes = rests_on(installation, session, report.question.offices) if rests_on else ()
    return replace(report, notes=(*report.notes, *notes), basis=notes)


def _kept_report(session: Session, definition: Definition, asked: Asked, digits: int) -> Report:
    """Give a report as it was kept, or where it differs from what the same question gives today.

    raises   NotFoundError where nothing was kept of that day and office
    """
    as_of, office_id = asked.about["as_of"], asked.about.get("office_id")
    compared = snapshot_difference(session, definition.name, as_of, office_id, digits)
    report = read_json(compared.stored, definition, digits)
    report = replace(report, question=replace(report.question, office_id=office_id))
    if asked.kept == CLOSED:
        count = len(compared.differences)
        return replace(
            report, notes=(*report.notes, f"As it was kept at the close; {count} figures differ today.")
        )
    rows = [tuple(getattr(one, column.name) for column in DIFFERENCES) for one in compared.differences]
    table = Table("differences", N_("What differs from the report that was kept"), DIFFERENCES, rows)
    return replace(report, figures=(), tables=(table,))


def write_document(
    installation: Installation,
    report: Report,
    form: str,
    *,
    printed_by: str,
    office: str = "",
    translate: Callable[[str], str] = str,
    at: datetime | None = None,
    code: str = "",
) -> bytes:
    """Write a report in one of its forms; paper says for which ``office`` (its name) and by whom.

    translate   gives a word of ours in the language of the paper
    at          when it is printed; None: now
    code        the check code under which it is kept, where it is

    raises  UnsupportedFormatError
    """
    place = installation.place
    now = at or installation.clock()
    here = now.astimezone()
    printed_at = f"{day_words(here.date().isoformat())}, {here:%H:%M}"
    if form == "json":
        document = to_json(report, place.digits) | ({"check_code": code} if code else {})
        return json.dumps(document, ensure_ascii=False).encode() + b"\n"
    if form == "csv":
        return to_csv(report, place.digits).encode()
    if form == "xlsx":
        printed = printed_words(printed_at, printed_by, code, translate)
        return to_xlsx(
            report,
            place.digits,
            institution=place.institution,
            currency=place.currency,
            printed=printed if code else (),
        )
    if form == "pdf":
        return to_pdf(
            report,
            Letterhead(
                place.institution,
                office,
                place.currency,
                place.digits,
                printed_at,
                printed_by,
                now,
                translate,
                code,
            ),
        )
    raise UnsupportedFormatError(given=form, known=", ".join(WRITTEN))


def office_words(session: Session, office_id: int | None, *, sub_tree: bool) -> str:
    """Name the offices that a report is of, as paper says it."""
    if office_id is None:
        return N_("All offices")
    office = session.get_one(Office, office_id)
    name = f"{office.code} {office.name}"
    return N_("{office} and all below it").format(office=name) if sub_tree else name


def list_offices(session: Session) -> list[Office]:
    """List the offices by number, for a page to choose from."""
    return list(session.scalars(select(Office).order_by(Office.number)))
