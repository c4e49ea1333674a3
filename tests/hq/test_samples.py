"""Samples of an auditor after more has come: the same rows, whatever late bundles and folding anew bring."""

from pathlib import Path

import pytest
from sqlalchemy import select

from banking.samples import METHODS, SOURCES, Sample, Wanted, draw, draw_again
from schema.reference import Office
from sync.inbox import import_paths
from sync.installation import Installation
from sync.refold import refold_office
from tests.support.headquarters import FIRST, LATER, LOST
from tests.support.hq_fixtures import on_both
from tests.support.institution import FIRST_DAY

pytestmark = on_both


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_stays_what_it_was_when_late_bundles_come(
    hq: Installation, sticks: Path, method: str
) -> None:
    """Also when the books of every office are folded anew; a new sample sees what came."""
    import_paths(hq, [sticks / FIRST])
    drawn = {source: _draw(hq, method, source) for source in SOURCES}
    assert all(sample.drawn for source, sample in drawn.items() if source != "loans")
    import_paths(hq, [sticks / LATER, sticks / LOST])
    with hq.exclusive() as session:
        for office_id in session.scalars(select(Office.id)).all():
            refold_office(session, hq.roster(session), office_id)
    for source, sample in drawn.items():
        with hq.exclusive() as session:
            again = draw_again(session, sample.row.id)
        assert again.drawn == sample.drawn, source
    fresh = _draw(hq, method, "receipts")
    assert fresh.row.population > drawn["receipts"].row.population


def _draw(hq: Installation, method: str, source: str) -> Sample:
    wanted = Wanted(method=method, source=source, size=3, seed="2026", as_of=FIRST_DAY.replace(month=2))
    with hq.exclusive() as session:
        return draw(session, wanted, hq.clock(), None)
