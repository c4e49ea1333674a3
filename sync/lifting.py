"""Row images of older schema revisions, completed for the tables as they are (protocol, section 9).

A changeset stays the bytes that were signed. What is folded from it is lifted by pure functions that only add
columns: the images in old columns stay as they are.
"""

from dataclasses import replace
from functools import cache

from schema.database import SCHEMA_REVISION
from schema.revisions import ADDED
from sync.changeset import INSERT, Changeset, Op, Row, Value


def lifted(changeset: Changeset) -> Changeset:
    """Give a changeset with ops as the present schema reads them; one of this revision as it is.

    It is for the fold alone: its bytes, hash and signature are those of the original.
    """
    if changeset.schema >= SCHEMA_REVISION:
        return changeset
    return replace(changeset, ops=tuple(lift(op, changeset.schema) for op in changeset.ops))


def lift(op: Op, revision: int) -> Op:
    """Complete the image of a new row, written under ``revision``, with the columns added since.

    Changes name only the columns that they change, so they need no step.
    """
    if op.sign != INSERT or op.new is None:
        return op
    missing = _added_since(op.table, revision)
    if not missing:
        return op
    new: Row = {**missing, **op.new}
    return op._replace(new=new)


@cache
def _added_since(table: str, revision: int) -> dict[str, Value]:
    added: dict[str, Value] = {}
    for step in range(revision + 1, SCHEMA_REVISION + 1):
        added.update(ADDED.get(step, {}).get(table, {}))
    return added
