"""A loan lived through event by event: rows, charges, payments, and what each payment paid.

Payments count in the order of their dates (same day: order of entry). An undone or back-dated entry, or a
charge dated on or before a payment that stands, makes all live entries replay from the beginning.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.allocation import Due, allocate_by_steps, allocate_with_excess
from ledger.charges import Charge, ChargeTime
from ledger.errors import BadTermError, NothingOwedError, OverpaymentError
from ledger.money import ZERO, Money, require_positive, total
from ledger.rescheduling import Reschedule, reschedule
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL, WAIVERS, Movement, MovementKind, Row
from ledger.schedule import ScheduledInstallment, build_schedule
from ledger.terms import LoanTerms


@dataclass(frozen=True, slots=True)
class _Placed:
    """A dated charge as it was made: whether it is PENALTY or FEE, its day, minor units."""

    component: int
    on: date
    minor: int


@dataclass(frozen=True, slots=True)
class _Standing:
    """A loan as it stands in the books, see ``LoanLife.of_rows``."""

    rows: Sequence[Row]
    movements: list[Movement]
    each_row: Sequence[Charge]

    def plan(self) -> list[ScheduledInstallment]:
        """Give the rows that pay principal and interest; only charges may stand after them.

        raises   BadTermError
        """
        numbers, days = [row.number for row in self.rows], [row.due_date for row in self.rows]
        planned = max((row.number for row in self.rows if row.due[INTEREST] or row.due[PRINCIPAL]), default=0)
        if not planned or numbers != list(range(1, len(numbers) + 1)) or days != sorted(days):
            raise BadTermError(term="rows", given=numbers)
        return [
            ScheduledInstallment(
                row.number, row.start, row.due_date, Money(row.due[PRINCIPAL]), Money(row.due[INTEREST])
            )
            for row in self.rows[:planned]
        ]


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
        standing: _Standing | None = None,
    ) -> None:
        self.terms = terms
        self.disbursed_on = disbursed_on
        self.disbursed = disbursed
        self.plan: list[ScheduledInstallment] = (
            standing.plan() if standing else build_schedule(terms, disbursed_on, first_due_on)
        )
        self.seed_day = (self.plan[0].due_date if standing else first_due_on or disbursed_on).day
        self.rows: list[Row] = []
        self.movements: list[Movement] = []
        self.fees_at_disbursement = 0
        self._each_row: list[Charge] = []
        self._placed: list[_Placed] = []
        self._penalized: set[tuple[str, int]] = set()
        self._undated: dict[int, list[int]] = {}
        if standing:
            self._resume(standing)
            return
        self._lay_rows()
        if disbursed:
            self._pay_down()

    @classmethod
    def of_rows(
        cls,
        terms: LoanTerms,
        disbursed_on: date,
        rows: Sequence[Row],
        movements: Iterable[Movement] = (),
        each_row: Sequence[Charge] = (),
    ) -> "LoanLife":
        """Resume a loan from the rows that stand in the books, and share its live entries anew.

        rows       numbered from 1, as they fall due; ``due`` holds everything that the row ever had to pay,
                   charges included, and ``dated`` lists which of them count from a day of their own
        movements  the live entries, in order of entry; they are the loan's own from here on, and what they
                   did (``split``, ``shares``) is computed anew
        each_row   charges on every row that ``due`` holds already: a change of rows lays them anew, while
                   other undated charges stay with the number of their row
        raises     BadTermError for rows that are not numbered from 1 or do not follow each other
        """
        return cls(terms, disbursed_on, standing=_Standing(rows, list(movements), each_row))

    def _resume(self, standing: _Standing) -> None:
        self._each_row = list(standing.each_row)
        self._placed = [_Placed(*charge) for row in standing.rows for charge in row.dated]
        self._undated = {row.number: self._undated_of(row) for row in standing.rows}
        self.movements = standing.movements
        self._lay_rows()
        self._replay()

    def _undated_of(self, row: Row) -> list[int]:
        """Give the penalty and fee of a standing row that are neither dated nor on every row."""
        left = row.due[:INTEREST]
        for component, _, minor in row.dated:
            left[component] -= minor
        for charge in self._each_row:
            minor = charge.minor(self.terms, row.due[PRINCIPAL], row.due[INTEREST])
            left[_component(charge)] -= minor if row.number <= len(self.plan) else 0
        return left

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
        self._place(_Placed(_component(charge), charge.due_date, minor))

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
                self._place(_Placed(_component(charge), row.due_date, minor))

    def _place(self, placed: _Placed) -> None:
        if placed.on < self.disbursed_on:
            raise BadTermError(term="charge.due_date", given=placed.on)
        self._placed.append(placed)
        self._lay_charge(placed)
        live = self.live()
        if live and (placed.on <= live[-1].on or self.overpaid):
            self._replay()

    def _lay_charge(self, placed: _Placed) -> None:
        row = next((row for row in self.rows if placed.on <= row.due_date), None)
        if row is None:
            row = self._row_after_maturity(placed.on)
        row.due[placed.component] += placed.minor
        row.dated.append((placed.component, placed.on, placed.minor))
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
        row.due[_component(charge)] += minor
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
        for row in self.rows:
            penalty, fee = self._undated.get(row.number, (0, 0))
            row.due = [row.due[PENALTY] + penalty, row.due[FEE] + fee, *row.due[INTEREST:]]
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
        if kind in WAIVERS:
            owed = Money(sum(row.owed(part) for row in self.rows for part in WAIVERS[kind]))
            if amount > owed:
                raise OverpaymentError(paid=amount, owed=owed)
        return self._enter(movement)

    def write_off(self, on: date, amount: Money | None = None) -> Movement:
        """Write off everything still owed, or ``amount`` of it, which is shared like a payment.

        raises   NothingOwedError, OverpaymentError
        """
        owed = Money(self.outstanding)
        if not owed:
            raise NothingOwedError
        if amount is None:
            return self._enter(Movement(MovementKind.WRITE_OFF, on, owed))
        if require_positive(amount) > owed:
            raise OverpaymentError(paid=amount, owed=owed)
        return self._enter(Movement(MovementKind.WRITE_OFF_PART, on, amount))

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
            self._write_off(movement)
        elif movement.kind in WAIVERS:
            self._waive(movement)
        else:
            left = self._share(movement)
        movement.sum_up(left)
        movement.balance_after = Money(self.principal_owed)

    def _share(self, movement: Movement) -> Money:
        """Share a payment, or the part of a write-off, and give what is left over."""
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
        for share in shares:
            parts = [share.penalty.minor, share.fee.minor, share.interest.minor, share.principal.minor]
            row = self.rows[share.due.installment_id]
            movement.note(row.number, parts)
            if movement.kind is MovementKind.WRITE_OFF_PART:
                row.write_off(parts, movement.on)
            else:
                row.receive(parts, movement.on)
        if movement.kind is MovementKind.WRITE_OFF_PART:
            movement.amount -= left  # an entry before it left less to write off
            return ZERO
        return left

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

    def _waive(self, movement: Movement) -> None:
        left = movement.amount.minor
        for component in WAIVERS[movement.kind]:
            for row in self.rows:
                parts = [0] * 4
                parts[component] = min(left, row.owed(component))
                movement.note(row.number, parts)
                row.waive(parts, movement.on)
                left -= parts[component]

    def _write_off(self, movement: Movement) -> None:
        for row in self.rows:
            parts = [row.owed(component) for component in range(4)]
            movement.note(row.number, parts)
            row.write_off(parts, movement.on)
        movement.amount = total(share.total for share in movement.shares.values())


def _component(charge: Charge) -> int:
    return PENALTY if charge.penalty else FEE
