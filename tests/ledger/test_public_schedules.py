"""Schedules that the public test suite of a core-banking system asserts, and no shared case has.

Source: Apache Fineract. Each test names the class or feature file.
"""

from datetime import date
from decimal import Decimal

import pytest

from ledger.money import Money
from ledger.schedule import build_schedule
from ledger.terms import Amortization, InterestPeriod, InterestType, LoanTerms, RepayUnit

BALLOON = LoanTerms(
    principal=Money(10_000_000),
    annual_rate=Decimal(24),
    installments=13,
    repay_unit=RepayUnit.MONTHS,
    interest_type=InterestType.DECLINING,
    interest_period=InterestPeriod.DAILY,
    amortization=Amortization.EQUAL_PRINCIPAL,
    fixed_principal_percent=Decimal(5),
)


def parts(terms: LoanTerms, on: date) -> list[tuple[int, int]]:
    """Give principal and interest of the rows, minor units."""
    return [(row.principal.minor, row.interest.minor) for row in build_schedule(terms, on)]


@pytest.mark.parametrize(
    ("changed", "asserted"),
    [
        (
            {},
            {
                1: (500_000, 197_260),
                2: (500_000, 193_644),
                12: (500_000, 91_726),
                13: (4_000_000, 78_904),
            },
        ),
        (
            {"installments": 19, "grace_principal": 6},
            {1: (0, 197_260), 6: (0, 190_685), 7: (500_000, 203_836), 19: (4_000_000, 81_534)},
        ),
        (
            {"interest_type": InterestType.FLAT},
            {1: (500_000, 200_295), 12: (500_000, 200_295), 13: (4_000_000, 200_296)},
        ),
    ],
    ids=["declining", "grace on principal", "flat"],
)
def test_a_fixed_part_of_the_principal_leaves_a_balloon(
    changed: dict[str, object], asserted: dict[int, tuple[int, int]]
) -> None:
    """LoanFixedPrincipalPercentageAmortizationTest: 5 percent of 100,000.00 a row, 24 percent a year."""
    terms = LoanTerms(**{name: getattr(BALLOON, name) for name in BALLOON.__slots__} | changed)
    rows = parts(terms, date(2011, 9, 20))
    assert {number: rows[number - 1] for number in asserted} == asserted


@pytest.mark.parametrize(
    ("multiple", "principals"),
    [(100, [41_650, 41_650, 41_700]), (2000, [42_750, 42_750, 39_500])],
)
def test_flat_installments_go_to_a_multiple_and_their_parts_do_not(
    multiple: int, principals: list[int]
) -> None:
    """LoanInstallmentMultiplesOfTest: 1,250.00 flat at 12 percent, three months, multiples of 1 and of 20."""
    terms = LoanTerms(
        principal=Money(125_000),
        annual_rate=Decimal(12),
        installments=3,
        repay_unit=RepayUnit.MONTHS,
        interest_type=InterestType.FLAT,
        installment_multiple=multiple,
    )
    assert parts(terms, date(2023, 1, 1)) == [(principal, 1250) for principal in principals]


@pytest.mark.parametrize(("multiple", "rows"), [(0, [31_250] * 4), (100, [31_300, 31_200, 31_200, 31_300])])
def test_a_down_payment_goes_to_the_multiple_with_halves_up(multiple: int, rows: list[int]) -> None:
    """LoanAccountRepaymentCalculationTest: 25 percent of 1,250.00 down, three months without interest."""
    terms = LoanTerms(
        principal=Money(125_000),
        annual_rate=Decimal(0),
        installments=3,
        repay_unit=RepayUnit.MONTHS,
        interest_type=InterestType.FLAT,
        installment_multiple=multiple,
        down_payment_percent=Decimal(25),
    )
    assert [principal for principal, _ in parts(terms, date(2023, 3, 3))] == rows
