"""Numbers that should be one person's, and which clients are the same person (protocol, section 7, rule 4).

No number is refused because another row has it: an index leads from the tidied number to its rows, and two
rows are a case. People decide pairs, *same* or *different*; the newest decision of a pair counts. Groups are
what *same* connects, the root of a group is its smallest id, and a pair that is *different* inside a group is
an exception.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple, cast

from sqlalchemy import Table, update
from sqlalchemy.orm import Session

from schema.database import remove, upsert
from schema.people import Client
from schema.reading import connection_of, execute, fetch
from schema.replication import ExceptionItem, UniqueKey
from sync import cases
from sync.canonical import decode
from sync.cases import Dispute, Member
from sync.chain import Accepted
from sync.changeset import Op, Row

TABLE: Final = Client.__tablename__
COLUMN: Final = "national_id"
PAIR: Final = "pair"
SAME, DIFFERENT = "same", "different"
DISAGREES: Final = "DUPLICATE_DISAGREES"

_CHUNK: Final = 500
_LIMIT_BYTES: Final = 1 << 20
_NAMED: Final = 4
"""So many clients are named in the words of a case; the rest are counted."""


class Writer(NamedTuple):
    """The changeset that wrote a number."""

    device: int
    chain: int
    seq: int
    hash: bytes


def tidied(number: str) -> str:
    """Give a number without what people write differently: spaces, hyphens, capitals, wide digits.

    Empty where no digit above zero is left: "none", "-" and "000" are nobody's number.
    """
    plain = unicodedata.normalize("NFKC", number).casefold()
    kept = "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Pd")
    return kept if any(c.isdigit() and c != "0" for c in kept) else ""


# --- numbers and rows ----------------------------------------------------------------------------


def note_numbers(session: Session, written: Mapping[int, Writer | None]) -> None:
    """Bring the index up to date for these clients; a writer of None is the one that is known already."""
    ids = sorted(written)
    dirty: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        dirty |= _index(session, {row_id: written[row_id] for row_id in ids[start : start + _CHUNK]})
    settle_numbers(session, dirty)


def _index(session: Session, written: Mapping[int, Writer | None]) -> set[str]:
    marks = ", ".join("?" * len(written))
    numbers = fetch(session, f"SELECT id, national_id FROM client WHERE id IN ({marks})", *written)  # noqa: S608 - only marks
    known = {
        row[0]: (row[1], Writer(row[2], row[3], row[4], bytes(row[5])))
        for row in fetch(
            session,
            f"SELECT row_id, value, device, chain, seq, hash FROM unique_key WHERE row_id IN ({marks})",  # noqa: S608 - only marks
            *written,
        )
    }
    dirty: set[str] = set()
    rows: list[dict[str, object]] = []
    table = cast("Table", UniqueKey.__table__)
    for row_id, number in numbers:
        value = tidied(number)
        before, writer = known.get(row_id, ("", None))
        now = written[row_id] or writer
        if (value, now) == (before, writer):
            continue
        dirty |= {before, value} - {""}
        if before and before != value:
            remove(session, table, kind=COLUMN, value=before, row_id=row_id)
        if value and now is not None:
            rows.append({"kind": COLUMN, "value": value, "row_id": row_id, **now._asdict()})
    upsert(session, table, rows)
    return dirty


def forget_numbers(session: Session, ranges: Iterable[tuple[int, int]]) -> None:
    """Take the clients between these ids out of the index; their cases go, unless they are decided."""
    dirty: set[str] = set()
    mark = "?" if connection_of(session).dialect.name == "sqlite" else "%s"
    for first, last in ranges:
        query = (
            "SELECT DISTINCT value FROM unique_key WHERE row_id > ? AND row_id < ? AND value IN"
            " (SELECT value FROM unique_key GROUP BY value HAVING count(*) > 1)"
        )
        dirty |= {row[0] for row in fetch(session, query, first, last)}
        statement = f"DELETE FROM unique_key WHERE row_id > {mark} AND row_id < {mark}"  # noqa: S608 - only marks
        execute(session, statement, [(first, last)])
    settle_numbers(session, dirty)


def settle_numbers(session: Session, values: Iterable[str]) -> None:
    """Make the cases about these numbers say what the index and the decisions say."""
    found: dict[bytes, Dispute | None] = {}
    pairs: Pairs | None = None
    for value in sorted(values):
        rows = fetch(
            session,
            "SELECT k.row_id, k.device, k.seq, k.hash, c.number, c.origin_office_id FROM unique_key AS k"
            " JOIN client AS c ON c.id = k.row_id WHERE k.kind = ? AND k.value = ? ORDER BY k.row_id",
            COLUMN,
            value,
        )
        ids = [row[0] for row in rows]
        name = cases.about({"number": COLUMN, "value": value})
        if len(ids) < 2:  # noqa: PLR2004 - a case takes two
            found[name] = None
            continue
        pairs = pairs or read_pairs(session)
        offices = {row[5] for row in rows}
        found[name] = Dispute(
            {"number": COLUMN, "value": value, "ids": ids},
            frozenset(Member(row[1], row[2], bytes(row[3])) for row in rows),
            _words([row[4] for row in rows]),
            offices.pop() if len(offices) == 1 else None,
            pairs.outcome(ids),
        )
    cases.set_disputes(session, cases.IDENTITY, found)


def _words(numbers: Sequence[str]) -> str:
    more = len(numbers) - _NAMED
    return ", ".join(numbers[:_NAMED]) + (f" +{more}" if more > 0 else "")


# --- pairs and groups ----------------------------------------------------------------------------


class Pairs:
    """What the decisions about pairs come to."""

    def __init__(self, decided: Iterable[tuple[int, int, str]]) -> None:
        """Take (id, id, outcome), the oldest first: the newest of a pair counts."""
        newest: dict[tuple[int, int], str] = {}
        for one, other, outcome in decided:
            newest[min(one, other), max(one, other)] = outcome
        self._root: dict[int, int] = {}
        for (one, other), outcome in newest.items():
            if outcome == SAME:
                self._join(one, other)
        self.different = sorted(pair for pair, outcome in newest.items() if outcome == DIFFERENT)

    def _join(self, one: int, other: int) -> None:
        low, high = sorted((self.root_of(one), self.root_of(other)))
        for row_id in (one, other):
            self._root.setdefault(row_id, row_id)
        for row_id, root in self._root.items():
            if root == high:
                self._root[row_id] = low

    def root_of(self, row_id: int) -> int:
        """Give the smallest id of the rows that are the same person as this one."""
        return self._root.get(row_id, row_id)

    @property
    def groups(self) -> dict[int, tuple[int, ...]]:
        """Rows that are one person, by their root; only where there are several."""
        found: dict[int, list[int]] = {}
        for row_id in sorted(self._root):
            found.setdefault(self._root[row_id], []).append(row_id)
        return {root: tuple(ids) for root, ids in sorted(found.items())}

    @property
    def disagreeing(self) -> list[tuple[int, int]]:
        """Pairs that are said to be different, and the same through others."""
        return [pair for pair in self.different if self.root_of(pair[0]) == self.root_of(pair[1])]

    def outcome(self, ids: Iterable[int]) -> str:
        """Give same or different where every two of these rows are decided, else nothing."""
        roots = sorted({self.root_of(row_id) for row_id in ids})
        if len(roots) == 1:
            return SAME
        apart = {tuple(sorted((self.root_of(one), self.root_of(other)))) for one, other in self.different}
        return DIFFERENT if all(pair in apart for pair in combinations(roots, 2)) else ""


def read_pairs(session: Session, *, before: int | None = None) -> Pairs:
    """Read the decisions about pairs of clients; ``before`` leaves out that decision and all later ones."""
    rows = fetch(session, "SELECT id, outcome, detail FROM decision WHERE kind = ? ORDER BY id", PAIR)
    return Pairs((*_ids(row[2]), row[1]) for row in rows if before is None or row[0] < before)


def groups_of(session: Session) -> dict[int, tuple[int, ...]]:
    """Give the clients that are one person, by their root; for reports and pages."""
    return read_pairs(session).groups


def root_of(session: Session, client_id: int) -> int:
    """Give the client that stands for this person in counts: the smallest id of its group."""
    return read_pairs(session).root_of(client_id)


def same_person(session: Session, client_id: int) -> list[int]:
    """List the other clients that are the same person."""
    pairs = read_pairs(session)
    return [one for one in pairs.groups.get(pairs.root_of(client_id), ()) if one != client_id]


def note_pairs(session: Session, decided: Sequence[tuple[Accepted, Op]]) -> None:
    """Take up decisions that have come: settle the cases they concern, and say where they disagree."""
    decided = [(one, op) for one, op in decided if cast("Row", op.new)["kind"] == PAIR]
    if not decided:
        return
    values: set[str] = set()
    for one, op in decided:
        ids = _ids(cast("bytes", cast("Row", op.new)["detail"]))
        for row in fetch(session, "SELECT value FROM unique_key WHERE row_id IN (?, ?)", *ids):
            values.add(row[0])
        earlier = set(read_pairs(session, before=op.id).disagreeing)
        for pair in read_pairs(session, before=op.id + 1).disagreeing:
            if pair not in earlier:
                _raise_disagreement(session, one, pair)
    settle_numbers(session, values)
    if not read_pairs(session).disagreeing:
        session.execute(
            update(ExceptionItem)
            .where(ExceptionItem.code == DISAGREES, ExceptionItem.state == cases.OPEN)
            .values(state=cases.DECIDED, outcome=SAME)
        )


def _raise_disagreement(session: Session, one: Accepted, pair: tuple[int, int]) -> None:
    names = [
        row[0] for row in fetch(session, "SELECT number FROM client WHERE id IN (?, ?) ORDER BY id", *pair)
    ]
    changeset = one.changeset
    row: dict[str, object] = {
        "key": cases.exception_key(DISAGREES, one),
        "code": DISAGREES,
        "device": changeset.device,
        "chain": changeset.chain,
        "seq": changeset.seq,
        "hash": one.hash,
        "office_id": None,
        "what": ", ".join(names or map(str, pair)),
        "state": cases.OPEN,
    }
    upsert(session, cast("Table", ExceptionItem.__table__), [row])


def _ids(detail: bytes) -> tuple[int, int]:
    read = cast("dict[str, list[int]]", decode(bytes(detail), limit_bytes=_LIMIT_BYTES))
    one, other = read["ids"]
    return one, other
