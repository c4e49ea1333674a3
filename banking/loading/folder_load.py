"""Loading our own files: every row checked first, then all of them written, or none."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from banking import clients, groups, savings
from banking.loading.cells import Bounds
from banking.loading.changesets import Changesets, NextChangeset
from banking.loading.checks import Checks
from banking.loading.folders import find_sources
from banking.loading.known import Known, read_known, receipts_in_books
from banking.loading.loans import has_own_terms, write_loan
from banking.loading.posting import post_rows
from banking.loading.report import LoadReport, Mapped, WrongRow, in_order_of_files
from banking.loading.rows import RowWriter, bounds_of
from banking.loading.sheets import (
    CLIENTS,
    GROUPS,
    LOANS,
    SAVINGS,
    SHEETS,
    TRANSACTIONS,
    ClientRow,
    GroupRow,
    LoanRow,
    ReadRow,
    SavingsRow,
    Sheet,
)
from banking.loading.sources import NOT_READ_WHOLE, Source, rows_of
from schema.writing import act

KINDS: Final = ("groups", "clients", "loans", "savings", "transactions")
RowT = TypeVar("RowT")


def load_satchel(session: Session, path: Path, next_changeset: NextChangeset) -> LoadReport:
    """Load a folder of CSV files or a workbook: all of it, or nothing.

    session         inside a declared unit of work; the caller commits, or rolls back for a dry run
    next_changeset  called between rows whenever the present changeset is full enough
    returns         the report; when it has errors nothing of the files is in the session any more, and the
                    caller rolls back
    """
    report = LoadReport(read=dict.fromkeys(KINDS, 0), created=dict.fromkeys(("centers", *KINDS), 0))
    found = find_sources(path)
    report.errors += found.errors
    report.not_taken_over += found.passed_over
    load = _Load(session, report, bounds_of(session), found.sources)
    checks = load.check()
    changesets = Changesets(session, next_changeset, act(session).kind, held_back=bool(report.errors))
    attempt = session.begin_nested()
    load.write(checks.known, changesets)
    if report.errors:
        attempt.rollback()
        act(session).ops.clear()
        report.created = dict.fromkeys(report.created, 0)
        files = {source.file: place for place, source in enumerate(load.in_order())}
        report.errors[:] = in_order_of_files(report.errors, files)
    else:
        attempt.commit()
        for product, accounts in sorted(load.own_terms.items()):
            report.mapping.append(Mapped(f"{product} with own terms", product, accounts))
    return report


@dataclass(slots=True)
class _Load:
    session: Session
    report: LoadReport
    bounds: Bounds
    sources: dict[str, Source]
    own_terms: Counter[str] = field(default_factory=Counter)

    def in_order(self) -> list[Source]:
        """Give the sources in the order in which they are read."""
        return [self.sources[sheet.name] for sheet in SHEETS if sheet.name in self.sources]

    def rows(self, sheet: Sheet[RowT], errors: list[WrongRow]) -> Iterator[ReadRow[RowT]]:
        """Read the rows of one sheet; none where there is no such sheet."""
        source = self.sources.get(sheet.name)
        if source is not None:
            for row in rows_of(source, sheet.column_names, sheet.required_names, errors):
                yield sheet.read(row, self.bounds, errors)

    def check(self) -> Checks:
        """Read everything once and tell all that is wrong; writes nothing."""
        errors = self.report.errors
        checks = Checks(read_known(self.session), errors)
        of_rows = (checks.group, checks.client, checks.loan, checks.savings, checks.transaction)
        for sheet, check in zip(SHEETS, of_rows, strict=True):
            before = len(errors)
            for row in self.rows(sheet, errors):
                self.report.read[sheet.name] += 1
                check(row)
            if any(wrong.code in NOT_READ_WHOLE for wrong in errors[before:]):
                checks.unreadable.add(sheet.name)
        receipts = {*checks.receipts, *checks.foreign_reversals}
        checks.against_books(receipts_in_books(self.session, sorted(receipts)))
        return checks

    def write(self, known: Known, changesets: Changesets) -> None:
        """Read everything again and write the good rows; what a service refuses is told too."""
        wrong = {(told.file, told.row) for told in self.report.errors}
        writer = RowWriter(self.session, known, self.report.errors, changesets, self.report.created)
        self._write_sheet(GROUPS, self._group, writer, wrong)
        self._write_sheet(CLIENTS, self._client, writer, wrong)
        self._write_sheet(LOANS, self._loan, writer, wrong)
        self._write_sheet(SAVINGS, self._savings, writer, wrong)
        post_rows(writer, self.rows(TRANSACTIONS, []), wrong)

    def _write_sheet(
        self,
        sheet: Sheet[RowT],
        write: Callable[[RowWriter, str, RowT], None],
        writer: RowWriter,
        wrong: set[tuple[str, int | None]],
    ) -> None:
        for row in self.rows(sheet, []):
            if row.made is not None and (row.file, row.number) not in wrong:
                write(writer, row.file, row.made)
        writer.changesets.cut(sheet.name)

    def _group(self, writer: RowWriter, file: str, row: GroupRow) -> None:
        with writer.row(file, row.row):
            group = groups.create_group(
                self.session,
                number=row.number,
                name=row.name,
                center_id=writer.center_id(row.center),
                officer_id=writer.officer_id(row.officer),
                meeting_weekday=row.meeting_weekday,
                meeting_every_weeks=row.meeting_every_weeks,
                first_meeting_on=row.first_meeting_on,
            )
            writer.known.groups[row.number] = group.id
            writer.count("groups")

    def _client(self, writer: RowWriter, file: str, row: ClientRow) -> None:
        if row.group and row.group not in writer.known.groups:
            return  # the group's own row was refused and told
        with writer.row(file, row.row):
            client = clients.register_client(
                self.session,
                number=row.number,
                name=row.name,
                given_name=row.given_name,
                gender=row.gender,
                born_on=row.born_on,
                national_id=row.national_id,
                phone=row.phone,
                address=row.address,
                village=row.village,
                group_id=writer.known.groups.get(row.group),
                joined_on=row.joined_on,
            )
            writer.known.clients[row.number] = client.id
            writer.count("clients")

    def _loan(self, writer: RowWriter, file: str, row: LoanRow) -> None:
        client_id, group_id = writer.known.clients.get(row.client), writer.known.groups.get(row.group)
        if (client_id is None) == (group_id is None):
            return  # the owner's own row was refused and told
        with writer.row(file, row.row):
            product_id = writer.known.loan_products[row.product]
            loan = write_loan(
                self.session,
                row,
                product_id=product_id,
                client_id=client_id,
                group_id=group_id,
                officer_id=writer.officer_id(row.officer),
            )
            writer.known.loans[row.number] = loan.id
            writer.count("loans")
            if has_own_terms(self.session, row, product_id):
                self.own_terms[row.product] += 1

    def _savings(self, writer: RowWriter, file: str, row: SavingsRow) -> None:
        if row.client not in writer.known.clients:
            return  # the client's own row was refused and told
        with writer.row(file, row.row):
            account = savings.open_account(
                self.session,
                number=row.number,
                client_id=writer.known.clients[row.client],
                product_id=writer.known.savings_products[row.product],
                opened_on=row.opened_on,
            )
            writer.known.savings[row.number] = account.id
            writer.count("savings")
