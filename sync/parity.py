"""The parity volume: one more file with which any one volume of a bundle can be made again.

It is framed as a volume is, with ``SATCHELP`` at its head and 0 for its number:

    40 bytes   head: SATCHELP, bundle id (16), 0 (4), number of volumes (4), size of the file (8)
               all volumes of the bundle combined by exclusive or, each with zeros up to the longest
               zeros, so that the whole is a multiple of 64 KiB
               the index (canonical CBOR): head again, institution, sender, its public key, SHA-256 of the
               combined bytes, size and SHA-256 of every volume
    64 bytes   the sender's signature over the index (purpose ``volume``)
    12 bytes   length of the index (4), SATCHELZ

Like a volume it is checked on any PC without keys. A volume made again is compared with its SHA-256, so it
is the very file that was lost, or none.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Self

from sync.canonical import Plain, encode
from sync.changeset import DEVICE_MAX
from sync.fields import Fields
from sync.manifest import BUNDLE_ID_BYTES
from sync.reasons import refused
from sync.signing import INSTITUTION_ID_BYTES, PUBLIC_KEY_BYTES
from sync.volume import (
    END,
    END_MAGIC,
    HEAD,
    MAX_INDEX_BYTES,
    MAX_VOLUME_BYTES,
    MAX_VOLUMES,
    PAD_BYTES,
    Writer,
    check_zeros,
    padded,
    read_exactly,
    read_head,
    read_trailer,
)

MAGIC: Final = b"SATCHELP"
MAX_PARITY_BYTES: Final = MAX_VOLUME_BYTES + MAX_INDEX_BYTES
VERSION: Final = 1

_WINDOW_BYTES: Final = 4 << 20
_INDEX_BYTES: Final = 320
"""More than an index takes without its volumes."""
_VOLUME_BYTES: Final = 48
"""More than one volume takes in the index."""
_SHA256_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Part:
    """One volume, as the parity volume knows it: its size, and its SHA-256 as a whole file."""

    size_bytes: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class ParityIndex:
    """What a parity volume says about itself, under its sender's signature; see ``volume.Index``."""

    institution: bytes
    bundle: bytes
    size_bytes: int
    device: int
    public: bytes
    enrol: bool
    sha256: bytes
    parts: tuple[Part, ...]

    @property
    def volumes(self) -> int:
        """How many volumes the bundle has, this one not counted."""
        return len(self.parts)

    @property
    def length(self) -> int:
        """Bytes of the combination: as many as the longest volume has."""
        return max(part.size_bytes for part in self.parts)

    def to_bytes(self) -> bytes:
        """The canonical bytes to sign."""
        return encode(
            {
                "v": VERSION,
                "institution": self.institution,
                "bundle": self.bundle,
                "size_bytes": self.size_bytes,
                "device": self.device,
                "public": self.public,
                "enrol": self.enrol,
                "parity": self.sha256,
                "parts": [(part.size_bytes, part.sha256) for part in self.parts],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read and check the form."""
        fields = Fields.of_bytes(data, "the index of the parity volume", limit_bytes=MAX_INDEX_BYTES)
        fields.version(VERSION)
        index = cls(
            institution=fields.raw("institution", size=INSTITUTION_ID_BYTES),
            bundle=fields.raw("bundle", size=BUNDLE_ID_BYTES),
            size_bytes=fields.whole("size_bytes", high=MAX_PARITY_BYTES),
            device=fields.whole("device", high=DEVICE_MAX),
            public=fields.raw("public", size=PUBLIC_KEY_BYTES),
            enrol=fields.flag("enrol"),
            sha256=fields.raw("parity", size=_SHA256_BYTES),
            parts=fields.each("parts", _part, limit=MAX_VOLUMES),
        )
        fields.finish()
        return index


def overhead_bytes(volumes: int) -> int:
    """How much longer than the longest volume the parity volume of so many volumes may be."""
    return padded(HEAD.size + _INDEX_BYTES + _VOLUME_BYTES * volumes)


def parity_parts(writer: Writer, bundle: bytes, paths: Sequence[Path]) -> Iterator[bytes]:
    """The bytes of the parity volume of the volumes in ``paths`` (in order), to be written one by one.

    raises  OSError where one of them cannot be read
    """
    sizes = [path.stat().st_size for path in paths]
    size = padded(HEAD.size + max(sizes) + _INDEX_BYTES + _VOLUME_BYTES * len(paths))
    yield HEAD.pack(MAGIC, bundle, 0, len(paths), size)
    digests = [hashlib.sha256() for _ in paths]
    whole = hashlib.sha256()
    for at in range(0, max(sizes), _WINDOW_BYTES):
        combined = 0
        length = min(_WINDOW_BYTES, max(sizes) - at)
        for path, digest in zip(paths, digests, strict=True):
            piece = _window(path, at, length)
            digest.update(piece)
            combined ^= _number(piece, length)
        joined = combined.to_bytes(length, "big")
        whole.update(joined)
        yield joined
    index = ParityIndex(
        institution=writer.institution,
        bundle=bundle,
        size_bytes=size,
        device=writer.device,
        public=writer.key.public,
        enrol=writer.enrol,
        sha256=whole.digest(),
        parts=tuple(Part(size, digest.digest()) for size, digest in zip(sizes, digests, strict=True)),
    )
    data = index.to_bytes()
    trailer = data + writer.key.sign("volume", writer.institution, data) + END.pack(len(data), END_MAGIC)
    gap = size - HEAD.size - max(sizes) - len(trailer)
    assert gap >= 0, "the trailer fits behind the combination"
    yield bytes(gap)
    yield trailer


def check_parity(file: BinaryIO, size: int) -> ParityIndex:
    """What a parity volume says about itself; it is whole to the last bit.

    size    length of the file in bytes
    raises  as ``volume.check_volume``
    """
    bundle, number, volumes = read_head(file, size, magic=MAGIC, limit_bytes=MAX_PARITY_BYTES)
    index, trailer_bytes = read_trailer(file, size, ParityIndex.from_bytes)
    if not index.parts or (index.bundle, 0, index.volumes, index.size_bytes) != (
        bundle,
        number,
        volumes,
        size,
    ):
        raise refused("BAD_HASH", "The head of the parity volume is not the one that was signed.")
    check_zeros(file, HEAD.size + index.length, size - trailer_bytes)
    digest = hashlib.sha256()
    for at in range(0, index.length, _WINDOW_BYTES):
        digest.update(read_exactly(file, HEAD.size + at, min(_WINDOW_BYTES, index.length - at)))
    if digest.digest() != index.sha256:
        raise refused("BAD_HASH", "The parity volume is not the one that was signed.")
    return index


def rebuild(parity: Path, index: ParityIndex, others: Mapping[int, Path], number: int) -> Iterator[bytes]:
    """The bytes of volume ``number``, made of the parity volume and all ``others``.

    raises  TrustError BAD_HASH at the end where the result is not the volume that was written; OSError
    """
    part = index.parts[number - 1]
    digest = hashlib.sha256()
    for at in range(0, part.size_bytes, _WINDOW_BYTES):
        length = min(_WINDOW_BYTES, part.size_bytes - at)
        combined = _number(_window(parity, HEAD.size + at, length), length)
        for path in others.values():
            combined ^= _number(_window(path, at, length), length)
        piece = combined.to_bytes(length, "big")
        digest.update(piece)
        yield piece
    if digest.digest() != part.sha256:
        raise refused("BAD_HASH", f"Volume {number} could not be made again.")


def _window(path: Path, at: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(at)
        return file.read(length)


def _number(piece: bytes, length: int) -> int:
    """The bytes as one number, with zeros behind them up to ``length``."""
    return int.from_bytes(piece.ljust(length, b"\0"), "big")


def _part(value: Plain) -> Part:
    if type(value) is list and len(value) == 2:  # noqa: PLR2004 - size, hash
        size, sha256 = value
        fits = type(size) is int and 0 < size <= MAX_VOLUME_BYTES and size % PAD_BYTES == 0
        if fits and type(size) is int and type(sha256) is bytes and len(sha256) == _SHA256_BYTES:
            return Part(size, sha256)
    raise refused("NON_CANONICAL", "A volume in the index is size and hash.")
