"""Control totals: what senders claim about their chains, compared as soon as a chain is whole up to there.

A claim is about one chain alone, from its first changeset to a place. Until every changeset up to that place
counts here the claim is pending (``agree`` is NULL); it is never compared with anything else.
"""

import zlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final, NamedTuple, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from schema.database import upsert
from schema.reading import fetch, fetch_one
from schema.replication import ControlTotal
from sync.canonical import decode, encode
from sync.changeset import Place, digest
from sync.manifest import MAX_MANIFEST_BYTES, Totals
from sync.runs import last_id_at
from sync.segment import Segment
from sync.totals import chain_totals, difference

_PENDING: Final = """
SELECT t.device, t.chain, t.seq, t.hash, t.digest, t.totals
  FROM control_total AS t JOIN changeset AS c
    ON c.device = t.device AND c.chain = t.chain AND c.seq = t.seq AND c.hash = t.hash
 WHERE t.agree IS NULL AND c.state = 'accepted' AND c.as_device IS NULL
 ORDER BY t.device, t.chain, t.seq, t.digest
"""
_TABLE: Final = cast("Table", ControlTotal.__table__)


class Compared(NamedTuple):
    """A claim beside what is derived here; ``difference`` is empty where they agree."""

    device: int
    place: Place
    claimed: Totals
    ours: Totals
    difference: str


def note_claims(session: Session, segments: Sequence[Segment]) -> None:
    """Keep what segments claim, as it was signed; what was compared before stays as it is."""
    for segment in segments:
        manifest = segment.manifest
        place = manifest.content.last
        if manifest.totals is None or place is None:
            continue
        packed = encode(asdict(manifest.totals))
        key = (manifest.device, manifest.chain, place.seq, place.hash, digest(packed))
        known = fetch_one(
            session,
            "SELECT 1 FROM control_total"
            " WHERE device = ? AND chain = ? AND seq = ? AND hash = ? AND digest = ?",
            *key,
        )
        if known is None:
            names = ("device", "chain", "seq", "hash", "digest", "totals", "agree", "difference")
            row = dict[str, object](zip(names, (*key, packed, None, ""), strict=True))
            signed = {"manifest": zlib.compress(manifest.to_bytes()), "signature": segment.signature}
            upsert(session, _TABLE, [row | signed])


def compare_pending(session: Session) -> list[Compared]:
    """Compare every claim whose chain is whole up to its place now; a difference names the first account."""
    found: list[Compared] = []
    for device, chain, seq, sha256, named, packed in fetch(session, _PENDING):
        claimed = Totals(
            **cast("dict[str, dict[str, int]]", decode(bytes(packed), limit_bytes=MAX_MANIFEST_BYTES))
        )
        ours = chain_totals(session, device, last_id_at(session, device, chain, seq))
        compared = Compared(device, Place(seq, bytes(sha256)), claimed, ours, difference(claimed, ours))
        _keep(session, device, chain, seq, bytes(sha256), bytes(named), bytes(packed), compared)
        found.append(compared)
    return found


def _keep(
    session: Session,
    device: int,
    chain: int,
    seq: int,
    sha256: bytes,
    named: bytes,
    packed: bytes,
    compared: Compared | None,
) -> None:
    row: dict[str, object] = {
        "device": device,
        "chain": chain,
        "seq": seq,
        "hash": sha256,
        "digest": named,
        "totals": packed,
        "agree": None if compared is None else int(not compared.difference),
        "difference": "" if compared is None else compared.difference,
    }
    upsert(session, _TABLE, [row])
