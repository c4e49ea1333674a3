"""The ways in which money of a loan goes out: each with its own entry, and what comes back at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from banking.cash import CashLeg
from banking.disbursement_charges import Charged, income_lines, own_accounts
from banking.loan_books import (
    LoanBook,
    own_loan,
    read_book,
)
from banking.loan_errors import TopUpError
from banking.loan_movements import Movement, write
from banking.loan_plans import PlannedRow
from banking.money_legs import money_leg, paying_leg
from banking.numbers import receipt_number
from banking.repayments import Paid, post_payment
from banking.savings_book import leg_account
from banking.savings_legs import LOAN_DISBURSEMENT, LOAN_PAYMENT, move_in, move_out
from ledger.errors import N_, RuleError
from ledger.money import Money, total
from ledger.posting import Entry, Line, Role, Split, disbursement_entry
from schema.accounting import JournalEntry
from schema.accounts import LoanAccount, LoanTransaction
from schema.products import LoanProduct

DOWN_PAYMENT = "Down payment"
Beside = Callable[[JournalEntry], int]
"""Writes what else stands under an entry; gives the id of the savings movement."""


class PartsError(RuleError):
    """Ways of paying out that do not add up to what is paid out. Facts: given, wanted (amounts)."""

    code = "PARTS"
    message = N_("The parts come to {given}; {wanted} is to be paid out. Nothing was paid out.")


class ChargesTooHighError(RuleError):
    """Charges that leave nothing to pay out. Facts: charges, amount."""

    code = "CHARGES_TOO_HIGH"
    message = N_("Charges of {charges} are not less than the {amount} paid out first. Nothing was paid out.")


@dataclass(frozen=True, slots=True)
class Part:
    """One way in which a part of a loan is paid out.

    amount              minor units of principal
    till_id             where cash comes from; with a way to pay it only writes the receipt
    savings_account_id  into which the money goes
    topped_up_id        the loan that the money pays off
    """

    amount: Money
    till_id: int | None = None
    payment_type_id: int | None = None
    savings_account_id: int | None = None
    topped_up_id: int | None = None
    receipt: str = ""


def write_part(
    session: Session,
    loan_id: int,
    part: Part,
    on: date,
    netted: Sequence[Charged] = (),
    *,
    approved_by_id: int | None = None,
    note: str = "",
) -> LoanTransaction:
    """Write one disbursement and its entry: Dr portfolio; Cr where the money goes, and what is kept of it."""
    book = read_book(session, loan_id)
    kept = total(one.amount for one in netted)
    leg, beside = _out(session, book, part, part.amount - kept, on, approved_by_id)
    penalty = total(one.amount for one in netted if one.penalty)
    movement = Movement(
        kind="disbursement",
        amount=part.amount,
        value_date=on,
        split=Split(principal=part.amount, fee=kept - penalty, penalty=penalty),
        entry=_entry(part.amount, kept, netted),
        leg=leg,
        receipt=receipt_number(session, leg.till_number, part.receipt),
        approved_by_id=approved_by_id,
        beside=beside,
        note=note,
    )
    return write(session, _with_accounts(book, netted), movement)


def _entry(amount: Money, kept: Money, netted: Sequence[Charged]) -> Entry:
    if not netted:
        return disbursement_entry(amount, cash=Role.CASH)
    lines = (Line(Role.LOAN_PORTFOLIO, debit=amount), Line(Role.CASH, credit=amount - kept))
    return Entry("disbursement", (*lines, *income_lines(netted)))


def _with_accounts(book: LoanBook, charged: Sequence[Charged]) -> LoanBook:
    own = own_accounts(charged)
    return replace(book, accounts={**book.accounts, **own}) if own else book


def _out(
    session: Session, book: LoanBook, part: Part, money: Money, on: date, approved_by_id: int | None
) -> tuple[CashLeg, Beside | None]:
    """Give where the money goes, and what else is written under the entry."""
    if part.savings_account_id is not None:
        account_id = part.savings_account_id

        def put_in(posted: JournalEntry) -> int:
            return move_in(session, account_id, money, on, LOAN_DISBURSEMENT, posted=posted).id

        return CashLeg(leg_account(session, account_id, on)), put_in
    if part.topped_up_id is not None:
        return _clearing(session, part.topped_up_id), None
    leg = paying_leg(
        session,
        money,
        till_id=part.till_id,
        payment_type_id=part.payment_type_id,
        loan_product_id=book.product_id,
        approved_by_id=approved_by_id,
    )
    return leg, None


def _clearing(session: Session, topped_up_id: int) -> CashLeg:
    """Money that pays another loan off goes through that loan's overpayments, and stays there no moment."""
    return CashLeg(read_book(session, topped_up_id).accounts[Role.OVERPAYMENT])


# --- what comes back at once ------------------------------------------------------------------------


def require_own_loan(session: Session, loan: LoanAccount, part: Part) -> None:
    """Refuse a part that pays off the loan itself, or a loan of somebody else.

    raises   TopUpError, NotFoundError
    """
    if part.topped_up_id is None:
        return
    old = own_loan(session, part.topped_up_id)
    if old.id == loan.id:
        raise TopUpError(number=loan.number, reason="it cannot pay itself off")
    if (old.client_id, old.group_id) != (loan.client_id, loan.group_id):
        raise TopUpError(number=loan.number, reason=f"{old.number} is somebody else's")


def pay_off_topped_up(session: Session, part: Part, on: date) -> LoanTransaction | None:
    """Book on the loan that is topped up what the new one paid for it.

    raises   OverpaymentError, NotDisbursedError, NoLongerFitsError
    """
    if part.topped_up_id is None:
        return None
    book = read_book(session, part.topped_up_id)
    book.require_paid_out(on)
    paid = Paid(_clearing(session, part.topped_up_id), note="Paid off by a new loan")
    return post_payment(session, book, part.amount, on, paid)


def pay_back_down(
    session: Session, product: LoanProduct, loan_id: int, rows: Sequence[PlannedRow], part: Part, on: date
) -> LoanTransaction | None:
    """Pay the down payment out of what was paid out, in the way that it came, where the product says so."""
    if not product.auto_down_payment or product.down_payment_percent is None:
        return None
    book, amount = read_book(session, loan_id), rows[0].principal
    leg, beside = _back(session, book, part, amount, on)
    paper = receipt_number(session, leg.till_number, "")
    return post_payment(session, book, amount, on, Paid(leg, paper, DOWN_PAYMENT, beside=beside))


def pay_charges_apart(
    session: Session, loan_id: int, due: Sequence[Charged], part: Part, on: date
) -> LoanTransaction:
    """Book that the charges were paid beside the money, in the way that it came: Dr money; Cr income."""
    book, amount = read_book(session, loan_id), total(one.amount for one in due)
    leg, beside = _back(session, book, part, amount, on)
    penalty = total(one.amount for one in due if one.penalty)
    movement = Movement(
        kind="fee",
        amount=amount,
        value_date=on,
        split=Split(fee=amount - penalty, penalty=penalty),
        entry=Entry("fee", (Line(Role.CASH, debit=amount), *income_lines(due))),
        leg=leg,
        receipt=receipt_number(session, leg.till_number, ""),
        beside=beside,
        note=", ".join(one.definition.name for one in due),
    )
    return write(session, _with_accounts(book, due), movement)


def _back(
    session: Session, book: LoanBook, part: Part, amount: Money, on: date
) -> tuple[CashLeg, Beside | None]:
    if part.savings_account_id is not None:
        account_id = part.savings_account_id

        def take_out(posted: JournalEntry) -> int:
            return move_out(session, account_id, amount, on, LOAN_PAYMENT, posted=posted).id

        return CashLeg(leg_account(session, account_id, on)), take_out
    leg = money_leg(
        session,
        till_id=part.till_id,
        payment_type_id=part.payment_type_id,
        loan_product_id=book.product_id,
    )
    return leg, None
