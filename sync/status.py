"""Where a branch's changesets are: to send, written, received, in the books, in a backup."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.base import from_milliseconds
from schema.replication import BundleRecord
from sync import chain as chains
from sync.chain import ACKED, DURABLE, EXPORTED, HEAD, MERGED
from sync.installation import Installation


@dataclass(frozen=True, slots=True)
class BranchStatus:
    """How far each state has come. ``pending`` counts changesets; the states are sequences reached.

    A changeset that HQ has in its books counts as exported, received and merged.
    """

    pending: int
    exported: int
    received: int
    merged: int
    durable: int
    last_seq: int
    last_hash: str
    last_bundle: str | None
    last_bundle_at: datetime | None
    last_return: int | None
    last_return_at: datetime | None
    clock: datetime
    hq_clock: datetime | None
    read_only: str | None

    def to_json(self) -> dict[str, object]:
        """Give the document of ``branch status``."""
        return {
            "pending": self.pending,
            "exported": self.exported,
            "received": self.received,
            "merged": self.merged,
            "durable": self.durable,
            "last_seq": self.last_seq,
            "last_hash": self.last_hash,
            "last_bundle": self.last_bundle,
            "last_bundle_at": _iso(self.last_bundle_at),
            "last_return": self.last_return,
            "last_return_at": _iso(self.last_return_at),
            "clock": _iso(self.clock),
            "hq_clock": _iso(self.hq_clock),
            "read_only": self.read_only,
        }

    def lines(self) -> list[str]:
        """Tell it in lines that can be read aloud."""
        written = f"{self.last_bundle}, up to {self.exported}" if self.last_bundle else "nothing yet"
        return [
            f"To send: {self.pending} entries",
            f"Written: {written}",
            f"HQ has it: up to {self.merged}" if self.merged else "HQ has it: nothing confirmed yet",
            f"Head: {self.last_seq} {self.last_hash[:8]}",
            *([f"Nothing is booked: {self.read_only}"] if self.read_only else []),
        ]


def branch_status(installation: Installation) -> BranchStatus:
    """Read the status of this branch's own chain."""
    with installation.database.reading() as session:
        return _status(installation, session)


def _status(installation: Installation, session: Session) -> BranchStatus:
    device = installation.facts.device
    head = chains.watermark(session, device, 0, HEAD)
    reached = {
        stage: place.seq if (place := chains.watermark(session, device, 0, stage)) else 0
        for stage in (EXPORTED, ACKED, MERGED, DURABLE)
    }
    exported = max(reached.values())
    out, back = _newest(session, "out"), _newest(session, "in")
    link = chains.head(session, device, 0)
    refusal = installation.read_only_because
    return BranchStatus(
        pending=(head.seq if head else 0) - exported,
        exported=exported,
        received=reached[ACKED],
        merged=reached[MERGED],
        durable=reached[DURABLE],
        last_seq=head.seq if head else 0,
        last_hash=head.hash.hex() if head else "",
        last_bundle=out.bundle_id.hex()[:8].upper() if out else None,
        last_bundle_at=out.at if out else None,
        last_return=back.number if back else None,
        last_return_at=back.at if back else None,
        clock=installation.clock(),
        hq_clock=from_milliseconds(link.beacon) if link and link.beacon else None,
        read_only=str(refusal) if refusal else None,
    )


def _newest(session: Session, direction: str) -> BundleRecord | None:
    return (
        session.execute(
            select(BundleRecord).where(BundleRecord.direction == direction).order_by(BundleRecord.id.desc())
        )
        .scalars()
        .first()
    )


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z") if instant else None
