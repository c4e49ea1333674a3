"""Rows that an adopted arm of a fork made: both laptops took real cash, so accounts may come to odd sums.

What came of it waits as an exception for a person (``OVERDRAWN``); checks of the whole database leave it out.
"""

from schema.base import COUNTER_BITS

_FIRST = 1 << COUNTER_BITS


def arm_rows(table: str) -> str:
    """Give the beginning of a sub-query over the rows of ``table`` that adopted arms made, as ``arm``."""
    return (
        f"SELECT 1 FROM watermark AS w JOIN {table} AS arm"  # noqa: S608 - a table of ours
        f" ON arm.id > w.device * {_FIRST} AND arm.id < (w.device + 1) * {_FIRST} WHERE w.stage = 'arm'"
    )
