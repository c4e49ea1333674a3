"""Text as people type it."""

import unicodedata

import pytest

from banking.errors import MissingError, TextNotAllowedError, TextTooLongError
from banking.text import clean, digits_of, folded, require


def test_text_is_trimmed_and_brought_to_one_form() -> None:
    assert clean("  Wanjiku\u0303 ", "name") == "Wanjik\u0169"
    assert unicodedata.is_normalized("NFC", clean("A\u030angstro\u0308m", "name"))


@pytest.mark.parametrize(
    "bad",
    [
        "\x00",
        "\x07",
        "\n",
        "\t",
        "\x7f",
        "\u202e",
        "\u2066",
        "\ud800",
        "\u2028",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u00ad",
    ],
)
def test_what_cannot_be_seen_or_turns_the_line_is_refused_by_field(bad: str) -> None:
    with pytest.raises(TextNotAllowedError) as refusal:
        clean(f"Jane{bad}Doe", "village")
    assert refusal.value.facts == {"field": "village"}


@pytest.mark.parametrize(
    "good",
    [
        "\u0915\u094d\u200d\u0937",  # Devanagari with a joiner
        "\u0645\u062d\u0645\u062f \u0639\u0644\u06cc",  # Arabic letters
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian with a non-joiner
        "ኃይለ ሥላሴ",
        "O'Brien-Smith",
        "=SUM(A1)",
    ],
)
def test_scripts_joiners_and_signs_of_real_names_are_taken(good: str) -> None:
    assert clean(good, "name") == unicodedata.normalize("NFC", good)


def test_empty_and_endless_text_is_refused_where_text_is_needed() -> None:
    with pytest.raises(MissingError):
        require("  ", "name")
    with pytest.raises(TextTooLongError):
        clean("x" * 121, "name")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("jose", "José"),
        ("wanjiku", "Wanjikũ"),
        ("oystein", "Øystein"),
        ("lukasz", "Łukasz"),
        ("strasse", "Straße"),
        ("\u0915\u094d\u0937", "\u0915\u094d\u200d\u0937"),
    ],
)
def test_accents_and_capitals_do_not_count_in_a_search(typed: str, stored: str) -> None:
    assert folded(typed) == folded(stored)


def test_digits_of_other_scripts_are_digits() -> None:
    assert digits_of("+254 (0)712-34") == "254071234"
    assert digits_of("०१२") == "012"
