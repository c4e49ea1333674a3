"""Reports as they were handed out: found by their check code, with who, when and what differs today."""

import hashlib
import io
import json
import re
import zlib

from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from schema.desk import PrintedReport
from sync.inbox import import_paths
from sync.installation import Installation
from tests.hq.conftest import LogIn, words_of
from tests.support.headquarters import FIRST, LATER
from tests.support.hq_fixtures import on_both
from tests.support.institution import TestInstitution


def printed_code(client: FlaskClient, path: str) -> tuple[str, bytes]:
    """Take a report away as a file; gives the code in its name, and the file."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found = re.search(r'-([0-9A-Z]{4}-[0-9A-Z]{4})\.\w+"', answer.headers["Content-Disposition"])
    assert found, answer.headers
    return found[1], answer.data


@on_both
def test_what_was_printed_is_found_with_what_differs_today(
    institution: TestInstitution, hq: Installation, log_in: LogIn
) -> None:
    """A workbook carries the code; when more has come in, the page shows what it said then, and both."""
    import_paths(hq, [institution.root / FIRST])
    amina, aisha = log_in("amina"), log_in("aisha")
    asked = "as_of=2026-01-05&columns=consolidation"
    code, workbook = printed_code(amina, f"/reports/trial-balance/xlsx?{asked}")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    words = [str(cell) for row in sheet for cell in row]
    assert f"check code {code}" in words
    assert any(word.startswith("printed 12 Jan 2026") and "Amina Wanyama" in word for word in words)
    assert any(word.startswith("Rests on: ELW up to 0001, entry 6") for word in words)
    same = words_of(aisha.get(f"/reports/printed?code={code.lower()}").text)
    assert "The same question gives the same figures today." in same
    import_paths(hq, [institution.root / LATER])
    page = words_of(aisha.get(f"/reports/printed?code={code}").text)
    assert re.search(r"accounts 2110 closing -1000.00 -2500.00 -1500.00", page)
    assert "2110 Voluntary savings" in page
    assert "(1,000.00)" in page.partition("What was printed")[2]
    listed = words_of(aisha.get("/reports/printed").text)
    assert re.search(rf"{code} Trial balance all 5 Jan 2026 .* Amina Wanyama XLSX", listed)


def test_the_same_file_is_given_again(read_as: LogIn) -> None:
    """PDF, table and JSON as they were: nothing but what was kept goes into them."""
    amina, aisha = read_as("amina"), read_as("aisha")
    code, table = printed_code(amina, "/reports/active-loans/csv?as_of=2026-01-05")
    assert aisha.get(f"/reports/printed/{code}/csv").data == table
    code, paper = printed_code(amina, "/reports/ratios/pdf?as_of=2026-01-05")
    assert aisha.get(f"/reports/printed/{code}/pdf").data == paper
    code, document = printed_code(amina, "/reports/ratios/json?as_of=2026-01-05")
    assert json.loads(document)["check_code"] == code
    assert json.loads(aisha.get(f"/reports/printed/{code}/json").data) == json.loads(document)
    assert aisha.get(f"/reports/printed/{code}/exe").status_code == 404


def test_a_mistyped_and_an_unknown_code_are_told_apart(read_as: LogIn) -> None:
    """The check letter finds the slip; a right code that nobody printed is not found."""
    aisha = read_as("aisha")
    code, _file = printed_code(read_as("amina"), "/reports/ageing/csv?as_of=2026-01-05")
    slip = ("4" if code[0] != "4" else "6") + code[1:]
    answer = aisha.get(f"/reports/printed?code={slip}")
    assert answer.status_code == 422
    assert "one of its letters is wrong" in words_of(answer.text)
    assert aisha.get("/reports/printed?code=3333-3333").status_code == 422


def test_what_was_altered_in_the_database_confirms_no_paper(full_hq: Installation, read_as: LogIn) -> None:
    """Other figures under a true code, with a digest that fits them: the code does not."""
    aisha = read_as("aisha")
    code, _file = printed_code(read_as("amina"), "/reports/ageing/csv?as_of=2026-01-05")
    with full_hq.database.writing() as session:
        row = session.get_one(PrintedReport, code)
        forged = zlib.decompress(row.content).replace(b"Amina", b"Amana")
        row.content, row.digest = zlib.compress(forged), hashlib.sha256(forged).digest()
    answer = aisha.get(f"/reports/printed?code={code}")
    assert answer.status_code == 422
    assert "was altered in the database" in words_of(answer.text)
    assert "Amana" not in answer.text
    assert aisha.get(f"/reports/printed/{code}/csv").status_code != 200


def test_only_who_may_see_the_audit_sees_what_was_printed(read_as: LogIn) -> None:
    """A clerk is told no."""
    assert read_as("clara").get("/reports/printed").status_code == 403
    assert "What was printed" not in words_of(read_as("clara").get("/reports").text)
    assert "What was printed" in words_of(read_as("aisha").get("/reports").text)
