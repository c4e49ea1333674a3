"""Files of acts: JSON lines (``{"act": "loan.apply", …}``) or TOML (``[[act]]``, ``act = "…"``)."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from banking.acts.errors import BadActFileError
from banking.acts.running import Asked

MOST_BYTES: Final = 10_000_000


def read_acts(content: bytes, *, toml: bool) -> list[Asked]:
    """Read the acts of a file in their order; numbers stay exact.

    raises   BadActFileError naming the line or the act
    """
    if len(content) > MOST_BYTES:
        raise BadActFileError(row=1, reason=f"the file has more than {MOST_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadActFileError(row=1, reason="the file is not UTF-8") from None
    found = list(_of_toml(text) if toml else _of_lines(text))
    if not found:
        raise BadActFileError(row=1, reason="the file holds no act")
    return found


def _of_lines(text: str) -> Iterator[Asked]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_once)
        except (ValueError, RecursionError) as fault:
            raise BadActFileError(row=number, reason=f"it is no JSON object ({fault})") from None
        yield _asked(row, number)


def _of_toml(text: str) -> Iterator[Asked]:
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise BadActFileError(row=1, reason=f"it is no TOML ({fault})") from None
    rows = document.pop("act", None)
    if document or not isinstance(rows, list):
        raise BadActFileError(row=1, reason="it must hold [[act]] tables and nothing else")
    for number, row in enumerate(rows, 1):
        yield _asked(row, number)


def _asked(row: object, number: int) -> Asked:
    if not isinstance(row, Mapping) or not isinstance(row.get("act"), str):
        raise BadActFileError(row=number, reason="it has no “act”")
    return Asked(
        row["act"], {name: value for name, value in row.items() if name != "act" and value is not None}
    )


def _refuse(word: str) -> object:
    raise ValueError(f"{word} is no number")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a key stands twice")
    return row
