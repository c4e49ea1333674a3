"""A bank's statement as a CSV file: which column is what, and every row that cannot be read.

Banks write dates and amounts in their own ways, so the reader is told them; nothing is guessed but the
separator of the columns. Amounts are the bank's view: money that came in is above zero.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from banking.bank_errors import RowFault, StatementFileError, StatementRowsError
from banking.text import LONGEST_NOTE, clean
from ledger.errors import AmountError, RuleError
from ledger.money import ZERO, Money, parse_major, total

MOST_BYTES: Final = 5_000_000
MOST_ROWS: Final = 4_000
"""Lines of one file; a changeset holds 5,000 writes."""
SEPARATORS: Final = ",;\t|"
DATE_FORMS: Final[Mapping[str, str]] = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD-MM-YYYY": "%d-%m-%Y",
    "YYYY/MM/DD": "%Y/%m/%d",
    "DD-Mon-YYYY": "%d-%b-%Y",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The names of a file's columns. Either ``amount`` or one or both of ``debit`` and ``credit``.

    debit    what went out, credit what came in, both above zero
    balance  after each line; checked where it is there
    form     how days are written, a key of ``DATE_FORMS``
    decimal  the decimal mark, point or comma; the other one may group thousands
    """

    day: str
    amount: str = ""
    debit: str = ""
    credit: str = ""
    text: str = ""
    reference: str = ""
    balance: str = ""
    form: str = "YYYY-MM-DD"
    decimal: str = "."


@dataclass(frozen=True, slots=True)
class BankLine:
    """One line of a statement; ``amount`` in minor units, in is above zero; ``row`` of the file, from 1."""

    row: int
    on: date
    amount: Money
    text: str = ""
    reference: str = ""
    balance: Money | None = None


def read_lines(content: bytes, columns: Columns, digits: int) -> list[BankLine]:
    """Read all lines of a file, in the file's order.

    raises   StatementFileError for a file that is no such table; StatementRowsError with every faulty place
    """
    rows, names = _table(content)
    _check_columns(columns, names)
    faults: list[RowFault] = []
    lines = []
    for number, row in rows:
        before = len(faults)
        line = _line(dict(zip(names, row, strict=False)), columns, digits, number, faults)
        if any(cell.strip() for cell in row[len(names) :]):
            faults.append(RowFault(number, "", f"{len(row)} cells instead of {len(names)}"))
        if len(faults) == before and line is not None:
            lines.append(line)
    if faults:
        raise StatementRowsError(faults)
    if not lines:
        raise StatementFileError(reason="it has no lines")
    return lines


def check_running_balances(lines: Sequence[BankLine], opening: Money) -> None:
    """Refuse a file whose balances do not follow from its lines.

    raises   StatementRowsError naming each row where the balance jumps
    """
    running, faults = opening, []
    for line in lines:
        running += line.amount
        if line.balance is not None and line.balance != running:
            faults.append(RowFault(line.row, "balance", "it does not follow from the line before"))
            running = line.balance
    if faults:
        raise StatementRowsError(faults)


def newest_first(lines: Sequence[BankLine]) -> bool:
    """Tell whether the bank wrote its newest line first."""
    return len(lines) > 1 and lines[0].on > lines[-1].on


def sum_of(lines: Sequence[BankLine]) -> Money:
    """Add up the lines."""
    return total(line.amount for line in lines)


def _table(content: bytes) -> tuple[list[tuple[int, list[str]]], list[str]]:
    if len(content) > MOST_BYTES:
        raise StatementFileError(reason=f"it has more than {MOST_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StatementFileError(reason="it is not UTF-8") from None
    if "\0" in text:
        raise StatementFileError(reason="it is no text")
    header = text.partition("\n")[0]
    separator = max(SEPARATORS, key=header.count)
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as fault:
        raise StatementFileError(reason=f"it is no table ({fault})") from None
    rows = [(number, row) for number, row in enumerate(table, 1) if any(cell.strip() for cell in row)]
    if not rows:
        raise StatementFileError(reason="it is empty")
    if len(rows) > MOST_ROWS:
        raise StatementFileError(reason=f"it has more than {MOST_ROWS} lines; take a shorter time")
    names = [name.strip() for name in rows[0][1]]
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise StatementFileError(reason=f"two columns are called “{doubled[0]}”")
    return rows[1:], names


def _check_columns(columns: Columns, names: Sequence[str]) -> None:
    if bool(columns.amount) == bool(columns.debit or columns.credit):
        raise StatementFileError(reason="name one column of amounts, or those of debit and credit")
    if columns.form not in DATE_FORMS:
        raise StatementFileError(reason=f"dates are written in one of: {', '.join(DATE_FORMS)}")
    if columns.decimal not in {".", ","}:
        raise StatementFileError(reason="the decimal mark is a point or a comma")
    wanted = (
        columns.day,
        columns.amount,
        columns.debit,
        columns.credit,
        columns.text,
        columns.reference,
        columns.balance,
    )
    missing = [name for name in wanted if name and name not in names]
    if missing or not columns.day:
        shown = ", ".join(names)[:200]
        raise StatementFileError(reason=f"it has no column “{(missing or [''])[0]}”; it has: {shown}")


def _line(
    row: Mapping[str, str], columns: Columns, digits: int, number: int, faults: list[RowFault]
) -> BankLine | None:
    cells = _Cells(row, columns, digits, number, faults)
    on = cells.day()
    amount = cells.moved()
    text, reference = cells.words(columns.text), cells.words(columns.reference)
    balance = cells.money(columns.balance) if columns.balance else None
    return None if on is None or amount is None else BankLine(number, on, amount, text, reference, balance)


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row being read; what cannot be read is noted among ``faults``."""

    row: Mapping[str, str]
    columns: Columns
    digits: int
    number: int
    faults: list[RowFault]

    def _fault(self, column: str, reason: str) -> None:
        self.faults.append(RowFault(self.number, column, reason))

    def _cell(self, column: str) -> str:
        return self.row.get(column, "").strip()

    def day(self) -> date | None:
        """Read the day."""
        given = self._cell(self.columns.day)
        try:
            return datetime.strptime(given, DATE_FORMS[self.columns.form]).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            self._fault(self.columns.day, f"“{given[:20]}” is no day written as {self.columns.form}")
            return None

    def money(self, column: str) -> Money | None:
        """Read an amount as the bank writes it; an empty cell is None without a fault."""
        given = self._cell(column)
        if not given:
            return None
        try:
            return parse_bank_amount(given, self.columns.decimal, self.digits)
        except AmountError as refusal:
            self._fault(column, f"“{given[:20]}” is no amount ({refusal.code})")
            return None

    def moved(self) -> Money | None:
        """Read what moved: one column with a sign, or debit and credit without one."""
        before = len(self.faults)
        named = self.columns.amount or self.columns.credit or self.columns.debit
        if self.columns.amount:
            amount = self.money(self.columns.amount)
        else:
            out = self.money(self.columns.debit) if self.columns.debit else None
            came = self.money(self.columns.credit) if self.columns.credit else None
            if min(out or ZERO, came or ZERO) < ZERO or (out and came):
                self._fault(named, "debit and credit are above zero, and one of them is empty")
            amount = (came or ZERO) - (out or ZERO)
        if len(self.faults) == before and not amount:
            self._fault(named, "no money moved")
        return amount or None

    def words(self, column: str) -> str:
        """Read a text."""
        try:
            return clean(self._cell(column), column, LONGEST_NOTE) if column else ""
        except RuleError as refusal:
            self._fault(column, f"the text cannot be kept ({refusal.code})")
            return ""


def parse_bank_amount(given: str, decimal: str, digits: int) -> Money:
    """Read ``1,234.50``, ``-3.5``, ``3.50-``, ``(3.50)``; thousands may be grouped, by threes only.

    raises   AmountError
    """
    text = given.replace("\u00a0", "").replace(" ", "")
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    elif text.endswith("-"):
        text = f"-{text[:-1]}"
    group = "," if decimal == "." else "."
    whole, mark, part = text.partition(decimal)
    if group in whole and re.fullmatch(rf"[+-]?[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+", whole):
        whole = whole.replace(group, "")
    return parse_major(f"{whole}.{part}" if mark else whole, digits)
