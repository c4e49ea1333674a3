"""Schedules of the convention "mifos": interest on exact balances, whole payments, the rest in the last row.

Every row's payment (fee included) is rounded to the *initial* multiple, the sum of all payments to the
*final* multiple, and the last row takes what is left; parts of a row are rounded to the currency. What the
roundings give or take goes to an account of its own (Mifos: "999 account").

* flat: interest = round(P i); principal = payment - interest - fee
* declining: interest = round(exact, unrounded balance x i); principal = payment - interest - fee
* fixed principal: principal = round(P / n); interest = payment - principal - fee
* principal grace: the first rows carry interest and fee alone, interest = payment - fee; the principal is
  paid in the rows after them
* grace on all payments moves the dates and no amount
* periodic fee: the same in every row, a value or a percentage of the whole loan's principal, exact interest
  or both; the last row's fee is what is left of the rounded total
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from ledger.dates import RepayUnit
from ledger.errors import BadTermError
from ledger.interest import EXACT, MONTHS_A_YEAR, WEEK_DAYS, equal_installment
from ledger.money import MAX_MINOR, Money
from ledger.terms import MAX_ANNUAL_RATE, MAX_INSTALLMENTS, MAX_REPAY_EVERY, WHOLE_UNITS, Rounding


class LoanKind(StrEnum):
    """How interest and principal of a row come about."""

    FLAT = "Flat"
    DECLINING = "Declining"
    FIXED_PRINCIPAL = "Fixed Principal"


class FeeBase(StrEnum):
    """What a periodic fee is a part of; VALUE is an amount."""

    VALUE = "Value"
    PRINCIPAL = "Principal"
    INTEREST = "Interest"
    PRINCIPAL_INTEREST = "Principal+Interest"


@dataclass(frozen=True, slots=True, kw_only=True)
class MifosTerms:
    """The terms of a loan under this convention; amounts in minor units.

    annual_rate      percent a year
    fee              what each row carries: an exact amount in minor units for VALUE, else percent
    grace_principal  rows at the start without principal
    raises           BadTermError naming the term
    """

    principal: Money
    annual_rate: Decimal
    kind: LoanKind
    installments: int
    repay_unit: RepayUnit
    repay_every: int = 1
    days_in_year: int = 365
    currency: Rounding = WHOLE_UNITS
    initial: Rounding = WHOLE_UNITS
    final: Rounding = WHOLE_UNITS
    grace_principal: int = 0
    fee_base: FeeBase = FeeBase.VALUE
    fee: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuse terms that no schedule can follow from."""
        self._check("principal", 0 < self.principal.minor <= MAX_MINOR)
        self._check("annual_rate", self.annual_rate.is_finite() and 0 <= self.annual_rate <= MAX_ANNUAL_RATE)
        self._check("installments", 1 <= self.installments <= MAX_INSTALLMENTS)
        self._check("repay_unit", self.repay_unit is not RepayUnit.DAYS)
        self._check("repay_every", 1 <= self.repay_every <= MAX_REPAY_EVERY)
        self._check("days_in_year", self.days_in_year in {360, 365})
        self._check("grace_principal", 0 <= self.grace_principal < self.installments)
        self._check("fee", self.fee.is_finite() and 0 <= self.fee <= MAX_MINOR)
        for name in ("currency", "initial", "final"):
            self._check(name, getattr(self, name).multiple >= 1)

    def _check(self, term: str, holds: bool) -> None:  # noqa: FBT001 - a condition, not a switch
        if not holds:
            raise BadTermError(term=term, given=getattr(self, term))


@dataclass(frozen=True, slots=True)
class MifosRow:
    """One row; amounts in minor units. ``balance`` of a flat loan counts the interest to come as well."""

    number: int
    principal: Money
    interest: Money
    fee: Money
    balance: Money

    @property
    def payment(self) -> Money:
        """Add up principal, interest and fee."""
        return self.principal + self.interest + self.fee


@dataclass(frozen=True, slots=True)
class MifosSchedule:
    """The rows, and what rounding took (above zero) or gave (below zero)."""

    rows: tuple[MifosRow, ...]
    rounding_difference: Money


@dataclass(frozen=True, slots=True)
class _Exact:
    """The schedule before rounding: per row principal, interest and fee."""

    principal: list[Decimal]
    interest: list[Decimal]
    fee: Decimal

    @property
    def interest_total(self) -> Decimal:
        return sum(self.interest, Decimal(0))

    @property
    def fee_total(self) -> Decimal:
        return self.fee * len(self.interest)


def build_mifos_schedule(terms: MifosTerms) -> MifosSchedule:
    """Compute the rounded schedule; principal adds up to ``terms.principal`` exactly."""
    with localcontext(EXACT):
        return _rounded(terms, _exact(terms))


def _rounded(terms: MifosTerms, exact: _Exact) -> MifosSchedule:
    fee_row, last = terms.currency.apply(exact.fee), terms.installments - 1
    parts: list[tuple[int, int, int]] = []
    for index in range(last):
        due = exact.principal[index] + exact.interest[index] + exact.fee
        payment = terms.initial.apply(due)
        if index < terms.grace_principal:
            parts.append((0, payment - fee_row, fee_row))
        elif terms.kind is LoanKind.FIXED_PRINCIPAL:
            principal = terms.currency.apply(exact.principal[index])
            parts.append((principal, payment - fee_row - principal, fee_row))
        else:
            interest = terms.currency.apply(exact.interest[index])
            parts.append((payment - fee_row - interest, interest, fee_row))
    principal_total, interest_total = terms.principal.minor, terms.currency.apply(exact.interest_total)
    fee_total = terms.currency.apply(exact.fee_total)
    total = terms.final.apply(principal_total + exact.interest_total + exact.fee_total)
    principal = principal_total - sum(part[0] for part in parts)
    fee = fee_total - fee_row * last
    parts.append((principal, total - sum(map(sum, parts)) - principal - fee, fee))
    difference = principal_total + interest_total + fee_total - total
    return MifosSchedule(tuple(_rows(terms, parts)), Money(difference))


def _rows(terms: MifosTerms, parts: list[tuple[int, int, int]]) -> list[MifosRow]:
    flat = terms.kind is LoanKind.FLAT
    balance = terms.principal.minor + (sum(interest for _, interest, _ in parts) if flat else 0)
    rows = []
    for number, (principal, interest, fee) in enumerate(parts, 1):
        balance -= principal + interest if flat else principal
        rows.append(MifosRow(number, Money(principal), Money(interest), Money(fee), Money(balance)))
    return rows


def _exact(terms: MifosTerms) -> _Exact:
    """Compute every row without rounding."""
    rate = terms.annual_rate / (100 * MONTHS_A_YEAR)
    if terms.repay_unit is RepayUnit.WEEKS:
        rate = terms.annual_rate * WEEK_DAYS / (100 * terms.days_in_year)
    rate *= terms.repay_every
    balance = Decimal(terms.principal.minor)
    grace, paying = terms.grace_principal, terms.installments - terms.grace_principal
    flat, part = balance * rate, balance / paying
    payment = equal_installment(terms.principal.minor, rate, paying)
    principals, interests = [], []
    for index in range(terms.installments):
        interest = flat if terms.kind is LoanKind.FLAT else balance * rate
        principal = payment - interest if terms.kind is LoanKind.DECLINING else part
        principal = Decimal(0) if index < grace else principal
        principals.append(principal)
        interests.append(interest)
        balance -= principal
    return _Exact(principals, interests, _fee(terms, sum(interests, Decimal(0))))


def _fee(terms: MifosTerms, interest: Decimal) -> Decimal:
    """Give the exact fee of a row: an amount, or a percentage of the whole loan."""
    if terms.fee_base is FeeBase.VALUE:
        return terms.fee
    base = Decimal(0)
    if terms.fee_base in {FeeBase.PRINCIPAL, FeeBase.PRINCIPAL_INTEREST}:
        base += terms.principal.minor
    if terms.fee_base in {FeeBase.INTEREST, FeeBase.PRINCIPAL_INTEREST}:
        base += interest
    return base * terms.fee / 100
