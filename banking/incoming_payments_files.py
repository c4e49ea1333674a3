"""A list of payments as a file: a bank's statement with its own columns, or that of a mobile-money account.

A file is read whole, or refused with every place that cannot be read. Money that went out is passed over.
Text files are CSV in UTF-8; a workbook is read from its first sheet, and a number in it is taken as the
decimal that the sheet shows, never as a binary fraction.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeAlias

from banking.bank_errors import RowFault, StatementFileError, StatementRowsError
from banking.bank_files import DATE_FORMS, parse_bank_amount
from banking.incoming_payments_tables import Cell, find_header, read_table
from banking.text import LONGEST_NOTE, bare_reference, clean
from ledger.errors import AmountError, RuleError
from ledger.money import ZERO, Money, parse_major

MOBILE, BANK = "mobile", "bank"
LAYOUTS: Final = (MOBILE, BANK)
LONGEST_RECEIPT: Final = 24
_DAYS_OF_MOBILE: Final = ("%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")
_OTHER_PARTY: Final = re.compile(r"\+?([0-9*]{6,15})\s*(?:-\s*(.*))?")
_DONE: Final = frozenset({"", "completed"})
_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "receipt": ("Receipt No.", "Receipt No", "Receipt"),
    "day": ("Completion Time",),
    "credit": ("Paid In",),
    "text": ("Details",),
    "state": ("Transaction Status",),
    "debit": ("Withdrawn",),
    "party": ("Other Party Info",),
    "account": ("A/C No.", "A/C No", "Account No.", "Account No"),
}
_NEEDED: Final = ("receipt", "day", "credit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a list is read. For ``mobile`` its headings are known; for ``bank`` they are named here.

    amount   one column with a sign; else ``credit``, what came in, and perhaps ``debit``
    receipt  the bank's own number of the payment: no two payments have the same
    account  where the payer writes the account; ``text`` is searched for it as well
    form     how days are written, a key of ``DATE_FORMS``; decimal is the decimal mark, point or comma
    """

    kind: str = MOBILE
    day: str = ""
    amount: str = ""
    credit: str = ""
    debit: str = ""
    receipt: str = ""
    account: str = ""
    payer: str = ""
    phone: str = ""
    text: str = ""
    form: str = "YYYY-MM-DD"
    decimal: str = "."

    def as_words(self) -> dict[str, str]:
        """Give what is said, to be kept with the file and offered for the next one."""
        return {name: value for name, value in asdict(self).items() if value}

    def as_json(self) -> str:
        """Give the same as one text."""
        return json.dumps(self.as_words(), ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment of a list: ``row`` of the file, from 1; ``amount`` in minor units, above zero.

    ``receipt`` is empty where the list has no number of its own; ``nth`` tells apart what is alike then.
    """

    row: int
    on: date
    amount: Money
    receipt: str = ""
    reference: str = ""
    payer: str = ""
    phone: str = ""
    note: str = ""
    nth: int = 1


@dataclass(frozen=True, slots=True)
class PaymentList:
    """What a file says: its payments in the order of the file, and how many lines it had beside them."""

    lines: tuple[PaymentLine, ...]
    passed_over: int


def read_payments(content: bytes, layout: Layout, digits: int, today: date) -> PaymentList:
    """Read a file whole.

    digits   decimals of the currency
    today    nothing can have come after it
    raises   StatementFileError for a file that is no such list; StatementRowsError with every faulty place
    """
    _check(layout)
    rows = read_table(content)
    columns, first, body = _columns(layout, rows)
    reading = _Reading(columns, layout, digits, today)
    lines: list[PaymentLine] = []
    passed = 0
    for number, cells in body:
        found = reading.line(number, cells)
        passed += found is None
        lines += [found] if found is not None else []
    if reading.faults:
        raise StatementRowsError(sorted(reading.faults, key=lambda fault: fault.row))
    if not lines:
        raise StatementFileError(reason=f"no money comes in below the headings in row {first}")
    return PaymentList(tuple(_numbered(lines)), passed)


def _check(layout: Layout) -> None:
    if layout.kind not in LAYOUTS:
        raise StatementFileError(reason=f"lists are read as one of: {', '.join(LAYOUTS)}")
    if layout.kind == MOBILE:
        return
    if not layout.day or bool(layout.amount) == bool(layout.credit or layout.debit):
        raise StatementFileError(reason="name the column of days, and one of amounts or that of what came in")
    if layout.debit and not layout.credit:
        raise StatementFileError(reason="name the column of what came in")
    if layout.form not in DATE_FORMS:
        raise StatementFileError(reason=f"dates are written in one of: {', '.join(DATE_FORMS)}")
    if layout.decimal not in {".", ","}:
        raise StatementFileError(reason="the decimal mark is a point or a comma")


_Row: TypeAlias = tuple[int, Sequence[Cell]]


def _columns(layout: Layout, rows: Sequence[_Row]) -> tuple[dict[str, int], int, Sequence[_Row]]:
    """Find the headings; gives the place of each column, their row, and the rows below."""
    if layout.kind == MOBILE:
        wanted = dict(_HEADINGS)
        needed: tuple[str, ...] = _NEEDED
    else:
        named = {name: value for name, value in layout.as_words().items() if name in _CHOSEN}
        wanted = {name: (heading,) for name, heading in named.items()}
        needed = tuple(named)
    at, columns = find_header(rows, wanted, needed)
    return columns, rows[at][0], rows[at + 1 :]


_CHOSEN: Final = ("day", "amount", "credit", "debit", "receipt", "account", "payer", "phone", "text")


def said_by(line: PaymentLine) -> tuple[object, ...]:
    """Give what a line says as it is compared: capitals and blanks do not make it another one."""
    words = (line.reference, line.payer, line.phone, line.note)
    return (line.on.isoformat(), line.amount.minor, *(bare_reference(one) for one in words))


def _numbered(lines: Sequence[PaymentLine]) -> list[PaymentLine]:
    """Count lines that are alike in all but their row, so that each has a key of its own."""
    seen: dict[tuple[object, ...], int] = {}
    found = []
    for line in lines:
        alike = said_by(line)
        seen[alike] = nth = seen.get(alike, 0) + 1
        parts = (line.row, line.on, line.amount, line.receipt, line.reference)
        found.append(PaymentLine(*parts, line.payer, line.phone, line.note, nth))
    return found


@dataclass(slots=True)
class _Reading:
    """The rows of one file being read; what cannot be read is noted among ``faults``."""

    columns: Mapping[str, int]
    layout: Layout
    digits: int
    today: date
    faults: list[RowFault] = field(default_factory=list)
    receipts: dict[str, int] = field(default_factory=dict)

    def line(self, number: int, cells: Sequence[Cell]) -> PaymentLine | None:
        """Read one row; None for what went out, what was not completed, and what is faulty."""
        row = _RowOfCells(number, cells, self)
        if self.layout.kind == MOBILE and row.text("state").casefold() not in _DONE:
            return None
        before = len(self.faults)
        amount = row.came_in()
        if amount is None or len(self.faults) > before:
            return None
        on, receipt = row.day(), row.receipt()
        phone, payer = row.party() if self.layout.kind == MOBILE else (row.text("phone"), row.text("payer"))
        reference, note = row.text("account"), row.text("text")
        if on is None or len(self.faults) > before:
            return None
        return PaymentLine(number, on, amount, receipt, reference, payer, phone, note)


@dataclass(frozen=True, slots=True)
class _RowOfCells:
    number: int
    cells: Sequence[Cell]
    reading: _Reading

    def _fault(self, name: str, reason: str) -> None:
        self.reading.faults.append(RowFault(self.number, name, reason))

    def _cell(self, name: str) -> Cell:
        at = self.reading.columns.get(name)
        return "" if at is None or at >= len(self.cells) else self.cells[at]

    def text(self, name: str) -> str:
        """Read a text; a number of a workbook as its digits."""
        cell = self._cell(name)
        words = format(cell, "f") if isinstance(cell, Decimal) else str(cell)
        try:
            return clean(words, name, LONGEST_NOTE)
        except RuleError as refusal:
            self._fault(name, f"the text cannot be kept ({refusal.code})")
            return ""

    def receipt(self) -> str:
        """Read the list's own number of the payment; two of one number are a fault."""
        given = bare_reference(self.text("receipt"))
        if not given:
            if "receipt" in self.reading.columns:
                self._fault("receipt", "it is empty")
            return ""
        if len(given) > LONGEST_RECEIPT:
            self._fault("receipt", f"it has more than {LONGEST_RECEIPT} characters")
        earlier = self.reading.receipts.setdefault(given, self.number)
        if earlier != self.number:
            self._fault("receipt", f"“{given[:LONGEST_RECEIPT]}” stands in row {earlier} too")
        return given

    def day(self) -> date | None:
        """Read the day, with or without a time behind it."""
        cell = self._cell("day")
        found = cell if isinstance(cell, date) else self._day_of(str(cell).strip())
        if found is None:
            self._fault("day", f"“{str(cell)[:20]}” is no day that can be read")
        elif found > self.reading.today:
            self._fault("day", f"{found} is still to come")
        return found

    def _day_of(self, given: str) -> date | None:
        layout = self.reading.layout
        forms = _DAYS_OF_MOBILE if layout.kind == MOBILE else (DATE_FORMS[layout.form],)
        first = given.replace("T", " ").split(" ")[0]
        for form in forms:
            try:
                return datetime.strptime(first, form).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        return None

    def _money(self, name: str) -> Money | None:
        cell, layout = self._cell(name), self.reading.layout
        read: Callable[[], Money]
        if isinstance(cell, Decimal):
            read = lambda: parse_major(format(cell, "f"), self.reading.digits)  # noqa: E731
        else:
            given = str(cell).strip()
            if not given:
                return None
            read = lambda: parse_bank_amount(given, layout.decimal, self.reading.digits)  # noqa: E731
        try:
            return read()
        except AmountError as refusal:
            self._fault(name, f"“{str(cell)[:20]}” is no amount ({refusal.code})")
            return None

    def came_in(self) -> Money | None:
        """Read what came in; None for what went out."""
        before = len(self.reading.faults)
        name = "amount" if self.reading.layout.amount else "credit"
        came, went = self._money(name), self._money("debit")
        if len(self.reading.faults) > before:
            return None
        if name == "credit" and came is not None and came < ZERO:
            self._fault(name, "what came in is above zero")
        elif not came and not went:
            self._fault(name, "no money moved")
        elif name == "credit" and came and went:
            self._fault(name, "money came in and went out in one row")
        return came if came is not None and came > ZERO else None

    def party(self) -> tuple[str, str]:
        """Give telephone and name of a mobile payer; a number with hidden digits is nobody's."""
        given = self.text("party")
        found = _OTHER_PARTY.fullmatch(given)
        if found is None:
            return "", given
        phone, name = found.groups()
        return ("" if "*" in phone else phone), (name or "").strip() if "*" not in phone else given
