"""What must be done before a month or a year is closed; everything that blocks is listed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeriodCheck:
    """One question of the checklist: whose (code of an office; empty: of all), and what is missing."""

    office: str
    name: str
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is missing."""
        return not self.detail

    def told(self) -> str:
        """Give it in a line: office, and what is missing."""
        return f"{self.office} {self.detail}".strip()
