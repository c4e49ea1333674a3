"""A loan lived through event by event: rows, charges, payments, and what each payment paid.

Payments count in the order of their dates (same day: order of entry). An undone or back-dated entry, or a
charge dated on or before a payment that stands, makes all live entries replay from the beginning.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.allocation import Due, allocate_by_steps, allocate_with_excess
from ledger.charges import Charge, ChargeTime
from ledger.errors import BadTermError, NothingOwedError, OverpaymentError
from ledger.money import Money, require_positive
from ledger.posting import Split
from ledger.rescheduling import Reschedule, reschedule
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL, Movement, MovementKind, Row
from ledger.schedule import ScheduledInstallment, build_schedule
from ledger.terms import LoanTerms


@dataclass(frozen=True, slots=True)
class _Placed:
    """A charge as it was made: minor units for the row that it fell on, or None for each row."""

    charge: Charge
    on: date
    minor: int


class LoanLife:
    """A disbursed loan of one tranche; feed it events in the order in which they were entered.

    disbursed  False for a schedule that is only promised
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
        self.disbursed_on = disbursed_on
        self.disbursed = disbursed
        self.seed_day = (first_due_on or disbursed_on).day
        self.plan: list[ScheduledInstallment] = build_schedule(terms, disbursed_on, first_due_on)
        self.rows: list[Row] = []
        self.movements: list[Movement] = []
        self.fees_at_disbursement = 0
        self._each_row: list[Charge] = []
        self._placed: list[_Placed] = []
        self._penalized: set[tuple[str, int]] = set()
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

    def live(self) -> list[Movement]:
        """Give the entries that stand, in date order."""
        return sorted((movement for movement in self.movements if movement.live), key=lambda m: m.on)

    def disburse(self) -> None:
        """Note that the promised loan was paid out as planned."""
        self.disbursed = True
        self._settle_empty()
        self._pay_down()

    def _pay_down(self) -> None:
        """Take the down payment out of the disbursement where the product says so."""
        if self.terms.auto_down_payment and self.terms.down_payment_percent is not None:
            self.pay(MovementKind.DOWN_PAYMENT, self.disbursed_on, self.plan[0].principal)

    # --- charges -------------------------------------------------------------------------------------

    def charge(self, charge: Charge) -> None:
        """Put a charge on the loan: on every row, on the row of its date, or at disbursement."""
        if charge.when is ChargeTime.INSTALLMENT:
            self._each_row.append(charge)
            for row in self.rows:
                self._charge_row(row, charge)
            return
        minor = charge.minor(self.terms, self.terms.principal.minor, self._plan_interest())
        if charge.when is ChargeTime.DISBURSEMENT:
            self.fees_at_disbursement += minor
            return
        if charge.due_date is None:
            raise BadTermError(term="charge", given=charge.name)
        self._place(_Placed(charge, charge.due_date, minor))

    def charge_overdue(self, charges: list[Charge], on: date) -> None:
        """Put each overdue penalty once on every row that is unpaid although due before ``on``."""
        for charge in charges:
            for planned in self.plan:
                row = self.rows[planned.number - 1]
                key = (charge.name, row.number)
                if row.due_date >= on or not row.outstanding or key in self._penalized:
                    continue
                self._penalized.add(key)
                minor = charge.minor(self.terms, row.due[PRINCIPAL], row.due[INTEREST])
                self._place(_Placed(charge, row.due_date, minor))

    def _place(self, placed: _Placed) -> None:
        if placed.on < self.disbursed_on:
            raise BadTermError(term="charge.due_date", given=placed.on)
        self._placed.append(placed)
        self._lay_charge(placed)
        live = self.live()
        if live and (placed.on <= live[-1].on or self.overpaid):
            self._replay()

    def _lay_charge(self, placed: _Placed) -> None:
        component = PENALTY if placed.charge.penalty else FEE
        row = next((row for row in self.rows if placed.on <= row.due_date), None)
        if row is None:
            row = self._row_after_maturity(placed.on)
        row.due[component] += placed.minor
        row.dated.append((component, placed.on, placed.minor))
        row.settle(placed.on)

    def _row_after_maturity(self, on: date) -> Row:
        """Give the one row after the planned ones, which charges dated after maturity fall on."""
        if len(self.rows) > len(self.plan):
            row = self.rows[-1]
            row.due_date = max(row.due_date, on)
            return row
        last = self.rows[-1]
        self.rows.append(Row(last.number + 1, last.due_date, on, [0] * 4))
        return self.rows[-1]

    def _charge_row(self, row: Row, charge: Charge) -> None:
        minor = charge.minor(self.terms, row.due[PRINCIPAL], row.due[INTEREST])
        row.due[PENALTY if charge.penalty else FEE] += minor
        row.settle(self.disbursed_on)

    def _plan_interest(self) -> int:
        return sum(row.interest.minor for row in self.plan)

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
        for charge in self._each_row:
            for row in self.rows:
                self._charge_row(row, charge)
        for placed in self._placed:
            self._lay_charge(placed)
        self._settle_empty()

    def _settle_empty(self) -> None:
        if self.disbursed:
            for row in self.rows:
                row.settle(self.disbursed_on)

    def reschedule(self, change: Reschedule) -> None:
        """Change the rows from a date on, then replay."""
        self.plan = reschedule(self.terms, self.plan, change, self.seed_day)
        if change.new_date:
            self.seed_day = change.new_date.day
        self._lay_rows()
        self._replay()

    # --- money ---------------------------------------------------------------------------------------

    def pay(self, kind: MovementKind, on: date, amount: Money) -> Movement:
        """Book money or a waiver; what a payment leaves over is an overpayment.

        raises   AmountError; OverpaymentError for a waiver above the interest owed; BadTermError for a date
                 before disbursement
        """
        movement = Movement(kind, on, require_positive(amount))
        if kind is MovementKind.WAIVE_INTEREST:
            owed = Money(sum(row.owed(INTEREST) for row in self.rows))
            if amount > owed:
                raise OverpaymentError(paid=amount, owed=owed)
        return self._enter(movement)

    def write_off(self, on: date) -> Movement:
        """Write off everything still owed.

        raises   NothingOwedError
        """
        if not self.outstanding:
            raise NothingOwedError
        return self._enter(Movement(MovementKind.WRITE_OFF, on, Money(self.outstanding)))

    def undo(self, movement: Movement) -> None:
        """Take an entry back and replay the others."""
        movement.live = False
        movement.split = Split()
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
        if movement.kind is MovementKind.WRITE_OFF:
            movement.split = self._write_off(movement)
            movement.amount = movement.split.total
        elif movement.kind is MovementKind.WAIVE_INTEREST:
            movement.split = Split(interest=Money(self._waive_interest(movement)))
        else:
            movement.split = self._share(movement)
        movement.balance_after = Money(self.principal_owed)

    def _share(self, movement: Movement) -> Split:
        dues = list(self._dues(movement.on))
        order = self.terms.allocation_order
        if order is not None:
            future = order.future_rule(movement.kind)
            shares, left = allocate_by_steps(
                movement.amount, dues, on=movement.on, order=order, future=future
            )
        else:
            shares, left = allocate_with_excess(
                movement.amount, dues, on=movement.on, strategy=self.terms.strategy
            )
        sums = [0] * 4
        for share in shares:
            parts = [share.penalty.minor, share.fee.minor, share.interest.minor, share.principal.minor]
            self.rows[share.due.installment_id].receive(parts, movement.on)
            sums = [whole + part for whole, part in zip(sums, parts, strict=True)]
        penalty, fee, interest, principal = map(Money, sums)
        return Split(principal=principal, interest=interest, fee=fee, penalty=penalty, overpayment=left)

    def _dues(self, on: date) -> Iterator[Due]:
        for index, row in enumerate(self.rows):
            if row.outstanding:
                yield Due(
                    index,
                    row.number,
                    row.due_date,
                    penalty=Money(row.owed(PENALTY)),
                    fee=Money(row.owed(FEE)),
                    interest=Money(row.owed(INTEREST)),
                    principal=Money(row.owed(PRINCIPAL)),
                    penalty_dated=Money(row.owed_dated(PENALTY, on)),
                    fee_dated=Money(row.owed_dated(FEE, on)),
                )

    def _waive_interest(self, movement: Movement) -> int:
        left = movement.amount.minor
        for row in self.rows:
            part = min(left, row.owed(INTEREST))
            if part:
                row.waived[INTEREST] += part
                row.settle(movement.on)
                left -= part
        return movement.amount.minor - left

    def _write_off(self, movement: Movement) -> Split:
        sums = [0] * 4
        for row in self.rows:
            for part in range(4):
                owed = row.owed(part)
                row.written_off[part] += owed
                sums[part] += owed
            row.settle(movement.on)
        penalty, fee, interest, principal = map(Money, sums)
        return Split(principal=principal, interest=interest, fee=fee, penalty=penalty)
