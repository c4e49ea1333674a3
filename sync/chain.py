"""The chains of one database: heads, what was seen of the other side, and the stored changesets."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from schema.database import remove, upsert
from schema.reading import fetch, fetch_one
from schema.replication import StoredChangeset, Watermark
from sync.canonical import encode
from sync.changeset import INSERT, Changeset, Op, Place, Row, hlc_ms
from sync.order import key_time
from sync.signing import SigningKey

RULES_VERSION: Final = 1
HQ_DEVICE: Final = 1
"""The first device of an institution is headquarters itself."""
REFERENCE_CHAIN: Final = 0
HEAD_OFFICE_CHAIN: Final = 1

HEAD = "head"
"""Watermark: the last accepted changeset of a chain."""
ARM = "arm"
"""Watermark: the last accepted changeset of an adopted arm, under the number that it is folded as."""
ACKED = "acked"
"""Watermark: the last changeset of our chain that a signed acknowledgement of the other side names."""
MERGED = "merged"
"""Watermark: the last changeset of our chain that the other side says it has folded."""
DURABLE = "durable"
"""Watermark: the last changeset of our chain that is in a verified backup of the other side."""
EXPORTED = "exported"
"""Watermark: the last changeset of our chain that was written into a bundle."""
SEEN = "seen"
"""Watermark: the last changeset of the other side that a changeset of our own named in ``seen``."""

_SUCCESSION: Final = "device_succession"
_NEWEST: Final = """
SELECT hlc FROM changeset WHERE device = ? AND as_device IS NULL AND state = 'accepted'
 ORDER BY hlc DESC LIMIT 1
"""


class Link(NamedTuple):
    """What the next changeset of a chain needs to know of the one before."""

    seq: int
    hash: bytes
    hlc: int
    key_time: int
    beacon: int

    @property
    def place(self) -> Place:
        """The point in the chain."""
        return Place(self.seq, self.hash)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A changeset that passed every check of bytes and chain, with its derived times."""

    changeset: Changeset
    body: bytes
    signature: bytes
    hash: bytes
    key_time: int
    beacon: int


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the institution, the device, its key and the ``prev`` of its first changeset.

    ``is_hq``: headquarters' own changesets carry its time, which others believe.
    """

    institution_id: bytes
    device: int
    key: SigningKey
    genesis: bytes
    is_hq: bool


def follow(
    changeset: Changeset, sha256: bytes, previous: Link | None, causes: Iterable[Link], *, is_hq: bool
) -> Link:
    """Give the derived times of a changeset that follows ``previous`` and has seen ``causes``."""
    past = [*causes, *([previous] if previous else [])]
    beacon = hlc_ms(changeset.hlc) if is_hq else max((link.beacon for link in past), default=0)
    time, _suspect = key_time(changeset.hlc, beacon, [link.key_time for link in past])
    return Link(changeset.seq, sha256, changeset.hlc, time, beacon)


def genesis(institution_id: bytes, device: int, signing_key: bytes, recipient: str) -> bytes:
    """Give the first ``prev`` of a device's chains: the SHA-256 of its enrolment record."""
    record = encode(
        {"device": device, "institution": institution_id, "recipient": recipient, "signing": signing_key}
    )
    return hashlib.sha256(record).digest()


def head(session: Session, device: int, chain: int) -> Link | None:
    """Give the last accepted changeset of a chain; None before its first."""
    place = watermark(session, device, chain, HEAD)
    return None if place is None else link_at(session, device, chain, place)


def link_at(session: Session, device: int, chain: int, place: Place) -> Link | None:
    """Give what is known of one stored changeset; None where it is not here."""
    row = fetch_one(
        session,
        "SELECT hlc, key_time, beacon FROM changeset WHERE device = ? AND chain = ? AND seq = ? AND hash = ?",
        device,
        chain,
        place.seq,
        place.hash,
    )
    return None if row is None else Link(place.seq, place.hash, *row)


def find_link(session: Session, devices: Sequence[int], chain: int, place: Place) -> tuple[int, Link] | None:
    """Give which of some devices wrote the changeset at a place of its chain ``chain``, and what is known.

    Branches name headquarters' places by the number of the chain alone: which incarnation wrote one is found
    by its hash. None where it is not here, or where something that it follows from is not.
    """
    for device in reversed(devices):
        link = link_at(session, device, chain, place)
        if link is not None and link.key_time:
            return device, link
    return None


def hq_devices(session: Session) -> list[int]:
    """Give the numbers of headquarters' incarnations by the roster that is here, the newest last."""
    rows = fetch(session, "SELECT number FROM device WHERE scope = 'hq' ORDER BY number")
    return [row[0] for row in rows] or [HQ_DEVICE]


def succession_links(session: Session, ops: Iterable[Op]) -> Iterator[Link | None]:
    """Give what is known of the places at which older devices' chains were left, by the rows that say so.

    The first changeset of a device that goes on with another one's books follows from that place as much as
    from what it has seen. None for a place that is not here.
    """
    for op in ops:
        if op.table == _SUCCESSION and op.sign == INSERT:
            left = _place_left(op.new or {})
            link = link_at(session, left[0], 0, left[1]) if left else None
            if left is not None:
                yield link if link is not None and link.key_time else None


def _place_left(row: Row) -> tuple[int, Place] | None:
    """Give which device's chain a row says was left, and where; None where it says so of no place.

    It is asked before anybody has judged the row: what is no place is no cause, and an exception later.
    """
    old, seq, sha256 = (row.get(name) for name in ("old_device", "seq", "hash"))
    if type(old) is not int or type(seq) is not int or type(sha256) is not bytes or not seq:
        return None
    return old, Place(seq, sha256)


def watermark(session: Session, device: int, chain: int, stage: str) -> Place | None:
    """Give how far a chain has come at ``stage``."""
    row = fetch_one(
        session,
        "SELECT seq, hash FROM watermark WHERE device = ? AND chain = ? AND stage = ?",
        device,
        chain,
        stage,
    )
    return None if row is None else Place(row[0], bytes(row[1]))


def watermarks(session: Session, stage: str) -> dict[tuple[int, int], Place]:
    """Give every (device, chain) at ``stage`` with its place."""
    rows = fetch(session, "SELECT device, chain, seq, hash FROM watermark WHERE stage = ?", stage)
    return {(device, chain): Place(seq, bytes(sha256)) for device, chain, seq, sha256 in rows}


def set_watermark(session: Session, device: int, chain: int, stage: str, place: Place) -> None:
    """Move a watermark."""
    upsert(
        session,
        cast("Table", Watermark.__table__),
        [{"device": device, "chain": chain, "stage": stage, "seq": place.seq, "hash": place.hash}],
    )


def forget_watermark(session: Session, device: int, chain: int, stage: str) -> None:
    """Take a watermark away: nothing of the chain has come so far any more."""
    remove(session, cast("Table", Watermark.__table__), device=device, chain=chain, stage=stage)


def stored_row(accepted: Accepted, *, state: str = "accepted", code: str = "") -> dict[str, object]:
    """Give the row of ``changeset`` that keeps ``accepted`` byte for byte."""
    changeset = accepted.changeset
    return {
        "device": changeset.device,
        "chain": changeset.chain,
        "seq": changeset.seq,
        "hash": accepted.hash,
        "prev": changeset.prev,
        "hlc": changeset.hlc,
        "key_time": accepted.key_time,
        "beacon": accepted.beacon,
        "business_date": changeset.date,
        "kind": changeset.kind,
        "body": accepted.body,
        "signature": accepted.signature,
        "state": state,
        "code": code,
        "bundle_id": None,
    }


def stored(
    session: Session, device: int, chain: int, *, after: int = 0, up_to: int | None = None
) -> Iterator[StoredChangeset]:
    """Give the accepted changesets of a chain's main line in order, a few hundred in memory at a time."""
    wanted = select(StoredChangeset).where(
        StoredChangeset.device == device,
        StoredChangeset.chain == chain,
        StoredChangeset.seq > after,
        StoredChangeset.state == "accepted",
        StoredChangeset.as_device.is_(None),
    )
    if up_to is not None:
        wanted = wanted.where(StoredChangeset.seq <= up_to)
    options = {"yield_per": 500}
    with closing(session.execute(wanted.order_by(StoredChangeset.seq), execution_options=options)) as found:
        for row in found:  # may be left early: a server keeps a cursor for it
            yield row[0]


def newest_hlc(session: Session, device: int) -> int:
    """Give the newest instant that ``device`` has signed, over all its chains; 0 before the first.

    What another laptop wrote under the same number, an arm, is left out.
    """
    row = fetch_one(session, _NEWEST, device)
    return row[0] if row else 0
