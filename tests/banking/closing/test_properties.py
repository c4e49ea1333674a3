"""Whatever people do between closes: books balance, and a close done again finds nothing to do."""

from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import repayments, savings
from banking.closing.accruals import unposted_accruals
from banking.closing.savings_accruals import unposted_savings_accruals
from banking.closing.steps import run_steps
from banking.periods import make_year
from banking.provision_tables import define_table, published_table
from ledger.errors import RuleError
from ledger.money import Money
from schema.accounts import LoanTransaction
from schema.products import SavingsProduct
from schema.writing import act, update
from tests.banking.closing.test_steps import late_fee
from tests.support.books import Books, copy_of
from tests.support.closing import accrue, close_on, standing
from tests.support.lending import DAY, a_loan, an_account, balances, broken

# an example takes a second, so that making a failing one smaller would take many minutes
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
ACTS = ("close", "close", "repay", "waive", "write_off", "deposit", "withdraw", "reverse", "lend")
steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 9), st.integers(1, 60_000)), min_size=3, max_size=14
)


def ready(books: Books) -> Books:
    """Let everything that a close can do be asked for: accruals, penalties, provisions, a calendar."""
    accrue(books, non_performing_after_days=15, charge_off_after_days=60)
    accrue(books, "MONTHLY", accrual="upfront")
    late_fee(books)
    payable = books.gl_account("Interest payable on savings").id
    with books.hq_work() as session:
        product = session.scalars(select(SavingsProduct).where(SavingsProduct.code == "SAVE")).one()
        update(session, product, gl_interest_payable_id=payable)
        make_year(session, "gregorian", 2026)
        bands = published_table("sa-dhan").bands
        define_table(session, code="standard", starts_on=date(2026, 1, 1), bands=bands)
    return books


class Work:
    """Does one step after the other, on days that go on; what a rule refuses leaves nothing behind."""

    def __init__(self, books: Books) -> None:
        self.books, self.on = books, DAY
        self.loans = [a_loan(books), a_loan(books, "600.00", "MONTHLY")]
        self.savings = an_account(books).id

    def do(self, step: tuple[str, int, int]) -> None:
        """Do one step; a close comes some days after the one before."""
        name, choice, minor = step
        if name == "close":
            self.on += timedelta(1 + choice * 2)
            close_on(self.books, self.on)
            self.look()
            return
        if name == "lend":
            self.loans.append(a_loan(self.books, f"{minor}.00", on=self.on + timedelta(1)))
            return
        try:
            with self.books.work() as session:
                self._act(session, name, choice, Money(minor))
        except RuleError:
            pass

    def _act(self, session: Session, name: str, choice: int, amount: Money) -> None:
        loan, on = self.loans[choice % len(self.loans)], self.on + timedelta(1)
        if name == "repay":
            repayments.post_repayment(session, loan, amount, on - timedelta(choice))
        elif name == "waive":
            repayments.waive(session, loan, amount, on)
        elif name == "write_off":
            repayments.write_off(session, loan, amount, on)
        elif name == "deposit":
            savings.deposit(session, self.savings, amount, on)
        elif name == "withdraw":
            savings.withdraw(session, self.savings, amount, on)
        else:
            events = session.scalars(select(LoanTransaction).order_by(LoanTransaction.id)).all()
            repayments.reverse(session, events[choice % len(events)], reason="wrong", on=on)

    def look(self) -> None:
        """After each close: nothing is left to post, and the steps done again write nothing."""
        assert broken(self.books) == []
        with self.books.work("again") as session:
            assert unposted_accruals(session, self.on) == []
            assert unposted_savings_accruals(session, self.on) == []
            run_steps(session, self.on)
            assert act(session).ops == []


@settings(max_examples=10, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=steps)
def test_any_work_and_any_closes_keep_the_books(
    new_books: Books, tmp_path: Path, work: list[tuple[str, int, int]]
) -> None:
    books = ready(copy_of(new_books, tmp_path))
    play = Work(books)
    for step in [*work, ("close", 1, 1)]:
        play.do(step)
    books.database.close()


@settings(max_examples=6, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(between=st.sets(st.integers(1, 44)))
def test_any_split_into_closes_ends_with_the_same_balances(
    new_books: Books, tmp_path: Path, between: set[int]
) -> None:
    """Days closed one by one or all at once: the same receivables, income and allowance at the end.

    A branch begins with its first close, so that one stands in both. Charge-offs are left out: they are dated
    by the close that makes them.
    """
    ends = []
    for closes in ([1, 45], sorted({1, *between, 45})):
        books = ready(copy_of(new_books, tmp_path))
        accrue(books, charge_off_after_days=None)
        Work(books)
        for day in closes:
            close_on(books, DAY + timedelta(day))
        ends.append(balances(books))
        assert standing(books, "Interest receivable") == ends[0].get("Interest receivable", Money(0))
        books.database.close()
    assert ends[0] == ends[1]
