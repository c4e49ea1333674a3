"""Vectors of more than one file: what lies together on a stick, and what comes one after the other."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import TrustError
from sync.admission import Admission
from sync.bundle_files import FoundBundle, find_volumes
from sync.packing import unpack
from tests.support.chains import HQ, INSTITUTION, Books, Writer
from tests.vectors import roads
from tests.vectors.roads import Bundle, Delivery

STICKS: dict[str, Any] = json.loads((roads.HERE / "sticks.json").read_text())
CHAINS: dict[str, Any] = json.loads((roads.HERE / "chains.json").read_text())


@pytest.mark.parametrize("name", STICKS)
def test_each_stick_is_told_as_expected(name: str, tmp_path: Path) -> None:
    """Bundles, what is missing, made again or twice there, by files alone."""
    stick = STICKS[name]
    for called, file in stick["files"].items():
        shutil.copyfile(roads.HERE / file, tmp_path / called)
    found = find_volumes([tmp_path])
    told = sorted((_told(bundle) for bundle in found.bundles), key=lambda told: str(told["bundle"]))
    assert told == stick["bundles"]
    assert [fault.refusal.code for fault in found.faults] == stick["alone"]


def _told(bundle: FoundBundle) -> dict[str, object]:
    twins = tuple(path.name for path in bundle.twins)
    told = Bundle(bundle.index.bundle.hex()[:8], bundle.code, bundle.missing, bundle.repaired, twins)
    return json.loads(json.dumps(asdict(told)))  # type: ignore[no-any-return]  # lists for tuples


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without a row, made once."""
    path = tmp_path_factory.mktemp("empty") / "books.db"
    Books(path, Writer(HQ)).database.close()
    return path


def _play(name: str, empty: Path, folder: Path) -> tuple[list[dict[str, object]], str]:
    """What becomes of each delivery of a case, and the digest at the end."""
    books = Books(folder / f"{len(list(folder.iterdir()))}.db", Writer(HQ), empty)
    told: list[dict[str, object]] = []
    for delivery in CHAINS["cases"][name]:
        block = delivery["block"]
        signed = unpack((roads.HERE / "chains" / f"{block}.block").read_bytes())
        try:
            told.append(asdict(_delivered(block, books.feed(Writer(CHAINS["blocks"][block]), signed))))
        except TrustError as refusal:
            told.append(asdict(Delivery(block, "REJECT", refusal.code)))
    digest = books.digest()
    books.database.close()
    return told, digest


def _delivered(block: str, came: Admission) -> Delivery:
    code = came.codes[0] if came.codes else None
    if came.quarantined or came.held:
        verdict = "QUARANTINE" if came.quarantined else "HOLD"
    else:
        verdict = "ADMIT" if came.admitted else "NOOP"
    return Delivery(
        block, verdict, code, came.admitted, came.known, came.held, came.quarantined, came.exceptions
    )


@pytest.mark.parametrize("name", CHAINS["cases"])
def test_each_chain_is_admitted_as_expected(name: str, empty: Path, tmp_path: Path) -> None:
    """Verdict, code and counts of every delivery."""
    told, _digest = _play(name, empty, tmp_path)
    assert told == CHAINS["cases"][name]


def test_a_thief_is_kept_out_in_whatever_order_the_news_comes(empty: Path, tmp_path: Path) -> None:
    """The books are the same, whether the revocation or the thief was first."""
    assert len({_play(name, empty, tmp_path)[1] for name in CHAINS["same_books"]}) == 1


def test_the_list_is_what_the_script_says() -> None:
    """Keys and deliveries in the files are those of the script; rows keep the columns that they had."""
    told = {name: [asdict(one) for one in deliveries] for name, deliveries in roads.CHAINS.items()}
    assert CHAINS["cases"] == told
    assert CHAINS["institution"] == INSTITUTION.hex()
    assert {int(number): row["public"] for number, row in CHAINS["devices"].items()} == {
        number: Writer(number).key.public.hex() for number in (1, 2, 3)
    }
    assert json.loads(json.dumps({name: asdict(stick) for name, stick in roads.STICKS.items()})) == STICKS
