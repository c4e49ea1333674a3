"""Rules of the counter and the office that can say no, by name."""

from ledger.errors import N_, RuleError

# --- what was typed ------------------------------------------------------------------------------


class TextNotAllowedError(RuleError):
    """Text with a character that cannot be seen or that turns the line around. Facts: field."""

    code = "TEXT_NOT_ALLOWED"
    message = N_("“{field}” holds a character that cannot be shown. Type it again.")


class TextTooLongError(RuleError):
    """Facts: field, limit (characters)."""

    code = "TEXT_TOO_LONG"
    message = N_("“{field}” is longer than {limit} characters. Shorten it.")


class MissingError(RuleError):
    """Facts: field."""

    code = "MISSING"
    message = N_("“{field}” is empty. Fill it in.")


class BadValueError(RuleError):
    """Facts: field, given."""

    code = "BAD_VALUE"
    message = N_("“{given}” cannot be used for “{field}”. Correct it.")


class NumberTakenError(RuleError):
    """Numbers are unique in a branch, those of loans and savings together. Facts: number."""

    code = "NUMBER_TAKEN"
    message = N_("The number {number} belongs to another account. Choose another one.")


class ReceiptTakenError(RuleError):
    """Facts: receipt."""

    code = "RECEIPT_TAKEN"
    message = N_("The receipt {receipt} was used before. Look it up: this payment may be booked already.")


class OneOwnerError(RuleError):
    """An account belongs to exactly one client or one group. No facts."""

    code = "ONE_OWNER"
    message = N_("An account belongs to one client or to one group: choose exactly one of them.")


# --- accounts ------------------------------------------------------------------------------------


class StatusError(RuleError):
    """Something that an account in this state does not allow. Facts: number, status, wanted."""

    code = "STATUS"
    message = N_("{number} is {status}: “{wanted}” is not possible. Nothing was changed.")


class NotDisbursedError(RuleError):
    """Money on a loan before it was paid out. Facts: number, day."""

    code = "NOT_DISBURSED"
    message = N_("{number} is not paid out on {day}. Check the account number and the date.")


class BeforeApprovalError(RuleError):
    """Facts: number, day, approved."""

    code = "BEFORE_APPROVAL"
    message = N_("{number} was approved on {approved}; it cannot be paid out on {day}. Check the date.")


class LimitError(RuleError):
    """An amount outside what the product allows. Facts: amount, limit."""

    code = "LIMIT"
    message = N_("{amount} is outside what this product allows: the limit is {limit}.")


class InsufficientFundsError(RuleError):
    """More than there is to take. Facts: amount, available."""

    code = "INSUFFICIENT_FUNDS"
    message = N_("{amount} is more than the {available} that can be taken out.")


class AlreadyReversedError(RuleError):
    """Facts: receipt (or the id where none was printed)."""

    code = "ALREADY_REVERSED"
    message = N_("{receipt} was reversed before. Nothing was changed.")


class NotReversibleError(RuleError):
    """A reversal, or a disbursement that others rest on. Facts: receipt, reason."""

    code = "NOT_REVERSIBLE"
    message = N_("{receipt} cannot be reversed: {reason}. Nothing was changed.")


class ReversalDateError(RuleError):
    """Facts: day, first (the value date of what is reversed)."""

    code = "REVERSAL_DATE"
    message = N_("A reversal on {day} would come before what it reverses. Use {first} or later.")


# --- day and cash --------------------------------------------------------------------------------


class DayOpenError(RuleError):
    """A second open. Facts: day (the one that is open)."""

    code = "DAY_OPEN"
    message = N_("{day} is open already. Close it first.")


class NoOpenDayError(RuleError):
    """No facts."""

    code = "NO_OPEN_DAY"
    message = N_("No day is open. Open the day first.")


class DayPassedError(RuleError):
    """Facts: day, last (the last day that was closed)."""

    code = "DAY_PASSED"
    message = N_("{day} cannot be opened: {last} is closed already. Choose a later day.")


class ClockBackError(RuleError):
    """Facts: now, last (instants)."""

    code = "CLOCK_BACK"
    message = N_("The clock of this computer says {now}, but something was booked at {last}. Set the clock.")


class TillClosedError(RuleError):
    """Facts: till."""

    code = "TILL_CLOSED"
    message = N_("The till {till} is not in use. Choose another one.")


class NotYourTillError(RuleError):
    """Somebody else answers for this till on this day. Facts: till, day."""

    code = "NOT_YOUR_TILL"
    message = N_(
        "Somebody else answers for the till {till} on {day}. Choose your own till, or be assigned to it."
    )


class SecondPersonNeededError(RuleError):
    """Facts: amount, limit."""

    code = "SECOND_PERSON_NEEDED"
    message = N_("{amount} needs a second person, as everything from {limit} on. Ask somebody to confirm it.")


class TwoPeopleAlwaysError(RuleError):
    """No facts."""

    code = "TWO_PEOPLE_ALWAYS"
    message = N_(
        "What somebody composes at headquarters takes two people, whatever its amount. Nothing was changed. "
        "Name the second person, or ask for approval."
    )


class BadSecondPersonError(RuleError):
    """Facts: name, reason."""

    code = "BAD_SECOND_PERSON"
    message = N_("{name} cannot confirm this: {reason}. Nothing was changed; ask somebody else.")


class ManualEntryError(RuleError):
    """A manual entry on an account that other records keep. Facts: account."""

    code = "NO_MANUAL_ENTRY"
    message = N_("No manual entry is made on {account}: its balance follows from loans, savings or headings.")


class TooManyLinesError(RuleError):
    """Facts: limit."""

    code = "TOO_MANY_LINES"
    message = N_("An entry has at most {limit} lines. Book it in several entries.")


# --- people --------------------------------------------------------------------------------------


class WrongPasswordError(RuleError):
    """The same sentence for an unknown name, so that names cannot be tried out. No facts."""

    code = "WRONG_PASSWORD"
    message = N_("The name or the password is wrong.")


class LockedOutError(RuleError):
    """Facts: minutes."""

    code = "LOCKED_OUT"
    message = N_("Too many wrong passwords. Wait {minutes} minutes, then try again.")


class LastAdministratorError(RuleError):
    """Facts: username."""

    code = "LAST_ADMINISTRATOR"
    message = N_("{username} is the last administrator here. Make somebody else one first.")


class UsernameTakenError(RuleError):
    """Facts: username."""

    code = "USERNAME_TAKEN"
    message = N_("Somebody already logs in as {username}. Choose another name.")


class WeakPasswordError(RuleError):
    """Facts: least (characters)."""

    code = "WEAK_PASSWORD"
    message = N_("A password needs at least {least} characters.")
