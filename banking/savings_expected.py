"""Deposits that were agreed: mandatory savings at each meeting, recurring deposits by their schedule."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.calendar_days import meeting_of
from banking.rows import get_row
from banking.savings_book import ACTIVE, DORMANT
from ledger.dates import RepayUnit, step
from ledger.due_dates import Meeting
from ledger.meeting_days import planned_days
from ledger.money import ZERO, Money, total
from schema.accounts import SavingsAccount
from schema.people import Client
from schema.products import SavingsProduct
from schema.reading import fetch_one


@dataclass(frozen=True, slots=True)
class Expected:
    """A deposit that was agreed for a day, and what of it came so far; minor units."""

    due_on: date
    amount: Money
    paid: Money

    @property
    def missing(self) -> Money:
        """What did not come."""
        return self.amount - self.paid


_PAID_IN = """
SELECT CAST(coalesce(sum(t.amount), 0) AS BIGINT) FROM savings_transaction AS t
  LEFT JOIN savings_transaction AS o ON o.id = t.reverses_id
 WHERE t.savings_account_id = ? AND t.value_date <= ?
   AND coalesce(o.kind, t.kind) IN ('deposit', 'transfer_in', 'loan_disbursement')
"""


def expected_deposits(session: Session, account_id: int, until: date) -> list[Expected]:
    """List what was to be paid in up to ``until``, oldest first; what came pays the oldest first.

    Mandatory savings of a group that meets are expected at its meetings, all others as often as the product
    says, from the opening on and as long as the term runs. Nothing is expected where no amount is agreed.

    raises   NotFoundError
    """
    account = get_row(session, SavingsAccount, account_id, "savings account")
    amount = _agreed(session, account)
    if amount is None or not amount:
        return []
    row = fetch_one(session, _PAID_IN, account_id, until.isoformat())
    left = Money(row[0]) if row else ZERO
    found = []
    for due_on in _days(session, account, until):
        paid = min(max(left, ZERO), amount)
        left -= paid
        found.append(Expected(due_on, amount, paid))
    return found


def _agreed(session: Session, account: SavingsAccount) -> Money | None:
    product = session.get_one(SavingsProduct, account.product_id)
    if product.kind not in {"mandatory", "recurring"}:
        return None
    return account.expected_deposit if account.expected_deposit is not None else product.expected_deposit


def _days(session: Session, account: SavingsAccount, until: date) -> Iterator[date]:
    """Give the days on which a deposit is expected, from the opening to ``until``."""
    if account.opened_on is None:
        return
    last = until if account.closed_on is None else min(until, account.closed_on)
    if account.matures_on is not None:
        last = min(last, account.matures_on - timedelta(days=1))
    meetings = _meetings_of(session, account)
    if meetings is not None:
        yield from takewhile(lambda day: day <= last, planned_days(meetings, account.opened_on))
        return
    product = session.get_one(SavingsProduct, account.product_id)
    count = 0
    while (
        day := step(account.opened_on, count * product.deposit_every, RepayUnit(product.deposit_unit))
    ) <= last:
        yield day
        count += 1


def _meetings_of(session: Session, account: SavingsAccount) -> Meeting | None:
    """Give when the group meets that keeps mandatory savings; None where no first meeting is known."""
    if session.get_one(SavingsProduct, account.product_id).kind != "mandatory":
        return None
    found = meeting_of(session, client_id=account.client_id, group_id=account.group_id)
    return found if found is not None and found.first_on is not None else None


@dataclass(frozen=True, slots=True)
class MeetingDeposit:
    """What one account of a group is to bring to a meeting: for that day, and from meetings before."""

    account_id: int
    number: str
    client_id: int | None
    expected: Money
    missed: Money


def meeting_deposits(session: Session, group_id: int, on: date) -> list[MeetingDeposit]:
    """List the mandatory and recurring savings of a group and its members at a meeting, by account number."""
    members = select(Client.id).where(Client.group_id == group_id)
    wanted = select(SavingsAccount).where(
        (SavingsAccount.group_id == group_id) | SavingsAccount.client_id.in_(members),
        SavingsAccount.status.in_((ACTIVE, DORMANT)),
    )
    found = []
    for account in session.scalars(wanted.order_by(SavingsAccount.number)):
        rows = expected_deposits(session, account.id, on)
        today = total(row.missing for row in rows if row.due_on == on)
        before = total(row.missing for row in rows if row.due_on < on)
        if today or before:
            found.append(MeetingDeposit(account.id, account.number, account.client_id, today, before))
    return found
