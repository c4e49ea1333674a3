"""Reports of the loan portfolio as it stood at the end of a day: who owes what, how late, at what risk."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from banking.reports.loan_risk import Heap, heaps, loans_in, principal_in
from banking.reports.shape import Found, Question, Row, count, day, money, percent, rows_of, text
from banking.reports.standing import Standing, portfolio, principal_of, standings
from banking.reports.standing import percent as percent_of
from ledger.arrears import PAR_DAYS
from ledger.errors import N_

_K = TypeVar("_K")

_WHO = (
    text("number", N_("Loan"), "loan"),
    text("owner", N_("Client")),
    text("owner_number", ""),
    text("group", N_("Group")),
)

ACTIVE = (
    *_WHO,
    text("product", N_("Product")),
    text("officer", N_("Officer")),
    text("office", ""),
    day("disbursed_on", N_("Paid out")),
    money("disbursed", N_("Amount")),
    money("principal", N_("Principal")),
    money("interest", N_("Interest")),
    money("fees", N_("Fees")),
    money("penalties", N_("Penalties")),
    money("outstanding", N_("Outstanding")),
    money("overdue", N_("Overdue")),
    count("days_past_due", N_("Days")),
)


def find_active_loans(session: Session, asked: Question) -> Found:
    """List every loan that was paid out and has something owed on it at the end of the day."""
    loans = portfolio(session, asked)
    sums = [
        sum(getattr(loan, name) for loan in loans)
        for name in ("principal", "interest", "fees", "penalties", "outstanding", "overdue")
    ]
    return Found((len(loans), *sums), (rows_of(loans, ACTIVE),))


# --- portfolio at risk and ageing -----------------------------------------------------------------

AT_RISK = (
    count("over_days", N_("Days late, more than")),
    count("loans", N_("Loans")),
    money("principal", N_("Principal"), added=False),
    percent("percent", N_("% of portfolio")),
    count("renegotiated_loans", N_("Renegotiated, not so late")),
    money("renegotiated", N_("Their principal"), added=False),
    percent("with_renegotiated", N_("% with these")),
)

AGES = (
    count("from_days", N_("From day")),
    count("to_days", N_("To day")),
    count("loans", N_("Loans"), added=True),
    money("principal", N_("Principal")),
    money("overdue", N_("Overdue")),
    percent("percent", N_("% of portfolio")),
)

RISK_BY_OFFICE = (
    text("office", N_("Office"), "office"),
    count("loans", N_("Loans"), added=True),
    money("principal", N_("Principal")),
    money("over_0", N_("Late")),
    percent("percent_over_0", N_("% of portfolio")),
    money("over_30", N_("Over 30 days")),
    percent("percent_over_30", N_("% of portfolio")),
    money("over_90", N_("Over 90 days")),
    percent("percent_over_90", N_("% of portfolio")),
)

BANDS: tuple[tuple[int, int | None], ...] = ((0, 0), (1, 30), (31, 60), (61, 90), (91, 180), (181, None))
"""Days past due, both included, of the age classes; each loan stands in one."""


def find_portfolio_at_risk(session: Session, asked: Question) -> Found:
    """Give PAR by the balance definition: the whole principal outstanding of a late loan counts."""
    found = heaps(session, asked)
    gross = principal_in(found)
    rows = []
    for days in PAR_DAYS:
        late = [heap for heap in found if heap.from_days > days]
        apart = [heap for heap in found if heap.renegotiated and heap.from_days <= days]
        at_risk, besides = principal_in(late), principal_in(apart)
        rows.append(
            (
                days,
                loans_in(late),
                at_risk,
                percent_of(at_risk, gross),
                loans_in(apart),
                besides,
                percent_of(at_risk + besides, gross),
            )
        )
    return Found((gross, loans_in(found)), (rows, _ages_of(found), _risk_by_office(found)))


def _ages_of(found: Sequence[Heap]) -> list[Row]:
    """Sort heaps into the age classes; the classes add up to all of them."""
    gross = principal_in(found)
    rows: list[Row] = []
    for first, last in BANDS:
        band = [
            heap for heap in found if first <= heap.from_days and (last is None or heap.from_days <= last)
        ]
        owed = principal_in(band)
        overdue = sum(heap.overdue for heap in band)
        rows.append((first, last, loans_in(band), owed, overdue, percent_of(owed, gross)))
    return rows


def _risk_by_office(found: Sequence[Heap]) -> list[Row]:
    by_office: dict[str, list[Heap]] = {}
    for heap in found:
        by_office.setdefault(heap.office, []).append(heap)
    rows: list[Row] = []
    for office in sorted(by_office):
        its = by_office[office]
        gross = principal_in(its)
        late = [principal_in([heap for heap in its if heap.from_days > days]) for days in (0, 30, 90)]
        shares = [percent_of(amount, gross) for amount in late]
        rows.append(
            (
                office,
                loans_in(its),
                gross,
                *(pair for both in zip(late, shares, strict=True) for pair in both),
            )
        )
    return rows


def ages(loans: Sequence[Standing]) -> list[Row]:
    """Sort loans into the age classes; the classes add up to all of them."""
    gross = principal_of(loans)
    rows: list[Row] = []
    for first, last in BANDS:
        found = [
            loan
            for loan in loans
            if first <= loan.days_past_due and (last is None or loan.days_past_due <= last)
        ]
        owed = principal_of(found)
        overdue = sum(loan.overdue for loan in found)
        rows.append((first, last, len(found), owed, overdue, percent_of(owed, gross)))
    return rows


_BAND_NAMES = ("on_time", "days_1_30", "days_31_60", "days_61_90", "days_91_180", "days_over_180")
_BAND_WORDS = (N_("On time"), "1-30", "31-60", "61-90", "91-180", N_("Over 180"))
_BAND_COLUMNS = tuple(money(name, words) for name, words in zip(_BAND_NAMES, _BAND_WORDS, strict=True))
_SUMS = (count("loans", N_("Loans"), added=True), money("principal", N_("Principal")), *_BAND_COLUMNS)
AGEING_OFFICES = (text("office", N_("Office"), "office"), *_SUMS)
AGEING_PRODUCTS = (text("product", N_("Product")), *_SUMS)
AGEING_OFFICERS = (text("officer", N_("Officer")), *_SUMS)


def find_ageing(session: Session, asked: Question) -> Found:
    """Give the principal outstanding by age: of each office, product and officer."""
    loans = portfolio(session, asked)
    return Found(
        (principal_of(loans), sum(loan.overdue for loan in loans)),
        tuple(
            _aged(by_key(loans, key))
            for key in (lambda loan: loan.office, lambda loan: loan.product, lambda loan: loan.officer)
        ),
    )


def by_key(loans: Iterable[Standing], key: Callable[[Standing], _K]) -> dict[_K, list[Standing]]:
    """Sort loans into heaps, in the order of their keys."""
    heaps: dict[_K, list[Standing]] = {}
    for loan in loans:
        heaps.setdefault(key(loan), []).append(loan)
    return dict(sorted(heaps.items(), key=lambda heap: str(heap[0])))


def _aged(heaps: dict[str, list[Standing]]) -> list[Row]:
    return [
        (name, len(heap), principal_of(heap), *(row[3] for row in ages(heap))) for name, heap in heaps.items()
    ]


# --- arrears --------------------------------------------------------------------------------------

ARREARS = (
    text("officer", N_("Officer")),
    *_WHO,
    text("center", ""),
    text("village", N_("Village")),
    text("phone", N_("Phone")),
    text("product", ""),
    text("office", ""),
    count("days_past_due", N_("Days")),
    text("band", N_("Age")),
    money("overdue_principal", N_("Principal overdue")),
    money("overdue", N_("All overdue")),
    money("principal", N_("Principal outstanding")),
    day("late_since", N_("Since")),
    day("paid_on", N_("Last paid")),
)


def find_arrears(session: Session, asked: Question) -> Found:
    """List the loans that are late: by officer, the oldest first."""
    late = [loan for loan in standings(session, asked) if loan.days_past_due]
    late.sort(key=lambda loan: (loan.officer, -loan.days_past_due, loan.number))
    columns = [column for column in ARREARS if column.name != "band"]
    place = next(place for place, column in enumerate(ARREARS) if column.name == "band")
    rows = [
        (*row[:place], band_of(loan.days_past_due), *row[place:])
        for row, loan in zip(rows_of(late, columns), late, strict=True)
    ]
    sums = (sum(loan.overdue for loan in late), principal_of(late))
    return Found((len(late), *sums), (rows,))


def band_of(days: int) -> str:
    """Give the words of the age class of a loan that is so many days late."""
    for words, (first, last) in zip(_BAND_WORDS, BANDS, strict=True):
        if first <= days and (last is None or days <= last):
            return words
    raise AssertionError(days)


# --- by officer, by cycle -------------------------------------------------------------------------

OFFICERS = (
    text("officer", N_("Officer")),
    count("borrowers", N_("Borrowers"), added=True),
    count("loans", N_("Loans"), added=True),
    money("principal", N_("Principal")),
    money("overdue", N_("Overdue")),
    count("late_loans", N_("Late loans"), added=True),
    money("par_1", N_("More than 1 day")),
    money("par_30", N_("More than 30 days")),
    money("par_90", N_("More than 90 days")),
    percent("par_30_percent", N_("% over 30")),
    percent("share", N_("% of portfolio")),
)


def find_officer_portfolio(session: Session, asked: Question) -> Found:
    """Give the portfolio of each officer as at the day; loans without one stand under an empty name."""
    loans = portfolio(session, asked)
    gross = principal_of(loans)
    rows = []
    for officer, own in by_key(loans, lambda loan: loan.officer).items():
        owed = principal_of(own)
        late = {days: principal_of(loan for loan in own if loan.days_past_due > days) for days in (1, 30, 90)}
        rows.append(
            (
                officer,
                len({loan.borrower for loan in own}),
                len(own),
                owed,
                sum(loan.overdue for loan in own),
                sum(1 for loan in own if loan.days_past_due),
                *late.values(),
                percent_of(late[30], owed),
                percent_of(owed, gross),
            )
        )
    borrowers = len({loan.borrower for loan in loans})
    officers = sum(1 for row in rows if row[0])
    return Found((gross, borrowers, officers), (rows,))


CYCLES = (
    count("cycle", N_("Loan number")),
    count("loans", N_("Loans"), added=True),
    count("borrowers", N_("Borrowers"), added=True),
    money("disbursed", N_("Paid out")),
    money("average", N_("On average"), added=False),
    money("principal", N_("Principal")),
    money("par_30", N_("More than 30 days late")),
    percent("par_30_percent", N_("% over 30")),
)


def find_loan_cycle(session: Session, asked: Question) -> Found:
    """Give the loans that are running by how many their borrowers have had."""
    loans = portfolio(session, asked)
    rows = []
    for cycle, own in sorted(by_key(loans, lambda loan: loan.cycle).items()):
        disbursed, owed = sum(loan.disbursed for loan in own), principal_of(own)
        late = principal_of(loan for loan in own if loan.days_past_due > 30)  # noqa: PLR2004 - PAR30
        rows.append(
            (
                cycle,
                len(own),
                len({loan.borrower for loan in own}),
                disbursed,
                disbursed // len(own),
                owed,
                late,
                percent_of(late, owed),
            )
        )
    return Found((len(loans), principal_of(loans)), (rows,))
