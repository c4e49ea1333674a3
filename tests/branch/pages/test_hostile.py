"""Every page, asked with nonsense: in a working branch, on a closed day, and in a branch that has nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from banking.days import close_day
from branch.application import create_branch_application
from branch.founding import create_branch
from hq.founding import enrol
from schema.accounting import Till
from sync.installation import Installation
from sync.kit import read_kit
from tests.branch.pages.conftest import LogIn
from tests.support.branch_home import KIT_CODE, PASSPHRASE, TODAY, Clock, Known, opened
from tests.support.nonsense import faults


def rows_of(branch: Installation, known: Known) -> dict[str, list[object]]:
    """What there is to be opened, by its name in addresses."""
    with branch.database.reading() as session:
        till_id = session.scalars(select(Till.id)).first()
    return {
        "client_id": [known.client],
        "group_id": [known.group],
        "loan_id": [known.loan, known.late_loan],
        "savings_id": [known.savings],
        "account_id": [known.loan, known.savings],
        "place_id": [known.group],
        "till_id": [till_id],
        "user_id": [known.admin],
        "kind": ["loan", "savings", "group", "in"],
        "on": [TODAY.isoformat()],
        "way": ["deposit", "withdraw"],
        "moment": ["opening", "closing", "check"],
        "purpose": ["receipt"],
    }


def test_nonsense_is_answered_in_words(log_in: LogIn, branch: Installation, known: Known) -> None:
    """Dates, numbers, NUL, ten thousand letters, rows that there are not: never a fault of the program."""
    assert faults(log_in("admin"), rows_of(branch, known)) == []


def test_every_page_opens_when_no_day_is_open(log_in: LogIn, branch: Installation, known: Known) -> None:
    """Whoever comes before the day is opened, or after it was closed, is told so."""
    with branch.unit_of_work("day.close", known.admin) as session:
        close_day(session)
    assert faults(log_in("admin"), rows_of(branch, known), typed=()) == []


@pytest.fixture
def empty(homes: Path, clock: Clock) -> Iterator[Flask]:
    """The pages of a branch that was set up a minute ago: nobody, no drawer, no day."""
    with opened(homes / "hq", clock) as hq:
        _, file = enrol(hq, "NEW", "Newtown", KIT_CODE, 0)
    (homes / "new.satchel").write_bytes(file)
    kit = read_kit(homes / "new.satchel", KIT_CODE)
    create_branch(homes / "new", kit, admin="admin", passphrase=PASSPHRASE, clock=clock)
    with opened(homes / "new", clock) as branch:
        yield create_branch_application(branch)


def test_every_page_opens_in_an_empty_branch(empty: Flask) -> None:
    """A page without anything to show says how to begin."""
    client = empty.test_client()
    client.post("/login", data={"username": "admin", "password": PASSPHRASE})
    assert client.get("/").status_code == 200
    assert faults(client, {}, typed=()) == []
