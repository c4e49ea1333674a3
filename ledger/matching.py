"""Which line of a bank's statement is which line of the books: by reference, day and amount."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from ledger.money import Money

SHORTEST_REFERENCE: Final = 3
"""Characters; what is shorter stands in too many texts to say anything."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line of either side: its id, day, amount (in is above zero) and the words that may name it."""

    id: int
    on: date
    amount: Money
    words: tuple[str, ...] = ()


_Pair: TypeAlias = tuple[Candidate, Candidate]


def match_lines(
    statement: Sequence[Candidate], books: Sequence[Candidate], window_days: int
) -> list[tuple[int, int]]:
    """Pair lines of equal amount, their days at most ``window_days`` apart; gives (statement id, book id).

    Pairs that share a reference come first, then those of one day, then those nearest in time; among equals
    the older line and the lower id. No line is used twice, and the order in which they are given does not
    matter.
    """
    by_amount: dict[Money, list[Candidate]] = {}
    for booked in books:
        by_amount.setdefault(booked.amount, []).append(booked)
    possible = sorted(
        _possible(statement, by_amount, window_days),
        key=lambda pair: (
            not _named_alike(*pair),
            _days_apart(*pair),
            pair[0].on,
            pair[0].id,
            pair[1].on,
            pair[1].id,
        ),
    )
    taken: set[tuple[str, int]] = set()
    found = []
    for line, booked in possible:
        ends = {("statement", line.id), ("books", booked.id)}
        if not ends & taken:
            taken |= ends
            found.append((line.id, booked.id))
    return found


def _possible(
    statement: Sequence[Candidate], by_amount: dict[Money, list[Candidate]], window_days: int
) -> Iterator[_Pair]:
    for line in statement:
        for booked in by_amount.get(line.amount, ()):
            if _days_apart(line, booked) <= window_days:
                yield line, booked


def _days_apart(line: Candidate, booked: Candidate) -> int:
    return abs((line.on - booked.on).days)


def _named_alike(line: Candidate, booked: Candidate) -> bool:
    """Whether a reference of one side stands among the words of the other, whole."""
    ours = {token for words in booked.words for token in _tokens(words)}
    theirs = {token for words in line.words for token in _tokens(words)}
    return bool(ours & theirs)


def _tokens(words: str) -> Iterator[str]:
    """Give the parts of a text that can be references: those with a digit in them."""
    for token in words.upper().replace(",", " ").replace(";", " ").split():
        bare = token.strip(".:()[]#")
        if len(bare) >= SHORTEST_REFERENCE and any(character.isdigit() for character in bare):
            yield bare
