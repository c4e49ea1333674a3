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

A branch changes only rows that its own devices made: a change of another office's row is an exception
(`NOT_OWNER`) that waits for a person. The exceptions to this are the shared and one-way columns below,
which headquarters and other branches may write too. Headquarters writes on rows of a branch nothing else.

## Shared columns

Columns of one group (name, telephone, …) are written whole. Every change names its *bases*: the changesets
whose values its writer saw, as (device, chain, sequence); `(0, 0, 0)` stands for the values that the row
was made with. A change replaces exactly its bases. A change of an older program names none, and replaces
what its own chain wrote before.

1. What no other change replaces stands; if several stand beside each other, the one with the greatest key
   (time, device, sequence, hash) is shown.
2. Different values beside each other in the groups `name`, `identity` and `telephone` are a case of kind
   *profile*. It is closed by a change that names all of them as bases: headquarters' choice, or the next
   edit of somebody who has both.
3. Nothing is lost: each value stays readable, with who wrote it and when.
4. A change that arrives before the row it is about waits for the row.

Each group is folded anew from all its changes whenever one comes, so the order in which bundles arrive
plays no part. The act `client.correct` writes headquarters' corrections into the chain of the branch that
keeps the client. What a *third* branch wrote reaches the keeper restated: rows of `profile_restatement` in
the keeper's chain, with origin, key and bases of the original, folded as if that changeset itself had come.
Headquarters writes them by itself before it writes a return bundle (as `client.restate` does when it is
asked), and restates its own changes too where the clock of another branch made their key later than the
keeper can know. Until then the keeper's digest differs from headquarters' where such a change is shown.

## One-way columns

The value is 2 * epoch + state, odd when the mark is set, and the greatest counts. A branch raises an even
value by one; anything else of a branch is refused (`SCOPE`), and a mark in an epoch that headquarters had
not opened before does not count. The act `client.unmark` raises an odd value by one: the mark is off, and a
late mark of the old epoch changes nothing. Its reason and second person stand in a decision of kind *mark*.

## One number, two clients

A national id is compared without spaces, hyphens and capitals. Two clients with one number are a case of
kind *identity*; the number is never refused. A person decides each pair, *same* or *different*; the newest
decision of a pair counts. What *same* connects is one person, and the client with the smallest id stands
for it. A pair that is *different* inside such a group is an exception (`DUPLICATE_DISAGREES`) until a newer
decision settles it.

## Cases

The key of a case is the SHA-256 of its kind and its sorted members (device, sequence, hash). A new member
makes a new case and leaves the decision on the old one standing. An open case whose members were all
replaced goes by itself.

## Removals

No table has rows that may be removed: what ends gets a state, and a removal is refused (`SCOPE`). So an
edit always survives.
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
