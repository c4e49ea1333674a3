"""The progressive schedule lived through: one installment, and rows that follow what happens ("fineract").

* The installment is solved over the rates of the actual periods (``ledger.progressive_plan``), anew from the
  row of each tranche.
* With recalculation overdue principal stays in the base until today or the day it is paid, and early money
  counts from its day; the installment stays, and the last rows take what that changes. A payoff pays interest
  to its day, or to the end of the row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ledger import entries
from ledger.allocation import Due, Share
from ledger.errors import BadTermError, NeverAmortizesError, UnsupportedTermError
from ledger.followed import FollowedLoan
from ledger.interest import EXACT, round_money
from ledger.money import ZERO, Money, require_positive
from ledger.progressive_plan import ProgressivePlan
from ledger.recalculation_rules import PayoffInterest
from ledger.rescheduling import Reschedule
from ledger.row_changes import RowTerms
from ledger.rows import INTEREST, PRINCIPAL, Movement, Row
from ledger.schedule import rising_dates
from ledger.terms import InterestType, LoanTerms
from ledger.tranches import Tranche


@dataclass(slots=True)
class _Paid:
    """Principal that one row received: the day from which it counts, minor units."""

    parts: list[tuple[date, int]] = field(default_factory=list)

    def until(self, on: date) -> int:
        return sum(amount for day, amount in self.parts if day <= on)


class ProgressiveLoan(FollowedLoan):
    """A declining loan on a progressive schedule; feed it events, read ``rows`` and ``movements``.

    payoff_rule    None where overdue and early money changes no interest; else up to when a payoff pays it
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
        super().__init__(terms, disbursed_on)
        _refuse_other_terms(terms, recalculates=payoff_rule is not None)
        start = period_start or disbursed_on
        if start > disbursed_on:
            raise BadTermError(term="first_period_starts", given=start)
        self.payoff_rule = payoff_rule
        days = rising_dates(terms, start, first_due_on, dates)
        if days[0] <= disbursed_on:
            raise BadTermError(term="first_due_on", given=days[0])
        self._row_terms = RowTerms.of(terms, start, days, (first_due_on or start).day)
        self.dates, self.starts = days, self._row_terms.starts
        self._paid: list[_Paid] = []
        self._eras = [(0, self._new_plan())]
        self._payments: list[int] = []

    # --- events --------------------------------------------------------------------------------------

    def disburse(self, on: date, amount: Money) -> None:
        """Pay out a tranche; installments from its row on are solved anew."""
        first = not self.tranches
        if (on != self.disbursed_on if first else on < self.tranches[-1].on) or on >= self.dates[-1]:
            raise BadTermError(term="disbursement", given=on)
        self.tranches.append(Tranche(on, require_positive(amount).minor))
        self._replay()

    def reschedule(self, change: Reschedule) -> None:
        """Change the rows from a date on, see ``RowTerms.change``."""
        at = change.row_in(self.dates)
        self._row_terms.change(change)
        self.dates, self.starts = list(self._row_terms.dates), self._row_terms.starts
        self._eras.append((at, self._new_plan()))
        self._replay()

    def standing_rows(self) -> list[Row]:
        """Give the rows; a progressive schedule keeps its number."""
        return self.rows

    def payoff(self, on: date) -> Money:
        """Give what closes the loan: unpaid principal and charges, and interest as the rule says."""
        if self.payoff_rule is None or self._written_off:
            return Money(sum(row.outstanding for row in self.rows))
        self._follow(on, whole=True)
        paid_out = sum(tranche.amount for tranche in self.tranches)
        principal = paid_out - sum(row.paid[PRINCIPAL] for row in self.rows)
        return Money(principal + sum(self._interest_to(on)) + self._charges_owed(on))

    def _interest_to(self, on: date) -> Iterator[int]:
        """Give the unpaid interest of each row up to a payoff on ``on``."""
        for index, row in enumerate(self.rows[: len(self.dates)]):
            if row.due_date <= on:
                yield row.owed(INTEREST)
            elif row.start < on:
                till = on if self.payoff_rule is PayoffInterest.TILL_DAY else row.due_date
                yield max(0, self._interest(index, on, till) - row.paid[INTEREST] - row.waived[INTEREST])

    # --- replay --------------------------------------------------------------------------------------

    def _new_plan(self) -> ProgressivePlan:
        terms = self._row_terms
        return ProgressivePlan(
            tuple(terms.terms),
            self.starts,
            self.dates,
            self.tranches,
            frozenset(terms.without_principal),
            frozenset(terms.solved_at),
        )

    def _begin(self) -> None:
        self._paid = [_Paid() for _ in self.dates]
        payments, plan = list[int](), list[int]()
        for at, era in self._eras:
            payments, plan = era.installments(at, payments, plan)
        self._payments = payments
        self._follow(date.min, whole=True)

    def _follows_whole(self, on: date) -> bool:  # noqa: ARG002 - every row follows, every day
        return True

    def _take(self, movement: Movement) -> Money:
        if self.payoff_rule is None:
            return self._share(movement, movement.amount, list(entries.dues_of(self.rows, movement.on)))
        on = movement.on
        if not self._written_off and movement.amount >= self.payoff(on):
            return self._close(movement)
        past = [due for due in entries.dues_of(self.rows, on) if due.due_date <= on]
        left = self._share(movement, movement.amount, past)
        if left:
            self._follow(on, whole=True)
            left = self._share(movement, left, list(self._ahead(on)))
            self._follow(on, whole=True)
        return left

    def _ahead(self, on: date) -> Iterator[Due]:
        """Give what early money may pay on rows to come: of their interest only what accrued up to ``on``."""
        for due in entries.dues_of(self.rows, on):
            if due.due_date <= on:
                continue
            index, accrued = due.installment_id, 0
            row = self.rows[index]
            if index < len(self.dates) and row.start < on:
                accrued = self._interest(index, on, on) - row.paid[INTEREST] - row.waived[INTEREST]
            yield replace(due, interest=Money(max(0, min(accrued, due.interest.minor))))

    def _close(self, movement: Movement) -> Money:
        """Close the loan: principal of all rows counts from the day up to which interest is paid."""
        on = movement.on
        running = next((row for row in self.rows if row.start < on < row.due_date), None)
        counts = on if running is None or self.payoff_rule is PayoffInterest.TILL_DAY else running.due_date
        self._closed = counts
        self._follow(on, whole=True)
        return self._share(movement, movement.amount, list(entries.dues_of(self.rows, on)), counts)

    def _share(
        self, movement: Movement, left: Money, dues: Sequence[Due], counts: date | None = None
    ) -> Money:
        """Share money over ``dues`` in the product's order; its principal counts from ``counts`` on."""
        shares, left = entries.shares_of(self.terms, movement, dues, left) if left else ([], ZERO)
        for share in shares:
            self._receive(movement, share, counts or movement.on)
        return left

    def _receive(self, movement: Movement, share: Share, counts: date) -> None:
        index, parts = share.due.installment_id, entries.parts_of(share)
        if index < len(self.dates):
            self._paid[index].parts.append((counts, parts[PRINCIPAL]))
        self.rows[index].receive(parts, movement.on)
        movement.note(self.rows[index].number, parts)

    # --- the schedule as of a day --------------------------------------------------------------------

    def _follow(self, today: date, *, whole: bool) -> None:  # noqa: ARG002 - every row follows, every day
        """Compute the rows as they are seen on ``today``."""
        if self._written_off:
            return
        last = len(self.dates) - 1
        paid_after, waiting = sum(row.paid[PRINCIPAL] for row in self.rows), 0
        equal_principal = self._eras[-1][1].equal_principal
        for index, row in enumerate(self.rows[: last + 1]):
            payment, paid = self._payments[index], row.paid[PRINCIPAL]
            interest = max(
                self._interest(index, today, row.due_date), row.paid[INTEREST] + row.waived[INTEREST]
            )
            owed = self._scheduled(index, row.due_date)
            paid_after -= paid
            share = payment if equal_principal else payment - interest
            if share < 0 and index < last and owed and today == date.min:
                raise NeverAmortizesError(installment=Money(payment), interest=Money(interest))
            principal = min(owed - paid_after, max(0, share))
            if index in self._row_terms.without_principal:
                principal = 0
            waiting += interest
            shown = 0 if index < min(last, self.terms.grace_interest_payment) else waiting
            waiting -= shown
            row.due = [*row.due[:INTEREST], shown, owed if index == last else max(principal, paid)]
        self._lay_charges()
        self._settle()

    def _scheduled(self, index: int, on: date) -> int:
        """Give what is scheduled to be owed in a row on ``on``: all paid out before, less earlier rows."""
        paid_out = sum(tranche.amount for tranche in self.tranches if tranche.on < on)
        return paid_out - sum(row.due[PRINCIPAL] for row in self.rows[:index])

    def _interest(self, index: int, today: date, till: date) -> int:
        """Give the interest of a row up to ``till``, rounded once."""
        if index < self.terms.grace_interest_charged:
            return 0
        row = self.rows[index]
        changes = self._base_changes(index, today)
        days = {row.start, till, self._closed or till, *(on for on, _ in changes)}
        cuts = sorted(day for day in days if row.start <= day <= till)
        exact = Decimal(0)
        for begun, ended in pairwise(cuts):
            if self._closed is not None and begun >= self._closed:
                break
            base = sum(amount for on, amount in changes if on <= begun)
            exact = EXACT.add(
                exact, EXACT.multiply(Decimal(base), self._eras[-1][1].rate(index, begun, ended))
            )
        return round_money(exact, self.terms)

    def _base_changes(self, index: int, today: date) -> list[tuple[date, int]]:
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


def _refuse_other_terms(terms: LoanTerms, *, recalculates: bool) -> None:
    """Refuse what the progressive schedule is not known for."""
    if terms.interest_type is not InterestType.DECLINING:
        raise UnsupportedTermError(term="interest_type=FLAT with schedule_type=PROGRESSIVE")
    if terms.fixed_principal_percent is not None:
        raise UnsupportedTermError(term="fixed_principal_percent with schedule_type=PROGRESSIVE")
    if terms.grace_interest_payment and recalculates:
        raise UnsupportedTermError(term="grace_on_interest_payment with interest_recalculation")
    if terms.down_payment_percent is not None:
        raise UnsupportedTermError(term="down_payment_percent with interest")
