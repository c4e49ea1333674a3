"""Payments from outside in pages: a list is looked at and taken, the queue is worked off."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from banking.approval import SECOND_PERSON
from banking.users import create_user
from hq.application import create_hq_application
from hq.payment_lists import KEPT_FOR
from ledger.money import Money
from schema.products import Limit
from schema.writing import insert
from sync.chain import HEAD_OFFICE_CHAIN
from sync.installation import Installation
from tests.support.forms import hidden, tokens
from tests.support.institution import HQ, passphrase_of
from tests.support.payments import mobile_list
from tests.support.road import DAY, Road

LIST = [("N1", "440.00", "", "elw l 1"), ("U1", "5.00", "254711222333", "<b>school"), ("U2", "6.00", "", "?")]


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """Two branches, and an auditor beside the first user of headquarters."""
    road = Road(Path(tmp_path_factory.mktemp("pages")))
    road.all.clock.now += timedelta(days=1)
    with road.all.open(HQ) as home, home.unit_of_work("test", 1, chain=HEAD_OFFICE_CHAIN) as session:
        create_user(session, "aisha", "Aisha", "auditor", "secret of hers")
        create_user(session, "amina", "Amina", "accountant", "secret of hers")
    return road


@pytest.fixture
def home(road: Road) -> Iterator[Installation]:
    with road.all.open(HQ) as opened:
        yield opened


def browser(home: Installation, name: str = "admin") -> FlaskClient:
    client = create_hq_application(home).test_client()
    password = passphrase_of(HQ) if name == "admin" else "secret of hers"
    assert client.post("/login", data={"username": name, "password": password}).status_code == 303
    return client


def look(client: FlaskClient, content: bytes, **more: str) -> tuple[int, str]:
    """Send a list to be looked at; gives the answer."""
    given = {**tokens(client, "/payments/read"), "gl_account": "1130", "kind": "mobile", **more}
    answer = client.post("/payments/read", data={**given, "file": (io.BytesIO(content), "march.csv")})
    return answer.status_code, answer.text


def carried(page: str) -> dict[str, str]:
    main = page.partition("<main")[2]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', main)) | hidden(main)


def test_a_list_is_looked_at_and_then_taken_once(home: Installation) -> None:
    admin = browser(home)
    assert "Read a list" in admin.get("/payments").text
    status, page = look(admin, mobile_list(LIST))
    assert (status, "&lt;b&gt;school" in page, "by the number of the account" in page) == (200, True, True)
    assert "446" not in admin.get("/payments").text, "looking books nothing"
    form = {**carried(page), "step": "take"}
    taken = admin.post("/payments/read", data=form)
    assert (taken.status_code, taken.location) == (303, "/payments")
    assert admin.post("/payments/read", data=form).status_code == 303
    page = admin.get("/payments").text
    assert page.count("1130-N1") == 1
    assert "451.00" in page
    status, page = look(admin, mobile_list(LIST))
    assert (status, "was read on" in page) == (422, True)


def test_a_list_that_nobody_took_is_gone_after_a_day(home: Installation, road: Road) -> None:
    """At the next log-in or start; what was looked at since then stays, and what is gone is not taken."""
    folder = home.home.spool / "lists"
    before = len(list(folder.iterdir())) if folder.is_dir() else 0
    _, page = look(browser(home), mobile_list([("G1", "9.00", "", "x")]))
    road.all.clock.now += KEPT_FOR - timedelta(hours=1)
    look(browser(home), mobile_list([("G2", "9.00", "", "x")]))
    assert len(list(folder.iterdir())) == before + 2
    road.all.clock.now += timedelta(hours=1)
    admin = browser(home)
    assert len(list(folder.iterdir())) == 1
    gone = admin.post("/payments/read", data={**carried(page), **tokens(admin, "/payments"), "step": "take"})
    assert gone.status_code == 422
    assert "1130-G1" not in admin.get("/payments").text
    road.all.clock.now += KEPT_FOR
    create_hq_application(home)
    assert list(folder.iterdir()) == []


def test_what_came_before_is_booked_again_only_by_a_tick_and_a_reason(home: Installation) -> None:
    """The page names the earlier list; without a reason it asks again, with everything that was typed."""
    admin = browser(home)
    columns = {"day": "Date", "amount": "In", "text": "Words", "form": "YYYY-MM-DD", "decimal": "."}
    status, page = look(admin, f"Date,Words,In\n{DAY},school,5\n".encode(), kind="bank", **columns)
    assert (status, "march.csv, read on" in page, "To be booked</dt><dd>0.00" in page) == (200, True, True)
    form = {**carried(page), "step": "take", "another": "2", "reason": ""}
    refused = admin.post("/payments/read", data=form)
    assert (refused.status_code, "must be filled in" in refused.text, " checked" in refused.text) == (
        422,
        True,
        True,
    )
    form = {**carried(refused.text), "step": "take", "another": "2", "reason": "he paid twice"}
    assert admin.post("/payments/read", data=form).status_code == 303
    assert "1 payment is booked" in admin.get("/payments").text


def test_wrong_rows_are_listed_and_a_banks_columns_are_remembered(home: Installation) -> None:
    admin = browser(home)
    status, page = look(admin, mobile_list([("X", "abc", "", ""), ("X2", "1.234", "", "")]))
    assert (status, "“abc” is no amount" in page, "“1.234” is no amount" in page) == (422, True, True)
    status, page = look(admin, b"", kind="mobile")
    assert (status, "No file was chosen" in page) == (422, True)
    columns = {"day": "Date", "credit": "In", "form": "YYYY-MM-DD", "decimal": "."}
    status, page = look(admin, f"Date,In\n{DAY},3.50\n".encode(), kind="bank", **columns)
    assert status == 200, page
    assert admin.post("/payments/read", data={**carried(page), "step": "take"}).status_code == 303
    assert 'value="Date"' in admin.get("/payments/read").text


def test_a_payment_without_an_account_gets_one_from_a_person(home: Installation, road: Road) -> None:
    admin = browser(home)
    path = re.findall(r'href="(/payments/\d+)">1130-U1', admin.get("/payments").text)[0]
    assert "254711222333" in admin.get(path).text
    found = admin.get(f"{path}?q=wanjiku").text
    assert road.savings in found
    given = {**tokens(admin, path), "word": "account", "account": "Z-1", "reason": "she rang"}
    refused = admin.post(path, data=given)
    assert (refused.status_code, "has no account Z-1" in refused.text) == (422, True)
    assert admin.post(path, data={**given, "account": road.savings.lower()}).status_code == 303
    assert "by a person" in admin.get("/payments").text
    other = re.findall(r'href="(/payments/\d+)">1130-U2', admin.get("/payments").text)[0]
    for word, state in (("aside", "set aside"), ("open", "no account found"), ("give", "given back")):
        given = {**tokens(admin, other), "word": word, "reason": "because"}
        assert admin.post(other, data=given).status_code == 303
        assert state in admin.get(other).text
    assert admin.get("/payments/7").status_code == 404


def test_all_that_are_found_are_sent_by_one_key_and_a_second_person(home: Installation, road: Road) -> None:
    with home.unit_of_work("test", 1) as session:
        insert(session, Limit(name=SECOND_PERSON, amount=Money(40_000)))
    admin = browser(home)
    form = hidden(admin.get("/payments").text.partition('action="/payments/send"')[2])
    refused = admin.post("/payments/send", data=form)
    assert (refused.status_code, "second_password" in refused.text) == (422, True)
    form |= {"second": "amina", "second_password": "secret of hers"}
    assert admin.post("/payments/send", data=form).status_code == 303
    page = admin.get("/payments").text
    assert "2 payments are sent" in page
    assert page.count("waits for the branch") == 2


def test_an_auditor_sees_everything_and_changes_nothing(home: Installation) -> None:
    auditor = browser(home, "aisha")
    page = auditor.get("/payments").text
    assert "waits for the branch" in page
    assert "Read a list" not in page
    path = re.findall(r'href="(/payments/\d+)">1130-U1', page)[0]
    shown = auditor.get(path).text
    assert ("•••333" in shown, "254711222333" in shown, "Do it" in shown) == (True, False, False)
    assert auditor.get("/payments/read").status_code == 403
    for address in ("/payments/send", "/payments/match", path):
        assert auditor.post(address, data=hidden(page)).status_code == 403
