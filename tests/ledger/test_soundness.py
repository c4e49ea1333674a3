"""Terms that nobody should lend on are refused by name, and sound ones are not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadTermError, NeverAmortizesError
from ledger.money import Money
from ledger.soundness import rate_faults, require_sound, term_faults
from ledger.terms import Amortization, InterestType, LoanTerms, RepayUnit

START = date(2024, 1, 1)
TERMS = LoanTerms(principal=Money(1_000_000), annual_rate=Decimal(24), installments=12)


def names(terms: LoanTerms, first_due_on: date | None = None) -> list[str]:
    """Give the terms that are refused; a schedule that never amortizes by its error's code."""
    faults = term_faults(terms, START, first_due_on)
    return [str(fault.facts["term"]) if isinstance(fault, BadTermError) else fault.code for fault in faults]


@given(
    kind=st.sampled_from(InterestType),
    amortization=st.sampled_from(Amortization),
    unit=st.sampled_from(RepayUnit),
    count=st.integers(min_value=1, max_value=60),
    rate=st.integers(min_value=0, max_value=36).map(Decimal),
)
def test_usual_terms_are_sound(
    kind: InterestType, amortization: Amortization, unit: RepayUnit, count: int, rate: Decimal
) -> None:
    terms = replace(
        TERMS,
        interest_type=kind,
        amortization=amortization,
        repay_unit=unit,
        installments=count,
        annual_rate=rate,
    )
    assert names(terms) == []


def test_a_rate_of_a_thousand_percent_is_refused_and_one_below_is_not() -> None:
    assert "annual_rate" in names(replace(TERMS, annual_rate=Decimal(1000), installments=2))
    assert not list(rate_faults(Decimal("999.99")))
    assert [fault.code for fault in rate_faults(Decimal(-1))] == ["BAD_TERM"]


def test_installments_that_do_not_pay_their_interest_are_refused() -> None:
    """60 rows at 600 percent: the installment is the interest and a hundredth of a cent."""
    assert "NEVER_AMORTIZES" in names(replace(TERMS, annual_rate=Decimal(600), installments=60))
    with pytest.raises(NeverAmortizesError):
        require_sound(replace(TERMS, annual_rate=Decimal(600), installments=60), START)


def test_a_balloon_that_is_meant_is_sound_and_one_that_leaves_nothing_is_not() -> None:
    assert names(replace(TERMS, fixed_principal_percent=Decimal(4))) == []
    assert names(replace(TERMS, fixed_principal_percent=Decimal(10))) == ["fixed_principal_percent"]


def test_a_multiple_above_the_loan_is_refused() -> None:
    assert "installment_multiple" in names(replace(TERMS, installment_multiple=2_000_000))


def test_a_first_row_before_disbursement_or_years_after_it_is_refused() -> None:
    assert names(TERMS, START) == ["first_due_on"]
    assert names(TERMS, date(2023, 12, 1)) == ["first_due_on"]
    assert names(TERMS, date(2026, 1, 1)) == ["first_due_on"]
    assert names(TERMS, date(2024, 7, 1)) == []


def test_a_loan_for_a_century_is_refused() -> None:
    terms = replace(TERMS, installments=1200, annual_rate=Decimal(1), interest_type=InterestType.FLAT)
    assert names(terms) == ["installments"]


def test_two_equal_installments_are_sound_though_the_second_has_more_principal() -> None:
    """The second row of two that pay the same has less interest, and so more than half of the principal."""
    for unit in RepayUnit:
        assert names(replace(TERMS, installments=2, repay_unit=unit)) == []
