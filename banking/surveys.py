"""Questionnaires of headquarters that clients answer; with points they are scorecards of anybody's making."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.profile_errors import (
    AnswerError,
    AnswerNeededError,
    AnswerValueError,
    SurveyShapeError,
    SurveyTakenError,
)
from banking.reasons import Reasons
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean, require
from ledger.errors import NotFoundError, RuleError
from schema.people import Client
from schema.profiles import (
    Survey,
    SurveyAnswer,
    SurveyBand,
    SurveyOption,
    SurveyQuestion,
    SurveyResponse,
)
from schema.writing import act, insert, update

CHOICE, NUMBER, TEXT, DATE = "choice", "number", "text", "date"
KINDS: Final = (CHOICE, NUMBER, TEXT, DATE)
LEAST_OPTIONS, MOST_OPTIONS = 2, 20
MOST_QUESTIONS: Final = 60
_HUNDRED: Final = Decimal(100)
_LONGEST_NUMBER: Final = 15


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question as headquarters writes it; ``options`` are (text, points) of a choice."""

    text: str
    kind: str = CHOICE
    required: int = 1
    options: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class NewBand:
    """What scores from ``least`` to ``most`` mean; ``likelihood`` in percent."""

    least: int
    most: int
    words: str
    likelihood: Decimal | None = None


# --- headquarters --------------------------------------------------------------------------------


def define_survey(
    session: Session,
    *,
    code: str,
    version: int,
    name: str,
    questions: Sequence[NewQuestion],
    bands: Sequence[NewBand] = (),
) -> Survey:
    """Write a survey; it takes the place of earlier versions, whose answers stay readable.

    raises   SurveyTakenError, SurveyShapeError, MissingError, BadValueError
    """
    called = require(code, "code", 32)
    earlier = list(session.scalars(select(Survey).where(Survey.code == called)))
    if any(row.version >= version for row in earlier):
        raise SurveyTakenError(code=called, version=version)
    _check_questions(questions)
    _check_bands(bands, questions)
    for row in earlier:
        update(session, row, active=0)
    survey = Survey(code=called, version=version, name=require(name, "name"))
    insert(session, survey)
    for place, question in enumerate(questions, 1):
        asked = SurveyQuestion(
            survey_id=survey.id,
            position=place,
            text=require(question.text, "text", LONGEST_NOTE),
            kind=question.kind,
            required=question.required,
        )
        insert(session, asked)
        options = [
            SurveyOption(question_id=asked.id, position=number, text=require(text, "text"), points=points)
            for number, (text, points) in enumerate(question.options, 1)
        ]
        insert(session, *options)
    insert(
        session,
        *(
            SurveyBand(
                survey_id=survey.id,
                least=band.least,
                most=band.most,
                words=require(band.words, "words"),
                likelihood=band.likelihood,
            )
            for band in bands
        ),
    )
    return survey


def retire_survey(session: Session, code: str) -> Survey:
    """Ask a survey no longer; its answers stay readable.

    raises   NotFoundError
    """
    wanted = select(Survey).where(Survey.code == code.strip(), Survey.active == 1)
    row = session.scalars(wanted.order_by(Survey.version.desc()).limit(1)).first()
    if row is None:
        raise NotFoundError(kind="survey", key=code)
    update(session, row, active=0)
    return row


def _check_questions(questions: Sequence[NewQuestion]) -> None:
    if not 1 <= len(questions) <= MOST_QUESTIONS:
        raise SurveyShapeError(
            reason=f"it has {len(questions)} questions, and 1 to {MOST_QUESTIONS} are taken"
        )
    for place, question in enumerate(questions, 1):
        if question.kind not in KINDS:
            raise BadValueError(field=f"question {place}", given=question.kind)
        count = len(question.options)
        if question.kind != CHOICE and count:
            raise SurveyShapeError(reason=f"question {place} is no choice and has answers to choose from")
        if question.kind == CHOICE and not LEAST_OPTIONS <= count <= MOST_OPTIONS:
            wanted = f"{LEAST_OPTIONS} to {MOST_OPTIONS}"
            raise SurveyShapeError(reason=f"question {place} has {count} answers; {wanted} are taken")


def _check_bands(bands: Sequence[NewBand], questions: Sequence[NewQuestion]) -> None:
    """Every score that can come out lies in exactly one band, where there are any."""
    if not bands:
        return
    points = [[points for _, points in one.options] for one in questions if one.kind == CHOICE]
    optional = [one.required == 0 for one in questions if one.kind == CHOICE]
    least = sum(min(*some, 0) if free else min(some) for some, free in zip(points, optional, strict=True))
    most = sum(max(*some, 0) if free else max(some) for some, free in zip(points, optional, strict=True))
    expected = min(band.least for band in bands)
    for band in sorted(bands, key=lambda one: one.least):
        if band.least != expected or band.most < band.least:
            raise SurveyShapeError(reason=f"its bands leave a gap or overlap at {band.least}")
        if band.likelihood is not None and not 0 <= band.likelihood <= _HUNDRED:
            raise BadValueError(field="likelihood", given=band.likelihood)
        expected = band.most + 1
    if min(band.least for band in bands) > least or expected - 1 < most:
        raise SurveyShapeError(reason=f"scores run from {least} to {most}; the bands do not hold all")


# --- at the branch -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the answers that may be chosen."""

    question: SurveyQuestion
    options: list[SurveyOption]


@dataclass(frozen=True, slots=True)
class SurveySheet:
    """A survey as it is asked."""

    survey: Survey
    asked: list[Asked]
    bands: list[SurveyBand]


def list_surveys(session: Session) -> list[Survey]:
    """List the surveys that are asked, by name."""
    return list(session.scalars(select(Survey).where(Survey.active == 1).order_by(Survey.name, Survey.id)))


def survey_sheet(session: Session, survey_id: int) -> SurveySheet:
    """Give a survey with everything it asks.

    raises   NotFoundError
    """
    survey = get_row(session, Survey, survey_id, "survey")
    wanted = select(SurveyQuestion).where(SurveyQuestion.survey_id == survey_id)
    questions = list(session.scalars(wanted.order_by(SurveyQuestion.position)))
    choices: dict[int, list[SurveyOption]] = {question.id: [] for question in questions}
    options = select(SurveyOption).where(SurveyOption.question_id.in_(choices))
    for option in session.scalars(options.order_by(SurveyOption.position)):
        choices[option.question_id].append(option)
    bands = select(SurveyBand).where(SurveyBand.survey_id == survey_id).order_by(SurveyBand.least)
    return SurveySheet(
        survey,
        [Asked(question, choices[question.id]) for question in questions],
        list(session.scalars(bands)),
    )


def answer_survey(
    session: Session, client_id: int, survey_id: int, answers: Mapping[int, str]
) -> SurveyResponse:
    """Keep what a client answered on the open day.

    answers  question id to what was typed: of a choice the number of the answer, 1 the first
    raises   FieldsError with a reason for each question, named by its place; NotFoundError
    """
    get_row(session, Client, client_id, "client")
    sheet = survey_sheet(session, survey_id)
    if not sheet.survey.active:
        raise NotFoundError(kind="survey", key=sheet.survey.code)
    reasons = Reasons()
    read: list[tuple[SurveyQuestion, SurveyOption | None, str]] = []
    for one in sheet.asked:
        try:
            option, text = check_answer(one, answers.get(one.question.id, ""))
        except RuleError as refusal:
            reasons.add(f"question {one.question.position}", refusal)
        else:
            if option is not None or text:
                read.append((one.question, option, text))
    reasons.refuse()
    current = act(session)
    response = SurveyResponse(
        survey_id=survey_id,
        client_id=client_id,
        on=current.business_date,
        user_id=current.actor_id,
        score=_score(sheet, [option for _, option, _ in read if option is not None]),
    )
    insert(session, response)
    insert(
        session,
        *(
            SurveyAnswer(
                response_id=response.id,
                question_id=question.id,
                option_id=None if option is None else option.id,
                text=text,
            )
            for question, option, text in read
        ),
    )
    return response


def check_answer(asked: Asked, typed: str) -> tuple[SurveyOption | None, str]:
    """Give the option that was chosen or the text that was written; neither where nothing was answered.

    raises   AnswerNeededError, AnswerError, AnswerValueError; TextTooLongError, TextNotAllowedError
    """
    text = clean(typed, "answer", LONGEST_NOTE)
    if not text:
        if asked.question.required:
            raise AnswerNeededError
        return None, ""
    if asked.question.kind == CHOICE:
        number = int(text) if text.isdecimal() and len(text) <= len(str(MOST_OPTIONS)) else 0
        if not 1 <= number <= len(asked.options):
            raise AnswerError(most=len(asked.options))
        return asked.options[number - 1], ""
    if asked.question.kind == NUMBER and not _is_number(text):
        raise AnswerValueError(given=text[:40])
    if asked.question.kind == DATE and not _is_date(text):
        raise AnswerValueError(given=text[:40])
    return None, text


def _is_number(text: str) -> bool:
    bare = text.replace(".", "", 1).removeprefix("-")
    return bare.isascii() and bare.isdigit() and len(bare) <= _LONGEST_NUMBER


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _score(sheet: SurveySheet, chosen: Sequence[SurveyOption]) -> int | None:
    has_points = bool(sheet.bands) or any(option.points for one in sheet.asked for option in one.options)
    return sum(option.points for option in chosen) if has_points else None
