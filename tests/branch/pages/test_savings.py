"""Deposits and withdrawals at the counter."""

import pytest

from banking.savings import balance
from ledger.money import Money
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, tokens
from tests.support.branch_home import Known


def _balance(branch: Installation, known: Known) -> Money:
    with branch.database.reading() as session:
        return balance(session, known.savings)


def test_a_deposit_is_posted_once(log_in: LogIn, branch: Installation, known: Known) -> None:
    """The balance rises by it; the same form again changes nothing."""
    clara = log_in("clara")
    path = f"/savings/{known.savings}/deposit"
    form = tokens(clara, path) | {"amount": "1,250.50"}
    first, second = clara.post(path, data=form), clara.post(path, data=form)
    assert first.location == second.location
    assert _balance(branch, known) == Money(375_050)
    receipt = clara.get(first.location).text
    assert "1,250.50" in receipt
    assert "3,750.50" in receipt


def test_a_withdrawal_shows_in_parentheses(log_in: LogIn, branch: Installation, known: Known) -> None:
    """Money that went out is told apart on paper too."""
    clara = log_in("clara")
    path = f"/savings/{known.savings}/withdraw"
    answer = clara.post(path, data=tokens(clara, path) | {"amount": "500"})
    assert "(500.00)" in clara.get(answer.location).text
    assert _balance(branch, known) == Money(200_000)


@pytest.mark.parametrize("amount", ["2500.01", "0", "-1", ""])
def test_a_wrong_withdrawal_is_refused(
    log_in: LogIn, branch: Installation, known: Known, amount: str
) -> None:
    """More than there is, nothing, or less than nothing: told beside the field."""
    clara = log_in("clara")
    path = f"/savings/{known.savings}/withdraw"
    answer = clara.post(path, data=tokens(clara, path) | {"amount": amount})
    assert answer.status_code == 422
    assert 'id="amount-complaint"' in answer.text
    assert _balance(branch, known) == Money(250_000)


def test_there_is_no_third_way(log_in: LogIn, known: Known) -> None:
    """Only deposits and withdrawals have a page."""
    assert log_in("clara").get(f"/savings/{known.savings}/steal").status_code == 404
