"""The stand-alone reader in docs/: Python's own library, Debian's age and zstd, nothing of ours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sync.bundle_files import write_volumes
from sync.changeset import Changeset, digest
from sync.packing import Signed
from sync.segment import seal_segment
from sync.volume import Writer
from tests.sync.making import (
    BUNDLE,
    INSTITUTION,
    KEY,
    READERS,
    RECOVERY,
    REPAYMENT,
    STRANGER,
    chain_of,
    changeset,
    manifest,
    signed,
)

READER = Path(__file__).parents[2] / "docs" / "read_bundle.py"


def mixed_chain() -> list[Signed]:
    """A chain of three shapes, with numbers below zero, other scripts, bytes and nulls."""
    chain = chain_of(30)
    for seq in range(31, 60):
        prev = digest(chain[-1][0])
        if seq % 3:
            chain.append(signed(changeset(seq=seq, prev=prev, hlc=seq << 16, note=f"\u0967 {seq:03d}")))
        else:
            ops = (REPAYMENT.ops[0]._replace(new={"amount": -seq * 70_000, "flag": seq % 2}),)
            chain.append(signed(changeset(seq=seq, prev=prev, hlc=seq << 16, ops=ops)))
    return chain


def volume(folder: Path, chain: list[Signed]) -> Path:
    sealed = seal_segment(manifest(), chain, KEY, READERS)
    (path,) = write_volumes(folder, BUNDLE, [sealed], Writer(INSTITUTION, 5, KEY), 7 << 20)
    return path


def read(*arguments: object) -> list[dict[str, Any]]:
    """Run it away from the checkout and without our environment's packages."""
    answer = subprocess.run(
        [sys.executable, "-I", "-S", str(READER), *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
    )
    return [json.loads(line) for line in answer.stdout.splitlines()]


@pytest.mark.parametrize("count", [3, 59])
def test_it_shows_what_we_wrote(tmp_path: Path, count: int) -> None:
    """Three changesets travel plain, fifty-nine by columns."""
    chain = mixed_chain()[:count]
    (tmp_path / "recovery.key").write_text(RECOVERY.secret + "\n")
    shown = read(volume(tmp_path, chain), tmp_path / "recovery.key")
    assert shown[0]["volume"]["bundle"] == BUNDLE.hex()
    assert shown[1]["manifest"]["totals"]["loans"] == {"KIT-L-000001": 1_000}
    assert len(shown) == 2 + count
    for (data, signature), line in zip(chain, shown[2:], strict=True):
        ours = Changeset.from_bytes(data)
        theirs = line["changeset"]
        assert theirs["signature"] == signature.hex()
        assert theirs["prev"] == ours.prev.hex()
        assert (theirs["seq"], theirs["hlc"], theirs["note"]) == (ours.seq, ours.hlc, ours.note)
        assert [op[2] for op in theirs["ops"]] == [op.id for op in ours.ops]
        assert [op[3] for op in theirs["ops"]] == [op.new for op in ours.ops]


def test_without_a_key_it_checks_and_lists(tmp_path: Path) -> None:
    path = volume(tmp_path, chain_of(3))
    assert read(path)[0]["volume"]["segments"] == 1
    path.write_bytes(path.read_bytes().replace(b"age-encryption", b"age-encryptiom"))
    with pytest.raises(subprocess.CalledProcessError):
        read(path)


def test_a_stranger_reads_nothing(tmp_path: Path) -> None:
    (tmp_path / "stranger.key").write_text(STRANGER.secret + "\n")
    with pytest.raises(subprocess.CalledProcessError):
        read(volume(tmp_path, chain_of(3)), tmp_path / "stranger.key")
