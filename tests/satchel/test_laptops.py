"""Backup, restore, re-seeding and new numbers on the command line, as headquarters and branch do it."""

from pathlib import Path

import pytest

from satchel import cli
from tests.support.branch_home import PASSPHRASE, make_homes
from tests.support.pair import Pair, with_clock


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Pair:
    """Headquarters and a branch that have met."""
    clock = with_clock(monkeypatch)
    for module in ("branch.commands_of_laptops",):
        monkeypatch.setattr(f"{module}.utc_now", clock)
    make_homes(tmp_path)
    for name in ("hq", "branch"):
        (tmp_path / f"{name}.passphrase").write_text(PASSPHRASE)
    made = Pair(tmp_path, capsys, clock)
    made.meet()
    return made


def _digests(pair: Pair) -> tuple[object, object]:
    here = pair.run("branch", "digest")["digest"]
    return here, pair.run("hq", "digest", "--branch", "KIT")["digest"]


def test_a_branch_is_backed_up_restored_and_seeded_again(pair: Pair) -> None:
    """A stolen laptop comes back from its backup; later, without one, from what headquarters has."""
    code, backups = pair.root / "code", pair.root / "backups"
    reserves = pair.run("hq", "reserves", "--branch", "KIT")["reserves"]
    code.write_text(f"Reserve {reserves[0]['device']}: {reserves[0]['code']}\n")
    backup = pair.run("branch", "backup", "--to", str(backups))
    assert backup["last_seq"] == pair.run("branch", "status")["last_seq"]
    (pair.root / "branch").rename(pair.root / "stolen")
    found = pair.run("branch", "restore", "--from", backup["file"], "--code-file", str(code))
    assert (found["device"], found["last_seq"]) == (reserves[0]["device"], backup["last_seq"])
    pair.carry("branch", "hq")
    [waiting] = pair.run("hq", "status")["branches"]
    assert (waiting["device"], waiting["state"], waiting["certified"]) == (
        found["device"],
        "unconfirmed",
        False,
    )
    pair.meet()
    here, there = _digests(pair)
    assert here == there
    [goes_on] = pair.run("hq", "status")["branches"]
    certain = pair.run("hq", "digest", "--branch", "KIT")["certified"]
    assert (goes_on["state"], goes_on["certified"], certain) == ("active", True, True)

    kit, kit_code = pair.root / "again.satchel", pair.root / "again.code"
    made = pair.run("hq", "reseed", "--branch", "KIT", "--out", str(kit), "--code-file", str(kit_code))
    (pair.root / "branch").rename(pair.root / "stolen again")
    pair.run("branch", "init", "--kit", str(kit), "--code-file", str(kit_code), "--admin", "admin")
    here, there = _digests(pair)
    assert here == there
    pair.meet()
    assert pair.run("branch", "status")["read_only"] is None
    states = {row["device"] for row in pair.run("hq", "status")["branches"]}
    assert states == {made["device"]}
    told = pair.run("hq", "devices", "--branch", "KIT")
    first, restored = 2, found["device"]
    words = [(event["device"], event["what"].partition(";")[0]) for event in told["history"]]
    assert words.index((first, "registered")) < words.index((first, "confirmed"))
    assert words.index((first, "confirmed")) < words.index((restored, "confirmed"))
    assert (restored, "kept as a reserve number") in words
    assert any(device == restored and what.startswith("restored from a backup") for device, what in words)
    assert any(device == restored and what == "retired" for device, what in words)
    assert {row["number"]: row["state"] for row in told["devices"]}[made["device"]] == "active"


def test_a_backup_of_headquarters_makes_entries_durable(pair: Pair) -> None:
    """What is in a verified backup is told to the branch; what came later is not."""
    assert pair.run("branch", "status")["durable"] == 0
    pair.run("hq", "backup", "--to", str(pair.root / "safe"))
    pair.carry("hq", "branch")
    now = pair.run("branch", "status")
    assert 0 < now["durable"] == now["merged"]


def test_headquarters_confirms_by_telephone_that_a_bundle_came(pair: Pair) -> None:
    """The code is read out in groups; the branch's next bundle starts after what came."""
    code = pair.run("hq", "arrival-code", "--branch", "KIT")
    taken = pair.run("branch", "confirm-arrival", *code["code"].split())
    assert (taken["seq"], taken["again"]) == (code["seq"], False)


def test_a_branch_that_nobody_can_open_is_opened_with_the_recovery_key(pair: Pair) -> None:
    """Request, answer with its code, a code from the safe: the books agree afterwards."""
    recovery = next(file for file in pair.root.rglob("recovery*") if file.is_file())
    request, sealed, code, safe = (pair.root / name for name in ("ask", "reply", "code", "safe"))
    reserve = pair.run("hq", "reserves", "--branch", "KIT")["reserves"][0]
    safe.write_text(reserve["code"])
    assert cli.main(["branch", "forgot", "--home", str(pair.root / "branch"), "--out", str(request)]) == 0
    files = ("--request", str(request), "--recovery-file", str(recovery))
    pair.run("hq", "unlock", *files, "--out", str(sealed), "--code-file", str(code))
    (pair.root / "branch.passphrase").write_text(PASSPHRASE + " anew")
    codes = ("--code-file", str(code), "--reserve-code-file", str(safe))
    found = pair.run("branch", "reopen", "--answer", str(sealed), *codes)
    assert found["device"] == reserve["device"]
    pair.carry("branch", "hq")
    pair.run("hq", "confirm", "--device", str(found["device"]), "--fingerprint", found["fingerprint"])
    here, there = _digests(pair)
    assert here == there
