"""The portfolio by age, office and product, added up: for institutions of any number of loans.

Where it is kept how each loan stands (``schema/standings.py``: headquarters, after each import), the sums are
asked of the database: of loans that moved since the day asked for, less what came after it
(``moved_since``). Every other loan is worked out from its rows as the reports about single loans do it, and
sorted into the same heaps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.reports.moved_since import sums_taken_back
from banking.reports.shape import Question
from banking.reports.standing import standings
from schema.reading import fetch, fetch_one

CLASSES: Final = (0, 1, 2, 31, 61, 91, 181)
"""Days past due with which a heap begins; every limit of the risk reports lies between two of them."""


@dataclass(frozen=True, slots=True)
class Heap:
    """Some loans of one office, product and age that are in the portfolio; amounts in minor units.

    ``from_days``  the class of days past due that they lie in; ``overdue`` what is due and not paid of them
    """

    office: str
    product: str
    from_days: int
    renegotiated: bool
    loans: int
    principal: int
    overdue: int


_CLASS: Final = """CASE WHEN k.overdue_from <= ? THEN 181 WHEN k.overdue_from <= ? THEN 91
       WHEN k.overdue_from <= ? THEN 61 WHEN k.overdue_from <= ? THEN 31 WHEN k.overdue_from <= ? THEN 2
       WHEN k.overdue_from <= ? THEN 1 ELSE 0 END"""

_KEPT: Final = f"""
  SELECT k.loan_account_id, office.code AS office, product.code AS product, {_CLASS} AS age, k.renegotiated,
         k.principal, k.arrears + CASE WHEN k.counted_until < ? THEN k.due_then ELSE 0 END AS arrears,
         k.prepaid, k.counted_until,
         CASE WHEN k.overdue_from < ? OR product.arrears_tolerance > 0 THEN 1 ELSE 0 END AS late
    FROM loan_standing AS k JOIN loan_account AS a ON a.id = k.loan_account_id
    JOIN loan_product AS product ON product.id = a.product_id
    JOIN office ON office.id = k.origin_office_id
   WHERE k.counted_until <= ? AND k.charged_off = 0 AND k.owed > 0 AND {{within}} AND {{product}}
"""  # noqa: S608 - built from our own constants

_SUMS: Final = f"""
SELECT office, product, age, renegotiated, count(*), CAST(sum(principal) AS BIGINT),
       CAST(sum(arrears) AS BIGINT) FROM ({_KEPT}) AS kept
 GROUP BY office, product, age, renegotiated
"""  # noqa: S608 - built from our own constants

# rows that fell due since the last movement are unpaid, but for what was paid ahead
_OVERDUE: Final = f"""
SELECT kept.office, kept.product, kept.age, kept.renegotiated,
       CAST(sum(i.principal + i.interest + i.fee + i.penalty
                - CASE WHEN kept.prepaid = 0 THEN 0 ELSE coalesce((
         SELECT sum(s.principal + s.interest + s.fee + s.penalty) FROM loan_transaction_share AS s
           WHERE s.installment_id = i.id), 0) END) AS BIGINT)
  FROM ({_KEPT}) AS kept JOIN installment AS i ON i.loan_account_id = kept.loan_account_id
 WHERE kept.late = 1 AND i.due_on > kept.counted_until AND i.due_on < ?
 GROUP BY kept.office, kept.product, kept.age, kept.renegotiated
"""  # noqa: S608 - built from our own constants

_NOT_KEPT: Final = """
SELECT a.id FROM loan_account AS a
 WHERE a.disbursed_on IS NOT NULL AND {within}
   AND NOT EXISTS (SELECT 1 FROM loan_standing AS k WHERE k.loan_account_id = a.id)
"""
_AT_ONCE: Final = 20_000
"""Loans that one statement works out from their rows."""


def heaps(session: Session, asked: Question) -> list[Heap]:
    """Sort the portfolio at the end of the day into heaps."""
    if asked.officer:  # whose a loan was on a day is not kept
        return list(_sorted_out(session, asked, ""))
    taken_back, doubtful = _taken_back(session, asked)
    return [*_kept(session, asked), *taken_back, *_others(session, asked, doubtful)]


def _kept(session: Session, asked: Question) -> Iterator[Heap]:
    within = asked.within("k.origin_office_id")
    product = "product.code = ?" if asked.product else "1 = 1"
    given = [*_limits(asked), *[asked.until] * 3, *([asked.product] if asked.product else ())]
    sums = fetch(session, _SUMS.format(within=within, product=product), *given)
    late = fetch(session, _OVERDUE.format(within=within, product=product), *given, asked.until)
    overdue = {tuple(row[:4]): row[4] for row in late}
    for row in sums:
        office, code, age, renegotiated, loans, principal, arrears = row
        owed = arrears + overdue.get((office, code, age, renegotiated), 0)
        yield Heap(office, code, age, bool(renegotiated), loans, principal, owed)


def _taken_back(session: Session, asked: Question) -> tuple[list[Heap], list[int]]:
    """Give the heaps of loans that moved after the day, and the loans that only their rows can settle."""
    rows, doubtful = sums_taken_back(session, asked, _CLASS, _limits(asked))
    found = [
        Heap(office, code, age, bool(renegotiated), loans, principal, owed)
        for office, code, age, renegotiated, loans, principal, owed in rows
    ]
    return found, doubtful


def _others(session: Session, asked: Question, doubtful: Sequence[int]) -> Iterator[Heap]:
    """Work out from their rows the loans of which nothing is kept, and the doubtful ones."""
    which = _NOT_KEPT.format(within=asked.within("a.origin_office_id"))
    if fetch_one(session, f"{which} LIMIT 1") is not None:
        yield from _sorted_out(session, asked, which)
    for start in range(0, len(doubtful), _AT_ONCE):
        yield from _sorted_out(session, asked, ", ".join(map(str, doubtful[start : start + _AT_ONCE])))


def _sorted_out(session: Session, asked: Question, which: str) -> Iterator[Heap]:
    found: dict[tuple[Any, ...], list[int]] = {}
    for loan in standings(session, asked, which):
        if loan.charged_off:
            continue
        key = (loan.office, loan.product, _class_of(loan.days_past_due), bool(loan.renegotiated))
        sums = found.setdefault(key, [0, 0, 0])
        for place, amount in enumerate((1, loan.principal, loan.overdue)):
            sums[place] += amount
    for (office, product, age, renegotiated), sums in found.items():
        yield Heap(office, product, age, renegotiated, *sums)


def _limits(asked: Question) -> list[str]:
    return [_before(asked.as_of, days) for days in reversed(CLASSES[1:])]


def _class_of(days_past_due: int) -> int:
    return max(start for start in CLASSES if start <= days_past_due)


def _before(day: date, days: int) -> str:
    return date.min.isoformat() if day.toordinal() <= days else (day - timedelta(days=days)).isoformat()


def principal_in(found: Sequence[Heap]) -> int:
    """Add up the principal outstanding of some heaps, minor units."""
    return sum(heap.principal for heap in found)


def loans_in(found: Sequence[Heap]) -> int:
    """Count the loans of some heaps."""
    return sum(heap.loans for heap in found)
