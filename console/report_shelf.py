"""The reports of one installation as its pages offer them: listed by room, asked, written."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from banking.closing.snapshots import FieldDifference
from banking.reports import REPORTS, Column, Definition, Question, Report
from banking.reports.catalogue import ROOMS
from banking.reports.paper import shown
from banking.reports.ratios import made_of
from banking.reports.side_by_side import compared_start
from banking.users import log_look
from console.commands import office_id
from console.printed_reports import (
    Printed,
    PrintedLine,
    Printing,
    differences_today,
    find_printed,
    hand_out,
    list_printed,
    print_again,
)
from console.reports import COMPARED, Asked, RestsOn, list_offices, make_report, office_words
from ledger.errors import N_
from sync.installation import Installation

ROOM_WORDS: Final[Mapping[str, str]] = {
    "books": N_("Books"),
    "cash": N_("Cash"),
    "loans": N_("Loans"),
    "savings": N_("Savings"),
    "people": N_("People and their accounts"),
    "institution": N_("The institution"),
    "audit": N_("For the auditor"),
}

STATEMENTS: Final[Mapping[str, tuple[str, str]]] = {
    "loan": ("loan-statement", "account"),
    "savings": ("savings-statement", "account"),
    "client": ("client-statement", "client"),
}
"""The report about one of a kind, and the field of the question that names it."""


class ReportShelf:
    """What ``web.reports`` asks: it knows pages and no reports, the shelf knows reports and no pages."""

    def __init__(self, installation: Installation, rests_on: RestsOn | None = None) -> None:
        self._installation = installation
        self._rests_on = rests_on

    def rooms(self) -> list[tuple[str, list[Definition]]]:
        """List the reports by room, each room under its words."""
        return [(ROOM_WORDS[room], [one for one in REPORTS.values() if one.room == room]) for room in ROOMS]

    def find(self, name: str) -> Definition | None:
        """Give a report of the catalogue, or None."""
        return REPORTS.get(name)

    def offices(self) -> Sequence[tuple[str, str]]:
        """List code and name of the offices to choose from; a branch answers for itself."""
        if not self._installation.signer.is_hq:
            return []
        with self._installation.database.reading() as session:
            return [(office.code, office.name) for office in list_offices(session)]

    def answer(self, name: str, about: Mapping[str, Any], *, office: str, kept: str) -> Report:
        """Answer a question about the office with a code (empty: all of them, or this branch).

        raises   NotFoundError and what ``console.reports.make_report`` refuses
        """
        meant = office_id(self._installation, office or None)
        asked = Asked(name, {**about, "office_id": meant}, kept)
        return make_report(self._installation, asked, self._rests_on)

    def compared(self, wanted: str, as_of: date) -> date:
        """Give the day to compare with: ``month`` or ``year`` before the day asked about."""
        return COMPARED[wanted](as_of)

    def leads_to(self, opens: str, key: str) -> tuple[str, dict[str, str]] | None:
        """Name the report that a loan, savings account, client or part of a ratio opens, and its question."""
        if opens == "made_of":
            return made_of(key), {}
        if opens not in STATEMENTS:
            return None
        name, field = STATEMENTS[opens]
        return name, {field: key}

    def counted_days(self, definition: Definition, asked: Question, *, compared: bool) -> dict[str, str]:
        """Give first and last day of what a figure counts, as addresses carry them."""
        start = (compared_start(asked) if compared else asked.start) if "start" in definition.asks else None
        until = asked.compare if compared and asked.compare else asked.as_of
        return {"start": start.isoformat() if start else "", "as_of": until.isoformat()}

    def office_words(self, report: Report) -> str:
        """Name the offices that a report is of."""
        with self._installation.database.reading() as session:
            return office_words(session, report.question.office_id, sub_tree=report.question.sub_tree)

    def hand_out(
        self,
        report: Report,
        form: str,
        *,
        kept: str,
        user_id: int,
        printed_by: str,
        translate: Callable[[str], str],
    ) -> tuple[str, bytes]:
        """Write a report as a file and keep it under a check code, which is given too.

        raises   UnsupportedFormatError
        """
        return hand_out(self._installation, report, Printing(form, user_id, printed_by, kept, translate))

    def printed(self) -> Sequence[PrintedLine]:
        """List what was handed out, newest first."""
        with self._installation.database.reading() as session:
            return list_printed(session)

    def find_printed(self, code: str) -> Printed:
        """Give what was handed out under a check code, as it was.

        raises   MistypedCodeError, NotFoundError
        """
        with self._installation.database.reading() as session:
            return find_printed(session, code)

    def differences_today(self, printed: Printed) -> Sequence[FieldDifference]:
        """Give the figures that the same question gives differently today."""
        return differences_today(self._installation, printed)

    def print_again(self, printed: Printed, form: str) -> bytes:
        """Write a report as it was handed out.

        raises   UnsupportedFormatError
        """
        return print_again(self._installation, printed, form)

    def note_export(self, user_id: int, now: datetime, what: str) -> None:
        """Write into the log that somebody took a report away as a file."""
        with self._installation.database.writing() as session:
            log_look(session, now, user_id, "report.exported", what)

    def cell(self, column: Column, value: object) -> str:
        """Write a value as it stands on paper."""
        return shown(column, value, self._installation.place.digits)
