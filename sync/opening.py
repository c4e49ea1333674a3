"""Opening bundles: decrypted, unpacked and checked against their manifests; in other processes if wanted.

Nothing here looks at a database. What a worker gives is what this process would have made of the same bytes;
where a worker finds anything wrong it gives nothing, and the bundle is opened here, so that it is refused in
the same words whoever opened it.
"""

import logging
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Final, NamedTuple

from ledger.errors import TrustError
from sync.bundle_files import FoundBundle
from sync.reasons import refused
from sync.seal import Identity
from sync.segment import Contents, Segment, open_segment, read_segment
from sync.volume import Entry, Index, read_sealed

Identities = Sequence[str]
"""What opens bundles for this home: its own age identity, and those of devices that lived here before."""

_HELD_BYTES: Final = 8 << 20
"""Of an authentic bundle, kept in memory until it is received; the rest is read a second time."""
_log = logging.getLogger("satchel.imports")


class Opened(NamedTuple):
    """A segment for us. ``at`` is where it is read from again, when only its manifest was kept."""

    segment: Segment
    at: tuple[Path, Entry] | None


def authentic(
    identities: Identities, bundle: FoundBundle, opened: Sequence[Opened] | None = None
) -> list[Segment]:
    """Give every segment of a bundle that is for us, whole; beyond a few, each is let go until its turn.

    opened  what a worker has made of it; None where it is to be opened here
    raises  TrustError: nothing of the bundle may be believed then
    """
    index = bundle.index
    segments = []
    for segment, at in opened if opened is not None else _open_all(identities, index, _places(bundle)):
        if at is not None:

            def read(at: tuple[Path, Entry] = at) -> Segment:
                again = _open_for_us(identities, index, _sealed(*at))
                if again is None:
                    raise refused("NOT_FOR_US")
                return again

            segment.set_aside(read)
        segments.append(segment)
    return segments


Place = tuple[Path, Sequence[Entry]]


def _places(bundle: FoundBundle) -> list[Place]:
    return [(volume.path, volume.index.segments) for volume in bundle.volumes]


def _open_all(identities: Identities, index: Index, places: Sequence[Place]) -> Iterator[Opened]:
    left = _HELD_BYTES
    for path, entries in places:
        for entry in entries:
            segment = _open_for_us(identities, index, _sealed(path, entry))
            if segment is None:
                continue
            left -= segment.manifest.content.unpacked_bytes + sum(map(len, segment.attachments))
            if left < 0:
                segment.let_go()
            yield Opened(segment, (path, entry) if left < 0 else None)


def _open_for_us(identities: Identities, index: Index, sealed: bytes) -> Segment | None:
    """Open one segment with the keys of this home, older ones too; None where it is for others.

    raises  TrustError: whatever else is wrong with it
    """
    try:
        contents = open_segment(sealed, identities)
    except TrustError as fault:
        if fault.code == "NOT_FOR_US":
            return None
        raise
    readers = [Identity.of(identity).recipient for identity in identities]
    for reader in readers[:-1]:
        try:
            return _read(contents, index, reader)
        except TrustError as fault:
            if fault.code != "WRONG_RECIPIENT":
                raise
    return _read(contents, index, readers[-1])


def _read(contents: Contents, index: Index, reader: str) -> Segment:
    return read_segment(contents, public=index.public, institution=index.institution, reader=reader)


def _sealed(path: Path, entry: Entry) -> bytes:
    try:
        with path.open("rb") as file:
            return read_sealed(file, entry)
    except OSError as fault:
        raise refused("IO_ERROR", str(fault.strerror or fault), where=path.name) from fault


def opened_ahead(
    identities: Identities,
    bundles: Iterable[FoundBundle],
    workers: int,
    may_open: Callable[[FoundBundle], bool],
) -> Iterator[tuple[FoundBundle, list[Opened] | None]]:
    """Give the bundles in their order, with what a worker has made of each; None where none has opened it.

    Never more than ``workers`` and one of them are opened and wait for their turn, each of bounded size.

    may_open  whether a bundle's sender is known and it is wanted: nothing else is decrypted
    """
    context = multiprocessing.get_context("spawn")  # threads and open databases do not survive a fork
    with ProcessPoolExecutor(workers, context) as pool:
        waiting: deque[tuple[FoundBundle, Future[list[Opened] | None] | None]] = deque()
        for bundle in bundles:
            asked = None
            if may_open(bundle):
                asked = pool.submit(_try_to_open, identities, bundle.index, _places(bundle))
            waiting.append((bundle, asked))
            if len(waiting) > workers:
                yield _settled(*waiting.popleft())
        while waiting:
            yield _settled(*waiting.popleft())


def _settled(
    bundle: FoundBundle, asked: Future[list[Opened] | None] | None
) -> tuple[FoundBundle, list[Opened] | None]:
    try:
        return bundle, asked.result() if asked is not None else None
    except BrokenProcessPool:
        _log.warning("a process that opens bundles has ended; the rest is opened in this one")
        return bundle, None


def _try_to_open(identities: Identities, index: Index, places: Sequence[Place]) -> list[Opened] | None:
    """Open a bundle in a worker; None where anything is wrong with it."""
    try:
        return list(_open_all(identities, index, places))
    except TrustError:
        return None
