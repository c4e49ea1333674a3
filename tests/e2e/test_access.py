"""Every page of a branch for everybody: no barrier that axe-core knows, also in Arabic.

The pages are found by following links, so that a new page is looked at without being listed. What no link
reaches from these books stands in ``OUT_OF_REACH`` with its reason.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from banking.users import set_language
from branch.application import create_branch_application
from sync.installation import Installation
from tests.e2e.conftest import log_in
from tests.e2e.test_look import SIDEWAYS, SMALL_TEXT
from tests.support.branch_home import PASSPHRASE, Known
from tests.support.browser import take_picture
from tests.support.walking import endpoints, walk

AXE = (Path(__file__).parents[1] / "support" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter(one => ['serious', 'critical'].includes(one.impact))
  .map(one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 120)).slice(0, 3).join(' | '))"""
WEIGHT = """async () => {
  const files = [...document.querySelectorAll('script[src], link[rel=stylesheet]')].map(e => e.src || e.href);
  const size = async file => (await (await fetch(file)).arrayBuffer()).byteLength;
  const sizes = await Promise.all(files.map(size));
  return sizes.reduce((sum, size) => sum + size, 0) }"""
MENU_AT_THE_END = """() => document.dir === 'rtl' &&
  document.querySelector('.menu').getBoundingClientRect().left > innerWidth / 2"""
LIGHT = 120 * 1024
"""Most bytes of scripts and styles of one page, uncompressed."""

NO_PAGE = {
    "static": "files, not pages",
    "healthz": "for programs",
    "login.speak": "sets a cookie and leads to the log-in page",
    "reports.file": "a file",
    "disbursements.paper": "a file",
    "sheet_printing.pdf": "a file",
    "scans.picture": "a picture",
}
OUT_OF_REACH: Mapping[str, str] = {
    "status.restore": "this laptop is neither restored nor retired",
    "applications.show": "no loan of these books waits for a decision",
    "approvals.one": "nobody has asked for an approval",
    "cash_moves.reverse": "no cash was moved",
    "centers.edit": "these books have no center",
    "centers.show": "these books have no center",
    "disbursements.new": "no loan of these books is approved and not paid out",
    "elsewhere.one": "no money was taken for another branch",
    "meeting_moves.new": "the group has no schedule of meetings",
    "meetings.fine": "no meeting was held",
    "meetings.show": "the group has no schedule of meetings",
    "send.note": "nothing was sent",
    "send.show": "nothing was sent",
    "sheet_printing.find": "leads on to a sheet, and none is printed",
    "sheet_printing.new_void": "no sheet is printed",
    "sheet_printing.paper": "no meeting is planned to print a sheet for",
    "sheets.show": "no sheet is printed",
    "surveys.new": "headquarters defined no survey",
    "surveys.show": "no survey was answered",
}

WALK_MOST_LINKS = ("/more", "/looks", "/help/keys", "/clients?q=kit-c")
"""Where links begin, beside what the books have."""


@pytest.fixture
def pages(branch: Installation, known: Known) -> dict[str, str]:
    """One address for each page of the branch."""
    client = create_branch_application(branch).test_client()
    client.post("/login", data={"username": "admin", "password": PASSPHRASE})
    books = [f"/clients/{known.client}", f"/groups/{known.group}", f"/loans/{known.loan}"]
    reached = walk(client, ["/", *books, f"/savings/{known.savings}", *WALK_MOST_LINKS])
    unseen = endpoints(client.application) - reached.keys() - NO_PAGE.keys() - {"login.show"}
    assert unseen <= OUT_OF_REACH.keys(), "a page that no link reaches: say why, or link to it"
    return reached


def test_no_page_has_a_barrier(page: Page, pages: dict[str, str], address: str) -> None:
    """Nothing serious for axe-core, text of 15 pixels, nothing sideways, light, nothing from elsewhere."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/login")
    faults = [f"/login {fault}" for fault in faults_of(page)]
    log_in(page, "admin")
    for endpoint, path in pages.items():
        page.goto(path)
        take_picture(page, f"en-{endpoint}")
        faults += [f"{path} {fault}" for fault in faults_of(page)]
    faults += sorted({url for url in asked if not url.startswith(address)})
    assert faults == []


def test_every_page_turns_around_in_arabic(
    page: Page, pages: dict[str, str], branch: Installation, known: Known
) -> None:
    """From right to left nothing scrolls sideways, and the menu stands on the other side."""
    with branch.unit_of_work("user.language", known.admin) as session:
        set_language(session, known.admin, "ar")
    log_in(page, "admin")
    faults: list[str] = []
    for endpoint, path in pages.items():
        page.goto(path)
        take_picture(page, f"ar-{endpoint}")
        if page.evaluate(SIDEWAYS):
            faults.append(f"{path} scrolls sideways")
        if not page.evaluate(MENU_AT_THE_END):
            faults.append(f"{path} has its menu on the wrong side")
    assert faults == []


def faults_of(page: Page) -> list[Any]:
    """Give what is wrong with the page that is shown."""
    page.evaluate(AXE)
    found: list[Any] = page.evaluate(RUN_AXE)
    found += page.evaluate(SMALL_TEXT)
    if page.evaluate(SIDEWAYS):
        found.append("scrolls sideways")
    if (weight := page.evaluate(WEIGHT)) > LIGHT:
        found.append(f"{weight} bytes of scripts and styles")
    return found
