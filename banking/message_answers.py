"""What the keeper of an account does about headquarters' messages: books them, or bounces them.

A payment becomes this office's own entry on the account, against the inter-branch account and with its leg; a
void becomes a reversal. What the rules refuse for good is bounced with the reason, so that headquarters can
address it again. What only cannot be done now (no day is open, a second person is needed) goes on waiting.
A key of the office that took the money is booked once in this office, however often its message comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.account_lookup import LOAN, MOVED, SAVINGS, FoundAccount, find_account
from banking.books import account_with_role
from banking.cash import CashLeg
from banking.errors import (
    BadSecondPersonError,
    BadValueError,
    NotDisbursedError,
    NotYourTillError,
    SecondPersonNeededError,
    TillClosedError,
)
from banking.inter_branch import write_leg
from banking.messages import BOOKED, BOUNCED, PAYMENT, VOID, WAITING
from banking.receipts import reverse_movement
from banking.repayments import post_repayment
from banking.savings import deposit
from ledger.errors import ClosedDayError, ClosedPeriodError, NotFoundError, RuleError
from ledger.money import Money
from ledger.posting import Role
from schema.accounting import JournalEntry
from schema.accounts import LoanTransaction, SavingsTransaction
from schema.messages import AccountMessage, MessageAnswer
from schema.reading import fetch, fetch_one
from schema.writing import act, attempt, insert

NOT_NOW: Final = (
    SecondPersonNeededError,
    BadSecondPersonError,
    ClosedDayError,
    TillClosedError,
    NotYourTillError,
)
"""Refusals that another hour or another person ends: the message goes on waiting."""
TOO_EARLY: Final = (ClosedPeriodError, BadValueError, NotDisbursedError)
"""The day on which the money was taken lies in a closed period, or before this branch had the account."""
UNKNOWN, MOVED_AWAY, NO_KIND = "UNKNOWN", "MOVED", "KIND"
"""Reasons of a bounce beside the codes of rules."""

_MOVEMENTS: Final[tuple[tuple[str, type[LoanTransaction | SavingsTransaction]], ...]] = (
    (LOAN, LoanTransaction),
    (SAVINGS, SavingsTransaction),
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What was done about one message: booked, bounced or still waiting; ``refusal`` says why not."""

    message: AccountMessage
    outcome: str
    reason: str = ""
    refusal: RuleError | None = None


_WAITING: Final = """
SELECT m.id FROM account_message AS m
 WHERE m.office_id = ? AND NOT EXISTS (SELECT 1 FROM message_answer AS a WHERE a.message_id = m.id)
 ORDER BY m.id
"""


def waiting(session: Session, office_id: int) -> list[AccountMessage]:
    """List headquarters' messages to an office that it has not answered, oldest first."""
    rows = fetch(session, _WAITING, office_id)
    return [session.get_one(AccountMessage, row[0]) for row in rows]


def count_waiting(session: Session, office_id: int) -> int:
    """Count the messages that an office has not answered."""
    return len(fetch(session, _WAITING, office_id))


def newest_answers(session: Session, *, most: int = 30) -> Sequence[tuple[AccountMessage, MessageAnswer]]:
    """List what was answered here last, newest first."""
    rows = session.execute(
        select(AccountMessage, MessageAnswer)
        .join(MessageAnswer, MessageAnswer.message_id == AccountMessage.id)
        .order_by(MessageAnswer.id.desc())
        .limit(most)
    )
    return [(message, answer) for message, answer in rows]


def apply_messages(
    session: Session, *, message_id: int | None = None, second_id: int | None = None
) -> list[Answered]:
    """Book the messages that wait, or one of them; each in a changeset of its own.

    second_id  who confirms a void of much money
    raises     NotFoundError for a message that is not there or was answered
    """
    office_id = act(session).office_id
    found = [one for one in waiting(session, office_id) if message_id in {None, one.id}]
    if message_id is not None and not found:
        raise NotFoundError(kind="message", key=message_id)
    done = []
    for message in found:
        done.append(_answer(session, message, second_id))
        act(session).cut()
    return done


def _answer(session: Session, message: AccountMessage, second_id: int | None) -> Answered:
    known = _booked_before(session, message)
    if known is not None:
        return _write(session, message, BOOKED, entry_id=known[0])
    reason, refusal = UNKNOWN, None
    try:
        with attempt(session):
            entry_id, reason = _do(session, message, second_id)
    except NOT_NOW as not_now:
        return Answered(message, WAITING, not_now.code, not_now)
    except RuleError as refused:
        entry_id, reason, refusal = None, refused.code, refused
    if reason:
        return _write(session, message, BOUNCED, reason=reason, refusal=refusal)
    return _write(session, message, BOOKED, entry_id=entry_id)


def _booked_before(session: Session, message: AccountMessage) -> tuple[int | None] | None:
    """Give the entry under which the key of a message is booked here, or None where it is not."""
    row = fetch_one(
        session,
        "SELECT a.journal_entry_id FROM message_answer AS a JOIN account_message AS m ON m.id = a.message_id "
        "WHERE m.key = ? AND m.kind = ? AND m.office_id = ? AND a.outcome = ? "
        "AND coalesce(m.from_office_id, 0) = ? ORDER BY a.id LIMIT 1",
        message.key,
        message.kind,
        message.office_id,
        BOOKED,
        message.from_office_id or 0,
    )
    return None if row is None else (row[0],)


def _write(
    session: Session,
    message: AccountMessage,
    outcome: str,
    *,
    reason: str = "",
    entry_id: int | None = None,
    refusal: RuleError | None = None,
) -> Answered:
    answer = MessageAnswer(
        message_id=message.id,
        outcome=outcome,
        reason=reason,
        on=act(session).business_date,
        journal_entry_id=entry_id,
    )
    insert(session, answer)
    return Answered(message, outcome, reason, refusal)


def _do(session: Session, message: AccountMessage, second_id: int | None) -> tuple[int | None, str]:
    """Do what a message asks; gives the entry, or why it cannot be done."""
    if message.kind == VOID:
        return _void(session, message, second_id)
    if message.kind != PAYMENT:
        return None, NO_KIND
    account = find_account(session, message.account_number, act(session).office_id)
    if account is None:
        return None, UNKNOWN
    if account.status == MOVED:
        return None, MOVED_AWAY
    try:
        with attempt(session):
            return _pay(session, message, account, message.on), ""
    except TOO_EARLY:
        return _pay(session, message, account, act(session).business_date), ""


def _pay(session: Session, message: AccountMessage, account: FoundAccount, on: date) -> int:
    """Book a payment as of a day: the one on which it was taken, or where that is too early, the open one."""
    amount = message.amount or Money(0)
    between = CashLeg(account_with_role(session, Role.INTER_BRANCH))
    moved: LoanTransaction | SavingsTransaction
    if account.kind == LOAN:
        moved = post_repayment(session, account.id, amount, on, note=message.key, between=between)
    else:
        moved = deposit(session, account.id, amount, on, note=message.key, between=between)
    assert moved.journal_entry_id is not None, "money that moves has an entry"
    posted = session.get_one(JournalEntry, moved.journal_entry_id)
    write_leg(session, posted, message.from_office_id or _head_office(session), message.key, amount)
    return posted.id


def _head_office(session: Session) -> int:
    return int(fetch(session, "SELECT min(id) FROM office WHERE parent_id IS NULL")[0][0])


def _void(session: Session, message: AccountMessage, second_id: int | None) -> tuple[int | None, str]:
    current = act(session)
    for kind, model in _MOVEMENTS:
        moved = cast("LoanTransaction | SavingsTransaction | None", session.get(model, message.row_id or 0))
        if moved is None or moved.origin_office_id != current.office_id:
            continue
        on = max(current.business_date, moved.value_date)
        taken_id = reverse_movement(
            session, kind, moved.id, reason=message.reason, on=on, approved_by_id=second_id
        )
        taken = cast("LoanTransaction | SavingsTransaction", session.get_one(model, taken_id))
        return taken.journal_entry_id, ""
    return None, UNKNOWN
