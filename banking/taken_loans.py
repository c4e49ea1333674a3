"""Loans taken over from other books, with their rows as they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from banking.books import require_amount
from banking.disbursement_parts import Part, write_part
from banking.errors import StatusError
from banking.loan_books import ACTIVE, PAID_OUT, check_owner
from banking.loan_plans import PlannedRow, write_rows
from banking.numbers import account_number
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean
from ledger.errors import BadTermError
from ledger.money import Money, total
from ledger.terms import Amortization, InterestType, RepayUnit
from schema.accounts import LoanAccount
from schema.products import LoanProduct
from schema.writing import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenLoan:
    """A loan as other books have it. Its own terms stand; no product limit and no schedule rule is asked.

    status             ``active`` with ``disbursed_on``; else applied, approved, rejected or withdrawn
    rows_follow_terms  its rows are those that its terms give here, so that they may be computed again
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
    rows_follow_terms: bool = False


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
        rows_follow_terms=int(taken.rows_follow_terms),
    )
    insert(session, loan)
    write_rows(session, loan.id, rows)
    if taken.disbursed_on is not None:
        write_part(session, loan.id, Part(taken.principal, receipt=receipt), taken.disbursed_on)
    return loan
