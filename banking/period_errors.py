"""What accounting periods refuse, by name."""

from collections.abc import Sequence

from banking.closing.checks import PeriodCheck
from ledger.errors import N_, RuleError


class PeriodOverlapError(RuleError):
    """Facts: name, other (the period that has some of its days)."""

    code = "PERIOD_OVERLAP"
    message = N_("{name} shares days with the period {other}. Nothing was changed.")


class PeriodStateError(RuleError):
    """Facts: name, state (open or closed)."""

    code = "PERIOD_STATE"
    message = N_("{name} is {state} already. Nothing was changed.")


class PeriodBlockedError(RuleError):
    """A period that cannot be closed yet; ``checks`` holds all that blocks. Facts: name, count, reasons."""

    code = "PERIOD_BLOCKED"
    message = N_("{name} cannot be closed yet, for {count} reason(s): {reasons}. Nothing was changed.")

    def __init__(self, name: str, checks: Sequence[PeriodCheck]) -> None:
        reasons = "; ".join(check.told() for check in checks)
        super().__init__(name=name, count=len(checks), reasons=reasons)
        self.checks = tuple(checks)


class PeriodReasonError(RuleError):
    """A period that is closed only with a reason. Facts: name, reasons (what has to be explained)."""

    code = "PERIOD_REASON"
    message = N_("{name} can be closed only by somebody who says why: {reasons}. Nothing was changed.")

    def __init__(self, name: str, checks: Sequence[PeriodCheck]) -> None:
        super().__init__(name=name, reasons="; ".join(check.told() for check in checks))


class PeriodNotOverError(RuleError):
    """Facts: name, day (its last)."""

    code = "PERIOD_NOT_OVER"
    message = N_("{name} lasts until {day}. Close it when that day is over. Nothing was changed.")


class YearClosedError(RuleError):
    """Facts: name (of the year)."""

    code = "YEAR_CLOSED"
    message = N_("The year {name} is closed. Open the year first. Nothing was changed.")


class MonthsOpenError(RuleError):
    """Facts: name (of the year), months."""

    code = "MONTHS_OPEN"
    message = N_("Months of {name} are open: {months}. Close them first. Nothing was changed.")


class SecondPersonAlwaysError(RuleError):
    """No facts."""

    code = "SECOND_PERSON_ALWAYS"
    message = N_("Opening a closed period takes a second person. Nothing was changed.")
