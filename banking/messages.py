"""Messages of headquarters to the keeper of an account: sent, listed, addressed again.

Whatever somebody else wants done to an account is asked of the office that keeps it; only that office's own
entry moves money on it (protocol, section 7.2; docs/messages.md). A message stands in the chain of that
branch alone, and carries a key by which it is booked once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import elsewhere, inter_branch
from banking.account_lookup import MOVED, FoundAccount, after_move, find_account
from banking.books import account_with_role
from banking.inter_branch import LONGEST_KEY, OfficeTransfer
from banking.message_errors import MessageKeyError, MessageStateError, NoAccountError
from banking.rows import get_row
from banking.text import LONGEST_NOTE, bare_reference, clean, require
from ledger.errors import N_
from ledger.money import Money
from ledger.posting import Role
from schema.messages import AccountMessage, MessageAnswer, PaymentElsewhere
from schema.reading import fetch
from schema.reference import Office
from schema.writing import OPS_OF_A_CUT, act, insert

PAYMENT, VOID = "payment", "void"
WAITING, BOOKED, BOUNCED, AGAIN = "waiting", "booked", "bounced", "again"
STATES: Final = (WAITING, BOUNCED, BOOKED, AGAIN)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message and what became of it.

    state    waiting, booked, bounced, or again (bounced, and addressed again since)
    office   code of the branch that it went to; ``taken_at`` of the one that took the money
    """

    message: AccountMessage
    state: str
    office: str
    taken_at: str
    reason: str
    answered_on: date | None


@dataclass(frozen=True, slots=True)
class NotSent:
    """Money taken for another office that no message can carry yet, and why (a text to be translated)."""

    payment: PaymentElsewhere
    taken_at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What forwarding did: the messages written, and what was left for a person."""

    sent: Sequence[AccountMessage]
    left: Sequence[NotSent]


UNKNOWN: Final = N_("the branch has no such account")
TWICE: Final = N_("another payment has the same key")

_TO_FORWARD: Final = """
SELECT p.id FROM payment_elsewhere AS p
 WHERE NOT EXISTS (SELECT 1 FROM account_message AS m
                    WHERE m.kind = 'payment' AND m.key = p.key AND m.from_office_id = p.origin_office_id)
   AND EXISTS (SELECT 1 FROM inter_branch_leg AS l
                WHERE l.key = p.key AND l.origin_office_id = p.origin_office_id
                  AND l.other_office_id = p.other_office_id AND l.journal_entry_id = p.journal_entry_id
                  AND l.amount = -p.amount)
   AND p.amount = (SELECT sum(j.credit - j.debit) FROM journal_line AS j
                    WHERE j.journal_entry_id = p.journal_entry_id AND j.gl_account_id = ?)
 ORDER BY p.id
"""
"""Only what is booked is sent: its entry has the very amount on the inter-branch account, and its leg."""


def to_forward(session: Session) -> list[PaymentElsewhere]:
    """List money that was taken for another office and that no message carries, without what was reversed."""
    back = elsewhere.taken_back(session)
    between = account_with_role(session, Role.INTER_BRANCH)
    found = fetch(session, _TO_FORWARD, between)
    return [session.get_one(PaymentElsewhere, row[0]) for row in found if row[0] not in back]


def not_sent(session: Session) -> list[NotSent]:
    """List those of ``to_forward`` that forwarding would leave for a person."""
    codes = _codes(session)
    found = []
    seen: set[str] = set()
    for payment in to_forward(session):
        why = _why_not(session, payment, seen)
        if why:
            found.append(NotSent(payment, codes[payment.origin_office_id], why))
    return found


def forward(session: Session) -> Forwarded:
    """Send every payment that was taken elsewhere to the keeper of its account; done again it sends nothing.

    An account that moved with its client is addressed where it is now. What has no account is left.
    """
    left = {one.payment.id: one for one in not_sent(session)}
    by_office: dict[int, list[tuple[PaymentElsewhere, FoundAccount]]] = {}
    for payment in to_forward(session):
        if payment.id not in left:
            account = _keeper(session, payment.account_number, payment.other_office_id)
            assert account is not None, "what has no account is left"
            by_office.setdefault(account.office_id, []).append((payment, account))
    act(session).cut()
    sent = []
    for office_id, wanted in sorted(by_office.items()):
        chain = session.get_one(Office, office_id).number
        for payment, account in wanted:
            sent.append(_carry(session, payment, account))
            if len(act(session).ops) >= OPS_OF_A_CUT:
                act(session).cut_into(chain)
        act(session).cut_into(chain)
    return Forwarded(sent, list(left.values()))


def forward_to(
    session: Session, payment_id: int, office_id: int, number: str, *, reason: str
) -> AccountMessage:
    """Send one payment, whose account nobody finds, to the account that a person found.

    raises   NotFoundError, NoAccountError, MissingError; MessageKeyError when it was sent before
    """
    payment = get_row(session, PaymentElsewhere, payment_id, "payment")
    if payment.id not in {one.id for one in to_forward(session)}:
        raise MessageKeyError(key=payment.key)
    account = _account(session, number, office_id)
    why = require(reason, "reason", LONGEST_NOTE)
    act(session).cut()
    message = _carry(session, payment, account, reason=why)
    act(session).cut_into(session.get_one(Office, account.office_id).number)
    return message


def _why_not(session: Session, payment: PaymentElsewhere, seen: set[str]) -> str:
    known = select(AccountMessage.id).where(AccountMessage.kind == PAYMENT, AccountMessage.key == payment.key)
    if payment.key in seen or session.scalars(known.limit(1)).first() is not None:
        return TWICE
    seen.add(payment.key)
    return "" if _keeper(session, payment.account_number, payment.other_office_id) else UNKNOWN


def _keeper(session: Session, number: str, office_id: int) -> FoundAccount | None:
    account = find_account(session, number, office_id)
    return account and (after_move(session, account) or account)


def _account(session: Session, number: str, office_id: int) -> FoundAccount:
    found = find_account(session, number, office_id)
    if found is None:
        raise NoAccountError(number=number, office=session.get_one(Office, office_id).code)
    return found


def _carry(
    session: Session, payment: PaymentElsewhere, account: FoundAccount, *, reason: str = ""
) -> AccountMessage:
    message = AccountMessage(
        office_id=account.office_id,
        kind=PAYMENT,
        key=payment.key,
        account_number=account.number,
        amount=payment.amount,
        on=payment.on,
        from_office_id=payment.origin_office_id,
        reason=reason or payment.note,
    )
    insert(session, message)
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsidePayment:
    """Money that came to headquarters for an account of a branch.

    key      the outside reference (of the mobile money, of the bank), kept in capitals and without blanks: it
             is booked once, whether it is sent by hand, by a program or read from a list
    gl_code  where the money lies in headquarters' own books
    """

    office_id: int
    account_number: str
    amount: Money
    gl_code: str
    key: str
    note: str = ""


def send_payment(
    session: Session, wanted: OutsidePayment, on: date, *, approved_by_id: int | None = None
) -> AccountMessage:
    """Book money that came to headquarters as owed to a branch, and send that branch the message.

    raises   MissingError; MessageKeyError for a reference that was used, or came with a list;
             NoAccountError, NotFoundError;
             InterBranchError, ManualEntryError, AmountError, SecondPersonNeededError, BadSecondPersonError;
             ClosedDayError, ClosedPeriodError
    """
    given = require(wanted.key, "key", LONGEST_KEY)
    key = require(bare_reference(given), "key", LONGEST_KEY)
    note = clean(wanted.note, "note", LONGEST_NOTE)
    used = select(AccountMessage.id).where(AccountMessage.key.in_((given, key)))
    if session.scalars(used.limit(1)).first() or fetch(session, _LISTED, key, key):
        raise MessageKeyError(key=key)
    account = _account(session, wanted.account_number, wanted.office_id)
    account = after_move(session, account) or account
    transfer = OfficeTransfer(
        other_office_id=account.office_id, amount=wanted.amount, gl_code=wanted.gl_code, key=key, note=note
    )
    inter_branch.receive(session, transfer, on, approved_by_id=approved_by_id)
    act(session).cut()
    message = AccountMessage(
        office_id=account.office_id,
        kind=PAYMENT,
        key=key,
        account_number=account.number,
        amount=wanted.amount,
        on=on,
        reason=note,
    )
    insert(session, message)
    act(session).cut_into(session.get_one(Office, account.office_id).number)
    return message


_LISTED: Final = """
SELECT 1 FROM incoming_payment AS p
 WHERE p.key = ? OR p.key IN (SELECT substr(g.code, 1, 14) || '-' || ? FROM gl_account AS g
                               WHERE g.id IN (SELECT f.gl_account_id FROM payment_file AS f))
 LIMIT 1
"""
"""A payment that came with a list: its key is the reference behind the account that the money came into."""


# --- what became of them --------------------------------------------------------------------------


def list_messages(session: Session) -> list[Sent]:
    """List every message with what became of it: those that wait first, then bounced ones, newest first."""
    codes = _codes(session)
    head = session.scalars(select(Office.code).where(Office.parent_id.is_(None))).first() or ""
    answers = _answers(session)
    repeated = {row[0] for row in fetch(session, "SELECT repeats_id FROM account_message")}
    found = [
        Sent(
            message=message,
            state=_state(answers.get(message.id), again=message.id in repeated),
            office=codes[message.office_id],
            taken_at=head if message.from_office_id is None else codes[message.from_office_id],
            reason=answers[message.id].reason if message.id in answers else "",
            answered_on=answers[message.id].on if message.id in answers else None,
        )
        for message in session.scalars(select(AccountMessage).order_by(AccountMessage.id.desc()))
    ]
    return sorted(found, key=lambda one: STATES.index(one.state))


_CAME_BACK: Final = """
SELECT count(*) FROM account_message AS m
 WHERE m.kind = 'payment'
   AND EXISTS (SELECT 1 FROM message_answer AS a WHERE a.message_id = m.id AND a.outcome = 'bounced'
                AND a.origin_office_id = m.office_id)
   AND NOT EXISTS (SELECT 1 FROM message_answer AS a WHERE a.message_id = m.id AND a.outcome = 'booked'
                    AND a.origin_office_id = m.office_id)
   AND NOT EXISTS (SELECT 1 FROM account_message AS n WHERE n.repeats_id = m.id)
   AND NOT EXISTS (SELECT 1 FROM incoming_payment AS p WHERE p.key = m.key AND m.from_office_id IS NULL)
"""


_TAKEN_BACK: Final = "SELECT 1 FROM incoming_payment WHERE key = ? AND state <> 'sent'"


def count_to_do(session: Session) -> int:
    """Count what a person at headquarters is to send: payments to send on, and those that came back."""
    return len(to_forward(session)) + int(fetch(session, _CAME_BACK)[0][0])


def _state(answer: MessageAnswer | None, *, again: bool) -> str:
    if answer is None:
        return WAITING
    return AGAIN if again and answer.outcome == BOUNCED else answer.outcome


def _answers(session: Session) -> dict[int, MessageAnswer]:
    """Give the answer that counts for each message: booked before bounced, then the newest.

    Only the office that was asked can answer: what another one says of it would send the money twice.
    """
    rows = session.scalars(
        select(MessageAnswer)
        .join(AccountMessage, AccountMessage.id == MessageAnswer.message_id)
        .where(MessageAnswer.origin_office_id == AccountMessage.office_id)
        .order_by(MessageAnswer.id)
    ).all()
    return {row.message_id: row for row in sorted(rows, key=lambda row: row.outcome == BOOKED)}


def _codes(session: Session) -> dict[int, str]:
    return {office.id: office.code for office in session.scalars(select(Office))}


def readdress(
    session: Session, message_id: int, *, office_id: int | None = None, number: str = "", reason: str = ""
) -> AccountMessage:
    """Address a bounced payment again: to where its account moved, or to one that a person names.

    raises   NotFoundError; MessageStateError for a message that was not bounced, was addressed again, or
             whose account did not move; NoAccountError; MissingError without a reason for another account
    """
    message = get_row(session, AccountMessage, message_id, "message")
    sent = next(one for one in list_messages(session) if one.message.id == message.id)
    if message.kind != PAYMENT or sent.state != BOUNCED:
        raise MessageStateError(key=message.key, reason="it is not a payment that was bounced")
    if message.from_office_id is None and fetch(session, _TAKEN_BACK, message.key):
        raise MessageStateError(key=message.key, reason="its money waits among the payments from outside")
    if number:
        account = _account(session, number, office_id or message.office_id)
        why = require(reason, "reason", LONGEST_NOTE)
    else:
        account, why = _moved_to(session, message), clean(reason, "reason", LONGEST_NOTE)
    again = AccountMessage(
        office_id=account.office_id,
        kind=PAYMENT,
        key=message.key,
        account_number=account.number,
        amount=message.amount,
        on=message.on,
        from_office_id=message.from_office_id,
        reason=why or message.reason,
        repeats_id=message.id,
    )
    act(session).cut()
    insert(session, again)
    act(session).cut_into(session.get_one(Office, account.office_id).number)
    return again


def _moved_to(session: Session, message: AccountMessage) -> FoundAccount:
    old = find_account(session, message.account_number, message.office_id)
    found = old and after_move(session, old)
    if found is not None:
        return found
    waits = old is not None and old.status == MOVED
    raise MessageStateError(
        key=message.key,
        reason="the new branch has not taken the account over yet"
        if waits
        else "the account did not move; name the account that is meant",
    )
