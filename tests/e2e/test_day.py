"""The day and what is sent: close, write to a stick, read the label. Keyboard only."""

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import CommandLine, log_in, type_log_in
from tests.support.branch_home import Clock
from tests.support.browser import go, settle, take_picture


def test_the_day_is_closed_with_the_cash_counted(page: Page, satchel: CommandLine) -> None:
    """An empty count is refused; a short one is booked; a reload closes nothing more."""
    log_in(page, "moses")
    go(page, "3")
    take_picture(page, "cash")
    go(page, "4")
    go(page)
    expect(page.locator("#cash-complaint")).to_have_text("Type an amount.")
    take_picture(page, "day")
    page.keyboard.type("9,999.50")
    go(page)
    expect(page.get_by_role("status").first).to_contain_text("22 Nov 2026 is closed.")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Open the day")
    take_picture(page, "day-closed")
    assert satchel.closing("Cash over and short") == "0.50"
    assert satchel.closing("Cash in hand") == "9999.50"


def test_everything_is_sent_on_a_stick(page: Page, tmp_path: Path, satchel: CommandLine) -> None:
    """A stick that is not there is refused; one bundle is written, with its label, and only one."""
    stick = tmp_path / "stick"
    log_in(page, "clara")
    go(page, "5")
    page.locator("#folder").fill(str(stick))
    go(page)
    expect(page.locator("#folder-complaint")).to_contain_text("Is the stick plugged in?")
    take_picture(page, "send-refused")
    stick.mkdir()
    go(page)
    expect(page.locator(".label")).to_contain_text("KIT ·")
    page.reload()
    take_picture(page, "sent")
    (volume,) = stick.iterdir()
    status = satchel("status")
    assert status["last_bundle"] == volume.name.partition(".")[0]
    assert (status["pending"], status["merged"]) == (0, 0)
    expect(page.locator(".status")).to_contain_text(f"Written {status['last_bundle']}", use_inner_text=True)
    go(page, "7")
    take_picture(page, "status", whole=True)


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
