"""Tokens: made on a page and by command, shown once, bounded in time, written into the log."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from banking.errors import BadValueError, MissingError
from hq.api.tokens import WRONG_A_MINUTE, Wanted, make_token
from satchel.cli import main
from schema.desk import ApiToken
from schema.replication import AuditLog
from sync.installation import Installation
from tests.hq.api.conftest import Caller
from tests.hq.conftest import LogIn, tokens, words_of
from tests.support.headquarters import SteadyClock, admin_of
from tests.support.institution import HQ, TestInstitution, passphrase_of


def _log(hq: Installation) -> list[str]:
    with hq.database.reading() as session:
        return [row.what for row in session.scalars(select(AuditLog).order_by(AuditLog.id))]


def _make(admin: FlaskClient, **fields: object) -> str:
    form = {**tokens(admin, "/tokens/new"), "name": "Ledger app", "office": "", "expires_on": "", **fields}
    return admin.post("/tokens/new", data=form).text


def test_a_token_is_shown_once_and_works_until_it_is_revoked(hq: Installation, log_in: LogIn) -> None:
    admin = log_in("admin")
    form = {**tokens(admin, "/tokens/new"), "name": "Ledger app", "office": "", "scopes": ["reports:read"]}
    page = admin.post("/tokens/new", data=form)
    text = re.findall(r'value="(satchel_[\w-]{43})"', page.text)[0]
    again = admin.post("/tokens/new", data=form)
    assert (again.status_code, again.location) == (303, "/tokens")
    caller = Caller(admin, text)
    assert caller.ask("/reports")[0] == 200
    shown = admin.get("/tokens").text
    assert text not in shown
    assert "Ledger app" in shown
    row = re.findall(r'name="token" value="(\d+)"', shown)[0]
    assert admin.post("/tokens", data={**tokens(admin, "/tokens"), "token": row}).status_code == 303
    assert caller.ask("/reports")[0] == 401
    assert "revoked" in words_of(admin.get("/tokens").text)
    assert [what for what in _log(hq) if what.startswith("api.")] == [
        "api.token_made",
        "api.token_revoked",
        "api.refused",
    ]
    with hq.database.reading() as session:
        kept = session.scalars(select(ApiToken)).one()
    assert text.encode() not in kept.token_hash


def test_a_token_without_anything_that_it_may_do_is_not_made(hq: Installation, log_in: LogIn) -> None:
    admin = log_in("admin")
    assert "Choose at least one thing" in _make(admin)
    assert "Look at the marked fields" in _make(admin, scopes=["reports:read"], name="")
    with hq.database.reading() as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_only_administrators_see_tokens(log_in: LogIn) -> None:
    for name in ("amina", "aisha", "clara"):
        browser = log_in(name)
        assert [browser.get(path).status_code for path in ("/tokens", "/tokens/new")] == [403, 403]
    assert "Tokens of other programs" in log_in("admin").get("/people").text


def test_a_token_ends_with_its_last_day(hq: Installation, log_in: LogIn, steady_clock: SteadyClock) -> None:
    text = _token(hq, expires_on=hq.clock().date())
    caller = Caller(log_in("admin"), text)
    assert caller.ask("/offices")[0] == 200
    steady_clock.move(timedelta(days=1))
    assert caller.ask("/offices")[0] == 401


def test_wrong_tokens_are_counted_and_right_ones_are_taken_all_the_same(
    hq: Installation, log_in: LogIn, steady_clock: SteadyClock
) -> None:
    client = log_in("admin")
    right, wrong = Caller(client, _token(hq)), Caller(client, "satchel_wrong")
    hq.clock = lambda: steady_clock.now
    assert {wrong.ask("/offices")[0] for _ in range(WRONG_A_MINUTE)} == {401}
    assert wrong.ask("/offices")[0] == 429
    assert right.ask("/offices")[0] == 200
    assert _log(hq).count("api.refused") == WRONG_A_MINUTE
    steady_clock.move(timedelta(minutes=1))
    assert wrong.ask("/offices")[0] == 401


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        (Wanted("", ["reports:read"]), MissingError),
        (Wanted("x", []), MissingError),
        (Wanted("x", ["everything"]), BadValueError),
        (Wanted("x", ["reports:read"], expires_on=date(2020, 1, 1)), BadValueError),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(
    wanted: Wanted, refusal: type[Exception], hq: Installation
) -> None:
    with hq.database.writing() as session, pytest.raises(refusal):
        make_token(session, wanted, admin_of(hq), hq.clock())


def _token(hq: Installation, expires_on: date | None = None) -> str:
    with hq.database.writing() as session:
        wanted = Wanted("a test", ["reports:read"], expires_on=expires_on)
        return make_token(session, wanted, admin_of(hq), hq.clock())[1]


def test_tokens_are_made_listed_and_revoked_by_command(
    institution: TestInstitution, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SATCHEL_PASSPHRASE", passphrase_of(HQ))

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        status = main(["hq", "token", *words, "--home", str(institution.root / HQ), "--json"])
        return status, json.loads(capsys.readouterr().out)

    named = ("--scope", "loans:read", "--scope", "clients:read", "--branch", "KIT", "--until", "2027-01-31")
    status, made = run("add", "Dashboard", *named)
    assert (status, made["scopes"]) == (0, ["clients:read", "loans:read"])
    assert str(made["token"]).startswith("satchel_")
    _, listed = run("list")
    (row,) = listed["tokens"]
    assert (row["branch"], row["expires_on"], row["state"]) == ("KIT", "2027-01-31", "good")
    assert "token" not in row
    _, listed = run("revoke", str(made["id"]))
    assert [one["state"] for one in listed["tokens"]] == ["revoked"]
    status, refused = run("add", "Other", "--scope", "everything")
    assert (status, refused["error"]["code"]) == (1, "BAD_VALUE")
