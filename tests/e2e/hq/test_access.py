"""Headquarters' pages for everybody: no barrier that axe-core knows, and all of them turn around in Arabic.

They are found by following links, as those of a branch are; the measures are the same.
"""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Page

from banking.periods import make_year
from banking.users import set_language
from hq.application import create_hq_application
from sync.installation import Installation
from tests.e2e.hq.conftest import log_in
from tests.e2e.test_access import MENU_AT_THE_END, faults_of
from tests.e2e.test_look import SIDEWAYS
from tests.support.browser import take_picture
from tests.support.headquarters import FIRST, LATER, admin_of
from tests.support.institution import HQ, TestInstitution, passphrase_of
from tests.support.walking import endpoints, walk

NO_PAGE = {
    "static",
    "healthz",
    "login.speak",
    "login.show",
    "reports.file",
    "printed.file",
    "enrolment.kit",
    "returns.volume",
    "cases.photo",
    "audit.access_log",
    "audit.letters_of_sample",
    "audit.letters_of_group",
    "line.challenge",
    "line.state",
    "line.piece",
}
"""Files, what is for programs, and the log-in page, which a branch's walk looks at."""

OUT_OF_REACH: Mapping[str, str] = {
    "inbox.came": "nothing was brought in by these pages",
    "returns.show": "no answer was written",
    "audit.sample": "no sample was drawn",
    "messages.choose": "no payment waits for the name of its account",
    "messages.late": "nothing came after a close",
    "approvals.one": "nothing waits for a second person",
    "provisions.loans": "no table of provisions is in force",
    "payments.one": "no payment came from outside",
    "proof.one": "nobody has asked for a proof",
    "publishing.one": "nothing was published",
    "branches.asked": "no branch was asked for what is missing",
    "reseeding.kit": "no kit with the books of a branch was made",
}


@pytest.fixture
def pages(hq: Installation, institution: TestInstitution) -> dict[str, str]:
    """One address for each page of headquarters, after two sticks and with a year."""
    institution.receive(institution.root / FIRST, institution.root / LATER)
    with hq.unit_of_work("period.make", admin_of(hq)) as session:
        make_year(session, "gregorian", 2026)
    client = create_hq_application(hq).test_client()
    client.post("/login", data={"username": "admin", "password": passphrase_of(HQ)})
    starts = ["/", "/looks", "/help/keys", "/enrol/NAK", f"/inbox/look?folder={institution.root / LATER}"]
    reached = walk(client, starts)
    of_pages = {name for name in endpoints(client.application) if not name.startswith("api.")}
    unseen = of_pages - reached.keys() - NO_PAGE
    assert unseen == OUT_OF_REACH.keys(), "a page that no link reaches: say why, or link to it"
    return reached


def test_no_page_of_headquarters_has_a_barrier(
    page: Page, pages: dict[str, str], hq: Installation, address: str
) -> None:
    """First nothing serious in English, then from right to left: nothing sideways, menu on the other side."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    log_in(page, "admin")
    faults: list[str] = []
    for path in pages.values():
        page.goto(path)
        faults += [f"{path} {fault}" for fault in faults_of(page)]
    admin = admin_of(hq)
    with hq.unit_of_work("user.language", admin) as session:
        set_language(session, admin, "ar")
    for endpoint, path in pages.items():
        page.goto(path)
        take_picture(page, f"hq-ar-{endpoint}")
        if page.evaluate(SIDEWAYS) or not page.evaluate(MENU_AT_THE_END):
            faults.append(f"{path} does not turn around")
    faults += sorted({url for url in asked if not url.startswith(address)})
    assert faults == []
