"""Which line of a bank's statement is which line of the books: by reference, day and amount."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ledger.money import Money

SHORTEST_REFERENCE: Final = 3
"""Characters; what is shorter stands in too many texts to say anything."""

MOST_WITH_REFERENCE: Final = 20
"""Lines of one side; what stands in more of them (a year, a number of one's own) names none of them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line of either side: its id, day, amount (in is above zero) and the words that may name it."""

    id: int
    on: date
    amount: Money
    words: tuple[str, ...] = ()


def match_lines(
    statement: Sequence[Candidate], books: Sequence[Candidate], window_days: int
) -> list[tuple[int, int]]:
    """Pair lines of equal amount, their days at most ``window_days`` apart; gives (statement id, book id).

    Pairs that share a reference come first, then those of one day, then those nearest in time; among equals
    the older line and the lower id. No line is used twice, and the order in which they are given does not
    matter.
    """
    named = _by_reference(statement, books, window_days)
    lines = {one for one, _ in named}
    booked = {other for _, other in named}
    return named + _by_day(
        [line for line in statement if line.id not in lines],
        [line for line in books if line.id not in booked],
        window_days,
    )


def _by_reference(
    statement: Sequence[Candidate], books: Sequence[Candidate], window_days: int
) -> list[tuple[int, int]]:
    """Pair lines that share a reference, those nearest in time first."""
    ours, theirs = _references(books), _references(statement)
    possible = {
        (line.id, booked.id): (abs((line.on - booked.on).days), line.on, line.id, booked.on, booked.id)
        for reference in theirs.keys() & ours.keys()
        for line in theirs[reference]
        for booked in ours[reference]
        if line.amount == booked.amount and abs((line.on - booked.on).days) <= window_days
    }
    lines: set[int] = set()
    taken: set[int] = set()
    found = []
    for line_id, booked_id in sorted(possible, key=possible.__getitem__):
        if line_id not in lines and booked_id not in taken:
            lines.add(line_id)
            taken.add(booked_id)
            found.append((line_id, booked_id))
    return found


def _references(lines: Sequence[Candidate]) -> Mapping[str, list[Candidate]]:
    """Put lines under what names them; what names too many is left out."""
    found: dict[str, list[Candidate]] = defaultdict(list)
    for line in lines:
        for token in {token for words in line.words for token in _tokens(words)}:
            found[token].append(line)
    return {token: named for token, named in found.items() if len(named) <= MOST_WITH_REFERENCE}


def _tokens(words: str) -> Iterator[str]:
    """Give the parts of a text that can be references: those with a digit in them."""
    for token in words.upper().replace(",", " ").replace(";", " ").split():
        bare = token.strip(".:()[]#")
        if len(bare) >= SHORTEST_REFERENCE and any(character.isdigit() for character in bare):
            yield bare


def _by_day(
    statement: Sequence[Candidate], books: Sequence[Candidate], window_days: int
) -> list[tuple[int, int]]:
    """Pair what is left, day by day outwards, without looking at every pair of equal amounts."""
    free: dict[tuple[Money, date], deque[int]] = defaultdict(deque)
    for booked in sorted(books, key=lambda booked: booked.id):
        free[booked.amount, booked.on].append(booked.id)
    waiting = sorted(statement, key=lambda line: (line.on, line.id))
    found = []
    for apart in range(window_days + 1):
        left = []
        for line in waiting:
            days = sorted({line.on - timedelta(days=apart), line.on + timedelta(days=apart)})
            there = next((day for day in days if free.get((line.amount, day))), None)
            if there is None:
                left.append(line)
            else:
                found.append((line.id, free[line.amount, there].popleft()))
        waiting = left
    return found
