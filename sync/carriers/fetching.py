"""Fetching bundles by a line or from a folder, and importing them as if they had lain on a stick."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sync.bundle_files import find_volumes
from sync.carriers import FOLDER, HTTPS, IMAP
from sync.carriers.line import Line
from sync.carriers.mailing import fetch_mails
from sync.carriers.settings import Carriers
from sync.import_watch import QUIET, ImportWatch
from sync.inbox import import_paths
from sync.installation import Installation
from sync.reasons import refused
from sync.receiving import FINE, BundleResult

CAME_BY_LINE: Final = "line"
"""Folder of the inbox in which headquarters keeps what branches put there."""


def fetch_bundles(installation: Installation, source: str, watch: ImportWatch = QUIET) -> list[BundleResult]:
    """Fetch what is new and import it; running it again changes nothing more.

    watch   is told of each bundle
    raises  TrustError NO_SETTING, NO_LINE, IO_ERROR: what was fetched before stays in the inbox
    """
    if source == FOLDER:
        folder = Path(Carriers.read(installation).needed("folder.path"))
        return import_paths(installation, [folder], carrier=FOLDER, watch=watch)
    if source == IMAP:
        return fetch_mails(installation, watch=watch)
    if source != HTTPS:
        raise refused("NO_SETTING", f"There is no way “{source[:20]}”.", where="source")
    return _from_line(installation, watch) if installation.signer.is_hq else _by_line(installation, watch)


def count_by_line(installation: Installation) -> int:
    """Give how many volumes that branches put into the inbox wait to be imported."""
    folder = installation.home.inbox / CAME_BY_LINE
    return sum(1 for _volume in folder.rglob("*.volume")) if folder.is_dir() else 0


def _by_line(installation: Installation, watch: ImportWatch) -> list[BundleResult]:
    """Ask headquarters for the return bundle."""
    with (
        tempfile.TemporaryDirectory(prefix="fetched-", dir=installation.home.inbox) as folder,
        Line.of(installation) as line,
    ):
        return import_paths(installation, line.fetch(Path(folder)), carrier=HTTPS, watch=watch)


def _from_line(installation: Installation, watch: ImportWatch) -> list[BundleResult]:
    """Import what branches put into the inbox; what stands in the books is taken out of it."""
    folder = installation.home.inbox / CAME_BY_LINE
    if not folder.is_dir():
        return []
    results = import_paths(installation, [folder], carrier=HTTPS, watch=watch)
    _clear(installation, folder, results)
    return results


def _clear(installation: Installation, folder: Path, results: Sequence[BundleResult]) -> None:
    fine = {result.bundle for result in results if result.verdict in FINE}
    for bundle in find_volumes([folder], installation.home.spool).bundles:
        if bundle.code is None and bundle.index.bundle.hex()[:8].upper() in fine:
            for path in folder.rglob(f"{bundle.index.bundle.hex()}-*.volume"):
                path.unlink(missing_ok=True)
