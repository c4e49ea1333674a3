"""Accounts that nobody touches: dormant first, and after a longer time among the unclaimed savings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from banking import books
from banking.books import account_with_role
from banking.savings_book import ACTIVE, DORMANT, UNCLAIMED, SavingsBook, balance, held, read_savings
from banking.savings_charges import AT_DORMANCY, charge_occasion
from banking.savings_interest import post_interest
from banking.savings_legs import write_leg
from ledger.money import ZERO
from ledger.posting import Account, Role, entry_between
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.products import SavingsProduct
from schema.reading import fetch
from schema.writing import act, cut_when_full, update

_UNTOUCHED = """
SELECT a.id, a.status, p.dormant_after_days, p.unclaimed_after_days, a.opened_on, a.matures_on,
       (SELECT max(t.value_date) FROM savings_transaction AS t
         WHERE t.savings_account_id = a.id
           AND t.kind IN ('deposit', 'withdrawal', 'transfer_in', 'transfer_out', 'loan_payment',
                          'loan_disbursement')
           AND NOT EXISTS (SELECT 1 FROM journal_entry AS e
                            WHERE e.id = t.journal_entry_id AND e.kind = 'interest_payout'))
  FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
 WHERE a.origin_office_id = ? AND a.status IN (?, ?)
   AND (p.dormant_after_days IS NOT NULL OR p.unclaimed_after_days IS NOT NULL)
 ORDER BY a.id
"""


@dataclass(frozen=True, slots=True)
class Untouched:
    """How many accounts fell asleep, and how many went to the unclaimed savings."""

    dormant: int = 0
    unclaimed: int = 0


def mark_dormant(session: Session, on: date) -> Untouched:
    """Mark what no owner touched for as long as the product says, for the close of ``on``.

    What counts is money that somebody moved: deposits, withdrawals, transfers, loans paid from or into the
    account. A term that runs is no sleep; it begins when the term ends. Nothing is done twice.
    """
    dormant = unclaimed = 0
    for account_id, status, sleeps_after, lost_after, since in _untouched(session):
        days = (on - since).days
        if lost_after is not None and days >= lost_after:
            unclaimed += _give_up(session, account_id, on)
        elif status == ACTIVE and sleeps_after is not None and days >= sleeps_after:
            update(session, session.get_one(SavingsAccount, account_id), status=DORMANT)
            book = read_savings(session, account_id)
            charge_occasion(session, book, AT_DORMANCY, balance(session, account_id), on)
            dormant += 1
        cut_when_full(session)
    return Untouched(dormant, unclaimed)


def _untouched(session: Session) -> Iterator[tuple[int, str, int | None, int | None, date]]:
    """Give each account that could sleep, with the day of the last movement of its owner."""
    rows = fetch(session, _UNTOUCHED, act(session).office_id, ACTIVE, DORMANT)
    for account_id, status, sleeps_after, lost_after, *days in rows:
        known = [day for day in days if day is not None]
        if known:
            yield account_id, status, sleeps_after, lost_after, date.fromisoformat(max(known))


def _give_up(session: Session, account_id: int, on: date) -> bool:
    """Move a balance to the unclaimed savings; an account with held or overdrawn money stays as it is."""
    if held(session, account_id) or balance(session, account_id) < ZERO:
        return False
    post_interest(session, account_id, on - timedelta(days=1), to_the_day=True)
    book = read_savings(session, account_id)
    _move_to_unclaimed(session, book, on)
    update(session, session.get_one(SavingsAccount, account_id), status=UNCLAIMED)
    return True


def _move_to_unclaimed(session: Session, book: SavingsBook, on: date) -> SavingsTransaction | None:
    amount = balance(session, book.id)
    if not amount:
        return None
    product = session.get_one(SavingsProduct, book.product_id)
    accounts: dict[Account, int] = {
        Role.SAVINGS_DEPOSITS: book.gl_deposits_id,
        Role.UNCLAIMED_SAVINGS: product.gl_unclaimed_id or account_with_role(session, Role.UNCLAIMED_SAVINGS),
    }
    entry = entry_between("unclaimed_savings", Role.SAVINGS_DEPOSITS, Role.UNCLAIMED_SAVINGS, amount)
    posted = books.post(session, entry, accounts, value_date=on)
    return write_leg(session, book.id, UNCLAIMED, -amount, posted)
