"""What is known of a client: family, papers, the institution's own fields, and what is hidden."""

from datetime import date, timedelta

import pytest

from banking import clients, custom_fields, finding, profiles, savings
from banking.client_glance import client_sheet
from banking.errors import BadValueError, MissingError
from banking.reasons import FieldsError
from banking.timelines import PAGE, page_of, timeline_of
from ledger.errors import NotFoundError, RuleError
from ledger.money import Money
from schema.people import Client
from tests.support.books import Books
from tests.support.lending import row_counts


@pytest.fixture
def client_id(any_books: Books) -> int:
    """Give a client, on each kind of database in turn."""
    with any_books.work() as session:
        return clients.register_client(
            session, given_name="Amina", name="Njoroge", joined_on=date(2024, 5, 1)
        ).id


@pytest.mark.parametrize(
    ("number", "shown"),
    [("", ""), ("  ", ""), ("12", "•••"), ("123", "•••"), ("1234", "•••234"), ("+254 700 123 456", "•••456")],
)
def test_a_private_number_shows_its_end_only(number: str, shown: str) -> None:
    """Three characters tell two numbers apart at the counter and give nobody away."""
    assert profiles.masked(number) == shown


@pytest.mark.parametrize(
    ("typed", "year"),
    [("1990", 1990), ("34", 1992), ("0", 2026), ("120", 1906), ("121", None), ("2027", None), ("999", None)],
)
def test_a_year_or_an_age_gives_a_birth(typed: str, year: int | None) -> None:
    """The first day of the year; nobody is born tomorrow or 121 years old."""
    assert profiles.birth_from(typed, date(2026, 11, 22)) == (None if year is None else date(year, 1, 1))


def test_family_and_papers_are_written_down_and_taken_off(any_books: Books, client_id: int) -> None:
    """They stand on the client's page until somebody takes them off, and the rows stay."""
    books = any_books
    with books.work() as session:
        father = profiles.add_relative(session, client_id, name="Karanja Njoroge", relation="father").id
        son = profiles.add_relative(
            session, client_id, name="Otieno", relation="child", born_on=date(2015, 1, 1), dependant=1
        ).id
        for expires_on in (None, books.today - timedelta(1), books.today, books.today + timedelta(61)):
            profiles.add_document(session, client_id, kind="passport", number="A 1", expires_on=expires_on)
    with books.look() as session:
        sheet = client_sheet(session, client_id, books.today)
        assert [one.id for one in sheet.family] == [father, son]
        assert [paper.standing for paper in sheet.papers] == ["valid", "expired", "expires soon", "valid"]
        (hit,) = finding.describe(session, [session.get_one(Client, client_id)])
        assert (hit.father, hit.born_year, hit.name) == ("Karanja Njoroge", None, "Amina Njoroge")
    with books.work() as session:
        profiles.remove_relative(session, father)
        profiles.remove_document(session, sheet.papers[0].document.id)
    with books.look() as session:
        sheet = client_sheet(session, client_id, books.today)
        assert ([one.name for one in sheet.family], len(sheet.papers)) == (["Otieno"], 3)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"name": ""}, MissingError),
        ({"relation": "boss"}, BadValueError),
        ({"born_on": date(2026, 1, 3)}, BadValueError),
        ({"name": "a\u202eb"}, RuleError),
        ({"note": "x" * 501}, RuleError),
    ],
)
def test_a_wrong_relative_is_refused(
    books: Books, wrong: dict[str, object], refusal: type[RuleError]
) -> None:
    """Nothing is written."""
    with books.work() as session:
        client = clients.register_client(session, name="Amina").id
    before = row_counts(books)
    fields: dict[str, object] = {"name": "Njoroge", "relation": "father", **wrong}
    with pytest.raises(refusal), books.work() as session:
        profiles.add_relative(session, client, **fields)  # type: ignore[arg-type]  # wrong on purpose
    assert row_counts(books) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": ""},
        {"number": " "},
        {"issued_on": date(2026, 1, 3)},
        {"issued_on": date(2020, 1, 1), "expires_on": date(2019, 12, 31)},
    ],
)
def test_a_wrong_paper_is_refused(books: Books, wrong: dict[str, object]) -> None:
    """Neither empty, nor issued in days to come, nor expired before it was issued."""
    with books.work() as session:
        client = clients.register_client(session, name="Amina").id
    fields: dict[str, object] = {"kind": "passport", "number": "A1", **wrong}
    with pytest.raises((MissingError, BadValueError)), books.work() as session:
        profiles.add_document(session, client, **fields)  # type: ignore[arg-type]  # wrong on purpose


def test_another_paper_warns_of_the_same_person(books: Books) -> None:
    """A number that stands on any paper of a client is found, as the one on the card is."""
    with books.work() as session:
        client = clients.register_client(session, name="Amina").id
        profiles.add_document(session, client, kind="passport", number="AB-77")
    with books.look() as session:
        (alike,) = clients.find_duplicates(session, name="Somebody", national_id="ab-77 ")
    assert (alike.client_id, alike.why) == (client, "national_id")


def test_a_mark_stays(books: Books) -> None:
    """Died and blacklisted are written once, and a mark without anything is refused."""
    with books.work() as session:
        client = clients.register_client(session, name="Amina").id
        clients.mark_client(session, client, blacklisted=True)
        marked = clients.mark_client(session, client, deceased=True)
        assert (marked.deceased, marked.blacklisted) == (1, 1)
    with pytest.raises(BadValueError), books.work() as session:
        clients.mark_client(session, client)


# --- own fields ------------------------------------------------------------------------------------


def test_own_fields_are_kept_as_they_fit(any_books: Books, client_id: int) -> None:
    """Each kind takes what fits it; a second value takes the first one's place; old ones stay readable."""
    books = any_books
    with books.hq_work() as session:
        ids = {
            kind: custom_fields.define_field(
                session,
                code=kind,
                label=kind.title(),
                kind=kind,
                choices=("mud", "brick") if kind == "choice" else (),
                position=place,
            ).id
            for place, kind in enumerate(custom_fields.KINDS)
        }
    values = {"text": "Būgi", "number": "-12.5", "date": "2020-02-29", "yes_no": "1", "choice": "brick"}
    with books.work() as session:
        custom_fields.set_values(session, client_id, {ids[kind]: value for kind, value in values.items()})
    with books.work() as session:
        custom_fields.set_values(session, client_id, {ids["text"]: "", ids["number"]: "7"})
    with books.hq_work() as session:
        custom_fields.retire_field(session, "date")
    with books.look() as session:
        kept = {one.code: one.value for one in custom_fields.values_of(session, client_id)}
        assert kept == {"number": "7", "date": "2020-02-29", "yes_no": "1", "choice": "brick"}
        assert "date" not in {field.code for field in custom_fields.list_fields(session)}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", "seven"),
        ("number", "1e9"),
        ("number", "٣"),
        ("date", "29.2.2020"),
        ("date", "2021-02-29"),
        ("yes_no", "yes"),
        ("choice", "straw"),
        ("text", "x" * 201),
        ("text", "a\x00b"),
        ("text", ""),
    ],
)
def test_what_does_not_fit_an_own_field_is_refused(books: Books, kind: str, value: str) -> None:
    """By the field's name; a required one may not be empty."""
    with books.hq_work() as session:
        choices = ("mud", "brick") if kind == "choice" else ()
        field = custom_fields.define_field(
            session, code="f", label="House", kind=kind, choices=choices, required=1
        ).id
    with books.work() as session:
        client = clients.register_client(session, name="Amina").id
    with pytest.raises(FieldsError) as caught, books.work() as session:
        custom_fields.set_values(session, client, {field: value})
    assert [name for name, _ in caught.value.reasons] == ["f"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "no blanks"},
        {"kind": "picture"},
        {"kind": "choice"},
        {"choices": ("a",)},
        {"kind": "choice", "choices": ("a", "a")},
        {"label": ""},
        {"code": "there"},
    ],
)
def test_a_field_that_cannot_be_asked_is_refused(books: Books, wrong: dict[str, object]) -> None:
    """Codes without blanks, a known kind, choices where and only where they are chosen from, once."""
    with books.hq_work() as session:
        custom_fields.define_field(session, code="there", label="There", kind="text")
    fields: dict[str, object] = {"code": "f", "label": "F", "kind": "text", **wrong}
    with pytest.raises(RuleError), books.hq_work() as session:
        custom_fields.define_field(session, **fields)  # type: ignore[arg-type]  # wrong on purpose


def test_a_field_that_is_not_there_cannot_be_retired(books: Books) -> None:
    """The refusal names it."""
    with pytest.raises(NotFoundError), books.hq_work() as session:
        custom_fields.retire_field(session, "nothing")


# --- timeline --------------------------------------------------------------------------------------


def test_a_timeline_has_everything_newest_first_in_pages(any_books: Books, client_id: int) -> None:
    """Money, accounts and joining; forty lines a page."""
    books = any_books
    with books.work() as session:
        product = books.savings_product("SAVE").id
        account = savings.open_account(
            session, client_id=client_id, product_id=product, opened_on=date(2026, 1, 2)
        ).id
        for place in range(PAGE + 5):
            savings.deposit(session, account, Money(100 + place), date(2026, 1, 2), till_id=books.till_id)
    with books.look() as session:
        events = timeline_of(session, client_id)
        first, has_more = page_of(session, client_id, 1)
        second, is_last = page_of(session, client_id, 2)
    assert [event.on for event in events] == sorted((event.on for event in events), reverse=True)
    assert (len(first), has_more, is_last) == (PAGE, True, False)
    assert [*first, *second] == events
    assert events[-1].kind == "client.joined"
    assert {event.kind for event in events} == {"client.joined", "savings.opened", "savings_money.deposit"}
    assert account in {event.row_id for event in events if event.kind == "savings.opened"}
