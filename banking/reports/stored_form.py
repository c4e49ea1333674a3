"""A report as it is kept whole, with its columns: read again as it was, whatever changed since."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import Any, Final

from banking.reports.shape import Column, Kind, Question, Report, Row, Sheet, Table

_DERIVED: Final = frozenset({"offices"})
"""What follows from the rest of a question."""


def to_stored(report: Report) -> dict[str, Any]:
    """Give a report in values that JSON holds."""
    return {
        "name": report.name,
        "title": report.title,
        "question": stored_question(report.question),
        "figures": [[_column(column), _cell(value)] for column, value in report.figures],
        "tables": [
            {
                "name": table.name,
                "heading": table.heading,
                "columns": [_column(column) for column in table.columns],
                "rows": [[_cell(value) for value in row] for row in table.rows],
                "sheets": [asdict(sheet) for sheet in table.sheets],
            }
            for table in report.tables
        ],
        "notes": list(report.notes),
        "basis": list(report.basis),
    }


def from_stored(document: Mapping[str, Any]) -> Report:
    """Give the report that ``to_stored`` wrote."""
    return Report(
        document["name"],
        document["title"],
        Question(**read_question(document["question"])),
        tuple((_read_column(column), _read_cell(value)) for column, value in document["figures"]),
        tuple(
            Table(
                table["name"],
                table["heading"],
                tuple(_read_column(column) for column in table["columns"]),
                [_read_row(row) for row in table["rows"]],
                tuple(_read_sheet(sheet) for sheet in table["sheets"]),
            )
            for table in document["tables"]
        ),
        tuple(document["notes"]),
        tuple(document["basis"]),
    )


def stored_question(asked: Question) -> dict[str, Any]:
    """Give what was asked, days in ISO form; what was not said is left out."""
    said = {field.name: getattr(asked, field.name) for field in fields(asked) if field.name not in _DERIVED}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in said.items()
        if value not in (None, "", False)
    }


def read_question(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of a question that ``stored_question`` wrote."""
    days = ("as_of", "start", "compare")
    return {name: date.fromisoformat(value) if name in days else value for name, value in stored.items()}


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "heading": column.heading,
        "kind": column.kind.value,
        "added": column.added,
        "share": column.share,
        "said": column.said,
    }


def _read_column(stored: Mapping[str, Any]) -> Column:
    return Column(**{**stored, "kind": Kind(stored["kind"])})


def _read_sheet(stored: Mapping[str, Any]) -> Sheet:
    return Sheet(**{**stored, "signatures": tuple(stored["signatures"])})


def _cell(value: object) -> object:
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def _read_cell(value: Any) -> object:  # noqa: ANN401 - of JSON
    return Decimal(value["decimal"]) if isinstance(value, dict) else value


def _read_row(row: list[Any]) -> Row:
    return tuple(_read_cell(value) for value in row)
