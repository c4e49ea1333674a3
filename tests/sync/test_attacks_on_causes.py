"""Attacks by rows that are read before they are judged: what says nothing must stop nobody."""

from pathlib import Path

import pytest

from sync.changeset import INSERT, Op, Value
from tests.support.forging import forge, forged_id
from tests.support.institution import TestInstitution, register_savers

BAD: tuple[dict[str, Value], ...] = (
    {"old_device": 2, "hash": b"x" * 32, "how": "restored"},
    {"old_device": 2, "seq": 5},
    {"seq": 5, "hash": b"x" * 32},
    {"old_device": 2, "seq": "five", "hash": "x", "how": "restored"},
    {"old_device": None, "seq": 5, "hash": None, "how": "restored"},
)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """Two branches that headquarters knows."""
    made = TestInstitution.create(tmp_path_factory.mktemp("causes") / "bank", ("KIT", "GUL"))
    for code in ("KIT", "GUL"):
        made.receive(made.send(code)[0])
        made.confirm(code)
    return made


def test_a_succession_that_names_no_place_stops_no_import(bank: TestInstitution, tmp_path: Path) -> None:
    """Rows without a place are exceptions of their writer; another branch's bundle comes in beside them."""
    copy = bank.copy_to(tmp_path / "bank")
    with copy.open("KIT") as branch:
        office: dict[str, Value] = {"origin_office_id": branch.place.office_id}
        for number, row in enumerate(BAD):
            forge(branch, Op("device_succession", INSERT, forged_id(branch, number), office | row, None))
    with copy.open("GUL") as branch:
        register_savers(branch, ["Njeri"])
    came = {result.sender: result for result in copy.receive(copy.send("KIT")[0], copy.send("GUL")[0])}
    forged, other = came["KIT"], came["GUL"]
    assert (forged.verdict, forged.counts.exceptions, forged.counts.codes) == ("ADMIT", len(BAD), ["SCOPE"])
    assert (other.verdict, other.counts.exceptions) == ("ADMIT", 0)
