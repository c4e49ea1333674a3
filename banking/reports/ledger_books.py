"""Reports of the books: trial balance, balance sheet, income statement. They read the daily totals only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session

from ledger.money import ZERO, Money, total
from schema.accounting import GLDayTotal
from schema.reference import GLAccount

DEBIT_SIDE = frozenset({"asset", "expense"})
"""Types of accounts whose balance is printed as it stands when debits exceed credits."""


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """One GL account; ``opening`` and ``closing`` are debit-positive."""

    code: str
    name: str
    type: str
    opening: Money
    debit: Money
    credit: Money
    closing: Money


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account that was ever posted to, by code; ``debit`` equals ``credit``."""

    table: ClassVar[str] = "accounts"
    title: ClassVar[str] = "Trial balance"
    start: date | None
    as_of: date | None
    accounts: tuple[TrialBalanceRow, ...]
    debit: Money
    credit: Money


def _movements(
    session: Session, office_id: int | None, first: date | None, last: date | None
) -> dict[int, tuple[Money, Money]]:
    """Add up debits and credits by account from ``first`` to ``last``, both included."""
    wanted = select(
        GLDayTotal.gl_account_id,
        cast(func.sum(GLDayTotal.debit), BigInteger),
        cast(func.sum(GLDayTotal.credit), BigInteger),
    ).group_by(GLDayTotal.gl_account_id)
    if office_id is not None:
        wanted = wanted.where(GLDayTotal.origin_office_id == office_id)
    if first is not None:
        wanted = wanted.where(GLDayTotal.booked_on >= first)
    if last is not None:
        wanted = wanted.where(GLDayTotal.booked_on <= last)
    return {row[0]: (Money(row[1]), Money(row[2])) for row in session.execute(wanted)}


def trial_balance(
    session: Session, *, office_id: int | None = None, as_of: date | None = None, start: date | None = None
) -> TrialBalance:
    """Give opening, debit, credit and closing of each GL account, by booked date.

    office_id    one office; None adds up all of them
    as_of        last day that counts; None for every entry
    start        first day of the columns debit and credit; None opens with zero
    """
    moved = _movements(session, office_id, start, as_of)
    all_until = moved if start is None else _movements(session, office_id, None, as_of)
    accounts = session.scalars(select(GLAccount).order_by(GLAccount.code, GLAccount.id))
    rows = []
    for account in accounts:
        if account.id not in all_until:
            continue
        debit, credit = moved.get(account.id, (ZERO, ZERO))
        debit_until, credit_until = all_until[account.id]
        closing = debit_until - credit_until
        opening = closing - debit + credit
        rows.append(
            TrialBalanceRow(account.code, account.name, account.type, opening, debit, credit, closing)
        )
    return TrialBalance(
        start, as_of, tuple(rows), total(row.debit for row in rows), total(row.credit for row in rows)
    )


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A heading or an account of a statement. ``balance`` is debit-positive; ``amount`` is as printed.

    A heading carries the sum of what stands below it; ``level`` is 0 for the outermost.
    """

    code: str
    name: str
    type: str
    usage: str
    level: int
    balance: Money
    amount: Money


def _as_printed(kind: str, balance: Money) -> Money:
    return balance if kind in DEBIT_SIDE else -balance


def _statement_rows(
    accounts: Iterable[GLAccount], balances: Mapping[int, Money], kinds: tuple[str, ...]
) -> tuple[StatementRow, ...]:
    """Lay the accounts of some types out as a tree: headings before what they hold, by code."""
    wanted = [account for account in accounts if account.type in kinds]
    below: dict[int | None, list[GLAccount]] = {}
    ids = {account.id for account in wanted}
    for account in wanted:
        below.setdefault(account.parent_id if account.parent_id in ids else None, []).append(account)
    rows: list[StatementRow] = []

    def lay_out(account: GLAccount, level: int) -> Money | None:
        place = len(rows)
        sums = [lay_out(child, level + 1) for child in below.get(account.id, [])]
        own = balances.get(account.id)
        found = [balance for balance in (own, *sums) if balance is not None]
        if not found:
            return None
        balance = total(found)
        rows.insert(
            place,
            StatementRow(
                account.code,
                account.name,
                account.type,
                account.usage,
                level,
                balance,
                _as_printed(account.type, balance),
            ),
        )
        return balance

    for kind in kinds:
        for account in below.get(None, []):
            if account.type == kind:
                lay_out(account, 0)
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """What the institution has and owes. ``assets`` = ``liabilities`` + ``equity`` + ``result``.

    ``result`` is income less expenses that no closing entry has brought to equity yet.
    """

    table: ClassVar[str] = "accounts"
    title: ClassVar[str] = "Balance sheet"
    as_of: date | None
    accounts: tuple[StatementRow, ...]
    assets: Money
    liabilities: Money
    equity: Money
    result: Money


def _accounts(session: Session) -> list[GLAccount]:
    return list(session.scalars(select(GLAccount).order_by(GLAccount.code, GLAccount.id)))


def _sum_of_type(accounts: Iterable[GLAccount], balances: Mapping[int, Money], kind: str) -> Money:
    """Add up what is posted to the accounts of a type, as printed."""
    of_kind = (balances.get(account.id, ZERO) for account in accounts if account.type == kind)
    return _as_printed(kind, total(of_kind))


def balance_sheet(
    session: Session, *, as_of: date | None = None, office_id: int | None = None
) -> BalanceSheet:
    """Give assets, liabilities and equity at the end of ``as_of`` (None: with every entry)."""
    accounts = _accounts(session)
    moved = _movements(session, office_id, None, as_of)
    balances = {account_id: debit - credit for account_id, (debit, credit) in moved.items()}
    income, expense = (_sum_of_type(accounts, balances, kind) for kind in ("income", "expense"))
    sheet = BalanceSheet(
        as_of,
        _statement_rows(accounts, balances, ("asset", "liability", "equity")),
        _sum_of_type(accounts, balances, "asset"),
        _sum_of_type(accounts, balances, "liability"),
        _sum_of_type(accounts, balances, "equity"),
        income - expense,
    )
    assert sheet.assets == sheet.liabilities + sheet.equity + sheet.result
    return sheet


@dataclass(frozen=True, slots=True)
class IncomeStatement:
    """What was earned and spent from ``start`` to ``as_of``; ``result`` = ``income`` - ``expenses``."""

    table: ClassVar[str] = "accounts"
    title: ClassVar[str] = "Income statement"
    start: date | None
    as_of: date | None
    accounts: tuple[StatementRow, ...]
    income: Money
    expenses: Money
    result: Money


def income_statement(
    session: Session, *, as_of: date | None = None, office_id: int | None = None, start: date | None = None
) -> IncomeStatement:
    """Give income and expenses between two days, both included; without ``start`` since the books began."""
    accounts = _accounts(session)
    moved = _movements(session, office_id, start, as_of)
    balances = {account_id: debit - credit for account_id, (debit, credit) in moved.items()}
    income, expenses = (_sum_of_type(accounts, balances, kind) for kind in ("income", "expense"))
    rows = _statement_rows(accounts, balances, ("income", "expense"))
    return IncomeStatement(start, as_of, rows, income, expenses, income - expenses)
