"""From a figure of the trial balance down to branch, account, entry and what stands behind it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.counter import Owner, get_owner
from banking.reports import Question
from banking.reports.gl_totals import totals_between
from banking.reports.shape import offices_below
from hq.account_lines import AccountLine, LineScope, account_lines
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money, total
from schema.accounting import JournalEntry, JournalLine
from schema.accounts import LoanAccount, LoanTransaction, SavingsAccount, SavingsTransaction
from schema.reference import GLAccount, Office
from schema.replication import BundleRecord, StoredChangeset
from sync.changeset import INSERT, read_ops
from sync.labels import check_letters, label_number
from sync.lookup import Origin, find_origin

LINES_A_PAGE: Final = 100
_BUNDLES_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Scope:
    """What a figure is about: an office (None: all), first and last booked day (None: no bound).

    ``sub_tree``  and all below the office; ``within`` are the ids of the offices then meant (None: all)
    """

    office: Office | None = None
    start: date | None = None
    as_of: date | None = None
    sub_tree: bool = False
    within: tuple[int, ...] | None = None

    @property
    def offices(self) -> tuple[int, ...] | None:
        """Ids of the offices meant; None: all."""
        if self.within is not None or self.office is None:
            return self.within
        return (self.office.id,)


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
class BelowRow:
    """An account directly below a heading, with what stands on it and below it; debit-positive."""

    code: str
    name: str
    closing: Money


@dataclass(frozen=True, slots=True)
class AccountSheet:
    """An account in one scope: its offices, the sums over them, and one page of its lines, newest first.

    ``next_page`` is None on the last page; pages count from 1. ``below`` are the accounts under a heading.
    """

    account: GLAccount
    below: tuple[BelowRow, ...]
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
class BroughtBy:
    """A bundle in which an entry came: its label (number or name), check letters, arrival, range."""

    label: str
    check: str
    came_at: datetime
    first_seq: int | None
    last_seq: int | None


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
    bundles: tuple[BroughtBy, ...]


def list_offices(session: Session) -> list[Office]:
    """List all offices by code."""
    return list(session.scalars(select(Office).order_by(Office.code)))


def get_office(session: Session, code: str) -> Office:
    """Give the office with a code; NotFoundError where there is none."""
    found = session.scalars(select(Office).where(Office.code == code.upper())).first()
    if found is None:
        raise NotFoundError(kind="branch", key=code)
    return found


def scope_of(
    session: Session, code: str, start: date | None, as_of: date | None, *, sub_tree: bool = False
) -> Scope:
    """Give what a page is asked about; ``code`` empty: all offices. NotFoundError for an unknown one."""
    if not code:
        return Scope(None, start, as_of)
    office = get_office(session, code)
    within = offices_below(session, office.id) if sub_tree else None
    return Scope(office, start, as_of, sub_tree, within)


def account_sheet(session: Session, code: str, scope: Scope, page: int = 1) -> AccountSheet:
    """Give an account by its code; NotFoundError where there is none."""
    account = session.scalars(select(GLAccount).where(GLAccount.code == code).order_by(GLAccount.id)).first()
    if account is None:
        raise NotFoundError(kind="GL account", key=code)
    accounts = [account.id, *_below(session, account.id)]
    offices = tuple(_office_rows(session, accounts, scope))
    lines = account_lines(
        session, accounts, LineScope(scope.offices, scope.start, scope.as_of), page, LINES_A_PAGE
    )
    return AccountSheet(
        account=account,
        below=tuple(_below_rows(session, account.id, scope)) if len(accounts) > 1 else (),
        offices=offices,
        opening=total(row.opening for row in offices),
        debit=total(row.debit for row in offices),
        credit=total(row.credit for row in offices),
        closing=total(row.closing for row in offices),
        lines=tuple(lines[:LINES_A_PAGE]),
        page=page,
        next_page=page + 1 if len(lines) > LINES_A_PAGE else None,
    )


def _below(session: Session, account_id: int) -> list[int]:
    """Give the ids of all accounts below a heading."""
    children: dict[int | None, list[int]] = {}
    for own, parent in session.execute(select(GLAccount.id, GLAccount.parent_id).order_by(GLAccount.code)):
        children.setdefault(parent, []).append(own)
    found = list(children.get(account_id, ()))
    for one in found:  # grows while it is read
        found += [child for child in children.get(one, ()) if child not in found]
    return found


def _below_rows(session: Session, account_id: int, scope: Scope) -> list[BelowRow]:
    rows = []
    children = select(GLAccount).where(GLAccount.parent_id == account_id).order_by(GLAccount.code)
    for child in session.scalars(children).all():
        moved = _moved(session, [child.id, *_below(session, child.id)], scope)
        if moved:
            rows.append(BelowRow(child.code, child.name, total(one - two for one, two in moved.values())))
    return rows


def _office_rows(session: Session, accounts: Sequence[int], scope: Scope) -> list[OfficeRow]:
    until = _moved(session, accounts, replace(scope, start=None))
    within = until if scope.start is None else _moved(session, accounts, scope)
    rows = []
    for office in list_offices(session):
        if office.id not in until:
            continue
        debit, credit = within.get(office.id, (ZERO, ZERO))
        closing = until[office.id][0] - until[office.id][1]
        rows.append(OfficeRow(office.code, office.name, closing - debit + credit, debit, credit, closing))
    return rows


def _moved(session: Session, accounts: Sequence[int], scope: Scope) -> dict[int, tuple[Money, Money]]:
    """Add up debits and credits of some accounts by office, from the totals of days and months."""
    meant = Question(as_of=scope.as_of or date.max, start=scope.start, offices=scope.offices)
    condition = f"{meant.within('origin_office_id')} AND gl_account_id IN ({', '.join(map(str, accounts))})"
    found: dict[int, tuple[Money, Money]] = {}
    for _account, office, debit, credit in totals_between(session, condition, meant.since, meant.until):
        before = found.get(office, (ZERO, ZERO))
        found[office] = (before[0] + Money(debit), before[1] + Money(credit))
    return found


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
        bundles=brought_by(session, origin) if origin else (),
    )


def brought_by(session: Session, origin: Origin) -> tuple[BroughtBy, ...]:
    """List the bundles that held a changeset, the first one first: what is written twice may come twice."""
    wanted = (
        select(BundleRecord, Office.code)
        .outerjoin(Office, Office.id == BundleRecord.office_id)
        .where(
            BundleRecord.direction == "in",
            BundleRecord.device == origin.device,
            BundleRecord.chain == origin.chain,
            BundleRecord.first_seq <= origin.seq,
            BundleRecord.last_seq >= origin.seq,
            BundleRecord.verdict.in_(("ADMIT", "HOLD")),
        )
        .order_by(BundleRecord.id)
        .limit(_BUNDLES_SHOWN)
    )
    return tuple(
        BroughtBy(
            bundle_words(row, code or ""),
            check_letters(row.bundle_id, row.last_hash),
            row.at,
            row.first_seq,
            row.last_seq,
        )
        for row, code in session.execute(wanted)
    )


def bundle_words(row: BundleRecord, code: str) -> str:
    """Name a bundle as its label does: by its number, or by its name where no number is known."""
    return label_number(code, row.number) if row.number else row.bundle_id.hex()[:8].upper()


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
