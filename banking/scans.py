"""Photos and scans: read safely, made small, kept; they travel with the bundles.

A file of somebody else is decoded only as JPEG or PNG, whatever it calls itself, and only when it says that
it has few enough pixels. What is kept is drawn anew, so nothing that was hidden in the file goes along.
"""

import io
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.profile_errors import (
    PdfError,
    PictureError,
    PictureTooLargeError,
    PictureTooManyPixelsError,
)
from banking.rows import get_row
from banking.text import clean
from schema.base import from_milliseconds
from schema.people import Client
from schema.profiles import ClientScan
from schema.reading import fetch
from schema.writing import act, insert

PHOTO, SIGNATURE, DOCUMENT = "photo", "signature", "document"
KINDS: Final = (PHOTO, DOCUMENT, SIGNATURE)
MOST_MEGABYTES: Final = 8
MOST_BYTES: Final = MOST_MEGABYTES * 1024 * 1024
MOST_FORM_BYTES: Final = MOST_BYTES + 64 * 1024
"""The largest form that brings a picture: the file and its words."""
MOST_MEGAPIXELS: Final = 50
"""Decoded one byte a pixel and colour, so at most 150 MB for a moment; JPEG is decoded smaller at once."""

JPEG: Final = "image/jpeg"
_FORMATS: Final = ("JPEG", "PNG")


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a kind of picture is kept: its largest size in pixels and bytes, and whether in colour."""

    size: tuple[int, int]
    bytes: int
    mode: str


_SHAPES: Final = {
    PHOTO: _Shape((320, 400), 30_000, "RGB"),
    SIGNATURE: _Shape((480, 200), 15_000, "L"),
    DOCUMENT: _Shape((1240, 1240), 60_000, "L"),
}
_QUALITIES: Final = (80, 70, 60, 50, 40, 30)
_SMALLER: Final = 80
"""Percent of the size that is tried next when no quality was small enough."""


def make_small(content: bytes, kind: str) -> bytes:
    """Give a picture as it is kept: a JPEG without anything beside the picture, small enough to travel.

    raises   PictureTooLargeError, PdfError, PictureError, PictureTooManyPixelsError; BadValueError for the
             kind
    """
    if kind not in _SHAPES:
        raise BadValueError(field="kind", given=kind)
    if len(content) > MOST_BYTES:
        raise PictureTooLargeError(limit=MOST_MEGABYTES)
    if content.lstrip()[:5] == b"%PDF-":
        raise PdfError
    shape = _SHAPES[kind]
    picture = _decode(content, shape)
    picture.thumbnail(shape.size, Image.Resampling.LANCZOS)
    while True:
        for quality in _QUALITIES:
            kept = _encode(picture, quality)
            if len(kept) <= shape.bytes:
                return kept
        width, height = picture.size
        picture = picture.resize((max(1, width * _SMALLER // 100), max(1, height * _SMALLER // 100)))


def _decode(content: bytes, shape: _Shape) -> Image.Image:
    """Read the pixels, turned as the camera says; on white where the ground shines through."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
                width, height = opened.size
                if width * height > MOST_MEGAPIXELS * 1_000_000:
                    raise PictureTooManyPixelsError(limit=MOST_MEGAPIXELS)
                longest = max(shape.size)
                opened.draft(shape.mode, (longest * 2, longest * 2))  # a JPEG is decoded smaller at once
                opened.load()
                turned = ImageOps.exif_transpose(opened)
    except Image.DecompressionBombError as fault:
        raise PictureTooManyPixelsError(limit=MOST_MEGAPIXELS) from fault
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        MemoryError,
    ) as fault:
        raise PictureError from fault
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        turned = turned.convert("RGBA")
        ground = Image.new("RGBA", turned.size, "white")
        turned = Image.alpha_composite(ground, turned)
    return turned.convert(shape.mode)


def _encode(picture: Image.Image, quality: int) -> bytes:
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def keep_scan(session: Session, client_id: int, content: bytes, kind: str, note: str = "") -> ClientScan:
    """Keep a picture of a client that ``make_small`` gave, or any that it accepts.

    raises   as ``make_small``; NotFoundError for the client
    """
    get_row(session, Client, client_id, "client")
    current = act(session)
    row = ClientScan(
        client_id=client_id,
        kind=kind,
        media_type=JPEG,
        content=make_small(content, kind),
        at=current.recorded_at,
        user_id=current.actor_id,
        note=clean(note, "note"),
    )
    insert(session, row)
    return row


@dataclass(frozen=True, slots=True)
class Scan:
    """A kept picture without its content."""

    id: int
    kind: str
    size_bytes: int
    at: datetime
    user: str
    note: str


_LIST = """
SELECT s.id, s.kind, length(s.content), s.at, coalesce(u.full_name, ''), s.note FROM client_scan AS s
  LEFT JOIN user_account AS u ON u.id = s.user_id WHERE s.client_id = ? ORDER BY s.at DESC, s.id DESC
"""


def list_scans(session: Session, client_id: int) -> list[Scan]:
    """List the pictures of a client, newest first."""
    return [
        Scan(row[0], row[1], row[2], from_milliseconds(row[3]), row[4], row[5])
        for row in fetch(session, _LIST, client_id)
    ]


def get_scan(session: Session, scan_id: int) -> ClientScan:
    """Give a picture with its content.

    raises   NotFoundError
    """
    return get_row(session, ClientScan, scan_id, "picture")
