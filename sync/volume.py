"""A volume: one file of whole segments in a plain frame, every byte of which is bound.

    40 bytes   head: SATCHEL1, bundle id (16), volume number (4), number of volumes (4), size of the file (8)
               the segments, one after the other
               zeros, so that the whole is a multiple of 64 KiB
               the index (canonical CBOR): head again, institution, sender, its public key, the segments
    64 bytes   the sender's signature over the index (purpose ``volume``)
    12 bytes   length of the index (4), SATCHELZ

Whole numbers are big-endian.  The index repeats the head and has each segment's place, length and SHA-256;
between the segments and the index only zeros are taken; nothing follows.  So one flipped bit anywhere is
found on any PC, without keys; only *whose* the public key is needs the roster.  How many volumes belong to
the bundle stands in each of them, so that missing ones can be named.  No name of anybody stands outside.
"""

import hashlib
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol, Self, TypeVar

from ledger.errors import TrustError
from sync.canonical import Plain, encode
from sync.changeset import DEVICE_MAX
from sync.fields import Fields
from sync.manifest import BUNDLE_ID_BYTES
from sync.reasons import refused
from sync.seal import MAX_SEALED_BYTES
from sync.signing import (
    INSTITUTION_ID_BYTES,
    PUBLIC_KEY_BYTES,
    SIGNATURE_BYTES,
    SigningKey,
    key_id,
    verify,
)

VERSION: Final = 1
MAGIC: Final = b"SATCHEL1"
END_MAGIC: Final = b"SATCHELZ"
PAD_BYTES: Final = 64 << 10
MAX_VOLUME_BYTES: Final = 2 << 30
MAX_VOLUMES: Final = 9_999
MAX_SEGMENTS: Final = 16_384
MAX_INDEX_BYTES: Final = 1 << 20

_FAMILY: Final = MAGIC[:-1]
HEAD: Final = struct.Struct(">8s16sIIQ")
"""Magic, bundle id, number of the volume, number of volumes, size of the file."""
END: Final = struct.Struct(">I8s")
"""Length of the index, magic."""
_CHUNK_BYTES: Final = 1 << 20
_INDEX_BYTES: Final = 256
"""More than an index takes without its segments."""
_ENTRY_BYTES: Final = 64
"""More than one segment takes in the index."""


class Signed(Protocol):
    """An index of whatever kind of file: whose signature it is under."""

    @property
    def public(self) -> bytes:
        """The signing key that it claims."""

    @property
    def institution(self) -> bytes:
        """The institution that it claims."""


AnyIndex = TypeVar("AnyIndex", bound=Signed)


@dataclass(frozen=True, slots=True)
class Entry:
    """One segment in a volume: where it lies, and its SHA-256."""

    offset: int
    length: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: institution id, device number, signing key; ``enrol`` while HQ does not know the key."""

    institution: bytes
    device: int
    key: SigningKey
    enrol: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """What a volume says about itself, under its sender's signature.

    device, public   the sender's number and signing key, as it claims: the roster says whether that is so
    enrol            a statement of enrolment is inside, so that a key which nobody knows yet may be heard
    first_segment    number (from 1 in the bundle) of the first segment here
    """

    institution: bytes
    bundle: bytes
    volume: int
    volumes: int
    size_bytes: int
    device: int
    public: bytes
    enrol: bool
    first_segment: int
    segments: tuple[Entry, ...]

    @property
    def key_id(self) -> bytes:
        """Eight bytes that name the sender's key."""
        return key_id(self.public)

    def to_bytes(self) -> bytes:
        """The canonical bytes to sign."""
        return encode(
            {
                "v": VERSION,
                "institution": self.institution,
                "bundle": self.bundle,
                "volume": self.volume,
                "volumes": self.volumes,
                "size_bytes": self.size_bytes,
                "device": self.device,
                "public": self.public,
                "enrol": self.enrol,
                "first_segment": self.first_segment,
                "segments": [(entry.offset, entry.length, entry.sha256) for entry in self.segments],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read and check the form."""
        fields = Fields.of_bytes(data, "the index of the volume", limit_bytes=MAX_INDEX_BYTES)
        fields.version(VERSION)
        index = cls(
            institution=fields.raw("institution", size=INSTITUTION_ID_BYTES),
            bundle=fields.raw("bundle", size=BUNDLE_ID_BYTES),
            volume=fields.whole("volume", low=1, high=MAX_VOLUMES),
            volumes=fields.whole("volumes", low=1, high=MAX_VOLUMES),
            size_bytes=fields.whole("size_bytes", high=MAX_VOLUME_BYTES),
            device=fields.whole("device", high=DEVICE_MAX),
            public=fields.raw("public", size=PUBLIC_KEY_BYTES),
            enrol=fields.flag("enrol"),
            first_segment=fields.whole("first_segment", low=1),
            segments=fields.each("segments", _entry, limit=MAX_SEGMENTS),
        )
        fields.finish()
        return index


def share_out(sizes: Sequence[int], volume_bytes: int) -> list[range]:
    """Which segments go into which volume, in order, so that no file is larger than ``volume_bytes``.

    raises  TrustError LIMIT_VOLUME where a segment does not fit a volume of that size
    """
    volume_bytes = min(volume_bytes, MAX_VOLUME_BYTES) // PAD_BYTES * PAD_BYTES
    shares: list[range] = []
    start, used = 0, _INDEX_BYTES
    for number, size in enumerate(sizes):
        needed = size + _ENTRY_BYTES
        if number > start and used + needed > volume_bytes:
            shares.append(range(start, number))
            start, used = number, _INDEX_BYTES
        used += needed
        if used > volume_bytes:
            raise TrustError(
                "LIMIT_VOLUME",
                f"Volumes of that size are too small: one part of {size} bytes does not fit. "
                "Nothing was written.",
                next_step="Choose a larger size, such as 7M.",
            )
    shares.append(range(start, len(sizes)))
    return shares


def volume_parts(
    writer: Writer, bundle: bytes, volume: int, volumes: int, first_segment: int, segments: Sequence[bytes]
) -> Iterator[bytes]:
    """The bytes of one volume, part by part, to be written one after the other."""
    at = HEAD.size
    entries = []
    for segment in segments:
        entries.append(Entry(at, len(segment), hashlib.sha256(segment).digest()))
        at += len(segment)
    size = padded(at + _INDEX_BYTES + _ENTRY_BYTES * len(segments))
    index = Index(
        institution=writer.institution,
        bundle=bundle,
        volume=volume,
        volumes=volumes,
        size_bytes=size,
        device=writer.device,
        public=writer.key.public,
        enrol=writer.enrol,
        first_segment=first_segment,
        segments=tuple(entries),
    )
    data = index.to_bytes()
    trailer = data + writer.key.sign("volume", writer.institution, data) + END.pack(len(data), END_MAGIC)
    assert at + len(trailer) <= size <= MAX_VOLUME_BYTES, "the trailer fits beside the segments"
    yield HEAD.pack(MAGIC, bundle, volume, volumes, size)
    yield from segments
    yield bytes(size - at - len(trailer))
    yield trailer


def read_index(file: BinaryIO, size: int) -> Index:
    """What the volume says about itself; its signature, layout and padding are checked, the segments not.

    size    length of the file in bytes
    raises  TrustError EMPTY, NOT_SATCHEL, UNKNOWN_VERSION, LIMIT_VOLUME, TRUNCATED, BAD_HASH,
            BAD_VOLUME_SIGNATURE
    """
    bundle, volume, volumes = read_head(file, size)
    index, trailer_bytes = read_trailer(file, size, Index.from_bytes)
    if (index.bundle, index.volume, index.volumes, index.size_bytes) != (bundle, volume, volumes, size):
        raise refused("BAD_HASH", "The head of the file is not the one that was signed.")
    if index.volume > index.volumes or not index.segments:
        raise refused("BAD_HASH", "The index of the volume contradicts itself.")
    at = HEAD.size
    for entry in index.segments:
        if entry.offset != at or entry.length > MAX_SEALED_BYTES:
            raise refused("BAD_HASH", "The segments do not follow each other.")
        at += entry.length
    check_zeros(file, at, size - trailer_bytes)
    return index


def check_volume(file: BinaryIO, size: int) -> Index:
    """As ``read_index``, and every segment against its hash: the volume is whole to the last bit."""
    index = read_index(file, size)
    for entry in index.segments:
        read_sealed(file, entry)
    return index


def read_sealed(file: BinaryIO, entry: Entry) -> bytes:
    """The bytes of one segment; TrustError TRUNCATED or BAD_HASH."""
    sealed = read_exactly(file, entry.offset, entry.length)
    if hashlib.sha256(sealed).digest() != entry.sha256:
        raise refused("BAD_HASH", f"The segment at byte {entry.offset} is not the one that was signed.")
    return sealed


def claimed_place(file: BinaryIO, size: int) -> tuple[bytes, int] | None:
    """Bundle id and volume number of a damaged file: what is signed at its end, else what its head claims.

    Of a parity volume the number is 0. Nothing vouches for what a head claims.
    """
    try:
        index, _ = read_trailer(file, size, Index.from_bytes)
    except (TrustError, OSError, ValueError):
        pass
    else:
        return index.bundle, index.volume
    file.seek(0)
    start = file.read(HEAD.size)
    if len(start) < HEAD.size or not start.startswith(_FAMILY):
        return None
    _, bundle, volume, _, _ = HEAD.unpack(start)
    return bundle, volume


def file_name(bundle: bytes, volume: int) -> str:
    """Eight letters, a dot and three: the first eight hex digits of the bundle id, and the volume's number.

    The number goes S01 to S99, then 100 to 999, then in base 36 from A00: a hint for people; readers look
    inside.
    """
    return f"{bundle.hex()[:8].upper()}.{_extension(volume)}"


def parity_name(bundle: bytes) -> str:
    """The name of the parity volume's file."""
    return f"{bundle.hex()[:8].upper()}.PAR"


def _extension(volume: int) -> str:
    if volume < 100:  # noqa: PLR2004 - two digits
        return f"S{volume:02d}"
    if volume < 1000:  # noqa: PLR2004 - three digits
        return f"{volume:03d}"
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    number = volume - 1000 + 10 * 36 * 36
    return letters[number // 1296] + letters[number // 36 % 36] + letters[number % 36]


def read_head(
    file: BinaryIO, size: int, *, magic: bytes = MAGIC, limit_bytes: int = MAX_VOLUME_BYTES
) -> tuple[bytes, int, int]:
    """Bundle id, number and number of volumes that the head claims; its size is that of the file.

    raises  TrustError EMPTY, NOT_SATCHEL, UNKNOWN_VERSION, LIMIT_VOLUME, TRUNCATED, BAD_HASH
    """
    if size == 0:
        raise refused("EMPTY")
    file.seek(0)
    start = file.read(HEAD.size)
    if not start.startswith(_FAMILY[: len(start)]):
        raise refused("NOT_SATCHEL")
    if len(start) < HEAD.size:
        raise refused("TRUNCATED", f"It has {size} bytes.")
    if not start.startswith(magic):
        raise refused("UNKNOWN_VERSION", "The frame of the volume.")
    _, bundle, volume, volumes, stated = HEAD.unpack(start)
    if max(stated, size) > limit_bytes:
        raise refused("LIMIT_VOLUME", f"It has {size} bytes and says {stated}; at most {limit_bytes}.")
    if size < stated:
        raise refused("TRUNCATED", f"It has {size} of {stated} bytes.")
    if size > stated or size % PAD_BYTES:
        raise refused("BAD_HASH", f"It has {size} bytes and says {stated}.")
    return bundle, volume, volumes


def read_trailer(file: BinaryIO, size: int, parse: Callable[[bytes], AnyIndex]) -> tuple[AnyIndex, int]:
    """The signed index at the end of a file, and how many bytes it takes with its signature and end.

    raises  TrustError TRUNCATED, BAD_HASH, UNKNOWN_VERSION, BAD_VOLUME_SIGNATURE
    """
    length, magic = END.unpack(read_exactly(file, size - END.size, END.size))
    if not length and magic == bytes(len(END_MAGIC)):
        raise refused("TRUNCATED", "The end of the file has not been written yet.")
    trailer_bytes = length + SIGNATURE_BYTES + END.size
    if magic != END_MAGIC or length > MAX_INDEX_BYTES or trailer_bytes + HEAD.size > size:
        raise refused("BAD_HASH", "The end of the file is not that of a volume.")
    data = read_exactly(file, size - trailer_bytes, length)
    signature = read_exactly(file, size - END.size - SIGNATURE_BYTES, SIGNATURE_BYTES)
    try:
        index = parse(data)
        verify(index.public, signature, "volume", index.institution, data)
    except TrustError as fault:
        code = "UNKNOWN_VERSION" if fault.code == "UNKNOWN_VERSION" else "BAD_VOLUME_SIGNATURE"
        raise refused(code, "The index of the volume.") from fault
    return index, trailer_bytes


def check_zeros(file: BinaryIO, start: int, end: int) -> None:
    """Nothing may be hidden between what is signed; TrustError BAD_HASH."""
    if start > end:
        raise refused("BAD_HASH", "The segments overlap the index.")
    while start < end:
        piece = read_exactly(file, start, min(_CHUNK_BYTES, end - start))
        if piece.count(0) != len(piece):
            raise refused("BAD_HASH", "Something stands where only zeros may.")
        start += len(piece)


def read_exactly(file: BinaryIO, at: int, length: int) -> bytes:
    """That many bytes from there; TrustError TRUNCATED."""
    file.seek(at)
    piece = file.read(length)
    if len(piece) != length:
        raise refused("TRUNCATED", "The file became shorter while it was read.")
    return piece


def padded(size: int) -> int:
    """The next size that a file may have."""
    return -(-size // PAD_BYTES) * PAD_BYTES


def _entry(value: Plain) -> Entry:
    if type(value) is list and len(value) == 3:  # noqa: PLR2004 - offset, length, hash
        offset, length, sha256 = value
        if type(offset) is int and type(length) is int and length > 0 and type(sha256) is bytes:
            return Entry(offset, length, sha256)
    raise refused("NON_CANONICAL", "A segment in the index is place, length and hash.")
