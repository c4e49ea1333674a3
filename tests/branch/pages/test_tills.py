"""Tills and vault: floats, expenses, limits, cashiers, counts, and their papers."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from banking.cash import create_till
from banking.till_cash import drawers_of, till_cash
from banking.tills import cashiers_on
from banking.users import find_user
from ledger.money import Money
from schema.accounting import Till
from schema.products import Limit
from schema.writing import insert
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, tokens
from tests.support.branch_home import PASSWORD, TODAY, Known


@pytest.fixture
def drawers(branch: Installation, known: Known) -> list[Till]:
    """Give the branch a second till and a vault beside the till that it has."""
    with branch.unit_of_work("till.create", known.admin) as session:
        create_till(session, name="Side window")
        create_till(session, kind="vault")
    with branch.database.reading() as session:
        return drawers_of(session, branch.place.office_id)


def move(client: FlaskClient, till: Till, kind: str, **fields: str) -> TestResponse:
    path = f"/tills/{till.id}/move/{kind}"
    return client.post(path, data=tokens(client, path) | fields)


def held(branch: Installation, till: Till) -> Money:
    with branch.database.reading() as session:
        return till_cash(session, till)


def test_cash_goes_round_the_house(log_in: LogIn, branch: Installation, drawers: list[Till]) -> None:
    """Bank to vault, float, over to the other till, an expense, other money, the rest back to the vault."""
    moses = log_in("moses")
    first, second, vault = drawers
    steps = (
        (vault, "from_bank", {"amount": "5000", "account": "1130"}),
        (second, "float", {"amount": "1000"}),
        (first, "handover", {"amount": "500", "to": str(second.id)}),
        (second, "pay", {"amount": "30", "account": "5330", "note": "bus"}),
        (second, "receive", {"amount": "10", "account": "4150", "note": "old paper sold"}),
        (first, "settle", {"amount": "9000"}),
        (vault, "to_bank", {"amount": "100", "account": "1130"}),
    )
    for till, kind, fields in steps:
        assert move(moses, till, kind, **fields).status_code == 303, kind
    assert [held(branch, till) for till in drawers] == [Money(50_000), Money(148_000), Money(1_290_000)]
    page = moses.get("/tills").text
    for shown in ("Side window", "1,480.00", "12,900.00"):
        assert shown in page
    page = moses.get(f"/tills/{second.id}").text
    assert "bus" in page
    assert "(30.00)" in page


def test_a_movement_is_taken_back_once_with_its_reason(
    log_in: LogIn, branch: Installation, drawers: list[Till]
) -> None:
    moses = log_in("moses")
    first, second, _vault = drawers
    move(moses, first, "handover", amount="500", to=str(second.id))
    page = moses.get(f"/tills/{first.id}").text
    path = page.partition(f'href="/tills/{first.id}/moves/')[2].partition('"')[0]
    path = f"/tills/{first.id}/moves/{path}"
    assert "complaint" in moses.post(path, data=tokens(moses, path) | {"reason": ""}).text
    assert moses.post(path, data=tokens(moses, path) | {"reason": "wrong till"}).status_code == 303
    assert held(branch, first) == Money(1_000_000)
    assert moses.get(path).status_code == 404
    assert "taken back" in moses.get(f"/tills/{first.id}").text


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        ("pay", {"amount": "0", "account": "5330", "note": "x"}, "amount-complaint"),
        ("pay", {"amount": "ten", "account": "5330", "note": "x"}, "amount-complaint"),
        ("pay", {"amount": "10", "account": "", "note": "x"}, "account-complaint"),
        ("pay", {"amount": "10", "account": "5330", "note": ""}, "note-complaint"),
        ("pay", {"amount": "99999", "account": "5330", "note": "x"}, "Refused"),
        ("handover", {"amount": "10"}, "complaint"),
        ("float", {"amount": "10"}, "Refused"),
        ("settle", {"amount": "10", "second": "moses", "second_password": "wrong"}, "second-complaint"),
        ("settle", {"amount": "10", "pieces": "100x1"}, "Refused"),
    ],
)
def test_what_cannot_be_moved_is_refused_in_words(
    log_in: LogIn, branch: Installation, drawers: list[Till], kind: str, fields: dict[str, str], told: str
) -> None:
    """The page says why beside the field or above the form, and keeps what was typed."""
    answer = move(log_in("moses"), drawers[0], kind, **fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert held(branch, drawers[0]) == Money(1_000_000)


def test_a_large_float_takes_two_people(
    log_in: LogIn, branch: Installation, known: Known, drawers: list[Till]
) -> None:
    moses = log_in("moses")
    assert move(moses, drawers[2], "from_bank", amount="5000", account="1130").status_code == 303
    with branch.unit_of_work("limit.set", known.admin) as session:
        insert(session, Limit(name="second_person", amount=Money(10_000)))
    assert move(moses, drawers[0], "float", amount="200").status_code == 422
    clara = {"second": "clara", "second_password": PASSWORD}
    assert move(moses, drawers[0], "float", amount="200", **clara).status_code == 422
    admin = {"second": "admin", "second_password": "open the books"}
    assert move(moses, drawers[0], "float", amount="200", **admin).status_code == 303


def test_a_till_gets_its_limit_and_its_cashier(
    log_in: LogIn, branch: Installation, drawers: list[Till]
) -> None:
    """Both show on the list; an unknown name and a limit below zero are complained about."""
    moses = log_in("moses")
    till = drawers[1]
    paths = {name: f"/tills/{till.id}/{name}" for name in ("limit", "cashier")}
    wrong = moses.post(paths["limit"], data=tokens(moses, paths["limit"]) | {"limit": "-5"})
    assert wrong.status_code == 422
    assert (
        moses.post(paths["limit"], data=tokens(moses, paths["limit"]) | {"limit": "750"}).status_code == 303
    )
    form = {"user": "nobody", "from_day": "22 11 2026"}
    assert "log-in name" in moses.post(paths["cashier"], data=tokens(moses, paths["cashier"]) | form).text
    form["user"] = "clara"
    assert moses.post(paths["cashier"], data=tokens(moses, paths["cashier"]) | form).status_code == 303
    page = moses.get("/tills").text
    assert "750.00" in page
    assert "Clara Wanyama" in page
    form = {"user": "", "from_day": "22 11 2026"}
    assert moses.post(paths["cashier"], data=tokens(moses, paths["cashier"]) | form).status_code == 303
    with branch.database.reading() as session:
        clara = find_user(session, "clara")
        assert clara is not None
        assert cashiers_on(session, till.id, TODAY) == [clara.id]


def test_a_till_is_set_up_on_its_page(log_in: LogIn, branch: Installation) -> None:
    moses = log_in("moses")
    empty = moses.post("/tills/new", data=tokens(moses, "/tills/new") | {"name": "", "kind": ""})
    assert empty.status_code == 422
    form = tokens(moses, "/tills/new") | {"name": "Back room", "kind": "vault", "limit": "900000"}
    assert "Back room" in moses.post("/tills/new", data=form, follow_redirects=True).text


def test_the_papers_of_a_day_have_their_totals_and_blanks(log_in: LogIn, drawers: list[Till]) -> None:
    """One till, the vault and the whole branch: opening to closing, with a place for initials."""
    clara = log_in("clara")
    for path in (f"/cash/till/{drawers[0].id}", f"/cash/till/{drawers[2].id}", "/cash/branch"):
        page = clara.get(path).text
        for shown in ("Opening", "Cash in", "Cash out", "Closing", "Initials", "Cheques and transfers"):
            assert shown in page, (path, shown)
    assert clara.get("/cash/till/1").status_code == 404
    assert clara.get("/cash/branch?on=yesterday").status_code == 404


def test_a_clerk_looks_but_moves_no_cash(log_in: LogIn, drawers: list[Till]) -> None:
    clara = log_in("clara")
    assert clara.get(f"/tills/{drawers[0].id}").status_code == 200
    for path in ("move/pay", "count/check", "limit", "cashier"):
        assert clara.get(f"/tills/{drawers[0].id}/{path}").status_code == 403, path
