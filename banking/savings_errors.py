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


class OpeningAmountError(RuleError):
    """A first deposit below what the product asks for. Facts: amount, least."""

    code = "OPENING_AMOUNT"
    message = N_("{amount} is too little to open this account: the first deposit is at least {least}.")


class SavingsLimitError(RuleError):
    """Terms outside what the product allows. Facts: field, given, least, most (empty where there is none)."""

    code = "SAVINGS_LIMIT"
    message = N_(
        "{given} cannot be “{field}” of this product: it allows {least} to {most}. Nothing was opened."
    )


class OwesError(RuleError):
    """An account that is overdrawn cannot be closed. Facts: number, amount (below zero)."""

    code = "OWES"
    message = N_("{number} stands at {amount}. Pay it in first, then close the account. Nothing was changed.")


class HolderError(RuleError):
    """Somebody who holds the account already. Facts: client (number), number."""

    code = "HOLDER"
    message = N_("{client} holds {number} already. Nothing was changed.")


class OverdraftInUseError(RuleError):
    """A limit below what is drawn already. Facts: number, limit, drawn."""

    code = "OVERDRAFT_IN_USE"
    message = N_("{number} has drawn {drawn}: its overdraft cannot be less. The limit {limit} was not set.")
