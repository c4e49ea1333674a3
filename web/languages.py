"""In which language a page speaks: the user's own, else the office's; before the log-in chosen there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import request

from web import work


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the pages: its own name, and the locale by which it writes figures and dates."""

    name: str
    locale: str


LANGUAGES: Final[Mapping[str, Language]] = {
    "en": Language("English", "en_GB"),
    "fr": Language("Français", "fr"),
    "es": Language("Español", "es"),
    "sw": Language("Kiswahili", "sw"),
    "hi": Language("हिन्दी", "hi"),
    "ar": Language("العربية", "ar"),
}
"""Languages that there are catalogues for, by their code."""

COOKIE: Final = "satchel-language"
COOKIE_SECONDS: Final = 400 * 24 * 60 * 60


def chosen() -> str:
    """Give the code of the language of this request."""
    found = work.signed_in()
    wanted = found.user.language if found is not None else request.cookies.get(COOKIE, "")
    return wanted if wanted in LANGUAGES else office_language()


def office_language() -> str:
    """Give the code of the language that the office speaks."""
    wanted = work.habits().language
    return wanted if wanted in LANGUAGES else "en"


def select_locale() -> str:
    """Give the locale of this request, for whoever writes words, figures and dates."""
    return LANGUAGES[chosen()].locale
