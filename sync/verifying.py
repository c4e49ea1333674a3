"""Signed changesets of one chain, read and checked in order; signatures in other threads meanwhile.

Checking a signature takes as long as reading a changeset, and happens outside the interpreter's lock: so the
next lot's signatures are checked on other cores while this one is read, judged and inserted.  Nothing is
handed on before its signature was found good, and no more than a few lots are in memory at once.
"""

import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from sync.changeset import Changeset
from sync.packing import Signed
from sync.signing import verify_digest

_LOT: Final = 200
"""Changesets whose signatures one thread checks in one go."""
_LOTS_AHEAD: Final = 8
_FEW: Final = 8
"""So few are not worth a thread."""


class Verified(NamedTuple):
    """A changeset whose form and signature are good; its place and meaning are still to be judged."""

    changeset: Changeset
    body: bytes
    signature: bytes
    sha256: bytes


def verified(signed: Iterable[Signed], public: bytes, institution: bytes) -> Iterator[Verified]:
    """Read each changeset and check that ``public`` signed it; in the order given.

    raises  TrustError of ``Changeset.from_bytes``, BAD_SIGNATURE; what came before was good, and the caller
            undoes it
    """
    waiting: deque[tuple[list[Verified], Future[None] | None]] = deque()
    source = iter(signed)
    while lot := list(islice(source, _LOT)):
        hashes = [hashlib.sha256(body).digest() for body, _ in lot]
        checked = _check_soon(public, institution, [signature for _, signature in lot], hashes)
        read = [
            Verified(Changeset.from_bytes(body), body, signature, sha256)
            for (body, signature), sha256 in zip(lot, hashes, strict=True)
        ]
        waiting.append((read, checked))
        if len(waiting) >= _LOTS_AHEAD:
            yield from _settled(*waiting.popleft())
    while waiting:
        yield from _settled(*waiting.popleft())


def _settled(read: list[Verified], checked: Future[None] | None) -> list[Verified]:
    """The lot, once all its signatures are known to be good."""
    if checked is not None:
        checked.result()
    return read


def _check_soon(
    public: bytes, institution: bytes, signatures: Sequence[bytes], hashes: Sequence[bytes]
) -> Future[None] | None:
    """Check a lot in another thread; a small one at once (None)."""
    if len(hashes) <= _FEW:
        _check(public, institution, signatures, hashes)
        return None
    return _threads().submit(_check, public, institution, signatures, hashes)


def _check(public: bytes, institution: bytes, signatures: Sequence[bytes], hashes: Sequence[bytes]) -> None:
    for signature, sha256 in zip(signatures, hashes, strict=True):
        verify_digest(public, signature, "changeset", institution, sha256)


@cache
def _threads() -> ThreadPoolExecutor:
    """As many as there are cores; they cost nothing while they wait."""
    return ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="signatures")
