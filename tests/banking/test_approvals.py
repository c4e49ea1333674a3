"""What somebody asked for is done once somebody else approves, as the asker's own act, and only then."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.acts.errors import NotPermittedError, UnknownActError
from banking.approvals import (
    AlreadyDecidedError,
    NotYourRequestError,
    OwnRequestError,
    approve_request,
    fields_of,
    list_waiting,
    refuse_request,
    request_approval,
    withdraw_request,
)
from banking.days import open_day
from banking.errors import BadSecondPersonError, MissingError, StatusError
from banking.loans import approve, withdraw_application
from banking.reasons import FieldsError
from banking.users import disable
from ledger.errors import RuleError
from schema.accounting import JournalEntry
from schema.accounts import LoanAccount
from schema.approvals import ApprovalRequest
from tests.support.books import Books, money
from tests.support.cash import a_limit, a_user
from tests.support.lending import DAY, an_application, balances, row_counts


@contextmanager
def by(books: Books, user_id: int) -> Iterator[Session]:
    """Open a unit of work of one user."""
    books.actor_id = user_id
    with books.work("approval") as session:
        yield session


def an_approved_loan(books: Books) -> LoanAccount:
    """An approved loan of 1,000.00, above the limit of two people."""
    books.today = DAY
    with books.work() as session:
        open_day(session, DAY, money("20000"))
        loan = an_application(books, session)
        approve(session, loan.id, DAY)
    a_limit(books, "second_person", "500")
    return loan


def asked(books: Books, loan: LoanAccount, by_id: int) -> int:
    """Somebody asks for the loan to be paid out of the till."""
    with by(books, by_id) as session:
        fields = {"loan": loan.number, "on": DAY.isoformat(), "till": "1"}
        return request_approval(session, "loan.disburse", fields, "pay out", loan.principal, "market day").id


def state_of(books: Books, request_id: int) -> str:
    with books.look() as session:
        return session.get_one(ApprovalRequest, request_id).state


def test_what_was_asked_for_is_done_as_the_asker_s_and_confirmed_by_the_approver(any_books: Books) -> None:
    books = any_books
    clara, moses = a_user(books, "clara", "clerk"), a_user(books, "moses")
    loan = an_approved_loan(books)
    request_id = asked(books, loan, clara)
    assert "Loan portfolio" not in balances(books)
    with books.look() as session:
        (waiting,) = list_waiting(session, books.office_id)
        assert (waiting.asked_by, waiting.limit) == ("Clara", money("500"))
        assert fields_of(waiting.request)["loan"] == loan.number
    with by(books, moses) as session:
        done = approve_request(session, request_id)
        assert done.result["status"] == "active"
    with books.look() as session:
        entry = session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc()).limit(1)).one()
        request = session.get_one(ApprovalRequest, request_id)
        assert entry.approved_by_id == moses
        assert (request.state, request.decided_by_id, request.asked_by_id) == ("approved", moses, clara)
        assert request.answer
        assert list_waiting(session, books.office_id) == []


def test_nobody_approves_or_refuses_what_they_asked_for(books: Books) -> None:
    moses = a_user(books, "moses")
    request_id = asked(books, an_approved_loan(books), moses)
    with pytest.raises(OwnRequestError), by(books, moses) as session:
        approve_request(session, request_id)
    with pytest.raises(OwnRequestError), by(books, moses) as session:
        refuse_request(session, request_id, "no")
    assert state_of(books, request_id) == "waiting"


def test_a_role_that_does_not_confirm_decides_nothing(books: Books) -> None:
    clara, juma = a_user(books, "clara", "clerk"), a_user(books, "juma", "cashier")
    request_id = asked(books, an_approved_loan(books), clara)
    with pytest.raises(BadSecondPersonError), by(books, juma) as session:
        approve_request(session, request_id)
    with pytest.raises(NotPermittedError), by(books, juma) as session:
        refuse_request(session, request_id, "no")
    assert state_of(books, request_id) == "waiting"


def test_what_can_no_longer_be_done_is_refused_with_its_reason_and_waits_on(books: Books) -> None:
    clara, moses = a_user(books, "clara", "clerk"), a_user(books, "moses")
    loan = an_approved_loan(books)
    request_id = asked(books, loan, clara)
    with books.work() as session:
        withdraw_application(session, loan.id)
    before = row_counts(books)
    with pytest.raises(StatusError), by(books, moses) as session:
        approve_request(session, request_id)
    assert row_counts(books) == before
    assert state_of(books, request_id) == "waiting"


def test_what_an_asker_who_left_wanted_is_not_done(books: Books) -> None:
    clara, moses = a_user(books, "clara", "clerk"), a_user(books, "moses")
    request_id = asked(books, an_approved_loan(books), clara)
    with books.work() as session:
        disable(session, clara)
    with pytest.raises(BadSecondPersonError), by(books, moses) as session:
        approve_request(session, request_id)
    assert state_of(books, request_id) == "waiting"


def test_a_refusal_has_a_reason_and_a_request_is_decided_once(books: Books) -> None:
    clara, moses = a_user(books, "clara", "clerk"), a_user(books, "moses")
    request_id = asked(books, an_approved_loan(books), clara)
    with pytest.raises(MissingError), by(books, moses) as session:
        refuse_request(session, request_id, " ")
    with by(books, moses) as session:
        assert refuse_request(session, request_id, "too soon").decision_note == "too soon"
    for decide in (approve_request, withdraw_request):
        with pytest.raises(AlreadyDecidedError), by(books, moses) as session:
            decide(session, request_id)


def test_only_the_asker_takes_a_request_back(books: Books) -> None:
    clara, moses = a_user(books, "clara", "clerk"), a_user(books, "moses")
    request_id = asked(books, an_approved_loan(books), clara)
    with pytest.raises(NotYourRequestError), by(books, moses) as session:
        withdraw_request(session, request_id)
    with by(books, clara) as session:
        withdraw_request(session, request_id)
    assert state_of(books, request_id) == "withdrawn"


def test_a_clerk_asks_for_what_only_a_manager_may_do(books: Books) -> None:
    """The right is the approver's; an auditor, who may do neither, does not even ask."""
    clara, aisha = a_user(books, "clara", "clerk"), a_user(books, "aisha", "auditor")
    books.today = DAY
    with books.work() as session:
        loan = an_application(books, session)
    with by(books, clara) as session:
        request_id = request_approval(session, "loan.approve", {"loan": loan.number}, "approve it").id
    with pytest.raises(NotPermittedError), by(books, aisha) as session:
        request_approval(session, "loan.approve", {"loan": loan.number}, "approve it")
    with by(books, a_user(books, "moses")) as session:
        assert approve_request(session, request_id).result["status"] == "approved"


@pytest.mark.parametrize(
    ("name", "fields", "refusal"),
    [
        ("loan.give_away", {}, UnknownActError),
        ("loan.disburse", {}, FieldsError),
        ("loan.disburse", {"loan": "KIT-L-999999"}, FieldsError),
        ("loan.disburse", {"loan": "KIT-L-000001", "password": "secret"}, FieldsError),
    ],
)
def test_what_cannot_be_read_is_not_asked_for(
    books: Books, name: str, fields: dict[str, str], refusal: type[RuleError]
) -> None:
    clara = a_user(books, "clara", "clerk")
    with books.work() as session:
        an_application(books, session)
    with pytest.raises(refusal), by(books, clara) as session:
        request_approval(session, name, fields, "subject")
