"""What the templates of acts' forms need beside the kit: choices in words, capitals at the beginning."""

import re
from datetime import date
from typing import Any, Final

from flask import Flask
from flask_babel import gettext as _

from web.filters import show_date

ROWS_OFFERED: Final = 6
"""A list of rows has so many on a page; a file of acts may have more."""

_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def choices(field: Any, optional: bool = False) -> list[tuple[str, str]]:  # noqa: ANN401, FBT001, FBT002 - called by templates
    """Give the options of a field of a form, with nothing at all before them where it may be empty."""
    nothing = [("", "\N{EN DASH}")] if optional or not field.required else []
    return [
        *nothing,
        *(
            (option, _(option).replace("_", " ")) if isinstance(option, str) else option
            for option in field.options
        ),
    ]


def capitalize_first(text: str) -> str:
    """Begin a sentence with a capital and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def in_reader_s_words(value: str) -> str:
    """Give a value of an act's answer as the page writes it: a date as dates are read here, else as it is."""
    return show_date(date.fromisoformat(value)) if _ISO_DAY.fullmatch(value) else value


def add_act_words(app: Flask) -> None:
    """Make them known to templates; ``say`` translates words that are not written in the template."""
    app.jinja_env.globals |= {"choices": choices, "rows_offered": ROWS_OFFERED, "say": _}
    app.jinja_env.filters |= {"capitalize_first": capitalize_first, "in_reader_s_words": in_reader_s_words}
