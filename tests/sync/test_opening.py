"""Bundles opened by other processes: the same books, the same results, the same words of refusal."""

from dataclasses import asdict
from pathlib import Path

import pytest

from sync import inbox
from sync.digest import digest_of
from sync.inbox import import_paths
from sync.installation import Installation
from sync.receiving import BundleResult
from tests.support.headquarters import copy_headquarters, make_headquarters
from tests.support.institution import HQ, TestInstitution


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """Headquarters and five bundles of two branches; one more that is damaged."""
    made = make_headquarters(tmp_path_factory.mktemp("bank") / "bank")
    whole = min(made.root.glob("first/*.[Ss]01"))
    damaged = bytearray(whole.read_bytes())
    damaged[5_000] ^= 1
    (made.root / "damaged.s01").write_bytes(damaged)
    return made


def _digest(installation: Installation) -> bytes:
    with installation.database.reading() as session:
        return digest_of(session, installation.roster(session)).sha256


def _told(results: list[BundleResult]) -> list[tuple[object, ...]]:
    return [
        (
            one.bundle,
            one.sender,
            one.verdict,
            one.code,
            asdict(one.counts) | {"settles": None},
            one.totals_agree,
            one.detail.rpartition("/")[2],
        )
        for one in results
    ]


def _import(bank: TestInstitution, root: Path, workers: int) -> tuple[list[tuple[object, ...]], bytes]:
    copied = copy_headquarters(bank, root)
    with copied.open(HQ) as headquarters:
        sticks = [root / name for name in ("first", "later", "lost", "damaged.s01")]
        first = import_paths(headquarters, sticks, workers=workers)
        again = import_paths(headquarters, sticks, workers=workers)
        return _told(first) + _told(again), _digest(headquarters)


def test_workers_change_neither_results_nor_books(
    bank: TestInstitution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process or three, imported once or twice: every line and the digest are the same."""
    monkeypatch.setattr(inbox, "WORTH_BYTES", 0)
    assert _import(bank, tmp_path / "one", 1) == _import(bank, tmp_path / "three", 3)


def test_workers_change_nothing_on_a_server(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL, three processes give the digest that the branch has."""
    monkeypatch.setattr(inbox, "WORTH_BYTES", 0)
    bank = TestInstitution.create(tmp_path / "bank", ("KIT", "GUL"), database=postgres_url)
    folders = [bank.send(code)[0] for code in ("KIT", "GUL")]
    with bank.open(HQ) as headquarters:
        results = import_paths(headquarters, folders, workers=3)
        assert [result.verdict for result in results] == ["ADMIT", "ADMIT"]
        again = import_paths(headquarters, folders, workers=3)
        assert [result.verdict for result in again] == ["NOOP", "NOOP"]
    for code in ("KIT", "GUL"):
        here, there = bank.digests(code)
        assert (here.sha256, here.cut) == (there.sha256, there.cut)
