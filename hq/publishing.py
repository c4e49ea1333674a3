"""Who has which version: what headquarters published, and how far each branch has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.earlier_versions import KINDS
from banking.publishing import Change, Subject, Written, changes_of, list_publications
from ledger.errors import NotFoundError
from schema.base import from_milliseconds, recorded_models
from schema.publishing import Publication
from schema.reference import Device, Office
from schema.replication import BundleRecord, StoredChangeset
from sync import chain as chains
from sync.changeset import INSERT, Changeset, Op, hlc_ms
from sync.roster import ACTIVE, HQ_SCOPE, SUSPENDED, UNCONFIRMED
from sync.runs import acked_by

_MARK: Final = b"\x6bpublication"
"""The table's name as it stands in a changeset that writes to it."""
_GOES_ON: Final = (ACTIVE, UNCONFIRMED, SUSPENDED)
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Published:
    """One publication, and the changeset that carries it: ``device``, ``seq`` of chain 0, ``at``."""

    row: Publication
    device: int
    seq: int
    at: datetime
    ops: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class BranchHas:
    """What one branch has of what was published, by what its newest laptop confirmed.

    number       of the newest publication that it has; 0: none that is listed
    behind       how many newer ones there are
    on_the_way   labels of the return bundles, written and not yet confirmed, that carry newer ones
    not_written  how many of them stand in no return bundle yet
    """

    office: Office
    device: int
    number: int
    behind: int
    on_the_way: tuple[str, ...]
    not_written: int


@dataclass(frozen=True, slots=True)
class Version:
    """One row of a subject: how it is called, its version, whether it is in force.

    kind   where an earlier version of it can be published again; else empty
    """

    table: str
    code: str
    name: str
    number: int | None
    since: date | None
    in_force: bool
    kind: str


def published(session: Session, *, limit: int = SHOWN) -> list[Published]:
    """List what was published, the newest first, each with the changeset that carries it."""
    rows = {row.number: row for row in list_publications(session, limit=limit)}
    if not rows:
        return []
    hq = select(Device.number).where(Device.scope == HQ_SCOPE)
    kinds = {row.act for row in rows.values()}
    wanted = (
        select(StoredChangeset.device, StoredChangeset.seq, StoredChangeset.hlc, StoredChangeset.body)
        .where(
            StoredChangeset.device.in_(hq),
            StoredChangeset.chain == chains.REFERENCE_CHAIN,
            StoredChangeset.kind.in_(sorted(kinds)),
            StoredChangeset.state == "accepted",
        )
        .order_by(StoredChangeset.hlc.desc())
    )
    found: dict[int, Published] = {}
    for device, seq, hlc, body in session.execute(wanted):
        if len(found) == len(rows):
            break
        if _MARK not in body:
            continue
        ops = tuple(Changeset.from_bytes(body).ops)
        for number in _numbers(ops):
            if number in rows:
                found.setdefault(
                    number, Published(rows[number], device, seq, from_milliseconds(hlc_ms(hlc)), ops)
                )
    return [found[number] for number in sorted(found, reverse=True)]


def find_published(session: Session, number: int) -> Published:
    """Give one publication.

    raises   NotFoundError
    """
    for one in published(session, limit=10**6):
        if one.row.number == number:
            return one
    raise NotFoundError(kind="publication", key=number)


def changed_by(session: Session, one: Published, digits: int) -> list[Change]:
    """Tell what a publication changed, field by field."""
    written: list[Written] = [
        (op.table, op.sign, op.id, op.new or {}, op.old or {})
        for op in one.ops
        if op.table != Publication.__tablename__
    ]
    return changes_of(session, written, digits)


def who_has(session: Session, listed: Iterable[Published]) -> list[BranchHas]:
    """Tell for each branch what it has of some publications, by its code.

    A branch has what its laptop confirmed in a bundle that came here: a return bundle that was written says
    only that something is on its way.
    """
    newest_first = list(listed)
    newest: dict[int, tuple[Office, int]] = {}
    laptops = (
        select(Office, Device.number)
        .join(Device, Device.office_id == Office.id)
        .where(Device.scope != HQ_SCOPE, Device.state.in_(_GOES_ON))
        .order_by(Office.code, Device.number)
    )
    for office, device in session.execute(laptops):
        newest[office.id] = (office, device)
    return [_branch(session, office, device, newest_first) for office, device in newest.values()]


def _branch(session: Session, office: Office, device: int, listed: list[Published]) -> BranchHas:
    marks = {
        hq: place.seq if place else 0
        for hq in {one.device for one in listed}
        for place in (chains.watermark(session, hq, chains.REFERENCE_CHAIN, acked_by(device)),)
    }
    missing = [one for one in listed if one.seq > marks[one.device]]
    has = next((one.row.number for one in listed if one.seq <= marks[one.device]), 0)
    bundles = session.scalars(
        select(BundleRecord)
        .where(BundleRecord.direction == "out", BundleRecord.office_id == office.id)
        .order_by(BundleRecord.at)
    ).all()
    labels: dict[str, None] = {}
    unwritten = 0
    for one in missing:
        carrying = next((bundle for bundle in bundles if bundle.at >= one.at), None)
        if carrying is None:
            unwritten += 1
        else:
            labels[carrying.bundle_id.hex()[:8].upper()] = None
    return BranchHas(office, device, has, len(missing), tuple(labels), unwritten)


def versions_of(session: Session, subject: Subject) -> list[Version]:
    """List the rows of a subject by code, the newest version of each first."""
    found: list[Version] = []
    for table in subject.tables:
        model = recorded_models()[table]
        rows = list(session.scalars(select(model)))
        rows.sort(key=lambda row: (_called(row), -(getattr(row, "version", 0) or 0), -row.id))
        seen: set[str] = set()
        for row in rows:
            called = _called(row)
            newest = called not in seen or not hasattr(row, "version")
            seen.add(called)
            found.append(
                Version(
                    table=table.replace("_", " "),
                    code=called,
                    name=str(getattr(row, "label", "") or (getattr(row, "name", "") or "")),
                    number=getattr(row, "version", None),
                    since=getattr(row, "starts_on", None) or getattr(row, "on", None),
                    in_force=bool(getattr(row, "active", newest)),
                    kind=table if table in KINDS else "",
                )
            )
    return found


def _called(row: object) -> str:
    if hasattr(row, "permission"):
        return f"{row.permission} {getattr(row, 'role', '')}"
    return str(getattr(row, "code", None) or getattr(row, "name", ""))


def _numbers(ops: Iterable[Op]) -> list[int]:
    return [
        int(str(op.new["number"]))
        for op in ops
        if op.table == Publication.__tablename__ and op.sign == INSERT and op.new is not None
    ]


def earlier_version(session: Session, found: Published) -> tuple[str, str, int] | None:
    """Give kind, code and version of what a publication took the place of, where it can come back."""
    for op in found.ops:
        if op.table not in KINDS or op.sign != INSERT or op.new is None:
            continue
        model, code, version = KINDS[op.table], str(op.new["code"]), int(str(op.new["version"])) - 1
        wanted = select(model.id).where(model.code == code, model.version == version)
        return (op.table, code, version) if session.execute(wanted).first() else None
    return None
