"""What came of one bundle of an import, as pages show it and as the row of the import keeps it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Self

from sqlalchemy.orm import Session

from console.bundles import bundle_row
from sync import chain as chains
from sync.chain import HEAD
from sync.receiving import FINE, HOLD, NOOP, BundleResult


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One bundle: what ``hq import --json`` prints of it, and what a person knows it by.

    number       on its label; None where it says none (older programs) or could not be opened
    check        the check letters of its label; empty where it could not be opened
    days         first and last business day in it, ISO text; empty where there is none
    first_seq, last_seq       the entries in it; None where there is none
    missing      first and last entry of the same branch that it waits for; None where it waits for none
    """

    bundle: str | None
    sender: str | None
    verdict: str
    code: str | None
    admitted: int
    known: int
    held: int
    quarantined: int
    exceptions: int
    totals_agree: bool | None
    codes: list[str]
    detail: str
    number: int | None
    check: str
    days: list[str]
    first_seq: int | None
    last_seq: int | None
    missing: list[int] | None

    @classmethod
    def of(cls, session: Session, result: BundleResult) -> Self:
        """Make it from the result of an import or a preview."""
        contents = [manifest.content for manifest in result.manifests if manifest.content.last is not None]
        days = sorted(day for content in contents for day in content.dates)
        first = contents[0].first if contents else None
        last = contents[-1].last if contents else None
        numbers = [manifest.number[1] for manifest in result.manifests if manifest.number]
        return cls(
            **bundle_row(result),  # type: ignore[arg-type]  # the row has these names; a test compares
            number=numbers[0] if numbers else None,
            check=result.check,
            days=sorted({days[0], days[-1]}) if days else [],
            first_seq=first.seq if first else None,
            last_seq=last.seq if last else None,
            missing=_missing_before(session, result),
        )

    @property
    def is_fine(self) -> bool:
        """Whether all of it is in the books, or waits there."""
        return self.verdict in FINE


def _missing_before(session: Session, result: BundleResult) -> list[int] | None:
    """Give the range that a waiting bundle needs first: from the end of the books to its own beginning."""
    first = result.manifests[0].content.first if result.manifests else None
    if result.verdict != HOLD or first is None:
        return None
    manifest = result.manifests[0]
    head = chains.watermark(session, manifest.device, manifest.chain, HEAD)
    missing = [(head.seq if head else 0) + 1, first.seq - 1]
    return missing if missing[0] <= missing[1] else None


def to_json(lines: Iterable[ResultLine]) -> str:
    """Write lines as the row of an import keeps them."""
    return json.dumps([asdict(line) for line in lines], ensure_ascii=False)


def from_json(text: str) -> list[ResultLine]:
    """Read them back."""
    return [ResultLine(**row) for row in json.loads(text)]


def with_line(lines: Sequence[ResultLine], line: ResultLine) -> list[ResultLine]:
    """Add what came of one bundle.

    An import that goes on after a stop meets bundles that it has taken before as known ones: of such a
    bundle the first line stays.
    """
    for place, earlier in enumerate(lines):
        if line.bundle is not None and earlier.bundle == line.bundle:
            if line.verdict == NOOP and earlier.is_fine:
                return list(lines)
            return [*lines[:place], line, *lines[place + 1 :]]
    return [*lines, line]
