"""Money between two offices: two entries in two books, one key on both, matched at headquarters.

The office that sends books a claim on the other one (Dr inter-branch account, Cr bank or till) and gives the
transfer a key; the office that receives books its side with that key. Neither waits for the other: what one
side has and the other has not is listed at headquarters until both are there.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.approval import require_second_person
from banking.chart_errors import InterBranchError
from banking.errors import NotReversibleError
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean, require
from banking.vault import PAY, RECEIVE, CashMove, move_cash, reverse_move
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money
from ledger.posting import Account, Role, entry_between
from schema.accounting import JournalEntry
from schema.cash import CashMovement, InterBranchLeg
from schema.reading import fetch_one
from schema.reference import Office
from schema.writing import act, insert

KIND: Final = "inter_branch"
LONGEST_KEY: Final = 40
_NET = """
SELECT CAST(coalesce(sum(amount), 0) AS BIGINT), count(*) FROM inter_branch_leg
 WHERE key = ? AND origin_office_id = ?
"""
_OF_A_PAYMENT = """
SELECT 1 FROM inter_branch_leg AS l JOIN incoming_payment AS p ON p.key = l.key
 WHERE l.id = ? AND l.origin_office_id = p.origin_office_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeTransfer:
    """One side of a transfer: which office is the other one, how much, and where the money is here.

    till_id  cash in a drawer; without it ``gl_code`` names the account (of a bank, mostly)
    key      of the transfer; the sender may leave it empty and gets the next one
    """

    other_office_id: int
    amount: Money
    till_id: int | None = None
    gl_code: str = ""
    key: str = ""
    note: str = ""


def send(
    session: Session, wanted: OfficeTransfer, on: date, *, approved_by_id: int | None = None
) -> InterBranchLeg:
    """Book what this office sends to another one; the key of the leg goes with the money.

    raises   NotFoundError, InterBranchError for a key that was used or for the office itself; TillCashError,
             ManualEntryError, AmountError; SecondPersonNeededError, BadSecondPersonError; ClosedDayError,
             ClosedPeriodError
    """
    key = clean(wanted.key, "key", LONGEST_KEY) or _next_key(session)
    checked = _checked(session, replace(wanted, key=key))
    return _book(session, checked, on, checked.amount, approved_by_id)


def receive(
    session: Session, wanted: OfficeTransfer, on: date, *, approved_by_id: int | None = None
) -> InterBranchLeg:
    """Book what came from another office, under the key that it gave.

    raises   MissingError without a key; InterBranchError for a key that was received before; as ``send``
    """
    key = require(wanted.key, "key", LONGEST_KEY)
    checked = _checked(session, replace(wanted, key=key))
    return _book(session, checked, on, -checked.amount, approved_by_id)


def reverse_leg(
    session: Session, leg_id: int, *, reason: str, on: date, approved_by_id: int | None = None
) -> InterBranchLeg:
    """Take this office's side of a transfer back, by a leg of the opposite amount with the same key.

    raises   NotFoundError, AlreadyReversedError, NotReversibleError, MissingError; as ``send``
    """
    if fetch_one(session, _OF_A_PAYMENT, leg_id) is not None:
        raise NotReversibleError(receipt=leg_id, reason="it carries a payment from outside: take that back")
    return take_leg_back(session, leg_id, reason=reason, on=on, approved_by_id=approved_by_id)


def take_leg_back(
    session: Session, leg_id: int, *, reason: str, on: date, approved_by_id: int | None = None
) -> InterBranchLeg:
    """As ``reverse_leg``, for the room whose payment the leg carries."""
    why = require(reason, "reason", LONGEST_NOTE)
    leg = get_row(session, InterBranchLeg, leg_id, "inter-branch entry")
    if leg.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="inter-branch entry", key=leg_id)
    books.require_no_reversal(session, leg.journal_entry_id)
    wanted = select(CashMovement).where(CashMovement.journal_entry_id == leg.journal_entry_id)
    moved = session.scalars(wanted.limit(1)).first()
    if moved is not None:
        back = reverse_move(session, moved.id, reason=why, on=on, approved_by_id=approved_by_id)
        posted = session.get_one(JournalEntry, back.journal_entry_id)
    else:
        second = require_second_person(session, leg.amount, approved_by_id)
        posted = books.reverse_entry(
            session, leg.journal_entry_id, value_date=on, note=why, approved_by_id=second
        )
    return write_leg(session, posted, leg.other_office_id, leg.key, -leg.amount, why)


def write_leg(
    session: Session, posted: JournalEntry, other_office_id: int, key: str, amount: Money, note: str = ""
) -> InterBranchLeg:
    """Write the leg of an entry that has ``amount`` on the inter-branch account, debit-positive.

    For other rooms that move balances between offices: every line on that account has its leg.
    """
    leg = InterBranchLeg(
        key=key,
        other_office_id=other_office_id,
        amount=amount,
        on=posted.booked_on,
        journal_entry_id=posted.id,
        note=note,
    )
    insert(session, leg)
    return leg


def _checked(session: Session, wanted: OfficeTransfer) -> OfficeTransfer:
    books.require_amount(wanted.amount)
    current = act(session)
    other = get_row(session, Office, wanted.other_office_id, "office")
    if other.id == current.office_id:
        raise InterBranchError(key=wanted.key, reason="an office sends nothing to itself")
    row = fetch_one(session, _NET, wanted.key, current.office_id)
    if row is not None and row[0]:
        raise InterBranchError(key=wanted.key, reason="this transfer is booked here already")
    if (wanted.till_id is None) == (not wanted.gl_code):
        raise InterBranchError(key=wanted.key, reason="the money is in one till or on one account")
    return replace(wanted, note=clean(wanted.note, "note", LONGEST_NOTE))


def _next_key(session: Session) -> str:
    prefix = f"{act(session).office_code}-X-"
    row = fetch_one(
        session,
        "SELECT count(DISTINCT key) FROM inter_branch_leg WHERE origin_office_id = ? AND key LIKE ?",
        act(session).office_id,
        f"{prefix}%",
    )
    return f"{prefix}{(row[0] if row else 0) + 1:06d}"


def _book(
    session: Session, wanted: OfficeTransfer, on: date, claim: Money, approved_by_id: int | None
) -> InterBranchLeg:
    between = books.account_with_role(session, Role.INTER_BRANCH)
    note = f"{wanted.key} {wanted.note}".strip()
    if wanted.till_id is not None:
        move = CashMove(
            kind=PAY if claim > ZERO else RECEIVE,
            amount=wanted.amount,
            from_till_id=wanted.till_id if claim > ZERO else None,
            to_till_id=None if claim > ZERO else wanted.till_id,
            gl_account_id=between,
            note=note,
        )
        moved = move_cash(session, move, on, approved_by_id=approved_by_id)
        posted = session.get_one(JournalEntry, moved.journal_entry_id)
    else:
        here = books.manual_accounts(session, [wanted.gl_code])[wanted.gl_code]
        accounts: dict[Account, int] = {Role.INTER_BRANCH: between, "here": here}
        taker: Account = Role.INTER_BRANCH if claim > ZERO else "here"
        giver: Account = "here" if claim > ZERO else Role.INTER_BRANCH
        entry = entry_between(KIND, taker, giver, wanted.amount)
        second = require_second_person(session, wanted.amount, approved_by_id)
        posted = books.post(session, entry, accounts, value_date=on, note=note, approved_by_id=second)
    return write_leg(session, posted, wanted.other_office_id, wanted.key, claim, wanted.note)
