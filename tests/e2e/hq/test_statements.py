"""The accountant's statements by keys: consolidated, opened down to the bundle, and found as printed."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from ledger.money import Money
from sync.inbox import import_paths
from sync.installation import Installation
from tests.e2e.hq.conftest import log_in
from tests.support.browser import go, take_picture
from tests.support.institution import HQ, TestInstitution
from tests.support.transfers import answer, send_and_import


@pytest.fixture
def left(institution: TestInstitution) -> str:
    """Transfers between two branches; gives the key of the one without its other side."""
    return send_and_import(institution)


@pytest.fixture
def hq(institution: TestInstitution, left: str) -> Iterator[Installation]:
    """Headquarters after these transfers."""
    assert left
    with institution.open(HQ) as installation:
        yield installation


def follow(page: Page, name: str, row: str = "") -> None:
    """Go to a link with the keyboard's focus and press Enter; ``row`` is what its row has."""
    within = page.get_by_role("row").filter(has_text=row).first if row else page.locator("main")
    within.get_by_role("link", name=name, exact=True).first.focus()
    go(page)


def show_statement(page: Page, name: str) -> None:
    """Open a report from the menu, with what consolidation cuts, beside the end of the month before."""
    go(page, "6")
    follow(page, name)
    page.locator("#columns").select_option("consolidation")
    page.locator("#compare").select_option("month")
    page.get_by_role("button", name="Show").focus()
    go(page)


def test_a_consolidated_figure_opens_to_its_bundle_and_back(page: Page) -> None:
    """Balance sheet with eliminations and comparatives; figure, entry, changeset; each step up by Esc."""
    log_in(page, "amina")
    show_statement(page, "Balance sheet")
    main = page.locator("main")
    expect(main).to_contain_text("31 Dec 2025")
    between = page.get_by_role("row").filter(has_text="Between offices: what does not cancel")
    expect(between).to_contain_text("45.00")
    expect(page.locator(".rests")).to_contain_text(re.compile(r"KIT up to 0003, entry \d+ \(2026-01-12\)"))
    take_picture(page, "hq-balance-sheet", whole=True)
    follow(page, "345.00", "Inter-branch account")
    expect(main).to_contain_text("KIT Branch KIT")
    take_picture(page, "hq-figure-opened")
    page.locator("tbody th a[href*='/entries/']").first.focus()
    go(page)
    expect(main).to_contain_text("Came with bundle")
    expect(main).to_contain_text("KIT-000")
    take_picture(page, "hq-entry-with-bundle")
    entry = page.url
    go(page, "c")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Changeset")
    expect(main).to_contain_text("Came with bundle")
    page.goto(entry)
    go(page, "Escape")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1400")
    go(page, "Escape")
    expect(page.get_by_role("heading", level=1)).to_have_text("Balance sheet")
    expect(page.locator("#columns")).to_have_value("consolidation")
    show_statement(page, "Income statement")
    expect(main).to_contain_text("Interest on loans")


def test_what_is_open_between_branches_and_what_was_printed(
    page: Page, hq: Installation, institution: TestInstitution, left: str
) -> None:
    """The pair with its age and the next step; a table taken away is found by its code after more came in."""
    log_in(page, "amina")
    go(page, "6")
    go(page, "b")
    expect(page.get_by_role("row").filter(has_text="ELW \N{EN DASH} KIT")).to_contain_text("45.00")
    expect(page.locator("main")).to_contain_text("ELW books what it received under this key.")
    take_picture(page, "hq-between-branches", whole=True)
    show_statement(page, "Trial balance")
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    code = started.value.suggested_filename.removesuffix(".csv")[-9:]
    import_paths(hq, [answer(institution, left, Money(4_500))])
    go(page, "6")
    go(page, "w")
    take_picture(page, "hq-printed-list")
    page.keyboard.type(code)
    go(page)
    main = page.locator("main")
    expect(main).to_contain_text(code)
    expect(main).to_contain_text("Amina Wanyama")
    changed = page.get_by_role("row").filter(has_text="1400").filter(has_text="closing").first
    expect(changed).to_contain_text("45.00 0.00 -45.00", use_inner_text=True)
    take_picture(page, "hq-printed", whole=True)
    go(page, "Escape")
    expect(page.get_by_role("row").filter(has_text=code)).to_contain_text("Trial balance")
    page.goto("/reports/between-branches")
    expect(page.locator("main")).to_contain_text("Every transfer between branches has both sides.")
