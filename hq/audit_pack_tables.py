"""The tables to read in an audit pack, as CSV: figures that the signed entries prove, and lists beside them.

Amounts are decimals of the currency, debit-positive; days are ISO text; no text is a formula. The journal and
the list of documents are in the order of the chains; the other proved tables are sorted by their cells.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.reports.documents import csv_rows, harmless
from ledger.money import Money, format_major
from schema.base import from_milliseconds
from schema.reading import fetch
from schema.replication import StoredChangeset
from sync.changeset import INSERT, read_ops

if TYPE_CHECKING:
    from hq.audit_pack_lines import Line

_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_ROWS_TOGETHER: Final = 500
_MOVEMENTS: Final = ("loan_transaction", "savings_transaction")


@dataclass(frozen=True, slots=True)
class Scope:
    """What the tables are about: one office (None: all), days from and to (None: open), decimals."""

    office: int | None
    start: date | None
    end: date | None
    digits: int

    def holds(self, day: str) -> bool:
        """Whether a day lies within."""
        return not (self.start and day < self.start.isoformat()) and not self.is_after(day)

    def is_after(self, day: str) -> bool:
        """Whether a day lies behind the last one."""
        return self.end is not None and day > self.end.isoformat()

    def amount(self, minor: int) -> str:
        """Write minor units as a decimal."""
        return format_major(Money(minor), self.digits)


Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the pack: its heading, and its rows for a scope and some lines."""

    heading: tuple[str, ...]
    rows: Callable[[Session, Scope, "Sequence[Line]"], Iterable[Row]]


def csv_lines(heading: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """Write rows as CSV, a piece for each."""
    yield _line(heading)
    for row in rows:
        yield _line(row)


def _line(row: Row) -> bytes:
    text = io.StringIO()
    csv_rows(text).writerow([_cell(value) for value in row])
    return text.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes | memoryview):
        return value.hex()
    text = str(value)
    return text if _NUMBER.fullmatch(text) else harmless(text)


# ------------------------------------------------------------------- from the entries, in their order


class _Entry:
    """One entry that counts: its place, its hash, and the rows that it made, by table and id."""

    def __init__(self, line: "Line", seq: int, sha256: bytes, body: bytes) -> None:
        self.place = (line.device, line.chain, seq)
        self.hash = sha256
        self.made: dict[str, dict[int, Mapping[str, Any]]] = {}
        for op in read_ops(body):
            if op.sign == INSERT and op.new is not None:
                self.made.setdefault(op.table, {})[op.id] = op.new


def _entries(session: Session, lines: "Sequence[Line]") -> Iterator[_Entry]:
    for line in lines:
        arm = StoredChangeset.as_device
        wanted = (
            select(StoredChangeset.seq, StoredChangeset.hash, StoredChangeset.body)
            .where(StoredChangeset.device == line.device, StoredChangeset.chain == line.chain)
            .where(StoredChangeset.state == "accepted", StoredChangeset.code == "")
            .where(arm.is_(None) if line.arm is None else arm == line.arm)
            .order_by(StoredChangeset.seq)
        )
        for seq, sha256, body in session.execute(wanted, execution_options={"yield_per": _ROWS_TOGETHER}):
            yield _Entry(line, seq, sha256, body)


def _journal(session: Session, scope: Scope, lines: "Sequence[Line]") -> Iterator[Row]:
    offices, accounts = _codes(session, "office"), _codes(session, "gl_account")
    for one in _entries(session, lines):
        entries = one.made.get("journal_entry", {})
        for row in one.made.get("journal_line", {}).values():
            entry = entries[row["journal_entry_id"]]
            if scope.holds(entry["booked_on"]):
                yield (
                    *one.place,
                    one.hash.hex()[:16],
                    row["journal_entry_id"],
                    entry["booked_on"],
                    entry["value_date"],
                    entry["kind"],
                    offices.get(row["origin_office_id"], ""),
                    accounts.get(row["gl_account_id"], ""),
                    scope.amount(row["debit"]),
                    scope.amount(row["credit"]),
                    entry["note"],
                )


def _documents(session: Session, scope: Scope, lines: "Sequence[Line]") -> Iterator[Row]:
    offices = _codes(session, "office")
    for one in _entries(session, lines):
        for table in _MOVEMENTS:
            for row in one.made.get(table, {}).values():
                if row["receipt"] and scope.holds(row["booked_on"]):
                    yield (
                        row["receipt"],
                        row["kind"],
                        row["booked_on"],
                        scope.amount(row["amount"]),
                        offices.get(row["origin_office_id"], ""),
                        *one.place,
                    )


def _codes(session: Session, table: str) -> dict[int, str]:
    return {row[0]: row[1] for row in fetch(session, f"SELECT id, code FROM {table}")}  # noqa: S608 - ours


# ---------------------------------------------------------------------------------- from the database

_BALANCES: Final = """
SELECT o.code, a.code, a.name,
       CAST(sum(CASE WHEN e.booked_on < ? THEN l.debit - l.credit ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN e.booked_on < ? THEN 0 ELSE l.debit END) AS BIGINT),
       CAST(sum(CASE WHEN e.booked_on < ? THEN 0 ELSE l.credit END) AS BIGINT)
  FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id
  JOIN office AS o ON o.id = l.origin_office_id JOIN gl_account AS a ON a.id = l.gl_account_id
 WHERE e.booked_on <= ?{office} GROUP BY o.code, a.code, a.name
"""


def _trial_balance(session: Session, scope: Scope, _lines: "Sequence[Line]") -> Iterable[Row]:
    """Balances by the days on which entries were booked; late entries stand where they were booked too."""
    start, end = (scope.start or date.min).isoformat(), (scope.end or date.max).isoformat()
    asked = _BALANCES.format(office="" if scope.office is None else f" AND o.id = {int(scope.office)}")
    found = []
    for office, code, name, opening, debit, credit in fetch(session, asked, start, start, start, end):
        if opening or debit or credit:
            amounts = (opening, debit, credit, opening + debit - credit)
            found.append([_cell(one) for one in (office, code, name, *map(scope.amount, amounts))])
    return sorted(found)


def _whole(statement: str) -> Callable[[Session, Scope, "Sequence[Line]"], Iterable[Row]]:
    """Rows of headquarters' own tables, for everybody, sorted by their cells."""

    def rows(session: Session, _scope: Scope, _lines: "Sequence[Line]") -> Iterable[Row]:
        return sorted([_cell(value) for value in row] for row in fetch(session, statement))

    return rows


def _of_office(statement: str) -> Callable[[Session, Scope, "Sequence[Line]"], Iterable[Row]]:
    """Rows of the office that was asked for, or of all; the order is the statement's."""

    def rows(session: Session, scope: Scope, _lines: "Sequence[Line]") -> Iterable[Row]:
        chosen = "1 = 1" if scope.office is None else f"o.id = {int(scope.office)}"
        return fetch(session, statement.format(office=chosen))

    return rows


def _bundles(session: Session, scope: Scope, lines: "Sequence[Line]") -> Iterator[Row]:
    rows = _of_office(
        "SELECT b.direction, o.code, b.bundle_id, b.number, b.first_seq, b.last_seq, b.at, b.verdict, b.code"
        " FROM bundle AS b LEFT JOIN office AS o ON o.id = b.office_id WHERE {office} ORDER BY b.id"
    )(session, scope, lines)
    for direction, office, bundle, number, first, last, at, verdict, code in rows:
        instant = from_milliseconds(cast("int", at)).isoformat(timespec="seconds")
        yield direction, office, bundle, number, first, last, instant, verdict, code


TABLES: Final[Mapping[str, Table]] = {
    "accounts": Table(("code", "name", "type"), _whole("SELECT code, name, type FROM gl_account")),
    "offices": Table(("number", "code", "name"), _whole("SELECT number, code, name FROM office")),
    "devices": Table(
        ("device", "office", "state", "signing_key", "bound"),
        _whole(
            "SELECT d.number, o.code, d.state, d.signing_key, d.bound_seq FROM device AS d"
            " JOIN office AS o ON o.id = d.office_id"
        ),
    ),
    "without-effect": Table(
        ("device", "chain", "entry", "hash", "code"),
        _of_office(
            "SELECT c.device, c.chain, c.seq, c.hash, c.code FROM changeset AS c"
            " JOIN device AS d ON d.number = c.device JOIN office AS o ON o.id = d.office_id"
            " WHERE c.state = 'accepted' AND c.code <> '' AND ({office} OR d.scope = 'hq')"
            " ORDER BY c.device, c.chain, c.seq"
        ),
    ),
    "journal": Table(
        (
            *("device", "chain", "entry", "hash", "journal_entry", "booked_on", "value_date", "kind"),
            *("office", "account", "debit", "credit", "note"),
        ),
        _journal,
    ),
    "documents": Table(
        ("receipt", "kind", "booked_on", "amount", "office", "device", "chain", "entry"), _documents
    ),
    "trial-balance": Table(
        ("office", "account", "name", "opening", "debit", "credit", "closing"), _trial_balance
    ),
    "users": Table(
        ("office", "log_in", "name", "role", "state"),
        _of_office(
            "SELECT o.code, u.username, u.full_name, u.role, u.state FROM user_account AS u"
            " JOIN office AS o ON o.id = u.origin_office_id WHERE {office} ORDER BY o.code, u.username"
        ),
    ),
    "decisions": Table(
        ("decision", "kind", "outcome", "reason", "second_person"),
        _whole("SELECT id, kind, outcome, reason, approved_by FROM decision"),
    ),
    "exceptions": Table(
        ("office", "code", "device", "chain", "entry", "what", "state", "outcome"),
        _of_office(
            "SELECT o.code, x.code, x.device, x.chain, x.seq, x.what, x.state, x.outcome FROM exception AS x"
            " LEFT JOIN office AS o ON o.id = x.office_id WHERE {office}"
            " ORDER BY x.device, x.chain, x.seq, x.key"
        ),
    ),
    "quarantine": Table(
        ("device", "chain", "entry", "hash", "state", "code"),
        _of_office(
            "SELECT c.device, c.chain, c.seq, c.hash, c.state, c.code FROM changeset AS c"
            " LEFT JOIN device AS d ON d.number = c.device LEFT JOIN office AS o ON o.id = d.office_id"
            " WHERE c.state <> 'accepted' AND {office} ORDER BY c.device, c.chain, c.seq, c.hash"
        ),
    ),
    "control-totals": Table(
        ("device", "chain", "entry", "agrees", "difference"),
        _of_office(
            "SELECT t.device, t.chain, t.seq, t.agree, t.difference FROM control_total AS t"
            " JOIN device AS d ON d.number = t.device JOIN office AS o ON o.id = d.office_id"
            " WHERE {office} ORDER BY t.device, t.chain, t.seq, t.digest"
        ),
    ),
    "bundles": Table(
        (
            *("direction", "office", "bundle", "number", "first_entry", "last_entry"),
            *("at", "verdict", "code"),
        ),
        _bundles,
    ),
}
"""The tables by name. ``accounts`` to ``trial-balance`` are proved by the entries; the others are to read."""
