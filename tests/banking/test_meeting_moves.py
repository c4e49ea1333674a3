"""Moving a meeting: shown first, then as shown; rows go with it by the product's rule, each written down."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from banking import groups, loans, offers, repayments, rescheduling
from banking.clients import register_client
from banking.errors import MissingError
from banking.meeting_errors import (
    HeldMeetingError,
    MeetingDayError,
    MeetingDayPassedError,
    MovesChangedError,
    NoMeetingThatDayError,
    OtherMeetingError,
)
from banking.meeting_moves import (
    BY_CHANGES,
    BY_DISBURSEMENT,
    BY_RULE,
    close_day_for_meetings,
    move_meeting,
    plan_closed_day,
    plan_move,
)
from banking.meetings import hold_meeting, meetings_on
from banking.products import define_loan_product
from banking.reports.shape import Question
from banking.reports.standing import standings
from ledger.rescheduling import Reschedule
from schema.lending import LoanChange
from tests.support.books import Books, copy_of, money
from tests.support.lending import broken

TODAY = date(2026, 12, 4)
MEETING = date(2026, 12, 11)
LATER = date(2026, 12, 14)


def a_group(books: Books) -> int:
    books.today = TODAY
    with books.work() as session:
        return groups.create_group(session, name="Umoja", meeting_weekday=5, first_meeting_on=TODAY).id


def a_loan(books: Books, group_id: int, rule: str, **terms: object) -> int:
    """Pay out four weekly rows that fall due when the group meets: 11, 18, 25 December and 1 January."""
    given = {
        "due_from": "meeting",
        "shift_rule": rule,
        "installments": 4,
        "annual_rate": Decimal(12),
        **terms,
    }
    with books.hq_work() as session:
        product = define_loan_product(session, "WEEKLY", given)
    with books.work() as session:
        client = register_client(session, name="Amina", group_id=group_id)
        loan = loans.apply(
            session,
            client_id=client.id,
            product_id=product.id,
            principal=money("400.00"),
            applied_on=TODAY,
        )
        loans.approve(session, loan.id, TODAY)
        loans.disburse(session, loan.id, TODAY)
        return loan.id


def days_of(books: Books, loan_id: int) -> list[str]:
    with books.look() as session:
        return [due.due_date.strftime("%m-%d") for due in loans.dues(session, loan_id)]


def move(books: Books, group_id: int, to: date | None, on: date = MEETING) -> None:
    with books.work() as session:
        plan = plan_move(session, "group", group_id, on, to, books.today)
        move_meeting(session, plan, reason="The road is flooded")


STANDS = ["12-11", "12-18", "12-25", "01-01"]


@pytest.mark.parametrize(
    ("rule", "moved", "cancelled"),
    [
        ("same_day", STANDS, STANDS),
        ("next_working_day", ["12-14", *STANDS[1:]], ["12-12", *STANDS[1:]]),
        ("previous_working_day", ["12-14", *STANDS[1:]], ["12-10", *STANDS[1:]]),
        ("next_repayment_date", ["12-14", *STANDS[1:]], ["12-18", "12-25", "01-01", "01-08"]),
        ("extend", ["12-14", "12-21", "12-28", "01-04"], ["12-12", "12-19", "12-26", "01-02"]),
    ],
)
def test_rows_go_with_their_meeting_by_the_product_s_rule(
    books: Books, rule: str, moved: list[str], cancelled: list[str]
) -> None:
    """The plan shows what happens and writes nothing; each row that moves leaves a dated change behind."""
    for to, expected in ((LATER, moved), (None, cancelled)):
        group_id = a_group(books)
        loan_id = a_loan(books, group_id, rule)
        with books.look() as session:
            plan = plan_move(session, "group", group_id, MEETING, to, TODAY)
        assert days_of(books, loan_id) == STANDS
        move(books, group_id, to)
        assert days_of(books, loan_id) == expected
        with books.look() as session:
            wanted = select(LoanChange).where(LoanChange.loan_account_id == loan_id)
            changes = session.scalars(wanted.order_by(LoanChange.from_date)).all()
        assert [(one.from_date, one.new_date) for one in changes] == [
            (row.due_on, row.moves_to) for row in plan.moves
        ]
        assert {(one.decided_on, one.reason, one.only_row) for one in changes} <= {
            (TODAY, "The road is flooded", 1)
        }
        assert [one.why for one in plan.staying] == ([BY_RULE] if rule == "same_day" else [])
    assert broken(books) == []


def test_the_meeting_stands_on_its_new_day_once(any_books: Books) -> None:
    """Moved twice it is still one meeting; cancelled it is told, and none takes its place."""
    books = any_books
    group_id = a_group(books)
    for on, to in ((MEETING, LATER), (LATER, date(2026, 12, 16))):
        move(books, group_id, to, on)
    with books.look() as session:
        found = meetings_on(session, books.office_id, TODAY, date(2026, 12, 25))
    assert [(one.planned_on.day, one.on.day) for one in found] == [(4, 4), (11, 16), (18, 18), (25, 25)]
    move(books, group_id, None, date(2026, 12, 18))
    with books.look() as session:
        found = meetings_on(session, books.office_id, TODAY, date(2026, 12, 25))
        assert [one.state for one in found] == ["planned", "planned", "cancelled", "planned"]
        with pytest.raises(NoMeetingThatDayError):
            plan_move(session, "group", group_id, date(2026, 12, 18), LATER, TODAY)
    assert broken(books) == []


def test_days_to_which_no_meeting_can_be_moved(books: Books) -> None:
    group_id = a_group(books)
    with books.hq_work() as session:
        offers.declare_holiday(session, date(2026, 12, 12), "Jamhuri")
    with books.work() as session:
        hold_meeting(session, group_id=group_id, on=TODAY)
        for to, error in (
            (TODAY - timedelta(days=1), MeetingDayPassedError),
            (MEETING, MeetingDayError),
            (MEETING + timedelta(days=90), MeetingDayError),
            (date(2026, 12, 12), MeetingDayError),
            (date(2026, 12, 18), OtherMeetingError),
            (date(2026, 12, 21), OtherMeetingError),
        ):
            with pytest.raises(error):
                plan_move(session, "group", group_id, MEETING, to, TODAY)
        with pytest.raises(HeldMeetingError):
            plan_move(session, "group", group_id, TODAY, LATER, TODAY)
        with pytest.raises(NoMeetingThatDayError):
            plan_move(session, "group", group_id, LATER, MEETING, TODAY)


def test_what_changed_since_it_was_shown_is_not_done(books: Books) -> None:
    """A row that was paid meanwhile does not move, so the plan must be made anew; a reason is needed."""
    group_id = a_group(books)
    loan_id = a_loan(books, group_id, "next_working_day")
    with books.work() as session:
        plan = plan_move(session, "group", group_id, MEETING, LATER, TODAY)
        with pytest.raises(MissingError):
            move_meeting(session, plan, reason=" ")
    with books.work() as session:
        first = loans.dues(session, loan_id)[0]
        repayments.post_repayment(session, loan_id, first.owed, TODAY)
    with pytest.raises(MovesChangedError), books.work() as session:
        move_meeting(session, plan, reason="The road is flooded")


def test_a_moved_meeting_changes_no_terms_but_interest_follows_its_days(books: Books) -> None:
    """Interest that follows its days is computed anew; a later reschedule keeps the day that was moved."""
    group_id = a_group(books)
    terms = {
        "interest_type": "DECLINING_BALANCE",
        "interest_period": "DAILY",
        "recalculation": "REDUCE_EMI_AMOUNT",
    }
    loan_id = a_loan(books, group_id, "next_working_day", **terms)
    with books.work() as session:
        before = [due.interest for due in loans.dues(session, loan_id)]
    move(books, group_id, LATER)
    with books.work() as session:
        after = [due.interest for due in loans.dues(session, loan_id)]
        assert after[0] > before[0]
        assert after[1] < before[1]
        assert [one.renegotiated for one in standings(session, Question(as_of=TODAY))] == [0]
        rescheduling.reschedule_loan(
            session,
            loan_id,
            Reschedule(from_date=date(2026, 12, 25), new_date=date(2026, 12, 28)),
            TODAY,
            reason="asked",
        )
    assert days_of(books, loan_id)[:3] == ["12-14", "12-18", "12-28"]
    with books.look() as session:
        plan = plan_move(session, "group", group_id, date(2026, 12, 18), date(2026, 12, 19), TODAY)
    assert [one.why for one in plan.staying] == [BY_CHANGES]
    assert broken(books) == []


def test_a_closed_day_moves_every_meeting_of_it_or_none(books: Books) -> None:
    group_id = a_group(books)
    loan_id = a_loan(books, group_id, "next_working_day")
    with books.work() as session:
        center = groups.create_center(session, name="Market", meeting_weekday=5)
        other = groups.create_group(session, name="Upendo", center_id=center.id).id
    staying = a_loan(books, other, "next_working_day", due_from="disbursement")
    with books.work() as session:
        plans = plan_closed_day(session, books.office_id, MEETING, LATER, TODAY)
        assert [one.loan_id for plan in plans for one in plan.staying] == [staying]
        assert [one.why for plan in plans for one in plan.staying] == [BY_DISBURSEMENT]
        close_day_for_meetings(session, plans, reason="Election")
    with books.look() as session:
        assert meetings_on(session, books.office_id, MEETING, MEETING) == []
        assert len(meetings_on(session, books.office_id, LATER, LATER)) == 2
    assert days_of(books, loan_id)[0] == "12-14"
    assert broken(books) == []


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(-6, 6), st.booleans()), max_size=6))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_moving_never_loses_or_doubles_a_meeting(
    new_books: Books, tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[int, int, bool]]
) -> None:
    """Whatever is moved or cancelled, each day of the schedule has one meeting, on its own day."""
    books = replace(copy_of(new_books, tmp_path_factory.mktemp("moves")), today=TODAY)
    group_id = a_group(books)
    for place, by, cancels in moves:
        with books.look() as session:
            found = meetings_on(session, books.office_id, TODAY, TODAY + timedelta(days=60))
        chosen = found[place]
        to = None if cancels else chosen.on + timedelta(days=by)
        try:
            move(books, group_id, to, chosen.on)
        except (MeetingDayError, NoMeetingThatDayError):
            continue
    with books.look() as session:
        found = meetings_on(session, books.office_id, TODAY - timedelta(days=9), TODAY + timedelta(days=69))
    planned = sorted(one.planned_on for one in found)
    assert planned == [TODAY + timedelta(days=7 * week) for week in range(len(planned))]
    held = [one.on for one in found if one.state != "cancelled"]
    assert len(held) == len(set(held))
    books.database.close()
