"""The worst mistakes of an operator have a way back that needs no more than the commands."""

from pathlib import Path

import pytest

from tests.support.branch_home import PASSPHRASE, make_homes
from tests.support.pair import Pair, with_clock


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Pair:
    """Headquarters and a branch that have met."""
    clock = with_clock(monkeypatch)
    for module in ("branch.commands_of_laptops", "hq.commands_of_laptops"):
        monkeypatch.setattr(f"{module}.utc_now", clock)
    make_homes(tmp_path)
    for name in ("hq", "branch"):
        (tmp_path / f"{name}.passphrase").write_text(PASSPHRASE)
    made = Pair(tmp_path, capsys, clock)
    made.meet()
    return made


def test_an_old_backup_of_headquarters_that_is_restored_learns_what_it_lacks(pair: Pair) -> None:
    """A holiday and a client from after it come back with bundles both ways; nothing is doubled."""
    backup = pair.run("hq", "backup", "--to", str(pair.root / "safe"))
    pair.run("hq", "act", "holiday.declare", "on=2026-12-12", "name=Jamhuri")
    pair.run("branch", "act", "client.register", "name=Wanjiru")
    pair.carry("branch", "hq")
    pair.carry("hq", "branch")
    before = pair.run("hq", "trial-balance")
    (pair.root / "hq").rename(pair.root / "overwritten")
    root_key = pair.root / "overwritten" / "root.key"
    found = pair.run("hq", "restore", "--from", backup["file"], "--root-key", str(root_key))
    assert (found["old_device"], found["incarnation"]) == (1, 2)
    pair.carry("hq", "branch")
    pair.carry("branch", "hq")
    pair.carry("hq", "branch")
    here = pair.run("branch", "digest")["digest"]
    assert here == pair.run("hq", "digest", "--branch", "KIT")["digest"]
    assert pair.run("hq", "trial-balance") == before
    assert pair.run("hq", "digest")["tables"]["holiday"]["rows"] == 1
    assert pair.run("hq", "verify")["ok"]
