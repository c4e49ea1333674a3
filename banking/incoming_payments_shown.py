"""What stands in the queue of payments from outside, and what became of those that were sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from banking.account_lookup import LOAN, SAVINGS, FoundAccount
from banking.clients import find_clients
from banking.incoming_payments import QUEUED, SENT, candidates
from banking.incoming_payments_rules import accounts_with_number, takes_money
from banking.messages import BOOKED, BOUNCED, WAITING
from ledger.money import Money
from ledger.posting import Role
from schema.messages import AccountMessage, MessageAnswer
from schema.payments import IncomingPayment, PaymentFile
from schema.reading import fetch, fetch_one
from schema.reference import GLAccount, Office

MOST: Final = 200
"""So many of the newest payments are listed at once."""
MOST_CLIENTS: Final = 20
_AT_ONCE: Final = 400

_BALANCE: Final = """
SELECT CAST(coalesce(sum(t.credit - t.debit), 0) AS BIGINT)
  FROM gl_day_total AS t JOIN gl_account AS g ON g.id = t.gl_account_id WHERE g.role = ?
"""
_BY_STATE: Final = """
SELECT state, count(*), CAST(sum(amount) AS BIGINT) FROM incoming_payment GROUP BY state ORDER BY state
"""
_BOUNCED: Final = """
SELECT p.id FROM incoming_payment AS p JOIN account_message AS m ON m.key = p.key
 WHERE p.state = 'sent' AND m.kind = 'payment' AND m.from_office_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM account_message AS n WHERE n.repeats_id = m.id)
   AND EXISTS (SELECT 1 FROM message_answer AS a WHERE a.message_id = m.id AND a.outcome = 'bounced'
                AND a.origin_office_id = m.office_id)
   AND NOT EXISTS (SELECT 1 FROM message_answer AS a WHERE a.message_id = m.id AND a.outcome = 'booked'
                    AND a.origin_office_id = m.office_id)
 ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class Fate:
    """A payment and what became of it.

    state        that of the payment; of one that was sent: waiting, booked or bounced, as its branch said
    office       code of the branch that keeps the account, empty while none is found
    answered_on  the branch's day; ``why`` is the branch's reason, a code of ``banking.message_words``
    """

    payment: IncomingPayment
    state: str
    office: str
    answered_on: date | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How much is not allocated, by the books and by the queue; both are the same (minor units).

    ``by_state`` gives number and amount of the payments in each state.
    """

    balance: Money
    queued: Money
    by_state: dict[str, tuple[int, Money]]


def standing(session: Session) -> Standing:
    """Give what the account of receipts not yet allocated holds, and what the queue adds up to."""
    row = fetch_one(session, _BALANCE, Role.UNALLOCATED)
    by_state = {state: (count, Money(amount)) for state, count, amount in fetch(session, _BY_STATE)}
    queued = sum(amount.minor for state, (_count, amount) in by_state.items() if state in QUEUED)
    return Standing(Money(row[0] if row else 0), Money(queued), by_state)


def list_files(session: Session, *, most: int = 20) -> Sequence[PaymentFile]:
    """List the lists that were read last, newest first."""
    return session.scalars(select(PaymentFile).order_by(PaymentFile.id.desc()).limit(most)).all()


def money_accounts(session: Session) -> Sequence[GLAccount]:
    """List the accounts that the money of a list may lie in: of banks and wallets, by their codes."""
    wanted = select(GLAccount).where(
        GLAccount.type == "asset",
        GLAccount.role == "",
        GLAccount.usage == "detail",
        GLAccount.manual_entries == 1,
        GLAccount.active == 1,
    )
    return session.scalars(wanted.order_by(GLAccount.code)).all()


def list_payments(
    session: Session, states: Sequence[str] = (), *, words: str = "", most: int = MOST
) -> list[Fate]:
    """List payments, newest first.

    states   only these, as ``IncomingPayment.state`` has them; none: all
    words    only those whose key, payer, reference, telephone or account holds this
    """
    wanted = select(IncomingPayment).order_by(IncomingPayment.id.desc()).limit(most)
    if states:
        wanted = wanted.where(IncomingPayment.state.in_(states))
    if words.strip():
        asked = f"%{_literal(words.strip().lower())}%"
        row = IncomingPayment
        told = (row.key, row.payer, row.reference, row.phone, row.account_number, row.note)
        wanted = wanted.where(or_(*(func.lower(column).like(asked, escape="\\") for column in told)))
    return fates(session, session.scalars(wanted).all())


def list_bounced(session: Session) -> list[Fate]:
    """List the payments that their branch sent back and that a person has to take back, oldest first."""
    return fates(session, [session.get_one(IncomingPayment, row[0]) for row in fetch(session, _BOUNCED)])


def _literal(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def fates(session: Session, payments: Sequence[IncomingPayment]) -> list[Fate]:
    """Say what became of payments."""
    codes = {office.id: office.code for office in session.scalars(select(Office))}
    newest: dict[str, AccountMessage] = {}
    answers: dict[int, MessageAnswer] = {}
    sent = [payment.key for payment in payments if payment.state == SENT]
    for start in range(0, len(sent), _AT_ONCE):
        wanted = select(AccountMessage).where(
            AccountMessage.key.in_(sent[start : start + _AT_ONCE]), AccountMessage.from_office_id.is_(None)
        )
        newest |= {message.key: message for message in session.scalars(wanted.order_by(AccountMessage.id))}
    ids = [message.id for message in newest.values()]
    for start in range(0, len(ids), _AT_ONCE):
        rows = session.scalars(
            select(MessageAnswer)
            .join(AccountMessage, AccountMessage.id == MessageAnswer.message_id)
            .where(
                MessageAnswer.message_id.in_(ids[start : start + _AT_ONCE]),
                MessageAnswer.origin_office_id == AccountMessage.office_id,
            )
            .order_by(MessageAnswer.id)
        ).all()
        answers |= {row.message_id: row for row in sorted(rows, key=lambda row: row.outcome == BOOKED)}
    return [_fate(payment, newest, answers, codes) for payment in payments]


def _fate(
    payment: IncomingPayment,
    newest: dict[str, AccountMessage],
    answers: dict[int, MessageAnswer],
    codes: dict[int, str],
) -> Fate:
    office = codes.get(payment.office_id, "") if payment.office_id is not None else ""
    message = newest.get(payment.key)
    if payment.state != SENT or message is None:
        return Fate(payment, payment.state, office)
    answer = answers.get(message.id)
    if answer is None:
        return Fate(payment, WAITING, codes[message.office_id])
    state = BOOKED if answer.outcome == BOOKED else BOUNCED
    return Fate(payment, state, codes[message.office_id], answer.on, answer.reason)


# --- accounts that it may be ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """An account that a payment may be for, with its branch and the name of its client or group."""

    account: FoundAccount
    office: str
    name: str


_OWNER: Final = """
SELECT coalesce(c.name || ' ' || c.given_name, g.name, '')
  FROM {kind}_account AS a LEFT JOIN client AS c ON c.id = a.client_id
  LEFT JOIN lending_group AS g ON g.id = a.group_id WHERE a.id = ?
"""
_OF_CLIENT: Final = """
SELECT '{kind}', id, number, origin_office_id, status FROM {kind}_account WHERE client_id = ? ORDER BY id
"""


def possible_accounts(session: Session, payment: IncomingPayment, today: date) -> list[NamedAccount]:
    """List the accounts that the rules hold possible for a payment of the queue."""
    [verdict] = candidates(session, [payment], today)
    return _with_names(session, [verdict.account] if verdict.account else verdict.candidates)


def search_accounts(session: Session, words: str, today: date) -> list[NamedAccount]:
    """Find accounts that take money by their number, else by their client's name, number or telephone."""
    found = {(account.kind, account.id): account for account in accounts_with_number(session, words)}
    for client in () if found else find_clients(session, words, limit=MOST_CLIENTS):
        for kind in (LOAN, SAVINGS):
            for row in fetch(session, _OF_CLIENT.format(kind=kind), client.id):
                account = FoundAccount(*row)
                found.setdefault((account.kind, account.id), account)
    return _with_names(session, [one for one in found.values() if takes_money(session, one, today)])


def _with_names(session: Session, accounts: Sequence[FoundAccount]) -> list[NamedAccount]:
    codes = {office.id: office.code for office in session.scalars(select(Office))}
    named = []
    for account in accounts:
        row = fetch_one(session, _OWNER.format(kind=account.kind), account.id)
        named.append(NamedAccount(account, codes[account.office_id], str(row[0]).strip() if row else ""))
    return named
