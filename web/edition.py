"""What an edition (branch or headquarters) tells the page kit about itself."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from flask import Blueprint
from sqlalchemy.orm import Session

from ledger.calendars import Calendar
from ledger.money import Currency
from schema.database import Database
from schema.people import User

BODY_LIMIT_BYTES = 1024 * 1024
"""Largest body of a posted form, unless the edition says otherwise."""


class Tone(StrEnum):
    """The colour of a word; the word itself always stands beside it."""

    PLAIN = "plain"
    GOOD = "good"  # HQ has it, done, agrees
    WAITING = "waiting"  # not yet, late, somebody has to do something
    REFUSED = "refused"  # refused, failed, does not agree


@dataclass(frozen=True, slots=True)
class StatusItem:
    """One part of the status line: a fixed word ("To send") and what it says now ("3 days, 214 entries").

    Both come translated. ``endpoint`` is the page behind it, if there is one.
    """

    word: str
    text: str
    tone: Tone = Tone.PLAIN
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the numbered menu. ``label`` is marked with N_; it is hidden from who lacks ``permission``.

    ``blueprint`` names the subject that the entry stands for: on all its pages the entry is the current one.
    ``digit`` is the key that opens it; empty: its place in the menu.
    """

    label: str
    endpoint: str
    permission: str = ""
    also: tuple[str, ...] = ()
    digit: str = ""

    @property
    def blueprints(self) -> tuple[str, ...]:
        """Names of the blueprints whose pages lie under this entry."""
        return (self.endpoint.partition(".")[0], *self.also)


@dataclass(frozen=True, slots=True)
class Habits:
    """How an office writes: the calendar of its dates, and the language of its pages (``web.languages``)."""

    calendar: Calendar = Calendar.GREGORIAN
    language: str = "en"


class OpensUnitOfWork(Protocol):
    """``installation.unit_of_work``: everything written inside is one sealed changeset."""

    def __call__(self, kind: str, actor_id: int, note: str = "") -> AbstractContextManager[Session]:
        """Open a session for one act of one user."""


@dataclass(frozen=True, kw_only=True)
class Edition:
    """Everything that the kit has to know.

    name           "branch" or "hq"
    code           the office's code, such as KIT
    institution    its name, for the bar above each page
    office         the office's name
    currency       code and digits: every amount on the pages is in it
    database       where log-ins and used forms are kept, and what pages read
    unit_of_work   opens the only kind of session that may write (kind, actor_id, note)
    blueprints     the pages
    templates      the folder of their templates; the kit's own are found after them
    menu           the numbered menu, in order; entry 1 is the first page after log-in
    authenticate   (username, password, now) gives the user or raises RuleError; it also counts wrong tries
    may            whether a user's role allows something: (user, "money.post")
    business_day   the open day, or None; shown in the bar
    status_line    what stands under the bar on each page
    clock          gives the instant (UTC)
    home_id        names the cookies instead of ``code``, where one code may occur twice on a PC
    habits         gives the office's calendar and language; asked once a request
    find           endpoint of the page that finds clients: the key / leads there from everywhere
    help           endpoint of the help: F1 leads there, with the page that was open
    practice       nothing in these books is real: every page and paper says so
    own            endpoint of the page where people change their password and language
    """

    name: str
    code: str
    institution: str
    office: str
    currency: Currency
    database: Database
    unit_of_work: OpensUnitOfWork
    blueprints: Sequence[Blueprint]
    templates: Path
    menu: Sequence[MenuEntry]
    authenticate: Callable[[str, str, datetime], User]
    may: Callable[[User, str], bool]
    business_day: Callable[[], date | None]
    status_line: Callable[[], Sequence[StatusItem]]
    clock: Callable[[], datetime]
    habits: Callable[[], Habits] = Habits
    find: str = ""
    help: str = ""
    practice: bool = False
    own: str = ""
    body_limit_bytes: int = BODY_LIMIT_BYTES
    home_id: str = ""

    @property
    def home(self) -> str:
        """Endpoint of the first page after log-in."""
        return self.menu[0].endpoint

    @property
    def cookie(self) -> str:
        """Name of the log-in cookie. Cookies do not know ports, so the name tells homes on one PC apart."""
        return f"satchel-{self.name}-{self.home_id or self.code}"
