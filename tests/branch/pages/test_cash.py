"""Cash at the counter: the till report, and two people where the amount asks for it."""

from datetime import timedelta

import pytest

from banking.cash import create_till
from banking.days import close_day
from banking.receipts import savings_movements
from banking.savings import balance
from banking.till_cash import drawers_of, till_cash
from banking.tills import set_cash_limit
from banking.vault import CashMove, move_cash
from ledger.money import Money
from schema.products import Limit
from schema.writing import insert
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, tokens
from tests.support.branch_home import PASSWORD, TODAY, Clock, Known


@pytest.fixture
def limited(branch: Installation, known: Known) -> None:
    """Let a second person be needed from 100.00 on, as if headquarters had said so."""
    with branch.unit_of_work("limit.set", known.admin) as session:
        insert(session, Limit(name="second_person", amount=Money(10_000)))


def test_the_cash_page_is_the_till_report(
    log_in: LogIn, branch: Installation, known: Known, clock: Clock
) -> None:
    """Opening, in, out, expenses and what must be in the drawer stand there, and every movement."""
    clara = log_in("clara")
    path = f"/savings/{known.savings}/deposit"
    clara.post(path, data=tokens(clara, path) | {"amount": "250"})
    with branch.unit_of_work("cash.move", known.admin) as session:
        (till,) = drawers_of(session, branch.place.office_id)
        spent = CashMove(kind="pay", amount=Money(3_000), from_till_id=till.id, gl_code="5330", note="bus")
        move_cash(session, spent, TODAY)
    page = clara.get("/cash").text
    for figure in (
        "At the beginning",
        "250.00",
        "10,220.00",
        "(30.00)",
        "Expense",
        "bus",
        "In the drawer by the books",
    ):
        assert figure in page
    with branch.unit_of_work("till.limit", known.admin) as session:
        set_cash_limit(session, till.id, Money(100_000))
    assert "more than it may hold" in clara.get("/cash").text
    clock.move(timedelta(minutes=2))
    answer = clara.post(path, data=tokens(clara, path) | {"amount": "1"}, follow_redirects=True)
    assert "Take some to the vault" in answer.text


def test_a_large_withdrawal_is_confirmed_by_a_second_person(
    log_in: LogIn, branch: Installation, known: Known, limited: None
) -> None:
    """Alone it is refused and asks who confirms; a wrong password and oneself are refused; two do it."""
    clara = log_in("clara")
    path = f"/savings/{known.savings}/withdraw"
    form = tokens(clara, path) | {"amount": "150"}
    assert "second_password" not in clara.get(path).text
    asked = clara.post(path, data=form)
    assert (asked.status_code, "second_password" in asked.text) == (422, True)
    for name, password in (("moses", "wrong"), ("clara", PASSWORD), ("aisha", PASSWORD)):
        answer = clara.post(path, data=form | {"second": name, "second_password": password})
        assert answer.status_code == 422, name
        assert PASSWORD not in answer.text
    done = clara.post(path, data=form | {"second": "moses", "second_password": PASSWORD})
    assert done.status_code == 303
    with branch.database.reading() as session:
        assert balance(session, known.savings) == Money(235_000)


def test_a_large_reversal_is_confirmed_by_a_second_person(
    log_in: LogIn, branch: Installation, known: Known, limited: None
) -> None:
    clara = log_in("clara")
    path = f"/savings/{known.savings}/deposit"
    assert clara.post(path, data=tokens(clara, path) | {"amount": "150"}).status_code == 303
    with branch.database.reading() as session:
        paid = savings_movements(session, known.savings)[0]
    path = f"/receipts/savings/{paid.id}/reverse"
    form = tokens(clara, path) | {"reason": "wrong account"}
    assert "second_password" in clara.post(path, data=form).text
    done = clara.post(path, data=form | {"second": "moses", "second_password": PASSWORD})
    assert done.status_code == 303


def test_several_drawers_are_counted_one_by_one(log_in: LogIn, branch: Installation, known: Known) -> None:
    """Each has its lines at the opening; one that nobody counted stays uncounted."""
    with branch.unit_of_work("till.create", known.admin) as session:
        create_till(session, name="Side window")
        create_till(session, kind="vault")
        close_day(session)
    moses = log_in("moses")
    page = moses.get("/day").text
    assert "Side window" in page
    assert 'name="n3_1000"' not in page
    lines = {"act": "open", "on": "23 11 2026", "n1_coins": "9999", "reason_1": "a coin"}
    empty = moses.post("/day", data=tokens(moses, "/day") | lines | {"step": "count", "n1_coins": ""})
    assert empty.status_code == 422
    assert "0 if the drawer is empty" in empty.text
    assert moses.post("/day", data=tokens(moses, "/day") | lines | {"step": "check"}).status_code == 303
    with branch.database.reading() as session:
        tills = drawers_of(session, branch.place.office_id)
        assert [till_cash(session, till) for till in tills] == [Money(999_900), Money(0), Money(0)]
