"""The columns of a sheet: what they are for, how their slots are named, in which order they stand.

A slot names its column: ``loan:WEEKLY:1`` and ``loan:WEEKLY:2`` are a member's first and second loan of one
product, ``savings:SAVE`` the first account of a savings product and ``savings:SAVE:2`` the second,
``withdrawal:SAVE`` what is taken out of that account, ``disbursement`` (``disbursement:2``) an approved loan
that is paid out, ``charge:fine`` a fine of the meeting.
"""

from dataclasses import dataclass
from typing import Final

from ledger.errors import N_

LOAN, SAVINGS, WITHDRAWAL, DISBURSEMENT, CHARGE = "loan", "savings", "withdrawal", "disbursement", "charge"
KINDS: Final = (LOAN, SAVINGS, WITHDRAWAL, DISBURSEMENT, CHARGE)
"""All kinds of columns in the order in which they stand on a sheet."""

CASH_OUT: Final = frozenset({WITHDRAWAL, DISBURSEMENT})
OPTIONAL: Final = frozenset({WITHDRAWAL, CHARGE})
"""Kinds in which nothing is expected: a cell that stays blank there moves no money and blocks nothing."""

FINE: Final = "charge:fine"
ATTENDANCE: Final = "attendance"
"""The slot in which P, LP, A or L is keyed."""

TITLES: Final = {DISBURSEMENT: N_("Pay out"), CHARGE: N_("Fine")}
"""Titles of the columns that are of no product; translated where they are shown."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``kind`` is one of ``KINDS``, ``title`` the product's name or a text of ``TITLES``."""

    slot: str
    kind: str
    title: str

    @property
    def optional(self) -> bool:
        """Whether a blank cell says that no money moved."""
        return self.kind in OPTIONAL

    @property
    def pays_out(self) -> bool:
        """Whether its money goes out to the member."""
        return self.kind in CASH_OUT


def slot_of(kind: str, code: str, number: int) -> str:
    """Name the slot of the ``number``-th account (from 1) of a product; ``code`` is empty without one."""
    parts = [kind, code] if code else [kind]
    if kind == LOAN or number > 1:
        parts.append(str(number))
    return ":".join(parts)


def title_of(kind: str, product: str, slot: str) -> str:
    """Give a column its title: that of its kind, else the product's name, with its number from 2 on."""
    if kind in TITLES:
        return TITLES[kind]
    number = slot.rpartition(":")[2]
    return f"{product} {number}" if number.isdigit() and number != "1" and slot.count(":") > 1 else product


def in_order(columns: list[Column]) -> tuple[Column, ...]:
    """Sort columns as they stand on a sheet: by kind, then by product and number."""
    return tuple(sorted(columns, key=lambda column: (KINDS.index(column.kind), _natural(column.slot))))


def _natural(slot: str) -> tuple[str, int]:
    rest, _, last = slot.rpartition(":")
    return (rest, int(last)) if last.isdigit() else (slot, 1)
