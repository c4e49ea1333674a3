"""A loan lived through event by event: rows, charges, payments, and what each payment paid.

Payments count in the order of their dates (same day: order of entry). An undone or back-dated entry, or a
charge dated on or before a payment that stands, makes all live entries replay from the beginning.
"""

from dataclasses import replace
from datetime import date

from ledger import entries
from ledger.charge_book import ChargeBook
from ledger.charges import Charge, ChargeTime
from ledger.errors import BadTermError, UnsupportedTermError
from ledger.money import ZERO, Money, require_positive
from ledger.rescheduling import Reschedule, reschedule
from ledger.rows import PRINCIPAL, WAIVERS, Movement, MovementKind, Row
from ledger.schedule import ScheduledInstallment, build_schedule, down_payment
from ledger.terms import LoanTerms
from ledger.tranches import Tranche, build_tranched_schedule


class LoanLife:
    """A disbursed loan; feed it events in the order in which they were entered.

    disbursed  False for a schedule that is only promised until ``disburse`` says what was paid out
    """

    def __init__(
        self,
        terms: LoanTerms,
        disbursed_on: date,
        first_due_on: date | None = None,
        *,
        disbursed: bool = True,
    ) -> None:
        self.terms = terms
        self.approved = terms.principal
        self.disbursed_on = disbursed_on
        self.disbursed = disbursed
        self.first_due_on = first_due_on
        self.plan: list[ScheduledInstallment] = build_schedule(terms, disbursed_on, first_due_on)
        self.seed_day = (first_due_on or disbursed_on).day
        self.tranches = [Tranche(disbursed_on, terms.principal.minor)] if disbursed else []
        self.rows: list[Row] = []
        self.movements: list[Movement] = []
        self.charges = ChargeBook(terms, disbursed_on)
        self._changes: list[Reschedule] = []
        self._lay_rows()
        if disbursed:
            self._pay_down()

    @property
    def principal_owed(self) -> int:
        """Principal still owed, minor units."""
        return sum(row.owed(PRINCIPAL) for row in self.rows)

    @property
    def outstanding(self) -> int:
        """Everything still owed, minor units."""
        return sum(row.outstanding for row in self.rows)

    @property
    def overpaid(self) -> int:
        """What live payments left over, minor units."""
        return sum(movement.split.overpayment.minor for movement in self.movements if movement.live)

    @property
    def fees_at_disbursement(self) -> int:
        """What was charged at disbursement and paid from it, minor units."""
        return self.charges.at_disbursement

    def live(self) -> list[Movement]:
        """Give the entries that stand, in date order."""
        return sorted((movement for movement in self.movements if movement.live), key=lambda m: m.on)

    def standing_rows(self) -> list[Row]:
        """Give the rows."""
        return self.rows

    # --- paying out ----------------------------------------------------------------------------------

    def disburse(self, on: date, amount: Money) -> None:
        """Note what was paid out; the rows follow from everything that was paid out up to now.

        raises   BadTermError for a first day other than the promised one, a day before the one before, or
                 more than was approved; UnsupportedTermError for a tranche where rows were changed
        """
        paid_out = sum(tranche.amount for tranche in self.tranches) + require_positive(amount).minor
        earliest = self.tranches[-1].on if self.tranches else self.disbursed_on
        if on < earliest or (not self.tranches and on != earliest) or paid_out > self.approved.minor:
            raise BadTermError(term="disbursement", given=on)
        tranches = [*self.tranches, Tranche(on, amount.minor)]
        terms = replace(self.terms, principal=Money(paid_out))
        if len(tranches) > 1:
            plan = build_tranched_schedule(terms, tranches, self.first_due_on)
        else:
            plan = build_schedule(terms, on, self.first_due_on)
        if self._changes and terms.down_payment_percent is not None:
            raise UnsupportedTermError(term="tranches with down_payment_percent where rows were changed")
        self.tranches, self.terms, self.plan, self.disbursed = tranches, terms, plan, True
        for change in self._changes:
            self.plan = reschedule(self.terms, self.plan, change, self.seed_day)
        self._lay_rows()
        self._replay()
        self._pay_down()

    def _pay_down(self) -> None:
        """Take the down payment out of the latest tranche where the product says so."""
        if self.terms.auto_down_payment and self.terms.down_payment_percent is not None:
            latest = self.tranches[-1]
            down = Money(down_payment(self.terms, latest.amount))
            self.pay(MovementKind.DOWN_PAYMENT, latest.on, down)

    # --- charges -------------------------------------------------------------------------------------

    def charge(self, charge: Charge) -> None:
        """Put a charge on the loan: on every row, on the row of its date, or at disbursement."""
        interest = sum(row.interest.minor for row in self.plan)
        placed = self.charges.add(charge, self.terms.principal.minor, interest)
        if charge.when is not ChargeTime.DISBURSEMENT:
            self._lay_charges(placed.on if placed else self.disbursed_on)

    def charge_overdue(self, charges: list[Charge], on: date) -> None:
        """Put each overdue penalty on the rows unpaid although due before ``on``, as often as it says."""
        for row in self.rows[: len(self.plan)]:
            if row.outstanding:
                for placed in self.charges.add_overdue(charges, row, on):
                    self._lay_charges(placed.on)

    def _lay_charges(self, on: date) -> None:
        self.charges.lay(self.rows, len(self.plan))
        for row in self.rows:
            row.settle(on)
        live = self.live()
        if live and (on <= live[-1].on or self.overpaid):
            self._replay()

    def payoff(self, on: date) -> Money:  # noqa: ARG002 - interest is not recalculated, so every day owes the same
        """Give what closes the loan: everything still owed, interest to come included."""
        return Money(self.outstanding)

    # --- rows ----------------------------------------------------------------------------------------

    def _lay_rows(self) -> None:
        """Make the rows anew from the plan and the charges."""
        self.rows = [
            Row(row.number, row.start, row.due_date, [0, 0, row.interest.minor, row.principal.minor])
            for row in self.plan
        ]
        self.charges.lay(self.rows, len(self.plan))
        self._settle_empty()

    def _settle_empty(self) -> None:
        if self.disbursed:
            for row in self.rows:
                row.settle(self.disbursed_on)

    def reschedule(self, change: Reschedule) -> None:
        """Change the rows from a date on, then replay."""
        self.plan = reschedule(self.terms, self.plan, change, self.seed_day)
        self._changes.append(change)
        if change.new_date:
            self.seed_day = change.new_date.day
        self._lay_rows()
        self._replay()

    # --- money ---------------------------------------------------------------------------------------

    def pay(self, kind: MovementKind, on: date, amount: Money) -> Movement:
        """Book money or a waiver; what a payment leaves over is an overpayment.

        raises   AmountError; OverpaymentError for a waiver above what it may let go; BadTermError for a date
                 before disbursement
        """
        return self._enter(entries.payment(kind, on, amount, self.rows))

    def write_off(self, on: date, amount: Money | None = None) -> Movement:
        """Write off everything still owed, or ``amount`` of it, which is shared like a payment.

        raises   NothingOwedError, OverpaymentError
        """
        return self._enter(entries.writing_off(on, amount, self.rows))

    def undo(self, movement: Movement) -> None:
        """Take an entry back and replay the others."""
        movement.live = False
        movement.forget()
        self._replay()

    def _enter(self, movement: Movement) -> Movement:
        if movement.on < self.disbursed_on:
            raise BadTermError(term="date", given=movement.on)
        live = self.live()
        self.movements.append(movement)
        if live and movement.on < live[-1].on:
            self._replay()
        else:
            self._apply(movement)
        return movement

    def _replay(self) -> None:
        for row in self.rows:
            row.forget()
        self._settle_empty()
        for movement in self.live():
            self._apply(movement)

    def _apply(self, movement: Movement) -> None:
        movement.forget()
        left = ZERO
        if movement.kind is MovementKind.WRITE_OFF:
            entries.write_off(movement, self.rows)
        elif movement.kind in WAIVERS:
            entries.waive(movement, self.rows)
        else:
            left = entries.share(self.terms, movement, self.rows)
        movement.sum_up(left)
        movement.balance_after = Money(self._paid_out(movement.on) - self._gone())

    def _paid_out(self, on: date) -> int:
        """Give the principal that counts as owed on ``on``: what was paid out up to then."""
        if len(self.tranches) < 2:  # noqa: PLR2004 - one tranche was there from the beginning
            return sum(row.due[PRINCIPAL] for row in self.rows)
        return sum(tranche.amount for tranche in self.tranches if tranche.on <= on)

    def _gone(self) -> int:
        return sum(row.due[PRINCIPAL] - row.owed(PRINCIPAL) for row in self.rows)
