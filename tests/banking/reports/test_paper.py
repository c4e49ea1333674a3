"""Reports on paper: one page kit for all, our own letters, and nothing in the books is markup."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from banking import clients, groups, loans, savings
from banking.reports import REPORTS
from banking.reports.paper import Letterhead, amount_words, day_words, to_pdf
from tests.banking.reports.test_documents import answer, some_of_everything
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan

HEAD = Letterhead(
    "Kitale #1 & *Sons*",
    "KIT Kitale",
    "KES",
    2,
    "22 Nov 2026, 17:05",
    "Ann",
    datetime(2026, 11, 22, tzinfo=UTC),
)
NAMES = ("#let x = 1", "$a^2$ *bold* _i_ `c`", "\\ <b> @ref = //", "सीता देवी", "فاطمة الزهراء", "አበበ በቀለ")


def words_of(pdf: bytes, folder: Path) -> str:
    """Give what a reader of the PDF finds, with its line ends as spaces."""
    file = folder / "report.pdf"
    file.write_bytes(pdf)
    found = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True).stdout
    return " ".join(found.decode().split())


def letters_of(pdf: bytes, folder: Path) -> set[str]:
    """Give the names of the fonts that a PDF holds."""
    file = folder / "fonts.pdf"
    file.write_bytes(pdf)
    lines = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout.splitlines()
    return {line.split()[0].partition("+")[2] for line in lines[2:]}


def test_a_consolidated_statement_is_a_page_with_its_check_code(books: Books, tmp_path: Path) -> None:
    """Columns for what is cut and for the other day; the code stands beside who printed it and when."""
    some_of_everything(books)
    with books.look() as session:
        asked = {"as_of": DAY, "columns": "consolidation", "compare": DAY - timedelta(days=1)}
        report = REPORTS["balance-sheet"](session, **asked)
    words = words_of(to_pdf(report, replace(HEAD, check_code="7F3K-2QXD")), tmp_path)
    assert "Amount KIT Eliminations Consolidated 4 Jan 2026 Difference" in words
    assert "printed 22 Nov 2026, 17:05 by Ann · check code 7F3K-2QXD" in words


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_report_of_the_catalogue_is_a_page(books: Books, name: str, tmp_path: Path) -> None:
    """With title, institution, office, as-at, printed-at, by whom, and page x of y."""
    some_of_everything(books)
    report = answer(books, name)
    words = words_of(to_pdf(report, HEAD), tmp_path)
    for wanted in (
        report.title,
        "Kitale #1 & *Sons*",
        "KIT Kitale",
        "printed 22 Nov 2026, 17:05 by Ann",
        "Page 1 of",
    ):
        assert wanted in words
    assert day_words(report.question.until) in words


def test_names_are_set_as_they_stand_in_their_own_letters(books: Books, tmp_path: Path) -> None:
    """Markup stays what somebody typed; Devanagari, Arabic and Ethiopic have letters; none is missing."""
    with books.work() as session:
        for name in NAMES:
            client = clients.register_client(session, name=name)
            product = books.savings_product("SAVE").id
            savings.open_account(session, client_id=client.id, product_id=product, opened_on=DAY)
    with books.look() as session:
        pdf = to_pdf(REPORTS["savings-balances"](session, as_of=DAY), HEAD)
    words = words_of(pdf, tmp_path)
    for name in NAMES[:3]:
        assert name in words
    letters = letters_of(pdf, tmp_path)
    assert {"NotoSans-Regular", "NotoSansDevanagari-Regular", "NotoSansArabic-Regular"} <= letters
    assert "NotoSansEthiopic-Regular" in letters
    assert all(font.startswith("NotoSans") for font in letters)


def test_a_sheet_has_thirty_lines_a_page_a_number_and_room_to_sign(books: Books, tmp_path: Path) -> None:
    with books.work() as session:
        group = groups.create_group(session, name="Tumaini")
        for number in range(31):
            clients.register_client(session, name=f"Member {number}", group_id=group.id)
    with books.look() as session:
        report = REPORTS["collection-sheet"](session, as_of=DAY, group="Tumaini")
    words = words_of(to_pdf(report, HEAD), tmp_path)
    [number] = {row["sheet"] for row in report.records()}
    first, second = words.split("Page 1 of 2")
    assert f"{number} 1/2" in first
    assert f"{number} 2/2" in second
    assert ("Member 29" in first, "Member 30" in first) == (True, False)
    assert "Figures as at 22 Nov 2026, 17:05." in second
    for signature in ("Leader", "Officer", "Cashier"):
        assert signature in second


def test_amounts_are_grouped_and_below_zero_in_parentheses() -> None:
    found = [
        amount_words(minor, digits) for minor, digits in ((123_456_789, 2), (-350, 2), (0, 2), (1500, 0))
    ]
    assert found == ["1,234,567.89", "(3.50)", "\N{EN DASH}", "1,500"]


def test_the_same_report_is_the_same_file(books: Books) -> None:
    """Nothing of the computer is in it: neither its letters nor its clock."""
    loan_id = a_loan(books)
    with books.look() as session:
        assert loans.outstanding(session, loan_id).principal == money("1000")
        report = REPORTS["arrears"](session, as_of=DAY + timedelta(days=30))
    assert to_pdf(report, HEAD) == to_pdf(report, HEAD)
