"""What a load or a post tells: counts, wrong rows, where the books differ from their source."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WrongRow:
    """One thing that is wrong in a file, for the clerk who corrects it.

    file     name of the file or sheet, without folders
    row      as a person counts in the file: the header is row 1; None when the file as a whole is meant
    column   the column's heading; None when the row as a whole is meant
    code     names the rule, for programs
    message  what is wrong and what to do
    """

    file: str
    row: int | None
    column: str | None
    code: str
    message: str

    def to_json(self) -> dict[str, object]:
        """Give the five parts under their names."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one account in which what is stored differs from the source; both as text."""

    account: str
    field: str
    source: str
    ours: str

    def to_json(self) -> dict[str, object]:
        """Give the four parts under their names."""
        return {"account": self.account, "field": self.field, "source": self.source, "ours": self.ours}


@dataclass(frozen=True, slots=True)
class Mapped:
    """A product of the source, the product of ours that its accounts stand under, and how many they are."""

    source: str
    ours: str
    accounts: int

    def to_json(self) -> dict[str, object]:
        """Give the three parts under their names."""
        return {"source": self.source, "ours": self.ours, "accounts": self.accounts}


@dataclass(slots=True)
class LoadReport:
    """What ``branch load`` found, made and compared.

    When ``errors`` is not empty, nothing was written and ``created`` counts nothing.
    ``totals`` are sums over what was stored, read back, as decimal text in major units.
    """

    read: dict[str, int] = field(default_factory=dict)
    created: dict[str, int] = field(default_factory=dict)
    errors: list[WrongRow] = field(default_factory=list)
    compared: dict[str, int] = field(default_factory=lambda: {"loans": 0, "rows": 0, "fields": 0})
    reconciliation: list[Difference] = field(default_factory=list)
    not_taken_over: list[str] = field(default_factory=list)
    mapping: list[Mapped] = field(default_factory=list)
    totals: dict[str, dict[str, str | int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Give the report as one JSON document."""
        return {
            "read": self.read,
            "created": self.created,
            "errors": [wrong.to_json() for wrong in self.errors],
            "compared": self.compared,
            "reconciliation": [difference.to_json() for difference in self.reconciliation],
            "not_taken_over": self.not_taken_over,
            "mapping": [mapped.to_json() for mapped in self.mapping],
            "totals": self.totals,
        }


@dataclass(slots=True)
class PostReport:
    """What ``branch post`` did: how many transactions were booked, or every row that was wrong."""

    posted: int = 0
    errors: list[WrongRow] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """Give the report as one JSON document."""
        return {"posted": self.posted, "errors": [wrong.to_json() for wrong in self.errors]}


def in_order_of_files(errors: Iterable[WrongRow], files: Mapping[str, int]) -> list[WrongRow]:
    """Sort wrong rows by file, as ``files`` numbers them, and by row; equal ones keep their order."""
    return sorted(errors, key=lambda wrong: (files.get(wrong.file, len(files)), wrong.file, wrong.row or 0))
