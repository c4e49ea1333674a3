"""Acts on surveys: headquarters defines them, branches ask them."""

from typing import Final

from sqlalchemy.orm import Session

from banking import surveys
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.errors import BadValueError
from banking.reasons import Reasons
from banking.survey_results import get_result
from ledger.errors import NotFoundError
from schema.base import plain_decimal

_CODE: Final = Field("code", readers.text, "its code", required=True)


def _define(session: Session, values: Values) -> Result:
    questions = [
        surveys.NewQuestion(
            text=row.one("text", str),
            kind=row.text("kind") or surveys.CHOICE,
            required=int(row.get("required", 1) == 1),
            options=tuple(
                (option.one("text", str), option.maybe("points", int) or 0)
                for option in row.many("option", Values)
            ),
        )
        for row in values.many("question", Values)
    ]
    bands = [
        surveys.NewBand(
            row.one("least", int), row.one("most", int), row.one("words", str), row.decimal("likelihood")
        )
        for row in values.many("band", Values)
    ]
    row = surveys.define_survey(
        session,
        code=values.one("code", str),
        version=values.maybe("version", int) or 1,
        name=values.one("name", str),
        questions=questions,
        bands=bands,
    )
    return {"survey": row.code, "version": row.version, "questions": len(questions)}


def _retire(session: Session, values: Values) -> Result:
    row = surveys.retire_survey(session, values.one("code", str))
    return {"survey": row.code, "version": row.version}


def _answer(session: Session, values: Values) -> Result:
    code = values.one("code", str)
    survey = next((one for one in surveys.list_surveys(session) if one.code == code), None)
    if survey is None:
        raise NotFoundError(kind="survey", key=code)
    asked = {one.question.position: one.question.id for one in surveys.survey_sheet(session, survey.id).asked}
    answers: dict[int, str] = {}
    reasons = Reasons()
    for row in values.many("answer", Values):
        place = row.one("question", int)
        if place not in asked or asked[place] in answers:
            reasons.add(f"question {place}", BadValueError(field="question", given=place))
        else:
            answers[asked[place]] = row.one("given", str)
    reasons.refuse()
    response = surveys.answer_survey(session, values.id("client"), survey.id, answers)
    result = get_result(session, response.id)
    return {
        "response": result.id,
        "on": result.on.isoformat(),
        "score": result.score,
        "means": result.words,
        "likelihood": None if result.likelihood is None else plain_decimal(result.likelihood),
    }


ACTS: Final = (
    Act(
        "survey.define",
        "reference.write",
        (Place.HQ,),
        "Define a survey, with points a scorecard; a higher version takes the place of the one before.",
        (
            _CODE,
            Field("version", readers.count, "its version; default: 1"),
            Field("name", readers.text, "its name", required=True),
            Field(
                "question",
                None,
                "what is asked, in order",
                required=True,
                rows=(
                    Field("text", readers.text, "the question", required=True),
                    Field("kind", readers.choice(*surveys.KINDS), "how it is answered; default: choice"),
                    Field("required", readers.flag, "whether it must be answered; default: yes"),
                    Field(
                        "option",
                        None,
                        "the answers of a choice, in order",
                        rows=(
                            Field("text", readers.text, "the answer", required=True),
                            Field("points", readers.count, "points that it gives; default: 0"),
                        ),
                    ),
                ),
            ),
            Field(
                "band",
                None,
                "what scores mean; together they hold every score",
                rows=(
                    Field("least", readers.count, "lowest score", required=True),
                    Field("most", readers.count, "highest score", required=True),
                    Field("words", readers.text, "what it means", required=True),
                    Field("likelihood", readers.decimal, "likelihood in percent"),
                ),
            ),
        ),
        _define,
    ),
    Act(
        "survey.retire",
        "reference.write",
        (Place.HQ,),
        "Ask a survey no longer; its answers stay readable.",
        (_CODE,),
        _retire,
    ),
    Act(
        "survey.answer",
        "clients.write",
        (Place.BRANCH,),
        "Keep what a client answered on the open day; tells the score and what it means.",
        (
            Field("client", readers.client, "number of the client", required=True),
            Field("code", readers.text, "code of the survey", required=True),
            Field(
                "answer",
                None,
                "the answers",
                required=True,
                rows=(
                    Field("question", readers.count, "place of the question, from 1", required=True),
                    Field("given", readers.text, "number of the answer, or what was said", required=True),
                ),
            ),
        ),
        _answer,
    ),
)
