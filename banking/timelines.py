"""What happened with a client, newest first: from all rooms, one line each."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from ledger.money import Money
from schema.base import from_milliseconds
from schema.reading import fetch

PAGE: Final = 40

_MONEY_AND_MORE: Final = """
SELECT joined_on, 'client.joined', number, NULL, '', id FROM client WHERE id = ? AND joined_on IS NOT NULL
UNION ALL SELECT applied_on, 'loan.applied', number, principal, purpose, id FROM loan_account
 WHERE client_id = ? AND applied_on IS NOT NULL
UNION ALL SELECT approved_on, 'loan.approved', number, principal, '', id FROM loan_account
 WHERE client_id = ? AND approved_on IS NOT NULL
UNION ALL SELECT d."on", 'loan.' || d.decision, l.number, NULL, d.note, l.id FROM loan_decision AS d
  JOIN loan_account AS l ON l.id = d.loan_account_id WHERE l.client_id = ?
UNION ALL SELECT t.value_date, 'loan_money.' || t.kind, l.number, t.amount, t.receipt, t.id
  FROM loan_transaction AS t JOIN loan_account AS l ON l.id = t.loan_account_id
 WHERE l.client_id = ? AND t.amount <> 0
UNION ALL SELECT opened_on, 'savings.opened', number, NULL, '', id FROM savings_account
 WHERE client_id = ? AND opened_on IS NOT NULL
UNION ALL SELECT closed_on, 'savings.closed', number, NULL, '', id FROM savings_account
 WHERE client_id = ? AND closed_on IS NOT NULL
UNION ALL SELECT t.value_date, 'savings_money.' || t.kind, s.number, t.amount, t.receipt, t.id
  FROM savings_transaction AS t JOIN savings_account AS s ON s.id = t.savings_account_id
 WHERE s.client_id = ?
UNION ALL SELECT r."on", 'survey', s.name, NULL, CAST(r.score AS VARCHAR(20)), r.id
  FROM survey_response AS r JOIN survey AS s ON s.id = r.survey_id WHERE r.client_id = ?
UNION ALL SELECT since, 'group.role', role, NULL, '', group_id FROM group_role WHERE client_id = ?
UNION ALL SELECT issued_on, 'paper', kind, NULL, '', id FROM identity_document
 WHERE client_id = ? AND state = 'active' AND issued_on IS NOT NULL
UNION ALL SELECT m."on", 'client.moved', m.direction, NULL, m.note, m.id
  FROM client_move AS m WHERE m.client_id = ?
"""
_ATTENDANCE = """
SELECT m."on", 'attendance', a.mark, NULL, coalesce(g.name, ''), m.id FROM attendance AS a
  JOIN meeting AS m ON m.id = a.meeting_id LEFT JOIN lending_group AS g ON g.id = m.group_id
 WHERE a.client_id = ? AND NOT EXISTS (
   SELECT 1 FROM attendance AS later
    WHERE later.meeting_id = a.meeting_id AND later.client_id = a.client_id AND later.id > a.id)
"""
_SCANS = "SELECT at, 'scan', kind, NULL, note, id FROM client_scan WHERE client_id = ?"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    kind     such as loan.applied, loan_money.repayment, savings_money.deposit, attendance, survey, scan
    what     the number, mark or word that it is about
    amount   None where no money is in it
    text     a receipt, a reason, a score
    row_id   of the loan, savings account, movement, response or scan that it leads to
    """

    on: date
    kind: str
    what: str
    amount: Money | None
    text: str
    row_id: int


def timeline_of(session: Session, client_id: int) -> list[Event]:
    """List all that happened with a client, newest first; of one day, the latest row first."""
    events = []
    for statement in (_MONEY_AND_MORE, _ATTENDANCE):
        for row in fetch(session, statement, *[client_id] * statement.count("?")):
            on, kind, what, amount, text, row_id = row
            money = None if amount is None else Money(amount)
            events.append(Event(date.fromisoformat(on), kind, what, money, text or "", row_id))
    for at, kind, what, _, text, row_id in fetch(session, _SCANS, client_id):
        events.append(Event(from_milliseconds(at).date(), kind, what, None, text, row_id))
    return sorted(events, key=lambda event: (event.on, event.row_id), reverse=True)


def page_of(session: Session, client_id: int, page: int) -> tuple[list[Event], bool]:
    """Give one page of the timeline, counted from 1, and whether older events follow."""
    events = timeline_of(session, client_id)
    first = (page - 1) * PAGE
    return events[first : first + PAGE], len(events) > first + PAGE
