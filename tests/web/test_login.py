"""Log-ins: who gets in, for how long, and what is not lost when one ends."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schema.replication import WebSession
from tests.web.conftest import Clock, Jar, fields_of, log_in
from web.sessions import SECRETS

ROOT = Path(__file__).parents[2]


def test_every_page_asks_for_a_log_in(client: FlaskClient) -> None:
    """Without one, a page sends to the log-in form and names itself as the next page."""
    answer = client.get("/post?x=1")
    assert answer.status_code == 303
    assert answer.location == "/login?next=/post?x%3D1"


def test_health_needs_no_log_in(client: FlaskClient) -> None:
    """Whoever starts the server can see that it is ready."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"ok": True})


def test_log_in_leads_to_the_wanted_page(client: FlaskClient) -> None:
    """After log-in comes the page that was asked for."""
    assert log_in(client, "amina", next="/post") == "/post"
    assert client.get("/post").status_code == 200


def test_a_wrong_password_is_refused_and_never_shown_again(client: FlaskClient) -> None:
    """The form comes back with the name, without the password, and with the reason."""
    answer = client.post("/login", data={"username": "amina", "password": "guessed"})
    assert answer.status_code == 422
    assert "The name or the password is wrong." in answer.text
    assert 'value="amina"' in answer.text
    assert "guessed" not in answer.text


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "/\n/x", "evil"]
)
def test_log_in_leads_to_no_other_site(client: FlaskClient, target: str) -> None:
    """A forged address of the next page is not followed."""
    assert log_in(client, "amina", next=target) == "/"


def test_the_cookie_is_hard_to_steal(client: FlaskClient, jar: Jar) -> None:
    """HttpOnly, SameSite=Strict, named after the home; the table keeps only a hash of it."""
    answer = client.post("/login", data={"username": "amina", "password": "correct horse"})
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("satchel-branch-KIT="))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    token = cookie.partition("=")[2].partition(";")[0]
    with jar.database.reading() as session:
        kept = session.query(WebSession).one().token_hash
    assert len(kept) == 32
    assert token.encode() not in kept


def test_an_idle_log_in_ends(amina: FlaskClient, clock: Clock) -> None:
    """After half an hour without a page the log-in form comes; pages in between keep it alive."""
    clock.move(timedelta(minutes=29))
    assert amina.get("/").status_code == 200
    clock.move(timedelta(minutes=29))
    assert amina.get("/").status_code == 200
    clock.move(timedelta(minutes=31))
    assert amina.get("/").location == "/login?next=/&ended=yes"


def test_log_out_ends_the_log_in_on_the_server(app: Flask, amina: FlaskClient) -> None:
    """The old cookie opens nothing afterwards."""
    old = amina.get_cookie("satchel-branch-KIT")
    assert old is not None
    token = fields_of(amina, "/post")["csrf_token"]
    assert amina.post("/logout", data={"csrf_token": token}).location == "/login"
    other = app.test_client()
    other.set_cookie("satchel-branch-KIT", old.value)
    assert other.get("/").status_code == 303


def test_what_was_typed_survives_an_ended_log_in(amina: FlaskClient, jar: Jar, clock: Clock) -> None:
    """The form is posted too late: after the log-in it is there again, filled in, and nothing was posted."""
    form = fields_of(amina, "/post") | {"amount": "12.50", "note": "market day"}
    clock.move(timedelta(hours=2))
    answer = amina.post("/post", data=form)
    assert answer.location == "/login?next=/post&ended=kept"
    assert jar.posted == []
    assert log_in(amina, "amina", next="/post") == "/post"
    page = amina.get("/post").text
    assert 'value="12.50"' in page
    assert 'value="market day"' in page
    assert 'value="12.50"' not in amina.get("/post").text  # given back once


def test_no_password_is_kept_when_a_log_in_has_ended(amina: FlaskClient, jar: Jar, clock: Clock) -> None:
    """Neither of somebody who is made a user, nor one's own, nor that of a second person."""
    form = fields_of(amina, "/post") | dict.fromkeys(SECRETS, "quite a secret") | {"amount": "12.50"}
    clock.move(timedelta(hours=2))
    amina.post("/post", data=form)
    with jar.database.reading() as session:
        kept = session.query(WebSession).one().kept
    assert "12.50" in kept
    assert "secret" not in kept


def test_every_field_for_a_password_is_known_as_one() -> None:
    """What no log-in keeps is named in one place: a field that a template hides stands there."""
    pages = [page.read_text() for room in ("web", "branch", "hq") for page in (ROOT / room).rglob("*.html")]
    hidden = re.compile(r'forms\.\w+\(typed, "(\w+)"[^}]*kind="password"')
    assert {name for page in pages for name in hidden.findall(page)} == SECRETS


def test_what_was_typed_is_not_given_to_somebody_else(amina: FlaskClient, clock: Clock) -> None:
    """Another user at the same screen gets an empty form."""
    form = fields_of(amina, "/post") | {"amount": "12.50", "note": "market day"}
    clock.move(timedelta(hours=2))
    amina.post("/post", data=form)
    log_in(amina, "omar")
    assert "market day" not in amina.get("/").text
    log_in(amina, "amina")
    assert "market day" not in amina.get("/post").text


def test_a_disabled_user_is_out_at_once(amina: FlaskClient, jar: Jar) -> None:
    """A log-in is worth nothing once its user is disabled."""
    with jar.database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE user_account SET state = 'disabled' WHERE id = 1")
    assert amina.get("/").status_code == 303
