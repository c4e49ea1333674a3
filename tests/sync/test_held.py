"""What waits behind a gap, and how much of it."""

from pathlib import Path

import pytest

from sync import receiving
from tests.support.institution import TestInstitution, register_savers


def test_more_than_can_wait_stays_outside_until_the_gap_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit a bundle behind a gap is not taken in; the same file is, once the gap is closed."""
    bank = TestInstitution.create(tmp_path / "bank")
    monkeypatch.setattr(receiving, "MOST_HELD", -1)
    first, _ = bank.send("KIT")
    with bank.open("KIT") as branch:
        register_savers(branch, ["Wekesa"])
    second, _ = bank.send("KIT", since_last=True)
    (left,) = bank.receive(second)
    assert (left.verdict, left.code, left.counts.held) == ("HOLD", "GAP", 0)
    (taken, again) = (bank.receive(first)[0], bank.receive(second)[0])
    assert (taken.verdict, again.verdict) == ("ADMIT", "ADMIT")
    here, there = bank.digests("KIT")
    assert here.sha256 == there.sha256
