"""Entries that came after the close of the period in which they are dated."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from banking.reports.shape import Found, Question, Row, day, money, text
from ledger.errors import N_
from ledger.money import Money
from schema.reading import fetch

LATE_ENTRIES = (
    day("on", N_("Shown on")),
    text("period", N_("Period")),
    day("booked_on", N_("Dated")),
    day("value_date", N_("Counts on")),
    text("office", N_("Office"), "office"),
    text("entry", N_("Entry"), "entry"),
    text("kind", N_("Kind")),
    text("note", N_("Note")),
    money("amount", N_("Amount")),
)

_ENTRIES: Final = """
SELECT late.posted_on, late.period_name, late.booked_on, e.value_date, office.code, e.id, e.kind, e.note,
       (SELECT CAST(coalesce(sum(l.debit), 0) AS BIGINT) FROM journal_line AS l
         WHERE l.journal_entry_id = e.id)
  FROM late_entry AS late JOIN journal_entry AS e ON e.id = late.journal_entry_id
  LEFT JOIN office ON office.id = late.origin_office_id
 WHERE late.posted_on BETWEEN ? AND ? AND {within}
 ORDER BY late.posted_on, late.booked_on, e.id
"""

_SUM: Final = """
SELECT count(DISTINCT late.journal_entry_id), CAST(coalesce(sum(l.debit), 0) AS BIGINT)
  FROM late_entry AS late JOIN journal_line AS l ON l.journal_entry_id = late.journal_entry_id
"""


@dataclass(frozen=True, slots=True)
class LateSum:
    """How many entries are shown later than they are dated, and what they come to (debits, minor units)."""

    count: int
    amount: Money


def late_sum(session: Session) -> LateSum:
    """Add up what came after the close of its period, of all offices whose books are here."""
    count, amount = fetch(session, _SUM)[0]
    return LateSum(count, Money(amount))


def find_late_entries(session: Session, asked: Question) -> Found:
    """Answer for the catalogue."""
    statement = _ENTRIES.format(within=asked.within("late.origin_office_id"))
    rows: list[Row] = [
        (*row[:5], str(row[5]), *row[6:]) for row in fetch(session, statement, asked.since, asked.until)
    ]
    return Found((len(rows), sum(row[8] for row in rows if isinstance(row[8], int))), (rows,))
