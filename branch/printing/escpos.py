"""ESC/POS, the language of receipt printers: text in a code page, or the whole strip as a picture."""

from typing import Final

from branch.printing.columns import lines_of
from branch.printing.letters import ESCPOS_PAGES, can_write, encoded
from branch.printing.parts import Cut, Document, Gap, Pair, Part, Row, Rule, Text
from branch.printing.setting import Bitmap, to_bitmap

COLUMNS: Final = {58: 32, 80: 42}
"""Letters in a line of paper so many millimetres wide: what every printer of that width has."""

DOTS: Final = {58: 384, 80: 512}
"""Dots across the paper, at 203 to the inch."""

ESC, GS = b"\x1b", b"\x1d"
BEGIN: Final = ESC + b"@"
BOLD_ON, BOLD_OFF = ESC + b"E\x01", ESC + b"E\x00"
BIG_ON, BIG_OFF = GS + b"!\x11", GS + b"!\x00"
KNIFE: Final = GS + b"V\x42\x03"
"""Feeds the last lines past the knife and cuts; printers without one only feed."""

_BAND: Final = 128
"""Rows of dots that are sent at once: the memory of the smallest printers holds them."""


def to_escpos(document: Document, encoding: str, width_mm: int) -> bytes:
    """Give the bytes of ``document`` for a strip of 58 or 80 mm.

    Where a letter is in no form on the code page (Arabic, Hindi, Amharic), the whole strip is sent as a
    picture, so that its columns stay in line.
    """
    if _is_readable(document, encoding):
        return _as_text(document, encoding, COLUMNS[width_mm])
    return _as_picture(to_bitmap(document, DOTS[width_mm]))


def _is_readable(document: Document, encoding: str) -> bool:
    return all(can_write(text, encoding) for part in document.parts for text in words_of(part))


def words_of(part: Part) -> tuple[str, ...]:
    """Give the texts of a part."""
    if isinstance(part, Text):
        return (part.text,)
    if isinstance(part, Pair):
        return (part.label, part.value)
    return tuple(cell.text for cell in part.cells) if isinstance(part, Row) else ()


def _as_text(document: Document, encoding: str, columns: int) -> bytes:
    out = bytearray(BEGIN + ESC + b"t" + bytes([ESCPOS_PAGES.get(encoding, 0)]))
    page = encoding if encoding in ESCPOS_PAGES else "ascii"
    for part in document.parts:
        if isinstance(part, Cut):
            out += KNIFE
        elif isinstance(part, Gap):
            out += b"\n" * part.lines
        else:
            out += _styled(part, page, columns)
    return bytes(out)


def _styled(part: Text | Pair | Row | Rule, page: str, columns: int) -> bytes:
    """Give the lines of a part; big letters take two columns each."""
    is_big = isinstance(part, Text) and part.big
    lines = lines_of(part, columns >> 1 if is_big else columns)
    body = b"".join(encoded(line.rstrip(), page) + b"\n" for line in lines)
    if is_big:
        body = BIG_ON + body + BIG_OFF
    if not isinstance(part, Rule) and part.bold:
        body = BOLD_ON + body + BOLD_OFF
    return body


def _as_picture(bitmap: Bitmap) -> bytes:
    """Send a picture in bands of rows (``GS v 0``): one bit a dot, black is 1, rows filled up to bytes."""
    out = bytearray(BEGIN)
    for first in range(0, bitmap.rows, _BAND):
        rows = min(_BAND, bitmap.rows - first)
        size = bitmap.row_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little")
        begin = first * bitmap.row_bytes
        out += GS + b"v0\x00" + size + bitmap.dots[begin : begin + rows * bitmap.row_bytes]
    return bytes(out + KNIFE)
