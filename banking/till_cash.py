"""What a drawer holds by the books.

Several tills may share one GL account ("Cash in hand"). What moved through one of them is its own: payments
of clients, floats, and what its counts found. What nobody attributes to a till (a count of all drawers
together, a manual entry, books brought in) belongs to the first till in use on that account, so that what all
of them hold is always the account's balance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking.approval import find_limit
from banking.cash import BROUGHT_IN_TILL, CashLeg, account_balance, list_tills
from banking.cash_errors import TillCashError
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money
from schema.accounting import Till
from schema.reading import fetch_one
from schema.writing import act

TILL, VAULT = "till", "vault"
TILL_CASH_LIMIT = "till_cash"

_NEWEST_COUNT = "SELECT id, counted FROM cash_count WHERE till_id = ? ORDER BY id DESC LIMIT 1"

_MOVED = """
SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM (
  SELECT l.debit - l.credit AS amount
    FROM journal_line AS l
    JOIN journal_entry AS e ON e.id = l.journal_entry_id
   WHERE l.gl_account_id = ? AND e.booked_on <= ? AND l.journal_entry_id IN (
         SELECT journal_entry_id FROM loan_transaction
          WHERE till_id = ? AND payment_type_id IS NULL AND id > ?
          UNION
         SELECT journal_entry_id FROM savings_transaction
          WHERE till_id = ? AND payment_type_id IS NULL AND id > ?)
  UNION ALL
  SELECT CASE WHEN m.to_till_id = ? THEN m.amount ELSE -m.amount END
    FROM cash_movement AS m JOIN journal_entry AS e ON e.id = m.journal_entry_id
   WHERE (m.to_till_id = ? OR m.from_till_id = ?) AND m.id > ? AND e.booked_on <= ?
  UNION ALL
  SELECT c.counted - c.expected
    FROM cash_count AS c WHERE c.till_id = ? AND c.id > ? AND c."on" <= ?
) AS moved
"""


def get_till(session: Session, till_id: int) -> Till:
    """Give a drawer of this office.

    raises   NotFoundError, also for another office's and for the till of older books
    """
    till = session.get(Till, till_id)
    if till is None or till.origin_office_id != act(session).office_id or till.number == BROUGHT_IN_TILL:
        raise NotFoundError(kind="till", key=till_id)
    return till


def drawers_of(session: Session, office_id: int) -> list[Till]:
    """List all drawers of an office by number, retired ones too; the till of older books has none."""
    return [till for till in list_tills(session, office_id) if till.number != BROUGHT_IN_TILL]


def till_cash(session: Session, till: Till, until: date | None = None) -> Money:
    """Give what ``till`` holds by the books, at the end of ``until`` (default: everything)."""
    sharing = [
        other
        for other in drawers_of(session, till.origin_office_id)
        if other.gl_account_id == till.gl_account_id
    ]
    if _first_in_use(sharing).id != till.id:
        return _moved_through(session, till, until)
    balance = account_balance(session, till.gl_account_id, till.origin_office_id, until)
    others = [_moved_through(session, other, until) for other in sharing if other.id != till.id]
    return balance - sum(others, ZERO)


def _first_in_use(tills: Sequence[Till]) -> Till:
    return min(tills, key=lambda till: (till.state != "active", till.number))


def _moved_through(session: Session, till: Till, until: date | None) -> Money:
    """Add up what moved through one till; without ``until`` from its newest count on, what it held then."""
    since, held = 0, 0
    if until is None:
        since, held = fetch_one(session, _NEWEST_COUNT, till.id) or (0, 0)
    last = (until or date.max).isoformat()
    row = fetch_one(
        session,
        _MOVED,
        till.gl_account_id,
        last,
        till.id,
        since,
        till.id,
        since,
        till.id,
        till.id,
        till.id,
        since,
        last,
        till.id,
        since,
        last,
    )
    return Money(held + (row[0] if row else 0))


_COUNTED = """
SELECT 1 FROM cash_count WHERE till_id = ?
UNION ALL
SELECT 1 FROM business_day WHERE origin_office_id = ? AND state = 'open' AND opening_cash IS NOT NULL LIMIT 1
"""


def require_held(session: Session, till: Till, amount: Money) -> None:
    """Refuse to take more out of a drawer than it holds by the books.

    raises   TillCashError
    """
    held = till_cash(session, till)
    if amount > held:
        raise TillCashError(till=till.number, amount=amount, held=max(held, ZERO))


def require_payable(session: Session, leg: CashLeg, amount: Money) -> None:
    """Refuse a payment in cash beyond what the till holds, once its cash was counted.

    Before the first count the books do not know what is in the drawer, and no payment is refused.

    raises   TillCashError
    """
    if leg.till_id is None or leg.payment_type_id is not None:
        return
    if fetch_one(session, _COUNTED, leg.till_id, act(session).office_id) is not None:
        require_held(session, session.get_one(Till, leg.till_id), amount)


def cash_limit(session: Session, till: Till) -> Money | None:
    """Give what a drawer may hold: its own limit, else that of the office's tills (not for a vault)."""
    if till.cash_limit is not None:
        return till.cash_limit
    return find_limit(session, TILL_CASH_LIMIT, till.origin_office_id) if till.kind == TILL else None


@dataclass(frozen=True, slots=True)
class Holding:
    """A drawer and what it holds by the books; ``limit`` None: no limit."""

    till: Till
    held: Money
    limit: Money | None

    @property
    def too_much(self) -> bool:
        """Whether it holds more than it may, so that cash should go to the vault."""
        return self.limit is not None and self.held > self.limit


def holding(session: Session, till: Till) -> Holding:
    """Give what a drawer holds now, beside what it may hold."""
    return Holding(till, till_cash(session, till), cash_limit(session, till))
