"""Reports of a closed month stay as they were; what comes later is shown as a difference."""

from datetime import date

import pytest
from sqlalchemy import select

from banking import days, repayments
from banking.closing.snapshots import (
    AT_EVERY_CLOSE,
    differences,
    find_snapshot,
    snapshot_difference,
    take_snapshots,
)
from banking.periods import make_year
from banking.reports import REPORTS
from ledger.errors import NotFoundError
from schema.accounting import ReportSnapshot
from tests.support.books import Books, money
from tests.support.closing import close_on
from tests.support.lending import a_loan

END = date(2026, 1, 31)


def a_closed_month(books: Books) -> int:
    """A loan with three rows overdue at the end of January."""
    with books.hq_work() as session:
        make_year(session, "gregorian", 2026)
    loan_id = a_loan(books)
    close_on(books, END)
    return loan_id


def test_a_month_s_end_keeps_the_figures_of_the_day(books: Books) -> None:
    a_closed_month(books)
    close_on(books, date(2026, 2, 2))
    with books.look() as session:
        kept = session.scalars(select(ReportSnapshot.name)).all()
        assert sorted(kept) == list(AT_EVERY_CLOSE)
        assert find_snapshot(session, "trial-balance", date(2026, 2, 2), books.office_id) is None


def test_a_payment_dated_back_changes_no_closed_report_and_shows_as_a_difference(books: Books) -> None:
    loan_id = a_closed_month(books)
    with books.work("day.open") as session:
        days.open_day(session, date(2026, 2, 2))
    with books.look() as session:
        before = find_snapshot(session, "trial-balance", END, books.office_id)
        assert snapshot_difference(session, "trial-balance", END, books.office_id, 2).differences == ()
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("43.85"), date(2026, 1, 12))
    with books.look() as session:
        assert find_snapshot(session, "trial-balance", END, books.office_id) == before
        found = snapshot_difference(session, "trial-balance", END, books.office_id, 2)
    closing = {one.key: one.difference for one in found.differences if one.field == "closing"}
    assert closing == {"1210": "-40.00", "3900": "43.85", "4110": "-3.85"}


def test_what_was_not_kept_is_refused_by_name(books: Books) -> None:
    a_closed_month(books)
    with books.look() as session:
        for name, day in (("trial-balance", date(2026, 1, 30)), ("no-such-report", END)):
            with pytest.raises(NotFoundError):
                snapshot_difference(session, name, day, books.office_id, 2)


def test_all_offices_and_one_are_kept_apart(books: Books) -> None:
    """Headquarters keeps every report that is kept at all."""
    a_closed_month(books)
    with books.hq_work() as session:
        every = [name for name, one in REPORTS.items() if one.kept and not one.needs]
        assert take_snapshots(session, END, None, REPORTS) == len(every) > len(AT_EVERY_CLOSE)
    with books.look() as session:
        assert find_snapshot(session, "trial-balance", END, None) is not None
        assert find_snapshot(session, "trial-balance", END, books.head_office_id) is None


def test_documents_are_compared_figure_by_figure_and_row_by_row() -> None:
    stored = {
        "debit": "10.00",
        "rows": [{"code": "1", "amount": "10.00", "count": 1}],
        "totals": {"a": "1.00"},
    }
    today = {
        "debit": "12.50",
        "rows": [
            {"code": "1", "amount": "10.00", "count": 3},
            {"code": "2", "amount": "2.50", "count": None},
        ],
        "totals": {"a": "1.00", "name": "x"},
    }
    found = [(one.table, one.key, one.field, one.difference) for one in differences(stored, today, 2)]
    assert found == [
        ("", "", "debit", "2.50"),
        ("rows", "1", "count", "2"),
        ("rows", "2", "amount", "2.50"),
        ("rows", "2", "code", ""),
        ("totals", "", "name", ""),
    ]
    assert list(differences(stored, stored, 2)) == []
