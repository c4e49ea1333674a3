"""Looks on while bundles are opened: nothing may be taken apart before it was found to be authentic."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from satchel.simulator.chance import replaced
from satchel.simulator.work import LifeError
from sync import compression, packing, seal, signing
from sync.manifest import Manifest


class Watch:
    """What was found to be authentic since the present import began."""

    def __init__(self) -> None:
        self._good: set[tuple[str, bytes]] = set()
        self._volumes = 0
        self._opened: set[bytes] = set()
        self._manifest_read = self._looking = False
        self.opened = 0

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Look on at one import; what earlier ones proved counts for nothing."""
        self._good.clear()
        self._opened.clear()
        self._volumes = 0
        self._manifest_read = False
        self._looking = True
        try:
            yield
        finally:
            self._looking = False

    def verified(self, honest: Callable[..., None]) -> Callable[..., None]:
        """Stand for ``verify_digest``."""

        def look(public: bytes, signature: bytes, purpose: str, institution: bytes, sha256: bytes) -> None:
            honest(public, signature, purpose, institution, sha256)
            self._good.add((purpose, sha256))
            self._volumes += purpose == "volume"

        return look

    def unsealed(self, honest: Callable[..., Any]) -> Callable[..., Any]:
        """Stand for ``open_sealed``: only what a good trailer names is opened."""

        def look(sealed: bytes, identities: object) -> object:
            if self._looking and not self._volumes:
                raise LifeError("authentic: a segment was opened before the signature of its volume was good")
            found = honest(sealed, identities)
            self._opened.add(hashlib.sha256(found.plain).digest())
            self._manifest_read = False
            self.opened += 1
            return found

        return look

    def unzipped(self, honest: Callable[..., bytes]) -> Callable[..., bytes]:
        """Stand for ``decompress`` where a segment is read: only what the encryption has authenticated."""

        def look(data: bytes, **limits: int) -> bytes:
            if (
                self._volumes
                and hashlib.sha256(data).digest() not in self._opened
                and not self._manifest_read
            ):
                raise LifeError("authentic: bytes were decompressed that no encryption had authenticated")
            return honest(data, **limits)

        return look

    def read_manifest(self, honest: Callable[[bytes], Manifest]) -> Callable[[bytes], Manifest]:
        """Stand for ``Manifest.from_bytes``."""

        def look(data: bytes) -> Manifest:
            if self._looking and ("manifest", hashlib.sha256(data).digest()) not in self._good:
                raise LifeError("authentic: a manifest was read before its signature was good")
            self._manifest_read = True
            return honest(data)

        return look

    def unpacked(self, honest: Callable[..., Any]) -> Callable[..., Any]:
        """Stand for ``unpack``: changesets come after a manifest that names them."""

        def look(block: bytes, **limits: int) -> object:
            if self._looking and not self._manifest_read:
                raise LifeError("authentic: changesets were unpacked before their manifest was believed")
            return honest(block, **limits)

        return look


@contextmanager
def watching() -> Iterator[Watch]:
    """Look on for as long as the block lasts."""
    watch = Watch()
    honest = Manifest.from_bytes
    with ExitStack() as stack:
        for original, stand_in in (
            (signing.verify_digest, watch.verified(signing.verify_digest)),
            (seal.open_sealed, watch.unsealed(seal.open_sealed)),
            (compression.decompress, watch.unzipped(compression.decompress)),
            (packing.unpack, watch.unpacked(packing.unpack)),
        ):
            stack.enter_context(replaced(original, stand_in))
        Manifest.from_bytes = staticmethod(watch.read_manifest(honest))  # type: ignore[method-assign,assignment]
        try:
            yield watch
        finally:
            Manifest.from_bytes = honest  # type: ignore[method-assign]
