"""Credit lines that tests begin with."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from banking import clients, credit_lines, loans
from ledger.terms import InterestType, RepayUnit
from schema.products import LoanProduct
from schema.writing import insert
from tests.support.books import Books, money
from tests.support.lending import DAY

CODE = "LINE"


def line_product(books: Books, *, overpayment: str = "keep") -> int:
    """Offer a credit line of 24 % a year for six months."""
    with books.hq_work() as session:
        like = books.loan_product("MONTHLY")
        product = LoanProduct(
            code=CODE,
            name="Credit line",
            kind="credit_line",
            interest_type=InterestType.DECLINING,
            annual_rate=Decimal(24),
            installments=6,
            repay_unit=RepayUnit.MONTHS,
            overpayment=overpayment,
            gl_portfolio_id=like.gl_portfolio_id,
            gl_interest_id=like.gl_interest_id,
            gl_fee_id=like.gl_fee_id,
            gl_penalty_id=like.gl_penalty_id,
            gl_write_off_id=like.gl_write_off_id,
            gl_recovery_id=like.gl_recovery_id,
            gl_overpayment_id=like.gl_overpayment_id,
        )
        insert(session, product)
        return product.id


def approved_line(session: Session, product_id: int, limit: str = "1000.00", on: date = DAY) -> int:
    """Write a line down for a new client and approve it; gives its id."""
    client = clients.register_client(session, name="Zawadi")
    loan = loans.apply(
        session, client_id=client.id, product_id=product_id, principal=money(limit), applied_on=on
    )
    loans.approve(session, loan.id, on)
    return loan.id


def a_line(books: Books, drawn: str = "600.00", limit: str = "1000.00") -> int:
    """Open a line with its first draw on the first day; gives its id."""
    product_id = line_product(books)
    with books.work("line.draw") as session:
        loan_id = approved_line(session, product_id, limit)
        credit_lines.draw(session, loan_id, money(drawn), DAY)
        return loan_id
