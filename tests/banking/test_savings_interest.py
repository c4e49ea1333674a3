"""Interest of accounts: posted once at the end of its periods, taxed, paid on, corrected, accrued."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from banking import savings
from banking.errors import StatusError
from banking.savings_charges import charge_periods
from banking.savings_interest import (
    interest_accrued,
    interest_accrued_of_all,
    post_interest,
    post_interest_of_all,
)
from ledger.money import ZERO, Money
from ledger.savings_posting import Posting
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.products import SavingsRateStep
from schema.reference import Period
from schema.writing import insert, update
from tests.banking.test_savings_terms import charged
from tests.support.books import Books, money
from tests.support.lending import balances, broken
from tests.support.saving import account_of, balance_of, movements, put, saver, take, terms

JAN_1, JAN_31, FEB_28, MAR_31 = (
    date(2026, 1, 1),
    date(2026, 1, 31),
    date(2026, 2, 28),
    date(2026, 3, 31),
)
DAILY_TEN = "36500.00"
"""At 10 % this earns 10.00 a day."""


def ten_percent(books: Books, **changed: object) -> None:
    terms(books, "SAVE", **{"annual_rate": Decimal(10), "compounding": "monthly", **changed})


def post_all(books: Books, until: date) -> int:
    with books.work("savings.interest") as session:
        return post_interest_of_all(session, until)


def owned(books: Books, account_id: int, **changed: object) -> None:
    with books.work() as session:
        update(session, session.get_one(SavingsAccount, account_id), **changed)


def interest_rows(books: Books, account_id: int) -> list[tuple[str, int, date]]:
    kinds = {"interest", "overdraft_interest", "tax", "transfer_out", "transfer_in"}
    return [row for row in movements(books, account_id) if row[0] in kinds]


def test_interest_is_posted_at_the_end_of_each_period_and_once(books: Books) -> None:
    """36,500.00 at 10 %: 310.00 for January; February 28 x 36,810.00 x 10 % / 365 = 282.38."""
    ten_percent(books)
    account = saver(books, DAILY_TEN, JAN_1)
    assert post_all(books, JAN_31 - timedelta(days=1)) == 0
    assert post_all(books, JAN_31) == 1
    assert post_all(books, JAN_31) == 0
    assert post_all(books, FEB_28 + timedelta(days=3)) == 1
    assert post_all(books, FEB_28 + timedelta(days=3)) == 0
    assert interest_rows(books, account) == [("interest", 31_000, JAN_31), ("interest", 28_238, FEB_28)]
    assert account_of(books, account).interest_to == FEB_28
    assert balances(books)["Interest on savings"] == Money(59_238)
    assert broken(books) == []


def test_periods_that_were_missed_are_posted_each_on_its_own_day(books: Books) -> None:
    ten_percent(books)
    account = saver(books, DAILY_TEN, JAN_1)
    assert post_all(books, FEB_28) == 2
    assert interest_rows(books, account) == [("interest", 31_000, JAN_31), ("interest", 28_238, FEB_28)]


def test_tax_is_withheld_under_its_own_entry(books: Books) -> None:
    """15 % of 310.00 is 46.50; February earns on 36,763.50: 282.02, its tax is 42.30 (42.303)."""
    ten_percent(books, tax_percent=Decimal(15))
    account = saver(books, DAILY_TEN, JAN_1)
    post_all(books, FEB_28)
    assert interest_rows(books, account) == [
        ("interest", 31_000, JAN_31),
        ("tax", -4_650, JAN_31),
        ("interest", 28_202, FEB_28),
        ("tax", -4_230, FEB_28),
    ]
    assert balances(books)["Tax withheld on savings interest"] == Money(-8_880)
    assert broken(books) == []


def test_a_deposit_dated_back_is_put_right_by_the_next_posting(books: Books) -> None:
    """36,500.00 more from 22 January: 10 days x 10.00 are missing in what was posted for January."""
    ten_percent(books)
    late, steady = saver(books, DAILY_TEN, JAN_1), saver(books, DAILY_TEN, JAN_1)
    post_all(books, JAN_31)
    put(books, late, DAILY_TEN, date(2026, 1, 22))
    put(books, steady, DAILY_TEN, date(2026, 2, 1))
    post_all(books, FEB_28)
    # January 410.00; February 28 x 73,410.00 x 10 % / 365 = 563.15, and 100.00 for January
    assert interest_rows(books, late)[-1] == ("interest", 56_315 + 10_000, FEB_28)
    assert interest_rows(books, steady)[-1] == ("interest", 56_238, FEB_28)
    assert broken(books) == []


def test_a_posting_put_right_comes_to_what_it_would_have_been_from_the_beginning(books: Books) -> None:
    ten_percent(books, tax_percent=Decimal(10))
    late, right = saver(books, DAILY_TEN, JAN_1), saver(books, DAILY_TEN, JAN_1)
    put(books, right, DAILY_TEN, date(2026, 1, 22))
    post_all(books, FEB_28)
    put(books, late, DAILY_TEN, date(2026, 1, 22))
    post_all(books, MAR_31)
    assert balance_of(books, late) == balance_of(books, right)
    assert balance_of(books, late, FEB_28) != balance_of(books, right, FEB_28)


def test_interest_on_a_deposit_that_was_taken_back_is_taken_back_too(books: Books) -> None:
    ten_percent(books)
    account = saver(books, "", JAN_1)
    wrong = put(books, account, DAILY_TEN, JAN_1)
    put(books, account, "1000.00", JAN_1)
    post_all(books, JAN_31)
    with books.work() as session:
        savings.reverse(session, wrong, reason="wrong account", on=date(2026, 2, 3))
    post_all(books, FEB_28)
    # 1,000.00 earn 8.49 in January and 1,008.49 earn 7.74 in February
    assert balance_of(books, account) == money("1016.23")
    assert broken(books) == []


def test_a_correction_takes_back_no_more_than_is_there_and_the_rest_later(books: Books) -> None:
    ten_percent(books)
    account = saver(books, "", JAN_1)
    wrong = put(books, account, DAILY_TEN, JAN_1)
    post_all(books, JAN_31)
    take(books, account, "300.00", date(2026, 2, 1))
    put(books, account, "300.00", date(2026, 2, 1))
    with books.work() as session:
        savings.reverse(session, wrong, reason="wrong account", on=date(2026, 2, 1))
    take(books, account, "305.00", date(2026, 2, 2))
    post_all(books, FEB_28)
    assert balance_of(books, account) == ZERO
    put(books, account, "1000.00", date(2026, 3, 1))
    post_all(books, MAR_31)
    # one day at 300.00 and one at -5.00 aside, 305.00 were never earned: only what is left of March stays
    assert balance_of(books, account) < money("705.00")
    assert broken(books) == []


def test_interest_goes_on_to_the_account_that_it_is_paid_to(books: Books) -> None:
    """It leaves what earned it as it was, so each month earns the same per day."""
    ten_percent(books, tax_percent=Decimal(10))
    source, target = saver(books, DAILY_TEN, JAN_1), saver(books, "", JAN_1)
    owned(books, source, pays_interest_to_id=target)
    post_all(books, JAN_31)
    post_all(books, FEB_28)
    assert balance_of(books, source) == money(DAILY_TEN)
    assert [row for row in interest_rows(books, target) if row[0] == "transfer_in"] == [
        ("transfer_in", 27_900, JAN_31),
        ("transfer_in", 25_200, FEB_28),
    ]
    assert broken(books) == []


def test_an_overdraft_owes_interest_of_its_own(books: Books) -> None:
    """10,000.00 earn for 15 days, then 10,000.00 are owed for 13 days at 21 %: 41.10 and 74.79."""
    ten_percent(books, compounding="annually", overdraft_limit=money("20000.00"), overdraft_rate=Decimal(21))
    account = saver(books, "10000.00", date(2026, 2, 1))
    take(books, account, "20000.00", date(2026, 2, 16))
    post_all(books, FEB_28)
    assert interest_rows(books, account) == [
        ("interest", 4_110, FEB_28),
        ("overdraft_interest", -7_479, FEB_28),
    ]
    assert balances(books)["Interest on overdrafts"] == Money(-7_479)
    assert broken(books) == []


def test_the_balance_of_a_day_decides_its_step(books: Books) -> None:
    ten_percent(books)
    with books.hq_work() as session:
        product = books.savings_product("SAVE").id
        insert(
            session,
            SavingsRateStep(
                savings_product_id=product, from_amount=money("50000.00"), annual_rate=Decimal(20)
            ),
        )
    account, small = saver(books, "73000.00", JAN_1), saver(books, DAILY_TEN, JAN_1)
    post_all(books, JAN_31)
    assert interest_rows(books, account) == [("interest", 124_000, JAN_31)]
    assert interest_rows(books, small) == [("interest", 31_000, JAN_31)]


def test_what_is_accrued_is_what_a_posting_would_bring(books: Books) -> None:
    ten_percent(books, tax_percent=Decimal(10))
    account = saver(books, DAILY_TEN, JAN_1)
    saver(books, DAILY_TEN, JAN_1)
    mid = date(2026, 1, 15)
    with books.look() as session:
        assert interest_accrued(session, account, mid) == Posting(
            mid, interest=Money(15_000), tax=Money(1_500)
        )
        (of_product,) = interest_accrued_of_all(session, books.office_id, mid)
    assert of_product.interest == Money(30_000)
    post_all(books, JAN_31)
    with books.look() as session:
        assert not interest_accrued(session, account, JAN_31)
        (of_product,) = interest_accrued_of_all(session, books.office_id, JAN_31)
    assert of_product.interest == ZERO


def test_what_was_accrued_on_a_day_that_is_past_stays_what_it_was(books: Books) -> None:
    """Asked in March for 15 January and for 10 February: 150.00, and ten days of 36,810.00."""
    ten_percent(books)
    account = saver(books, DAILY_TEN, JAN_1)
    post_all(books, MAR_31)
    with books.look() as session:
        assert interest_accrued(session, account, date(2026, 1, 15)).interest == Money(15_000)
        assert interest_accrued(session, account, date(2026, 2, 10)).interest == Money(10_085)


def test_nothing_is_posted_on_what_is_closed_or_never_earns(books: Books) -> None:
    ten_percent(books)
    closed, must = saver(books, "", JAN_1), saver(books, "50.00", JAN_1, "MUST")
    owned(books, closed, status="closed")
    with pytest.raises(StatusError), books.work() as session:
        post_interest(session, closed, JAN_31)
    assert post_all(books, JAN_31) == 0
    assert account_of(books, must).interest_to is None


def test_a_period_that_is_closed_gets_its_interest_and_its_charges_no_more(books: Books) -> None:
    """January is closed: its interest counts on the open day, its monthly charge is not made."""
    ten_percent(books)
    account = saver(books, DAILY_TEN, JAN_1)
    charged(books, "monthly", amount=money("1.00"))
    with books.hq_work() as session:
        insert(session, Period(name="2026-01", starts_on=JAN_1, ends_on=JAN_31, state="closed"))
    books.today = date(2026, 3, 2)
    with books.work() as session:
        assert charge_periods(session, JAN_31) == 0
    assert post_all(books, FEB_28) == 2
    assert post_all(books, FEB_28) == 0
    assert interest_rows(books, account) == [
        ("interest", 31_000, books.today),
        ("interest", 28_238, FEB_28),
    ]
    assert broken(books) == []


def test_interest_to_the_day_ends_the_begun_period(books: Books) -> None:
    ten_percent(books)
    account = saver(books, DAILY_TEN, JAN_1)
    with books.work() as session:
        (posted,) = post_interest(session, account, date(2026, 1, 15), to_the_day=True)
    assert (posted.amount, posted.value_date) == (Money(15_000), date(2026, 1, 15))
    post_all(books, JAN_31)
    assert interest_rows(books, account)[-1] == ("interest", 16_000, JAN_31)


def test_interest_taken_back_by_hand_comes_again_with_the_next_posting(books: Books) -> None:
    ten_percent(books)
    account = saver(books, DAILY_TEN, JAN_1)
    post_all(books, JAN_31)
    with books.work() as session:
        posted = session.query(SavingsTransaction).filter_by(kind="interest").one()
        savings.reverse(session, posted, reason="by mistake", on=date(2026, 2, 2))
    post_all(books, FEB_28)
    assert interest_rows(books, account)[-1] == ("interest", 59_238, FEB_28)
    assert broken(books) == []
