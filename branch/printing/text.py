"""Raw text of 80 columns for dot-matrix printers and files: nothing in it but lines and form feeds."""

from branch.printing.columns import lines_of
from branch.printing.letters import encoded
from branch.printing.parts import Cut, Document, Gap

COLUMNS = 80
NEW_LINE = b"\r\n"
FORM_FEED = b"\f"
_MARGIN = 4
"""Empty lines before a receipt is torn off."""


def to_text(document: Document, encoding: str, *, columns: int = COLUMNS, feeds: bool = False) -> bytes:
    """Give the bytes of ``document``.

    encoding   one of ``letters.ENCODINGS``
    feeds      a cut throws the sheet out; otherwise it moves on by some lines, as on endless paper
    """
    out = bytearray()
    for part in document.parts:
        if isinstance(part, Cut):
            out += FORM_FEED if feeds else NEW_LINE * _MARGIN
        elif isinstance(part, Gap):
            out += NEW_LINE * part.lines
        else:
            for line in lines_of(part, columns):
                out += encoded(line.rstrip(), encoding) + NEW_LINE
    return bytes(out)
