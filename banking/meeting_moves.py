"""Moving a meeting to another day, cancelling it, or closing a whole day: shown first, then done as shown.

The rows of loans that fall due at the meeting go with it by their product's rule:

- ``same_day``: they stay;
- the others: the row that falls due at the meeting falls due on its new day; with ``extend`` every later row
  by as many days;
- a meeting that is cancelled is a day off: the rule says where its rows go, as for a holiday.

Loans whose rows follow their disbursement, and not the meetings, stay. So do loans whose interest is
recalculated and whose terms were changed: they are rescheduled by hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from banking.calendar_days import meeting_of, working_days
from banking.counter import get_owner
from banking.loan_books import ACTIVE, CREDIT_LINE
from banking.loan_plans import AT_MEETINGS
from banking.meeting_errors import (
    HeldMeetingError,
    MeetingDayFarError,
    MeetingDayPassedError,
    MeetingOnHolidayError,
    MovesChangedError,
    NoMeetingThatDayError,
    OtherMeetingError,
    RowsCollideError,
    SameMeetingDayError,
)
from banking.meeting_places import CENTER, groups_at, place_of
from banking.meetings import (
    CANCELLED,
    HELD,
    PlannedMeeting,
    find_planned,
    meetings_on,
    write_down,
)
from banking.moved_rows import MovedRow, OpenRow, day_before, open_rows, write_moves
from banking.text import LONGEST_NOTE, require
from ledger.dates import RepayUnit
from ledger.due_dates import ShiftRule, moved_due_dates
from ledger.errors import N_, BadTermError, NotFoundError
from ledger.meeting_days import dates_with_meeting
from schema.accounts import LoanAccount
from schema.lending import LoanChange
from schema.meetings import Meeting
from schema.people import Client
from schema.products import LoanProduct
from schema.writing import act, update

LONGEST_MOVE = timedelta(days=60)
"""A meeting is not moved farther than this."""

BY_RULE = N_("the product keeps its days")
BY_DISBURSEMENT = N_("its days follow disbursement, not the meetings")
BY_CHANGES = N_("its terms were changed; reschedule it")


@dataclass(frozen=True, slots=True)
class Staying:
    """A loan with a row due at the meeting that does not move, and why (a key of the catalogue)."""

    loan_id: int
    loan: str
    owner: str
    due_on: date
    why: str


@dataclass(frozen=True, slots=True)
class MovePlan:
    """What would happen: the meeting, its new day (None: cancelled), rows that move, loans that stay."""

    meeting: PlannedMeeting
    to: date | None
    moves: Sequence[MovedRow]
    staying: Sequence[Staying]

    @property
    def mark(self) -> str:
        """Give what says whether two plans would do the same."""
        return ",".join(f"{row.installment_id}:{row.moves_to.isoformat()}" for row in self.moves)


def plan_move(session: Session, kind: str, place_id: int, on: date, to: date | None, today: date) -> MovePlan:
    """Show what moving the meeting of ``on`` to ``to`` (None: cancelling it) would do, writing nothing.

    today    the open business day
    raises   NoMeetingThatDayError, HeldMeetingError; MeetingDayError for a day that has passed, a holiday,
             one too far away, or one at or beyond another meeting of the place; NotFoundError
    """
    place = place_of(session, kind, place_id)
    meeting = find_planned(session, kind, place_id, on)
    if meeting is None or meeting.state == CANCELLED:
        raise NoMeetingThatDayError(name=place.name, day=on)
    if meeting.state == HELD:
        raise HeldMeetingError(day=on)
    if to is not None:
        _check_day(session, place.origin_office_id, meeting, to, today)
    moves: list[MovedRow] = []
    staying: list[Staying] = []
    for loan, product, row in _due_at(session, meeting):
        owner = get_owner(session, loan.client_id, loan.group_id).name
        why = _why_stays(session, loan, product)
        if why:
            staying.append(Staying(loan.id, loan.number, owner, row.due_on, why))
        else:
            moves += _moves(session, to, loan, product, row, owner)
    return MovePlan(meeting, to, moves, staying)


def move_meeting(session: Session, plan: MovePlan, *, reason: str) -> Meeting:
    """Do what a plan shows: move or cancel its meeting and the rows that fall due at it.

    raises   as ``plan_move``; MissingError without a reason; MovesChangedError where it would not be as shown
             any more; NotFoundError for another branch's place; NoLongerFitsError, ClosedPeriodError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    shown = plan.meeting
    current = act(session)
    if place_of(session, shown.kind, shown.place_id).origin_office_id != current.office_id:
        raise NotFoundError(kind=shown.kind, key=shown.number)
    now = plan_move(session, shown.kind, shown.place_id, shown.on, plan.to, current.business_date)
    if now.mark != plan.mark:
        raise MovesChangedError
    at_center = shown.kind == CENTER
    meeting = write_down(
        session,
        group_id=None if at_center else shown.place_id,
        center_id=shown.place_id if at_center else None,
        on=shown.on,
    )
    if plan.to is None:
        update(session, meeting, state=CANCELLED, reason=why)
    else:
        update(session, meeting, on=plan.to, reason=why)
    write_moves(session, plan.moves, why)
    return meeting


def plan_closed_day(
    session: Session, office_id: int, day: date, to: date | None, today: date
) -> list[MovePlan]:
    """Show what closing a day for the whole branch would do to its meetings: as ``plan_move`` for each.

    raises   as ``plan_move``
    """
    planned = meetings_on(session, office_id, day, day)
    return [
        plan_move(session, one.kind, one.place_id, day, to, today)
        for one in planned
        if one.state not in {CANCELLED, HELD}
    ]


def close_day_for_meetings(session: Session, plans: Iterable[MovePlan], *, reason: str) -> list[Meeting]:
    """Do what the plans of a closed day show, all or nothing.

    raises   as ``move_meeting``
    """
    return [move_meeting(session, plan, reason=reason) for plan in plans]


# --- which loans, and where their rows go ---------------------------------------------------------


def _check_day(session: Session, office_id: int, meeting: PlannedMeeting, to: date, today: date) -> None:
    if to < today:
        raise MeetingDayPassedError(day=to)
    if to == meeting.on:
        raise SameMeetingDayError(day=to)
    if abs(to - meeting.on) > LONGEST_MOVE:
        raise MeetingDayFarError(day=to)
    if to in working_days(session, office_id).holidays:
        raise MeetingOnHolidayError(day=to)
    first, last = min(meeting.on, to), max(meeting.on, to)
    between = meetings_on(session, office_id, first, last)
    others = (one for one in between if (one.kind, one.place_id) == (meeting.kind, meeting.place_id))
    if any(one.on != meeting.on and one.state != CANCELLED for one in others):
        raise OtherMeetingError(day=to)


def _due_at(session: Session, meeting: PlannedMeeting) -> Iterator[tuple[LoanAccount, LoanProduct, OpenRow]]:
    """List the running loans of a place with an open row that falls due at its meeting, by number."""
    groups = groups_at(session, meeting.kind, meeting.place_id)
    members = select(Client.id).where(Client.group_id.in_(groups))
    wanted = (
        select(LoanAccount, LoanProduct)
        .join(LoanProduct, LoanProduct.id == LoanAccount.product_id)
        .where(LoanAccount.status == ACTIVE, LoanProduct.kind != CREDIT_LINE)
        .where(or_(LoanAccount.client_id.in_(members), LoanAccount.group_id.in_(groups)))
        .order_by(LoanAccount.number)
    )
    first = min(meeting.on, meeting.planned_on)
    for loan, product in session.execute(wanted):
        rows = open_rows(session, loan.id, first)
        row = next((row for row in rows if row.due_on in {meeting.on, meeting.planned_on}), None)
        if row is not None:
            yield loan, product, row


def _why_stays(session: Session, loan: LoanAccount, product: LoanProduct) -> str:
    if product.due_from != AT_MEETINGS:
        return BY_DISBURSEMENT
    if product.shift_rule == ShiftRule.SAME_DAY:
        return BY_RULE
    follows = product.recalculation != "none" or product.schedule_kind != "cumulative"
    changed = select(LoanChange.id).where(LoanChange.loan_account_id == loan.id, LoanChange.only_row == 0)
    if follows and session.scalars(changed.limit(1)).first() is not None:
        return BY_CHANGES
    return ""


def _moves(
    session: Session,
    to: date | None,
    loan: LoanAccount,
    product: LoanProduct,
    row: OpenRow,
    owner: str,
) -> list[MovedRow]:
    assert loan.disbursed_on is not None, "the loan is paid out"
    rows = open_rows(session, loan.id, row.due_on)
    dates = [one.due_on for one in rows]
    after = day_before(session, loan.id, row, loan.disbursed_on)
    rule = ShiftRule(product.shift_rule)
    if to is not None:
        try:
            moved = dates_with_meeting(dates, after, to, rule)
        except BadTermError:
            raise RowsCollideError(day=to) from None
    else:
        open_days = working_days(session, loan.origin_office_id)
        closed = replace(open_days, holidays=open_days.holidays | {row.due_on})
        schedule = meeting_of(session, client_id=loan.client_id, group_id=loan.group_id)
        unit = RepayUnit(loan.repay_unit)
        moved = moved_due_dates(dates, after, loan.repay_every, unit, closed, rule, schedule)
    return [
        MovedRow(loan.number, one.number, one.due_on, target, one.id, loan.id, owner)
        for one, target in zip(rows, moved, strict=True)
        if one.due_on != target
    ]
