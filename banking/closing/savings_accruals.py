"""Interest that savings have earned and that is not posted yet, as a payable.

Only products that name an account for it accrue; the others book interest as an expense when it is posted.
"""

from datetime import date, timedelta
from typing import Final

from sqlalchemy.orm import Session

from banking.closing.targets import Pair, find_shifts, post_to_target
from banking.savings_interest import interest_accrued_of_all
from ledger.accruals import Shift
from ledger.money import ZERO, Money
from schema.accounts import SavingsAccount
from schema.reading import fetch
from schema.writing import act, cut_when_full, update

SAVINGS_ACCRUAL: Final = "savings_accrual"

_PRODUCTS = """
SELECT id, gl_interest_payable_id, gl_interest_id FROM savings_product
 WHERE gl_interest_payable_id IS NOT NULL ORDER BY id
"""


_BROUGHT_IN = """
SELECT a.id FROM savings_account AS a
 WHERE a.origin_office_id = ? AND a.interest_to IS NULL AND a.earns_from IS NULL
   AND EXISTS (SELECT 1 FROM savings_transaction AS t
                WHERE t.savings_account_id = a.id AND t.value_date <= ?)
 ORDER BY a.id
"""


def settle_brought_in(session: Session) -> int:
    """Let accounts that are older than this branch's first business day earn from its month on.

    What they earned in months before was posted, or not, in the books that they come from: a first close must
    not post years of interest. Gives how many accounts were settled; none the second time.
    """
    office = act(session).office_id
    first = fetch(session, 'SELECT min("on") FROM business_day WHERE origin_office_id = ?', office)[0][0]
    if first is None:
        return 0
    earns_from = date.fromisoformat(first).replace(day=1)
    settled = earns_from - timedelta(days=1)
    older = fetch(session, _BROUGHT_IN, office, settled.isoformat())
    for (account_id,) in older:
        account = session.get_one(SavingsAccount, account_id)
        update(session, account, earns_from=earns_from, interest_to=settled)
        cut_when_full(session)
    return len(older)


def savings_accrual_targets(session: Session, on: date) -> dict[Pair, Money]:
    """Give what each payable must stand at (debit-positive: below zero) at the close of ``on``."""
    pairs = {row[0]: (row[1], row[2]) for row in fetch(session, _PRODUCTS)}
    targets = dict.fromkeys(pairs.values(), ZERO)
    if not pairs:
        return {}
    for earned in interest_accrued_of_all(session, act(session).office_id, on):
        if earned.product_id in pairs:
            targets[pairs[earned.product_id]] -= earned.interest
    return targets


def post_savings_accruals(session: Session, on: date) -> list[Shift]:
    """Bring every payable to its target at the close of ``on``; a second time posts nothing.

    raises   ClosedDayError, ClosedPeriodError
    """
    targets = savings_accrual_targets(session, on)
    return post_to_target(session, SAVINGS_ACCRUAL, targets, on, "interest on savings accrued")


def unposted_savings_accruals(session: Session, on: date) -> list[Shift]:
    """Give what the payables still lack at the close of ``on``: empty after they were posted."""
    return find_shifts(session, SAVINGS_ACCRUAL, savings_accrual_targets(session, on), on)
