"""Entries that are dated in a closed period and came after its cut: where the books show them instead.

Headquarters' close says how far each chain was known: the cut. An entry for a day of the period that lies
beyond it changes no closed books; it is listed (``late_entry``) and counts in the first later period that
can take it (``ledger.posting_periods``). All of it follows from periods and chains alone, so headquarters
and the branch come to the same, whatever arrived first.

An entry of a year's end is judged by years, every other one by months and years. A period that was closed
without a cut holds what is there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from ledger.posting_periods import Posting, PostingPeriod, posting_of
from schema.base import COUNTER_BITS, LONGEST_CUT, device_of, first_id
from schema.database import upsert
from schema.reading import connection_of, execute, fetch, fetch_one
from schema.replication import LateEntry
from schema.totals import add_to_totals, drop_empty_totals
from sync.canonical import decode, encode
from sync.chain import HEAD_OFFICE_CHAIN
from sync.changeset import INSERT, Place, read_ops

PERIOD: Final = "period"
_YEAR: Final = "year"
_YEAR_END: Final = "year_end"
_HQ: Final = "hq"
_ENTRY: Final = "journal_entry"
_CHUNK: Final = 400
_COUNTER: Final = (1 << COUNTER_BITS) - 1

_NEWEST = """
SELECT name, kind, starts_on, ends_on, state, cut FROM period AS this
 WHERE (office_id IS NULL OR office_id = ?)
   AND NOT EXISTS (SELECT 1 FROM period AS newer
                    WHERE newer.name = this.name AND newer.version > this.version
                      AND coalesce(newer.office_id, 0) = coalesce(this.office_id, 0))
"""
_DEVICES = "SELECT number, office_id, scope, succeeds FROM device ORDER BY number"
_HEAD = """
SELECT seq, hash FROM changeset
 WHERE device = ? AND chain = ? AND state = 'accepted' AND {line} ORDER BY seq DESC LIMIT 1
"""
_BODIES = """
SELECT body FROM changeset
 WHERE device = ? AND chain = ? AND seq BETWEEN ? AND ? AND state = 'accepted' AND code = '' AND {line}
 ORDER BY seq DESC
"""
"""What has no effect is left out: ids that it claims say nothing of what was known at a cut."""


class DatedEntry(NamedTuple):
    """What decides in which period an entry is shown. ``booked_on`` is an ISO day."""

    id: int
    office_id: int
    booked_on: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Version(PostingPeriod):
    is_year: bool
    cut: bytes | None


@dataclass(frozen=True, slots=True)
class _Line:
    """Where the changesets of one device number are stored: its own chain, or an adopted arm of another."""

    number: int
    office_id: int
    device: int
    chain: int
    condition: str


def heads(session: Session, office_id: int | None, before: bytes | None) -> bytes:
    """Give the cut of a close: the newest accepted place of each chain of an office, or of all (None).

    before   the cut of the version before, which the new one never falls short of
    returns  canonical CBOR {device: [seq, hash]}
    """
    cut: dict[int, list[int | bytes]] = {number: [*place] for number, place in _places(before).items()}
    for line in _lines(session, office_id):
        row = fetch_one(session, _HEAD.format(line=line.condition), line.device, line.chain)
        if row is not None and (line.number not in cut or cast("int", cut[line.number][0]) < row[0]):
            cut[line.number] = [row[0], bytes(row[1])]
    return encode(cut)


def _places(cut: bytes | None) -> dict[int, Place]:
    if cut is None:
        return {}
    found = cast("dict[int, list[int | bytes]]", decode(cut, limit_bytes=LONGEST_CUT))
    return {number: Place(cast("int", seq), cast("bytes", sha256)) for number, (seq, sha256) in found.items()}


def _lines(session: Session, office_id: int | None) -> Iterator[_Line]:
    """Give the lines of changesets of an office, or of all: one of each device, one of each adopted arm."""
    for number, office, scope, succeeds in fetch(session, _DEVICES):
        if office_id is not None and office != office_id:
            continue
        chain = HEAD_OFFICE_CHAIN if scope == _HQ else 0
        yield _Line(number, office, number, chain, "as_device IS NULL")
        if succeeds is not None:
            yield _Line(number, office, succeeds, chain, f"as_device = {int(number)}")


class _Books:
    """The periods of one office, and what each of their cuts holds."""

    def __init__(self, session: Session, office_id: int) -> None:
        self._session = session
        self._office = office_id
        self.versions = [
            _Version(
                name,
                date.fromisoformat(starts_on),
                date.fromisoformat(ends_on),
                closed=state == "closed",
                is_year=kind == _YEAR,
                cut=None if cut is None else bytes(cut),
            )
            for name, kind, starts_on, ends_on, state, cut in fetch(session, _NEWEST, office_id)
        ]
        self.barring = [one for one in self.versions if one.closed and one.cut is not None]
        self._held: dict[bytes, dict[int, int]] = {}

    def posting(self, entry: DatedEntry) -> Posting | None:
        """Give where a late entry is shown, or None for one that is not late."""
        day = date.fromisoformat(entry.booked_on)
        if not any(one.covers(day) for one in self.barring):
            return None
        periods = [one for one in self.versions if one.is_year or entry.kind != _YEAR_END]
        return posting_of(periods, day, lambda period: self._holds(period, entry.id))

    def candidates(self) -> dict[int, DatedEntry]:
        """Find the entries of this office that some cut of a closed period does not hold."""
        found: dict[int, DatedEntry] = {}
        for version in self.barring:
            assert version.cut is not None
            held = " OR ".join(
                f"id BETWEEN {first_id(number)} AND {last}"
                for number, last in sorted(self.last_ids(version.cut).items())
            )
            statement = (
                "SELECT id, origin_office_id, booked_on, kind FROM journal_entry "  # noqa: S608 - numbers
                f"WHERE origin_office_id = ? AND booked_on BETWEEN ? AND ? AND NOT ({held or '1 = 0'})"
            )
            span = (version.starts_on.isoformat(), version.ends_on.isoformat())
            for row in fetch(self._session, statement, self._office, *span):
                found[row[0]] = DatedEntry(*row)
        return found

    def _holds(self, version: _Version, entry_id: int) -> bool:
        if version.cut is None:
            return True
        return entry_id <= self.last_ids(version.cut).get(device_of(entry_id), -1)

    def last_ids(self, cut: bytes) -> Mapping[int, int]:
        """Give the id of the last entry that each device of this office had made at a cut."""
        known = self._held.get(cut)
        if known is None:
            places = _places(cut)
            known = {}
            for line in _lines(self._session, self._office):
                if line.number in places:
                    last = _last_id_at(self._session, line, places[line.number])
                    known[line.number] = max(last, known.get(line.number, 0))
            self._held[cut] = known
        return known


def _last_id_at(session: Session, line: _Line, place: Place) -> int:
    """Give the id of the last entry that one line of changesets had made at a place.

    Entries rise along a line: one that does not is an exception (``sync.meaning``).
    A laptop that took over the rows of a chain without its changesets took over all that was known of them.
    """
    head = fetch_one(session, _HEAD.format(line=line.condition), line.device, line.chain)
    if head is None:
        return first_id(line.number) + (_COUNTER if line.device == line.number else 0)
    last = place.seq
    while last > 0:
        first = max(1, last - 20)
        statement = _BODIES.format(line=line.condition)
        for (body,) in fetch(session, statement, line.device, line.chain, first, last):
            ops = read_ops(bytes(body))
            made = [op.id & _COUNTER for op in ops if op.sign == INSERT and op.table == _ENTRY]
            if made:
                return first_id(line.number) + max(made)
        last = first - 1
    return first_id(line.number)


def posting_days(session: Session, entries: Iterable[DatedEntry]) -> dict[int, str]:
    """Write down which of some new entries are late; gives the ISO day under which each of them counts."""
    by_office: dict[int, list[DatedEntry]] = {}
    for entry in entries:
        by_office.setdefault(entry.office_id, []).append(entry)
    found: dict[int, str] = {}
    for office_id, own in by_office.items():
        books = _Books(session, office_id)
        if not books.barring:
            continue
        postings = {entry: posting for entry in own if (posting := books.posting(entry)) is not None}
        _keep(session, postings)
        found |= {entry.id: posting.on.isoformat() for entry, posting in postings.items()}
    return found


def _keep(session: Session, postings: Mapping[DatedEntry, Posting]) -> None:
    rows: list[dict[str, object]] = [
        {
            "journal_entry_id": entry.id,
            "origin_office_id": entry.office_id,
            "booked_on": entry.booked_on,
            "posted_on": posting.on.isoformat(),
            "period_name": posting.period,
        }
        for entry, posting in sorted(postings.items())
    ]
    upsert(session, cast("Table", LateEntry.__table__), rows)


def settle_periods(session: Session, offices: Iterable[int] | None = None) -> int:
    """Bring late entries and daily totals to where the periods, as they stand now, want them.

    offices   those whose periods changed; None: all of them
    returns   how many entries count on another day than before
    """
    if offices is None:
        offices = [row[0] for row in fetch(session, "SELECT id FROM office ORDER BY id")]
    return sum(_settle(session, office_id) for office_id in offices)


def _settle(session: Session, office_id: int) -> int:
    statement = """
        SELECT l.journal_entry_id, l.origin_office_id, l.booked_on, e.kind, l.posted_on, l.period_name
          FROM late_entry AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id
         WHERE l.origin_office_id = ?"""
    known = {DatedEntry(*row[:4]): (row[4], row[5]) for row in fetch(session, statement, office_id)}
    books = _Books(session, office_id)
    wanted = {
        entry: posting
        for entry in books.candidates().values()
        if (posting := books.posting(entry)) is not None
    }
    gone = known.keys() - wanted.keys()
    changed = {
        entry: posting
        for entry, posting in wanted.items()
        if known.get(entry) != (posting.on.isoformat(), posting.period)
    }
    moves = {
        entry.id: (known[entry][0] if entry in known else entry.booked_on, changed[entry].on.isoformat())
        for entry in changed
    } | {entry.id: (known[entry][0], entry.booked_on) for entry in gone}
    _keep(session, changed)
    _forget(session, [entry.id for entry in gone])
    _move_totals(session, office_id, moves)
    return len(moves)


def _forget(session: Session, entry_ids: Sequence[int]) -> None:
    mark = "?" if connection_of(session).dialect.name == "sqlite" else "%s"
    if entry_ids:
        rows = [(entry_id,) for entry_id in sorted(entry_ids)]
        execute(session, f"DELETE FROM late_entry WHERE journal_entry_id = {mark}", rows)  # noqa: S608 - ours


def _move_totals(session: Session, office_id: int, moves: Mapping[int, tuple[str, str]]) -> None:
    """Take entries off the day under which they counted and add them to another; empty days go."""
    if not moves:
        return
    summed: dict[tuple[int, int, str], list[int]] = {}
    ids = sorted(moves)
    for start in range(0, len(ids), _CHUNK):
        wanted = ", ".join(map(str, ids[start : start + _CHUNK]))
        lines = fetch(
            session,
            "SELECT journal_entry_id, gl_account_id, debit, credit FROM journal_line "  # noqa: S608 - numbers
            f"WHERE journal_entry_id IN ({wanted})",
        )
        for entry_id, account_id, debit, credit in lines:
            for day, sign in zip(moves[entry_id], (-1, 1), strict=True):
                total = summed.setdefault((office_id, account_id, day), [0, 0])
                total[0] += sign * debit
                total[1] += sign * credit
    add_to_totals(session, summed)
    drop_empty_totals(session, office_id)
