"""Whole rows against each other and against the books: numbers, references, kinds, receipts.

Pure: what the books hold comes in as ``Known``. Every fault of a row is told, not only its first; a row that
names a faulty row is not told for that fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from banking.loading.known import AccountKind, Known
from banking.loading.report import WrongRow
from banking.loading.sheets import (
    AMOUNT_MAY_BE_EMPTY,
    AMOUNT_STAYS_EMPTY,
    LOAN_KINDS,
    SAVINGS_KINDS,
    ReadRow,
)


@dataclass(frozen=True, slots=True)
class _Receipt:
    file: str
    row: int
    account: str
    kind: str


@dataclass(slots=True)
class Checks:
    """What the rows read so far have said.

    known       what the books hold
    unreadable  sheets of which not every row could be read: what is missing may stand there
    """

    known: Known
    errors: list[WrongRow]
    unreadable: set[str] = field(default_factory=set)
    groups: dict[str, int] = field(default_factory=dict)
    clients: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, tuple[AccountKind, str, int]] = field(default_factory=dict)
    receipts: dict[str, _Receipt] = field(default_factory=dict)
    reversed_in: dict[str, int] = field(default_factory=dict)
    foreign_reversals: dict[str, tuple[ReadRow[Any], str]] = field(default_factory=dict)

    def tell(self, row: ReadRow[Any], column: str | None, code: str, message: str) -> None:
        """Write down one fault of ``row``."""
        self.errors.append(WrongRow(row.file, row.number, column, code, message))

    def group(self, row: ReadRow[Any]) -> None:
        """Check a row of groups."""
        self._own_number(row, self.groups, self.known.groups, "group")

    def client(self, row: ReadRow[Any]) -> None:
        """Check a row of clients."""
        self._own_number(row, self.clients, self.known.clients, "client")
        self._group_exists(row)
        born_on, joined_on = row.values.get("born_on"), row.values.get("joined_on")
        if born_on and joined_on and born_on >= joined_on:
            self.tell(row, "joined_on", "DATES_IN_ORDER", f"Joined on {joined_on}, but born on {born_on}.")

    def loan(self, row: ReadRow[Any]) -> None:
        """Check a row of loans."""
        self._account_number(row, "loan")
        client, group = row.text("client"), row.text("group")
        if "client" in row.values and "group" in row.values and bool(client) == bool(group):
            given = "Both stand here" if client else "Both are empty"
            self.tell(row, "client", "ONE_OWNER", f"{given}: fill in exactly one of client and group.")
        self._client_exists(row)
        self._group_exists(row)
        self._product_exists(row, self.known.loan_products, "loan")
        disbursed_on, first_due_on = row.values.get("disbursed_on"), row.values.get("first_due_on")
        if disbursed_on and first_due_on and first_due_on <= disbursed_on:
            message = f"First due on {first_due_on}, but paid out on {disbursed_on}. It must be later."
            self.tell(row, "first_due_on", "DATES_IN_ORDER", message)

    def savings(self, row: ReadRow[Any]) -> None:
        """Check a row of savings."""
        self._account_number(row, "savings")
        self._client_exists(row)
        self._product_exists(row, self.known.savings_products, "savings")

    def transaction(self, row: ReadRow[Any]) -> None:
        """Check a row of transactions."""
        kind, account = row.text("kind"), row.text("account")
        of = self.account_kind(account) if account else None
        if account and of is None and not self.unreadable & {"loans", "savings"}:
            self.tell(row, "account", "UNKNOWN_ACCOUNT", f"There is no account {account}. Check the number.")
        if (of == "savings" and kind in LOAN_KINDS) or (of == "loan" and kind in SAVINGS_KINDS):
            message = f"{account} is a {of} account: “{kind}” is not possible on it."
            self.tell(row, "kind", "WRONG_KIND_OF_ACCOUNT", message)
        self._amount_fits(row, kind)
        self._receipt_is_new(row, kind, account)
        self._reversal_names_receipt(row, kind, account)

    def account_kind(self, number: str) -> AccountKind | None:
        """Tell what the account ``number`` is, in the books or in the files."""
        here = self.accounts.get(number)
        return here[0] if here else self.known.account_kind(number)

    def against_books(self, held: dict[str, str]) -> None:
        """Check the receipts of the files against ``held``: receipts in the books with their accounts."""
        for receipt, account in held.items():
            found = self.receipts.get(receipt)
            if found is not None:
                message = f"Receipt {receipt} stands in the books already (account {account})."
                self.errors.append(WrongRow(found.file, found.row, "receipt", "RECEIPT_DOUBLED", message))
        for receipt, (row, account) in self.foreign_reversals.items():
            if receipt not in held:
                message = f"There is no receipt {receipt} before this row. Check what is to be reversed."
                self.tell(row, "reverses", "UNKNOWN_RECEIPT", message)
            elif held[receipt] != account:
                message = f"Receipt {receipt} is of account {held[receipt]}, not of {account}."
                self.tell(row, "reverses", "RECEIPT_OF_ANOTHER", message)

    def _own_number(
        self, row: ReadRow[Any], seen: dict[str, int], held: Mapping[str, int], what: str
    ) -> None:
        number = row.text("number")
        if not number:
            return
        if number in seen:
            message = f"The number {number} stands in row {seen[number]} too. Every {what} has its own."
            self.tell(row, "number", "NUMBER_DOUBLED", message)
        elif number in held:
            message = f"The books have a {what} {number}. Take the row out or give another number."
            self.tell(row, "number", "NUMBER_TAKEN", message)
        seen.setdefault(number, row.number)

    def _account_number(self, row: ReadRow[Any], kind: AccountKind) -> None:
        number = row.text("number")
        if not number:
            return
        here, held = self.accounts.get(number), self.known.account_kind(number)
        if here is not None:
            message = (
                f"The number {number} stands in row {here[2]} of {here[1]} too. Every account has its own."
            )
            self.tell(row, "number", "NUMBER_DOUBLED", message)
        elif held is not None:
            message = (
                f"The books have a {held} account {number} already. Take the row out, or give another number."
            )
            self.tell(row, "number", "NUMBER_TAKEN", message)
        self.accounts.setdefault(number, (kind, row.file, row.number))

    def _client_exists(self, row: ReadRow[Any]) -> None:
        client = row.text("client")
        here = client in self.clients or client in self.known.clients
        if client and not here and "clients" not in self.unreadable:
            self.tell(row, "client", "UNKNOWN_CLIENT", f"There is no client {client}. Check the number.")

    def _group_exists(self, row: ReadRow[Any]) -> None:
        group = row.text("group")
        here = group in self.groups or group in self.known.groups
        if group and not here and "groups" not in self.unreadable:
            self.tell(row, "group", "UNKNOWN_GROUP", f"There is no group {group}. Check the number.")

    def _product_exists(self, row: ReadRow[Any], products: Mapping[str, int], what: str) -> None:
        product = row.text("product")
        if product and product not in products:
            message = f"There is no {what} product “{product}”. There are: {', '.join(sorted(products))}."
            self.tell(row, "product", "UNKNOWN_PRODUCT", message)

    def _amount_fits(self, row: ReadRow[Any], kind: str) -> None:
        if not kind or "amount" not in row.values:
            return
        amount = row.values["amount"]
        if amount is None and kind not in AMOUNT_MAY_BE_EMPTY:
            self.tell(row, "amount", "MISSING", f"“{kind}” needs an amount. Fill it in.")
        if amount is not None and kind in AMOUNT_STAYS_EMPTY:
            self.tell(row, "amount", "AMOUNT_NOT_EMPTY", AMOUNT_STAYS_EMPTY[kind])

    def _receipt_is_new(self, row: ReadRow[Any], kind: str, account: str) -> None:
        receipt = row.text("receipt")
        if not receipt:
            return
        earlier = self.receipts.setdefault(receipt, _Receipt(row.file, row.number, account, kind))
        if earlier.row != row.number:
            message = f"Receipt {receipt} stands in row {earlier.row} too. Every receipt is booked once."
            self.tell(row, "receipt", "RECEIPT_DOUBLED", message)

    def _reversal_names_receipt(self, row: ReadRow[Any], kind: str, account: str) -> None:
        receipt = row.text("reverses")
        if kind != "reverse":
            if receipt and kind:
                message = f"“{kind}” reverses nothing. Empty the cell, or make the kind “reverse”."
                self.tell(row, "reverses", "NOT_A_REVERSAL", message)
            return
        if not receipt:
            if "reverses" in row.values:
                self.tell(row, "reverses", "MISSING", "Name the receipt that is to be reversed.")
            return
        if receipt in self.reversed_in:
            message = f"Receipt {receipt} is reversed in row {self.reversed_in[receipt]} already."
            self.tell(row, "reverses", "ALREADY_REVERSED", message)
            return
        self.reversed_in[receipt] = row.number
        earlier = self.receipts.get(receipt)
        if earlier is None or earlier.row == row.number:
            self.foreign_reversals[receipt] = (row, account)
        elif earlier.account != account and account and earlier.account:
            message = (
                f"Receipt {receipt} (row {earlier.row}) is of account {earlier.account}, not of {account}."
            )
            self.tell(row, "reverses", "RECEIPT_OF_ANOTHER", message)
        elif earlier.kind == "reverse":
            message = f"Receipt {receipt} (row {earlier.row}) is a reversal itself and cannot be reversed."
            self.tell(row, "reverses", "NOT_REVERSIBLE", message)
