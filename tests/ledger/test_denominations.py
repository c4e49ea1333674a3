"""Cash by pieces: what is typed is what is kept, and nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.denominations import DENOMINATIONS, BadPiecesError, Pieces, parse_pieces
from ledger.money import Money, parse_major


def test_pieces_are_typed_in_major_units_and_kept_in_minor_ones() -> None:
    pieces = parse_pieces("500x3 1000X12, 0.50*4 20x0 coins=45.50", 2)
    assert pieces.total == Money(1_354_750)
    assert pieces.stored() == "100000x12 50000x3 50x4 coins=4550"
    assert pieces.shown(2) == "1000x12 500x3 0.50x4 coins=45.50"
    assert parse_pieces(pieces.stored(), 0) == pieces


def test_an_empty_count_is_an_empty_drawer() -> None:
    assert parse_pieces("  ", 2) == Pieces()
    assert Pieces().total == Money(0)
    assert Pieces().stored() == ""


@pytest.mark.parametrize(
    "text",
    [
        "1000",
        "x3",
        "1000x-3",
        "1000x1.5",
        "0x5",
        "0.005x1",
        "1000x3 1000.00x2",
        "coins=1 coins=2",
        "coins=-1",
        "notes=5",
        "1000x99999999",
        "1e3x2",
        f"{2**63}x2",
        " ".join(f"{worth}x1" for worth in range(1, 43)),
        "٣x٣",
    ],
)
def test_what_is_no_count_is_refused_whole(text: str) -> None:
    with pytest.raises(BadPiecesError):
        parse_pieces(text, 2)


@given(
    st.dictionaries(st.integers(1, 10**7), st.integers(0, 9999), max_size=12),
    st.integers(0, 10**9),
    st.sampled_from([0, 2, 3]),
)
def test_every_count_reads_back_as_it_was_written(counted: dict[int, int], coins: int, digits: int) -> None:
    """Stored and shown form name the same pieces, and their sum is that of the parts."""
    kept = tuple((Money(worth), counted[worth]) for worth in sorted(counted, reverse=True) if counted[worth])
    pieces = Pieces(kept, Money(coins))
    assert parse_pieces(pieces.stored(), 0) == pieces
    assert parse_pieces(pieces.shown(digits), digits) == pieces
    assert pieces.total.minor == coins + sum(worth * number for worth, number in counted.items())


def test_the_lists_of_denominations_go_down_and_can_be_typed() -> None:
    for worths in DENOMINATIONS.values():
        amounts = [parse_major(worth, 2) for worth in worths]
        assert amounts == sorted(set(amounts), reverse=True)
