"""The mifos convention: exact interest, whole payments, and an account for what rounding gives or takes."""

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.dates import RepayUnit
from ledger.errors import BadTermError
from ledger.mifos import FeeBase, LoanKind, MifosTerms, build_mifos_schedule
from ledger.money import Money, total
from ledger.terms import Rounding

GRAMEEN = MifosTerms(
    principal=Money(100_000),
    annual_rate=Decimal(10),
    kind=LoanKind.FLAT,
    installments=50,
    repay_unit=RepayUnit.WEEKS,
    days_in_year=365,
    initial=Rounding(100, ROUND_HALF_UP),
    final=Rounding(100, ROUND_HALF_UP),
)

roundings = st.builds(
    Rounding,
    st.sampled_from([1, 10, 50, 100]),
    st.sampled_from([ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP]),
)


@st.composite
def any_terms(draw: st.DrawFn) -> MifosTerms:
    """Draw terms of all kinds."""
    count = draw(st.integers(min_value=1, max_value=40))
    return MifosTerms(
        principal=Money(draw(st.integers(min_value=1, max_value=10**10))),
        annual_rate=draw(st.decimals(min_value=0, max_value=200, places=2)),
        kind=draw(st.sampled_from(LoanKind)),
        installments=count,
        repay_unit=draw(st.sampled_from([RepayUnit.WEEKS, RepayUnit.MONTHS])),
        days_in_year=draw(st.sampled_from([360, 365])),
        currency=Rounding(1, draw(st.sampled_from([ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP]))),
        initial=draw(roundings),
        final=draw(roundings),
        grace_principal=draw(st.integers(min_value=0, max_value=count - 1)),
        fee_base=draw(st.sampled_from(FeeBase)),
        fee=draw(st.decimals(min_value=0, max_value=99, places=3)),
    )


@given(any_terms())
def test_principal_adds_up_and_payments_end_on_the_final_multiple(terms: MifosTerms) -> None:
    schedule = build_mifos_schedule(terms)
    assert total(row.principal for row in schedule.rows) == terms.principal
    paid = total(row.payment for row in schedule.rows)
    assert paid.minor % terms.final.multiple == 0
    assert abs(schedule.rounding_difference.minor) <= terms.final.multiple + 2
    assert schedule.rows[-1].balance == Money(0)
    assert all(row.payment.minor % terms.initial.multiple == 0 for row in schedule.rows[:-1])


@given(any_terms())
def test_grace_rows_carry_no_principal(terms: MifosTerms) -> None:
    rows = build_mifos_schedule(terms).rows
    assert not any(row.principal for row in rows[: terms.grace_principal])


def test_ten_percent_flat_of_a_thousand() -> None:
    """Interest of 0.0019178 a week on 1,000.00; payments of 22.00; the last one takes the rest."""
    schedule = build_mifos_schedule(GRAMEEN)
    assert [row.payment.minor for row in schedule.rows[:-1]] == [2200] * 49
    assert total(row.payment for row in schedule.rows) == Money(109_600)
    assert schedule.rows[0].interest == Money(192)
    assert schedule.rounding_difference == Money(109_589 - 109_600)


def test_a_fee_is_the_same_in_every_row_and_its_total_is_rounded_once() -> None:
    terms = replace(GRAMEEN, fee_base=FeeBase.PRINCIPAL, fee=Decimal("0.3335"))
    fees = [row.fee.minor for row in build_mifos_schedule(terms).rows]
    assert fees == [334] * 49 + [16_675 - 334 * 49]


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("principal", Money(0)),
        ("annual_rate", Decimal(-1)),
        ("installments", 0),
        ("repay_unit", RepayUnit.DAYS),
        ("days_in_year", 366),
        ("grace_principal", 50),
        ("fee", Decimal(-1)),
        ("initial", Rounding(0)),
    ],
)
def test_impossible_terms_are_refused_by_name(term: str, value: object) -> None:
    with pytest.raises(BadTermError) as refusal:
        replace(GRAMEEN, **{term: value})  # type: ignore[arg-type]  # fields by their names
    assert refusal.value.facts["term"] == term
