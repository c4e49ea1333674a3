"""Charges on savings: at the opening, for a withdrawal, by month and year, for dormancy and at the closing.

A charge is taken from the balance at once and never owed: where less is there, it takes what is there, and
it makes no overdraft. Only a withdrawal is refused when its own charge does not fit beside it. Charges that
are waived are taken back like any movement, and the period that they were for is not charged again.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.booking_day import booked_on
from banking.books import account_with_role
from banking.savings_book import ACTIVE, DORMANT, SavingsBook, held, lowest_balance_from, read_savings
from banking.savings_legs import Trace, write_leg
from ledger.dates import add_months
from ledger.errors import ClosedPeriodError, NotFoundError
from ledger.money import ZERO, Money, total
from ledger.posting import Account, Role, entry_between
from ledger.savings_interest import Every, percent_of, period_end, period_ends
from schema.accounts import SavingsTransaction
from schema.products import ChargeDefinition, ProductCharge, SavingsProduct
from schema.reading import fetch
from schema.writing import act, cut_when_full

OPENING, WITHDRAWAL, MONTHLY, ANNUALLY, CLOSING, AT_DORMANCY = (
    "opening",
    "withdrawal",
    "monthly",
    "annually",
    "closing",
    "dormant",
)
FEE = "fee"


def charges_of(session: Session, product_id: int, *due: str) -> Sequence[ChargeDefinition]:
    """List the charges of a product's version that fall due on one of some occasions, by code."""
    wanted = (
        select(ChargeDefinition)
        .join(ProductCharge, ProductCharge.charge_id == ChargeDefinition.id)
        .where(ProductCharge.savings_product_id == product_id, ChargeDefinition.due.in_(due))
    )
    return session.scalars(wanted.order_by(ChargeDefinition.code)).all()


def amount_of(charge: ChargeDefinition, base: Money) -> Money:
    """Give a charge on ``base`` (what moves, or the balance): its amount or percent, within its caps."""
    if charge.amount is not None:
        wanted = charge.amount
    else:
        wanted = percent_of(max(base, ZERO), charge.percent) if charge.percent is not None else ZERO
    if charge.least is not None:
        wanted = max(wanted, charge.least)
    return wanted if charge.most is None else min(wanted, charge.most)


def charges_on(session: Session, book: SavingsBook, due: str, base: Money) -> Money:
    """Add up what an occasion would be charged, before it is done."""
    return total(amount_of(charge, base) for charge in charges_of(session, book.product_id, due))


def charge(
    session: Session, book: SavingsBook, definition: ChargeDefinition, base: Money, on: date
) -> SavingsTransaction | None:
    """Take one charge as far as money is there; gives None where there is none, or nothing to take."""
    free = lowest_balance_from(session, book.id, on) - held(session, book.id)
    taken = min(amount_of(definition, base), free)
    if taken <= ZERO:
        return None
    accounts: dict[Account, int] = {
        Role.SAVINGS_DEPOSITS: book.gl_deposits_id,
        Role.SAVINGS_FEE_INCOME: _income_account(session, book.product_id, definition),
    }
    entry = entry_between("savings_fee", Role.SAVINGS_DEPOSITS, Role.SAVINGS_FEE_INCOME, taken)
    posted = books.post(session, entry, accounts, value_date=on, note=definition.name)
    return write_leg(session, book.id, FEE, -taken, posted, Trace(charge_id=definition.id))


def charge_occasion(
    session: Session, book: SavingsBook, due: str, base: Money, on: date
) -> list[SavingsTransaction]:
    """Take every charge of an occasion; gives those that found money."""
    taken = (charge(session, book, one, base, on) for one in charges_of(session, book.product_id, due))
    return [row for row in taken if row is not None]


def charge_by_hand(
    session: Session, account_id: int, charge_id: int, on: date, *, base: Money = ZERO
) -> SavingsTransaction | None:
    """Take a charge from the list of headquarters once, whether or not the product has it.

    base     what a percentage is of, in minor units
    raises   NotFoundError, also for a charge on loans or one that is no longer on offer; StatusError
    """
    definition = session.get(ChargeDefinition, charge_id)
    if definition is None or not definition.active or definition.applies_to != "savings":
        raise NotFoundError(kind="charge", key=charge_id)
    return charge(session, read_savings(session, account_id, on), definition, base, on)


def _income_account(session: Session, product_id: int, definition: ChargeDefinition) -> int:
    if definition.gl_income_id is not None:
        return definition.gl_income_id
    product = session.get_one(SavingsProduct, product_id)
    return product.gl_fee_id or account_with_role(session, Role.SAVINGS_FEE_INCOME)


_PERIODIC = """
SELECT a.id, a.opened_on, c.id, c.due,
       (SELECT max(t.value_date) FROM savings_transaction AS t
         WHERE t.savings_account_id = a.id AND t.charge_id = c.id AND t.kind = 'fee')
  FROM savings_account AS a
  JOIN product_charge AS pc ON pc.savings_product_id = a.product_id
  JOIN charge_definition AS c ON c.id = pc.charge_id
 WHERE a.origin_office_id = ? AND a.status IN (?, ?) AND c.due IN ('monthly', 'annually')
   AND a.opened_on IS NOT NULL AND a.opened_on <= ?
 ORDER BY a.id, c.code
"""


def charge_periods(session: Session, until: date) -> int:
    """Take the monthly and annual charges of all accounts up to ``until``; gives how many were taken.

    A month ends with the calendar, a year on the day of the opening. What was charged (and waived since)
    is not charged again; an account that was never charged begins with the newest period.
    """
    due: list[tuple[date, int, int]] = []
    rows = fetch(session, _PERIODIC, act(session).office_id, ACTIVE, DORMANT, until.isoformat())
    for account_id, opened_on, charge_id, occasion, newest in rows:
        opened = date.fromisoformat(opened_on)
        ends = _month_ends(opened, until) if occasion == MONTHLY else _anniversaries(opened, until)
        missing = ends[-1:] if newest is None else [day for day in ends if day.isoformat() > newest]
        due.extend((day, account_id, charge_id) for day in missing)
    taken = 0
    for day, account_id, charge_id in sorted(due):
        if _is_closed(session, day):
            continue
        book = read_savings(session, account_id, day)
        base = lowest_balance_from(session, account_id, day)
        done = charge(session, book, session.get_one(ChargeDefinition, charge_id), base, day)
        taken += done is not None
        cut_when_full(session)
    return taken


def _is_closed(session: Session, day: date) -> bool:
    """Tell whether a day lies in a closed period: what was not charged in time is not charged any more."""
    try:
        booked_on(session, day)
    except ClosedPeriodError:
        return True
    return False


def _month_ends(opened: date, until: date) -> list[date]:
    return period_ends(opened, until, Every.MONTHLY) if period_end(opened, Every.MONTHLY) <= until else []


def _anniversaries(opened: date, until: date) -> list[date]:
    years = range(1, until.year - opened.year + 1)
    return [day for year in years if (day := add_months(opened, 12 * year)) <= until]
