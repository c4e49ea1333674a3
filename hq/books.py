"""From a figure of the trial balance down to branch, account, entry and what stands behind it. Reads only."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import BigInteger, Select, cast, func, select
from sqlalchemy.orm import Session

from banking.counter import Owner, get_owner
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money, total
from schema.accounting import GLDayTotal, JournalEntry, JournalLine
from schema.accounts import LoanAccount, LoanTransaction, SavingsAccount, SavingsTransaction
from schema.reference import GLAccount, Office
from schema.replication import LateEntry, StoredChangeset
from sync.changeset import INSERT, read_ops
from sync.lookup import Origin, find_origin

LINES_A_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Scope:
    """What a figure is about: an office (None: all), first and last booked day (None: no bound)."""

    office: Office | None = None
    start: date | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """What one office has on an account; ``opening`` and ``closing`` are debit-positive."""

    code: str
    name: str
    opening: Money
    debit: Money
    credit: Money
    closing: Money


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One line of an account, with its entry."""

    entry_id: int
    office: str
    kind: str
    booked_on: date
    value_date: date
    note: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class AccountSheet:
    """An account in one scope: its offices, the sums over them, and one page of its lines, newest first.

    ``next_page`` is None on the last page; pages count from 1.
    """

    account: GLAccount
    offices: tuple[OfficeRow, ...]
    opening: Money
    debit: Money
    credit: Money
    closing: Money
    lines: tuple[AccountLine, ...]
    page: int
    next_page: int | None


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line of an entry."""

    account: str
    name: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class Source:
    """The movement of a client's account that an entry books. ``account_kind`` is loan or savings."""

    account_kind: str
    account_number: str
    kind: str
    receipt: str
    amount: Money
    owner: Owner


@dataclass(frozen=True, slots=True)
class EntrySheet:
    """An entry with its lines, where it came from, and the changeset that brought it."""

    entry: JournalEntry
    office: Office
    lines: tuple[EntryLine, ...]
    amount: Money
    reversed_by: int | None
    origin: Origin | None
    source: Source | None


def list_offices(session: Session) -> list[Office]:
    """List all offices by code."""
    return list(session.scalars(select(Office).order_by(Office.code)))


def get_office(session: Session, code: str) -> Office:
    """Give the office with a code; NotFoundError where there is none."""
    found = session.scalars(select(Office).where(Office.code == code.upper())).first()
    if found is None:
        raise NotFoundError(kind="branch", key=code)
    return found


def account_sheet(session: Session, code: str, scope: Scope, page: int = 1) -> AccountSheet:
    """Give an account by its code; NotFoundError where there is none."""
    account = session.scalars(select(GLAccount).where(GLAccount.code == code).order_by(GLAccount.id)).first()
    if account is None:
        raise NotFoundError(kind="GL account", key=code)
    offices = tuple(_office_rows(session, account.id, scope))
    lines = _lines(session, account.id, scope, page)
    return AccountSheet(
        account=account,
        offices=offices,
        opening=total(row.opening for row in offices),
        debit=total(row.debit for row in offices),
        credit=total(row.credit for row in offices),
        closing=total(row.closing for row in offices),
        lines=tuple(lines[:LINES_A_PAGE]),
        page=page,
        next_page=page + 1 if len(lines) > LINES_A_PAGE else None,
    )


def _office_rows(session: Session, account_id: int, scope: Scope) -> list[OfficeRow]:
    until = _moved(session, account_id, scope.office, None, scope.as_of)
    within = until if scope.start is None else _moved(session, account_id, *_bounds(scope))
    rows = []
    for office in list_offices(session):
        if office.id not in until:
            continue
        debit, credit = within.get(office.id, (ZERO, ZERO))
        closing = until[office.id][0] - until[office.id][1]
        rows.append(OfficeRow(office.code, office.name, closing - debit + credit, debit, credit, closing))
    return rows


def _bounds(scope: Scope) -> tuple[Office | None, date | None, date | None]:
    return scope.office, scope.start, scope.as_of


def _moved(
    session: Session, account_id: int, office: Office | None, first: date | None, last: date | None
) -> dict[int, tuple[Money, Money]]:
    """Add up debits and credits of an account by office."""
    wanted = (
        select(
            GLDayTotal.origin_office_id,
            cast(func.sum(GLDayTotal.debit), BigInteger),
            cast(func.sum(GLDayTotal.credit), BigInteger),
        )
        .where(GLDayTotal.gl_account_id == account_id)
        .group_by(GLDayTotal.origin_office_id)
    )
    if office is not None:
        wanted = wanted.where(GLDayTotal.origin_office_id == office.id)
    if first is not None:
        wanted = wanted.where(GLDayTotal.booked_on >= first)
    if last is not None:
        wanted = wanted.where(GLDayTotal.booked_on <= last)
    return {row[0]: (Money(row[1]), Money(row[2])) for row in session.execute(wanted)}


def _lines(session: Session, account_id: int, scope: Scope, page: int) -> list[AccountLine]:
    """One page of lines, and one more where there is another page; late ones on the day that counts them."""
    shown_on = func.coalesce(LateEntry.posted_on, JournalEntry.booked_on)
    wanted: Select[JournalLine, JournalEntry, str, date] = (
        select(JournalLine, JournalEntry, Office.code, shown_on)
        .join(JournalEntry, JournalEntry.id == JournalLine.journal_entry_id)
        .join(Office, Office.id == JournalEntry.origin_office_id)
        .outerjoin(LateEntry, LateEntry.journal_entry_id == JournalEntry.id)
        .where(JournalLine.gl_account_id == account_id)
        .order_by(shown_on.desc(), JournalEntry.id.desc(), JournalLine.id)
        .limit(LINES_A_PAGE + 1)
        .offset((page - 1) * LINES_A_PAGE)
    )
    if scope.office is not None:
        wanted = wanted.where(JournalEntry.origin_office_id == scope.office.id)
    if scope.start is not None:
        wanted = wanted.where(shown_on >= scope.start)
    if scope.as_of is not None:
        wanted = wanted.where(shown_on <= scope.as_of)
    return [
        AccountLine(
            entry.id,
            office,
            entry.kind,
            on,
            entry.value_date,
            entry.note,
            line.debit,
            line.credit,
        )
        for line, entry, office, on in session.execute(wanted)
    ]


def entry_sheet(session: Session, entry_id: int) -> EntrySheet:
    """Give a journal entry; NotFoundError where there is none."""
    entry = session.get(JournalEntry, entry_id)
    if entry is None:
        raise NotFoundError(kind="journal entry", key=entry_id)
    rows = session.execute(
        select(JournalLine, GLAccount)
        .join(GLAccount, GLAccount.id == JournalLine.gl_account_id)
        .where(JournalLine.journal_entry_id == entry_id)
        .order_by(JournalLine.id)
    )
    lines = tuple(EntryLine(account.code, account.name, line.debit, line.credit) for line, account in rows)
    origin = find_origin(session, JournalEntry.__tablename__, entry_id, entry.recorded_at)
    return EntrySheet(
        entry=entry,
        office=session.get_one(Office, entry.origin_office_id),
        lines=lines,
        amount=total(line.debit for line in lines),
        reversed_by=session.scalar(select(JournalEntry.id).where(JournalEntry.reverses_id == entry_id)),
        origin=origin,
        source=_source(session, entry_id, origin),
    )


def _source(session: Session, entry_id: int, origin: Origin | None) -> Source | None:
    """The movement that was made together with the entry: it stands in the same changeset."""
    if origin is None:
        return None
    body = session.scalar(
        select(StoredChangeset.body).where(
            StoredChangeset.device == origin.device,
            StoredChangeset.chain == origin.chain,
            StoredChangeset.seq == origin.seq,
            StoredChangeset.hash == origin.hash,
        )
    )
    for op in read_ops(body) if body else ():
        if op.sign == INSERT and op.new is not None and op.new.get("journal_entry_id") == entry_id:
            if op.table == LoanTransaction.__tablename__:
                return _loan_source(session, op.id)
            if op.table == SavingsTransaction.__tablename__:
                return _savings_source(session, op.id)
    return None


def _loan_source(session: Session, transaction_id: int) -> Source | None:
    row = session.get(LoanTransaction, transaction_id)
    if row is None:
        return None
    loan = session.get_one(LoanAccount, row.loan_account_id)
    owner = get_owner(session, loan.client_id, loan.group_id)
    return Source("loan", loan.number, row.kind, row.receipt, row.amount, owner)


def _savings_source(session: Session, transaction_id: int) -> Source | None:
    row = session.get(SavingsTransaction, transaction_id)
    if row is None:
        return None
    savings = session.get_one(SavingsAccount, row.savings_account_id)
    owner = get_owner(session, savings.client_id, savings.group_id)
    return Source("savings", savings.number, row.kind, row.receipt, row.amount, owner)
