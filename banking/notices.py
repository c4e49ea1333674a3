"""What a clerk should know this morning, computed from the books and never stored.

Each kind is one short question to the database: this stands on the first page of everybody.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from sqlalchemy.orm import Session

from banking.announcements import current_announcements
from banking.message_answers import count_waiting
from banking.role_rights import may_here
from ledger.errors import N_
from schema.people import User
from schema.reading import fetch, fetch_one

GOOD, PLAIN, WAITING, REFUSED = "good", "plain", "waiting", "refused"
EXPIRES_SOON: Final = timedelta(days=30)
"""So long before its last day a document is told of."""

_DECIDED = """
SELECT l.id, l.number, d.decision FROM loan_account AS l JOIN loan_decision AS d ON d.loan_account_id = l.id
 WHERE l.origin_office_id = ? AND l.status = 'applied'
   AND NOT EXISTS (SELECT 1 FROM loan_decision AS n WHERE n.loan_account_id = l.id AND n.id > d.id)
 ORDER BY l.number LIMIT 5
"""
_TO_PAY_OUT = "SELECT count(*) FROM loan_account WHERE origin_office_id = ? AND status = 'approved'"
_SHEETS = """
SELECT count(*), min(meeting_on) FROM collection_sheet
 WHERE origin_office_id = ? AND state = 'printed' AND meeting_on < ?
"""
_DOCUMENTS = """
SELECT count(*) FROM identity_document AS d JOIN client AS c ON c.id = d.client_id
 WHERE d.origin_office_id = ? AND d.state = 'active' AND d.expires_on <= ? AND c.state = 'active'
"""
_MOVED = """
SELECT t.id FROM client_transfer AS t
 WHERE t.{side} = ? AND t.state = 'decided'
   AND NOT EXISTS (SELECT 1 FROM client_move AS m WHERE m.transfer_id = t.id AND m.direction IN ({done}))
"""
_REQUESTS = """
SELECT count(*) FROM approval_request WHERE origin_office_id = ? AND state = 'waiting' AND asked_by_id <> ?
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """A line for the clerk.

    kind       announcement, decided, to_pay_out, approvals, sheets, documents, moves_in, moves_out or
               messages; pages add those about bundles
    text       the sentence, a key of the catalogue, with the places of ``facts``
    endpoint   the page that it leads to, with its ``values``; empty: none
    tone       good, plain, waiting or refused
    """

    kind: str
    text: str
    facts: Mapping[str, object] = field(default_factory=dict)
    endpoint: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    tone: str = PLAIN


def notices_for(session: Session, office_id: int, today: date, user: User) -> list[Notice]:
    """List what somebody who works at an office should know on a day: what headquarters says comes first."""
    return [notice for question in _QUESTIONS for notice in question(session, office_id, today, user)]


def _announced(session: Session, office_id: int, today: date, _user: User) -> Iterator[Notice]:
    for one in current_announcements(session, office_id, today):
        if one.group_id is None:
            yield Notice("announcement", N_("Headquarters: %(text)s"), {"text": one.text}, "notices.show")
        else:
            yield Notice(
                "announcement",
                N_("Headquarters to a group: %(text)s"),
                {"text": one.text},
                "groups.show",
                {"group_id": one.group_id},
            )


def _decided(session: Session, office_id: int, _today: date, _user: User) -> Iterator[Notice]:
    for loan_id, number, decision in fetch(session, _DECIDED, office_id):
        approved = decision == "approved"
        text = N_("Headquarters approved the loan %(number)s.")
        if not approved:
            text = N_("Headquarters rejected the application %(number)s.")
        tone = GOOD if approved else REFUSED
        yield Notice("decided", text, {"number": number}, "loans.show", {"loan_id": loan_id}, tone)


def _to_pay_out(session: Session, office_id: int, _today: date, _user: User) -> Iterator[Notice]:
    count = _count(fetch_one(session, _TO_PAY_OUT, office_id))
    if count:
        text = N_("Approved loans that wait to be paid out: %(count)s.")
        yield Notice("to_pay_out", text, {"count": count}, "lending.show", tone=WAITING)


def _requests(session: Session, office_id: int, _today: date, user: User) -> Iterator[Notice]:
    count = (
        _count(fetch_one(session, _REQUESTS, office_id, user.id))
        if may_here(session, user.role, "money.confirm")
        else 0
    )
    if count:
        text = N_("Colleagues wait for your approval: %(count)s.")
        yield Notice("approvals", text, {"count": count}, "approvals.show", tone=WAITING)


def _sheets(session: Session, office_id: int, today: date, _user: User) -> Iterator[Notice]:
    row = fetch_one(session, _SHEETS, office_id, today.isoformat())
    if row is not None and row[0]:
        text = N_("Sheets of past meetings that are not posted: %(count)s, the oldest of %(day)s.")
        facts = {"count": int(row[0]), "day": date.fromisoformat(row[1])}
        yield Notice("sheets", text, facts, "sheet_printing.index", tone=WAITING)


def _documents(session: Session, office_id: int, today: date, _user: User) -> Iterator[Notice]:
    last = today + EXPIRES_SOON
    count = _count(fetch_one(session, _DOCUMENTS, office_id, last.isoformat()))
    if count:
        text = N_("Identity documents that have run out or do so by %(day)s: %(count)s.")
        yield Notice("documents", text, {"count": count, "day": last}, tone=PLAIN)


def _client_moves(session: Session, office_id: int, _today: date, _user: User) -> Iterator[Notice]:
    coming = fetch(session, _MOVED.format(side="to_office_id", done="'in', 'refused'"), office_id)
    leaving = fetch(session, _MOVED.format(side="from_office_id", done="'out', 'refused'"), office_id)
    if coming:
        text = N_("Clients who move here and are to be taken over: %(count)s.")
        yield Notice("moves_in", text, {"count": len(coming)}, "acts.show", tone=WAITING)
    if leaving:
        text = N_("Clients who move to another branch and are to be handed over: %(count)s.")
        yield Notice("moves_out", text, {"count": len(leaving)}, "acts.show", tone=WAITING)


def _messages(session: Session, office_id: int, _today: date, user: User) -> Iterator[Notice]:
    count = count_waiting(session, office_id) if may_here(session, user.role, "money.post") else 0
    if count:
        text = N_("Messages of headquarters for accounts of this branch: %(count)s. Book them.")
        yield Notice("messages", text, {"count": count}, "elsewhere.show", tone=WAITING)


def _count(row: tuple[int, ...] | None) -> int:
    return 0 if row is None else int(row[0])


_QUESTIONS: Final[tuple[Callable[[Session, int, date, User], Iterator[Notice]], ...]] = (
    _announced,
    _requests,
    _decided,
    _to_pay_out,
    _sheets,
    _client_moves,
    _messages,
    _documents,
)
