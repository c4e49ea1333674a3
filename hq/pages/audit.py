"""For the auditor: the library of exceptions, samples and letters, the log of who saw what."""

from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.letters import Sender, clients_of, letters_to_pdf, write_letters
from banking.reports import REPORTS
from banking.samples import METHODS, SOURCES, STRATA, Wanted, draw, draw_again, list_samples
from banking.users import log_look
from hq.books import get_office, list_offices
from hq.pages import desk
from hq.samples import made_up_seed
from ledger.errors import N_, RuleError
from web import work
from web.filters import plain_date, show_date
from web.forms import FormError, Typed
from web.guards import requires
from web.languages import LANGUAGES

audit = Blueprint("audit", __name__)

METHOD_WORDS: Final = {
    "random": N_("by chance"),
    "mus": N_("by units of money"),
    "stratified": N_("of each stratum"),
}
SOURCE_WORDS: Final = {
    "entries": N_("journal entries"),
    "loans": N_("loans"),
    "savings": N_("savings accounts"),
    "receipts": N_("receipts"),
}
STRATUM_WORDS: Final = {
    "office": N_("office"),
    "product": N_("product or kind"),
    "amount": N_("size of the amount"),
}


@audit.get("/audit")
@requires("audit.see")
def show() -> ResponseReturnValue:
    """List the exceptions of the library with their counts, of an office and a time."""
    typed = Typed(request.args)
    typed.values.setdefault("as_of", plain_date(desk.today()))
    report, refusal = None, None
    code = typed.text("office", required=False, longest=8)
    start, as_of = _day(typed, "start"), _day(typed, "as_of") or desk.today()
    with work.reading() as session:
        try:
            typed.require()
            office_id = get_office(session, code).id if code else None
            report = REPORTS["audit-exceptions"](session, start=start, as_of=as_of, office_id=office_id)
        except RuleError as error:
            refusal = error
        offices = list_offices(session)
    asked = {
        "office": code,
        "start": plain_date(start) if start else "",
        "as_of": plain_date(as_of),
    }
    page = render_template(
        "audit/show.html",
        typed=typed,
        refusal=refusal,
        report=report,
        counts=report.records("counts") if report else [],
        whys=_whys(),
        offices=offices,
        query={name: value for name, value in asked.items() if value},
    )
    return (page, 422) if refusal else page


def _whys() -> dict[str, str]:
    from banking.reports.audit.library import QUERIES  # noqa: PLC0415 - for this page alone

    return {query.name: query.why for query in QUERIES}


def _day(typed: Typed, name: str) -> date | None:
    return typed.day(name) if typed.values.get(name, "").strip() else None


@audit.get("/access-log")
@requires("audit.see")
def access_log() -> ResponseReturnValue:
    """Lead to the log of who saw, printed and exported what."""
    asked: dict[str, Any] = {**request.args.to_dict(), "name": "access-log"}
    return redirect(url_for("reports.one", **asked))


# --- samples --------------------------------------------------------------------------------------


@audit.get("/samples")
@requires("audit.see")
def samples() -> str:
    """List the samples that were drawn, and ask for the next."""
    return _samples(
        Typed.begin(
            method="random",
            source="loans",
            size="20",
            seed=made_up_seed(),
            as_of=plain_date(desk.today()),
            office="",
            by="office",
        )
    )


def _samples(typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        found = list_samples(session)
        offices = [(one.code, f"{one.code} {one.name}") for one in list_offices(session)]
    return render_template(
        "audit/samples.html",
        typed=typed,
        refusal=refusal,
        samples=found,
        offices=[("", _("all offices")), *offices],
        methods=[(name, _(METHOD_WORDS[name])) for name in METHODS],
        sources=[(name, _(SOURCE_WORDS[name])) for name in SOURCES],
        strata=[(name, _(STRATUM_WORDS[name])) for name in STRATA],
        method_words=METHOD_WORDS,
    )


@audit.post("/samples")
@requires("audit.see")
def draw_one() -> ResponseReturnValue:
    """Draw a sample and keep what is needed to draw it again."""
    typed = Typed(request.form)
    try:
        method = typed.choice("method", list(METHODS))
        source = typed.choice("source", list(SOURCES))
        by = typed.choice("by", list(STRATA))
        size = _size(typed)
        seed = typed.text("seed", longest=100)
        as_of = typed.day("as_of")
        code = typed.text("office", required=False, longest=8)
        typed.require()

        def act(session: Session) -> str:
            office = get_office(session, code).id if code else None
            wanted = Wanted(
                method=method,
                source=source,
                size=size,
                seed=seed,
                as_of=as_of,
                office_id=office,
                by=by,
                equal=bool(typed.values.get("equal")),
            )
            made = draw(session, wanted, work.now(), work.user().id)
            log_look(session, work.now(), work.user().id, "sample.drawn", str(made.row.id))
            return url_for("audit.sample", number=made.row.id)

        return redirect(work.note_once(act)[0])
    except RuleError as refusal:
        return _samples(typed, None if isinstance(refusal, FormError) and typed.errors else refusal), 422


def _size(typed: Typed) -> int:
    text = typed.text("size", longest=5)
    if text and not (text.isascii() and text.isdigit()):
        typed.note("size", BadValueError(field="size", given=text))
        return 0
    return int(text or 0)


@audit.get("/samples/<int:number>")
@requires("audit.see")
def sample(number: int) -> str:
    """Show a sample, drawn again."""
    with work.reading() as session:
        found = draw_again(session, number)
    return render_template(
        "audit/sample.html",
        sample=found,
        with_clients=any(one.client for one in found.drawn),
        method_words=METHOD_WORDS,
        source_words=SOURCE_WORDS,
    )


# --- letters --------------------------------------------------------------------------------------


@audit.get("/samples/<int:number>/letters")
@requires("audit.see")
def letters_of_sample(number: int) -> Response:
    """Print letters to the clients of a sample: the balances at its day, to be confirmed."""
    with work.reading() as session:
        found = draw_again(session, number)
    clients = [one.client for one in found.drawn if one.client]
    return _letters(clients, found.wanted.as_of, f"S{number}")


@audit.get("/letters")
@requires("audit.see")
def letters() -> str:
    """Ask for the group or center whose clients get letters."""
    typed = Typed.begin(group=request.args.get("group", ""), as_of=plain_date(desk.today()))
    return render_template("audit/letters.html", typed=typed, refusal=None)


@audit.get("/letters/paper")
@requires("audit.see")
def letters_of_group() -> ResponseReturnValue:
    """Print letters to the clients of a group or center."""
    typed = Typed(request.args)
    try:
        group = typed.text("group", longest=40)
        as_of = typed.day("as_of")
        typed.require()
        with work.reading() as session:
            clients = clients_of(session, group)
        return _letters(clients, as_of, group)
    except RuleError as refusal:
        return render_template("audit/letters.html", typed=typed, refusal=refusal), 422


def _letters(clients: list[str], as_of: date, series: str) -> Response:
    user, place = work.user(), desk.installation().place
    with work.reading() as session:
        found = write_letters(session, clients, as_of, series)
    sender = Sender(
        place.institution,
        place.currency,
        place.digits,
        work.now(),
        user.full_name or user.username,
        lambda day: show_date(date.fromisoformat(day)),
    )
    document = letters_to_pdf(found, sender, _say)
    codes = f"{found[0].code} … {found[-1].code}" if found else ""
    with work.edition().database.writing() as session:
        log_look(session, work.now(), user.id, "letters.printed", f"{series} {len(found)} {codes}")
    answer = Response(document, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="letters-{series}.pdf"'
    return answer


def _say(language: str, words: str) -> str:
    """Give our words in a language of the offices."""
    known = LANGUAGES.get(language)
    if known is None:
        return str(_(words))
    with force_locale(known.locale):
        return str(_(words))
