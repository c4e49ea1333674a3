"""What a posting must know of a savings account: its state, what is there, held, locked, and may be owed.

A negative balance that was agreed (an overdraft) stays inside the deposits account; the day's close shows it
among the assets by an entry to target, and the next close takes that back as far as it was repaid.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking.errors import BadValueError, InsufficientFundsError, StatusError
from banking.savings_errors import HeldError, LockedError, OneDepositError
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money
from schema.reading import fetch, fetch_one
from schema.writing import act

ACTIVE, DORMANT, UNCLAIMED, MATURED, CLOSED, MOVED = (
    "active",
    "dormant",
    "unclaimed",
    "matured",
    "closed",
    "moved",
)
_ACCOUNT = """
SELECT a.number, a.origin_office_id, a.opened_on, p.gl_deposits_id, p.minimum_balance, a.status,
       coalesce(a.overdraft_limit, p.overdraft_limit), a.locked_until, a.matures_on, p.kind, p.id
  FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
 WHERE a.id = ?
"""


@dataclass(frozen=True, slots=True)
class SavingsBook:
    """What a posting must know of an account. Amounts in minor units; ``overdraft`` is what may be owed."""

    id: int
    number: str
    office_id: int
    opened_on: date | None
    gl_deposits_id: int
    minimum_balance: Money
    status: str
    overdraft: Money
    locked_until: date | None
    matures_on: date | None
    product_kind: str
    product_id: int

    @property
    def floor(self) -> Money:
        """What has to stay: below zero where an overdraft is agreed, else the product's minimum."""
        return -self.overdraft if self.overdraft else self.minimum_balance


def look_at(session: Session, account_id: int) -> SavingsBook:
    """Read an account of any office, as headquarters and reports do.

    raises   NotFoundError
    """
    row = fetch_one(session, _ACCOUNT, account_id)
    if row is None:
        raise NotFoundError(kind="savings account", key=account_id)
    return SavingsBook(
        id=account_id,
        number=row[0],
        office_id=row[1],
        opened_on=_day(row[2]),
        gl_deposits_id=row[3],
        minimum_balance=Money(row[4] or 0),
        status=row[5],
        overdraft=Money(row[6] or 0),
        locked_until=_day(row[7]),
        matures_on=_day(row[8]),
        product_kind=row[9],
        product_id=row[10],
    )


def read_savings(session: Session, account_id: int, on: date | None = None) -> SavingsBook:
    """Read an account of this office for a movement on ``on``.

    raises   NotFoundError; BadValueError for a day before the account was opened
    """
    book = look_at(session, account_id)
    if book.office_id != act(session).office_id:
        raise NotFoundError(kind="savings account", key=account_id)
    if on is not None and book.opened_on is not None and on < book.opened_on:
        raise BadValueError(field="value_date", given=on)
    return book


def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


def leg_account(session: Session, account_id: int, on: date) -> int:
    """Give the GL account on which the savings side of an entry stands, as ``cash_leg`` does for a till.

    raises   NotFoundError, BadValueError
    """
    return read_savings(session, account_id, on).gl_deposits_id


def balance(session: Session, account_id: int, until: date | None = None) -> Money:
    """Give the balance at the end of ``until`` by value date (default: everything)."""
    row = fetch_one(
        session,
        "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM savings_transaction "
        "WHERE savings_account_id = ? AND value_date <= ?",
        account_id,
        (until or date.max).isoformat(),
    )
    return Money(row[0]) if row else ZERO


_BY_DAY_FROM = """
SELECT value_date, CAST(sum(amount) AS BIGINT) FROM savings_transaction
 WHERE savings_account_id = ? AND value_date > ? GROUP BY value_date ORDER BY value_date
"""


def lowest_balance_from(session: Session, account_id: int, on: date) -> Money:
    """Give the lowest balance at the end of ``on`` or of any later day: what can be taken on ``on``."""
    running = lowest = balance(session, account_id, on)
    for _, amount in fetch(session, _BY_DAY_FROM, account_id, on.isoformat()):
        running += Money(amount)
        lowest = min(lowest, running)
    return lowest


def held(session: Session, account_id: int) -> Money:
    """Give what is held on an account now: not released yet, in minor units."""
    row = fetch_one(
        session,
        "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM savings_hold "
        "WHERE savings_account_id = ? AND released_on IS NULL",
        account_id,
    )
    return Money(row[0]) if row else ZERO


def available(session: Session, account_id: int, on: date) -> Money:
    """Give what could be withdrawn on ``on``: the balance less holds and the minimum, plus an overdraft.

    A lock-in or a fixed term is no part of it: ``require_unlocked`` asks for those. Below zero where less is
    there than must stay.
    """
    book = look_at(session, account_id)
    return lowest_balance_from(session, account_id, on) - held(session, account_id) - book.floor


def require_unlocked(book: SavingsBook, on: date) -> None:
    """Refuse a withdrawal before a lock-in or a term has passed.

    raises   LockedError with the first day on which money can leave
    """
    until = max((day for day in (book.locked_until, book.matures_on) if day is not None), default=None)
    if until is not None and on < until and book.status != MATURED:
        raise LockedError(number=book.number, until=until)


def require_funds(
    session: Session, book: SavingsBook, amount: Money, on: date, *, to_the_last: bool = False
) -> None:
    """Refuse to take ``amount`` where less is there, and say whether it is a hold that keeps it.

    to_the_last  the minimum balance need not stay (charges of the bank, closing)
    raises       InsufficientFundsError, HeldError
    """
    floor = min(book.floor, ZERO) if to_the_last else book.floor
    free = lowest_balance_from(session, book.id, on) - floor
    if amount > free:
        raise InsufficientFundsError(amount=amount, available=max(free, ZERO))
    kept = held(session, book.id)
    if amount > free - kept:
        raise HeldError(amount=amount, available=max(free - kept, ZERO), held=kept)


def require_status(book: SavingsBook, wanted: str, *allowed: str) -> None:
    """Refuse what the account's state does not allow.

    raises   StatusError
    """
    if book.status not in allowed:
        raise StatusError(number=book.number, status=book.status, wanted=wanted)


_HAS_DEPOSIT = """
SELECT 1 FROM savings_transaction AS t
 WHERE t.savings_account_id = ? AND t.kind IN ('deposit', 'transfer_in', 'loan_disbursement')
   AND NOT EXISTS (SELECT 1 FROM savings_transaction AS r WHERE r.reverses_id = t.id) LIMIT 1
"""


def has_deposit(session: Session, account_id: int) -> bool:
    """Tell whether anybody paid in so far, what was taken back aside."""
    return fetch_one(session, _HAS_DEPOSIT, account_id) is not None


def require_room(session: Session, book: SavingsBook) -> None:
    """Refuse a second deposit on a fixed term.

    raises   OneDepositError
    """
    if book.product_kind == "fixed" and has_deposit(session, book.id):
        raise OneDepositError(number=book.number)
