"""Holidays that are declared while loans run: what they would move, shown before it is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.calendar_days import meeting_of, working_days
from banking.loan_books import ACTIVE, CREDIT_LINE
from banking.loan_plans import AT_MEETINGS
from banking.loan_replay import settle
from ledger.dates import RepayUnit
from ledger.due_dates import ShiftRule, WorkingDays, moved_due_dates
from schema.accounts import Installment, LoanAccount
from schema.products import LoanProduct
from schema.reading import fetch
from schema.writing import act, update

_OPEN = """
SELECT i.id, i.due_on
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
    """A row that moves because its day is not worked on, or because an earlier one moved."""

    loan: str
    row: int
    due_on: date
    moves_to: date
    installment_id: int


def find_moves(session: Session, first: date, last: date) -> list[MovedRow]:
    """List the open rows of this office's running loans that the calendar moves now, without moving any.

    first, last   only loans with an open row due from ``first`` to ``last`` on a day that is not worked on;
                  their later rows move with it where the product's rule says so
    raises        BadTermError for a calendar without working days
    """
    office = act(session).office_id
    working = working_days(session, office)
    return [
        moved
        for loan, product in _running(session, office)
        for moved in _moves(session, loan, product, working, first, last)
    ]


def apply_holidays(session: Session, first: date, last: date) -> list[MovedRow]:
    """Move what ``find_moves`` lists; interest of loans that follow their days is computed anew.

    raises   BadTermError; NoLongerFitsError, ClosedDayError, ClosedPeriodError
    """
    moves = find_moves(session, first, last)
    loans: dict[str, int] = {}
    for moved in sorted(moves, key=lambda moved: (moved.loan, -moved.row)):
        row = session.get_one(Installment, moved.installment_id)
        update(session, row, due_on=moved.moves_to)
        loans[moved.loan] = row.loan_account_id
    for loan_id in loans.values():
        settle(session, loan_id)
    return moves


def _dates(session: Session, loan_id: int) -> list[date]:
    """List the dates of the rows after disbursement."""
    loan = session.get_one(LoanAccount, loan_id)
    wanted = select(Installment.due_on).where(Installment.loan_account_id == loan_id)
    rows = session.scalars(wanted.order_by(Installment.number))
    return [day for day in rows if loan.disbursed_on is None or day > loan.disbursed_on]


def _running(session: Session, office_id: int) -> Iterator[tuple[LoanAccount, LoanProduct]]:
    wanted = (
        select(LoanAccount, LoanProduct)
        .join(LoanProduct, LoanProduct.id == LoanAccount.product_id)
        .where(LoanAccount.origin_office_id == office_id, LoanAccount.status == ACTIVE)
        .where(LoanProduct.shift_rule != ShiftRule.SAME_DAY, LoanProduct.kind != CREDIT_LINE)
    )
    yield from ((loan, product) for loan, product in session.execute(wanted.order_by(LoanAccount.number)))


def _moves(
    session: Session,
    loan: LoanAccount,
    product: LoanProduct,
    working: WorkingDays,
    first: date,
    last: date,
) -> Iterator[MovedRow]:
    open_rows = [
        (row[0], date.fromisoformat(row[1])) for row in fetch(session, _OPEN, loan.id, first.isoformat())
    ]
    if not any(day <= last and day not in working for _, day in open_rows):
        return
    meeting = None
    if product.due_from == AT_MEETINGS:
        meeting = meeting_of(session, client_id=loan.client_id, group_id=loan.group_id)
    dates = [day for _, day in open_rows]
    before = [day for day in _dates(session, loan.id) if day < dates[0]]
    after = before[-1] if before else loan.disbursed_on
    assert after is not None, "the loan is paid out"
    moved = moved_due_dates(
        dates,
        after,
        loan.repay_every,
        RepayUnit(loan.repay_unit),
        working,
        ShiftRule(product.shift_rule),
        meeting,
    )
    for (row_id, day), target in zip(open_rows, moved, strict=True):
        if day != target:
            number = session.get_one(Installment, row_id).number
            yield MovedRow(loan.number, number, day, target, row_id)
