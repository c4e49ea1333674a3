"""Entries of a loan that is shared anew, and of one that was charged off."""

from collections.abc import Iterable
from typing import Final

from ledger.money import Money
from ledger.posting import Account, Entry, Line, Role, Split, entry_between

_CREDITED: Final = {
    "penalty": Role.PENALTY_INCOME,
    "fee": Role.FEE_INCOME,
    "interest": Role.INTEREST_INCOME,
    "overpayment": Role.OVERPAYMENT,
}


def adjustment_entry(change: Split, *, charged_off: bool = False) -> Entry | None:
    """Cr what a payment pays more of than before; Dr what it pays less of. None where nothing moved.

    change       what its components gained (above zero) and lost; together nothing
    charged_off  its principal counts as recovered
    """
    lines = list(_sides(change, _principal(charged_off)))
    return Entry("adjustment", tuple(lines)) if lines else None


def write_off_adjustment_entry(principal: Money) -> Entry | None:
    """Dr write-off expense; Cr portfolio for principal that a write-off takes more of; turned for less."""
    if not principal:
        return None
    sides = (Role.WRITE_OFF_EXPENSE, Role.LOAN_PORTFOLIO)
    debit, credit = sides if principal.minor > 0 else reversed(sides)
    return entry_between("adjustment", debit, credit, abs(principal))


def payment_entry(split: Split, *, cash: Account, charged_off: bool) -> Entry:
    """Dr cash; Cr what a payment paid. Principal of a loan that was charged off is recovered income."""
    return Entry("repayment", (Line(cash, debit=split.total), *_sides(split, _principal(charged_off))))


def charge_off_entry(principal: Money) -> Entry:
    """Dr loans charged off; Cr loan portfolio. The client owes as before."""
    return entry_between("charge_off", Role.CHARGE_OFF_EXPENSE, Role.LOAN_PORTFOLIO, principal)


def _principal(charged_off: bool) -> Role:  # noqa: FBT001 - a state, not a switch
    return Role.RECOVERY_INCOME if charged_off else Role.LOAN_PORTFOLIO


def _sides(split: Split, principal: Role) -> Iterable[Line]:
    """Credit what is above zero, debit what is below."""
    for part, role in {**_CREDITED, "principal": principal}.items():
        amount: Money = getattr(split, part)
        if amount.minor > 0:
            yield Line(role, credit=amount)
        elif amount:
            yield Line(role, debit=-amount)
