"""What small papers are made of, whatever they are printed on: lines, pairs, rows, rules and cuts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. ``align`` is start, center or end; ``big`` is twice as wide and high where that exists."""

    text: str
    align: str = "start"
    bold: bool = False
    big: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and, at the other end of the line, its value."""

    label: str
    value: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a row: ``width`` in letters, 0 takes what the others leave; ``end``: as figures stand."""

    text: str
    width: int = 0
    end: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table; what does not fit into a cell is cut off. ``heading`` is repeated on each page."""

    cells: tuple[Cell, ...]
    bold: bool = False
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""

    double: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of a paper: the knife of a strip, the next sheet of a printer with sheets."""


Part = Text | Pair | Row | Rule | Gap | Cut


@dataclass(frozen=True, slots=True)
class Document:
    """A paper: what it is, which one, in which language it is set, and its parts from top to bottom.

    kind      receipt, statement or passbook: as the prints are counted
    number    the number that stands on it, or of the account that it is of
    language  code of the reader's language; ``mirrored`` for those that run from right to left
    """

    kind: str
    number: str
    parts: tuple[Part, ...]
    language: str = "en"
    mirrored: bool = False
