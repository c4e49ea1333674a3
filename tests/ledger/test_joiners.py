"""Joiners: taken inside words of the scripts that need them, nowhere else."""

import pytest

from ledger.joiners import without_joiners


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Amina", "Amina"),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u0937"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e"),
    ],
)
def test_joiners_inside_words_are_taken_out(text: str, left: str) -> None:
    assert without_joiners(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "Ja\u200dne",
        "\u200d\u0915",
        "\u0915\u200d",
        "\u0915 \u200d\u0937",
        "\u0915\u200d\u200d\u0937",
        "\U0001f468\u200d\U0001f469",
    ],
)
def test_joiners_that_join_nothing_stay(text: str) -> None:
    assert "\u200d" in without_joiners(text)
