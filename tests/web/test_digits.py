"""Numbers as people type them, in their own digits and with their own separators."""

import pytest

from web.digits import TwoMeaningsError, plain_digits, plain_number


@pytest.mark.parametrize(
    ("typed", "locale", "meant"),
    [
        ("1,234.50", "en_GB", "1234.50"),
        ("1234.5", "en_GB", "1234.5"),
        ("12,34,567.89", "hi", "1234567.89"),
        ("1 234,50", "fr", "1234.50"),
        ("1\u202f234,50", "fr", "1234.50"),
        ("1,234.50", "fr", "1234.50"),
        ("1.234,50", "es", "1234.50"),
        ("1234,5", "es", "1234.5"),
        ("1234.56", "es", "1234.56"),
        ("\u0661\u0662\u0663\u0664\u066b\u0665", "ar", "1234.5"),
        ("\u0967\u0968\u0969", "hi", "123"),
        (".5", "en_GB", ".5"),
        ("-5", "en_GB", "-5"),
    ],
)
def test_local_and_english_ways_are_taken(typed: str, locale: str, meant: str) -> None:
    """Digits of any script, the separators of the language, and the English ones."""
    assert plain_number(typed, locale) == meant


@pytest.mark.parametrize(("typed", "locale"), [("1,234", "fr"), ("1.234", "es"), ("12,345", "es")])
def test_what_can_mean_two_amounts_is_refused(typed: str, locale: str) -> None:
    """A thousand in one language is one and a bit in the other: nobody guesses."""
    with pytest.raises(TwoMeaningsError):
        plain_number(typed, locale)


@pytest.mark.parametrize("typed", ["1,23", "12,3456", "1,,234", "abc", "1.2.3", ",", ""])
def test_what_is_no_number_is_given_back_as_it_stands(typed: str) -> None:
    """Whoever reads amounts refuses it with its own sentence."""
    assert plain_number(typed, "en_GB") == typed


def test_digits_of_other_scripts_are_digits() -> None:
    """Dates too are typed in them."""
    assert plain_digits("\u0662\u0662 11 \u0968\u0966\u0968\u096c") == "22 11 2026"
