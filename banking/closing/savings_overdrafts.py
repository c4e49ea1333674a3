"""Overdrafts among the assets: what accounts owe, out of the deposits among which they are kept.

An account below zero stays in its product's deposits account, where its movements are. A close moves what all
accounts of a product owe to the product's overdraft account, to target; the next one moves back what was
repaid. Products that name no account for it show their overdrafts as less deposits.
"""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.closing.targets import Pair, post_to_target
from ledger.accruals import Shift
from ledger.money import ZERO, Money
from schema.reading import fetch
from schema.writing import act

SAVINGS_OVERDRAFT: Final = "savings_overdraft"
"""Kind of the entries; the checks of the books leave them out where savings and deposits are compared."""

_PRODUCTS = "SELECT gl_overdraft_id, gl_deposits_id FROM savings_product WHERE gl_overdraft_id IS NOT NULL"

_OWED = """
SELECT overdraft, deposits, CAST(sum(-balance) AS BIGINT) FROM (
  SELECT p.gl_overdraft_id AS overdraft, p.gl_deposits_id AS deposits, sum(t.amount) AS balance
    FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
    JOIN savings_transaction AS t ON t.savings_account_id = a.id
   WHERE a.origin_office_id = ? AND t.booked_on <= ? AND p.gl_overdraft_id IS NOT NULL
   GROUP BY a.id, p.gl_overdraft_id, p.gl_deposits_id HAVING sum(t.amount) < 0
) AS below GROUP BY overdraft, deposits
"""


def overdraft_targets(session: Session, on: date) -> dict[Pair, Money]:
    """Give what each overdraft account must stand at, at the close of ``on``; minor units."""
    targets: dict[Pair, Money] = {(row[0], row[1]): ZERO for row in fetch(session, _PRODUCTS)}
    for overdraft, deposits, owed in fetch(session, _OWED, act(session).office_id, on.isoformat()):
        targets[overdraft, deposits] = Money(owed)
    return targets


def post_savings_overdrafts(session: Session, on: date) -> list[Shift]:
    """Bring every overdraft account to its target at the close of ``on``; a second time posts nothing.

    raises   ClosedDayError, ClosedPeriodError
    """
    targets = overdraft_targets(session, on)
    return post_to_target(session, SAVINGS_OVERDRAFT, targets, on, "overdrafts of savings") if targets else []
