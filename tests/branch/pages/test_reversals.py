"""Reversals: with a reason, once, both entries stay."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from banking.approval import SECOND_PERSON
from banking.days import close_day, open_day
from banking.loans import outstanding
from banking.receipts import loan_movements, savings_movements
from banking.savings import balance
from ledger.money import Money
from schema.products import Limit
from schema.writing import insert
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, tokens
from tests.support.branch_home import PASSWORD, TODAY, Clock, Known


def _repayment(branch: Installation, known: Known) -> int:
    with branch.database.reading() as session:
        return next(m.id for m in loan_movements(session, known.loan) if m.kind == "repayment")


def test_a_manager_takes_an_entry_back(log_in: LogIn, branch: Installation, known: Known) -> None:
    """The loan owes what it owed; both entries are on its page, and lead to each other."""
    moses = log_in("moses")
    path = f"/receipts/loan/{_repayment(branch, known)}/reverse"
    form = tokens(moses, path) | {"reason": "typed on the wrong loan"}
    first, second = moses.post(path, data=form), moses.post(path, data=form)
    assert first.location == second.location
    with branch.database.reading() as session:
        assert outstanding(session, known.loan).total == Money(1_096_154)
        assert len(loan_movements(session, known.loan)) == 3
    page = moses.get(f"/loans/{known.loan}").text
    assert "reversed" in page
    assert "(440.00)" in page
    assert "typed on the wrong loan" in page
    assert "See the entry that this takes back" in moses.get(first.location).text


def test_no_reversal_without_a_reason_or_a_second_time(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """An auditor will read why; and what is taken back is taken back once."""
    moses = log_in("moses")
    path = f"/receipts/loan/{_repayment(branch, known)}/reverse"
    assert moses.post(path, data=tokens(moses, path) | {"reason": " "}).status_code == 422
    assert moses.post(path, data=tokens(moses, path) | {"reason": "wrong"}).status_code == 303
    again = moses.post(path, data=tokens(moses, path) | {"reason": "again"})
    assert again.status_code == 422
    assert "OLD-1 was reversed before." in again.text


def test_an_auditor_reverses_nothing(log_in: LogIn, branch: Installation, known: Known) -> None:
    """Reading is all that this role may."""
    aisha = log_in("aisha")
    path = f"/receipts/loan/{_repayment(branch, known)}/reverse"
    assert aisha.get(path).status_code == 403
    assert "Reverse" not in aisha.get(path.removesuffix("/reverse")).text.partition("<main")[2]


@pytest.fixture
def limited(branch: Installation, known: Known) -> None:
    """From 100.00 on two people are needed."""
    with branch.unit_of_work("limit.set", known.admin) as session:
        insert(session, Limit(name=SECOND_PERSON, amount=Money(10_000)))


def _deposit(clerk: FlaskClient, known: Known) -> str:
    path = f"/savings/{known.savings}/deposit"
    return str(clerk.post(path, data=tokens(clerk, path) | {"amount": "300"}).location)


def test_above_the_limit_a_second_person_confirms(
    log_in: LogIn, branch: Installation, known: Known, limited: None
) -> None:
    """Asked for on the spot; not the same person; the reason that was typed stays in the form."""
    clara = log_in("clara")
    path = f"{_deposit(clara, known)}/reverse"
    form = tokens(clara, path) | {"reason": "typed twice"}
    asked = clara.post(path, data=form)
    assert asked.status_code == 422
    assert 'name="second"' in asked.text
    assert 'value="typed twice"' in asked.text
    alone = clara.post(path, data=form | {"second": "clara", "second_password": PASSWORD})
    assert alone.status_code == 422
    both = clara.post(path, data=form | {"second": "moses", "second_password": PASSWORD})
    assert both.status_code == 303
    with branch.database.reading() as session:
        assert balance(session, known.savings) == Money(250_000)


def test_a_reversal_may_wait_for_approval(
    log_in: LogIn, branch: Installation, known: Known, limited: None
) -> None:
    """Where nobody is near, it is put before a manager; until then nothing is taken back."""
    clara = log_in("clara")
    path = f"{_deposit(clara, known)}/reverse"
    asked = clara.post(path, data=tokens(clara, path) | {"reason": "typed twice", "ask": "1"})
    assert asked.location.startswith("/approvals")
    with branch.database.reading() as session:
        assert balance(session, known.savings) == Money(280_000)


def test_an_entry_of_a_closed_day_is_taken_back_on_the_open_one(
    log_in: LogIn, branch: Installation, known: Known, clock: Clock
) -> None:
    """The closed day stays as it is: the reversal is booked today, and both are on the account."""
    moses = log_in("moses")
    receipt = _deposit(moses, known)
    tomorrow = TODAY + timedelta(days=1)
    with branch.unit_of_work("day.close", known.admin) as session:
        close_day(session)
    clock.move(timedelta(days=1))
    with branch.unit_of_work("day.open", known.admin) as session:
        open_day(session, tomorrow, Money(1_030_000))
    moses = log_in("moses")
    path = f"{receipt}/reverse"
    assert moses.post(path, data=tokens(moses, path) | {"reason": "of another client"}).status_code == 303
    with branch.database.reading() as session:
        taken, paid, _older = savings_movements(session, known.savings)
    assert (taken.booked_on, taken.reverses, taken.amount) == (tomorrow, paid.id, Money(-30_000))
    assert paid.booked_on == TODAY
