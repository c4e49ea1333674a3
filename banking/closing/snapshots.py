"""Reports as they stood when a month was closed: kept, and compared with what has come since."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from banking.reports import REPORTS, to_json
from ledger.errors import NotFoundError
from ledger.money import format_major, parse_major
from schema.accounting import ReportSnapshot
from schema.base import to_milliseconds
from schema.database import upsert
from schema.reading import fetch
from schema.writing import act

ALL_OFFICES = 0
AT_EVERY_CLOSE: Final = (
    "active-loans",
    "balance-sheet",
    "income-statement",
    "portfolio-at-risk",
    "provisions",
    "ratios",
    "savings-balances",
    "trial-balance",
    "written-off",
)
"""The figures of a closed month. Headquarters keeps the other reports too, for all offices together."""


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One figure that is another one today; ``key`` names its row (empty: a figure of the whole report).

    ``difference`` is today less stored where both are amounts or numbers, else empty.
    """

    table: str
    key: str
    field: str
    stored: str
    today: str
    difference: str


@dataclass(frozen=True, slots=True)
class SnapshotDifference:
    """A closed report beside the same question asked today."""

    name: str
    as_of: date
    stored: Mapping[str, Any]
    today: Mapping[str, Any]
    differences: tuple[FieldDifference, ...]


def take_snapshots(
    session: Session, as_of: date, office_id: int | None, names: Iterable[str] = AT_EVERY_CLOSE
) -> int:
    """Keep those of some reports that need no more than a day and an office; gives how many.

    A month that is opened and closed again replaces what was kept.
    """
    current = act(session)
    rows: list[dict[str, object]] = []
    for name in sorted(set(names) & set(REPORTS)):
        definition = REPORTS[name]
        if definition.needs or not definition.kept:
            continue
        document = to_json(definition(session, as_of=as_of, office_id=office_id), current.digits)
        content = json.dumps(document, ensure_ascii=False)
        rows.append(
            {
                "name": name,
                "office_id": office_id or ALL_OFFICES,
                "as_of": as_of.isoformat(),
                "taken_at": to_milliseconds(current.recorded_at),
                "content": content,
                "digest": hashlib.sha256(content.encode()).digest(),
            }
        )
    upsert(session, cast("Table", ReportSnapshot.__table__), rows)
    return len(rows)


def find_snapshot(
    session: Session, name: str, as_of: date, office_id: int | None
) -> Mapping[str, Any] | None:
    """Give a report as it stood when its month was closed, or None where none was kept."""
    rows = fetch(
        session,
        "SELECT content, digest FROM report_snapshot WHERE name = ? AND office_id = ? AND as_of = ?",
        name,
        office_id or ALL_OFFICES,
        as_of.isoformat(),
    )
    if not rows:
        return None
    content, digest = rows[0]
    assert hashlib.sha256(content.encode()).digest() == bytes(digest), "a kept report is never changed"
    return cast("Mapping[str, Any]", json.loads(content))


def snapshot_difference(
    session: Session, name: str, as_of: date, office_id: int | None, digits: int
) -> SnapshotDifference:
    """Show a kept report, what the same question gives today, and where they differ, row by row.

    digits   decimals of the book's currency
    raises   NotFoundError where nothing was kept of that day
    """
    stored = find_snapshot(session, name, as_of, office_id)
    if stored is None or name not in REPORTS:
        raise NotFoundError(kind="closed report", key=f"{name} {as_of}")
    late = {"late": True} if "late" in REPORTS[name].asks else {}
    report = REPORTS[name](session, as_of=as_of, office_id=office_id, **late)
    today = json.loads(json.dumps(to_json(report, digits)))
    return SnapshotDifference(name, as_of, stored, today, tuple(differences(stored, today, digits)))


def differences(
    stored: Mapping[str, Any], today: Mapping[str, Any], digits: int
) -> Iterator[FieldDifference]:
    """Compare two documents of one report: single figures first, then the rows of each table by their key."""
    for field in sorted(set(stored) | set(today)):
        before, after = stored.get(field), today.get(field)
        if isinstance(before, list) or isinstance(after, list):
            yield from _rows(field, _by_key(before or []), _by_key(after or []), digits)
        elif isinstance(before, dict) or isinstance(after, dict):
            yield from _fields(field, "", before or {}, after or {}, digits)
        elif before != after:
            yield _differ("", "", field, before, after, digits)


def _rows(
    table: str, before: Mapping[str, Any], after: Mapping[str, Any], digits: int
) -> Iterator[FieldDifference]:
    for key in sorted(set(before) | set(after)):
        yield from _fields(table, key, before.get(key, {}), after.get(key, {}), digits)


def _fields(
    table: str, key: str, before: Mapping[str, Any], after: Mapping[str, Any], digits: int
) -> Iterator[FieldDifference]:
    for field in sorted(set(before) | set(after)):
        if before.get(field) != after.get(field):
            yield _differ(table, key, field, before.get(field), after.get(field), digits)


def _by_key(rows: Sequence[object]) -> dict[str, Any]:
    """Give rows by what names them: their first word, with a count where it stands twice."""
    found: dict[str, Any] = {}
    for row in rows:
        fields = row if isinstance(row, dict) else {"": row}
        name = next((str(value) for value in fields.values() if value is not None), "")
        key, number = name, 1
        while key in found:
            number += 1
            key = f"{name} ({number})"
        found[key] = fields
    return found


def _differ(table: str, key: str, field: str, before: object, after: object, digits: int) -> FieldDifference:
    return FieldDifference(table, key, field, _text(before), _text(after), _less(before, after, digits))


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _less(before: object, after: object, digits: int) -> str:
    """Give today less stored of two amounts or two whole numbers; what is missing counts as nothing."""
    if isinstance(before, int | None) and isinstance(after, int | None):
        return str((after or 0) - (before or 0))
    if not (_is_amount(before, digits) and _is_amount(after, digits)):
        return ""
    zero = format_major(parse_major("0", digits), digits)
    return format_major(
        parse_major(str(after or zero), digits) - parse_major(str(before or zero), digits), digits
    )


def _is_amount(value: object, digits: int) -> bool:
    if value is None:
        return True
    whole, point, part = str(value).removeprefix("-").partition(".")
    return whole.isdigit() and (part.isdigit() and len(part) == digits if digits else not point)
