"""H1 and H2 in a browser: what came in three actions, what is missing by number, and asking for it."""

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.hq.conftest import HqCommandLine, log_in, press, type_folder, type_log_in
from tests.support.browser import go, take_picture
from tests.support.headquarters import FIRST, LATER, LOST, SteadyClock
from tests.support.institution import TestInstitution


def test_a_folder_is_in_the_books_after_three_actions(
    page: Page, sticks: Path, satchel_hq: HqCommandLine, steady_clock: SteadyClock
) -> None:
    """Folder, Enter, Enter; what is missing is named in the grid, asked for by one key, and then comes."""
    log_in(page, "amina")
    type_folder(page, sticks / FIRST)
    go(page)
    press(page, "Import")
    expect(page.get_by_role("heading", level=1)).to_have_text("Imported", timeout=60_000)
    expect(page.get_by_role("row").filter(has_text="KIT-0001")).to_contain_text("new")
    page.goto("/")
    type_folder(page, sticks / LATER)
    go(page)
    press(page, "Import")
    expect(page.get_by_role("heading", level=1)).to_have_text("Imported", timeout=60_000)
    expect(page.get_by_role("row").filter(has_text="ELW-0003")).to_contain_text("waits")
    take_picture(page, "hq-imported")
    steady_clock.move(timedelta(days=10))
    page.goto("/branches")
    type_log_in(page, "amina")
    page.goto("/branches")
    row = page.get_by_role("table").first.get_by_role("row").filter(has_text="ELW")
    expect(row).to_contain_text("missing 0002")
    take_picture(page, "hq-grid")
    row.get_by_role("link", name="missing 0002").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ELW Branch ELW")
    expect(page.locator("main")).to_contain_text("ELW-0002")
    go(page, "t")
    go(page, "a")
    expect(page.get_by_role("article")).to_contain_text("Missing: ELW-0002, with the entries 7 to 7")
    take_picture(page, "hq-note")
    page.goto("/")
    type_folder(page, sticks / LOST)
    go(page)
    press(page, "Import")
    expect(page.get_by_role("heading", level=1)).to_have_text("Imported", timeout=60_000)
    page.goto("/branches/ELW")
    expect(page.locator("main")).not_to_contain_text("Entry 7 is missing")
    expect(page.get_by_role("row").filter(has_text="ELW-0003")).to_contain_text("new")
    expect(page.get_by_role("link", name="Asked on")).to_be_visible()
    assert satchel_hq.branch("ELW")["gaps"] == []


def test_a_bundle_of_another_institution_is_refused_before_anything_is_done(
    page: Page, tmp_path: Path, satchel_hq: HqCommandLine
) -> None:
    """The preview warns in words, offers no import, and the books stay as they are."""
    stranger = TestInstitution.create(tmp_path / "stranger", ("KIT",))
    folder, _ = stranger.send("KIT")
    before = satchel_hq("digest")["digest"]
    log_in(page, "amina")
    type_folder(page, folder)
    go(page)
    expect(page.get_by_role("alert")).to_contain_text("belongs to another institution")
    expect(page.locator("main")).to_contain_text("these are the books of Test bank")
    expect(page.get_by_role("button", name="Import")).to_have_count(0)
    take_picture(page, "hq-other-institution")
    assert satchel_hq("digest")["digest"] == before
