"""The money side of an entry: cash of a till, the account of a way to pay, or books brought in."""

from sqlalchemy.orm import Session

from banking.approval import require_second_person
from banking.books import account_with_role
from banking.cash import CashLeg, cash_leg
from banking.till_cash import require_payable
from ledger.errors import NotFoundError
from ledger.money import Money
from ledger.posting import Role
from schema.reading import fetch_one

_MAPPED = """
SELECT a.gl_account_id FROM payment_account AS a
  JOIN {product} AS p ON p.id = a.{product}_id
 WHERE a.payment_type_id = ? AND p.code = (SELECT code FROM {product} WHERE id = ?)
 ORDER BY CASE WHEN p.id = ? THEN 0 ELSE 1 END, a.id DESC LIMIT 1
"""
_OF_LOANS = _MAPPED.format(product="loan_product")
_OF_SAVINGS = _MAPPED.format(product="savings_product")


def money_leg(
    session: Session,
    *,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    loan_product_id: int | None = None,
    savings_product_id: int | None = None,
) -> CashLeg:
    """Give the money side of an entry.

    Cash goes to the till's account. A way to pay has its own account, or one for this product (a mapping of
    another version of the product counts where its own version has none); a till beside it only writes the
    receipt. Where nothing is given it is "Books brought in".

    raises   NotFoundError, also for a way to pay that is not in use; TillClosedError, NotYourTillError
    """
    if till_id is None and payment_type_id is None:
        return CashLeg(account_with_role(session, Role.BROUGHT_IN))
    if payment_type_id is None:
        return cash_leg(session, till_id)
    account_id = _payment_account(session, payment_type_id, loan_product_id, savings_product_id)
    number = None if till_id is None else cash_leg(session, till_id).till_number
    return CashLeg(account_id, till_id, number, payment_type_id)


def paying_leg(
    session: Session,
    amount: Money,
    *,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    loan_product_id: int | None = None,
    savings_product_id: int | None = None,
    approved_by_id: int | None = None,
) -> CashLeg:
    """Give the money side of ``amount`` going out: no more than the till holds, by two people if it is much.

    What only writes older books down (neither till nor way to pay) needs nobody.

    raises   TillCashError, SecondPersonNeededError, BadSecondPersonError, and as ``money_leg``
    """
    leg = money_leg(
        session,
        till_id=till_id,
        payment_type_id=payment_type_id,
        loan_product_id=loan_product_id,
        savings_product_id=savings_product_id,
    )
    if till_id is not None or payment_type_id is not None or approved_by_id is not None:
        require_second_person(session, amount, approved_by_id)
    require_payable(session, leg, amount)
    return leg


def _payment_account(
    session: Session, payment_type_id: int, loan_product_id: int | None, savings_product_id: int | None
) -> int:
    row = fetch_one(session, "SELECT gl_account_id, active FROM payment_type WHERE id = ?", payment_type_id)
    if row is None or not row[1]:
        raise NotFoundError(kind="way to pay", key=payment_type_id)
    for statement, product_id in ((_OF_LOANS, loan_product_id), (_OF_SAVINGS, savings_product_id)):
        if product_id is not None:
            mapped = fetch_one(session, statement, payment_type_id, product_id, product_id)
            if mapped is not None:
                return int(mapped[0])
    return int(row[0])
