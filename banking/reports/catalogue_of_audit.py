"""Catalogue: what auditors ask."""

from banking.reports.audit import library
from banking.reports.shape import Definition, Table, count
from ledger.errors import N_

AUDIT_REPORTS = (
    Definition(
        name="audit-exceptions",
        title=N_("Exceptions for the auditor"),
        room="audit",
        rule="The queries of the library of exceptions (docs/audit-library.md), each with its `count`, the "
        "sum of its `amount`s without their sign, and the `limits` that it was run with; then the `items` of "
        "all, or of the one asked for with `--exception NAME`. `--limits` sets others (`days=3 times=2`). "
        "From `start` (without it: the first day of the month of `as_of`) to `as_of`, by the day of "
        "booking. `at` is local time; `who` is who made the changeset; `number` and `other` are what the "
        "query says.",
        find=library.find_audit_exceptions,
        figures=(count("count", N_("Cases")), count("exceptions", N_("Exceptions that occurred"))),
        tables=(
            Table("counts", N_("The library"), library.COUNTS),
            Table("items", N_("Cases"), library.ITEMS),
        ),
        asks=("start", "exception", "limits"),
        without_start=N_("empty: the month of the day"),
        kept=False,
    ),
)
