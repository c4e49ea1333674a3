"""Receivables at a close are what loans have earned and not been paid, whatever happened before."""

from datetime import date, timedelta

import pytest

from banking import days, repayments
from banking.closing.accruals import accrual_targets, post_accruals, unposted_accruals
from banking.closing.steps import run_steps
from ledger.accruals import EarningRow, receivable_at
from ledger.money import ZERO, Money
from schema.accounts import LoanAccount
from schema.writing import act, update
from tests.support.books import Books, money
from tests.support.closing import accrue, close_on, entries, standing
from tests.support.lending import DAY, a_loan, broken, row_counts

WEEK = timedelta(7)


def on(days: int) -> date:
    return DAY + timedelta(days)


def test_interest_is_receivable_day_by_day_and_all_of_it_when_due(books: Books) -> None:
    """1,000.00 at 20 % flat over 25 weeks: 96.15 in all, 3.85 a row, 0.55 a day."""
    accrue(books)
    a_loan(books)
    seen = []
    for day in (0, 1, 2, 6, 7):
        close_on(books, on(day))
        seen.append(standing(books, "Interest receivable"))
    row = EarningRow(DAY, on(7), money("3.85"))
    assert seen == [receivable_at(row, on(day)) for day in (0, 1, 2, 6, 7)]
    assert seen[-1] == money("3.85")
    assert standing(books, "Interest on loans") == -seen[-1]
    assert broken(books) == []


def test_a_payment_moves_from_the_receivable_to_cash_and_income_stays(books: Books) -> None:
    accrue(books)
    loan_id = a_loan(books)
    close_on(books, on(7))
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("43.85"), on(8))
    close_on(books, on(8))
    earned = money("3.85") + Money(55)
    assert standing(books, "Interest receivable") == Money(55)
    assert standing(books, "Interest on loans") == -earned
    assert broken(books) == []


def test_interest_paid_in_advance_is_no_negative_receivable(books: Books) -> None:
    accrue(books)
    loan_id = a_loan(books)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("131.55"), on(1))
    close_on(books, on(2))
    assert standing(books, "Interest receivable") == ZERO
    assert broken(books) == []


def test_a_close_done_again_writes_nothing(books: Books) -> None:
    """The steps run again on the same day, and the books and every other table stay as they are."""
    accrue(books, non_performing_after_days=5)
    a_loan(books)
    a_loan(books, "300.00", "MONTHLY")
    close_on(books, on(40))
    with books.work("day.open") as session:
        before = row_counts(books)
        run_steps(session, on(40))
        assert act(session).ops == []
    assert row_counts(books) == before


def test_a_loan_that_does_not_perform_gives_its_accrued_interest_back(books: Books) -> None:
    """And what it earned is income again when it performs again."""
    accrue(books, non_performing_after_days=10)
    loan_id = a_loan(books)
    close_on(books, on(17))
    assert standing(books, "Interest receivable") > ZERO
    steps = close_on(books, on(18))
    assert (steps["non_performing"].done, steps["arrears"].done) == (1, 1)
    assert standing(books, "Interest receivable") == ZERO
    assert standing(books, "Interest on loans") == ZERO
    with books.look() as session:
        assert session.get_one(LoanAccount, loan_id).non_performing_since == on(18)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("43.85"), on(19))
    close_on(books, on(19))
    with books.look() as session:
        assert session.get_one(LoanAccount, loan_id).non_performing_since is None
    assert standing(books, "Interest receivable") == money("3.85") + Money(275)
    assert broken(books) == []


def test_a_charged_off_loan_accrues_nothing(books: Books) -> None:
    accrue(books)
    loan_id = a_loan(books)
    close_on(books, on(5))
    with books.work() as session:
        update(session, session.get_one(LoanAccount, loan_id), charged_off_on=on(6))
    close_on(books, on(6))
    assert standing(books, "Interest receivable") == ZERO


def test_cash_products_book_no_receivable_and_upfront_ones_all_rows_at_once(books: Books) -> None:
    accrue(books, "MONTHLY", accrual="upfront")
    a_loan(books)
    a_loan(books, "1200.00", "MONTHLY")
    steps = close_on(books, DAY)
    whole = standing(books, "Interest receivable")
    assert steps["accruals"].amount == whole == -standing(books, "Interest on loans")
    assert whole > money("100.00")
    close_on(books, on(200))
    assert standing(books, "Interest receivable") == whole


def test_fees_are_receivable_from_the_day_that_they_fall_due(books: Books) -> None:
    accrue(books, installment_fee=Money(200))
    a_loan(books)
    close_on(books, on(6))
    assert standing(books, "Fees receivable") == ZERO
    close_on(books, on(14))
    assert standing(books, "Fees receivable") == Money(400) == -standing(books, "Fees on loans")


def test_waived_interest_leaves_the_receivable(books: Books) -> None:
    accrue(books)
    loan_id = a_loan(books)
    close_on(books, on(7))
    with books.work() as session:
        repayments.waive(session, loan_id, money("3.85"), on(8))
    close_on(books, on(8))
    assert standing(books, "Interest receivable") == Money(55)
    assert standing(books, "Interest on loans") == Money(-55)
    assert broken(books) == []


@pytest.mark.parametrize("closes", [[30], list(range(31)), [3, 17, 30]])
def test_closes_in_any_split_of_days_end_with_the_same_balances(books: Books, closes: list[int]) -> None:
    accrue(books, non_performing_after_days=10)
    accrue(books, "MONTHLY")
    a_loan(books)
    a_loan(books, "700.00", "MONTHLY")
    for day in closes:
        close_on(books, on(day))
    assert (standing(books, "Interest receivable"), standing(books, "Interest on loans")) == (
        Money(1355),
        Money(-1355),
    )


def test_after_a_close_the_receivables_are_what_is_computed(any_books: Books) -> None:
    """On each kind of database: nothing is left to post, and one entry for each receivable and day."""
    accrue(any_books, installment_fee=Money(150))
    loan_id = a_loan(any_books)
    for day in (3, 9):
        close_on(any_books, on(day))
    with any_books.work() as session:
        repayments.post_repayment(session, loan_id, money("20.00"), on(10))
    close_on(any_books, on(10))
    with any_books.work() as session:
        assert unposted_accruals(session, on(10)) == []
        receivable = any_books.gl_account("Interest receivable").id
        targets = accrual_targets(session, on(10))
        held = sum((amount for pair, amount in targets.items() if pair[0] == receivable), ZERO)
        assert post_accruals(session, on(10)) == []
    assert standing(any_books, "Interest receivable") == held
    kinds = [(entry.booked_on, entry.note) for entry in entries(any_books, "accrual")]
    assert len(kinds) == len(set(kinds)) + 2  # interest and fee on two of the three days
    assert broken(any_books) == []


def test_a_back_dated_payment_is_in_the_next_close_and_not_in_the_last_one(books: Books) -> None:
    """A closed day keeps its figures; the difference comes with the day that shows the payment."""
    accrue(books)
    loan_id = a_loan(books)
    close_on(books, on(7))
    with books.work("day.open") as session:
        days.open_day(session, on(8))
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("43.85"), on(7))
        assert unposted_accruals(session, on(7)) == []
        assert {shift.amount for shift in unposted_accruals(session, on(8))} == {money("-3.85") + Money(55)}
