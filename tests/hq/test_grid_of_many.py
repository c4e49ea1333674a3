"""The grid of a large institution: three hundred branches cost no more statements than three."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import Session

from hq.grid import GridRow, grid
from hq.status import hq_status
from schema.reading import fetch
from schema.reference import Device, Office
from schema.replication import BundleRecord, StoredChangeset
from sync.inbox import import_paths
from sync.installation import Installation
from tests.support.headquarters import FIRST, LATER

MANY, MANY_WEEKS = 300, 12


def _like(
    session: Session, model: type[Any], where: ColumnElement[bool], rows: list[dict[str, object]]
) -> None:
    """Write many rows that are as one that is there but for some columns."""
    [first] = session.execute(select(model.__table__).where(where).limit(1)).mappings()
    session.connection().execute(insert(model.__table__), [{**first, **row} for row in rows])


def _many_branches(session: Session, now: datetime) -> None:
    """Branches beside ELW that sent a bundle in each week; each third one misses an entry, as ELW does."""
    [(elw, device)] = fetch(
        session,
        "SELECT o.id, min(d.number) FROM office o JOIN device d ON d.office_id = o.id"
        " WHERE o.code = 'ELW' GROUP BY o.id",
    )
    numbers = range(1_000, 1_000 + MANY)
    ids = {number: elw + 100_000 * number for number in numbers}
    offices = [{"id": ids[n], "number": n, "code": f"B{n}", "name": f"Branch {n}"} for n in numbers]
    _like(session, Office, Office.id == elw, offices)
    devices = [{"id": ids[n] + 1, "number": n, "office_id": ids[n]} for n in numbers]
    _like(session, Device, Device.number == device, devices)
    bundles = [
        {
            "id": number * 100 + week,
            "bundle_id": (number * 100 + week).to_bytes(16, "big"),
            "device": number,
            "office_id": ids[number],
            "number": week + 1,
            "at": now - timedelta(weeks=MANY_WEEKS - 1 - week),
        }
        for number in numbers
        for week in range(MANY_WEEKS)
    ]
    _like(session, BundleRecord, BundleRecord.device == device, bundles)
    stored = StoredChangeset
    waits = (stored.device == device) & (stored.state == "held")
    _like(session, stored, waits, [{"device": number} for number in numbers if number % 3 == 0])


def _asked(session: Session, hq: Installation) -> tuple[list[GridRow], int]:
    """Give the grid, and how many statements it took, whichever door to the database they went through."""
    statements: list[str] = []
    driver = session.connection().connection.driver_connection
    assert driver is not None
    driver.set_trace_callback(statements.append)
    rows = grid(session, hq_status(hq, session), hq.clock().date(), 13)
    driver.set_trace_callback(None)
    return rows, len(statements)


def test_the_grid_asks_as_often_for_many_branches_as_for_few(hq: Installation, sticks: Path) -> None:
    """Three hundred branches and twelve weeks of bundles take the statements of three, and few of them."""
    import_paths(hq, [sticks / FIRST, sticks / LATER])
    with hq.database.reading() as session:
        few, asked = _asked(session, hq)
    assert (len(few), 0 < asked <= 20) == (3, True)
    with hq.exclusive() as session:
        _many_branches(session, hq.clock())
    with hq.database.reading() as session:
        many, asked_then = _asked(session, hq)
    assert (len(many), asked_then) == (3 + MANY, asked)
    generated = {row.status.branch: row for row in many if row.office_id > few[0].office_id + 10_000}
    assert len(generated) == MANY
    assert sum(row.is_behind for row in generated.values()) == MANY // 3
    assert all(sum(bool(cell.came) for cell in row.cells) == MANY_WEEKS for row in generated.values())
