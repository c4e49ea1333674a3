"""One cell of a file: from text, or from what a spreadsheet made of it, to a value of ours.

Every function takes a cell and raises a ``RuleError`` whose code and sentence go to the clerk.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from banking.books import require_amount
from banking.errors import MissingError
from banking.text import LONGEST_NAME, LONGEST_NOTE, clean
from ledger.errors import N_, RuleError
from ledger.money import Money, parse_positive
from ledger.soundness import UNSOUND_ANNUAL_RATE
from ledger.terms import MAX_INSTALLMENTS

LONGEST_NUMBER: Final = 40
EARLIEST: Final = date(1900, 1, 1)
RATE_DECIMALS: Final = 5
MOST_WEEKS: Final = 52
_SPREADSHEET_EPOCH: Final = date(1899, 12, 30)
_LAST_SERIAL: Final = 2_958_465  # 9999-12-31
_SAFE_WHOLE: Final = 10**15  # from here on a spreadsheet has rounded the digits away
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]{1,9}(?:\.0+)?", re.ASCII)
_RATE: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]+)?", re.ASCII)
_SERIAL: Final = re.compile(r"[0-9]{4,6}(?:\.[0-9]+)?", re.ASCII)
_NOTHING: Final = frozenset({"null", "#n/a", "#null!", "#ref!", "#value!", "#name?", "#num!", "#div/0!"})
_SHOWN: Final = 40

Cell: TypeAlias = "str | float | int | bool | date | datetime | time | timedelta"
"""What stands in a cell: text, or what a spreadsheet made of it."""


class NullTextError(RuleError):
    """A program's word for nothing, left behind in a cell. Facts: given."""

    code = "NULL_TEXT"
    message = N_("“{given}” is what a program writes for nothing. Empty the cell, or fill it in.")


class TurnedIntoDateError(RuleError):
    """A spreadsheet made a date of what was typed. Facts: given."""

    code = "TURNED_INTO_DATE"
    message = N_("The spreadsheet made the date {given} of what was typed. Format the column as text.")


class NumberTooLongError(RuleError):
    """More digits than a spreadsheet's number keeps. Facts: given."""

    code = "NUMBER_TOO_LONG"
    message = N_("A spreadsheet keeps 15 digits of {given}. Format the column as text and type it again.")


class NotADateError(RuleError):
    """Facts: given."""

    code = "NOT_A_DATE"
    message = N_("“{given}” is not a date. Write it as year-month-day, such as 2026-03-31.")


class DayNumberError(RuleError):
    """A spreadsheet's number of a day, in a text file. Facts: given, meant."""

    code = "NOT_A_DATE"
    message = N_("“{given}” looks like a spreadsheet's day number ({meant}). Write the date as {meant}.")


class DateRangeError(RuleError):
    """Facts: given, first."""

    code = "DATE_RANGE"
    message = N_("{given} is before {first}. Check the year.")


class FutureDateError(RuleError):
    """Facts: given, today."""

    code = "DATE_IN_FUTURE"
    message = N_("{given} is after today ({today}). Check the date.")


class NotWholeError(RuleError):
    """Facts: given."""

    code = "NOT_A_WHOLE_NUMBER"
    message = N_("“{given}” is not a whole number.")


class OutOfRangeError(RuleError):
    """Facts: given, least, most."""

    code = "OUT_OF_RANGE"
    message = N_("{given} is out of range: it must be from {least} to {most}.")


class NotARateError(RuleError):
    """Facts: given."""

    code = "NOT_A_RATE"
    message = N_("“{given}” is not a rate. Write percent a year as a number, such as 20 or 12.5.")


class RateDigitsError(RuleError):
    """Facts: given, digits."""

    code = "RATE_DIGITS"
    message = N_("{given} has too many decimals; a rate has at most {digits}.")


class ChoiceError(RuleError):
    """Facts: given, choices."""

    code = "NOT_A_CHOICE"
    message = N_("“{given}” is not one of: {choices}.")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What cells are held to: decimals of the currency, and the last day that is not in the future."""

    digits: int
    today: date


Parser: TypeAlias = Callable[[str, Bounds], object]


def text_of(cell: Cell, *, is_date: bool) -> str:
    """Give the cell as the text that a person would have typed.

    A spreadsheet's number loses its ``.0`` and shows the 15 digits that a spreadsheet shows; in a date column
    it is the number of a day. raises TurnedIntoDateError, NumberTooLongError, NotADateError
    """
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        if cell.time() != time(0):
            raise NotADateError(given=cell.isoformat(sep=" "))
        cell = cell.date()
    if isinstance(cell, date):
        if not is_date:
            raise TurnedIntoDateError(given=cell.isoformat())
        return cell.isoformat()
    if isinstance(cell, time | timedelta):
        raise (NotADateError if is_date else TurnedIntoDateError)(given=str(cell))
    if is_date and cell == int(cell) and 1 <= cell <= _LAST_SERIAL:
        return (_SPREADSHEET_EPOCH + timedelta(days=int(cell))).isoformat()
    if abs(cell) >= _SAFE_WHOLE:
        raise NumberTooLongError(given=format(Decimal(cell), "f"))
    return _plain(cell)


def _plain(number: float) -> str:
    text = format(Decimal(format(number, ".15g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def refuse_leftovers(text: str) -> None:
    """Refuse what a program or a broken formula leaves in a cell. raises NullTextError."""
    if text.casefold() in _NOTHING:
        raise NullTextError(given=text)


def number(text: str, _bounds: Bounds) -> str:
    """Read the number of an account, client or group: kept as given."""
    return clean(text, "number", LONGEST_NUMBER)


def name(text: str, _bounds: Bounds) -> str:
    """Read a name or another short text."""
    return clean(text, "name", LONGEST_NAME)


def note(text: str, _bounds: Bounds) -> str:
    """Read a longer text. Line breaks become blanks; formulas and markup are plain text."""
    return clean(" ".join(text.split()), "note", LONGEST_NOTE)


def any_day(text: str, _bounds: Bounds) -> date:
    """Read a date, ISO only. raises NotADateError, DateRangeError."""
    if not _ISO_DATE.fullmatch(text):
        if _SERIAL.fullmatch(text):
            meant = _SPREADSHEET_EPOCH + timedelta(days=int(text.partition(".")[0]))
            raise DayNumberError(given=text, meant=meant.isoformat())
        raise NotADateError(given=text[:_SHOWN])
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotADateError(given=text) from None
    if day < EARLIEST:
        raise DateRangeError(given=text, first=EARLIEST.isoformat())
    return day


def past_day(text: str, bounds: Bounds) -> date:
    """Read a date that has come. raises also FutureDateError."""
    day = any_day(text, bounds)
    if day > bounds.today:
        raise FutureDateError(given=text, today=bounds.today.isoformat())
    return day


def amount(text: str, bounds: Bounds) -> Money:
    """Read an amount above zero in major units. raises an AmountError."""
    return require_amount(parse_positive(text, bounds.digits))


def rate(text: str, _bounds: Bounds) -> Decimal:
    """Read percent a year. raises NotARateError, RateDigitsError, OutOfRangeError."""
    if not _RATE.fullmatch(text):
        raise NotARateError(given=text[:_SHOWN])
    percent = Decimal(text)
    exponent = percent.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > RATE_DECIMALS:
        raise RateDigitsError(given=text[:_SHOWN], digits=RATE_DECIMALS)
    if percent > UNSOUND_ANNUAL_RATE:
        raise OutOfRangeError(given=text[:_SHOWN], least=0, most=UNSOUND_ANNUAL_RATE)
    return percent


def whole(least: int, most: int) -> Callable[[str, Bounds], int]:
    """Make a reader of whole numbers. The reader raises NotWholeError, OutOfRangeError."""

    def read(text: str, _bounds: Bounds) -> int:
        if not _WHOLE.fullmatch(text):
            raise NotWholeError(given=text[:_SHOWN])
        found = int(text.partition(".")[0])
        if not least <= found <= most:
            raise OutOfRangeError(given=text, least=least, most=most)
        return found

    return read


def choice(*choices: str) -> Parser:
    """Make a reader of one word out of some. The reader raises ChoiceError."""

    def read(text: str, _bounds: Bounds) -> str:
        if text not in choices:
            raise ChoiceError(given=text[:_SHOWN], choices=", ".join(choices))
        return text

    return read


def required(text: str, field: str) -> None:
    """Refuse an empty cell where something must stand. raises MissingError."""
    if not text:
        raise MissingError(field=field)


weekday = whole(1, 7)
weeks = whole(1, MOST_WEEKS)
installments = whole(1, MAX_INSTALLMENTS)
