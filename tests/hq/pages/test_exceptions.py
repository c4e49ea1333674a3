"""What waits, on pages: the accountant compares, rehearses, decides; the auditor only looks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hq.application import create_hq_application
from hq.waiting import waiting_list
from sync.installation import Installation
from tests.hq.conftest import tokens, words_of
from tests.support.doubts import NAK
from tests.support.forms import hidden
from tests.support.headquarters import PASSWORD, copy_headquarters
from tests.support.institution import HQ, TestInstitution, passphrase_of

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def headquarters(doubts: TestInstitution, tmp_path: Path) -> Iterator[Installation]:
    """Opened headquarters with something of everything."""
    with copy_headquarters(doubts, tmp_path / "bank").open(HQ) as installation:
        yield installation


@pytest.fixture
def browser(headquarters: Installation) -> Browser:
    """Gives a browser logged in by name."""
    app = create_hq_application(headquarters)

    def log_in(username: str) -> FlaskClient:
        client = app.test_client()
        password = passphrase_of(HQ) if username == "admin" else PASSWORD
        assert client.post("/login", data={"username": username, "password": password}).status_code == 303
        return client

    return log_in


def _path(headquarters: Installation, family: str) -> str:
    with headquarters.database.reading() as session:
        found = next(item for item in waiting_list(session) if item.family == family)
    return f"/exceptions/{found.key}"


def test_everything_stands_in_one_list(browser: Browser) -> None:
    """By families, in plain words, each with its branch and the next step; one branch alone on demand."""
    amina = browser("amina")
    page = words_of(amina.get("/exceptions").text)
    for words in (
        "The laptop 2 wrote 2 different histories from entry 9 on.",
        "Entry 7 is missing; 1 later entry waits.",
        "The device may not write this.",
        "Compare the histories.",
    ):
        assert words in page
    alone = words_of(amina.get("/exceptions?branch=ELW").text)
    assert "Entry 7 is missing" in alone
    assert "histories from entry" not in alone


def test_a_fork_is_seen_rehearsed_and_decided(browser: Browser, headquarters: Installation) -> None:
    """Side by side; what it would do before it is done; with a reason and a second person; then listed."""
    amina, path = browser("amina"), _path(headquarters, "fork")
    page = words_of(amina.get(path).text)
    assert "The histories are the same up to entry 8" in page
    assert "Receipt numbers that were printed twice KIT-1-000005" in page
    seen = amina.post(path, data={**tokens(amina, path), "decision": "adopt", "step": "look"})
    assert "3 journal entries more," in words_of(seen.text)
    assert "1110 Cash in hand" in words_of(seen.text)
    form = {**tokens(amina, path), "decision": "adopt", "step": "do", "reason": "both tills were counted"}
    alone = amina.post(path, data=form)
    assert alone.status_code == 422
    assert "a second person has to confirm it" in words_of(alone.text)
    done = amina.post(path, data={**form, "second": "admin", "second_password": passphrase_of(HQ)})
    assert done.location == "/exceptions", done.text
    assert "different histories" not in words_of(amina.get("/exceptions").text)
    listed = words_of(amina.get("/exceptions/decided").text)
    for words in ("both tills were counted", "Amina Wanyama", "admin", "All histories go into the books"):
        assert words in listed
    again = words_of(amina.get(path).text)
    assert "decided: All histories go into the books" in again


@pytest.mark.parametrize("family", ["gap", "exception"])
def test_each_family_has_its_page(browser: Browser, headquarters: Installation, family: str) -> None:
    """Nothing can be decided without saying what."""
    amina, path = browser("amina"), _path(headquarters, family)
    answer = amina.post(path, data={**tokens(amina, path), "decision": "", "step": "look"})
    assert answer.status_code == 422
    assert "Choose one of these." in words_of(answer.text)


def test_an_auditor_sees_everything_and_decides_nothing(browser: Browser, headquarters: Installation) -> None:
    """No form, and a form that was made up is refused by the server."""
    aisha = browser("aisha")
    for path in (_path(headquarters, "fork"), f"/devices/{NAK}"):
        page = aisha.get(path)
        assert page.status_code == 200
        assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]
        token = hidden(page.text)["csrf_token"]
        assert aisha.post(path, data={"csrf_token": token, "once": "x" * 24}).status_code == 403


def test_a_laptop_is_ended_by_the_administrator(browser: Browser, headquarters: Installation) -> None:
    """State, bound and decision stand on its page; who may only decide money does not end laptops."""
    admin, path = browser("admin"), f"/devices/{NAK}"
    done = admin.post(path, data={**tokens(admin, path), "word": "retire", "reason": "left in a bus"})
    assert done.location == path, done.text
    page = words_of(admin.get(path).text)
    assert "retired" in page
    assert "left in a bus" in page
    assert "Laptop 8" in words_of(admin.get("/devices").text)
    amina = browser("amina")
    token = hidden(amina.get(path).text)["csrf_token"]
    assert amina.post(path, data={"csrf_token": token, "word": "revoke"}).status_code == 403


def test_what_is_not_there_is_not_found(browser: Browser) -> None:
    """An address that names nothing that waits leads nowhere."""
    assert browser("amina").get("/exceptions/0123456789abcdef").status_code == 404


def test_an_entry_is_asked_back_from_its_page(browser: Browser) -> None:
    """The branch gets a message with the reason; nothing of the books changes here; once is enough."""
    amina, receipt = browser("amina"), {"receipt": "KIT-1-000001"}
    token = hidden(amina.get("/").text)["csrf_token"]
    asked = amina.post("/voids", data={**receipt, "step": "ask", "csrf_token": token})
    assert "Ask the branch to take KIT-1-000001 back" in words_of(asked.text)
    form = {**receipt, **hidden(asked.text.partition("<main")[2]), "step": "do", "reason": "counted twice"}
    assert amina.post("/voids", data=form).status_code == 422
    form |= {"second": "admin", "second_password": passphrase_of(HQ)}
    assert amina.post("/voids", data=form).location == "/exceptions/decided"
    assert "Ask the branch to take it back" in words_of(amina.get("/exceptions/decided").text)
    form["once"] = "another-form-of-the-same-kind"
    again = amina.post("/voids", data=form)
    assert again.status_code == 422
    assert "Nothing was asked of the branch" in words_of(again.text)
