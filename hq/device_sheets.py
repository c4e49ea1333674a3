"""Laptops as headquarters sees them: state, bound, who follows whom, keys, what each did. Reads only."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hq.devices import beyond_bound, possible_words
from hq.replacements import books_go_on_from
from ledger.errors import NotFoundError
from schema.reference import Device, Office
from schema.replication import StoredChangeset
from sync import chain as chains
from sync.installation import Installation
from sync.roster import HQ_SCOPE, RESERVE
from sync.signing import fingerprint20


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One laptop in a line. ``followed_by`` are the devices that go on with its books."""

    device: Device
    office: Office
    head: int
    head_hash: str
    beyond: int
    followed_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DeviceSheet:
    """One laptop. ``fingerprint`` is empty before its keys are here; ``kinds`` counts what it did.

    is_carried_on  whether a replacement laptop would go on with its books
    """

    row: DeviceRow
    fingerprint: str
    words: tuple[str, ...]
    first_day: date | None
    last_day: date | None
    kinds: tuple[tuple[str, int], ...]
    is_carried_on: bool


def device_rows(session: Session) -> list[DeviceRow]:
    """List every laptop of a branch by branch and number; reserve numbers are none yet."""
    wanted = (
        select(Device, Office)
        .join(Office, Office.id == Device.office_id)
        .where(Device.scope != HQ_SCOPE, Device.state != RESERVE)
        .order_by(Office.code, Device.number)
    )
    return [_row(session, device, office) for device, office in session.execute(wanted)]


def device_sheet(installation: Installation, session: Session, number: int) -> DeviceSheet:
    """Give one laptop of a branch.

    raises   NotFoundError, also for a reserve number and headquarters itself
    """
    row = next((one for one in device_rows(session) if one.device.number == number), None)
    if row is None:
        raise NotFoundError(kind="device", key=number)
    own = StoredChangeset.device == number
    kinds = session.execute(
        select(StoredChangeset.kind, func.count()).where(own).group_by(StoredChangeset.kind)
    ).all()
    days = session.execute(
        select(func.min(StoredChangeset.business_date), func.max(StoredChangeset.business_date)).where(own)
    ).one()
    member = installation.roster(session).find(number)
    return DeviceSheet(
        row,
        fingerprint20(member.signing_key, member.recipient.encode())
        if member is not None and row.device.signing_key is not None
        else "",
        tuple(possible_words(row.device)),
        *days,
        tuple(sorted(((kind, count) for kind, count in kinds), key=lambda one: (-one[1], one[0]))),
        bool(row.head) and books_go_on_from(session, row.office.id).number == number,
    )


def _row(session: Session, device: Device, office: Office) -> DeviceRow:
    head = chains.watermark(session, device.number, 0, chains.HEAD)
    followed = session.scalars(
        select(Device.number).where(Device.succeeds == device.number).order_by(Device.number)
    )
    return DeviceRow(
        device,
        office,
        head.seq if head else 0,
        head.hash.hex() if head else "",
        beyond_bound(session, device.number),
        tuple(followed),
    )
