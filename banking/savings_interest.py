"""Interest on savings: posted at the ends of its periods, taxed, paid on elsewhere, corrected when late."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

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
from ledger.money import ZERO, Money
from ledger.posting import Account, Role, entry_between
from ledger.savings_interest import ONE_DAY, Change
from ledger.savings_posting import Posting, Saved, accrued, as_at, postings_due
from schema.accounting import JournalEntry
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.reading import fetch
from schema.writing import act, cut_when_full, update

INTEREST, OVERDRAFT_INTEREST, TAX = "interest", "overdraft_interest", "tax"
PAYOUT: Final = "interest_payout"
"""Kind of the journal entry by which interest goes on to another account."""

_HISTORY = """
SELECT t.id, t.kind, t.amount, t.value_date, t.recorded_at, t.reverses_id, o.kind, o.value_date, e.kind
  FROM savings_transaction AS t
  JOIN journal_entry AS e ON e.id = t.journal_entry_id
  LEFT JOIN savings_transaction AS o ON o.id = t.reverses_id
 WHERE t.savings_account_id = ? ORDER BY t.id
"""


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


def _rows(session: Session, account_id: int) -> list[_Row]:
    return [
        _Row(
            row[0],
            row[1],
            Money(row[2]),
            date.fromisoformat(row[3]),
            row[4],
            row[5],
            row[6],
            None if row[7] is None else date.fromisoformat(row[7]),
            row[8],
        )
        for row in fetch(session, _HISTORY, account_id)
    ]


def _saved(session: Session, account: SavingsAccount) -> Saved | None:
    """Read an account's past as interest sees it; None where nothing ever moved.

    What was taken back counts as never having been there (a wrong deposit earns nothing), except that money
    was really away while it stood among the unclaimed savings.
    """
    rows = _rows(session, account.id)
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
    return _post_account(session, account, terms, until, to_the_day=to_the_day)


_EARNING = """
SELECT a.id, a.product_id FROM savings_account AS a
 WHERE a.origin_office_id = ? AND a.status IN (?, ?) AND (a.interest_to IS NULL OR a.interest_to < ?)
   AND EXISTS (SELECT 1 FROM savings_transaction AS t WHERE t.savings_account_id = a.id)
 ORDER BY a.id
"""


def post_interest_of_all(session: Session, until: date) -> int:
    """Post the interest of every account of this office, for the close; gives how many movements it made."""
    written = 0
    terms_of: dict[int, Terms] = {}
    office = act(session).office_id
    for account_id, product_id in fetch(session, _EARNING, office, ACTIVE, DORMANT, until.isoformat()):
        terms = terms_of.setdefault(product_id, terms_of.get(product_id) or read_terms(session, product_id))
        account = session.get_one(SavingsAccount, account_id)
        written += len(_post_account(session, account, terms, until))
        cut_when_full(session)
        cut_when_full(session)
    return written


def _post_account(
    session: Session, account: SavingsAccount, terms: Terms, until: date, *, to_the_day: bool = False
) -> list[SavingsTransaction]:
    saved = _saved(session, account) if terms.earns(account.annual_rate) else None
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
    saved = _saved(session, account)
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
    """Write one posting: interest, interest on the overdraft and tax, each under its own entry.

    A correction takes back no more than is there. Where interest is paid to another account it goes on.
    """
    if not posting:
        return []
    on = _day_for(session, posting.on)
    parts = (
        (INTEREST, posting.interest, terms.accounts.expense, Role.SAVINGS_INTEREST_EXPENSE),
        (
            OVERDRAFT_INTEREST,
            -posting.overdraft,
            terms.accounts.overdraft_income,
            Role.OVERDRAFT_INTEREST_INCOME,
        ),
        (TAX, -posting.tax, terms.accounts.tax, Role.SAVINGS_TAX),
    )
    written = []
    for kind, wanted, other_id, role in parts:
        amount = wanted
        if kind == INTEREST and wanted < ZERO:
            amount = max(wanted, min(-lowest_balance_from(session, account.id, on), ZERO))
        if amount:
            accounts: dict[Account, int] = {Role.SAVINGS_DEPOSITS: terms.accounts.deposits, role: other_id}
            posted = _entry(session, f"savings_{kind}", amount, role, accounts, on)
            written.append(write_leg(session, account.id, kind, amount, posted))
    return [*written, *_pay_on(session, account, posting.net, on)]


def _entry(
    session: Session, kind: str, amount: Money, role: Role, accounts: dict[Account, int], on: date
) -> JournalEntry:
    """Book ``amount`` on the deposits (out of them when negative), the other side on ``role``."""
    sides = (role, Role.SAVINGS_DEPOSITS) if amount > ZERO else (Role.SAVINGS_DEPOSITS, role)
    return books.post(session, entry_between(kind, *sides, abs(amount)), accounts, value_date=on)


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
    return _accrued(session, account, read_terms(session, account.product_id), on)


def _accrued(session: Session, account: SavingsAccount, terms: Terms, on: date) -> Posting:
    saved = None
    if account.status in {ACTIVE, DORMANT} and terms.earns(account.annual_rate):
        saved = _saved(session, account)
    if saved is None:
        return Posting(on)
    rule = terms.rule(account.annual_rate)
    until = last_earning_day(account, on)
    return accrued(rule, as_at(rule, saved, until), until, tax_percent=terms.tax_percent)


@dataclass(frozen=True, slots=True)
class ProductAccrual:
    """What all accounts of a product earned and owe beyond what is posted, each rounded; minor units."""

    product_id: int
    interest: Money
    overdraft: Money


def interest_accrued_of_all(session: Session, office_id: int, on: date) -> Sequence[ProductAccrual]:
    """Give the accrued interest of an office by product: the target of the close's payable accrual."""
    sums: dict[int, list[Money]] = {}
    terms_of: dict[int, Terms] = {}
    for account_id, product_id in fetch(session, _EARNING, office_id, ACTIVE, DORMANT, "9999-12-31"):
        terms = terms_of.setdefault(product_id, terms_of.get(product_id) or read_terms(session, product_id))
        found = _accrued(session, session.get_one(SavingsAccount, account_id), terms, on)
        total = sums.setdefault(product_id, [ZERO, ZERO])
        total[0] += found.interest
        total[1] += found.overdraft
    return [ProductAccrual(product_id, *both) for product_id, both in sorted(sums.items())]
