"""Text on a grid: no line is longer than the paper is wide, whatever is written."""

from hypothesis import given
from hypothesis import strategies as st

from branch.printing.columns import at_end, at_start, broken, cut, lines_of, plain, width_of
from branch.printing.parts import Cell, Pair, Row, Rule, Text

WORDS = st.text(max_size=60)
PAPERS = st.sampled_from([32, 42, 80])


def test_wide_letters_take_two_columns_and_marks_none() -> None:
    """Chinese is twice as wide; an accent that stands beside its letter takes no place."""
    assert width_of("張三 ab") == 7
    assert width_of("Wanjiru\u0303") == 7
    assert cut("張三", 3) == "張"
    assert at_start("張", 4) == "張  "
    assert at_end("張", 4) == "  張"


def test_commands_to_the_printer_are_not_let_through() -> None:
    """A name with an escape in it, as old books may bring one, does not reach the printer as a command."""
    assert plain("Ann\x1b@\x1di\nB") == "Ann @ i B"


def test_words_go_to_the_next_line_whole() -> None:
    """Lines break at spaces; only a word that is longer than a line is cut."""
    assert broken("one two three", 7) == ["one two", "three"]
    assert broken("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert broken("", 4) == [""]


@given(WORDS, WORDS, PAPERS)
def test_no_line_is_longer_than_the_paper(first: str, second: str, columns: int) -> None:
    """Pairs, paragraphs, rows and rules stay within 32, 42 and 80 columns."""
    parts = (
        Text(first, "center", bold=True),
        Text(second, "end"),
        Pair(first, second),
        Row((Cell(first, 8), Cell(second), Cell(first, 9, end=True))),
        Rule(double=True),
    )
    for part in parts:
        for line in lines_of(part, columns):
            assert width_of(line) <= columns


@given(WORDS, PAPERS)
def test_nothing_of_a_paragraph_is_lost(text: str, columns: int) -> None:
    """What is broken into lines says the same, but for its spaces."""
    assert "".join("".join(broken(text, columns)).split()) == "".join(plain(text).split())
