"""Acts on meetings: which there are, held and attended, moved or cancelled with the rows of their loans."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking import meeting_moves, meeting_notes, meetings
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.acts.results import amount
from banking.meeting_errors import OnePlaceError
from banking.meeting_moves import MovePlan
from banking.meetings import PlannedMeeting
from ledger.money import Money
from schema.meetings import Meeting
from schema.people import Client
from schema.writing import act

_BRANCH: Final = (Place.BRANCH,)
_PLACE: Final = (
    Field("center", readers.center, "name of the center"),
    Field("group", readers.group, "number of a group that meets by itself"),
)
_ON: Final = Field("on", readers.day, "day of the meeting; default: the open business day")
_TO: Final = Field("to", readers.day, "the new day; default: it is cancelled")
_REASON: Final = Field("reason", readers.text, "why; it stands on the loans too", required=True)


def _place(values: Values) -> tuple[str, int]:
    center_id, group_id = values.maybe("center", int), values.maybe("group", int)
    if center_id is not None and group_id is None:
        return meetings.CENTER, center_id
    if group_id is not None and center_id is None:
        return meetings.GROUP, group_id
    raise OnePlaceError


def _of_planned(one: PlannedMeeting) -> Result:
    return {
        "kind": one.kind,
        "number": one.number,
        "name": one.name,
        "officer": one.officer,
        "planned_on": one.planned_on.isoformat(),
        "on": one.on.isoformat(),
        "state": one.state,
        "members": one.member_count,
    }


def _of_meeting(session: Session, meeting: Meeting) -> Result:
    return {
        "on": meeting.on.isoformat(),
        "planned_on": meeting.planned_on.isoformat(),
        "state": meeting.state,
        "reason": meeting.reason,
        "agenda": meeting.agenda,
        "minutes": meeting.minutes,
        "attendance": [
            {"client": one.number, "name": one.name, "mark": one.mark}
            for one in meetings.attendance_of(session, meeting.id)
        ],
    }


def _of_plan(plan: MovePlan) -> Result:
    return {
        "meeting": _of_planned(plan.meeting),
        "to": None if plan.to is None else plan.to.isoformat(),
        "moves": [
            {
                "loan": row.loan,
                "row": row.row,
                "from": row.due_on.isoformat(),
                "to": row.moves_to.isoformat(),
            }
            for row in plan.moves
        ],
        "stay": [{"loan": one.loan, "why": one.why} for one in plan.staying],
    }


def _list(session: Session, values: Values) -> Result:
    first = values.day(session, "from")
    last = values.maybe("to", date) or first
    found = meetings.meetings_on(session, act(session).office_id, first, last)
    return {"meetings": [_of_planned(one) for one in found]}


def _row(session: Session, values: Values) -> Meeting:
    _place(values)
    return meetings.write_down(
        session,
        group_id=values.maybe("group", int),
        center_id=values.maybe("center", int),
        on=values.day(session),
    )


def _hold(session: Session, values: Values) -> Result:
    _place(values)
    meeting = meetings.hold_meeting(
        session,
        group_id=values.maybe("group", int),
        center_id=values.maybe("center", int),
        on=values.day(session),
    )
    if "agenda" in values or "minutes" in values:
        meeting_notes.write_notes(
            session,
            meeting.id,
            agenda=values.maybe("agenda", str),
            minutes=values.maybe("minutes", str),
        )
    return _of_meeting(session, meeting)


def _note(session: Session, values: Values) -> Result:
    meeting = _row(session, values)
    meeting_notes.write_notes(
        session, meeting.id, agenda=values.maybe("agenda", str), minutes=values.maybe("minutes", str)
    )
    return _of_meeting(session, meeting)


def _attend(session: Session, values: Values) -> Result:
    meeting = _row(session, values)
    meetings.mark_attendance(session, meeting.id, values.id("client"), values.one("mark", str))
    return _of_meeting(session, meeting)


def _fine(session: Session, values: Values) -> Result:
    fined = meeting_notes.fine_member(
        session,
        values.id("client"),
        values.one("amount", Money),
        values.day(session),
        note=values.text("note"),
    )
    client = session.get_one(Client, values.id("client")).number
    return {"client": client, "on": fined.number, "kind": fined.kind, "amount": amount(session, fined.amount)}


def _plan(session: Session, values: Values) -> MovePlan:
    current = act(session)
    kind, place_id = _place(values)
    to = values.maybe("to", date)
    return meeting_moves.plan_move(session, kind, place_id, values.day(session), to, current.business_date)


def _show_move(session: Session, values: Values) -> Result:
    return _of_plan(_plan(session, values))


def _move(session: Session, values: Values) -> Result:
    plan = _plan(session, values)
    meeting_moves.move_meeting(session, plan, reason=values.one("reason", str))
    return _of_plan(plan)


def _plans_of_day(session: Session, values: Values) -> Sequence[MovePlan]:
    current = act(session)
    day, to = values.one("on", date), values.maybe("to", date)
    return meeting_moves.plan_closed_day(session, current.office_id, day, to, current.business_date)


def _show_close(session: Session, values: Values) -> Result:
    return {"meetings": [_of_plan(plan) for plan in _plans_of_day(session, values)]}


def _close(session: Session, values: Values) -> Result:
    plans = _plans_of_day(session, values)
    meeting_moves.close_day_for_meetings(session, plans, reason=values.one("reason", str))
    return {"meetings": [_of_plan(plan) for plan in plans]}


_NOTES: Final = (
    Field("agenda", readers.text, "what is to be spoken about"),
    Field("minutes", readers.text, "what was said and decided"),
)
_CLOSED: Final = Field("on", readers.day, "the day on which nobody meets", required=True)

ACTS: Final = (
    Act(
        "meeting.list",
        "clients.see",
        _BRANCH,
        "List the meetings of the branch between two days.",
        (
            Field("from", readers.day, "first day; default: the open business day"),
            Field("to", readers.day, "last day; default: the first one"),
        ),
        _list,
    ),
    Act(
        "meeting.hold",
        "clients.write",
        _BRANCH,
        "Write down that a meeting was held.",
        (*_PLACE, _ON, *_NOTES),
        _hold,
    ),
    Act(
        "meeting.note",
        "clients.write",
        _BRANCH,
        "Write the agenda or the minutes of a meeting.",
        (*_PLACE, _ON, *_NOTES),
        _note,
    ),
    Act(
        "meeting.attend",
        "clients.write",
        _BRANCH,
        "Write down how a member was at a meeting.",
        (
            *_PLACE,
            _ON,
            Field("client", readers.client, "number of the member", required=True),
            Field(
                "mark",
                readers.choice(*meetings.MARKS),
                "P present, LP late, A absent, L on leave",
                required=True,
            ),
        ),
        _attend,
    ),
    Act(
        "meeting.fine",
        "money.post",
        _BRANCH,
        "Charge a member a fine: on a running loan, else on a savings account.",
        (
            Field("client", readers.client, "number of the member", required=True),
            Field("amount", readers.money, "how much", required=True),
            _ON,
            Field("note", readers.text, "for what"),
        ),
        _fine,
    ),
    Act(
        "meeting.show_move",
        "clients.see",
        _BRANCH,
        "Show what moving or cancelling a meeting would do to the rows of loans.",
        (*_PLACE, _ON, _TO),
        _show_move,
    ),
    Act(
        "meeting.move",
        "loans.approve",
        _BRANCH,
        "Move or cancel a meeting, and with it the rows that fall due at it.",
        (*_PLACE, _ON, _TO, _REASON),
        _move,
    ),
    Act(
        "meeting.show_closed_day",
        "clients.see",
        _BRANCH,
        "Show what closing a day for all meetings would do.",
        (_CLOSED, _TO),
        _show_close,
    ),
    Act(
        "meeting.close_day",
        "loans.approve",
        _BRANCH,
        "Move or cancel all meetings of a day, all or none.",
        (_CLOSED, _TO, _REASON),
        _close,
    ),
)
