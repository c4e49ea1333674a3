"""Rules of savings that can say no, by name."""

from banking.errors import InsufficientFundsError
from ledger.errors import N_, RuleError


class HeldError(InsufficientFundsError):
    """The money is there but held. Facts: amount, available, held."""

    code = "HELD"
    message = N_(
        "{held} of this account are held: {amount} is more than the {available} that can be taken out."
    )


class LockedError(RuleError):
    """A lock-in or a term that has not passed. Facts: number, until (the first day that money can leave)."""

    code = "LOCKED"
    message = N_("{number} is locked until {until}. Nothing was taken out; to end it early, close it.")


class OneDepositError(RuleError):
    """A second deposit on a fixed term. Facts: number."""

    code = "ONE_DEPOSIT"
    message = N_("{number} is a fixed deposit and has its deposit. Open another account for more money.")
