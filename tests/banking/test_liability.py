"""Members of a group's loan: what each has, owes and answers for."""

from datetime import date, timedelta

import pytest

from banking import clients, groups, liability, loans, repayments
from banking.errors import BadValueError, StatusError
from banking.lending_errors import MemberSharesError, NotMemberError
from banking.liability import by_member, defaults_in_group, liable_for
from ledger.errors import AmountZeroError
from ledger.money import ZERO, Money, total
from schema.accounts import LoanAccount
from tests.support.books import Books, money
from tests.support.lending import DAY, a_client, broken

NAMES = ("Achieng", "Barasa", "Chebet")


def a_group_loan(books: Books, principal: str = "1000.00") -> tuple[int, list[int]]:
    """Apply for a loan of a group of three; gives the loan's id and the members'."""
    product_id = books.loan_product("WEEKLY").id
    with books.work() as session:
        group = groups.create_group(session, name="Umoja")
        members = [clients.register_client(session, name=name, group_id=group.id).id for name in NAMES]
        loan = loans.apply(
            session, group_id=group.id, product_id=product_id, principal=money(principal), applied_on=DAY
        )
        return loan.id, members


def pay_out(books: Books, loan_id: int) -> None:
    with books.work() as session:
        loans.approve(session, loan_id, DAY)
        loans.disburse(session, loan_id, DAY)


def test_each_member_owes_a_part_and_answers_for_all(any_books: Books) -> None:
    """Shares of 500, 300 and 200: parts of what is owed, to the last unit; joint liability means all."""
    loan_id, members = a_group_loan(any_books)
    shares = dict(zip(members, (money("500.00"), money("300.00"), money("200.00")), strict=True))
    with any_books.work() as session:
        liability.set_members(session, loan_id, shares)
    pay_out(any_books, loan_id)
    with any_books.work() as session:
        paid = repayments.post_repayment(session, loan_id, money("100.01"), DAY + timedelta(days=7))
        assert list(by_member(session, paid).values()) == [Money(5001), Money(3000), Money(2000)]
    with any_books.look() as session:
        found = liable_for(session, session.get_one(LoanAccount, loan_id))
        owed = loans.outstanding(session, loan_id).total
        assert [one.name for one in found] == list(NAMES)
        assert [one.share for one in found] == list(shares.values())
        assert total(one.owes for one in found) == owed
        assert {one.answers_for for one in found} == {owed}
    assert broken(any_books) == []


def test_without_joint_liability_each_answers_for_the_own_part(books: Books) -> None:
    """And shares may be set again until the loan is paid out; who is left out has none any more."""
    loan_id, (first, second, third) = a_group_loan(books)
    with books.work() as session:
        liability.set_members(session, loan_id, {first: money("900.00"), third: money("100.00")})
        rows = liability.set_members(
            session, loan_id, {first: money("400.00"), second: money("600.00")}, joint_liability=False
        )
        assert {row.client_id: row.principal for row in rows} == {
            first: money("400.00"),
            second: money("600.00"),
        }
    pay_out(books, loan_id)
    with books.look() as session:
        found = liable_for(session, session.get_one(LoanAccount, loan_id))
    assert [(one.client_id, one.answers_for == one.owes) for one in found] == [(first, True), (second, True)]
    with books.work() as session, pytest.raises(StatusError):
        liability.set_members(session, loan_id, {first: money("1000.00")})


def test_a_loan_without_shares_is_everybody_s(books: Books) -> None:
    """Every member answers for all of it, and no payment is anybody's own."""
    loan_id, members = a_group_loan(books)
    pay_out(books, loan_id)
    with books.work() as session:
        owed = loans.outstanding(session, loan_id).total
        found = liable_for(session, session.get_one(LoanAccount, loan_id))
        assert [(one.client_id, one.owes, one.answers_for) for one in found] == [
            (member, ZERO, owed) for member in members
        ]
        paid = repayments.post_repayment(session, loan_id, money("50.00"), DAY)
        assert by_member(session, paid) == {}


def test_shares_that_are_not_the_loan_are_refused_by_name(books: Books) -> None:
    """A sum beside the principal, a stranger, nothing at all, a client's own loan."""
    loan_id, (first, second, _) = a_group_loan(books)
    with books.work() as session:
        stranger = a_client(session)
        own = loans.apply(
            session,
            client_id=stranger,
            product_id=books.loan_product("WEEKLY").id,
            principal=money("100.00"),
            applied_on=DAY,
        )
        with pytest.raises(MemberSharesError):
            liability.set_members(session, loan_id, {first: money("999.99")})
        with pytest.raises(NotMemberError):
            liability.set_members(session, loan_id, {first: money("500.00"), stranger: money("500.00")})
        with pytest.raises(AmountZeroError):
            liability.set_members(session, loan_id, {first: money("1000.00"), second: ZERO})
        with pytest.raises(BadValueError):
            liability.set_members(session, own.id, {stranger: money("100.00")})
        with pytest.raises(BadValueError):
            liability.set_joint_liability(session, own.id)
        assert liability.list_members(session, loan_id) == []


def test_members_answer_for_a_member_s_own_loan_and_see_defaults(books: Books) -> None:
    """The borrower first, then the others; what is late in the group is listed, oldest first."""
    loan_id, members = a_group_loan(books)
    pay_out(books, loan_id)
    with books.work() as session:
        own = loans.apply(
            session,
            client_id=members[1],
            product_id=books.loan_product("WEEKLY").id,
            principal=money("200.00"),
            applied_on=DAY,
        )
        liability.set_joint_liability(session, own.id)
        loans.approve(session, own.id, DAY)
        loans.disburse(session, own.id, DAY + timedelta(days=7))
    with books.look() as session:
        owed = loans.outstanding(session, own.id).total
        found = liable_for(session, session.get_one(LoanAccount, own.id))
        assert [(one.client_id, one.owes) for one in found] == [
            (members[1], owed),
            (members[0], ZERO),
            (members[2], ZERO),
        ]
        assert {one.answers_for for one in found} == {owed}
        group_id = session.get_one(LoanAccount, loan_id).group_id
        assert group_id is not None
        assert defaults_in_group(session, group_id, date(2026, 1, 12)) == []
        late = defaults_in_group(session, group_id, date(2026, 1, 20))
    assert [(one.client_id, one.days_past_due) for one in late] == [(None, 8), (members[1], 1)]
