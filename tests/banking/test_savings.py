"""Savings: accounts, deposits, withdrawals, reversals."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from banking import savings
from banking.errors import (
    AlreadyReversedError,
    BadValueError,
    InsufficientFundsError,
    NotReversibleError,
    NumberTakenError,
    OneOwnerError,
    ReceiptTakenError,
    ReversalDateError,
)
from ledger.errors import NotFoundError, RuleError
from ledger.money import ZERO, Money
from schema.accounts import SavingsTransaction
from schema.products import SavingsProduct
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import (
    DAY,
    a_client,
    a_loan,
    an_account,
    an_application,
    balances,
    broken,
    row_counts,
)

LATER = DAY + timedelta(days=10)


def put(books: Books, account_id: int, amount: str, on: date = DAY, receipt: str = "") -> SavingsTransaction:
    with books.work("savings.deposit") as session:
        return savings.deposit(session, account_id, money(amount), on, till_id=books.till_id, receipt=receipt)


def take(books: Books, account_id: int, amount: str, on: date = DAY) -> SavingsTransaction:
    with books.work("savings.withdraw") as session:
        return savings.withdraw(session, account_id, money(amount), on, till_id=books.till_id)


def balance(books: Books, account_id: int, until: date | None = None) -> Money:
    with books.look() as session:
        return savings.balance(session, account_id, until)


def test_deposits_and_withdrawals_move_the_balance_the_cash_and_the_deposits(books: Books) -> None:
    account = an_account(books)
    assert account.number == "KIT-S-000001"
    assert put(books, account.id, "100.00").receipt == "KIT-1-000001"
    taken = take(books, account.id, "30.00", LATER)
    assert (taken.amount, taken.kind, taken.receipt) == (money("-30.00"), "withdrawal", "KIT-1-000002")
    assert balance(books, account.id) == money("70.00")
    assert balance(books, account.id, DAY) == money("100.00")
    assert balances(books) == {"Cash in hand": money("70.00"), "Voluntary savings": money("-70.00")}
    assert broken(books) == []


def test_mandatory_savings_have_their_own_account_in_the_books(books: Books) -> None:
    put(books, an_account(books, "MUST").id, "50.00")
    assert balances(books) == {"Cash in hand": money("50.00"), "Mandatory savings": money("-50.00")}


def test_an_account_never_goes_below_zero_on_any_day(books: Books) -> None:
    """Also where only money that came later would cover it."""
    account = an_account(books)
    put(books, account.id, "100.00", LATER)
    before = row_counts(books)
    for amount, on in (("100.01", LATER), ("0.01", DAY)):
        with pytest.raises(InsufficientFundsError):
            take(books, account.id, amount, on)
    assert row_counts(books) == before
    take(books, account.id, "100.00", LATER)
    assert balance(books, account.id) == ZERO


def test_a_withdrawal_dated_back_may_not_take_what_was_taken_later(books: Books) -> None:
    account = an_account(books)
    put(books, account.id, "100.00", DAY)
    take(books, account.id, "80.00", LATER)
    with pytest.raises(InsufficientFundsError) as refusal:
        take(books, account.id, "20.01", DAY)
    assert refusal.value.facts["available"] == money("20.00")


def test_the_minimum_balance_of_the_product_stays(books: Books) -> None:
    with books.hq_work() as session:
        product = session.scalars(select(SavingsProduct).where(SavingsProduct.code == "SAVE")).one()
        update(session, product, minimum_balance=money("10.00"))
    account = an_account(books)
    put(books, account.id, "100.00")
    with pytest.raises(InsufficientFundsError):
        take(books, account.id, "90.01")
    take(books, account.id, "90.00")


def test_bad_deposits_are_refused_by_name_and_nothing_is_written(books: Books) -> None:
    account = an_account(books)
    put(books, account.id, "1.00", receipt="PAPER 1")
    loan_id = a_loan(books)
    before = row_counts(books)
    for code, account_id, amount, on in (
        ("AMOUNT_ZERO", account.id, ZERO, DAY),
        ("AMOUNT_NEGATIVE", account.id, Money(-1), DAY),
        ("AMOUNT_TOO_LARGE", account.id, Money(2**63), DAY),
        ("RECEIPT_TAKEN", account.id, Money(1), DAY),
        ("NOT_FOUND", loan_id, Money(1), DAY),
        ("BAD_VALUE", account.id, Money(1), DAY - timedelta(days=1)),
    ):
        for act in (savings.deposit, savings.withdraw):
            receipt = "PAPER 1" if code == "RECEIPT_TAKEN" else ""
            with pytest.raises(RuleError) as refused, books.work() as session:
                act(session, account_id, amount, on, till_id=books.till_id, receipt=receipt)
            assert refused.value.code == code
    assert row_counts(books) == before


def test_a_receipt_of_a_loan_is_not_used_again_for_savings(books: Books) -> None:
    account = an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("1"), DAY, receipt="P 1")
    with pytest.raises(ReceiptTakenError):
        put(books, account.id, "1", receipt="P 1")


def test_accounts_are_opened_for_one_owner_under_a_free_number(books: Books) -> None:
    save = books.savings_product("SAVE").id
    with books.work() as session:
        client_id = a_client(session)
        loan = an_application(books, session)
    before = row_counts(books)
    for fields, refusal in (
        ({"client_id": None}, OneOwnerError),
        ({"client_id": 5}, NotFoundError),
        ({"product_id": 5}, NotFoundError),
        ({"number": loan.number}, NumberTakenError),
        ({"annual_rate": Decimal(-1)}, BadValueError),
        ({"group_id": 5, "client_id": None}, NotFoundError),
    ):
        given = {"client_id": client_id, "product_id": save, "opened_on": DAY, **fields}
        with pytest.raises(refusal), books.work() as session:
            savings.open_account(session, **given)  # type: ignore[arg-type]  # fields by their names
    assert row_counts(books) == before
    with books.work() as session:
        kept = savings.open_account(
            session,
            client_id=client_id,
            product_id=save,
            opened_on=None,
            number="0001",
            annual_rate=Decimal(5),
        )
        assert savings.get_savings(session, "0001").id == kept.id
        assert kept.annual_rate == Decimal(5)
        with pytest.raises(NotFoundError):
            savings.get_savings(session, "0002")


def test_a_reversal_gives_the_exact_negative_once(books: Books) -> None:
    account = an_account(books)
    deposit = put(books, account.id, "100.00")
    with books.work() as session:
        reversal = savings.reverse(session, deposit, reason="wrong account", on=LATER)
    assert (reversal.amount, reversal.reverses_id, reversal.receipt) == (
        money("-100.00"),
        deposit.id,
        "KIT-1-000002",
    )
    assert balances(books) == {}
    for again, refusal in ((deposit, AlreadyReversedError), (reversal, NotReversibleError)):
        with pytest.raises(refusal), books.work() as session:
            savings.reverse(session, again, reason="again", on=LATER)
    withdrawal = put(books, account.id, "5.00")
    with pytest.raises(ReversalDateError), books.work() as session:
        savings.reverse(session, withdrawal, reason="x", on=DAY - timedelta(days=1))
    assert broken(books) == []


def test_a_deposit_that_was_taken_out_since_is_not_reversed_first(books: Books) -> None:
    account = an_account(books)
    deposit = put(books, account.id, "100.00")
    withdrawal = take(books, account.id, "60.00")
    with pytest.raises(InsufficientFundsError), books.work() as session:
        savings.reverse(session, deposit, reason="x", on=LATER)
    with books.work() as session:
        savings.reverse(session, withdrawal, reason="x", on=LATER)
        savings.reverse(session, deposit, reason="x", on=LATER)
    assert balance(books, account.id) == ZERO
