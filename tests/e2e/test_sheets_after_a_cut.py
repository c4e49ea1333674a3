"""The power fails in the middle of keying (C14) and of posting (C4): a real server is killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from banking.sheets.plan import plan_sheet
from banking.sheets.sheets import print_sheet
from schema.accounts import LoanTransaction
from schema.meetings import CollectionSheet, SheetCell
from tests.e2e.conftest import log_in
from tests.support.branch_home import NOON, TODAY, Clock, Known, opened
from tests.support.browser import PATIENCE_MS, VIEWPORT
from tests.support.center_fixtures import center, center_homes, homes
from tests.support.center_home import MEMBERS, CenterKnown

__all__ = ["center", "center_homes", "homes"]

STARTING_SECONDS = 90
SERVER = """
import os, signal, sys
from tests.support.branch_home import PASSPHRASE, Clock
from branch.application import create_branch_application
from sync.installation import Installation
from web.server import serve
home, port, step = sys.argv[1:]
armed = home + ".armed"
def reached(name):
    if name == step and os.path.exists(armed):
        os.kill(os.getpid(), signal.SIGKILL)
with Installation.open(home, PASSPHRASE, clock=Clock(), reached=reached) as branch:
    serve(create_branch_application(branch), host="127.0.0.1", port=int(port))
"""


@contextmanager
def served(home: Path, killed_at: str = "never") -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve a home in a process of its own; once ``<home>.armed`` exists it dies at that step of an act."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    root = Path(__file__).resolve().parents[2]
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(home), str(port), killed_at],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.kill()
        server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(STARTING_SECONDS * 10):
        assert server.poll() is None, "the server ended by itself"
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the server did not start")


@pytest.fixture
def sheet(homes: Path, known: Known, center: CenterKnown) -> int:
    """A printed sheet in a home that nobody has open."""
    with (
        opened(homes / "branch", Clock()) as branch,
        branch.unit_of_work("sheet.print", known.admin) as session,
    ):
        plan = plan_sheet(session, center_id=center.center, meeting_on=TODAY)
        return print_sheet(session, plan, NOON).id


def _open(browser: Browser, address: str, sheet: int) -> Page:
    context = browser.new_context(viewport=VIEWPORT, base_url=address, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    log_in(page, "clara")
    page.goto(f"/sheets/{sheet}")
    expect(page.locator("#row")).to_be_focused()
    return page


def _look(home: Path, sheet: int) -> tuple[str, int, int]:
    """Give a sheet's state, its draft's cells, and how many repayments were booked today."""
    with opened(home, Clock()) as branch, branch.database.reading() as session:
        cells = session.scalar(select(func.count()).where(SheetCell.sheet_id == sheet))
        paid = session.scalar(
            select(func.count()).where(
                LoanTransaction.kind == "repayment", LoanTransaction.booked_on == TODAY
            )
        )
        return session.get_one(CollectionSheet, sheet).state, cells or 0, paid or 0


def test_a_power_cut_while_keying_loses_at_most_one_cell(browser: Browser, homes: Path, sheet: int) -> None:
    """C14: the server is killed while the fifth cell is typed, the page is gone; four cells are there."""
    home = homes / "branch"
    with served(home) as (address, server):
        page = _open(browser, address, sheet)
        for line in ("1", "2", "3", "4"):
            page.keyboard.type(line)
            page.keyboard.press("Enter")
            page.keyboard.type("100")
            page.keyboard.press("Enter")
            page.keyboard.press("Escape")
        expect(page.locator("#saving")).to_have_text("All saved")
        page.keyboard.type("5")
        page.keyboard.press("Enter")
        page.keyboard.type("10")
        server.send_signal(signal.SIGKILL)
        server.wait()
        page.context.close()
    with served(home) as (address, _server):
        page = _open(browser, address, sheet)
        for row in range(1, 5):
            expect(page.locator(f'input[name="{row}/loan:WEEKLY:1"]')).to_have_value("100")
        expect(page.locator('input[name="5/loan:WEEKLY:1"]')).to_have_value("")
        page.context.close()
    assert _look(home, sheet) == ("printed", 4, 0)


@pytest.mark.parametrize(
    ("step", "after"),
    [("seal", ("printed", 4 * MEMBERS, 0)), ("commit", ("posted", 0, 2 * MEMBERS))],
)
def test_a_power_cut_while_posting_leaves_all_or_nothing(
    browser: Browser, homes: Path, sheet: int, step: str, after: tuple[str, int, int]
) -> None:
    """C4: killed before the commit nothing is posted and the draft is whole; killed after it all is."""
    home = homes / "branch"
    with served(home, killed_at=step) as (address, server):
        page = _open(browser, address, sheet)
        page.keyboard.press("+")
        page.keyboard.press("Enter")
        page.keyboard.type("28307.6")
        page.keyboard.press("Enter")
        expect(page.locator("[data-first]")).to_be_focused()
        Path(f"{home}.armed").touch()
        page.keyboard.press("Enter")
        server.wait(timeout=STARTING_SECONDS)
        page.context.close()
    assert _look(home, sheet) == after
