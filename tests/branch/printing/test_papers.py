"""A real receipt on every kind of paper: number, amount and COPY are there, no line is too long."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from PIL import Image

from banking.account_statements import account_statement
from banking.cash import list_tills
from banking.passbooks import passbook_page
from banking.receipts import ReceiptSheet, receipt_sheet, savings_movements
from banking.savings import deposit
from branch.printing.columns import lines_of, width_of
from branch.printing.documents import Letterhead, Mark, receipt_document, sample_document
from branch.printing.escpos import COLUMNS, DOTS, to_escpos
from branch.printing.letters import can_write, encoded
from branch.printing.parts import Cell, Document, Row
from branch.printing.setting import A4, to_bitmap, to_pdf
from branch.printing.statements import passbook_document, statement_document
from branch.printing.text import to_text
from ledger.money import Money, format_major
from schema.writing import act
from sync.installation import Installation
from tests.branch.printing.escpos_reader import read_escpos
from tests.support.branch_fixtures import branch, clock, homes, known, made_homes
from tests.support.branch_home import TODAY, Known

__all__ = ["branch", "clock", "homes", "known", "made_homes"]

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def _head(**changes: object) -> Letterhead:
    facts = {
        "institution": "Jamii Savings and Credit",
        "office": "Kitale",
        "currency": "KES",
        "printed_by": "Clara Wanyama",
        "printed_at": NOW,
        "say": str,
        "money": lambda amount: format_major(amount, 2),
        "day": lambda day: day.isoformat() if day else "",
        "instant": lambda moment: moment.isoformat(" ", "minutes"),
    }
    return Letterhead(**(facts | changes))  # type: ignore[arg-type]  # as above


@pytest.fixture
def receipt(branch: Installation, known: Known) -> Iterator[ReceiptSheet]:
    """The receipt of a deposit of 1,250.50."""
    with branch.unit_of_work("savings.deposit", known.admin) as session:
        till = list_tills(session, act(session).office_id)[-1].id
        done = deposit(
            session,
            known.savings,
            Money(125_050),
            TODAY,
            till_id=till,
            note="her sister\N{RIGHT SINGLE QUOTATION MARK}s",
        )
    with branch.database.reading() as session:
        yield receipt_sheet(session, "savings", done.id)


def _paper(sheet: ReceiptSheet, copy: int = 2, **changes: object) -> Document:
    return receipt_document(sheet, _head(**changes), copy, Mark("3F2A9C01", "2-17"), "M-Pesa")


def test_a_receipt_on_80_columns(receipt: ReceiptSheet) -> None:
    """Plain text: the number, the amount, who, that it is the second copy; 80 columns at most."""
    lines = to_text(_paper(receipt), "cp437").decode("cp437").split("\r\n")
    whole = "\n".join(lines)
    for said in ("KIT-1-000001", "1250.50", "COPY 2", "Wanjiru Okoth", "M-Pesa", "3F2A9C01", "her sister's"):
        assert said in whole, said
    assert max(len(line) for line in lines) <= 80
    assert lines[0].strip() == "Jamii Savings and Credit"
    assert lines[2].strip() == "KIT-1-000001"
    assert next(line for line in lines if line.startswith("Deposit KES")).endswith("1250.50")
    assert "\x1b" not in whole


def test_utf_8_keeps_every_letter(receipt: ReceiptSheet) -> None:
    """A printer that reads UTF-8 gets the name as it is written."""
    assert "Wanjirũ Ōkoth" in to_text(_paper(receipt), "utf-8").decode()


@pytest.mark.parametrize("width", [58, 80])
def test_a_receipt_on_a_strip(receipt: ReceiptSheet, width: int) -> None:
    """ESC/POS read back: the page is chosen, the number is big and bold, lines fit, the knife cuts once."""
    printed = read_escpos(to_escpos(_paper(receipt), "cp850", width))
    whole = "\n".join(printed.lines)
    for said in ("KIT-1-000001", "1250.50", "COPY 2", "Wanjiru Okoth", "3F2A9C01"):
        assert said in whole, said
    assert max(printed.columns) <= COLUMNS[width]
    assert [line.strip() for line in printed.big] == ["KIT-1-000001"]
    assert any("1250.50" in line for line in printed.bold)
    assert (printed.cuts, printed.page, printed.pictures) == (1, "cp850", [])


def test_the_first_paper_is_the_original(receipt: ReceiptSheet) -> None:
    """Paper 1 says ORIGINAL and no COPY."""
    whole = to_text(_paper(receipt, 1), "ascii").decode()
    assert "ORIGINAL" in whole
    assert "COPY" not in whole


@pytest.mark.parametrize("name", ["فاطمة الزهراء", "सीता देवी", "አበበ በቀለ"])
def test_letters_of_no_code_page_are_printed_as_a_picture(receipt: ReceiptSheet, name: str) -> None:
    """Arabic, Hindi, Amharic: the whole strip is a picture as wide as the head, with black dots on white."""
    document = _paper(receipt, institution=name, mirrored=name.startswith("ف"))
    assert not can_write(name, "cp437")
    for width, dots in DOTS.items():
        printed = read_escpos(to_escpos(document, "cp437", width))
        assert printed.lines == []
        assert {size for size, _rows, _dots in printed.pictures} == {dots >> 3}
        black = sum(byte.bit_count() for _size, _rows, dots_of in printed.pictures for byte in dots_of)
        assert 2_000 < black < 100_000
        assert printed.cuts == 1


def test_every_row_of_the_picture_is_sent_once(receipt: ReceiptSheet) -> None:
    """The bands together are the picture."""
    document = _paper(receipt, institution="अ")
    bitmap = to_bitmap(document, DOTS[80])
    printed = read_escpos(to_escpos(document, "cp437", 80))
    assert b"".join(dots for _size, _rows, dots in printed.pictures) == bitmap.dots
    assert len(bitmap.dots) == bitmap.rows * bitmap.row_bytes
    Image.open(BytesIO(b"P4\n%d %d\n" % (DOTS[80], bitmap.rows) + bitmap.dots)).load()


def test_letters_lose_their_accents_before_they_become_question_marks() -> None:
    """cp437 has é but no ũ; dashes and quotation marks have plain ones that stand for them."""
    assert encoded("Wanjirũ é \N{EN DASH} “x”", "cp437") == b'Wanjiru \x82 - "x"'
    assert encoded("ش", "cp437") == b"?"
    assert can_write("Why?", "cp437")


def test_a_statement_on_wide_and_narrow_paper(branch: Installation, known: Known) -> None:
    """Opening, each movement with its balance, closing: one line on 80 columns, two on a strip."""
    with branch.database.reading() as session:
        statement = account_statement(session, "loan", known.loan, TODAY)
    wide = to_text(statement_document(statement, _head(), 80), "ascii").decode().split("\r\n")
    row = next(line for line in wide if "OLD-1" in line)
    assert row.split() == ["2026-11-08", "OLD-1", "Repayment", "440.00", "9600.00"]
    assert max(len(line) for line in wide) <= 80
    for width, columns in COLUMNS.items():
        printed = read_escpos(to_escpos(statement_document(statement, _head(), columns), "cp437", width))
        assert max(printed.columns) <= columns
        place = next(place for place, line in enumerate(printed.lines) if line.startswith("OLD-1"))
        assert printed.lines[place - 1].endswith("+440.00")
        assert printed.lines[place].endswith("9600.00")


def test_passbook_lines_stand_where_the_book_is(branch: Installation, known: Known) -> None:
    """Printing on line 5 moves the paper down by four lines."""
    with branch.database.reading() as session:
        page = passbook_page(session, known.savings, line=5)
        assert len(savings_movements(session, known.savings)) == len(page.lines)
    lines = to_text(passbook_document("KIT-S-000001", page, _head(), 80), "ascii").decode().split("\r\n")
    assert lines[:4] == [""] * 4
    assert "2500.00" in lines[4]


def test_pdf_of_a_receipt_and_of_a_statement(
    receipt: ReceiptSheet, branch: Installation, known: Known
) -> None:
    """Both are PDF; a statement of hundreds of movements has several pages."""
    strip = to_pdf(_paper(receipt), 80, "", NOW)
    with branch.database.reading() as session:
        statement = account_statement(session, "savings", known.savings, TODAY, date(2026, 1, 1))
    sheet = to_pdf(statement_document(statement, _head(), 80), A4, "Jamii · Kitale", NOW)
    assert strip.startswith(b"%PDF-")
    assert sheet.startswith(b"%PDF-")


def test_the_test_print_reaches_the_end_of_the_line() -> None:
    """The ruler is exactly as long as the paper is wide."""
    for columns in (32, 42, 80):
        text = to_text(sample_document(_head(), columns), "ascii", columns=columns).decode()
        assert "1234567890" * 3 in text
        assert max(len(line) for line in text.split("\r\n")) == columns


def test_a_figure_is_never_cut() -> None:
    """Where an amount is wider than its column, the row becomes a paragraph: no digit is lost."""
    row = Row((Cell("22 Nov 2026", 12), Cell("Deposit"), Cell("123,456,789,012.34", 12, end=True)))
    for columns in (32, 42, 80):
        lines = list(lines_of(row, columns))
        assert "123,456,789,012.34" in " ".join(lines)
        assert max(width_of(line) for line in lines) <= columns
