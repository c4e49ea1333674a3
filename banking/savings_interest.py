"""Interest on savings: posted at the ends of its periods, taxed, paid on elsewhere, corrected when late."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.booking_day import booked_on
from banking.rows import get_row
from banking.savings_book import (
    ACTIVE,
    CLOSED,
    DORMANT,
    MOVED,
    look_at,
    lowest_balance_from,
    read_savings,
    require_status,
)
from banking.savings_legs import write_leg
from banking.savings_terms import Terms, last_earning_day, read_terms
from ledger.errors import ClosedPeriodError
from ledger.money import ZERO, Money, total
from ledger.posting import Account, Entry, Line, Role, entry_between
from ledger.savings_interest import ONE_DAY, Change
from ledger.savings_posting import Posting, Saved, accrued, as_at, postings_due
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.reading import fetch
from schema.writing import act, cut_when_full, update

INTEREST, OVERDRAFT_INTEREST, TAX = "interest", "overdraft_interest", "tax"
PAYOUT: Final = "interest_payout"
"""Kind of the journal entry by which interest goes on to another account."""

_HISTORY = """
SELECT t.savings_account_id, t.id, t.kind, t.amount, t.value_date, t.recorded_at, t.reverses_id,
       o.kind, o.value_date, e.kind
  FROM savings_transaction AS t
  JOIN journal_entry AS e ON e.id = t.journal_entry_id
  LEFT JOIN savings_transaction AS o ON o.id = t.reverses_id
 WHERE t.savings_account_id IN ({marks}) ORDER BY t.id
"""
READ_AT_ONCE: Final = 400
"""Accounts whose movements are in memory together."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A movement, and what it takes back if it does: kind and day of that."""

    id: int
    kind: str
    amount: Money
    on: date
    recorded_at: int
    reverses_id: int | None
    of_kind: str | None
    of_day: date | None
    entry_kind: str

    @property
    def interest_kind(self) -> str | None:
        """Which of the three kinds of interest it moves, itself or by taking one back."""
        kind = self.of_kind or self.kind
        return kind if kind in {INTEREST, OVERDRAFT_INTEREST, TAX} else None


def _rows(session: Session, account_ids: Sequence[int]) -> dict[int, list[_Row]]:
    """Read the movements of some accounts, by account, as they were written."""
    found: dict[int, list[_Row]] = {account_id: [] for account_id in account_ids}
    statement = _HISTORY.format(marks=", ".join("?" * len(account_ids)))
    for account_id, row_id, kind, amount, on, recorded, reverses, of_kind, of_day, entry in fetch(
        session, statement, *account_ids
    ):
        day = None if of_day is None else date.fromisoformat(of_day)
        row = _Row(
            row_id, kind, Money(amount), date.fromisoformat(on), recorded, reverses, of_kind, day, entry
        )
        found[account_id].append(row)
    return found


def _saved(account: SavingsAccount, rows: Sequence[_Row]) -> Saved | None:
    """Read an account's past as interest sees it; None where nothing ever moved.

    What was taken back counts as never having been there (a wrong deposit earns nothing), except that money
    was really away while it stood among the unclaimed savings.
    """
    taken_back = {row.reverses_id for row in rows if row.reverses_id is not None}
    changes, posted = [], []
    newest = max(((row.recorded_at, row.id) for row in rows if row.interest_kind), default=(0, 0))
    late = False
    settled = account.earns_from or date.min
    for row in rows:
        if row.interest_kind is not None:
            if (row.of_day or row.on) < settled:
                changes.append(Change(row.on, row.amount))  # part of what the new term began with
                continue
            posted.append(_posted(row))
            late = late or row.kind == "reversal" or (row.kind == INTEREST and row.amount < ZERO)
            continue
        if account.interest_to is not None and _counts_from(row) <= account.interest_to:
            late = late or (row.recorded_at, row.id) > newest
        if _counts(row, taken_back):
            changes.append(_change(row))
    if not changes:
        return None if not posted else Saved(changes=(), posted=posted, first=posted[0].on, late=True)
    first = account.earns_from or account.opened_on or min(change.on for change in changes)
    return Saved(changes=changes, posted=posted, first=first, posted_to=account.interest_to, late=late)


def _counts(row: _Row, taken_back: set[int]) -> bool:
    if "unclaimed" in {row.kind, row.of_kind}:
        return True
    return row.reverses_id is None and row.id not in taken_back


def _counts_from(row: _Row) -> date:
    """Give the first day whose balance a movement changes; a payout counts from the day after."""
    on = row.of_day or row.on
    return on + ONE_DAY if row.entry_kind == PAYOUT else on


def _change(row: _Row) -> Change:
    if row.entry_kind == PAYOUT and row.reverses_id is None:
        leaves = row.amount < ZERO
        return Change(row.on if leaves else row.on + ONE_DAY, row.amount, interest=leaves)
    return Change(row.on, row.amount)


def _posted(row: _Row) -> Posting:
    if row.interest_kind == INTEREST:
        return Posting(row.on, interest=row.amount)
    if row.interest_kind == TAX:
        return Posting(row.on, tax=-row.amount)
    return Posting(row.on, overdraft=-row.amount)


# --- posting --------------------------------------------------------------------------------------


def post_interest(
    session: Session, account_id: int, until: date, *, to_the_day: bool = False
) -> list[SavingsTransaction]:
    """Post what an account earned in the posting periods that ended up to ``until``, and its tax.

    to_the_day  also what it earned since, to the end of ``until`` (closing, maturity)
    returns     what was written; nothing the second time
    raises      StatusError for a closed account; NotFoundError; ClosedDayError
    """
    book = read_savings(session, account_id)
    require_status(book, "interest", ACTIVE, DORMANT)
    account = session.get_one(SavingsAccount, account_id)
    terms = read_terms(session, book.product_id)
    return _post_account(session, _earning(session, account, terms), until, to_the_day=to_the_day)


_EARNING = """
SELECT a.id, a.product_id FROM savings_account AS a
 WHERE a.origin_office_id = ? AND a.status IN (?, ?) AND (a.interest_to IS NULL OR a.interest_to < ?)
   AND EXISTS (SELECT 1 FROM savings_transaction AS t WHERE t.savings_account_id = a.id)
 ORDER BY a.id
"""


@dataclass(frozen=True, slots=True)
class _Earning:
    """An account with its terms and its past; None: nothing moved, or it earns nothing anyhow."""

    account: SavingsAccount
    terms: Terms
    saved: Saved | None


def _earning(session: Session, account: SavingsAccount, terms: Terms) -> _Earning:
    return _Earning(account, terms, _saved(account, _rows(session, [account.id])[account.id]))


def _all_earning(session: Session, office_id: int, before: date) -> Iterator[_Earning]:
    """Give every account of an office that can earn and is not posted to ``before``, some at a time."""
    terms_of: dict[int, Terms] = {}
    found = fetch(session, _EARNING, office_id, ACTIVE, DORMANT, before.isoformat())
    for start in range(0, len(found), READ_AT_ONCE):
        ids = [row[0] for row in found[start : start + READ_AT_ONCE]]
        wanted = select(SavingsAccount).where(SavingsAccount.id.in_(ids)).order_by(SavingsAccount.id)
        accounts, histories = session.scalars(wanted).all(), _rows(session, ids)
        for account in accounts:
            terms = terms_of.get(account.product_id) or read_terms(session, account.product_id)
            terms_of[account.product_id] = terms
            if terms.earns(account.annual_rate):
                yield _Earning(account, terms, _saved(account, histories[account.id]))


def post_interest_of_all(session: Session, until: date) -> int:
    """Post the interest of every account of this office, for the close; gives how many movements it made."""
    written = 0
    for one in _all_earning(session, act(session).office_id, until):
        written += len(_post_account(session, one, until))
        cut_when_full(session)
    return written


def _post_account(
    session: Session, one: _Earning, until: date, *, to_the_day: bool = False
) -> list[SavingsTransaction]:
    account, terms, saved = one.account, one.terms, one.saved
    if saved is None:
        return []
    due = postings_due(
        terms.rule(account.annual_rate),
        saved,
        last_earning_day(account, until),
        tax_percent=terms.tax_percent,
        to_the_day=to_the_day,
    )
    written: list[SavingsTransaction] = []
    for posting in due:
        written.extend(write_posting(session, account, terms, posting))
    if due:
        update(session, account, interest_to=due[-1].on)
    return written


def settle_interest(
    session: Session, account: SavingsAccount, terms: Terms, on: date, annual_rate: Decimal
) -> list[SavingsTransaction]:
    """Post in one sum what all days before ``on`` earned at ``annual_rate``, less what was posted for them.

    For an account that is closed. Below its agreed rate, where a term ends early, it may take interest back.
    """
    saved = _earning(session, account, terms).saved
    until = last_earning_day(account, on - ONE_DAY)
    if saved is None or until < saved.first:
        return []
    rule = terms.rule(annual_rate)
    whole = replace(saved, posted_to=None, late=True)
    posting = accrued(rule, whole, until, tax_percent=terms.tax_percent)
    written = write_posting(session, account, terms, posting)
    update(session, account, interest_to=max(until, account.interest_to or until))
    return written


def write_posting(
    session: Session, account: SavingsAccount, terms: Terms, posting: Posting
) -> list[SavingsTransaction]:
    """Write one posting: interest, interest on the overdraft and tax, each as a movement, under one entry.

    A correction takes back no more than is there. Where interest is paid to another account it goes on.
    """
    if not posting:
        return []
    on = _day_for(session, posting.on)
    interest = posting.interest
    if interest < ZERO:
        interest = max(interest, min(-lowest_balance_from(session, account.id, on), ZERO))
    parts = [
        (kind, amount)
        for kind, amount in (
            (INTEREST, interest),
            (OVERDRAFT_INTEREST, -posting.overdraft),
            (TAX, -posting.tax),
        )
        if amount
    ]
    if not parts:
        return []
    posted = books.post(session, _entry(parts), _accounts(terms), value_date=on)
    written = [write_leg(session, account.id, kind, amount, posted) for kind, amount in parts]
    net = total(amount for _, amount in parts)
    return [*written, *_pay_on(session, account, net, on)]


_OTHER_SIDE: Final = {
    INTEREST: Role.SAVINGS_INTEREST_EXPENSE,
    OVERDRAFT_INTEREST: Role.OVERDRAFT_INTEREST_INCOME,
    TAX: Role.SAVINGS_TAX,
}


def _accounts(terms: Terms) -> dict[Account, int]:
    return {
        Role.SAVINGS_DEPOSITS: terms.accounts.deposits,
        Role.SAVINGS_INTEREST_EXPENSE: terms.accounts.expense,
        Role.OVERDRAFT_INTEREST_INCOME: terms.accounts.overdraft_income,
        Role.SAVINGS_TAX: terms.accounts.tax,
    }


def _entry(parts: Sequence[tuple[str, Money]]) -> Entry:
    """Book what changes on the deposits in one line, and against it each part on its own account."""
    net = total(amount for _, amount in parts)
    lines = [_line(_OTHER_SIDE[kind], -amount) for kind, amount in parts]
    return Entry("savings_interest", (*lines, _line(Role.SAVINGS_DEPOSITS, net)) if net else tuple(lines))


def _line(role: Role, credited: Money) -> Line:
    """Credit an account; below zero it is a debit."""
    return Line(role, credit=credited) if credited > ZERO else Line(role, debit=-credited)


def _day_for(session: Session, end: date) -> date:
    """Give the day that a posting counts on: the end of its period, unless that period is closed already."""
    try:
        booked_on(session, end)
    except ClosedPeriodError:
        return act(session).business_date
    return end


def _pay_on(session: Session, account: SavingsAccount, net: Money, on: date) -> list[SavingsTransaction]:
    """Send posted interest on to the account that it is paid to, both legs under one entry."""
    target_id = account.pays_interest_to_id
    if target_id is None or net <= ZERO:
        return []
    target = look_at(session, target_id)
    amount = min(net, lowest_balance_from(session, account.id, on))
    if target.status in {CLOSED, MOVED} or amount <= ZERO:
        return []
    source = look_at(session, account.id)
    accounts: dict[Account, int] = {"from": source.gl_deposits_id, "to": target.gl_deposits_id}
    posted = books.post(session, entry_between(PAYOUT, "from", "to", amount), accounts, value_date=on)
    return [
        write_leg(session, account.id, "transfer_out", -amount, posted),
        write_leg(session, target_id, "transfer_in", amount, posted),
    ]


# --- what was earned and is not posted yet --------------------------------------------------------


def interest_accrued(session: Session, account_id: int, on: date) -> Posting:
    """Give what an account earned to the end of ``on`` beyond what was posted by then.

    raises   NotFoundError
    """
    account = get_row(session, SavingsAccount, account_id, "savings account")
    terms = read_terms(session, account.product_id)
    if account.status not in {ACTIVE, DORMANT}:
        return Posting(on)
    return _accrued(_earning(session, account, terms), on)


def _accrued(one: _Earning, on: date) -> Posting:
    if one.saved is None:
        return Posting(on)
    rule = one.terms.rule(one.account.annual_rate)
    until = last_earning_day(one.account, on)
    return accrued(rule, as_at(rule, one.saved, until), until, tax_percent=one.terms.tax_percent)


@dataclass(frozen=True, slots=True)
class ProductAccrual:
    """What all accounts of a product earned and owe beyond what is posted, each rounded; minor units."""

    product_id: int
    interest: Money
    overdraft: Money


def interest_accrued_of_all(session: Session, office_id: int, on: date) -> Sequence[ProductAccrual]:
    """Give the accrued interest of an office by product: the target of the close's payable accrual."""
    sums: dict[int, list[Money]] = {}
    for one in _all_earning(session, office_id, date.max):
        found = _accrued(one, on)
        both = sums.setdefault(one.account.product_id, [ZERO, ZERO])
        both[0] += found.interest
        both[1] += found.overdraft
    return [ProductAccrual(product_id, *both) for product_id, both in sorted(sums.items())]
