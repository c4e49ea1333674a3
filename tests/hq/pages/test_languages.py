"""Every sentence at headquarters comes from a catalogue: shown with a made-up language."""

import re
from pathlib import Path
from unittest.mock import patch

import flask_babel
from flask.testing import FlaskClient

from tests.branch.pages.test_languages import MadeUp, untranslated
from tests.hq.conftest import LogIn
from tests.support.headquarters import FIRST, LATER
from tests.support.institution import TestInstitution

NAMES = re.compile(
    # names, codes and what is read by programs are no language
    r"\b(CSV|PDF|XLSX|JSON)\b"
    r"|Test bank|Head office|Branch (KIT|ELW|NAK)|\b(KIT|ELW|NAK|KES|HQ|GAP|NOT_OWNER)\b|Wanyama|Amina|Kamau"
    r"|Wanjiku|admin|market day|amp|/[-a-z0-9_./]+|satchel|(Cash|Loan|Voluntary|Books|Interest)[ a-z]+"
    r"|\b[0-9A-Z]{4}\b|[a-z]+\.[a-z]+|[a-z]+(_[a-z]+)+|\b[0-9A-F]{8}\b|\b[0-9a-f]{64}\b|\b(Jan|Dec|Nov)\b"
)
READ = (
    "/",
    "/branches",
    "/branches/ELW",
    "/branches/NAK",
    "/branches/KIT/return",
    "/books",
    "/books?branch=KIT&start=2026-01-05",
    "/books/2110",
    "/exceptions",
    "/reports/printed",
    "/reports/between-branches",
    "/inbox/came/0000",
)


def _foreign(page: str) -> list[str]:
    """Give the words of a page that are neither of the catalogue nor names."""
    return untranslated(NAMES.sub(" ", re.sub(r"<(?:a|link|script|form|option|input)\b[^>]*>", "<a>", page)))


def test_no_sentence_is_written_into_a_page(
    reader: FlaskClient, read_as: LogIn, made: TestInstitution, tmp_path: Path
) -> None:
    """With a language of brackets, nothing but names, codes and numbers stands outside of them."""
    (tmp_path / "stick").mkdir()
    with patch.object(flask_babel.Domain, "get_translations", lambda _domain: MadeUp()):
        for path in READ:
            assert _foreign(reader.get(path).text) == [], path
        for folder in (made.root / FIRST, made.root / LATER, tmp_path / "stick"):
            assert _foreign(reader.get(f"/inbox/look?folder={folder}").text) == [], folder
        for path in ("/enrol", "/enrol/NAK", "/devices/2/confirm"):
            assert _foreign(read_as("admin").get(path).text) == [], path
        kind = next(iter(re.findall(r"/entries/\d+", reader.get("/books/2110").text)))
        assert _foreign(reader.get(kind).text) == []
