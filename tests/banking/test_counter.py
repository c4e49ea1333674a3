"""What the counter shows: figures at a glance, schedules, previews, receipts."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banking.counter import (
    LoanSheet,
    loan_sheet,
    loans_at_a_glance,
    savings_at_a_glance,
    savings_sheet,
)
from banking.errors import NotDisbursedError
from banking.loans import approve, outstanding
from banking.payment_previews import preview_repayment
from banking.receipts import find_receipt, loan_movements, receipt_sheet, reverse_movement, savings_movements
from banking.repayments import post_repayment, write_off
from banking.savings import deposit
from ledger.errors import AmountZeroError, NotFoundError, OverpaymentError
from ledger.money import ZERO, Money, total
from schema.products import LoanProduct
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_account, an_application

FIRST_DUE = DAY + timedelta(days=7)


def sheet(books: Books, loan_id: int, days: int) -> LoanSheet:
    """The loan's page so many days after it was paid out."""
    with books.look() as session:
        return loan_sheet(session, loan_id, DAY + timedelta(days=days))


def test_a_row_is_overdue_the_day_after_its_date(books: Books) -> None:
    """On the day itself it is due; a day later it is one day late, and counted as overdue."""
    loan = a_loan(books)
    on_the_day, after = sheet(books, loan, 7), sheet(books, loan, 8)
    assert (on_the_day.glance.overdue, on_the_day.glance.days_past_due) == (ZERO, 0)
    assert [row.state for row in on_the_day.schedule.rows[:2]] == ["due", "coming"]
    assert (after.glance.overdue, after.glance.days_past_due) == (on_the_day.glance.next_due, 1)
    assert [row.state for row in after.schedule.rows[:2]] == ["overdue", "coming"]
    assert after.glance.next_due_on == FIRST_DUE + timedelta(days=7)


def test_a_schedule_adds_up_to_what_is_owed(books: Books) -> None:
    """Due less paid is outstanding, in each row and in the totals, and what the loan's own ledger says."""
    loan = a_loan(books)
    with books.work() as session:
        post_repayment(session, loan, money("100.01"), FIRST_DUE)
    schedule = sheet(books, loan, 7).schedule
    assert schedule.paid == money("100.01")
    assert schedule.due.total - schedule.paid == schedule.outstanding
    assert total(row.outstanding for row in schedule.rows) == schedule.outstanding
    with books.look() as session:
        assert schedule.outstanding == outstanding(session, loan).total
    assert [row.state for row in schedule.rows[:3]] == ["paid", "paid", "coming"]
    assert schedule.next_number == 3


def test_an_application_is_a_plan_on_which_nothing_is_owed(books: Books) -> None:
    """Before the loan is paid out its page owes nothing."""
    with books.work() as session:
        loan = an_application(books, session).id
    shown = sheet(books, loan, 0)
    assert (shown.glance.status, shown.glance.outstanding, shown.schedule.outstanding) == (
        "applied",
        ZERO,
        ZERO,
    )


def test_a_repaid_loan_shows_as_closed(books: Books) -> None:
    """Closed is derived, and gone again when the payment is reversed."""
    loan = a_loan(books)
    owed = sheet(books, loan, 0).glance.outstanding
    with books.work() as session:
        paid = post_repayment(session, loan, owed, FIRST_DUE).id
    assert sheet(books, loan, 7).glance.status == "closed"
    with books.work() as session:
        reverse_movement(session, "loan", paid, reason="bounced", on=FIRST_DUE)
    assert sheet(books, loan, 7).glance.status == "active"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(minor=st.integers(1, 130_000), days=st.integers(0, 200))
def test_what_is_previewed_is_what_is_posted(books: Books, minor: int, days: int) -> None:
    """For any amount on any day: the same split, the same overpayment, and the outstanding that was told."""
    loan, on, paid = a_loan(books), DAY + timedelta(days=days), Money(minor)
    with books.look() as session:
        preview = preview_repayment(session, loan, paid, on)
    with books.work() as session:
        posted = post_repayment(session, loan, paid, on)
    split = preview.paid
    assert (split.principal, split.interest, split.fee, split.penalty, preview.overpayment) == (
        posted.principal,
        posted.interest,
        posted.fee,
        posted.penalty,
        posted.overpayment,
    )
    assert total(row.paid.total for row in preview.rows) + preview.overpayment == paid
    assert preview.left == sheet(books, loan, 0).glance.outstanding


def test_a_payment_that_would_come_late_is_shown_at_its_place(books: Books) -> None:
    """What is left of the rows counts the money that was there already, which moves on."""
    loan = a_loan(books)
    with books.work() as session:
        post_repayment(session, loan, money("43.85"), DAY + timedelta(30))
        shown = preview_repayment(session, loan, money("3.00"), DAY + timedelta(8))
        late = post_repayment(session, loan, money("3.00"), DAY + timedelta(8))
    assert (shown.paid.interest, shown.paid.total) == (late.interest, money("3.00"))
    assert shown.left == sheet(books, loan, 0).glance.outstanding


def test_a_preview_refuses_what_the_posting_would_refuse(books: Books) -> None:
    """Nothing, money before disbursement, and too much where the product does not keep it."""
    loan = a_loan(books)
    with books.look() as session:
        with pytest.raises(AmountZeroError):
            preview_repayment(session, loan, ZERO, DAY)
        with pytest.raises(NotDisbursedError):
            preview_repayment(session, loan, money("1"), DAY - timedelta(days=1))
        with pytest.raises(NotFoundError):
            preview_repayment(session, loan + 10**6, money("1"), DAY)
    with books.hq_work() as session:
        product = session.get_one(LoanProduct, books.loan_product("WEEKLY").id)
        update(session, product, overpayment="refuse")
    with books.look() as session, pytest.raises(OverpaymentError):
        preview_repayment(session, loan, money("5000"), DAY)


def test_money_on_a_written_off_loan_is_shown_as_a_recovery(books: Books) -> None:
    """No row would be paid by it."""
    loan = a_loan(books)
    with books.work() as session:
        write_off(session, loan, None, FIRST_DUE)
    with books.look() as session:
        preview = preview_repayment(session, loan, money("10"), FIRST_DUE)
    assert preview.recovery
    assert preview.rows == ()
    assert sheet(books, loan, 7).glance.status == "written_off"


def test_owners_see_all_their_accounts(books: Books) -> None:
    """Loans with something owed come first; savings come with their balance."""
    loan, account = a_loan(books), an_account(books)
    with books.work() as session:
        deposit(session, account.id, money("12.34"), DAY)
        second = an_application(books, session)
        approve(session, second.id, DAY)
    with books.look() as session:
        owner = loan_sheet(session, loan, DAY).owner
        assert [row.id for row in loans_at_a_glance(session, DAY, client_id=owner.id)] == [loan]
        saver = savings_sheet(session, account.id).owner
        (row,) = savings_at_a_glance(session, client_id=saver.id)
        assert row.balance == money("12.34")
        assert savings_at_a_glance(session, client_id=owner.id) == []


def test_a_receipt_is_found_by_its_number(books: Books) -> None:
    """For loans and savings, in capitals or not; and leads to what it prints."""
    loan, account = a_loan(books), an_account(books)
    with books.work() as session:
        post_repayment(session, loan, money("50"), FIRST_DUE, till_id=books.till_id)
        deposit(session, account.id, money("7"), DAY, till_id=books.till_id)
    with books.look() as session:
        newest = loan_movements(session, loan)[0]
        assert find_receipt(session, " kit-1-000001 ") == ("loan", newest.id)
        saved = savings_movements(session, account.id)[0]
        assert find_receipt(session, "KIT-1-000002") == ("savings", saved.id)
        assert find_receipt(session, "") is None
        printed = receipt_sheet(session, "loan", newest.id)
        assert (printed.movement.amount, printed.till) == (money("50"), "Till 1")
        assert printed.balance == outstanding(session, loan).total
        assert receipt_sheet(session, "savings", saved.id).balance == money("7")
        for kind, number in (("loan", 1), ("savings", 1), ("till", newest.id)):
            with pytest.raises(NotFoundError):
                receipt_sheet(session, kind, number)


def test_every_kind_of_database_gives_the_same_figures(any_books: Books) -> None:
    """Sums come back as amounts from SQLite, SQLCipher and PostgreSQL alike."""
    loan, account = a_loan(any_books), an_account(any_books)
    with any_books.work() as session:
        post_repayment(session, loan, money("100.01"), FIRST_DUE)
        deposit(session, account.id, money("7"), DAY)
    shown = sheet(any_books, loan, 7)
    assert shown.schedule.paid == money("100.01")
    with any_books.look() as session:
        owner = savings_sheet(session, account.id).owner
        assert savings_at_a_glance(session, client_id=owner.id)[0].balance == money("7")
