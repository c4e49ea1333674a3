"""Money on loans: repayments, fees, waivers, write-offs, recoveries, refunds."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import cash, groups, loans, repayments, tills
from banking.books import LARGEST_AMOUNT
from banking.errors import (
    InsufficientFundsError,
    NotDisbursedError,
    ReceiptTakenError,
    StatusError,
    TillClosedError,
)
from ledger.errors import NotFoundError, NothingOwedError, OverpaymentError
from ledger.money import ZERO, Money
from schema.accounts import LoanAccount, LoanTransaction
from schema.products import LoanProduct
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import (
    DAY,
    a_loan,
    an_application,
    balances,
    broken,
    newest_transaction,
    row_counts,
)

LATER = DAY + timedelta(days=30)


def owed(books: Books, loan_id: int) -> loans.Components:
    with books.look() as session:
        return loans.outstanding(session, loan_id)


def pay(books: Books, loan_id: int, amount: Money, on: date = LATER, *, receipt: str = "") -> LoanTransaction:
    with books.work("loan.repay") as session:
        return repayments.post_repayment(session, loan_id, amount, on, till_id=books.till_id, receipt=receipt)


def with_fees(books: Books, **changes: object) -> None:
    with books.hq_work() as session:
        product = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one()
        update(session, product, installment_fee=money("2.00"), **changes)


def test_a_repayment_pays_fee_interest_principal_oldest_first(books: Books) -> None:
    """Row: 2.00 fee, 3.85 interest, 40.00 principal. 50.00 pays the first row and 4.15 of the second."""
    with_fees(books)
    loan_id = a_loan(books)
    transaction = pay(books, loan_id, money("50.00"))
    assert (transaction.fee, transaction.interest, transaction.principal) == (
        money("4.00"),
        money("6.00"),
        money("40.00"),
    )
    with books.look() as session:
        second = loans.dues(session, loan_id)[0]
    assert (second.number, second.fee, second.interest, second.principal) == (
        2,
        ZERO,
        money("1.70"),
        money("40.00"),
    )
    assert balances(books) == {
        "Books brought in": money("-1000.00"),
        "Cash in hand": money("50.00"),
        "Loan portfolio": money("960.00"),
        "Interest on loans": money("-6.00"),
        "Fees on loans": money("-4.00"),
    }
    assert broken(books) == []


def test_receipts_of_a_till_run_without_gaps_and_kept_ones_stay(books: Books) -> None:
    loan_id = a_loan(books)
    assert [pay(books, loan_id, money("1")).receipt for _ in range(2)] == ["KIT-1-000001", "KIT-1-000002"]
    assert pay(books, loan_id, money("1"), receipt="PAPER 7").receipt == "PAPER 7"
    assert pay(books, loan_id, money("1")).receipt == "KIT-1-000003"
    assert broken(books) == []


def test_a_kept_paper_with_the_next_number_fills_its_place(books: Books) -> None:
    loan_id = a_loan(books)
    pay(books, loan_id, money("1"), receipt="KIT-1-000001")
    assert pay(books, loan_id, money("1")).receipt == "KIT-1-000002"
    assert broken(books) == []


def test_without_a_till_nothing_is_numbered(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        transaction = repayments.post_repayment(session, loan_id, money("5"), LATER)
    assert (transaction.receipt, transaction.receipt_till, transaction.till_id) == ("", None, None)
    assert "Cash in hand" not in balances(books)


def test_each_till_has_a_series_of_its_own(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        other = cash.create_till(session)
        transaction = repayments.post_repayment(session, loan_id, money("5"), LATER, till_id=other.id)
    assert transaction.receipt == "KIT-2-000001"
    assert pay(books, loan_id, money("1")).receipt == "KIT-1-000001"


def test_bad_repayments_are_refused_by_name_and_nothing_is_written(books: Books) -> None:
    with_fees(books, overpayment="refuse")
    loan_id = a_loan(books)
    with books.work() as session:
        applied = an_application(books, session).id
        retired = cash.create_till(session).id
        tills.retire_till(session, retired)
    pay(books, loan_id, money("1.00"), receipt="PAPER 1")
    till, all_owed = books.till_id, owed(books, loan_id).total
    before = row_counts(books)
    cases: list[tuple[str, type[Exception], int, Money, date, int, str]] = [
        ("AMOUNT_ZERO", Exception, loan_id, ZERO, LATER, till, ""),
        ("AMOUNT_NEGATIVE", Exception, loan_id, Money(-1), LATER, till, ""),
        ("AMOUNT_TOO_LARGE", Exception, loan_id, Money(2**63), LATER, till, ""),
        ("AMOUNT_TOO_LARGE", Exception, loan_id, LARGEST_AMOUNT + Money(1), LATER, till, ""),
        ("OVERPAYMENT", OverpaymentError, loan_id, all_owed + Money(1), LATER, till, ""),
        ("NOT_DISBURSED", NotDisbursedError, loan_id, money("1"), DAY - timedelta(days=1), till, ""),
        ("NOT_DISBURSED", NotDisbursedError, applied, money("1"), LATER, till, ""),
        ("RECEIPT_TAKEN", ReceiptTakenError, loan_id, money("1"), LATER, till, "PAPER 1"),
        ("NOT_FOUND", NotFoundError, loan_id, money("1"), LATER, 99, ""),
        ("NOT_FOUND", NotFoundError, 99, money("1"), LATER, till, ""),
        ("TILL_CLOSED", TillClosedError, loan_id, money("1"), LATER, retired, ""),
        ("TEXT_NOT_ALLOWED", Exception, loan_id, money("1"), LATER, till, "A\u202eB"),
    ]
    for code, refusal, loan, amount, on, till_id, receipt in cases:
        with pytest.raises(refusal) as refused, books.work() as session:
            repayments.post_repayment(session, loan, amount, on, till_id=till_id, receipt=receipt)
        assert getattr(refused.value, "code", None) == code
    assert row_counts(books) == before


def test_too_much_money_is_kept_as_overpayment_where_the_product_says_so(books: Books) -> None:
    loan_id = a_loan(books)
    transaction = pay(books, loan_id, owed(books, loan_id).total + money("10.00"))
    assert transaction.overpayment == money("10.00")
    assert owed(books, loan_id).total == ZERO
    assert balances(books)["Overpayments of clients"] == money("-10.00")
    assert pay(books, loan_id, money("1.00")).overpayment == money("1.00")
    with books.look() as session:
        assert loans.is_closed(session, loan_id)
        assert repayments.overpaid(session, loan_id) == money("11.00")
    assert broken(books) == []


def test_an_overpayment_can_be_given_back_once(books: Books) -> None:
    loan_id = a_loan(books)
    pay(books, loan_id, owed(books, loan_id).total + money("10.00"))
    with books.work() as session:
        repayments.refund_overpayment(session, loan_id, money("10.00"), LATER, till_id=books.till_id)
    assert "Overpayments of clients" not in balances(books)
    with pytest.raises(InsufficientFundsError), books.work() as session:
        repayments.refund_overpayment(session, loan_id, money("0.01"), LATER)
    assert broken(books) == []


def test_a_fee_charged_and_paid_at_once_leaves_what_is_owed(books: Books) -> None:
    loan_id = a_loan(books)
    before = owed(books, loan_id)
    with books.work() as session:
        paid = repayments.charge_fee_and_pay(session, loan_id, money("3.00"), LATER, till_id=books.till_id)
    assert (paid.kind, paid.receipt) == ("fee", "KIT-1-000001")
    assert owed(books, loan_id) == before
    assert balances(books)["Fees on loans"] == money("-3.00")
    assert broken(books) == []


def test_a_waiver_takes_fees_before_interest_and_never_principal(books: Books) -> None:
    """25 fees of 2.00 and 96.15 interest: 60.00 waived are all fees and 10.00 of the oldest interest."""
    with_fees(books)
    loan_id = a_loan(books)
    before = balances(books)
    with books.work() as session:
        waiver = repayments.waive(session, loan_id, money("60.00"), LATER, note="hardship")
    assert (waiver.penalty, waiver.fee, waiver.interest, waiver.principal) == (
        ZERO,
        money("50.00"),
        money("10.00"),
        ZERO,
    )
    assert waiver.journal_entry_id is None
    assert balances(books) == before
    assert owed(books, loan_id) == loans.Components(money("1000.00"), money("86.15"), ZERO, ZERO)
    with pytest.raises(OverpaymentError), books.work() as session:
        repayments.waive(session, loan_id, money("86.16"), LATER)
    with books.work() as session:
        repayments.waive(session, loan_id, None, LATER)
    assert owed(books, loan_id).total == money("1000.00")
    with pytest.raises(NothingOwedError), books.work() as session:
        repayments.waive(session, loan_id, None, LATER)
    assert broken(books) == []


def test_a_write_off_without_amount_takes_everything_and_only_principal_is_expense(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        repayments.write_off(session, loan_id, None, LATER, note="fled")
    assert owed(books, loan_id).total == ZERO
    assert balances(books) == {"Books brought in": money("-1000.00"), "Loans written off": money("1000.00")}
    with books.look() as session:
        assert session.get_one(LoanAccount, loan_id).status == "written_off"
    with pytest.raises(NothingOwedError), books.work() as session:
        repayments.write_off(session, loan_id, None, LATER)
    assert broken(books) == []


def test_a_write_off_of_a_part_leaves_the_loan_active(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        repayments.write_off(session, loan_id, money("43.85"), LATER)
        assert session.get_one(LoanAccount, loan_id).status == "active"
    assert owed(books, loan_id).principal == money("960.00")
    with pytest.raises(OverpaymentError), books.work() as session:
        repayments.write_off(session, loan_id, money("2000.00"), LATER)
    assert broken(books) == []


def test_money_on_a_loan_written_off_is_a_recovery_up_to_what_was_lost(books: Books) -> None:
    """A status never blocks money: the clerk posts a repayment, the books show a recovery."""
    loan_id = a_loan(books)
    with pytest.raises(StatusError), books.work() as session:
        repayments.recover(session, loan_id, money("1"), LATER)
    with books.work() as session:
        repayments.write_off(session, loan_id, None, LATER)
    recovery = pay(books, loan_id, money("100.00"))
    assert (recovery.kind, recovery.receipt) == ("recovery", "KIT-1-000001")
    assert balances(books)["Recovered loans"] == money("-100.00")
    assert owed(books, loan_id).total == ZERO
    with pytest.raises(OverpaymentError):
        pay(books, loan_id, money("996.16"))
    pay(books, loan_id, money("996.15"))
    assert broken(books) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda session, loan_id: repayments.waive(session, loan_id, Money(0), LATER),
        lambda session, loan_id: repayments.write_off(session, loan_id, Money(-5), LATER),
        lambda session, loan_id: repayments.charge_fee_and_pay(session, loan_id, Money(2**63), LATER),
        lambda session, loan_id: repayments.recover(session, loan_id, Money(0), LATER),
        lambda session, loan_id: repayments.refund_overpayment(session, loan_id, Money(0), LATER),
        lambda session, loan_id: repayments.waive(session, loan_id, None, DAY - timedelta(days=1)),
        lambda session, loan_id: repayments.write_off(session, loan_id, None, DAY - timedelta(days=1)),
        lambda session, loan_id: repayments.charge_fee_and_pay(
            session, loan_id, Money(1), DAY - timedelta(days=1)
        ),
    ],
)
def test_bad_amounts_and_dates_are_refused_everywhere(
    books: Books, act: Callable[[Session, int], LoanTransaction]
) -> None:
    loan_id = a_loan(books)
    before = row_counts(books)
    with (
        pytest.raises(Exception, match=r"zero|below zero|more than the books|not paid out"),
        books.work() as session,
    ):
        act(session, loan_id)
    assert row_counts(books) == before


def test_a_group_can_have_a_loan_of_its_own(books: Books) -> None:
    with books.work() as session:
        group = groups.create_group(session, name="Tumaini")
        loan = loans.apply(
            session,
            group_id=group.id,
            product_id=books.loan_product("WEEKLY").id,
            principal=money("1000"),
            applied_on=DAY,
        )
        loans.approve(session, loan.id, DAY)
        loans.disburse(session, loan.id, DAY)
    pay(books, loan.id, money("43.85"))
    assert newest_transaction(books, loan.id).principal == money("40.00")
