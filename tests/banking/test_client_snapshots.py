"""What headquarters and a branch read of a client who moves: the same bytes from every kind of database."""

import json
from datetime import timedelta

import pytest

from banking import client_snapshots, credit_lines, liability, repayments, savings, security
from banking.client_snapshots import digest_of, pieces, snapshot
from banking.lending_errors import MoveBlockedError
from schema.accounts import LoanAccount, SavingsAccount
from schema.people import Client
from schema.writing import update
from tests.banking.test_liability import a_group_loan, pay_out
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan
from tests.support.lines import a_line

LATER = DAY + timedelta(days=31)


def owner_of(books: Books, loan_id: int) -> int:
    with books.look() as session:
        owner = session.get_one(LoanAccount, loan_id).client_id
        assert owner is not None
        return owner


def content(books: Books, client_id: int) -> str:
    with books.look() as session:
        return snapshot(session, session.get_one(Client, client_id), LATER)


def reason_of(books: Books, client_id: int) -> str:
    """Give what keeps a client at the branch."""
    with pytest.raises(MoveBlockedError) as refusal:
        content(books, client_id)
    return str(refusal.value.facts["reason"])


def test_the_content_is_the_same_from_every_kind_of_database(any_books: Books) -> None:
    """Loan, security, savings and the interest earned before the day; pieces give back the whole."""
    loan_id = a_loan(any_books)
    client_id = owner_of(any_books, loan_id)
    with any_books.work() as session:
        repayments.post_repayment(session, loan_id, money("400.00"), DAY)
        security.add_guarantor(session, loan_id, money("50.00"), DAY, name="Ouma", phone="0711")
        security.add_collateral(session, loan_id, "cow", money("70.00"))
        account = savings.open_account(
            session, client_id=client_id, product_id=any_books.savings_product("SAVE").id, opened_on=DAY
        )
        savings.deposit(session, account.id, money("1000.00"), DAY)
    found = content(any_books, client_id)
    document = json.loads(found)
    loan, saved = document["loans"][0], document["savings"][0]
    assert loan["rows"][0] == [10, "2026-03-16", 3_850, 0, 0, 0]
    assert (loan["guarantors"], loan["collateral"]) == ([["Ouma", "0711", 5_000]], [["cow", "", 7_000]])
    assert (saved["balance"], saved["interest"], saved["tax"]) == (100_000, 340, 0)
    assert "".join(pieces(found)) == found
    assert max(map(len, pieces(found * 9))) == client_snapshots.PIECE
    assert digest_of(found) == digest_of(content(any_books, client_id))


def test_each_thing_that_keeps_a_client_is_named(books: Books) -> None:
    """What is shared with others, not finished, or money that nobody could hand over."""
    loan_id, other = a_loan(books), a_loan(books, "300.00")
    client_id, guarantor = owner_of(books, loan_id), owner_of(books, other)
    with books.work() as session:
        security.add_guarantor(session, loan_id, money("50.00"), DAY, client_id=guarantor)
    assert "answers for the loan" in reason_of(books, guarantor)
    with books.work() as session:
        update(session, session.get_one(LoanAccount, loan_id), charged_off_on=DAY)
    assert "charged off" in reason_of(books, client_id)
    with books.work() as session:
        update(session, session.get_one(LoanAccount, loan_id), charged_off_on=None)
        repayments.post_repayment(session, loan_id, money("5000.00"), DAY)
    assert "paid too much" in reason_of(books, client_id)
    with books.work() as session:
        update(session, session.get_one(Client, client_id), state="moved")
    assert "moved before" in reason_of(books, client_id)
    line = a_line(books)
    assert "credit line" in reason_of(books, owner_of(books, line))
    with books.work() as session:
        owed = credit_lines.standing(session, session.get_one(LoanAccount, line), LATER).owed.total
        repayments.post_repayment(session, line, owed, LATER)
        credit_lines.close_line(session, line, LATER)
    assert json.loads(content(books, owner_of(books, line)))["loans"] == []


def test_savings_that_cannot_move_are_named(books: Books) -> None:
    """Among the unclaimed, or with its interest going elsewhere."""
    product_id, client_id = books.savings_product("SAVE").id, owner_of(books, a_loan(books))
    with books.work() as session:
        first, second = (
            savings.open_account(session, client_id=client_id, product_id=product_id, opened_on=DAY)
            for _ in range(2)
        )
        update(session, first, pays_interest_to_id=second.id)
    assert "paid to another account" in reason_of(books, client_id)
    with books.work() as session:
        account = session.get_one(SavingsAccount, first.id)
        update(session, account, pays_interest_to_id=None, status="unclaimed")
    assert "unclaimed" in reason_of(books, client_id)


def test_members_of_a_group_s_loan_stay_until_it_is_paid(books: Books) -> None:
    """Their part cannot go to another branch."""
    loan_id, members = a_group_loan(books)
    with books.work() as session:
        liability.set_members(session, loan_id, {members[0]: money("1000.00")})
    pay_out(books, loan_id)
    assert "answers for the loan" in reason_of(books, members[0])
    assert json.loads(content(books, members[1]))["loans"] == []
