"""Months closed at headquarters, opened again for a late stick, and provisions posted by two, by keyboard."""

from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from banking.periods import make_year
from banking.provision_tables import define_table, published_table
from ledger.money import Money
from schema.accounts import SavingsAccount
from sync.inbox import import_paths
from sync.installation import Installation
from tests.e2e.hq.conftest import log_in, password_of, type_at
from tests.e2e.test_look import KEYS_TWICE, SIDEWAYS, SMALL_TEXT, UNLABELLED, UNNAMED
from tests.support.browser import go, take_picture
from tests.support.headquarters import FIRST, LATER, SteadyClock, save
from tests.support.institution import TestInstitution

END = "28-02-2026"


@pytest.fixture
def march(institution: TestInstitution, steady_clock: SteadyClock, hq: Installation) -> TestInstitution:
    """January and February are over; KIT is here whole, ELW with a gap; a table of provisions is in force."""
    import_paths(hq, [institution.root / FIRST, institution.root / LATER])
    steady_clock.now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    with hq.unit_of_work("period.make", 1) as session:
        make_year(session, "gregorian", 2026)
        bands = published_table("sa-dhan").bands
        define_table(session, code="standard", starts_on=date(2026, 1, 1), bands=bands)
    return institution


def _look(page: Page, name: str) -> None:
    """Measure a page as every page of headquarters is measured, and keep its picture."""
    take_picture(page, f"hq-{name}", whole=True)
    for measure in (SMALL_TEXT, UNLABELLED, UNNAMED, KEYS_TWICE):
        assert page.evaluate(measure) == [], name
    assert page.evaluate(SIDEWAYS) == 0, name


def _send_late(march: TestInstitution, hq: Installation) -> None:
    """KIT has not heard of the close: it takes 123.00 in January and sends it."""
    with march.open("KIT") as branch:
        with branch.database.reading() as session:
            savings = session.scalars(select(SavingsAccount.id)).one()
        save(branch, savings, Money(12_300))
    import_paths(hq, [march.send("KIT")[0]])


def test_a_late_stick_finds_its_month_closed(
    page: Page, address: str, march: TestInstitution, hq: Installation
) -> None:
    """Grid, checklist, close what is ready; the stick is queued; two people open; closed again it counts."""
    log_in(page, "amina")
    page.goto("/periods")
    expect(page.get_by_role("row", name="ELW Branch ELW")).to_contain_text("missing")
    _look(page, "periods")
    go(page, "a")
    expect(page.get_by_role("heading", level=1)).to_have_text("2026-01")
    expect(page.get_by_role("row", name="ELW Branch ELW")).to_contain_text("earlier that is missing")
    _look(page, "month")
    go(page, "c")
    expect(page.get_by_role("status").first).to_contain_text("is closed for 3 offices")
    _send_late(march, hq)
    page.goto("/periods")
    expect(page.get_by_role("row", name="KIT Branch KIT")).to_contain_text("1 late")
    go(page, "l")
    row = page.get_by_role("row").filter(has_text="Deposit")
    expect(row).to_contain_text("123.00")
    expect(row).to_contain_text("2026-02")
    _look(page, "late-entries")
    page.get_by_role("link", name="Open 2026-01 of KIT again").focus()
    go(page)
    _look(page, "period-closed")
    page.locator("#reason").focus()
    page.keyboard.type("the stick lay in a drawer")
    page.keyboard.press("Enter")
    type_at(page, "second", "admin")
    page.keyboard.press("Enter")
    page.keyboard.type(password_of("admin"))
    go(page)
    expect(page.get_by_role("status").first).to_contain_text("open again")
    go(page, "c")
    expect(page.get_by_role("row").filter(has_text="lay in a drawer")).to_contain_text("admin")
    page.goto("/periods/late")
    expect(page.get_by_text("Nothing came late.")).to_be_visible()


def test_provisions_are_proposed_reviewed_and_posted(page: Page, address: str, march: object) -> None:
    """From the figure to the loan; asked by one, posted by another; asked again there is nothing to post."""
    log_in(page, "amina")
    page.goto(f"/provisions?on={END}")
    expect(page.get_by_role("row", name="5230")).to_contain_text("4,800.00")
    _look(page, "provisions")
    go(page, "a")
    expect(page.get_by_role("row", name="31 to 60 days")).to_contain_text("2,400.00")
    _look(page, "provisions-of-one")
    page.get_by_role("link", name="31 to 60 days").focus()
    go(page)
    expect(page.get_by_role("row", name="KIT-L-000001")).to_contain_text("9,600.00")
    page.goto(f"/provisions?on={END}")
    go(page, "k")
    expect(page.get_by_text("You asked for it; somebody else decides.")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    log_in(page, "admin")
    page.goto("/approvals")
    _look(page, "approvals")
    go(page, "a")
    expect(page.get_by_role("heading", name="What it would do today")).to_be_visible()
    _look(page, "approval")
    go(page, "y")
    expect(page.get_by_role("status").first).to_contain_text("Approved and done")
    page.goto(f"/provisions?on={END}")
    expect(page.get_by_text("Nothing has to be posted")).to_be_visible()
    expect(page.get_by_text("it has set aside 4,800.00")).to_be_visible()
