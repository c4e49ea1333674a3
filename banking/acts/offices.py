"""Acts on offices: how they write, which headquarters decides for all of them."""

from typing import Final

from sqlalchemy.orm import Session

from banking import offices
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from ledger.calendars import Calendar


def _set(session: Session, values: Values) -> Result:
    office = offices.set_office(
        session,
        values.id("office"),
        calendar=values.text("calendar") or None,
        language=values.text("language") or None,
    )
    return {"office": office.code, "calendar": office.calendar, "language": office.language}


ACTS: Final = (
    Act(
        "office.set",
        "reference.write",
        (Place.HQ,),
        "Set the calendar and the language of an office; what is not given stays.",
        (
            Field("office", readers.office, "code of the office", required=True),
            Field("calendar", readers.choice(*Calendar), "calendar in which its people write dates"),
            Field("language", readers.choice(*offices.LANGUAGES), "language in which its pages speak"),
        ),
        _set,
    ),
)
