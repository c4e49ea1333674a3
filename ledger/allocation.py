"""Sharing a payment over what is owed, in the order that the product names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.errors import OverpaymentError, UnsupportedTermError
from ledger.money import ZERO, Money, require_positive, total
from ledger.terms import AllocationOrder, DueKind, FutureRule, Strategy

COMPONENTS: Final = ("penalty", "fee", "interest", "principal")
"""The parts of what is owed, in the standard order."""

_PENALTY, _FEE, _INTEREST, _PRINCIPAL = range(4)
_STANDARD: Final = (_PENALTY, _FEE, _INTEREST, _PRINCIPAL)


@dataclass(frozen=True, slots=True)
class Due:
    """What is still owed on one installment; minor units, from 0.

    penalty_dated, fee_dated  the part of penalty and fee whose own date has come, although the row's has
                              not; only the orders that tell "due" from "in advance" ask for it
    """

    installment_id: int
    number: int
    due_date: date
    penalty: Money = ZERO
    fee: Money = ZERO
    interest: Money = ZERO
    principal: Money = ZERO
    penalty_dated: Money = ZERO
    fee_dated: Money = ZERO

    @property
    def owed(self) -> Money:
        """Add up the four components."""
        return self.penalty + self.fee + self.interest + self.principal


@dataclass(frozen=True, slots=True)
class Share:
    """What one payment pays on one installment; minor units, from 0, never more than is owed there."""

    due: Due
    penalty: Money = ZERO
    fee: Money = ZERO
    interest: Money = ZERO
    principal: Money = ZERO

    @property
    def total(self) -> Money:
        """Add up the four components."""
        return self.penalty + self.fee + self.interest + self.principal


class _Sharing:
    """A payment on its way over the dues: what is left of it and what each due has received."""

    def __init__(self, payment: int, dues: Sequence[Due]) -> None:
        self.left = payment
        self.dues = dues
        self.owed = [
            [due.penalty.minor, due.fee.minor, due.interest.minor, due.principal.minor] for due in dues
        ]
        self.paid = [[0, 0, 0, 0] for _ in dues]

    def pay(self, row: int, components: Iterable[int]) -> None:
        """Pay the named components of one due, in that order, as far as the money goes."""
        owed, paid = self.owed[row], self.paid[row]
        for component in components:
            part = min(self.left, owed[component])
            owed[component] -= part
            paid[component] += part
            self.left -= part

    def pay_up_to(self, row: int, component: int, limit: int) -> None:
        """Pay at most ``limit`` of one component of one due."""
        part = min(self.left, self.owed[row][component], limit)
        self.owed[row][component] -= part
        self.paid[row][component] += part
        self.left -= part


_PLAIN: Final = {
    Strategy.STANDARD: _STANDARD,
    Strategy.INTEREST_PRINCIPAL_PENALTY_FEE: (_INTEREST, _PRINCIPAL, _PENALTY, _FEE),
    Strategy.PRINCIPAL_INTEREST_PENALTY_FEE: (_PRINCIPAL, _INTEREST, _PENALTY, _FEE),
}

ROW_BY_ROW: Final = frozenset({*_PLAIN, Strategy.DUE_PFIP_ADVANCE_PPFI, Strategy.DUE_PIPF_ADVANCE_PIPF})
"""Orders that pay a row in full before the next one gets anything."""


def _share_interest_first(sharing: _Sharing, dues: Sequence[Due], on: date) -> None:
    """Charges and interest of all rows due or overdue, then their principal, then the rows to come."""
    due_now = [row for row, due in enumerate(dues) if due.due_date <= on]
    for row in due_now:
        sharing.pay(row, (_PENALTY, _FEE, _INTEREST))
    for row in due_now:
        sharing.pay(row, (_PRINCIPAL,))
    for row in range(len(dues)):
        sharing.pay(row, _STANDARD)


def _share_due_before_advance(
    sharing: _Sharing, dues: Sequence[Due], on: date, order: Sequence[int], early: Sequence[int]
) -> None:
    """Rows due in ``order``; rows to come first their charges already dated and ``early``, then ``order``."""
    for row, due in enumerate(dues):
        if due.due_date > on:
            sharing.pay_up_to(row, _PENALTY, due.penalty_dated.minor)
            sharing.pay_up_to(row, _FEE, due.fee_dated.minor)
            sharing.pay(row, early)
        sharing.pay(row, order)


def _share_early_principal(sharing: _Sharing, dues: Sequence[Due], on: date, strategy: Strategy) -> None:
    """Rows due in their order; of rows to come the principal of all of them, then what else they owe.

    For "heavensfamily" the row whose period has begun counts as due; the others wait for its due date. What
    is owed on a row whose principal came early stays owed: letting it go is a waiver, booked by a person.
    """
    order = _PLAIN_EARLY[strategy]
    begun = next((row for row, due in enumerate(dues) if due.due_date > on), len(dues))
    if strategy is Strategy.HEAVENS_FAMILY:
        begun += 1
    for row in range(min(begun, len(dues))):
        sharing.pay(row, order)
    for row in range(begun, len(dues)):
        sharing.pay(row, (_PRINCIPAL,))
    for row in range(begun, len(dues)):
        sharing.pay(row, order)


_PLAIN_EARLY: Final = {
    Strategy.HEAVENS_FAMILY: _STANDARD,
    Strategy.CREOCORE: _STANDARD,
    Strategy.EARLY_REPAYMENT: (_INTEREST, _PRINCIPAL, _PENALTY, _FEE),
}
"""What rows that are due are paid in, in the orders that send early money to principal."""


def _share(payment: Money, dues: Sequence[Due], strategy: Strategy, on: date) -> _Sharing:
    sharing = _Sharing(require_positive(payment).minor, dues)
    if strategy in _PLAIN:
        for row in range(len(dues)):
            if not sharing.left:
                break
            sharing.pay(row, _PLAIN[strategy])
    elif strategy is Strategy.RBI_INDIA:
        _share_interest_first(sharing, dues, on)
    elif strategy in _PLAIN_EARLY:
        _share_early_principal(sharing, dues, on, strategy)
    elif strategy is Strategy.DUE_PFIP_ADVANCE_PPFI:
        _share_due_before_advance(sharing, dues, on, _STANDARD, (_PRINCIPAL,))
    elif strategy is Strategy.ADVANCED:
        raise UnsupportedTermError(term="repayment_strategy without its order")
    else:
        order = (_PENALTY, _INTEREST, _PRINCIPAL, _FEE)
        _share_due_before_advance(sharing, dues, on, order, ())
    return sharing


def allocate_by_steps(
    payment: Money, dues: Sequence[Due], *, on: date, order: AllocationOrder, future: FutureRule
) -> tuple[list[Share], Money]:
    """Share ``payment`` in the free order of twelve steps, and give what is left over beside the shares.

    future   which installments to come receive early money
    source   convention "fineract", advanced payment allocation
    """
    sharing = _Sharing(require_positive(payment).minor, dues)
    rows = {kind: [row for row, due in enumerate(dues) if _kind(due, on) is kind] for kind in DueKind}
    if order.by_row:
        steps = [
            (kind, [COMPONENTS.index(part) for at, part in order.steps if at is kind])
            for kind in dict.fromkeys(kind for kind, _ in order.steps)
        ]
    else:
        steps = [(kind, [COMPONENTS.index(part)]) for kind, part in order.steps]
    for kind, components in steps:
        if kind is DueKind.IN_ADVANCE and future is FutureRule.SPREAD:
            _spread(sharing, rows[kind], components)
        newest_first = kind is DueKind.IN_ADVANCE and future is FutureRule.LAST
        for row in reversed(rows[kind]) if newest_first else rows[kind]:
            sharing.pay(row, components)
    return _shares(sharing, payment)


def _kind(due: Due, on: date) -> DueKind:
    if due.due_date < on:
        return DueKind.PAST_DUE
    return DueKind.DUE if due.due_date == on else DueKind.IN_ADVANCE


def _spread(sharing: _Sharing, rows: Sequence[int], components: Sequence[int]) -> None:
    """Give every row to come an equal part, the first ones the odd units."""
    for row, part in zip(rows, Money(sharing.left).split(max(1, len(rows))), strict=False):
        kept, sharing.left = sharing.left - part.minor, part.minor
        sharing.pay(row, components)
        sharing.left += kept


def allocate_with_excess(
    payment: Money, dues: Sequence[Due], *, on: date, strategy: Strategy = Strategy.STANDARD
) -> tuple[list[Share], Money]:
    """Share ``payment`` over ``dues`` and give what is left over beside the shares.

    payment  minor units, above zero
    dues     oldest installment first
    on       value date of the payment: tells rows due from rows to come
    returns  one Share per touched due, and the overpayment; together exactly ``payment``
    source   convention "fineract", the order named by ``strategy``
    """
    return _shares(_share(payment, dues, strategy, on), payment)


def _shares(sharing: _Sharing, payment: Money) -> tuple[list[Share], Money]:
    shares = [
        Share(due, *(Money(part) for part in paid))
        for due, paid in zip(sharing.dues, sharing.paid, strict=True)
        if any(paid)
    ]
    left = Money(sharing.left)
    assert total(share.total for share in shares) + left == payment
    return shares, left


def allocate(
    payment: Money, dues: Sequence[Due], *, on: date, strategy: Strategy = Strategy.STANDARD
) -> list[Share]:
    """Share ``payment`` over ``dues``; the shares add up to ``payment`` exactly.

    raises   OverpaymentError when ``payment`` is more than everything owed; the rest as
             ``allocate_with_excess``
    """
    shares, left = allocate_with_excess(payment, dues, on=on, strategy=strategy)
    if left:
        raise OverpaymentError(paid=payment, owed=payment - left)
    return shares
