"""Declining loans whose interest is recalculated when money comes early or late (convention "fineract").

* Interest of a row counts on the scheduled balance, plus principal overdue (until today or the day it is
  paid), less principal paid early, cut at each change; each piece is rounded on its own.
* Daily rest: money before the due date counts at once, as principal; only charges whose day has come are paid
  before. Rest like the repayments: it counts on the due date, and overdue principal counts for the whole
  current period.
* Money beyond the scheduled principal belongs to its row all the same; what that does to the rows left is the
  product's choice (``AfterExcess``).
* Without a daily job, rows before the one in which something happened keep their older figures.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from ledger import entries
from ledger.allocation import Due
from ledger.bearing import Bearing, Receipts
from ledger.errors import BadTermError, NeverAmortizesError, UnsupportedTermError
from ledger.followed import FollowedLoan
from ledger.interest import equal_installment, nominal_rate, round_money, round_multiple
from ledger.money import Money, require_positive
from ledger.recalculation_rules import AfterExcess, Compounding, PayoffInterest, Recalculation, Rest
from ledger.rescheduling import Reschedule
from ledger.row_changes import RowTerms
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL, Movement, Row
from ledger.schedule import installment_of, rising_dates
from ledger.terms import Amortization, InterestPeriod, InterestType, LoanTerms
from ledger.tranches import Tranche

__all__ = [
    "AfterExcess",
    "Compounding",
    "PayoffInterest",
    "RecalculatedLoan",
    "Recalculation",
    "Rest",
]

_FOR_EVER: Final = date.max
_KEPT: Final = frozenset({AfterExcess.REDUCE_NUMBER, AfterExcess.ADJUST_LAST, AfterExcess.LOWER_NEXT})
"""Choices under which the installment stays as it was solved."""


class RecalculatedLoan(FollowedLoan):
    """A loan whose rows follow what happens; feed it events, read ``rows`` and ``movements``.

    terms             declining; ``terms.principal`` is what was approved
    dates             as in ``build_schedule``
    follows_approved  the installment follows from what was approved; else from what was paid out
    may_add_rows      early money may get a row of its own, which asks for rows that nobody has written down;
                      without it terms that want that are refused
    """

    def __init__(
        self,
        terms: LoanTerms,
        rule: Recalculation,
        disbursed_on: date,
        first_due_on: date | None = None,
        dates: Sequence[date] | None = None,
        *,
        follows_approved: bool = True,
        may_add_rows: bool = False,
    ) -> None:
        super().__init__(terms, disbursed_on)
        _refuse_other_terms(terms)
        if _adds_rows(terms, rule) and not may_add_rows:
            raise UnsupportedTermError(
                term="REDUCE_NUMBER_OF_INSTALLMENTS with interest per repayment period"
            )
        self.rule = rule
        self.follows_approved = follows_approved
        days = rising_dates(terms, disbursed_on, first_due_on, dates)
        if days[0] <= disbursed_on:
            raise BadTermError(term="first_due_on", given=first_due_on)
        self._promised_terms = RowTerms.of(terms, disbursed_on, days, (first_due_on or disbursed_on).day)
        self._row_terms = self._promised_terms.copy()
        self.dates, self.starts = self._row_terms.dates, self._row_terms.starts
        self._interest: list[int] = []
        self._bearing = self._new_bearing()

    # --- events --------------------------------------------------------------------------------------

    def disburse(self, on: date, amount: Money) -> None:
        """Pay out a tranche."""
        paid_out = sum(tranche.amount for tranche in self.tranches) + require_positive(amount).minor
        wrong_day = on != self.disbursed_on if not self.tranches else not on < self.dates[-1]
        if paid_out > self.terms.principal.minor or wrong_day or on < self.disbursed_on:
            raise BadTermError(term="disbursement", given=on)
        self.tranches.append(Tranche(on, amount.minor))
        self._replay()

    def reschedule(self, change: Reschedule) -> None:
        """Change the rows from a date on, see ``RowTerms.change``."""
        self._promised_terms.change(change)
        self._replay()

    def payoff(self, on: date) -> Money:
        """Give what closes the loan on ``on``: unpaid principal, interest fallen due, interest to the day."""
        self._follow(on, whole=self.rule.daily_job)
        return Money(self._closing(on)[0])

    def _closing(self, on: date) -> tuple[int, date]:
        """Give what closes the loan as the rows stand on ``on``, and up to when that pays interest."""
        if self._written_off:
            return 0, on
        owed = sum(tranche.amount for tranche in self.tranches) - self._principal_paid()
        owed += sum(row.owed(INTEREST) for row in self.rows if row.due_date <= on) + self._charges_owed(on)
        running = next((index for index, row in enumerate(self.rows) if row.start < on < row.due_date), None)
        if running is None or running >= len(self.dates):
            return owed, on
        row = self.rows[running]
        till = on if self.rule.payoff is PayoffInterest.TILL_DAY else row.due_date
        interest = self._computed(running, self._balance(running), _FOR_EVER, till)
        return owed + max(0, interest - row.paid[INTEREST] - row.waived[INTEREST]), till

    # --- replay --------------------------------------------------------------------------------------

    def _replay(self) -> None:
        self._row_terms = self._promised_terms.copy()
        self.dates, self.starts = self._row_terms.dates, self._row_terms.starts
        super()._replay()

    def _new_bearing(self) -> Bearing:
        receipts = [Receipts() for _ in self.dates]
        return Bearing(self.rule, self._row_terms, self.rows, self.tranches, receipts)

    def _begin(self) -> None:
        self._interest = [-1] * len(self.dates)
        self._bearing = self._new_bearing()
        self._follow(self.disbursed_on, whole=True)

    def _follows_whole(self, on: date) -> bool:
        return self.rule.daily_job or on <= max(self._recalculated, default=date.min)

    def _principal_paid(self) -> int:
        return sum(receipts.principal_until(_FOR_EVER) for receipts in self._bearing.receipts)

    def _current(self, on: date) -> int:
        """Find the row in whose period ``on`` lies: after its start, up to its due date."""
        return next((index for index, due in enumerate(self.dates) if on <= due), len(self.rows))

    def _take(self, movement: Movement) -> Money:
        """Pay rows past due in the product's order; the rest belongs to the current row."""
        on, planned = movement.on, len(self.dates)
        closing, till = self._closing(on)
        if movement.amount.minor >= closing > 0 and self._closed is None:
            self._closed = till
            self._follow(on, whole=False)
        current = self._current(on)
        left = self._share(movement, current, movement.amount)
        if current < planned and left and self._cuts(on, current):
            self._cut(on, current)
            planned += 1
        if current < planned and left:
            self._follow(on, whole=False)  # what was overdue up to now may not bear interest any more
            parts = self._split_current(movement, current, left.minor)
            self._receive(movement, current, parts)
            self._follow(on, whole=False)  # early principal lowers what is owed of interest and charges
            left = self._share(movement, len(self.rows), left - Money(sum(parts)), first=current)
        self._follow(on, whole=False)
        return left

    def _cuts(self, on: date, current: int) -> bool:
        """Tell whether early money gets a row of its own.

        So it is where fewer rows are wanted and interest counts whole periods: the part of the period before
        the payment bears its share of it, the part after it daily interest.
        """
        inside = self.starts[current] < on < self.dates[current]
        return _adds_rows(self.terms, self.rule) and inside and self._closed is None

    def _cut(self, on: date, current: int) -> None:
        """Cut the current row in two at the day of a payment."""
        self._row_terms.cut(current, on)
        self.dates, self.starts = self._row_terms.dates, self._row_terms.starts
        row = self.rows[current]
        self.rows.insert(current + 1, Row(row.number + 1, on, row.due_date, [0] * 4))
        row.due_date = on
        for later in self.rows[current + 2 :]:
            later.number += 1
        self._interest.insert(current + 1, -1)
        self._bearing.receipts.insert(current + 1, Receipts())
        self._follow(on, whole=False)

    def _share(self, movement: Movement, end: int, left: Money, first: int = 0) -> Money:
        """Share money over the rows before ``end``, from ``first`` on; give what is left over."""
        dues = list(entries.dues_of(self.rows[first:end], movement.on))
        shares, left = entries.shares_of(self.terms, movement, dues, left)
        for share in shares:
            self._receive(movement, first + share.due.installment_id, entries.parts_of(share))
        return left

    def _split_current(self, movement: Movement, current: int, left: int) -> list[int]:
        """Share what is left in the current row: early money goes to principal at once under daily rest."""
        on, row = movement.on, self.rows[current]
        principal = sum(row.owed(PRINCIPAL) for row in self.rows[current : len(self.dates)])
        if on < row.due_date and self.rule.rest is Rest.DAILY and self._closed is None:
            parts = [0] * 4
            limits = [(PENALTY, row.owed_dated(PENALTY, on)), (FEE, row.owed_dated(FEE, on))]
            for part, limit in [*limits, (PRINCIPAL, principal)]:
                parts[part] = min(left, limit)
                left -= parts[part]
            return parts
        due = Due(
            0,
            row.number,
            on,
            penalty=Money(row.owed(PENALTY)),
            fee=Money(row.owed(FEE)),
            interest=Money(row.owed(INTEREST)),
            principal=Money(principal),
        )
        shares, _ = entries.shares_of(self.terms, movement, [due], Money(left))
        return entries.parts_of(shares[0]) if shares else [0] * 4

    def _receive(self, movement: Movement, index: int, parts: Sequence[int]) -> None:
        on, row = movement.on, self.rows[index]
        if index < len(self.dates):
            receipts = self._bearing.receipts[index]
            receipts.interest.append((on, parts[INTEREST]))
            receipts.principal.append((on, parts[PRINCIPAL]))
            receipts.charges.append((on, parts[PENALTY] + parts[FEE]))
            row.due[PRINCIPAL] = max(row.due[PRINCIPAL], row.paid[PRINCIPAL] + parts[PRINCIPAL])
        row.receive(parts, on)
        movement.note(row.number, parts)

    # --- the schedule as of a day --------------------------------------------------------------------

    def _follow(self, today: date, *, whole: bool) -> None:
        """Compute the rows as they are seen on ``today``; ``whole`` also those before the current one."""
        if self._written_off:
            return
        current, last = self._current(today), len(self.dates) - 1
        self._bearing.rows = self.rows
        payment, part = self._first_installment()
        carried = 0
        for index, row in enumerate(self.rows[: last + 1]):
            balance = self._balance(index)
            if whole or index >= current or self._interest[index] < 0:
                interest = self._computed(index, balance, today, row.due_date)
                self._interest[index] = max(interest, row.paid[INTEREST] + row.waived[INTEREST])
            interest = self._interest[index]
            owed = balance + self._tranches_between(row.start, row.due_date)
            if index in self._row_terms.solved_at and payment is not None:
                payment = self._solve(owed, index)
            beyond = part if payment is None else payment - interest
            if (
                payment is not None
                and beyond < 0
                and owed
                and index < last
                and index not in self._row_terms.without_principal
            ):
                raise NeverAmortizesError(installment=Money(payment), interest=Money(interest))
            scheduled = self._scheduled(index, owed, beyond, carried)
            carried = max(0, carried - max(0, beyond))
            paid = self._bearing.receipts[index].principal_until(row.due_date)
            row.due = [*row.due[:INTEREST], interest, max(scheduled, min(paid, owed))]
            excess = row.due[PRINCIPAL] - scheduled
            if excess and self.rule.after_excess not in _KEPT and index < last and payment is not None:
                payment = self._solve(owed - row.due[PRINCIPAL], index + 1)
            elif excess and self.rule.after_excess is AfterExcess.LOWER_NEXT:
                carried += excess
        self._lay_charges()
        self._settle()

    def _scheduled(self, index: int, owed: int, part: int, carried: int) -> int:
        """Give the principal that a row has to pay, minor units; ``part`` before what was paid beyond it."""
        if index == len(self.dates) - 1:
            return owed
        if index in self._row_terms.without_principal:
            return 0
        return min(owed, max(0, part - carried))

    def _first_installment(self) -> tuple[int | None, int]:
        """Give the installment, or None and the equal principal."""
        terms = self._row_terms.terms[0]
        if not self.follows_approved:
            paid_out = sum(tranche.amount for tranche in self.tranches)
            terms = replace(terms, principal=Money(paid_out or terms.principal.minor))
        if terms.amortization is Amortization.EQUAL_PRINCIPAL:
            return installment_of(terms)
        rows = terms.installments - terms.grace_principal
        return self._rounded(equal_installment(terms.principal.minor, nominal_rate(terms), rows)), 0

    def _solve(self, balance: int, index: int) -> int:
        """Solve the installment that pays ``balance`` off from row ``index`` on."""
        rows = sum(1 for row in range(index, len(self.dates)) if row not in self._row_terms.without_principal)
        return self._rounded(
            equal_installment(balance, nominal_rate(self._row_terms.terms[index]), max(1, rows))
        )

    def _rounded(self, payment: Decimal) -> int:
        rounded = round_money(payment, self.terms)
        if self.terms.installment_multiple > 1:  # a small rest may be less than half the multiple
            return round_multiple(payment, self.terms.installment_multiple) or rounded
        return rounded

    def _computed(self, index: int, balance: int, today: date, till: date) -> int:
        """Give the interest of a row up to ``till``, minor units."""
        if index < self.terms.grace_interest_charged:
            return 0
        pieces = self._bearing.pieces(index, balance, today, till, self._closed)
        return sum(round_money(amount, self.terms) for amount in pieces)

    def _balance(self, index: int) -> int:
        """Scheduled balance at the start of a row, with what was paid out up to then."""
        start = self.rows[index].start
        paid_out = sum(tranche.amount for tranche in self.tranches if tranche.on <= start)
        return paid_out - sum(row.due[PRINCIPAL] for row in self.rows[:index])

    def _tranches_between(self, start: date, due: date) -> int:
        return sum(tranche.amount for tranche in self.tranches if start < tranche.on < due)


def _adds_rows(terms: LoanTerms, rule: Recalculation) -> bool:
    """Tell whether early money gets a row of its own."""
    whole_periods = terms.interest_period is InterestPeriod.SAME_AS_REPAYMENT
    return rule.after_excess is AfterExcess.REDUCE_NUMBER and rule.rest is Rest.DAILY and whole_periods


def _refuse_other_terms(terms: LoanTerms) -> None:
    """Recalculation is known for declining loans that end with their last row."""
    if terms.interest_type is not InterestType.DECLINING:
        raise UnsupportedTermError(term="interest_type=FLAT with interest_recalculation")
    if terms.fixed_principal_percent is not None:
        raise UnsupportedTermError(term="fixed_principal_percent with interest_recalculation")
    if terms.down_payment_percent is not None:
        raise UnsupportedTermError(term="down_payment_percent with interest_recalculation")
    if terms.grace_interest_payment:
        raise UnsupportedTermError(term="grace_on_interest_payment with interest_recalculation")
