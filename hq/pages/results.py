"""How pages tell what came of bundles: in words, days and ranges of entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hq.pages import desk
from sync.manifest import Totals
from sync.receiving import FINE, HOLD, BundleResult
from web.filters import NOTHING, show_date


@dataclass(frozen=True, slots=True)
class Span:
    """What a bundle covers, as text: business days and entries."""

    days: str
    entries: str


def span(result: BundleResult) -> Span:
    """Give what a bundle covers; dashes where nothing of it could be opened."""
    contents = [manifest.content for manifest in result.manifests if manifest.content.last is not None]
    if not contents:
        return Span(NOTHING, NOTHING)
    days = sorted(day for content in contents for day in content.dates)
    first, last = contents[0].first, contents[-1].last
    assert first is not None
    assert last is not None
    ends = sorted({days[0], days[-1]}) if days else []
    told = f" {NOTHING} ".join(show_date(date.fromisoformat(day)) for day in ends)
    entries = str(first.seq) if first.seq == last.seq else f"{first.seq}{NOTHING}{last.seq}"
    return Span(told or NOTHING, entries)


def missing_before(result: BundleResult) -> tuple[int, int] | None:
    """Give the range that a waiting bundle needs first: from the end of the books to its own beginning."""
    firsts = [manifest.content.first for manifest in result.manifests]
    known = next((branch for branch in desk.branches() if branch.branch == result.sender), None)
    if result.verdict != HOLD or known is None or not firsts or firsts[0] is None:
        return None
    first, last = known.last_seq + 1, firsts[0].seq - 1
    return (first, last) if first <= last else None


def account_codes(totals: tuple[Totals, Totals]) -> list[str]:
    """List the GL accounts that either side of the control totals names."""
    claimed, ours = totals
    return sorted(claimed.accounts.keys() | ours.accounts.keys())


def offers(results: Sequence[BundleResult]) -> bool:
    """Whether an import of what the preview shows would change anything."""
    return any(result.verdict != "REJECT" for result in results)


def worst_tone(results: Sequence[BundleResult]) -> str:
    """Give the tone of a whole import: good, unless one bundle was not fine."""
    if any(result.verdict not in FINE for result in results):
        return "refused"
    return "waiting" if any(result.verdict == HOLD for result in results) else "good"
