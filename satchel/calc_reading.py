"""Reading what is asked of ``satchel calc``: JSON without floats, every key taken or refused by name."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import ClassVar, NoReturn, TypeVar

from ledger.errors import (
    N_,
    AmountDigitsError,
    AmountNotANumberError,
    AmountTooLargeError,
    BadTermError,
    RuleError,
    UnsupportedTermError,
)
from ledger.money import MAX_MINOR, Money

Json = Mapping[str, "Json"] | list["Json"] | str | Decimal | bool | None
"""What a document is made of; numbers are ``Decimal``."""

Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=StrEnum)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_YEARS = range(1900, 2201)
_MOST_DIGITS = 40


class MalformedError(RuleError):
    """The input is no JSON object. Facts: reason."""

    code: ClassVar[str] = "BAD_JSON"
    message: ClassVar[str] = N_("The input is not a JSON object: {reason}.")


class MissingKeyError(RuleError):
    """A key that is needed is not there. Facts: term."""

    code: ClassVar[str] = "MISSING_KEY"
    message: ClassVar[str] = N_("“{term}” is missing.")


def _no_constant(name: str) -> NoReturn:
    raise MalformedError(reason=f"{name} is not a number")


def _pairs_once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise MalformedError(reason="a key stands twice in one object")
    return dict(pairs)


def read_document(raw: bytes) -> "Fields":
    """Parse one JSON object.

    raises   MalformedError
    """
    try:
        document = json.loads(
            raw.decode("utf-8"),
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_pairs_once,
        )
    except UnicodeDecodeError:
        raise MalformedError(reason="it is not UTF-8") from None
    except json.JSONDecodeError as fault:
        raise MalformedError(reason=f"{fault.msg} at character {fault.pos + 1}") from None
    except (RecursionError, InvalidOperation):
        raise MalformedError(reason="it is nested or stretched beyond reading") from None
    if not isinstance(document, dict):
        raise MalformedError(reason="it is something else")
    return Fields(document)


class Fields:
    """The keys of one object; each is taken once, and what nobody took is refused by name."""

    def __init__(self, pairs: Mapping[str, Json], path: str = "") -> None:
        self._pairs = pairs
        self._path = path
        self._left = set(pairs)

    def term(self, key: str) -> str:
        """Name ``key`` with the objects around it, as refusals do."""
        return f"{self._path}.{key}" if self._path else key

    def __contains__(self, key: str) -> bool:
        return self._pairs.get(key) is not None

    def ignore(self, keys: Iterable[str], prefix: str | None = None) -> None:
        """Pass over keys that ask for nothing."""
        self._left.difference_update(keys)
        if prefix:
            self._left = {key for key in self._left if not key.startswith(prefix)}

    def finish(self) -> None:
        """Refuse the first key that nobody took."""
        if self._left:
            raise UnsupportedTermError(term=self.term(min(self._left)))

    def _take(self, key: str, read: Callable[[str, Json], Value], default: Value | None = None) -> Value:
        """Read ``key``; absent or null gives ``default``, or is refused where there is none."""
        self._left.discard(key)
        value = self._pairs.get(key)
        if value is not None:
            return read(self.term(key), value)
        if default is None:
            raise MissingKeyError(term=self.term(key))
        return default

    def text(self, key: str, default: str | None = None) -> str:
        """Read a text."""
        return self._take(key, _text, default)

    def boolean(self, key: str, default: bool | None = None) -> bool:  # noqa: FBT001 - a value, not a switch
        """Read true or false."""
        return self._take(key, _boolean, default)

    def integer(self, key: str, default: int | None = None) -> int:
        """Read a whole number, also as text."""
        return self._take(key, _integer, default)

    def decimal(self, key: str, default: Decimal | None = None) -> Decimal:
        """Read a number, also as text."""
        return self._take(key, read_decimal, default)

    def day(self, key: str, default: date | None = None) -> date:
        """Read an ISO date."""
        return self._take(key, _day, default)

    def money(self, key: str, digits: int) -> Money:
        """Read an amount in major units."""
        return read_money(self._take(key, read_decimal), digits)

    def day_or_none(self, key: str) -> date | None:
        """Read an ISO date that may be absent."""
        self._left.discard(key)
        return self.day(key) if key in self else None

    def decimal_or_none(self, key: str) -> Decimal | None:
        """Read a number that may be absent."""
        self._left.discard(key)
        return self.decimal(key) if key in self else None

    def money_or_none(self, key: str, digits: int) -> Money | None:
        """Read an amount that may be absent."""
        self._left.discard(key)
        return self.money(key, digits) if key in self else None

    def choice(self, key: str, kinds: type[Choice], default: Choice | None = None) -> Choice:
        """Read one of the names that are supported; another is refused as ``key=name``."""
        text = self._take(key, _word, None if default is None else str(default))
        if text in list(kinds):
            return kinds(text)
        raise UnsupportedTermError(term=f"{self.term(key)}={text[:_MOST_DIGITS]}")

    def only(self, key: str, *allowed: object) -> None:
        """Refuse ``key`` unless it is absent, null or one of ``allowed``."""
        self._left.discard(key)
        value = self._pairs.get(key)
        if value is not None and value not in allowed:
            raise UnsupportedTermError(term=self.term(key))

    def inner(self, key: str) -> "Fields":
        """Read an object."""
        return self._take(key, _fields)

    def texts(self, key: str) -> list[tuple[str, str]]:
        """Read a list of texts, each with its place."""
        return self._take(key, _texts)

    def names(self) -> list[str]:
        """Give the keys, for objects whose keys are free."""
        return list(self._pairs)

    def each(self, key: str) -> list["Fields"]:
        """Read a list of objects; absent or null is empty."""
        return self._take(key, _each, [])


def _bad(term: str, value: Json) -> NoReturn:
    given = value if isinstance(value, str | Decimal | bool) or value is None else type(value).__name__
    raise BadTermError(term=term, given=str(given)[:_MOST_DIGITS])


def _text(term: str, value: Json) -> str:
    return value if isinstance(value, str) else _bad(term, value)


def _word(term: str, value: Json) -> str:
    return str(value) if isinstance(value, Decimal) else _text(term, value)


def _boolean(term: str, value: Json) -> bool:
    return value if isinstance(value, bool) else _bad(term, value)


def read_decimal(term: str, value: Json) -> Decimal:
    """Read a number from JSON or from its text, of a sane length."""
    if isinstance(value, str) and len(value) <= _MOST_DIGITS and _DECIMAL.fullmatch(value):
        return Decimal(value)
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        sane = isinstance(exponent, int) and abs(exponent) <= _MOST_DIGITS
        if sane and len(value.as_tuple().digits) <= _MOST_DIGITS:
            return value
    return _bad(term, value)


def _integer(term: str, value: Json) -> int:
    number = read_decimal(term, value)
    return int(number) if number == number.to_integral_value() else _bad(term, value)


def read_money(number: Decimal, digits: int) -> Money:
    """Turn major units into Money, exactly.

    raises   AmountDigitsError, AmountTooLargeError
    """
    if not number.is_finite():
        raise AmountNotANumberError(given=number)
    minor = number.scaleb(digits)
    if minor != minor.to_integral_value():
        raise AmountDigitsError(given=number, digits=digits)
    if abs(minor) > MAX_MINOR:
        raise AmountTooLargeError(given=number)
    return Money(int(minor))


def _day(term: str, value: Json) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return _bad(term, value)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return _bad(term, value)
    return day if day.year in _YEARS else _bad(term, value)


def _fields(term: str, value: Json) -> Fields:
    return Fields(value, term) if isinstance(value, Mapping) else _bad(term, value)


def _texts(term: str, value: Json) -> list[tuple[str, str]]:
    if not isinstance(value, list):
        return _bad(term, value)
    return [(f"{term}[{index}]", _text(f"{term}[{index}]", item)) for index, item in enumerate(value)]


def _each(term: str, value: Json) -> list[Fields]:
    if not isinstance(value, list):
        return _bad(term, value)
    return [_fields(f"{term}[{index}]", item) for index, item in enumerate(value)]
