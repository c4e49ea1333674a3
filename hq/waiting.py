"""Everything that a person at headquarters should look at, in one list."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.reference import Device, Office
from schema.replication import Case, ControlTotal, ExceptionItem, Quarantined, StoredChangeset
from sync.reasons import REASONS, Reason


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """One thing that waits.

    family     exception, quarantine, totals or case
    key        names it in commands (``satchel hq exceptions``)
    place      device, chain, sequence and hash (hex) of the changeset, where there is one
    """

    family: str
    key: str
    code: str
    reason: Reason | None
    branch: str
    what: str
    place: tuple[int, int, int, str] | None


def waiting_list(session: Session) -> list[WaitingItem]:
    """List what waits, in an order that does not depend on when it came in."""
    offices = select(Device.number, Office.code).join(Office, Office.id == Device.office_id)
    codes = {row.number: row.code for row in session.execute(offices)}
    items = [*_exceptions(session, codes), *_untrusted(session, codes)]
    items += [*_parts(session, codes), *_totals(session, codes)]
    for case in session.scalars(select(Case).where(Case.state == "open").order_by(Case.key)):
        items.append(WaitingItem("case", _short(case.key), case.kind, None, "", case.what, None))
    return items


def _short(key: bytes) -> str:
    return key.hex()[:16]


def _exceptions(session: Session, codes: dict[int, str]) -> list[WaitingItem]:
    rows = session.scalars(
        select(ExceptionItem)
        .where(ExceptionItem.state == "open")
        .order_by(ExceptionItem.device, ExceptionItem.chain, ExceptionItem.seq, ExceptionItem.key)
    )
    return [
        WaitingItem(
            "exception",
            _short(row.key),
            row.code,
            REASONS.get(row.code),
            codes.get(row.device, ""),
            row.what,
            (row.device, row.chain, row.seq, row.hash.hex()),
        )
        for row in rows
    ]


def _untrusted(session: Session, codes: dict[int, str]) -> list[WaitingItem]:
    rows = session.execute(
        select(
            StoredChangeset.device,
            StoredChangeset.chain,
            StoredChangeset.seq,
            StoredChangeset.hash,
            StoredChangeset.code,
            StoredChangeset.kind,
        )
        .where(StoredChangeset.state == "quarantined")
        .order_by(StoredChangeset.device, StoredChangeset.chain, StoredChangeset.seq, StoredChangeset.hash)
    )
    return [
        WaitingItem(
            "quarantine",
            _short(row.hash),
            row.code,
            REASONS.get(row.code),
            codes.get(row.device, ""),
            row.kind,
            (row.device, row.chain, row.seq, row.hash.hex()),
        )
        for row in rows
    ]


def _parts(session: Session, codes: dict[int, str]) -> list[WaitingItem]:
    rows = session.scalars(select(Quarantined).order_by(Quarantined.id))
    return [
        WaitingItem(
            "quarantine",
            str(row.id),
            row.code,
            REASONS.get(row.code),
            codes.get(row.device or 0, ""),
            row.detail,
            None,
        )
        for row in rows
    ]


def _totals(session: Session, codes: dict[int, str]) -> list[WaitingItem]:
    rows = session.scalars(
        select(ControlTotal)
        .where(ControlTotal.agree == 0)
        .order_by(ControlTotal.device, ControlTotal.chain, ControlTotal.seq, ControlTotal.digest)
    )
    return [
        WaitingItem(
            "totals",
            _short(row.digest),
            "TOTALS",
            REASONS.get("TOTALS"),
            codes.get(row.device, ""),
            row.difference,
            (row.device, row.chain, row.seq, row.hash.hex()),
        )
        for row in rows
    ]
