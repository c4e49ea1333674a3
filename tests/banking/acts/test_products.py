"""Products by name from headquarters' command line, and what every branch gets of them."""

from pathlib import Path

import pytest

from tests.support.acts import ActsRunner
from tests.support.branch_home import PASSPHRASE, Known, copy_homes, make_homes

PRODUCT = """
[[act]]
act = "charge.define"
code = "FORM"
name = "Form"
due = "disbursement"
amount = 5.00

[[act]]
act = "loan_product.define"
code = "FARM"
name = "Farm loan"
interest_type = "DECLINING_BALANCE"
annual_rate = 18.5
installments = 6
repay_unit = "MONTHS"
principal_minimum = 100.00
principal_maximum = 5000.00
charge = ["FORM"]
cycles = [{ cycle = 2, principal_maximum = 9000.00 }]

[[act]]
act = "savings_product.define"
code = "YEAR"
name = "One year"
kind = "fixed"
annual_rate = 7
term_days = 365
rate_steps = [{ from_amount = 1000.00, annual_rate = 8 }]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    """A headquarters that each test gets a copy of."""
    folder = tmp_path_factory.mktemp("homes")
    return folder, make_homes(folder)


@pytest.fixture
def acts(made: tuple[Path, Known], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> ActsRunner:
    homes = copy_homes(made[0], tmp_path / "homes")
    return ActsRunner("hq", homes / "hq", PASSPHRASE, capsys)


def test_products_come_from_a_file_and_are_listed(acts: ActsRunner, tmp_path: Path) -> None:
    """A charge, a loan product that bears it, and a savings product with a step, in one file."""
    file = tmp_path / "products.toml"
    file.write_text(PRODUCT, encoding="utf-8")
    status, document = acts.run("--file", str(file))
    assert status == 0, document
    listed = acts.do("product.list")
    farm = next(row for row in listed["loan_products"] if row["code"] == "FARM")
    assert (farm["version"], farm["annual_rate"], farm["principal_maximum"]) == (1, "18.5", "5000.00")
    assert (farm["charges"], farm["gl_portfolio"]) == (["FORM"], "1210")
    assert farm["cycles"] == [{"cycle": 2, "principal_maximum": "9000.00"}]
    year = next(row for row in listed["savings_products"] if row["code"] == "YEAR")
    assert year["rate_steps"] == [{"from_days": 0, "from_amount": "1000.00", "annual_rate": "8"}]

    assert acts.publishes("loan_product.define", code="FARM", annual_rate="20", principal_maximum="none") == {
        "product": "FARM",
        "version": 2,
    }
    assert acts.do("loan_product.retire", code="FARM")["active"] is False
    versions = acts.do("product.list", all_versions="yes")["loan_products"]
    assert [(row["version"], row["active"]) for row in versions if row["code"] == "FARM"] == [(1, 0), (2, 0)]


def test_every_reason_is_told_for_a_product(acts: ActsRunner) -> None:
    """What cannot be read and what cannot be: each by its field."""
    assert acts.refused("loan_product.define", code="FARM", interest_type="MAGIC", gl_portfolio="9999") == [
        ("interest_type", "BAD_VALUE"),
        ("gl_portfolio", "NOT_FOUND"),
    ]
    assert acts.refused(
        "loan_product.define",
        code="FARM",
        name="Farm",
        interest_type="FLAT",
        annual_rate="1000",
        installments=12,
        installments_minimum=24,
        repay_unit="MONTHS",
        gl_portfolio="1110",
    ) == [
        ("annual_rate", "RATE_TOO_HIGH"),
        ("installments", "LIMIT_ORDER"),
        ("gl_portfolio_id", "WRONG_ACCOUNT"),
    ]


def test_lists_and_limits_are_set_by_name(acts: ActsRunner) -> None:
    """A way to pay with another account for one product, a purpose, a holiday, working days, a limit."""
    assert acts.publishes("payment_type.define", code="MPESA", name="Mobile", gl_account="1130") == {
        "payment_type": "MPESA"
    }
    acts.do("payment_type.map", payment_type="MPESA", loan_product="WEEKLY", gl_account="1130")
    assert acts.publishes("payment_type.retire", payment_type="MPESA") == {"payment_type": "MPESA"}
    assert acts.publishes("purpose.define", code="FARM", name="Farming") == {"purpose": "FARM"}
    assert acts.publishes("purpose.retire", purpose="FARM") == {"purpose": "FARM"}
    assert acts.do("holiday.declare", on="2026-12-25", name="Christmas", office="KIT")["name"] == "Christmas"
    assert acts.publishes("working_days.set", weekdays="12345") == {"weekdays": "12345"}
    assert acts.publishes("limit.set", name="second_person", amount="50000") == {
        "limit": "second_person",
        "amount": "50000.00",
    }
    assert acts.refused("loan.apply", product="WEEKLY", principal="1") == [("", "WRONG_PLACE")]
    assert acts.publishes("savings_product.retire", code="MUST") == {
        "product": "MUST",
        "version": 1,
        "active": False,
    }
