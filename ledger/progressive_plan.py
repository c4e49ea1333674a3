"""The installments of a progressive schedule: solved over the rates of the actual periods ("fineract").

* The rate of a row is the annual rate over its days; actual years count 365 or 366, split at 31 December.
  Where interest counts whole periods, it is the rate of one period.
* The installment is what pays the balance off at those rates; if the last row then differs by more than the
  rounding of half the rows, the installment is moved once, and the better one kept.
* A tranche solves it anew from its row on (a tranche on a due date: from the next row).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ledger.dates import RepayUnit
from ledger.interest import (
    EXACT,
    MONTH_DAYS,
    RATE,
    fraction_a_year,
    nominal_rate,
    round_money,
    round_multiple,
)
from ledger.terms import Amortization, DaysInMonth, InterestPeriod, LoanTerms
from ledger.tranches import Tranche


@dataclass(frozen=True, slots=True)
class ProgressivePlan:
    """What installments are solved from.

    terms              of each row, for a rate may change
    starts, dates      first day and due date of each row
    without_principal  rows that pay interest alone
    solved_at          rows from which the installment is solved anew, beside those of tranches
    """

    terms: Sequence[LoanTerms]
    starts: Sequence[date]
    dates: Sequence[date]
    tranches: Sequence[Tranche]
    without_principal: Collection[int] = ()
    solved_at: Collection[int] = ()

    @property
    def equal_principal(self) -> bool:
        """Tell whether rows pay equal parts of principal; what is solved is that part then."""
        return self.terms[0].amortization is Amortization.EQUAL_PRINCIPAL

    def rate(self, index: int, begun: date, ended: date) -> Decimal:
        """Give the rate of a stretch of a row, with 12 significant digits."""
        terms, days = self.terms[index], (ended - begun).days
        length = nominal = (self.dates[index] - self.starts[index]).days
        if terms.interest_period is InterestPeriod.SAME_AS_REPAYMENT:
            return EXACT.divide(EXACT.multiply(nominal_rate(terms), Decimal(days)), Decimal(length))
        if terms.repay_unit is RepayUnit.MONTHS and terms.days_in_month is DaysInMonth.THIRTY:
            nominal = MONTH_DAYS * terms.repay_every
        parts = [(days, terms.days_in_year)] if terms.days_in_year else _days_by_year(begun, ended)
        years = Decimal(0)
        for count, year in parts:
            years = EXACT.add(years, EXACT.divide(Decimal(nominal * count), Decimal(length * year)))
        return RATE.multiply(fraction_a_year(terms), years)

    def installments(
        self, at: int = 0, payments: Sequence[int] = (), plan: Sequence[int] = ()
    ) -> tuple[list[int], list[int]]:
        """Give the installment of every row, and its principal as planned, minor units.

        at              the row from which these terms hold; 0 for a loan whose terms never changed
        payments, plan  what this gave for the terms before; the installment of row ``at`` stays unless it is
                        among ``solved_at`` or a tranche falls there
        """
        count = len(self.dates)
        known = sorted(self.tranches, key=lambda tranche: tranche.on)
        stays = payments[at] if at < len(payments) else 0
        solved, principals = [*payments[:at], *[stays] * (count - at)], [*plan[:at], *[0] * (count - at)]
        if not known:
            return solved, principals
        principals[at:] = self._principals(at, self._counting(at), principals, stays)
        anchors = {self._row_of(tranche.on) for tranche in known} | set(self.solved_at)
        for anchor in sorted(row for row in anchors if row >= at):
            inside = self._counting(anchor)
            payment = self._solve(anchor, inside, principals)
            solved[anchor:] = [payment] * (count - anchor)
            principals[anchor:] = self._principals(anchor, inside, principals, payment)
        return solved, principals

    def _counting(self, at: int) -> list[Tranche]:
        return [tranche for tranche in self.tranches if self._row_of(tranche.on) <= at]

    def _row_of(self, on: date) -> int:
        """Find the row in which money paid out on ``on`` begins to count."""
        return next(index for index, due in enumerate(self.dates) if on < due)

    def _solve(self, at: int, tranches: Sequence[Tranche], plan: Sequence[int]) -> int:
        paying = [row for row in range(at, len(self.dates)) if row not in self.without_principal]
        rows = max(1, len(paying))
        if self.equal_principal:
            return self._rounded(EXACT.divide(Decimal(self._opening(at, tranches, plan)[0]), Decimal(rows)))
        owed, accrued = self._opening(at, tranches, plan)
        value, divisor = EXACT.add(Decimal(owed), accrued), Decimal(1)
        if paying and paying[0] != at:  # rows without principal pay their interest: the balance stays
            value = EXACT.multiply(Decimal(owed), 1 + self._whole_rate(paying[0]))
        for index in paying[1:]:
            growth = 1 + self._whole_rate(index)
            value, divisor = EXACT.multiply(value, growth), EXACT.add(1, EXACT.multiply(divisor, growth))
        payment = self._rounded(EXACT.divide(value, divisor))
        gap = self._gap(at, tranches, plan, payment)
        if abs(gap) * 100 <= rows // 2 * 10 ** self.terms[at].currency_digits:
            return payment
        other = payment + self._rounded(EXACT.divide(Decimal(gap), Decimal(rows)))
        return other if abs(self._gap(at, tranches, plan, other)) < abs(gap) else payment

    def _whole_rate(self, index: int) -> Decimal:
        return self.rate(index, self.starts[index], self.dates[index])

    def _rounded(self, amount: Decimal) -> int:
        if self.terms[0].installment_multiple > 1:
            return round_multiple(amount, self.terms[0].installment_multiple)
        return round_money(amount, self.terms[0])

    def _opening(self, at: int, tranches: Sequence[Tranche], plan: Sequence[int]) -> tuple[int, Decimal]:
        """Give what is owed in row ``at``, its tranches included, and the exact interest of that row."""
        start, due = self.starts[at], self.dates[at]
        owed = sum(tranche.amount for tranche in tranches) - sum(plan[:at])
        accrued = Decimal(0)
        for begun, ended in pairwise(sorted({start, due, *_inside(start, due, tranches)})):
            base = sum(tranche.amount for tranche in tranches if tranche.on <= begun) - sum(plan[:at])
            accrued = EXACT.add(accrued, EXACT.multiply(Decimal(base), self.rate(at, begun, ended)))
        return owed, accrued

    def _principals(
        self, at: int, tranches: Sequence[Tranche], plan: Sequence[int], payment: int
    ) -> list[int]:
        """Give the principal of the rows from ``at`` on as the plan has it."""
        owed, accrued = self._opening(at, tranches, plan)
        parts = []
        last = len(self.dates) - 1
        for index in range(at, last + 1):
            interest = round_money(accrued, self.terms[index])
            share = payment if self.equal_principal else max(0, payment - interest)
            part = owed if index == last else min(owed, share)
            if index in self.without_principal and index < last:
                part = 0
            parts.append(part)
            owed -= part
            if index < last:
                accrued = EXACT.multiply(Decimal(owed), self._whole_rate(index + 1))
        return parts

    def _gap(self, at: int, tranches: Sequence[Tranche], plan: Sequence[int], payment: int) -> int:
        """Give how much the last row differs from the installment."""
        parts = self._principals(at, tranches, plan, payment)
        last = len(self.dates) - 1
        if at == last:
            return 0
        interest = EXACT.multiply(Decimal(parts[-1]), self._whole_rate(last))
        return parts[-1] + round_money(interest, self.terms[last]) - payment


def _inside(start: date, due: date, tranches: Sequence[Tranche]) -> Iterator[date]:
    return (tranche.on for tranche in tranches if start < tranche.on < due)


def _days_by_year(begun: date, ended: date) -> list[tuple[int, int]]:
    """Cut a stretch at the turns of years: days, and days of that year."""
    cuts = [begun, *(date(year, 1, 1) for year in range(begun.year + 1, ended.year + 1)), ended]
    return [
        ((later - earlier).days, (date(earlier.year + 1, 1, 1) - date(earlier.year, 1, 1)).days)
        for earlier, later in pairwise(cuts)
    ]
