"""The checklist of a period in words: what is asked, and where what is missing is put right."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import url_for
from flask_babel import gettext as _

from banking.closing.checks import PeriodCheck
from hq.month_desk import CLOSED, LASTS, OPEN, REOPENED
from ledger.errors import N_
from schema.reference import Office
from web.filters import shown_fact

STATES: Final[Mapping[str, tuple[str, str]]] = {
    CLOSED: (N_("closed"), "good"),
    REOPENED: (N_("open again"), "waiting"),
    OPEN: (N_("open"), "plain"),
    LASTS: (N_("not over"), "plain"),
}
"""A period's state: word and tone."""

ASKED: Final[Mapping[str, str]] = {
    "over": N_("The period is over."),
    "days_closed": N_("Every business day of it is closed."),
    "last_day_closed": N_("Its last day is closed, with accruals and provisions."),
    "earlier_months": N_("The months before it are closed."),
    "months_closed": N_("All its months are closed."),
    "result_carried": N_("Income and expense are carried to retained earnings."),
    "trial_balance": N_("Debit and credit are equal."),
    "between_offices": N_("No transfer between offices waits longer than 7 days for its other side."),
    "suspense_clear": N_("Nothing waits on suspense accounts."),
    "chart_matches": N_("Entries stand only on accounts of the chart that take entries."),
    "chart_known": N_("Every account that entries name is in the chart."),
    "bank_matched": N_("Every line of the bank's statements is matched."),
    "all_arrived": N_("Nothing waits for an earlier bundle."),
    "reaches_the_end": N_("Entries are here up to its last day."),
    "rules_kept": N_("Nothing of it waits for a decision."),
    "all_seen": N_("Everything that somebody should see was seen."),
    "all_trusted": N_("Everything that came can be trusted."),
    "totals_agree": N_("The control totals of its bundles agree."),
}
"""What is asked, as a sentence that holds when it is answered."""

_BOOKS: Final = N_("The books agree with themselves, loans and savings with their accounts.")


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One question as a page shows it: whether it holds, what is missing, and the page that helps.

    asks  a reason is asked for where the period is closed all the same
    """

    asked: str
    lacking: str
    blocks: bool
    link: str
    asks: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing is missing."""
        return not self.lacking


def check_lines(checks: tuple[PeriodCheck, ...], office: Office, period: str) -> list[CheckLine]:
    """Write a checklist: what blocks first, then what warns, then what holds.

    The questions that the whole database is asked make one line while all of them hold.
    """
    shown = {check.name if check.name in ASKED else check.detail: check for check in checks}
    lines = [
        CheckLine(
            _asked(check),
            "" if check.ok else check.said(_, shown_fact),
            check.blocks,
            "" if check.ok else _link(check.name, office, period),
            asks=check.asks and not check.ok,
        )
        for check in shown.values()
    ]
    return sorted(lines, key=lambda line: (line.ok, not line.blocks))


def _asked(check: PeriodCheck) -> str:
    return str(_(ASKED.get(check.name, _BOOKS)))


_EXCEPTIONS: Final = frozenset({"rules_kept", "chart_known", "all_seen", "all_trusted"})
_BOOKS_OF_ONE: Final = frozenset({"suspense_clear", "chart_matches", "trial_balance"})
_MONTHS: Final = frozenset({"earlier_months", "months_closed"})
_BRANCH: Final = frozenset(
    {"days_closed", "last_day_closed", "all_arrived", "reaches_the_end", "totals_agree", "result_carried"}
)
_REPORTS: Final[Mapping[str, str]] = {
    "between_offices": "inter-branch-unmatched",
    "bank_matched": "bank-reconciliation",
}


def _link(name: str, office: Office, period: str) -> str:
    """Give where it is put right; empty where no page of ours does."""
    code, found = office.code, ""
    if name in _EXCEPTIONS:
        found = url_for("exceptions.show", branch=code)
    elif name in _BOOKS_OF_ONE:
        found = url_for("books.show", branch=code)
    elif name in _MONTHS:
        found = url_for("periods.show")
    elif name in _REPORTS:
        found = url_for("reports.one", name=_REPORTS[name], office=code)
    elif name in _BRANCH and office.parent_id is not None:
        found = url_for("branches.one", code=code)
    elif name == "result_carried":
        found = url_for("acts.new", name="year.close", year=period)
    return found
