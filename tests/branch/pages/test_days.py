"""The day and its cash: counted note by note, opened, closed over a list of what must be done before."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from banking.cash import create_till
from banking.days import current_day, last_closed_day
from banking.prints import RECEIPT, record_print
from banking.till_cash import drawers_of, till_cash
from branch.printing.printers import Printer, set_printer
from ledger.money import Money
from schema.products import Limit
from schema.writing import insert
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, hidden, tokens
from tests.support.branch_home import PASSWORD, TODAY, Clock, Known

HELD = {"n1_1000": "9", "n1_500": "1", "n1_coins": "500"}
"""The 10,000.00 with which the day began."""
SHORT = {"n1_1000": "9", "n1_500": "1", "n1_coins": "490"}


def count_to_close(
    client: FlaskClient, branch: Installation, lines: dict[str, str], reason: str = ""
) -> TestResponse:
    """Count the first till to close it: the lines, then the sum."""
    with branch.database.reading() as session:
        till = drawers_of(session, branch.place.office_id)[0].id
    path = f"/tills/{till}/count/closing"
    asked = client.post(path, data=tokens(client, path) | lines | {"step": "count"})
    assert asked.status_code == 200, asked.text
    form = hidden(asked.text.partition("<main")[2]) | lines | {"step": "check", "reason_1": reason}
    return client.post(path, data=form)


def close(client: FlaskClient) -> TestResponse:
    return client.post("/day", data=tokens(client, "/day") | {"act": "close"})


def test_the_cash_of_today_is_listed(log_in: LogIn, known: Known, clock: Clock) -> None:
    """Each payment with its receipt, and what came in."""
    clara = log_in("clara")
    path = f"/savings/{known.savings}/deposit"
    for amount in ("300", "120.50"):
        clara.post(path, data=tokens(clara, path) | {"amount": amount})
        clock.move(timedelta(minutes=2))
    page = clara.get("/cash").text
    for shown in ("KIT-1-000001", "KIT-1-000002", "300.00", "120.50", "420.50"):
        assert shown in page, shown


def test_a_manager_counts_closes_and_opens_the_day(log_in: LogIn, branch: Installation) -> None:
    """A difference needs its reason and is shown; the report prints it; the next day opens with a count."""
    moses = log_in("moses")
    refused = count_to_close(moses, branch, SHORT)
    assert refused.status_code == 422
    assert 'id="reason_1-complaint"' in refused.text
    assert count_to_close(moses, branch, SHORT, "a note is missing").status_code == 303
    closed = close(moses)
    assert closed.status_code == 303
    page = moses.get(closed.location).text
    for shown in (
        "22 Nov 2026 is closed.",
        "(10.00)",
        "Branch cash confirmation",
        "Verified by",
        "Last entry",
    ):
        assert shown in page, shown
    with branch.database.reading() as session:
        assert current_day(session) is None
        last = last_closed_day(session)
        assert last is not None
        assert (last.on, last.cash_difference, last.closing_cash) == (TODAY, Money(-1000), Money(999_000))
    lines = SHORT | {"act": "open", "on": "23 11 2026"}
    asked = moses.post("/day", data=tokens(moses, "/day") | lines | {"step": "count"})
    assert "9,990.00" in asked.text
    again = moses.post("/day", data=hidden(asked.text.partition("<main")[2]) | lines | {"step": "again"})
    assert 'name="n1_1000" value="9"' in again.text
    form = hidden(asked.text.partition("<main")[2]) | lines | {"step": "check"}
    assert moses.post("/day", data=form).status_code == 303
    assert "23 Nov 2026" in moses.get("/").text


def test_a_day_is_not_opened_twice_backwards_or_on_a_clock_that_went_back(
    log_in: LogIn, branch: Installation, clock: Clock
) -> None:
    """A stale page does no harm: each is refused in words, before anybody counts again."""
    moses = log_in("moses")
    form = {"act": "open", "on": "23 11 2026", "step": "count"} | HELD
    again = moses.post("/day", data=tokens(moses, "/send") | form)
    assert again.status_code == 422
    assert "22 Nov 2026 is open already." in again.text
    count_to_close(moses, branch, HELD)
    assert close(moses).status_code == 303
    back = moses.post("/day", data=tokens(moses, "/day") | form | {"on": "21 11 2026"})
    assert back.status_code == 422
    assert "21 Nov 2026 cannot be opened" in back.text
    assert 'value="9"' in back.text
    clock.move(timedelta(minutes=-25))
    late = moses.post("/day", data=tokens(moses, "/day") | form)
    assert late.status_code == 422
    assert "Set the clock." in late.text


def test_a_clerk_does_not_close_the_day(log_in: LogIn, branch: Installation) -> None:
    """The page says who does, and the form is refused."""
    clara = log_in("clara")
    assert "by the manager or the cashier" in clara.get("/day").text
    form = tokens(clara, "/send") | {"act": "close", "cash": "0"}
    assert clara.post("/day", data=form).status_code == 403
    with branch.database.reading() as session:
        assert current_day(session) is not None


def test_what_blocks_the_close_leads_there_with_one_key(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """An uncounted till and an unprinted receipt refuse the close, each with the page that puts it right."""
    clara, moses = log_in("clara"), log_in("moses")
    with branch.database.writing() as session:
        set_printer(session, RECEIPT, Printer("text80", "/dev/lp0"))
    path = f"/savings/{known.savings}/deposit"
    clara.post(path, data=tokens(clara, path) | {"amount": "250"})
    page = moses.get("/day").text
    assert "/count/closing" in page
    assert "KIT-1-000001" in page
    assert 'data-key="a"' in page
    refused = moses.post("/day", data=tokens(clara, "/send") | tokens(moses, "/send") | {"act": "close"})
    assert refused.status_code == 422
    assert "2 things must be done" in refused.text
    with branch.database.writing() as session:
        record_print(session, branch.clock(), None, RECEIPT, "KIT-1-000001")
    count_to_close(moses, branch, HELD | {"n1_200": "1", "n1_50": "1"})
    assert "Nothing is open" in moses.get("/day").text
    assert close(moses).status_code == 303


def test_without_a_printer_an_unprinted_receipt_warns(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """Nobody prints 120 receipts through a browser: the page says so, and a manager closes over them."""
    clara, moses = log_in("clara"), log_in("moses")
    path = f"/savings/{known.savings}/deposit"
    clara.post(path, data=tokens(clara, path) | {"amount": "250"})
    count_to_close(moses, branch, HELD | {"n1_200": "1", "n1_50": "1"})
    page = moses.get("/day").text
    assert "Receipt KIT-1-000001 of 250.00 is not printed. No receipt printer is set up" in page
    assert close(moses).status_code == 422
    over = moses.post("/day", data=tokens(moses, "/day") | {"act": "close", "over": "yes"})
    assert over.status_code == 303


def test_a_receipt_printed_by_the_browser_counts_as_printed(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """P on the receipt is a print, whatever prints it."""
    clara, moses = log_in("clara"), log_in("moses")
    path = f"/savings/{known.savings}/deposit"
    receipt = clara.post(path, data=tokens(clara, path) | {"amount": "250"}).location
    assert "is not printed." in moses.get("/day").text
    clara.post(f"{receipt}/print", data=tokens(clara, receipt))
    assert "is not printed." not in moses.get("/day").text


def test_only_a_manager_closes_over_warnings(log_in: LogIn, branch: Installation, known: Known) -> None:
    """A vault that nobody counted warns: the manager is asked once more, a cashier is told who can."""
    with branch.unit_of_work("till.create", known.admin) as session:
        vault = create_till(session, kind="vault").id
    moses = log_in("moses")
    path = f"/tills/{vault}/move/from_bank"
    moved = moses.post(path, data=tokens(moses, path) | {"amount": "50", "account": "1130"})
    assert moved.status_code == 303
    count_to_close(moses, branch, HELD)
    page = moses.get("/day").text
    assert "Vault is not counted." in page
    assert "Close the day all the same" in page
    assert close(moses).status_code == 422
    over = moses.post("/day", data=tokens(moses, "/day") | {"act": "close", "over": "yes"})
    assert over.status_code == 303


@pytest.mark.parametrize(
    ("field", "typed"),
    [("n1_1000", "-1"), ("n1_500", "2.5"), ("n1_50", "many"), ("n1_coins", "1,2,3"), ("on", "31 2 2026")],
)
def test_what_is_no_number_is_complained_about_beside_its_line(
    log_in: LogIn, branch: Installation, field: str, typed: str
) -> None:
    """Nothing of the other lines is lost."""
    moses = log_in("moses")
    count_to_close(moses, branch, HELD)
    close(moses)
    form = HELD | {"act": "open", "on": "23 11 2026", "step": "count", field: typed}
    page = moses.post("/day", data=tokens(moses, "/day") | form)
    assert page.status_code == 422
    assert f'id="{field}-complaint"' in page.text
    assert 'value="9"' in page.text or field == "n1_1000"


def test_a_large_difference_is_counted_by_two(log_in: LogIn, branch: Installation, known: Known) -> None:
    """From headquarters' limit on: alone it is refused, with somebody else's password it is booked."""
    with branch.unit_of_work("limit.set", known.admin) as session:
        insert(session, Limit(name="second_person", amount=Money(10_000)))
    moses = log_in("moses")
    with branch.database.reading() as session:
        till = drawers_of(session, branch.place.office_id)[0]
    path = f"/tills/{till.id}/count/closing"
    lines = {"n1_1000": "9", "reason_1": "stolen", "step": "check"}
    alone = moses.post(path, data=tokens(moses, path) | lines)
    assert alone.status_code == 422
    assert 'name="second"' in alone.text
    two = {"second": "admin", "second_password": "open the books"}
    done = moses.post(path, data=tokens(moses, path) | lines | two)
    assert done.status_code == 303
    with branch.database.reading() as session:
        assert till_cash(session, till) == Money(900_000)
    assert PASSWORD not in alone.text
