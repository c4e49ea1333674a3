"""Meetings of centers and groups: which there are, that they were held, who came; on every database."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from banking import groups, offers
from banking.clients import register_client
from banking.errors import BadValueError
from banking.meeting_errors import NotAMemberError, OnePlaceError
from banking.meetings import (
    attendance_of,
    hold_meeting,
    mark_attendance,
    meetings_on,
    members_at,
)
from ledger.errors import NotFoundError
from tests.support.books import Books
from tests.support.lending import broken

MONDAY = date(2026, 1, 5)


def a_center(session: Session) -> tuple[int, int, int]:
    """Set up a center on Mondays with a group of two that meets there, and a group with its own Tuesdays."""
    officer = groups.create_staff(session, "Achieng")
    center = groups.create_center(
        session, name="Market", officer_id=officer.id, meeting_weekday=1, first_meeting_on=MONDAY
    )
    here = groups.create_group(session, name="Umoja", center_id=center.id)
    apart = groups.create_group(session, name="Upendo", center_id=center.id, meeting_weekday=2)
    for name, group in (("Zawadi", here), ("Amina", here), ("Baraka", apart)):
        register_client(session, name=name, group_id=group.id)
    return center.id, here.id, apart.id


def test_groups_meet_with_their_center_unless_they_have_a_day_of_their_own(any_books: Books) -> None:
    with any_books.work() as session:
        center_id, _, apart_id = a_center(session)
    with any_books.look() as session:
        found = meetings_on(session, any_books.office_id, MONDAY, MONDAY + timedelta(days=7))
    assert [(one.kind, one.place_id, one.on.day, one.member_count) for one in found] == [
        ("center", center_id, 5, 2),
        ("group", apart_id, 6, 1),
        ("center", center_id, 12, 2),
    ]
    assert {one.officer for one in found} == {"Achieng"}
    assert {(one.state, one.meeting_id) for one in found} == {("planned", None)}


def test_a_meeting_is_held_once_and_the_newest_mark_counts(any_books: Books) -> None:
    """Marking again with the same mark writes nothing; the list is as on paper, by number."""
    with any_books.work() as session:
        center_id, here_id, _ = a_center(session)
        meeting = hold_meeting(session, center_id=center_id, on=MONDAY)
        assert hold_meeting(session, center_id=center_id, on=MONDAY).id == meeting.id
        first, second = members_at(session, center_id=center_id)
        mark_attendance(session, meeting.id, first.id, "A")
        mark_attendance(session, meeting.id, first.id, "LP")
        assert mark_attendance(session, meeting.id, first.id, "LP") is None
    with any_books.look() as session:
        found = attendance_of(session, meeting.id)
        assert [(one.client_id, one.mark) for one in found] == [(first.id, "LP"), (second.id, "")]
        assert [one.group for one in found] == ["Umoja", "Umoja"]
        held = meetings_on(session, any_books.office_id, MONDAY, MONDAY)
        assert [(one.state, one.meeting_id) for one in held] == [("held", meeting.id)]
        assert [member.group_id for member in members_at(session, group_id=here_id)] == [here_id, here_id]
    assert broken(any_books) == []


def test_a_member_that_left_later_stays_on_the_list_of_a_meeting_that_was_held(books: Books) -> None:
    with books.work() as session:
        center_id, _, _ = a_center(session)
        meeting = hold_meeting(session, center_id=center_id, on=MONDAY)
        first, second = members_at(session, center_id=center_id)
        mark_attendance(session, meeting.id, first.id, "P")
        groups.join_group(session, first.id, None)
        groups.join_group(session, second.id, None)
    with books.look() as session:
        assert [(one.client_id, one.mark) for one in attendance_of(session, meeting.id)] == [(first.id, "P")]


def test_what_cannot_be_marked_is_refused(books: Books) -> None:
    """A mark that is none, a stranger, a meeting that is not there or of no place."""
    with books.work() as session:
        center_id, _, _ = a_center(session)
        meeting = hold_meeting(session, center_id=center_id, on=MONDAY)
        stranger = register_client(session, name="Stranger")
        member = members_at(session, center_id=center_id)[0]
        with pytest.raises(BadValueError):
            mark_attendance(session, meeting.id, member.id, "X")
        with pytest.raises(NotAMemberError):
            mark_attendance(session, meeting.id, stranger.id, "P")
        with pytest.raises(NotFoundError):
            mark_attendance(session, meeting.id + 7, member.id, "P")
        with pytest.raises(OnePlaceError):
            hold_meeting(session, on=MONDAY)
        with pytest.raises(NotFoundError):
            hold_meeting(session, center_id=77, on=MONDAY)


def test_meetings_keep_off_holidays(books: Books) -> None:
    """A Monday that is a holiday is met on the Tuesday."""
    with books.hq_work() as session:
        offers.declare_holiday(session, MONDAY, "New year")
    with books.work() as session:
        a_center(session)
    with books.look() as session:
        found = meetings_on(session, books.office_id, MONDAY, MONDAY + timedelta(days=1))
    assert [(one.kind, one.planned_on.day, one.on.day) for one in found if one.kind == "center"] == [
        ("center", 5, 6)
    ]


def test_a_meeting_outside_the_schedule_is_kept_too(books: Books) -> None:
    with books.work() as session:
        center_id, _, _ = a_center(session)
        hold_meeting(session, center_id=center_id, on=date(2026, 1, 8))
    with books.look() as session:
        found = meetings_on(session, books.office_id, date(2026, 1, 7), date(2026, 1, 9))
    assert [(one.on.day, one.state) for one in found] == [(8, "held")]
