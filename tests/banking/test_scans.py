"""Pictures of clients: read safely, made small, kept."""

import io

import pytest
from PIL import Image

from banking import clients, scans
from banking.client_glance import find_photo
from banking.errors import BadValueError
from banking.profile_errors import (
    PdfError,
    PictureError,
    PictureTooLargeError,
    PictureTooManyPixelsError,
)
from banking.users import create_user
from ledger.errors import NotFoundError
from tests.support.books import Books
from tests.support.pictures import a_bomb, a_picture


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize(
    ("kind", "most_bytes", "most_size"),
    [("photo", 30_000, (320, 400)), ("signature", 15_000, (480, 200)), ("document", 60_000, (1240, 1240))],
)
@pytest.mark.parametrize("file", ["JPEG", "PNG"])
def test_a_picture_is_made_small(kind: str, most_bytes: int, most_size: tuple[int, int], file: str) -> None:
    """Of a camera's noise too: few enough bytes and pixels, a JPEG, nothing beside the picture."""
    kept = scans.make_small(a_picture(kind=file), kind)
    assert len(kept) <= most_bytes
    picture = opened(kept)
    assert picture.format == "JPEG"
    assert picture.width <= most_size[0]
    assert picture.height <= most_size[1]
    assert not picture.getexif()
    assert b"SECRET" not in kept


def test_a_picture_is_turned_as_the_camera_says() -> None:
    """Lying on its side in the file, upright on the page."""
    turned = opened(scans.make_small(a_picture((800, 400), turn=6), "photo"))
    assert turned.height > turned.width
    red, green, _ = turned.getpixel((turned.width - 10, 10))  # type: ignore[misc]  # three colours
    assert red > 180
    assert green < 100


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L"])
def test_every_sort_of_png_is_taken(mode: str) -> None:
    """With alpha, with a palette, black and white."""
    out = io.BytesIO()
    Image.new(mode, (50, 40)).save(out, "PNG")
    assert opened(scans.make_small(out.getvalue(), "document")).size == (50, 40)


def test_what_shines_through_becomes_white() -> None:
    """A signature with a see-through ground is black on white, not black on black."""
    out = io.BytesIO()
    Image.new("RGBA", (50, 40), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(scans.make_small(out.getvalue(), "signature")).getpixel((10, 10)) == 255


def test_what_is_no_picture_is_refused_in_words() -> None:
    """A PDF, too many bytes, too many pixels, other formats, half files, nothing at all."""
    gif = io.BytesIO()
    Image.new("L", (10, 10)).save(gif, "GIF")
    whole = a_picture((400, 300))
    wrong: list[tuple[bytes, type[Exception]]] = [
        (b"%PDF-1.7\n...", PdfError),
        (b"\xff\xd8" + bytes(scans.MOST_BYTES), PictureTooLargeError),
        (a_bomb(), PictureTooManyPixelsError),
        (a_bomb(100_000, 100_000), PictureTooManyPixelsError),
        (gif.getvalue(), PictureError),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PictureError),
        (whole[: len(whole) // 2], PictureError),
        (b"", PictureError),
        (b"hello", PictureError),
    ]
    for content, refusal in wrong:
        with pytest.raises(refusal):
            scans.make_small(content, "photo")
    with pytest.raises(BadValueError):
        scans.make_small(whole, "selfie")


def test_pictures_are_kept_and_the_newest_photo_counts(any_books: Books) -> None:
    """On each kind of database; a client without a photo has none."""
    books = any_books
    with books.work() as session:
        books.actor_id = create_user(session, "clara", "Clara", "clerk", "a password").id
    with books.work() as session:
        client = clients.register_client(session, name="Amina").id
        other = clients.register_client(session, name="Halima").id
        scans.keep_scan(session, client, a_picture((300, 300)), "photo")
    with books.work() as session:
        newest = scans.keep_scan(session, client, a_picture((200, 200)), "photo", note="new").id
        paper = scans.keep_scan(session, client, a_picture((200, 200)), "document").id
    with books.look() as session:
        assert (find_photo(session, client), find_photo(session, other)) == (newest, None)
        listed = scans.list_scans(session, client)
        assert [one.id for one in listed] == [paper, newest, listed[2].id]
        kept = scans.get_scan(session, newest)
        assert (kept.media_type, len(kept.content), kept.note) == ("image/jpeg", listed[1].size_bytes, "new")
        with pytest.raises(NotFoundError):
            scans.get_scan(session, 1)
