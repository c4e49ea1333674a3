"""Holidays that are declared while loans run: what they would move, shown before it is done."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.calendar_days import meeting_of, working_days
from banking.counter import get_owner
from banking.loan_books import ACTIVE, CREDIT_LINE
from banking.loan_plans import AT_MEETINGS
from banking.moved_rows import MovedRow, day_before, open_rows, write_moves
from ledger.dates import RepayUnit
from ledger.due_dates import ShiftRule, WorkingDays, moved_due_dates
from schema.accounts import LoanAccount
from schema.products import LoanProduct
from schema.writing import act

REASON: Final = "holiday"
"""Why a row moved, as it stands in the change of its loan."""


def find_moves(session: Session, first: date, last: date, office_id: int | None = None) -> list[MovedRow]:
    """List the open rows of an office's running loans that the calendar moves now, without moving any.

    first, last   only loans with an open row due from ``first`` to ``last`` on a day that is not worked on;
                  their later rows move with it where the product's rule says so
    office_id     default: the office whose unit of work this is
    raises        BadTermError for a calendar without working days
    """
    office = act(session).office_id if office_id is None else office_id
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
    write_moves(session, moves, REASON)
    return moves


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
    rows = open_rows(session, loan.id, first)
    if not any(row.due_on <= last and row.due_on not in working for row in rows):
        return
    meeting = None
    if product.due_from == AT_MEETINGS:
        meeting = meeting_of(session, client_id=loan.client_id, group_id=loan.group_id)
    assert loan.disbursed_on is not None, "the loan is paid out"
    moved = moved_due_dates(
        [row.due_on for row in rows],
        day_before(session, loan.id, rows[0], loan.disbursed_on),
        loan.repay_every,
        RepayUnit(loan.repay_unit),
        working,
        ShiftRule(product.shift_rule),
        meeting,
    )
    owner = get_owner(session, loan.client_id, loan.group_id).name
    for row, target in zip(rows, moved, strict=True):
        if row.due_on != target:
            yield MovedRow(loan.number, row.number, row.due_on, target, row.id, loan.id, owner)
