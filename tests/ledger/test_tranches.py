"""Loans paid out in parts: principal adds up, and each part bears interest from its day."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadTermError, RuleError, UnsupportedTermError
from ledger.life import LoanLife
from ledger.money import Money
from ledger.rescheduling import Reschedule
from ledger.rows import INTEREST, PRINCIPAL
from ledger.schedule import build_schedule
from ledger.terms import (
    Amortization,
    Convention,
    InterestPeriod,
    InterestType,
    LoanTerms,
    MifosRounding,
    RepayUnit,
)
from ledger.tranches import Tranche, build_tranched_schedule
from tests.ledger.test_life import REPAY, column

START = date(2024, 1, 1)
TERMS = LoanTerms(principal=Money(300_000), annual_rate=Decimal(12), installments=6)


@given(
    kind=st.sampled_from(InterestType),
    amortization=st.sampled_from(Amortization),
    period=st.sampled_from(InterestPeriod),
    unit=st.sampled_from(RepayUnit),
    grace=st.tuples(*[st.integers(min_value=0, max_value=2)] * 3),
    more=st.lists(
        st.tuples(st.integers(min_value=0, max_value=170), st.integers(min_value=1, max_value=10**6)),
        max_size=3,
    ),
    multiple=st.sampled_from([0, 100]),
)
def test_principal_adds_up_to_all_that_was_paid_out(
    *,
    kind: InterestType,
    amortization: Amortization,
    period: InterestPeriod,
    unit: RepayUnit,
    grace: tuple[int, int, int],
    more: list[tuple[int, int]],
    multiple: int,
) -> None:
    tranches = [Tranche(START, 100_000)]
    tranches += [Tranche(START + timedelta(days=day), amount) for day, amount in sorted(more)]
    terms = replace(
        TERMS,
        principal=Money(sum(tranche.amount for tranche in tranches)),
        interest_type=kind,
        amortization=amortization,
        interest_period=period,
        repay_unit=unit,
        grace_principal=grace[0],
        grace_interest_payment=grace[1],
        grace_interest_charged=grace[2],
        installment_multiple=multiple,
    )
    try:
        rows = build_tranched_schedule(terms, tranches)
    except RuleError:
        assert more
        return
    assert sum(row.principal.minor for row in rows) == terms.principal.minor
    assert all(row.principal.minor >= 0 and row.interest.minor >= 0 for row in rows)


@pytest.mark.parametrize("kind", InterestType)
@pytest.mark.parametrize("amortization", Amortization)
def test_one_part_is_the_plain_schedule(kind: InterestType, amortization: Amortization) -> None:
    terms = replace(TERMS, interest_type=kind, amortization=amortization, grace_principal=1)
    assert build_tranched_schedule(terms, [Tranche(START, 300_000)]) == build_schedule(terms, START)


def test_a_part_bears_interest_from_its_day_and_on_a_due_date_from_the_next_row() -> None:
    middle = build_tranched_schedule(TERMS, [Tranche(START, 100_000), Tranche(date(2024, 1, 17), 200_000)])
    assert middle[0].interest.minor == 1_000 + round(200_000 * 15 / 31 / 100)
    due = build_tranched_schedule(TERMS, [Tranche(START, 100_000), Tranche(date(2024, 2, 1), 200_000)])
    assert due[0].interest.minor == 1_000
    assert due[1].interest.minor == round((300_000 - due[0].principal.minor) / 100)


def test_rows_before_a_part_stay_where_the_installment_follows_what_was_approved() -> None:
    first = [Tranche(START, 150_000)]
    early = build_tranched_schedule(TERMS, first)
    later = build_tranched_schedule(TERMS, [*first, Tranche(date(2024, 3, 1), 150_000)])
    assert early[:2] == later[:2]
    assert len(early) < len(later)


def test_a_loan_is_paid_out_in_parts_and_payments_are_shared_anew() -> None:
    life = LoanLife(TERMS, START, disbursed=False)
    life.disburse(START, Money(100_000))
    assert sum(column(life.rows, PRINCIPAL)) == 100_000
    first = life.pay(REPAY, date(2024, 2, 1), Money(20_000))
    interest = life.rows[1].due[INTEREST]
    life.disburse(date(2024, 2, 10), Money(200_000))
    assert (life.principal_owed, first.split.total) == (300_000 - first.split.principal.minor, Money(20_000))
    assert life.rows[1].due[INTEREST] > interest
    assert first.balance_after == Money(100_000) - first.split.principal


def test_parts_beyond_what_was_approved_and_foolish_days_are_refused() -> None:
    life = LoanLife(TERMS, START, disbursed=False)
    with pytest.raises(BadTermError):
        life.disburse(date(2024, 1, 2), Money(1))
    life.disburse(START, Money(300_000))
    with pytest.raises(BadTermError):
        life.disburse(date(2024, 2, 2), Money(1))
    for tranches in ([], [Tranche(START, 400_000)], [Tranche(START, 1), Tranche(date(2024, 7, 1), 1)]):
        with pytest.raises(BadTermError):
            build_tranched_schedule(TERMS, tranches)
    parts = [Tranche(START, 1), Tranche(START, 1)]
    other = replace(TERMS, convention=Convention.MIFOS, mifos_rounding=MifosRounding())
    for terms in (replace(TERMS, down_payment_percent=Decimal(10)), other):
        with pytest.raises((UnsupportedTermError, BadTermError)):
            build_tranched_schedule(terms, parts)


def test_each_part_has_a_down_payment_of_its_own_and_rows_left_can_be_more() -> None:
    """1,000.00 and 400.00 nine days later, a quarter of each due at once; then two rows more.

    Figures: Apache Fineract, LoanReschedule.feature, extra terms with auto down payment and 2nd disbursement.
    """
    terms = replace(
        TERMS,
        principal=Money(140_000),
        annual_rate=Decimal(0),
        installments=3,
        repay_unit=RepayUnit.DAYS,
        repay_every=15,
        down_payment_percent=Decimal(25),
        auto_down_payment=True,
    )
    life = LoanLife(terms, date(2023, 10, 1), disbursed=False)
    life.disburse(date(2023, 10, 1), Money(100_000))
    life.disburse(date(2023, 10, 10), Money(40_000))
    life.reschedule(Reschedule(from_date=date(2023, 10, 16), extra_rows=2))
    assert column(life.rows, PRINCIPAL) == [25_000, 10_000, *[21_000] * 5]
    assert [row.days for row in life.rows] == [0, 0, *[15] * 5]
    assert [row.paid_on for row in life.rows][:3] == [date(2023, 10, 1), date(2023, 10, 10), None]
    assert life.principal_owed == 105_000


def test_changes_of_rows_come_after_a_later_part_as_well() -> None:
    life = LoanLife(TERMS, START, disbursed=False)
    life.disburse(START, Money(100_000))
    life.reschedule(Reschedule(from_date=date(2024, 4, 1), new_date=date(2024, 4, 15)))
    life.disburse(date(2024, 2, 10), Money(200_000))
    assert life.rows[2].due_date == date(2024, 4, 15)
    assert sum(column(life.rows, PRINCIPAL)) == 300_000
