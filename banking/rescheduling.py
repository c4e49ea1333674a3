"""Changing the terms of a running loan from a row on: another day, more rows, a pause, another rate."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.approval import check_second_person
from banking.charge_reversals import recharge_rows
from banking.errors import StatusError
from banking.followed_loans import FollowedStory
from banking.loan_books import ACTIVE, LoanBook, own_loan, read_book
from banking.loan_plans import PlannedRow, plan_anew, standing_rows
from banking.loan_replay import Story, read_story, settle
from banking.loan_terms import engine_terms
from banking.text import LONGEST_NOTE, require
from ledger.dates import step
from ledger.errors import BadTermError
from ledger.followed_replay import FollowedReplay
from ledger.money import ZERO, Money
from ledger.rescheduling import Reschedule
from ledger.rescheduling import reschedule as changed_rows
from ledger.rows import INTEREST, PRINCIPAL
from ledger.schedule import ScheduledInstallment
from ledger.terms import RepayUnit
from schema.accounts import LoanAccount
from schema.lending import LoanChange
from schema.products import LoanProduct
from schema.writing import act, insert


def preview_reschedule(session: Session, loan_id: int, change: Reschedule) -> list[PlannedRow]:
    """Give the rows that a running loan would have, without writing anything; charges are not among them.

    raises   NotFoundError; StatusError for a loan that is not running or was charged off; BadTermError when
             no row is due on the day from which it changes, nothing changes, or dates would not rise;
             UnsupportedTermError, NeverAmortizesError
    """
    return _rows(session, _running(session, loan_id), change)


def reschedule_loan(
    session: Session,
    loan_id: int,
    change: Reschedule,
    decided_on: date,
    *,
    reason: str,
    approved_by_id: int | None = None,
) -> LoanChange:
    """Change a running loan's rows from ``change.from_date`` on, and share what was paid over the new rows.

    raises   as ``preview_reschedule``; MissingError without a reason; BadSecondPersonError; BadTermError for
             a decision before the loan was paid out; NoLongerFitsError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    book = _running(session, loan_id)
    if book.disbursed_on is None or decided_on < book.disbursed_on:
        raise BadTermError(term="decided_on", given=decided_on)
    rows = _rows(session, book, change)
    made = LoanChange(
        loan_account_id=loan_id,
        from_date=change.from_date,
        decided_on=decided_on,
        new_date=change.new_date,
        extra_installments=change.extra_rows,
        grace_principal=change.grace_principal,
        grace_interest=change.grace_interest,
        new_rate=change.new_rate,
        approved_by_id=None if approved_by_id is None else check_second_person(session, approved_by_id),
        reason=why,
    )
    insert(session, made)
    plan_anew(session, loan_id, rows)
    recharge_rows(session, loan_id, decided_on)
    settle(session, loan_id, cause_on=decided_on)
    return made


def changes_of(session: Session, loan_id: int) -> Sequence[LoanChange]:
    """List the changes of a loan's terms, as they were decided."""
    wanted = select(LoanChange).where(LoanChange.loan_account_id == loan_id)
    return session.scalars(wanted.order_by(LoanChange.id)).all()


def _running(session: Session, loan_id: int) -> LoanBook:
    book = read_book(session, loan_id)
    if book.status != ACTIVE or book.is_line or book.charged_off_on is not None:
        status = "a credit line" if book.is_line else "charged off" if book.charged_off_on else book.status
        raise StatusError(number=book.number, status=status, wanted="reschedule")
    return book


def _rows(session: Session, book: LoanBook, change: Reschedule) -> list[PlannedRow]:
    for name in ("extra_rows", "grace_principal", "grace_interest"):
        if getattr(change, name) < 0:
            raise BadTermError(term=f"reschedule.{name}", given=getattr(change, name))
    if change == Reschedule(from_date=change.from_date):
        raise BadTermError(term="reschedule", given="no change")
    if change.new_rate is not None and not (change.new_rate.is_finite() and change.new_rate >= 0):
        raise BadTermError(term="reschedule.new_interest_rate", given=change.new_rate)
    loan = own_loan(session, book.id)
    product = session.get_one(LoanProduct, book.product_id)
    story = read_story(session, book.id)
    if story.followed is not None:
        parts = _followed(story, story.followed, change)
    else:
        parts = _plain(session, loan, product, change)
    fee = product.installment_fee or ZERO
    return [PlannedRow(number, due, principal, interest, fee) for number, due, principal, interest in parts]


def _plain(
    session: Session, loan: LoanAccount, product: LoanProduct, change: Reschedule
) -> list[tuple[int, date, Money, Money]]:
    assert loan.disbursed_on is not None
    planned, start = [], loan.disbursed_on
    for row in standing_rows(session, loan.id):
        if row.principal or row.interest:
            planned.append(ScheduledInstallment(row.number, start, row.due_on, row.principal, row.interest))
            start = row.due_on
    terms = engine_terms(loan, product, act(session).digits).terms
    rows = changed_rows(terms, planned, change, _seed_day(session, loan))
    return [(row.number, row.due_date, row.principal, row.interest) for row in rows]


def _seed_day(session: Session, loan: LoanAccount) -> int:
    """Give the day of month that due dates keep: of the last new date, of the first one, or disbursement."""
    changes = (change for change in changes_of(session, loan.id) if not change.only_row)
    moved = [change.new_date for change in changes if change.new_date is not None]
    if moved:
        return moved[-1].day
    assert loan.disbursed_on is not None
    paid_out = loan.disbursed_on
    usual = step(paid_out, loan.repay_every, RepayUnit(loan.repay_unit), paid_out.day)
    first = loan.first_due_on
    return paid_out.day if first is None or first == usual else first.day


def _followed(
    story: Story, followed: FollowedStory, change: Reschedule
) -> list[tuple[int, date, Money, Money]]:
    changed = replace(followed, changes=(*followed.changes, change))
    engine = changed.engine(story.rows, story.charges)
    numbers = {row.number: row.id for row in story.rows.values()}
    ids = {number: numbers.get(number, -number) for number in range(1, len(engine.rows) + 2)}
    rows = FollowedReplay(engine, ids, story.entries, followed.through).rows
    return [(row.number, row.due_date, Money(row.due[PRINCIPAL]), Money(row.due[INTEREST])) for row in rows]
