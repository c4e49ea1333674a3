"""Finding clients and groups, and seeing their accounts."""

import pytest

from tests.branch.pages.conftest import LogIn
from tests.support.branch_home import Known


@pytest.mark.parametrize(
    "letters", ["oko", "wanj oko", "OKOTH wanjiru", "KIT-C-000001", "kit-c-000001", "700123456", "wanj o"]
)
def test_a_client_is_found_by_few_letters(log_in: LogIn, known: Known, letters: str) -> None:
    """In any order, without accents or capitals; by number or telephone."""
    answer = log_in("clara").get("/clients", query_string={"q": letters})
    assert answer.location == f"/clients/{known.client}"


def test_several_are_listed(log_in: LogIn) -> None:
    """More than one hit gives a list with numbers and groups, best first."""
    page = log_in("clara").get("/clients?q=kit-c").text
    assert "2 clients found" in page
    assert page.index("Wanjirũ Ōkoth") > 0
    assert page.count("Tumaini Group") == 2


def test_a_receipt_number_leads_to_the_receipt(log_in: LogIn) -> None:
    """What a client holds in the hand is enough."""
    assert "/receipts/loan/" in log_in("clara").get("/clients?q=old-1").location


def test_the_number_of_anything_leads_to_its_page(log_in: LogIn, known: Known) -> None:
    """Of a loan, a savings account, a group: straight there."""
    clara = log_in("clara")
    for number, path in (
        ("KIT-L-000001", f"/loans/{known.loan}"),
        ("kit-s-000001", f"/savings/{known.savings}"),
        ("KIT-G-000001", f"/groups/{known.group}"),
        ("tumai", f"/groups/{known.group}"),
    ):
        assert clara.get("/clients", query_string={"q": number}).location == path, number


def test_nobody_found_says_what_to_try(log_in: LogIn) -> None:
    """An empty result is no dead end, and what was typed is shown as text only."""
    page = log_in("clara").get("/clients", query_string={"q": "<b>zzz"}).text
    assert "Try fewer letters" in page
    assert "<b>zzz" not in page


def test_a_client_s_accounts_stand_at_a_glance(log_in: LogIn, known: Known) -> None:
    """Loans with what is owed and overdue, savings with the balance."""
    page = log_in("clara").get(f"/clients/{known.client}").text
    for shown in (
        "Wanjirũ Ōkoth",
        "KIT-L-000001",
        "10,521.54",
        "436.92",
        "7 days late",
        "KIT-S-000001",
        "2,500.00",
    ):
        assert shown in page, shown


def test_a_group_shows_its_members(log_in: LogIn, known: Known) -> None:
    """The group's page leads to each member."""
    page = log_in("aisha").get(f"/groups/{known.group}").text
    assert f"/clients/{known.client}" in page
    assert f"/clients/{known.other}" in page


@pytest.mark.parametrize(
    "path", ["/clients/1", "/groups/1", "/loans/1", "/savings/1", "/receipts/loan/1", "/send/00"]
)
def test_what_does_not_exist_is_told(log_in: LogIn, path: str) -> None:
    """A wrong address is answered in words, not by a fault."""
    answer = log_in("moses").get(path)
    assert answer.status_code == 404
    assert "Check the number." in answer.text
