"""Branches: what is here, what is missing, and what to do next."""

import re
from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient

from sync.carriers.settings import change
from sync.installation import Installation
from tests.hq.conftest import LogIn, import_by_page, tokens, words_of
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


def test_the_grid_names_what_came_waits_and_is_missing(
    amina: FlaskClient, sticks: Path, steady_clock: SteadyClock
) -> None:
    """Labels stand in their week, in words; what is behind stands first; a week opens what came in it."""
    import_by_page(amina, sticks / FIRST)
    steady_clock.move(timedelta(days=14))
    amina.post("/login", data={"username": "amina", "password": "a password for tests"})
    import_by_page(amina, sticks / LATER)
    page = words_of(amina.get("/branches").text)
    grid = page.partition("How far each branch is here")[0]
    assert "ELW 21" + 5 * NONE + " came 0001 late waits 0003 missing 0002" in grid
    assert "KIT 21" + 5 * NONE + " came 0001 late came 0002" in grid
    assert "NAK" + 9 * NONE in grid
    assert grid.index("ELW 21") < grid.index("KIT 21") < grid.index("NAK")
    assert "Waits: it is here, and something before it is missing." in page
    week = words_of(amina.get("/branches/ELW/weeks/2026-01-26").text)
    assert "Missing Label Entries Laptop Known since ELW-0002 7" in week
    assert "ELW-0003" in week
    assert amina.get("/branches/ELW/weeks/yesterday").status_code == 404
    assert "NAK" not in words_of(amina.get("/branches?only=behind").text)


def test_a_branch_is_asked_on_paper_and_by_mail(
    amina: FlaskClient, hq: Installation, sticks: Path, log_in: LogIn
) -> None:
    """One key makes a note that names bundle, entries and what to do; it is kept and shown on both pages."""
    for stick in (FIRST, LATER):
        import_by_page(amina, sticks / stick)
    answer = amina.post("/branches/ELW/ask", data={**tokens(amina, "/branches/ELW"), "how": "print"})
    note = words_of(amina.get(answer.location).text)
    assert "To branch ELW Branch ELW: headquarters misses something from you" in note
    assert "Missing: ELW-0002, with the entries 7 to 7 of laptop" in note
    assert "write a new bundle from entry 7 on" in note
    assert "printed" in words_of(amina.get("/branches/ELW").text)
    assert answer.location in amina.get("/branches").text
    refused = amina.post("/branches/KIT/ask", data={**tokens(amina, "/branches/ELW"), "how": "print"})
    assert (refused.status_code, "Nothing of KIT is missing" in refused.text) == (422, True)
    auditor = log_in("aisha")
    assert "Missing: ELW-0002" in words_of(auditor.get(answer.location).text)
    assert "Ask for it" not in auditor.get("/branches/ELW").text
    change(hq, {"mail.to.ELW": "elw@example.org", "mail.from": "hq@example.org"})
    mailed = amina.post("/branches/ELW/ask", data={**tokens(amina, "/branches/ELW"), "how": "mail"})
    assert (mailed.status_code, "smtp.server" in mailed.text) == (422, True)


def test_all_that_are_behind_are_asked_in_one_print(
    amina: FlaskClient, sticks: Path, steady_clock: SteadyClock
) -> None:
    """One sheet for each branch; asked again by the same form, there is no second set."""
    for stick in (FIRST, LATER):
        import_by_page(amina, sticks / stick)
    steady_clock.move(timedelta(days=14))
    amina.post("/login", data={"username": "amina", "password": "a password for tests"})
    form = tokens(amina, "/branches")
    first, again = (amina.post("/branches/ask", data=form) for _ in range(2))
    assert first.location == again.location
    page = amina.get(first.location).text
    assert page.count("<article") == 2
    assert "check letters" in page
    assert "from KIT-0003 on" in page


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
