"""Loans from application to disbursement."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from banking import clients, groups, loans, repayments
from banking.errors import (
    BeforeApprovalError,
    LimitError,
    NumberTakenError,
    OneOwnerError,
    ReceiptTakenError,
    StatusError,
)
from ledger.errors import AmountError, BadTermError, NotFoundError, RuleError, UnsupportedTermError
from ledger.money import ZERO, Money, total
from ledger.terms import InterestType, RepayUnit
from schema.accounts import Installment, LoanAccount
from schema.products import LoanProduct
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import DAY, a_client, a_loan, an_application, balances, broken, row_counts


def rows_of(books: Books, loan_id: int) -> list[Installment]:
    with books.look() as session:
        rows = select(Installment).where(Installment.loan_account_id == loan_id).order_by(Installment.number)
        return list(session.scalars(rows))


def loan_of(books: Books, loan_id: int) -> LoanAccount:
    with books.look() as session:
        return session.get_one(LoanAccount, loan_id)


def change_product(books: Books, code: str, **changes: object) -> None:
    with books.hq_work() as session:
        product = session.scalars(select(LoanProduct).where(LoanProduct.code == code)).one()
        update(session, product, **changes)


def test_an_application_takes_the_products_terms_or_its_own(books: Books) -> None:
    with books.work() as session:
        plain = an_application(books, session)
        own = loans.apply(
            session,
            client_id=plain.client_id,
            product_id=plain.product_id,
            principal=money("500"),
            annual_rate=Decimal("12.5"),
            installments=10,
            applied_on=DAY,
            number="OLD 4",
        )
    assert (plain.number, plain.status, plain.annual_rate, plain.installments) == (
        "KIT-L-000001",
        "applied",
        Decimal(20),
        25,
    )
    assert (own.number, own.annual_rate, own.installments) == ("OLD 4", Decimal("12.5"), 10)


def test_nothing_is_owed_before_disbursement(books: Books) -> None:
    with books.work() as session:
        loan = an_application(books, session)
        loans.approve(session, loan.id, DAY)
        assert loans.outstanding(session, loan.id).total == ZERO
        assert loans.dues(session, loan.id) == []
        assert not loans.is_closed(session, loan.id)


def test_a_disbursed_loan_has_its_schedule_and_its_entry(books: Books) -> None:
    """Flat 20 % on 1,000 for 25 weeks: 96.15 of interest, 40.00 of principal in each row."""
    loan_id = a_loan(books, "1000.00", till_id=books.till_id)
    rows = rows_of(books, loan_id)
    assert len(rows) == 25
    assert total(row.principal for row in rows) == money("1000.00")
    assert total(row.interest for row in rows) == money("96.15")
    assert [row.due_on for row in rows[:2]] == [DAY + timedelta(days=7), DAY + timedelta(days=14)]
    assert loan_of(books, loan_id).first_due_on == rows[0].due_on
    assert balances(books) == {"Cash in hand": money("-1000.00"), "Loan portfolio": money("1000.00")}
    assert broken(books) == []


def test_without_a_till_the_cash_side_is_books_brought_in(books: Books) -> None:
    a_loan(books, "1000.00")
    assert balances(books) == {"Books brought in": money("-1000.00"), "Loan portfolio": money("1000.00")}


def test_an_instalment_fee_of_the_product_stands_on_every_row(books: Books) -> None:
    change_product(books, "MONTHLY", installment_fee=money("5.00"))
    loan_id = a_loan(books, "1200.00", "MONTHLY")
    assert {row.fee for row in rows_of(books, loan_id)} == {money("5.00")}
    with books.look() as session:
        assert loans.outstanding(session, loan_id).fee == money("60.00")
    assert balances(books)["Loan portfolio"] == money("1200.00")


def test_the_first_due_date_can_be_chosen(books: Books) -> None:
    with books.work() as session:
        loan = an_application(books, session, code="MONTHLY")
        loans.approve(session, loan.id, DAY)
        loans.disburse(session, loan.id, DAY, first_due_on=date(2026, 1, 31))
    assert [row.due_on for row in rows_of(books, loan.id)[:3]] == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
    ]


def test_bad_applications_are_refused_by_name_and_nothing_is_written(books: Books) -> None:
    change_product(books, "MONTHLY", principal_minimum=money("100"), principal_maximum=money("5000"))
    with books.work() as session:
        client_id = a_client(session)
        group_id = groups.create_group(session, name="G").id
        an_application(books, session)
    weekly, monthly = books.loan_product("WEEKLY").id, books.loan_product("MONTHLY").id
    good: dict[str, Any] = {
        "client_id": client_id,
        "product_id": weekly,
        "principal": money("100"),
        "applied_on": DAY,
    }
    cases: list[tuple[dict[str, Any], type[RuleError], str]] = [
        ({"principal": ZERO}, AmountError, "AMOUNT_ZERO"),
        ({"principal": Money(-1)}, AmountError, "AMOUNT_NEGATIVE"),
        ({"principal": Money(2**63)}, AmountError, "AMOUNT_TOO_LARGE"),
        ({"group_id": group_id}, OneOwnerError, "ONE_OWNER"),
        ({"client_id": None}, OneOwnerError, "ONE_OWNER"),
        ({"client_id": 7}, NotFoundError, "NOT_FOUND"),
        ({"product_id": 7}, NotFoundError, "NOT_FOUND"),
        ({"officer_id": 7}, NotFoundError, "NOT_FOUND"),
        ({"product_id": monthly, "principal": money("99.99")}, LimitError, "LIMIT"),
        ({"product_id": monthly, "principal": money("5000.01")}, LimitError, "LIMIT"),
        ({"annual_rate": Decimal(-1)}, BadTermError, "BAD_TERM"),
        ({"installments": 0}, BadTermError, "BAD_TERM"),
        ({"number": "KIT-L-000001"}, NumberTakenError, "NUMBER_TAKEN"),
    ]
    before = row_counts(books)
    for fields, refusal, code in cases:
        with pytest.raises(refusal) as refused, books.work() as session:
            loans.apply(session, **{**good, **fields})
        assert refused.value.code == code
    assert row_counts(books) == before


@pytest.mark.parametrize("term", ["convention", "strategy", "interest_type", "repay_unit", "days_in_year"])
def test_terms_that_are_not_computed_are_refused_by_name_when_applied_for(books: Books, term: str) -> None:
    """Headquarters may have a newer program, and products that this one does not know."""
    change_product(books, "WEEKLY", **{term: "of-tomorrow"})
    with pytest.raises(UnsupportedTermError, match=f"{term}=of-tomorrow"), books.work() as session:
        an_application(books, session)


def test_a_schedule_that_cannot_be_is_refused_when_applied_for_and_not_at_the_till(books: Books) -> None:
    """1,200 rows of 1,000 weeks each end after the last year that a calendar has."""
    change_product(books, "WEEKLY", repay_every=1000, installments=1200)
    with pytest.raises(BadTermError), books.work() as session:
        an_application(books, session)


def test_decisions_follow_one_another_and_no_step_is_skipped(books: Books) -> None:
    with books.work() as session:
        first, second, third = (an_application(books, session) for _ in range(3))
        with pytest.raises(StatusError):
            loans.disburse(session, first.id, DAY)
        with pytest.raises(BadTermError):
            loans.approve(session, first.id, DAY - timedelta(days=1))
        loans.approve(session, first.id, DAY)
        with pytest.raises(StatusError):
            loans.approve(session, first.id, DAY)
        with pytest.raises(BeforeApprovalError):
            loans.disburse(session, first.id, DAY - timedelta(days=1))
        loans.reject(session, second.id)
        loans.withdraw_application(session, third.id)
        loans.disburse(session, first.id, DAY)
    for loan_id in (first.id, second.id, third.id):
        with pytest.raises(StatusError), books.work() as session:
            loans.approve(session, loan_id, DAY)
    with pytest.raises(StatusError), books.work() as session:
        loans.disburse(session, first.id, DAY)
    assert [loan_of(books, loan.id).status for loan in (first, second, third)] == [
        "active",
        "rejected",
        "withdrawn",
    ]


def test_another_branchs_loan_is_not_touched(books: Books) -> None:
    """Every account has one writer."""
    loan_id = a_loan(books)
    with pytest.raises(NotFoundError), books.hq_work() as session:
        loans.approve(session, loan_id, DAY)
    with pytest.raises(NotFoundError), books.hq_work() as session:
        repayments.post_repayment(session, loan_id, money("1"), DAY)


def test_a_voucher_number_is_not_used_twice(books: Books) -> None:
    with books.work() as session:
        for expected in (None, ReceiptTakenError):
            loan = an_application(books, session)
            loans.approve(session, loan.id, DAY)
            if expected is None:
                loans.disburse(session, loan.id, DAY, receipt="PAPER 1")
            else:
                with pytest.raises(expected):
                    loans.disburse(session, loan.id, DAY, receipt="PAPER 1")


# --- loans from other books -----------------------------------------------------------------------


def taken(books: Books, client: int, **changes: object) -> loans.TakenLoan:
    fields: dict[str, Any] = {
        "number": "000100000000020",
        "client_id": client,
        "product_id": books.loan_product("WEEKLY").id,
        "principal": money("100.00"),
        "annual_rate": Decimal("3.3"),
        "interest_type": InterestType.FLAT,
        "installments": 2,
        "repay_every": 2,
        "repay_unit": RepayUnit.WEEKS,
        "disbursed_on": date(2009, 1, 26),
        **changes,
    }
    return loans.TakenLoan(**fields)


ROWS = (
    loans.PlannedRow(1, date(2009, 2, 2), money("33.33"), money("1.20"), fee=money("7.00")),
    loans.PlannedRow(2, date(2009, 2, 9), money("66.67"), money("0.01")),
)


def test_a_loan_from_other_books_keeps_its_number_terms_and_rows(books: Books) -> None:
    with books.work() as session:
        loan = loans.take_over(session, taken(books, a_client(session)), ROWS)
    rows = rows_of(books, loan.id)
    assert [(row.number, row.due_on, row.principal, row.interest, row.fee) for row in rows] == [
        (1, date(2009, 2, 2), money("33.33"), money("1.20"), money("7.00")),
        (2, date(2009, 2, 9), money("66.67"), money("0.01"), ZERO),
    ]
    stored = loan_of(books, loan.id)
    assert (stored.number, stored.status, stored.annual_rate) == ("000100000000020", "active", Decimal("3.3"))
    assert balances(books) == {"Books brought in": money("-100.00"), "Loan portfolio": money("100.00")}
    assert broken(books) == []


def test_rows_of_an_application_are_a_plan_and_nothing_is_owed(books: Books) -> None:
    with books.work() as session:
        application = taken(books, a_client(session), disbursed_on=None, status="approved")
        loan = loans.take_over(session, application, ROWS)
        assert loans.outstanding(session, loan.id).total == ZERO
    assert balances(books) == {}
    assert broken(books) == []
    with books.work() as session:
        loans.disburse(session, loan.id, DAY)
    rows = rows_of(books, loan.id)
    assert [row.number for row in rows] == [1, 2]
    assert rows[0].due_on == DAY + timedelta(days=14)
    assert broken(books) == []


def test_a_loan_from_other_books_that_cannot_be_is_refused(books: Books) -> None:
    with books.work() as session:
        client_id = a_client(session)
        loans.take_over(session, taken(books, client_id, number="1"), ROWS)
    before = row_counts(books)
    for changes, rows, refusal in (
        ({"number": "1"}, ROWS, NumberTakenError),
        ({"principal": money("100.01")}, ROWS, BadTermError),
        ({}, (ROWS[0], ROWS[0]), BadTermError),
        ({"status": "approved"}, ROWS, StatusError),
        ({"disbursed_on": None}, ROWS, StatusError),
        ({"client_id": None}, ROWS, OneOwnerError),
    ):
        with pytest.raises(refusal), books.work() as session:
            loans.take_over(session, taken(books, client_id, **changes), rows)
    assert row_counts(books) == before


def test_two_loans_of_one_product_are_kept_apart(books: Books) -> None:
    with books.work() as session:
        client_id = clients.register_client(session, name="Two").id
        made = [
            loans.take_over(session, taken(books, client_id, number=number), ROWS) for number in ("1", "2")
        ]
        assert made[0].id != made[1].id
        assert [loans.get_loan(session, number).id for number in ("1", "2")] == [loan.id for loan in made]
        with pytest.raises(NotFoundError):
            loans.get_loan(session, "3")
