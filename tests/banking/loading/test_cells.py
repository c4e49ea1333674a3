"""Single cells: what is read, and what is refused by which name."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from banking.loading import cells
from banking.loading.cells import Bounds, Cell, Parser
from ledger.errors import RuleError
from ledger.money import Money

BOUNDS = Bounds(digits=2, today=date(2026, 1, 2))


def code_of(read: Parser, text: str) -> str:
    """Give the code of the refusal that ``text`` must meet."""
    with pytest.raises(RuleError) as refusal:
        read(text, BOUNDS)
    return refusal.value.code


@pytest.mark.parametrize(
    ("cell", "is_date", "text"),
    [
        (" Ann ", False, "Ann"),
        (1337.0, False, "1337"),
        (1337, False, "1337"),
        (0.1 + 0.2, False, "0.3"),
        (5.011011, False, "5.011011"),
        (200.5, False, "200.5"),
        (1e-7, False, "0.0000001"),
        (-3.0, False, "-3"),
        (0.0, False, "0"),
        (28633.0, True, "1978-05-23"),
        (41085, True, "2012-06-25"),
        (date(2020, 1, 2), True, "2020-01-02"),
        (datetime(2020, 1, 2), True, "2020-01-02"),  # noqa: DTZ001 - a spreadsheet knows no zones
        (True, False, "TRUE"),
    ],
)
def test_a_cell_is_what_a_person_would_have_typed(cell: Cell, is_date: bool, text: str) -> None:
    """Spreadsheets make numbers of what looks like one; their text is what stood on the screen."""
    assert cells.text_of(cell, is_date=is_date) == text


@pytest.mark.parametrize(
    ("cell", "is_date", "code"),
    [
        (date(2026, 2, 1), False, "TURNED_INTO_DATE"),
        (time(3, 4), False, "TURNED_INTO_DATE"),
        (time(3, 4), True, "NOT_A_DATE"),
        (datetime(2020, 1, 2, 3, 4), True, "NOT_A_DATE"),  # noqa: DTZ001 - a spreadsheet knows no zones
        (1e15, False, "NUMBER_TOO_LONG"),
        (12345678901234567890.0, False, "NUMBER_TOO_LONG"),
    ],
)
def test_what_a_spreadsheet_has_spoilt_is_refused(cell: Cell, is_date: bool, code: str) -> None:
    """A number that became a date, or lost its last digits, is not the number any more."""
    with pytest.raises(RuleError) as refusal:
        cells.text_of(cell, is_date=is_date)
    assert refusal.value.code == code


@pytest.mark.parametrize("text", ["Null", "NULL", "null", "#N/A", "#REF!", "#DIV/0!"])
def test_a_programs_word_for_nothing_is_not_a_value(text: str) -> None:
    with pytest.raises(cells.NullTextError):
        cells.refuse_leftovers(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("28633.0", "NOT_A_DATE"),
        ("41085", "NOT_A_DATE"),
        ("datetext", "NOT_A_DATE"),
        ("2025-02-30", "NOT_A_DATE"),
        ("2025-1-2", "NOT_A_DATE"),
        ("02/01/2025", "NOT_A_DATE"),
        ("2025-01-02T00:00", "NOT_A_DATE"),
        ("\u0662\u0660\u0662\u0665-01-02", "NOT_A_DATE"),
        ("1899-12-31", "DATE_RANGE"),
        ("0001-01-01", "DATE_RANGE"),
        ("2026-01-03", "DATE_IN_FUTURE"),
    ],
)
def test_dates_that_are_none_are_refused(text: str, code: str) -> None:
    assert code_of(cells.past_day, text) == code


def test_a_spreadsheets_day_number_is_translated_for_the_clerk() -> None:
    """In a text file it is refused, but the sentence says which day it was."""
    with pytest.raises(RuleError, match="1978-05-23"):
        cells.any_day("28633.0", BOUNDS)


def test_today_is_no_future() -> None:
    assert cells.past_day("2026-01-02", BOUNDS) == BOUNDS.today
    assert cells.any_day("2031-01-02", BOUNDS) == date(2031, 1, 2)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0", "AMOUNT_ZERO"),
        ("0.00", "AMOUNT_ZERO"),
        ("-5", "AMOUNT_NEGATIVE"),
        ("5.011", "AMOUNT_DIGITS"),
        ("1,250.00", "AMOUNT_NOT_A_NUMBER"),
        ("1 250", "AMOUNT_NOT_A_NUMBER"),
        ("1e3", "AMOUNT_NOT_A_NUMBER"),
        ("KES 5", "AMOUNT_NOT_A_NUMBER"),
        ("Nuk", "AMOUNT_NOT_A_NUMBER"),
        ("9223372036854775808", "AMOUNT_TOO_LARGE"),
        ("92233720368547758.08", "AMOUNT_TOO_LARGE"),
        ("10000000000000.01", "AMOUNT_TOO_LARGE"),
    ],
)
def test_amounts_that_cannot_be_booked_are_refused(text: str, code: str) -> None:
    assert code_of(cells.amount, text) == code


def test_amounts_are_read_exactly() -> None:
    assert cells.amount("1250.5", BOUNDS) == Money(125_050)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("9.000001", "RATE_DIGITS"),
        ("9999.0", "OUT_OF_RANGE"),
        ("-1", "NOT_A_RATE"),
        ("20%", "NOT_A_RATE"),
        ("Nuk", "NOT_A_RATE"),
        ("NaN", "NOT_A_RATE"),
    ],
)
def test_rates_that_are_none_are_refused(text: str, code: str) -> None:
    assert code_of(cells.rate, text) == code


def test_zeros_behind_a_rate_do_not_count_as_digits() -> None:
    """Older programs write ten decimals, all of them zero."""
    assert cells.rate("3.0000000000", BOUNDS) == Decimal(3)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7000.0", "OUT_OF_RANGE"),
        ("0", "OUT_OF_RANGE"),
        ("2.5", "NOT_A_WHOLE_NUMBER"),
        ("ten", "NOT_A_WHOLE_NUMBER"),
    ],
)
def test_counts_of_installments_are_whole_and_in_bounds(text: str, code: str) -> None:
    assert code_of(cells.installments, text) == code


@pytest.mark.parametrize(
    ("read", "text", "code"),
    [
        (cells.number, "A" * 41, "TEXT_TOO_LONG"),
        (cells.name, "A\u202eB", "TEXT_NOT_ALLOWED"),
        (cells.name, "A\x07B", "TEXT_NOT_ALLOWED"),
        (cells.name, "A" * 121, "TEXT_TOO_LONG"),
        (cells.note, "A" * 501, "TEXT_TOO_LONG"),
    ],
)
def test_texts_that_cannot_be_shown_are_refused(read: Parser, text: str, code: str) -> None:
    assert code_of(read, text) == code


def test_formulas_and_markup_are_plain_text() -> None:
    """Nothing is computed or drawn from a file; what stands in it is stored as it stands."""
    for text in ("=SUM(A1:A9)", "<script>alert(1)</script>", "@cmd|'/c calc'!A1"):
        assert cells.name(text, BOUNDS) == text


def test_lines_of_an_address_become_one() -> None:
    assert cells.note("Plot 1\r\nEast road", BOUNDS) == "Plot 1 East road"


def test_text_is_brought_to_one_form() -> None:
    """The same name typed on two keyboards is the same text."""
    assert cells.name("Ame\u0301lie", BOUNDS) == "Am\u00e9lie"
