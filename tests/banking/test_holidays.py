"""Holidays while loans run: shown first, then applied by the product's rule; the books hold."""

from datetime import date
from decimal import Decimal

import pytest

from banking import loans, offers, repayments
from banking.holidays import apply_holidays, find_moves
from banking.products import define_loan_product
from tests.support.books import Books, money
from tests.support.lending import a_client, broken

CHRISTMAS = date(2026, 12, 25)
FIRST = date(2026, 12, 11)


def a_weekly_loan(books: Books, rule: str, **terms: object) -> int:
    """Pay out four weekly rows from 11 December on; the second falls on Christmas."""
    with books.hq_work() as session:
        product = define_loan_product(
            session,
            "WEEKLY",
            {"shift_rule": rule, "installments": 4, "annual_rate": Decimal(12), **terms},
        )
    with books.work() as session:
        loan = loans.apply(
            session,
            client_id=a_client(session),
            product_id=product.id,
            principal=money("400.00"),
            applied_on=FIRST,
        )
        loans.approve(session, loan.id, FIRST)
        loans.disburse(session, loan.id, FIRST)
        return loan.id


def declared(books: Books, day: date = CHRISTMAS) -> None:
    with books.hq_work() as session:
        offers.declare_holiday(session, day, "Christmas")


def days_of(books: Books, loan_id: int) -> list[str]:
    with books.look() as session:
        return [due.due_date.isoformat() for due in loans.dues(session, loan_id)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("same_day", ["2026-12-18", "2026-12-25", "2027-01-01", "2027-01-08"]),
        ("next_working_day", ["2026-12-18", "2026-12-26", "2027-01-01", "2027-01-08"]),
        ("previous_working_day", ["2026-12-18", "2026-12-24", "2027-01-01", "2027-01-08"]),
        ("next_repayment_date", ["2026-12-18", "2027-01-01", "2027-01-08", "2027-01-15"]),
        ("extend", ["2026-12-18", "2026-12-26", "2027-01-02", "2027-01-09"]),
    ],
)
def test_a_holiday_declared_later_moves_open_rows_by_the_rule(
    books: Books, rule: str, expected: list[str]
) -> None:
    """What would move is shown first; applying it a second time moves nothing more."""
    books.today = FIRST
    loan_id = a_weekly_loan(books, rule)
    before = days_of(books, loan_id)
    declared(books)
    with books.work() as session:
        shown = find_moves(session, FIRST, date(2027, 1, 31))
    assert days_of(books, loan_id) == before
    with books.work() as session:
        assert apply_holidays(session, FIRST, date(2027, 1, 31)) == shown
        assert apply_holidays(session, FIRST, date(2027, 1, 31)) == []
    assert days_of(books, loan_id) == expected
    assert broken(books) == []


def test_new_loans_keep_off_holidays_that_are_known(books: Books) -> None:
    books.today = FIRST
    declared(books)
    with books.hq_work() as session:
        offers.set_working_days(session, "12345")
    loan_id = a_weekly_loan(books, "next_working_day")
    assert days_of(books, loan_id) == ["2026-12-18", "2026-12-28", "2027-01-01", "2027-01-08"]


def test_rows_that_are_paid_do_not_move(books: Books) -> None:
    """The client paid the row of the holiday before it was declared: it stays, and so do the others."""
    books.today = FIRST
    loan_id = a_weekly_loan(books, "extend")
    with books.work() as session:
        first, second = loans.dues(session, loan_id)[:2]
        repayments.post_repayment(session, loan_id, first.owed + second.owed, FIRST)
    declared(books)
    with books.work() as session:
        assert apply_holidays(session, FIRST, date(2027, 1, 31)) == []
    assert broken(books) == []


def test_interest_that_follows_its_days_is_computed_anew(books: Books) -> None:
    """A loan whose interest is recalculated by the day pays for the days that it waits."""
    books.today = FIRST
    loan_id = a_weekly_loan(
        books,
        "next_working_day",
        interest_type="DECLINING_BALANCE",
        interest_period="DAILY",
        recalculation="REDUCE_EMI_AMOUNT",
    )
    with books.work() as session:
        before = [due.interest for due in loans.dues(session, loan_id)]
    declared(books)
    with books.work() as session:
        apply_holidays(session, FIRST, CHRISTMAS)
        after = [due.interest for due in loans.dues(session, loan_id)]
    assert after[1] > before[1]
    assert after[2] < before[2]
    assert broken(books) == []


def test_only_the_days_that_are_named_count(books: Books) -> None:
    """Another office's holiday, and a span that holds none, move nothing."""
    books.today = FIRST
    a_weekly_loan(books, "next_working_day")
    with books.hq_work() as session:
        offers.declare_holiday(session, CHRISTMAS, "Of the head office", books.head_office_id)
    with books.work() as session:
        assert find_moves(session, FIRST, date(2027, 1, 31)) == []
    with books.hq_work() as session:
        offers.declare_holiday(session, date(2027, 1, 1), "New year")
    with books.work() as session:
        assert find_moves(session, FIRST, CHRISTMAS) == []
        assert [moved.row for moved in find_moves(session, FIRST, date(2027, 1, 1))] == [3]
