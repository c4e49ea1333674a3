"""What messages to the keeper of an account refuse, by name."""

from ledger.errors import N_, RuleError


class OwnAccountError(RuleError):
    """Money for another office's account that is one of this office. Facts: number."""

    code = "OWN_ACCOUNT"
    message = N_("{number} is an account of this branch: post the payment on it. Nothing was booked.")


class MessageKeyError(RuleError):
    """A payment that was sent before, under the same outside reference. Facts: key."""

    code = "MESSAGE_KEY"
    message = N_("{key} was sent to a branch before. It is booked once; nothing was sent again.")


class MessageStateError(RuleError):
    """A message that cannot be addressed again. Facts: key, reason."""

    code = "MESSAGE_STATE"
    message = N_("{key} stays as it is: {reason}. Nothing was sent.")


class NoAccountError(RuleError):
    """An account that the books of an office do not have. Facts: number, office."""

    code = "NO_ACCOUNT"
    message = N_("{office} has no account {number}. Check number and branch; nothing was sent.")
