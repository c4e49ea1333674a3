"""The ratios that microfinance reports, each with what it was made from and who defines it so."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from sqlalchemy.orm import Session

from banking.reports.ratio_figures import Figures
from banking.reports.shape import Found, Question, count, money, percent, rows_of, text
from ledger.arrears import PAR_DAYS, Ratio
from ledger.errors import N_
from ledger.money import Money
from ledger.ratios import annualized, loss_estimate

RATIOS = (
    text("code", ""),
    text("title", N_("Ratio")),
    percent("percent", "%"),
    money("amount", N_("Amount"), added=False),
    percent("number", N_("Number")),
    money("numerator", N_("Numerator"), added=False),
    money("denominator", N_("Denominator"), added=False),
    count("numerator_count", ""),
    count("denominator_count", ""),
    text("numerator_is", N_("is")),
    text("denominator_is", N_("over")),
    text("source", N_("Source")),
)

_HUNDREDTH: Final = Decimal("0.01")
_YEAR: Final = 365
_MONTH: Final = 30
_CGAP, _SA_DHAN, _MFRS, _SEEP, _PEARLS = (
    "CGAP consensus 2003",
    "Sa-Dhan",
    "MFRS",
    "SEEP",
    "WOCCU PEARLS",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioRow:
    """One ratio. Exactly one of ``percent``, ``amount`` and ``number`` is what it comes to."""

    code: str
    title: str
    numerator_is: str
    denominator_is: str
    source: str
    percent: Decimal | None = None
    amount: int | None = None
    number: Decimal | None = None
    numerator: int | None = None
    denominator: int | None = None
    numerator_count: int | None = None
    denominator_count: int | None = None


def _rounded(fraction: Decimal) -> Decimal:
    return (fraction * 100).quantize(_HUNDREDTH, ROUND_HALF_EVEN)


def _of(
    code: str,
    title: str,
    parts: tuple[int, str, int, str],
    source: str,
    months: Decimal | None = None,
) -> RatioRow:
    """Give a percentage of two amounts; with ``months`` it is made one of a year."""
    numerator, numerator_is, denominator, denominator_is = parts
    ratio = Ratio(Money(numerator), Money(denominator))
    return RatioRow(
        code=code,
        title=title,
        percent=_rounded(ratio.value if months is None else annualized(ratio, months)),
        numerator=numerator,
        denominator=denominator,
        numerator_is=numerator_is,
        denominator_is=denominator_is,
        source=source,
    )


def find_ratios(session: Session, asked: Question) -> Found:
    """Give every ratio of a time, or of the twelve months to the day."""
    figures = Figures(session, asked)
    rows = [*_quality(figures), *_earnings(figures), *_people(figures), *_pearls(figures)]
    about = (figures.gross, figures.average_portfolio, figures.months.quantize(_HUNDREDTH))
    return Found((figures.asked.since, *about), (rows_of(rows, RATIOS),))


def _quality(of: Figures) -> Iterator[RatioRow]:
    glp = (of.gross, "gross portfolio")
    for days in PAR_DAYS:
        late = (of.older_than(days), f"principal of loans more than {days} days late")
        yield _of(f"par_{days}", f"PAR>{days}", (*late, *glp), _CGAP)
    apart = sum(loan.principal for loan in of.loans if loan.renegotiated and loan.days_past_due <= _MONTH)
    yield _of(
        "par_30_renegotiated",
        N_("PAR>30 with renegotiated loans"),
        (of.older_than(_MONTH) + apart, "the same and renegotiated loans that are not so late", *glp),
        _CGAP,
    )
    overdue = sum(loan.overdue_principal for loan in of.loans)
    yield _of("arrears_rate", N_("Arrears rate"), (overdue, "principal overdue", *glp), "CGAP OP3")
    received, prepaid, fell_due = of.collected
    rate = Ratio(Money(received - prepaid), Money(fell_due))
    parts = (received - prepaid, "principal received less prepayments", fell_due, "principal that fell due")
    yield _of("repayment_rate", N_("Current repayment rate"), parts, _SA_DHAN)
    due, on_time = of.on_time
    yield _of(
        "on_time_rate",
        N_("On-time collection rate"),
        (on_time, "paid by its day of what fell due", due, "what fell due"),
        "CGAP OP3",
    )
    yield RatioRow(
        code="loss_estimate",
        title=N_("Annual loan-loss estimate"),
        percent=_rounded(loss_estimate(rate.value, of.average_term)) if fell_due else Decimal("0.00"),
        numerator=2 * (fell_due - received + prepaid),
        denominator=fell_due,
        numerator_is="twice what the current repayment rate misses",
        denominator_is=f"principal that fell due, and {of.average_term.quantize(_HUNDREDTH)} years of term",
        source="CGAP OP3",
    )
    lost = (of.written_off, "principal written off and charged off")
    average = (of.average_portfolio, "average gross portfolio")
    yield _of("write_off_ratio", N_("Write-off ratio"), (*lost, *average), _SEEP, of.months)
    at_risk = (of.older_than(_MONTH), "PAR>30")
    yield _of("risk_coverage", N_("Risk coverage"), (of.allowance, "loss allowance", *at_risk), _SEEP)
    yield _of(
        "uncovered_capital",
        N_("Uncovered capital"),
        (of.older_than(_MONTH) - of.allowance, "PAR>30 less loss allowance", of.equity, "equity and result"),
        _SEEP,
    )


def _earnings(of: Figures) -> Iterator[RatioRow]:
    average = (of.average_portfolio, "average gross portfolio")
    received = (of.received, "interest, fees and penalties received")
    yield _of("portfolio_yield", N_("Portfolio yield"), (*received, *average), _MFRS, of.months)
    operating = (of.operating, "operating expense")
    title = N_("Operating expense ratio")
    yield _of("operating_expense_ratio", title, (*operating, *average), _MFRS, of.months)
    costs = (of.operating + of.financing + of.impairment, "operating, funds and provision expense")
    yield _of("total_cost_ratio", N_("Total cost ratio"), (*costs, *average), _SA_DHAN, of.months)
    impairment = (of.impairment, "provisions, write-offs, charge-offs")
    title = N_("Impairment expense ratio")
    yield _of("impairment_ratio", title, (*impairment, *average), _MFRS, of.months)
    title = N_("Operational self-sufficiency")
    yield _of("self_sufficiency", title, (of.income, "income", *costs), _SA_DHAN)
    if of.asked.adjustments is not None:
        title = N_("Financial self-sufficiency")
        adjusted = (costs[0] + of.asked.adjustments, "the same and adjustments")
        yield _of("financial_self_sufficiency", title, (of.income, "income", *adjusted), "CGAP")


def _people(of: Figures) -> Iterator[RatioRow]:
    borrowers = of.borrowers
    average = Decimal(sum(borrowers.at_ends)) / len(borrowers.at_ends)
    yield RatioRow(
        code="cost_per_borrower",
        title=N_("Cost per active borrower"),
        amount=round(of.operating * 12 / of.months / average) if average else 0,
        numerator=of.operating,
        denominator_count=round(average),
        numerator_is="operating expense, of a year",
        denominator_is=f"average active borrowers: {average.quantize(_HUNDREDTH)}",
        source=_SEEP,
    )
    now = len({loan.borrower for loan in of.loans})
    officers = len({loan.officer_id for loan in of.loans if loan.officer_id})
    yield RatioRow(
        code="borrowers_per_officer",
        title=N_("Borrowers per officer"),
        number=_share(now, officers),
        numerator_count=now,
        denominator_count=officers,
        numerator_is=f"active borrowers: {now}",
        denominator_is=f"officers with loans: {officers}",
        source=_SEEP,
    )
    yield RatioRow(
        code="average_balance",
        title=N_("Average balance"),
        amount=round(Decimal(of.gross) / now) if now else 0,
        numerator=of.gross,
        denominator_count=now,
        numerator_is="gross portfolio",
        denominator_is=f"active borrowers: {now}",
        source=_SEEP,
    )
    began, end = borrowers.at_ends[0], borrowers.at_ends[-1]
    left = began + borrowers.new - end
    yield RatioRow(
        code="drop_out",
        title=N_("Drop-out"),
        percent=_share(left * 100, began),
        numerator_count=left,
        denominator_count=began,
        numerator_is=f"borrowers at the beginning {began} + new {borrowers.new} - at the end {end}",
        denominator_is=f"borrowers at the beginning: {began}",
        source="no standard: this formula",
    )


def _share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / whole).quantize(_HUNDREDTH, ROUND_HALF_EVEN) if whole else Decimal("0.00")


def _pearls(of: Figures) -> Iterator[RatioRow]:
    old, late = of.older_than(_YEAR), of.older_than(_MONTH) - of.older_than(_YEAR)
    wanted = round(Decimal(late) * 35 / 100)
    assets, liabilities = of.closing(of.of_type("asset")), -of.closing(of.of_type("liability"))
    deposits = (-of.closing(of.of("deposits")), "savings of clients")
    total = (assets, "total assets")
    covered = min(of.allowance, old)
    yield _of("pearls_p1", "P1", (covered, "allowance, for", old, "loans over 12 months late"), _PEARLS)
    parts = (of.allowance - covered, "allowance left, for", wanted, "35 % of loans 1 to 12 months late")
    yield _of("pearls_p2", "P2", parts, _PEARLS)
    parts = (old, "loans over 12 months late, still in the books", of.gross, "gross portfolio")
    yield _of("pearls_p3", "P3", parts, _PEARLS)
    worth = assets + of.allowance - old - wanted - liabilities + deposits[0]
    yield _of(
        "pearls_solvency",
        N_("Solvency"),
        (worth, "assets after what is to be set aside, less other liabilities", *deposits),
        _PEARLS,
    )
    yield _of("pearls_e9", "E9", (of.equity, "equity and result", *total), _PEARLS)
    parts = (of.older_than(0), "principal of late loans", of.gross, "gross portfolio")
    yield _of("pearls_a1", "A1", parts, _PEARLS)
    liquid = of.closing(of.cash | of.of("bank"))
    idle = assets - of.gross + of.allowance - of.closing(of.of("bank") - of.cash)
    yield _of("pearls_a2", "A2", (idle, "assets that are neither loans nor at a bank", *total), _PEARLS)
    payables = -of.closing(of.of("payables"))
    parts = (liquid - payables, "cash and bank less interest and tax payable", *deposits)
    yield _of("pearls_l1", "L1", parts, _PEARLS)
    yield _of("reserves", N_("Reserves"), (liquid, "cash and bank", *deposits), _PEARLS)
