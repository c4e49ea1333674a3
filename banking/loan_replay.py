"""Sharing the live entries of a loan anew, in date order, and posting only what that changes.

The shares that stand are those of the entries and of their adjustments. What they must be is computed by
``ledger.replay``; the differences become adjustments, one for each entry that they touch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from banking.followed_loans import FollowedStory, read_followed, write_followed_rows
from banking.line_rows import ensure_rows, read_line, write_rows
from banking.loan_books import (
    WRITTEN_OFF,
    LoanBook,
    read_book,
    read_dues,
)
from banking.loan_errors import ChargedOffError
from banking.loan_movements import Movement, write
from ledger.allocation import Due, Share
from ledger.followed_replay import FollowedReplay
from ledger.line_replay import LineReplay, LineStory
from ledger.loan_entries import adjustment_entry, write_off_adjustment_entry
from ledger.money import ZERO, Money
from ledger.posting import Entry, Split
from ledger.replay import DatedCharge, EntryKind, LiveEntry, Outcome, PlanRow, Replay
from schema.accounts import LoanTransaction
from schema.reading import fetch

ADJUSTMENT = "adjustment"
SHARED = {
    "repayment": EntryKind.PAYMENT,
    "waiver": EntryKind.WAIVER,
    "write_off": EntryKind.WRITE_OFF,
    "refund": EntryKind.REFUND,
}
"""The kinds of transactions that are shared over rows, or rest on what was paid too much."""

_NOW = 2**63 - 1
"""The place of an entry that is only being made: after all others of its day."""

_ROWS = """
SELECT id, number, due_on, penalty, fee, interest, principal
  FROM installment WHERE loan_account_id = ? ORDER BY number
"""

_CHARGES = """
SELECT c.id, c.installment_id, c.charged_on, c.penalty, c.amount
  FROM loan_charge AS c
 WHERE c.loan_account_id = ? AND c.installment_id IS NOT NULL AND c.reverses_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM loan_charge AS r WHERE r.reverses_id = c.id)
 ORDER BY c.id
"""

_LIVE = """
SELECT t.id, t.kind, t.value_date, t.amount, t.penalty, t.fee, t.interest
  FROM loan_transaction AS t
 WHERE t.loan_account_id = ? AND t.kind IN ('repayment', 'waiver', 'write_off', 'refund')
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id)
 ORDER BY t.id
"""

_SHARES = """
SELECT coalesce(t.adjusts_id, t.id), s.installment_id,
       CAST(sum(s.penalty) AS BIGINT), CAST(sum(s.fee) AS BIGINT),
       CAST(sum(s.interest) AS BIGINT), CAST(sum(s.principal) AS BIGINT)
  FROM loan_transaction AS t
  JOIN loan_transaction_share AS s ON s.loan_transaction_id = t.id
 WHERE t.loan_account_id = ? AND t.kind IN ('repayment', 'waiver', 'write_off', 'adjustment')
 GROUP BY coalesce(t.adjusts_id, t.id), s.installment_id
"""

_OVERPAYMENTS = """
SELECT coalesce(adjusts_id, id), CAST(sum(overpayment) AS BIGINT)
  FROM loan_transaction
 WHERE loan_account_id = ? AND kind IN ('repayment', 'refund', 'adjustment')
 GROUP BY coalesce(adjusts_id, id)
"""


_CHARGE_OFF = """
SELECT max(t.id) FROM loan_transaction AS t
 WHERE t.loan_account_id = ? AND t.kind = 'charge_off'
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id)
"""


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to a loan, as its books tell it.

    standing   what each live entry did to each row by its own shares and its adjustments
    line       of a credit line: what was drawn, from which its rows follow
    followed   of a loan whose interest is recalculated: what its rows follow from
    """

    rows: Mapping[int, PlanRow]
    charges: tuple[DatedCharge, ...]
    entries: tuple[LiveEntry, ...]
    standing: Mapping[int, Outcome]
    line: LineStory | None = None
    followed: FollowedStory | None = None

    def with_entry(self, entry: LiveEntry) -> "Story":
        """Tell it with one entry more."""
        return replace(self, entries=(*self.entries, entry))

    def without(self, transaction_id: int) -> "Story":
        """Tell it as if one entry had never been made."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.order != transaction_id))

    def replay(self, book: LoanBook) -> Replay:
        """Share everything anew.

        raises   NoLongerFitsError
        """
        if self.followed is not None:
            numbers = {row.number: row.id for row in self.rows.values()}
            engine = self.followed.engine(self.rows, self.charges)
            return FollowedReplay(engine, numbers, self.entries, self.followed.through)
        if self.line is not None:
            return LineReplay(self.line, self.rows.values(), self.charges, self.entries, book.sharing)
        return Replay(self.rows.values(), self.charges, self.entries, book.sharing)


def read_story(session: Session, loan_id: int) -> Story:
    """Read the rows, charges and live entries of a loan that is paid out, and what they did."""
    charges = tuple(
        DatedCharge(row[0], row[1], date.fromisoformat(row[2]), bool(row[3]), row[4])
        for row in fetch(session, _CHARGES, loan_id)
    )
    entries = tuple(
        LiveEntry(
            row[0],
            date.fromisoformat(row[2]),
            SHARED[row[1]],
            Money(row[3]),
            Split(penalty=Money(row[4]), fee=Money(row[5]), interest=Money(row[6])),
        )
        for row in fetch(session, _LIVE, loan_id)
    )
    standing = {entry.order: Outcome() for entry in entries}
    for order, row_id, *parts in fetch(session, _SHARES, loan_id):
        if order in standing:
            standing[order].add(row_id, parts)
    for order, overpayment in fetch(session, _OVERPAYMENTS, loan_id):
        if order in standing:
            standing[order].overpayment = overpayment
    rows = _read_rows(session, loan_id, charges)
    followed = read_followed(session, loan_id, rows)
    return Story(rows, charges, entries, standing, read_line(session, loan_id), followed)


def _read_rows(session: Session, loan_id: int, charges: Iterable[DatedCharge]) -> dict[int, PlanRow]:
    """Read the rows without their charges, which count from days of their own."""
    charged: dict[tuple[int, bool], int] = {}
    for charge in charges:
        key = (charge.row_id, charge.penalty)
        charged[key] = charged.get(key, 0) + charge.amount
    rows = {}
    for row_id, number, due_on, penalty, fee, interest, principal in fetch(session, _ROWS, loan_id):
        due = (
            penalty - charged.get((row_id, True), 0),
            fee - charged.get((row_id, False), 0),
            interest,
            principal,
        )
        rows[row_id] = PlanRow(row_id, number, date.fromisoformat(due_on), due)
    return rows


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry that is only being made: its shares, what it leaves over, and what it does to the others."""

    shares: tuple[Share, ...]
    overpayment: Money = ZERO
    story: Story | None = None
    replay: Replay | None = None

    @property
    def overpaid(self) -> Money:
        """Give what more the client has to his credit by it."""
        if self.story is None or self.replay is None:
            return self.overpayment
        before = sum(outcome.overpayment for outcome in self.story.standing.values())
        return Money(self.replay.credit - before)


def place(
    session: Session, book: LoanBook, kind: EntryKind, amount: Money, on: date, parts: Split | None = None
) -> Placed:
    """Find what an entry of today does. At the end of a plain loan that is shared over what is owed.

    An entry that comes late has its place among the others, which are shared anew with it.

    parts    of a waiver: how much of each component
    raises   NoLongerFitsError when a later waiver, write-off or refund rests on what this one would take;
             ChargedOffError for a day before the charge-off
    """
    if book.charged_off_on is not None and on < book.charged_off_on:
        raise ChargedOffError(number=book.number, day=book.charged_off_on)
    late = book.last_on is not None and on < book.last_on
    if book.status == WRITTEN_OFF or (book.is_plain and not late and kind is EntryKind.PAYMENT):
        shares, left = book.sharing(amount, read_dues(session, book.id), on)
        return Placed(tuple(shares), left)
    if book.is_line:
        ensure_rows(session, book.id, on)
    story = read_story(session, book.id).with_entry(LiveEntry(_NOW, on, kind, amount, parts or Split()))
    replay_ = story.replay(book)
    outcome = replay_.outcomes[_NOW]
    return Placed(tuple(_shares(outcome, story.rows)), Money(outcome.overpayment), story, replay_)


def adjust_others(session: Session, book: LoanBook, placed: Placed, on: date) -> list[LoanTransaction]:
    """Post what ``placed``, which is written now, changed of the other entries."""
    if placed.story is None or placed.replay is None:
        return []
    return _post_differences(session, book, placed.story, placed.replay, on)


def settle(
    session: Session, loan_id: int, *, cause_on: date | None = None, through: date | None = None
) -> list[LoanTransaction]:
    """Share the live entries of a loan anew, and post what differs from the shares that stand.

    cause_on  the day from which what made this necessary counts; no adjustment is dated before it
    through   of a credit line: the last day whose interest is charged, where it is not the last month's end;
              of a loan that is recalculated: the day on which its rows are seen, where it is not the business
              day
    returns   the adjustments; none where everything stands as it must
    raises    NoLongerFitsError, ClosedDayError, ClosedPeriodError, NotFoundError
    """
    book = read_book(session, loan_id)
    if book.disbursed_on is None:
        return []
    if book.is_line:
        ensure_rows(session, loan_id, through or book.last_on or book.disbursed_on)
    story = read_story(session, loan_id)
    if story.line is not None and through is not None and through > story.line.through:
        story = replace(story, line=replace(story.line, through=through))
    if story.followed is not None and through is not None and through > story.followed.through:
        story = replace(story, followed=replace(story.followed, through=through))
    return _post_differences(session, book, story, story.replay(book), cause_on)


def bring_forward(session: Session, book: LoanBook, on: date) -> None:
    """Charge a credit line the interest of all days before ``on``, and see recalculated rows on that day."""
    if book.is_line:
        settle(session, book.id, through=on - timedelta(days=1))
    elif book.recalculates:
        settle(session, book.id, through=on)


def _post_differences(
    session: Session, book: LoanBook, story: Story, replay_: Replay, cause_on: date | None
) -> list[LoanTransaction]:
    if isinstance(replay_, LineReplay):
        write_rows(session, book.id, replay_)
    elif isinstance(replay_, FollowedReplay):
        write_followed_rows(session, book.id, replay_)
    posted = []
    for entry in sorted(story.entries, key=lambda entry: entry.place):
        standing = story.standing.get(entry.order)
        if standing is None:
            continue
        change = replay_.outcomes[entry.order].less(standing)
        if change:
            on = entry.on if cause_on is None else max(entry.on, cause_on)
            posted.append(_post_adjustment(session, book, entry, change, story.rows, on))
    return posted


def _post_adjustment(
    session: Session,
    book: LoanBook,
    entry: LiveEntry,
    change: Outcome,
    rows: Mapping[int, PlanRow],
    on: date,
) -> LoanTransaction:
    split = change.split
    charged_off = book.charged_off_on is not None and entry.place > charge_off_place(session, book)
    if book.charged_off_on is not None and not charged_off and split.principal:
        raise ChargedOffError(number=book.number, day=book.charged_off_on)
    movement = Movement(
        kind=ADJUSTMENT,
        amount=ZERO,
        value_date=on,
        split=split,
        shares=_shares(change, rows),
        entry=_entry_of(entry, split, charged_off=charged_off),
        adjusts_id=entry.order,
    )
    return write(session, book, movement)


def charge_off_place(session: Session, book: LoanBook) -> tuple[date, int]:
    """Give the place in time of the charge-off that stands."""
    assert book.charged_off_on is not None
    rows = fetch(session, _CHARGE_OFF, book.id)
    return book.charged_off_on, rows[0][0] or 0


def is_after_charge_off(session: Session, book: LoanBook, transaction: LoanTransaction) -> bool:
    """Tell whether an entry came when the loan was charged off already."""
    if book.charged_off_on is None:
        return False
    return (transaction.value_date, transaction.id) > charge_off_place(session, book)


def _entry_of(entry: LiveEntry, change: Split, *, charged_off: bool) -> Entry | None:
    if entry.kind is EntryKind.PAYMENT:
        return adjustment_entry(change, charged_off=charged_off)
    if entry.kind is EntryKind.WRITE_OFF:
        return write_off_adjustment_entry(change.principal)
    return None


def _shares(outcome: Outcome, rows: Mapping[int, PlanRow]) -> list[Share]:
    shares = []
    for row_id, parts in outcome.rows.items():
        row = rows[row_id]
        penalty, fee, interest, principal = map(Money, parts)
        due = Due(row_id, row.number, row.due_on)
        shares.append(Share(due, penalty=penalty, fee=fee, interest=interest, principal=principal))
    return shares
