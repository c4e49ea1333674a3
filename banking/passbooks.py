"""The passbook of a savings account: the lines that are not in it yet, and where on its page they go.

Which line was printed last is a setting of this computer: the book itself is with the client, and whoever has
it in hand can choose another line.
"""

import json
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy.orm import Session

from banking.account_statements import StatementLine, savings_as_recorded
from banking.errors import BadValueError
from schema.database import upsert
from schema.replication import Setting

LINES_ON_PAGE: Final = 24
"""Lines of one page of the book."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a book stands: the movement printed last, and the line of the page for the next one (from 1).

    ``last_id`` 0: nothing was printed yet. ``before_id`` and ``before_line`` are where it stood one printing
    earlier, for a page that has to be printed again.
    """

    last_id: int = 0
    line: int = 1
    before_id: int = 0
    before_line: int = 1


@dataclass(frozen=True, slots=True)
class PassbookPage:
    """What goes onto the page now: ``lines`` from line ``line`` on; ``later`` more wait for the next page."""

    line: int
    lines: tuple[StatementLine, ...]
    later: int

    @property
    def next_place(self) -> tuple[int, int]:
        """Give the movement printed last and the next line; a full page is turned to line 1."""
        after = self.line + len(self.lines)
        return self.lines[-1].id, 1 if after > LINES_ON_PAGE else after


def get_place(session: Session, savings_id: int) -> Place:
    """Give where the book of an account stands."""
    kept = session.get(Setting, _name(savings_id))
    return Place() if kept is None else Place(**json.loads(kept.value))


def keep_place(session: Session, savings_id: int, place: Place) -> None:
    """Keep where the book of an account stands; ``session`` may write the home's own tables."""
    row: dict[str, object] = {"name": _name(savings_id), "value": json.dumps(asdict(place))}
    upsert(session, Setting.__table__, [row])  # type: ignore[arg-type]  # a mapped class has a Table


def passbook_page(
    session: Session, savings_id: int, *, line: int | None = None, again: bool = False
) -> PassbookPage:
    """Give the lines that are not in the book yet, as far as they fit on the page.

    line     another line to begin at than the one that is kept
    again    from where the book stood before the last printing
    raises   BadValueError for a line that the page does not have
    """
    place = get_place(session, savings_id)
    after, begin = (place.before_id, place.before_line) if again else (place.last_id, place.line)
    begin = begin if line is None else line
    if not 1 <= begin <= LINES_ON_PAGE:
        raise BadValueError(field="line", given=begin)
    movements = savings_as_recorded(session, savings_id)
    known = [number for number, movement in enumerate(movements) if movement.id == after]
    fresh = movements[known[0] + 1 :] if known else movements
    room = LINES_ON_PAGE + 1 - begin
    return PassbookPage(begin, fresh[:room], len(fresh[room:]))


def after_printing(place: Place, page: PassbookPage, *, again: bool = False) -> Place:
    """Give where the book stands once ``page`` was printed."""
    last_id, line = page.next_place
    before = (place.before_id, place.before_line) if again else (place.last_id, page.line)
    return Place(last_id, line, *before)


def _name(savings_id: int) -> str:
    return f"passbook.{savings_id}"
