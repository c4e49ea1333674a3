"""Cells of a workbook whose formula failed: its reader shows them as empty, which they are not."""

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Final

_SHEET: Final = re.compile(rb"<sheet\b[^>]*>")
_RELATION: Final = re.compile(rb"<Relationship\b[^>]*>")
_FAILED_CELL: Final = re.compile(
    rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>(.{0,4000}?)</c>', re.DOTALL
)
_VALUE: Final = re.compile(rb"<v>([^<]{1,20})</v>")
_LETTERS: Final = 26
_BIGGEST_PART: Final = 512 * 1024 * 1024  # bytes, unpacked


def broken_cells(path: Path) -> dict[str, dict[tuple[int, int], str]]:
    """Give, by sheet, the error words (``#N/A``, ``#REF!`` ...) by (row from 1, column from 0).

    A workbook whose parts do not stand where the format puts them has none that can be told.
    """
    try:
        with zipfile.ZipFile(path) as parts:
            return {name: dict(_failed(_part(parts, part))) for name, part in _sheet_parts(parts)}
    except (zipfile.BadZipFile, KeyError, OSError):
        return {}


def _part(parts: zipfile.ZipFile, name: str) -> bytes:
    if parts.getinfo(name).file_size > _BIGGEST_PART:
        raise zipfile.BadZipFile(name)
    return parts.read(name)


def _sheet_parts(parts: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    targets = {
        _attribute(found, b"Id"): _attribute(found, b"Target")
        for found in _RELATION.findall(_part(parts, "xl/_rels/workbook.xml.rels"))
    }
    for found in _SHEET.findall(_part(parts, "xl/workbook.xml")):
        target = targets.get(_attribute(found, b"r:id"), "")
        yield _attribute(found, b"name"), target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\s" + name + rb'="([^"]*)"', tag)
    return unescape(found.group(1).decode("utf-8", "replace")) if found else ""


def _failed(sheet: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    for found in _FAILED_CELL.finditer(sheet):
        column = 0
        for letter in found.group(1):
            column = column * _LETTERS + letter - ord("A") + 1
        value = _VALUE.search(found.group(3))
        yield (int(found.group(2)), column - 1), value.group(1).decode() if value else "#VALUE!"
