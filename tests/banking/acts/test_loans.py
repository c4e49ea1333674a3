"""Loans by name, under a product that headquarters defined and sent: from application to its undoing."""

import json
from pathlib import Path
from typing import Any

import pytest

from satchel import cli
from schema.accounts import SavingsAccount
from schema.people import Client
from sync.signing import fingerprint20
from tests.support.acts import ActsRunner
from tests.support.branch_home import PASSPHRASE, Clock, Known, copy_homes, make_homes, opened

PRODUCT = """
[[act]]
act = "charge.define"
code = "FORM"
name = "Form"
due = "disbursement"
amount = 10.00

[[act]]
act = "loan_product.define"
code = "FARM"
name = "Farm loan"
interest_type = "DECLINING_BALANCE"
annual_rate = 24
installments = 6
repay_unit = "MONTHS"
most_tranches = 2
shift_rule = "next_working_day"
charge = ["FORM"]
"""


class Town:
    """Headquarters and one branch, worked from the command line."""

    def __init__(self, homes: Path, known: Known, capsys: pytest.CaptureFixture[str]) -> None:
        """Find the client and the savings that the branch begins with."""
        self.homes = homes
        self.hq = ActsRunner("hq", homes / "hq", PASSPHRASE, capsys)
        self.branch = ActsRunner("branch", homes / "branch", PASSPHRASE, capsys)
        with opened(homes / "branch", Clock()) as branch, branch.database.reading() as session:
            self.client = session.get_one(Client, known.client).number
            account = session.get_one(SavingsAccount, known.savings)
            self.savings = account.number

    def command(self, edition: str, *words: object) -> None:
        """Run one command, which must succeed."""
        name, *rest = map(str, words)
        home = ["--home", str(self.homes / edition), "--passphrase-file", str(self.hq.secret)]
        assert cli.main([edition, name, *home, *rest]) == 0

    def make_known(self, stick: Path) -> None:
        """Send the first bundle, and have the branch's device confirmed."""
        with opened(self.homes / "branch", Clock()) as branch:
            device = branch.signer.device
            digits = fingerprint20(branch.signer.key.public, branch.recipient.encode())
        self.command("branch", "export", "--to", stick)
        self.command("hq", "import", stick)
        self.command("hq", "confirm", "--device", device, "--fingerprint", digits)

    def carry(self, stick: Path) -> None:
        """Carry headquarters' return bundle to the branch."""
        self.command("hq", "export", "--branch", "KIT", "--to", stick)
        self.command("branch", "import", stick)

    def from_file(self, folder: Path, *rows: dict[str, Any]) -> list[dict[str, Any]]:
        """Do acts of a file at the branch; gives their results."""
        file = folder / "acts.jsonl"
        file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        status, document = self.branch.run("--file", str(file))
        assert status == 0, document
        return [one["result"] for one in document["acts"]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    """Homes that each test gets a copy of."""
    folder = tmp_path_factory.mktemp("homes")
    return folder, make_homes(folder)


@pytest.fixture
def town(made: tuple[Path, Known], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Town:
    found = Town(copy_homes(made[0], tmp_path / "homes"), made[1], capsys)
    products = tmp_path / "products.toml"
    products.write_text(PRODUCT, encoding="utf-8")
    status, document = found.hq.run("--file", str(products))
    assert status == 0, document
    for name in ("there", "back"):
        (tmp_path / name).mkdir()
    found.make_known(tmp_path / "there")
    found.carry(tmp_path / "back")
    return found


def test_a_loan_lives_under_a_product_that_came_by_bundle(town: Town, tmp_path: Path) -> None:
    """Applied in two tranches, paid out in two ways less its form, a tranche later; then all of it back."""
    done = town.from_file(
        tmp_path,
        {
            "act": "loan.apply",
            "client": town.client,
            "product": "FARM",
            "principal": "1000.00",
            "on": "2026-11-20",
            "number": "FARM-1",
            "tranches": [
                {"on": "2026-11-22", "amount": "600.00"},
                {"on": "2026-12-30", "amount": "400.00"},
            ],
        },
        {"act": "loan.approve", "loan": "FARM-1", "on": "2026-11-21"},
        {"act": "loan.schedule", "loan": "FARM-1", "on": "2026-11-22"},
        {
            "act": "loan.disburse",
            "loan": "FARM-1",
            "on": "2026-11-22",
            "parts": [{"amount": "100.00", "till": 1}, {"amount": "500.00", "savings": town.savings}],
        },
    )
    assert (done[0]["cycle"], done[2]["promised"], len(done[2]["rows"])) == (2, True, 6)
    assert (done[3]["status"], done[3]["kept_back"]) == ("active", "10.00")
    paid = town.branch.do("loan.disburse_tranche", loan="FARM-1", on="2026-12-30")
    assert paid["amount"] == "400.00"
    rows = town.branch.do("loan.schedule", loan="FARM-1")["rows"]
    assert sum(int(row["principal"].replace(".", "")) for row in rows) == 100_000
    undone = town.branch.do("loan.undo_disbursement", loan="FARM-1", on="2026-12-30", reason="Not her loan")
    assert (undone["status"], undone["reversals"]) == ("approved", 3)
    town.command("branch", "verify")


def test_a_holiday_moves_rows_after_it_was_shown(town: Town, tmp_path: Path) -> None:
    """Headquarters declares a day; the branch sees which rows would move, and moves them."""
    town.from_file(
        tmp_path,
        {
            "act": "loan.apply",
            "client": town.client,
            "product": "FARM",
            "principal": "600.00",
            "on": "2026-11-20",
            "number": "FARM-2",
        },
        {"act": "loan.approve", "loan": "FARM-2", "on": "2026-11-20"},
        {"act": "loan.disburse", "loan": "FARM-2", "on": "2026-11-20", "amount": "600.00"},
    )
    town.hq.do("holiday.declare", on="2026-12-20", name="Market day")
    stick = tmp_path / "second"
    stick.mkdir()
    town.carry(stick)
    wanted = {"first": "2026-12-01", "last": "2026-12-31"}
    shown = town.branch.do("holidays.show", **wanted)
    assert shown["moved"] == [{"loan": "FARM-2", "row": 1, "due_on": "2026-12-20", "moves_to": "2026-12-21"}]
    assert town.branch.do("holidays.apply", **wanted) == shown
    assert town.branch.do("holidays.show", **wanted)["count"] == 0
