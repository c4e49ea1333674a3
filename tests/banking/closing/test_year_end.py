"""The end of a year: results to retained earnings, without changing a figure of the year."""

from datetime import date

import pytest

from banking import books as journal
from banking.books import ManualLine
from banking.closing.year_end import close_year_books, open_results, reopen_year_books
from banking.errors import MissingError
from banking.period_errors import MonthsOpenError, PeriodStateError, YearClosedError
from banking.periods import make_year
from banking.reports import trial_balance
from ledger.errors import NotFoundError
from ledger.money import ZERO
from schema.accounting import JournalEntry
from tests.banking.closing.test_periods import at, close, missing
from tests.support.books import Books, money
from tests.support.closing import close_on, entries, standing
from tests.support.lending import a_loan, broken

LAST = date(2026, 12, 31)


def post(books: Books, debit: str, credit: str, amount: str, on: date) -> None:
    with books.work("journal") as session:
        lines = [ManualLine(debit, debit=money(amount)), ManualLine(credit, credit=money(amount))]
        journal.post_manual(session, lines, value_date=on, note="for the year")


def a_worked_year(books: Books) -> None:
    """Fees of 500.00, rent of 120.00, and all months closed."""
    with books.hq_work() as session:
        make_year(session, "gregorian", 2026)
    a_loan(books)
    post(books, "1130", "4120", "500.00", date(2026, 3, 3))
    post(books, "5320", "1130", "120.00", date(2026, 7, 7))
    close_on(books, LAST)
    at(books, LAST)
    for month in range(1, 12):
        close(books, f"2026-{month:02d}")


def close_books(books: Books) -> JournalEntry | None:
    with books.work("year.close") as session:
        return close_year_books(session, "2026")


def test_the_result_goes_to_retained_earnings_by_one_entry_on_the_last_day(books: Books) -> None:
    """Though day and months are closed; a second time there is nothing to do."""
    a_worked_year(books)
    with pytest.raises(MonthsOpenError):
        close_books(books)
    close(books, "2026-12")
    assert missing(books, "2026") == [
        "KIT 2 income and expense account(s) are not closed to retained earnings"
    ]
    entry = close_books(books)
    assert entry is not None
    assert (entry.kind, entry.value_date, entry.booked_on) == ("year_end", LAST, LAST)
    assert standing(books, "Retained earnings") == money("-380.00")
    with books.look() as session:
        assert open_results(session, books.office_id, LAST) == []
        kinds = {row.type for row in trial_balance(session, as_of=LAST).accounts if row.closing}
    assert kinds <= {"asset", "liability", "equity"}
    assert close_books(books) is None
    assert len(entries(books, "year_end")) == 1
    close(books, "2026")
    with pytest.raises(YearClosedError):
        close_books(books)
    assert broken(books) == []


def test_a_year_s_close_can_be_taken_back_and_made_anew(books: Books) -> None:
    a_worked_year(books)
    close(books, "2026-12")
    with pytest.raises(PeriodStateError), books.work() as session:
        reopen_year_books(session, "2026", reason="nothing is there yet")
    close_books(books)
    with pytest.raises(MissingError), books.work() as session:
        reopen_year_books(session, "2026", reason="")
    with books.work("year.reopen") as session:
        reopen_year_books(session, "2026", reason="depreciation was forgotten")
    assert standing(books, "Retained earnings") == ZERO
    assert standing(books, "Fees on loans") == money("-500.00")
    again = close_books(books)
    assert again is not None
    assert standing(books, "Retained earnings") == money("-380.00")
    assert broken(books) == []


def test_a_loss_stands_on_the_debit_side_of_retained_earnings(books: Books) -> None:
    with books.hq_work() as session:
        make_year(session, "gregorian", 2026)
    post(books, "5320", "1130", "120.00", date(2026, 7, 7))
    close_on(books, LAST)
    at(books, LAST)
    for month in range(1, 13):
        close(books, f"2026-{month:02d}")
    close_books(books)
    assert standing(books, "Retained earnings") == money("120.00")


def test_only_a_year_can_be_closed_as_a_year(books: Books) -> None:
    a_worked_year(books)
    for name in ("2026-01", "2031"):
        with pytest.raises(NotFoundError), books.work() as session:
            close_year_books(session, name)
