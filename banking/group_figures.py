"""Groups and centers as their pages show them: members with what they save, owe, and how often they came."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.calendar_days import schedule_of
from banking.text import folded
from ledger.due_dates import Meeting
from ledger.money import Money
from schema.reading import fetch

_MEMBERS: Final = """
SELECT id, number, name, given_name, village, phone FROM client
 WHERE group_id = ? AND state = 'active' ORDER BY number, id
"""

_SAVED: Final = """
SELECT a.client_id, CAST(coalesce(sum(t.amount), 0) AS BIGINT)
  FROM savings_account AS a JOIN client AS c ON c.id = a.client_id
  JOIN savings_transaction AS t ON t.savings_account_id = a.id
 WHERE c.group_id = ? GROUP BY a.client_id
"""

_DUE: Final = """
SELECT l.client_id, i.due_on < ?, CAST(sum(i.principal + i.interest + i.fee + i.penalty) AS BIGINT)
  FROM loan_account AS l JOIN client AS c ON c.id = l.client_id
  JOIN installment AS i ON i.loan_account_id = l.id
 WHERE c.group_id = ? AND l.status = 'active' GROUP BY l.client_id, 2
"""

_PAID: Final = """
SELECT l.client_id, i.due_on < ?, CAST(sum(s.principal + s.interest + s.fee + s.penalty) AS BIGINT)
  FROM loan_account AS l JOIN client AS c ON c.id = l.client_id
  JOIN installment AS i ON i.loan_account_id = l.id
  JOIN loan_transaction_share AS s ON s.installment_id = i.id
 WHERE c.group_id = ? AND l.status = 'active' GROUP BY l.client_id, 2
"""

_ATTENDED: Final = """
SELECT a.client_id, sum(CASE WHEN a.mark IN ('P', 'LP') THEN 1 ELSE 0 END), count(*)
  FROM attendance AS a JOIN client AS c ON c.id = a.client_id
 WHERE c.group_id = ?
   AND NOT EXISTS (SELECT 1 FROM attendance AS n
                    WHERE n.meeting_id = a.meeting_id AND n.client_id = a.client_id AND n.id > a.id)
 GROUP BY a.client_id
"""

_GROUPS: Final = """
SELECT g.id, g.number, g.name, g.state, g.center_id, c.name, s.name, g.meeting_weekday,
       g.meeting_every_weeks, g.first_meeting_on,
       c.meeting_weekday, c.meeting_every_weeks, c.first_meeting_on,
       (SELECT count(*) FROM client AS m WHERE m.group_id = g.id AND m.state = 'active')
  FROM lending_group AS g LEFT JOIN center AS c ON c.id = g.center_id
  LEFT JOIN staff AS s ON s.id = coalesce(g.officer_id, c.officer_id)
 WHERE g.origin_office_id = ? ORDER BY g.number, g.id
"""

_CENTERS: Final = """
SELECT c.id, c.number, c.name, c.state, s.name, c.meeting_weekday, c.meeting_every_weeks, c.first_meeting_on,
       (SELECT count(*) FROM client AS m JOIN lending_group AS g ON g.id = m.group_id
         WHERE g.center_id = c.id AND m.state = 'active')
  FROM center AS c LEFT JOIN staff AS s ON s.id = c.officer_id
 WHERE c.origin_office_id = ? ORDER BY c.number, c.id
"""


@dataclass(frozen=True, slots=True)
class Member:
    """A member in one line; amounts in minor units. ``came`` of ``meetings`` that have a mark for them."""

    id: int
    number: str
    name: str
    village: str
    phone: str
    savings: Money
    owed: Money
    overdue: Money
    came: int
    meetings: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A group or center in one line. ``schedule``: its own, else its center's."""

    kind: str
    id: int
    number: str
    name: str
    state: str
    center_id: int | None
    center: str
    officer: str
    schedule: Meeting | None
    members: int


def members_of(session: Session, group_id: int, today: date) -> list[Member]:
    """List the active members of a group as on paper, with their figures as of ``today``."""
    saved = {row[0]: int(row[1]) for row in fetch(session, _SAVED, group_id)}
    owed, overdue = defaultdict[int, int](int), defaultdict[int, int](int)
    for sign, statement in ((1, _DUE), (-1, _PAID)):
        for client_id, late, amount in fetch(session, statement, today.isoformat(), group_id):
            owed[client_id] += sign * int(amount)
            overdue[client_id] += sign * int(amount) if late else 0
    came = {row[0]: (int(row[1]), int(row[2])) for row in fetch(session, _ATTENDED, group_id)}
    return [
        Member(
            id=client_id,
            number=number,
            name=f"{given_name} {name}".strip(),
            village=village,
            phone=phone,
            savings=Money(saved.get(client_id, 0)),
            owed=Money(owed[client_id]),
            overdue=Money(overdue[client_id]),
            came=came.get(client_id, (0, 0))[0],
            meetings=came.get(client_id, (0, 0))[1],
        )
        for client_id, number, name, given_name, village, phone in fetch(session, _MEMBERS, group_id)
    ]


def find_places(session: Session, office_id: int, text: str = "") -> list[Listed]:
    """List the centers and groups of an office, a center before its groups.

    text   only those whose name, number, center or officer holds each of its words; accents do not count
    """
    words = folded(text).split()
    centers = [
        Listed("center", key, number, name, state, None, "", officer or "", _schedule(when), int(members))
        for key, number, name, state, officer, *when, members in fetch(session, _CENTERS, office_id)
    ]
    groups = []
    for row in fetch(session, _GROUPS, office_id):
        key, number, name, state, center_id, center, officer, *when, members = row
        schedule = _schedule(when[:3]) or _schedule(when[3:])
        groups.append(
            Listed(
                "group",
                key,
                number,
                name,
                state,
                center_id,
                center or "",
                officer or "",
                schedule,
                int(members),
            )
        )
    found: list[Listed] = []
    for center in centers:
        found += [center, *(group for group in groups if group.center_id == center.id)]
    found += [group for group in groups if group.center_id is None]
    return [place for place in found if _fits(place, words)]


def _fits(place: Listed, words: list[str]) -> bool:
    texts = folded(f"{place.name} {place.number} {place.center} {place.officer}")
    return all(word in texts for word in words)


def _schedule(cells: Sequence[Any]) -> Meeting | None:
    weekday, every_weeks, first_on = cells
    return schedule_of(weekday, every_weeks, None if first_on is None else date.fromisoformat(first_on))
