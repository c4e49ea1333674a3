"""Groups that are changed, offices of members with their history, figures on the group's page."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from banking import groups, loans, repayments, savings
from banking.clients import register_client
from banking.errors import BadValueError, MissingError, StatusError
from banking.group_figures import find_places, members_of
from banking.group_roles import end_role, give_role, roles_of
from banking.meeting_errors import NotAMemberError
from banking.meetings import hold_meeting, mark_attendance
from ledger.errors import NotFoundError
from tests.support.books import Books, money
from tests.support.lending import broken

DAY = date(2026, 1, 2)


def two_in_a_group(session: Session) -> tuple[int, int, int]:
    group = groups.create_group(session, name="Umoja", meeting_weekday=5)
    one, other = (register_client(session, name=name, group_id=group.id) for name in ("Amina", "Baraka"))
    return group.id, one.id, other.id


def test_an_office_goes_from_one_member_to_the_next(any_books: Books) -> None:
    """Both stand in the history; giving it to the one who holds it already writes nothing."""
    with any_books.work() as session:
        group, one, other = two_in_a_group(session)
        first = give_role(session, group, one, "leader", date(2025, 1, 1))
        assert give_role(session, group, one, "Leader ", DAY).id == first.id
        give_role(session, group, other, "LEADER", DAY)
        give_role(session, group, one, "keeper of the box", DAY)
    with any_books.look() as session:
        told = [(held.name, held.role, held.since, held.until) for held in roles_of(session, group)]
    assert told == [
        ("Baraka", "LEADER", DAY, None),
        ("Amina", "keeper of the box", DAY, None),
        ("Amina", "leader", date(2025, 1, 1), DAY),
    ]
    assert broken(any_books) == []


def test_who_leaves_the_group_leaves_the_office(books: Books) -> None:
    with books.work() as session:
        group, one, _ = two_in_a_group(session)
        give_role(session, group, one, "treasurer", DAY)
        groups.join_group(session, one, None)
        assert [held.until for held in roles_of(session, group)] == [DAY]


def test_offices_that_cannot_be_given_are_refused(books: Books) -> None:
    """Nobody outside the group, no day to come, no end before the beginning, no empty word."""
    with books.work() as session:
        group, one, _ = two_in_a_group(session)
        stranger = register_client(session, name="Stranger").id
        with pytest.raises(NotAMemberError):
            give_role(session, group, stranger, "leader", DAY)
        with pytest.raises(MissingError):
            give_role(session, group, one, "  ", DAY)
        with pytest.raises(BadValueError):
            give_role(session, group, one, "leader", date(2026, 1, 3))
        held = give_role(session, group, one, "leader", DAY)
        with pytest.raises(BadValueError):
            end_role(session, held.id, date(2026, 1, 1))
        with pytest.raises(NotFoundError):
            give_role(session, group + 99, one, "leader", DAY)


def test_a_group_is_changed_and_closed_once_it_is_empty(books: Books) -> None:
    with books.work() as session:
        group, one, other = two_in_a_group(session)
        center = groups.create_center(session, name="Market", meeting_weekday=1)
        groups.change_group(session, group, name="Umoja B", center_id=center.id, meeting_weekday=None)
        groups.change_center(session, center.id, meeting_every_weeks=2)
        with pytest.raises(BadValueError):
            groups.change_group(session, group, meeting_weekday=8)
        with pytest.raises(BadValueError):
            groups.change_group(session, group, number="G-2")
        with pytest.raises(StatusError):
            groups.close_group(session, group)
        for client in (one, other):
            groups.join_group(session, client, None)
        groups.close_group(session, group)
        with pytest.raises(StatusError):
            groups.join_group(session, one, group)
        found = find_places(session, books.office_id)
    assert [(place.kind, place.name, place.state) for place in found] == [
        ("center", "Market", "active"),
        ("group", "Umoja B", "closed"),
    ]
    assert [place.schedule.every_weeks for place in found if place.schedule] == [2, 2]


def test_members_stand_with_savings_debts_and_attendance(any_books: Books) -> None:
    """What is overdue is what fell due before today; two marks of one meeting count once."""
    books = any_books
    loan_product, save = books.loan_product("WEEKLY").id, books.savings_product("SAVE").id
    with books.work() as session:
        group, one, other = two_in_a_group(session)
        loan = loans.apply(
            session, client_id=one, product_id=loan_product, principal=money("1000.00"), applied_on=DAY
        )
        loans.approve(session, loan.id, DAY)
        loans.disburse(session, loan.id, DAY)
        first, second = loans.dues(session, loan.id)[:2]
        account = savings.open_account(session, client_id=other, product_id=save, opened_on=DAY)
        savings.deposit(session, account.id, money("30.00"), DAY)
        meeting = hold_meeting(session, group_id=group, on=DAY)
        for mark in ("A", "LP"):
            mark_attendance(session, meeting.id, one, mark)
        mark_attendance(session, meeting.id, other, "A")
    books.today = second.due_date
    with books.work() as session:
        repayments.post_repayment(session, loan.id, money("10.00"), first.due_date)
        borrower, saver = members_of(session, group, second.due_date)
        assert borrower.overdue == first.owed - money("10.00")
        owed = loans.dues(session, loan.id)
    assert borrower.owed.minor == sum(due.owed.minor for due in owed)
    assert (borrower.came, borrower.meetings) == (1, 1)
    assert (saver.savings, saver.owed, saver.came, saver.meetings) == (money("30.00"), money("0.00"), 0, 1)


@pytest.mark.parametrize(("text", "names"), [("umo", ["Umoja"]), ("market umoja", []), ("zzz", [])])
def test_places_are_found_by_words_of_their_names(books: Books, text: str, names: list[str]) -> None:
    with books.work() as session:
        two_in_a_group(session)
        groups.create_center(session, name="Market")
    with books.look() as session:
        assert [place.name for place in find_places(session, books.office_id, text)] == names
