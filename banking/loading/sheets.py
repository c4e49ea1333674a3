"""The columns of the files that people fill in, and the rows that come out of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

from banking.loading import cells
from banking.loading.cells import Bounds, Parser
from banking.loading.report import WrongRow
from banking.loading.sources import Row
from ledger.errors import RuleError
from ledger.money import Money

LOAN_KINDS: Final = frozenset(
    {"repay", "disburse", "fee", "waive", "write_off", "recover", "charge", "charge_off", "pay_off"}
)
SAVINGS_KINDS: Final = frozenset({"deposit", "withdraw"})
KINDS: Final = (*sorted(LOAN_KINDS), *sorted(SAVINGS_KINDS), "reverse")
AMOUNT_MAY_BE_EMPTY: Final = frozenset(
    {"disburse", "write_off", "reverse", "charge", "charge_off", "pay_off"}
)
AMOUNT_STAYS_EMPTY: Final = {
    "reverse": "A reversal takes back the whole amount. Leave the amount empty.",
    "charge_off": "A charge-off takes all principal that is owed. Leave the amount empty.",
    "pay_off": "A payoff pays all that closes the loan. Leave the amount empty.",
}
"""Kinds whose amount follows from the books, and what is said when one is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A row of groups.csv."""

    row: int
    number: str
    name: str
    center: str
    meeting_weekday: int | None
    meeting_every_weeks: int | None
    first_meeting_on: date | None
    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRow:
    """A row of clients.csv; ``group`` is a group's number."""

    row: int
    number: str
    name: str
    given_name: str
    gender: str
    born_on: date | None
    national_id: str
    phone: str
    address: str
    village: str
    group: str
    joined_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanRow:
    """A row of loans.csv. What is None is the product's; without ``disbursed_on`` it is an application."""

    row: int
    number: str
    client: str
    group: str
    product: str
    principal: Money
    annual_rate: Decimal | None
    installments: int | None
    disbursed_on: date | None
    first_due_on: date | None
    officer: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingsRow:
    """A row of savings.csv."""

    row: int
    number: str
    client: str
    product: str
    opened_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionRow:
    """A row of transactions.csv, or one line of JSON lines."""

    row: int
    on: date
    kind: str
    account: str
    amount: Money | None
    receipt: str
    note: str
    reverses: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read, whether one may be empty, and what empty means."""

    name: str
    read: Parser
    required: bool = False
    empty: str | None = None

    @property
    def is_date(self) -> bool:
        """Whether a spreadsheet's number in it is a day."""
        return self.read in {cells.any_day, cells.past_day}


def _text(name: str, read: Parser = cells.name, *, required: bool = False) -> Column:
    return Column(name, read, required, "")


def _value(name: str, read: Parser, *, required: bool = False) -> Column:
    return Column(name, read, required, None)


RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class ReadRow(Generic[RowT]):
    """A row as far as it could be read: the values of its good cells, and the whole if all are good."""

    file: str
    number: int
    values: dict[str, Any]
    made: RowT | None

    def text(self, column: str) -> str:
        """Give the text of a good cell, else nothing."""
        found = self.values.get(column)
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class Sheet(Generic[RowT]):
    """One kind of file: its name without ending, its columns, and what a row becomes."""

    name: str
    columns: tuple[Column, ...]
    make: Callable[..., RowT]

    @property
    def column_names(self) -> frozenset[str]:
        """The headings that are known."""
        return frozenset(column.name for column in self.columns)

    @property
    def required_names(self) -> tuple[str, ...]:
        """The headings that cannot be missing, because none of their cells may be empty."""
        return tuple(column.name for column in self.columns if column.required)

    def read(self, row: Row, bounds: Bounds, errors: list[WrongRow]) -> "ReadRow[RowT]":
        """Read every cell of ``row``; each wrong one goes to ``errors``, and then nothing is made of it."""
        values: dict[str, Any] = {}
        for column in self.columns:
            try:
                text = cells.text_of(row.cells.get(column.name, ""), is_date=column.is_date)
                cells.refuse_leftovers(text)
                if column.required:
                    cells.required(text, column.name)
                values[column.name] = column.read(text, bounds) if text else column.empty
            except RuleError as refusal:
                errors.append(WrongRow(row.file, row.number, column.name, refusal.code, str(refusal)))
        whole = len(values) == len(self.columns)
        return ReadRow(row.file, row.number, values, self.make(row=row.number, **values) if whole else None)


GROUPS: Final = Sheet(
    "groups",
    (
        _text("number", cells.number, required=True),
        _text("name", required=True),
        _text("center"),
        _value("meeting_weekday", cells.weekday),
        _value("meeting_every_weeks", cells.weeks),
        _value("first_meeting_on", cells.any_day),
        _text("officer"),
    ),
    GroupRow,
)
CLIENTS: Final = Sheet(
    "clients",
    (
        _text("number", cells.number, required=True),
        _text("name", required=True),
        _text("given_name"),
        _text("gender", cells.choice("f", "m", "x")),
        _value("born_on", cells.past_day),
        _text("national_id"),
        _text("phone"),
        _text("address", cells.note),
        _text("village"),
        _text("group", cells.number),
        _value("joined_on", cells.past_day),
    ),
    ClientRow,
)
LOANS: Final = Sheet(
    "loans",
    (
        _text("number", cells.number, required=True),
        _text("client", cells.number),
        _text("group", cells.number),
        _text("product", cells.number, required=True),
        _value("principal", cells.amount, required=True),
        _value("annual_rate", cells.rate),
        _value("installments", cells.installments),
        _value("disbursed_on", cells.past_day),
        _value("first_due_on", cells.any_day),
        _text("officer"),
        _text("purpose", cells.note),
    ),
    LoanRow,
)
SAVINGS: Final = Sheet(
    "savings",
    (
        _text("number", cells.number, required=True),
        _text("client", cells.number, required=True),
        _text("product", cells.number, required=True),
        _value("opened_on", cells.past_day),
    ),
    SavingsRow,
)
TRANSACTIONS: Final = Sheet(
    "transactions",
    (
        _value("on", cells.past_day, required=True),
        _text("kind", cells.choice(*KINDS), required=True),
        _text("account", cells.number, required=True),
        _value("amount", cells.amount),
        _text("receipt", cells.number),
        _text("note", cells.note),
        _text("reverses", cells.number),
    ),
    TransactionRow,
)
SHEETS: Final[tuple[Sheet[Any], ...]] = (GROUPS, CLIENTS, LOANS, SAVINGS, TRANSACTIONS)
