"""Notices and boards in pages."""

import pytest

from banking.groups import create_group
from banking.loans import apply, approve
from ledger.money import Money
from schema.accounts import LoanAccount
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn
from tests.branch.pages.test_groups import send
from tests.support.branch_home import TODAY, Known


def test_what_waits_is_told_and_leads_to_its_page(log_in: LogIn, branch: Installation, known: Known) -> None:
    """An approved loan that is not paid out; entries that wait for headquarters since months."""
    clara = log_in("clara")
    with branch.unit_of_work("loan.apply", known.admin) as session:
        product_id = session.get_one(LoanAccount, known.loan).product_id
        loan = apply(
            session,
            client_id=known.other,
            product_id=product_id,
            principal=Money(100_000),
            applied_on=TODAY,
        )
        approve(session, loan.id, TODAY)
    page = clara.get("/notices").text
    assert "Approved loans that wait to be paid out: 1." in page
    assert 'href="/lending"' in page
    assert "Entries have waited for headquarters for" in page
    assert "Entries have waited for headquarters for" in clara.get("/").text


def test_a_message_stands_on_the_board_of_its_group_and_on_the_page_of_all(
    log_in: LogIn, known: Known
) -> None:
    clara = log_in("clara")
    path = f"/notices/board?group_id={known.group}"
    assert send(clara, path, text="Bring <the> box", until="30 11 2026")[:2] == (
        303,
        f"/groups/{known.group}",
    )
    assert send(clara, "/notices/board", text="The road is flooded", until="")[:2] == (303, "/notices")
    assert "Bring &lt;the&gt; box" in clara.get(f"/groups/{known.group}").text
    assert "The road is flooded" not in clara.get(f"/groups/{known.group}").text
    page = clara.get("/notices").text
    assert page.index("The road is flooded") < page.index("Bring &lt;the&gt; box")
    assert "Clara Wanyama" in page


@pytest.mark.parametrize(
    ("field", "value"), [("text", ""), ("text", "x" * 501), ("until", "soon"), ("until", "1 1 2020")]
)
def test_a_bad_message_is_told_and_kept(log_in: LogIn, field: str, value: str) -> None:
    fields = {"text": "The road is flooded", "until": "", field: value}
    status, _, page = send(log_in("clara"), "/notices/board", **fields)
    assert status == 422
    assert field == "text" or "The road is flooded" in page


def test_the_pages_are_behind_more(log_in: LogIn, branch: Installation, known: Known) -> None:
    with branch.unit_of_work("group.create", known.admin) as session:
        create_group(session, name="Umoja")
    page = log_in("clara").get("/more").text
    assert "Groups and centers" in page
    assert "Notices" in page
