"""The pages of reports at headquarters: all offices or one, and what the figures rest on."""

from flask.testing import FlaskClient

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
    assert "KIT up to entry 8 (2026-01-05)" in page.split("Rests on: ")[1]
    assert "ELW up to entry 6 (2026-01-05)" in page
    document = reader.get("/reports/active-loans/json?as_of=2026-01-05&office=KIT").json
    assert document is not None
    [note] = document["notes"]
    assert "KIT up to entry 8" in note
    assert "ELW" not in note
