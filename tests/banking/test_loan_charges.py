"""Charges on running loans: dated, on every row, for being late, taken back, waived."""

from datetime import date
from decimal import Decimal

import pytest

from banking import repayments
from banking.charge_reversals import take_back, waive_charge
from banking.errors import StatusError
from banking.loan_charges import charge_overdue, put_amount, put_charge
from banking.loan_errors import WrongChargeError
from tests.support.books import Books, money
from tests.support.lending import a_loan, balances, broken
from tests.support.loan_life import FAR, a_definition, adjustments, day, owed, pay, rows_of, settled


def test_a_charge_dated_before_a_payment_is_paid_by_it(books: Books) -> None:
    loan_id = a_loan(books)
    paid = pay(books, loan_id, "43.85", day(7))
    with books.work() as session:
        put_amount(session, loan_id, money("5.00"), day(5), name="Visit")
    (moved,) = adjustments(books, paid)
    assert (moved.fee, moved.principal) == (money("5.00"), money("-5.00"))
    assert balances(books)["Fees on loans"] == money("-5.00")
    assert broken(books) == []


def test_a_charge_that_nobody_knew_of_is_left_alone_by_earlier_money(books: Books) -> None:
    loan_id = a_loan(books)
    paid = pay(books, loan_id, "60.00", day(7))
    with books.work() as session:
        put_amount(session, loan_id, money("5.00"), day(12), name="Visit")
    assert adjustments(books, paid) == []
    assert owed(books, loan_id).fee == money("5.00")
    assert settled(books, loan_id)


def test_a_charge_on_every_row_and_one_after_maturity(books: Books) -> None:
    loan_id = a_loan(books, "300.00", "MONTHLY")
    each = a_definition(books, "EACH", due="installment", percent=Decimal(1))
    with books.work() as session:
        made = put_charge(session, loan_id, each, day(40))
        late = put_amount(session, loan_id, money("7.00"), day(390), name="Court")
        later = put_amount(session, loan_id, money("1.00"), day(395), name="Court", penalty=True)
    assert len(made) == 11
    assert {charge.amount for charge in made} == {money("0.28")}
    with books.look() as session:
        rows = rows_of(session, loan_id)
    assert (len(rows), rows[-1].due_on, rows[-1].fee, rows[-1].penalty) == (
        13,
        day(395),
        money("7.00"),
        money("1.00"),
    )
    assert late.installment_id == later.installment_id
    assert broken(books) == []


def test_charges_that_cannot_be_meant_are_refused(books: Books) -> None:
    loan_id = a_loan(books)
    overdue = a_definition(books, "LATE", due="overdue", penalty=1, amount=money("1"))
    of_savings = a_definition(books, "SAVER", applies_to="savings", due="monthly", amount=money("1"))
    for charge_id in (overdue, of_savings):
        with pytest.raises(WrongChargeError), books.work() as session:
            put_charge(session, loan_id, charge_id, day(5))
    with books.work() as session:
        repayments.write_off(session, loan_id, None, day(30))
    with pytest.raises(StatusError), books.work() as session:
        put_amount(session, loan_id, money("5.00"), day(40), name="Visit")


def test_a_charge_taken_back_gives_its_money_to_the_rows(books: Books) -> None:
    loan_id, other = a_loan(books), a_loan(books)
    with books.work() as session:
        charge = put_amount(session, loan_id, money("5.00"), day(5), name="Visit")
    pay(books, loan_id, "43.85", day(7))
    pay(books, other, "43.85", day(7))
    with books.work() as session:
        take_back(session, charge, FAR, reason="never made")
    assert owed(books, loan_id) == owed(books, other)
    assert broken(books) == []


def test_penalties_of_late_rows_are_made_once_and_again_after_their_days(books: Books) -> None:
    """Ten days after the due date, then every thirty; asked twice on a day nothing is made twice."""
    a_definition(
        books,
        "LATE",
        "MONTHLY",
        due="overdue",
        penalty=1,
        percent=Decimal(10),
        least=money("2.00"),
        most=money("2.50"),
        wait_days=10,
        repeat_days=30,
    )
    loan_id = a_loan(books, "300.00", "MONTHLY")
    with books.work() as session:
        assert charge_overdue(session, loan_id, date(2026, 2, 15)) == []
        first = charge_overdue(session, loan_id, date(2026, 2, 16))
        assert charge_overdue(session, loan_id, date(2026, 2, 16)) == []
        again = charge_overdue(session, loan_id, date(2026, 3, 20))
    assert [(one.charged_on, one.amount) for one in first] == [(date(2026, 2, 15), money("2.50"))]
    assert [one.charged_on for one in again] == [date(2026, 3, 17), date(2026, 3, 15)]
    assert owed(books, loan_id).penalty == money("7.50")
    with books.work() as session:
        take_back(session, first[0], date(2026, 3, 21), reason="rain")
        assert charge_overdue(session, loan_id, date(2026, 3, 21)) == []
        waive_charge(session, again[0], date(2026, 3, 21))
    assert owed(books, loan_id).penalty == money("2.50")
    assert broken(books) == []
