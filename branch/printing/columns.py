"""Text on a grid of equal letters: how wide it is, where it breaks, what is cut off."""

import unicodedata
from collections.abc import Iterator

from branch.printing.parts import Cell, Pair, Part, Row, Rule, Text

LEAST_CELL = 4
"""Columns that are left for a cell that takes the rest."""


def width_of(text: str) -> int:
    """Give how many columns ``text`` takes: wide letters two, marks on letters none."""
    return sum(_width(letter) for letter in text)


def _width(letter: str) -> int:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in {"W", "F"} else 1


def plain(text: str) -> str:
    """Give ``text`` without anything that a printer takes for a command: control characters become spaces."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in composed)


def cut(text: str, columns: int) -> str:
    """Give as much of ``text`` as fits into ``columns``."""
    taken, width = [], 0
    for letter in text:
        width += _width(letter)
        if width > columns:
            break
        taken.append(letter)
    return "".join(taken)


def at_start(text: str, columns: int) -> str:
    """Give ``text`` cut and filled up to ``columns``."""
    shown = cut(text, columns)
    return shown + " " * (columns - width_of(shown))


def at_end(text: str, columns: int) -> str:
    """Give ``text`` cut and moved to the end of ``columns``."""
    shown = cut(text, columns)
    return " " * (columns - width_of(shown)) + shown


def broken(text: str, columns: int) -> list[str]:
    """Break ``text`` into lines at its spaces; a word that is longer than a line is cut in two."""
    lines, line = [], ""
    for word in plain(text).split():
        rest = word
        while rest:
            room = columns - width_of(line) - (1 if line else 0)
            if width_of(rest) <= room:
                line = f"{line} {rest}" if line else rest
                break
            if line:
                lines.append(line)
                line = ""
            else:
                piece = cut(rest, columns) or rest[0]
                lines.append(piece)
                rest = rest[len(piece) :]
    return [*lines, line] if line or not lines else lines


def lines_of(part: Part, columns: int) -> Iterator[str]:
    """Give the lines of one part, none of them longer than ``columns``; a cut has none."""
    if isinstance(part, Text):
        for line in broken(part.text, columns):
            yield _aligned(line, part.align, columns)
    elif isinstance(part, Pair):
        yield from _pair(part, columns)
    elif isinstance(part, Row):
        yield from _row(part.cells, columns)
    elif isinstance(part, Rule):
        yield ("=" if part.double else "-") * columns


def _aligned(line: str, align: str, columns: int) -> str:
    left = columns - width_of(line)
    if align == "center":
        return " " * (left >> 1) + line
    return " " * left + line if align == "end" else line


def _pair(pair: Pair, columns: int) -> Iterator[str]:
    label, value = plain(pair.label), plain(pair.value)
    if width_of(label) + 1 + width_of(value) <= columns:
        yield label + " " * (columns - width_of(label) - width_of(value)) + value
        return
    yield from broken(label, columns)
    for line in broken(value, columns):
        yield at_end(line, columns)


def _row(cells: tuple[Cell, ...], columns: int) -> Iterator[str]:
    """Set cells side by side, one column apart; those without a width share what is left.

    A figure is never cut: a row in which one does not fit is written as a paragraph.
    """
    fixed = sum(cell.width for cell in cells) + len(cells) - 1
    free = sum(1 for cell in cells if not cell.width)
    share = max(LEAST_CELL, (columns - fixed) // free) if free else 0
    widths = [cell.width or share for cell in cells]
    pairs = list(zip(cells, widths, strict=True))
    if any(cell.end and width_of(cell.text) > width for cell, width in pairs) or (
        sum(widths) + len(cells) - 1 > columns
    ):
        yield from broken("  ".join(cell.text for cell in cells), columns)
        return
    shown = [(at_end if cell.end else at_start)(plain(cell.text), width) for cell, width in pairs]
    yield " ".join(shown).rstrip()
