"""Pages of those who log in, the same in both editions: the list, one of them, oneself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol, cast

from flask import Blueprint, abort, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ledger.errors import N_, RuleError
from schema.people import User
from web import work
from web.forms import Typed
from web.guards import requires
from web.languages import LANGUAGES, office_language
from web.sessions import IDLE_CHOICES, idle_limit, set_idle_limit

SERVICE: Final = "satchel.users"
"""Where the application keeps what ``Users`` describes (``banking.users``): the kit knows no bank."""

ORDERS: Final = "satchel.user_orders"
"""Where the application keeps what gives the orders of headquarters about its users, by the user's id."""

ROLES: Final[Mapping[str, str]] = {
    "admin": N_("administrator"),
    "manager": N_("manager"),
    "clerk": N_("clerk"),
    "officer": N_("loan officer"),
    "cashier": N_("cashier"),
    "accountant": N_("accountant"),
    "auditor": N_("auditor"),
}


class PasswordsDifferError(RuleError):
    """No facts."""

    code = "PASSWORDS_DIFFER"
    message = N_("The two passwords are not the same. Type both again.")


class Users(Protocol):
    """What these pages ask of whoever keeps the users; every refusal is a RuleError."""

    def list_log_ins(self, session: Session) -> Sequence[tuple[User, datetime | None]]:
        """List who logs in here, and until when a name is locked."""

    def create_user(self, session: Session, username: str, full_name: str, role: str, password: str) -> User:
        """Give somebody a log-in."""

    def set_role(self, session: Session, user_id: int, role: str) -> User:
        """Give somebody another role."""

    def set_password(self, session: Session, user_id: int, password: str, *, goes_on: bytes = b"") -> None:
        """Set a password; end a lock-out, and every log-in but the one that goes on."""

    def set_language(self, session: Session, user_id: int, language: str) -> User:
        """Choose the language of somebody's pages."""

    def disable(self, session: Session, user_id: int) -> User:
        """End somebody's log-in."""

    def enable(self, session: Session, user_id: int) -> User:
        """Let somebody log in again."""


people = Blueprint("people", __name__)


def _users() -> Users:
    return cast("Users", current_app.extensions[SERVICE])


def _ordered(session: Session) -> Mapping[int, Sequence[Any]]:
    find = cast("Callable[[Session], Mapping[int, Sequence[Any]]]", current_app.extensions[ORDERS])
    return find(session)


@people.get("/people")
def show() -> ResponseReturnValue:
    """List who logs in here; who may not see them comes to the own page."""
    if not work.may("users.write"):
        return work.lead_to("people.own")
    with work.reading() as session:
        rows = _users().list_log_ins(session)
        ordered = _ordered(session)
    database = work.edition().database
    return render_template(
        "people/show.html",
        rows=rows,
        ordered=ordered,
        roles=ROLES,
        letters="abcdefghijklmopqrstuvwxyz",  # n is for a new one
        now=work.now(),
        minutes=int(idle_limit(database).total_seconds()) // 60,
    )


@people.get("/people/new")
@requires("users.write")
def new() -> str:
    """Ask who is to log in."""
    return _new_page(Typed.begin())


@people.post("/people/new")
@requires("users.write")
def create() -> ResponseReturnValue:
    """Give somebody a log-in."""
    typed = Typed(request.form)
    try:
        username, full_name = typed.text("username"), typed.text("full_name")
        role = typed.choice("role", ROLES)
        password = _read_password(typed)
        typed.require()

        def act(session: Session) -> str:
            user = _users().create_user(session, username, full_name, role, password)
            return url_for("people.one", user_id=user.id)

        return work.post_once("user.create", act)
    except RuleError as refusal:
        return _new_page(typed, refusal), 422


@people.get("/people/<int:user_id>")
@requires("users.write")
def one(user_id: int) -> str:
    """Show one of them, with what can be changed."""
    return _one_page(user_id, Typed.begin())


@people.post("/people/<int:user_id>")
@requires("users.write")
def change(user_id: int) -> ResponseReturnValue:
    """Change a role, set a password, end a log-in or let somebody in again."""
    typed = Typed(request.form)
    users = _users()
    try:
        step = typed.choice("step", ("role", "password", "disable", "enable"))
        role = typed.choice("role", ROLES) if step == "role" else ""
        password = _read_password(typed) if step == "password" else ""
        typed.require()

        def act(session: Session) -> str:
            if step == "role":
                users.set_role(session, user_id, role)
            elif step == "password":
                own = work.log_in() if user_id == work.user().id else b""
                users.set_password(session, user_id, password, goes_on=own)
            elif step == "disable":
                users.disable(session, user_id)
            else:
                users.enable(session, user_id)
            return url_for("people.one", user_id=user_id)

        answer = work.post_once(f"user.{'reset' if step == 'password' else step}", act)
    except RuleError as refusal:
        return _one_page(user_id, typed, refusal), 422
    flash(_("Done: it counts from now on."))
    return answer


@people.post("/people/idle")
@requires("users.write")
def set_idle() -> ResponseReturnValue:
    """Set after how long without a key the program asks for the password again."""
    typed = Typed(request.form)
    minutes = typed.choice("minutes", [str(choice) for choice in IDLE_CHOICES])
    if minutes:
        set_idle_limit(work.edition().database, int(minutes))
        flash(_("Done: it counts from now on."))
    return work.lead_to("people.idle")


@people.get("/people/idle")
@requires("users.write")
def idle() -> str:
    """Ask after how long without a key a log-in ends."""
    now = int(idle_limit(work.edition().database).total_seconds()) // 60
    return render_template("people/idle.html", typed=Typed.begin(minutes=str(now)), choices=IDLE_CHOICES)


@people.get("/me")
def own() -> str:
    """Show oneself: the language of the pages, and the password."""
    return _own_page(Typed.begin(language=work.user().language))


@people.post("/me")
def change_own() -> ResponseReturnValue:
    """Choose a language or set another password; the old one is asked for."""
    typed = Typed(request.form)
    me, users = work.user(), _users()
    try:
        step = typed.choice("step", ("language", "password"))
        language = typed.choice("language", ("", *LANGUAGES)) if step == "language" else ""
        password = _read_own_password(typed, me) if step == "password" else ""
        typed.require()

        def act(session: Session) -> str:
            if step == "language":
                users.set_language(session, me.id, language)
            else:
                users.set_password(session, me.id, password, goes_on=work.log_in())
            return url_for("people.own")

        answer = work.post_once(f"user.{step}", act)
    except RuleError as refusal:
        return _own_page(typed, refusal), 422
    with force_locale(LANGUAGES[language or office_language()].locale):
        flash(_("Done: it counts from now on."))
    return answer


def _read_password(typed: Typed) -> str:
    """Read a new password, typed twice."""
    password, again = typed.secret("password"), typed.secret("again")
    if not typed.errors and password != again:
        typed.note("again", PasswordsDifferError())
    return password


def _read_own_password(typed: Typed, me: User) -> str:
    old, password = typed.secret("old"), _read_password(typed)
    if not typed.errors:
        try:
            work.edition().authenticate(me.username, old, work.now())
        except RuleError as refusal:
            typed.note("old", refusal)
    return password


def _new_page(typed: Typed, refusal: RuleError | None = None) -> str:
    return render_template("people/new.html", typed=typed, refusal=refusal, roles=_role_options())


def _role_options() -> list[tuple[str, str]]:
    return [(code, _(words)) for code, words in ROLES.items()]


def _one_page(user_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        found = [row for row in _users().list_log_ins(session) if row[0].id == user_id]
        orders = _ordered(session).get(user_id, ())
    user, locked_until = found[0] if found else abort(404)
    typed.values.setdefault("role", user.role)
    return render_template(
        "people/one.html",
        person=user,
        orders=orders,
        locked_until=locked_until if locked_until and locked_until > work.now() else None,
        typed=typed,
        refusal=refusal,
        roles=ROLES,
        options=_role_options(),
    )


def _own_page(typed: Typed, refusal: RuleError | None = None) -> str:
    typed.values.setdefault("language", work.user().language)
    options = [("", _("the office's language")), *((code, one.name) for code, one in LANGUAGES.items())]
    return render_template("people/own.html", typed=typed, refusal=refusal, languages=options, roles=ROLES)
