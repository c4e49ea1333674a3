"""Collection sheets, keyed back: keyboard only, and counted."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from banking.repayments import post_repayment
from banking.sheets.plan import plan_sheet
from banking.sheets.sheets import print_sheet
from ledger.money import Money
from schema.meetings import Attendance, CollectionSheet, SheetCell
from sync.installation import Installation
from tests.e2e.conftest import CommandLine, log_in, type_log_in
from tests.support.branch_home import NOON, TODAY, Clock, Known
from tests.support.browser import go, settle, take_picture
from tests.support.center_fixtures import center, center_homes, homes
from tests.support.center_home import CENTER, CenterKnown
from tests.support.keyboard import CountingKeyboard

__all__ = ["center", "center_homes", "homes"]

DUE = "28307.6"
"""What forty members pay as due: 40 times 438.46 + 219.23 + 50.00."""

MOST_KEYS_OF_A_CENTER = 14
MOST_KEYS_OF_AN_EXCEPTION = 6
LEAST_ROWS = 20

ROWS_SEEN = """() => [...document.querySelectorAll('.grid tbody tr')].filter(row => {
  const box = row.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight }).length"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TEXT = """() => [...document.querySelectorAll('main *')]
  .filter(e => e.matches('input') || [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < 15).map(e => e.outerHTML.slice(0, 80))"""


@pytest.fixture
def sheet(branch: Installation, known: Known, center: CenterKnown) -> int:
    """A sheet of today's meeting that was printed this morning."""
    with branch.unit_of_work("sheet.print", known.admin) as session:
        plan = plan_sheet(session, center_id=center.center, meeting_on=TODAY)
        return print_sheet(session, plan, NOON).id


def state_of(branch: Installation, sheet_id: int) -> tuple[str, int]:
    """Read a sheet's state and how many of its cells are kept as a draft."""
    with branch.database.reading() as session:
        cells = len(session.scalars(select(SheetCell.line).where(SheetCell.sheet_id == sheet_id)).all())
        return session.get_one(CollectionSheet, sheet_id).state, cells


def all_saved(page: Page) -> None:
    """Wait until every cell is kept by the server."""
    expect(page.locator("#saving")).to_have_text("All saved")


def open_sheet(page: Page, sheet_id: int, username: str = "clara") -> None:
    """Log in and open a sheet."""
    log_in(page, username)
    page.goto(f"/sheets/{sheet_id}")
    expect(page.locator("#row")).to_be_focused()


def cell(line: int, slot: str) -> str:
    """Name the field of a cell."""
    return f'input[name="{line}/{slot}"]'


def test_forty_members_who_paid_as_due_take_at_most_14_keys(
    page: Page, branch: Installation, satchel: CommandLine
) -> None:
    """C2: from Today by a letter, all as due, the cash, checked, posted; counted key by key."""
    log_in(page, "clara")
    expect(page.get_by_role("row", name=CENTER)).to_contain_text("not printed")
    take_picture(page, "today-meetings")
    keys = CountingKeyboard(page)
    with page.expect_navigation():
        keys.press("a")
    expect(page.locator("#row")).to_be_focused()
    expect(page.locator("main")).not_to_contain_text("28,307")
    keys.press("+", "Enter")
    keys.type(DUE, "Enter")
    post = page.get_by_role("button", name="Post the sheet")
    expect(post).to_be_focused()
    expect(page.locator("#panel")).to_contain_text("The cash agrees: KES 28,307.60")
    take_picture(page, "sheet-agrees")
    with page.expect_navigation():
        keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sheet KIT-SH-000001 is posted")
    assert keys.count <= MOST_KEYS_OF_A_CENTER, keys.pressed
    assert keys.count == 12
    take_picture(page, "sheet-posted")
    expect(page.get_by_text("Amount taken back to office").first).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(120)
    assert satchel.closing("Cash in hand") == "38307.60"
    assert satchel("verify")["ok"] is True
    with branch.database.reading() as session:
        assert list(session.scalars(select(Attendance.mark))) == ["P"] * 40
    go(page, "Escape")
    expect(page.get_by_role("row", name=CENTER)).to_contain_text("posted")


def test_an_exception_takes_at_most_6_keys_and_its_digits(
    page: Page, branch: Installation, sheet: int, satchel: CommandLine
) -> None:
    """C3: row, Enter, amount, back; two loans of a product are two cells; 0 is not paid, in words."""
    open_sheet(page, sheet)
    page.keyboard.press("+")
    all_saved(page)
    keys = CountingKeyboard(page, pad_only=True)
    keys.type("12", "Enter")
    expect(page.locator(cell(12, "loan:WEEKLY:1"))).to_be_focused()
    keys.type("100", "Enter")
    expect(page.locator(cell(12, "loan:WEEKLY:2"))).to_be_focused()
    keys.press("-")
    expect(page.locator("#row")).to_be_focused()
    assert keys.beside_digits <= MOST_KEYS_OF_AN_EXCEPTION
    assert keys.beside_digits == 3
    second = CountingKeyboard(page, pad_only=True)
    second.type("7.2", "Enter")
    expect(page.locator(cell(7, "loan:WEEKLY:2"))).to_be_focused()
    second.type("0", "-")
    assert second.beside_digits <= MOST_KEYS_OF_AN_EXCEPTION
    all_saved(page)
    take_picture(page, "sheet-exceptions")
    first, unpaid = (
        page.locator(f"td:has({cell(*at)})") for at in ((12, "loan:WEEKLY:1"), (7, "loan:WEEKLY:2"))
    )
    expect(first).to_contain_text("less")
    expect(first).to_have_attribute("title", "saved")
    expect(unpaid).to_contain_text("not paid")
    rest = CountingKeyboard(page, pad_only=True)
    rest.press("Enter")
    rest.type("27749.91", "Enter")
    expect(page.locator("[data-first]")).to_be_focused()
    with page.expect_navigation():
        rest.press("Enter")
    assert state_of(branch, sheet) == ("posted", 0)
    assert satchel.closing("Cash in hand") == "37749.91"


def test_the_numeric_pad_alone_keys_a_center(page: Page, branch: Installation, sheet: int) -> None:
    """From Today by the number on the paper, without one key that a numeric pad does not have."""
    log_in(page, "clara")
    keys = CountingKeyboard(page, pad_only=True)
    keys.press("*", "1")
    with page.expect_navigation():
        keys.press("Enter")
    expect(page.locator("#row")).to_be_focused()
    keys.press("+", "Enter")
    keys.type(DUE, "Enter")
    expect(page.locator("[data-first]")).to_be_focused()
    with page.expect_navigation():
        keys.press("Enter")
    assert keys.count <= MOST_KEYS_OF_A_CENTER
    assert state_of(branch, sheet)[0] == "posted"


def test_a_difference_names_the_rows_that_could_explain_it(
    page: Page, branch: Installation, sheet: int, satchel: CommandLine
) -> None:
    """C5: nothing is posted; each hint says what to type to come to its row; put right, it is posted."""
    open_sheet(page, sheet)
    keys = CountingKeyboard(page, pad_only=True)
    keys.type("9", "Enter")
    keys.type("43846", "Enter")
    expect(page.locator("#told")).to_contain_text("43846 is typed, 438.46 is due")
    expect(page.locator(cell(9, "loan:WEEKLY:1"))).to_be_focused()
    keys.type("483.46", "-")
    keys.press("+", "Enter")
    keys.type(DUE, "Enter")
    panel = page.locator("#panel")
    expect(panel).to_contain_text("the difference is (45.00)")
    hint = panel.get_by_role("listitem").filter(has_text="Row 9")
    expect(hint.first).to_contain_text("9 Enter")
    expect(page.locator("#row")).to_be_focused()
    take_picture(page, "sheet-difference")
    assert (state_of(branch, sheet)[0], satchel.closing("Cash in hand")) == ("printed", "10000.00")
    keys.type("9", "Enter")
    keys.type("438.46", "-", "Enter", "Enter")
    expect(page.locator("[data-first]")).to_be_focused()
    with page.expect_navigation():
        keys.press("Enter")
    assert state_of(branch, sheet)[0] == "posted"


def test_a_blank_cell_blocks_posting_and_is_named(page: Page, branch: Installation, sheet: int) -> None:
    """Blank is not keyed: the rows are named, with what leads to them; 0 says that nothing was paid."""
    open_sheet(page, sheet)
    page.keyboard.press("+")
    page.keyboard.type("33")
    page.keyboard.press("Enter")
    page.keyboard.press("*")
    page.keyboard.press("-")
    page.keyboard.press("Enter")
    page.keyboard.type(DUE)
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("1 row is not keyed whole")
    expect(page.locator("#panel")).to_contain_text("33 Enter")
    take_picture(page, "sheet-blank")
    page.keyboard.press("*")
    expect(page.locator(cell(33, "loan:WEEKLY:1"))).to_be_focused()
    assert state_of(branch, sheet)[0] == "printed"


def test_attendance_is_one_key_on_the_row(page: Page, branch: Installation, sheet: int) -> None:
    """C6: who paid is present without a key; A and L are one key; P after L is late; undo takes it back."""
    open_sheet(page, sheet)
    page.keyboard.press("+")
    for line, letters in (("3", "a"), ("4", "l"), ("5", "lp"), ("6", "a")):
        page.keyboard.type(line)
        for letter in letters:
            page.keyboard.press(letter)
        page.keyboard.press("Escape")
    page.keyboard.press("Backspace")
    all_saved(page)
    marks = {line: page.locator(f'input[name="{line}/attendance"]') for line in (1, 3, 4, 5, 6)}
    expect(marks[1]).to_have_attribute("placeholder", "P")
    for row, mark in ((3, "A"), (4, "L"), (5, "LP"), (6, "")):
        expect(marks[row]).to_have_value(mark)
    take_picture(page, "sheet-attendance")
    page.keyboard.press("Enter")
    page.keyboard.type(DUE)
    page.keyboard.press("Enter")
    expect(page.locator("[data-first]")).to_be_focused()
    go(page)
    with branch.database.reading() as session:
        written = sorted(session.scalars(select(Attendance.mark)))
    assert written == ["A", "L", "LP", *["P"] * 37]


def test_a_due_that_changed_since_printing_is_flagged(
    page: Page, branch: Installation, known: Known, center: CenterKnown, sheet: int
) -> None:
    """C16: a member paid at the counter after the sheet was printed: the row says so, with both amounts."""
    with branch.unit_of_work("loan.repay", known.admin) as session:
        post_repayment(session, center.first_loans[4], Money(20_000), date(2026, 11, 22), receipt="OLD-9")
    open_sheet(page, sheet)
    row = page.locator('tr[data-line="5"]')
    expect(row).to_contain_text("changed: Weekly loan was 438.46, now 238.46")
    expect(page.locator('tr[data-line="6"]')).not_to_contain_text("changed")
    take_picture(page, "sheet-changed")


def test_twenty_rows_are_seen_on_an_old_laptop(page: Page, sheet: int) -> None:
    """At 1366 by 768 with two loans and two savings: nothing sideways, no small text, the heading stays."""
    open_sheet(page, sheet)
    take_picture(page, "sheet")
    assert page.evaluate(ROWS_SEEN) >= LEAST_ROWS
    assert page.evaluate(SIDEWAYS) == 0
    assert page.evaluate(SMALL_TEXT) == []
    page.keyboard.type("40")
    page.keyboard.press("Enter")
    expect(page.locator(cell(40, "loan:WEEKLY:1"))).to_be_in_viewport()
    expect(page.locator(".grid thead th").nth(1)).to_be_in_viewport()
    expect(page.locator("#row")).to_be_in_viewport()
    take_picture(page, "sheet-last-row")


def test_a_cell_that_is_not_saved_says_so_and_is_tried_again(
    context: BrowserContext, branch: Installation, sheet: int
) -> None:
    """While the server cannot be reached typing goes on; the cell says "not saved" until it is."""
    page = context.new_page()
    open_sheet(page, sheet)
    page.route(
        "**/sheets/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    page.keyboard.type("400")
    page.keyboard.press("Enter")
    broken = page.locator(f"td:has({cell(2, 'loan:WEEKLY:1')})")
    expect(broken).to_contain_text("not saved")
    page.keyboard.type("200")
    page.keyboard.press("Enter")
    expect(page.locator(cell(2, "savings:MUST"))).to_be_focused()
    assert state_of(branch, sheet)[1] == 0
    page.unroute("**/sheets/*")
    all_saved(page)
    expect(broken).to_contain_text("less")
    assert state_of(branch, sheet)[1] == 2


def test_a_log_in_that_ran_out_loses_no_cell(
    page: Page, branch: Installation, clock: Clock, sheet: int
) -> None:
    """The cell that found the log-in ended waits in the browser and is saved after the next log-in."""
    open_sheet(page, sheet)
    clock.move(timedelta(hours=1))
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    page.keyboard.type("400")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    settle(page)
    assert state_of(branch, sheet)[1] == 0
    type_log_in(page, "clara")
    all_saved(page)
    expect(page.locator(cell(2, "loan:WEEKLY:1"))).to_have_value("400")
    assert state_of(branch, sheet)[1] == 1


def test_a_sheet_is_a_plain_form_without_scripts(
    browser_without_scripts: BrowserContext, branch: Installation, sheet: int
) -> None:
    """All as due, an exception, the check, the posting: each is a button of one form."""
    page = browser_without_scripts.new_page()
    log_in(page, "clara")
    page.goto(f"/sheets/{sheet}")
    page.get_by_role("button", name="All as due").click()
    page.locator(cell(12, "loan:WEEKLY:1")).fill("100")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(f"td:has({cell(12, 'loan:WEEKLY:1')})")).to_contain_text("less")
    page.locator("#cash").fill("27,969.14")
    page.get_by_role("button", name="Check total").click()
    expect(page.locator("#panel")).to_contain_text("The cash agrees")
    take_picture(page, "sheet-without-scripts")
    page.get_by_role("button", name="Post the sheet").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sheet KIT-SH-000001 is posted")
    assert state_of(branch, sheet) == ("posted", 0)
