"""What headquarters knows of every branch: how far it came, what is missing, what does not agree."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from hq.decision_rows import FORK, members_of
from hq.stakes import disputed_money
from ledger.money import ZERO, Money
from schema.reference import Device, Office
from schema.replication import (
    BundleRecord,
    Case,
    ControlTotal,
    ExceptionItem,
    Quarantined,
    StoredChangeset,
    Watermark,
)
from sync.chain import HEAD, HQ_DEVICE
from sync.installation import Installation
from sync.roster import ACTIVE, RESERVE, RETIRED, REVOKED, UNCONFIRMED

_CHAIN: Final = 0
"""A branch's device writes one chain only."""


@dataclass(frozen=True, slots=True)
class BranchStatus:
    """One branch, known by the newest device that goes on; what waits and is in doubt is of all of them.

    device          the newest one that is neither retired nor revoked, where there is one
    state           unconfirmed, active, suspended, retired or revoked
    last_seq        of the last entry in the books; 0 before the first bundle. ``last_hash`` is its hash
    last_date       the business day of that entry
    last_bundle_at  when the newest bundle was imported
    days_behind     calendar days from ``last_date`` to today; None before the first bundle
    gaps            first and last sequence of each range that is missing before something that waits
    held            entries that wait for such a range
    quarantined     entries and parts of bundles that cannot be trusted
    exceptions      entries that wait for a person
    certified       confirmed, nothing in doubt, and the control totals agree wherever they were compared
    totals_agree    None while none could be compared
    disputed        money that two histories of one laptop move, of which nobody has decided which stand;
                    it may be nothing although the branch ``is_disputed``
    """

    branch: str
    name: str
    device: int
    state: str
    last_seq: int
    last_hash: str
    last_date: date | None
    last_bundle_at: datetime | None
    days_behind: int | None
    gaps: tuple[tuple[int, int], ...]
    held: int
    quarantined: int
    exceptions: int
    certified: bool
    totals_agree: bool | None
    disputed: Money
    is_disputed: bool


@dataclass(frozen=True, slots=True)
class _Head:
    seq: int
    hash: bytes
    date: date


@dataclass(frozen=True, slots=True)
class _Counts:
    """What the tables say of every device, each asked once for all branches."""

    heads: Mapping[int, _Head]
    held: Mapping[int, Sequence[int]]
    quarantined: Mapping[int, int]
    exceptions: Mapping[int, int]
    doubtful: frozenset[int]
    agree: Mapping[int, bool]
    disputed: Mapping[int, Money]
    bundles: Mapping[int, datetime]


def hq_status(installation: Installation, session: Session) -> list[BranchStatus]:
    """List every branch by its code; the head office is none."""
    today = installation.clock().date()
    counts = _read_counts(session)
    laptops: dict[int, tuple[Office, list[Device]]] = {}
    wanted = (
        select(Office, Device)
        .join(Device, Device.office_id == Office.id)
        .where(Device.number != HQ_DEVICE, or_(Device.state != RESERVE, Device.number.in_(counts.heads)))
        .order_by(Device.number)
    )
    for office, device in session.execute(wanted):
        laptops.setdefault(office.id, (office, []))[1].append(device)
    rows = (_branch(office, devices, counts, today) for office, devices in laptops.values())
    return sorted(rows, key=lambda row: row.branch)


def status_document(row: BranchStatus) -> dict[str, object]:
    """Give one branch as the command line prints it: dates and instants in ISO form."""
    return {
        "branch": row.branch,
        "name": row.name,
        "device": row.device,
        "state": row.state,
        "last_seq": row.last_seq,
        "last_hash": row.last_hash,
        "last_date": row.last_date.isoformat() if row.last_date else None,
        "last_bundle_at": row.last_bundle_at.isoformat().replace("+00:00", "Z")
        if row.last_bundle_at
        else None,
        "days_behind": row.days_behind,
        "gaps": [list(gap) for gap in row.gaps],
        "held": row.held,
        "quarantined": row.quarantined,
        "exceptions": row.exceptions,
        "certified": row.certified,
        "totals_agree": row.totals_agree,
        "disputed": row.disputed.minor,
    }


def _branch(office: Office, devices: Sequence[Device], counts: _Counts, today: date) -> BranchStatus:
    device = next((one for one in reversed(devices) if one.state not in (RETIRED, REVOKED)), devices[-1])
    numbers = [one.number for one in devices]
    head = counts.heads.get(device.number)
    agree = _all_agree(counts.agree.get(number) for number in numbers)
    return BranchStatus(
        branch=office.code,
        name=office.name,
        device=device.number,
        state=UNCONFIRMED if device.state == RESERVE else device.state,
        last_seq=head.seq if head else 0,
        last_hash=head.hash.hex() if head else "",
        last_date=head.date if head else None,
        last_bundle_at=counts.bundles.get(office.id),
        days_behind=max(0, (today - head.date).days) if head else None,
        gaps=tuple(gap for number in numbers for gap in _gaps(number, counts)),
        held=sum(len(counts.held.get(number, ())) for number in numbers),
        quarantined=sum(counts.quarantined.get(number, 0) for number in numbers),
        exceptions=sum(counts.exceptions.get(number, 0) for number in numbers),
        certified=bool(head)
        and device.state == ACTIVE
        and all(one.state in (ACTIVE, RETIRED) for one in devices if one.number in counts.heads)
        and counts.doubtful.isdisjoint(numbers)
        and agree is not False,
        totals_agree=agree,
        disputed=sum((counts.disputed.get(number, ZERO) for number in numbers), ZERO),
        is_disputed=not counts.disputed.keys().isdisjoint(numbers),
    )


def _all_agree(said: Iterable[bool | None]) -> bool | None:
    compared = [agree for agree in said if agree is not None]
    return all(compared) if compared else None


def _gaps(device: int, counts: _Counts) -> tuple[tuple[int, int], ...]:
    head = counts.heads.get(device)
    return gaps_before(head.seq if head else 0, counts.held.get(device, ()))


def gaps_before(last: int, held: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Name the missing ranges between ``last``, the end of the books, and the sequences that wait."""
    gaps = []
    for seq in sorted(set(held)):
        if seq > last + 1:
            gaps.append((last + 1, seq - 1))
        last = max(last, seq)
    return tuple(gaps)


def _read_counts(session: Session) -> _Counts:
    held: dict[int, list[int]] = defaultdict(list)
    waiting = select(StoredChangeset.device, StoredChangeset.seq).where(
        StoredChangeset.state == "held", StoredChangeset.chain == _CHAIN
    )
    for device, seq in session.execute(waiting):
        held[device].append(seq)
    return _Counts(
        heads=_heads(session),
        held=held,
        quarantined=_quarantined(session),
        exceptions=_by_device(session, ExceptionItem, ExceptionItem.state == "open"),
        doubtful=_doubtful(session),
        agree=_agreement(session),
        disputed={device: disputed_money(session, [device]) for device in _forked(session)},
        bundles=_newest_bundles(session),
    )


def _heads(session: Session) -> dict[int, _Head]:
    rows = session.execute(
        select(Watermark.device, Watermark.seq, Watermark.hash, StoredChangeset.business_date)
        .join(
            StoredChangeset,
            and_(
                StoredChangeset.device == Watermark.device,
                StoredChangeset.chain == Watermark.chain,
                StoredChangeset.seq == Watermark.seq,
                StoredChangeset.hash == Watermark.hash,
            ),
        )
        .where(Watermark.stage == HEAD, Watermark.chain == _CHAIN)
    )
    return {device: _Head(seq, sha256, day) for device, seq, sha256, day in rows}


def _quarantined(session: Session) -> dict[int, int]:
    entries = _by_device(session, StoredChangeset, StoredChangeset.state == "quarantined")
    for device, parts in _by_device(session, Quarantined, Quarantined.device.is_not(None)).items():
        entries[device] = entries.get(device, 0) + parts
    return entries


def _by_device(
    session: Session,
    table: type[StoredChangeset] | type[ExceptionItem] | type[Quarantined],
    wanted: ColumnElement[bool],
) -> dict[int, int]:
    rows = session.execute(select(table.device, func.count()).where(wanted).group_by(table.device))
    return {device: count for device, count in rows if device is not None}


def _doubtful(session: Session) -> frozenset[int]:
    """Devices with an entry that is not trusted, or that is accepted and not effective.

    Each of the latter has an exception, decided or not; asking these is short, asking every changeset is not.
    What was accepted against a rule is effective.
    """
    untrusted = select(StoredChangeset.device).where(
        or_(
            StoredChangeset.state == "quarantined",
            and_(StoredChangeset.state == "held", StoredChangeset.code == "FORK"),
        )
    )
    without_effect = select(ExceptionItem.device).where(ExceptionItem.outcome != "accept")
    return frozenset(session.scalars(untrusted.union(without_effect)))


def _forked(session: Session) -> frozenset[int]:
    """Devices of which two histories wait for a decision."""
    packed = session.scalars(select(Case.members).where(Case.kind == FORK, Case.state == "open"))
    return frozenset(member.device for members in packed for member in members_of(members))


def _agreement(session: Session) -> dict[int, bool]:
    rows = session.execute(
        select(ControlTotal.device, func.min(ControlTotal.agree))
        .where(ControlTotal.agree.is_not(None))
        .group_by(ControlTotal.device)
    )
    return {device: bool(agree) for device, agree in rows}


def _newest_bundles(session: Session) -> dict[int, datetime]:
    rows = session.execute(
        select(BundleRecord.office_id, func.max(BundleRecord.at))
        .where(
            BundleRecord.direction == "in",
            BundleRecord.office_id.is_not(None),
            BundleRecord.verdict != "REJECT",
        )
        .group_by(BundleRecord.office_id)
    )
    return {office: at for office, at in rows if office is not None}
