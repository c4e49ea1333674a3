"""Who may come to which address of headquarters: each stands in the table, and a new one has to."""

from collections.abc import Callable
from typing import Final

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hq.application import create_hq_application
from hq.pages.api import OPERATIONS
from schema.replication import FormToken, StoredChangeset
from sync.installation import Installation
from tests.hq.conftest import LogIn
from tests.support.headquarters import PASSWORD
from tests.support.institution import HQ, passphrase_of
from tests.support.rights import EVERYBODY, LOGGED_IN, doors, wrongly_open, wrongly_shut

PAGES: Final = {
    "acts.create": LOGGED_IN,
    "GET acts.decisions": "reports.see",
    "GET acts.new": LOGGED_IN,
    "GET acts.show": LOGGED_IN,
    "announcements.create": "reference.write",
    "announcements.end": "reference.write",
    "GET announcements.new": "reference.write",
    "GET announcements.show": "reports.see",
    "approvals.decide": "reports.see",
    "GET approvals.one": "reports.see",
    "GET approvals.show": "reports.see",
    "GET audit.access_log": "audit.see",
    "audit.draw_one": "audit.see",
    "GET audit.letters": "audit.see",
    "GET audit.letters_of_group": "audit.see",
    "GET audit.letters_of_sample": "audit.see",
    "GET audit.sample": "audit.see",
    "GET audit.samples": "audit.see",
    "GET audit.show": "audit.see",
    "GET books.account": "reports.see",
    "GET books.entry": "reports.see",
    "GET books.show": "reports.see",
    "GET branch_users.show": "reports.see",
    "branches.ask": "bundles.import",
    "branches.ask_all": "bundles.import",
    "GET branches.asked": "reports.see",
    "GET branches.one": "reports.see",
    "GET branches.show": "reports.see",
    "GET branches.week": "reports.see",
    "carriers.attempt": "users.write",
    "GET carriers.show": "reports.see",
    "carriers.update": "users.write",
    "cases.create": "exceptions.decide",
    "GET cases.photo": "clients.see",
    "GET cases.show": "reports.see",
    "GET changesets.show": "audit.see",
    "GET devices.ask": "devices.confirm",
    "devices.confirm": "devices.confirm",
    "devices.end": "devices.retire",
    "GET devices.history": "reports.see",
    "GET devices.one": "reports.see",
    "GET devices.show": "reports.see",
    "enrolment.create": "reference.write",
    "GET enrolment.kit": "reference.write",
    "GET enrolment.new": "reference.write",
    "GET enrolment.show": "reference.write",
    "GET exceptions.decided": "reports.see",
    "GET exceptions.show": "reports.see",
    "GET healthz": EVERYBODY,
    "GET help.card": LOGGED_IN,
    "GET help.show": LOGGED_IN,
    "GET help.topic": LOGGED_IN,
    "GET inbox.came": "reports.see",
    "inbox.choose": "bundles.import",
    "inbox.drop": "bundles.import",
    "inbox.fetch": "bundles.import",
    "GET inbox.look": "bundles.import",
    "GET inbox.show": "reports.see",
    "inbox.take": "bundles.import",
    "GET inter_branch.show": "reports.see",
    "GET line.challenge": EVERYBODY,
    "line.give_back": EVERYBODY,
    "GET line.piece": EVERYBODY,
    "line.put": EVERYBODY,
    "GET line.state": EVERYBODY,
    "login.create": EVERYBODY,
    "login.delete": EVERYBODY,
    "GET login.show": EVERYBODY,
    "GET login.speak": EVERYBODY,
    "GET looks.show": "audit.see",
    "messages.again": "exceptions.decide",
    "GET messages.choose": "exceptions.decide",
    "messages.choose": "exceptions.decide",
    "GET messages.late": "reports.see",
    "messages.send_on": "exceptions.decide",
    "GET messages.show": "reports.see",
    "GET payment_lists.new": "journal.post",
    "payment_lists.read": "journal.post",
    "payments.decide": "journal.post",
    "payments.match": "journal.post",
    "GET payments.one": "reports.see",
    "payments.send_all": "journal.post",
    "GET payments.show": "reports.see",
    "people.change": "users.write",
    "people.change_own": LOGGED_IN,
    "people.create": "users.write",
    "GET people.idle": "users.write",
    "GET people.new": "users.write",
    "GET people.one": "users.write",
    "GET people.own": LOGGED_IN,
    "people.set_idle": "users.write",
    "GET people.show": LOGGED_IN,
    "periods.change": "period.close",
    "periods.close_ready": "period.close",
    "GET periods.late": "reports.see",
    "GET periods.month": "reports.see",
    "GET periods.one": "reports.see",
    "GET periods.show": "reports.see",
    "GET printed.file": "audit.see",
    "GET printed.show": "audit.see",
    "proof.create": "audit.see",
    "GET proof.one": "audit.see",
    "GET proof.pack": "audit.see",
    "GET proof.show": "audit.see",
    "proof.write_pack": "audit.see",
    "provisions.ask": "journal.post",
    "GET provisions.loans": "reports.see",
    "GET provisions.one": "reports.see",
    "GET provisions.show": "reports.see",
    "GET publishing.one": "reports.see",
    "GET publishing.show": "reports.see",
    "GET publishing.subject": "reports.see",
    "GET reports.file": "reports.see",
    "GET reports.one": "reports.see",
    "GET reports.show": "reports.see",
    "GET reseeding.ask": "reference.write",
    "reseeding.create": "reference.write",
    "GET reseeding.kit": "reference.write",
    "returns.create": "bundles.import",
    "GET returns.new": "bundles.import",
    "GET returns.show": "bundles.import",
    "GET returns.volume": "bundles.import",
    "GET rules.show": "reports.see",
    "tokens.create": "users.write",
    "GET tokens.new": "users.write",
    "tokens.revoke": "users.write",
    "GET tokens.show": "users.write",
    "voids.create": "exceptions.decide",
}
"""What each address asks for."""
PROGRAMS: Final = {f"{'GET ' * (one.method == 'GET')}api.{one.name}": EVERYBODY for one in OPERATIONS}
"""Programs show a token, which is looked at before anything else (``tests/hq/api``)."""
TABLE: Final = PAGES | PROGRAMS | {"GET api.description": EVERYBODY}
PLACES: Final = {"code": "KIT", "office": "KIT"}
ROLES: Final = {"admin": "admin", "amina": "accountant", "aisha": "auditor", "clara": "clerk", "": ""}
TYPED: Final = {
    "once": "a" * 24, "step": "approve", "do": "post", "reason": "no", "amount": "10", "ask": "yes",
    "office": "KIT", "key": "1", "decision": "leave", "username": "x", "role": "admin", "folder": "/",
}  # fmt: skip
OF_AUDITORS: Final = {"audit.draw_one", "proof.create", "proof.write_pack", "people.change_own"}
"""The forms that an auditor may send: own samples, runs of the proof, packs, and the own language."""


@pytest.fixture(scope="module")
def browsers(full_hq: Installation) -> dict[str, FlaskClient]:
    """A browser of each, and of nobody; forms carry no tokens, so that only permissions refuse them."""
    app = create_hq_application(full_hq)
    app.config["WTF_CSRF_ENABLED"] = False
    found = {username: app.test_client() for username in ROLES}
    for username in filter(None, ROLES):
        password = passphrase_of(HQ) if username == "admin" else PASSWORD
        found[username].post("/login", data={"username": username, "password": password})
    return found


@pytest.fixture
def written(full_hq: Installation) -> Callable[[], tuple[int, ...]]:
    """Counts what was entered into the books, and the forms that were used."""

    def count() -> tuple[int, ...]:
        with full_hq.database.reading() as session:
            return tuple(
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in (StoredChangeset, FormToken)
            )

    return count


@pytest.mark.parametrize("username", ROLES)
def test_every_address_is_for_those_whose_role_allows_it(
    browsers: dict[str, FlaskClient], username: str, written: Callable[[], tuple[int, ...]]
) -> None:
    """What is not allowed is refused before anything is looked at; what only looks, changes nothing."""
    browser, before = browsers[username], written()
    found = doors(browser.application, PLACES)
    assert {door.name for door in found} == set(TABLE)
    assert list(wrongly_open(browser, found, TABLE, ROLES[username])) == []
    if ROLES[username] == "auditor":
        assert list(wrongly_shut(browser, found, TABLE, ROLES[username])) == []
    assert written() == before


def test_no_form_is_taken_without_its_token(read_as: LogIn, written: Callable[[], tuple[int, ...]]) -> None:
    """A page of another site knows no token: each form of an administrator is refused, whatever it says."""
    admin, before = read_as("admin"), written()
    taken = [
        door.name
        for door in doors(admin.application, PLACES)
        if door.method == "POST" and TABLE[door.name] != EVERYBODY
        if admin.post(door.path, data=TYPED).status_code != 400
    ]
    assert taken == []
    assert written() == before


def test_an_auditor_sends_no_form_but_the_own(
    browsers: dict[str, FlaskClient], written: Callable[[], tuple[int, ...]]
) -> None:
    """Every form, filled in, also those that ask for a right only when they know what is wanted."""
    auditor, before = browsers["aisha"], written()
    for door in doors(auditor.application, PLACES):
        if door.method == "POST" and TABLE[door.name] != EVERYBODY and door.name not in OF_AUDITORS:
            once = (door.name.replace(".", "_") + "a" * 24)[:24]
            status = auditor.post(door.path, data=TYPED | {"once": once}).status_code
            assert status in {403, 404, 422}, door.name
    assert written() == before
