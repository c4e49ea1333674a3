"""How an office writes: the calendar of its dates and the language of its pages. Headquarters decides."""

from typing import Final

from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.rows import get_row
from ledger.calendars import Calendar
from schema.reading import fetch
from schema.reference import Office
from schema.writing import act, update

LANGUAGES: Final = ("en", "fr", "es", "sw", "hi", "ar")
"""Languages that pages and papers speak, by their ISO 639 code."""


def set_office(
    session: Session, office_id: int, *, calendar: str | None = None, language: str | None = None
) -> Office:
    """Say how an office writes dates and in which language it speaks; what is None stays as it is.

    The dates that are stored are ISO dates before and after: only how they are typed and read changes.

    raises   NotFoundError, BadValueError
    """
    office = get_row(session, Office, office_id, "office")
    if calendar is not None and calendar not in set(Calendar):
        raise BadValueError(field="calendar", given=calendar)
    if language is not None and language not in LANGUAGES:
        raise BadValueError(field="language", given=language)
    update(
        session,
        office,
        calendar=office.calendar if calendar is None else calendar,
        language=office.language if language is None else language,
    )
    return office


def is_head_office(session: Session) -> bool:
    """Whether the unit of work is of the head office, whose books headquarters keeps itself."""
    rows = fetch(session, "SELECT min(id) FROM office WHERE parent_id IS NULL")
    return bool(rows) and rows[0][0] == act(session).office_id


def habits_of(session: Session, office_id: int) -> tuple[Calendar, str]:
    """Give an office's calendar and the code of its language; Gregorian and English where none is known."""
    rows = fetch(session, "SELECT calendar, language FROM office WHERE id = ?", office_id)
    if not rows:
        return Calendar.GREGORIAN, LANGUAGES[0]
    calendar, language = rows[0]
    return Calendar(calendar), language
