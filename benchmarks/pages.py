"""The pages of a large branch in a browser that is slowed down to an old laptop.

A real server of its own process, a real Chromium whose processor is slowed four times. Pages are timed by the
browser until they are loaded, beside the log-in page of the same run, for which nothing is read; cells from
the key press until the next one has the focus and is drawn.

Run: python -m benchmarks.pages [FOLDER TO KEEP THE BOOKS IN] [CLIENTS LOANS LINES]
"""

import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import CDPSession, Page

from benchmarks.branch_books import PASSWORD, Size, open_large_branch
from benchmarks.starting import serving
from tests.support.browser import VIEWPORT, chromium

SLOWER = 4
ROUNDS = 5
KEYED = 80
_CELLS = """() => {
  window.cells = [];
  let pressed = 0;
  const note = (event) => { if (event.key === "Enter") pressed = event.timeStamp; };
  document.addEventListener("keydown", note, true);
  document.addEventListener("focusin", () => {
    if (!pressed) return;
    const from = pressed; pressed = 0;
    requestAnimationFrame(() => requestAnimationFrame(() => window.cells.push(performance.now() - from)));
  }, true);
}"""
_LOADED = "() => performance.getEntriesByType('navigation')[0].duration"
_WEIGHT = """() => performance.getEntriesByType('resource')
  .filter(found => /\\.(js|css)/.test(found.name)).reduce((sum, found) => sum + found.decodedBodySize, 0)"""


def main() -> None:
    """Print what each page took, beside its budget."""
    kept = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    size = Size(*(int(word) for word in sys.argv[2:5])) if len(sys.argv) > 2 else Size()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        place = kept or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        with open_large_branch(place, size):
            print(f"books opened or made in {time.perf_counter() - began:.0f} s")
        with serving(place / "KIT") as server:
            print(f"start to the first answer     {server.seconds_to_start:8.2f} s   budget 8")
            time.sleep(1)
            print(f"memory, idle                  {server.memory_mb('VmRSS'):8.0f} MB  budget 150")
            with chromium() as browser:
                page = browser.new_page(viewport=VIEWPORT, base_url=server.address)
                slowed = page.context.new_cdp_session(page)
                slowed.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
                _measure(page, slowed)
            print(f"memory, at most               {server.memory_mb('VmHWM'):8.0f} MB  budget 300")


def _measure(page: Page, slowed: CDPSession) -> None:
    """Walk through the pages that domain knowledge sets budgets for."""
    page.goto("/login")  # the first page warms server and browser, and is not measured
    empty_ms = _page(page, "log-in page", "/login", 1000)
    page.goto("/login")
    page.locator("#username").fill("moses")
    page.locator("#password").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    _page(page, "today", "/", 1000, empty_ms)
    for asked in ("wanji", "kamau", "oko wa", "0004711"):
        _page(page, f"find “{asked}”", f"/clients?q={asked}", 200, empty_ms)
    _page(page, "a client", "/clients?q=kit-c-000123", 1000, empty_ms)
    reports = (("trial-balance", 2000), ("portfolio-at-risk", 3000), ("officer-portfolio", 3000))
    for name, budget in reports:
        _page(page, name, f"/reports/{name}", budget, empty_ms)
    _page(page, "pictures", "/pictures", 3000, empty_ms)
    _sheets(page, empty_ms)
    slowed.detach()


def _page(page: Page, name: str, path: str, budget_ms: int, empty_ms: float = 0) -> float:
    """Load a page a few times and tell its median, which is given; ``empty_ms`` is the log-in page's."""
    times = []
    for _ in range(ROUNDS):
        page.goto(path)
        times.append(float(page.evaluate(_LOADED)))
    _tell(name, times, budget_ms, empty_ms)
    return statistics.median(times)


def _tell(name: str, times: list[float], budget_ms: int, empty_ms: float) -> None:
    median, spread = statistics.median(times), f"({min(times):.0f}..{max(times):.0f})"
    ratio = f"  x log-in page {median / empty_ms:.1f}" if empty_ms else ""
    print(f"{name:28}  {median:8.0f} ms  {spread}  budget {budget_ms}{ratio}")


def _sheets(page: Page, empty_ms: float) -> None:
    """Make, open, key and post a sheet of 40 members; open and key one of 120."""
    for members, budget in ((40, 1000), (120, 2000)):
        page.goto("/")
        row = page.locator(f"tr:has(td:text-is('{members}')) [data-key]").first
        with page.expect_navigation():
            row.click()
        _tell(f"sheet of {members}, made new", [float(page.evaluate(_LOADED))], budget, empty_ms)
        _page(page, f"sheet of {members}, opened", page.url, budget, empty_ms)
        _key(page, members)
    _post(page, empty_ms)


def _key(page: Page, members: int) -> None:
    """Type an amount into cell after cell, as fast as a hand does, and tell when each next cell was ready."""
    page.evaluate(_CELLS)
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    for _ in range(KEYED):
        page.keyboard.type("10")
        page.keyboard.press("Enter")
        page.wait_for_timeout(60)
        if page.evaluate("document.activeElement.id") == "row":
            page.keyboard.type("2")
            page.keyboard.press("Enter")
    times = sorted(float(found) for found in page.evaluate("window.cells"))
    print(
        f"next cell of {members} rows           p95 {times[int(len(times) * 0.95)]:.0f} ms, "
        f"worst {times[-1]:.0f} ms, of {len(times)}  budget 50, worst 100"
    )


def _post(page: Page, empty_ms: float) -> None:
    """Accept a sheet of 40 as due and post it; told is what the page took, durable commit included."""
    page.goto("/")
    with page.expect_navigation():
        page.locator("tr:has(td:text-is('40')) button[data-key]").first.click()
    weight, heap = page.evaluate(_WEIGHT), page.evaluate("performance.memory.usedJSHeapSize")
    print(f"scripts and styles of a sheet {int(weight) / 1024:8.0f} KB  budget 120")
    print(f"heap of its page              {int(heap) / 1024 / 1024:8.0f} MB  budget 80")
    page.keyboard.press("+")
    page.wait_for_function("() => document.querySelectorAll('[data-save=saving]').length === 0")
    page.keyboard.press("Enter")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    told = page.locator("#panel [role=alert]").inner_text()
    [total] = re.findall(r"come to ([0-9,.]+):", told)
    page.keyboard.press("Enter")
    page.keyboard.type(total)
    page.keyboard.press("Enter")
    page.locator("[data-first]").wait_for()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    _tell("40 rows posted", [float(page.evaluate(_LOADED))], 1500, empty_ms)


if __name__ == "__main__":
    main()
