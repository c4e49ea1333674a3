"""Make the vectors again: ``python -m tests.vectors.make``.

What is in a file is told by its ending: ``changeset`` (CBOR), ``frame`` (zstd), ``block`` (of changesets),
``segment``, ``volume``.  ``expected.json`` names for each the code with which it is refused, or null where
it must be read.  Encryption is never the same twice, so segments are only made where one is missing, and
volumes carry the committed one.
"""

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import cbor2
import zstandard

from sync.changeset import Changeset, Op, digest
from sync.manifest import Manifest
from sync.packing import Signed, pack
from sync.parity import parity_parts
from sync.seal import Identity, open_sealed, seal
from sync.segment import MAGIC, seal_segment
from sync.signing import SigningKey
from sync.volume import Writer, volume_parts
from tests.vectors import age_forging, roads

HERE: Final = Path(__file__).parent
INSTITUTION: Final = bytes(range(16))
BUNDLE: Final = bytes.fromhex("c0ffee00112233445566778899aabbcc")
KEY: Final = SigningKey.from_seed(b"\x2a" * 32)

Made = tuple[str, bytes, str | None]


def reader() -> Identity:
    """Whoever reads the segments; the key is committed beside them."""
    return Identity.of((HERE / "reader.key").read_text(encoding="ascii").strip())


def chain(count: int) -> list[Signed]:
    """Changesets that never change, signed by a key that never changes."""
    made: list[Signed] = []
    prev = b"\x11" * 32
    for seq in range(1, count + 1):
        written = Changeset(
            device=5,
            chain=0,
            seq=seq,
            prev=prev,
            hlc=(1_795_000_000_000 + seq * 1_000) << 16,
            date="2026-11-22",
            actor=(5 << 40) + 1,
            kind="loan.repay" if seq % 4 else "client.edit",
            note="" if seq % 4 else "reads \u0967\u0968",
            schema=1,
            rules=1,
            reference=1,
            ops=_ops(seq),
            seen={},
        )
        data = written.to_bytes()
        prev = digest(data)
        made.append((data, KEY.sign("changeset", INSTITUTION, data)))
    return made


def _ops(seq: int) -> tuple[Op, ...]:
    if not seq % 4:
        return (Op("client", "~", 77, {"village": f"Kitale {seq}"}, {"village": None}),)
    amount = seq * 1_250
    return (
        Op("journal_line", "+", (5 << 40) + seq * 3, {"debit": amount, "credit": 0}, None),
        Op("journal_line", "+", (5 << 40) + seq * 3 + 1, {"debit": 0, "credit": amount}, None),
        Op("loan_transaction", "+", (5 << 40) + seq * 3 + 2, {"receipt": f"KIT-1-{seq:06d}"}, None),
    )


def changesets() -> Iterator[Made]:
    """Of section 6: form, limits, canonical coding."""
    whole = chain(1)[0][0]
    fields = cbor2.loads(whole)

    def changed(**new: object) -> bytes:
        return cbor2.dumps(fields | new, canonical=True)

    def op(*parts: object) -> bytes:
        return changed(ops=[list(parts)])

    yield "whole", whole, None
    yield "tail", whole + b"\0", "NON_CANONICAL"
    yield "cut", whole[:-1], "NON_CANONICAL"
    yield "empty", b"", "NON_CANONICAL"
    yield "unsorted", cbor2.dumps(dict(reversed(fields.items()))), "NON_CANONICAL"
    yield "key-twice", b"\xb1" + whole[1:] + b"av\x01", "NON_CANONICAL"
    yield "long-number", whole.replace(b"av\x01", b"av\x18\x01"), "NON_CANONICAL"
    yield "indefinite", b"\xbf" + whole[1:] + b"\xff", "NON_CANONICAL"
    yield "float", op("t", "+", 1, {"rate": 0.5}, None, None), "NON_CANONICAL"
    yield "tag", op("t", "+", 1, {"day": cbor2.CBORTag(0, "2026-11-22")}, None, None), "NON_CANONICAL"
    yield "big-number", op("t", "+", 1, {"amount": 2**64}, None, None), "NON_CANONICAL"
    yield "beyond-64-bits", op("t", "+", 1, {"amount": 2**63}, None, None), "LIMIT_NUMBER"
    yield "flag", op("t", "+", 1, {"active": True}, None, None), "NON_CANONICAL"
    yield "nul", op("t", "+", 1, {"name": "a\0b"}, None, None), "NON_CANONICAL"
    yield "surrogate", changed(note="zz").replace(b"bzz", b"c\xed\xa0\x80"), "NON_CANONICAL"
    yield "table-quoted", op('t"; drop table client; --', "+", 1, {}, None, None), "NON_CANONICAL"
    yield "update-other-columns", op("t", "~", 1, {"a": 1}, {"b": 1}, None), "NON_CANONICAL"
    yield "nested", b"\x81" * 20_000, "LIMIT_NESTING"
    yield "list-of-2-63", b"\x9b" + struct.pack(">Q", 2**63), "NON_CANONICAL"
    yield "text-of-2-63", b"\x7b" + struct.pack(">Q", 2**63), "NON_CANONICAL"
    yield "ops-5001", changed(ops=[["t", "+", 1, {}, None, None]] * 5_001), "LIMIT_OPS"
    yield "version-2", changed(v=2), "UNKNOWN_VERSION"
    yield (
        "no-seen",
        cbor2.dumps({k: fields[k] for k in fields if k != "seen"}, canonical=True),
        "NON_CANONICAL",
    )
    yield "sequence-0", changed(seq=0), "LIMIT_NUMBER"
    yield "short-prev", changed(prev=b"\x11" * 31), "NON_CANONICAL"


def frames() -> Iterator[Made]:
    """Of zstd, written by hand: what a library writes may change with its version."""
    last_raw = struct.pack("<I", 0 << 3 | 1)[:3]
    head = b"\x28\xb5\x2f\xfd"
    yield "terabyte-in-13-bytes", head + b"\xe4" + struct.pack("<Q", 1 << 40), "LIMIT_SIZE"
    yield "window-2-gib", head + b"\xc4\xa8" + struct.pack("<Q", 1) + last_raw + bytes(4), "LIMIT_WINDOW"
    yield "no-size", head + b"\x04\x00" + last_raw + bytes(4), "BAD_STREAM"
    yield "dictionary", head + b"\xe5\x01" + struct.pack("<Q", 0) + last_raw + bytes(4), "BAD_STREAM"
    run = struct.pack("<I", (128 << 10) << 3 | 1 << 1)[:3] + b"x"
    liar = head + b"\xe4" + struct.pack("<Q", 100) + run * 800 + last_raw + bytes(4)
    yield "hundred-mb-as-100-bytes", liar, "BAD_STREAM"
    yield "skippable", b"\x50\x2a\x4d\x18" + bytes(4), "BAD_STREAM"
    yield "empty", b"", "BAD_STREAM"


def blocks() -> Iterator[Made]:
    """Of section 7, both packings."""
    plain, columns = pack(chain(3)).block, pack(chain(40)).block
    assert (plain[0], columns[0]) == (0, 1), "few go plain, many by columns"
    yield "whole-plain", plain, None
    yield "whole-columns", columns, None
    yield "cut-plain", plain[:-1], "BAD_STREAM"
    yield "cut-columns", columns[:-1], "BAD_STREAM"
    yield "packing-2", b"\x02" + plain[1:], "UNKNOWN_VERSION"
    yield "frame-of-none", struct.pack(">BII", 0, 0, 0), "BAD_STREAM"
    yield "frame-of-2001", struct.pack(">BII", 0, 2_001, 0), "BAD_STREAM"
    yield "changeset-of-4-gib", struct.pack(">BII", 0, 1, 69) + b"\xff" * 4 + bytes(65), "BAD_STREAM"
    yield "columns-without-signatures", columns[:9] + columns[9:].replace(columns[-64:], b""), "BAD_STREAM"


MANIFEST: Final = Manifest(
    institution=INSTITUTION,
    sender=5,
    purpose="branch",
    device=5,
    chain=0,
    bundle=BUNDLE,
    segment=1,
    schema=1,
    reads=(1, 1),
    root=1,
    beacon=0,
)


def whole_segment() -> bytes:
    """The committed one, which the others are made from."""
    return (HERE / "whole.segment").read_bytes()


def container() -> bytes:
    """What is inside it."""
    return zstandard.decompress(open_sealed(whole_segment(), [reader().secret]).plain)


def resealed(inside: bytes, *more: str) -> bytes:
    """Another container, encrypted for the reader and whoever else."""
    frame = zstandard.ZstdCompressor(level=9, write_checksum=True).compress(inside)
    return seal(frame, [reader().recipient, *more])


def with_manifest(change: Callable[[dict[str, Any]], object]) -> bytes:
    """Another manifest, rightly signed."""
    old = container()
    size = int.from_bytes(old[8:12], "big")
    fields = cbor2.loads(old[12 : 12 + size])
    change(fields)
    new = cbor2.dumps(fields, canonical=True)
    signature = KEY.sign("manifest", INSTITUTION, new)
    return resealed(MAGIC + len(new).to_bytes(4, "big") + new + signature + old[12 + size + 64 :])


def with_content(**changed: object) -> bytes:
    """A manifest that describes something else."""
    return with_manifest(lambda fields: fields["content"].update(changed))


def segments() -> Iterator[tuple[str, Callable[[], bytes], str | None]]:
    """Of section 5.  Each is made only where its file is missing."""
    stranger = Identity.generate().recipient
    only_stranger = zstandard.ZstdCompressor().compress(b"not for us")
    yield "whole", lambda: seal_segment(MANIFEST, chain(40), KEY, [reader().recipient]), None
    yield "for-somebody-else", lambda: seal(only_stranger, [stranger]), "NOT_FOR_US"
    yield "passed-on", lambda: with_manifest(lambda it: it.update(recipients=[bytes(8)])), "WRONG_RECIPIENT"
    yield "reader-added", lambda: resealed(container(), stranger), "BAD_HEADER"
    yield "armored", lambda: b"\x01-----BEGIN AGE ENCRYPTED FILE-----\n", "BAD_HEADER"
    yield "suite-2", lambda: b"\x02" + whole_segment()[1:], "UNKNOWN_VERSION"
    yield "cut", lambda: whole_segment()[:-1], "BAD_STREAM"
    yield "two-final-chunks", lambda: whole_segment() + whole_segment()[-500:], "BAD_STREAM"
    yield "bomb", lambda: resealed(container() + bytes(4 << 20)), "LIMIT_SIZE"
    yield "other-signer", lambda: resealed(container().replace(b"fbranch", b"freturn")), "BAD_SIGNATURE"
    yield "false-count", lambda: with_content(kinds={"loan.repay": 40}), "NON_CANONICAL"
    yield "false-hash", lambda: with_content(sha256=bytes(32)), "BAD_HASH"
    yield "tail", lambda: resealed(container() + b"x"), "BAD_STREAM"
    yield "manifest-version-2", lambda: with_manifest(lambda it: it.update(v=2)), "UNKNOWN_VERSION"
    yield "abroad", lambda: with_manifest(lambda it: it.update(institution=bytes(16))), "OTHER_INSTITUTION"
    yield "stanza-swapped", lambda: with_stanzas("whole", swap=True), "NOT_FOR_US"
    yield "stanza-added", lambda: with_stanzas("whole", add=True), "BAD_HEADER"
    yield "stanza-removed", lambda: with_stanzas("reader-added"), "BAD_HEADER"
    yield "no-final-chunk", lambda: with_chunks([(frame(), False)]), "BAD_STREAM"
    yield "chunk-behind-the-final", lambda: with_chunks([(frame(), True), (frame(), True)]), "BAD_STREAM"
    yield "sealed-again-under-old-header", sealed_again, "BAD_HASH"
    yield "three-1", lambda: part(1), None
    yield "three-2", lambda: part(2), None
    yield "three-3", lambda: part(3), None


def frame() -> bytes:
    """What is encrypted in the committed segment."""
    return open_sealed(whole_segment(), [reader().secret]).plain


def with_chunks(chunks: list[tuple[bytes, bool]]) -> bytes:
    """The committed segment's own header, and other chunks under the key that its reader knows."""
    lines, payload = age_forging.split(whole_segment()[1:])
    key = age_forging.file_key(lines, reader().secret)
    sealed = age_forging.sealed_under(key, payload[: age_forging.NONCE_BYTES], chunks)
    return b"\x01" + age_forging.joined(lines, sealed)


def sealed_again() -> bytes:
    """A reader changes an amount and encrypts again; the manifest, which is signed, knows better."""
    old = container()
    changed = old[:-1_000] + bytes((old[-1_000] ^ 1,)) + old[-999:]
    return with_chunks([(zstandard.ZstdCompressor(level=9, write_checksum=True).compress(changed), True)])


def with_stanzas(name: str, *, add: bool = False, swap: bool = False) -> bytes:
    """Somebody without the key: a stanza of another file added or put in, or one of two taken away."""
    lines, payload = age_forging.split((HERE / f"{name}.segment").read_bytes()[1:])
    other, _ = age_forging.split((HERE / "for-somebody-else.segment").read_bytes()[1:])
    at, from_ = age_forging.stanza_at(lines), age_forging.stanza_at(other)
    stanza = other[from_ : from_ + 2]
    if add or swap:
        lines[at : at + (2 if swap else 0)] = stanza
    else:
        del lines[at + 2 : at + 4]
    return b"\x01" + age_forging.joined(lines, payload)


THREE: Final = bytes.fromhex("c0ffee03") + bytes(12)
OTHER: Final = bytes.fromhex("c0ffee04") + bytes(12)


def part(number: int) -> bytes:
    """A segment of ten changesets, one of three that make a bundle."""
    manifest = replace(MANIFEST, bundle=THREE, segment=number)
    return seal_segment(manifest, chain(30)[number * 10 - 10 : number * 10], KEY, [reader().recipient])


def bundles() -> Iterator[Made]:
    """A bundle of three volumes and what may lie beside them; ``sticks.json`` says what lies together."""
    writer = Writer(INSTITUTION, 5, KEY)

    def volume(bundle: bytes, number: int, volumes: int, segment: bytes) -> bytes:
        return b"".join(volume_parts(writer, bundle, number, volumes, number, [segment]))

    parts = [(HERE / f"three-{number}.segment").read_bytes() for number in (1, 2, 3)]
    three = [volume(THREE, number, 3, segment) for number, segment in enumerate(parts, 1)]
    for number, data in enumerate(three, 1):
        yield f"three-{number}", data, None
    flipped = three[1][:500] + bytes((three[1][500] ^ 1,)) + three[1][501:]
    yield "three-2-flipped", flipped, "BAD_HASH"
    yield "three-2-twin", volume(THREE, 2, 3, parts[0]), None
    yield "three-3-being-copied", three[2][:2_000] + bytes(len(three[2]) - 2_000), "TRUNCATED"
    yield "other-1", volume(OTHER, 1, 2, whole_segment()), None


def parities() -> Iterator[Made]:
    """Of section 4, of the three volumes above."""
    paths = [HERE / f"three-{number}.volume" for number in (1, 2, 3)]
    yield "three", b"".join(parity_parts(Writer(INSTITUTION, 5, KEY), THREE, paths)), None


def volumes() -> Iterator[Made]:
    """Of section 4, around the committed segment."""
    yield from bundles()
    whole = b"".join(volume_parts(Writer(INSTITUTION, 5, KEY), BUNDLE, 1, 1, 1, [whole_segment()]))

    def flipped(at: int) -> bytes:
        return whole[:at] + bytes((whole[at] ^ 1,)) + whole[at:][1:]

    size = len(whole)
    yield "whole", whole, None
    yield "empty", b"", "EMPTY"
    yield "magic", flipped(0), "NOT_SATCHEL"
    yield "version-2", b"SATCHEL2" + whole[8:], "UNKNOWN_VERSION"
    yield "flip-bundle-id", flipped(8), "BAD_HASH"
    yield "flip-segment", flipped(500), "BAD_HASH"
    yield "flip-padding", flipped(40_000), "BAD_HASH"
    yield "flip-index", flipped(size - 100), "BAD_VOLUME_SIGNATURE"
    yield "flip-signature", flipped(size - 20), "BAD_VOLUME_SIGNATURE"
    yield "flip-end", flipped(size - 1), "BAD_HASH"
    yield "cut-in-head", whole[:20], "TRUNCATED"
    yield "cut-in-segment", whole[:1_000], "TRUNCATED"
    yield "being-copied", whole[:2_000] + bytes(size - 2_000), "TRUNCATED"
    yield "tail", whole + b"\n", "BAD_HASH"


STEADY: Final = {
    "changeset": changesets,
    "frame": frames,
    "block": blocks,
    "volume": volumes,
    "parity": parities,
}


def main() -> None:
    """Write every vector and the list of what is expected."""
    if not (HERE / "reader.key").exists():
        (HERE / "reader.key").write_text(Identity.generate().secret + "\n", encoding="ascii")
    expected: dict[str, str | None] = {}
    for name, make, code in segments():
        path = HERE / f"{name}.segment"
        if not path.exists():
            path.write_bytes(make())
        expected[path.name] = code
    for ending, make_all in STEADY.items():
        for name, data, code in make_all():
            (HERE / f"{name}.{ending}").write_bytes(data)
            expected[f"{name}.{ending}"] = code
    lines = json.dumps(dict(sorted(expected.items())), indent=1)
    roads.main()
    (HERE / "expected.json").write_text(lines + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
