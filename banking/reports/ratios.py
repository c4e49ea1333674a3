"""The ratios that microfinance reports, each with what it was made from and who defines it so."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from sqlalchemy.orm import Session

from banking.reports.ratio_figures import Figures
from banking.reports.shape import Found, Link, Question, count, money, percent, rows_of, text
from ledger import ratios
from ledger.arrears import PAR_DAYS, Ratio
from ledger.errors import N_
from ledger.money import Money

RATIOS = (
    text("code", ""),
    text("title", N_("Ratio")),
    percent("percent", "%"),
    money("amount", N_("Amount"), added=False),
    percent("number", N_("Number")),
    money("numerator", N_("Numerator"), added=False, link=Link("made_of", "numerator_is")),
    money("denominator", N_("Denominator"), added=False, link=Link("made_of", "denominator_is")),
    count("numerator_count", ""),
    count("denominator_count", ""),
    text("numerator_is", N_("is"), "made_of"),
    text("denominator_is", N_("over"), "made_of"),
    text("source", N_("Source")),
)

_MADE_OF: Final = (
    ("written", "written-off"),
    ("provision", "provisions"),
    ("fell due", "demand-against-collection"),
    ("fall due", "demand-against-collection"),
    ("repayment rate", "demand-against-collection"),
    ("officers", "officer-portfolio"),
    ("borrowers", "active-loans"),
    ("expense", "income-statement"),
    ("income", "income-statement"),
    ("interest", "income-statement"),
    ("cost", "income-statement"),
    ("portfolio", "portfolio-at-risk"),
    ("late", "portfolio-at-risk"),
)


def made_of(words: str) -> str:
    """Name the report that a numerator or denominator, told in words, is taken from."""
    return next((report for part, report in _MADE_OF if part in words), "balance-sheet")


_HUNDREDTH: Final = Decimal("0.01")
_GROSS, _AVERAGE = "gross portfolio", "average gross portfolio"
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
    ratio: Ratio,
    says: tuple[str, str],
    source: str,
    months: Decimal | None = None,
) -> RatioRow:
    """Give a percentage of two amounts, of which ``says`` tells what they are; ``months``: one of a year."""
    numerator_is, denominator_is = says
    return RatioRow(
        code=code,
        title=title,
        percent=_rounded(ratio.value if months is None else ratios.annualized(ratio, months)),
        numerator=ratio.numerator.minor,
        denominator=ratio.denominator.minor,
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
    gross, average = Money(of.gross), Money(of.average_portfolio)
    for days in PAR_DAYS:
        late = Ratio(Money(of.older_than(days)), gross)
        says = (f"principal of loans more than {days} days late", _GROSS)
        yield _of(f"par_{days}", f"PAR>{days}", late, says, _CGAP)
    apart = sum(loan.principal for loan in of.loans if loan.renegotiated and loan.days_past_due <= _MONTH)
    at_risk = Money(of.older_than(_MONTH))
    yield _of(
        "par_30_renegotiated",
        N_("PAR>30 with renegotiated loans"),
        Ratio(at_risk + Money(apart), gross),
        ("the same and renegotiated loans that are not so late", _GROSS),
        _CGAP,
    )
    overdue = Money(sum(loan.overdue_principal for loan in of.loans))
    says = ("principal overdue", _GROSS)
    yield _of("arrears_rate", N_("Arrears rate"), ratios.arrears_rate(overdue, gross), says, "CGAP OP3")
    rate = ratios.repayment_rate(*map(Money, of.collected))
    says = ("principal received less prepayments", "principal that fell due")
    yield _of("repayment_rate", N_("Current repayment rate"), rate, says, _SA_DHAN)
    due, on_time = of.on_time
    yield _of(
        "on_time_rate",
        N_("On-time collection rate"),
        Ratio(Money(on_time), Money(due)),
        ("paid by its day of what fell due", "what fell due"),
        "CGAP OP3",
    )
    yield _loss_estimate(rate, of.average_term)
    lost = ratios.write_off_ratio(Money(of.written_off), average)
    says = ("principal written off and charged off", _AVERAGE)
    yield _of("write_off_ratio", N_("Write-off ratio"), lost, says, _SEEP, of.months)
    allowance = Money(of.allowance)
    covered = ratios.risk_coverage(allowance, at_risk)
    yield _of("risk_coverage", N_("Risk coverage"), covered, ("loss allowance", "PAR>30"), _SEEP)
    uncovered = Ratio(at_risk - allowance, Money(of.equity))
    says = ("PAR>30 less loss allowance", "equity and result")
    yield _of("uncovered_capital", N_("Uncovered capital"), uncovered, says, _SEEP)


def _loss_estimate(rate: Ratio, term: Decimal) -> RatioRow:
    """Give the annual loan-loss estimate that follows from a current repayment rate and a term in years."""
    return RatioRow(
        code="loss_estimate",
        title=N_("Annual loan-loss estimate"),
        percent=_rounded(ratios.loss_estimate(rate.value, term)) if rate.denominator else Decimal("0.00"),
        numerator=2 * (rate.denominator - rate.numerator).minor,
        denominator=rate.denominator.minor,
        numerator_is="twice what the current repayment rate misses",
        denominator_is=f"principal that fell due, and {term.quantize(_HUNDREDTH)} years of term",
        source="CGAP OP3",
    )


def _earnings(of: Figures) -> Iterator[RatioRow]:
    average = Money(of.average_portfolio)
    operating, impairment = Money(of.operating), Money(of.impairment)
    costs = [operating, Money(of.financing), impairment]
    all_costs = "operating, funds and provision expense"
    shares = (
        (
            "portfolio_yield",
            N_("Portfolio yield"),
            ratios.portfolio_yield(Money(of.received), average),
            "interest, fees and penalties received",
            _MFRS,
        ),
        (
            "operating_expense_ratio",
            N_("Operating expense ratio"),
            ratios.cost_ratio([operating], average),
            "operating expense",
            _MFRS,
        ),
        (
            "total_cost_ratio",
            N_("Total cost ratio"),
            ratios.cost_ratio(costs, average),
            all_costs,
            _SA_DHAN,
        ),
        (
            "impairment_ratio",
            N_("Impairment expense ratio"),
            ratios.cost_ratio([impairment], average),
            "provisions, write-offs, charge-offs",
            _MFRS,
        ),
    )
    for code, title, ratio, numerator_is, source in shares:
        yield _of(code, title, ratio, (numerator_is, _AVERAGE), source, of.months)
    income = Money(of.income)
    own = ratios.self_sufficiency(income, costs)
    title = N_("Operational self-sufficiency")
    yield _of("self_sufficiency", title, own, ("income", all_costs), _SA_DHAN)
    if of.asked.adjustments is not None:
        adjusted = ratios.self_sufficiency(income, [*costs, Money(of.asked.adjustments)])
        title = N_("Financial self-sufficiency")
        yield _of(
            "financial_self_sufficiency", title, adjusted, ("income", "the same and adjustments"), "CGAP"
        )


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
    deposits = -of.closing(of.of("deposits"))
    covered = min(of.allowance, old)
    worth = assets + of.allowance - old - wanted - liabilities + deposits
    liquid = of.closing(of.cash | of.of("bank"))
    idle = assets - of.gross + of.allowance - of.closing(of.of("bank") - of.cash)
    payables = -of.closing(of.of("payables"))
    savings, everything = "savings of clients", "total assets"
    shares = (
        ("pearls_p1", "P1", covered, "allowance, for", old, "loans over 12 months late"),
        (
            "pearls_p2",
            "P2",
            of.allowance - covered,
            "allowance left, for",
            wanted,
            "35 % of loans 1 to 12 months late",
        ),
        ("pearls_p3", "P3", old, "loans over 12 months late, still in the books", of.gross, _GROSS),
        (
            "pearls_solvency",
            N_("Solvency"),
            worth,
            "assets after what is to be set aside, less other liabilities",
            deposits,
            savings,
        ),
        ("pearls_e9", "E9", of.equity, "equity and result", assets, everything),
        ("pearls_a1", "A1", of.older_than(0), "principal of late loans", of.gross, _GROSS),
        ("pearls_a2", "A2", idle, "assets that are neither loans nor at a bank", assets, everything),
        (
            "pearls_l1",
            "L1",
            liquid - payables,
            "cash and bank less interest and tax payable",
            deposits,
            savings,
        ),
        ("reserves", N_("Reserves"), liquid, "cash and bank", deposits, savings),
    )
    for code, title, part, part_is, whole, whole_is in shares:
        yield _of(code, title, Ratio(Money(part), Money(whole)), (part_is, whole_is), _PEARLS)
