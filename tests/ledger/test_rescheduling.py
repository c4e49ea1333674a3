"""Rows of a running loan changed in the ways that ask for rules of their own."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.life import LoanLife
from ledger.money import Money
from ledger.rescheduling import Reschedule
from ledger.rows import INTEREST, PRINCIPAL
from ledger.terms import (
    Amortization,
    Convention,
    InterestPeriod,
    InterestType,
    MifosRounding,
    RepayUnit,
    Rounding,
)
from tests.ledger.test_life import START, TERMS, column, loan

MIFOS = MifosRounding(Rounding(1), Rounding(100, "ROUND_CEILING"), Rounding(100))


def test_interest_put_off_is_paid_in_the_row_after_the_pause() -> None:
    """Figures as in: Apache Fineract, LoanReschedule.feature, mid-term grace period on interest."""
    life = loan(installments=5, principal=Money(50_000))
    life.reschedule(Reschedule(from_date=date(2024, 3, 1), grace_interest=2))
    assert column(life.rows, INTEREST) == [500, 0, 0, 1_500, 500]
    assert column(life.rows, PRINCIPAL) == [10_000] * 5


def test_flat_daily_interest_counts_the_days_of_the_rows_left() -> None:
    """Three rows of 31, 29 and 31 days; the last two wait 10 days longer together."""
    life = loan(interest_period=InterestPeriod.DAILY, principal=Money(365_000), annual_rate=Decimal(10))
    whole = 365_000 * 91 * 10 // 36_500
    assert sum(column(life.rows, INTEREST)) == whole
    life.reschedule(Reschedule(from_date=date(2024, 3, 1), new_date=date(2024, 3, 11)))
    left = column(life.rows, INTEREST)[1:]
    assert sum(left) == 365_000 * (39 + 31) * 10 // 36_500
    assert abs(left[0] - left[1]) <= 1
    assert sum(column(life.rows, PRINCIPAL)) == 365_000


@given(
    kind=st.sampled_from(InterestType),
    amortization=st.sampled_from(Amortization),
    period=st.sampled_from(InterestPeriod),
    count=st.integers(min_value=2, max_value=12),
    at=st.integers(min_value=0, max_value=11),
    extra=st.integers(min_value=0, max_value=5),
    pause=st.integers(min_value=0, max_value=3),
    put_off=st.integers(min_value=0, max_value=3),
    rate=st.none() | st.integers(min_value=0, max_value=60).map(Decimal),
    shift=st.none() | st.integers(min_value=1, max_value=12),
)
def test_no_change_loses_principal_or_makes_a_part_negative(
    *,
    kind: InterestType,
    amortization: Amortization,
    period: InterestPeriod,
    count: int,
    at: int,
    extra: int,
    pause: int,
    put_off: int,
    rate: Decimal | None,
    shift: int | None,
) -> None:
    life = loan(interest_type=kind, amortization=amortization, interest_period=period, installments=count)
    row = life.rows[min(at, len(life.rows) - 1)]
    life.reschedule(
        Reschedule(
            from_date=row.due_date,
            new_date=row.due_date.replace(day=1 + shift) if shift else None,
            extra_rows=extra,
            grace_principal=pause,
            grace_interest=put_off,
            new_rate=rate,
        )
    )
    assert sum(column(life.rows, PRINCIPAL)) == 30_000
    assert all(part >= 0 for row in life.rows for part in row.due)
    assert [row.number for row in life.rows] == list(range(1, len(life.rows) + 1))


def test_the_other_convention_moves_dates_without_moving_amounts_and_solves_the_rest_anew() -> None:
    terms = replace(
        TERMS,
        convention=Convention.MIFOS,
        mifos_rounding=MIFOS,
        repay_unit=RepayUnit.WEEKS,
        installments=6,
        principal=Money(60_000),
    )
    life = LoanLife(terms, START)
    before = [list(row.due) for row in life.rows]
    second = life.rows[1].due_date
    life.reschedule(Reschedule(from_date=second, new_date=date(2024, 1, 20)))
    assert [list(row.due) for row in life.rows] == before
    assert life.rows[2].due_date == date(2024, 1, 27)
    life.reschedule(Reschedule(from_date=date(2024, 1, 20), extra_rows=3))
    assert len(life.rows) == 9
    assert sum(column(life.rows, PRINCIPAL)) == 60_000
    assert {sum(row.due) % 100 for row in life.rows[1:-1]} == {0}


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_interest_in_grace_is_not_lost_by_a_change_of_rows(at: int) -> None:
    """Two rows pay no interest, the third pays it all, wherever the rows change."""
    terms = {
        "interest_type": InterestType.DECLINING,
        "installments": 5,
        "amortization": Amortization.EQUAL_PRINCIPAL,
    }
    plain, graceful = loan(**terms), loan(**terms, grace_interest_payment=2)
    for life in (plain, graceful):
        life.reschedule(Reschedule(from_date=life.rows[at].due_date, extra_rows=1))
    assert sum(column(graceful.rows, INTEREST)) == sum(column(plain.rows, INTEREST))
    assert column(graceful.rows, INTEREST)[:2] == [0, 0]
    assert column(graceful.rows, INTEREST)[3:] == column(plain.rows, INTEREST)[3:]
