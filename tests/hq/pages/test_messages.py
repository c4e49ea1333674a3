"""Money for other branches in pages: taken at one, sent on, booked at the other by one key."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from banking.days import open_day
from branch.application import create_branch_application
from hq.application import create_hq_application
from ledger.money import Money
from schema.messages import AccountMessage, MessageAnswer
from schema.writing import insert
from sync.installation import Installation
from tests.support.forms import hidden, tokens
from tests.support.institution import HQ, passphrase_of
from tests.support.road import DAY, Road


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """Two branches with an open day."""
    road = Road(Path(tmp_path_factory.mktemp("pages")))
    for code in ("KIT", "ELW"):
        with road.all.open(code) as branch, branch.unit_of_work("day.open", 1) as session:
            open_day(session, DAY, Money(0))
    return road


def pages(home: Installation, code: str) -> FlaskClient:
    """Give a browser of the first user."""
    app = create_hq_application(home) if code == HQ else create_branch_application(home)
    client = app.test_client()
    answer = client.post("/login", data={"username": "admin", "password": passphrase_of(code)})
    assert answer.status_code == 303
    return client


def test_a_clerk_takes_money_for_another_branch_and_prints_a_receipt(road: Road) -> None:
    with road.all.open("KIT") as home:
        clerk = pages(home, "KIT")
        path = "/elsewhere/new"
        given = {
            **tokens(clerk, path),
            "office": str(road.offices["ELW"]),
            "account": road.savings.lower(),
            "amount": "",
            "note": "<b>Wanjiku</b>",
        }
        refused = clerk.post(path, data=given)
        assert refused.status_code == 422
        assert road.savings.lower() in refused.text
        taken = clerk.post(path, data={**given, "amount": "250"})
        assert taken.status_code == 303
        again = clerk.post(path, data={**given, "amount": "250"})
        assert again.location == taken.location, "a double click takes the money once"
        receipt = clerk.get(taken.location).text
        assert "KIT-E0001-" in receipt
        assert "250.00" in receipt
        assert "&lt;b&gt;Wanjiku" in receipt
        given = {**given, **tokens(clerk, path), "amount": "5", "account": "X-9"}
        assert clerk.post(path, data=given).status_code == 303
        assert "X-9" in clerk.get("/elsewhere").text


def test_headquarters_sends_it_on_and_puts_a_wrong_number_right(road: Road) -> None:
    road.up("KIT")
    with road.all.open(HQ) as home:
        admin = pages(home, HQ)
        page = admin.get("/messages").text
        assert "2 payments to send" in page
        assert "the branch has no such account" in page
        assert admin.post("/messages/forward", data=tokens(admin, "/messages")).status_code == 303
        page = admin.get("/messages").text
        assert "waits for the branch" in page
        link = page.partition('href="/messages/payment/')[2].partition('"')[0]
        path = f"/messages/payment/{link}"
        given = {
            **tokens(admin, path),
            "office": str(road.offices["ELW"]),
            "account": "Y-9",
            "reason": "read",
        }
        assert "has no account Y-9" in admin.post(path, data=given).text
        given["account"] = road.loan
        assert admin.post(path, data=given).status_code == 303
        assert admin.get("/messages").text.count("waits for the branch") == 2
        assert admin.get("/messages/payment/7/account").status_code == 404
        assert admin.get("/messages/nothing/7/account").status_code == 404


def test_the_keeper_is_told_and_books_all_by_one_key(road: Road) -> None:
    with road.all.open(HQ) as home, home.unit_of_work("test", 1) as session:
        lost = AccountMessage(
            office_id=road.offices["ELW"],
            kind="payment",
            key="MP-1",
            account_number="Z-1",
            amount=Money(100),
            on=DAY,
        )
        insert(session, lost)
    road.all.answer("ELW")
    with road.all.open("ELW") as home:
        clerk = pages(home, "ELW")
        assert "Messages of headquarters for accounts of this branch: 3." in clerk.get("/").text
        assert "3 messages of headquarters for accounts here are not booked." in clerk.get("/day").text
        form = hidden(clerk.get("/elsewhere").text.partition("<main")[2])
        assert clerk.post("/elsewhere/book", data=form).status_code == 303
        page = clerk.get("/elsewhere").text
        assert "2 messages are booked." in page
        assert "1 message goes back to headquarters." in page
        assert "The branch has no such account or entry." in page
        assert "are not booked" not in clerk.get("/day").text


def test_what_came_back_is_addressed_again_by_a_person(road: Road) -> None:
    road.up("ELW")
    with road.all.open(HQ) as home:
        admin = pages(home, HQ)
        page = admin.get("/messages").text
        assert "sent back" in page
        again = page.partition('action="/messages/')[2].partition('"')[0]
        refused = admin.post(f"/messages/{again}", data=tokens(admin, "/messages"))
        assert (refused.status_code, "did not move" in refused.text) == (422, True)
        link = page.partition('href="/messages/message/')[2].partition('"')[0]
        path = f"/messages/message/{link}"
        given = {
            **tokens(admin, path),
            "office": str(road.offices["ELW"]),
            "account": road.savings,
            "reason": "typed wrong",
        }
        assert admin.post(path, data=given).status_code == 303
        assert "addressed again" in admin.get("/messages").text
        assert admin.get("/messages/late").location.endswith("/periods/late")
    road.all.answer("ELW")
    assert road.apply("ELW") == [("MP-1", "booked", "")]
    with road.all.open("ELW") as home, home.database.reading() as session:
        assert session.query(MessageAnswer).count() == 4
