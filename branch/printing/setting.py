"""Papers set by typst with our own letters: PDF for any printer, and the picture of a strip.

It shapes and joins the letters of every language that we bring letters for. What stands in the books reaches
the paper as text and never as markup: it goes in beside the template as JSON.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from branch.printing.parts import Cut, Document, Part

A4: Final = "a4"
_TEMPLATE: Final = Path(__file__).parent / "paper.typ"
_FONTS: Final = Path(__file__).parents[2] / "banking" / "reports" / "fonts"
_POINTS_PER_INCH: Final = 72
_DOTS_PER_INCH: Final = 203
_DARK: Final = 150
"""Grey (0 black to 255 white) up to which a dot is printed: letters stay closed and do not clot."""


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture of one bit a dot (1 is black), rows of ``row_bytes`` bytes one after another."""

    row_bytes: int
    rows: int
    dots: bytes


def to_pdf(document: Document, paper: str | int, footer: str, made_at: datetime) -> bytes:
    """Set ``document`` as PDF: on A4 (``A4``), with page x of y and the footer, or on a strip (its mm)."""
    import typst  # noqa: PLC0415 - 80 MB of program, for those who print

    return typst.compile(
        str(_TEMPLATE),
        font_paths=[str(_FONTS)],
        ignore_system_fonts=True,
        sys_inputs=_inputs(document, strip=0 if paper == A4 else paper, footer=footer),
        timestamp=int(made_at.timestamp()),
    )


def to_bitmap(document: Document, dots_across: int) -> Bitmap:
    """Set ``document`` as a strip so many dots wide."""
    import typst  # noqa: PLC0415 - as above
    from PIL import Image  # noqa: PLC0415 - only for scripts that no code page has

    picture = typst.compile(
        str(_TEMPLATE),
        font_paths=[str(_FONTS)],
        ignore_system_fonts=True,
        sys_inputs=_inputs(document, points=f"{dots_across * _POINTS_PER_INCH / _DOTS_PER_INCH:.4f}"),
        format="png",
        ppi=_DOTS_PER_INCH,
    )
    with Image.open(BytesIO(picture)) as opened:
        grey = Image.new("L", (dots_across, opened.height), 255)
        grey.paste(opened.convert("L"), (0, 0))
    black_is_one = grey.point([255 if level <= _DARK else 0 for level in range(256)]).convert("1")
    return Bitmap(dots_across >> 3, grey.height, black_is_one.tobytes())


def _inputs(
    document: Document, *, strip: str | int = 0, points: str = "0", footer: str = ""
) -> dict[str, str]:
    page = {
        "parts": [_part(part) for part in document.parts if not isinstance(part, Cut)],
        "language": document.language,
        "mirrored": document.mirrored,
        "number": document.number,
        "strip": strip,
        "points": points,
        "footer": footer,
    }
    return {"paper": json.dumps(page, ensure_ascii=False)}


def _part(part: Part) -> dict[str, Any]:
    return {"kind": type(part).__name__.lower(), **asdict(part)}
