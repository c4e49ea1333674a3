"""A fine of a meeting: charged and paid at once, under an account of the member."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking import books
from banking.books import account_with_role, require_amount
from banking.money_legs import money_leg
from banking.numbers import receipt_number
from banking.repayments import charge_fee_and_pay
from banking.savings_book import ACTIVE, read_savings, require_status
from banking.savings_charges import FEE
from banking.savings_legs import Trace, write_leg
from ledger.money import Money
from ledger.posting import Account, Role, entry_between
from schema.accounts import LoanAccount
from schema.products import SavingsProduct

NOTE: Final = "Fine"


def post_fine(session: Session, account_id: int, amount: Money, on: date, *, till_id: int) -> str:
    """Book a fine that was paid in cash; gives its receipt.

    Under a loan it is a fee that was charged and paid. Under savings it passes through the account: it comes
    in and is charged in the same entry, so that the balance and what was agreed to be saved stay.

    account_id  a loan or a savings account of the member
    amount      minor units, above zero
    raises      as ``banking.repayments.charge_fee_and_pay``; StatusError for savings that are not active
    """
    if session.get(LoanAccount, account_id) is not None:
        paid = charge_fee_and_pay(session, account_id, amount, on, till_id=till_id, note=NOTE)
        return paid.receipt
    return _under_savings(session, account_id, require_amount(amount), on, till_id)


def _under_savings(session: Session, account_id: int, amount: Money, on: date, till_id: int) -> str:
    book = read_savings(session, account_id, on)
    require_status(book, "fine", ACTIVE)
    leg = money_leg(session, till_id=till_id, savings_product_id=book.product_id)
    own = session.get_one(SavingsProduct, book.product_id).gl_fee_id
    accounts: dict[Account, int] = {
        Role.CASH: leg.account_id,
        Role.SAVINGS_FEE_INCOME: own or account_with_role(session, Role.SAVINGS_FEE_INCOME),
    }
    entry = entry_between("savings_fee", Role.CASH, Role.SAVINGS_FEE_INCOME, amount)
    paper = receipt_number(session, leg.till_number, "")
    posted = books.post(session, entry, accounts, value_date=on, note=NOTE)
    write_leg(session, account_id, FEE, amount, posted, Trace(paper, leg.till_id))
    write_leg(session, account_id, FEE, -amount, posted, Trace())
    return paper.text
