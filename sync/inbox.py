"""Bundles coming in: found, then taken one by one, or those of different branches side by side.

A preview runs the same code and keeps nothing, so that its counts are the import's.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ledger.errors import TrustError
from sync.admission import Admission
from sync.bundle_files import FoundBundle, find_volumes
from sync.import_watch import QUIET, ImportWatch
from sync.installation import Installation
from sync.opening import Opened, opened_ahead
from sync.receiving import REJECT, BundleResult, was_taken_whole
from sync.side_by_side import import_side_by_side, lines_of_offices
from sync.taking import import_one, is_known, name_of, refusal_of, take, tell

WORTH_BYTES: Final = 16 << 20
"""Of bundles that are together smaller, opening takes less time than other processes need to begin."""
WORTH_BYTES_BESIDE: Final = 1 << 20
"""The same of taking them in: some ten thousand changesets."""


class _Rehearsed(Exception):  # noqa: N818 - not an error: it undoes a preview
    """Leaves the transaction of a preview."""


def usual_workers(installation: Installation) -> int:
    """Give how many processes work on bundles where nobody said.

    Into a server as many as there are cores, two at least; for a file all cores but one.
    """
    cores = os.cpu_count() or 1
    return max(1, cores - 1) if installation.database.is_sqlite else max(2, cores)


def import_paths(
    installation: Installation,
    paths: Sequence[Path],
    *,
    dry_run: bool = False,
    carrier: str = "",
    watch: ImportWatch = QUIET,
    workers: int = 1,
) -> list[BundleResult]:
    """Import what lies in files and folders, disc images and mails; one result for each bundle found.

    A damaged volume of no bundle is a result too. ``dry_run`` gives the same results and changes nothing.

    carrier  how it came (imap, https); empty for what the files themselves say
    watch    is told of each step; not of a dry run
    workers  processes: on a server they take bundles of different offices into the books side by side; for
             a file they open bundles while this one takes them in, one after another; 1 does all here
    """
    found = find_volumes(paths, installation.home.spool, carrier)
    results = [
        BundleResult(None, None, REJECT, fault.refusal.code, Admission(), detail=str(fault.refusal))
        for fault in found.faults
    ]
    if dry_run:
        return results + [_rehearse(installation, bundle) for bundle in found.bundles]
    watch.found(len(found.faults) + len(found.bundles))
    for result in results:
        tell(installation, watch, result)
    lines = _worth_processes(installation, found.bundles, workers)
    if len(lines) > 1:
        results += import_side_by_side(installation, found.bundles, lines, watch, workers)
    else:
        for bundle, opened in _opened(installation, found.bundles, workers):
            watch.reads(name_of(bundle))
            results.append(import_one(installation, bundle, watch, opened))
    installation.look_up_state()
    return results


def _worth_processes(
    installation: Installation, bundles: Sequence[FoundBundle], workers: int
) -> dict[int, deque[int]]:
    """Give the bundles of each office that can be taken side by side: into a server, and not just a few."""
    if workers <= 1 or installation.database.is_sqlite or _size(bundles) < WORTH_BYTES_BESIDE:
        return {}
    return lines_of_offices(installation, bundles)


def _size(bundles: Sequence[FoundBundle]) -> int:
    return sum(volume.path.stat().st_size for bundle in bundles for volume in bundle.volumes)


def _opened(
    installation: Installation, bundles: Sequence[FoundBundle], workers: int
) -> Iterator[tuple[FoundBundle, Sequence[Opened] | None]]:
    """Give the bundles with what workers have made of them; few and small ones are not worth a process."""
    if workers <= 1 or len(bundles) <= 1 or _size(bundles) < WORTH_BYTES:
        return iter([(bundle, None) for bundle in bundles])

    def may_open(bundle: FoundBundle) -> bool:
        if bundle.index.institution != installation.facts.institution_id or bundle.code == "VOLUME_TWIN":
            return False
        with installation.database.reading() as session:
            known = is_known(installation.roster(session), bundle)
            return not bundle.damaged and (
                not was_taken_whole(session, bundle) if known else bool(bundle.index.enrol)
            )

    return opened_ahead(installation.identities, bundles, workers, may_open)


def _rehearse(installation: Installation, bundle: FoundBundle) -> BundleResult:
    """Do all that an import does, and keep nothing."""
    result = BundleResult(name_of(bundle), None, REJECT, None, Admission())
    try:
        with installation.exclusive() as session:
            take(installation, session, bundle, result, dry_run=True)
            raise _Rehearsed
    except _Rehearsed:
        return result
    except TrustError as refusal:
        return refusal_of(result, refusal)
