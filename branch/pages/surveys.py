"""Surveys: asked with digits, shown with score and meaning."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking import surveys as asking
from banking.counter import full_name
from banking.rows import get_row
from banking.survey_results import answers_of, get_result, results_of
from branch.pages import looking
from ledger.errors import RuleError
from schema.people import Client
from web import work
from web.filters import told
from web.forms import Typed
from web.guards import requires

surveys = Blueprint("surveys", __name__)

QUESTION = "q"
"""What the names of the fields begin with; the question's place follows."""


@surveys.get("/clients/<int:client_id>/surveys")
@requires("clients.see_private")
def choose(client_id: int) -> str:
    """List what may be asked, and what was answered before."""
    with work.reading() as session:
        client = get_row(session, Client, client_id, "client")
        return render_template(
            "surveys/choose.html",
            client=client,
            name=full_name(client),
            surveys=asking.list_surveys(session),
            results=results_of(session, client_id),
        )


@surveys.get("/clients/<int:client_id>/surveys/<int:survey_id>")
@requires("clients.write")
def new(client_id: int, survey_id: int) -> str:
    """Ask a survey."""
    return _page(client_id, survey_id, Typed.begin())


@surveys.post("/clients/<int:client_id>/surveys/<int:survey_id>")
@requires("clients.write")
def create(client_id: int, survey_id: int) -> ResponseReturnValue:
    """Keep what a client answered."""
    typed = Typed(request.form)
    try:
        with work.reading() as session:
            sheet = asking.survey_sheet(session, survey_id)
        answers = {one.question.id: _read(typed, one) for one in sheet.asked}
        typed.require()

        def keep(session: Session) -> str:
            response = asking.answer_survey(session, client_id, survey_id, answers)
            return url_for("surveys.show", response_id=response.id)

        return work.post_once("client.survey", keep)
    except RuleError as refusal:
        return _page(client_id, survey_id, typed, refusal), 422


def _read(typed: Typed, asked: asking.Asked) -> str:
    name = f"{QUESTION}{asked.question.position}"
    text = typed.text(name, required=bool(asked.question.required), longest=500)
    if not text or name in typed.errors:
        return ""
    if asked.question.kind == asking.DATE:
        day = typed.day(name)
        return "" if name in typed.errors else day.isoformat()
    try:
        asking.check_answer(asked, text)
    except RuleError as refusal:
        typed.errors[name] = told(refusal)
    return text


@surveys.get("/surveys/<int:response_id>")
@requires("clients.see_private")
def show(response_id: int) -> str:
    """Show an answered survey with its score and what that means."""
    with work.reading() as session:
        result = get_result(session, response_id)
        client = get_row(session, Client, result.client_id, "client")
        answers = answers_of(session, response_id)
    looking.note_look("client.survey.seen", client.number)
    return render_template(
        "surveys/show.html", client=client, name=full_name(client), result=result, answers=answers
    )


def _page(client_id: int, survey_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        client = get_row(session, Client, client_id, "client")
        sheet = asking.survey_sheet(session, survey_id)
    return render_template(
        "surveys/new.html",
        client=client,
        name=full_name(client),
        sheet=sheet,
        prefix=QUESTION,
        typed=typed,
        refusal=refusal,
    )
