"""What a posted collection sheet became in the books: its receipts, row by row, as a passbook wants them."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.sheets.figures import loan_figures, savings_figures
from banking.sheets.sheets import get_sheet, place_of, printed_plan
from ledger.money import ZERO, Money, total
from schema.meetings import CollectionSheet
from schema.reading import fetch

_MOVED: Final = """
SELECT 'loan', t.id, t.loan_account_id, t.kind, t.receipt,
       CASE WHEN t.kind = 'disbursement' THEN t.fee + t.penalty - t.amount ELSE t.amount END,
       CASE WHEN t.receipt_till IS NULL THEN 0 ELSE t.receipt_till END, coalesce(t.receipt_sequence, 0)
  FROM loan_transaction AS t JOIN journal_entry AS e ON e.id = t.journal_entry_id
 WHERE e.sheet_id = ? AND t.receipt <> '' AND t.reverses_id IS NULL
UNION ALL
SELECT 'savings', t.id, t.savings_account_id, t.kind, t.receipt, t.amount,
       CASE WHEN t.receipt_till IS NULL THEN 0 ELSE t.receipt_till END, coalesce(t.receipt_sequence, 0)
  FROM savings_transaction AS t JOIN journal_entry AS e ON e.id = t.journal_entry_id
 WHERE e.sheet_id = ? AND t.receipt <> '' AND t.reverses_id IS NULL
 ORDER BY 7, 8, 2
"""


@dataclass(frozen=True, slots=True)
class SheetReceipt:
    """A receipt of the sheet; minor units, below zero where money went out to the member.

    account_kind  loan or savings
    balance       what the account owes or holds now
    """

    line: int
    name: str
    account_kind: str
    account: str
    transaction_id: int
    kind: str
    receipt: str
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class SheetOutcome:
    """A posted sheet: its receipts by row, what came in and went out, and how many members came."""

    sheet: CollectionSheet
    place: str
    officer: str
    receipts: tuple[SheetReceipt, ...]
    cash_in: Money
    cash_out: Money


def sheet_outcome(session: Session, sheet_id: int, on: date) -> SheetOutcome:
    """Read what a posted sheet became; ``on`` is the day for which balances are told.

    raises   NotFoundError
    """
    sheet, plan = get_sheet(session, sheet_id), printed_plan(session, sheet_id)
    lines = {cell.account_id: line for line in plan.lines for cell in line.cells.values()}
    rows = [row for row in fetch(session, _MOVED, sheet_id, sheet_id) if row[2] in lines]
    figures = loan_figures(session, sorted({row[2] for row in rows if row[0] == "loan"}), on)
    figures |= savings_figures(session, sorted({row[2] for row in rows if row[0] == "savings"}), on)
    receipts = [
        SheetReceipt(
            lines[row[2]].line,
            lines[row[2]].name,
            row[0],
            figures[row[2]].number,
            row[1],
            row[3],
            row[4],
            Money(row[5]),
            figures[row[2]].balance,
        )
        for row in rows
    ]
    return SheetOutcome(
        sheet,
        place_of(session, sheet),
        plan.officer,
        tuple(sorted(receipts, key=lambda one: one.line)),
        total(one.amount for one in receipts if one.amount > ZERO),
        total(-one.amount for one in receipts if one.amount < ZERO),
    )
