"""Ratios from books: a small year with figures worked out by hand; the formulas are held in tests/ledger."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from banking import books as journal
from banking import repayments
from banking.books import ManualLine
from banking.reports.ratio_figures import months_of, period_ends
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan
from tests.support.reports import told

START, END = date(2026, 1, 1), date(2026, 3, 31)


def a_quarter(books: Books) -> dict[str, dict[str, Any]]:
    """Lend 1,000 twice in January, collect, lose the second loan in March, pay rent; gives ratios by code."""
    paying, lost = a_loan(books), a_loan(books)
    with books.work() as session:
        repayments.post_repayment(session, paying, money("43.85"), date(2026, 1, 12))
        repayments.post_repayment(session, paying, money("87.70"), date(2026, 2, 10))
        repayments.write_off(session, lost, None, date(2026, 3, 30))
        rent = (ManualLine("5320", debit=money("30")), ManualLine("1130", credit=money("30")))
        journal.post_manual(session, rent, value_date=date(2026, 2, 28), note="rent")
    report = told(books, "ratios", start=START, as_of=END)
    assert report["from_day"] == "2026-01-01"
    return {row["code"]: row for row in report["ratios"]} | {"": report}


def test_ratios_of_a_quarter_come_with_what_they_are_made_of(books: Books) -> None:
    """Averages over period ends; what moved is made a figure of a year."""
    of = a_quarter(books)
    # 0 before, 1,960 and 1,880 at the ends of January and February, 880 at the end
    assert (of[""]["average_portfolio"], of[""]["gross_portfolio"], of[""]["months"]) == (
        "1180.00",
        "880.00",
        "3.00",
    )
    found = {code: (row["percent"], row["numerator"], row["denominator"]) for code, row in of.items() if code}
    assert found["par_30"] == ("100.00", "880.00", "880.00")
    assert found["par_90"] == ("0.00", "0.00", "880.00")
    # rows of 12 January to 30 March: 12 of each loan, 40.00 each; three paid of one loan, none before its row
    assert found["repayment_rate"] == ("12.50", "120.00", "960.00")
    assert found["on_time_rate"] == ("4.17", "43.85", "1052.40")
    assert found["arrears_rate"] == ("40.91", "360.00", "880.00")
    # 1,000 in three months, four times a year over 1,180
    assert found["write_off_ratio"] == ("338.98", "1000.00", "1180.00")
    # 3 x 3.85 of interest
    assert found["portfolio_yield"] == ("3.92", "11.55", "1180.00")
    assert found["operating_expense_ratio"] == ("10.17", "30.00", "1180.00")
    assert found["total_cost_ratio"] == ("349.15", "1030.00", "1180.00")
    assert found["self_sufficiency"] == ("1.12", "11.55", "1030.00")
    assert all(
        row["numerator_is"] and row["denominator_is"] and row["source"]
        for row in of.values()
        if "code" in row
    )


def test_ratios_of_people_count_each_borrower_once(books: Books) -> None:
    of = a_quarter(books)
    # active: 0, 2, 2 and 1, on average 1.25; 30.00 x 4 over that
    assert (of["cost_per_borrower"]["amount"], of["average_balance"]["amount"]) == ("96.00", "880.00")
    drop_out = of["drop_out"]
    assert (drop_out["numerator_count"], drop_out["denominator_count"]) == (1, 0)


def test_financial_self_sufficiency_is_asked_with_its_adjustments(books: Books) -> None:
    assert "financial_self_sufficiency" not in a_quarter(books)
    rows = told(books, "ratios", start=START, as_of=END, adjustments=12_500)["ratios"]
    [row] = [row for row in rows if row["code"] == "financial_self_sufficiency"]
    assert (row["percent"], row["numerator"], row["denominator"]) == ("1.00", "11.55", "1155.00")


def test_ratios_of_empty_books_are_nothing(books: Books) -> None:
    rows = told(books, "ratios", as_of=DAY)["ratios"]
    assert {row["percent"] for row in rows if row["percent"] is not None} == {"0.00"}


@pytest.mark.parametrize(
    ("start", "end", "ends", "months"),
    [
        (START, END, ("2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31"), Decimal(3)),
        (date(2026, 1, 11), date(2026, 2, 10), ("2026-01-10", "2026-01-31", "2026-02-10"), Decimal(1)),
        (DAY, DAY, ("2026-01-04", "2026-01-05"), Decimal(12) / 365),
    ],
)
def test_averages_are_over_the_ends_of_months(
    start: date, end: date, ends: tuple[str, ...], months: Decimal
) -> None:
    assert period_ends(start, end) == ends
    assert months_of(start, end) == months
