"""How pages tell what came of bundles: in words, days and ranges of entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hq.results import ResultLine
from sync.labels import label_number
from sync.manifest import Totals
from sync.receiving import HOLD
from web.filters import NOTHING, show_date


@dataclass(frozen=True, slots=True)
class Span:
    """What a bundle covers, as text: business days and entries."""

    days: str
    entries: str


def span(line: ResultLine) -> Span:
    """Give what a bundle covers; dashes where nothing of it could be opened."""
    if line.first_seq is None:
        return Span(NOTHING, NOTHING)
    told = f" {NOTHING} ".join(show_date(date.fromisoformat(day)) for day in line.days)
    entries = (
        str(line.first_seq)
        if line.first_seq == line.last_seq
        else f"{line.first_seq}{NOTHING}{line.last_seq}"
    )
    return Span(told or NOTHING, entries)


def label_of(branch: str | None, number: int | None) -> str:
    """Give what stands on a bundle's label, such as KIT-0042; empty where it says no number."""
    return label_number(branch, number) if branch and number else ""


def account_codes(totals: tuple[Totals, Totals]) -> list[str]:
    """List the GL accounts that either side of the control totals names."""
    claimed, ours = totals
    return sorted(claimed.accounts.keys() | ours.accounts.keys())


def offers(lines: Sequence[ResultLine]) -> bool:
    """Whether an import of what the preview shows would change anything."""
    return any(line.verdict != "REJECT" for line in lines)


def worst_tone(lines: Sequence[ResultLine]) -> str:
    """Give the tone of a whole import: good, unless one bundle was not fine."""
    if not all(line.is_fine for line in lines):
        return "refused"
    return "waiting" if any(line.verdict == HOLD for line in lines) else "good"
