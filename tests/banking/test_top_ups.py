"""A new loan that pays an earlier one off: what went through both goes back through both."""

import pytest

from banking import loans, repayments
from banking.disbursement_parts import ChargesTooHighError, Part
from banking.errors import NotReversibleError
from banking.loan_errors import TopUpError
from ledger.money import Money
from schema.accounts import LoanAccount, LoanTransaction
from tests.banking.test_disbursements import a_charge, a_product, approved, undone
from tests.support.books import Books, money
from tests.support.lending import DAY, a_client, a_loan, balances, broken, newest_transaction


def running(books: Books) -> tuple[int, int, Money]:
    """Pay a loan out; gives it, its client, and what pays it off."""
    old = a_loan(books, "300.00", "MONTHLY")
    with books.look() as session:
        client_id = session.get_one(LoanAccount, old).client_id
        assert client_id is not None
        return old, client_id, loans.outstanding(session, old).total


def a_top_up(books: Books) -> tuple[int, int]:
    """Pay a loan out that pays an earlier one off without naming it before; gives both."""
    old, client_id, owed = running(books)
    loan_id = approved(books, a_product(books), client_id)
    with books.work() as session:
        parts = [Part(money("1200.00") - owed), Part(owed, topped_up_id=old)]
        loans.disburse(session, loan_id, DAY, parts=parts)
    return old, loan_id


def test_what_a_new_loan_paid_goes_back_with_that_loan_only(books: Books) -> None:
    """Alone, the money would stand among the overpayments of nobody."""
    old, loan_id = a_top_up(books)
    paid = newest_transaction(books, old)
    with pytest.raises(NotReversibleError), books.work() as session:
        repayments.reverse(session, paid, reason="alone", on=DAY)
    with books.work() as session:
        of_loan = session.query(LoanTransaction).filter_by(loan_account_id=loan_id)
        first = of_loan.order_by(LoanTransaction.id).limit(1).one()
        repayments.reverse(session, first, reason="wrong client", on=DAY)
        assert not loans.is_closed(session, old)
    assert balances(books) == {"Loan portfolio": money("300.00"), "Books brought in": money("-300.00")}
    assert broken(books) == []


def test_a_top_up_is_undone_whole_also_where_only_its_parts_name_the_old_loan(books: Books) -> None:
    old, loan_id = a_top_up(books)
    undone(books, loan_id)
    with books.look() as session:
        assert not loans.is_closed(session, old)
    assert broken(books) == []


def test_a_part_pays_no_loan_of_somebody_else_off_nor_its_own(books: Books) -> None:
    other = a_loan(books, "300.00", "MONTHLY")
    with books.work() as session:
        client_id = a_client(session)
    loan_id = approved(books, a_product(books), client_id)
    for named in (other, loan_id):
        parts = [Part(money("1000.00")), Part(money("200.00"), topped_up_id=named)]
        with pytest.raises(TopUpError), books.work() as session:
            loans.disburse(session, loan_id, DAY, parts=parts)
    assert broken(books) == []


def test_charges_are_kept_back_from_what_the_client_gets_not_from_the_loan_paid_off(books: Books) -> None:
    """Where nothing is left for the client, there is nothing to keep them back from."""
    old, client_id, owed = running(books)
    product = a_product(books, a_charge(books, "ADM", "disbursement", amount=money("10.00")))
    loan_id = approved(books, product, client_id)
    pays_off = Part(money("1200.00"), topped_up_id=old)
    with pytest.raises(ChargesTooHighError), books.work() as session:
        loans.disburse(session, loan_id, DAY, parts=[pays_off])
    before = balances(books)["Books brought in"]
    parts = [Part(owed, topped_up_id=old), Part(money("1200.00") - owed)]
    with books.work() as session:
        loans.disburse(session, loan_id, DAY, parts=parts)
    assert balances(books)["Books brought in"] - before == owed - money("1190.00")
    assert "Overpayments of clients" not in balances(books)
    assert broken(books) == []
