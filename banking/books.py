"""The journal: every entry is written here, with its lines first and the daily totals after it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.approval import require_second_person
from banking.booking_day import booked_on
from banking.errors import (
    AlreadyReversedError,
    ManualEntryError,
    NotReversibleError,
    ReversalDateError,
    TooManyLinesError,
)
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean, require
from ledger.errors import AmountTooLargeError, NotFoundError
from ledger.money import Money, require_positive
from ledger.posting import Account, Entry, Line, Role
from schema.accounting import JournalEntry, JournalLine
from schema.cash import InterBranchLeg
from schema.reading import fetch, fetch_one
from schema.reference import GLAccount
from schema.writing import act, add_to_day_totals, insert

LARGEST_AMOUNT = Money(10**15)
"""The largest amount of one posting, in minor units. Nine thousand of them still add up below 2^63."""

MOST_LINES = 200
BY_PEOPLE = frozenset({"manual", "frequent", "opening_balance", "bank_item"})
"""Kinds of entries that somebody composed and that are taken back on their own."""
_ROLES = "satchel.gl_roles"


def require_amount(amount: Money) -> Money:
    """Give ``amount`` back if it can be posted: above zero, and small enough that totals can never overflow.

    raises   AmountZeroError, AmountNegativeError, AmountTooLargeError
    """
    if amount > LARGEST_AMOUNT:
        raise AmountTooLargeError(given=amount)
    return require_positive(amount)


def account_with_role(session: Session, role: Role) -> int:
    """Give the id of the GL account that posting rules know as ``role``.

    raises   NotFoundError when the chart has none
    """
    found: dict[str, int] | None = session.info.get(_ROLES)
    if found is None or role not in found:
        rows = fetch(
            session,
            "SELECT role, id FROM gl_account WHERE role <> '' AND usage = 'detail' AND active = 1 "
            "ORDER BY code DESC",
        )
        found = {row[0]: row[1] for row in rows}
        session.info[_ROLES] = found
    try:
        return found[role]
    except KeyError:
        raise NotFoundError(kind="GL account", key=role) from None


def post(
    session: Session,
    entry: Entry,
    accounts: Mapping[Account, int],
    *,
    value_date: date,
    note: str = "",
    reverses_id: int | None = None,
    approved_by_id: int | None = None,
    shown_on: date | None = None,
) -> JournalEntry:
    """Write ``entry``: its lines, the entry itself, and what the daily totals gain.

    accounts  the GL account behind each role or code of the lines
    approved_by_id  the second person, checked before (``banking.approval``)
    shown_on  the day in which the books show it, closed or not: only a year's closing entry says one
    raises    ClosedDayError, ClosedPeriodError; NotFoundError for a line that ``accounts`` does not know
    """
    shown_on = shown_on or booked_on(session, value_date)
    lines = []
    for line in entry.lines:
        account_id = accounts.get(line.account)
        if account_id is None:
            raise NotFoundError(kind="GL account", key=line.account)
        lines.append((account_id, line.debit, line.credit))
    return _write(
        session,
        entry.kind,
        lines,
        value_date=value_date,
        shown_on=shown_on,
        note=note,
        reverses_id=reverses_id,
        approved_by_id=approved_by_id,
    )


def _write(
    session: Session,
    kind: str,
    lines: Sequence[tuple[int, Money, Money]],
    *,
    value_date: date,
    shown_on: date,
    note: str,
    reverses_id: int | None,
    approved_by_id: int | None,
) -> JournalEntry:
    current = act(session)
    entry_id = current.ids.take()
    rows = [
        JournalLine(
            journal_entry_id=entry_id,
            gl_account_id=account_id,
            currency=current.currency,
            debit=debit,
            credit=credit,
        )
        for account_id, debit, credit in lines
    ]
    row = JournalEntry(
        id=entry_id,
        kind=kind,
        value_date=value_date,
        booked_on=shown_on,
        recorded_at=current.recorded_at,
        reverses_id=reverses_id,
        approved_by_id=approved_by_id,
        note=clean(note, "note", LONGEST_NOTE) if note else "",
        sheet_id=current.sheet_id,
    )
    insert(session, *rows, row)
    add_to_day_totals(session, current.office_id, shown_on, lines)
    return row


def require_not_reversed(session: Session, entry_id: int) -> None:
    """Refuse what was taken back before.

    raises   AlreadyReversedError
    """
    if fetch(session, "SELECT 1 FROM journal_entry WHERE reverses_id = ?", entry_id):
        raise AlreadyReversedError(receipt=entry_id)


def require_no_reversal(session: Session, entry_id: int) -> None:
    """Refuse an entry that takes another one back: what it took back is made anew, with its own reason.

    raises   NotReversibleError
    """
    if fetch(session, "SELECT 1 FROM journal_entry WHERE id = ? AND reverses_id IS NOT NULL", entry_id):
        raise NotReversibleError(receipt=entry_id, reason="it is a reversal itself")


def reverse_entry(
    session: Session,
    entry_id: int,
    *,
    value_date: date,
    note: str,
    kind: str = "reversal",
    approved_by_id: int | None = None,
    shown_on: date | None = None,
) -> JournalEntry:
    """Write the entry that takes another one back, its sides exchanged; the other one stays as it is.

    shown_on as in ``post``
    raises   AlreadyReversedError; NotFoundError; as ``post`` for the date
    """
    require_not_reversed(session, entry_id)
    statement = "SELECT gl_account_id, debit, credit FROM journal_line WHERE journal_entry_id = ? ORDER BY id"
    lines = [(row[0], Money(row[2]), Money(row[1])) for row in fetch(session, statement, entry_id)]
    if not lines:
        raise NotFoundError(kind="journal entry", key=entry_id)
    shown_on = shown_on or booked_on(session, value_date)
    posted = _write(
        session,
        kind,
        lines,
        value_date=value_date,
        shown_on=shown_on,
        note=note,
        reverses_id=entry_id,
        approved_by_id=approved_by_id,
    )
    _give_back(session, entry_id, posted)
    return posted


_OF_A_MESSAGE = """
SELECT key, other_office_id, amount FROM inter_branch_leg AS l
 WHERE l.journal_entry_id = ?
   AND EXISTS (SELECT 1 FROM message_answer AS a WHERE a.journal_entry_id = l.journal_entry_id)
 ORDER BY l.id
"""


def _give_back(session: Session, entry_id: int, posted: JournalEntry) -> None:
    """Write the opposite leg where the entry booked a payment that headquarters had sent."""
    for key, other_office_id, amount in fetch(session, _OF_A_MESSAGE, entry_id):
        leg = InterBranchLeg(
            key=key,
            other_office_id=other_office_id,
            amount=Money(-amount),
            on=posted.booked_on,
            journal_entry_id=posted.id,
            note=posted.note,
        )
        insert(session, leg)


@dataclass(frozen=True, slots=True)
class ManualLine:
    """One line that a person writes: a GL account by code, and the amount on one side."""

    code: str
    debit: Money | None = None
    credit: Money | None = None


def post_manual(
    session: Session,
    lines: Sequence[ManualLine],
    *,
    value_date: date,
    note: str,
    kind: str = "manual",
    approved_by_id: int | None = None,
) -> JournalEntry:
    """Write an entry that a person composed, with its reason.

    kind     one of ``BY_PEOPLE``
    raises   UnbalancedEntryError, BadEntryError; ManualEntryError for headings and for accounts whose balance
             follows from loans or savings; MissingError without a reason; NotFoundError; TooManyLinesError;
             SecondPersonNeededError from the limit on, BadSecondPersonError
    """
    reason = require(note, "note", LONGEST_NOTE)
    if len(lines) > MOST_LINES:
        raise TooManyLinesError(limit=MOST_LINES)
    entry = Entry(kind, tuple(_line(line) for line in lines))
    accounts = manual_accounts(session, [line.code for line in lines])
    second = require_second_person(session, entry.amount, approved_by_id)
    return post(session, entry, accounts, value_date=value_date, note=reason, approved_by_id=second)


def manual_accounts(session: Session, codes: Iterable[str]) -> dict[Account, int]:
    """Give the GL accounts behind ``codes`` that a person may post to.

    raises   NotFoundError; ManualEntryError for headings and for accounts whose balance follows from others
    """
    wanted = set(codes)
    found = session.scalars(select(GLAccount).where(GLAccount.code.in_(sorted(wanted)))).all()
    accounts: dict[Account, int] = {account.code: account.id for account in found}
    for code in sorted(wanted - set(accounts)):
        raise NotFoundError(kind="GL account", key=code)
    for account in found:
        if not (account.manual_entries and account.active and account.usage == "detail"):
            raise ManualEntryError(account=f"{account.code} {account.name}")
    return accounts


def reverse_manual(
    session: Session, entry_id: int, *, reason: str, on: date, approved_by_id: int | None = None
) -> JournalEntry:
    """Take a person's entry back on ``on``. Those of loans, savings, cash go back with what made them.

    raises   NotReversibleError, AlreadyReversedError, NotFoundError (also for another office's),
             MissingError, ReversalDateError, SecondPersonNeededError, BadSecondPersonError, ClosedDayError,
             ClosedPeriodError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    row = get_row(session, JournalEntry, entry_id, "journal entry")
    if row.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="journal entry", key=entry_id)
    if row.kind not in BY_PEOPLE:
        raise NotReversibleError(receipt=entry_id, reason=f"it is no manual entry but “{row.kind}”")
    if on < row.value_date:
        raise ReversalDateError(day=on, first=row.value_date)
    second = require_second_person(session, _amount_of(session, entry_id), approved_by_id)
    return reverse_entry(session, entry_id, value_date=on, note=why, approved_by_id=second)


def _amount_of(session: Session, entry_id: int) -> Money:
    row = fetch_one(
        session,
        "SELECT CAST(coalesce(sum(debit), 0) AS BIGINT) FROM journal_line WHERE journal_entry_id = ?",
        entry_id,
    )
    return Money(row[0] if row else 0)


def _line(line: ManualLine) -> Line:
    sides = {"debit": line.debit, "credit": line.credit}
    return Line(
        line.code, **{side: require_amount(amount) for side, amount in sides.items() if amount is not None}
    )
