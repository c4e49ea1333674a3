"""Rules of a running loan that can say no, by name."""

from ledger.errors import N_, RuleError


class ChargedOffError(RuleError):
    """Something dated before a charge-off. Facts: number, day (of the charge-off)."""

    code = "CHARGED_OFF"
    message = N_(
        "{number} was charged off on {day}, and what came before it rests. Nothing was changed; reverse the "
        "charge-off first."
    )


class NotKnownHereError(RuleError):
    """A component or a kind that cannot be meant. Facts: given, known."""

    code = "NOT_KNOWN_HERE"
    message = N_("“{given}” is not known here. Use one of: {known}.")


class WrongChargeError(RuleError):
    """A charge that cannot be put on a loan by hand. Facts: charge, reason."""

    code = "WRONG_CHARGE"
    message = N_("{charge} cannot be put on this loan: {reason}. Nothing was changed.")


class TopUpError(RuleError):
    """A loan that cannot pay another one off. Facts: number, reason."""

    code = "TOP_UP"
    message = N_("{number} cannot pay an earlier loan off: {reason}. Nothing was paid out.")
