"""Write ``docs/reports.md`` from the catalogue of reports: ``python docs/make_reports.py``.

With ``--print`` the text goes to standard output and no file is touched. A test fails while the file says
something else than the code.
"""
# ruff: noqa: INP001 - a script beside the documents, imported by nobody

import sys
from collections.abc import Iterator
from pathlib import Path

from banking.reports import REPORTS, Column, Definition, Kind, Table
from banking.reports.catalogue import ROOMS

HEAD = """# Reports

Every report is a question to the books at the end of one day (`--as-of`, today without it). It changes
nothing.

    satchel (branch|hq) report NAME --home X [--as-of D] [--from D] [--office CODE] [--sub-tree]
            [--by office|region|consolidation] [--compare D|month|year]
            [--format json|csv|xlsx|pdf] [--out FILE] [more, see each report]
    satchel (branch|hq) report --printed CODE --home X [--format json|csv|xlsx|pdf] [--out FILE]

A branch answers for itself; headquarters answers for all offices together, `--office` (or `--branch`) for
one, with `--sub-tree` for it and all below it. This page is made by `docs/make_reports.py` from the
catalogue in `banking/reports/`.

## What all have in common

**What counts.** A report as at a day has what was *booked* up to the end of that day: entries,
disbursements, repayments, deposits, charges. So the loans of an office add up to its portfolio account
and its savings to their deposits account, on every day. What is entered later for a day that is closed is
booked on the open day and changes no earlier report. What reaches headquarters after it closed the period
is shown in the next one by the reports of the books (`late-entries` lists it). `--late` asks the other
question: by the day on which a movement *counts* (its value date), with everything that came in since.
`--closed` gives the report that was stored when the period was closed, `--difference` what it would show
today and by how much that differs. Rows of schedules, names and telephone numbers are today's.

**Documents.** JSON has `report`, `title`, `start`, `as_of`, the single figures, each table as a list of
rows, `totals` (the sums of the first table's columns that can be added) and `notes` (what the figures
rest on). CSV is the first table. A workbook has the figures above the tables. PDF is for paper:
institution, office, as-at, printed-at, by whom, page x of y, check code.

**What was handed out is kept.** A report that is taken away as PDF, workbook or CSV (by a page: as JSON too)
is kept as it was under a check code: seven signs from the SHA-256 of all that it says, with who and when, and
a letter that finds a mistyped one. It stands at the foot of paper, below a workbook, in the name of a page's
file and on standard error. `report --printed CODE` gives `report` as it was printed then, `printed_at`,
`printed_by` and `differences`: every figure that the same question gives otherwise today; with `--format` the
document itself once more.

**Side by side.** Trial balance, balance sheet and income statement give beside the sum (`closing`,
`amount`) more columns, each under the code of its office:

- `--by office` (or `--by-office`): each office that has something;
- `--by region`: each office directly below the head office (or below `--office`, with `--sub-tree`) with
  all below it; the one at the top counts alone;
- `--by consolidation`: each office, then `eliminations` and `consolidated`. The inter-branch account is cut
  to nothing; what of it does not cancel stands on a line of its own below it, under the same code, and
  `pairs` lists the transfers without their other side that it consists of. In every row the offices add up
  to the sum, and `consolidated` = sum + `eliminations`.

`--compare D` adds `compared`, the figure of that day, and `change`, what it is more now (of the consolidated
figure, where there is one). `D` is a day, `month` (the end of the month before) or `year` (the same day a
year before). An income statement with `--from` the first of a month is compared with as many whole months,
any other with as many days. With any of these options a statement has the table `sums`: its figures for
every column.

**Values.** Money is a decimal string in major units with the digits of the currency (`"1250.00"`,
`"-3.50"`); days are ISO dates; counts and days past due are numbers; percentages are decimal strings with
two decimals, halves rounded to even. Text that begins like a formula gets an apostrophe in CSV and stays
text in a workbook.
"""

_OPTIONS = {
    "start": "`--from`",
    "by_office": "`--by-office`",
    "columns": "`--by`",
    "compare": "`--compare`",
    "account": "`--account`",
    "client": "`--client`",
    "group": "`--group`",
    "officer": "`--officer`",
    "product": "`--product`",
    "late": "`--late`",
    "adjustments": "`--adjustments AMOUNT`",
    "exception": "`--exception NAME`",
    "limits": "`--limits`",
}
_ROOMS = {
    "books": "The books",
    "cash": "Cash",
    "loans": "Loans",
    "savings": "Savings",
    "people": "People and their accounts",
    "institution": "The institution",
    "audit": "For the auditor",
}
_KINDS = {
    Kind.TEXT: "text",
    Kind.MONEY: "money",
    Kind.COUNT: "number",
    Kind.PERCENT: "percent",
    Kind.DAY: "date",
    Kind.BLANK: "for the pen",
}


def reports() -> str:
    """Give the whole text of the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield HEAD
    for room in ROOMS:
        own = [definition for definition in REPORTS.values() if definition.room == room]
        if own:
            yield f"## {_ROOMS[room]}"
            yield ""
            for definition in own:
                yield from _report(definition)


def _report(definition: Definition) -> Iterator[str]:
    yield f"### {definition.name}"
    yield ""
    yield definition.rule
    yield ""
    if definition.asks:
        told = (
            f"{_OPTIONS[name]}{' (needed)' if name in definition.needs else ''}" for name in definition.asks
        )
        yield f"Options: {', '.join(told)}."
        yield ""
    if definition.figures:
        yield f"Figures: {_columns(definition.figures)}."
        yield ""
    for table in definition.tables:
        yield f"`{table.name}`: {_columns(table.columns)}.{_added(table)}"
        yield ""


def _columns(columns: tuple[Column, ...]) -> str:
    return ", ".join(f"`{column.name}` ({_KINDS[column.kind]})" for column in columns)


def _added(table: Table) -> str:
    names = ", ".join(f"`{column.name}`" for column in table.columns if column.added)
    return f" Added up: {names}." if names else ""


if __name__ == "__main__":
    if "--print" in sys.argv[1:]:
        sys.stdout.write(reports())
    else:
        Path(__file__).with_name("reports.md").write_text(reports(), encoding="utf-8")
