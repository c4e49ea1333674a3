"""Surveys: defined, asked, scored. The scorecard of these tests is made up."""

from decimal import Decimal

import pytest

from banking import clients, surveys
from banking.reasons import FieldsError
from banking.survey_results import answers_of, get_result, results_of
from banking.surveys import NewBand, NewQuestion
from banking.users import create_user
from ledger.errors import NotFoundError, RuleError
from tests.support.books import Books

QUESTIONS = (
    NewQuestion("How many rooms has the house?", options=(("One", 0), ("Two", 4), ("More", 9))),
    NewQuestion("What is the roof made of?", options=(("Grass", 0), ("Iron", 6))),
    NewQuestion("How many live there?", kind="number", required=0),
    NewQuestion("Since when?", kind="date", required=0),
    NewQuestion("What else?", kind="text", required=0),
)
BANDS = (NewBand(0, 5, "very likely poor", Decimal("71.5")), NewBand(6, 15, "less likely poor", Decimal(20)))


def define(books: Books, version: int = 1) -> int:
    with books.hq_work() as session:
        return surveys.define_survey(
            session, code="HOME", version=version, name="The house", questions=QUESTIONS, bands=BANDS
        ).id


def a_client(books: Books) -> int:
    """Register a client; from now on somebody is at the keyboard."""
    with books.work() as session:
        client = clients.register_client(session, name="Amina").id
        books.actor_id = create_user(session, "clara", "Clara", "clerk", "a password").id
    return client


def ids(books: Books, survey_id: int) -> list[int]:
    with books.look() as session:
        return [one.question.id for one in surveys.survey_sheet(session, survey_id).asked]


def test_a_scorecard_is_asked_and_scored(any_books: Books) -> None:
    """The points of the chosen answers, the band they lie in, every answer readable."""
    books = any_books
    survey = define(books)
    rooms, roof, people, since, _ = ids(books, survey)
    client = a_client(books)
    with books.work() as session:
        answers = {rooms: "2", roof: "2", people: "7", since: "2020-01-31"}
        response = surveys.answer_survey(session, client, survey, answers).id
    with books.look() as session:
        result = get_result(session, response)
        assert (result.score, result.words, result.likelihood) == (10, "less likely poor", Decimal(20))
        assert (result.survey, result.on) == ("The house", books.today)
        assert [(one.answer, one.points) for one in answers_of(session, response)] == [
            ("Two", 4),
            ("Iron", 6),
            ("7", None),
            ("2020-01-31", None),
        ]
        assert [one.id for one in results_of(session, client)] == [response]


def test_a_new_version_takes_the_place_of_the_old_one(books: Books) -> None:
    """The old one is asked no longer, and what was answered stays."""
    old = define(books)
    client = a_client(books)
    with books.work() as session:
        questions = [one.question.id for one in surveys.survey_sheet(session, old).asked]
        surveys.answer_survey(session, client, old, {questions[0]: "1", questions[1]: "1"})
    new = define(books, 3)
    with books.look() as session:
        assert [one.id for one in surveys.list_surveys(session)] == [new]
        (result,) = results_of(session, client)
        assert (result.score, result.words) == (0, "very likely poor")
    with pytest.raises(NotFoundError), books.work() as session:
        surveys.answer_survey(session, client, old, {questions[0]: "1", questions[1]: "1"})
    with pytest.raises(RuleError):
        define(books, 3)
    with books.hq_work() as session:
        surveys.retire_survey(session, "HOME")
        assert surveys.list_surveys(session) == []
        with pytest.raises(NotFoundError):
            surveys.retire_survey(session, "HOME")


@pytest.mark.parametrize(
    ("place", "typed", "code"),
    [
        (0, "", "ANSWER_NEEDED"),
        (0, "0", "ANSWER"),
        (0, "4", "ANSWER"),
        (0, "two", "ANSWER"),
        (0, "99999999999999999999", "ANSWER"),
        (1, "²", "ANSWER"),
        (1, "-1", "ANSWER"),
        (2, "many", "ANSWER_VALUE"),
        (2, "1.2.3", "ANSWER_VALUE"),
        (3, "31.1.2020", "ANSWER_VALUE"),
        (4, "a\x00b", "TEXT_NOT_ALLOWED"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(books: Books, place: int, typed: str, code: str) -> None:
    """By the question's place, with the rule that said no."""
    survey = define(books)
    questions = ids(books, survey)
    client = a_client(books)
    answers = {questions[0]: "1", questions[1]: "1", questions[place]: typed}
    with pytest.raises(FieldsError) as caught, books.work() as session:
        surveys.answer_survey(session, client, survey, answers)
    assert [(name, reason.code) for name, reason in caught.value.reasons] == [(f"question {place + 1}", code)]


def test_a_survey_without_points_has_no_score(books: Books) -> None:
    """It is a questionnaire, and nothing is reckoned."""
    with books.hq_work() as session:
        question = NewQuestion("Are you content?", options=(("Yes", 0), ("No", 0)))
        survey = surveys.define_survey(session, code="ASK", version=1, name="Ask", questions=[question]).id
    (asked,) = ids(books, survey)
    client = a_client(books)
    with books.work() as session:
        assert surveys.answer_survey(session, client, survey, {asked: "2"}).score is None


@pytest.mark.parametrize(
    ("questions", "bands"),
    [
        ((), ()),
        ((NewQuestion("Only one", options=(("Yes", 1),)),), ()),
        ((NewQuestion("Text", kind="text", options=(("Yes", 1), ("No", 0))),), ()),
        ((NewQuestion("What", kind="picture"),), ()),
        ((NewQuestion("", options=(("Yes", 1), ("No", 0))),), ()),
        (QUESTIONS, (NewBand(0, 5, "a"), NewBand(7, 15, "b"))),
        (QUESTIONS, (NewBand(0, 8, "a"), NewBand(7, 15, "b"))),
        (QUESTIONS, (NewBand(0, 14, "a"),)),
        (QUESTIONS, (NewBand(1, 15, "a"),)),
        (QUESTIONS, (NewBand(0, 15, "a", Decimal(101)),)),
    ],
)
def test_a_survey_that_cannot_be_asked_is_refused(
    books: Books, questions: tuple[NewQuestion, ...], bands: tuple[NewBand, ...]
) -> None:
    """Without questions or answers, of an unknown kind, or with scores that no band holds."""
    with pytest.raises(RuleError), books.hq_work() as session:
        surveys.define_survey(session, code="X", version=1, name="X", questions=questions, bands=bands)
