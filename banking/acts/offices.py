"""Acts on offices: how they write, which headquarters decides for all of them."""

from typing import Final

from sqlalchemy.orm import Session

from banking import offices, regions
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from ledger.calendars import Calendar
from schema.reference import Office


def _set(session: Session, values: Values) -> Result:
    office = offices.set_office(
        session,
        values.id("office"),
        calendar=values.text("calendar") or None,
        language=values.text("language") or None,
    )
    return {"office": office.code, "calendar": office.calendar, "language": office.language}


def _add_region(session: Session, values: Values) -> Result:
    under = values.maybe("under", int)
    region = regions.add_region(session, values.text("code"), values.text("name"), under)
    return {"office": region.code, "name": region.name}


def _place(session: Session, values: Values) -> Result:
    office = regions.place_office(session, values.id("office"), values.id("under"))
    return {"office": office.code, "under": session.get_one(Office, office.parent_id).code}


def _list(session: Session, _values: Values) -> Result:
    names = ("office", "name", "under", "state")
    return {"offices": [dict(zip(names, row, strict=True)) for row in regions.list_tree(session)]}


ACTS: Final = (
    Act(
        "office.add_region",
        "reference.write",
        (Place.HQ,),
        "Make a region: an office without a laptop, under which branches stand in reports.",
        (
            Field("code", readers.text, "2 to 8 letters and digits", required=True),
            Field("name", readers.text, "name of the region", required=True),
            Field("under", readers.office, "code of the region above; empty: the head office"),
        ),
        _add_region,
    ),
    Act(
        "office.place",
        "reference.write",
        (Place.HQ,),
        "Put a branch or a region under a region, or under the head office.",
        (
            Field("office", readers.office, "code of the office", required=True),
            Field("under", readers.office, "code of the region or of the head office", required=True),
        ),
        _place,
    ),
    Act(
        "office.list",
        "reports.see",
        (Place.HQ,),
        "List the offices, and under which each one stands.",
        (),
        _list,
    ),
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
