"""Amounts are exact whole minor units, read and written without loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import (
    AmountDigitsError,
    AmountError,
    AmountNegativeError,
    AmountNotANumberError,
    AmountTooLargeError,
    AmountZeroError,
)
from ledger.money import MAX_MINOR, Currency, Money, format_major, parse_major, parse_positive, total

minors = st.integers(min_value=-MAX_MINOR, max_value=MAX_MINOR)
digits = st.integers(min_value=0, max_value=6)


@given(minor=minors, places=digits)
def test_what_is_written_is_read_back_exactly(minor: int, places: int) -> None:
    assert parse_major(format_major(Money(minor), places), places) == Money(minor)


@given(minor=minors, parts=st.integers(min_value=1, max_value=400))
def test_split_loses_no_unit_and_differs_by_one_at_most(minor: int, parts: int) -> None:
    shares = Money(minor).split(parts)
    assert total(shares) == Money(minor)
    assert len(shares) == parts
    assert max(shares) - min(shares) <= Money(1)
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize(
    ("text", "places", "minor"),
    [
        ("1250", 2, 125000),
        ("1250.5", 2, 125050),
        ("-3.50", 2, -350),
        ("0.07", 2, 7),
        ("12", 0, 12),
        ("+1.0", 1, 10),
    ],
)
def test_plain_decimals_are_read(text: str, places: int, minor: int) -> None:
    assert parse_major(text, places) == Money(minor)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1,000",
        "1_000",
        "1e3",
        "1E+2",
        "NaN",
        "inf",
        "٣",
        "1.",
        ".5",
        "--1",
        "0x10",
        "1.2.3",
        "1\n",
    ],
)
def test_anything_else_is_not_a_number(text: str) -> None:
    with pytest.raises(AmountNotANumberError):
        parse_major(text, 2)


@pytest.mark.parametrize("text", ["1.234", "1.000", "0.001"])
def test_more_decimals_than_the_currency_has_are_refused_never_rounded(text: str) -> None:
    with pytest.raises(AmountDigitsError):
        parse_major(text, 2)


def test_the_largest_amount_is_taken_and_one_more_is_refused() -> None:
    assert parse_major(format_major(Money(MAX_MINOR), 2), 2) == Money(MAX_MINOR)
    for text in (format_major(Money(MAX_MINOR + 1), 2), "9" * 5000):
        with pytest.raises(AmountTooLargeError):
            parse_major(text, 2)


def test_leading_zeros_do_not_count_as_digits() -> None:
    assert parse_major("0" * 5000 + "1.50", 2) == Money(150)


def test_money_handed_over_is_above_zero() -> None:
    for text, refusal in (("0.00", AmountZeroError), ("-1", AmountNegativeError), ("x", AmountError)):
        with pytest.raises(refusal):
            parse_positive(text, 2)
    assert parse_positive("0.01", 2) == Money(1)


def test_a_float_never_becomes_money() -> None:
    for wrong in (1.0, True, "1"):
        with pytest.raises(TypeError):
            Money(wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_a_currency_reads_and_writes_with_its_digits() -> None:
    shillings = Currency("KES", 2)
    assert shillings.format(shillings.parse("10.5")) == "10.50"
    with pytest.raises(ValueError, match="decimals"):
        Currency("XXX", 7)
