"""Catalogue: what auditors ask."""

from banking.reports.audit import access, library, sample
from banking.reports.shape import Definition, Table, count, day, text
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
        right="audit.see",
    ),
    Definition(
        name="audit-sample",
        title=N_("Sample for the auditor"),
        room="audit",
        rule="A sample that headquarters drew (`satchel hq sample`), drawn again: `--account` is its number. "
        "The same rows come out whatever came in since; `digest` is over their ids. `hits` is how many "
        "units of money chose a row. On paper each row has room for the auditor's pen.",
        find=sample.find_sample,
        figures=(
            text("method", N_("Method")),
            text("source", N_("From")),
            text("seed", N_("Seed")),
            day("drawn_as_of", N_("As at")),
            count("population", N_("Rows to choose from")),
            text("digest", N_("Digest")),
        ),
        tables=(Table("sample", "", sample.SAMPLE),),
        asks=("account",),
        needs=("account",),
        kept=False,
        right="audit.see",
    ),
    Definition(
        name="access-log",
        title=N_("Who saw and printed what"),
        room="audit",
        rule="The log of log-ins, views, prints and exports, the oldest first: what was sealed into a chain "
        "(at branches when the day closes, at headquarters by the first log-in of the next day), what "
        "this home has not sealed yet (`sealed` is empty), and the bundles that came and went. From "
        "`start` (without it: the first day of the month of `as_of`) to `as_of`, in local time. "
        "`--officer` is a log-in name, `--account` a part of what was seen or done. The second table counts "
        "by office, day and person: log-ins, log-ins refused, papers, views.",
        find=access.find_access_log,
        figures=(count("count", N_("Lines")), count("refused", N_("Log-ins refused"))),
        tables=(Table("lines", N_("The log"), access.LINES), Table("days", N_("By day"), access.DAYS)),
        asks=("start", "officer", "account"),
        without_start=N_("empty: the month of the day"),
        kept=False,
        right="audit.see",
    ),
)
