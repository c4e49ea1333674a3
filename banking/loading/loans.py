"""Loans of the files: under a product, with their own rate, number and dates where the file has them."""

from datetime import date

from sqlalchemy.orm import Session

from banking import loans
from banking.loading.sheets import LoanRow
from ledger.terms import Amortization, InterestType, RepayUnit
from schema.accounts import LoanAccount
from schema.products import LoanProduct
from schema.writing import act, update

ACTIVE, APPLIED = "active", "applied"


def write_loan(
    session: Session,
    row: LoanRow,
    *,
    product_id: int,
    client_id: int | None,
    group_id: int | None,
    officer_id: int | None,
) -> LoanAccount:
    """Write a loan of a file: paid out on its day against "Books brought in", or as an application.

    Limits of the product are for loans that it is asked for here; books that come in keep what was agreed.

    raises   BadTermError, UnsupportedTermError for terms without a schedule; as ``loans.take_over``
    """
    product = session.get_one(LoanProduct, product_id)
    taken = loans.TakenLoan(
        number=row.number,
        product_id=product_id,
        client_id=client_id,
        group_id=group_id,
        principal=row.principal,
        annual_rate=product.annual_rate if row.annual_rate is None else row.annual_rate,
        interest_type=InterestType(product.interest_type),
        amortization=Amortization(product.amortization),
        installments=product.installments if row.installments is None else row.installments,
        repay_every=product.repay_every,
        repay_unit=RepayUnit(product.repay_unit),
        status=APPLIED if row.disbursed_on is None else ACTIVE,
        approved_on=row.disbursed_on,
        disbursed_on=row.disbursed_on,
        officer_id=officer_id,
        purpose=row.purpose,
        rows_follow_terms=True,
    )
    rows = _rows(session, taken, row.disbursed_on or act(session).business_date, row.first_due_on)
    if row.disbursed_on is not None:
        return loans.take_over(session, taken, rows)
    application = loans.take_over(session, taken, ())
    if row.first_due_on is not None:
        update(session, application, first_due_on=row.first_due_on)
    return application


def _rows(
    session: Session, taken: loans.TakenLoan, disbursed_on: date, first_due_on: date | None
) -> list[loans.PlannedRow]:
    shape = LoanAccount(
        product_id=taken.product_id,
        principal=taken.principal,
        annual_rate=taken.annual_rate,
        interest_type=taken.interest_type,
        amortization=taken.amortization,
        installments=taken.installments,
        repay_every=taken.repay_every,
        repay_unit=taken.repay_unit,
    )
    return loans.planned_schedule(session, shape, disbursed_on, first_due_on, digits=act(session).digits)


def has_own_terms(session: Session, row: LoanRow, product_id: int) -> bool:
    """Tell whether a row's rate or number of instalments is not the product's."""
    product = session.get_one(LoanProduct, product_id)
    rate = row.annual_rate is not None and row.annual_rate != product.annual_rate
    return rate or (row.installments is not None and row.installments != product.installments)
