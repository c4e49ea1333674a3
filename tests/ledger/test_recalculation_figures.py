"""Recalculated loans give the figures that the public test suite of a core-banking system asserts.

5,000.00 at 12 percent a year, six months, paid out on 1 November 2022; installments of whole units.
Source: Apache Fineract, LoanRepayment.feature, scenarios RP02 to RP11.
"""

from datetime import date

import pytest

from ledger.money import Money
from ledger.recalculation import AfterExcess, Recalculation
from ledger.rows import INTEREST, PRINCIPAL
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
