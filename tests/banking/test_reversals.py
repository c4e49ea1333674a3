"""Taking loan transactions back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import days, loans, repayments
from banking.errors import AlreadyReversedError, MissingError, NotReversibleError, ReversalDateError
from ledger.errors import ClosedDayError, RuleError
from ledger.money import ZERO
from schema.accounts import LoanAccount, LoanTransaction, LoanTransactionShare
from schema.products import LoanProduct
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, all_cells, balances, broken, row_counts

LATER = DAY + timedelta(days=30)


def owed(books: Books, loan_id: int) -> loans.Components:
    with books.look() as session:
        return loans.outstanding(session, loan_id)


def newest(session: Session, loan_id: int, kind: str) -> LoanTransaction:
    found = select(LoanTransaction).where(
        LoanTransaction.loan_account_id == loan_id, LoanTransaction.kind == kind
    )
    return session.scalars(found.order_by(LoanTransaction.id.desc())).first() or pytest.fail(kind)


def take_back(books: Books, loan_id: int, kind: str = "repayment", on: date = LATER) -> LoanTransaction:
    with books.work("loan.reverse") as session:
        return repayments.reverse(session, newest(session, loan_id, kind), reason="wrong loan", on=on)


def test_a_reversal_is_the_exact_negative_and_the_original_stays(books: Books) -> None:
    with books.hq_work() as session:
        weekly = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one()
        update(session, weekly, installment_fee=money("2.00"))
    loan_id = a_loan(books)
    before_owed, before_balances = owed(books, loan_id), balances(books)
    with books.work() as session:
        paid = repayments.post_repayment(session, loan_id, money("100"), LATER, till_id=books.till_id)
    originals = all_cells(books)
    reversal = take_back(books, loan_id)
    assert paid.fee == money("6.00")
    assert (reversal.amount, reversal.principal, reversal.interest, reversal.fee) == (
        -paid.amount,
        -paid.principal,
        -paid.interest,
        -paid.fee,
    )
    assert (reversal.kind, reversal.reverses_id, reversal.note) == ("reversal", paid.id, "wrong loan")
    assert reversal.receipt == "KIT-1-000002"
    assert owed(books, loan_id) == before_owed
    assert balances(books) == before_balances
    after = all_cells(books)
    for table in ("loan_transaction", "loan_transaction_share", "journal_entry", "journal_line"):
        assert set(originals[table]) < set(after[table])
    with books.look() as session:
        shares = session.scalars(select(LoanTransactionShare)).all()
    assert sum(share.principal.minor + share.interest.minor for share in shares) == 0
    assert broken(books) == []


def test_nothing_is_reversed_twice_and_no_reversal_is_reversed(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("100"), LATER)
    take_back(books, loan_id)
    before = row_counts(books)
    with pytest.raises(AlreadyReversedError):
        take_back(books, loan_id)
    with pytest.raises(NotReversibleError):
        take_back(books, loan_id, "reversal")
    assert row_counts(books) == before


def test_a_reversal_needs_a_reason_and_a_date_not_before_the_original(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("100"), LATER)
    with pytest.raises(ReversalDateError):
        take_back(books, loan_id, on=LATER - timedelta(days=1))
    with pytest.raises(MissingError), books.work() as session:
        repayments.reverse(session, newest(session, loan_id, "repayment"), reason=" ", on=LATER)


def test_a_disbursement_is_reversed_only_while_nothing_rests_on_it(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("100"), LATER)
    with pytest.raises(NotReversibleError):
        take_back(books, loan_id, "disbursement")
    take_back(books, loan_id)
    take_back(books, loan_id, "disbursement")
    assert owed(books, loan_id).total == ZERO
    assert balances(books) == {}
    with books.look() as session:
        loan = session.get_one(LoanAccount, loan_id)
    assert (loan.status, loan.disbursed_on) == ("approved", None)
    with books.work() as session:
        loans.disburse(session, loan_id, LATER)
    assert owed(books, loan_id).principal == money("1000.00")
    assert balances(books)["Loan portfolio"] == money("1000.00")
    assert broken(books) == []


@pytest.mark.parametrize("kind", ["fee", "waiver", "write_off", "recovery", "refund"])
def test_every_kind_of_event_can_be_taken_back(books: Books, kind: str) -> None:
    """What is owed and every balance are as before it, and so is the loan's state."""
    loan_id = a_loan(books)
    with books.work() as session:
        if kind == "recovery":
            repayments.write_off(session, loan_id, None, LATER)
        if kind == "refund":
            repayments.post_repayment(session, loan_id, money("1200"), LATER)
    before = (owed(books, loan_id), balances(books))
    with books.look() as session:
        status = session.get_one(LoanAccount, loan_id).status
    with books.work() as session:
        if kind == "fee":
            repayments.charge_fee_and_pay(session, loan_id, money("3"), LATER)
        elif kind == "waiver":
            repayments.waive(session, loan_id, money("3"), LATER)
        elif kind == "write_off":
            repayments.write_off(session, loan_id, None, LATER)
        elif kind == "recovery":
            repayments.recover(session, loan_id, money("3"), LATER)
        else:
            repayments.refund_overpayment(session, loan_id, money("3"), LATER)
    take_back(books, loan_id, kind)
    assert (owed(books, loan_id), balances(books)) == before
    with books.look() as session:
        assert session.get_one(LoanAccount, loan_id).status == status
    assert broken(books) == []


def test_what_later_money_rests_on_is_not_taken_back(books: Books) -> None:
    refunded, recovered = a_loan(books), a_loan(books)
    with books.work() as session:
        repayments.post_repayment(session, refunded, money("1200"), LATER)
        repayments.refund_overpayment(session, refunded, money("50"), LATER)
        repayments.post_repayment(session, recovered, money("100"), LATER)
        repayments.write_off(session, recovered, None, LATER)
        repayments.recover(session, recovered, money("50"), LATER)
    for loan_id, kind in ((refunded, "repayment"), (recovered, "write_off"), (recovered, "repayment")):
        with pytest.raises(NotReversibleError):
            take_back(books, loan_id, kind)
    take_back(books, recovered, "recovery")
    take_back(books, recovered, "write_off")
    take_back(books, recovered, "repayment")
    assert broken(books) == []


def test_an_entry_of_a_closed_day_is_reversed_in_the_open_one(books: Books) -> None:
    """The closed day keeps its figures; the reversal stands in the day that is open."""
    with books.work() as session:
        days.open_day(session, DAY)
    loan_id = a_loan(books)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("100"), DAY)
        days.close_day(session)
    with pytest.raises(ClosedDayError):
        take_back(books, loan_id, on=DAY)
    next_day = DAY + timedelta(days=1)
    with books.work() as session:
        days.open_day(session, next_day)
    reversal = take_back(books, loan_id, on=DAY)
    assert (reversal.value_date, reversal.booked_on) == (DAY, next_day)
    assert broken(books) == []


def test_a_refused_reversal_changes_nothing(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("100"), LATER)
    before = all_cells(books)
    for kind in ("disbursement",):
        with pytest.raises(RuleError):
            take_back(books, loan_id, kind)
    assert all_cells(books) == before
