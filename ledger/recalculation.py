"""Declining loans whose interest is recalculated when money comes early or late (convention "fineract").

* Interest of a row counts on the scheduled balance, plus principal overdue (until today or the day it is
  paid), less principal paid early, cut at each change; each piece is rounded on its own.
* Daily rest: money before the due date counts at once, as principal. Rest like the repayments: it counts on
  the due date, and overdue principal counts for the whole current period.
* Money beyond the scheduled principal belongs to its row all the same; what that does to the rows left is the
  product's choice (``AfterExcess``).
* Without a daily job, rows before the one in which something happened keep their older figures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final

from ledger.allocation import Due, allocate_with_excess
from ledger.dates import due_dates
from ledger.errors import BadTermError, NeverAmortizesError, UnsupportedTermError
from ledger.interest import (
    EXACT,
    RATE,
    daily_rate,
    equal_installment,
    nominal_rate,
    round_money,
    round_multiple,
    span_rate,
)
from ledger.money import Money, require_positive
from ledger.rows import INTEREST, PRINCIPAL, Movement, MovementKind, Row
from ledger.schedule import rising_dates
from ledger.terms import Amortization, DaysInMonth, InterestPeriod, InterestType, LoanTerms, RepayUnit
from ledger.tranches import Tranche


class Rest(StrEnum):
    """When a payment begins to count for interest."""

    DAILY = "DAILY"
    SAME_AS_REPAYMENT = "SAME_AS_REPAYMENT"


class AfterExcess(StrEnum):
    """What money beyond the schedule does to the rows left."""

    REDUCE_INSTALLMENT = "REDUCE_EMI_AMOUNT"
    REDUCE_NUMBER = "REDUCE_NUMBER_OF_INSTALLMENTS"
    LOWER_NEXT = "RESCHEDULE_NEXT_REPAYMENTS"


class Compounding(StrEnum):
    """Whether overdue interest bears interest."""

    NONE = "NONE"
    INTEREST = "INTEREST"


class PayoffInterest(StrEnum):
    """Up to when a payoff pays interest."""

    TILL_DAY = "TILL_PRE_CLOSE_DATE"
    TILL_REST = "TILL_REST_FREQUENCY_DATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalculation:
    """How a product recalculates.

    compounding_day  the day of month from which overdue interest bears interest; None: from its due date
    daily_job        every day is recalculated, not only those on which something happens
    """

    rest: Rest = Rest.DAILY
    after_excess: AfterExcess = AfterExcess.REDUCE_INSTALLMENT
    compounding: Compounding = Compounding.NONE
    compounding_day: int | None = None
    payoff: PayoffInterest = PayoffInterest.TILL_DAY
    daily_job: bool = False


@dataclass(slots=True)
class _Receipts:
    """What one row received, by date: principal and interest, minor units."""

    principal: list[tuple[date, int]] = field(default_factory=list)
    interest: list[tuple[date, int]] = field(default_factory=list)

    def principal_until(self, on: date) -> int:
        return sum(amount for day, amount in self.principal if day <= on)


_FOR_EVER: Final = date.max


class RecalculatedLoan:
    """A loan whose rows follow what happens; feed it events, read ``rows`` and ``movements``.

    terms    declining, with equal installments; ``terms.principal`` is what was approved
    dates    as in ``build_schedule``
    """

    def __init__(
        self,
        terms: LoanTerms,
        rule: Recalculation,
        disbursed_on: date,
        first_due_on: date | None = None,
        dates: Sequence[date] | None = None,
    ) -> None:
        _refuse_other_terms(terms)
        whole_periods = terms.interest_period is InterestPeriod.SAME_AS_REPAYMENT
        if rule.after_excess is AfterExcess.REDUCE_NUMBER and whole_periods:
            raise UnsupportedTermError(
                term="REDUCE_NUMBER_OF_INSTALLMENTS with interest per repayment period"
            )
        self.terms = terms
        self.rule = rule
        self.disbursed_on = disbursed_on
        self.seed_day = (first_due_on or disbursed_on).day
        self.dates = rising_dates(terms, disbursed_on, first_due_on, dates)
        self.starts = [disbursed_on, *self.dates[:-1]]
        if self.dates[0] <= disbursed_on:
            raise BadTermError(term="first_due_on", given=first_due_on)
        self.tranches: list[Tranche] = []
        self.movements: list[Movement] = []
        self.rows: list[Row] = []
        self._recalculated: list[date] = []
        self._receipts: list[_Receipts] = []
        self._interest: list[int] = []
        self._closed: date | None = None

    # --- events --------------------------------------------------------------------------------------

    def disburse(self, on: date, amount: Money) -> None:
        """Pay out a tranche; the installment follows from everything that was approved."""
        paid_out = sum(tranche.amount for tranche in self.tranches) + require_positive(amount).minor
        wrong_day = on != self.disbursed_on if not self.tranches else not on < self.dates[-1]
        if paid_out > self.terms.principal.minor or wrong_day or on < self.disbursed_on:
            raise BadTermError(term="disbursement", given=on)
        self.tranches.append(Tranche(on, amount.minor))
        self._replay()

    def pay(self, kind: MovementKind, on: date, amount: Money) -> Movement:
        """Book money; what is left over when nothing is owed is an overpayment."""
        if kind is MovementKind.WAIVE_INTEREST:
            raise UnsupportedTermError(term="waive_interest with interest_recalculation")
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
        """Give the rows up to the one that pays the loan off; early money may leave fewer than planned."""
        last = max((row.number for row in self.rows if any(row.due)), default=0)
        return self.rows[:last]

    def payoff(self, on: date) -> Money:
        """Give what closes the loan on ``on``: unpaid principal, interest fallen due, interest to the day."""
        self._follow(on, whole=self.rule.daily_job)
        return Money(self._closing(on)[0])

    def _closing(self, on: date) -> tuple[int, date]:
        """Give what closes the loan as the rows stand on ``on``, and up to when that pays interest."""
        owed = sum(tranche.amount for tranche in self.tranches) - self._principal_paid()
        owed += sum(row.owed(INTEREST) for row in self.rows if row.due_date <= on)
        running = next((index for index, row in enumerate(self.rows) if row.start < on < row.due_date), None)
        if running is None:
            return owed, on
        row = self.rows[running]
        till = on if self.rule.payoff is PayoffInterest.TILL_DAY else row.due_date
        pieces = self._pieces(running, self._balance(running), _FOR_EVER, till)
        interest = sum(round_money(amount, self.terms) for amount in pieces)
        return owed + max(0, interest - row.paid[INTEREST]), till

    # --- replay --------------------------------------------------------------------------------------

    def _replay(self) -> None:
        count = self.terms.installments
        self._receipts = [_Receipts() for _ in range(count)]
        self._interest = [-1] * count
        self._closed = None
        self.rows = [Row(k + 1, self.starts[k], self.dates[k], [0] * 4) for k in range(count)]
        self._follow(self.disbursed_on, whole=True)
        steps: list[tuple[date, int, Movement | None]] = [(on, 1, None) for on in self._recalculated]
        steps += [(movement.on, 0, movement) for movement in self.live()]
        job_until = max(self._recalculated, default=date.min)
        for on, _, movement in sorted(steps, key=lambda step: step[:2]):
            self._follow(on, whole=self.rule.daily_job or on <= job_until)
            if movement is not None:
                closing, till = self._closing(on)
                if movement.amount.minor >= closing > 0 and self._closed is None:
                    self._closed = till
                    self._follow(on, whole=False)
                self._share(movement)
                self._follow(on, whole=False)
                paid_out = sum(tranche.amount for tranche in self.tranches if tranche.on <= on)
                movement.balance_after = Money(paid_out - self._principal_paid())

    def _principal_paid(self) -> int:
        return sum(receipts.principal_until(_FOR_EVER) for receipts in self._receipts)

    def _current(self, on: date) -> int:
        """Find the row in whose period ``on`` lies: after its start, up to its due date."""
        return next((index for index, row in enumerate(self.rows) if on <= row.due_date), len(self.rows))

    def _share(self, movement: Movement) -> None:
        """Pay rows past due in the product's order; the rest belongs to the current row."""
        on, current = movement.on, self._current(movement.on)
        dues = [
            Due(
                index,
                row.number,
                row.due_date,
                interest=Money(row.owed(INTEREST)),
                principal=Money(row.owed(PRINCIPAL)),
            )
            for index, row in enumerate(self.rows[:current])
            if row.outstanding
        ]
        shares, rest = allocate_with_excess(movement.amount, dues, on=on, strategy=self.terms.strategy)
        left = rest.minor
        movement.forget()
        for share in shares:
            self._receive(movement, share.due.installment_id, share.interest.minor, share.principal.minor)
        if current < len(self.rows) and left:
            self._follow(on, whole=False)  # what was overdue up to now may not bear interest any more
            interest, principal = self._split_current(current, left, on)
            self._receive(movement, current, interest, principal)
            left -= interest + principal
        movement.sum_up(Money(left))

    def _split_current(self, current: int, left: int, on: date) -> tuple[int, int]:
        """Share what is left in the current row: early money goes to principal at once under daily rest."""
        row = self.rows[current]
        owed_principal = sum(row.owed(PRINCIPAL) for row in self.rows[current:])
        if on < row.due_date and self.rule.rest is Rest.DAILY and self._closed is None:
            principal = min(left, owed_principal)
            return min(left - principal, row.owed(INTEREST)), principal
        interest = min(left, row.owed(INTEREST))
        return interest, min(left - interest, owed_principal)

    def _receive(self, movement: Movement, index: int, interest: int, principal: int) -> None:
        on = movement.on
        self._receipts[index].interest.append((on, interest))
        self._receipts[index].principal.append((on, principal))
        row = self.rows[index]
        row.due[PRINCIPAL] = max(row.due[PRINCIPAL], row.paid[PRINCIPAL] + principal)
        row.receive([0, 0, interest, principal], on)
        movement.note(row.number, [0, 0, interest, principal])

    # --- the schedule as of a day --------------------------------------------------------------------

    def _follow(self, today: date, *, whole: bool) -> None:
        """Compute the rows as they are seen on ``today``; ``whole`` also those before the current one."""
        current = self._current(today)
        payment, carried = self._solve(self.terms.principal.minor, len(self.rows)), 0
        last = len(self.rows) - 1
        for index, row in enumerate(self.rows):
            balance = self._balance(index)
            if whole or index >= current or self._interest[index] < 0:
                pieces = self._pieces(index, balance, today, row.due_date)
                self._interest[index] = sum(round_money(amount, self.terms) for amount in pieces)
            interest = self._interest[index]
            owed = balance + self._tranches_between(row.start, row.due_date)
            scheduled = owed if index == last else min(owed, max(0, payment - interest - carried))
            if payment < interest and index < last and owed:
                raise NeverAmortizesError(installment=Money(payment), interest=Money(interest))
            carried = max(0, carried - max(0, payment - interest))
            paid = self._receipts[index].principal_until(row.due_date)
            row.due = [0, 0, interest, max(scheduled, min(paid, owed))]
            excess = row.due[PRINCIPAL] - scheduled
            if excess and self.rule.after_excess is AfterExcess.REDUCE_INSTALLMENT and index < last:
                payment = self._solve(owed - row.due[PRINCIPAL], last - index)
            elif excess and self.rule.after_excess is AfterExcess.LOWER_NEXT:
                carried += excess
            row.settle(max([self.disbursed_on, *(on for on, _ in self._receipts[index].principal)]))

    def _solve(self, balance: int, rows: int) -> int:
        payment = equal_installment(balance, nominal_rate(self.terms), rows)
        rounded = round_money(payment, self.terms)
        if self.terms.installment_multiple > 1:  # a small rest may be less than half the multiple
            return round_multiple(payment, self.terms.installment_multiple) or rounded
        return rounded

    def _balance(self, index: int) -> int:
        """Scheduled balance at the start of a row, with what was paid out up to then."""
        start = self.rows[index].start
        paid_out = sum(tranche.amount for tranche in self.tranches if tranche.on <= start)
        return paid_out - sum(row.due[PRINCIPAL] for row in self.rows[:index])

    def _tranches_between(self, start: date, due: date) -> int:
        return sum(tranche.amount for tranche in self.tranches if start < tranche.on < due)

    def _pieces(self, index: int, balance: int, today: date, till: date) -> Iterator[Decimal]:
        """Give the exact interest of each stretch of a row in which the base stays the same."""
        row = self.rows[index]
        changes = self._changes(index, today)
        days = {row.start, till, self._closed or till, *(on for on, _ in changes)}
        cuts = sorted(day for day in days if row.start <= day <= till)
        for begun, ended in pairwise(cuts):
            base = balance + sum(amount for on, amount in changes if on <= begun)
            if base and (self._closed is None or begun < self._closed):
                yield EXACT.multiply(Decimal(base), self._rate(row, begun, ended))

    def _changes(self, index: int, today: date) -> list[tuple[date, int]]:
        """List when the base of a row's interest rises and falls, beside its scheduled balance."""
        row = self.rows[index]
        inside = [tranche for tranche in self.tranches if row.start < tranche.on < row.due_date]
        changes = [(tranche.on, tranche.amount) for tranche in inside]
        if self.rule.rest is Rest.DAILY:
            changes += [(on, -amount) for on, amount in self._receipts[index].principal if on < row.due_date]
        if today > row.start:
            for earlier in range(index):
                changes += self._overdue(earlier, row, min(today, row.due_date))
        return changes

    def _overdue(self, earlier: int, row: Row, until: date) -> Iterator[tuple[date, int]]:
        """Give what an unpaid row before ``row`` adds to its base, and when that ends."""
        receipts, due = self._receipts[earlier], self.rows[earlier].due
        parts = [(due[PRINCIPAL], receipts.principal, row.start)]
        if self.rule.compounding is Compounding.INTEREST:
            parts.append((due[INTEREST], receipts.interest, self._compounds_on(self.rows[earlier].due_date)))
        for owed, paid, begins in parts:
            begin = max(begins, row.start)
            unpaid = owed - sum(amount for on, amount in paid if on <= begin)
            if begin >= row.due_date or unpaid <= 0:
                continue
            yield begin, unpaid
            if self.rule.rest is Rest.SAME_AS_REPAYMENT:
                continue
            later = [(on, amount) for on, amount in paid if begin < on < until]
            yield from ((on, -amount) for on, amount in later)
            yield until, -(unpaid - sum(amount for _, amount in later))

    def _compounds_on(self, due: date) -> date:
        """Give the day from which interest due on ``due`` bears interest."""
        day = self.rule.compounding_day
        if day is None or due.day == day:
            return due
        month = due.replace(day=1)
        if due.day > day:
            month = due_dates(month, 1, 1, RepayUnit.MONTHS)[0]
        return due_dates(month, 1, 1, RepayUnit.DAYS, month.replace(day=day))[0]

    def _rate(self, row: Row, begun: date, ended: date) -> Decimal:
        """Give the rate of a stretch of a row: its days, or its share of the row."""
        days = Decimal((ended - begun).days)
        thirty = self.terms.repay_unit is RepayUnit.MONTHS and self.terms.days_in_month is DaysInMonth.THIRTY
        if self.terms.interest_period is InterestPeriod.DAILY and not thirty:
            return RATE.multiply(daily_rate(self.terms), days)
        whole = span_rate(self.terms, row.start, row.due_date, self.terms.repay_every, self.seed_day)
        if days == row.days:
            return whole
        return EXACT.divide(EXACT.multiply(whole, days), Decimal(row.days))


def _refuse_other_terms(terms: LoanTerms) -> None:
    """Recalculation is known for declining loans with equal installments and without grace."""
    plain = replace(terms, grace_principal=0, grace_interest_payment=0, grace_interest_charged=0)
    if terms != plain or terms.fixed_principal_percent is not None:
        raise UnsupportedTermError(term="grace with interest_recalculation")
    if terms.interest_type is not InterestType.DECLINING:
        raise UnsupportedTermError(term="interest_type=FLAT with interest_recalculation")
    if terms.amortization is not Amortization.EQUAL_INSTALLMENTS:
        raise UnsupportedTermError(term="amortization with interest_recalculation")
