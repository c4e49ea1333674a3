"""Changesets, exceptions and rules, as pages."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from sync.installation import Installation
from tests.hq.conftest import LogIn, import_by_page, words_of
from tests.support.headquarters import FIRST, LATER
from tests.support.postgres import forget_guards


@pytest.fixture
def filled(amina: FlaskClient, sticks: Path) -> FlaskClient:
    """The accountant's browser, with what the branches sent."""
    import_by_page(amina, sticks / FIRST)
    import_by_page(amina, sticks / LATER)
    return amina


def test_a_changeset_is_shown_in_full(reader: FlaskClient) -> None:
    """Kind, device, place, hashes, who, when, with which bundle, and each row."""
    page = words_of(reader.get("/changesets/2/0/6").text)
    assert "Changeset 2\N{EN DASH}6" in page
    assert "savings.deposit · KIT Branch KIT" in page
    assert "Device, chain, place 2 · 0 · 6" in page
    assert "By admin" in page
    assert "signature holds" in page
    assert "journal_line" in page
    assert "amount 500.00" in page
    assert "note market day <b>&amp; =1+1" in page


def test_what_waits_is_shown_as_waiting(reader: FlaskClient) -> None:
    """A held changeset can be looked at; it says why it is not in the books."""
    page = words_of(reader.get("/changesets/5/0/8").text)
    assert "waits for what is missing" in page
    assert "GAP Something earlier is missing." in page


def test_altered_bytes_show_as_altered(filled: FlaskClient, hq: Installation) -> None:
    """Whoever changed the database cannot change the signature."""
    with hq.exclusive() as session:
        connection = session.connection()
        forget_guards(connection, "changeset")
        change = text("UPDATE changeset SET signature = :new WHERE device = 2 AND seq = 6")
        connection.execute(change, {"new": bytes(64)})
    assert "signature does not hold" in words_of(filled.get("/changesets/2/0/6").text)


def test_where_no_rule_is_broken_what_is_missing_still_waits(reader: FlaskClient) -> None:
    """Each family is there with its count; an entry that is missing waits with what can be done."""
    page = words_of(reader.get("/exceptions").text)
    assert "Breaks a rule (0)" in page
    assert "Entries that are missing (1)" in page
    assert "Entry 7 is missing; 1 later entry waits." in page
    assert "Ask the branch to send them again." in page


def test_exceptions_lead_to_their_changeset(filled: FlaskClient, hq: Installation) -> None:
    """What breaks a rule, what is not trusted and totals that differ: each with reason and next step."""
    with hq.exclusive() as session:
        connection = session.connection()
        planted = text(
            "INSERT INTO exception (key, code, device, chain, seq, hash, office_id, what, state) "
            "SELECT :key, 'UNBALANCED', device, chain, seq, hash, NULL, "
            "'entry <i>7</i> is out by 5', 'open' FROM changeset WHERE device = 2 AND seq = 6"
        )
        connection.execute(planted, {"key": bytes.fromhex("0011223344556677")})
        connection.exec_driver_sql(
            "UPDATE control_total SET agree = 0, difference = 'GL account 2110: 5 claimed' WHERE device = 2"
        )
    page = filled.get("/exceptions").text
    words = words_of(page)
    assert "A journal entry does not balance. B entry <i>7</i> is out by 5 UNBALANCED" in words
    assert "Totals differ" in words
    assert "GL account 2110: 5 claimed" in words
    assert 'href="/exceptions/0011223344556677"' in page
    assert "/changesets/2/0/6?hash=" in filled.get("/exceptions/0011223344556677").text
    assert re.search(r"<dt>For a person</dt>\s*<dd><a [^>]+>1 branch</a>", page)


def test_rules_are_printed_with_their_classes(reader: FlaskClient) -> None:
    """Each table with its meaning and class, and columns of another class or group."""
    page = words_of(reader.get("/rules").text)
    assert "journal_line One side of an entry" in page
    assert "phone shared telephone" in page
    assert "Any branch and headquarters may write, by groups of columns" in page


OPEN = ("/", "/branches", "/branches/KIT", "/books", "/exceptions", "/rules")
ENROL, CONFIRM, RETURN, LOOK = "/enrol", "/devices/2/confirm", "/branches/KIT/return", "/inbox/look"
CHANGESET = "/changesets/1/0/1"


@pytest.mark.parametrize(
    ("username", "refused"),
    [
        ("admin", set()),
        ("amina", {ENROL, CONFIRM}),
        ("aisha", {ENROL, CONFIRM, RETURN, LOOK}),
        ("clara", {ENROL, CONFIRM, RETURN, LOOK, CHANGESET}),
    ],
)
def test_each_role_reaches_what_it_may(
    read_as: LogIn, tmp_path: Path, username: str, refused: set[str]
) -> None:
    """Pages to look at are everybody's; what writes, confirms or shows the chain asks for a right."""
    client = read_as(username)
    for path in OPEN:
        assert client.get(path).status_code == 200, path
    (tmp_path / "stick").mkdir()
    for path in (ENROL, CONFIRM, RETURN, LOOK, CHANGESET):
        answer = client.get(path, query_string={"folder": str(tmp_path / "stick")})
        assert answer.status_code == (403 if path in refused else 200), path


def test_every_page_asks_for_a_log_in(reader: FlaskClient) -> None:
    """Without one, each address leads to the log-in form; health answers."""
    stranger = reader.application.test_client()
    for rule in reader.application.url_map.iter_rules():
        if rule.endpoint in {
            "static",
            "healthz",
            "login.show",
            "login.create",
            "login.delete",
            "login.speak",
        }:
            continue
        path = _filled_in(rule.rule)
        if rule.endpoint.startswith("line."):  # programs of branches prove themselves by their keys
            if rule.endpoint != "line.challenge" and "GET" in (rule.methods or set()):
                assert stranger.get(path).status_code in {401, 403}, path
            continue
        if rule.endpoint.startswith("api."):  # other programs prove themselves by their tokens
            if rule.endpoint != "api.description" and "GET" in (rule.methods or set()):
                assert stranger.get(path).status_code in {401, 403}, path
            continue
        if "GET" in (rule.methods or set()):
            assert stranger.get(path).status_code == 303, path
    assert stranger.get("/healthz").json == {"ok": True}


def _filled_in(rule: str) -> str:
    """An address of a rule, with something in each of its places."""
    parts = [("1" if "int:" in part else "x") if part.startswith("<") else part for part in rule.split("/")]
    return "/".join(parts)
