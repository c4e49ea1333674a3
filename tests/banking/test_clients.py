"""Clients: registered, found, compared."""

from datetime import date
from typing import Any

import pytest

from banking import clients, groups, loans
from banking.errors import BadValueError, MissingError, NumberTakenError, TextNotAllowedError
from ledger.errors import NotFoundError, RuleError
from schema.people import Client
from tests.support.books import Books
from tests.support.lending import an_application, row_counts


def found(books: Books, text: str) -> list[str]:
    with books.look() as session:
        return [client.name for client in clients.find_clients(session, text)]


@pytest.fixture
def people(books: Books) -> Books:
    """Give a branch with six clients of several countries."""
    with books.work() as session:
        clients.register_client(session, given_name="Wanjikũ", name="Kamau", phone="+254 712 345 678")
        clients.register_client(session, given_name="José María", name="García López", national_id="X-998877")
        clients.register_client(session, name="Abebe Bikila Demissie", born_on=date(1990, 5, 17))
        clients.register_client(session, given_name="सीता", name="शर्मा")
        clients.register_client(session, given_name="محمد", name="علي")
        clients.register_client(session, given_name="Mary", name="Kamaunga", number="OLD-77")
    return books


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        ("kamau", ["Kamau", "Kamaunga"]),
        ("KAM WAN", ["Kamau"]),
        ("wanj", ["Kamau"]),
        ("lopez jo", ["García López"]),
        ("garcia", ["García López"]),
        ("demi abe", ["Abebe Bikila Demissie"]),
        ("शर्मा", ["शर्मा"]),
        ("محمد", ["علي"]),
        ("345678", ["Kamau"]),
        ("0712345", []),
        ("x-998877", ["García López"]),
        ("old-77", ["Kamaunga"]),
        ("KIT-C-000003", ["Abebe Bikila Demissie"]),
        ("3", ["Abebe Bikila Demissie"]),
        ("nobody", []),
        ("", []),
    ],
)
def test_a_client_is_found_by_few_letters_in_any_order(people: Books, typed: str, who: list[str]) -> None:
    """Names in any order, without accents, numbers, telephones; whole words come first."""
    assert found(people, typed) == who


def test_a_client_is_found_by_the_number_of_an_account(books: Books) -> None:
    with books.work() as session:
        loan = an_application(books, session)
    assert found(books, loan.number) == ["Wanjiku"]
    assert found(books, "L-000001") == ["Wanjiku"]
    assert found(books, "%") == []


def test_numbers_run_and_older_ones_are_kept(people: Books) -> None:
    with people.look() as session:
        assert clients.get_client(session, "OLD-77").name == "Kamaunga"
        with pytest.raises(NotFoundError):
            clients.get_client(session, "OLD-78")
    with people.work() as session:
        assert clients.register_client(session, name="Next").number == "KIT-C-000006"
        with pytest.raises(NumberTakenError):
            clients.register_client(session, name="Other", number="OLD-77")


def test_what_is_not_known_stays_empty(books: Books) -> None:
    with books.work() as session:
        made = clients.register_client(session, name="Only")
    with books.look() as session:
        client = session.get_one(Client, made.id)
    assert (client.gender, client.born_on, client.phone, client.joined_on) == ("", None, "", None)


def test_bad_fields_are_refused_by_name_and_nothing_is_written(books: Books) -> None:
    before = row_counts(books)
    cases: list[tuple[dict[str, Any], type[RuleError]]] = [
        ({"name": " "}, MissingError),
        ({"name": "A\u202eB"}, TextNotAllowedError),
        ({"name": "A", "address": "1\x00"}, TextNotAllowedError),
        ({"name": "A", "gender": "male"}, BadValueError),
        ({"name": "A", "born_on": date(2999, 1, 1)}, BadValueError),
        ({"name": "A", "group_id": 1}, NotFoundError),
    ]
    for fields, refusal in cases:
        with pytest.raises(refusal), books.work() as session:
            clients.register_client(session, **fields)
    assert row_counts(books) == before


def test_the_same_person_is_pointed_out_by_id_phone_or_name_and_year(people: Books) -> None:
    with people.look() as session:
        by_id = clients.find_duplicates(session, name="Other", national_id=" x-998877")
        by_phone = clients.find_duplicates(session, name="Other", phone="0712345678")
        by_name = clients.find_duplicates(
            session, name="Demissie abebe", given_name="BIKILA", born_on=date(1990, 1, 1)
        )
        by_other_year = clients.find_duplicates(
            session, name="Abebe Bikila Demissie", born_on=date(1991, 1, 1)
        )
        none = clients.find_duplicates(session, name="Kamau", given_name="Wanjiku")
    assert [(match.name, match.why) for match in by_id] == [("José María García López", "national_id")]
    assert [(match.name, match.why) for match in by_phone] == [("Wanjikũ Kamau", "phone")]
    assert [match.why for match in by_name] == ["name_and_birth_year"]
    assert by_other_year == none == []


def test_a_client_is_no_duplicate_of_themselves(people: Books) -> None:
    with people.look() as session:
        client = clients.get_client(session, "KIT-C-000002")
        matches = clients.find_duplicates(
            session, name="X", national_id=client.national_id, except_id=client.id
        )
    assert matches == []


def test_a_change_records_only_groups_that_changed(people: Books) -> None:
    """The name keeps its value and is left out; address and village are written together."""
    with people.work() as session:
        client = clients.get_client(session, "KIT-C-000001")
        clients.update_client(session, client.id, phone=" 0700 1 ", name="Kamau", village="Endebess")
        ops = session.info["satchel.act"].ops
    changed = {"phone": "0700 1", "village": "Endebess", "address": ""}
    assert [(op[0], op[1], op[3]) for op in ops] == [("client", "~", changed)]
    with people.work() as session, pytest.raises(BadValueError):
        clients.update_client(session, client.id, number="KIT-C-9")


def test_groups_meet_in_centers_and_have_members(books: Books) -> None:
    with books.work() as session:
        officer = groups.create_staff(session, "Ann Otieno")
        center = groups.create_center(session, name="Márket", meeting_weekday=2, officer_id=officer.id)
        group = groups.create_group(session, name="Tumaini", center_id=center.id, meeting_every_weeks=1)
        first = clients.register_client(session, name="A", group_id=group.id)
        second = clients.register_client(session, name="B")
        groups.join_group(session, second.id, group.id)
    with books.work() as session:
        assert groups.find_staff(session, "ann otieno") is not None
        found_center = groups.find_center(session, "market")
        assert found_center is not None
        assert (found_center.number, group.number) == ("KIT-M-000001", "KIT-G-000001")
        members = groups.list_members(session, groups.get_group(session, group.number).id)
    assert [member.id for member in members] == [first.id, second.id]


def test_a_meeting_on_an_eighth_day_is_refused(books: Books) -> None:
    cases: list[tuple[dict[str, Any], type[RuleError]]] = [
        ({"meeting_weekday": 8}, BadValueError),
        ({"meeting_every_weeks": 0}, BadValueError),
        ({"officer_id": 5}, NotFoundError),
        ({"center_id": 5}, NotFoundError),
    ]
    for fields, refusal in cases:
        with pytest.raises(refusal), books.work() as session:
            groups.create_group(session, name="G", **fields)


def test_an_account_is_not_found_by_a_search_that_is_only_a_sign(books: Books) -> None:
    with books.work() as session:
        an_application(books, session)
        assert loans.find_loan(session, "%") is None
    assert found(books, "_") == []
