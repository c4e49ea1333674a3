"""Acts of bank accounts: statements imported, matched, posted from, reconciled."""

from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from banking import bank_reconciliation
from banking.acts import readers
from banking.acts.journal import of_entry
from banking.acts.registry import Act, Field, Place, Reader, Result, Run, Values
from banking.acts.results import amount
from banking.bank_errors import StatementFileError, StatementRowsError
from banking.bank_files import DATE_FORMS, MOST_BYTES, Columns
from banking.bank_reconciliation import WINDOW_DAYS, StatementFile
from banking.bank_report import OpenLine, reconcile
from banking.errors import BadValueError
from banking.reasons import FieldsError
from ledger.errors import RuleError
from schema.accounting import JournalLine
from schema.cash import BankStatementLine
from schema.writing import act

_AT: Final = (Place.BRANCH, Place.HEAD_OFFICE)
_LONGEST_WINDOW: Final = 60


def _content(_session: Session, field: str, text: str) -> bytes:
    try:
        with Path(text).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise BadValueError(field=field, given=text[: readers.SHOWN]) from None


FILE: Final = Reader("path of a file", _content)
BANK: Final = Field("gl_account", readers.text, "GL code of the bank account", required=True)
LINE: Final = Field(
    "line",
    readers.row_id(BankStatementLine, "line of a bank statement"),
    "id of the statement's line",
    required=True,
)


def _import(session: Session, values: Values) -> Result:
    columns = Columns(
        day=values.text("day"),
        amount=values.text("amount"),
        debit=values.text("debit"),
        credit=values.text("credit"),
        text=values.text("text"),
        reference=values.text("reference"),
        balance=values.text("balance"),
        form=values.maybe("dates", str) or "YYYY-MM-DD",
        decimal="," if values.maybe("decimal", str) == "comma" else ".",
    )
    wanted = StatementFile(
        content=values.one("file", bytes),
        columns=columns,
        opening=values.money("opening"),
        closing=values.money("closing"),
    )
    try:
        made = bank_reconciliation.import_statement(session, values.text("gl_account"), wanted)
    except StatementRowsError as refusal:
        raise FieldsError(reasons_of(refusal)) from None
    return {
        "statement": str(made.id),
        "starts_on": made.starts_on.isoformat(),
        "ends_on": made.ends_on.isoformat(),
        "opening": amount(session, made.opening),
        "closing": amount(session, made.closing),
    }


def reasons_of(refusal: StatementRowsError) -> list[tuple[str, RuleError]]:
    """Give each place of a file that cannot be read as a reason of its own."""
    return [
        (f"file[{fault.row}].{fault.column}", StatementFileError(reason=fault.reason))
        for fault in refusal.faults
    ]


def _match(session: Session, values: Values) -> Result:
    window = values.maybe("days", int)
    if window is not None and window > _LONGEST_WINDOW:
        raise BadValueError(field="days", given=window)
    found = bank_reconciliation.match_automatically(
        session, values.text("gl_account"), window_days=WINDOW_DAYS if window is None else window
    )
    return {"matched": [{"line": str(line), "journal_line": str(booked)} for line, booked in found]}


def _match_one(session: Session, values: Values) -> Result:
    line = bank_reconciliation.match(session, values.id("line"), values.id("journal_line"))
    return {"line": str(line.id), "journal_line": str(line.journal_line_id)}


def _unmatch(session: Session, values: Values) -> Result:
    return {"line": str(bank_reconciliation.unmatch(session, values.id("line")).id), "journal_line": None}


def _post(session: Session, values: Values) -> Result:
    entry = bank_reconciliation.post_bank_item(
        session,
        values.id("line"),
        values.text("gl_account"),
        note=values.text("note"),
        approved_by_id=values.second_id,
    )
    return of_entry(session, entry)


def _of_line(session: Session, line: OpenLine) -> dict[str, object]:
    return {
        "line": str(line.id),
        "on": line.on.isoformat(),
        "amount": amount(session, line.amount),
        "words": line.words,
    }


def _reconcile(session: Session, values: Values) -> Result:
    found = reconcile(
        session, values.text("gl_account"), act(session).office_id, values.day(session, "as_of")
    )
    return {
        "gl_account": found.code,
        "on": found.on.isoformat(),
        "book_balance": amount(session, found.book_balance),
        "only_bank": [_of_line(session, line) for line in found.only_bank],
        "only_books": [_of_line(session, line) for line in found.only_books],
        "opening_difference": amount(session, found.opening_difference),
        "statement_balance": amount(session, found.statement_balance),
        "unexplained": amount(session, found.unexplained),
    }


def _act(name: str, meaning: str, fields: tuple[Field, ...], run: Run) -> Act:
    return Act(name, "journal.post", _AT, meaning, fields, run)


ACTS: Final = (
    _act(
        "bank.import",
        "Import a bank's statement from a CSV file; its columns are named by their headings.",
        (
            BANK,
            Field("file", FILE, "the file", required=True),
            Field("day", readers.text, "heading of the days", required=True),
            Field("amount", readers.text, "heading of amounts with a sign; else debit and credit"),
            Field("debit", readers.text, "heading of what went out"),
            Field("credit", readers.text, "heading of what came in"),
            Field("text", readers.text, "heading of the words"),
            Field("reference", readers.text, "heading of the reference"),
            Field("balance", readers.text, "heading of the balance after each line"),
            Field("dates", readers.choice(*DATE_FORMS), "how days are written; default: YYYY-MM-DD"),
            Field("decimal", readers.choice("point", "comma"), "the decimal mark; default: point"),
            Field("opening", readers.any_money, "balance before the first line; default: the file's"),
            Field("closing", readers.any_money, "balance after the last line; default: the file's"),
        ),
        _import,
    ),
    _act(
        "bank.match",
        "Match statements and books by amount, reference and day.",
        (BANK, Field("days", readers.count, f"how far days may lie apart; default: {WINDOW_DAYS}")),
        _match,
    ),
    _act(
        "bank.match_one",
        "Match one line of a statement with one line of the books.",
        (
            LINE,
            Field("journal_line", readers.row_id(JournalLine, "journal line"), "its id", required=True),
        ),
        _match_one,
    ),
    _act("bank.unmatch", "Take a match back.", (LINE,), _unmatch),
    _act(
        "bank.post",
        "Post what only the bank knows, charges or interest, and match it.",
        (
            LINE,
            Field("gl_account", readers.text, "GL code of the expense or income", required=True),
            Field("note", readers.text, "default: the statement's words"),
        ),
        _post,
    ),
    Act(
        "bank.reconcile",
        "reports.see",
        _AT,
        "Explain the difference between books and bank.",
        (BANK, Field("as_of", readers.day, "by the newest statement that ends by then; default: today")),
        _reconcile,
    ),
)
