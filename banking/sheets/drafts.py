"""What is keyed on a sheet and not posted yet: every cell is kept by itself, at once.

A draft is local to its computer. Each function is called in a unit of work of its own (``writing()`` of the
database), which is on disk when it ends: a power cut loses at most the cell that was being keyed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy.orm import Session

from banking.meetings import MARKS
from banking.sheets.columns import ATTENDANCE, KINDS, OPTIONAL
from banking.sheets.errors import BadMarkError, NoSuchCellError
from banking.sheets.figures import currency_digits
from banking.sheets.sheets import require_open
from banking.text import clean
from ledger.money import Money, format_major
from schema.base import to_milliseconds
from schema.database import remove, upsert
from schema.meetings import SheetCell
from schema.reading import fetch, fetch_one

LONGEST_TYPED: Final = 40


def key_cell(
    session: Session, sheet_id: int, line: int, slot: str, typed: str, user_id: int, at: datetime
) -> None:
    """Keep what was typed into a cell as it was typed; nothing typed clears the cell.

    slot     a slot of that row, or ``attendance``, which takes P, LP, A or L
    typed    at most 40 characters; whether it is an amount is said by ``keyed``
    raises   NotFoundError, SheetClosedError, NoSuchCellError, TextTooLongError, TextNotAllowedError,
             BadMarkError; nothing was kept then
    """
    sheet = require_open(session, sheet_id)
    _require_cell(session, sheet.id, sheet.number, line, slot)
    text = clean(typed, "amount", LONGEST_TYPED)
    if slot == ATTENDANCE and text:
        text = text.upper()
        if text not in MARKS:
            raise BadMarkError(given=typed.strip())
    if text:
        _keep(session, [(sheet_id, line, slot, text)], user_id, at)
    else:
        _drop(session, sheet_id, line, slot)


_MISSING = """
SELECT p.line, p.slot, p.due FROM sheet_line AS p
  LEFT JOIN sheet_cell AS c ON c.sheet_id = p.sheet_id AND c.line = p.line AND c.slot = p.slot
 WHERE p.sheet_id = ? AND p.slot <> '' AND c.sheet_id IS NULL AND p.kind IN ({kinds})
"""


def accept_all_as_due(session: Session, sheet_id: int, user_id: int, at: datetime) -> int:
    """Key what is printed as due into every cell that is not keyed; gives how many cells that were.

    The officer marked only exceptions on the paper, so a row without a mark paid what the paper says. Columns
    in which nothing is expected (``columns.OPTIONAL``) stay blank.

    raises   NotFoundError, SheetClosedError
    """
    require_open(session, sheet_id)
    kinds = [kind for kind in KINDS if kind not in OPTIONAL]
    statement = _MISSING.format(kinds=", ".join(f"'{kind}'" for kind in kinds))
    digits = currency_digits(session)
    rows = [
        (sheet_id, line, slot, format_major(Money(due), digits))
        for line, slot, due in fetch(session, statement, sheet_id)
    ]
    _keep(session, rows, user_id, at)
    return len(rows)


def _require_cell(session: Session, sheet_id: int, number: str, line: int, slot: str) -> None:
    if slot == ATTENDANCE:
        found = fetch_one(session, "SELECT 1 FROM sheet_line WHERE sheet_id = ? AND line = ?", sheet_id, line)
    else:
        found = fetch_one(
            session,
            "SELECT 1 FROM sheet_line WHERE sheet_id = ? AND line = ? AND slot = ? AND slot <> ''",
            sheet_id,
            line,
            slot,
        )
    if found is None:
        raise NoSuchCellError(number=number, line=line, slot=slot[:LONGEST_TYPED])


def _keep(session: Session, cells: Sequence[tuple[int, int, str, str]], user_id: int, at: datetime) -> None:
    rows: list[dict[str, object]] = [
        {
            "sheet_id": sheet_id,
            "line": line,
            "slot": slot,
            "typed": typed,
            "user_id": user_id,
            "at": to_milliseconds(at),
        }
        for sheet_id, line, slot, typed in cells
    ]
    upsert(session, cast("Any", SheetCell.__table__), rows)


def _drop(session: Session, sheet_id: int, line: int, slot: str) -> None:
    remove(session, cast("Any", SheetCell.__table__), sheet_id=sheet_id, line=line, slot=slot)
