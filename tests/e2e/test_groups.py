"""Groups and meetings by keyboard alone: members, offices, who came, a meeting moved as it was shown."""

import pytest
from playwright.sync_api import Page, expect

from banking.groups import change_group
from sync.installation import Installation
from tests.e2e.conftest import CommandLine, log_in
from tests.support.branch_home import TODAY, Known
from tests.support.browser import go, settle, take_picture


def _type(page: Page, *texts: str) -> None:
    """Fill the fields of a form in their order; Enter goes on."""
    for text in texts:
        if text:
            page.keyboard.type(text)
        page.keyboard.press("Enter")


def test_a_group_with_a_member_and_a_leader(page: Page, satchel: CommandLine) -> None:
    """From the menu to a new group, a member found by letters, the office given; all without a mouse."""
    log_in(page, "clara")
    go(page, "0")
    go(page, "3")
    take_picture(page, "groups")
    go(page, "n")
    page.keyboard.type("Umoja")
    for _field in range(3):
        page.keyboard.press("Enter")
    page.keyboard.type("Tue")
    take_picture(page, "group-new")
    go(page, "Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Umoja")
    expect(page.locator("main")).to_contain_text("Tuesday, every week")
    go(page, "n")
    page.keyboard.type("kamau")
    go(page)
    go(page, "a")
    expect(page.get_by_role("status")).to_contain_text("Peter Kamau is a member now")
    go(page, "Escape")
    go(page, "r")
    page.keyboard.type("leader")
    go(page, "Control+Enter")
    take_picture(page, "group-roles")
    go(page, "Escape")
    expect(page.get_by_role("row", name="Peter Kamau")).to_contain_text("leader")
    take_picture(page, "group")
    assert satchel("verify")["ok"] is True


@pytest.fixture
def meets(branch: Installation, known: Known) -> str:
    """Let the group meet on Sundays from today on."""
    with branch.unit_of_work("group.change", known.admin) as session:
        change_group(session, known.group, meeting_weekday=7, first_meeting_on=TODAY)
    return f"/meetings/group/{known.group}/2026-11-22"


def test_who_came_is_one_key_and_enter_a_row(page: Page, meets: str) -> None:
    log_in(page, "clara")
    page.goto(meets)
    settle(page)
    page.keyboard.press("a")
    _type(page, "p", "a")
    take_picture(page, "meeting")
    go(page, "Control+Enter")
    expect(page.locator("main")).to_contain_text("Who came: 1 of 2")


def test_a_meeting_is_moved_after_it_was_shown(page: Page, meets: str) -> None:
    """Esc on the page that shows it changes nothing; Enter does it as shown."""
    log_in(page, "moses")
    page.goto(meets)
    settle(page)
    go(page, "m")
    page.keyboard.type("24 11 2026")
    page.keyboard.press("Enter")
    page.keyboard.type("Rain")
    go(page, "Control+Enter")
    expect(page.locator("main")).to_contain_text("Nothing is changed yet.")
    take_picture(page, "meeting-move")
    go(page)
    expect(page.locator("main")).to_contain_text("moved from")
    go(page, "Escape")
    take_picture(page, "meetings")
    page.goto("/notices")
    take_picture(page, "notices")
