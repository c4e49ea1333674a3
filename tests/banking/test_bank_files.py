"""Files of banks: read as they are described, and every wrong place is named."""

from datetime import date

import pytest

from banking.bank_errors import StatementFileError, StatementRowsError
from banking.bank_files import MOST_ROWS, BankLine, Columns, parse_bank_amount, read_lines
from ledger.errors import AmountError
from ledger.money import Money
from tests.support.books import money

PLAIN = Columns(day="Date", amount="Amount", text="Text", reference="Ref", balance="Balance")
TWO = Columns(day="Value", debit="Paid out", credit="Paid in", form="DD/MM/YYYY", decimal=",")


def test_one_column_of_amounts_with_a_sign() -> None:
    lines = read_lines(
        b"Date,Text,Ref,Amount,Balance,Other\n"
        b'2026-01-05,Deposit,CHQ1,"1,250.00",1250,x\n'
        b"\n"
        b"2026-01-06,Charges,,-3.50,1246.50,\n",
        PLAIN,
        2,
    )
    assert lines == [
        BankLine(2, date(2026, 1, 5), money("1250"), "Deposit", "CHQ1", money("1250")),
        BankLine(4, date(2026, 1, 6), money("-3.50"), "Charges", "", money("1246.50")),
    ]


def test_debit_and_credit_with_the_decimal_comma_and_semicolons() -> None:
    content = "\ufeffValue;Paid out;Paid in\r\n05/01/2026;1.250,50;\r\n06/01/2026;;3\r\n".encode()
    assert [(line.on.day, line.amount) for line in read_lines(content, TWO, 2)] == [
        (5, money("-1250.50")),
        (6, money("3")),
    ]


def test_every_wrong_place_is_listed() -> None:
    content = (
        b"Date,Text,Ref,Amount,Balance\n"
        b"05/01/2026,a,b,1,1\n"
        b"2026-02-30,a,b,one,x\n"
        b"2026-01-05,a,b,,1\n"
        b"2026-01-05,a,b,0,1\n"
        b"2026-01-05,a,b,1,1,surplus\n"
        b"2026-01-05,a\xe2\x80\xae,b,1,1\n"
        b"2026-01-05,a,b,1.005,1\n"
    )
    with pytest.raises(StatementRowsError) as refusal:
        read_lines(content, PLAIN, 2)
    assert [(fault.row, fault.column) for fault in refusal.value.faults] == [
        (2, "Date"),
        (3, "Date"),
        (3, "Amount"),
        (3, "Balance"),
        (4, "Amount"),
        (5, "Amount"),
        (6, ""),
        (7, "Text"),
        (8, "Amount"),
    ]


def test_debit_and_credit_in_one_row_is_a_fault() -> None:
    for cells in (b"1;2", b"-1;", b";"):
        with pytest.raises(StatementRowsError):
            read_lines(b"Value;Paid out;Paid in\n05/01/2026;" + cells + b"\n", TWO, 2)


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (b"", PLAIN),
        (b"\n\n", PLAIN),
        (b"\xff\xfe", PLAIN),
        (b"Date,Text,Ref,Amount,Balance\n", PLAIN),
        (b"Date,Text,Ref,Amount,Balance\n2026-01-05,\x00,b,1,1\n", PLAIN),
        (b"Date,Text,Ref,Amount\n2026-01-05,a,b,1\n", PLAIN),
        (b"Date,Text,Text,Ref,Amount,Balance\n2026-01-05,a,b,1,1,1\n", PLAIN),
        (b'Date,Text,Ref,Amount,Balance\n2026-01-05,"a,b,1,1\n', PLAIN),
        (b"A,B\n1,2\n", Columns(day="A")),
        (b"A,B\n1,2\n", Columns(day="A", amount="B", credit="B")),
        (b"A,B\n1,2\n", Columns(day="A", amount="B", form="YY")),
        (b"A,B\n1,2\n", Columns(day="A", amount="B", decimal="'")),
        (b"A,B\n1,2\n", Columns(day="", amount="B")),
        (b"A,B\n" + b"2026-01-05,1\n" * MOST_ROWS, Columns(day="A", amount="B")),
        (b"A" * 5_000_001, Columns(day="A", amount="B")),
    ],
)
def test_what_is_no_statement_is_refused_with_its_reason(content: bytes, columns: Columns) -> None:
    with pytest.raises(StatementFileError):
        read_lines(content, columns, 2)


def test_amounts_as_banks_write_them() -> None:
    for text, minor in (
        ("1,234,567.89", 123_456_789),
        ("(3.50)", -350),
        ("3.50-", -350),
        ("-3", -300),
        ("1 000.5", 100_050),
        ("1\u00a0000", 100_000),
    ):
        assert parse_bank_amount(text, ".", 2) == Money(minor)
    for text in ("12,34", "1,2345.00", "1.2.3", "1e3", "--1", "(-1)", ".5", ""):
        with pytest.raises(AmountError):
            parse_bank_amount(text, ".", 2)
