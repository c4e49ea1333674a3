"""What drawers, vault and bank refuse, by name."""

from ledger.errors import N_, RuleError


class TillCashError(RuleError):
    """More than the drawer holds by the books. Facts: till, amount, held."""

    code = "TILL_CASH"
    message = N_("{amount} is more than the {held} in the till {till}. Nothing was paid; get a float first.")


class CashLimitError(RuleError):
    """A drawer would hold more than it may. Facts: till, held, limit (minor units)."""

    code = "CASH_LIMIT"
    message = N_("The till {till} would hold {held}; it may hold {limit}. Nothing was moved; take less.")


class CountMismatchError(RuleError):
    """The pieces do not add up to the amount typed. Facts: pieces, counted."""

    code = "COUNT_MISMATCH"
    message = N_("The pieces add up to {pieces}, but {counted} was typed. Nothing was counted; count again.")


class CountReasonError(RuleError):
    """A count that differs from the books, without a reason. Facts: till, counted, expected."""

    code = "COUNT_REASON"
    message = N_(
        "The till {till} holds {counted}; by the books it is {expected}. Count again, or give the reason."
    )


class TillNotEmptyError(RuleError):
    """Facts: till, held."""

    code = "TILL_NOT_EMPTY"
    message = N_("The till {till} still holds {held}. Bring it to the vault first; the till stays in use.")


class NoVaultError(RuleError):
    """No facts."""

    code = "NO_VAULT"
    message = N_("This office has no vault. Set one up first (a till of the kind vault).")


class CashPlacesError(RuleError):
    """A movement between the wrong places. Facts: kind, reason."""

    code = "CASH_PLACES"
    message = N_("“{kind}” is not possible: {reason}. Nothing was moved.")


class CashierOverlapError(RuleError):
    """Two people would answer for one till. Facts: till, day."""

    code = "CASHIER_OVERLAP"
    message = N_(
        "Somebody answers for the till {till} on {day} already. End that first; nothing was changed."
    )
