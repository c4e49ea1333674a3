"""Above the branch's limit headquarters decides, and the branch does what it said."""

import pytest

from banking.errors import BadValueError, StatusError
from banking.loan_decisions import (
    DecidedOtherwiseError,
    DecisionNeededError,
    decide,
    list_undecided,
)
from banking.loans import approve, reject
from ledger.money import Money
from schema.accounts import LoanAccount
from tests.banking.acts.conftest import made, pair
from tests.support.books import Books, money
from tests.support.cash import a_limit
from tests.support.lending import DAY, an_application
from tests.support.pair import Pair

__all__ = ["made", "pair"]


def applied(books: Books) -> LoanAccount:
    """An application for 10,000.00."""
    with books.work() as session:
        return an_application(books, session, "10000")


def said(books: Books, loan: LoanAccount, decision: str, amount: Money | None = None) -> None:
    with books.hq_work() as session:
        decide(session, loan.id, decision, DAY, amount=amount, note="as the committee said")


def test_up_to_the_limit_the_branch_approves_alone(books: Books) -> None:
    a_limit(books, "branch_approval", "10000")
    loan = applied(books)
    with books.work() as session:
        assert approve(session, loan.id, DAY).status == "approved"


def test_above_it_headquarters_decides(any_books: Books) -> None:
    books = any_books
    a_limit(books, "branch_approval", "9999.99")
    loan = applied(books)
    with pytest.raises(DecisionNeededError), books.work() as session:
        approve(session, loan.id, DAY)
    with books.look() as session:
        assert [one.id for one in list_undecided(session)] == [loan.id]
    said(books, loan, "approved")
    with books.look() as session:
        assert list_undecided(session) == []
    with books.work() as session:
        assert approve(session, loan.id, DAY).status == "approved"


def test_a_smaller_amount_becomes_the_loan_s(books: Books) -> None:
    a_limit(books, "branch_approval", "5000")
    loan = applied(books)
    said(books, loan, "approved", money("7500"))
    with books.work() as session:
        assert approve(session, loan.id, DAY).principal == money("7500")


def test_a_no_of_headquarters_holds_below_the_limit_too(books: Books) -> None:
    loan = applied(books)
    said(books, loan, "rejected")
    with pytest.raises(DecidedOtherwiseError), books.work() as session:
        approve(session, loan.id, DAY)
    with books.work() as session:
        assert reject(session, loan.id).status == "rejected"


def test_the_newest_word_counts(books: Books) -> None:
    a_limit(books, "branch_approval", "5000")
    loan = applied(books)
    said(books, loan, "rejected")
    said(books, loan, "approved")
    with books.work() as session:
        assert approve(session, loan.id, DAY).status == "approved"


def test_a_decision_that_makes_no_sense_is_refused(books: Books) -> None:
    loan = applied(books)
    for decision, amount in (
        ("perhaps", None),
        ("rejected", money("1")),
        ("approved", loan.principal + Money(1)),
    ):
        with pytest.raises(BadValueError):
            said(books, loan, decision, amount)
    with books.work() as session:
        approve(session, loan.id, DAY)
    with pytest.raises(StatusError):
        said(books, loan, "rejected")


def test_a_decision_travels_to_its_branch_and_is_carried_out(pair: Pair) -> None:
    """From the application on paper to the approval, over two sticks and with real signatures."""
    pair.meet()
    pair.hq.do("limit.set", name="branch_approval", amount="5000")
    pair.carry("hq", "branch")
    wanted = pair.branch.do("loan.apply", client="KIT-C-000001", product="WEEKLY", principal="8000")
    assert pair.branch.refused("loan.approve", loan=wanted["loan"]) == [("", "DECISION_NEEDED")]
    pair.carry("branch", "hq")
    assert [one["loan"] for one in pair.hq.do("loan.undecided")["loans"]] == [wanted["loan"]]
    pair.hq.do("loan.decide", loan=wanted["loan"], decision="approved", amount="6000", note="less")
    pair.carry("hq", "branch")
    done = pair.branch.do("loan.approve", loan=wanted["loan"])
    assert (done["status"], done["principal"]) == ("approved", "6000.00")
    pair.carry("branch", "hq")
    assert pair.hq.do("loan.undecided")["loans"] == []
