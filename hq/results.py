"""What the last imports did, for the page that an import leads to."""

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Final

from sync.receiving import BundleResult

KEPT: Final = 32
_TOKEN_BYTES: Final = 8


class KeptResults:
    """The results of the last imports of this server, by token; the books themselves keep what came in.

    Control totals name every account of a branch, so they are not kept in memory.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, list[BundleResult]] = OrderedDict()

    def keep(self, results: Sequence[BundleResult]) -> str:
        """Keep the results of one import and give its token; the oldest ones are forgotten."""
        token = secrets.token_hex(_TOKEN_BYTES)
        kept = [_without_totals(result) for result in results]
        with self._lock:
            self._kept[token] = kept
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return token

    def find(self, token: str) -> list[BundleResult] | None:
        """Give the results of one import; None when they are forgotten."""
        with self._lock:
            return self._kept.get(token)


def _without_totals(result: BundleResult) -> BundleResult:
    manifests = tuple(replace(manifest, totals=None) for manifest in result.manifests)
    return replace(result, manifests=manifests, totals=None)
