"""Forms for the acts of headquarters: listed, opened, rehearsed, done in the chain they belong to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from banking.acts import ACTS
from banking.acts.registry import Place
from banking.users import create_user
from hq.application import create_hq_application
from schema.accounting import JournalEntry
from schema.products import LoanPurpose
from sync.chain import HEAD_OFFICE_CHAIN
from sync.installation import Installation
from tests.support.branch_fixtures import clock, homes, known, made_homes
from tests.support.branch_home import PASSPHRASE, Clock, opened
from tests.support.forms import tokens

__all__ = ["clock", "homes", "known", "made_homes"]

AT_HQ = [one for one in ACTS.values() if {Place.HQ, Place.HEAD_OFFICE} & set(one.at)]


@pytest.fixture
def hq_home(homes: Path, clock: Clock) -> Iterator[Installation]:
    """Headquarters of a small institution."""
    with opened(homes / "hq", clock) as installation:
        yield installation


@pytest.fixture
def admin(hq_home: Installation) -> FlaskClient:
    """A browser in which the administrator is logged in."""
    browser = create_hq_application(hq_home).test_client()
    answer = browser.post("/login", data={"username": "admin", "password": PASSPHRASE})
    assert answer.status_code == 303
    return browser


def test_every_act_of_headquarters_has_a_form_that_opens(admin: FlaskClient) -> None:
    listed = admin.get("/acts").text
    for one in AT_HQ:
        assert f'href="/acts/{one.name}"' in listed, one.name
        assert admin.get(f"/acts/{one.name}").status_code == 200, one.name


def test_reference_data_is_shown_before_it_is_written(admin: FlaskClient, hq_home: Installation) -> None:
    path = "/acts/purpose.define"
    typed = {"code": "COW", "name": "Dairy cow"}
    seen = admin.post(path, data={**tokens(admin, path), **typed, "step": "look"})
    assert "Not done yet" in seen.text
    done = admin.post(path, data={**tokens(admin, path), **typed, "step": "do"})
    assert done.status_code == 200, done.text
    with hq_home.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LoanPurpose)) == 1


def test_the_head_office_s_own_books_are_written_too(admin: FlaskClient, hq_home: Installation) -> None:
    path = "/acts/journal.post"
    typed = {"debit": "5320:300.00", "credit": "1130:300.00", "note": "rent"}
    wrong = admin.post(path, data={**tokens(admin, path), **typed, "debit": "5320:x", "step": "look"})
    assert wrong.status_code == 422
    assert 'id="debit-complaint"' in wrong.text
    alone = admin.post(path, data={**tokens(admin, path), **typed, "step": "do"})
    assert alone.status_code == 422
    assert "takes two people" in alone.text
    with hq_home.unit_of_work("user.create", 1, chain=HEAD_OFFICE_CHAIN) as session:
        create_user(session, "amina", "Amina W", "accountant", PASSPHRASE)
    typed |= {"second": "amina", "second_password": PASSPHRASE}
    done = admin.post(path, data={**tokens(admin, path), **typed, "step": "do"})
    assert done.status_code == 200, done.text.partition("<main")[2]
    with hq_home.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(JournalEntry)) == 1


def test_nothing_waits_for_a_decision_at_the_beginning(admin: FlaskClient) -> None:
    assert "Nothing waits" in admin.get("/decisions").text
