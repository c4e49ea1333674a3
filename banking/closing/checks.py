"""What must be done before a month or a year is closed; everything that blocks or warns is listed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ledger.errors import N_, as_it_stands


@dataclass(frozen=True, slots=True)
class PeriodCheck:
    """One question of the checklist.

    office   whose: code of an office; empty: of all
    lacking  the sentence that says what is missing, with facts in braces; empty: nothing is
    blocks   whether the period stays open while something is missing; what does not block only warns
    asks     whether it is closed over what is missing only with a reason, which is kept
    """

    office: str
    name: str
    lacking: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    blocks: bool = True
    asks: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing is missing."""
        return not self.lacking

    @property
    def detail(self) -> str:
        """What is missing, in English; empty where nothing is."""
        return self.said()

    def said(
        self,
        translate: Callable[[str], str] = N_,
        show: Callable[[object], object] = as_it_stands,
    ) -> str:
        """Say what is missing in the reader's language, every fact as ``show`` writes it."""
        return translate(self.lacking).format(**{name: show(one) for name, one in self.facts.items()})

    def told(self) -> str:
        """Give it in a line: office, and what is missing."""
        return f"{self.office} {self.detail}".strip()
