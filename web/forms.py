"""What people type into forms: read field by field, each complaint kept beside the field that it is about."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from flask import request
from flask_babel import gettext as _

from ledger.errors import N_, AmountError, RuleError
from ledger.money import ZERO, Money, parse_major, parse_positive
from web import work
from web.filters import told
from web.sessions import Kept, drop_kept

LONGEST_TEXT: Final = 200
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?", re.ASCII)
_ISO_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", re.ASCII)
_THREE_NUMBERS: Final = re.compile(r"([0-9]{1,2})[ ./-]+([0-9]{1,2})[ ./-]+([0-9]{4})", re.ASCII)


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
        """Read one line of text: trimmed, in Unicode's composed form, printable."""
        value = unicodedata.normalize("NFC", self.values.get(name, "")).strip()
        if required and not value:
            self.errors[name] = _("This must be filled in.")
        elif len(value) > longest:
            self.errors[name] = _("This is too long; at most %(longest)d characters fit.", longest=longest)
        elif not value.isprintable():
            self.errors[name] = _("There is a character in this that cannot be printed. Type it again.")
        else:
            return value
        return ""

    def secret(self, name: str) -> str:
        """Read a password as it stands, and forget it, so that it is never shown again."""
        value = self.values.pop(name, "")
        if not value:
            self.errors[name] = _("This must be filled in.")
        return value

    def amount(self, name: str, *, zero: bool = False, required: bool = True) -> Money:
        """Read an amount above zero (or from zero up), in major units; grouping by commas is taken."""
        text = re.sub(r"\s", "", self.values.get(name, ""))
        if not text:
            if required:
                self.errors[name] = _("Type an amount.")
            return ZERO
        if _GROUPED.fullmatch(text):
            text = text.replace(",", "")
        digits = work.edition().currency.digits
        try:
            if zero and (amount := parse_major(text, digits)) == ZERO:
                return amount
            return parse_positive(text, digits)
        except AmountError as refusal:
            self.note(name, refusal)
            return ZERO

    def day(self, name: str) -> date:
        """Read a date: day, month and year as three numbers (22 11 2026), or ISO (2026-11-22)."""
        text = self.values.get(name, "").strip()
        try:
            if found := _ISO_DATE.fullmatch(text):
                return date(int(found[1]), int(found[2]), int(found[3]))
            if found := _THREE_NUMBERS.fullmatch(text):
                return date(int(found[3]), int(found[2]), int(found[1]))
        except ValueError:
            pass  # 30 February: complained about below
        self.errors[name] = _("This is not a date. Type day, month and year, such as 22 11 2026.")
        return date.min

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
