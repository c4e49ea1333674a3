"""The pages of reports at a branch: listed, asked, shown, taken away as files."""

import html
import re

import pytest
from flask.testing import FlaskClient

from banking.reports import REPORTS
from tests.branch.pages.conftest import LogIn
from tests.support.branch_home import Known


@pytest.fixture
def reader(log_in: LogIn) -> FlaskClient:
    """A browser of the auditor."""
    return log_in("aisha")


def words_of(page: str) -> str:
    """Give what a reader sees of a page, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_every_report_of_the_catalogue_is_listed(reader: FlaskClient) -> None:
    page = reader.get("/reports").text
    for name, definition in REPORTS.items():
        assert f'href="/reports/{name}"' in page
        assert definition.title in html.unescape(page)


@pytest.mark.parametrize("name", sorted(name for name, one in REPORTS.items() if not one.needs))
def test_a_report_is_shown_for_the_open_day_with_its_files(reader: FlaskClient, name: str) -> None:
    """Asked with nothing it is today's, of this branch."""
    answer = reader.get(f"/reports/{name}")
    assert answer.status_code == 200
    assert "as at 22 Nov 2026" in words_of(answer.text)
    for form in ("pdf", "xlsx", "csv", "json"):
        assert f"/reports/{name}/{form}" in answer.text


def test_the_form_says_what_an_empty_beginning_means(reader: FlaskClient) -> None:
    """Ratios are of a year where others begin with the books."""
    assert "empty: the twelve months to the day" in words_of(reader.get("/reports/ratios").text)
    assert "empty: from the beginning" in words_of(reader.get("/reports/trial-balance").text)


def test_what_a_report_cannot_do_without_is_asked_for(reader: FlaskClient, known: Known) -> None:
    """The form first, the answer once the client is named, and a refusal where there is none."""
    assert "Client's number" in words_of(reader.get("/reports/client-statement").text)
    refused = reader.get("/reports/client-statement?client=nobody")
    assert refused.status_code == 422
    assert "nobody" in words_of(refused.text)
    listed = reader.get("/reports/client-listing/json").json
    assert listed is not None
    number = listed["clients"][0]["number"]
    shown = words_of(reader.get(f"/reports/client-statement?client={number}").text)
    assert listed["clients"][0]["name"] in shown
    assert known.client


@pytest.mark.parametrize(
    ("form", "begins"), [("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"number,"), ("json", b"{")]
)
def test_a_report_is_taken_away_as_a_file(reader: FlaskClient, form: str, begins: bytes) -> None:
    """Its name has the check code under which it is kept."""
    answer = reader.get(f"/reports/active-loans/{form}?as_of=2026-11-22")
    assert answer.data.startswith(begins)
    name = answer.headers["Content-Disposition"].removeprefix('attachment; filename="').removesuffix('"')
    assert re.fullmatch(rf"active-loans-2026-11-22-[0-9A-Z]{{4}}-[0-9A-Z]{{4}}\.{form}", name)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reports/horoscope", 404),
        ("/reports/horoscope/pdf", 404),
        ("/reports/active-loans/exe", 404),
        ("/reports/active-loans?as_of=30+2+2026", 422),
        ("/reports/active-loans/csv?as_of=30+2+2026", 422),
        ("/reports/trial-balance?kept=closed&as_of=1+1+2020", 422),
    ],
)
def test_what_is_not_there_is_refused(reader: FlaskClient, path: str, status: int) -> None:
    assert reader.get(path).status_code == status
