"""A segment: the unit of decryption, checking and asking again.

Inside the encryption and the compression stands one simple container:

    8 bytes  SEGMENT1
    4 bytes  length of the manifest, then the manifest (canonical CBOR)
    64 bytes the sender's signature over the manifest
             the block of changesets, the attachments, the filler: lengths and SHA-256 in the manifest

A reader trusts nothing before the whole was authenticated, and parses nothing but the manifest's length
before the manifest's signature was checked.  At most 4 MiB sealed, 64 MiB unpacked, and 64 times over
packing and compression together.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from sync.canonical import decode_unwalked
from sync.changeset import MAX_BYTES, Place, digest
from sync.compression import compress, decompress
from sync.frames import Signed, Unpacked
from sync.manifest import MAX_MANIFEST_BYTES, Attachment, Content, Manifest
from sync.packing import MAX_UNPACKED_BYTES, Packed, pack, unpack, unpacked_size
from sync.reasons import refused
from sync.seal import MAX_SEALED_BYTES, open_sealed, recipient_id, seal
from sync.signing import SIGNATURE_BYTES, SigningKey, key_id, verify

MAGIC: Final = b"SEGMENT1"
MAX_RATIO: Final = 64
RUN_BYTES: Final = 8 << 20
"""A run of changesets larger than this is cut before it is tried."""

_LENGTH_BYTES: Final = 4
_HEAD_BYTES: Final = len(MAGIC) + _LENGTH_BYTES
_ROOM_BYTES: Final = 3 << 20
"""What a run may take packed and compressed, so that manifest and encryption fit beside it."""
_FILLED_RATIO: Final = 56
"""What filler aims at, so that its own share of the manifest never matters."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A segment that opened: authentic as a whole, its signer not yet known."""

    manifest: bytes
    signature: bytes
    body: bytes
    recipients: int
    sealed_bytes: int


class Segment:
    """A segment whose manifest is its sender's.  The changesets' own signatures are the chain's business."""

    def __init__(
        self, manifest: Manifest, signature: bytes, changesets: Unpacked, attachments: tuple[bytes, ...]
    ) -> None:
        """Hold what was read; ``signature`` is the sender's over the manifest."""
        self.manifest = manifest
        self.signature = signature
        self._changesets = changesets
        self._attachments = attachments
        self._again: Callable[[], Segment] | None = None

    @property
    def changesets(self) -> Unpacked:
        """What it carries of the chain that its manifest names."""
        return self._again().changesets if self._again else self._changesets

    @property
    def attachments(self) -> tuple[bytes, ...]:
        """Pieces of other things, as its manifest lists them."""
        if self._again and self.manifest.content.attachments:
            return self._again().attachments
        return self._attachments

    def set_aside(self, again: Callable[[], "Segment"]) -> None:
        """Let go of all but the manifest: ``again`` reads the same bytes, with every check, when due.

        So a bundle of any size is wholly authentic before anything of it counts, and never wholly in memory.
        """
        self.let_go()
        self._again = again

    def let_go(self) -> None:
        """Keep nothing but the manifest."""
        self._changesets, self._attachments = Unpacked(()), ()


def seal_segment(
    manifest: Manifest,
    changesets: Sequence[Signed],
    signing_key: SigningKey,
    recipients: Sequence[str],
    attachments: Sequence[bytes] = (),
) -> bytes:
    """The bytes of one segment.  Key id, readers and content of ``manifest`` are filled in here.

    raises  TrustError LIMIT_SIZE where the run is too long for one segment (see ``cut_runs``)
    """
    packed = pack(changesets)
    described = replace(
        manifest, key=key_id(signing_key.public), recipients=tuple(map(recipient_id, recipients))
    )
    body = b"".join((packed.block, *attachments))
    filler = b""
    while True:
        content = _describe(packed, attachments, body + filler, len(filler))
        container = _container(replace(described, content=content), signing_key, body + filler)
        sealed = seal(compress(container), recipients)
        if max(len(container), packed.unpacked_bytes) <= MAX_RATIO * len(sealed):
            break
        filler = os.urandom(max(len(container), packed.unpacked_bytes) // _FILLED_RATIO)
    if len(sealed) > MAX_SEALED_BYTES or packed.unpacked_bytes > MAX_UNPACKED_BYTES:
        raise refused("LIMIT_SIZE", f"A segment of {len(sealed)} bytes.")
    return sealed


def cut_runs(changesets: Sequence[Signed]) -> Iterator[Sequence[Signed]]:
    """Cut a chain's changesets into runs that fit one segment each; no changesets give one empty run."""
    if not changesets:
        yield changesets
    start = 0
    while start < len(changesets):
        end, size = start, 0
        while end < len(changesets) and (end == start or size + len(changesets[end][0]) <= RUN_BYTES):
            size += len(changesets[end][0]) + SIGNATURE_BYTES
            end += 1
        while end - start > 1 and not _fits(changesets[start:end]):
            end = start + (end - start) // 2
        yield changesets[start:end]
        start = end


def open_segment(sealed: bytes, identities: Iterable[str]) -> Contents:
    """Decrypt, unpack and take apart; nothing inside is believed yet.

    raises  TrustError of ``open_sealed`` and ``decompress``; LIMIT_RATIO, BAD_STREAM
    """
    opened = open_sealed(sealed, identities)
    container = decompress(
        opened.plain, limit_bytes=min(MAX_RATIO * len(sealed), MAX_UNPACKED_BYTES + MAX_MANIFEST_BYTES)
    )
    if not container.startswith(MAGIC):
        raise refused("UNKNOWN_VERSION", "The container of the segment.")
    size = int.from_bytes(container[len(MAGIC) : _HEAD_BYTES], "big")
    end = _HEAD_BYTES + size
    if size > MAX_MANIFEST_BYTES or end + SIGNATURE_BYTES > len(container):
        raise refused("BAD_STREAM", "The manifest is cut or too long.")
    return Contents(
        manifest=container[_HEAD_BYTES:end],
        signature=container[end : end + SIGNATURE_BYTES],
        body=container[end + SIGNATURE_BYTES :],
        recipients=opened.recipients,
        sealed_bytes=len(sealed),
    )


def read_segment(contents: Contents, *, public: bytes, institution: bytes, reader: str | None) -> Segment:
    """Check that ``public`` signed the manifest, that it describes what follows, and unpack that.

    reader  our own recipient (``age1…``), which the manifest must name; None for the recovery of old
            bundles, where any key that opens may read
    raises  TrustError BAD_SIGNATURE, OTHER_INSTITUTION, WRONG_RECIPIENT, BAD_HEADER, BAD_HASH, BAD_STREAM,
            NON_CANONICAL, LIMIT_…, UNKNOWN_VERSION
    """
    verify(public, contents.signature, "manifest", institution, contents.manifest)
    manifest = Manifest.from_bytes(contents.manifest)
    _check_parties(manifest, contents, public, institution, reader)
    content = manifest.content
    _check_sizes(content, contents)
    changesets = unpack(contents.body[: content.packed_bytes], limit_bytes=content.unpacked_bytes)
    if _content_of(changesets) != (content.first, content.last, content.kinds, content.tables, content.dates):
        raise refused("NON_CANONICAL", "The manifest does not describe the changesets that follow it.")
    if unpacked_size(changesets) != content.unpacked_bytes:
        raise refused("NON_CANONICAL", "The changesets are shorter than the manifest says.")
    return Segment(manifest, contents.signature, changesets, tuple(_attachments(contents.body, content)))


def _check_parties(
    manifest: Manifest, contents: Contents, public: bytes, institution: bytes, reader: str | None
) -> None:
    if manifest.institution != institution:
        raise refused("OTHER_INSTITUTION")
    if manifest.key != key_id(public):
        raise refused("BAD_SIGNATURE", "The manifest names another key than the one that signed it.")
    if contents.recipients != len(manifest.recipients):
        raise refused("BAD_HEADER", "The encryption has more or fewer readers than the sender signed.")
    if reader is not None and recipient_id(reader) not in manifest.recipients:
        raise refused("WRONG_RECIPIENT")


def _check_sizes(content: Content, contents: Contents) -> None:
    parts = content.packed_bytes + sum(part.size_bytes for part in content.attachments) + content.filler_bytes
    if parts != len(contents.body):
        raise refused("BAD_STREAM", "The parts of the segment are not as long as its manifest says.")
    if hashlib.sha256(contents.body).digest() != content.sha256:
        raise refused("BAD_HASH", "The segment is not the one that its manifest describes.")
    if content.unpacked_bytes > MAX_UNPACKED_BYTES:
        raise refused("LIMIT_SIZE", f"It unpacks to {content.unpacked_bytes} bytes.")
    if content.unpacked_bytes > MAX_RATIO * contents.sealed_bytes:
        raise refused("LIMIT_RATIO", f"{content.unpacked_bytes} bytes out of {contents.sealed_bytes}.")


def _attachments(body: bytes, content: Content) -> Iterator[bytes]:
    at = content.packed_bytes
    for part in content.attachments:
        piece = body[at : at + part.size_bytes]
        at += part.size_bytes
        if hashlib.sha256(piece).digest() != part.sha256:
            raise refused("BAD_HASH", "An attachment is not the one that the manifest describes.")
        yield piece


def _fits(run: Sequence[Signed]) -> bool:
    """Whether a run will surely fit; small ones are not packed to find out."""
    return unpacked_size(run) <= _ROOM_BYTES or len(compress(pack(run).block)) <= _ROOM_BYTES


def _container(manifest: Manifest, signing_key: SigningKey, body: bytes) -> bytes:
    data = manifest.to_bytes()
    if len(data) > MAX_MANIFEST_BYTES:
        raise refused("LIMIT_SIZE", f"A manifest of {len(data)} bytes.")
    signature = signing_key.sign("manifest", manifest.institution, data)
    return b"".join((MAGIC, len(data).to_bytes(_LENGTH_BYTES, "big"), data, signature, body))


def _describe(packed: Packed, attachments: Sequence[bytes], body: bytes, filler_bytes: int) -> Content:
    first, last, kinds, tables, dates = _content_of(packed.changesets)
    return Content(
        first=first,
        last=last,
        kinds=kinds,
        tables=tables,
        dates=dates,
        packing=packed.packing,
        packed_bytes=len(packed.block),
        unpacked_bytes=packed.unpacked_bytes,
        attachments=tuple(Attachment(hashlib.sha256(part).digest(), len(part)) for part in attachments),
        filler_bytes=filler_bytes,
        sha256=hashlib.sha256(body).digest(),
    )


Described = tuple[Place | None, Place | None, dict[str, int], dict[str, int], tuple[str, ...]]


def _content_of(changesets: Unpacked) -> Described:
    """First and last place, changesets by kind, row changes by table, business dates.

    Only what is counted is looked at: full checks of form are made when a changeset is received.
    """
    try:
        counts = changesets.counts()
        first, last = (_place(changesets[0][0]), _place(changesets[-1][0])) if changesets else (None, None)
        days = tuple(sorted(counts.dates))
    except (TypeError, KeyError, IndexError) as fault:
        raise refused("NON_CANONICAL", "A changeset in the segment is none.") from fault
    return first, last, dict(counts.kinds), dict(counts.tables), days


def _place(data: bytes) -> Place:
    fields = cast("dict[str, Any]", decode_unwalked(data, limit_bytes=MAX_BYTES))
    return Place(fields["seq"], digest(data))
