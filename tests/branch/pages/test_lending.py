"""The lending desk without a browser: applied for, approved, paid out, changed; every bad field is told."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from branch.pages.loan_changes import CHANGES
from ledger.money import Money
from schema.accounts import LoanAccount
from schema.approvals import ApprovalRequest, LoanDecision
from schema.people import User
from schema.products import Limit
from schema.replication import StoredChangeset
from schema.writing import insert
from sync.changeset import Changeset
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn
from tests.support.branch_home import TODAY, Known
from tests.support.forms import tokens

Send = Callable[..., TestResponse]


def send(browser: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Fill in the form of a page and send it."""
    return browser.post(path, data={**tokens(browser, path), **fields})


def an_application(browser: FlaskClient, **fields: str) -> str:
    """Write an application down; gives the path of its page."""
    given = {"client": "KIT-C-000001", "product": "WEEKLY", "principal": "5000", **fields}
    answer = send(browser, "/applications/new", **given)
    assert answer.status_code == 303, answer.text
    return answer.location


def newest_loan(branch: Installation) -> LoanAccount:
    with branch.database.reading() as session:
        return session.scalars(select(LoanAccount).order_by(LoanAccount.id.desc()).limit(1)).one()


def newest_changesets(branch: Installation, count: int) -> list[tuple[str, str]]:
    """Give kind and actor of the newest changesets, the newest first."""
    with branch.database.reading() as session:
        bodies = session.scalars(
            select(StoredChangeset.body).order_by(StoredChangeset.hlc.desc()).limit(count)
        )
        found = [Changeset.from_bytes(body) for body in bodies]
        return [(one.kind, session.get_one(User, one.actor).username) for one in found]


def test_from_the_application_to_the_voucher(branch: Installation, log_in: LogIn) -> None:
    clara, moses = log_in("clara"), log_in("moses")
    path = an_application(clara, purpose="a cow")
    page = clara.get(path).text
    assert "5,000.00" in page
    assert "a cow" in page
    assert 'value="approve"' not in page
    assert send(moses, path, step="approve").status_code == 303
    loan = newest_loan(branch)
    pay = f"/loans/{loan.id}/pay-out"
    shown = clara.get(pay).text
    assert "The client gets" in shown
    assert "Schedule" in shown
    fields = {"till": "1", "on": "22 11 2026", "shown": "22 11 2026||||"}
    done = send(clara, pay, **fields)
    assert done.status_code == 303, done.text
    voucher = clara.get(done.location).text
    assert loan.number in voucher
    assert "KIT-1-000001" in voucher
    paper = clara.get(done.location + ".pdf")
    assert paper.data.startswith(b"%PDF")
    assert clara.get(path).status_code == 303


def test_figures_that_changed_are_shown_before_money_goes_out(branch: Installation, log_in: LogIn) -> None:
    moses = log_in("moses")
    send(moses, an_application(log_in("clara")), step="approve")
    loan = newest_loan(branch)
    pay = f"/loans/{loan.id}/pay-out"
    fields = {"till": "1", "on": "22 11 2026", "shown": "22 11 2026||||", "first_due_on": "6 12 2026"}
    again = send(moses, pay, **fields)
    assert again.status_code == 200
    assert "Look again" in again.text
    assert newest_loan(branch).disbursed_on is None


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("client", "KIT-C-999999"),
        ("client", ""),
        ("product", ""),
        ("principal", "much"),
        ("principal", "0"),
        ("officer", "nobody"),
        ("group", "KIT-G-999999"),
        ("installments", "many"),
        ("annual_rate", "12 %"),
        ("on", "31 2 2026"),
        ("first_due_on", "soon"),
        ("grace_principal", "-1"),
        ("grace_interest_payment", "x"),
        ("grace_interest_charged", "x"),
        ("savings", "KIT-S-999999"),
        ("replaces", "KIT-L-999999"),
    ],
)
def test_a_bad_field_of_an_application_is_told_beside_it(log_in: LogIn, field: str, typed: str) -> None:
    """The message stands beside the field, and nothing of what was typed is lost."""
    clara = log_in("clara")
    given = {
        "client": "KIT-C-000001",
        "product": "WEEKLY",
        "principal": "5000",
        "purpose": "a cow",
        field: typed,
    }
    answer = send(clara, "/applications/new", **given)
    assert answer.status_code == 422, field
    if field == "client" and not typed:
        assert "client" in answer.text.casefold()
    else:
        assert f'id="{field}-complaint"' in answer.text, answer.text.partition("<main")[2]
    assert 'value="a cow"' in answer.text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("till", "99"),
        ("on", "yesterday"),
        ("payment_type", "GOLD"),
        ("savings", "KIT-S-999999"),
        ("first_due_on", "31 2 2026"),
        ("charge", "NONE"),
        ("amount", "x"),
        ("parts-1-amount", "x"),
    ],
)
def test_a_bad_field_of_a_payout_is_told_beside_it(
    branch: Installation, log_in: LogIn, field: str, typed: str
) -> None:
    moses = log_in("moses")
    send(moses, an_application(log_in("clara")), step="approve")
    loan = newest_loan(branch)
    pay = f"/loans/{loan.id}/pay-out"
    given = {"till": "1", "on": "22 11 2026", "note": "for the cow", field: typed}
    shown = "|".join(given.get(name, "") for name in ("on", "first_due_on", "charge", "fees", "amount"))
    answer = send(moses, pay, **given, shown=shown)
    assert answer.status_code == 422, field
    assert f'id="{field}-complaint"' in answer.text, answer.text.partition("<main")[2]
    assert 'value="for the cow"' in answer.text
    assert newest_loan(branch).disbursed_on is None


def test_a_payout_is_asked_for_and_approved_by_somebody_else(branch: Installation, log_in: LogIn) -> None:
    clara, moses = log_in("clara"), log_in("moses")
    send(moses, an_application(clara), step="approve")
    loan = newest_loan(branch)
    asked = send(clara, f"/loans/{loan.id}/pay-out", till="1", on="22 11 2026", ask="1")
    assert asked.status_code == 303
    page = clara.get(asked.location).text
    assert "somebody else decides" in page
    queue = moses.get("/approvals").text
    assert loan.number in queue
    shown = moses.get(asked.location).text
    assert "What it would do today" in shown
    assert newest_loan(branch).disbursed_on is None
    assert send(moses, asked.location, step="approve").status_code == 303
    assert newest_loan(branch).status == "active"
    assert "approved and done" in clara.get(asked.location).text
    assert newest_changesets(branch, 2) == [("approval.approve", "moses"), ("loan.disburse", "clara")]


def test_a_request_is_refused_with_a_reason_beside_its_field(branch: Installation, log_in: LogIn) -> None:
    clara, moses = log_in("clara"), log_in("moses")
    send(moses, an_application(clara), step="approve")
    asked = send(clara, f"/loans/{newest_loan(branch).id}/pay-out", till="1", ask="1").location
    assert 'id="reason-complaint"' in send(moses, asked, step="refuse", reason="").text
    assert send(clara, asked, step="approve").status_code == 422
    assert send(moses, asked, step="refuse", reason="not today").status_code == 303
    assert "not today" in clara.get(asked).text
    with branch.database.reading() as session:
        assert session.scalars(select(ApprovalRequest)).one().state == "refused"


def test_a_write_off_is_shown_before_it_is_done(branch: Installation, known: Known, log_in: LogIn) -> None:
    moses = log_in("moses")
    path = f"/loans/{known.late_loan}/write-off"
    seen = send(moses, path, step="look", on="22 11 2026")
    assert seen.status_code == 200
    assert "Not done yet" in seen.text
    with branch.database.reading() as session:
        assert session.get_one(LoanAccount, known.late_loan).status == "active"
    assert send(moses, path, step="do", on="22 11 2026").status_code == 303
    with branch.database.reading() as session:
        assert session.get_one(LoanAccount, known.late_loan).status == "written_off"


def test_every_form_of_a_loan_opens_and_refuses_nonsense_in_words(known: Known, log_in: LogIn) -> None:
    moses = log_in("moses")
    page = moses.get(f"/loans/{known.late_loan}").text
    for word, change in CHANGES.items():
        path = f"/loans/{known.late_loan}/{word}"
        assert moses.get(path).status_code == 200, word
        assert ("active" not in change.states) or path in page
        typed = {name: "nonsense" for name in change.fields if name in {"amount", "on", "new_rate", "value"}}
        answer = send(moses, path, step="look", **typed)
        assert answer.status_code in {200, 422}, word
        if typed:
            assert "-complaint" in answer.text, word


def test_a_reschedule_shows_the_rows_it_would_have(known: Known, log_in: LogIn) -> None:
    moses = log_in("moses")
    path = f"/loans/{known.loan}/reschedule"
    seen = send(moses, path, step="look", from_date="29 11 2026", extra_rows="2", reason="drought")
    assert seen.status_code == 200, seen.text
    assert "2027" in seen.text or "Rows" in seen.text


def test_a_client_or_group_is_named_in_the_address(known: Known, log_in: LogIn) -> None:
    """From a client's page the form opens with the number filled in; a row that is not there is told."""
    clara = log_in("clara")
    assert 'value="KIT-C-000001"' in clara.get(f"/applications/new?client_id={known.client}").text
    assert 'value="KIT-G-000001"' in clara.get(f"/applications/new?group_id={known.group}").text
    assert clara.get("/applications/new?client_id=1").status_code == 404


def test_a_clerk_may_not_write_off(known: Known, log_in: LogIn) -> None:
    assert log_in("clara").get(f"/loans/{known.late_loan}/write-off").status_code == 403


def test_arrears_are_listed_with_telephone_and_village(known: Known, log_in: LogIn) -> None:
    page = log_in("clara").get("/arrears").text
    assert "Peter Kamau" in page
    assert f"/loans/{known.late_loan}" in page
    assert "+254 700 123 456" in page
    assert "Kapsara" in page
    assert log_in("clara").get("/arrears?age=181&on=nonsense&officer=x").status_code == 200


def test_nobody_approves_an_application_of_their_own(branch: Installation, log_in: LogIn) -> None:
    """Whoever wrote it down sees no key for it, and a form sent all the same is refused."""
    moses = log_in("moses")
    path = an_application(moses)
    page = moses.get(path).text
    assert "somebody else approves it" in page
    assert 'value="approve"' not in page
    assert send(moses, path, step="approve").status_code == 422
    assert newest_loan(branch).status == "applied"
    assert send(log_in("admin"), path, step="approve").status_code == 303


def test_what_headquarters_approved_is_carried_out_with_one_key(branch: Installation, log_in: LogIn) -> None:
    """Above the branch's limit nothing is approved alone; the word of headquarters stands in the queue."""
    clara, moses = log_in("clara"), log_in("moses")
    with branch.unit_of_work("limit.set", 0) as session:
        insert(session, Limit(name="branch_approval", amount=Money(100_000)))
    path = an_application(clara)
    assert "Headquarters decides." in moses.get(path).text
    assert send(moses, path, step="approve").status_code == 422
    loan = newest_loan(branch)
    assert loan.status == "applied"
    with branch.unit_of_work("loan.decide", 0) as session:
        decision = LoanDecision(
            loan_account_id=loan.id,
            office_id=loan.origin_office_id,
            decision="approved",
            amount=Money(300_000),
            on=TODAY,
            decided_by="Grace",
        )
        insert(session, decision)
    assert "approved by HQ" in moses.get("/approvals").text
    assert "Approved by HQ" in moses.get(path).text
    assert send(moses, path, step="approve").status_code == 303
    loan = newest_loan(branch)
    assert (loan.status, loan.principal) == ("approved", Money(300_000))
