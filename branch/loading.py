"""Books brought in from files: one transaction, as many changesets as it needs, all of it or nothing."""

from pathlib import Path

from banking.loading import LoadReport, PostReport, WrongRow, load_mifos2, load_satchel, post_file
from sync.installation import Installation, Undo

FORMATS = {"satchel": load_satchel, "mifos2": load_mifos2}


def load_books(
    installation: Installation, path: Path, *, form: str, actor_id: int, dry_run: bool
) -> LoadReport:
    """Load a folder or workbook of ``form`` (one of ``FORMATS``); wrong rows or a dry run keep nothing."""
    report = LoadReport()
    with installation.bulk_work("books.load", actor_id, path.name) as (session, seal):
        report = FORMATS[form](session, path, seal)
        if dry_run or report.errors:
            raise Undo
    return report


def post_transactions(installation: Installation, path: Path, *, actor_id: int, dry_run: bool) -> PostReport:
    """Post a file of transactions; wrong rows or a dry run keep nothing."""
    report = PostReport()
    with installation.bulk_work("transactions.post", actor_id, path.name) as (session, seal):
        report = post_file(session, path, seal)
        if dry_run or report.errors:
            raise Undo
    return report


def lines_of_load(report: LoadReport) -> list[str]:
    """Tell a load in lines that can be read aloud."""
    if report.errors:
        return [
            f"{len(report.errors)} wrong row(s); nothing was changed.",
            *map(_line_of_error, report.errors),
        ]
    made = ", ".join(f"{count} {kind}" for kind, count in report.created.items() if count)
    lines = [f"Loaded: {made or 'nothing'}."]
    lines += [
        f"{found.account} {found.field}: {found.source} in the source, {found.ours} here"
        for found in report.reconciliation
    ]
    return [*lines, *(f"Not taken over: {told}" for told in report.not_taken_over)]


def lines_of_post(report: PostReport) -> list[str]:
    """Tell a post in lines that can be read aloud."""
    if report.errors:
        return [
            f"{len(report.errors)} wrong row(s); nothing was posted.",
            *map(_line_of_error, report.errors),
        ]
    return [f"Posted {report.posted} transaction(s)."]


def _line_of_error(wrong: WrongRow) -> str:
    place = f"row {wrong.row}" if wrong.row else "file"
    column = f", {wrong.column}" if wrong.column else ""
    return f"{wrong.file}, {place}{column}: {wrong.message} ({wrong.code})"
