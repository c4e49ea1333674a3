"""Chains signed by hand and a database that they are fed to: headquarters' books without homes or bundles."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from schema.database import SCHEMA_REVISION, Database, open_database
from schema.writing import images_by_table, stored
from sync.admission import Admission, Admitter
from sync.canonical import encode
from sync.chain import genesis
from sync.changeset import INSERT, UPDATE, Changeset, Op, Place, Row, Value, digest
from sync.digest import digest_of
from sync.kit import KIT_ID_BYTES, Claim
from sync.packing import Signed
from sync.refold import settle_import
from sync.roster import ACTIVE, HQ_SCOPE, Member, Roster
from sync.signing import SigningKey

INSTITUTION = bytes(range(16))
HQ, OFFICE, CASH, EQUITY = 1, (1 << 40) + 2, (1 << 40) + 3, (1 << 40) + 4
START = 1_770_000_000_000 << 16


def op(table: str, row_id: int, **values: Value) -> Op:
    """The insert of a whole row: what is not given is the column's default, or nothing."""
    images = images_by_table()[table]
    defaults: dict[str, Value] = {name: stored(value) for name, value in images.defaults.items()}  # type: ignore[misc]  # defaults are plain
    given: dict[str, Value] = {"origin_office_id": OFFICE, **values}
    new: dict[str, Value] = {name: given.get(name, defaults.get(name)) for name in images.columns}
    return Op(
        table, INSERT, row_id, dict(sorted(new.items(), key=lambda item: (len(item[0]), item[0]))), None
    )


def change(table: str, row_id: int, old: Row, new: Row) -> Op:
    """A change of some columns."""
    return Op(table, UPDATE, row_id, new, old)


@dataclass
class Writer:
    """A device that signs a chain of its own. ``fork`` gives its twin: another laptop with the same books."""

    device: int
    chain: int = 0
    hlc: int = START
    counter: int = 10
    seq: int = 0
    prev: bytes = b""
    places: list[Place] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with the enrolment."""
        self.key = SigningKey.from_seed(self.device.to_bytes(32, "big"))
        self.recipient = f"age1test{self.device}"
        self.genesis = genesis(INSTITUTION, self.device, self.key.public, self.recipient)
        self.prev = self.prev or self.genesis

    def fork(self) -> "Writer":
        """Go on twice from here."""
        return Writer(self.device, self.chain, self.hlc, self.counter, self.seq, self.prev, list(self.places))

    def id(self) -> int:
        """The next id of the device."""
        self.counter += 1
        return (self.device << 40) + self.counter

    @property
    def place(self) -> Place:
        """Its newest changeset."""
        return self.places[-1]

    def write(
        self, *ops: Op, seen: dict[int, Place] | None = None, schema: int = SCHEMA_REVISION, later: int = 1
    ) -> Signed:
        """Sign the next changeset. ``later``: milliseconds after the one before."""
        self.seq, self.hlc = self.seq + 1, self.hlc + (later << 16)
        made = Changeset(
            device=self.device,
            chain=self.chain,
            seq=self.seq,
            prev=self.prev,
            hlc=self.hlc,
            date="2026-02-02",
            actor=1,
            kind="test.write",
            note="",
            schema=schema,
            rules=1,
            reference=1,
            ops=ops,
            seen=seen or {},
        )
        body = made.to_bytes()
        self.prev = digest(body)
        self.places.append(Place(self.seq, self.prev))
        return body, self.key.sign("changeset", INSTITUTION, body)

    def entry(self, amount: int, *, reverses: int | None = None) -> list[Op]:
        """A balanced journal entry."""
        entry_id, debit, credit = self.id(), self.id(), self.id()
        sides = ((debit, CASH, amount, 0), (credit, EQUITY, 0, amount))
        lines = [
            op(
                "journal_line",
                i,
                journal_entry_id=entry_id,
                gl_account_id=a,
                currency="KES",
                debit=d,
                credit=c,
            )
            for i, a, d, c in sides
        ]
        head = op(
            "journal_entry",
            entry_id,
            kind="test",
            value_date="2026-02-02",
            booked_on="2026-02-02",
            recorded_at=1,
            reverses_id=reverses,
        )
        return [*lines, head]


def device_row(writer: Writer, row_id: int, **values: Value) -> Op:
    """The row of a device on the roster."""
    given: dict[str, Value] = {
        "number": writer.device,
        "office_id": OFFICE,
        "state": "active",
        "signing_key": writer.key.public,
        "recipient": writer.recipient,
    }
    return op("device", row_id, **{**given, **values})


def founding(hq: Writer, *devices: Writer) -> list[Signed]:
    """Headquarters' first changesets: institution, office, two accounts, and the roster."""
    first = [
        op("institution", hq.id(), public_id=INSTITUTION, name="Bank", currency="KES", digits=2),
        op("office", OFFICE, number=2, code="KIT", name="Kitale"),
        op("gl_account", CASH, code="1110", name="Cash", type="asset"),
        op("gl_account", EQUITY, code="3110", name="Equity", type="equity"),
        device_row(hq, hq.id(), scope="hq", office_id=OFFICE + 1_000),
    ]
    head_office = op("office", OFFICE + 1_000, number=1, code="HQ", name="Head office")
    return [hq.write(head_office, *first, *(device_row(one, hq.id()) for one in devices))]


def decision(
    hq: Writer, kind: str, outcome: str, members: Sequence[tuple[int, Place]], **detail: object
) -> Op:
    """The row of a decision about changesets."""
    listed = sorted([device, place.seq, place.hash] for device, place in members)
    return op(
        "decision",
        hq.id(),
        case_key=digest(encode([kind, listed])),
        kind=kind,
        outcome=outcome,
        reason="looked at",
        members=encode(listed),
        detail=encode(detail) if detail else None,
    )


class Books:
    """The books of headquarters, or of another device, in a database of their own."""

    def __init__(self, where: Path | str, own: Writer, template: Path | None = None) -> None:
        """Make an empty database, or copy one."""
        if template is not None:
            shutil.copyfile(template, where)
        self.database: Database = open_database(where)
        self.database.migrate()
        self._claim = Claim(INSTITUTION, bytes(KIT_ID_BYTES), own.device, own.key.public, own.recipient)

    def feed(self, writer: Writer, signed: Iterable[Signed]) -> Admission:
        """Take changesets of one chain as an import does."""
        with self.database.writing() as session:
            roster = Roster.load(session, INSTITUTION, self._claim)
            member = roster.find(writer.device)
            if member is None:
                assert writer.device == HQ, "a device that the roster knows"
                roster = first_roster(writer, self._claim.device)
                member = roster.find(writer.device)
            assert member is not None
            result = Admitter(session, roster, member, writer.chain).receive(signed)
            settle_import(
                session,
                lambda: Roster.load(session, INSTITUTION, self._claim),
                result.settles,
                hq_grew=member.is_hq,
            )
            return result

    def digest(self) -> str:
        """The digest of all books."""
        with self.database.reading() as session:
            return digest_of(session, Roster.load(session, INSTITUTION, self._claim)).sha256.hex()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        with self.database.reading() as session:
            return [tuple(row) for row in session.execute(text(query))]

    def state(self) -> tuple[object, ...]:
        """Everything that must not depend on the order in which changesets came."""
        return (
            self.digest(),
            self.rows(
                "SELECT device, chain, seq, hash, state, code, as_device, key_time FROM changeset"
                " ORDER BY 1, 2, 3, 4"
            ),
            self.rows("SELECT code, device, seq, hash, what, state, outcome FROM exception ORDER BY key"),
            self.rows("SELECT kind, members, state, outcome FROM conflict_case ORDER BY key"),
            self.rows("SELECT * FROM gl_day_total ORDER BY 1, 2, 3"),
            self.rows(
                "SELECT device, chain, seq, hash FROM watermark WHERE stage IN ('head', 'arm') ORDER BY 1, 2"
            ),
        )


def first_roster(hq: Writer, own: int) -> Roster:
    """What is known before anything has come: headquarters alone."""
    member = Member(hq.device, 0, ACTIVE, hq.key.public, hq.recipient, hq.genesis, None, None, scope=HQ_SCOPE)
    return Roster(INSTITUTION, {hq.device: member}, own=own)
