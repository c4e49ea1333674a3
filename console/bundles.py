"""How imported bundles are told, and sizes of volumes read."""

import re
from collections.abc import Iterable
from typing import Final

from ledger.errors import TrustError
from sync.receiving import BundleResult

_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_SIZE: Final = re.compile(r"(\d{1,6})([KMG]?)")


def bundle_row(result: BundleResult) -> dict[str, object]:
    """Give the row of one bundle as the interface names it."""
    return {
        "bundle": result.bundle,
        "sender": result.sender,
        "verdict": result.verdict,
        "code": result.code,
        "admitted": result.counts.admitted,
        "known": result.counts.known,
        "held": result.counts.held,
        "quarantined": result.counts.quarantined,
        "exceptions": result.counts.exceptions,
        "totals_agree": result.totals_agree,
        "codes": result.counts.codes,
        "detail": result.detail,
    }


def lines_of(results: Iterable[BundleResult]) -> list[str]:
    """Tell each bundle in a line or two that can be read aloud."""
    lines: list[str] = []
    for result in results:
        counts = result.counts
        lines.append(
            f"{result.bundle or 'unreadable'} from {result.sender or 'unknown'}: {result.verdict}"
            f"{f' ({result.code})' if result.code else ''}; {counts.admitted} new, {counts.known} known, "
            f"{counts.held} waiting, {counts.quarantined} quarantined, {counts.exceptions} need a person"
        )
        if result.detail:
            lines.append(f"  {result.detail}")
        if result.totals_agree is False:
            lines.append("  The sender's control totals differ from its own entries: not certified.")
    return lines or ["No bundles were found there."]


def parse_size(text: str) -> int:
    """Read a size such as 7M, 650M or 1G in bytes."""
    found = _SIZE.fullmatch(text.strip().upper())
    if found is None or not int(found.group(1)):
        raise TrustError(
            "BAD_SIZE",
            f"“{text[:20]}” is not a size. Nothing was written.",
            next_step="Write 7M for e-mail, 650M for a CD, 1G for a stick.",
        )
    return int(found.group(1)) * _UNITS[found.group(2)]
