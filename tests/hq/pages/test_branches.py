"""Branches: what is here, what is missing, and what to do next."""

import re
from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient

from tests.hq.conftest import import_by_page, words_of
from tests.support.headquarters import FIRST, LATER, SteadyClock
from tests.support.institution import TestInstitution

NONE = " \N{EN DASH}"


def test_every_branch_stands_in_a_line(reader: FlaskClient) -> None:
    """Also the one that never sent anything; missing ranges and what waits are numbers."""
    page = words_of(reader.get("/branches").text)
    assert (
        "KIT Branch KIT not confirmed 5 Jan 2026 7 8 \N{EN DASH} \N{EN DASH} \N{EN DASH} \N{EN DASH} agree"
        in page
    )
    assert "ELW Branch ELW not confirmed 5 Jan 2026 7 6 7 1 \N{EN DASH} \N{EN DASH} agree" in page
    assert "NAK Branch NAK not confirmed nothing yet" + 6 * NONE in page


def test_bundles_are_counted_by_week(amina: FlaskClient, sticks: Path, steady_clock: SteadyClock) -> None:
    """A week without a bundle of a branch is seen as an empty place in its row."""
    import_by_page(amina, sticks / FIRST)
    steady_clock.move(timedelta(days=14))
    amina.post("/login", data={"username": "amina", "password": "a password for tests"})
    import_by_page(amina, sticks / LATER)
    page = words_of(amina.get("/branches").text)
    assert "KIT" + 5 * NONE + " 1" + NONE + " 1" in page
    assert "NAK" + 8 * NONE in page


def test_a_branch_says_what_to_ask_it_for(reader: FlaskClient) -> None:
    """The missing range, how much waits for it, and the sentence to write to the branch."""
    page = words_of(reader.get("/branches/ELW").text)
    assert "Entry 7 is missing. 1 later entry waits." in page
    assert "Please write a bundle from entry 7 on" in page


def test_a_branch_leads_to_the_next_step(
    amina: FlaskClient, sticks: Path, institution: TestInstitution
) -> None:
    """First its bundle, then the confirmation, then nothing more is asked."""
    assert "Nothing has come from this branch yet." in words_of(amina.get("/branches/kit").text)
    import_by_page(amina, sticks / FIRST)
    assert "The laptop is not confirmed." in words_of(amina.get("/branches/KIT").text)
    institution.confirm("KIT")
    page = words_of(amina.get("/branches/KIT").text)
    assert "not confirmed" not in page
    assert "certified" in page


def test_an_unknown_branch_is_a_plain_page(reader: FlaskClient) -> None:
    """The refusal names what was asked for; head office is no branch."""
    for code in ("XYZ", "HQ"):
        answer = reader.get(f"/branches/{code}")
        assert answer.status_code == 404
        assert f"There is no branch “{code}”" in words_of(answer.text)


def test_a_branch_has_codes_to_read_out(reader: FlaskClient) -> None:
    """Four groups of four digits, for what has arrived and for what is wanted again."""
    page = words_of(reader.get("/branches/KIT").text)
    assert re.search(r"everything up to entry \d+ has arrived \d{4} \d{4} \d{4} \d{4}", page)
    assert re.search(r"send again what follows entry \d+ \d{4} \d{4} \d{4} \d{4}", page)
