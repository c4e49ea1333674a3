"""Repayments: shown before they are posted, posted once, printed with the chain's mark."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from banking.days import close_day
from banking.loans import outstanding
from banking.receipts import loan_movements
from ledger.money import Money
from schema.replication import StoredChangeset
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, hidden, tokens
from tests.support.branch_home import Known


def _owed(branch: Installation, loan: int) -> Money:
    with branch.database.reading() as session:
        return outstanding(session, loan).total


def test_the_sharing_is_shown_before_anything_is_posted(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """The preview names each row that would be paid, and posts nothing."""
    clara = log_in("clara")
    path = f"/loans/{known.loan}/repay"
    page = clara.post(path, data=tokens(clara, path) | {"amount": "950.50", "step": "look"})
    assert page.status_code == 200
    for shown in ("436.92", "438.46", "75.12", "113.84", "836.66", "363.34", "9,571.04"):
        assert shown in page.text, shown
    assert _owed(branch, known.loan) == Money(1_052_154)


def test_a_repayment_is_posted_signed_and_printed(log_in: LogIn, branch: Installation, known: Known) -> None:
    """The loan owes less, one changeset of this clerk is sealed, and the receipt bears its hash."""
    clara = log_in("clara")
    path = f"/loans/{known.loan}/repay"
    page = clara.post(path, data=tokens(clara, path) | {"amount": "950.50", "step": "look"}).text
    answer = clara.post(path, data=hidden(page.partition("<main")[2]) | {"amount": "950.50", "step": "post"})
    assert answer.status_code == 303
    assert _owed(branch, known.loan) == Money(957_104)
    with branch.database.reading() as session:
        sealed = session.query(StoredChangeset).order_by(StoredChangeset.seq.desc()).first()
        assert sealed is not None
        assert sealed.kind == "loan.repay"
    receipt = clara.get(answer.location).text
    for shown in (
        "KIT-1-000001",
        "Wanjirũ Ōkoth",
        "950.50",
        "836.66",
        "113.84",
        sealed.hash.hex()[:8].upper(),
    ):
        assert shown in receipt, shown
    assert "receipt-strip" in receipt
    assert "receipt-a4" in clara.get(f"{answer.location}?paper=a4").text


def test_a_reload_posts_nothing_more(log_in: LogIn, branch: Installation, known: Known) -> None:
    """The same form again gives the same receipt; the loan is paid once."""
    clara = log_in("clara")
    path = f"/loans/{known.loan}/repay"
    form = tokens(clara, path) | hidden_of_preview(clara, path, "100") | {"amount": "100", "step": "post"}
    answers = {clara.post(path, data=form).location for _ in range(3)}
    assert len(answers) == 1
    assert _owed(branch, known.loan) == Money(1_042_154)


def hidden_of_preview(client: FlaskClient, path: str, amount: str) -> dict[str, str]:
    """The tokens of the page that asks whether to post."""
    form = tokens(client, path) | {"amount": amount, "step": "look"}
    return hidden(client.post(path, data=form).text.partition("<main")[2])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"amount": "0"}, "The amount is zero."),
        ({"amount": "-5"}, "below zero"),
        ({"amount": "1.005"}, "too many decimals"),
        ({"amount": "99999999999999999999"}, "more than the books can hold"),
        ({"amount": "99999999999999.99"}, "more than the books can hold"),
        ({"amount": "ten"}, "is not a number"),
        ({"amount": "100", "value_date": "23 11 2026"}, "has not come yet; the open day is 22 Nov 2026"),
        ({"amount": "100", "value_date": "31 2 2026"}, "This is not a date."),
        ({"amount": "100", "value_date": "31 10 2026"}, "is not paid out on 31 Oct 2026"),
        ({"amount": "100", "note": "bad\x07note"}, "cannot be printed"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    log_in: LogIn, branch: Installation, known: Known, fields: dict[str, str], sentence: str
) -> None:
    """Whether it comes from the form or straight to the posting step: told in words, nothing changed."""
    clara = log_in("clara")
    path = f"/loans/{known.loan}/repay"
    for step in ("look", "post"):
        answer = clara.post(path, data=tokens(clara, path) | fields | {"step": step})
        assert answer.status_code == 422
        assert sentence in answer.text
    assert _owed(branch, known.loan) == Money(1_052_154)


def test_more_than_is_owed_is_named_as_overpayment(log_in: LogIn, branch: Installation, known: Known) -> None:
    """The product keeps it: the preview says how much it is, the receipt too."""
    clara = log_in("clara")
    path = f"/loans/{known.loan}/repay"
    page = clara.post(path, data=tokens(clara, path) | {"amount": "11000", "step": "look"}).text
    assert "KES 478.46 is kept as the client's overpayment." in page
    form = hidden(page.partition("<main")[2]) | {"amount": "11000", "step": "post"}
    receipt = clara.get(clara.post(path, data=form).location).text
    assert "Overpayment" in receipt
    assert _owed(branch, known.loan) == Money(0)
    assert "repaid" in clara.get(f"/loans/{known.loan}").text


def test_without_an_open_day_nothing_is_posted(log_in: LogIn, branch: Installation, known: Known) -> None:
    """After the close the counter is closed too, and says so."""
    with branch.unit_of_work("day.close", known.admin) as session:
        close_day(session)
    clara = log_in("clara")
    path = f"/loans/{known.loan}/repay"
    answer = clara.post(path, data=tokens(clara, path) | {"amount": "100", "step": "post"})
    assert answer.status_code == 422
    assert "No day is open." in answer.text


def test_an_auditor_only_looks(app: Flask, log_in: LogIn, branch: Installation, known: Known) -> None:
    """No button, no form, and no posting past the pages."""
    aisha = log_in("aisha")
    assert "Post a repayment" not in aisha.get(f"/loans/{known.loan}").text
    path = f"/loans/{known.loan}/repay"
    assert aisha.get(path).status_code == 403
    form = hidden(aisha.get("/").text) | {"amount": "100", "step": "post", "once": "x" * 24}
    assert aisha.post(path, data=form).status_code == 403
    with branch.database.reading() as session:
        assert len(loan_movements(session, known.loan)) == 2


def test_a_schedule_adds_up(log_in: LogIn, known: Known) -> None:
    """The loan's page: every row with due, paid and outstanding, and the totals under them."""
    page = log_in("clara").get(f"/loans/{known.loan}").text
    assert page.count("<tr") > 25
    foot = page.partition("<tfoot>")[2].partition("</tfoot>")[0]
    for total in ("10,000.00", "961.54", "10,961.54", "440.00", "10,521.54"):
        assert total in foot
    assert "overdue" in page
    assert "due today" in page
