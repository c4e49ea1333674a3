"""What an office had when it moved to these books: one balanced entry against "Books brought in".

Loans, savings and overpayments bring their own balances, account by account, so their control accounts are
no part of it; cash in drawers comes with the first count.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.books import (
    LARGEST_AMOUNT,
    MOST_LINES,
    ManualLine,
    account_with_role,
    manual_accounts,
    post_manual,
)
from banking.chart_errors import OpeningBalanceError, OpeningBalanceTwiceError
from banking.errors import ManualEntryError, TooManyLinesError
from ledger.errors import AmountTooLargeError
from ledger.money import ZERO, Money, total
from ledger.posting import Role
from schema.accounting import JournalEntry
from schema.reading import fetch_one
from schema.reference import GLAccount
from schema.writing import act

KIND: Final = "opening_balance"

_LIVE = """
SELECT e.booked_on FROM journal_entry AS e
 WHERE e.kind = ? AND e.origin_office_id = ?
   AND NOT EXISTS (SELECT 1 FROM journal_entry AS r WHERE r.reverses_id = e.id)
 ORDER BY e.id LIMIT 1
"""
_MOVED = """
SELECT 1 FROM journal_line AS l
  JOIN journal_entry AS e ON e.id = l.journal_entry_id
  LEFT JOIN journal_entry AS o ON o.id = e.reverses_id
 WHERE l.gl_account_id = ? AND l.origin_office_id = ? AND coalesce(o.kind, e.kind) <> ? LIMIT 1
"""


def post_opening_balances(
    session: Session,
    lines: Sequence[ManualLine],
    on: date,
    *,
    note: str = "Opening balances",
    approved_by_id: int | None = None,
) -> JournalEntry:
    """Post the opening balances of this office; what is missing to a balance stands on "Books brought in".

    raises   OpeningBalanceTwiceError while an earlier one stands; OpeningBalanceError for an account that is
             named twice, that moved already, that client accounts or drawers keep, or that is the balancing
             one; as ``post_manual``
    """
    office = act(session).office_id
    earlier = fetch_one(session, _LIVE, KIND, office)
    if earlier is not None:
        raise OpeningBalanceTwiceError(day=date.fromisoformat(earlier[0]))
    if len(lines) >= MOST_LINES:
        raise TooManyLinesError(limit=MOST_LINES - 1)
    balancing = session.get_one(GLAccount, account_with_role(session, Role.BROUGHT_IN))
    _check_accounts(session, [line.code for line in lines], balancing)
    rest = total(line.debit or ZERO for line in lines) - total(line.credit or ZERO for line in lines)
    if abs(rest) > LARGEST_AMOUNT:
        raise AmountTooLargeError(given=abs(rest))
    balanced = [*lines, *_balancing_line(balancing.code, rest)]
    return post_manual(session, balanced, value_date=on, note=note, kind=KIND, approved_by_id=approved_by_id)


def _balancing_line(code: str, rest: Money) -> list[ManualLine]:
    if not rest:
        return []
    return [ManualLine(code, credit=rest) if rest > ZERO else ManualLine(code, debit=-rest)]


def _check_accounts(session: Session, codes: Sequence[str], balancing: GLAccount) -> None:
    doubled = next((code for code in codes if codes.count(code) > 1), None)
    if doubled is not None:
        raise OpeningBalanceError(account=doubled, reason="it stands there twice")
    if balancing.code in codes:
        raise OpeningBalanceError(account=_named(balancing), reason="it takes what is left over")
    try:
        accounts = manual_accounts(session, codes)
    except ManualEntryError as refusal:
        raise OpeningBalanceError(
            account=refusal.facts["account"],
            reason="its balance comes with the client accounts, or a heading",
        ) from None
    for account_id in accounts.values():
        if fetch_one(session, _MOVED, account_id, act(session).office_id, KIND) is not None:
            moved = session.get_one(GLAccount, account_id)
            raise OpeningBalanceError(account=_named(moved), reason="entries were posted to it already")


def _named(account: GLAccount) -> str:
    return f"{account.code} {account.name}"
