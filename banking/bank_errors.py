"""What bank statements and their matching refuse, by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import N_, RuleError


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong in a bank's file: row (from 1, the header included), column, and why."""

    row: int
    column: str
    reason: str


class StatementRowsError(RuleError):
    """Rows of a bank's file that cannot be read; ``faults`` lists all of them. Facts: count, first."""

    code = "STATEMENT_ROWS"
    message = N_("{count} place(s) of the file cannot be read; the first: {first}. Nothing was imported.")

    def __init__(self, faults: Sequence[RowFault]) -> None:
        first = faults[0]
        super().__init__(count=len(faults), first=f"row {first.row}, {first.column}: {first.reason}")
        self.faults = tuple(faults)


class StatementFileError(RuleError):
    """A file that is no list of bank lines as it was described. Facts: reason."""

    code = "STATEMENT_FILE"
    message = N_("The file cannot be used: {reason}. Nothing was imported.")


class StatementKnownError(RuleError):
    """Facts: first, last (days of the statement that is there)."""

    code = "STATEMENT_KNOWN"
    message = N_("This file was imported before ({first} to {last}). Nothing was imported.")


class StatementBalanceError(RuleError):
    """Facts: opening, lines, closing (minor units)."""

    code = "STATEMENT_BALANCE"
    message = N_(
        "Opening {opening} and lines of {lines} are not the closing {closing}. A line is missing or wrong;"
        " nothing was imported."
    )


class StatementGapError(RuleError):
    """Facts: opening, closing (of the statement before), last (its last day)."""

    code = "STATEMENT_GAP"
    message = N_(
        "The statement begins with {opening}, but the one before ended with {closing} on {last}. Import the"
        " statement between them first; nothing was imported."
    )


class MatchError(RuleError):
    """Facts: line (number of the statement's line), reason."""

    code = "MATCH"
    message = N_("Line {line} of the statement: {reason}. Nothing was changed.")
