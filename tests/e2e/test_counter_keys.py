"""Keys counted at the counter, from Today to the paper; search letters and amounts are not counted."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from branch.printing.escpos import BEGIN
from branch.printing.kinds import ESCPOS, RECEIPT
from branch.printing.printers import Printer, set_printer
from sync.installation import Installation
from tests.branch.printing.escpos_reader import read_escpos
from tests.e2e.conftest import CommandLine, log_in
from tests.support.branch_home import Known
from tests.support.browser import settle, take_picture


class Keyboard:
    """A keyboard that counts: ``press`` and ``lead`` one for each key, two for Ctrl+Enter; ``type`` none."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0

    def press(self, *keys: str) -> None:
        """Press keys on the same page."""
        for key in keys:
            self.presses += len(key.split("+"))
            self.page.keyboard.press(key)

    def lead(self, key: str) -> None:
        """Press a key that leads to another page."""
        self.presses += len(key.split("+"))
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        settle(self.page)

    def type(self, letters: str) -> None:
        """Type search letters, an amount or a reason, which the stories do not count."""
        self.page.keyboard.type(letters)


@pytest.fixture
def keyboard(page: Page) -> Keyboard:
    """The clerk's keyboard, on the first page after the log-in."""
    log_in(page, "clara")
    return Keyboard(page)


@pytest.fixture
def paper(branch: Installation, tmp_path: Path) -> Path:
    """A receipt printer of 80 mm, whose paper is a file."""
    target = tmp_path / "receipts.bin"
    with branch.database.writing() as session:
        set_printer(session, RECEIPT, Printer(ESCPOS, str(target), 80, "cp850"))
    return target


def _find_her(keyboard: Keyboard) -> None:
    keyboard.press("/")
    keyboard.type("oko")
    keyboard.lead("Enter")
    expect(keyboard.page.get_by_role("heading", level=1)).to_have_text("Wanjirũ Ōkoth")


def _has_receipt(page: Page, number: str = "KIT-1-000001") -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Receipt {number}")


def test_a_walk_in_deposit_takes_at_most_12_keys(
    keyboard: Keyboard, paper: Path, satchel: CommandLine
) -> None:
    """C7: found, D, the amount, Enter through the fields, P: the receipt is on paper."""
    _find_her(keyboard)
    keyboard.lead("d")
    keyboard.type("300")
    keyboard.press("Enter", "Enter")
    take_picture(keyboard.page, "deposit")
    keyboard.lead("Enter")
    _has_receipt(keyboard.page)
    keyboard.lead("p")
    assert keyboard.presses <= 12, keyboard.presses
    assert keyboard.presses == 7
    whole = "\n".join(read_escpos(paper.read_bytes()).lines)
    for said in ("KIT-1-000001", "ORIGINAL", "300.00"):
        assert said in whole, said
    assert satchel.closing("Voluntary savings") == "-2800.00"


def test_a_withdrawal_takes_at_most_12_keys(keyboard: Keyboard, paper: Path, satchel: CommandLine) -> None:
    """C7 the other way: W instead of D."""
    _find_her(keyboard)
    keyboard.lead("w")
    keyboard.type("200")
    keyboard.lead("Control+Enter")
    _has_receipt(keyboard.page)
    keyboard.lead("p")
    assert keyboard.presses == 6
    assert b"200.00" in paper.read_bytes()
    assert satchel.closing("Voluntary savings") == "-2300.00"


def test_a_repayment_shows_its_sharing_and_takes_at_most_12_keys(keyboard: Keyboard, paper: Path) -> None:
    """C19: what it pays by age stands on the page before Enter posts it; then P."""
    _find_her(keyboard)
    keyboard.lead("r")
    keyboard.type("950.50")
    keyboard.press("Enter", "Enter")
    keyboard.lead("Enter")
    table = keyboard.page.get_by_role("table", name="What it pays")
    expect(table).to_contain_text("Overdue")
    expect(table.get_by_role("row", name="Principal")).to_contain_text("836.66")
    take_picture(keyboard.page, "repayment-preview")
    keyboard.lead("Enter")
    _has_receipt(keyboard.page)
    keyboard.lead("p")
    assert keyboard.presses == 8
    assert "836.66" in "\n".join(read_escpos(paper.read_bytes()).lines)


def test_a_reprint_says_copy(keyboard: Keyboard, paper: Path, known: Known) -> None:
    """C9: the second paper of a receipt is COPY 2; the number has no gap."""
    for amount, number in (("300", "KIT-1-000001"), ("400", "KIT-1-000002")):
        keyboard.page.goto(f"/savings/{known.savings}/deposit")
        settle(keyboard.page)
        keyboard.type(amount)
        keyboard.lead("Control+Enter")
        if keyboard.page.get_by_role("button", name="Post it").is_visible():
            take_picture(keyboard.page, "asked-once")
            keyboard.lead("Enter")
        _has_receipt(keyboard.page, number)
    keyboard.lead("p")
    keyboard.lead("p")
    papers = [BEGIN + one for one in paper.read_bytes().split(BEGIN)[1:]]
    assert len(papers) == 2
    whole = "\n".join(line for one in papers for line in read_escpos(one).lines)
    assert whole.count("KIT-1-000002") == 2
    assert whole.count("ORIGINAL") == 1
    assert whole.count("COPY 2") == 1
    expect(keyboard.page.locator("main")).to_contain_text("printed 2 times")


def test_a_wrong_entry_is_void_in_at_most_8_keys(
    keyboard: Keyboard, paper: Path, known: Known, satchel: CommandLine
) -> None:
    """C10: by the number on the receipt, V, the reason, Enter; both stay, and a reprint says VOID."""
    keyboard.page.goto(f"/savings/{known.savings}/deposit")
    settle(keyboard.page)
    keyboard.type("9000")
    keyboard.lead("Control+Enter")
    keyboard.page.goto("/")
    settle(keyboard.page)
    keyboard.presses = 0
    keyboard.press("/")
    keyboard.type("KIT-1-000001")
    keyboard.lead("Enter")
    _has_receipt(keyboard.page)
    keyboard.lead("v")
    keyboard.type("900 was meant")
    keyboard.lead("Enter")
    _has_receipt(keyboard.page, "KIT-1-000002")
    keyboard.lead("p")
    assert keyboard.presses == 5
    keyboard.page.get_by_role("link", name="See the entry that this takes back").click()
    settle(keyboard.page)
    take_picture(keyboard.page, "receipt-void")
    expect(keyboard.page.locator(".receipt-void")).to_have_text("VOID")
    assert satchel.closing("Voluntary savings") == "-2500.00"


def test_a_loan_is_paid_off_from_its_page(keyboard: Keyboard, paper: Path, known: Known) -> None:
    """The quote is shown; Enter through the note pays it and prints with P."""
    keyboard.page.goto(f"/loans/{known.loan}/payoff")
    settle(keyboard.page)
    take_picture(keyboard.page, "payoff")
    keyboard.lead("Enter")
    _has_receipt(keyboard.page)
    expect(keyboard.page.locator(".receipt-total")).to_contain_text("10,521.54")


def test_without_a_printer_p_opens_the_browser_s_dialog(keyboard: Keyboard, known: Known) -> None:
    """The paper is counted first, and the page asks the browser to print it."""
    page = keyboard.page
    page.add_init_script("window.print = () => { document.body.dataset.asked = 'yes'; }")
    page.goto(f"/savings/{known.savings}/deposit")
    settle(page)
    keyboard.type("300")
    keyboard.lead("Control+Enter")
    keyboard.lead("p")
    expect(page.locator("body[data-asked=yes]")).to_be_attached()
    expect(page.locator(".receipt-mark").first).to_have_text("ORIGINAL")
    page.reload()
    expect(page.locator(".receipt-mark").first).to_contain_text("only looked at")
    expect(page.locator("body[data-asked=yes]")).not_to_be_attached()
