"""The pages of reports at headquarters: all offices or one, and what the figures rest on."""

import pytest
from flask.testing import FlaskClient

from hq import reports
from sync.installation import Installation
from tests.hq.conftest import words_of


def test_a_report_is_asked_of_all_offices_or_of_one(reader: FlaskClient) -> None:
    """With a column for each office beside the sum, and a choice of offices that a branch has not."""
    every = words_of(reader.get("/reports/balance-sheet?as_of=2026-01-05&by_office=1").text)
    assert "All offices · as at 5 Jan 2026" in every
    assert "Account Name Amount KIT ELW" in every
    own = words_of(reader.get("/reports/balance-sheet?as_of=2026-01-05&office=KIT").text)
    assert "KIT Branch KIT · as at 5 Jan 2026" in own


def test_figures_say_how_far_the_bundles_of_each_branch_have_come(reader: FlaskClient) -> None:
    """On the page and in the document; of one branch only its own."""
    page = words_of(reader.get("/reports/active-loans?as_of=2026-01-05").text)
    assert "KIT up to 0002, entry 8 (2026-01-05), 1 week behind" in page.split("Rests on: ")[1]
    assert "ELW up to 0001, entry 6 (2026-01-05), 1 week behind, entries missing" in page
    document = reader.get("/reports/active-loans/json?as_of=2026-01-05&office=KIT").json
    assert document is not None
    [note] = document["notes"]
    assert "KIT up to 0002, entry 8" in note
    assert "ELW" not in note


def test_where_there_are_many_branches_those_behind_are_named(
    full_hq: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are counted, with the oldest day of theirs."""
    monkeypatch.setattr(reports, "MOST_NAMED", 1)
    monkeypatch.setattr(reports, "BEHIND_DAYS", 30)
    with full_hq.database.reading() as session:
        (words,) = reports.rests_on(full_hq, session, None)
    assert words.startswith("Rests on: ELW up to 0001, entry 6 (2026-01-05), 7 days behind, entries missing;")
    assert words.endswith("1 more branch up to 2026-01-05 or later.")
