"""Tills and what they moved."""

import pytest

from banking import cash, repayments, savings, tills
from banking.errors import NumberTakenError
from ledger.errors import NotFoundError
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_account


def test_tills_are_numbered_and_a_number_is_never_given_again(books: Books) -> None:
    with books.work() as session:
        second = cash.create_till(session, name="Front desk")
        assert (second.number, second.name) == (2, "Front desk")
        tills.retire_till(session, second.id)
        assert cash.create_till(session).number == 3
        with pytest.raises(NumberTakenError):
            cash.create_till(session, number=2)
        with pytest.raises(NotFoundError):
            tills.retire_till(session, 5)


def test_till_zero_stands_for_older_books_and_has_no_drawer(books: Books) -> None:
    with books.work() as session:
        till = cash.create_till(session, number=cash.BROUGHT_IN_TILL, name="Older books")
    assert till.gl_account_id == books.gl_account("Books brought in").id


def test_a_till_report_lists_every_movement_with_its_receipt(books: Books) -> None:
    loan_id = a_loan(books, "1000.00", till_id=books.till_id)
    account = an_account(books)
    with books.work() as session:
        paid = repayments.post_repayment(
            session, loan_id, money("50"), DAY, till_id=books.till_id, note="early"
        )
        savings.deposit(session, account.id, money("20"), DAY, till_id=books.till_id)
        savings.withdraw(session, account.id, money("5"), DAY, till_id=books.till_id)
        repayments.reverse(session, paid, reason="wrong", on=DAY)
        repayments.waive(session, loan_id, money("1"), DAY)
    with books.look() as session:
        (report,) = cash.till_reports(session, books.office_id, DAY)
    assert [(line.receipt[-1], line.kind, line.amount) for line in report.lines] == [
        ("1", "disbursement", money("-1000")),
        ("2", "repayment", money("50")),
        ("3", "deposit", money("20")),
        ("4", "withdrawal", money("-5")),
        ("5", "reversal", money("-50")),
    ]
    assert (report.received, report.paid_out, report.net) == (money("70"), money("1055"), money("-985"))
    assert report.lines[1].note == "early"


def test_a_till_of_another_office_is_none_of_ours(books: Books) -> None:
    with books.hq_work() as session, pytest.raises(NotFoundError):
        cash.cash_leg(session, books.till_id)
