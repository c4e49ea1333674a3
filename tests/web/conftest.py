"""A small edition with one posting page, so that the kit is tested without a bank."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Blueprint, Flask, render_template_string, request, url_for
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ledger.errors import N_, NotFoundError, OverpaymentError, RuleError, TrustError
from ledger.money import Currency, Money
from schema import tables
from schema.database import Database, open_database
from schema.people import User
from schema.replication import Setting
from web import work
from web.application import create_application
from web.edition import Edition, MenuEntry, StatusItem, Tone
from web.forms import Typed
from web.guards import requires

PAGE = """{% extends "layout.html" %}{% import "forms.html" as forms %}
{% block heading %}Jar{% endblock %}
{% block main %}{{ forms.refused(refusal) }}{% call forms.form() %}
{{ forms.amount(typed, "amount", "Amount") }}{{ forms.field(typed, "note", "Note") }}{{ forms.go("Post") }}
{% endcall %}{% endblock %}"""


class Clock:
    """A clock that moves when a test says so."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def move(self, by: timedelta) -> None:
        self.instant += by


class Jar:
    """What the page posts into: counts each unit of work that came to its end."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.posted: list[tuple[str, int, str]] = []

    @contextmanager
    def unit_of_work(self, kind: str, actor_id: int, note: str = "") -> Iterator[Session]:
        with self.database.writing() as session:
            yield session
        self.posted.append((kind, actor_id, note))


def authenticate(username: str, password: str, _now: datetime) -> User:
    """Two users, one password."""
    users = {"amina": 1, "omar": 2}
    if username not in users or password != "correct horse":
        raise WrongError
    return User(id=users[username], username=username, full_name=username.title(), role=username)


class WrongError(RuleError):
    """The name or the password is wrong."""

    message = N_("The name or the password is wrong.")


def make_pages() -> Blueprint:
    """A page to read, one to post, and one for each way to fail."""
    pages = Blueprint("jar", __name__)

    @pages.get("/")
    def show() -> str:
        return render_template_string(PAGE, typed=Typed.begin(), refusal=None)

    @pages.get("/post")
    @requires("jar.post")
    def new() -> str:
        return render_template_string(PAGE, typed=Typed.begin(), refusal=None)

    @pages.post("/post")
    @requires("jar.post")
    def create() -> ResponseReturnValue:
        typed = Typed(request.form)
        try:
            amount = typed.amount("amount")
            typed.require()

            def put(session: Session) -> str:
                if amount > Money(100_000):
                    raise OverpaymentError(paid=amount, owed=Money(100_000))
                session.add(Setting(name=f"jar.{amount}.{len(jar_of(session))}", value="x"))
                return url_for("jar.done", minor=amount.minor)

            return work.post_once("jar.filled", put, note=typed.values.get("note", ""))
        except RuleError as refusal:
            return render_template_string(PAGE, typed=typed, refusal=refusal), 422

    @pages.get("/done/<int:minor>")
    def done(minor: int) -> str:
        return render_template_string("{{ minor|money }}", minor=minor)

    pages.add_url_rule("/fail/<way>", "fail", fail)
    return pages


def fail(way: str) -> str:
    """Fail as pages can."""
    if way == "missing":
        raise NotFoundError(kind="loan", key="KIT-L-000009")
    if way == "trust":
        raise TrustError("BAD_HASH", "The file is damaged.", next_step="Copy it again.")
    message = "client Wanjiku Kamau owes 12345"
    raise ZeroDivisionError(message)


def jar_of(session: Session) -> list[str]:
    """What has been put into the jar."""
    return [row.name for row in session.query(Setting) if row.name.startswith("jar.")]


@pytest.fixture
def clock() -> Clock:
    """The clock of this test."""
    return Clock()


@pytest.fixture
def jar(tmp_path: Path) -> Iterator[Jar]:
    """The books of this test."""
    database = open_database(tmp_path / "jar.db")
    with database.writer.begin() as connection:
        tables.metadata.create_all(connection)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        for number, name in ((1, "amina"), (2, "omar")):
            connection.exec_driver_sql(
                "INSERT INTO user_account (id, origin_office_id, username, full_name, role, state, language) "
                f"VALUES ({number}, 1, '{name}', '{name.title()}', '{name}', 'active', '')"
            )
        connection.commit()
    yield Jar(database)
    database.close()


@pytest.fixture
def app(jar: Jar, clock: Clock, tmp_path: Path) -> Flask:
    """The application of the small edition."""
    edition = Edition(
        name="branch",
        code="KIT",
        institution="Jamii",
        office="Kitale",
        currency=Currency("KES", 2),
        database=jar.database,
        unit_of_work=jar.unit_of_work,
        blueprints=[make_pages()],
        templates=tmp_path,
        menu=[MenuEntry(N_("Jar"), "jar.show"), MenuEntry(N_("Post"), "jar.new", "jar.post")],
        authenticate=authenticate,
        may=lambda user, permission: user.role == "amina" and permission == "jar.post",
        business_day=lambda: date(2026, 11, 22),
        status_line=lambda: [StatusItem("To send", "nothing", Tone.PLAIN)],
        clock=clock,
    )
    return create_application(edition)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that is not logged in."""
    return app.test_client()


@pytest.fixture
def amina(client: FlaskClient) -> FlaskClient:
    """A browser of somebody who may post."""
    log_in(client, "amina")
    return client


def log_in(client: FlaskClient, username: str, **fields: str) -> str:
    """Log in and give the path that this leads to."""
    form = {"username": username, "password": "correct horse", **fields}
    answer = client.post("/login", data=form)
    assert answer.status_code == 303, answer.text
    return answer.location


def fields_of(client: FlaskClient, path: str) -> dict[str, str]:
    """The hidden fields of the form on a page."""
    text = client.get(path).text
    page = text.partition("<main")[2]
    return {
        name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("csrf_token", "once")
    }
