"""What clients answered, read back: scores, what they mean, every answer."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.rows import get_row
from schema.people import User
from schema.profiles import Survey, SurveyAnswer, SurveyBand, SurveyOption, SurveyQuestion, SurveyResponse


@dataclass(frozen=True, slots=True)
class Result:
    """One answered survey. ``words`` and ``likelihood`` (percent) are those of the score's band."""

    id: int
    client_id: int
    survey: str
    on: date
    by: str
    score: int | None
    words: str
    likelihood: Decimal | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with what was answered; ``points`` None where there are none."""

    question: str
    answer: str
    points: int | None


def results_of(session: Session, client_id: int) -> list[Result]:
    """List the surveys that a client answered, newest first."""
    wanted = select(SurveyResponse).where(SurveyResponse.client_id == client_id)
    rows = session.scalars(wanted.order_by(SurveyResponse.on.desc(), SurveyResponse.id.desc()))
    return [_result(session, row) for row in rows]


def get_result(session: Session, response_id: int) -> Result:
    """Give one answered survey.

    raises   NotFoundError
    """
    return _result(session, get_row(session, SurveyResponse, response_id, "survey"))


def answers_of(session: Session, response_id: int) -> list[Answer]:
    """List every answer of one survey in the order of its questions."""
    rows = session.execute(
        select(SurveyQuestion.text, SurveyAnswer.text, SurveyOption.text, SurveyOption.points)
        .join(SurveyAnswer, SurveyAnswer.question_id == SurveyQuestion.id)
        .outerjoin(SurveyOption, SurveyOption.id == SurveyAnswer.option_id)
        .where(SurveyAnswer.response_id == response_id)
        .order_by(SurveyQuestion.position)
    )
    return [Answer(question, chosen or written, points) for question, written, chosen, points in rows]


def _result(session: Session, row: SurveyResponse) -> Result:
    survey = session.get_one(Survey, row.survey_id)
    user = session.get(User, row.user_id)
    band = None
    if row.score is not None:
        wanted = select(SurveyBand).where(
            SurveyBand.survey_id == row.survey_id, SurveyBand.least <= row.score, SurveyBand.most >= row.score
        )
        band = session.scalars(wanted.limit(1)).first()
    return Result(
        id=row.id,
        client_id=row.client_id,
        survey=survey.name,
        on=row.on,
        by=(user.full_name or user.username) if user is not None else "",
        score=row.score,
        words=band.words if band is not None else "",
        likelihood=band.likelihood if band is not None else None,
    )
