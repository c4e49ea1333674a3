"""Entries that bring an account to where a close says that it must stand (docs/adr/0011)."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from banking import books
from ledger.accruals import Shift, shifts_to_target
from ledger.money import ZERO, Money
from ledger.posting import entry_between
from schema.reading import fetch
from schema.writing import act

Pair = tuple[int, int]
"""GL account that has a target, GL account that stands against it."""

_BALANCE = """
SELECT CAST(coalesce(sum(debit - credit), 0) AS BIGINT) FROM gl_day_total
 WHERE origin_office_id = ? AND gl_account_id = ? AND booked_on <= ?
"""

_POSTED = """
SELECT held.gl_account_id, other.gl_account_id, CAST(sum(held.debit - held.credit) AS BIGINT)
  FROM journal_entry AS e
  JOIN journal_line AS held ON held.journal_entry_id = e.id
  JOIN journal_line AS other ON other.journal_entry_id = e.id AND other.id <> held.id
 WHERE e.kind = ? AND e.origin_office_id = ? AND e.booked_on <= ?
 GROUP BY held.gl_account_id, other.gl_account_id
"""


def find_shifts(
    session: Session, kind: str, targets: Mapping[Pair, Money], on: date, office_id: int | None = None
) -> list[Shift]:
    """Give what is missing to the targets at the end of ``on`` in an office; writes nothing.

    targets    debit-positive, minor units; a pair that must stand at zero is among them
    office_id  None: this one
    """
    office, day = office_id or act(session).office_id, on.isoformat()
    held = sorted({pair[0] for pair in targets})
    balances = {account: balance_of(session, account, on, office) for account in held}
    posted: dict[Pair, Money] = {}
    if len(held) < len(targets):
        rows = fetch(session, _POSTED, kind, office, day)
        posted = {(row[0], row[1]): Money(row[2]) for row in rows}
    return shifts_to_target(targets, balances, posted)


def post_to_target(
    session: Session,
    kind: str,
    targets: Mapping[Pair, Money],
    on: date,
    note: str,
    *,
    approved_by_id: int | None = None,
) -> list[Shift]:
    """Post what is missing to the targets, one entry of ``kind`` for each pair; gives what was posted.

    approved_by_id  the second person, checked before, where two are asked for
    raises   ClosedDayError, ClosedPeriodError
    """
    shifts = find_shifts(session, kind, targets, on)
    for shift in shifts:
        debit, credit = (shift.held, shift.against) if shift.amount > ZERO else (shift.against, shift.held)
        entry = entry_between(kind, str(debit), str(credit), abs(shift.amount))
        accounts = {str(shift.held): int(shift.held), str(shift.against): int(shift.against)}
        books.post(session, entry, dict(accounts), value_date=on, note=note, approved_by_id=approved_by_id)
    return shifts


def balance_of(session: Session, account_id: int, on: date, office_id: int | None = None) -> Money:
    """Give the debit-positive balance of an account of an office (None: this one) at the end of ``on``."""
    rows = fetch(session, _BALANCE, office_id or act(session).office_id, account_id, on.isoformat())
    return Money(rows[0][0])


def moved_in_all(shifts: list[Shift]) -> Money:
    """Add up what shifts move, each above zero: for telling how much a step did."""
    return sum((abs(shift.amount) for shift in shifts), ZERO)
