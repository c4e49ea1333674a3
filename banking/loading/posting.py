"""Posting files of transactions: the same rows whether they come with a load or alone."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from banking.loading.changesets import Changesets, NextChangeset
from banking.loading.checks import Checks
from banking.loading.folders import find_sheet
from banking.loading.known import read_known, receipts_in_books
from banking.loading.report import PostReport, WrongRow
from banking.loading.rows import RowWriter, bounds_of
from banking.loading.sheets import TRANSACTIONS, ReadRow, TransactionRow
from banking.loading.sources import WORKBOOK_SUFFIXES, Row, csv_source, json_lines, rows_of
from banking.loading.transactions import post_row
from schema.writing import act

_JSON_SUFFIXES: Final = frozenset({".jsonl", ".ndjson", ".json"})
_SNIFFED: Final = 4096
_MAY_FOLLOW: Final = frozenset(
    {"BEFORE_APPROVAL", "INSUFFICIENT_FUNDS", "NOTHING_OWED", "NOT_DISBURSED", "NOT_FOUND", "STATUS"}
)
"""Refusals that may only follow from an earlier faulty row of the same account."""


def post_file(session: Session, path: Path, next_changeset: NextChangeset) -> PostReport:
    """Post a file of transactions (CSV, JSON lines, or a workbook with that sheet): all of it, or nothing.

    session         inside a declared unit of work; the caller commits, or rolls back for a dry run
    next_changeset  called between rows whenever the present changeset is full enough
    returns         the report; when it has errors nothing of the file is in the session any more, and the
                    caller rolls back
    """
    report, bounds = PostReport(), bounds_of(session)
    errors = report.errors
    checks = Checks(read_known(session), errors)
    for row in read_rows(path, errors):
        checks.transaction(TRANSACTIONS.read(row, bounds, errors))
    checks.against_books(receipts_in_books(session, sorted({*checks.receipts, *checks.foreign_reversals})))
    changesets = Changesets(session, next_changeset, act(session).kind, held_back=bool(errors))
    writer = RowWriter(session, checks.known, errors, changesets, {})
    wrong = {(told.file, told.row) for told in errors}
    attempt = session.begin_nested()
    post_rows(writer, (TRANSACTIONS.read(row, bounds, []) for row in read_rows(path, [])), wrong)
    if errors:
        attempt.rollback()
        act(session).ops.clear()
        errors.sort(key=lambda told: told.row or 0)
    else:
        attempt.commit()
        report.posted = writer.created.get("transactions", 0)
    return report


def post_rows(
    writer: RowWriter, rows: Iterable[ReadRow[TransactionRow]], wrong: set[tuple[str, int | None]]
) -> None:
    """Post the good rows in their order; the rows of ``wrong`` (file, row) were told and are left out."""
    faulty: set[str] = set()
    for read in rows:
        number, row = read.text("account"), read.made
        of = writer.known.account_kind(number)
        if row is None or of is None or (read.file, read.number) in wrong:
            faulty.add(number)
            continue
        account_id = (writer.known.savings if of == "savings" else writer.known.loans)[number]
        before = writer.created.get("transactions", 0)
        with writer.row(read.file, read.number, _MAY_FOLLOW if number in faulty else frozenset()):
            post_row(writer.session, row, account_id, of)
            writer.count("transactions")
        if writer.created.get("transactions", 0) == before:
            faulty.add(number)


def read_rows(path: Path, errors: list[WrongRow]) -> Iterator[Row]:
    """Give the rows of a file of transactions, whichever form it has."""
    known, required = TRANSACTIONS.column_names, TRANSACTIONS.required_names
    suffix = path.suffix.casefold()
    if suffix in WORKBOOK_SUFFIXES:
        source = find_sheet(path, TRANSACTIONS.name, errors)
        return rows_of(source, known, required, errors) if source is not None else iter(())
    if suffix in _JSON_SUFFIXES or (suffix != ".csv" and _begins_with_brace(path)):
        return json_lines(path, known, errors)
    return rows_of(csv_source(path), known, required, errors)


def _begins_with_brace(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(_SNIFFED).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
