"""The day and what is sent, by keyboard alone and with every key counted: open, close, write, hand over."""

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import CommandLine, log_in, type_log_in
from tests.support.branch_home import Clock
from tests.support.browser import go, settle, take_picture

COUNT = ("8", "2", "3", "2", "1", "1", "2", "1", "13", "5")
"""Of 1000, 500, 200, 100, 50, 40, 20, 10, 5 and 1: 10,010.00, which is 10.00 over."""


class Keys:
    """A keyboard that counts: a key held down beside another counts as one."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def press(self, key: str = "Enter") -> None:
        self.page.keyboard.press(key)
        self.pressed += 1

    def go(self, key: str = "Enter") -> None:
        go(self.page, key)
        self.pressed += 1

    def count(self, pieces: tuple[str, ...]) -> None:
        """Type a count line by line; the caller presses what comes after the last line."""
        for many in pieces:
            self.type(many)
            self.press()


def test_the_day_is_closed_and_the_next_one_opened_note_by_note(
    page: Page, satchel: CommandLine, clock: Clock
) -> None:
    """C11: a till in at most 60 keys, with its reason, and the day; C1: the next day in at most 45."""
    log_in(page, "moses")
    keys = Keys(page)
    keys.go("4")
    expect(page.locator(".blocks")).to_contain_text("Till 1 is not counted")
    take_picture(page, "day-blocked")
    keys.go("a")
    keys.count(COUNT)
    keys.go()
    expect(page.locator("main")).to_contain_text("10.00")
    take_picture(page, "till-count")
    keys.type("over")
    keys.go()
    expect(page.get_by_role("status").first).to_contain_text("Till 1 is counted.")
    keys.go()
    expect(page.get_by_role("status").first).to_contain_text("22 Nov 2026 is closed.")
    assert keys.pressed <= 60, keys.pressed
    take_picture(page, "day-report", whole=True)
    assert satchel.closing("Cash over and short") == "-10.00"
    assert satchel.closing("Cash in hand") == "10010.00"
    page.pdf(path=str(take_picture(page, "day-report-top").with_suffix(".pdf")))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Day report")

    clock.move(timedelta(hours=20))
    log_in(page, "moses")
    keys = Keys(page)
    keys.go("4")
    expect(page.get_by_role("heading", level=1)).to_have_text("Open the day")
    take_picture(page, "day-open")
    keys.count(COUNT)
    keys.press()
    keys.go()
    take_picture(page, "day-open-check")
    keys.go()
    expect(page.locator(".bar-day")).to_contain_text("23 Nov 2026")
    assert keys.pressed <= 45, keys.pressed


def test_everything_is_sent_on_a_stick_in_three_keys(
    page: Page, tmp_path: Path, satchel: CommandLine, homes: Path
) -> None:
    """C12: from any page, into the folder that is chosen already; C13: the line says where it stands."""
    log_in(page, "clara")
    keys = Keys(page)
    line = page.locator(".status")
    expect(line).to_contain_text("To send 2 days, 9 entries", use_inner_text=True)
    keys.go("5")
    folder = page.locator("#folder").input_value()
    assert folder == str(homes / "branch" / "outbox")
    keys.go()
    expect(page.locator(".label")).to_contain_text("KIT-0001 ·")
    assert keys.pressed <= 3, keys.pressed
    (volume,) = (homes / "branch" / "outbox").glob("*.S01")
    assert volume.stat().st_size <= 1 << 20
    take_picture(page, "sent")
    status = satchel("status")
    assert status["last_bundle"] == volume.name.partition(".")[0]
    assert (status["pending"], status["merged"]) == (0, 0)
    expect(line).to_contain_text("Written KIT-0001", use_inner_text=True)
    go(page, "d")
    expect(line).to_contain_text("Handed over KIT-0001, on a disc", use_inner_text=True)
    expect(line).to_contain_text("HQ has it nothing", use_inner_text=True)
    go(page, "n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cover note")
    take_picture(page, "cover-note", whole=True)
    page.pdf(path=str(take_picture(page, "cover-note-top").with_suffix(".pdf")))
    go(page, "7")
    take_picture(page, "status", whole=True)


def test_a_stick_that_is_not_there_is_refused(page: Page, tmp_path: Path) -> None:
    """The folder that was typed is kept; once the stick is in, the same key writes one bundle."""
    stick = tmp_path / "stick"
    log_in(page, "clara")
    go(page, "5")
    page.locator("#folder").fill(str(stick))
    go(page)
    expect(page.locator("#folder-complaint")).to_contain_text("Is the stick plugged in?")
    take_picture(page, "send-refused")
    stick.mkdir()
    go(page)
    expect(page.locator(".label")).to_contain_text("KIT-0001 ·")
    page.reload()
    assert len(list(stick.glob("*.S*"))) == 1


def test_tills_and_pictures_are_seen(page: Page) -> None:
    """Behind 0: 6 is tills and vault, 5 the pictures; both are two keys away."""
    log_in(page, "moses")
    go(page, "0")
    go(page, "6")
    take_picture(page, "tills")
    go(page, "a")
    take_picture(page, "till")
    go(page, "e")
    page.keyboard.type("25")
    page.keyboard.press("Enter")
    page.keyboard.type("5330")
    page.keyboard.press("Enter")
    page.keyboard.type("bus")
    go(page, "Control+Enter")
    expect(page.locator("main")).to_contain_text("(25.00)")
    go(page, "r")
    take_picture(page, "till-report", whole=True)
    page.pdf(path=str(take_picture(page, "till-report-top").with_suffix(".pdf")))
    go(page, "0")
    go(page, "5")
    take_picture(page, "pictures", whole=True)
    page.pdf(path=str(take_picture(page, "pictures-top").with_suffix(".pdf")))


def test_the_form_is_there_again_after_an_ended_log_in(page: Page, tmp_path: Path, clock: Clock) -> None:
    """The folder that was typed is kept; nothing was written in between."""
    log_in(page, "clara")
    go(page, "5")
    page.locator("#folder").fill(str(tmp_path))
    before = sorted(tmp_path.iterdir())
    clock.move(timedelta(hours=3))
    go(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    type_log_in(page, "clara")
    expect(page.locator("#folder")).to_have_value(str(tmp_path))
    assert sorted(tmp_path.iterdir()) == before


def test_a_wrong_password_five_times_locks_the_name(page: Page, clock: Clock) -> None:
    """The right one is refused too until the time is over; then it opens."""
    page.goto("/login")
    settle(page)
    page.keyboard.type("clara")
    for _ in range(5):
        page.locator("#password").fill("guess")
        go(page)
        expect(page.get_by_role("alert")).to_contain_text("The name or the password is wrong.")
    page.goto("/login")
    type_log_in(page, "clara")
    expect(page.get_by_role("alert")).to_contain_text("Wait 5 minutes")
    take_picture(page, "login-refused")
    clock.move(timedelta(minutes=6))
    page.goto("/login")
    type_log_in(page, "clara")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
