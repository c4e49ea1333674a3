"""The day and its cash."""

from banking.days import current_day, last_closed_day
from ledger.money import Money
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, tokens
from tests.support.branch_home import TODAY, Known


def test_the_cash_of_today_is_listed(log_in: LogIn, known: Known) -> None:
    """Each payment with its receipt, and what came in less what went out."""
    clara = log_in("clara")
    for way, amount in (("deposit", "300"), ("withdraw", "120.50")):
        path = f"/savings/{known.savings}/{way}"
        clara.post(path, data=tokens(clara, path) | {"amount": amount})
    page = clara.get("/cash").text
    for shown in ("KIT-1-000001", "KIT-1-000002", "300.00", "(120.50)", "179.50"):
        assert shown in page, shown


def test_a_manager_closes_and_opens_the_day(log_in: LogIn, branch: Installation) -> None:
    """With the cash counted; the difference is shown; the next day opens after it."""
    moses = log_in("moses")
    closed = moses.post("/day", data=tokens(moses, "/day") | {"act": "close", "cash": "9990"})
    assert closed.status_code == 303
    page = moses.get(closed.location).text
    assert "22 Nov 2026 is closed." in page
    assert "(10.00)" in page
    with branch.database.reading() as session:
        assert current_day(session) is None
        last = last_closed_day(session)
        assert last is not None
        assert (last.on, last.cash_difference) == (TODAY, Money(-1000))
    opened = moses.post(
        "/day", data=tokens(moses, "/day") | {"act": "open", "on": "23 11 2026", "cash": "9990"}
    )
    assert opened.status_code == 303
    assert "The day 23 Nov 2026 is open." in moses.get("/").text


def test_a_day_is_not_opened_twice_or_backwards(log_in: LogIn) -> None:
    """A stale page does no harm: an open day refuses another, a closed one refuses what lies before it."""
    moses = log_in("moses")
    form = {"act": "open", "on": "23 11 2026", "cash": "0"}
    again = moses.post("/day", data=tokens(moses, "/day") | form)
    assert again.status_code == 422
    assert "22 Nov 2026 is open already." in again.text
    moses.post("/day", data=tokens(moses, "/day") | {"act": "close", "cash": "10000"})
    back = moses.post("/day", data=tokens(moses, "/day") | form | {"on": "21 11 2026"})
    assert back.status_code == 422
    assert "21 Nov 2026 cannot be opened" in back.text


def test_a_clerk_does_not_close_the_day(log_in: LogIn, branch: Installation) -> None:
    """The page says who does, and the form is refused."""
    clara = log_in("clara")
    assert "by the manager or the cashier" in clara.get("/day").text
    form = tokens(clara, "/send") | {"act": "close", "cash": "0"}
    assert clara.post("/day", data=form).status_code == 403
    with branch.database.reading() as session:
        assert current_day(session) is not None
