"""What tests know of a planted fraud, and the clock of the month in which it happens."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from satchel.demo_month import Clock


class MonthClock(Clock):
    """The clock of the month, that can be set to an instant."""

    def set_time(self, instant: datetime) -> None:
        """Set it."""
        self._instant = instant


@dataclass
class Planted:
    """A fraud: its kind, and values that stand in the row of any case that is about it."""

    kind: str
    marks: set[tuple[str, str]] = field(default_factory=set)

    def is_about(self, case: dict[str, Any]) -> bool:
        """Tell whether a case of the library is about this fraud; ``case`` names exception and person."""
        named = {**case, "case": f"{case['exception']} {case['who']}"}
        return any(str(named.get(column)) == value for column, value in self.marks)
