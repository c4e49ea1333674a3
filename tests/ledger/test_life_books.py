"""A loan resumed from the rows of the books is the loan that was left there."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadTermError, OverpaymentError
from ledger.life import LoanLife
from ledger.money import Money, total
from ledger.rescheduling import Reschedule
from ledger.rows import FEE, PRINCIPAL, Movement, MovementKind, Row
from ledger.terms import Strategy
from tests.ledger.test_life import FREE_ORDER, REPAY, START, TERMS, column, fee, loan, payments, picture


def resumed(life: LoanLife) -> LoanLife:
    """Give the loan as somebody finds it who has only its rows and its live entries."""
    rows = [
        Row(row.number, row.start, row.due_date, list(row.due), dated=list(row.dated)) for row in life.rows
    ]
    entries = [Movement(entry.kind, entry.on, entry.amount) for entry in life.live()]
    return LoanLife.of_rows(life.terms, life.disbursed_on, rows, entries)


@given(paid=payments, strategy=st.sampled_from(Strategy))
def test_a_loan_resumed_from_its_rows_is_the_loan(paid: list[tuple[int, int]], strategy: Strategy) -> None:
    order = FREE_ORDER if strategy is Strategy.ADVANCED else None
    life = loan(strategy=strategy, allocation_order=order)
    life.charge(fee(150))
    life.charge(fee(700, date(2024, 2, 20), penalty=True))
    life.charge(fee(90, date(2024, 5, 20)))
    for days, amount in paid:
        life.pay(REPAY, START + timedelta(days=days), Money(amount))
    again = resumed(life)
    assert picture(again) == picture(life)
    for other in (life, again):
        other.pay(REPAY, date(2024, 2, 25), Money(12_345))
        other.charge(fee(50, date(2024, 2, 21)))
    assert picture(again) == picture(life)


def test_a_resumed_loan_can_be_rescheduled_and_keeps_its_charges() -> None:
    """Charges on every row come on the new rows too, where they are named; others stay with their row."""
    life = loan()
    life.charge(fee(150))
    life.charge(fee(70, date(2024, 2, 20)))
    again = LoanLife.of_rows(TERMS, START, life.rows, each_row=[fee(150)])
    plain = LoanLife.of_rows(TERMS, START, life.rows)
    for resumed_loan in (again, plain):
        resumed_loan.reschedule(Reschedule(from_date=date(2024, 3, 1), extra_rows=1))
    assert column(again.rows, FEE) == [150, 220, 150, 150]
    assert column(plain.rows, FEE) == [150, 220, 150, 0]
    assert sum(column(plain.rows, PRINCIPAL)) == 30_000


def test_rows_out_of_order_cannot_be_resumed() -> None:
    rows = loan().rows
    for wrong in ([], rows[1:], [rows[1], rows[0]]):
        with pytest.raises(BadTermError):
            LoanLife.of_rows(TERMS, START, wrong)


@given(paid=payments)
def test_shares_by_row_add_up_to_the_split(paid: list[tuple[int, int]]) -> None:
    life = loan()
    for days, amount in paid:
        life.pay(REPAY, START + timedelta(days=days), Money(amount))
    for entry in life.live():
        shared = total(share.total for share in entry.shares.values())
        assert shared + entry.split.overpayment == entry.amount
    for row in life.rows:
        parts = [entry.shares[row.number].total for entry in life.live() if row.number in entry.shares]
        assert total(parts).minor == sum(row.paid)


def test_a_waiver_lets_penalties_go_before_fees_before_interest() -> None:
    life = loan()
    life.charge(fee(50, date(2024, 1, 15)))
    life.charge(fee(70, date(2024, 2, 20), penalty=True))
    waiver = life.pay(MovementKind.WAIVE, date(2024, 2, 21), Money(130))
    assert (waiver.split.penalty, waiver.split.fee, waiver.split.interest) == (
        Money(70),
        Money(50),
        Money(10),
    )
    with pytest.raises(OverpaymentError):
        life.pay(MovementKind.WAIVE, date(2024, 2, 21), Money(891))


def test_a_part_is_written_off_as_a_payment_would_be_shared() -> None:
    life = loan()
    written = life.write_off(date(2024, 2, 5), Money(10_000))
    assert (written.split.interest, written.split.principal) == (Money(300), Money(9_700))
    assert (sum(life.rows[0].written_off), life.outstanding) == (10_000, 20_900)
    life.pay(REPAY, date(2024, 1, 5), Money(25_000))
    assert (written.amount, life.outstanding) == (Money(5_900), 0)
    with pytest.raises(OverpaymentError):
        loan().write_off(date(2024, 2, 5), Money(30_901))
