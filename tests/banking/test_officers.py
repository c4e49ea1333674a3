"""Officers: who looks after what, today and on any day before."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from banking import groups, officers
from banking.errors import BadValueError
from banking.lending_errors import LaterOfficerError, NothingToAssignError
from banking.officers import Portfolio, officer_on
from ledger.errors import NotFoundError
from schema.accounts import LoanAccount, SavingsAccount
from schema.lending import OfficerAssignment
from schema.people import Group, Staff
from schema.writing import update
from tests.support.books import Books
from tests.support.lending import DAY, a_loan, an_account, broken


def two_officers(books: Books) -> tuple[int, int]:
    books.today = DAY + timedelta(days=30)
    with books.work() as session:
        return groups.create_staff(session, "Njeri").id, groups.create_staff(session, "Otieno").id


def test_the_newest_assignment_counts_and_each_day_keeps_its_officer(any_books: Books) -> None:
    """The officer of the application counts since ever, each later one from the given day."""
    njeri, otieno = two_officers(any_books)
    loan_id = a_loan(any_books)
    with any_books.work() as session:
        update(session, session.get_one(LoanAccount, loan_id), officer_id=njeri)
    with any_books.work() as session:
        officers.assign(session, otieno, date(2026, 1, 20), loan_id=loan_id, reason="maternity leave")
        officers.assign(session, None, date(2026, 1, 10), loan_id=loan_id)
    with any_books.look() as session:
        loan = session.get_one(LoanAccount, loan_id)
        days = [date(2026, 1, day) for day in (5, 9, 10, 19, 20)]
        assert [officer_on(session, loan, day) for day in days] == [njeri, njeri, None, None, otieno]
        assert loan.officer_id == otieno
        assert [one.reason for one in officers.history(session, loan)] == ["", "", "maternity leave"]


def test_everything_of_one_officer_goes_to_another(books: Books) -> None:
    """Counted before and after; what another officer has, and what ended, stays as it is."""
    njeri, otieno = two_officers(books)
    loan_id, other_id, account_id = a_loan(books), a_loan(books, "500.00"), an_account(books).id
    with books.work() as session:
        center = groups.create_center(session, name="Market", officer_id=njeri)
        group = groups.create_group(session, name="Umoja", center_id=center.id, officer_id=otieno)
        update(session, session.get_one(LoanAccount, other_id), officer_id=njeri, status="rejected")
        officers.assign(session, njeri, DAY, loan_id=loan_id)
        officers.assign(session, njeri, DAY, savings_id=account_id)
    with books.look() as session:
        assert officers.looked_after(session, njeri) == Portfolio(1, 1, 0, 1)
    with books.work() as session:
        assert officers.reassign_all(session, njeri, otieno, DAY + timedelta(days=20)).count == 3
    with books.look() as session:
        assert officers.looked_after(session, njeri) == Portfolio()
        assert officers.looked_after(session, otieno) == Portfolio(1, 1, 1, 1)
        loan = session.get_one(LoanAccount, loan_id)
        assert officer_on(session, loan, DAY + timedelta(days=19)) == njeri
        assert officer_on(session, session.get_one(Group, group.id), DAY) == otieno
        assert session.get_one(SavingsAccount, account_id).officer_id == otieno
    assert broken(books) == []


def test_what_cannot_be_assigned_is_refused_by_name(books: Books) -> None:
    """Nothing named, two things named, a day to come, somebody who is not there: nothing is written."""
    njeri, otieno = two_officers(books)
    loan_id, account_id = a_loan(books), an_account(books).id
    with books.work() as session:
        update(session, session.get_one(Staff, otieno), state="left")
    with books.work() as session:
        with pytest.raises(NothingToAssignError):
            officers.assign(session, njeri, DAY)
        with pytest.raises(NothingToAssignError):
            officers.assign(session, njeri, DAY, loan_id=loan_id, savings_id=account_id)
        with pytest.raises(LaterOfficerError):
            officers.assign(session, njeri, DAY + timedelta(days=31), loan_id=loan_id)
        for nobody in (otieno, 77):
            with pytest.raises(NotFoundError, match="officer"):
                officers.assign(session, nobody, DAY, loan_id=loan_id)
        with pytest.raises(NotFoundError, match="group"):
            officers.assign(session, njeri, DAY, group_id=4711)
        with pytest.raises(BadValueError):
            officers.reassign_all(session, njeri, njeri, DAY)
        assert session.scalars(select(OfficerAssignment)).all() == []
