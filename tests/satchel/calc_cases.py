"""The reference figures in ``shared/cases``, and how ours are compared with them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from satchel.calc import answer_line
from tests.conftest import SHARED

Case = dict[str, Any]
Row = Mapping[str, Any]

AS_THEY_STAND = {"due_date", "paid_date", "date", "disbursement"}
NOT_ALLOCATED = {"Disbursement", "Accrual", "Charge-off"}


def cases(name: str) -> list[Case]:
    """Read a file of cases; a missing file is a fault, not a skip."""
    document = json.loads((SHARED / "cases" / name).read_text(encoding="utf-8"))
    found: list[Case] = document["cases"]
    assert found
    return found


def ask(question: object) -> dict[str, Any]:
    """Put a question to the arithmetic."""
    return answer_line(json.dumps(question).encode())


def same(key: str, expected: object, ours: object) -> bool:
    """Compare one figure: dates as text, everything else as a number."""
    if key in AS_THEY_STAND or expected is None or ours is None:
        return expected == ours
    return Decimal(str(expected)) == Decimal(str(ours))


def schedule_faults(expected: Sequence[Row], ours: Sequence[Row]) -> Iterator[str]:
    """Name every figure of the expected rows that ours do not give."""
    tranches = [row for row in ours if row.get("disbursement")]
    numbered = {row["nr"]: row for row in ours if "nr" in row}
    for row in expected:
        mine = tranches.pop(0) if row.get("disbursement") else numbered.get(row["nr"])
        if mine is None:
            yield f"no row {row['nr']}"
            continue
        for key, figure in row.items():
            if key not in mine or not same(key, figure, mine[key]):
                yield f"row {row.get('nr')}: {key} {figure} expected, {mine.get(key)} given"


def allocation_faults(expected: Sequence[Row], ours: Sequence[Row]) -> Iterator[str]:
    """Name every figure of the expected allocations that ours do not give, in order."""
    for theirs, mine in zip(expected, ours, strict=False):
        for key, figure in theirs.items():
            if key not in {"type", "at_line", "reverted"} and not same(key, figure, mine[key]):
                yield f"{theirs['date']}: {key} {figure} expected, {mine[key]} given"
    if len(ours) < len(expected):
        yield f"{len(expected)} allocations expected, {len(ours)} given"


def check_faults(check: Mapping[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    """Name what an intermediate check of a case says otherwise than ``answer``."""
    kind = check["type"]
    if kind == "check_schedule":
        yield from schedule_faults(check["rows"], answer["schedule"])
    elif kind == "check_totals":
        yield from _totals_faults(check["totals"], answer["schedule"])
    elif kind in {"check_transactions", "check_transactions_on_date"}:
        theirs = [row for row in check["rows"] if row["type"] not in NOT_ALLOCATED]
        for mine in answer["allocations"]:
            if mine["date"] == check.get("date", mine["date"]) and not any(
                _like(row, mine) for row in theirs
            ):
                yield f"{mine} is not among the transactions"
    elif kind == "check_outstanding":
        owed = sum(Decimal(row["outstanding"]) for row in answer["schedule"] if "nr" in row)
        if owed != Decimal(check["amount"]):
            yield f"outstanding {check['amount']} expected, {owed} given"
    elif kind == "check_overpaid":
        over = sum(Decimal(row["overpayment"]) for row in answer["allocations"])
        if over != Decimal(check["amount"]):
            yield f"overpaid {check['amount']} expected, {over} given"


def _like(theirs: Row, mine: Row) -> bool:
    keys = ("date", "amount", "principal", "interest", "fees", "penalties", "balance_after")
    return all(same(key, theirs[key], mine[key]) for key in keys)


def _totals_faults(expected: Mapping[str, str], rows: list[Row]) -> Iterator[str]:
    opening, numbered = rows[0], [row for row in rows if "nr" in row]
    fee = Decimal(opening["fees"])
    columns = {"Principal due": "principal", "In advance": "in_advance"}
    for name, figure in expected.items():
        column = columns.get(name, name.lower())
        ours = sum((Decimal(row[column]) for row in numbered), Decimal(0))
        ours += fee if name in {"Fees", "Due", "Paid"} else 0
        if Decimal(figure) != ours:
            yield f"{name} {figure} expected, {ours} given"
