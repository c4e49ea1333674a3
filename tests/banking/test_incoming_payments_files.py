"""Lists of payments as files: read whole, or refused with every wrong place."""

import io
import string
from contextlib import suppress
from datetime import date, datetime

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from banking.bank_errors import StatementFileError, StatementRowsError
from banking.incoming_payments_files import BANK, Layout, PaymentLine, PaymentList, read_payments
from banking.incoming_payments_known import key_of
from banking.incoming_payments_rules import numbers_in, spellings
from banking.incoming_payments_tables import MOST_ROWS
from ledger.money import Money

TODAY = date(2026, 3, 31)
MOBILE = """\
Organization Name:,Kilimo SACCO,,,,,,,,,
Short Code:,400200,,,,,,,,,

Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Other Party Info,A/C No.
RC1KX,02-03-2026 09:15:00,Pay Bill,Completed,"1,500.00",,"9,000.00",254712345678 - JANE WANJIKU,ELW-L-000001
RC2KX,2026-03-02 10:00:00,Pay Bill,Completed,20.5,,,2547*****901 - P*** O***,
RC3KX,02-03-2026 11:00:00,Charges,Completed,,-30.00,,,
RC4KX,02-03-2026 11:05:00,Pay Bill,Failed,70.00,,,254700000000 - NOBODY,X
"""
COLUMNS = Layout(
    kind=BANK, day="Date", credit="Credit", debit="Debit", text="Narrative", form="DD/MM/YYYY", decimal=","
)


def read(text: str | bytes, layout: Layout = Layout()) -> PaymentList:  # noqa: B008 - frozen
    content = text if isinstance(text, bytes) else text.encode()
    return read_payments(content, layout, 2, TODAY)


def test_a_list_of_mobile_money_is_read_whatever_stands_above_its_headings() -> None:
    found = read(MOBILE)
    first, second = found.lines
    assert (first.row, first.on, first.amount) == (5, date(2026, 3, 2), Money(150_000))
    assert (first.receipt, first.reference) == ("RC1KX", "ELW-L-000001")
    assert (first.phone, first.payer) == ("254712345678", "JANE WANJIKU")
    assert (second.phone, second.payer) == ("", "2547*****901 - P*** O***"), "a hidden number is nobody's"
    assert found.passed_over == 2, "what went out, and what failed"
    assert key_of("1130", first) == "1130-RC1KX"


def test_a_statement_of_a_bank_is_read_by_the_headings_that_are_named() -> None:
    text = "Bank of X;;;\nDate;Narrative;Debit;Credit\n05/03/2026;ELW-S-000002 Otieno;;1.250,50\n"
    text += "06/03/2026;fee;3,00;\n06/03/2026;same;;5\n06/03/2026;same;;5\n"
    found = read(text, COLUMNS)
    assert [(line.on.day, line.amount.minor, line.nth) for line in found.lines] == [
        (5, 125_050, 1),
        (6, 500, 1),
        (6, 500, 2),
    ]
    keys = {key_of("1130", line) for line in found.lines}
    assert len(keys) == 3
    assert all(len(key) <= 40 for key in keys)
    assert keys == {key_of("1130", line) for line in read("\n" + text, COLUMNS).lines}, "wherever it stands"


def test_every_wrong_place_is_named_and_nothing_is_read() -> None:
    text = "Receipt No.,Completion Time,Paid In\n,02-03-2026,5\nA,02-13-2026,5\nA,02-03-2026,5.001\n"
    text += "B,02-03-2026,\nC,01-04-2026,7\nD,02-03-2026,1\nD,02-03-2026,1\n"
    with pytest.raises(StatementRowsError) as refused:
        read(text)
    found = [(fault.row, fault.column) for fault in refused.value.faults]
    assert found == [(2, "receipt"), (3, "day"), (4, "credit"), (5, "credit"), (6, "day"), (8, "receipt")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\xff\xfea\0b\0", "neither a workbook nor a text"),
        (b"PK\x03\x04 no workbook", "no workbook"),
        (b"Receipt No.,Details\nX,Y\n", "Completion Time"),
        (b"Receipt No.,Completion Time,Paid In\n", "no money comes in"),
        (b"x" * 5_000_001, "more than 5000000 bytes"),
        (b"a\n" * (MOST_ROWS + 1), "lines"),
    ],
)
def test_a_file_that_is_no_list_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(StatementFileError) as refused:
        read(content)
    assert reason in str(refused.value)


def test_columns_that_do_not_make_a_list_are_refused() -> None:
    for layout in (
        Layout(kind="fax"),
        Layout(kind=BANK, day="Date"),
        Layout(kind=BANK, day="Date", amount="A", credit="B"),
        Layout(kind=BANK, day="Date", debit="B"),
        Layout(kind=BANK, day="Date", amount="A", form="YY"),
        Layout(kind=BANK, day="Date", amount="A", decimal="x"),
    ):
        with pytest.raises(StatementFileError):
            read("Date,A,B\n2026-01-01,1,\n", layout)


def test_a_number_of_a_workbook_is_the_decimal_that_is_shown() -> None:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Receipt No.", "Completion Time", "Paid In", "A/C No."])
    sheet.write_string(1, 0, "R1")
    sheet.write_datetime(1, 1, datetime(2026, 3, 2, 9), book.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001
    sheet.write_number(1, 2, 0.29)
    sheet.write_number(1, 3, 7_000_123)
    book.close()
    [line] = read(made.getvalue()).lines
    assert (line.amount, line.on, line.reference) == (Money(29), date(2026, 3, 2), "7000123")


def test_a_number_is_known_in_every_spelling_and_in_a_text() -> None:
    assert "ELW-L-000012" in spellings("elw l 12")
    assert "ELW-L-000012" in spellings("ELWL000012")
    assert spellings(" ") == []
    assert "ELW-S-000003" in numbers_in("loan rep. elw/s/3 for march")
    assert "OLD-7788" in numbers_in("acc old-7788.")


@given(st.text(string.printable, max_size=300))
def test_whatever_a_file_holds_it_is_read_or_refused(text: str) -> None:
    """Nothing but the two refusals comes out."""
    for layout in (Layout(), COLUMNS):
        for head in ("", "Receipt No.,Completion Time,Paid In\n", "Date;Narrative;Debit;Credit\n"):
            with suppress(StatementFileError, StatementRowsError):
                assert read(head + text, layout).lines


def test_capitals_and_blanks_do_not_make_another_payment() -> None:
    """A bank that has no numbers of its own writes the same line twice, differently: one key."""
    one, other = (
        key_of("1130", PaymentLine(2, TODAY, Money(500), reference=said, payer=payer, note="for the roof"))
        for said, payer in (("KIT-S-000001", "Jane Doe"), ("kit-s-000001", "JANE  DOE"))
    )
    assert one == other


def test_a_cell_at_the_end_of_a_sheet_is_refused_before_room_is_made_for_it() -> None:
    """Two cells of a small file would ask for half a terabyte, and end the server."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Receipt No.")
        sheet.write(1_048_575, 16_383, "x")
    with pytest.raises(StatementFileError, match="beyond row"):
        read_payments(content.getvalue(), Layout(), 2, TODAY)
