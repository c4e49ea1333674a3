"""What lies at the path that was given: a folder of CSV files, or a workbook with sheets of those names."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from banking.loading.report import WrongRow
from banking.loading.sheets import SHEETS
from banking.loading.sources import (
    WORKBOOK_SUFFIXES,
    Source,
    UnreadableError,
    csv_source,
    workbook_sources,
)

_NAMES: Final = tuple(sheet.name for sheet in SHEETS)


@dataclass(slots=True)
class Found:
    """Sources by the name of their sheet, and a line for each file or sheet that is none of ours."""

    sources: dict[str, Source] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)
    errors: list[WrongRow] = field(default_factory=list)


def find_sources(path: Path) -> Found:
    """Find what can be loaded at ``path``; nothing at all, or the same sheet twice, is an error."""
    found = Found()
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.casefold() == ".csv")
        _sort(found, [(file.stem, csv_source(file)) for file in files])
    elif path.suffix.casefold() in WORKBOOK_SUFFIXES:
        try:
            _sort(found, [(source.file, source) for source in workbook_sources(path)])
        except UnreadableError as unreadable:
            found.errors.append(unreadable.wrong)
            return found
    if not found.sources:
        message = (
            f"There is nothing to load here. Give a folder with {', '.join(_NAMES)} (.csv), or a workbook."
        )
        found.errors.append(WrongRow(path.name, None, None, "NOTHING_TO_LOAD", message))
    return found


def _sort(found: Found, sources: list[tuple[str, Source]]) -> None:
    for title, source in sources:
        name = title.strip().casefold()
        if name not in _NAMES:
            found.passed_over.append(f"{source.file}: not read, it is none of {', '.join(_NAMES)}")
        elif name in found.sources:
            message = f"There are two of {name}. Keep one."
            found.errors.append(WrongRow(source.file, None, None, "DOUBLED_FILE", message))
        else:
            found.sources[name] = source


def find_sheet(path: Path, name: str, errors: list[WrongRow]) -> Source | None:
    """Find the sheet ``name`` of a workbook; None, and told, when it is not there."""
    found = find_sources(path)
    errors += found.errors
    if name not in found.sources and not found.errors:
        message = f"This workbook has no sheet “{name}”."
        errors.append(WrongRow(path.name, None, None, "NOTHING_TO_LOAD", message))
    return found.sources.get(name)
