"""How an office writes: its calendar and language, as headquarters sets them."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.offices import LANGUAGES, habits_of, set_office
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
