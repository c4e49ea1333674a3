"""The journal written for other tools: Beancount, hledger, CSV.

Every entry comes with all its lines, in the order of the day on which it is booked and then of its id, so
that the same books always give the same bytes. Entries are read and written one by one: a book of any length
fits. Amounts are whole minor units, written with the decimals of the institution; nothing is rounded.

GL accounts keep their code in their name (``Assets:1110-Cash-in-hand``), since the others do not allow every
character; the true code and name stand beside the account's opening, so that each name maps back.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final, TextIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from banking.reports.documents import csv_rows, harmless
from ledger.money import Money, format_major
from schema.accounting import JournalEntry, JournalLine
from schema.base import device_of
from schema.reference import GLAccount, Institution, Office
from schema.replication import LateEntry

_ROWS_AT_ONCE: Final = 1000
_NO_ENTRIES: Final = date(1970, 1, 1)
_ROOTS: Final = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
}
_HLEDGER_TYPES: Final = {"asset": "A", "liability": "L", "equity": "E", "income": "R", "expense": "X"}
_CSV_HEADER: Final = (
    "date", "entry", "line", "office", "kind", "account", "code", "name", "type",
    "debit", "credit", "currency", "value_date", "recorded_at", "reverses", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Account:
    """A GL account, and what the other tools call it."""

    id: int
    code: str
    name: str
    type: str
    path: str


@dataclass(frozen=True, slots=True)
class _Line:
    """One side of an entry; ``amount`` is debit-positive."""

    id: int
    account: _Account
    currency: str
    debit: Money
    credit: Money

    @property
    def amount(self) -> Money:
        """What the account's balance gains."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry with its lines and the code of the office that wrote it.

    ``shown_on`` is ``booked_on``, or for a late entry the day under which the books show it.
    """

    id: int
    office: str
    kind: str
    shown_on: date
    booked_on: date
    value_date: date
    recorded_at: datetime
    reverses_id: int | None
    note: str
    lines: tuple[_Line, ...]

    @property
    def facts(self) -> dict[str, str]:
        """What stands beside an entry; by ``device`` and ``recorded_at`` its changeset is found."""
        found = {
            "entry": str(self.id),
            "office": self.office,
            "device": str(device_of(self.id)),
            "value_date": self.value_date.isoformat(),
            "recorded_at": _instant(self.recorded_at),
        }
        if self.shown_on != self.booked_on:
            found["dated"] = self.booked_on.isoformat()
        return found if self.reverses_id is None else {**found, "reverses": str(self.reverses_id)}


@dataclass(frozen=True, slots=True)
class _Book:
    """What stands at the head of a file: whose books these are, in which currency, with which accounts."""

    institution: str
    currency: str
    digits: int
    opened_on: date
    accounts: tuple[_Account, ...]


def _instant(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_ledger(
    session: Session, form: str, file: TextIO, *, office_id: int | None = None
) -> tuple[int, int]:
    """Write the journal to ``file`` and count what was written: (entries, lines).

    form        a key of ``LEDGER_FORMATS``; anything else is a KeyError
    office_id   only the entries that this office wrote; None for all of them
    """
    begin, add = LEDGER_FORMATS[form]
    book = _book(session, office_id)
    begin(file, book)
    entries = lines = 0
    for entry in _entries(session, book, office_id):
        add(file, entry, book.digits)
        entries += 1
        lines += len(entry.lines)
    return entries, lines


def _book(session: Session, office_id: int | None) -> _Book:
    institution = session.scalars(select(Institution)).one()
    first = select(func.min(JournalEntry.booked_on))
    if office_id is not None:
        first = first.where(JournalEntry.origin_office_id == office_id)
    opened_on = session.scalar(first) or _NO_ENTRIES
    accounts = session.scalars(select(GLAccount).order_by(GLAccount.code, GLAccount.id))
    return _Book(
        _on_one_line(institution.name),
        institution.currency,
        institution.digits,
        opened_on,
        tuple(_named(accounts)),
    )


def _named(accounts: Iterable[GLAccount]) -> Iterator[_Account]:
    """Give each account a name of its own that Beancount and hledger both read."""
    taken: set[str] = set()
    for account in accounts:
        wanted = path = f"{_ROOTS[account.type]}:{_component(account.code, account.name)}"
        number = 1
        while path.casefold() in taken:
            number += 1
            path = f"{wanted}-{number}"
        taken.add(path.casefold())
        yield _Account(account.id, account.code, account.name, account.type, path)


def _component(code: str, name: str) -> str:
    """Join code and name: letters and digits with hyphens between, beginning with a capital or a digit."""
    plain = unicodedata.normalize("NFC", f"{code}-{name}")
    words = "".join(c if unicodedata.category(c) in _LETTERS_AND_DIGITS else " " for c in plain).split()
    joined = "-".join(words)
    joined = joined[:1].upper() + joined[1:]
    return joined if unicodedata.category(joined[:1] or " ") in {"Lu", "Nd"} else f"A-{joined}".rstrip("-")


_LETTERS_AND_DIGITS: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"})


def _entries(session: Session, book: _Book, office_id: int | None) -> Iterator[_Entry]:
    accounts = {account.id: account for account in book.accounts}
    wanted = (
        select(
            JournalEntry.id,
            Office.code,
            JournalEntry.kind,
            func.coalesce(LateEntry.posted_on, JournalEntry.booked_on),
            JournalEntry.booked_on,
            JournalEntry.value_date,
            JournalEntry.recorded_at,
            JournalEntry.reverses_id,
            JournalEntry.note,
            JournalLine.id,
            JournalLine.gl_account_id,
            JournalLine.currency,
            JournalLine.debit,
            JournalLine.credit,
        )
        .join(JournalLine, JournalLine.journal_entry_id == JournalEntry.id)
        .join(Office, Office.id == JournalEntry.origin_office_id)
        .outerjoin(LateEntry, LateEntry.journal_entry_id == JournalEntry.id)
        .order_by(JournalEntry.booked_on, JournalEntry.id, JournalLine.id)
    )
    if office_id is not None:
        wanted = wanted.where(JournalEntry.origin_office_id == office_id)
    rows: Iterable[tuple[Any, ...]] = session.execute(wanted, execution_options={"yield_per": _ROWS_AT_ONCE})
    for _, group in groupby(rows, key=lambda row: row[0]):
        yield _entry(list(group), accounts)


def _entry(rows: Sequence[tuple[Any, ...]], accounts: Mapping[int, _Account]) -> _Entry:
    lines = tuple(_Line(row[9], accounts[row[10]], *row[11:]) for row in rows)
    return _Entry(*(*rows[0][:9], lines))


def _on_one_line(text: str) -> str:
    """Put a blank where ``text`` has a line end or another character that is not printed."""
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text).strip()


# ------------------------------------------------------------------------------------------ Beancount


def _quoted(text: str) -> str:
    return '"' + _on_one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _begin_beancount(file: TextIO, book: _Book) -> None:
    file.write(f'option "title" {_quoted(book.institution)}\n')
    file.write(f'option "operating_currency" "{book.currency}"\n\n')
    file.write(f"{book.opened_on} commodity {book.currency}\n\n")
    for account in book.accounts:
        file.write(f"{book.opened_on} open {account.path}\n")
        file.write(f"  code: {_quoted(account.code)}\n  name: {_quoted(account.name)}\n")


def _add_beancount(file: TextIO, entry: _Entry, digits: int) -> None:
    file.write(f"\n{entry.shown_on} * {_quoted(entry.kind)} {_quoted(entry.note)} #{entry.office}\n")
    file.writelines(f'  {key}: "{value}"\n' for key, value in entry.facts.items())
    file.writelines(
        f"  {line.account.path}  {format_major(line.amount, digits)} {line.currency}\n"
        for line in entry.lines
    )


# --------------------------------------------------------------------------------------------- hledger


def _comment(text: str) -> str:
    """Make a comment of ``text`` without tags: hledger takes a word with a colon behind it for one."""
    return _on_one_line(text).replace(":", " :")


def _begin_hledger(file: TextIO, book: _Book) -> None:
    file.write(f"; {_comment(book.institution)}\n\ndecimal-mark .\n")
    file.write(f"commodity {book.currency} 1000.{'0' * book.digits}\n\n")
    for account in book.accounts:
        file.write(f"account {account.path}  ; type: {_HLEDGER_TYPES[account.type]}\n")
        file.write(f"  ; code {_comment(account.code)}\n  ; name {_comment(account.name)}\n")


def _add_hledger(file: TextIO, entry: _Entry, digits: int) -> None:
    file.write(f"\n{entry.shown_on} * {_on_one_line(entry.kind)}\n")
    file.writelines(f"  ; {key}: {value}\n" for key, value in entry.facts.items())
    if entry.note:
        file.write(f"  ; {_comment(entry.note)}\n")
    file.writelines(
        f"  {line.account.path}  {line.currency} {format_major(line.amount, digits)}\n"
        for line in entry.lines
    )


# ------------------------------------------------------------------------------------------------- CSV


def _begin_csv(file: TextIO, _book: _Book) -> None:
    csv_rows(file).writerow(_CSV_HEADER)


def _add_csv(file: TextIO, entry: _Entry, digits: int) -> None:
    """Write one row for each line of the entry: one of debit and credit is zero, no text is a formula."""
    facts = entry.facts
    rows = csv_rows(file)
    for line in entry.lines:
        account = line.account
        rows.writerow((
            entry.shown_on, entry.id, line.id, entry.office, harmless(entry.kind),
            account.path, harmless(account.code), harmless(account.name), account.type,
            format_major(line.debit, digits), format_major(line.credit, digits), line.currency,
            facts["value_date"], facts["recorded_at"], facts.get("reverses", ""), harmless(entry.note),
        ))  # fmt: skip


_Begin = Callable[[TextIO, _Book], None]
_Add = Callable[[TextIO, _Entry, int], None]

LEDGER_FORMATS: Final[Mapping[str, tuple[_Begin, _Add]]] = {
    "beancount": (_begin_beancount, _add_beancount),
    "hledger": (_begin_hledger, _add_hledger),
    "csv": (_begin_csv, _add_csv),
}
"""The formats that are written: how each begins, and how an entry is added."""
