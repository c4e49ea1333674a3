"""From a stick to a figure: import, see what is missing, open the trial balance."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.hq.conftest import HqCommandLine, log_in, press, type_folder, type_log_in
from tests.support.browser import go, take_picture
from tests.support.headquarters import FIRST, LATER, LOST, MARKUP, SteadyClock


def _import(page: Page, folder: Path) -> None:
    page.goto("/")
    page.locator("#folder").fill(str(folder))
    go(page)
    press(page, "Import")


def test_a_stick_is_imported_and_its_figure_is_right(
    page: Page, sticks: Path, satchel_hq: HqCommandLine
) -> None:
    """A folder that is not there is refused; looking changes nothing; the import is right to the cent."""
    log_in(page, "amina")
    take_picture(page, "hq-inbox-empty")
    type_folder(page, "/media/no-such-stick")
    go(page)
    expect(page.locator("#folder-complaint")).to_contain_text("Is the stick plugged in?")
    expect(page.locator("#folder")).to_be_focused()
    take_picture(page, "hq-inbox-refused")
    page.locator("#folder").fill(str(sticks / FIRST))
    go(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Import these bundles?")
    take_picture(page, "hq-look")
    assert satchel_hq.closing("2110") == "0.00"
    press(page, "Import")
    expect(page.get_by_role("status")).to_contain_text("Everything is in the books")
    take_picture(page, "hq-came")
    go(page, "3")
    expect(page.get_by_role("row").filter(has_text="Voluntary savings")).to_contain_text("(1,000.00)")
    take_picture(page, "hq-trial-balance")
    assert satchel_hq.closing("2110") == "-1000.00"
    assert satchel_hq.closing("2110", "--branch", "KIT") == "-500.00"


def test_a_reload_after_the_import_imports_nothing_more(
    page: Page, sticks: Path, satchel_hq: HqCommandLine
) -> None:
    """Enter twice, reload, the form sent again: one line for each bundle, and the same books."""
    log_in(page, "amina")
    type_folder(page, sticks / FIRST)
    go(page)
    expect(page.get_by_role("button", name="Import")).to_be_focused()
    with page.expect_request(lambda request: request.method == "POST") as sent, page.expect_navigation():
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Imported")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Imported")
    again = page.request.post(
        sent.value.url,
        data=sent.value.post_data or "",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        max_redirects=0,
    )
    assert (again.status, again.headers["location"]) == (303, urlsplit(page.url).path)
    go(page, "1")
    expect(page.locator("main .scroll table tbody tr")).to_have_count(2)
    assert satchel_hq.closing("2110") == "-1000.00"


def test_an_ended_log_in_keeps_the_folder(
    page: Page, sticks: Path, steady_clock: SteadyClock, satchel_hq: HqCommandLine
) -> None:
    """Both at the first form and at the question: after the log-in the work goes on where it was."""
    log_in(page, "amina")
    type_folder(page, sticks / FIRST)
    steady_clock.move(timedelta(hours=2))
    go(page)
    expect(page.get_by_role("status")).to_contain_text("what you had typed is kept")
    type_log_in(page, "amina")
    expect(page.locator("#folder")).to_have_value(str(sticks / FIRST))
    page.locator("#folder").focus()
    go(page)
    steady_clock.move(timedelta(hours=2))
    press(page, "Import")
    type_log_in(page, "amina")
    expect(page.get_by_role("heading", level=1)).to_have_text("Import these bundles?")
    assert satchel_hq.closing("2110") == "0.00"
    press(page, "Import")
    expect(page.get_by_role("heading", level=1)).to_have_text("Imported")
    assert satchel_hq.closing("2110") == "-1000.00"


def test_what_is_missing_is_seen_and_goes(page: Page, sticks: Path, satchel_hq: HqCommandLine) -> None:
    """A gap stands in the status line, the list and the branch's page, until the lost bundle comes."""
    log_in(page, "amina")
    _import(page, sticks / FIRST)
    _import(page, sticks / LATER)
    expect(page.get_by_role("status")).to_contain_text("something waits")
    expect(page.locator(".status")).to_contain_text("1 range of entries")
    take_picture(page, "hq-came-waiting")
    go(page, "2")
    rows = page.get_by_role("row").filter(has_text="ELW")
    expect(rows.first).to_contain_text("came 0001 waits 0003 missing 0002")
    expect(rows.last).to_contain_text("6 7 1", use_inner_text=True)
    take_picture(page, "hq-branches")
    assert satchel_hq.branch("ELW")["gaps"] == [[7, 7]]
    assert satchel_hq.branch("ELW")["held"] == 1
    page.get_by_role("link", name="ELW").first.click()
    expect(page.locator("main")).to_contain_text("Please write a bundle from entry 7 on")
    take_picture(page, "hq-branch-gap")
    _import(page, sticks / LOST)
    expect(page.locator(".status")).to_contain_text("Missing nothing", use_inner_text=True)
    assert satchel_hq.branch("ELW")["gaps"] == []
    assert satchel_hq.closing("2110") == "-4000.00"


def test_a_figure_opens_to_the_changeset(page: Page, sticks: Path, satchel_hq: HqCommandLine) -> None:
    """Account, branch, entry, changeset: four steps, and the hash is the one that the books have."""
    log_in(page, "aisha")
    page.goto("/books")
    expect(page.locator("main")).to_contain_text("Nothing is booked here yet.")
    log_in_again_as_accountant_and_import(page, sticks / FIRST)
    go(page, "3")
    page.get_by_role("link", name="Voluntary savings").click()
    take_picture(page, "hq-account")
    page.get_by_role("link", name="KIT").click()
    expect(page.locator("main")).to_contain_text("KIT Branch KIT · every entry that is here")
    page.get_by_role("link", name="Deposit").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deposit")
    expect(page.locator("main")).to_contain_text("KIT-S-000001")
    take_picture(page, "hq-entry")
    go(page, "c")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Changeset 2\N{EN DASH}6")
    expect(page.locator("main")).to_contain_text("signature holds")
    expect(page.locator("main")).to_contain_text(MARKUP)
    take_picture(page, "hq-changeset")
    assert satchel_hq.branch("KIT")["last_hash"] in page.locator("main").inner_text()


def log_in_again_as_accountant_and_import(page: Page, folder: Path) -> None:
    """Auditors look; the accountant imports."""
    with page.expect_navigation():
        page.get_by_role("button", name="Log out").click()
    log_in(page, "amina")
    _import(page, folder)


def test_files_of_a_mail_are_sent_by_the_browser(page: Page, sticks: Path, satchel_hq: HqCommandLine) -> None:
    """Chosen in the browser, sent, looked at, imported."""
    log_in(page, "amina")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    page.locator("#files").set_input_files(sorted((sticks / FIRST).glob("*.S*")))
    with page.expect_navigation():
        page.get_by_role("button", name="Send and look at them").click()
    press(page, "Import")
    expect(page.get_by_role("heading", level=1)).to_have_text("Imported")
    assert satchel_hq.closing("2110") == "-1000.00"


def test_it_works_without_scripts(
    browser_without_scripts: BrowserContext, sticks: Path, satchel_hq: HqCommandLine
) -> None:
    """Scripts are comfort: a stick is imported and the trial balance read without them."""
    page = browser_without_scripts.new_page()
    log_in(page, "amina")
    _import(page, sticks / FIRST)
    page.get_by_role("link", name="Trial balance").first.click()
    expect(page.get_by_role("row").filter(has_text="Voluntary savings")).to_contain_text("(1,000.00)")
    assert satchel_hq.closing("2110") == "-1000.00"
