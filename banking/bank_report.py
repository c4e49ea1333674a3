"""The reconciliation of a bank account: from the books' balance to the bank's, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from banking.bank_reconciliation import newest_statement
from banking.cash import account_balance
from banking.chart import get_account
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money, total
from schema.reading import fetch, fetch_one


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line that only one side has; ``amount`` in minor units, into the bank account is above zero."""

    id: int
    on: date
    amount: Money
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """A bank account at the end of the newest statement that ends by ``as_of`` (``on``), in minor units.

    ``only_bank``    lines of statements that the books do not have yet
    ``only_books``   lines of the books that the bank does not have yet, from the first statement on
    ``before``       what the books had before the first statement and no statement showed since
    ``opening``      what the first statement began with

    The bank's balance is the books' balance, plus ``only_bank``, less ``only_books``, plus what the first
    statement's opening differs from ``before``: that difference is all that lines do not explain.
    """

    code: str
    name: str
    on: date
    book_balance: Money
    statement_balance: Money
    only_bank: tuple[OpenLine, ...]
    only_books: tuple[OpenLine, ...]
    before: Money
    opening: Money

    @property
    def opening_difference(self) -> Money:
        """What the first statement began with, less what the books had then: zero in order."""
        return self.opening - self.before

    @property
    def unexplained(self) -> Money:
        """What is left when all of this is taken into account: zero, unless somebody wrote around us."""
        explained = self.book_balance + total(line.amount for line in self.only_bank)
        explained -= total(line.amount for line in self.only_books)
        return self.statement_balance - explained - self.opening_difference


_FIRST = """
SELECT starts_on, opening FROM bank_statement
 WHERE gl_account_id = ? AND origin_office_id = ? ORDER BY starts_on, id LIMIT 1
"""
_ONLY_BANK = """
SELECT b.id, b."on", b.amount, b.text, b.reference
  FROM bank_statement_line AS b
  JOIN bank_statement AS s ON s.id = b.bank_statement_id
  LEFT JOIN journal_line AS l ON l.id = b.journal_line_id
  LEFT JOIN journal_entry AS e ON e.id = l.journal_entry_id
 WHERE s.gl_account_id = ? AND s.origin_office_id = ? AND s.ends_on <= ?
   AND (e.id IS NULL OR e.booked_on > ?)
 ORDER BY b."on", b.id
"""
_ONLY_BOOKS = """
SELECT l.id, e.booked_on, l.debit - l.credit, e.kind, e.note
  FROM journal_line AS l
  JOIN journal_entry AS e ON e.id = l.journal_entry_id
  LEFT JOIN bank_statement_line AS b ON b.journal_line_id = l.id
  LEFT JOIN bank_statement AS s ON s.id = b.bank_statement_id
 WHERE l.gl_account_id = ? AND l.origin_office_id = ? AND e.booked_on <= ?
   AND (s.id IS NULL OR s.ends_on > ?)
 ORDER BY e.booked_on, l.id
"""


def reconcile(session: Session, gl_code: str, office_id: int, as_of: date) -> Reconciliation:
    """Give the reconciliation of a bank account of an office.

    A match counts when both its sides lie within the time; so the report of a day stays what it was.

    raises   NotFoundError, also where no statement ends by ``as_of``
    """
    account = get_account(session, gl_code)
    newest = newest_statement(session, account.id, office_id, as_of)
    first = fetch_one(session, _FIRST, account.id, office_id)
    if newest is None or first is None:
        raise NotFoundError(kind="bank statement", key=f"{account.code} {account.name}")
    on = newest.ends_on
    day, starts_on = on.isoformat(), date.fromisoformat(first[0])
    only_bank = _open_lines(fetch(session, _ONLY_BANK, account.id, office_id, day, day))
    not_shown = _open_lines(fetch(session, _ONLY_BOOKS, account.id, office_id, day, day))
    return Reconciliation(
        code=account.code,
        name=account.name,
        on=on,
        book_balance=account_balance(session, account.id, office_id, on),
        statement_balance=newest.closing,
        only_bank=only_bank,
        only_books=tuple(line for line in not_shown if line.on >= starts_on),
        before=sum((line.amount for line in not_shown if line.on < starts_on), ZERO),
        opening=Money(first[1]),
    )


def _open_lines(rows: Sequence[tuple[Any, ...]]) -> tuple[OpenLine, ...]:
    return tuple(
        OpenLine(row[0], date.fromisoformat(row[1]), Money(row[2]), f"{row[3]} {row[4]}".strip())
        for row in rows
    )
