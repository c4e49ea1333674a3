"""What entries do to rows: payments are shared, waivers let go, write-offs give up."""

from collections.abc import Iterator, Sequence
from datetime import date

from ledger.allocation import ROW_BY_ROW, Due, Share, allocate_by_steps, allocate_with_excess
from ledger.errors import NothingOwedError, OverpaymentError
from ledger.money import ZERO, Money, require_positive, total
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL, WAIVERS, Movement, MovementKind, Row
from ledger.terms import LoanTerms


def dues_of(rows: Sequence[Row], on: date) -> Iterator[Due]:
    """Give what is owed on each row that is not paid; ``installment_id`` is its place in ``rows``."""
    for index, row in enumerate(rows):
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


def shares_of(
    terms: LoanTerms, movement: Movement, dues: Sequence[Due], left: Money | None = None
) -> tuple[list[Share], Money]:
    """Share a payment, or what is left of it, in the order of ``terms``; gives what is left over beside."""
    amount, order = movement.amount if left is None else left, terms.allocation_order
    if not amount:
        return [], ZERO
    if order is None:
        return allocate_with_excess(amount, dues, on=movement.on, strategy=terms.strategy)
    return allocate_by_steps(
        amount, dues, on=movement.on, order=order, future=order.future_rule(movement.kind)
    )


def _within_reach(terms: LoanTerms, movement: Movement, rows: Sequence[Row]) -> list[Due]:
    """Give the dues that a payment can reach; orders that go row by row need no later ones."""
    if terms.strategy not in ROW_BY_ROW:
        return list(dues_of(rows, movement.on))
    reached, left = [], movement.amount.minor
    for due in dues_of(rows, movement.on):
        if left <= 0:
            break
        reached.append(due)
        left -= due.owed.minor
    return reached


def parts_of(share: Share) -> list[int]:
    """Give penalty, fee, interest, principal of a share in minor units."""
    return [share.penalty.minor, share.fee.minor, share.interest.minor, share.principal.minor]


def share(terms: LoanTerms, movement: Movement, rows: Sequence[Row]) -> Money:
    """Share a payment, or the part of a write-off, over ``rows`` and give what is left over."""
    shares, left = shares_of(terms, movement, _within_reach(terms, movement, rows))
    written_off = movement.kind is MovementKind.WRITE_OFF_PART
    for part in shares:
        row, parts = rows[part.due.installment_id], parts_of(part)
        movement.note(row.number, parts)
        if written_off:
            row.write_off(parts, movement.on)
        else:
            row.receive(parts, movement.on)
    if written_off:
        movement.amount -= left  # an entry before it left less to write off
        return ZERO
    return left


def waive(movement: Movement, rows: Sequence[Row]) -> None:
    """Let go what a waiver names, as far as it is owed."""
    left = movement.amount.minor
    for component in WAIVERS[movement.kind]:
        for row in rows:
            parts = [0] * 4
            parts[component] = min(left, row.owed(component))
            movement.note(row.number, parts)
            row.waive(parts, movement.on)
            left -= parts[component]


def write_off(movement: Movement, rows: Sequence[Row]) -> None:
    """Give up everything that is owed; the entry's amount is what that was."""
    for row in rows:
        parts = [row.owed(component) for component in range(4)]
        movement.note(row.number, parts)
        row.write_off(parts, movement.on)
    movement.amount = total(part.total for part in movement.shares.values())


def payment(kind: MovementKind, on: date, amount: Money, rows: Sequence[Row]) -> Movement:
    """Make a payment or a waiver.

    raises   AmountError; OverpaymentError for a waiver above what it may let go
    """
    movement = Movement(kind, on, require_positive(amount))
    if kind in WAIVERS:
        owed = Money(sum(row.owed(part) for row in rows for part in WAIVERS[kind]))
        if amount > owed:
            raise OverpaymentError(paid=amount, owed=owed)
    return movement


def writing_off(on: date, amount: Money | None, rows: Sequence[Row]) -> Movement:
    """Make a write-off of everything owed, or of ``amount`` of it.

    raises   NothingOwedError, OverpaymentError
    """
    owed = Money(sum(row.outstanding for row in rows))
    if not owed:
        raise NothingOwedError
    if amount is None:
        return Movement(MovementKind.WRITE_OFF, on, owed)
    if require_positive(amount) > owed:
        raise OverpaymentError(paid=amount, owed=owed)
    return Movement(MovementKind.WRITE_OFF_PART, on, amount)
