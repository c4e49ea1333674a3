"""What can go wrong, by name: rules that say no to a person, and bytes that cannot be trusted.

Every message is a translation key (``pybabel extract -k N_``) and speaks to the one who reads it:
what was refused and what to do next.
"""

from collections.abc import Callable
from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802 - the name that message extractors look for
    """Mark ``message`` for translation where it is shown; here it stays as it is."""
    return message


def as_it_stands(fact: object) -> object:
    """Show a fact unchanged; pages pass something that knows the currency and the reader's language."""
    return fact


class RuleError(Exception):
    """A rule of the house said no. Shown to the clerk, never logged as a fault.

    ``code`` names the rule for programs, ``message`` is the sentence for people, ``facts`` fill its
    placeholders. Amounts among the facts are ``Money`` or whole minor units, dates are ``date``.
    """

    code: ClassVar[str] = "REFUSED"
    message: ClassVar[str] = N_("This is not allowed. Nothing was changed.")

    def __init__(self, **facts: object) -> None:
        """Keep ``facts`` and build the sentence from them."""
        super().__init__(self.message.format(**facts))
        self.facts = facts

    def told(
        self,
        translate: Callable[[str], str] = N_,
        show: Callable[[object], object] = as_it_stands,
    ) -> str:
        """Give the sentence in the reader's language, every fact as ``show`` writes it."""
        return translate(self.message).format(**{name: show(fact) for name, fact in self.facts.items()})


class RefusedError(RuleError):
    """Something was refused for a reason that has no rule of its own. Facts: reason."""

    code = "REFUSED"
    message = N_("{reason} Nothing was changed.")


# --- amounts -------------------------------------------------------------------------------------


class AmountError(RuleError):
    """An amount that cannot be taken; the subclasses say why. Facts: given, and more per class."""

    code = "AMOUNT"
    message = N_("{given} is not an amount that can be taken. Type it again.")


class AmountNotANumberError(AmountError):
    """Facts: given."""

    code = "AMOUNT_NOT_A_NUMBER"
    message = N_("“{given}” is not a number. Type digits with at most one decimal point, such as 1250.00.")


class AmountZeroError(AmountError):
    """No facts needed beside given."""

    code = "AMOUNT_ZERO"
    message = N_("The amount is zero. Type what was paid.")


class AmountNegativeError(AmountError):
    """Facts: given."""

    code = "AMOUNT_NEGATIVE"
    message = N_("{given} is below zero. To take an entry back, reverse it.")


class AmountDigitsError(AmountError):
    """Facts: given, digits (how many decimals the currency has)."""

    code = "AMOUNT_DIGITS"
    message = N_("{given} has too many decimals; this currency has {digits}.")


class AmountTooLargeError(AmountError):
    """Facts: given."""

    code = "AMOUNT_TOO_LARGE"
    message = N_("{given} is more than the books can hold. Check the number of digits.")


# --- lending -------------------------------------------------------------------------------------


class OverpaymentError(RuleError):
    """A payment above everything owed. Facts: paid, owed."""

    code = "OVERPAYMENT"
    message = N_("{paid} is more than the {owed} still owed.")


class UnsupportedTermError(RuleError):
    """A term of a product or a question that is not computed. Facts: term (its name)."""

    code = "UNSUPPORTED_TERM"
    message = N_("The term “{term}” is not supported. Nothing was computed.")


class BadTermError(RuleError):
    """A term with a value that makes no sense. Facts: term, given."""

    code = "BAD_TERM"
    message = N_("“{given}” cannot be used for “{term}”. Correct it and try again.")


class NeverAmortizesError(RuleError):
    """An installment that does not even pay its interest. Facts: installment, interest."""

    code = "NEVER_AMORTIZES"
    message = N_(
        "An installment of {installment} does not pay its own interest of {interest}. "
        "Take fewer installments or a lower rate."
    )


class NothingOwedError(RuleError):
    """A payment, waiver or write-off where nothing is owed. No facts."""

    code = "NOTHING_OWED"
    message = N_("Nothing is owed here any more. Nothing was booked.")


# --- books ---------------------------------------------------------------------------------------


class NotFoundError(RuleError):
    """Facts: kind (in words), key (as it was asked for)."""

    code = "NOT_FOUND"
    message = N_("There is no {kind} “{key}”. Check the number.")


class ClosedDayError(RuleError):
    """Facts: day."""

    code = "CLOSED_DAY"
    message = N_("{day} is closed. Book it on the open day, with this as its value date.")


class ClosedPeriodError(RuleError):
    """Facts: day, period."""

    code = "CLOSED_PERIOD"
    message = N_("{day} lies in the closed period {period}. Book it in the open period.")


class UnbalancedEntryError(RuleError):
    """An entry whose two sides differ. Facts: kind, debit, credit."""

    code = "UNBALANCED"
    message = N_("The entry “{kind}” has {debit} on the left and {credit} on the right. It was not booked.")


class BadEntryError(RuleError):
    """An entry or line that no book can hold. Facts: kind, reason."""

    code = "BAD_ENTRY"
    message = N_("The entry “{kind}” was not booked: {reason}.")


# --- files ---------------------------------------------------------------------------------------


class UnsupportedFormatError(RuleError):
    """A form of a file that this version does not write. Facts: given, known (the forms that it writes)."""

    code = "UNSUPPORTED_FORMAT"
    message = N_("Files as “{given}” are not written yet. Nothing was written. Choose one of: {known}.")


# --- bytes ---------------------------------------------------------------------------------------


class TrustError(Exception):
    """Bytes that fail a signature, a hash or a sequence check; the bundle goes to quarantine.

    code       a reason code of the exchange protocol, such as ``BAD_SIGNATURE``
    message    what happened, one plain sentence
    where      file, volume, segment or sequence, as exactly as it is known
    next_step  what the reader does now
    """

    def __init__(self, code: str, message: str, *, where: str = "", next_step: str = "") -> None:
        """Keep the four parts; ``str()`` gives them in one line."""
        super().__init__(" ".join(part for part in (message, where and f"({where})", next_step) if part))
        self.code = code
        self.message = message
        self.where = where
        self.next_step = next_step
