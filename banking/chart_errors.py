"""What the chart of accounts, opening balances and inter-branch entries refuse, by name."""

from ledger.errors import N_, RuleError


class GLAccountInUseError(RuleError):
    """Facts: account, reason."""

    code = "GL_ACCOUNT_IN_USE"
    message = N_("{account} stays as it is: {reason}. Nothing was changed.")


class OpeningBalanceError(RuleError):
    """An opening balance that cannot be. Facts: account, reason."""

    code = "OPENING_BALANCE"
    message = N_("No opening balance for {account}: {reason}. Nothing was posted; correct the list.")


class OpeningBalanceTwiceError(RuleError):
    """Facts: day (of the one that is there)."""

    code = "OPENING_BALANCE_TWICE"
    message = N_("The opening balances were posted on {day}. Reverse that entry first; nothing was posted.")


class InterBranchError(RuleError):
    """Facts: key, reason."""

    code = "INTER_BRANCH"
    message = N_("{key}: {reason}. Nothing was posted.")
