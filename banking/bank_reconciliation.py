"""Bank statements beside the books: imported once, matched line by line, and what is left explained."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.bank_errors import (
    MatchError,
    StatementBalanceError,
    StatementFileError,
    StatementGapError,
    StatementKnownError,
)
from banking.bank_files import BankLine, Columns, check_running_balances, newest_first, read_lines, sum_of
from banking.books import ManualLine
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean
from ledger.errors import NotFoundError
from ledger.matching import Candidate, match_lines
from ledger.money import ZERO, Money
from schema.accounting import JournalEntry, JournalLine
from schema.cash import BankStatement, BankStatementLine
from schema.reading import fetch, fetch_one
from schema.reference import GLAccount
from schema.writing import act, insert, update

WINDOW_DAYS: Final = 5
"""How many days a bank may take, either way, before two equal amounts are no more the same by themselves."""

KIND: Final = "bank_item"

_OPEN_IN_BOOKS = """
SELECT l.id, e.booked_on, l.debit - l.credit, e.note, coalesce(t.receipt, ''), coalesce(t.note, ''),
       coalesce(s.receipt, ''), coalesce(s.note, '')
  FROM journal_line AS l
  JOIN journal_entry AS e ON e.id = l.journal_entry_id
  LEFT JOIN bank_statement_line AS b ON b.journal_line_id = l.id
  LEFT JOIN loan_transaction AS t ON t.journal_entry_id = e.id
  LEFT JOIN savings_transaction AS s ON s.journal_entry_id = e.id
 WHERE l.gl_account_id = ? AND l.origin_office_id = ? AND b.id IS NULL AND e.reverses_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM journal_entry AS r WHERE r.reverses_id = e.id)
 ORDER BY l.id
"""
_OPEN_ON_STATEMENTS = """
SELECT b.id, b."on", b.amount, b.text, b.reference
  FROM bank_statement_line AS b JOIN bank_statement AS s ON s.id = b.bank_statement_id
 WHERE s.gl_account_id = ? AND s.origin_office_id = ? AND b.journal_line_id IS NULL
 ORDER BY b.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFile:
    """A file of a bank, how to read it, and the balances on the paper; None: as the file has them."""

    content: bytes
    columns: Columns
    opening: Money | None = None
    closing: Money | None = None


def import_statement(session: Session, gl_code: str, wanted: StatementFile) -> BankStatement:
    """Write a bank's statement down, once, with all its lines; nothing is posted.

    gl_code  the GL account of that bank account
    raises   NotFoundError, ManualEntryError; StatementFileError, StatementRowsError with every wrong row;
             StatementBalanceError when opening and lines are not closing; StatementGapError when it does not
             begin where the one before ended; StatementKnownError
    """
    account_id = books.manual_accounts(session, [gl_code])[gl_code]
    fingerprint = hashlib.sha256(wanted.content).digest()
    _refuse_known(session, account_id, fingerprint)
    lines = read_lines(wanted.content, wanted.columns, act(session).digits)
    if newest_first(lines):
        lines.reverse()
    opening, closing = _balances(lines, wanted)
    check_running_balances(lines, opening)
    if opening + sum_of(lines) != closing:
        raise StatementBalanceError(opening=opening, lines=sum_of(lines), closing=closing)
    starts_on, ends_on = min(line.on for line in lines), max(line.on for line in lines)
    _refuse_gap(session, account_id, opening, starts_on)
    statement = BankStatement(
        gl_account_id=account_id,
        starts_on=starts_on,
        ends_on=ends_on,
        opening=opening,
        closing=closing,
        fingerprint=fingerprint,
    )
    insert(session, statement)
    insert(
        session,
        *(
            BankStatementLine(
                bank_statement_id=statement.id,
                number=number,
                on=line.on,
                amount=line.amount,
                text=line.text,
                reference=line.reference,
            )
            for number, line in enumerate(lines, 1)
        ),
    )
    return statement


def _balances(lines: Sequence[BankLine], wanted: StatementFile) -> tuple[Money, Money]:
    """Give opening and closing as typed, else as they follow from the file's own balances."""
    first, last = lines[0], lines[-1]
    opening = wanted.opening
    if opening is None and first.balance is not None:
        opening = first.balance - first.amount
    closing = last.balance if wanted.closing is None else wanted.closing
    if opening is None or closing is None:
        raise StatementFileError(reason="it has no balances: type the opening and the closing one")
    return opening, closing


def _refuse_known(session: Session, account_id: int, fingerprint: bytes) -> None:
    known = session.scalars(
        select(BankStatement).where(
            BankStatement.fingerprint == fingerprint,
            BankStatement.gl_account_id == account_id,
            BankStatement.origin_office_id == act(session).office_id,
        )
    ).first()
    if known is not None:
        raise StatementKnownError(first=known.starts_on, last=known.ends_on)


def _refuse_gap(session: Session, account_id: int, opening: Money, starts_on: date) -> None:
    newest = newest_statement(session, account_id, act(session).office_id)
    if newest is not None and (newest.closing != opening or starts_on < newest.ends_on):
        raise StatementGapError(opening=opening, closing=newest.closing, last=newest.ends_on)


def newest_statement(
    session: Session, account_id: int, office_id: int, until: date | None = None
) -> BankStatement | None:
    """Find the newest statement of a bank account that ends by ``until``."""
    wanted = select(BankStatement).where(
        BankStatement.gl_account_id == account_id,
        BankStatement.origin_office_id == office_id,
        BankStatement.ends_on <= (until or date.max),
    )
    return session.scalars(wanted.order_by(BankStatement.ends_on.desc(), BankStatement.id.desc())).first()


# --- matching -------------------------------------------------------------------------------------


def match_automatically(
    session: Session, gl_code: str, *, window_days: int = WINDOW_DAYS
) -> list[tuple[int, int]]:
    """Match what is open on both sides of a bank account; gives (statement line, journal line) of each match.

    What was taken back in the books is left to a person: the bank may have both, or neither.

    raises   NotFoundError, ManualEntryError
    """
    account_id = books.manual_accounts(session, [gl_code])[gl_code]
    office = act(session).office_id
    statement = [
        Candidate(row[0], date.fromisoformat(row[1]), Money(row[2]), (row[3], row[4]))
        for row in fetch(session, _OPEN_ON_STATEMENTS, account_id, office)
    ]
    booked = {
        row[0]: Candidate(row[0], date.fromisoformat(row[1]), Money(row[2]), tuple(row[3:]))
        for row in fetch(session, _OPEN_IN_BOOKS, account_id, office)
    }
    found = match_lines(statement, list(booked.values()), window_days)
    for line_id, journal_line_id in found:
        line = session.get_one(BankStatementLine, line_id)
        update(session, line, journal_line_id=journal_line_id, matched_on=act(session).business_date)
    return found


def match(session: Session, line_id: int, journal_line_id: int) -> BankStatementLine:
    """Match a line of a statement with a line of the books that a person found.

    raises   NotFoundError; MatchError when either is matched, or account or amount differ
    """
    line, statement = _own_line(session, line_id)
    booked = get_row(session, JournalLine, journal_line_id, "journal line")
    if line.journal_line_id is not None:
        raise MatchError(line=line.number, reason="it is matched already")
    if booked.gl_account_id != statement.gl_account_id or booked.origin_office_id != line.origin_office_id:
        raise MatchError(line=line.number, reason="the entry is on another account")
    if booked.debit - booked.credit != line.amount:
        raise MatchError(line=line.number, reason="the entry has another amount")
    taken = fetch_one(
        session, "SELECT number FROM bank_statement_line WHERE journal_line_id = ?", journal_line_id
    )
    if taken is not None:
        raise MatchError(line=line.number, reason=f"the entry is matched with line {taken[0]}")
    update(session, line, journal_line_id=journal_line_id, matched_on=act(session).business_date)
    return line


def unmatch(session: Session, line_id: int) -> BankStatementLine:
    """Take a match back; both sides are open again.

    raises   NotFoundError, MatchError when it is not matched
    """
    line, _ = _own_line(session, line_id)
    if line.journal_line_id is None:
        raise MatchError(line=line.number, reason="it is not matched")
    update(session, line, journal_line_id=None, matched_on=None)
    return line


def post_bank_item(
    session: Session, line_id: int, gl_code: str, *, note: str = "", approved_by_id: int | None = None
) -> JournalEntry:
    """Post what only the bank knows, charges or interest, and match it.

    gl_code  the account of the expense or income
    raises   NotFoundError, MatchError, ManualEntryError, SecondPersonNeededError, BadSecondPersonError,
             ClosedDayError, ClosedPeriodError
    """
    line, statement = _own_line(session, line_id)
    if line.journal_line_id is not None:
        raise MatchError(line=line.number, reason="it is matched already")
    bank = session.get_one(GLAccount, statement.gl_account_id)
    if gl_code == bank.code:
        raise MatchError(line=line.number, reason="the other account is the bank itself")
    words = clean(note, "note", LONGEST_NOTE) or line.text or line.reference or "bank"
    came = line.amount > ZERO
    amount = abs(line.amount)
    entry = books.post_manual(
        session,
        (
            ManualLine(bank.code if came else gl_code, debit=amount),
            ManualLine(gl_code if came else bank.code, credit=amount),
        ),
        value_date=line.on,
        note=words,
        kind=KIND,
        approved_by_id=approved_by_id,
    )
    booked = session.scalars(
        select(JournalLine.id).where(
            JournalLine.journal_entry_id == entry.id, JournalLine.gl_account_id == bank.id
        )
    ).one()
    match(session, line_id, booked)
    return entry


def _own_line(session: Session, line_id: int) -> tuple[BankStatementLine, BankStatement]:
    line = get_row(session, BankStatementLine, line_id, "line of a bank statement")
    if line.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="line of a bank statement", key=line_id)
    return line, session.get_one(BankStatement, line.bank_statement_id)
