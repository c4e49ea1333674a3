"""Paying loans out, and taking over those that other books paid out: schedule, transaction and entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.books import require_amount
from banking.cash import CashLeg
from banking.errors import BeforeApprovalError, StatusError
from banking.loan_books import (
    ACTIVE,
    APPROVED,
    PAID_OUT,
    Movement,
    check_owner,
    own_loan,
    read_book,
    require_status,
    write,
)
from banking.loan_terms import terms_of
from banking.money_legs import money_leg, paying_leg
from banking.numbers import account_number, receipt_number
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean
from ledger.errors import BadTermError
from ledger.money import ZERO, Money, total
from ledger.posting import Role, Split, disbursement_entry
from ledger.schedule import build_schedule
from ledger.terms import Amortization, InterestType, RepayUnit
from schema.accounts import Installment, LoanAccount, LoanTransaction
from schema.products import LoanProduct
from schema.writing import act, insert, update


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of a schedule; amounts in minor units."""

    number: int
    due_on: date
    principal: Money
    interest: Money
    fee: Money = ZERO
    penalty: Money = ZERO


def planned_schedule(
    session: Session, loan: LoanAccount, disbursed_on: date, first_due_on: date | None = None, *, digits: int
) -> list[PlannedRow]:
    """Compute the rows that a loan would have if it were paid out on this day, fees of its product included.

    raises   BadTermError, UnsupportedTermError, NeverAmortizesError
    """
    product = session.get_one(LoanProduct, loan.product_id)
    fee = product.installment_fee or ZERO
    rows = build_schedule(terms_of(loan, product, digits), disbursed_on, first_due_on)
    return [PlannedRow(row.number, row.due_date, row.principal, row.interest, fee) for row in rows]


def disburse(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    loan_id: int,
    on: date,
    *,
    first_due_on: date | None = None,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    receipt: str = "",
    approved_by_id: int | None = None,
    note: str = "",
) -> LoanTransaction:
    """Pay an approved loan out: its schedule, the transaction and the entry in one go.

    on            value date; with ``first_due_on`` (default: one period later) the due dates follow from it
    till_id       where the cash comes from; without one it is "Books brought in"
    payment_type_id  the way it is paid when it is no cash
    approved_by_id   the second person, where the amount asks for one
    raises        StatusError, BeforeApprovalError, BadTermError, ReceiptTakenError, ClosedDayError,
                  ClosedPeriodError, NotFoundError, TillClosedError, SecondPersonNeededError,
                  BadSecondPersonError
    """
    loan = own_loan(session, loan_id)
    require_status(loan, {APPROVED}, "disburse")
    if loan.approved_on is not None and on < loan.approved_on:
        raise BeforeApprovalError(number=loan.number, day=on, approved=loan.approved_on)
    rows = planned_schedule(session, loan, on, first_due_on, digits=act(session).digits)
    leg = paying_leg(
        session,
        total(row.principal for row in rows),
        till_id=till_id,
        payment_type_id=payment_type_id,
        loan_product_id=loan.product_id,
        approved_by_id=approved_by_id,
    )
    update(session, loan, status=ACTIVE, disbursed_on=on, first_due_on=rows[0].due_on)
    _write_rows(session, loan_id, rows)
    return _write_disbursement(session, loan_id, rows, on, leg, receipt, note, approved_by_id)


def _write_rows(session: Session, loan_id: int, rows: Sequence[PlannedRow]) -> None:
    """Write the schedule; rows of an earlier plan (of an application or a reversed loan) are used again."""
    earlier = {
        row.number: row
        for row in session.scalars(select(Installment).where(Installment.loan_account_id == loan_id))
    }
    for row in rows:
        amounts = {
            "principal": row.principal,
            "interest": row.interest,
            "fee": row.fee,
            "penalty": row.penalty,
        }
        planned = earlier.pop(row.number, None)
        if planned is not None:
            update(session, planned, due_on=row.due_on, **amounts)
        else:
            insert(
                session,
                Installment(loan_account_id=loan_id, number=row.number, due_on=row.due_on, **amounts),
            )
    for surplus in earlier.values():
        update(session, surplus, principal=ZERO, interest=ZERO, fee=ZERO, penalty=ZERO)


def _write_disbursement(
    session: Session,
    loan_id: int,
    rows: Sequence[PlannedRow],
    on: date,
    leg: CashLeg,
    receipt: str,
    note: str,
    approved_by_id: int | None = None,
) -> LoanTransaction:
    principal = total(row.principal for row in rows)
    movement = Movement(
        kind="disbursement",
        amount=principal,
        value_date=on,
        split=Split(principal=principal),
        entry=disbursement_entry(principal, cash=Role.CASH),
        leg=leg,
        receipt=receipt_number(session, leg.till_number, receipt),
        approved_by_id=approved_by_id,
        note=note,
    )
    return write(session, read_book(session, loan_id), movement)


# --- loans from other books -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenLoan:
    """A loan as other books have it. Its own terms stand; no product limit and no schedule rule is asked.

    status   ``active`` with ``disbursed_on``; else applied, approved, rejected or withdrawn
    """

    number: str
    product_id: int
    principal: Money
    annual_rate: Decimal
    interest_type: InterestType
    installments: int
    repay_every: int
    repay_unit: RepayUnit
    client_id: int | None = None
    group_id: int | None = None
    status: str = ACTIVE
    amortization: Amortization = Amortization.EQUAL_INSTALLMENTS
    applied_on: date | None = None
    approved_on: date | None = None
    disbursed_on: date | None = None
    officer_id: int | None = None
    purpose: str = ""


def take_over(
    session: Session, taken: TakenLoan, rows: Sequence[PlannedRow], *, receipt: str = ""
) -> LoanAccount:
    """Take a loan over from other books with its rows as they stand; nothing is computed again.

    A loan that was paid out gets a disbursement against "Books brought in"; what was paid on it is posted
    after that. Rows of an application stay a plan: nothing is owed on them.

    raises   OneOwnerError, NotFoundError, NumberTakenError, StatusError, AmountError; BadTermError when the
             rows' principal is not the loan's, or row numbers are doubled
    """
    check_owner(session, taken.client_id, taken.group_id, taken.officer_id)
    if (taken.status in PAID_OUT) != (taken.disbursed_on is not None):
        raise StatusError(
            number=taken.number, status=taken.status, wanted=f"disbursed_on {taken.disbursed_on}"
        )
    require_amount(taken.principal)
    if len({row.number for row in rows}) != len(rows):
        raise BadTermError(term="installments", given=len(rows))
    if taken.disbursed_on is not None and total(row.principal for row in rows) != taken.principal:
        raise BadTermError(term="principal", given=taken.principal)
    product = get_row(session, LoanProduct, taken.product_id, "loan product")
    loan = LoanAccount(
        number=account_number(session, LoanAccount, taken.number),
        client_id=taken.client_id,
        group_id=taken.group_id,
        product_id=product.id,
        product_version=product.version,
        status=taken.status,
        principal=taken.principal,
        annual_rate=taken.annual_rate,
        interest_type=taken.interest_type,
        amortization=taken.amortization,
        installments=taken.installments,
        repay_every=taken.repay_every,
        repay_unit=taken.repay_unit,
        applied_on=taken.applied_on,
        approved_on=taken.approved_on,
        disbursed_on=taken.disbursed_on,
        first_due_on=rows[0].due_on if rows else None,
        officer_id=taken.officer_id,
        purpose=clean(taken.purpose, "purpose", LONGEST_NOTE),
    )
    insert(session, loan)
    _write_rows(session, loan.id, rows)
    if taken.disbursed_on is not None:
        leg = money_leg(session)
        _write_disbursement(session, loan.id, rows, taken.disbursed_on, leg, receipt, "")
    return loan
