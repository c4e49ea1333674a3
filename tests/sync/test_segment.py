"""Segments: opened by their readers, signed by their sender, and described by their manifest to the byte."""

import hashlib
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cbor2
import pytest
import zstandard

from sync import segment as segments
from sync.changeset import Op, Place, digest
from sync.compression import compress
from sync.manifest import LEVELS, PURPOSES, Content, Manifest
from sync.packing import Signed, pack, unpacked_size
from sync.seal import MAX_SEALED_BYTES, Identity, open_sealed, recipient_id, seal
from sync.segment import MAGIC, MAX_RATIO, Contents, cut_runs, open_segment, read_segment, seal_segment
from sync.signing import SigningKey, key_id
from tests.sync.making import (
    BRANCH,
    HQ,
    INSTITUTION,
    KEY,
    OTHER_KEY,
    READERS,
    RECOVERY,
    STRANGER,
    chain_of,
    changeset,
    manifest,
    refusal_code,
    signed,
)

CHAIN = chain_of(3)
SEALED = seal_segment(manifest(), CHAIN, KEY, READERS)


def read(sealed: bytes, reader: Identity = HQ, key: SigningKey = KEY) -> segments.Segment:
    contents = open_segment(sealed, [reader.secret])
    return read_segment(contents, public=key.public, institution=INSTITUTION, reader=reader.recipient)


@pytest.mark.parametrize("reader", [HQ, RECOVERY, BRANCH])
def test_each_reader_gets_the_signed_bytes_and_the_manifest(reader: Identity) -> None:
    got = read(SEALED, reader)
    assert got.changesets == CHAIN
    content = got.manifest.content
    assert content.first == Place(1, digest(CHAIN[0][0]))
    assert content.last == Place(3, digest(CHAIN[2][0]))
    assert content.kinds == {"loan.repay": 3}
    assert content.tables == {"journal_line": 15, "journal_entry": 3, "loan_transaction": 3}
    assert content.dates == ("2026-11-22",)
    assert content.unpacked_bytes == unpacked_size(CHAIN)
    assert got.manifest.key == key_id(KEY.public)
    assert got.manifest.recipients == tuple(map(recipient_id, READERS))
    described = replace(got.manifest, content=manifest().content, key=bytes(8), recipients=())
    assert described == manifest()


def test_a_segment_without_changesets_carries_its_acknowledgements() -> None:
    got = read(seal_segment(manifest(totals=None), [], KEY, READERS))
    assert got.changesets == []
    assert (got.manifest.content.first, got.manifest.content.last) == (None, None)
    assert got.manifest.acks == manifest().acks


def test_attachments_travel_behind_the_changesets() -> None:
    files = (b"photo" * 1_000, b"", b"x")
    assert read(seal_segment(manifest(), CHAIN, KEY, READERS, files)).attachments == files


def test_stock_age_and_zstd_open_a_segment(tmp_path: Path) -> None:
    """The promise to whoever holds the recovery key: Debian's own programs, nothing of ours."""
    (tmp_path / "recovery.key").write_text(RECOVERY.secret + "\n")
    (tmp_path / "segment.age").write_bytes(SEALED[1:])
    subprocess.run(
        ["age", "--decrypt", "--identity", "recovery.key", "--output", "segment.zst", "segment.age"],
        cwd=tmp_path,
        check=True,
    )
    subprocess.run(
        ["zstd", "--decompress", "--quiet", "segment.zst", "-o", "segment"], cwd=tmp_path, check=True
    )
    container = (tmp_path / "segment").read_bytes()
    assert container.startswith(b"SEGMENT1")
    size = int.from_bytes(container[8:12], "big")
    assert cbor2.loads(container[12 : 12 + size])["content"]["kinds"] == {"loan.repay": 3}
    assert container[12 + size + 64 :] == pack(CHAIN).block


def test_what_stock_age_sealed_is_opened(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"by age itself")
    command = ["age", "--encrypt", "--recipient", HQ.recipient, "--output", "sealed", "plain"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert open_sealed(b"\x01" + (tmp_path / "sealed").read_bytes(), [HQ.secret]).plain == b"by age itself"


# --- forged -----------------------------------------------------------------------------------------


def container_of(sealed: bytes) -> bytes:
    return zstandard.decompress(open_sealed(sealed, [HQ.secret]).plain)


def forged(change: Callable[[bytes], bytes]) -> bytes:
    """The segment with another container inside, encrypted for the same readers."""
    return seal(compress(change(container_of(SEALED))), READERS)


def with_manifest(**changed: object) -> bytes:
    """The segment with another manifest, rightly signed."""
    old = container_of(SEALED)
    size = int.from_bytes(old[8:12], "big")
    data = replace(Manifest.from_bytes(old[12 : 12 + size]), **changed).to_bytes()  # type: ignore[arg-type]  # fields by their names
    new = MAGIC + len(data).to_bytes(4, "big") + data + KEY.sign("manifest", INSTITUTION, data)
    return seal(compress(new + old[12 + size + 64 :]), READERS)


def content(**changed: object) -> Content:
    return replace(read(SEALED).manifest.content, **changed)  # type: ignore[arg-type]  # fields by their names


def with_content(**changed: object) -> Callable[[], bytes]:
    return lambda: with_manifest(content=content(**changed))


def broken(change: Callable[[dict], object]) -> Callable[[], bytes]:  # type: ignore[type-arg]  # whatever it holds
    return lambda: broken_manifest(change)


FORGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "another magic": (lambda: forged(lambda old: b"SEGMENT2" + old[8:]), "UNKNOWN_VERSION"),
    "an empty container": (lambda: forged(lambda _: b""), "UNKNOWN_VERSION"),
    "a manifest that says it is 4 GiB": (
        lambda: forged(lambda old: old[:8] + b"\xff" + old[9:]),
        "BAD_STREAM",
    ),
    "a container that ends in the signature": (lambda: forged(lambda old: old[:600]), "BAD_STREAM"),
    "a change in the manifest": (
        lambda: forged(lambda old: old[:20] + b"!" + old[21:]),
        "BAD_SIGNATURE",
    ),
    "a change in a changeset": (lambda: forged(lambda old: old[:-200] + b"!" + old[-199:]), "BAD_HASH"),
    "something after the changesets": (lambda: forged(lambda old: old + b"x"), "BAD_STREAM"),
    "the last byte cut": (lambda: forged(lambda old: old[:-1]), "BAD_STREAM"),
    "a manifest of another institution": (lambda: with_manifest(institution=b"o" * 16), "OTHER_INSTITUTION"),
    "the key id of another": (lambda: with_manifest(key=b"otherkey"), "BAD_SIGNATURE"),
    "a reader too many": (lambda: with_manifest(recipients=(recipient_id(HQ.recipient),) * 4), "BAD_HEADER"),
    "a reader too few": (lambda: with_manifest(recipients=(recipient_id(HQ.recipient),) * 2), "BAD_HEADER"),
    "other readers": (
        lambda: with_manifest(recipients=(recipient_id(STRANGER.recipient),) * 3),
        "WRONG_RECIPIENT",
    ),
    "a false first": (with_content(first=Place(2, b"x" * 32)), "NON_CANONICAL"),
    "a false last": (with_content(last=Place(9, b"x" * 32)), "NON_CANONICAL"),
    "a first without a last": (
        broken(lambda plain: plain["content"].update(last=None)),
        "NON_CANONICAL",
    ),
    "a false count of kinds": (
        with_content(kinds={"loan.repay": 2}),
        "NON_CANONICAL",
    ),
    "a false count of tables": (with_content(tables={}), "NON_CANONICAL"),
    "a false business date": (with_content(dates=("2026-11-21",)), "NON_CANONICAL"),
    "too small an unpacked size": (with_content(unpacked_bytes=99), "LIMIT_SIZE"),
    "too large an unpacked size": (
        with_content(unpacked_bytes=9_999),
        "NON_CANONICAL",
    ),
    "65 MiB unpacked": (with_content(unpacked_bytes=65 << 20), "LIMIT_SIZE"),
    "99 times over": (with_content(unpacked_bytes=99 * len(SEALED)), "LIMIT_RATIO"),
    "another hash": (with_content(sha256=b"x" * 32), "BAD_HASH"),
    "manifest version 2": (broken(lambda plain: plain.update(v=2)), "UNKNOWN_VERSION"),
    "an unknown field": (broken(lambda plain: plain.update(w=2)), "NON_CANONICAL"),
    "no wants": (broken(lambda plain: plain.pop("wants")), "NON_CANONICAL"),
    "a purpose that is none": (
        broken(lambda plain: plain.update(purpose="spy")),
        "NON_CANONICAL",
    ),
    "a level that is none": (
        broken(lambda plain: plain["acks"][0].update(level="1")),
        "NON_CANONICAL",
    ),
    "a total that is text": (
        broken(lambda plain: plain["totals"]["loans"].update(x="1")),
        "NON_CANONICAL",
    ),
    "one version that can be read": (
        broken(lambda plain: plain.update(reads=[1])),
        "NON_CANONICAL",
    ),
    "nine enrolments": (broken(lambda plain: plain.update(enrol=[b"x"] * 9)), "LIMIT_SIZE"),
}


def broken_manifest(change: Callable[[dict], object]) -> bytes:  # type: ignore[type-arg]  # whatever it holds
    """The segment with a manifest that our own writer would not write, rightly signed."""
    old = container_of(SEALED)
    size = int.from_bytes(old[8:12], "big")
    plain = cbor2.loads(old[12 : 12 + size])
    change(plain)
    data = cbor2.dumps(plain, canonical=True)
    new = MAGIC + len(data).to_bytes(4, "big") + data + KEY.sign("manifest", INSTITUTION, data)
    return seal(compress(new + old[12 + size + 64 :]), READERS)


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_segment_is_refused(name: str) -> None:
    make, code = FORGED[name]
    assert refusal_code(lambda: read(make())) == code


def test_another_signer_is_refused() -> None:
    assert refusal_code(lambda: read(SEALED, key=OTHER_KEY)) == "BAD_SIGNATURE"


def test_nobody_reads_what_is_not_addressed_to_him() -> None:
    assert refusal_code(lambda: read(SEALED, STRANGER)) == "NOT_FOR_US"


def test_a_bundle_passed_on_by_a_reader_is_not_taken_as_addressed_to_the_next() -> None:
    passed_on = seal(open_sealed(SEALED, [BRANCH.secret]).plain, [STRANGER.recipient] * 3)
    assert refusal_code(lambda: read(passed_on, STRANGER)) == "WRONG_RECIPIENT"


def test_a_recovery_reads_whatever_opens() -> None:
    contents = open_segment(SEALED, [BRANCH.secret])
    assert read_segment(contents, public=KEY.public, institution=INSTITUTION, reader=None).changesets == CHAIN


def test_a_bomb_inside_the_encryption_is_refused() -> None:
    """64 times over compression and packing together, judged by the declared size before unpacking."""
    bomb = seal(compress(container_of(SEALED) + bytes(8 << 20)), READERS)
    assert refusal_code(lambda: open_segment(bomb, [HQ.secret])) == "LIMIT_SIZE"


# --- what one segment holds -------------------------------------------------------------------------


def large(seq: int, noise: bytes) -> Signed:
    return signed(
        changeset(seq=seq, ops=(Op("photo", "+", seq, {"picture": noise}, None),), seen={}, approvals=())
    )


def test_a_long_chain_is_cut_into_runs_that_fit_and_lose_nothing() -> None:
    """Twelve changesets of nearly 1 MiB that do not compress."""
    chain = [large(seq, os.urandom(900_000)) for seq in range(1, 13)]
    runs = list(cut_runs(chain))
    assert [one for run in runs for one in run] == chain
    assert len(runs) > 3
    for number, run in enumerate(runs, 1):
        sealed = seal_segment(manifest(segment=number), run, KEY, READERS)
        assert len(sealed) <= MAX_SEALED_BYTES
        assert read(sealed).changesets == run


def test_what_does_not_fit_one_segment_is_refused_by_the_writer() -> None:
    chain = [large(seq, os.urandom(900_000)) for seq in range(1, 7)]
    assert refusal_code(lambda: seal_segment(manifest(), chain, KEY, READERS)) == "LIMIT_SIZE"


def test_no_changesets_are_one_empty_run() -> None:
    assert list(cut_runs([])) == [[]]


def test_what_packs_too_well_is_filled_up_so_that_its_reader_takes_it() -> None:
    """Twenty changesets of one repeated byte pack more than 64 times; the writer adds random filler."""
    chain = [large(seq, b"\0" * 900_000) for seq in range(1, 21)]
    sealed = seal_segment(manifest(), chain, KEY, READERS)
    assert unpacked_size(chain) <= MAX_RATIO * len(sealed)
    got = read(sealed)
    assert got.manifest.content.filler_bytes > 0
    assert got.changesets == chain


def test_the_words_of_the_manifest_are_fixed() -> None:
    assert PURPOSES == ("branch", "return", "tail", "heal")
    assert LEVELS == ("received", "merged", "durable")


def test_the_signature_covers_the_manifest_as_the_format_says() -> None:
    contents: Contents = open_segment(SEALED, [HQ.secret])
    assert contents.signature == KEY.sign_digest(
        "manifest", INSTITUTION, hashlib.sha256(contents.manifest).digest()
    )
