"""Recalculated loans give the figures that the public test suite of a core-banking system asserts.

5,000.00 at 12 percent a year, six months, paid out on 1 November 2022; installments of whole units.
Source: Apache Fineract, LoanRepayment.feature, scenarios RP02 to RP11.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from ledger.charges import Charge, ChargeBase, ChargeTime
from ledger.money import Money
from ledger.recalculation import AfterExcess, Compounding, RecalculatedLoan, Recalculation, Rest
from ledger.rows import FEE, INTEREST, PRINCIPAL
from ledger.terms import InterestPeriod, LoanTerms, RepayUnit, Strategy
from tests.ledger.test_recalculation import REPAY, loan

REDUCE_NUMBER = Recalculation(after_excess=AfterExcess.REDUCE_NUMBER)
LATE_ROWS = [(81268, 4932), (81825, 4375), (82766, 3434), (83861, 2339), (84465, 1735), (85815, 846)]


@pytest.mark.parametrize(
    ("paid", "rows"),
    [
        (
            (date(2022, 12, 1), 86_300),
            [(81368, 4932), (81933, 4267), (82768, 3432), (83862, 2338), (84467, 1733), (85602, 844)],
        ),
        (
            (date(2022, 11, 27), 86_300),
            [(86300, 4818), (80984, 4216), (81809, 3391), (82890, 2310), (83488, 1712), (84529, 834)],
        ),
        ((date(2022, 12, 5), 86_200), LATE_ROWS),
        (
            (date(2022, 12, 1), 20_000),
            [(81268, 4932), (81932, 4268), (82767, 3433), (83862, 2338), (84466, 1734), (85705, 845)],
        ),
        ((date(2022, 12, 5), 20_000), LATE_ROWS),
        (
            (date(2022, 11, 27), 150_000),
            [(150000, 4734), (68533, 3567), (69231, 2869), (70146, 1954), (70652, 1448), (71438, 705)],
        ),
        (
            (date(2022, 12, 5), 150_000),
            [(81268, 4932), (82391, 3809), (82772, 3428), (83866, 2334), (84470, 1730), (85233, 841)],
        ),
    ],
    ids=["RP02", "RP03", "RP04", "RP05", "RP07", "RP09", "RP10"],
)
def test_one_payment_early_late_or_in_parts(paid: tuple[date, int], rows: list[tuple[int, int]]) -> None:
    life = loan()
    life.pay(REPAY, paid[0], Money(paid[1]))
    assert [(row.due[PRINCIPAL], row.due[INTEREST]) for row in life.rows] == rows


def test_money_beyond_the_schedule_ends_it_a_row_earlier() -> None:
    """RP11: 1,000.00 and 2,000.00 on the first two due dates."""
    life = loan(REDUCE_NUMBER)
    life.pay(REPAY, date(2022, 12, 1), Money(100_000))
    life.pay(REPAY, date(2023, 1, 1), Money(200_000))
    assert [(row.due[PRINCIPAL], row.due[INTEREST]) for row in life.standing_rows()] == [
        (95068, 4932),
        (195873, 4127),
        (84069, 2131),
        (85049, 1151),
        (39941, 407),
    ]


# --- weekly: Apache Fineract, ClientLoanIntegrationTest, schedules with interest recalculation -------

MONDAY = date(2024, 1, 1)
WEEKLY = LoanTerms(
    principal=Money(1_000_000),
    annual_rate=Decimal(24),
    installments=4,
    repay_unit=RepayUnit.WEEKS,
    interest_period=InterestPeriod.SAME_AS_REPAYMENT,
    partial_periods=True,
)


def weekly(rule: Recalculation, strategy: Strategy = Strategy.STANDARD) -> RecalculatedLoan:
    terms = replace(WEEKLY, strategy=strategy)
    life = RecalculatedLoan(terms, rule, MONDAY, may_add_rows=True)
    life.disburse(MONDAY, terms.principal)
    return life


def parts(life: RecalculatedLoan) -> list[tuple[int, ...]]:
    return [(row.due[PRINCIPAL], row.due[INTEREST], row.due[FEE]) for row in life.standing_rows()]


def test_a_fee_of_ten_percent_of_interest_follows_the_interest() -> None:
    """Two weeks overdue; then paid on time; then 4,000.00 five days early, which counts on the due date."""
    life = weekly(Recalculation(rest=Rest.SAME_AS_REPAYMENT, daily_job=True))
    when, tenth = ChargeTime.INSTALLMENT, Decimal(10)
    life.charge(Charge(name="fee", penalty=False, when=when, percent=tenth, base=ChargeBase.INTEREST))
    life.recalculate(date(2024, 1, 15))
    late = [(248276, 4615, 462), (248276, 4615, 462), (250567, 2324, 232), (252881, 1167, 117)]
    assert parts(life) == late
    life.pay(REPAY, date(2024, 1, 8), Money(253_353))
    on_time = [(248276, 4615, 462), (249422, 3469, 347), (250573, 2318, 232), (251729, 1162, 116)]
    assert parts(life) == on_time
    life.pay(REPAY, date(2024, 1, 10), Money(400_000))
    assert parts(life) == [(248276, 4615, 462), (396184, 3469, 347), (177361, 1641, 164), (178179, 822, 82)]


def test_where_fewer_rows_are_wanted_early_money_gets_a_row_of_its_own() -> None:
    rule = Recalculation(
        compounding=Compounding.INTEREST, after_excess=AfterExcess.REDUCE_NUMBER, daily_job=True
    )
    life = weekly(rule, Strategy.RBI_INDIA)
    life.recalculate(date(2024, 1, 15))
    late = [(248276, 4615, 0), (248254, 4637, 0), (250567, 2324, 0), (252903, 1167, 0)]
    assert parts(life) == late
    life.pay(REPAY, date(2024, 1, 8), Money(252_891))
    life.pay(REPAY, date(2024, 1, 10), Money(400_000))
    assert parts(life) == [(248276, 4615, 0), (399009, 991, 0), (251731, 1160, 0), (100984, 466, 0)]
    assert life.rows[1].due_date == date(2024, 1, 10)
    life.undo(life.movements[1])
    assert [row.due_date.day for row in life.rows] == [8, 15, 22, 29]


def test_overdue_fees_bear_interest_where_they_are_compounded() -> None:
    """100.00 of fees unpaid with the first row: 46.83 of interest in the second."""
    life = weekly(Recalculation(rest=Rest.SAME_AS_REPAYMENT, compounding=Compounding.BOTH, daily_job=True))
    dated = ChargeTime.DATED
    life.charge(
        Charge(name="fee", penalty=False, when=dated, amount=Money(10_000), due_date=date(2024, 1, 3))
    )
    life.recalculate(date(2024, 1, 15))
    assert parts(life)[:2] == [(248276, 4615, 10_000), (248208, 4683, 0)]
