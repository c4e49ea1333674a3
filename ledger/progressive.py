"""The progressive schedule: one installment, solved over the rates of the actual periods ("fineract").

* The rate of a row is the annual rate over its days; actual years count 365 or 366, split at 31 December.
* The installment is what pays the balance off at those rates; if the last row then differs by more than the
  rounding of half the rows, the installment is moved once, and the better one kept.
* A tranche solves it anew from its row on (a tranche on a due date: from the next row).
* With recalculation overdue principal stays in the base until today or the day it is paid; a payoff pays
  interest to its day, or to the end of the row, and the installment stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from ledger.allocation import Due, Share, allocate_by_steps, allocate_with_excess
from ledger.dates import RepayUnit
from ledger.errors import BadTermError, NeverAmortizesError, UnsupportedTermError
from ledger.interest import EXACT, MONTH_DAYS, RATE, fraction_a_year, round_money, round_multiple
from ledger.money import Money, require_positive
from ledger.recalculation import PayoffInterest
from ledger.rows import INTEREST, PRINCIPAL, Movement, MovementKind, Row
from ledger.schedule import rising_dates
from ledger.terms import Amortization, DaysInMonth, InterestPeriod, InterestType, LoanTerms
from ledger.tranches import Tranche

_NEVER: Final = date.min


@dataclass(slots=True)
class _Paid:
    """Principal that one row received: the day from which it counts, minor units."""

    parts: list[tuple[date, int]] = field(default_factory=list)

    def until(self, on: date) -> int:
        return sum(amount for day, amount in self.parts if day <= on)


class ProgressiveLoan:
    """A declining loan on a progressive schedule; feed it events, read ``rows`` and ``movements``.

    recalculates   whether overdue and early money changes interest; ``payoff_rule`` then says up to when
    period_start   first day of the first period, if that is before disbursement
    dates          as in ``build_schedule``
    """

    def __init__(
        self,
        terms: LoanTerms,
        disbursed_on: date,
        first_due_on: date | None = None,
        *,
        payoff_rule: PayoffInterest | None = None,
        period_start: date | None = None,
        dates: Sequence[date] | None = None,
    ) -> None:
        _refuse_other_terms(terms)
        start = period_start or disbursed_on
        if start > disbursed_on:
            raise BadTermError(term="first_period_starts", given=start)
        self.terms = terms
        self.disbursed_on = disbursed_on
        self.payoff_rule = payoff_rule
        self.dates = rising_dates(terms, start, first_due_on, dates)
        if self.dates[0] <= disbursed_on:
            raise BadTermError(term="first_due_on", given=self.dates[0])
        self.starts = [start, *self.dates[:-1]]
        self.tranches: list[Tranche] = []
        self.movements: list[Movement] = []
        self.rows: list[Row] = []
        self._recalculated: list[date] = []
        self._paid: list[_Paid] = []
        self._closed: date | None = None

    # --- events --------------------------------------------------------------------------------------

    def disburse(self, on: date, amount: Money) -> None:
        """Pay out a tranche; installments from its row on are solved anew."""
        first = not self.tranches
        if (on != self.disbursed_on if first else on < self.tranches[-1].on) or on >= self.dates[-1]:
            raise BadTermError(term="disbursement", given=on)
        self.tranches.append(Tranche(on, require_positive(amount).minor))
        self._replay()

    def pay(self, kind: MovementKind, on: date, amount: Money) -> Movement:
        """Book money; what is left over when nothing is owed is an overpayment.

        raises   UnsupportedTermError for early money that does not close a loan with recalculation
        """
        if kind is MovementKind.WAIVE_INTEREST:
            raise UnsupportedTermError(term="waive_interest with schedule_type=PROGRESSIVE")
        if on < self.disbursed_on:
            raise BadTermError(term="date", given=on)
        movement = Movement(kind, on, require_positive(amount))
        self.movements.append(movement)
        self._replay()
        return movement

    def undo(self, movement: Movement) -> None:
        """Take an entry back."""
        movement.live = False
        movement.forget()
        self._replay()

    def recalculate(self, on: date) -> None:
        """Bring all rows to ``on``, as the daily job does."""
        self._recalculated.append(on)
        self._replay()

    def live(self) -> list[Movement]:
        """Give the entries that stand, in date order."""
        return sorted((movement for movement in self.movements if movement.live), key=lambda m: m.on)

    def standing_rows(self) -> list[Row]:
        """Give the rows; a progressive schedule keeps its number."""
        return self.rows

    def payoff(self, on: date) -> Money:
        """Give what closes the loan on ``on``: unpaid principal, and interest as far as the rule says."""
        if self.payoff_rule is None:
            return Money(sum(row.outstanding for row in self.rows))
        self._follow(on)
        return Money(self._principal_left() + sum(self._interest_to(on)))

    def _principal_left(self) -> int:
        paid_out = sum(tranche.amount for tranche in self.tranches)
        return paid_out - sum(row.paid[PRINCIPAL] for row in self.rows)

    def _interest_to(self, on: date) -> Iterator[int]:
        """Give the unpaid interest of each row up to a payoff on ``on``."""
        for index, row in enumerate(self.rows):
            if row.due_date <= on:
                yield row.owed(INTEREST)
            elif row.start < on:
                till = on if self.payoff_rule is PayoffInterest.TILL_DAY else row.due_date
                yield max(0, self._interest(index, on, till) - row.paid[INTEREST])

    # --- replay --------------------------------------------------------------------------------------

    def _replay(self) -> None:
        self.rows = [
            Row(number, start, due, [0] * 4)
            for number, (start, due) in enumerate(zip(self.starts, self.dates, strict=True), 1)
        ]
        self._paid = [_Paid() for _ in self.rows]
        self._closed = None
        self._follow(_NEVER)
        steps: list[tuple[date, int, Movement | None]] = [(on, 1, None) for on in self._recalculated]
        steps += [(movement.on, 0, movement) for movement in self.live()]
        for on, _, movement in sorted(steps, key=lambda step: step[:2]):
            self._follow(on)
            if movement is not None:
                self._take(movement)
                paid_out = sum(tranche.amount for tranche in self.tranches if tranche.on <= on)
                movement.balance_after = Money(paid_out - sum(row.paid[PRINCIPAL] for row in self.rows))

    def _take(self, movement: Movement) -> None:
        on, recalculates = movement.on, self.payoff_rule is not None
        closing = self.payoff(on) if recalculates else None
        if closing is not None and movement.amount >= closing:
            self._close(movement)
            return
        dues = [row for row in self._dues() if not recalculates or row.due_date <= on]
        order = self.terms.allocation_order
        if order is None:
            shares, left = allocate_with_excess(movement.amount, dues, on=on, strategy=self.terms.strategy)
        else:
            future = order.future_rule(movement.kind)
            shares, left = allocate_by_steps(movement.amount, dues, on=on, order=order, future=future)
        if left and recalculates:
            raise UnsupportedTermError(term="early repayment with schedule_type=PROGRESSIVE")
        self._book(movement, shares, left, on)

    def _close(self, movement: Movement) -> None:
        """Close the loan: principal of all rows counts from the day up to which interest is paid."""
        on = movement.on
        running = next((row for row in self.rows if row.start < on < row.due_date), None)
        counts = on if running is None or self.payoff_rule is PayoffInterest.TILL_DAY else running.due_date
        self._closed = counts
        self._follow(on)
        shares, left = allocate_with_excess(movement.amount, list(self._dues()), on=on)
        self._book(movement, shares, left, counts)

    def _dues(self) -> Iterator[Due]:
        for index, row in enumerate(self.rows):
            if row.outstanding:
                interest, principal = Money(row.owed(INTEREST)), Money(row.owed(PRINCIPAL))
                yield Due(index, row.number, row.due_date, interest=interest, principal=principal)

    def _book(self, movement: Movement, shares: Sequence[Share], left: Money, counts: date) -> None:
        movement.forget()
        for share in shares:
            row, parts = (
                self.rows[share.due.installment_id],
                [0, 0, share.interest.minor, share.principal.minor],
            )
            self._paid[share.due.installment_id].parts.append((counts, share.principal.minor))
            row.receive(parts, movement.on)
            movement.note(row.number, parts)
        movement.sum_up(left)

    # --- the schedule as of a day --------------------------------------------------------------------

    def _follow(self, today: date) -> None:
        """Compute the rows as they are seen on ``today``."""
        payments = self._installments()
        last = len(self.rows) - 1
        for index, row in enumerate(self.rows):
            interest = self._interest(index, today, row.due_date)
            owed = self._scheduled(index, row.due_date)
            if payments[index] < interest and index < last and owed:
                raise NeverAmortizesError(installment=Money(payments[index]), interest=Money(interest))
            principal = owed if index == last else min(owed, max(0, payments[index] - interest))
            row.due = [0, 0, interest, principal]
            row.settle(max([self.disbursed_on, *(on for on, _ in self._paid[index].parts)]))

    def _scheduled(self, index: int, on: date) -> int:
        """Give what is scheduled to be owed in a row on ``on``: all paid out before, less earlier rows."""
        paid_out = sum(tranche.amount for tranche in self.tranches if tranche.on < on)
        return paid_out - sum(row.due[PRINCIPAL] for row in self.rows[:index])

    def _interest(self, index: int, today: date, till: date) -> int:
        """Give the interest of a row up to ``till``, rounded once."""
        row = self.rows[index]
        changes = self._changes(index, today)
        days = {row.start, till, self._closed or till, *(on for on, _ in changes)}
        cuts = sorted(day for day in days if row.start <= day <= till)
        exact = Decimal(0)
        for begun, ended in pairwise(cuts):
            if self._closed is not None and begun >= self._closed:
                break
            base = sum(amount for on, amount in changes if on <= begun)
            exact = EXACT.add(exact, EXACT.multiply(Decimal(base), self._rate(row, begun, ended)))
        return round_money(exact, self.terms)

    def _changes(self, index: int, today: date) -> list[tuple[date, int]]:
        """List when the base of a row's interest rises and falls."""
        row = self.rows[index]
        changes = [(tranche.on, tranche.amount) for tranche in self.tranches if tranche.on < row.due_date]
        changes += [(row.start, -earlier.due[PRINCIPAL]) for earlier in self.rows[:index]]
        if self.payoff_rule is None:
            return changes
        for paid in self._paid[index:]:
            changes += [(on, -amount) for on, amount in paid.parts]
        until = min(today, row.due_date)
        if until > row.start:
            for earlier, paid in zip(self.rows[:index], self._paid, strict=False):
                unpaid = earlier.due[PRINCIPAL] - paid.until(row.start)
                later = [(on, amount) for on, amount in paid.parts if row.start < on < until]
                changes += [(row.start, unpaid), *((on, -amount) for on, amount in later)]
                changes.append((until, sum(amount for _, amount in later) - unpaid))
        return changes

    def _rate(self, row: Row, begun: date, ended: date) -> Decimal:
        """Give the rate of a stretch of a row, with 12 significant digits."""
        terms, days = self.terms, (ended - begun).days
        nominal = row.days
        if terms.repay_unit is RepayUnit.MONTHS and terms.days_in_month is DaysInMonth.THIRTY:
            nominal = MONTH_DAYS * terms.repay_every
        parts = [(days, terms.days_in_year)] if terms.days_in_year else _days_by_year(begun, ended)
        years = Decimal(0)
        for count, year in parts:
            years = EXACT.add(years, EXACT.divide(Decimal(nominal * count), Decimal(row.days * year)))
        return RATE.multiply(fraction_a_year(terms), years)

    # --- installments --------------------------------------------------------------------------------

    def _installments(self) -> list[int]:
        """Solve the installment of every row: anew from each row in which a tranche falls."""
        payments = [0] * len(self.rows)
        known = sorted(self.tranches, key=lambda tranche: tranche.on)
        plan = [0] * len(self.rows)
        for at in sorted({self._row_of(tranche.on) for tranche in known}):
            inside = [tranche for tranche in known if self._row_of(tranche.on) <= at]
            payment = self._solve(at, inside, plan)
            payments[at:] = [payment] * (len(self.rows) - at)
            plan[at:] = self._principals(at, inside, plan, payment)
        return payments

    def _row_of(self, on: date) -> int:
        """Find the row in which money paid out on ``on`` begins to count."""
        return next(index for index, due in enumerate(self.dates) if on < due)

    def _solve(self, at: int, tranches: Sequence[Tranche], plan: Sequence[int]) -> int:
        rows = len(self.rows) - at
        owed, accrued = self._opening(at, tranches, plan)
        value, divisor = EXACT.add(Decimal(owed), accrued), Decimal(1)
        for row in self.rows[at + 1 :]:
            growth = 1 + self._rate(row, row.start, row.due_date)
            value, divisor = EXACT.multiply(value, growth), EXACT.add(1, EXACT.multiply(divisor, growth))
        exact = EXACT.divide(value, divisor)
        payment = self._rounded(exact)
        gap = self._gap(at, tranches, plan, payment)
        if abs(gap) * 100 <= rows // 2 * 10**self.terms.currency_digits:
            return payment
        other = payment + self._rounded(EXACT.divide(Decimal(gap), Decimal(rows)))
        return other if abs(self._gap(at, tranches, plan, other)) < abs(gap) else payment

    def _rounded(self, amount: Decimal) -> int:
        if self.terms.installment_multiple > 1:
            return round_multiple(amount, self.terms.installment_multiple)
        return round_money(amount, self.terms)

    def _opening(self, at: int, tranches: Sequence[Tranche], plan: Sequence[int]) -> tuple[int, Decimal]:
        """Give what is owed in row ``at``, its tranches included, and the exact interest of that row."""
        row = self.rows[at]
        owed = sum(tranche.amount for tranche in tranches) - sum(plan[:at])
        accrued = Decimal(0)
        for begun, ended in pairwise(sorted({row.start, row.due_date, *self._inside(row, tranches)})):
            base = sum(tranche.amount for tranche in tranches if tranche.on <= begun) - sum(plan[:at])
            accrued = EXACT.add(accrued, EXACT.multiply(Decimal(base), self._rate(row, begun, ended)))
        return owed, accrued

    @staticmethod
    def _inside(row: Row, tranches: Sequence[Tranche]) -> Iterator[date]:
        return (tranche.on for tranche in tranches if row.start < tranche.on < row.due_date)

    def _principals(
        self, at: int, tranches: Sequence[Tranche], plan: Sequence[int], payment: int
    ) -> list[int]:
        """Give the principal of the rows from ``at`` on as the plan has it."""
        owed, accrued = self._opening(at, tranches, plan)
        parts = []
        for row in self.rows[at:]:
            interest = round_money(accrued, self.terms)
            part = owed if row is self.rows[-1] else min(owed, max(0, payment - interest))
            parts.append(part)
            owed -= part
            if row is not self.rows[-1]:
                following = self.rows[row.number]
                rate = self._rate(following, following.start, following.due_date)
                accrued = EXACT.multiply(Decimal(owed), rate)
        return parts

    def _gap(self, at: int, tranches: Sequence[Tranche], plan: Sequence[int], payment: int) -> int:
        """Give how much the last row differs from the installment."""
        parts = self._principals(at, tranches, plan, payment)
        last = self.rows[-1]
        if at == len(self.rows) - 1:
            return 0
        interest = EXACT.multiply(Decimal(parts[-1]), self._rate(last, last.start, last.due_date))
        return parts[-1] + round_money(interest, self.terms) - payment


def _days_by_year(begun: date, ended: date) -> list[tuple[int, int]]:
    """Cut a stretch at the turns of years: days, and days of that year."""
    cuts = [begun, *(date(year, 1, 1) for year in range(begun.year + 1, ended.year + 1)), ended]
    return [
        ((later - earlier).days, (date(earlier.year + 1, 1, 1) - date(earlier.year, 1, 1)).days)
        for earlier, later in pairwise(cuts)
    ]


def _refuse_other_terms(terms: LoanTerms) -> None:
    """Refuse what the progressive schedule is not known for."""
    if terms.interest_type is not InterestType.DECLINING:
        raise UnsupportedTermError(term="interest_type=FLAT with schedule_type=PROGRESSIVE")
    if terms.interest_period is not InterestPeriod.DAILY:
        raise UnsupportedTermError(term="interest_calculation_period with schedule_type=PROGRESSIVE")
    if terms.amortization is not Amortization.EQUAL_INSTALLMENTS or terms.fixed_principal_percent is not None:
        raise UnsupportedTermError(term="amortization with schedule_type=PROGRESSIVE")
    if terms.grace_principal or terms.grace_interest_payment or terms.grace_interest_charged:
        raise UnsupportedTermError(term="grace with schedule_type=PROGRESSIVE")
    if terms.down_payment_percent is not None:
        raise UnsupportedTermError(term="down_payment_percent with interest")
