"""A sheet with its draft: what was printed, what is due now, what was typed, and what of it can be posted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.books import LARGEST_AMOUNT
from banking.errors import InsufficientFundsError
from banking.meetings import ABSENT, PRESENT
from banking.savings_book import available
from banking.sheets.columns import (
    ATTENDANCE,
    CASH_OUT,
    CHARGE,
    DISBURSEMENT,
    LOAN,
    OPTIONAL,
    SAVINGS,
    WITHDRAWAL,
    Column,
)
from banking.sheets.errors import AccountClosedError, PayoutAmountError, UnusualAmountError
from banking.sheets.figures import (
    Figure,
    currency_digits,
    loan_figures,
    payout_figures,
    savings_figures,
)
from banking.sheets.plan import Cell, SheetLineOf, SheetPlan
from banking.sheets.sheets import get_sheet, printed_plan
from ledger.errors import (
    N_,
    AmountNegativeError,
    AmountTooLargeError,
    OverpaymentError,
    RuleError,
)
from ledger.money import ZERO, Money, parse_major, total
from schema.meetings import CollectionSheet, SheetCell

NOT_KEYED, AS_DUE, EXCEPTION, WRONG = "not_keyed", "as_due", "exception", "wrong"
"""States of a cell: blank; as printed; anything else that can be posted; nothing that can be posted."""

DUE_CHANGED: Final = N_("The due amount changed since printing.")
BALANCE_CHANGED: Final = N_("The balance changed since printing.")
CLOSED_SINCE: Final = N_("It takes no money any more.")
"""Words of the flag on a cell whose account is not as it was printed; translated where they are shown."""

_UNUSUAL_TIMES = 3


@dataclass(frozen=True, slots=True)
class KeyedCell:
    """A cell with what was typed; amounts in minor units.

    printed  what the paper says, what was overdue included; ``due``, ``overdue`` and ``balance`` are now
    changed  one of the three words above, or empty
    amount   what would be posted; None while it is not keyed or wrong. A blank in a column in which nothing
             is expected is zero
    refusal  why a wrong cell cannot be posted
    warning  what has to be confirmed before it is posted
    """

    slot: str
    kind: str
    account_id: int
    number: str
    printed: Money
    due: Money
    overdue: Money
    balance: Money
    changed: str
    typed: str
    amount: Money | None
    state: str
    refusal: RuleError | None = None
    warning: RuleError | None = None


@dataclass(frozen=True, slots=True)
class KeyedLine:
    """A row as it is keyed.

    ``attendance_typed`` is the mark that somebody keyed, or empty. Nobody need key a mark: who moved money is
    present (P); who paid nothing although something was due is absent (A) once all cells of the row are
    keyed; of all others nothing is known, and nothing is written.
    """

    line: int
    client_id: int
    name: str
    number: str
    group: str
    is_group: bool
    cells: Mapping[str, KeyedCell]
    attendance_typed: str = ""

    @property
    def changed(self) -> bool:
        """Whether any cell differs from what was printed."""
        return any(cell.changed for cell in self.cells.values())

    @property
    def is_keyed(self) -> bool:
        """Whether every cell can be posted."""
        return all(cell.amount is not None for cell in self.cells.values())

    @property
    def attendance(self) -> str:
        """The mark that would be written: P, LP, A, L, or empty."""
        if self.attendance_typed or self.is_group:
            return self.attendance_typed
        if any(cell.amount for cell in self.cells.values()):
            return PRESENT
        owed = any(cell.printed and cell.kind not in CASH_OUT for cell in self.cells.values())
        return ABSENT if owed and self.is_keyed else ""


@dataclass(frozen=True, slots=True)
class KeyedSheet:
    """A sheet with its draft. ``totals`` has a sum for every column; ``total`` is cash in less cash out."""

    sheet: CollectionSheet
    place: str
    officer: str
    columns: tuple[Column, ...]
    lines: tuple[KeyedLine, ...]
    totals: Mapping[str, Money]
    cash_in: Money
    cash_out: Money

    @property
    def total(self) -> Money:
        """Give the cash that the officer brings back: below zero where more was paid out."""
        return self.cash_in - self.cash_out

    @property
    def is_complete(self) -> bool:
        """Whether every cell is keyed and none is wrong."""
        return all(line.is_keyed for line in self.lines)

    @property
    def warned(self) -> frozenset[tuple[int, str]]:
        """Give line and slot of every cell that has to be confirmed."""
        return frozenset((line, cell.slot) for line, cell in self.cells() if cell.warning is not None)

    @property
    def fingerprint(self) -> str:
        """Tell this draft from any other: it changes with every cell and every mark."""
        keyed = [(line, cell.slot, cell.typed) for line, cell in self.cells()]
        marks = [(line.line, line.attendance_typed) for line in self.lines]
        return sha256(repr((keyed, marks)).encode()).hexdigest()[:16]

    def in_state(self, state: str) -> list[tuple[KeyedLine, KeyedCell]]:
        """List the cells in a state with their lines, in the order of the paper."""
        return [(line, cell) for line in self.lines for cell in line.cells.values() if cell.state == state]

    def cells(self) -> Iterator[tuple[int, KeyedCell]]:
        """Give every cell with its line's number, in the order of the paper."""
        for line in self.lines:
            for cell in line.cells.values():
                yield line.line, cell


def read_keyed(session: Session, sheet_id: int, on: date) -> KeyedSheet:
    """Read a sheet with its draft and with what is due now.

    What is due now is what is due on the day of the meeting after everything that was booked until now, so
    that it can be compared with the paper.

    on       the day on which it would be posted: what can be withdrawn depends on it
    raises   NotFoundError
    """
    sheet = get_sheet(session, sheet_id)
    plan = printed_plan(session, sheet_id)
    cells = session.execute(
        select(SheetCell.line, SheetCell.slot, SheetCell.typed).where(SheetCell.sheet_id == sheet_id)
    )
    typed = {(line, slot): text for line, slot, text in cells}
    reading = _Reading(session, _figures_now(session, plan), currency_digits(session), on)
    lines = tuple(reading.line(line, typed) for line in plan.lines)
    totals = {
        column.slot: total(
            cell.amount
            for line in lines
            if (cell := line.cells.get(column.slot)) is not None and cell.amount is not None
        )
        for column in plan.columns
    }
    return KeyedSheet(
        sheet,
        plan.place,
        plan.officer,
        plan.columns,
        lines,
        totals,
        cash_in=total(totals[column.slot] for column in plan.columns if not column.pays_out),
        cash_out=total(totals[column.slot] for column in plan.columns if column.pays_out),
    )


def _figures_now(session: Session, plan: SheetPlan) -> dict[tuple[str, int], Figure]:
    """Give how every account of a sheet stands now, by the kind of its cell and its id."""
    ids: dict[str, list[int]] = {}
    for line in plan.lines:
        for cell in line.cells.values():
            ids.setdefault(cell.kind, []).append(cell.account_id)
    on = plan.meeting_on
    saved = savings_figures(session, sorted({*ids.get(SAVINGS, ()), *ids.get(WITHDRAWAL, ())}), on)
    by_kind = {
        LOAN: loan_figures(session, ids.get(LOAN, ()), on),
        SAVINGS: saved,
        WITHDRAWAL: saved,
        DISBURSEMENT: payout_figures(session, ids.get(DISBURSEMENT, ()), on),
    }
    return {(kind, account_id): one for kind, found in by_kind.items() for account_id, one in found.items()}


class _Reading:
    """Reads the cells of a sheet one after the other."""

    def __init__(
        self, session: Session, figures: Mapping[tuple[str, int], Figure], digits: int, on: date
    ) -> None:
        self.session = session
        self.figures = figures
        self.digits = digits
        self.on = on

    def line(self, line: SheetLineOf, typed: Mapping[tuple[int, str], str]) -> KeyedLine:
        """Read a row."""
        cells: dict[str, KeyedCell] = {}
        for cell in line.cells.values():
            cells[cell.slot] = self._cell(cell, typed.get((line.line, cell.slot), ""), cells)
        return KeyedLine(
            line.line,
            line.client_id,
            line.name,
            line.number,
            line.group,
            line.is_group,
            cells,
            typed.get((line.line, ATTENDANCE), ""),
        )

    def _cell(self, cell: Cell, typed: str, before: Mapping[str, KeyedCell]) -> KeyedCell:
        now = self.figures.get((cell.kind, cell.account_id))
        amount, refusal = self._amount(cell, typed)
        warning = None
        if amount and now is not None:
            refusal, warning = self._check(cell, now, amount, before)
        state = EXCEPTION
        if refusal is not None:
            amount, state = None, WRONG
        elif amount is None:
            state = NOT_KEYED
        elif amount == cell.due:
            state = AS_DUE
        pays_nothing = now is None or cell.kind == WITHDRAWAL
        return KeyedCell(
            cell.slot,
            cell.kind,
            cell.account_id,
            cell.number,
            cell.due,
            ZERO if now is None or pays_nothing else now.due,
            ZERO if now is None or pays_nothing else now.overdue,
            cell.balance if now is None else now.balance,
            "" if now is None else _changed(cell, now),
            typed,
            amount,
            state,
            refusal,
            warning,
        )

    def _amount(self, cell: Cell, typed: str) -> tuple[Money | None, RuleError | None]:
        if not typed:
            return (ZERO if cell.kind in OPTIONAL else None), None
        try:
            amount = parse_major(typed, self.digits)
            if amount < ZERO:
                raise AmountNegativeError(given=amount)
            if amount > LARGEST_AMOUNT:
                raise AmountTooLargeError(given=amount)
        except RuleError as refusal:
            return None, refusal
        return amount, None

    def _check(
        self, cell: Cell, now: Figure, amount: Money, before: Mapping[str, KeyedCell]
    ) -> tuple[RuleError | None, RuleError | None]:
        """Give why an amount above zero cannot be posted, and what has to be confirmed."""
        if not now.is_open:
            return AccountClosedError(number=cell.number), None
        unusual = UnusualAmountError(typed=amount, due=now.due)
        much = amount.minor > _UNUSUAL_TIMES * now.due.minor
        if cell.kind == LOAN:
            if amount > now.balance and not now.keeps_excess:
                return OverpaymentError(paid=amount, owed=now.balance), None
            return None, unusual if much or amount > now.balance else None
        if cell.kind == SAVINGS:
            return None, unusual if now.due and much else None
        if cell.kind == DISBURSEMENT:
            return (PayoutAmountError(typed=amount, due=now.due) if amount != now.due else None), None
        return self._withdrawal(cell, amount, before), None

    def _withdrawal(self, cell: Cell, amount: Money, before: Mapping[str, KeyedCell]) -> RuleError | None:
        """Refuse more than there is, with what is paid in on the same row."""
        paid_in = total(
            one.amount
            for one in before.values()
            if one.kind == SAVINGS and one.account_id == cell.account_id and one.amount is not None
        )
        free = max(ZERO, available(self.session, cell.account_id, self.on) + paid_in)
        return InsufficientFundsError(amount=amount, available=free) if amount > free else None


def _changed(cell: Cell, now: Figure) -> str:
    if not now.is_open:
        return CLOSED_SINCE
    if cell.kind not in {WITHDRAWAL, CHARGE} and now.due != cell.due:
        return DUE_CHANGED
    return BALANCE_CHANGED if now.balance != cell.balance else ""
