"""The counter in currencies without cents and with three digits: pages, papers, and what is refused."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from banking.savings import balance
from branch.application import create_branch_application
from branch.printing.kinds import RECEIPT, TEXT80
from branch.printing.printers import Printer, set_printer
from ledger.money import Money
from tests.branch.pages.conftest import tokens
from tests.support.branch_home import PASSWORD, Clock, make_homes, opened


@pytest.mark.parametrize(
    ("currency", "digits", "typed", "minor", "shown", "too_fine"),
    [
        ("UGX", 0, "12,500", 12_500, "12,500", "12500.5"),
        ("TND", 3, "12.505", 12_505, "12.505", "12.5055"),
    ],
)
def test_money_has_as_many_digits_as_the_currency(
    tmp_path: Path, currency: str, digits: int, typed: str, minor: int, shown: str, too_fine: str
) -> None:
    """Typed, kept, shown and printed alike; a digit too many is refused beside the field."""
    known = make_homes(tmp_path, currency, digits)
    with opened(tmp_path / "branch", Clock()) as branch:
        with branch.database.writing() as session:
            set_printer(session, RECEIPT, Printer(TEXT80, str(tmp_path / "paper.txt"), at_once=True))
        clara: FlaskClient = create_branch_application(branch).test_client()
        clara.post("/login", data={"username": "clara", "password": PASSWORD})
        path = f"/savings/{known.savings}/deposit"
        refused = clara.post(path, data=tokens(clara, path) | {"amount": too_fine})
        assert refused.status_code == 422
        assert "too many decimals" in refused.text
        done = clara.post(path, data=tokens(clara, path) | {"amount": typed})
        assert f"Deposit {currency}" in clara.get(done.location).text
        assert shown in clara.get(done.location).text
        assert any(line.endswith(f" {shown}") for line in (tmp_path / "paper.txt").read_text().splitlines())
        for page in (f"/statements/savings/{known.savings}", f"/savings/{known.savings}/passbook"):
            assert shown in clara.get(page).text
        for page in (f"/loans/{known.loan}/payoff", f"/loans/{known.loan}/fee"):
            assert clara.get(page).status_code == 200
        with branch.database.reading() as session:
            assert balance(session, known.savings) == Money(250_000 + minor)
