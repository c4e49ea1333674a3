"""Credit lines at the counter: drawn, repaid, charged by the month, taken back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from banking import credit_lines, loans, payoffs, repayments, security
from banking.credit_lines import LineStanding
from banking.errors import BeforeApprovalError, NotDisbursedError, StatusError
from banking.lending_errors import (
    CreditLimitError,
    LineEndedError,
    LineOwedError,
    NoCreditLineError,
    SecurityNeededError,
)
from banking.loan_books import Components
from banking.payment_previews import preview_repayment
from ledger.errors import BadTermError
from ledger.money import ZERO, Money
from schema.accounts import Installment, LoanAccount, LoanTransaction
from schema.products import LoanProduct
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, balances, broken, newest_transaction
from tests.support.lines import a_line, approved_line


def rows_of(books: Books, loan_id: int) -> list[tuple[date, int, int]]:
    """Give due date, principal and interest of the rows that hold something."""
    with books.look() as session:
        found = select(Installment).where(Installment.loan_account_id == loan_id).order_by(Installment.number)
        rows = session.scalars(found).all()
        return [
            (row.due_on, row.principal.minor, row.interest.minor)
            for row in rows
            if row.principal or row.interest
        ]


def standing(books: Books, loan_id: int, on: date) -> LineStanding:
    with books.look() as session:
        return credit_lines.standing(session, session.get_one(LoanAccount, loan_id), on)


def test_a_line_is_drawn_repaid_and_drawn_again(any_books: Books) -> None:
    """600.00 for ten days are 3.95 of interest; the rest of a payment can be drawn again at once."""
    loan_id = a_line(any_books)
    day = DAY + timedelta(days=10)
    assert standing(any_books, loan_id, day) == LineStanding(
        money("1000.00"),
        money("600.00"),
        money("400.00"),
        Components(principal=money("600.00"), interest=money("3.95")),
        date(2026, 7, 5),
    )
    with any_books.work() as session:
        paid = repayments.post_repayment(session, loan_id, money("203.95"), day)
        assert (paid.interest, paid.principal) == (money("3.95"), money("200.00"))
        credit_lines.draw(session, loan_id, money("600.00"), day + timedelta(days=1))
    assert standing(any_books, loan_id, day + timedelta(days=1)).available == ZERO
    assert balances(any_books)["Loan portfolio"] == money("1000.00")
    assert rows_of(any_books, loan_id) == [(date(2026, 1, 31), 0, 395), (date(2026, 7, 5), 120_000, 0)]
    assert broken(any_books) == []


def test_what_a_payment_would_do_is_told_before(books: Books) -> None:
    """Preview and pay-off quote hold the interest to the day, which no row has yet; then it is so."""
    loan_id, day = a_line(books), DAY + timedelta(days=10)
    with books.look() as session:
        told = preview_repayment(session, loan_id, money("203.95"), day)
    assert (told.paid.interest, told.paid.principal) == (money("3.95"), money("200.00"))
    assert told.left == money("400.00")
    with books.work() as session:
        assert payoffs.payoff_quote(session, loan_id, day).total == money("603.95")
        assert payoffs.pay_off(session, loan_id, day).interest == money("3.95")
        assert loans.is_closed(session, loan_id)
    assert broken(books) == []


def test_the_close_of_a_month_charges_its_interest_once(books: Books) -> None:
    """It is due on the month's last day; what is drawn is due when the line ends."""
    loan_id = a_line(books)
    books.today = date(2026, 1, 31)
    for _ in range(2):
        with books.work() as session:
            assert credit_lines.charge_all(session, date(2026, 1, 31)) == 1
    assert rows_of(books, loan_id) == [(date(2026, 1, 31), 0, 1_065), (date(2026, 7, 5), 60_000, 0)]
    with books.look() as session:
        assert [(due.due_date, due.owed) for due in loans.dues(session, loan_id)] == [
            (date(2026, 1, 31), Money(1_065)),
            (date(2026, 7, 5), money("600.00")),
        ]
    with books.work() as session:
        assert credit_lines.charge_interest(session, loan_id, date(2026, 2, 28)) == Money(1_065 + 1_105)
    books.today = date(2026, 3, 3)
    with books.work() as session:
        paid = repayments.post_repayment(session, loan_id, money("10.65"), date(2026, 2, 10))
        assert (paid.interest, paid.principal) == (money("10.65"), ZERO)
    assert rows_of(books, loan_id)[:2] == [(date(2026, 1, 31), 0, 1_065), (date(2026, 2, 28), 0, 1_105)]
    assert broken(books) == []


def test_a_payment_that_comes_late_changes_the_interest_after_it(books: Books) -> None:
    """300.00 paid on 15 January, written down in March: less interest, and the later one is adjusted."""
    loan_id = a_line(books)
    books.today = date(2026, 3, 2)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("100.00"), date(2026, 2, 10))
    before = newest_transaction(books, loan_id)
    assert before.interest == money("14.20")
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("303.95"), date(2026, 1, 15))
    with books.look() as session:
        adjustment = session.scalars(
            select(LoanTransaction).where(LoanTransaction.adjusts_id == before.id)
        ).one()
    assert adjustment.interest == -adjustment.principal == money("-9.07")
    assert rows_of(books, loan_id)[0] == (date(2026, 1, 31), 0, 395 + 335)
    assert broken(books) == []


def test_a_draw_taken_back_was_never_drawn(books: Books) -> None:
    """Its interest goes with it, and what payments paid of it is shared anew or becomes the client's."""
    loan_id = a_line(books)
    books.today = date(2026, 3, 2)
    with books.work() as session:
        second = credit_lines.draw(session, loan_id, money("400.00"), date(2026, 1, 20))
        repayments.post_repayment(session, loan_id, money("1015.00"), date(2026, 2, 10))
        repayments.reverse(session, second, reason="never paid out", on=date(2026, 3, 2))
    found = standing(books, loan_id, date(2026, 3, 2))
    assert (found.used, found.owed.total) == (ZERO, ZERO)
    with books.look() as session:
        assert repayments.overpaid(session, loan_id) == money("1015.00") - money("600.00") - Money(1_420)
    assert broken(books) == []


def test_reversing_everything_leaves_nothing(books: Books) -> None:
    """Rows, books and the state of the line are as before its first draw."""
    loan_id = a_line(books)
    books.today = date(2026, 3, 2)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("50.00"), date(2026, 2, 10))
        repayments.waive(session, loan_id, money("1.00"), date(2026, 3, 1))
    with books.look() as session:
        events = session.scalars(select(LoanTransaction).order_by(LoanTransaction.id)).all()
    with books.work() as session:
        for event in reversed(events):
            repayments.reverse(session, session.merge(event), reason="all back", on=books.today)
    assert rows_of(books, loan_id) == []
    assert balances(books) == {}
    assert broken(books) == []
    with books.look() as session:
        loan = session.get_one(LoanAccount, loan_id)
        assert (loan.status, loan.disbursed_on) == ("approved", None)
    with books.work() as session:
        credit_lines.draw(session, loan_id, money("10.00"), date(2026, 3, 2))
    assert broken(books) == []


def test_what_a_line_does_not_allow_is_refused_by_name(books: Books) -> None:
    """Beyond the limit now or later, before approval, after the end, on a loan; nothing is kept."""
    loan_id, plain = a_line(books), a_loan(books)
    with books.work() as session:
        product_id = session.get_one(LoanAccount, loan_id).product_id
        fresh = approved_line(session, product_id)
    kept = balances(books)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("300.00"), date(2026, 2, 1))
        credit_lines.draw(session, loan_id, money("600.00"), date(2026, 3, 1))
    refusals: list[tuple[type[Exception], int, str, date]] = [
        (CreditLimitError, loan_id, "300.00", date(2026, 3, 5)),
        (CreditLimitError, loan_id, "300.00", date(2026, 2, 5)),
        (CreditLimitError, fresh, "1000.01", DAY),
        (BeforeApprovalError, fresh, "1.00", DAY - timedelta(days=1)),
        (NotDisbursedError, loan_id, "1.00", DAY - timedelta(days=1)),
        (LineEndedError, loan_id, "1.00", date(2026, 7, 6)),
        (NoCreditLineError, plain, "1.00", DAY),
    ]
    for refusal, line, amount, on in refusals:
        with pytest.raises(refusal), books.work() as session:
            credit_lines.draw(session, line, money(amount), on)
    assert broken(books) == []
    assert kept != balances(books)
    assert standing(books, fresh, DAY) == LineStanding(
        money("1000.00"), ZERO, money("1000.00"), Components(), None
    )


def test_a_line_that_lost_its_guarantor_is_not_drawn_on(books: Books) -> None:
    """While nothing is owed a guarantor may go; the next draw needs another one."""
    loan_id, day = a_line(books), DAY + timedelta(days=1)
    with books.hq_work() as session:
        loan = session.get_one(LoanAccount, loan_id)
        update(session, session.get_one(LoanProduct, loan.product_id), guarantors_needed=1)
    with pytest.raises(SecurityNeededError), books.work() as session:
        credit_lines.draw(session, loan_id, money("1.00"), day)
    with books.work() as session:
        security.add_guarantor(session, loan_id, money("100.00"), day, name="Ouma")
        credit_lines.draw(session, loan_id, money("1.00"), day)
    assert broken(books) == []


def test_a_limit_changes_and_a_line_ends(books: Books) -> None:
    """Not below what is in use; not while something is owed; afterwards nothing is drawn."""
    loan_id = a_line(books)
    day = DAY + timedelta(days=10)
    books.today = day
    with books.work() as session:
        with pytest.raises(BadTermError):
            credit_lines.change_limit(session, loan_id, money("599.99"))
        credit_lines.change_limit(session, loan_id, money("700.00"))
        with pytest.raises(CreditLimitError, match="limit of 70000"):
            credit_lines.draw(session, loan_id, money("100.01"), day)
        with pytest.raises(LineOwedError):
            credit_lines.close_line(session, loan_id, day)
        repayments.post_repayment(session, loan_id, money("603.95"), day)
        credit_lines.close_line(session, loan_id, day)
        assert loans.is_closed(session, loan_id)
        product_id = session.get_one(LoanAccount, loan_id).product_id
        with pytest.raises(CreditLimitError):
            credit_lines.draw(session, loan_id, money("0.01"), day)
        with pytest.raises(StatusError):
            credit_lines.charge_interest(session, approved_line(session, product_id, on=day), day)
    assert broken(books) == []


def test_a_line_written_off_owes_nothing_and_bears_no_interest(books: Books) -> None:
    """Interest up to the day is given up with the principal; what comes in later is a recovery."""
    loan_id = a_line(books)
    books.today = date(2026, 3, 2)
    with books.work() as session:
        written = repayments.write_off(session, loan_id, None, date(2026, 3, 2))
        assert (written.principal, written.interest) == (money("600.00"), Money(1_065 + 1_105 + 39))
        assert credit_lines.charge_interest(session, loan_id, date(2026, 4, 30)) == Money(2_209)
        repayments.post_repayment(session, loan_id, money("50.00"), date(2026, 4, 1))
    assert balances(books)["Recovered loans"] == money("-50.00")
    assert broken(books) == []
