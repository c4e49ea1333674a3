"""One rule for keys in every form: Enter goes on, Shift+Enter back, Ctrl+Enter sends, Esc loses nothing."""

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.conftest import log_in
from tests.support.branch_home import PASSWORD, Known
from tests.support.browser import go, settle

FIELDS = """() => [...document.querySelector('main form[method=post]').elements]
  .filter(e => e.matches('input:not([type=hidden]), select, textarea') && e.getClientRects().length)
  .map(e => e.id || e.name)"""
FOCUSED = "() => document.activeElement.id || document.activeElement.name"


def test_enter_walks_through_a_form_and_sends_it_at_its_end(page: Page, known: Known) -> None:
    """Each Enter is one field further, Shift+Enter one back; in the last field the form is sent."""
    log_in(page, "clara")
    page.goto(f"/savings/{known.savings}/deposit")
    settle(page)
    page.keyboard.type("300")
    fields = page.evaluate(FIELDS)
    assert len(fields) > 1
    for name in fields[1:]:
        page.keyboard.press("Enter")
        assert page.evaluate(FOCUSED) == name
    for name in reversed(fields[:-1]):
        page.keyboard.press("Shift+Enter")
        assert page.evaluate(FOCUSED) == name
    for _further in fields[1:]:
        page.keyboard.press("Enter")
    go(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt")


def test_ctrl_enter_sends_from_any_field(page: Page, known: Known) -> None:
    """What is optional need not be walked through."""
    log_in(page, "clara")
    page.goto(f"/savings/{known.savings}/deposit")
    settle(page)
    page.keyboard.type("20")
    go(page, "Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt")


def test_the_log_in_form_is_no_exception(page: Page) -> None:
    """Name, Enter, password, Enter."""
    page.goto("/login")
    settle(page)
    page.keyboard.type("clara")
    page.keyboard.press("Enter")
    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    go(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")


def test_without_scripts_enter_sends_the_form(browser_without_scripts: BrowserContext, known: Known) -> None:
    """The browser's own rule holds where ours cannot."""
    page = browser_without_scripts.new_page()
    log_in(page, "clara")
    page.goto(f"/savings/{known.savings}/deposit")
    settle(page)
    page.keyboard.type("50")
    go(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt")


def test_a_form_that_was_left_is_filled_in_when_one_comes_back(page: Page, known: Known) -> None:
    """Esc leads out; what was typed and not sent is there again, and the page says so; typing replaces it."""
    log_in(page, "clara")
    page.goto(f"/savings/{known.savings}/deposit")
    settle(page)
    page.keyboard.type("412.50")
    go(page, "Escape")
    page.goto(f"/savings/{known.savings}/deposit")
    settle(page)
    expect(page.locator("#amount")).to_have_value("412.50")
    expect(page.locator("[data-put-back]")).to_be_visible()
    page.keyboard.type("30")
    expect(page.locator("#amount")).to_have_value("30")
    go(page, "Control+Enter")
    page.goto(f"/savings/{known.savings}/deposit")
    expect(page.locator("#amount")).to_have_value("")


def test_plus_and_minus_move_a_whole_date_by_a_day(page: Page, known: Known) -> None:
    """Its name stands beside it; while a date is being typed a minus is only a minus."""
    log_in(page, "clara")
    page.goto(f"/loans/{known.loan}/repay")
    day = page.locator("#value_date")
    day.fill("1 3 2026")
    day.press("-")
    expect(day).to_have_value("28 2 2026")
    expect(page.locator("#value_date-beside")).to_have_text("28 Feb 2026")
    day.press("+")
    expect(day).to_have_value("1 3 2026")
    day.fill("")
    page.keyboard.type("22-11-2026")
    expect(day).to_have_value("22-11-2026")


def test_the_question_mark_shows_the_keys_of_the_page(page: Page, known: Known) -> None:
    """The rule, and what the page itself has keys for; Esc closes it and leaves the page as it is."""
    log_in(page, "clara")
    page.goto(f"/loans/{known.loan}")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog")
    expect(keys).to_contain_text("Accept and go to the next field")
    expect(keys).to_contain_text("Post a repayment")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    assert page.url.endswith(f"/loans/{known.loan}")
    go(page, "/")
    expect(page.locator("#q")).to_be_focused()


def test_what_is_typed_while_the_server_answers_is_not_lost(page: Page, known: Known) -> None:
    """Digits typed before the next page is there stand in its first field; a bounced Enter does nothing."""
    log_in(page, "clara")
    page.goto(f"/loans/{known.loan}/repay")
    settle(page)
    page.keyboard.type("100")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Post KES 100.00?")


def test_what_is_typed_after_a_key_that_leads_on_is_not_lost(page: Page, known: Known) -> None:
    """A quick hand finds a client from a page whose own keys are the letters of the name."""
    log_in(page, "clara")
    page.goto(f"/savings/{known.savings}")

    def answer_late(route: Route) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/clients", answer_late)
    page.keyboard.press("/")
    page.keyboard.type("wd")
    expect(page.locator("#q")).to_have_value("wd")
