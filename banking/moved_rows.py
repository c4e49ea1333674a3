"""Rows of running loans that change their day: as they are shown first, and how they are written down.

Each row that moves leaves a ``LoanChange`` behind, with the day of the decision and the reason; what follows
from days (interest that is recalculated, how payments were shared) is brought up to date.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy.orm import Session

from banking.loan_replay import settle
from banking.text import LONGEST_NOTE, clean
from schema.accounts import Installment
from schema.lending import LoanChange
from schema.reading import fetch, fetch_one
from schema.writing import act, insert, update

_OPEN = """
SELECT i.id, i.due_on, i.number
  FROM installment AS i
  LEFT JOIN loan_transaction_share AS s ON s.installment_id = i.id
 WHERE i.loan_account_id = ? AND i.due_on >= ?
 GROUP BY i.id, i.due_on, i.number, i.principal, i.interest, i.fee, i.penalty
HAVING i.principal + i.interest + i.fee + i.penalty >
       coalesce(sum(s.principal + s.interest + s.fee + s.penalty), 0)
 ORDER BY i.number
"""


@dataclass(frozen=True, slots=True)
class MovedRow:
    """A row that moves: its day is not worked on, its meeting moved, or an earlier row did."""

    loan: str
    row: int
    due_on: date
    moves_to: date
    installment_id: int
    loan_id: int = 0
    owner: str = ""


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A row on which something is owed."""

    id: int
    due_on: date
    number: int


def open_rows(session: Session, loan_id: int, since: date) -> list[OpenRow]:
    """List the rows of a loan from a day on with something left to pay."""
    rows = fetch(session, _OPEN, loan_id, since.isoformat())
    return [OpenRow(row[0], date.fromisoformat(row[1]), int(row[2])) for row in rows]


def day_before(session: Session, loan_id: int, row: OpenRow, disbursed_on: date) -> date:
    """Give the date of the row before one, or of disbursement."""
    newest = "SELECT max(due_on) FROM installment WHERE loan_account_id = ? AND due_on < ?"
    found = fetch_one(session, newest, loan_id, row.due_on.isoformat())
    last = date.fromisoformat(found[0]) if found is not None and found[0] is not None else disbursed_on
    return max(last, disbursed_on)


def write_moves(session: Session, moves: Sequence[MovedRow], reason: str) -> None:
    """Move rows and write each down as decided on the open business day.

    raises   NoLongerFitsError, ClosedDayError, ClosedPeriodError
    """
    why = clean(reason, "reason", LONGEST_NOTE)
    decided_on = act(session).business_date
    for loan_id, rows in groupby(sorted(moves, key=_by_loan), key=lambda moved: moved.loan_id):
        for moved in _without_collisions(rows):
            row = session.get_one(Installment, moved.installment_id)
            change = LoanChange(
                loan_account_id=loan_id,
                from_date=moved.due_on,
                new_date=moved.moves_to,
                decided_on=decided_on,
                only_row=1,
                reason=why,
            )
            insert(session, change)
            update(session, row, due_on=moved.moves_to)
        settle(session, loan_id)


def _by_loan(moved: MovedRow) -> tuple[str, int]:
    return moved.loan, moved.row


def _without_collisions(rows: Iterable[MovedRow]) -> list[MovedRow]:
    """Order the rows of a loan so that each comes to a day that the row there has left already."""
    found = list(rows)
    return found[::-1] if found and found[0].moves_to > found[0].due_on else found
