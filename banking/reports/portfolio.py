"""Reports of the loan portfolio, as it stood at the end of a day by value date."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, select
from sqlalchemy.orm import Session

from ledger.money import Money, total
from schema.accounts import Installment, LoanAccount, LoanTransaction, LoanTransactionShare
from schema.people import Center, Client, Group, Staff
from schema.products import LoanProduct

PAR_DAYS = (0, 1, 30, 60, 90, 180)
_COMPONENTS = ("principal", "interest", "fee", "penalty")
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class LoanRow:
    """A loan with something owed on it. ``days_past_due`` counts from its oldest row with anything unpaid."""

    number: str
    owner: str
    owner_number: str
    group: str
    product: str
    officer: str
    disbursed_on: date
    disbursed: Money
    principal: Money
    interest: Money
    fees: Money
    penalties: Money
    outstanding: Money
    overdue: Money
    days_past_due: int


def _sum(amount: Any) -> ColumnElement[int]:  # noqa: ANN401 - any expression over amounts
    """Add up minor units; a server's sums are numeric, so they are brought back to whole numbers."""
    return cast(func.coalesce(func.sum(amount), 0), BigInteger)


def _paid_until(as_of: date) -> Any:  # noqa: ANN401 - a subquery
    """Give what was paid, waived or written off of each instalment to the end of ``as_of``."""
    shares = [_sum(getattr(LoanTransactionShare, part)).label(part) for part in _COMPONENTS]
    return (
        select(LoanTransactionShare.installment_id, *shares)
        .join(LoanTransaction, LoanTransaction.id == LoanTransactionShare.loan_transaction_id)
        .where(LoanTransaction.value_date <= as_of)
        .group_by(LoanTransactionShare.installment_id)
        .subquery("paid")
    )


def _standing(as_of: date, office_id: int | None) -> Any:  # noqa: ANN401 - a subquery
    """Give for each loan what is owed by component, what is overdue, what is due today, and since when."""
    paid = _paid_until(as_of)
    left = {
        part: cast(getattr(Installment, part), BigInteger) - func.coalesce(getattr(paid.c, part), 0)
        for part in _COMPONENTS
    }
    owed = left["principal"] + left["interest"] + left["fee"] + left["penalty"]
    late = and_(Installment.due_on < as_of, owed > 0)
    columns = [
        *(_sum(left[part]).label(part) for part in _COMPONENTS),
        _sum(case((late, owed), else_=0)).label("overdue"),
        _sum(case((Installment.due_on == as_of, owed), else_=0)).label("due_today"),
        func.min(case((late, Installment.due_on))).label("late_since"),
        func.max(Installment.due_on).label("last_due_on"),
    ]
    standing = (
        select(LoanAccount.id.label("loan_id"), *columns)
        .join(Installment, Installment.loan_account_id == LoanAccount.id)
        .outerjoin(paid, paid.c.installment_id == Installment.id)
        .where(LoanAccount.disbursed_on <= as_of)
        .group_by(LoanAccount.id)
    )
    if office_id is not None:
        standing = standing.where(LoanAccount.origin_office_id == office_id)
    return standing.subquery("standing")


def _days_past_due(late_since: date | str | None, as_of: date) -> int:
    if late_since is None:
        return 0
    since = late_since if isinstance(late_since, date) else date.fromisoformat(late_since)
    return (as_of - since).days


def _full_name(given_name: str | None, name: str | None) -> str:
    return f"{given_name or ''} {name or ''}".strip()


# --- active loans ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ActiveLoans:
    """Loans with something owed at the end of ``as_of``, by number, and their totals."""

    table: ClassVar[str] = "loans"
    title: ClassVar[str] = "Active loans"
    as_of: date
    loans: tuple[LoanRow, ...]
    count: int
    principal: Money
    interest: Money
    fees: Money
    penalties: Money
    outstanding: Money
    overdue: Money


def active_loans(session: Session, *, as_of: date, office_id: int | None = None) -> ActiveLoans:
    """List every loan that was paid out by ``as_of`` and has something owed on it at the end of that day."""
    rows = [_loan_row(row, as_of) for row in session.execute(_described(as_of, office_id)).mappings()]
    return ActiveLoans(
        as_of,
        tuple(rows),
        len(rows),
        total(row.principal for row in rows),
        total(row.interest for row in rows),
        total(row.fees for row in rows),
        total(row.penalties for row in rows),
        total(row.outstanding for row in rows),
        total(row.overdue for row in rows),
    )


def _described(as_of: date, office_id: int | None) -> Select[Any]:
    """Join what is owed with who owes it; loans with nothing owed are left out."""
    standing = _standing(as_of, office_id)
    owed = standing.c.principal + standing.c.interest + standing.c.fee + standing.c.penalty
    return (
        select(
            standing,
            owed.label("owed"),
            LoanAccount.number,
            LoanAccount.disbursed_on,
            LoanAccount.principal.label("disbursed"),
            LoanProduct.code.label("product"),
            Client.number.label("client_number"),
            Client.name.label("client_name"),
            Client.given_name,
            Client.phone,
            Group.number.label("group_number"),
            Group.name.label("group_name"),
            Center.name.label("center_name"),
            Staff.name.label("officer"),
        )
        .join(LoanAccount, LoanAccount.id == standing.c.loan_id)
        .join(LoanProduct, LoanProduct.id == LoanAccount.product_id)
        .outerjoin(Client, Client.id == LoanAccount.client_id)
        .outerjoin(Group, Group.id == func.coalesce(LoanAccount.group_id, Client.group_id))
        .outerjoin(Center, Center.id == Group.center_id)
        .outerjoin(Staff, Staff.id == LoanAccount.officer_id)
        .where(owed > 0)
        .order_by(LoanAccount.number, LoanAccount.id)
    )


def _loan_row(row: Any, as_of: date) -> LoanRow:  # noqa: ANN401 - a row of _described
    of_client = row["client_number"] is not None
    return LoanRow(
        number=row["number"],
        owner=_full_name(row["given_name"], row["client_name"]) if of_client else row["group_name"] or "",
        owner_number=(row["client_number"] if of_client else row["group_number"]) or "",
        group=row["group_name"] or "",
        product=row["product"],
        officer=row["officer"] or "",
        disbursed_on=row["disbursed_on"],
        disbursed=row["disbursed"],
        principal=Money(row["principal"]),
        interest=Money(row["interest"]),
        fees=Money(row["fee"]),
        penalties=Money(row["penalty"]),
        outstanding=Money(row["owed"]),
        overdue=Money(row["overdue"]),
        days_past_due=_days_past_due(row["late_since"], as_of),
    )


# --- portfolio at risk ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RiskRow:
    """Loans with a row unpaid for more than ``over_days`` days: their whole principal outstanding."""

    over_days: int
    loans: int
    principal: Money
    percent: Decimal


@dataclass(frozen=True, slots=True)
class AgeRow:
    """Loans by the age of their oldest unpaid row; ``to_days`` is None for the last class."""

    from_days: int
    to_days: int | None
    loans: int
    principal: Money
    overdue: Money


@dataclass(frozen=True, slots=True)
class PortfolioAtRisk:
    """PAR by the balance definition: the whole principal outstanding of a late loan counts.

    ``gross_portfolio`` is the principal outstanding of all loans not written off.
    """

    table: ClassVar[str] = "at_risk"
    title: ClassVar[str] = "Portfolio at risk"
    as_of: date
    gross_portfolio: Money
    loans: int
    at_risk: tuple[RiskRow, ...]
    ages: tuple[AgeRow, ...]


def portfolio_at_risk(session: Session, *, as_of: date, office_id: int | None = None) -> PortfolioAtRisk:
    """Give PAR over 0, 1, 30, 60, 90 and 180 days at the end of ``as_of``.

    A loan is late the day after a payment was missed; days past due count from its oldest row with any
    component unpaid, to the last minor unit.
    """
    standing = _standing(as_of, office_id)
    loans = [
        (row.principal, row.overdue, _days_past_due(row.late_since, as_of))
        for row in session.execute(select(standing))
        if row.principal + row.interest + row.fee + row.penalty > 0
    ]
    gross = Money(sum(principal for principal, _, _ in loans))
    at_risk = []
    for days in PAR_DAYS:
        late = [principal for principal, _, past in loans if past > days]
        at_risk.append(RiskRow(days, len(late), Money(sum(late)), percent(sum(late), gross.minor)))
    return PortfolioAtRisk(as_of, gross, len(loans), tuple(at_risk), _by_age(loans))


def _by_age(loans: list[tuple[int, int, int]]) -> tuple[AgeRow, ...]:
    bounds: list[tuple[int, int | None]] = [(0, 0), (1, 30), (31, 60), (61, 90), (91, 180), (181, None)]
    rows = []
    for first, last in bounds:
        found = [loan for loan in loans if first <= loan[2] and (last is None or loan[2] <= last)]
        rows.append(
            AgeRow(
                first,
                last,
                len(found),
                Money(sum(principal for principal, _, _ in found)),
                Money(sum(overdue for _, overdue, _ in found)),
            )
        )
    return tuple(rows)


def percent(part: int, whole: int) -> Decimal:
    """Give ``part`` of ``whole`` in percent with two decimals, halves to even; nothing of nothing is 0."""
    if not whole:
        return Decimal("0.00")
    return (Decimal(part) * 100 / Decimal(whole)).quantize(_HUNDREDTH, ROUND_HALF_EVEN)


# --- what is to be collected ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """What a loan owes on the day: what is left of earlier rows, and the row of the day itself."""

    center: str
    group: str
    owner: str
    owner_number: str
    phone: str
    number: str
    officer: str
    overdue: Money
    due_today: Money
    to_collect: Money
    days_past_due: int


@dataclass(frozen=True, slots=True)
class CollectionsDue:
    """What is to be collected on ``as_of``, in the order of a walk: center, group, client."""

    table: ClassVar[str] = "collections"
    title: ClassVar[str] = "Collections due"
    as_of: date
    collections: tuple[CollectionRow, ...]
    overdue: Money
    due_today: Money
    to_collect: Money


def collections_due(session: Session, *, as_of: date, office_id: int | None = None) -> CollectionsDue:
    """List loans with a row due on ``as_of`` or before and not paid."""
    rows = [
        _collection_row(row, as_of)
        for row in session.execute(_described(as_of, office_id)).mappings()
        if row["overdue"] or row["due_today"]
    ]
    rows.sort(key=lambda row: (row.center, row.group, row.owner_number, row.number))
    return CollectionsDue(
        as_of,
        tuple(rows),
        total(row.overdue for row in rows),
        total(row.due_today for row in rows),
        total(row.to_collect for row in rows),
    )


def _collection_row(row: Any, as_of: date) -> CollectionRow:  # noqa: ANN401 - a row of _described
    loan = _loan_row(row, as_of)
    due_today = Money(row["due_today"])
    return CollectionRow(
        center=row["center_name"] or "",
        group=loan.group,
        owner=loan.owner,
        owner_number=loan.owner_number,
        phone=row["phone"] or "",
        number=loan.number,
        officer=loan.officer,
        overdue=loan.overdue,
        due_today=due_today,
        to_collect=loan.overdue + due_today,
        days_past_due=loan.days_past_due,
    )
