"""Write ``docs/conflict-rules.md`` from what the schema declares: ``python docs/make_conflict_rules.py``.

With ``--print`` the text goes to standard output and no file is touched. A test fails while the file says
something else than the code.
"""
# ruff: noqa: INP001 - a script beside the documents, imported by nobody

import sys
from collections.abc import Iterator
from pathlib import Path

from hq.merge_rules import CLASSES, KINDS, TableRule, merge_rules
from schema.base import Kind, Merge

HEAD = """# Conflict rules

How rows and columns that come from several chains become one set of books. Every table and column declares
its merge class beside its definition in `schema/`; this page is made from those declarations by
`docs/make_conflict_rules.py`, and headquarters shows the same under *Merge rules*. A table without a class
fails a test.

Today a branch writes only rows that its own devices made, in every table: a change of another office's row is
an exception (`NOT_OWNER`) that waits for a person. So *fact*, *owned* and *reference* are enforced as they
stand here. *shared*, *one-way* and *unique* are declared and shown, and behave as *owned*, until branches may
write each other's client profiles.
"""


def conflict_rules() -> str:
    """Give the whole text of the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield HEAD
    yield "## The classes"
    yield ""
    yield "| class | meaning |"
    yield "|---|---|"
    for merge, meaning in CLASSES.items():
        yield f"| {merge} | {meaning} |"
    for kind, tables in merge_rules().items():
        yield ""
        yield f"## {KINDS[kind]}"
        yield ""
        if kind is Kind.LOCAL:
            yield ", ".join(f"`{table.name}`" for table in tables) + "."
            continue
        yield "| table | class | columns of another class or group | what it is |"
        yield "|---|---|---|---|"
        for table in tables:
            yield f"| `{table.name}` | {table.merge} | {_exceptions(table)} | {_cell(table.meaning)} |"


def _exceptions(table: TableRule) -> str:
    """Name the columns that differ from their table, together where class and group are one."""
    found: dict[str, list[str]] = {}
    for column in table.exceptions:
        says = "stays here" if column.merge is Merge.NONE else str(column.merge)
        group = f" ({column.group})" if column.group else ""
        found.setdefault(says + group, []).append(f"`{column.name}`")
    return "; ".join(f"{says}: {', '.join(names)}" for says, names in found.items())


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


if __name__ == "__main__":
    if "--print" in sys.argv[1:]:
        sys.stdout.write(conflict_rules())
    else:
        Path(__file__).with_name("conflict-rules.md").write_text(conflict_rules(), encoding="utf-8")
