"""Amounts of money as whole minor units, and their decimal text. Never a float, never rounded in secret."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledger.errors import (
    AmountDigitsError,
    AmountNegativeError,
    AmountNotANumberError,
    AmountTooLargeError,
    AmountZeroError,
)

MAX_MINOR: Final = 2**63 - 1
MAX_DIGITS: Final = 6
_DECIMAL: Final = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)
_SHOWN_CHARACTERS: Final = 40


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """A whole number of minor units (cents, paise). Never a float, never rounded in secret.

    The currency stands on the book, not on each amount.
    """

    minor: int

    def __post_init__(self) -> None:
        """Refuse anything but whole minor units: a float or a text here is a fault of ours."""
        if type(self.minor) is not int:
            message = f"minor units are whole numbers, not {type(self.minor).__name__}"
            raise TypeError(message)

    def __add__(self, other: "Money") -> "Money":
        """Add two amounts."""
        return Money(self.minor + other.minor)

    def __sub__(self, other: "Money") -> "Money":
        """Subtract; the result may be below zero."""
        return Money(self.minor - other.minor)

    def __neg__(self) -> "Money":
        """Turn the sign."""
        return Money(-self.minor)

    def __abs__(self) -> "Money":
        """Drop the sign."""
        return Money(abs(self.minor))

    def __bool__(self) -> bool:
        """Only zero is false."""
        return self.minor != 0

    def __str__(self) -> str:
        """Show minor units; for people use ``format_major``, which knows the digits."""
        return str(self.minor)

    def split(self, parts: int) -> list["Money"]:
        """Cut into ``parts`` that add back to exactly this; the first parts take the odd cents."""
        share, odd = divmod(self.minor, parts)
        return [Money(share + (i < odd)) for i in range(parts)]


ZERO: Final = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """Add up ``amounts``; nothing adds up to zero."""
    return Money(sum(amount.minor for amount in amounts))


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: ISO code and the number of decimals of its amounts (``KES``, 2)."""

    code: str
    digits: int

    def __post_init__(self) -> None:
        """Refuse impossible digits."""
        if not 0 <= self.digits <= MAX_DIGITS:
            message = f"a currency has 0 to {MAX_DIGITS} decimals, not {self.digits}"
            raise ValueError(message)

    def parse(self, text: str) -> Money:
        """Read an amount in major units, see ``parse_major``."""
        return parse_major(text, self.digits)

    def format(self, money: Money) -> str:
        """Write an amount in major units, see ``format_major``."""
        return format_major(money, self.digits)


def parse_major(text: str, digits: int) -> Money:
    """Read ``text`` ("1250", "1250.00", "-3.5") as major units with ``digits`` decimals, exactly.

    raises   AmountNotANumberError for grouping, exponents, NaN, blanks and foreign digits,
             AmountDigitsError for more decimals than the currency has (zeros beyond them included),
             AmountTooLargeError beyond 2**63 - 1 minor units
    """
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise AmountNotANumberError(given=text[:_SHOWN_CHARACTERS])
    sign, whole, part = found.group(1), found.group(2), found.group(3) or ""
    if len(part) > digits:
        raise AmountDigitsError(given=text[:_SHOWN_CHARACTERS], digits=digits)
    whole = whole.lstrip("0")
    if len(whole) + digits > len(
        str(MAX_MINOR)
    ):  # before int(): its work grows with the square of the length
        raise AmountTooLargeError(given=text[:_SHOWN_CHARACTERS])
    minor = int(whole + part.ljust(digits, "0") or "0")
    if minor > MAX_MINOR:
        raise AmountTooLargeError(given=text)
    return Money(-minor if sign == "-" else minor)


def parse_positive(text: str, digits: int) -> Money:
    """Read an amount that a person hands over or receives: as ``parse_major``, and above zero.

    raises   also AmountZeroError and AmountNegativeError
    """
    return require_positive(parse_major(text, digits))


def require_positive(money: Money) -> Money:
    """Give ``money`` back if it is above zero and the books can hold it, else raise an AmountError."""
    if money.minor > MAX_MINOR:
        raise AmountTooLargeError(given=money)
    if money.minor < 0:
        raise AmountNegativeError(given=money)
    if not money:
        raise AmountZeroError(given=money)
    return money


def format_major(money: Money, digits: int) -> str:
    """Write ``money`` in major units with all ``digits`` decimals and no grouping: ``1250.00``, ``-3.50``."""
    sign = "-" if money.minor < 0 else ""
    if digits == 0:
        return f"{sign}{abs(money.minor)}"
    whole, part = divmod(abs(money.minor), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}"
