"""Sums of whole months and of the days at both ends come to what the days alone come to."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from banking.reports.gl_totals import totals_between
from schema.database import open_database
from schema.reading import fetch
from schema.tables import metadata
from schema.totals import add_to_totals, drop_empty_totals

FIRST: Final = date(2025, 11, 20)
DAYS: Final = 140

_DAYS = """
SELECT gl_account_id, origin_office_id, CAST(sum(debit) AS BIGINT), CAST(sum(credit) AS BIGINT)
  FROM gl_day_total WHERE booked_on BETWEEN ? AND ? GROUP BY gl_account_id, origin_office_id
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Give books of two offices and two accounts with something moved on every day of five months."""
    database = open_database(tmp_path_factory.mktemp("totals") / "books.db")
    with database.writer.begin() as connection:
        metadata.create_all(connection)
    with database.writing() as session:
        moved = {
            (office, account, (FIRST + timedelta(days=number)).isoformat()): (
                number + office,
                account * number,
            )
            for office in (1, 2)
            for account in (3, 4)
            for number in range(DAYS)
        }
        add_to_totals(session, moved)
        yield session


def _in_order(rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    return sorted(map(tuple, rows))


def _day(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


_ANY = st.integers(-40, DAYS + 40).map(_day)


@given(_ANY, _ANY)
def test_any_time_comes_to_the_sum_of_its_days(session: Session, first: str, last: str) -> None:
    """From and to any day, also where the first is after the last."""
    counted = _in_order(totals_between(session, "1 = 1", first, last))
    assert counted == _in_order(fetch(session, _DAYS, first, last))


@pytest.mark.parametrize("last", ["9999-12-31", "2026-03-31", "2026-04-01", ""])
def test_without_a_first_day_everything_up_to_the_last_counts(session: Session, last: str) -> None:
    """Every entry, the end of a month, the day after it, and no last day."""
    expected = fetch(session, _DAYS, "", last or "9999-12-31")
    assert _in_order(totals_between(session, "1 = 1", "", last)) == _in_order(expected)


def test_what_is_taken_off_a_day_is_taken_off_its_month(session: Session) -> None:
    """And sums that came to nothing go."""
    with session.begin_nested() as attempt:
        for office, account, on, debit, credit in fetch(session, "SELECT * FROM gl_day_total"):
            add_to_totals(session, {(office, account, on): (-debit, -credit)})
        drop_empty_totals(session, 1)
        drop_empty_totals(session, 2)
        assert not fetch(session, "SELECT 1 FROM gl_month_total UNION SELECT 1 FROM gl_day_total")
        attempt.rollback()
