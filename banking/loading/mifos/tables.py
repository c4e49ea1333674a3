"""The tables of a Mifos 2 export: one CSV file each, columns by name, others passed over."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

from banking.loading import cells
from banking.loading.cells import Bounds
from banking.loading.report import WrongRow
from banking.loading.sources import csv_source, rows_of
from banking.text import clean
from ledger.errors import RuleError
from ledger.money import ZERO, Money, parse_major, require_positive

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("customer_id", "customer_level_id", "global_cust_num", "status_id", "display_name"),
    "account": ("account_id", "global_account_num", "customer_id", "account_state_id", "account_type_id"),
    "loan_account": (
        "account_id",
        "loan_amount",
        "loan_balance",
        "interest_type_id",
        "interest_rate",
        "no_of_installments",
        "prd_offering_id",
    ),
    "loan_schedule": (
        "id",
        "account_id",
        "customer_id",
        "installment_id",
        "action_date",
        "principal",
        "interest",
        "penalty",
        "misc_fees",
        "misc_penalty",
        "principal_paid",
        "interest_paid",
        "penalty_paid",
        "misc_fees_paid",
        "misc_penalty_paid",
    ),
    "loan_summary": (
        "account_id",
        "orig_principal",
        "orig_interest",
        "orig_fees",
        "orig_penalty",
        "principal_paid",
        "interest_paid",
        "fees_paid",
        "penalty_paid",
    ),
}
"""Tables without which there is no branch to read, and the columns that each needs."""

ALSO_READ: Final[Mapping[str, tuple[str, ...]]] = {
    "account_payment": ("payment_id", "account_id", "amount"),
    "account_trxn": (
        "account_trxn_id",
        "account_id",
        "payment_id",
        "account_action_id",
        "amount",
        "action_date",
        "installment_id",
    ),
    "customer_schedule": ("customer_id", "action_date", "misc_fees"),
    "financial_trxn": (),
    "gl_code": (),
    "loan_fee_schedule": ("id", "amount", "amount_paid"),
    "loan_offering": ("prd_offering_id", "interest_type_id"),
    "loan_trxn_detail": (
        "account_trxn_id",
        "principal_amount",
        "interest_amount",
        "penalty_amount",
        "misc_fee_amount",
        "misc_penalty_amount",
    ),
    "meeting": ("meeting_id", "start_date"),
    "office": ("office_id", "display_name"),
    "prd_offering": ("prd_offering_id", "global_prd_offering_num", "prd_offering_name"),
    "recurrence_detail": ("meeting_id", "recurrence_id", "recur_after"),
    "saving_schedule": (),
    "savings_account": ("account_id", "savings_balance", "prd_offering_id", "interest_rate"),
    "savings_offering": ("prd_offering_id", "savings_type_id"),
}
"""Tables that may be missing (then empty), and the columns that each needs when it is there."""

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table; a cell that cannot be read is told to ``errors`` and gives its empty value."""

    file: str
    number: int
    values: Mapping[str, str]
    bounds: Bounds
    errors: list[WrongRow] = field(repr=False)

    def tell(self, column: str | None, code: str, message: str) -> None:
        """Write down that something is wrong with this row."""
        self.errors.append(WrongRow(self.file, self.number, column, code, message))

    def key(self, column: str) -> str:
        """Give an id of the source; empty where there is none."""
        return self.values.get(column, "")

    def text(self, column: str) -> str:
        """Give a name or number."""
        return self._read(column, lambda text: clean(text, column), "")

    def day(self, column: str) -> date | None:
        """Give a date, of which a time of day is dropped."""
        return self._read(column, lambda text: cells.any_day(text[:10], self.bounds), None)

    def amount(self, column: str) -> Money:
        """Give an amount from zero; decimals beyond the currency's must be zeros."""
        return self._read(column, self._amount, ZERO)

    def rate(self, column: str) -> Decimal:
        """Give percent a year."""
        return self._read(column, lambda text: cells.rate(text, self.bounds), Decimal(0))

    def whole(self, column: str) -> int:
        """Give a whole number from 0."""
        return self._read(column, lambda text: _WHOLE(text, self.bounds), 0)

    def _amount(self, text: str) -> Money:
        whole, point, part = text.partition(".")
        digits = self.bounds.digits
        rest = part[digits:].rstrip("0") if part.isdigit() else part[digits:]
        money = parse_major(f"{whole}{point}{part[:digits]}{rest}".removesuffix("."), digits)
        return require_positive(money) if money else money

    def _read(self, column: str, read: Callable[[str], ValueT], empty: ValueT) -> ValueT:
        text = self.values.get(column, "")
        if not text:
            return empty
        try:
            return read(text)
        except RuleError as refusal:
            self.tell(column, refusal.code, str(refusal))
            return empty


_WHOLE: Final = cells.whole(0, 999_999_999)


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables that were read, by name, and the errors that reading them (and what follows) finds."""

    rows: Mapping[str, list[Record]]
    errors: list[WrongRow]

    def __getitem__(self, name: str) -> list[Record]:
        """Give the rows of a table."""
        return self.rows[name]

    def by(self, name: str, column: str) -> dict[str, Record]:
        """Give the rows of a table by a column that should be unique; a doubled one is told."""
        found: dict[str, Record] = {}
        for record in self.rows[name]:
            earlier = found.setdefault(record.key(column), record)
            if earlier is not record:
                message = f"{column} {record.key(column)} stands in row {earlier.number} too."
                record.tell(column, "DOUBLED", message)
        return found

    def grouped(self, name: str, column: str) -> dict[str, list[Record]]:
        """Give the rows of a table in lists by a column."""
        found: dict[str, list[Record]] = defaultdict(list)
        for record in self.rows[name]:
            found[record.key(column)].append(record)
        return found


def read_tables(folder: Path, bounds: Bounds) -> Tables:
    """Read the export in ``folder``; what is wrong with its files is in ``errors`` of what comes back."""
    errors: list[WrongRow] = []
    tables: dict[str, list[Record]] = {}
    for name, columns in {**NEEDED, **ALSO_READ}.items():
        path = folder / f"{name}.csv"
        tables[name] = []
        if path.is_file():
            for row in rows_of(csv_source(path), None, columns, errors):
                values = {column: str(cell).strip() for column, cell in row.cells.items()}
                tables[name].append(Record(path.name, row.number, values, bounds, errors))
        elif name in NEEDED:
            message = f"This table is missing in {folder.name}. Without it there is no branch to read."
            errors.append(WrongRow(path.name, None, None, "MISSING_FILE", message))
    return Tables(tables, errors)
