"""Charges, a waiver and back-dated penalties on one loan give the figures that a public test suite asserts.

12,000.00 in four monthly rows, declining, 24 percent a year, paid out on 20 September 2011.
Source: Apache Fineract, ClientLoanIntegrationTest, charges with periodic accrual accounting.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from ledger.charges import Charge, ChargeBase, ChargeTime
from ledger.life import LoanLife
from ledger.money import Money
from ledger.rows import FEE, INTEREST, PENALTY, MovementKind
from ledger.terms import LoanTerms
from tests.ledger.test_life import REPAY, column, fee

TERMS = LoanTerms(principal=Money(1_200_000), annual_rate=Decimal(24), installments=4)
START = date(2011, 9, 20)


def charged(when: ChargeTime, on: date | None = None, **amount: Any) -> Charge:  # noqa: ANN401 - an amount or a percentage
    return Charge(name="fee", penalty=False, when=when, due_date=on, **amount)


def test_flat_fees_a_waiver_of_interest_and_penalties_that_come_late() -> None:
    life = LoanLife(TERMS, START)
    life.charge(charged(ChargeTime.DISBURSEMENT, amount=Money(10_000)))
    life.charge(fee(10_000, date(2011, 9, 29)))
    life.charge(fee(5_000))
    assert (life.fees_at_disbursement, column(life.rows, FEE)) == (10_000, [15_000, 5_000, 5_000, 5_000])

    life.pay(REPAY, date(2011, 10, 20), Money(330_149))
    life.charge(fee(10_000, date(2011, 10, 29)))
    assert (life.rows[0].outstanding, life.rows[1].due[FEE]) == (0, 15_000)
    life.pay(MovementKind.WAIVE, date(2011, 10, 29), Money(5_000))
    life.pay(REPAY, date(2011, 11, 20), Money(325_149))
    assert life.rows[1].outstanding == 0
    life.pay(MovementKind.WAIVE_INTEREST, date(2011, 12, 20), Money(6_179))
    assert life.rows[2].owed(INTEREST) == 6_059

    life.charge(fee(10_000, date(2011, 9, 29), penalty=True))
    assert life.rows[1].outstanding == 10_000
    life.pay(REPAY, date(2011, 11, 20), Money(330_149))
    life.charge(fee(10_000, date(2012, 1, 10), penalty=True))
    assert (life.rows[3].owed(PENALTY), life.rows[3].outstanding) == (10_000, 323_968)
    life.pay(REPAY, date(2012, 1, 20), Money(10_000))
    assert (life.rows[3].owed(PENALTY), life.rows[3].outstanding) == (0, 313_968)
    life.pay(REPAY, date(2012, 1, 20), Money(313_968))
    assert (life.outstanding, life.overpaid) == (0, 0)


def test_percentages_of_the_amount_count_from_the_loan_or_from_the_row() -> None:
    life = LoanLife(TERMS, START)
    one: dict[str, Any] = {"percent": Decimal(1), "base": ChargeBase.PRINCIPAL}
    life.charge(charged(ChargeTime.DISBURSEMENT, **one))
    life.charge(charged(ChargeTime.DATED, date(2011, 9, 29), **one))
    life.charge(charged(ChargeTime.INSTALLMENT, **one))
    assert life.fees_at_disbursement == 12_000
    assert column(life.rows, FEE)[:2] == [14_911, 2_970]
