"""Loading a whole Mifos 2 branch: read, written by the services, read back and compared; all or nothing."""

from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from banking.loading.changesets import Changesets, NextChangeset
from banking.loading.known import read_known
from banking.loading.mifos.left_out import lines
from banking.loading.mifos.reading import read_branch
from banking.loading.mifos.reconciliation import compare_branch, totals
from banking.loading.mifos.source import CENTER_LEVEL, CLIENT_LEVEL, GROUP_LEVEL, Branch
from banking.loading.mifos.stored import read_loans, read_savings
from banking.loading.mifos.tables import read_tables
from banking.loading.mifos.writing import BranchWriter
from banking.loading.report import LoadReport, WrongRow
from banking.loading.rows import RowWriter, bounds_of
from schema.writing import act

KINDS: Final = ("centers", "groups", "clients", "loans", "installments", "savings", "transactions")


def load_mifos2(session: Session, path: Path, next_changeset: NextChangeset) -> LoadReport:
    """Load the export in the folder ``path``: all of it, or nothing.

    Rows of schedules are taken over as they stand. What was stored is read back from the database before
    anything is committed, and compared with the source.

    session         inside a declared unit of work; the caller commits, or rolls back for a dry run
    next_changeset  called between accounts whenever the present changeset is full enough
    returns         the report; when it has errors nothing of the export is in the session any more, and the
                    caller rolls back. Differences to the source are no errors: they are for people to judge
    """
    report = LoadReport(created=dict.fromkeys(KINDS, 0))
    current = act(session)
    tables = read_tables(path, bounds_of(session))
    branch = Branch()
    if not tables.errors:
        branch = read_branch(tables)
    report.read = _counts(branch)
    report.errors = _each_once(tables.errors)
    if report.errors:
        return report
    changesets = Changesets(session, next_changeset, current.kind)
    writer = BranchWriter(
        RowWriter(session, read_known(session), report.errors, changesets, report.created), branch
    )
    attempt = session.begin_nested()
    writer.write()
    if report.errors:
        attempt.rollback()
        act(session).ops.clear()
        report.created = dict.fromkeys(KINDS, 0)
        return report
    attempt.commit()
    report.mapping = writer.mapping()
    report.not_taken_over = lines(tables, branch, currency=current.currency, digits=current.digits)
    _reconcile(session, report, branch)
    return report


def _reconcile(session: Session, report: LoadReport, branch: Branch) -> None:
    digits = act(session).digits
    loans = read_loans(session, [loan.number for loan in branch.loans])
    savings = read_savings(session, [account.number for account in branch.savings])
    comparison = compare_branch(branch, loans, savings, digits)
    report.compared = comparison.compared()
    report.reconciliation = comparison.differences
    report.totals = totals(loans, digits)


def _counts(branch: Branch) -> dict[str, int]:
    return {
        "centers": len(branch.of_level(CENTER_LEVEL)),
        "groups": len(branch.of_level(GROUP_LEVEL)),
        "clients": len(branch.of_level(CLIENT_LEVEL)),
        "loans": len(branch.loans),
        "installments": sum(len(loan.rows) for loan in branch.loans),
        "savings": len(branch.savings),
        "transactions": sum(len(loan.payments) for loan in branch.loans),
    }


def _each_once(errors: list[WrongRow]) -> list[WrongRow]:
    """Drop what was told more than once because a cell was read more than once."""
    return list(dict.fromkeys(errors))
