"""How late loans were on a day, taken back from where they stand now: the same as from all their rows."""

from collections import Counter as Heaps
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from sqlalchemy.orm import Session

from banking.reports.loan_risk import heaps
from banking.reports.shape import Question
from ledger.money import Money
from schema.products import LoanProduct
from schema.reading import execute, fetch
from schema.standings import refresh_standings
from schema.writing import update
from tests.banking.test_loan_properties import LivedLoans, Step, steps
from tests.support.books import Books, copy_of
from tests.support.lending import DAY

_DAYS = """
SELECT booked_on FROM loan_transaction UNION SELECT value_date FROM loan_transaction
 UNION SELECT booked_on FROM loan_charge UNION SELECT due_on FROM installment
"""
LIFE: list[Step] = [
    ("repay", 0, 9_000, 7),
    ("repay", 1, 20_000, 20),
    ("charge_rows", 0, 1, 30),
    ("repay", 2, 4_000, 45),
    ("penalize", 1, 1, 60),
    ("reverse", 0, 1, 70),
    ("repay", 0, 700, 15),
    ("reschedule", 0, 2, 90),
    ("charge_off", 2, 1, 120),
    ("take_back", 0, 1, 130),
    ("recover", 2, 300, 140),
    ("write_off", 1, 9, 150),
]


def _heaps(session: Session, asked: Question) -> Heaps[tuple[object, ...]]:
    found: Heaps[tuple[object, ...]] = Heaps()
    for heap in heaps(session, asked):
        key = (heap.office, heap.product, heap.from_days, heap.renegotiated)
        for figure in ("loans", "principal", "overdue"):
            found[*key, figure] += getattr(heap, figure)
    return found


def _lived(books: Books, work: list[Step]) -> None:
    """Live the steps, each entered no earlier than the last one; two products forgive a little."""
    play = LivedLoans(books)
    with books.hq_work() as session:
        for code in ("MONTHLY", "FOLLOW"):
            product = session.get_one(LoanProduct, books.loan_product(code).id)
            update(session, product, arrears_tolerance=Money(400))
    for step in work:
        books.today = max(books.today, DAY + timedelta(days=step[3]))
        play.do(step)


def _assert_told_alike(books: Books, most: int) -> None:
    """Ask of up to ``most`` days around all that moved, by day of booking and of value, with and without."""
    with books.database.writing() as session:
        refresh_standings(session, books.office_id)
        days = sorted({date.fromisoformat(day) for (day,) in fetch(session, _DAYS)})
        around = sorted({day + timedelta(days=more) for day in days for more in (0, 1)})
        asked = [
            Question(as_of=day, late=late)
            for day in around[:: max(len(around) // most, 1)]
            for late in (False, True)
        ]
        asked += [replace(question, product="WEEKLY") for question in asked[::5]]
        kept = [_heaps(session, question) for question in asked]
        execute(session, "DELETE FROM loan_standing", [()])
        for question, with_kept in zip(asked, kept, strict=True):
            assert with_kept == _heaps(session, question), question
        session.rollback()


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=steps)
def test_any_life_of_loans_is_told_alike_on_any_day_of_it(
    new_books: Books, tmp_path: Path, work: list[Step]
) -> None:
    """Late entries, reversals, charges, write-offs, other terms: what came after the day is taken back."""
    books = copy_of(new_books, tmp_path)
    _lived(books, work)
    _assert_told_alike(books, 12)
    books.database.close()


def test_each_kind_of_database_tells_it_alike(any_books: Books) -> None:
    """A life with a little of everything, on plain and encrypted files and on a server."""
    _lived(any_books, LIFE)
    _assert_told_alike(any_books, 12)
