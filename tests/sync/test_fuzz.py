"""Whatever comes in: it is read, or refused with a reason; nothing else happens, and memory stays small."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import TrustError
from sync.canonical import decode, encode
from sync.changeset import Changeset
from sync.compression import compress, decompress
from sync.keyslots import DeviceSecrets, KeySlots, SealedSigningKey
from sync.kit import Claim, Kit, Reserve
from sync.manifest import Manifest
from sync.packing import pack, unpack
from sync.reasons import REASONS
from sync.root import Root
from sync.seal import open_sealed, seal
from sync.segment import open_segment, read_segment
from sync.updates import Release
from sync.volume import check_volume
from tests.sync.fuzzing import mutated_bytes, mutated_tree, within
from tests.sync.making import (
    HQ,
    INSTITUTION,
    KEY,
    READERS,
    REPAYMENT,
    chain_of,
    manifest,
    segment,
)

EXAMPLES = int(os.environ.get("SATCHEL_FUZZ_EXAMPLES", "120"))
"""Of each parser; some hundred thousand are for a night."""
SETTINGS = settings(
    max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
VECTORS = Path(__file__).parent.parent / "vectors"
MOST_MEMORY_MB = 200


@dataclass(frozen=True)
class Parser:
    """One door for bytes from outside: how it reads, and what is sent to it."""

    read: Callable[[bytes], object]
    sent: st.SearchStrategy[bytes]


def _either(example: bytes) -> st.SearchStrategy[bytes]:
    return mutated_bytes(example) | mutated_tree(example)


def _root_of(statement: bytes) -> bytes:
    return encode({"statement": statement, "signatures": [KEY.sign("root", INSTITUTION, statement)]})


def _claim_of(body: bytes) -> bytes:
    signature = KEY.sign("enrol", INSTITUTION, body)
    return encode({"body": body, "hmac": b"h" * 32, "signature": signature})


def _release_of(statement: bytes) -> bytes:
    signature = KEY.sign("release", INSTITUTION, statement)
    return encode({"statement": statement, "signatures": [[KEY.public, signature]]})


def _container_of(contents: bytes) -> bytes:
    return seal(compress(contents), READERS)


def _signed_manifest(data: bytes) -> bytes:
    signature = KEY.sign("manifest", INSTITUTION, data)
    block = pack(chain_of(3)).block
    return _container_of(b"SEGMENT1" + len(data).to_bytes(4, "big") + data + signature + block)


def _read_segment(data: bytes) -> object:
    contents = open_segment(data, [HQ.secret])
    return read_segment(contents, public=KEY.public, institution=INSTITUTION, reader=HQ.recipient)


ROOT = Root(INSTITUTION, 1, 1, (KEY.public,), (KEY.public,), (KEY.public,), (KEY.public,))
KIT = Kit(
    institution_id=INSTITUTION,
    kit_id=b"k" * 16,
    expires_on=date(2027, 1, 1),
    office_code="KIT",
    device=2,
    reserves=(Reserve(3, b"s" * 32),),
    root=ROOT.signed_by(KEY),
    hq_device=1,
    hq_signing_key=KEY.public,
    hq_recipient=HQ.recipient,
    recovery_recipient=HQ.recipient,
    secret=b"t" * 32,
    reference=tuple((0, body, signature) for body, signature in chain_of(2)),
)
CLAIM_BYTES = Claim(INSTITUTION, b"k" * 16, 2, KEY.public, HQ.recipient).to_bytes(b"s" * 32, KEY)
CONTAINER = decompress(open_sealed(segment(), [HQ.secret]).plain, limit_bytes=1 << 20)
RELEASE = Release(INSTITUTION, "1.2.0", b"h" * 32, 17, 4, "Notes.").signed_by(KEY)
RELEASE_STATEMENT: bytes = cbor2.loads(RELEASE)["statement"]
PARSERS: dict[str, Parser] = {
    "canonical": Parser(lambda data: decode(data, limit_bytes=1 << 20), _either(REPAYMENT.to_bytes())),
    "changeset": Parser(Changeset.from_bytes, _either(REPAYMENT.to_bytes())),
    "manifest": Parser(Manifest.from_bytes, _either(manifest().to_bytes())),
    "plain block": Parser(unpack, mutated_bytes(pack(chain_of(3)).block)),
    "block of columns": Parser(unpack, mutated_bytes(pack(chain_of(40)).block)),
    "columns": Parser(
        unpack,
        within(
            lambda body: b"\x01" + (40).to_bytes(4, "big") + len(body).to_bytes(4, "big") + body,
            mutated_tree(pack(chain_of(40)).block[9:]),
        ),
    ),
    "frame": Parser(
        lambda data: decompress(data, limit_bytes=1 << 20), mutated_bytes(compress(b"some text " * 99))
    ),
    "segment": Parser(_read_segment, mutated_bytes(segment())),
    "container": Parser(_read_segment, within(_container_of, mutated_bytes(CONTAINER))),
    "signed manifest": Parser(_read_segment, within(_signed_manifest, mutated_tree(manifest().to_bytes()))),
    "volume": Parser(
        lambda data: check_volume(io.BytesIO(data), len(data)),
        mutated_bytes((VECTORS / "whole.volume").read_bytes()),
    ),
    "kit": Parser(Kit._read, _either(KIT._plain())),
    "claim": Parser(
        Claim.read,
        within(_claim_of, _either(Claim.read(CLAIM_BYTES)[1])) | mutated_tree(CLAIM_BYTES),
    ),
    "root": Parser(Root.from_bytes, within(_root_of, _either(ROOT.statement()))),
    "release": Parser(
        lambda data: Release.from_bytes(data, ROOT),
        within(_release_of, _either(RELEASE_STATEMENT)) | mutated_tree(RELEASE),
    ),
    "key slots": Parser(
        KeySlots.from_bytes,
        mutated_bytes(KeySlots.create(b"m" * 32, "correct horse", HQ.recipient, name="admin").to_bytes()),
    ),
}


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_reads_or_refuses_with_a_reason(name: str) -> None:
    """No other error, whatever is changed in the bytes or in what they say."""
    parser = PARSERS[name]

    @SETTINGS
    @given(parser.sent)
    def sent(data: bytes) -> None:
        assert _code_of(parser.read, data) in {None, *REASONS}

    sent()


@SETTINGS
@given(_either(REPAYMENT.to_bytes()))
def test_what_is_read_as_a_changeset_is_written_as_the_same_bytes(data: bytes) -> None:
    """One form, so that hash and signature are about what was read."""
    try:
        changeset = Changeset.from_bytes(data)
    except TrustError:
        return
    assert changeset.to_bytes() == data


@SETTINGS
@given(_either(manifest().to_bytes()))
def test_what_is_read_as_a_manifest_is_written_as_the_same_bytes(data: bytes) -> None:
    """As with changesets."""
    try:
        read = Manifest.from_bytes(data)
    except TrustError:
        return
    assert read.to_bytes() == data


_READ_EVERYTHING = """
import re
from pathlib import Path
from tests.sync.test_vectors import EXPECTED, FOLDER, READERS
from ledger.errors import TrustError
for name in EXPECTED:
    try:
        READERS[name.rpartition(".")[2]]((FOLDER / name).read_bytes())
    except TrustError:
        pass
print(int(re.search("VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def test_reading_every_vector_bombs_included_stays_small_in_memory() -> None:
    """A process that has done nothing else: libraries, all bombs, everything that must be read."""
    done = subprocess.run(
        [sys.executable, "-c", _READ_EVERYTHING],
        capture_output=True,
        check=True,
        cwd=VECTORS.parent.parent,
    )
    assert int(done.stdout) < MOST_MEMORY_MB


def test_a_sealed_signing_key_that_was_altered_is_refused_with_a_reason() -> None:
    """It stands apart: its example costs a stretched passphrase."""
    example = SealedSigningKey.create(DeviceSecrets(KEY, HQ.secret), "correct horse", name="admin").to_bytes()

    @SETTINGS
    @given(mutated_bytes(example))
    def sent(data: bytes) -> None:
        assert _code_of(SealedSigningKey.from_bytes, data) in {None, *REASONS}

    sent()


def _code_of(read: Callable[[bytes], object], data: bytes) -> str | None:
    """Give the code of the refusal, None when the bytes were read; any other error goes on."""
    try:
        read(data)
    except TrustError as refusal:
        return refusal.code
    return None
