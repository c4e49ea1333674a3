"""How an office writes: its calendar and language, as headquarters sets them."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.announcements import list_branches
from banking.errors import BadValueError
from banking.offices import LANGUAGES, habits_of, set_office
from banking.regions import NotARegionError, OfficeLoopError, add_region, list_tree, place_office
from banking.reports import REPORTS
from hq.status import hq_status
from ledger.calendars import Calendar
from schema.reference import Office
from sync.installation import Installation
from tests.support.branch_fixtures import clock, homes, known, made_homes
from tests.support.branch_home import Clock, opened

__all__ = ["clock", "homes", "known", "made_homes"]


def _kit(session: Session) -> Office:
    return session.scalars(select(Office).where(Office.code == "KIT")).one()


def test_headquarters_sets_how_an_office_writes(homes: Path, clock: Clock) -> None:
    """What is not given stays; a calendar or language that nobody knows is refused."""
    with opened(homes / "hq", clock) as hq:
        _set(hq, calendar="ethiopian")
        _set(hq, language="fr")
        with hq.database.reading() as session:
            assert habits_of(session, _kit(session).id) == (Calendar.ETHIOPIAN, "fr")
        for wrong in ({"calendar": "lunar"}, {"language": "xx"}):
            with pytest.raises(BadValueError):
                _set(hq, **wrong)


def _set(hq: Installation, **habits: str) -> None:
    with hq.unit_of_work("office.set", actor_id=0) as session:
        set_office(session, _kit(session).id, **habits)


def test_an_office_that_is_not_known_writes_as_most_do(homes: Path, clock: Clock) -> None:
    """Gregorian dates, English words; every language offered has a code of its own."""
    with opened(homes / "hq", clock) as hq, hq.database.reading() as session:
        assert habits_of(session, 999) == (Calendar.GREGORIAN, "en")
    assert len(set(LANGUAGES)) == len(LANGUAGES)


def test_branches_stand_under_regions(homes: Path, clock: Clock) -> None:
    """A region has no laptop; nothing stands under a branch, under itself or under what is below it."""
    with opened(homes / "hq", clock) as hq:
        with hq.unit_of_work("office.add_region", actor_id=0) as session:
            north = add_region(session, "NORTH", "The north").id
            inner = add_region(session, "INNER", "Of the north", north).id
            place_office(session, _kit(session).id, inner)
        for office, under, wrong in (("NORTH", "INNER", OfficeLoopError), ("NORTH", "KIT", NotARegionError)):
            with hq.unit_of_work("office.place", actor_id=0) as session:
                ids = {row.code: row.id for row in session.scalars(select(Office))}
                with pytest.raises(wrong):
                    place_office(session, ids[office], ids[under])
        with hq.database.reading() as session:
            assert [row[0] for row in list_tree(session) if row[2] == "NORTH"] == ["INNER"]
            below = REPORTS["trial-balance"](session, as_of=date.max, office_id=north, sub_tree=True)
            assert below.question.offices == (north, inner, _kit(session).id)
            assert [branch.code for branch in list_branches(session)] == ["KIT"]
            assert [branch.branch for branch in hq_status(hq, session)] == ["KIT"]
