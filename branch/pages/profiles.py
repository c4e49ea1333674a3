"""What is known of a client beside the accounts: timeline, family, papers; and opening a savings account."""

from datetime import date

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking import profiles as known
from banking.counter import full_name
from banking.rows import get_row
from banking.savings_opening import OwnTerms, open_within_limits
from banking.savings_products import list_savings_products
from banking.savings_terms import WITH_TERM
from banking.timelines import page_of
from branch.pages import desk, looking, profile_words
from branch.pages.client_forms import read_birth
from ledger.errors import RuleError
from schema.people import Client
from schema.profiles import CustomField
from web import work
from web.forms import Typed
from web.guards import requires

profiles = Blueprint("profiles", __name__)

LONGEST_TERM = 5
"""Digits of a term in days."""


@profiles.app_template_global("masked")
def _masked(text: str) -> str:
    return known.masked(text)


@profiles.app_template_global("iso_date")
def _iso_date(text: str) -> date:
    return date.fromisoformat(text)


@profiles.app_template_global("relation_word")
def _relation_word(relation: str) -> str:
    return str(_(profile_words.RELATIONS.get(relation, relation)))


@profiles.app_template_global("gender_word")
def _gender_word(gender: str) -> str:
    return str(_(profile_words.GENDERS[gender])) if gender else ""


@profiles.app_template_global("choices_of")
def _choices_of(field: CustomField) -> list[tuple[str, str]]:
    return [(one, one) for one in field.choices.split("\n")]


@profiles.app_context_processor
def _words() -> dict[str, object]:
    return {
        "likenesses": profile_words.LIKENESSES,
        "events_words": profile_words.EVENTS,
        "marks": profile_words.MARKS,
        "pictures": profile_words.PICTURES,
    }


def who(session: Session, client_id: int) -> Client:
    """Give the client that a page is about; raises NotFoundError."""
    return get_row(session, Client, client_id, "client")


# --- timeline --------------------------------------------------------------------------------------


@profiles.get("/clients/<int:client_id>/timeline")
@requires("clients.see")
def timeline(client_id: int) -> str:
    """Show what happened with a client, newest first."""
    page = request.args.get("page", 1, int)
    page = page if 1 <= page <= 10_000 else 1  # noqa: PLR2004 - more pages than anybody turns
    with work.reading() as session:
        client = who(session, client_id)
        events, has_more = page_of(session, client_id, page)
    looking.note_look("client.timeline.seen", client.number)
    return render_template(
        "profiles/timeline.html",
        client=client,
        name=full_name(client),
        events=events,
        page=page,
        older=page + 1 if has_more else None,
        newer=page - 1,
    )


# --- family ----------------------------------------------------------------------------------------


@profiles.get("/clients/<int:client_id>/family")
@requires("clients.write")
def family(client_id: int) -> str:
    """Show the family and ask for one more."""
    return _family(client_id, Typed.begin(relation=known.RELATIONS[0]))


@profiles.post("/clients/<int:client_id>/family")
@requires("clients.write")
def add_relative(client_id: int) -> ResponseReturnValue:
    """Write down somebody of the family."""
    typed = Typed(request.form)
    try:
        name = typed.text("name", longest=120)
        relation = typed.choice("relation", known.RELATIONS)
        born_on = read_birth(typed, "born")
        phone = typed.text("phone", required=False, longest=40)
        dependant = typed.choice("dependant", ("", "1")) if typed.values.get("dependant") else ""
        note = typed.text("note", required=False)
        typed.require()

        def add(session: Session) -> str:
            known.add_relative(
                session,
                client_id,
                name=name,
                relation=relation,
                born_on=born_on,
                phone=phone,
                dependant=int(bool(dependant)),
                note=note,
            )
            return url_for("profiles.family", client_id=client_id)

        return work.post_once("client.family", add)
    except RuleError as refusal:
        return _family(client_id, typed, refusal), 422


@profiles.post("/relatives/<int:relative_id>/remove")
@requires("clients.write")
def remove_relative(relative_id: int) -> ResponseReturnValue:
    """Take somebody off the family."""

    def remove(session: Session) -> str:
        row = known.remove_relative(session, relative_id)
        return url_for("profiles.family", client_id=row.client_id)

    return work.post_once("client.family", remove)


def _family(client_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        client = who(session, client_id)
        rows = known.list_family(session, client_id)
    return render_template(
        "profiles/family.html",
        client=client,
        name=full_name(client),
        rows=rows,
        typed=typed,
        refusal=refusal,
        options=[(one, _(profile_words.RELATIONS[one])) for one in known.RELATIONS],
    )


# --- papers ----------------------------------------------------------------------------------------


@profiles.get("/clients/<int:client_id>/papers")
@requires("clients.see_private")
def papers(client_id: int) -> str:
    """Show the identity documents and ask for one more."""
    return _papers(client_id, Typed.begin())


@profiles.post("/clients/<int:client_id>/papers")
@requires("clients.write")
def add_paper(client_id: int) -> ResponseReturnValue:
    """Write down an identity document."""
    typed = Typed(request.form)
    try:
        kind = typed.text("kind", longest=60)
        number = typed.text("number", longest=60)
        expires_on = typed.day("expires_on") if typed.values.get("expires_on") else None
        issued_on = typed.day("issued_on") if typed.values.get("issued_on") else None
        issued_by = typed.text("issued_by", required=False, longest=120)
        if issued_on is not None and "issued_on" not in typed.errors:
            if issued_on > desk.today():
                typed.errors["issued_on"] = _("This day has not come yet.")
            elif expires_on is not None and "expires_on" not in typed.errors and expires_on < issued_on:
                typed.errors["expires_on"] = _("It cannot expire before it was issued.")
        typed.require()

        def add(session: Session) -> str:
            known.add_document(
                session,
                client_id,
                kind=kind,
                number=number,
                issued_on=issued_on,
                expires_on=expires_on,
                issued_by=issued_by,
            )
            return url_for("profiles.papers", client_id=client_id)

        return work.post_once("client.document", add)
    except RuleError as refusal:
        return _papers(client_id, typed, refusal), 422


@profiles.post("/papers/<int:document_id>/remove")
@requires("clients.write")
def remove_paper(document_id: int) -> ResponseReturnValue:
    """Take an identity document out of use."""

    def remove(session: Session) -> str:
        row = known.remove_document(session, document_id)
        return url_for("profiles.papers", client_id=row.client_id)

    return work.post_once("client.document", remove)


def _papers(client_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        client = who(session, client_id)
        rows = known.list_papers(session, client_id, desk.today())
    return render_template(
        "profiles/papers.html", client=client, name=full_name(client), rows=rows, typed=typed, refusal=refusal
    )


# --- savings ---------------------------------------------------------------------------------------


@profiles.get("/clients/<int:client_id>/savings/new")
@requires("clients.write")
def new_savings(client_id: int) -> str:
    """Ask which savings account is to be opened."""
    with work.reading() as session:
        products = list_savings_products(session)
    return _savings(client_id, Typed.begin(product=str(products[0].id) if products else ""))


@profiles.post("/clients/<int:client_id>/savings/new")
@requires("clients.write")
def open_savings(client_id: int) -> ResponseReturnValue:
    """Open a savings account for a client."""
    typed = Typed(request.form)
    try:
        open_day = desk.require_open_day()
        with work.reading() as session:
            products = list_savings_products(session)
        product = typed.choice("product", [str(one.id) for one in products])
        days = typed.text("term_days", required=False, longest=LONGEST_TERM)
        if days and not (days.isascii() and days.isdigit() and int(days)):
            typed.errors["term_days"] = _("Type a number of days.")
        expected = typed.amount("expected", required=False)
        typed.require()
        own = OwnTerms(term_days=int(days) if days else None, expected_deposit=expected or None)

        def post(session: Session) -> str:
            account = open_within_limits(
                session, client_id=client_id, product_id=int(product), opened_on=open_day, own=own
            )
            return url_for("savings.show", savings_id=account.id)

        return work.post_once("savings.open", post)
    except RuleError as refusal:
        return _savings(client_id, typed, refusal), 422


def _savings(client_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        client = who(session, client_id)
        products = list_savings_products(session)
    return render_template(
        "profiles/savings.html",
        client=client,
        name=full_name(client),
        products=products,
        options=[(str(product.id), product.name) for product in products],
        has_terms=any(product.kind in WITH_TERM for product in products),
        typed=typed,
        refusal=refusal,
    )
