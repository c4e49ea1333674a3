"""The sums that reports read instead of lines: by day and by month, kept in the transaction of the lines."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from schema.accounting import GLDayTotal, GLMonthTotal
from schema.database import upsert
from schema.reading import connection_of, execute

TOTALS: Final = (GLDayTotal.__tablename__, GLMonthTotal.__tablename__)
"""The tables of sums; each has ``origin_office_id``."""

Moved = Mapping[tuple[int, int, str], Sequence[int]]
"""(office, GL account, ISO day) to (debit, credit), minor units; below zero takes away."""


def month_of(day: str) -> str:
    """Give the first day of the month of an ISO day."""
    return f"{day[:7]}-01"


def add_to_totals(session: Session, moved: Moved) -> None:
    """Add what was moved to the sums of its day and of its month."""
    months: dict[tuple[int, int, str], list[int]] = {}
    for (office, account, day), (debit, credit) in moved.items():
        total = months.setdefault((office, account, month_of(day)), [0, 0])
        total[0] += debit
        total[1] += credit
    for model, column, sums in ((GLDayTotal, "booked_on", moved), (GLMonthTotal, "month", months)):
        rows: list[dict[str, object]] = [
            {
                "origin_office_id": office,
                "gl_account_id": account,
                column: day,
                "debit": debit,
                "credit": credit,
            }
            for (office, account, day), (debit, credit) in sorted(sums.items())
        ]
        upsert(session, cast("Table", model.__table__), rows, add=("debit", "credit"))


def drop_empty_totals(session: Session, office_id: int) -> None:
    """Remove the sums of an office that came to nothing on both sides, as if they had never been."""
    mark = "?" if connection_of(session).dialect.name == "sqlite" else "%s"
    for table in TOTALS:
        statement = f"DELETE FROM {table} WHERE origin_office_id = {mark} AND debit = 0 AND credit = 0"  # noqa: S608 - ours
        execute(session, statement, [(office_id,)])
