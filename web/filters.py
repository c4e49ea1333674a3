"""How figures, dates and refusals are written for the reader."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, gettext

from ledger.errors import RuleError, TrustError
from ledger.money import Money, format_major
from web import work

NOTHING = "\N{EN DASH}"
_DATE = "d MMM y"
_INSTANT = "d MMM y, HH:mm"


@lru_cache(maxsize=32)
def _pattern(locale: str, digits: int) -> str:
    whole = Locale.parse(locale).decimal_formats[None].pattern.partition(".")[0]
    pattern = whole + ("." + "0" * digits if digits else "")
    return f"{pattern};({pattern})"


@lru_cache(maxsize=8192)
def _grouped(minor: int, digits: int, locale: str) -> str:
    exact = Decimal(format_major(Money(minor), digits))
    return format_decimal(exact, format=_pattern(locale, digits), locale=locale)


def money(amount: Money | int | None) -> str:
    """Write an amount (Money or minor units) with grouping; below zero in parentheses, unknown as nothing."""
    if amount is None:
        return ""
    minor = amount.minor if isinstance(amount, Money) else amount
    return _grouped(minor, work.edition().currency.digits, str(get_locale()))


def figure(amount: Money | int | None) -> str:
    """Write an amount in a table of figures: as ``money``, with a dash for zero."""
    minor = amount.minor if isinstance(amount, Money) else amount
    return NOTHING if minor == 0 else money(amount)


def show_date(day: date | None) -> str:
    """Write a date as people read it: 22 Nov 2026."""
    return "" if day is None else format_date(day, _DATE, locale=get_locale())


def plain_date(day: date | None) -> str:
    """Write a date as it is typed into a field: 22 11 2026."""
    return "" if day is None else f"{day.day} {day.month} {day.year}"


def instant(moment: datetime | None) -> str:
    """Write an instant in the time of this computer: 22 Nov 2026, 17:05."""
    return "" if moment is None else format_datetime(moment.astimezone(), _INSTANT, locale=get_locale())


def told(refusal: RuleError | TrustError) -> str:
    """Give the sentence of a refusal in the reader's language, amounts and dates as on the pages."""
    if isinstance(refusal, TrustError):
        return " ".join(part for part in (f"{refusal.message} ({refusal.code})", refusal.next_step) if part)
    return refusal.told(gettext, _fact)


def _fact(fact: object) -> object:
    if isinstance(fact, Money):
        return f"{work.edition().currency.code} {money(fact)}"
    if isinstance(fact, datetime):
        return instant(fact)
    if isinstance(fact, date):
        return show_date(fact)
    return fact


def add_filters(app: Flask) -> None:
    """Make the filters known to templates: ``{{ row.due|figure }}``, ``{{ day|date }}``."""
    app.jinja_env.filters |= {
        "money": money,
        "figure": figure,
        "date": show_date,
        "plain_date": plain_date,
        "instant": instant,
        "told": told,
    }
