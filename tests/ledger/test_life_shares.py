"""What a payment, a waiver and a part written off pay of each row."""

from datetime import date, timedelta

import pytest
from hypothesis import given

from ledger.errors import OverpaymentError
from ledger.money import Money, total
from ledger.rows import MovementKind
from tests.ledger.test_life import REPAY, START, fee, loan, payments


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
