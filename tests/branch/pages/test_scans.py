"""Photos and scans: kept from a file, shown to who may see them."""

import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from banking import scans
from schema.profiles import ClientScan
from schema.writing import insert
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, tokens
from tests.support.branch_home import Known
from tests.support.pictures import a_bomb, a_picture

ROOT = Path(__file__).parents[3]
HOSTILE = b"<script src='/scans/1'></script>"


def send(browser: FlaskClient, path: str, content: bytes, **fields: str) -> TestResponse:
    """Send a form with a file, as a browser does.

    The body is made here: the test client would lay a large one into a temporary file and never close it.
    """
    form = tokens(browser, path) | fields | {"picture": FileStorage(io.BytesIO(content), "file")}
    boundary, body = encode_multipart(form)
    return browser.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_a_photo_is_kept_and_shown(log_in: LogIn, known: Known) -> None:
    """Small, as a JPEG, on the client's page; larger than other forms may be."""
    clara = log_in("clara")
    path = f"/clients/{known.client}/scans"
    content = a_picture((1000, 800), "PNG")
    assert len(content) > 1_100_000
    kept = send(clara, path, content, kind="photo")
    assert kept.location == path, kept.text.partition("picture-complaint")[2][:200]
    address = clara.get(f"/clients/{known.client}").text.partition('class="photo" src="')[2].partition('"')[0]
    picture = clara.get(address)
    assert (picture.mimetype, picture.data[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert len(picture.data) <= 30_000
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert log_in("aisha").get(address).status_code == 200


def test_a_document_is_hidden_from_who_may_not_read_documents(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """A photo tells people apart; a paper tells more."""
    with branch.unit_of_work("client.scan", known.admin) as session:
        paper = scans.keep_scan(session, known.client, a_picture((200, 200)), "document").id
    assert log_in("clara").get(f"/scans/{paper}").status_code == 200
    assert log_in("aisha").get(f"/scans/{paper}").status_code == 403
    assert log_in("clara").get("/scans/1").status_code == 404


@pytest.mark.parametrize("claimed", ["text/html", "text/javascript", "image/svg+xml", "a\nSet-Cookie: x=y"])
def test_a_picture_is_a_picture_whatever_another_program_says(
    log_in: LogIn, branch: Installation, known: Known, claimed: str
) -> None:
    """Served as a page or a script it would act in the name of whoever looks at it."""
    with branch.unit_of_work("client.scan", known.admin) as session:
        scan = ClientScan(
            client_id=known.client,
            kind="photo",
            media_type=claimed,
            content=HOSTILE,
            at=branch.clock(),
            user_id=known.admin,
        )
        insert(session, scan)
        address = f"/scans/{scan.id}"
    answer = log_in("clara").get(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert "Set-Cookie" not in answer.headers


def test_no_page_gives_a_file_the_type_that_its_row_says() -> None:
    """Headquarters shows pictures of hostile branches too."""
    for room in ("hq", "branch", "web"):
        for source in (ROOT / room).rglob("*.py"):
            assert not re.search(
                r"(mimetype|content_type)=\w+\.", source.read_text().replace("kept.JPEG", "")
            ), source


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose a file."),
        (b"%PDF-1.7", "This is a PDF."),
        (b"hello", "cannot be read as a picture"),
        (a_bomb(), "million pixels"),
    ],
    ids=["none", "pdf", "text", "bomb"],
)
def test_what_is_no_picture_is_told_beside_the_field(
    log_in: LogIn, known: Known, content: bytes, said: str
) -> None:
    """In words, with what to do; the note that was typed stays."""
    clara = log_in("clara")
    path = f"/clients/{known.client}/scans"
    form = tokens(clara, path) | {
        "kind": "document",
        "note": "front side",
        "picture": (io.BytesIO(content), "f"),
    }
    answer = clara.post(path, data=form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="front side"' in answer.text
    assert "No picture is kept yet." in answer.text


def test_a_picture_of_one_byte_too_many_is_told_beside_the_field(log_in: LogIn, known: Known) -> None:
    """Larger than what is taken, smaller than what is read at all; far larger is refused unread."""
    clara = log_in("clara")
    path = f"/clients/{known.client}/scans"
    answer = send(clara, path, bytes(scans.MOST_BYTES + 1), kind="document", note="front side")
    assert answer.status_code == 422
    assert "The picture is larger than 8 MB." in answer.text
    assert 'value="front side"' in answer.text
    assert send(clara, path, bytes(scans.MOST_FORM_BYTES), kind="document").status_code == 413


def test_other_forms_take_no_files(log_in: LogIn, known: Known) -> None:
    """Only the form of pictures may be so large."""
    clara = log_in("clara")
    path = f"/clients/{known.client}/family"
    assert send(clara, path, bytes(2_000_000), name="X").status_code == 413
