"""Drawers counted: by denomination or as one amount; what differs from the books goes to over and short."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.approval import require_second_person
from banking.booking_day import booked_on
from banking.cash import account_balance
from banking.cash_errors import CountMismatchError, CountReasonError
from banking.errors import BadValueError, MissingError
from banking.text import LONGEST_NOTE, clean
from banking.till_cash import TILL, drawers_of, get_till, till_cash
from ledger.denominations import parse_pieces
from ledger.errors import AmountNegativeError
from ledger.money import ZERO, Money
from ledger.posting import Account, Role, over_short_entry
from schema.accounting import JournalEntry, Till
from schema.cash import CashCount
from schema.writing import act, insert

OPENING, CLOSING, HANDOVER, CHECK = "opening", "closing", "handover", "check"
MOMENTS: Final = (OPENING, CLOSING, HANDOVER, CHECK)
WITNESS: Final = "cash.move"
"""The permission of the second person at a count or a movement of cash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What somebody counted in a drawer: the pieces in major units as typed, the amount, or both."""

    amount: Money | None = None
    pieces: str = ""


def count_till(
    session: Session,
    till_id: int,
    counted: Counted,
    on: date,
    *,
    moment: str = CHECK,
    reason: str = "",
    seen_by_id: int | None = None,
) -> CashCount:
    """Write down what a drawer held, and book what differs from the books.

    on       the business day of the count
    moment   opening, closing, handover or check
    raises   NotFoundError, BadPiecesError, CountMismatchError, AmountError; CountReasonError for a difference
             without a reason; SecondPersonNeededError for a difference from the limit on,
             BadSecondPersonError; ClosedDayError, ClosedPeriodError
    """
    if moment not in MOMENTS:
        raise BadValueError(field="moment", given=moment)
    till = get_till(session, till_id)
    amount, pieces = _amount_of(session, counted)
    expected = till_cash(session, till)
    why = clean(reason, "reason", LONGEST_NOTE)
    if amount != expected and not why:
        raise CountReasonError(till=till.number, counted=amount, expected=expected)
    seen_by_id = require_second_person(session, amount - expected, seen_by_id, permission=WITNESS)
    return _write(
        session, _Count(till, amount, expected, on, moment, Role.OVER_SHORT, why, pieces, seen_by_id)
    )


@dataclass(frozen=True, slots=True)
class _Count:
    """A count that was checked: what a drawer held and should have held, and where the difference goes."""

    till: Till
    counted: Money
    expected: Money
    on: date
    moment: str
    against: Role
    reason: str = ""
    pieces: str = ""
    seen_by_id: int | None = None


def _write(session: Session, count: _Count) -> CashCount:
    """Book the difference, if there is one, and write the count down."""
    entry = _book_difference(
        session,
        count.till.gl_account_id,
        count.counted,
        count.expected,
        count.on,
        count.against,
        count.reason or _note(count.moment),
        approved_by_id=count.seen_by_id,
    )
    current = act(session)
    row = CashCount(
        till_id=count.till.id,
        on=booked_on(session, count.on),
        moment=count.moment,
        pieces=count.pieces,
        counted=count.counted,
        expected=count.expected,
        journal_entry_id=None if entry is None else entry.id,
        counted_by_id=current.actor_id,
        seen_by_id=count.seen_by_id,
        recorded_at=current.recorded_at,
        reason=count.reason,
    )
    insert(session, row)
    return row


def _amount_of(session: Session, counted: Counted) -> tuple[Money, str]:
    """Give the amount and the pieces as they are kept."""
    if counted.pieces.strip():
        pieces = parse_pieces(counted.pieces, act(session).digits)
        if counted.amount is not None and counted.amount != pieces.total:
            raise CountMismatchError(pieces=pieces.total, counted=counted.amount)
        _require_counted(pieces.total)
        return pieces.total, pieces.stored()
    if counted.amount is None:
        raise MissingError(field="counted")
    _require_counted(counted.amount)
    return counted.amount, ""


def counts_of(session: Session, till_id: int, on: date) -> Sequence[CashCount]:
    """List the counts of a drawer on a day, as they were made."""
    wanted = select(CashCount).where(CashCount.till_id == till_id, CashCount.on == on)
    return session.scalars(wanted.order_by(CashCount.id)).all()


# --- opening and closing the day ------------------------------------------------------------------


def count_day(
    session: Session,
    counted: Money | Mapping[int, Money] | None,
    on: date,
    moment: str,
    *,
    against: Role = Role.OVER_SHORT,
) -> Money | None:
    """Book the count with which a day opens or closes; gives the difference, None when nobody counted.

    counted  cash in all tills together, or by till id; the vault has counts of its own. Where there is one
             till, both are a count of that till; a difference of several together is nobody's in particular
    raises   NotFoundError, AmountError, ClosedDayError, ClosedPeriodError
    """
    if counted is None:
        return None
    if not isinstance(counted, Money):
        rows = [
            _count_for_day(session, till_id, amount, on, moment, against)
            for till_id, amount in sorted(counted.items())
        ]
        return sum((row.counted - row.expected for row in rows), ZERO)
    main = books.account_with_role(session, Role.CASH)
    tills = [till for till in drawers_of(session, act(session).office_id) if till.kind == TILL]
    alone = _only_one(tills, main)
    if alone is not None:
        row = _count_for_day(session, alone.id, counted, on, moment, against)
        return row.counted - row.expected
    _require_counted(counted)
    office = act(session).office_id
    accounts = sorted({main, *(till.gl_account_id for till in tills)})
    balances = {account: account_balance(session, account, office) for account in accounts}
    there = counted - sum((balances[account] for account in accounts if account != main), ZERO)
    _book_difference(session, main, there, balances[main], on, against, _note(moment))
    return there - balances[main]


def _only_one(tills: Sequence[Till], main: int) -> Till | None:
    """Give the till that a count of all drawers is a count of, if there is only one in use."""
    in_use = [till for till in tills if till.state == "active"]
    others = {till.gl_account_id for till in tills} - {main}
    return in_use[0] if len(in_use) == 1 and not others else None


def _count_for_day(
    session: Session, till_id: int, amount: Money, on: date, moment: str, against: Role
) -> CashCount:
    """Count one till for the day; opening and closing wait for nobody, whoever reads the till report does."""
    _require_counted(amount)
    till = get_till(session, till_id)
    expected = till_cash(session, till)
    return _write(session, _Count(till, amount, expected, on, moment, against))


def _note(moment: str) -> str:
    """Give the words of a count's entry when nobody gave a reason."""
    return f"{moment} count"


def _require_counted(amount: Money) -> None:
    if amount < ZERO:
        raise AmountNegativeError(given=amount)
    if amount:
        books.require_amount(amount)


def _book_difference(
    session: Session,
    account_id: int,
    counted: Money,
    expected: Money,
    on: date,
    against: Role,
    note: str,
    *,
    approved_by_id: int | None = None,
) -> JournalEntry | None:
    entry = over_short_entry(counted, expected, cash=Role.CASH)
    if entry is None:
        return None
    accounts: dict[Account, int] = {
        Role.CASH: account_id,
        Role.OVER_SHORT: books.account_with_role(session, against),
    }
    return books.post(session, entry, accounts, value_date=on, note=note, approved_by_id=approved_by_id)
