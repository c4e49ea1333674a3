"""A chart of accounts from a file: code, name, type, parent, usage."""

from pathlib import Path
from typing import Any, Final

from banking.loading import cells
from banking.loading.report import WrongRow
from banking.loading.sources import csv_source, rows_of
from banking.standard import ACCOUNT_TYPES, DETAIL, HEADER, ChartRow
from ledger.errors import RuleError

_COLUMNS: Final = ("code", "name", "type", "parent", "usage")
_REQUIRED: Final = ("code", "name", "type")


def read_chart(path: Path) -> tuple[list[ChartRow], list[WrongRow]]:
    """Read a chart of accounts; gives its rows and all that is wrong with them.

    An empty ``usage`` is header for an account that others name as their parent, else detail.
    """
    errors: list[WrongRow] = []
    found: list[tuple[int, dict[str, str]]] = []
    file = path.name
    for row in rows_of(csv_source(path), _COLUMNS, _REQUIRED, errors):
        values = {name: str(row.cells.get(name, "")).strip() for name in _COLUMNS}
        found.append((row.number, values))
        _check_cells(file, row.number, values, errors)
    parents = {values["parent"] for _, values in found}
    accounts: dict[str, tuple[int, ChartRow]] = {}
    for number, values in found:
        usage = values["usage"] or (HEADER if values["code"] in parents else DETAIL)
        chart_row = ChartRow(values["code"], values["name"], values["type"], values["parent"], usage)
        earlier = accounts.setdefault(chart_row.code, (number, chart_row))
        if earlier[0] != number:
            message = f"The code {chart_row.code} stands in row {earlier[0]} too. Every account has its own."
            errors.append(WrongRow(file, number, "code", "NUMBER_DOUBLED", message))
    for number, chart_row in accounts.values():
        _check_parents(file, number, chart_row, accounts, errors)
    if not found and not errors:
        errors.append(WrongRow(file, None, None, "NOTHING_TO_LOAD", "The chart has no accounts."))
    return [chart_row for _, chart_row in accounts.values()], sorted(errors, key=lambda told: told.row or 0)


def _check_cells(file: str, number: int, values: dict[str, str], errors: list[WrongRow]) -> None:
    choices: dict[str, Any] = {
        "code": cells.number,
        "name": cells.name,
        "type": cells.choice(*ACCOUNT_TYPES),
        "parent": cells.number,
        "usage": cells.choice(HEADER, DETAIL),
    }
    for column, read in choices.items():
        try:
            cells.refuse_leftovers(values[column])
            if column in _REQUIRED:
                cells.required(values[column], column)
            if values[column]:
                read(values[column], None)
        except RuleError as refusal:
            errors.append(WrongRow(file, number, column, refusal.code, str(refusal)))


def _check_parents(
    file: str, number: int, row: ChartRow, accounts: dict[str, tuple[int, ChartRow]], errors: list[WrongRow]
) -> None:
    if not row.parent:
        return
    above = accounts.get(row.parent)
    if above is None:
        message = f"There is no account {row.parent} to stand under."
        errors.append(WrongRow(file, number, "parent", "UNKNOWN_ACCOUNT", message))
        return
    if above[1].usage != HEADER:
        message = f"{row.parent} is a detail account; only headers have accounts under them."
        errors.append(WrongRow(file, number, "parent", "NOT_A_HEADER", message))
    if above[1].type != row.type:
        message = f"{row.parent} is of type {above[1].type}, not {row.type}."
        errors.append(WrongRow(file, number, "parent", "OTHER_TYPE", message))
    seen = {row.code}
    while above is not None and above[1].code not in seen:
        seen.add(above[1].code)
        above = accounts.get(above[1].parent)
    if above is not None:
        message = f"{row.code} stands under itself, by way of {row.parent}."
        errors.append(WrongRow(file, number, "parent", "IN_A_CIRCLE", message))
