"""What people type into forms: read field by field, each complaint kept beside the field that it is about."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _

from ledger.calendars import CalendarDateError, CalendarYearError
from ledger.errors import N_, AmountError, RuleError
from ledger.joiners import without_joiners
from ledger.money import ZERO, Money, parse_major, parse_positive
from web import work
from web.calendars import example_day, name_both, read_day
from web.digits import TwoMeaningsError, plain_number
from web.filters import told
from web.sessions import SECRETS, Kept, drop_kept

LONGEST_TEXT: Final = 200
LARGEST_ROW_NUMBER: Final = 2**63 - 1


def row_number(text: str) -> int:
    """Read the number of a row in an address, for ``request.args.get(name, type=row_number)``.

    raises   ValueError, also for a number that no table can hold
    """
    number = int(text)
    if not 0 <= number <= LARGEST_ROW_NUMBER:
        raise ValueError(text)
    return number


class FormError(RuleError):
    """Something on the form has to be put right; the fields say what. No facts."""

    code = "FORM"
    message = N_("Look at the marked fields. Nothing was changed; what you typed is still here.")


class Typed:
    """The fields of one form: ``values`` as typed, ``errors`` by field in the reader's language.

    Reading a field that is wrong notes the complaint and gives a neutral value; ``require`` then raises.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        """Begin with what was typed (``request.form``) or with nothing."""
        self.values: dict[str, str] = {} if values is None else {name: values[name] for name in values}
        self.errors: dict[str, str] = {}

    @classmethod
    def begin(cls, **defaults: str) -> "Typed":
        """Give a fresh form: with what this user typed here before the log-in ran out, else ``defaults``."""
        current = work.signed_in()
        kept = Kept.from_text(current.kept) if current is not None else None
        if current is None or kept is None or kept.path != request.path:
            return cls(defaults)
        drop_kept(work.edition().database, current.token_hash)
        return cls({**defaults, **kept.fields})

    def text(self, name: str, *, required: bool = True, longest: int = LONGEST_TEXT) -> str:
        """Read one line of text: trimmed, in Unicode's composed form, printable.

        Of what cannot be seen only the joiner and the non-joiner are taken, and only inside words: Hindi,
        Persian and others are not written without them.
        """
        value = unicodedata.normalize("NFC", self.values.get(name, "")).strip()
        if required and not value:
            self.errors[name] = _("This must be filled in.")
        elif len(value) > longest:
            self.errors[name] = _("This is too long; at most %(longest)d characters fit.", longest=longest)
        elif not without_joiners(value).isprintable():
            self.errors[name] = _("There is a character in this that cannot be printed. Type it again.")
        else:
            return value
        return ""

    def secret(self, name: str) -> str:
        """Read a password as it stands, and forget it, so that it is never shown again."""
        assert name in SECRETS, f"{name} would be kept when a log-in has ended"
        value = self.values.pop(name, "")
        if not value:
            self.errors[name] = _("This must be filled in.")
        return value

    def amount(self, name: str, *, zero: bool = False, required: bool = True) -> Money:
        """Read an amount above zero (or from zero up), in major units.

        Taken are digits of any script, and separators as the reader's language or English has them; what
        could mean two amounts is refused.
        """
        typed = self.values.get(name, "").strip()
        if not typed:
            if required:
                self.errors[name] = _("Type an amount.")
            return ZERO
        digits = work.edition().currency.digits
        try:
            text = plain_number(typed, str(get_locale()))
            if zero and (amount := parse_major(text, digits)) == ZERO:
                return amount
            return parse_positive(text, digits)
        except TwoMeaningsError:
            self.errors[name] = _("This can mean two amounts. Type it without a sign between the thousands.")
        except AmountError as refusal:
            self.note(name, refusal)
        return ZERO

    def day(self, name: str) -> date:
        """Read a date: three numbers in the office's calendar (22 11 2026), or ISO (2026-11-22)."""
        found = None
        try:
            found = read_day(self.values.get(name, ""))
        except CalendarYearError as refusal:
            self.note(name, refusal)
            return date.min
        except CalendarDateError:
            pass  # 30 February: complained about below
        if found is None:
            self.errors[name] = _(
                "This is not a date. Type day, month and year, such as %(example)s.", example=example_day()
            )
        return found or date.min

    def day_in_words(self, name: str) -> str:
        """Give what the date in a field means, with its month by name; nothing where it is no date yet."""
        try:
            found = read_day(self.values.get(name, ""))
        except (CalendarDateError, CalendarYearError):
            return ""  # said beside the field when the form is sent
        return "" if found is None else name_both(found)

    def choice(self, name: str, allowed: Iterable[str]) -> str:
        """Read one of the values that the page offered."""
        value = self.values.get(name, "")
        if value in set(allowed):
            return value
        self.errors[name] = _("Choose one of these.")
        return ""

    def note(self, name: str, refusal: RuleError) -> None:
        """Put what a rule says beside the field that it is about."""
        self.errors[name] = told(refusal)

    def require(self) -> None:
        """Raise FormError if any field was wrong."""
        if self.errors:
            raise FormError
