"""Drawers counted: by denomination or as one amount; what differs from the books goes to over and short."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.approval import SECOND_PERSON, find_limit, require_second_person
from banking.booking_day import booked_on
from banking.cash import account_balance
from banking.cash_errors import CountMismatchError, CountReasonError
from banking.errors import BadValueError, MissingError
from banking.text import LONGEST_NOTE, clean
from banking.till_cash import TILL, drawers_of, get_till, till_cash
from ledger.denominations import parse_pieces
from ledger.errors import AmountNegativeError
from ledger.money import ZERO, Money, total
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
    """What somebody counted in a drawer: the pieces in major units as typed, the amount, or both.

    ``reason`` is why it differs from the books, where it does.
    """

    amount: Money | None = None
    pieces: str = ""
    reason: str = ""


DayCounts: TypeAlias = Money | Mapping[int, Money | Counted] | None
"""How the cash of a day was counted: all tills together, or by till id; None when nobody counted."""


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
    why = clean(reason or counted.reason, "reason", LONGEST_NOTE)
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
    counted: DayCounts,
    on: date,
    moment: str,
    *,
    against: Role = Role.OVER_SHORT,
    reason: str = "",
    seen_by_id: int | None = None,
) -> Money | None:
    """Book the count with which a day opens or closes; gives the difference, None when nobody counted.

    counted  cash in all tills together, or by till id; the vault has counts of its own. Where there is one
             till, both are a count of that till; a difference of several together is nobody's in particular
    reason   of a difference, where a till has none of its own
    raises   as ``count_till``
    """
    if counted is None:
        return None
    given = _Day(on, moment, against, reason, seen_by_id)
    if not isinstance(counted, Money):
        rows = [_count_for_day(session, till_id, found, given) for till_id, found in sorted(counted.items())]
        return total(row.counted - row.expected for row in rows)
    main = books.account_with_role(session, Role.CASH)
    tills = [till for till in drawers_of(session, act(session).office_id) if till.kind == TILL]
    alone = _only_one(tills, main)
    if alone is not None:
        row = _count_for_day(session, alone.id, counted, given)
        return row.counted - row.expected
    _require_counted(counted)
    office = act(session).office_id
    accounts = sorted({main, *(till.gl_account_id for till in tills)})
    balances = {account: account_balance(session, account, office) for account in accounts}
    there = counted - total(balances[account] for account in accounts if account != main)
    numbers = ", ".join(str(till.number) for till in tills)
    why, second = _settled(session, given, numbers, there, balances[main])
    words = why or _note(moment)
    _book_difference(session, main, there, balances[main], on, against, words, approved_by_id=second)
    return there - balances[main]


@dataclass(frozen=True, slots=True)
class _Day:
    """What all counts of one opening or closing share."""

    on: date
    moment: str
    against: Role
    reason: str
    seen_by_id: int | None


def _settled(
    session: Session, given: _Day, till: object, counted: Money, expected: Money, reason: str = ""
) -> tuple[str, int | None]:
    """Give the reason of a count and its second person; refuse a difference that lacks either.

    What the drawers held before the branch kept books here is no difference: it needs neither.
    """
    why = clean(reason or given.reason, "reason", LONGEST_NOTE)
    if given.against is not Role.OVER_SHORT:
        return why, given.seen_by_id
    if counted != expected and not why:
        raise CountReasonError(till=till, counted=counted, expected=expected)
    second = require_second_person(session, counted - expected, given.seen_by_id, permission=WITNESS)
    return why, second


def _only_one(tills: Sequence[Till], main: int) -> Till | None:
    """Give the till that a count of all drawers is a count of, if there is only one in use."""
    in_use = [till for till in tills if till.state == "active"]
    others = {till.gl_account_id for till in tills} - {main}
    return in_use[0] if len(in_use) == 1 and not others else None


def _count_for_day(session: Session, till_id: int, found: Money | Counted, given: _Day) -> CashCount:
    """Count one till for the day."""
    counted = Counted(amount=found) if isinstance(found, Money) else found
    amount, pieces = _amount_of(session, counted)
    till = get_till(session, till_id)
    expected = till_cash(session, till)
    why, second = _settled(session, given, till.number, amount, expected, counted.reason)
    return _write(
        session, _Count(till, amount, expected, given.on, given.moment, given.against, why, pieces, second)
    )


@dataclass(frozen=True, slots=True)
class Weighed:
    """A count before it is booked: what was counted in a till, what the books say, both in minor units.

    ``needs_second`` says that the difference needs two people.
    """

    number: int
    counted: Money
    expected: Money
    needs_second: bool

    @property
    def difference(self) -> Money:
        """What is over, or below zero: short."""
        return self.counted - self.expected


def weigh(session: Session, till: Till, counted: Counted, digits: int) -> Weighed:
    """Set a count beside the books, without writing anything.

    raises   BadPiecesError
    """
    amount, expected = _worth(counted, digits), till_cash(session, till)
    limit = find_limit(session, SECOND_PERSON, till.origin_office_id)
    return Weighed(till.number, amount, expected, limit is not None and abs(amount - expected) >= limit)


def sum_of(counted: DayCounts, digits: int) -> Money | None:
    """Add up what was counted in minor units; None when nobody counted."""
    if counted is None or isinstance(counted, Money):
        return counted
    return total(_worth(found, digits) for found in counted.values())


def _worth(found: Money | Counted, digits: int) -> Money:
    if isinstance(found, Money):
        return found
    return parse_pieces(found.pieces, digits).total if found.amount is None else found.amount


def counted_at_close(session: Session, office_id: int, on: date) -> tuple[Money, Money] | None:
    """Give what the tills of an office were counted to hold when they closed, and what that differed by.

    None while a till in use has no closing count of the day, or where there is no till.
    """
    tills = [till for till in drawers_of(session, office_id) if till.kind == TILL and till.state == "active"]
    counts = [
        [count for count in counts_of(session, till.id, on) if count.moment == CLOSING] for till in tills
    ]
    if not counts or not all(counts):
        return None
    held = total(of_till[-1].counted for of_till in counts)
    return held, total(count.counted - count.expected for of_till in counts for count in of_till)


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
