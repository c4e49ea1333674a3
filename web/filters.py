"""How figures, dates and refusals are written for the reader."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_time
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, gettext

from ledger.errors import RuleError, TrustError
from ledger.money import Money, format_major
from web import calendars, work

NOTHING = "\N{EN DASH}"
_TIME = "HH:mm"


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
    """Write a date as people of this office read it: 22 Nov 2026, 7 Mangsir 2083."""
    return "" if day is None else calendars.name_day(day)


def days_until(first: date, last: date) -> str:
    """Write a stretch of days: 16-22 Nov 2026 within one month of the office's calendar (with a dash)."""
    begins, ends = show_date(first), show_date(last)
    if begins == ends:
        return ends
    day, _space, month = begins.partition(" ")
    return f"{day}{NOTHING}{ends}" if ends.endswith(f" {month}") else f"{begins} {NOTHING} {ends}"


def plain_date(day: date | None) -> str:
    """Write a date as it is typed into a field, in the office's calendar: 22 11 2026."""
    return "" if day is None else calendars.type_day(day)


def other_date(day: date | None) -> str:
    """Write a date in the Gregorian calendar where the office uses another one; else nothing."""
    return "" if day is None else calendars.other_name(day)


def instant(moment: datetime | None) -> str:
    """Write an instant in the time of this computer: 22 Nov 2026, 17:05."""
    if moment is None:
        return ""
    here = moment.astimezone()
    return f"{show_date(here.date())}, {format_time(here.time(), _TIME, locale=get_locale())}"


def told(refusal: RuleError | TrustError) -> str:
    """Give the sentence of a refusal in the reader's language, amounts and dates as on the pages."""
    if isinstance(refusal, TrustError):
        return " ".join(part for part in (f"{refusal.message} ({refusal.code})", refusal.next_step) if part)
    return refusal.told(gettext, shown_fact)


def shown_fact(fact: object) -> object:
    """Write a fact of a sentence as pages do: amounts with the currency, days and instants."""
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
        "days_until": days_until,
        "plain_date": plain_date,
        "other_date": other_date,
        "instant": instant,
        "told": told,
    }
