"""The branch cash confirmation: its lines add up to what the drawers hold more than in the morning."""

from datetime import timedelta

from banking import days, repayments, savings
from banking.cash_confirmation import Confirmation, confirmation
from banking.till_sheets import branch_sheet, office_sheets
from banking.vault import CashMove, move_cash
from ledger.money import ZERO, Money, total
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_account

LATER = DAY + timedelta(days=70)


def test_each_payment_stands_in_its_line(any_books: Books) -> None:
    """A loan paid with what is overdue and more; savings in and out; a fee; an expense."""
    books = any_books
    lent = a_loan(books, "10000")
    with books.work("day.open") as session:
        days.open_day(session, LATER, money("20000"))
    account = an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("300"), LATER, till_id=books.till_id)
        savings.withdraw(session, account.id, money("120"), LATER, till_id=books.till_id)
        repayments.post_repayment(session, lent, money("6000"), LATER, till_id=books.till_id)
        repayments.charge_fee_and_pay(session, lent, money("50"), LATER, till_id=books.till_id, note="book")
        spent = CashMove(
            kind="pay", amount=money("30"), from_till_id=books.till_id, gl_code="5330", note="bus"
        )
        move_cash(session, spent, LATER)
    found = read(books)
    assert (found.deposits, found.withdrawals, found.disbursements) == (money("300"), money("-120"), ZERO)
    assert found.arrears > ZERO
    assert found.prepayments > ZERO
    assert found.fees == money("50")
    assert found.recoveries + found.arrears + found.prepayments == money("6000")
    assert lines(found) == found.net


def read(books: Books) -> Confirmation:
    with books.look() as session:
        whole = branch_sheet("all", LATER, office_sheets(session, books.office_id, LATER))
        return confirmation(session, books.office_id, LATER, whole)


def lines(found: Confirmation) -> Money:
    return total(
        (
            found.recoveries,
            found.arrears,
            found.prepayments,
            found.fees,
            found.deposits,
            found.withdrawals,
            found.disbursements,
            found.other,
        )
    )
