"""Payments from outside on their way: to the branch that keeps the account, back from it, back to the payer.

Sending books the money from the receipts not yet allocated to the account between the offices, and writes
the message that the branch answers (protocol, section 7.2). The key of the payment is that of transfer and
message, so that it is booked once. What a branch sends back is first taken back here, by an entry, and is
then queued like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books, inter_branch
from banking.account_lookup import FoundAccount, after_move, find_account
from banking.approval import require_second_person
from banking.incoming_payments import MATCHED, RETURNED, SENT, UNMATCHED, queued, unallocated_account
from banking.incoming_payments_errors import NoPaymentsError, PaymentStateError
from banking.message_errors import MessageKeyError, NoAccountError
from banking.messages import BOOKED, BOUNCED, PAYMENT, WAITING
from banking.rows import get_row
from banking.text import LONGEST_NOTE, require
from ledger.money import total
from ledger.posting import Role, entry_between
from schema.accounting import JournalEntry
from schema.messages import AccountMessage
from schema.payments import IncomingPayment, PaymentFile
from schema.reading import fetch_one
from schema.reference import Office
from schema.writing import OPS_OF_A_CUT, act, cut_when_full, insert, update

RETURN_KIND: Final = "incoming_payment_return"
_ANSWER: Final = """
SELECT m.id, (SELECT count(*) FROM message_answer AS a WHERE a.message_id = m.id AND a.outcome = 'booked'
               AND a.origin_office_id = m.office_id),
       (SELECT max(a.id) FROM message_answer AS a WHERE a.message_id = m.id
               AND a.origin_office_id = m.office_id)
  FROM account_message AS m
 WHERE m.kind = 'payment' AND m.key = ? AND m.from_office_id IS NULL ORDER BY m.id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class NewestMessage:
    """The newest message under a key, and what its branch said: waiting, booked or bounced."""

    id: int
    state: str


def newest_message(session: Session, key: str) -> NewestMessage | None:
    """Find the newest message of headquarters under a payment's key."""
    row = fetch_one(session, _ANSWER, key)
    if row is None:
        return None
    return NewestMessage(row[0], BOOKED if row[1] else BOUNCED if row[2] else WAITING)


def send(
    session: Session, payment_ids: Sequence[int] | None = None, *, approved_by_id: int | None = None
) -> list[IncomingPayment]:
    """Send payments whose account is found to the branches that keep them; None: all of them.

    An account that moved with its client since is followed. All go, or none.

    raises   NoPaymentsError, NotFoundError, PaymentStateError, MessageKeyError, NoAccountError;
             SecondPersonNeededError where all together reach the limit, BadSecondPersonError;
             ClosedPeriodError
    """
    chosen = _chosen(session, payment_ids)
    second = require_second_person(session, total(one.amount for one in chosen), approved_by_id)
    unallocated = unallocated_account(session)
    by_office: dict[int, list[tuple[IncomingPayment, FoundAccount, int | None]]] = {}
    for payment in chosen:
        account = _keeper(session, payment)
        repeats = _free_key(session, payment)
        by_office.setdefault(account.office_id, []).append((payment, account, repeats))
    act(session).cut()
    carried = [
        (payment, account, message)
        for office_id, wanted in sorted(by_office.items())
        for payment, account, message in _write_messages(session, office_id, wanted)
    ]
    for payment, account, message in carried:
        _book(session, payment, account, unallocated, second)
        update(
            session,
            payment,
            state=SENT,
            office_id=account.office_id,
            account_number=account.number,
            message_id=message.id,
        )
        cut_when_full(session)
    return chosen


def _chosen(session: Session, payment_ids: Sequence[int] | None) -> list[IncomingPayment]:
    if payment_ids is None:
        wanted = select(IncomingPayment).where(IncomingPayment.state == MATCHED)
        chosen = list(session.scalars(wanted.order_by(IncomingPayment.id)))
    else:
        chosen = [queued(session, payment_id) for payment_id in dict.fromkeys(payment_ids)]
    if not chosen:
        raise NoPaymentsError
    for payment in chosen:
        if payment.state != MATCHED:
            raise PaymentStateError(key=payment.key, reason="its account is not found yet")
    return chosen


def _keeper(session: Session, payment: IncomingPayment) -> FoundAccount:
    assert payment.office_id is not None, "what is matched has an office"
    account = find_account(session, payment.account_number, payment.office_id)
    if account is None:
        code = session.get_one(Office, payment.office_id).code
        raise NoAccountError(number=payment.account_number, office=code)
    return after_move(session, account) or account


def _free_key(session: Session, payment: IncomingPayment) -> int | None:
    """Give the message that is sent anew, None for the first one.

    raises   MessageKeyError while a message with this key may still be booked
    """
    newest = newest_message(session, payment.key)
    if newest is None:
        return None
    if newest.state != BOUNCED or _leg_left(session, payment.key) is not None:
        raise MessageKeyError(key=payment.key)
    return newest.id


def _write_messages(
    session: Session, office_id: int, wanted: Sequence[tuple[IncomingPayment, FoundAccount, int | None]]
) -> list[tuple[IncomingPayment, FoundAccount, AccountMessage]]:
    """Write the messages to one branch into its chain."""
    chain = session.get_one(Office, office_id).number
    written = []
    for payment, account, repeats in wanted:
        message = AccountMessage(
            office_id=office_id,
            kind=PAYMENT,
            key=payment.key,
            account_number=account.number,
            amount=payment.amount,
            on=payment.on,
            reason=f"{payment.payer} {payment.note}".strip()[:LONGEST_NOTE],
            repeats_id=repeats,
        )
        insert(session, message)
        written.append((payment, account, message))
        if len(act(session).ops) >= OPS_OF_A_CUT:
            act(session).cut_into(chain)
    act(session).cut_into(chain)
    return written


def _book(
    session: Session, payment: IncomingPayment, account: FoundAccount, unallocated: int, second: int | None
) -> None:
    between = books.account_with_role(session, Role.INTER_BRANCH)
    posted = books.post(
        session,
        entry_between(inter_branch.KIND, Role.UNALLOCATED, Role.INTER_BRANCH, payment.amount),
        {Role.UNALLOCATED: unallocated, Role.INTER_BRANCH: between},
        value_date=act(session).business_date,
        note=f"{payment.key} {account.number}",
        approved_by_id=second,
    )
    inter_branch.write_leg(session, posted, account.office_id, payment.key, -payment.amount, account.number)


_LEG: Final = """
SELECT max(l.id) FROM inter_branch_leg AS l
 WHERE l.key = ? AND l.amount < 0 AND l.origin_office_id = ?
   AND NOT EXISTS (SELECT 1 FROM journal_entry AS r WHERE r.reverses_id = l.journal_entry_id)
"""


def _leg_left(session: Session, key: str) -> int | None:
    """Give the head office's leg under a key that was not taken back."""
    row = fetch_one(session, _LEG, key, act(session).office_id)
    return None if row is None or row[0] is None else int(row[0])


def take_back(
    session: Session, payment_id: int, *, reason: str, approved_by_id: int | None = None
) -> IncomingPayment:
    """Book a payment that its branch sent back as not yet allocated again: it is in the queue anew.

    raises   NotFoundError; PaymentStateError unless its newest message was bounced; MissingError;
             SecondPersonNeededError, BadSecondPersonError, ClosedPeriodError
    """
    payment = get_row(session, IncomingPayment, payment_id, "payment")
    why = require(reason, "reason", LONGEST_NOTE)
    newest = newest_message(session, payment.key) if payment.state == SENT else None
    if newest is None or newest.state != BOUNCED:
        raise PaymentStateError(key=payment.key, reason="its branch did not send it back")
    leg = _leg_left(session, payment.key)
    assert leg is not None, "what is sent has its leg"
    on = act(session).business_date
    inter_branch.take_leg_back(session, leg, reason=why, on=on, approved_by_id=approved_by_id)
    update(
        session,
        payment,
        state=UNMATCHED,
        rule="",
        account_number="",
        office_id=None,
        message_id=newest.id,
        reason=why,
    )
    return payment


def return_to_payer(
    session: Session, payment_id: int, *, reason: str, gl_code: str = "", approved_by_id: int | None = None
) -> JournalEntry:
    """Book a payment that was given back to the payer.

    gl_code  from where; default: the account into which it came
    raises   NotFoundError, PaymentStateError, MissingError, ManualEntryError; SecondPersonNeededError,
             BadSecondPersonError; ClosedPeriodError
    """
    payment = queued(session, payment_id)
    why = require(reason, "reason", LONGEST_NOTE)
    second = require_second_person(session, payment.amount, approved_by_id)
    account_id = session.get_one(PaymentFile, payment.payment_file_id).gl_account_id
    if gl_code:
        account_id = books.manual_accounts(session, [gl_code])[gl_code]
    posted = books.post(
        session,
        entry_between(RETURN_KIND, Role.UNALLOCATED, "here", payment.amount),
        {Role.UNALLOCATED: unallocated_account(session), "here": account_id},
        value_date=act(session).business_date,
        note=f"{payment.key} {why}"[:LONGEST_NOTE],
        approved_by_id=second,
    )
    update(session, payment, state=RETURNED, rule="", account_number="", office_id=None, reason=why)
    return posted
