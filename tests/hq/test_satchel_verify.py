"""satchel-verify reads the vectors as every reader must, and proves what old programs wrote."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from hq.audit_pack_tables import csv_lines
from hq.verifier import satchel_verify
from sync.changeset import Changeset
from sync.kit import Kit
from sync.manifest import Manifest
from sync.packing import Signed, unpack
from sync.root import Root
from sync.signing import SigningKey
from tests.support.chains import INSTITUTION, Writer
from tests.support.packs import Pack
from tests.sync.test_golden import FROZEN, GOLDEN, Frozen
from tests.vectors import roads

VECTORS = roads.HERE
EXPECTED: dict[str, str | None] = json.loads((VECTORS / "expected.json").read_text())
CHAINS: dict[str, Any] = json.loads((VECTORS / "chains.json").read_text())
CHANGESETS = [name for name in EXPECTED if name.endswith(".changeset")]


@pytest.mark.parametrize("name", CHANGESETS)
def test_each_changeset_is_refused_with_its_code_or_read(name: str) -> None:
    """The own reader of canonical CBOR answers as the vectors ask."""
    data = (VECTORS / name).read_bytes()
    try:
        satchel_verify.read_changeset(data)
        told = None
    except satchel_verify.Refused as refusal:
        told = refusal.code
    assert told == EXPECTED[name]


def _union(name: str, device: int) -> list[Signed]:
    """All that a case delivers of one device, by sequence; what comes twice once."""
    found: dict[tuple[int, bytes], Signed] = {}
    for delivery in CHAINS["cases"][name]:
        if CHAINS["blocks"][delivery["block"]] == device:
            for body, signature in unpack((VECTORS / "chains" / f"{delivery['block']}.block").read_bytes()):
                found[Changeset.from_bytes(body).seq, signature] = (body, signature)
    return [found[key] for key in sorted(found)]


def _expected(name: str) -> set[str]:
    """What our reader still says when everything has come: what a later delivery mended is no fault."""
    if name in CHAINS["same_books"]:
        return {"REVOKED_AFTER"}  # the news may come after what it takes back
    deliveries = CHAINS["cases"][name]
    admitted = sum(one["admitted"] for one in deliveries)
    codes = {one["code"] for one in deliveries} - {None, "DUPLICATE"}
    whole = admitted == sum(len(_union(name, device)) for device in (1, 2, 3))
    return codes - {"GAP"} if whole else codes


@pytest.mark.parametrize("name", CHAINS["cases"])
def test_each_chain_is_told_as_our_reader_tells_it(name: str, tmp_path: Path) -> None:
    """The same code for the same chain: nothing where ours admits everything."""
    hq, holder = Writer(1), SigningKey.from_seed(b"\x09" * 32)
    daily = (hq.key.public,)
    root = Root(INSTITUTION, 1, 1, (holder.public,), officer=daily, daily=daily, release=())
    lines = {f"chains/{device}-0.block": _union(name, device) for device in (1, 2, 3)}
    pack = Pack.of_lines(root.signed_by(holder), {file: line for file, line in lines.items() if line}, {})
    told = {code for check, code in pack.told(tmp_path) if check not in {"tables", "files"}}
    assert told == _expected(name)


@pytest.mark.parametrize("revision", FROZEN)
def test_what_every_released_program_wrote_is_proved(revision: str, tmp_path: Path) -> None:
    """Chains, signatures and control totals of the frozen institutions; their packs have no tables."""
    frozen = Frozen.read(GOLDEN / revision)
    kit: Kit = frozen.kit
    lines: dict[str, dict[tuple[int, bytes], Signed]] = {}
    manifests: dict[str, list[Signed]] = {}
    for chain, body, signature in kit.reference:
        lines.setdefault(f"chains/{kit.hq_device}-{chain}.block", {})[_place(body)] = (body, signature)
    for segment in [*frozen.up, *frozen.down]:
        manifest: Manifest = segment.manifest
        name = f"{manifest.device}-{manifest.chain}.block"
        for body, signature in segment.changesets:
            lines.setdefault(f"chains/{name}", {})[_place(body)] = (body, signature)
        if manifest.totals is not None and manifest.content.last is not None:
            manifests.setdefault(f"manifests/{name}", []).append((manifest.to_bytes(), segment.signature))
    ordered = {name: [line[place] for place in sorted(line)] for name, line in lines.items() if line}
    pack = Pack.of_lines(kit.root, ordered, manifests)
    for at, claim in enumerate(frozen.up[0].manifest.enrol):
        pack.files[f"enrolments/{at}.cbor"] = claim
    report = satchel_verify.verify(pack.write(tmp_path))
    assert [one for one in report.failures if one["check"] != "tables"] == []
    assert report.counts["totals"] > 0


def _place(body: bytes) -> tuple[int, bytes]:
    return Changeset.from_bytes(body).seq, body


@pytest.mark.parametrize(
    "text",
    ["", "-5", "-5.", "-.5", "--5", "5.00", "=1", "\uff1d1", "\n=1", "\r=1", "\t1", "@x", "+1", "a\r=1", "x"],
)
def test_a_text_stands_in_a_table_as_the_verifier_expects_it(text: str) -> None:
    """A note of a branch never makes a true pack look false, nor breaks its tables."""
    told = list(
        csv.reader(io.TextIOWrapper(io.BytesIO(b"".join(csv_lines((text, "b"), []))), "utf-8", newline=""))
    )
    assert told == [[satchel_verify.neutral(text), "b"]]
