"""Months on pages: seen as a grid, closed with a checklist, late entries queued, opened again by two."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.periods import make_year
from hq.application import create_hq_application
from ledger.money import Money
from schema.accounts import SavingsAccount
from schema.reading import execute, fetch
from sync.inbox import import_paths
from sync.installation import Installation
from tests.hq.conftest import tokens, words_of
from tests.support.forms import hidden
from tests.support.headquarters import FIRST, LATER, PASSWORD, SteadyClock, save
from tests.support.hq_fixtures import on_both
from tests.support.institution import HQ, TestInstitution, passphrase_of

JANUARY = "/periods/2026-01"
OF_KIT = f"{JANUARY}/KIT"


@pytest.fixture
def month(institution: TestInstitution, steady_clock: SteadyClock) -> TestInstitution:
    """January is over; KIT is here whole, ELW with a gap, NAK never sent."""
    institution.receive(institution.root / FIRST, institution.root / LATER)
    steady_clock.now = datetime(2026, 2, 2, 8, tzinfo=UTC)
    with institution.open(HQ) as hq, hq.unit_of_work("period.make", 1) as session:
        make_year(session, "gregorian", 2026)
    return institution


@pytest.fixture
def hq(month: TestInstitution) -> Iterator[Installation]:
    """Opened headquarters in February."""
    with month.open(HQ) as installation:
        yield installation


@pytest.fixture
def browser(hq: Installation) -> Callable[[str], FlaskClient]:
    """Gives a browser logged in by name."""
    app = create_hq_application(hq)

    def log_in(username: str) -> FlaskClient:
        client = app.test_client()
        password = passphrase_of(HQ) if username == "admin" else PASSWORD
        assert client.post("/login", data={"username": username, "password": password}).status_code == 303
        return client

    return log_in


def _second() -> dict[str, str]:
    return {"second": "admin", "second_password": passphrase_of(HQ)}


def _bring_late(month: TestInstitution, hq: Installation) -> None:
    """KIT, which has not heard of the close, takes 123.00 in January and sends it."""
    with month.open("KIT") as branch:
        with branch.database.reading() as session:
            savings = session.scalars(select(SavingsAccount.id)).first()
        assert savings is not None
        save(branch, savings, Money(12_300))
    folder, _ = month.send("KIT")
    import_paths(hq, [folder])


def _close(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data={**tokens(client, path), "step": "close"})
    assert answer.status_code == 303, words_of(answer.text)


def test_the_grid_tells_what_keeps_a_month_open(browser: Callable[[str], FlaskClient]) -> None:
    """One line an office; the month that is over has its checklist asked; a gap blocks its branch alone."""
    amina = browser("amina")
    grid = words_of(amina.get("/periods").text)
    assert "KIT Branch KIT open ready 2 warnings" in grid
    assert "ELW Branch ELW open 1 thing missing" in grid
    month = words_of(amina.get(JANUARY).text)
    assert "3 offices are ready HQ, KIT, NAK" in month
    assert "1 changeset(s) wait for something earlier that is missing" in month
    one = amina.get(f"{JANUARY}/ELW").text
    assert "Close 2026-01 of ELW" not in words_of(one)
    assert "/branches/ELW" in one


@on_both
def test_all_that_are_ready_are_closed_at_once_and_no_other(browser: Callable[[str], FlaskClient]) -> None:
    """The offices that were shown; one that is not ready refuses all of them; reports are kept."""
    amina = browser("amina")
    form = hidden(amina.get(JANUARY).text.partition("<main")[2])
    wrong = amina.post(JANUARY, data={**form, "office": ["KIT", "ELW"]})
    assert wrong.status_code == 422
    assert "cannot be closed yet" in words_of(wrong.text)
    again = hidden(amina.get(JANUARY).text.partition("<main")[2])
    assert amina.post(JANUARY, data={**again, "office": ["HQ", "KIT", "NAK"]}).status_code == 303
    assert "KIT Branch KIT closed" in words_of(amina.get(JANUARY).text)
    kept = amina.get(OF_KIT).text
    assert "kept=closed" in kept
    assert "Reports as they stood at the close trial-balance" not in words_of(kept)
    assert "trial-balance" in words_of(kept)


def test_what_adds_up_otherwise_is_closed_over_by_a_person_with_a_reason(
    hq: Installation, browser: Callable[[str], FlaskClient]
) -> None:
    """Totals that differ keep a branch from being closed beside others; closed alone, the reason is kept."""
    with hq.exclusive() as session:
        execute(
            session, "UPDATE control_total SET agree = 0 WHERE device = ?", [(_device_of(session, "KIT"),)]
        )
    amina = browser("amina")
    month = words_of(amina.get(JANUARY).text)
    assert "2 offices are ready HQ, NAK" in month
    page = amina.get(OF_KIT).text
    assert "Close 2026-01 of KIT" in words_of(page)
    silent = amina.post(OF_KIT, data={**tokens(amina, OF_KIT), "step": "close"})
    assert silent.status_code == 422
    assert "only by somebody who says why: KIT 2 control total(s)" in words_of(silent.text)
    form = hidden(amina.get(JANUARY).text.partition("<main")[2])
    assert amina.post(JANUARY, data={**form, "office": ["KIT"]}).status_code == 422
    said = {**tokens(amina, OF_KIT), "step": "close", "reason": "counted with the branch by telephone"}
    assert amina.post(OF_KIT, data=said).status_code == 303
    assert "counted with the branch by telephone" in words_of(amina.get(OF_KIT).text)


def _device_of(session: Session, code: str) -> int:
    asked = "SELECT d.number FROM device AS d JOIN office AS o ON o.id = d.office_id WHERE o.code = ?"
    return int(fetch(session, asked, code)[0][0])


def test_closing_too_early_has_its_way_back(
    month: TestInstitution, hq: Installation, browser: Callable[[str], FlaskClient]
) -> None:
    """A stick comes late: queued, it counts in February; opened by two it counts in January, and stays."""
    amina = browser("amina")
    _close(amina, OF_KIT)
    _bring_late(month, hq)
    queue = words_of(amina.get("/periods/late").text)
    assert "5 Jan 2026 KIT 2026-01 Deposit" in queue
    assert "123.00" in queue
    assert "2026-02 from 1 Feb 2026 Open 2026-01 of KIT again" in queue
    form = {**tokens(amina, OF_KIT), "step": "reopen", "reason": "a stick came late"}
    alone = amina.post(OF_KIT, data=form)
    assert alone.status_code == 422
    assert "takes a second person" in words_of(alone.text)
    same = amina.post(OF_KIT, data={**form, "second": "amina", "second_password": PASSWORD})
    assert same.status_code == 422
    assert amina.post(OF_KIT, data={**form, **_second()}).status_code == 303
    assert "Nothing came late" in words_of(amina.get("/periods/late").text)
    opened = words_of(amina.get(OF_KIT).text)
    assert "open again" in opened
    assert "opened again KIT admin a stick came late" in opened
    _close(amina, OF_KIT)
    assert "Nothing came late" in words_of(amina.get("/periods/late").text)


def test_an_auditor_sees_all_of_it_and_presses_nothing(browser: Callable[[str], FlaskClient]) -> None:
    """No form on any of the pages; one that was made up is refused."""
    aisha = browser("aisha")
    for path in ("/periods", "/periods/late", JANUARY, OF_KIT, "/approvals", "/provisions"):
        page = aisha.get(path)
        assert page.status_code == 200, path
        assert 'method="post"' not in page.text.partition("<main")[2], path
    token = hidden(aisha.get("/").text)["csrf_token"]
    for path in (JANUARY, OF_KIT, "/provisions"):
        assert aisha.post(path, data={"csrf_token": token, "once": "x" * 24}).status_code == 403
