"""Rules of collection sheets that can say no, by name."""

from collections.abc import Callable

from ledger.errors import N_, RuleError, as_it_stands


class NobodyToMeetError(RuleError):
    """Facts: place."""

    code = "NOBODY_TO_MEET"
    message = N_("{place} has no members. No sheet was made. Add members to its groups first.")


class SheetClosedError(RuleError):
    """A sheet that is posted or void. Facts: number, state."""

    code = "SHEET_CLOSED"
    message = N_("Sheet {number} is {state}. Nothing was changed.")


class NoSuchCellError(RuleError):
    """Facts: number, line, slot."""

    code = "NO_SUCH_CELL"
    message = N_("Row {line} of sheet {number} has no cell “{slot}”. Nothing was kept. Choose another cell.")


class BadMarkError(RuleError):
    """Facts: given."""

    code = "BAD_MARK"
    message = N_(
        "“{given}” says nothing about a meeting. Type P (present), LP (late), A (absent) or L (leave)."
    )


class UnusualAmountError(RuleError):
    """An amount that is asked about once. Facts: typed, due."""

    code = "UNUSUAL_AMOUNT"
    message = N_("Typed {typed}: due is {due}. Look again; if it is right, confirm it.")


class PayoutAmountError(RuleError):
    """A loan that is paid out in part. Facts: typed, due."""

    code = "PAYOUT_AMOUNT"
    message = N_("A loan is paid out whole: type {due}, or 0 if it was not paid out. You typed {typed}.")


class AccountClosedError(RuleError):
    """Money on an account that took some when the sheet was printed, and takes none now. Facts: number."""

    code = "ACCOUNT_CLOSED"
    message = N_("{number} takes no money any more. Type 0, and book the money at the counter.")


class NotKeyedError(RuleError):
    """Facts: number (of the sheet), count, line (the first row)."""

    code = "NOT_KEYED"
    message = N_(
        "Sheet {number}: {count} cell(s) are not keyed, the first in row {line}. Nothing was posted. "
        "Type an amount, or 0 where nothing was paid."
    )


class WrongCellError(RuleError):
    """A row that cannot be posted, or that has to be confirmed. Facts: line, name; ``refusal`` says why.

    ``refusal`` is the rule itself; an ``UnusualAmountError`` there is what somebody has to confirm.
    """

    code = "WRONG_CELL"
    message = N_("Row {line}, {name}: {reason} Nothing was posted.")

    def __init__(self, line: int, name: str, refusal: RuleError) -> None:
        super().__init__(line=line, name=name, reason=refusal)
        self.refusal = refusal

    def told(
        self,
        translate: Callable[[str], str] = N_,
        show: Callable[[object], object] = as_it_stands,
    ) -> str:
        """Give the sentence with the reason in the reader's language too."""
        reason = self.refusal.told(translate, show)
        return translate(self.message).format(**{**self.facts, "reason": reason})


class ControlTotalError(RuleError):
    """The cash counted is not what was keyed. Facts: counted, total, difference (counted less total)."""

    code = "CONTROL_TOTAL"
    message = N_(
        "You counted {counted}, the rows come to {total}: the difference is {difference}. Nothing was posted."
    )


class DraftChangedError(RuleError):
    """Somebody keyed a cell after the total had been checked. Facts: number."""

    code = "DRAFT_CHANGED"
    message = N_(
        "Sheet {number} was changed after its total was checked. Nothing was posted. Look at the rows, and "
        "check the total again."
    )


class MeetingPostedError(RuleError):
    """Another sheet of the same meeting, with some of the same people, is posted. Facts: number, other."""

    code = "MEETING_POSTED"
    message = N_(
        "Sheet {other} of the same meeting is posted already. Nothing was posted. If sheet {number} is "
        "other money, type {other} and post again; if not, void it."
    )


class PayoutChangedError(RuleError):
    """What was booked moved other money than what was keyed. Facts: booked, keyed."""

    code = "PAYOUT_CHANGED"
    message = N_("{keyed} was keyed, but {booked} would be booked. Nothing was posted. Open the sheet again.")
