"""Reports as tests read them: JSON documents, amounts in major units."""

from datetime import date, timedelta
from typing import Any

from banking import groups, loans, repayments
from banking.reports import REPORTS, to_json
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan

FIRST_DUE = DAY + timedelta(days=7)
"""The first row of a weekly loan paid out on ``DAY``: 40.00 principal, 3.85 interest."""


def told(books: Books, name: str, *, as_of: date, **asked: object) -> dict[str, Any]:
    """Give a report as JSON has it."""
    with books.look() as session:
        return to_json(REPORTS[name](session, as_of=as_of, **asked), books.digits)


def column(rows: list[dict[str, Any]], *names: str) -> list[Any]:
    """Give one column of rows, or several as tuples."""
    if len(names) == 1:
        return [row[names[0]] for row in rows]
    return [tuple(row[name] for name in names) for row in rows]


def late_portfolio(books: Books) -> list[int]:
    """Pay four loans out: one is paid up, one owes a cent of row 1, one has paid two rows, one nothing."""
    made = [a_loan(books) for _ in range(4)]
    with books.work() as session:
        first, second, third, _ = made
        repayments.post_repayment(session, first, loans.outstanding(session, first).total, DAY)
        repayments.post_repayment(session, second, money("43.84"), DAY)
        repayments.post_repayment(session, third, money("87.70"), DAY)
    return made


def an_officer(books: Books, name: str) -> int:
    """Write down a loan officer; gives the id."""
    with books.work() as session:
        return groups.create_staff(session, name).id
