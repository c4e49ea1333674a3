"""The business day: opened with the cash counted, worked, closed with the cash counted again."""

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Select, select
from sqlalchemy import update as change
from sqlalchemy.orm import Session

from banking import books, cash
from banking.booking_day import booked_on
from banking.errors import ClockBackError, DayOpenError, DayPassedError, NoOpenDayError
from ledger.errors import AmountNegativeError, NotFoundError, UnbalancedEntryError
from ledger.money import ZERO, Money
from ledger.posting import Account, Role, over_short_entry
from schema.accounting import AuditEvent, BusinessDay, JournalEntry
from schema.reading import fetch_one
from schema.replication import AuditLog
from schema.writing import act, insert, update

__all__ = ["booked_on", "close_day", "current_day", "last_closed_day", "list_days", "open_day"]

OPEN, CLOSED = "open", "closed"
SEALED_AT_ONCE = 4000
"""Audit rows that one close seals, since a changeset has 5,000 ops; what is left goes with the next close."""

CLOCK_TOLERANCE = timedelta(minutes=10)


def current_day(session: Session, office_id: int | None = None) -> BusinessDay | None:
    """Give the open day of an office (in a database of one branch: of the branch), or None."""
    return session.scalars(_days(office_id).where(BusinessDay.state == OPEN)).first()


def last_closed_day(session: Session, office_id: int | None = None) -> BusinessDay | None:
    """Give the newest closed day, or None."""
    return session.scalars(_days(office_id).where(BusinessDay.state == CLOSED).limit(1)).first()


def list_days(session: Session, office_id: int | None = None, limit: int = 31) -> list[BusinessDay]:
    """List the newest days, newest first."""
    return list(session.scalars(_days(office_id).limit(limit)))


def _days(office_id: int | None) -> Select[BusinessDay]:
    newest = select(BusinessDay).order_by(BusinessDay.on.desc())
    return newest if office_id is None else newest.where(BusinessDay.origin_office_id == office_id)


def open_day(session: Session, on: date, cash: Money | None = None) -> BusinessDay:
    """Open the business day ``on`` with ``cash`` counted in all drawers.

    A difference to the books goes to over and short. On the first day of a branch it is what its drawers held
    before it kept books here, so it is booked against "Books brought in". Without a count nothing is booked.

    raises   DayOpenError, DayPassedError, ClockBackError, AmountNegativeError; ClosedPeriodError
    """
    current = act(session)
    opened = current_day(session, current.office_id)
    if opened is not None:
        raise DayOpenError(day=opened.on)
    last = last_closed_day(session, current.office_id)
    if last is not None and on <= last.on:
        raise DayPassedError(day=on, last=last.on)
    _refuse_clock_back(session, last)
    booked_on(session, on)
    _count(session, cash, on, Role.BROUGHT_IN if last is None else Role.OVER_SHORT, "opening count")
    day = BusinessDay(on=on, state=OPEN, opened_at=current.recorded_at, opening_cash=cash)
    insert(session, day)
    return day


def close_day(session: Session, counted: Money | Mapping[int, Money] | None = None) -> BusinessDay:
    """Close the open day: cash against the books, trial balance, the day's log into the chain.

    counted  cash in all drawers together, or by till id; None when nobody counted
    raises   NoOpenDayError; UnbalancedEntryError when the books do not balance; AmountNegativeError
    """
    current = act(session)
    day = current_day(session, current.office_id)
    if day is None:
        raise NoOpenDayError
    difference = _count_drawers(session, counted, day.on)
    _require_balance(session, current.office_id)
    _seal_log(session)
    update(
        session,
        day,
        state=CLOSED,
        closed_at=current.recorded_at,
        closing_cash=_sum(counted),
        cash_difference=difference,
    )
    return day


def _refuse_clock_back(session: Session, last: BusinessDay | None) -> None:
    """Refuse when this computer's clock lies before something that was written already."""
    current = act(session)
    newest = session.scalars(
        select(JournalEntry.recorded_at)
        .where(JournalEntry.origin_office_id == current.office_id)
        .order_by(JournalEntry.id.desc())
        .limit(1)
    ).first()
    closed_at = None if last is None else last.closed_at
    instants = [instant for instant in (newest, closed_at) if instant is not None]
    if instants and current.recorded_at + CLOCK_TOLERANCE < max(instants):
        raise ClockBackError(now=current.recorded_at, last=max(instants))


def _sum(counted: Money | Mapping[int, Money] | None) -> Money | None:
    if counted is None or isinstance(counted, Money):
        return counted
    return sum(counted.values(), ZERO)


def _count_drawers(session: Session, counted: Money | Mapping[int, Money] | None, on: date) -> Money | None:
    """Book what was counted too much or too little; gives the difference, None when nobody counted."""
    if counted is None or isinstance(counted, Money):
        return _count(session, counted, on, Role.OVER_SHORT, "closing count")
    accounts: dict[int, Money] = {}
    for till_id, amount in sorted(counted.items()):
        leg = cash.cash_leg(session, till_id)
        _require_counted(amount)
        accounts[leg.account_id] = accounts.get(leg.account_id, ZERO) + amount
    differences = [
        _book_difference(session, account_id, amount, on, Role.OVER_SHORT, "closing count")
        for account_id, amount in accounts.items()
    ]
    return sum(differences, ZERO)


def _count(session: Session, counted: Money | None, on: date, against: Role, note: str) -> Money | None:
    """Book the difference of one count of all drawers against the books."""
    if counted is None:
        return None
    _require_counted(counted)
    main = books.account_with_role(session, Role.CASH)
    others = _drawer_accounts(session) - {main}
    office = act(session).office_id
    elsewhere = sum((cash.account_balance(session, other, office) for other in sorted(others)), ZERO)
    return _book_difference(session, main, counted - elsewhere, on, against, note)


def _drawer_accounts(session: Session) -> set[int]:
    tills = cash.list_tills(session, act(session).office_id)
    return {till.gl_account_id for till in tills if till.number != cash.BROUGHT_IN_TILL}


def _require_counted(amount: Money) -> None:
    if amount < ZERO:
        raise AmountNegativeError(given=amount)
    if amount:
        books.require_amount(amount)


def _book_difference(
    session: Session, account_id: int, counted: Money, on: date, against: Role, note: str
) -> Money:
    expected = cash.account_balance(session, account_id, act(session).office_id)
    entry = over_short_entry(counted, expected, cash=Role.CASH)
    if entry is not None:
        accounts: dict[Account, int] = {
            Role.CASH: account_id,
            Role.OVER_SHORT: books.account_with_role(session, against),
        }
        books.post(session, entry, accounts, value_date=on, note=note)
    return counted - expected


def _require_balance(session: Session, office_id: int) -> None:
    row = fetch_one(
        session,
        "SELECT CAST(coalesce(sum(debit), 0) AS BIGINT), CAST(coalesce(sum(credit), 0) AS BIGINT) "
        "FROM gl_day_total WHERE origin_office_id = ?",
        office_id,
    )
    if row is None:
        raise NotFoundError(kind="office", key=office_id)
    if row[0] != row[1]:
        raise UnbalancedEntryError(kind="trial balance", debit=Money(row[0]), credit=Money(row[1]))


def _seal_log(session: Session) -> None:
    """Bring the local log of log-ins, views and prints into the chain, each row once."""
    waiting = session.scalars(
        select(AuditLog).where(AuditLog.sealed == 0).order_by(AuditLog.id).limit(SEALED_AT_ONCE)
    ).all()
    insert(
        session,
        *(AuditEvent(at=row.at, user_id=row.user_id, what=row.what, subject=row.subject) for row in waiting),
    )
    if waiting:
        numbers = [row.id for row in waiting]
        session.execute(
            change(AuditLog)
            .where(AuditLog.sealed == 0, AuditLog.id <= numbers[-1])
            .values(sealed=1)
            .execution_options(synchronize_session=False)
        )
