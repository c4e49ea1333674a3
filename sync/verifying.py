"""Signed changesets of one chain, checked and read in order; signatures in other threads.

Checking a signature takes as long as reading a changeset, and happens outside the interpreter's lock: so the
signatures of the next lots are checked on other cores while this one is read, judged and inserted.  Nothing
is parsed, nor handed on, before its signature was found good; changesets are made one by one as they are
asked for.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from sync.changeset import Changeset, digest
from sync.frames import Signed, Unpacked
from sync.signing import verify_digest

_LOT: Final = 200
"""Changesets whose signatures one thread checks in one go."""
_LOTS_AHEAD: Final = 16
_FEW: Final = 8
"""So few are not worth a thread."""


class Verified(NamedTuple):
    """A changeset whose form and signature are good; its place and meaning are still to be judged."""

    changeset: Changeset
    body: bytes
    signature: bytes
    sha256: bytes


class _Lot(NamedTuple):
    """Some changesets, and where they will be read from when their turn comes."""

    run: Sequence[Signed]
    hashes: Sequence[bytes]
    changesets: Iterator[Changeset]


def verified(signed: Iterable[Signed], public: bytes, institution: bytes) -> Iterator[Verified]:
    """Check that ``public`` signed each changeset, and read it; in the order given.

    raises  TrustError BAD_SIGNATURE, and those of ``Changeset.from_bytes``; what came before was good, and
            the caller undoes it
    """
    waiting: deque[tuple[_Lot, Future[None] | None]] = deque()
    for lot in _lots(signed):
        waiting.append((lot, _check_soon(lot, public, institution)))
        if len(waiting) > _LOTS_AHEAD:
            yield from _settled(*waiting.popleft())
    while waiting:
        yield from _settled(*waiting.popleft())


def _lots(signed: Iterable[Signed]) -> Iterator[_Lot]:
    if isinstance(signed, Unpacked):
        for frame in signed.frames:
            changesets = frame.changesets()
            for start in range(0, len(frame.run), _LOT):
                end = start + _LOT
                yield _Lot(frame.run[start:end], frame.hashes[start:end], changesets)
        return
    source = iter(signed)
    while run := list(islice(source, _LOT)):
        yield _Lot(run, [digest(body) for body, _ in run], (Changeset.from_bytes(body) for body, _ in run))


def _settled(lot: _Lot, checked: Future[None] | None) -> Iterator[Verified]:
    """The lot, once all its signatures are known to be good."""
    if checked is not None:
        checked.result()
    for (body, signature), sha256 in zip(lot.run, lot.hashes, strict=True):
        yield Verified(next(lot.changesets), body, signature, sha256)


def _check_soon(lot: _Lot, public: bytes, institution: bytes) -> Future[None] | None:
    """Check a lot in another thread; a small one at once (None)."""
    if len(lot.run) <= _FEW:
        _check(lot, public, institution)
        return None
    return _threads().submit(_check, lot, public, institution)


def _check(lot: _Lot, public: bytes, institution: bytes) -> None:
    for (_, signature), sha256 in zip(lot.run, lot.hashes, strict=True):
        verify_digest(public, signature, "changeset", institution, sha256)


@cache
def _threads() -> ThreadPoolExecutor:
    """As many as there are cores; they cost nothing while they wait."""
    return ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="signatures")
