"""Branches by weeks: what came in, what waits, what was refused, which number is missing, who is late.

The week of a bundle is the one in which it came in (UTC). A number is missing where entries are missing
before something that waits: it lies between the labels of the bundles on both sides, and stands in the week
from which on it was known. Bundles are cumulative: a number that was skipped and of which nothing is missing
is not asked for.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.branches import BundleLine, bundle_line, name_of, verdict_now, waiting_bundles
from hq.gaps import Gap, list_gaps
from hq.status import BranchStatus
from ledger.errors import NotFoundError
from schema.reference import Device, Office
from schema.replication import BundleRecord
from sync.chain import HQ_DEVICE
from sync.labels import label_number

WEEKS: Final = 8
MOST_WEEKS: Final = 13
LATE_DAYS: Final = 7
"""A branch that is further behind is late."""
PAGE_ROWS: Final = 50
"""Branches on one page."""
_NUMBERS: Final = 20
"""Missing numbers that are named one by one; of more, the first and the last ones."""
_CAME: Final = frozenset({"ADMIT", "HOLD", "NOOP"})


@dataclass(frozen=True, slots=True)
class Missing:
    """A range of entries that is not here, and the labels of the bundles that had it.

    labels   such as KIT-0003; empty where the bundles around it say no number
    since    when the first bundle behind it came; None where none of them is known
    """

    office_id: int
    device: int
    first: int
    last: int
    labels: tuple[str, ...]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One branch in one week: labels (or names) of bundles.

    late  nothing came, and the branch's newest business day is more than ``LATE_DAYS`` ago
    """

    monday: date
    came: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    late: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to open."""
        return not (self.came or self.waits or self.refused or self.missing)


@dataclass(frozen=True, slots=True)
class GridRow:
    """A branch in the grid. ``region`` is the code of the office above it, where it has one."""

    status: BranchStatus
    office_id: int
    region: str
    cells: tuple[Cell, ...]
    missing: tuple[Missing, ...]

    @property
    def is_late(self) -> bool:
        """Whether it is further behind than is usual."""
        return is_late(self.status)

    @property
    def is_behind(self) -> bool:
        """Whether something of it is missing, or it is late."""
        return bool(self.status.gaps or self.missing) or self.is_late


@dataclass(frozen=True, slots=True)
class GridPage:
    """Some rows of the grid.

    behind   how many branches of all are behind
    regions  codes of the offices that have branches below them, where there is more than one
    page, pages   which page this is, from 1, and how many there are
    """

    rows: tuple[GridRow, ...]
    of_all: int
    behind: int
    regions: tuple[str, ...]
    page: int
    pages: int


def page_of(
    rows: Sequence[GridRow], *, region: str = "", only_behind: bool = False, page: int = 1
) -> GridPage:
    """Give one page of the rows that are wanted; a page that there is not is the nearest one."""
    wanted = [
        row for row in rows if (not region or row.region == region) and (row.is_behind or not only_behind)
    ]
    regions = tuple(sorted({row.region for row in rows if row.region}))
    pages = max(1, -(-len(wanted) // PAGE_ROWS))
    page = min(max(page, 1), pages)
    return GridPage(
        tuple(wanted[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]),
        len(rows),
        sum(row.is_behind for row in rows),
        regions if len(regions) > 1 else (),
        page,
        pages,
    )


def is_late(status: BranchStatus) -> bool:
    """Whether a branch's newest business day here is more than ``LATE_DAYS`` ago."""
    return status.days_behind is not None and status.days_behind > LATE_DAYS


def weeks_until(today: date, count: int = WEEKS) -> list[date]:
    """Give the Mondays of the last weeks, oldest first."""
    monday = _monday(today)
    return [monday - timedelta(weeks=back) for back in reversed(range(count))]


def grid(
    session: Session, branches: Sequence[BranchStatus], today: date, weeks: int = WEEKS
) -> list[GridRow]:
    """Give the grid; what is behind stands first, then what is furthest behind.

    branches  what is known of each (``hq.status.hq_status``)
    """
    mondays = weeks_until(today, weeks)
    offices = {office.code: office for office in session.scalars(select(Office))}
    codes = {office.id: office.code for office in offices.values()}
    came = _came(session, mondays[0])
    missing = defaultdict[int, list[Missing]](list)
    for one in list_missing(session):
        missing[one.office_id].append(one)
    rows = []
    for status in branches:
        office = offices[status.branch]
        cells = _cells(mondays, status, came.get(office.id, ()), missing[office.id])
        region = codes.get(office.parent_id or 0, "")
        rows.append(GridRow(status, office.id, region, cells, tuple(missing[office.id])))
    return sorted(rows, key=_order)


def list_missing(session: Session, office_id: int | None = None) -> list[Missing]:
    """List the ranges of entries that are missing, of all branches or of one, with their labels."""
    offices: dict[int, tuple[int, str]] = {
        number: (identity, code)
        for number, identity, code in session.execute(
            select(Device.number, Office.id, Office.code).join(Office, Office.id == Device.office_id)
        )
    }
    gaps = [
        gap
        for gap in list_gaps(session)
        if gap.device in offices and (office_id is None or offices[gap.device][0] == office_id)
    ]
    records = _records_of(session, {gap.device for gap in gaps})
    return [_missing(gap, *offices[gap.device], records.get(gap.device, [])) for gap in gaps]


def week_from(day: str) -> date:
    """Read the day that a week begins with from an address; NotFoundError where it is none with an end."""
    try:
        begins = date.fromisoformat(day)
    except ValueError as fault:
        raise NotFoundError(kind="week", key=day) from fault
    if begins > date.max - timedelta(weeks=1):
        raise NotFoundError(kind="week", key=day)
    return begins


def bundles_of_week(session: Session, office_id: int, monday: date) -> list[BundleLine]:
    """List what came from a branch in a week, newest first."""
    since = datetime.combine(monday, time.min, UTC)
    rows = session.execute(
        select(BundleRecord, Office.code)
        .join(Office, Office.id == BundleRecord.office_id)
        .where(
            BundleRecord.direction == "in",
            BundleRecord.office_id == office_id,
            BundleRecord.at >= since,
            BundleRecord.at < since + timedelta(weeks=1),
        )
        .order_by(BundleRecord.id.desc())
    )
    waiting = waiting_bundles(session)
    return [bundle_line(row, code, waiting) for row, code in rows]


def label_of_record(code: str, record: BundleRecord) -> str:
    """Give what a bundle is called: its label, or its eight digits where it says no number."""
    return label_number(code, record.number) if record.number else name_of(record.bundle_id)


def _order(row: GridRow) -> tuple[bool, bool, int, str]:
    days = row.status.days_behind
    return (not row.is_behind, not row.status.gaps, -(days or 0), row.status.branch)


def _came(session: Session, since: date) -> Mapping[int, list[tuple[str, str, BundleRecord]]]:
    """Give by office what came: the branch's code, what stands of the bundle, and its record."""
    found: dict[int, list[tuple[str, str, BundleRecord]]] = defaultdict(list)
    waiting = waiting_bundles(session)
    rows = session.execute(
        select(BundleRecord, Office.code)
        .join(Office, Office.id == BundleRecord.office_id)
        .join(Device, Device.number == BundleRecord.device)
        .where(
            BundleRecord.direction == "in",
            BundleRecord.at >= datetime.combine(since, time.min, UTC),
            Device.number != HQ_DEVICE,
        )
        .order_by(BundleRecord.id)
    )
    for record, code in rows:
        found[record.office_id or 0].append((code, verdict_now(record, waiting), record))
    return found


def _cells(
    mondays: Sequence[date],
    status: BranchStatus,
    came: Iterable[tuple[str, str, BundleRecord]],
    missing: Iterable[Missing],
) -> tuple[Cell, ...]:
    cells = {monday: Cell(monday) for monday in mondays}
    for code, verdict, record in came:
        cell = cells.get(_monday(record.at.date()))
        if cell is None:
            continue
        cells[cell.monday] = _with(cell, label_of_record(code, record), verdict)
    for one in missing:
        monday = max(_monday(one.since.date()) if one.since else mondays[-1], mondays[0])
        cell = cells[monday]
        named = one.labels or (f"{one.first}\N{EN DASH}{one.last}",)
        cells[monday] = replace(cell, missing=(*cell.missing, *named))
    if is_late(status) and status.last_date is not None:
        since = _monday(status.last_date)
        for monday, cell in cells.items():
            if cell.is_empty and monday > since:
                cells[monday] = replace(cell, late=True)
    return tuple(cells.values())


def _with(cell: Cell, label: str, verdict: str) -> Cell:
    """Add a bundle to its cell; the same one twice stands there once."""
    if label in (*cell.came, *cell.waits, *cell.refused):
        return cell
    if verdict == "HOLD":
        return replace(cell, waits=(*cell.waits, label))
    if verdict in _CAME:
        return replace(cell, came=(*cell.came, label))
    return replace(cell, refused=(*cell.refused, label))


def _records_of(session: Session, devices: set[int]) -> dict[int, list[BundleRecord]]:
    found: dict[int, list[BundleRecord]] = defaultdict(list)
    wanted = select(BundleRecord).where(
        BundleRecord.direction == "in",
        BundleRecord.device.in_(devices),
        BundleRecord.verdict.in_(_CAME),
    )
    for record in session.scalars(wanted.order_by(BundleRecord.id)) if devices else ():
        found[record.device or 0].append(record)
    return found


def _missing(gap: Gap, office_id: int, code: str, records: Sequence[BundleRecord]) -> Missing:
    behind = [row for row in records if row.first_seq is not None and row.first_seq > gap.last]
    after = [row.number for row in behind if row.number]
    before = [
        row.number for row in records if row.number and row.last_seq is not None and row.last_seq < gap.first
    ]
    numbers: list[int] = []
    if after:
        seen = {row.number for row in records}
        numbers = [n for n in range(max(before, default=0) + 1, min(after)) if n not in seen]
    if len(numbers) > _NUMBERS:
        numbers = [*numbers[: _NUMBERS - 1], numbers[-1]]
    labels = tuple(label_number(code, number) for number in numbers)
    since = min((row.at for row in behind), default=None)
    return Missing(office_id, gap.device, gap.first, gap.last, labels, since)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
