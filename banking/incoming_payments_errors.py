"""What lists of payments from outside, and the payments on them, are refused for."""

from ledger.errors import N_, RuleError


class PaymentFileKnownError(RuleError):
    """The same bytes were read before. Facts: name, on (of that reading)."""

    code = "PAYMENT_FILE_KNOWN"
    message = N_("This list was read on {on} as {name}. Nothing was booked again.")


class PaymentStateError(RuleError):
    """A payment that is past what is asked. Facts: key, reason."""

    code = "PAYMENT_STATE"
    message = N_("{key} stays as it is: {reason}. Nothing was booked.")


class NoPaymentsError(RuleError):
    """There is nothing to send. No facts."""

    code = "NO_PAYMENTS"
    message = N_("No payment has an account that was found. Nothing was sent.")
