"""One branch as headquarters sees it: its laptops, what came in from it, what was written for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import NotFoundError
from schema.reference import Device, Office
from schema.replication import BundleRecord, EnrolmentKit, StoredChangeset
from sync.chain import HEAD, REFERENCE_CHAIN, hq_devices, watermark
from sync.labels import check_letters
from sync.receiving import ADMIT, HOLD
from sync.roster import HQ_SCOPE, RESERVE, UNCONFIRMED
from sync.runs import acked_by

_SHOWN: Final = 30


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """One laptop. ``kit`` is written, claimed, confirmed, reused, or empty where it had none.

    confirmed_seq  up to where it has our chain 0
    """

    number: int
    state: str
    kit: str
    kit_expires_on: date | None
    confirmed_seq: int

    @property
    def waits_for_confirmation(self) -> bool:
        """Whether its first bundle is here, and its fingerprint has not been compared."""
        return self.state == UNCONFIRMED and self.kit == "claimed"

    @property
    def waits_for_bundle(self) -> bool:
        """Whether its kit was written and nothing has come from it."""
        return self.kit == "written"


@dataclass(frozen=True, slots=True)
class BundleLine:
    """A bundle that came in or was written here. ``check``: the letters on its label."""

    name: str
    branch: str
    number: int | None
    first_seq: int | None
    last_seq: int | None
    size_bytes: int
    at: datetime
    verdict: str
    code: str
    detail: str
    check: str


@dataclass(frozen=True, slots=True)
class BranchSheet:
    """A branch with its laptops (newest first) and bundles (newest first)."""

    office: Office
    devices: tuple[DeviceLine, ...]
    came_in: tuple[BundleLine, ...]
    written: tuple[BundleLine, ...]
    reference_seq: int


def branch_sheet(session: Session, office: Office) -> BranchSheet:
    """Give what is known of a branch."""
    head = watermark(session, hq_devices(session)[-1], REFERENCE_CHAIN, HEAD)
    return BranchSheet(
        office=office,
        devices=tuple(_devices(session, office.id)),
        came_in=tuple(bundle_lines(session, "in", office_id=office.id)),
        written=tuple(bundle_lines(session, "out", office_id=office.id)),
        reference_seq=head.seq if head else 0,
    )


def get_device(session: Session, number: int) -> tuple[Office, DeviceLine]:
    """Give a device of a branch; NotFoundError for none, and for a reserve number that nobody claims."""
    office = session.scalars(
        select(Office)
        .join(Device, Device.office_id == Office.id)
        .where(Device.number == number, Device.scope != HQ_SCOPE)
    ).first()
    lines = _devices(session, office.id) if office is not None else []
    found = next((line for line in lines if line.number == number), None)
    if office is None or found is None:
        raise NotFoundError(kind="device", key=number)
    return office, found


def _devices(session: Session, office_id: int) -> list[DeviceLine]:
    rows = session.execute(
        select(Device, EnrolmentKit)
        .outerjoin(EnrolmentKit, EnrolmentKit.device == Device.number)
        .where(Device.office_id == office_id, (Device.state != RESERVE) | EnrolmentKit.claim.is_not(None))
        .order_by(Device.number.desc())
    )
    lines = []
    pairs: Sequence[tuple[Device, EnrolmentKit | None]] = [(row[0], row[1]) for row in rows]
    for device, kit in pairs:
        told = watermark(session, hq_devices(session)[-1], REFERENCE_CHAIN, acked_by(device.number))
        lines.append(
            DeviceLine(
                device.number,
                UNCONFIRMED if device.state == RESERVE else device.state,
                kit.state if kit is not None else "",
                kit.expires_on if kit is not None else None,
                told.seq if told else 0,
            )
        )
    return lines


def bundle_lines(
    session: Session, direction: str, *, office_id: int | None = None, limit: int = _SHOWN
) -> list[BundleLine]:
    """List the newest bundles that came in or were written, newest first."""
    wanted = (
        select(BundleRecord, Office.code)
        .outerjoin(Office, Office.id == BundleRecord.office_id)
        .where(BundleRecord.direction == direction)
        .order_by(BundleRecord.id.desc())
        .limit(limit)
    )
    if office_id is not None:
        wanted = wanted.where(BundleRecord.office_id == office_id)
    waiting = waiting_bundles(session)
    return [bundle_line(row, code or "", waiting) for row, code in session.execute(wanted)]


def waiting_bundles(session: Session) -> frozenset[bytes]:
    """Give the ids of bundles of which something still waits for what is missing."""
    wanted = select(StoredChangeset.bundle_id).where(StoredChangeset.state == "held").distinct()
    return frozenset(bundle for bundle in session.scalars(wanted) if bundle is not None)


def verdict_now(row: BundleRecord, waiting: frozenset[bytes]) -> str:
    """Give what stands of a bundle: one that waited when it came is in the books once its gap is closed."""
    if row.verdict == HOLD and not row.detail and row.bundle_id not in waiting:
        return ADMIT
    return row.verdict


def bundle_line(row: BundleRecord, code: str, waiting: frozenset[bytes]) -> BundleLine:
    """Give one bundle as pages show it; ``code`` is its branch's, ``waiting`` see ``waiting_bundles``."""
    verdict = verdict_now(row, waiting)
    return BundleLine(
        name_of(row.bundle_id),
        code,
        row.number,
        row.first_seq,
        row.last_seq,
        row.size_bytes,
        row.at,
        verdict,
        row.code if verdict == row.verdict else "",
        row.detail,
        check_letters(row.bundle_id, row.last_hash),
    )


def name_of(bundle_id: bytes) -> str:
    """Give the eight hex digits that name a bundle on labels and in file names."""
    return bundle_id.hex()[:8].upper()
