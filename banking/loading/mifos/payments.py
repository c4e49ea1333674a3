"""Which instalments each payment of the source paid.

What is paid on each row, by component, is taken from the schedule, and all of it lands there. The source's
payments say when: they are used where their sums agree with the schedule, else one payment stands for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from banking.loading.mifos.source import COMPONENTS, Loan, Parts, Payment
from ledger.money import Money, total

Shares = dict[int, dict[str, int]]
"""Minor units by component, by the number of a row."""

BROUGHT_IN: Final = "Paid in the older books"


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment to be booked: its day, what it paid of each row, and a note."""

    on: date
    shares: dict[int, Parts]
    note: str


def payments_of(loan: Loan, known_on: date | None) -> list[Paid]:
    """Give the payments of a loan, oldest first; their shares add up to what each row has as paid.

    A row cannot have more paid than is due on it: what is above is left out, and the comparison tells it.

    known_on   the last day of the source, which dates what no payment of the source explains
    """
    on_rows = {row.number: row.paid.capped(row.due) for row in loan.rows}
    wanted = {number: _minor(parts) for number, parts in on_rows.items() if parts.total}
    if not wanted:
        return []
    explained = all(total(parts.total for _, parts in paid.parts) == paid.amount for paid in loan.payments)
    for share in (_by_row, _by_component, _by_amount) if explained else (_by_amount,):
        found = share(loan.payments, wanted)
        if found is not None:
            return [payment for payment in found if payment.shares]
    days = (day for day in (known_on, loan.changed_on, loan.disbursed_on) if day is not None)
    return [Paid(max(days), {number: _parts(amounts) for number, amounts in wanted.items()}, BROUGHT_IN)]


def _by_row(payments: Sequence[Payment], wanted: Shares) -> list[Paid] | None:
    """Follow the source where each of its transactions names the row that it paid."""
    left = _copy(wanted)
    found: list[Paid] = []
    for payment in payments:
        shares: Shares = {}
        for number, parts in payment.parts:
            of_row = shares.setdefault(number, dict.fromkeys(COMPONENTS, 0))
            for name, amount in _minor(parts).items():
                if amount > left.get(number, {}).get(name, 0):
                    return None
                if amount:
                    left[number][name] -= amount
                    of_row[name] += amount
        found.append(_paid(payment, shares))
    return None if _any_left(left) else found


def _by_component(payments: Sequence[Payment], wanted: Shares) -> list[Paid] | None:
    """Share what each payment paid of a component over the rows, oldest first."""
    left = _copy(wanted)
    found: list[Paid] = []
    for payment in payments:
        shares: Shares = {}
        for name in COMPONENTS:
            amount = sum(_minor(parts)[name] for _, parts in payment.parts)
            if not _take(left, shares, amount, (name,)):
                return None
        found.append(_paid(payment, shares))
    return None if _any_left(left) else found


def _by_amount(payments: Sequence[Payment], wanted: Shares) -> list[Paid] | None:
    """Share each payment's whole amount over the rows, oldest first, in the usual order."""
    left = _copy(wanted)
    found: list[Paid] = []
    for payment in payments:
        shares: Shares = {}
        if not _take(left, shares, payment.amount.minor, COMPONENTS):
            return None
        found.append(_paid(payment, shares))
    return None if _any_left(left) else found


def _take(left: Shares, shares: Shares, amount: int, components: Sequence[str]) -> bool:
    """Move ``amount`` from ``left`` to ``shares``; False when there is not as much."""
    for number in sorted(left):
        for name in components:
            part = min(amount, left[number][name])
            if part:
                left[number][name] -= part
                shares.setdefault(number, dict.fromkeys(COMPONENTS, 0))[name] += part
                amount -= part
    return not amount


def _paid(payment: Payment, shares: Shares) -> Paid:
    parts = {number: _parts(amounts) for number, amounts in sorted(shares.items()) if any(amounts.values())}
    return Paid(payment.on, parts, f"Payment {payment.id} of the older books")


def _minor(parts: Parts) -> dict[str, int]:
    return {name: getattr(parts, name).minor for name in COMPONENTS}


def _parts(amounts: dict[str, int]) -> Parts:
    return Parts(**{name: Money(amount) for name, amount in amounts.items()})


def _copy(shares: Shares) -> Shares:
    return {number: dict(amounts) for number, amounts in shares.items()}


def _any_left(shares: Shares) -> bool:
    return any(amount for amounts in shares.values() for amount in amounts.values())
