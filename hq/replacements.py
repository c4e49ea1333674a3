"""Laptops that go on with the books of others: reserve numbers, kits with books, the end of the old number.

Protocol, sections 1 and 5: a restored or re-seeded laptop is a new device. When it is confirmed, the device
that it follows is retired where its chain was left.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.errors import NotFoundError, TrustError
from schema.reference import Device, Office
from schema.replication import EnrolmentKit, Setting, StoredChangeset
from schema.writing import insert, update
from sync import chain as chains
from sync.chain import HEAD, REFERENCE_CHAIN
from sync.changeset import Changeset, Place
from sync.compression import compress
from sync.installation import Installation
from sync.kit import SECRET_BYTES, Books, Kit, Reserve, Run
from sync.packing import Signed, pack
from sync.reasons import refused
from sync.reserve import CODE_BYTES, kit_id_of, require_strong
from sync.roster import ACTIVE, RESERVE, RETIRED, REVOKED, UNCONFIRMED
from sync.segment import cut_runs
from sync.succession import succession_of

RESERVES: Final = 2
"""So many reserve numbers a branch has at any time."""
KIT_DAYS: Final = 30
"""A kit with a branch's books is to be used soon."""
_FOR_EVER: Final = date(9999, 12, 31)
_WRITTEN: Final = "written"


def reserves_of(session: Session, office_id: int) -> list[Reserve]:
    """List the reserve numbers of a branch that nobody has claimed, with their secrets."""
    rows = session.execute(
        select(EnrolmentKit.device, EnrolmentKit.secret)
        .join(Device, Device.number == EnrolmentKit.device)
        .where(
            EnrolmentKit.office_id == office_id,
            EnrolmentKit.purpose == "reserve",
            EnrolmentKit.state == _WRITTEN,
            Device.state == RESERVE,
        )
        .order_by(EnrolmentKit.device)
    )
    return [Reserve(device, secret) for device, secret in rows]


def add_reserves(session: Session, institution_id: bytes, office_id: int) -> None:
    """Bring a branch's reserve numbers to their count, inside a unit of work of chain 0."""
    missing = RESERVES - len(reserves_of(session, office_id))
    numbers = session.scalars(
        select(Device.number)
        .outerjoin(EnrolmentKit, EnrolmentKit.device == Device.number)
        .where(Device.office_id == office_id, Device.state == RESERVE, EnrolmentKit.device.is_(None))
        .order_by(Device.number)
    ).all()
    for number in [*numbers, *_new_numbers(session, office_id, missing - len(numbers))][: max(missing, 0)]:
        session.add(
            EnrolmentKit(
                kit_id=kit_id_of(institution_id, number),
                device=number,
                office_id=office_id,
                secret=os.urandom(CODE_BYTES),
                expires_on=_FOR_EVER,
                state=_WRITTEN,
                purpose="reserve",
            )
        )
    session.flush()


def _new_numbers(session: Session, office_id: int, count: int) -> Iterator[int]:
    newest = session.scalar(
        select(func.max(Device.number)).where(Device.office_id == office_id, Device.state != RESERVE)
    )
    for _ in range(count):
        number = session.execute(select(func.max(Device.number))).scalar_one() + 1
        insert(session, Device(number=number, office_id=office_id, state=RESERVE, reserve_of=newest))
        yield number


def reserve_numbers(session: Session) -> frozenset[int]:
    """Give the numbers of all branches that no laptop has yet."""
    return frozenset(session.scalars(select(Device.number).where(Device.state == RESERVE)))


def branch_reserves(installation: Installation, code: str, actor_id: int) -> tuple[Office, list[Reserve]]:
    """Give the reserve numbers of a branch for its sheet; missing ones are made.

    raises  NotFoundError
    """
    with installation.database.reading() as session:
        office = _office(session, code)
        found = reserves_of(session, office.id)
    if len(found) < RESERVES:
        with installation.unit_of_work("device.reserve", actor_id) as session:
            add_reserves(session, installation.facts.institution_id, office.id)
            found = reserves_of(session, office.id)
    return office, found


def succeed(installation: Installation, session: Session, device: Device) -> None:
    """Retire the device that a newly confirmed one follows, where it was left; make new reserve numbers."""
    first = session.scalars(
        select(StoredChangeset).where(
            StoredChangeset.device == device.number, StoredChangeset.chain == 0, StoredChangeset.seq == 1
        )
    ).first()
    said = succession_of(Changeset.from_bytes(first.body)) if first is not None else None
    old = device.succeeds or (said.old_device if said else None)
    if said is not None and device.succeeds is None:
        update(session, device, succeeds=old)
    row = session.scalars(select(Device).where(Device.number == old)).first() if old else None
    if row is None or row.office_id != device.office_id:
        return
    retire(session, row, said.place if said else None)
    add_reserves(session, installation.facts.institution_id, device.office_id)


def retire(session: Session, old: Device, known: Place | None = None) -> None:
    """End a device's chain at what is in the books, or at ``known`` where that lies beyond it.

    A bound that stands already is left as it is.
    """
    if old.state in {RETIRED, REVOKED}:
        return
    head = chains.watermark(session, old.number, 0, HEAD)
    bound = max((place for place in (head, known) if place is not None), default=Place(0, b""))
    update(session, old, state=RETIRED, bound_seq=bound.seq, bound_hash=bound.hash or None)


@dataclass(frozen=True, slots=True)
class Reseeding:
    """A kit for a replacement laptop. ``last_seq``: of the old device, the last that it holds."""

    kit: Kit
    device: int
    old_device: int
    last_seq: int


@dataclass(frozen=True, slots=True)
class NewNumber:
    """The number of a replacement laptop. ``head``: of the old device, the last that is in the books."""

    office: Office
    row: EnrolmentKit
    old_device: int
    head: Place


def reseed(installation: Installation, code: str, actor_id: int) -> Reseeding:
    """Make the kit of a replacement laptop: the branch's books as accepted here, and a new device number.

    The device that was lost is retired at the head that the kit holds.

    raises  NotFoundError; TrustError NOT_CLAIMED while no bundle of the branch has come
    """
    with installation.unit_of_work("device.reseed", actor_id) as session:
        begun = begin_reseeding(installation, session, code)
    return kit_with_books(installation, begun)


def begin_reseeding(installation: Installation, session: Session, code: str) -> NewNumber:
    """Give a replacement laptop its number and retire the lost one, inside a unit of work of chain 0.

    raises  NotFoundError; TrustError NOT_CLAIMED while no bundle of the branch has come
    """
    office = _office(session, code)
    old = books_go_on_from(session, office.id)
    head = chains.watermark(session, old.number, 0, HEAD)
    if head is None:
        raise TrustError(
            "NOT_CLAIMED",
            f"No bundle of {office.code} has arrived yet, so there are no books to send back.",
            next_step="Enrol the branch again; its kit is enough.",
        )
    kit_row = _kit_row(session, installation, office, old)
    retire(session, old)
    return NewNumber(office, kit_row, old.number, head)


def kit_with_books(installation: Installation, begun: NewNumber) -> Reseeding:
    """Give the kit of a number that ``begin_reseeding`` gave, with the branch's books as accepted here."""
    books = Books(begun.old_device, begun.head.seq, begun.head.hash, ())
    with installation.database.reading() as session:
        kit = _kit(installation, session, begun.office, begun.row, books)
    return Reseeding(kit, begun.row.device, begun.old_device, begun.head.seq)


def books_go_on_from(session: Session, office_id: int) -> Device:
    """Give the device whose books go on: the active one, else the newest with a chain.

    raises  NotFoundError where the office has none
    """
    devices = session.scalars(
        select(Device)
        .where(Device.office_id == office_id, Device.state != RESERVE)
        .order_by((Device.state == ACTIVE).desc(), Device.number.desc())
    ).all()
    with_chain = [one for one in devices if chains.watermark(session, one.number, 0, HEAD) is not None]
    found = [*with_chain, *devices]
    if not found:
        raise NotFoundError(kind="device", key=office_id)
    return found[0]


def _kit_row(session: Session, installation: Installation, office: Office, old: Device) -> EnrolmentKit:
    free = session.scalars(
        select(Device)
        .outerjoin(EnrolmentKit, EnrolmentKit.device == Device.number)
        .where(Device.office_id == office.id, Device.state == RESERVE, EnrolmentKit.state == _WRITTEN)
        .order_by(Device.number)
    ).first()
    if free is None:
        number = session.execute(select(func.max(Device.number))).scalar_one() + 1
        free = Device(number=number, office_id=office.id, state=RESERVE)
        insert(session, free)
    else:  # its code in the safe is worth nothing from now on
        session.delete(session.scalars(select(EnrolmentKit).where(EnrolmentKit.device == free.number)).one())
        session.flush()
    kit_row = EnrolmentKit(
        kit_id=os.urandom(16),
        device=free.number,
        office_id=office.id,
        secret=os.urandom(SECRET_BYTES),
        expires_on=installation.clock().date() + timedelta(days=KIT_DAYS),
        state=_WRITTEN,
        purpose="reseed",
    )
    update(session, free, state=UNCONFIRMED, kit_id=kit_row.kit_id, succeeds=old.number)
    session.add(kit_row)
    session.flush()
    return kit_row


def _kit(
    installation: Installation, session: Session, office: Office, row: EnrolmentKit, books: Books
) -> Kit:
    own = installation.facts.device
    runs = tuple(_runs(session, office))
    return Kit(
        institution_id=installation.facts.institution_id,
        kit_id=row.kit_id,
        expires_on=row.expires_on,
        office_code=office.code,
        device=row.device,
        reserves=tuple(reserves_of(session, office.id)),
        root=installation.home.root_keys.read_bytes(),
        hq_device=own,
        hq_signing_key=installation.signer.key.public,
        hq_recipient=installation.recipient,
        recovery_recipient=session.get_one(Setting, "recovery_recipient").value,
        secret=row.secret,
        reference=reference_of(session),
        books=Books(books.old_device, books.seq, books.hash, runs),
    )


def _runs(session: Session, office: Office) -> Iterator[Run]:
    """Everything that the branch's books follow from, in the one order: causes before what builds on them."""
    devices = session.scalars(select(Device.number).where(Device.office_id == office.id)).all()
    rows = session.execute(
        select(StoredChangeset.device, StoredChangeset.chain, StoredChangeset.body, StoredChangeset.signature)
        .where(
            StoredChangeset.state == "accepted",
            (StoredChangeset.device.in_(devices) & (StoredChangeset.chain == 0))
            | (
                StoredChangeset.device.in_(chains.hq_devices(session))
                & (StoredChangeset.chain == office.number)
            ),
        )
        .order_by(
            StoredChangeset.key_time, StoredChangeset.device, StoredChangeset.seq, StoredChangeset.hash
        ),
        execution_options={"yield_per": 2_000},
    )
    for (device, chain), group in groupby(rows, key=lambda row: (row.device, row.chain)):
        signed: list[Signed] = [(row.body, row.signature) for row in group]
        for part in cut_runs(signed):
            yield Run(device, chain, compress(pack(part).block))


def reference_of(session: Session) -> tuple[tuple[int, bytes, bytes], ...]:
    """Give chain 0 of every incarnation of headquarters, in order, as a kit carries it."""
    return tuple(
        (REFERENCE_CHAIN, stored.body, stored.signature)
        for device in chains.hq_devices(session)
        for stored in chains.stored(session, device, REFERENCE_CHAIN)
    )


def _office(session: Session, code: str) -> Office:
    office = session.scalars(select(Office).where(Office.code == code.upper())).first()
    if office is None:
        raise NotFoundError(kind="branch", key=code)
    return office


def seal_reseeding(reseeding: Reseeding, code: str) -> bytes:
    """Give the file of the kit; its code was made by chance: TrustError WEAK_CODE for a shorter one."""
    require_strong(code)
    if reseeding.kit.books is None:
        raise refused("NON_CANONICAL", "A kit for a replacement laptop holds the branch's books.")
    return reseeding.kit.to_file(code)
