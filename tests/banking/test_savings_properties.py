"""Savings under any sequence of work: what must hold holds, interest comes out the same, all goes back."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import savings
from banking.savings_book import available, held
from banking.savings_closing import close_account, reopen_account
from banking.savings_dormancy import mark_dormant
from banking.savings_holds import hold, release
from banking.savings_interest import post_interest_of_all
from banking.savings_transfers import transfer
from ledger.errors import RuleError
from ledger.money import ZERO, Money
from ledger.savings_interest import BalanceMethod, Change, Every, InterestRule
from ledger.savings_posting import Posting, Saved, accrued, postings_due
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.saving import SavingsHold
from tests.support.books import Books, copy_of, money
from tests.support.lending import DAY, balances, broken
from tests.support.saving import saver, terms

Step = tuple[str, int, int]
ACTS = (
    "deposit",
    "deposit",
    "withdraw",
    "transfer",
    "hold",
    "release",
    "interest",
    "reverse",
    "late",
    "sleep",
    "close",
    "reopen",
)
steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(1, 90_000)), min_size=1, max_size=25
)


class Play:
    """Does one step after the other, some days apart; what a rule refuses leaves nothing behind."""

    def __init__(self, books: Books) -> None:
        """Begin with three accounts: one may be overdrawn, one of them stands on another GL account."""
        self.books = books
        terms(
            books,
            "SAVE",
            annual_rate=Decimal(12),
            tax_percent=Decimal(15),
            overdraft_limit=money("200.00"),
            overdraft_rate=Decimal(30),
            dormant_after_days=60,
            unclaimed_after_days=90,
        )
        terms(books, "MUST", annual_rate=Decimal(5), compounding="monthly", minimum_balance=money("1.00"))
        self.accounts = [saver(books), saver(books), saver(books, "", DAY, "MUST")]
        self.day = DAY

    def do(self, step: Step) -> None:
        """Try one step in a unit of work of its own."""
        self.day += timedelta(days=1 + step[2] % 9)
        before = balances(self.books)
        try:
            with self.books.work() as session:
                self._act(step)(session)
        except RuleError:
            assert balances(self.books) == before

    def _act(self, step: Step) -> Callable[[Session], object]:
        name, which, minor = step
        on, amount = self.day, Money(minor)
        account, other = self.accounts[which], self.accounts[(which + 1 + minor % 2) % 3]
        till = self.books.till_id if which else None
        early = max(DAY, on - timedelta(days=minor % 50))
        acts: dict[str, Callable[[Session], object]] = {
            "deposit": lambda s: savings.deposit(s, account, amount, on, till_id=till),
            "late": lambda s: savings.deposit(s, account, amount, early),
            "withdraw": lambda s: savings.withdraw(s, account, amount, on, till_id=till),
            "transfer": lambda s: transfer(s, account, other, amount, on),
            "hold": lambda s: hold(s, account, amount, on, reason="held"),
            "release": lambda s: self._release(s, on),
            "interest": lambda s: post_interest_of_all(s, on),
            "reverse": lambda s: self._reverse(s, minor, on),
            "sleep": lambda s: mark_dormant(s, on),
            "close": lambda s: close_account(s, account, on),
            "reopen": lambda s: reopen_account(s, account, reason="again", on=on),
        }
        return acts[name]

    def _release(self, session: Session, on: date) -> None:
        kept = session.scalars(select(SavingsHold).where(SavingsHold.released_on.is_(None))).first()
        if kept is not None:
            release(session, kept.id, on)

    def _reverse(self, session: Session, choice: int, on: date) -> None:
        rows = session.scalars(select(SavingsTransaction).order_by(SavingsTransaction.id)).all()
        if rows:
            savings.reverse(session, rows[choice % len(rows)], reason="wrong", on=on)

    def reverse_everything(self) -> None:
        """Release what is held, open what is closed, then take back what is live, newest first."""
        self.day += timedelta(days=1)
        with self.books.work() as session:
            for kept in session.scalars(select(SavingsHold).where(SavingsHold.released_on.is_(None))).all():
                release(session, kept.id, self.day)
            for account in self.accounts:
                status = session.get_one(SavingsAccount, account).status
                if status == "closed":
                    reopen_account(session, account, reason="all back", on=self.day)
                if status == "unclaimed":
                    savings.deposit(session, account, Money(1), self.day)
            reversed_ids = select(SavingsTransaction.reverses_id).where(
                SavingsTransaction.reverses_id.is_not(None)
            )
            live = select(SavingsTransaction).where(
                SavingsTransaction.kind != "reversal", SavingsTransaction.id.not_in(reversed_ids)
            )
            done: set[int] = set()
            for row in session.scalars(live.order_by(SavingsTransaction.id.desc())).all():
                if row.journal_entry_id not in done:
                    savings.reverse(session, row, reason="all back", on=self.day)
                done.add(row.journal_entry_id)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=steps)
def test_any_work_on_savings_keeps_the_books_and_taking_all_of_it_back_leaves_nothing(
    new_books: Books, tmp_path: Path, work: list[Step]
) -> None:
    """After every sequence all checks hold and nothing held is gone; reversing everything leaves zero."""
    books = copy_of(new_books, tmp_path)
    play = Play(books)
    for step in work:
        play.do(step)
        with books.look() as session:
            for account in play.accounts:
                if held(session, account):
                    assert available(session, account, play.day) >= -money("200.00")
    assert broken(books) == []
    play.reverse_everything()
    assert broken(books) == []
    assert balances(books) == {}
    with books.look() as session:
        assert [savings.balance(session, account) for account in play.accounts] == [ZERO] * 3
    books.database.close()


# --- interest: replay is incremental --------------------------------------------------------------

days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
rules = st.builds(
    InterestRule,
    annual_rate=st.decimals(0, 40, places=2),
    overdraft_rate=st.decimals(0, 40, places=2),
    compounding=st.sampled_from(list(Every)),
    posting=st.sampled_from([every for every in Every if every is not Every.DAILY]),
    method=st.sampled_from(list(BalanceMethod)),
    days_in_year=st.sampled_from([360, 365, None]),
)
histories = st.lists(st.tuples(days, st.integers(-2_000_000, 3_000_000)), min_size=1, max_size=10)


@settings(max_examples=60)
@given(rule=rules, history=histories, closes=st.lists(days, max_size=6), tax=st.decimals(0, 30, places=1))
def test_interest_posted_close_by_close_is_what_one_replay_of_the_year_gives(
    rule: InterestRule, history: list[tuple[date, int]], closes: list[date], tax: Decimal
) -> None:
    """Movements come in the order of their days: no close is late, and the sums are equal to the unit."""
    changes = sorted((Change(on, Money(amount)) for on, amount in history), key=lambda change: change.on)
    first, last = changes[0].on, date(2026, 12, 31)
    posted: list[Posting] = []
    posted_to: date | None = None
    for until in [*sorted(close for close in closes if close >= first), last]:
        known = [change for change in changes if change.on <= until]
        saved = Saved(changes=known, posted=posted, first=first, posted_to=posted_to)
        due = postings_due(rule, saved, until, tax_percent=tax)
        posted = [*posted, *due]
        posted_to = due[-1].on if due else posted_to
    once = postings_due(rule, Saved(changes=changes, first=first), last, tax_percent=tax)
    assert posted == once


@settings(max_examples=60)
@given(rule=rules, history=histories, late=st.tuples(days, st.integers(1, 3_000_000)), close=days)
def test_what_comes_late_ends_where_it_would_have_ended_in_time(
    rule: InterestRule, history: list[tuple[date, int]], late: tuple[date, int], close: date
) -> None:
    """Posted at one close without it, put right at the end of the year: the sum is that of a whole replay."""
    changes = [Change(on, Money(amount)) for on, amount in history]
    whole = [*changes, Change(late[0], Money(late[1]))]
    first, last = min(change.on for change in whole), date(2026, 12, 31)
    before = postings_due(rule, Saved(changes=changes, first=first), close)
    saved = Saved(
        changes=whole,
        posted=before,
        first=first,
        posted_to=before[-1].on if before else None,
        late=True,
    )
    right = postings_due(rule, Saved(changes=whole, first=first), last)
    if saved.posted_to == last:
        corrected = accrued(rule, Saved(changes=whole, posted=before, first=first, late=True), last)
        assert corrected.net.minor == sum(row.net.minor for row in right) - sum(
            row.net.minor for row in before
        )
        return
    after = postings_due(rule, saved, last)
    assert sum(row.net.minor for row in (*before, *after)) == sum(row.net.minor for row in right)
