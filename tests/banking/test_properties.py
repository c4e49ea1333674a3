"""Whatever people do, and in whatever order: books balance, sub-ledgers are the control accounts."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import loans, repayments, savings
from banking.loans import outstanding
from ledger.errors import RuleError
from ledger.money import ZERO, Money
from schema.accounts import LoanTransaction, SavingsTransaction
from schema.products import LoanProduct
from schema.writing import update
from tests.support.books import Books, copy_of
from tests.support.lending import DAY, a_loan, an_account, balances, broken

Step = tuple[str, int, int]
ACTS = (
    "repay",
    "repay",
    "fee",
    "waive",
    "write_off",
    "recover",
    "refund",
    "deposit",
    "withdraw",
    "reverse_loan",
    "reverse_savings",
)
steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(1, 130_000)), min_size=1, max_size=25
)


def loan_events(session: Session, *, live: bool) -> list[LoanTransaction]:
    reversed_ids = select(LoanTransaction.reverses_id).where(LoanTransaction.reverses_id.is_not(None))
    by_itself = LoanTransaction.kind.not_in(
        ("reversal", "adjustment")
    )  # adjustments go with what they follow
    found = select(LoanTransaction).where(by_itself).order_by(LoanTransaction.id)
    return list(session.scalars(found.where(LoanTransaction.id.not_in(reversed_ids)) if live else found))


def savings_events(session: Session, *, live: bool) -> list[SavingsTransaction]:
    reversed_ids = select(SavingsTransaction.reverses_id).where(SavingsTransaction.reverses_id.is_not(None))
    found = select(SavingsTransaction).where(SavingsTransaction.kind != "reversal")
    found = found.order_by(SavingsTransaction.id)
    return list(session.scalars(found.where(SavingsTransaction.id.not_in(reversed_ids)) if live else found))


class Counterplay:
    """Does one step after the other; what a rule refuses leaves nothing behind."""

    def __init__(self, books: Books) -> None:
        """Begin with two loans, one with fees and one from a till, and two savings accounts."""
        self.books = books
        with books.hq_work() as session:
            weekly = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one()
            update(session, weekly, installment_fee=Money(200))
        self.loans = [a_loan(books), a_loan(books, "300.00", "MONTHLY", till_id=books.till_id)]
        self.savings = [an_account(books).id, an_account(books, "MUST").id]
        self.last_day = DAY

    def do(self, step: Step) -> None:
        """Try one step in a unit of work of its own, a day after the one before."""
        self.last_day += timedelta(days=1)
        before = balances(self.books)
        try:
            with self.books.work() as session:
                self._act(step)(session)
        except RuleError:
            assert balances(self.books) == before

    def _act(self, step: Step) -> Callable[[Session], object]:
        name, which, minor = step
        on, amount = self.last_day, Money(minor)
        loan, account = self.loans[which % 2], self.savings[which % 2]
        till = self.books.till_id if which else None
        acts: dict[str, Callable[[Session], object]] = {
            "repay": lambda s: repayments.post_repayment(s, loan, amount, on, till_id=till),
            "fee": lambda s: repayments.charge_fee_and_pay(s, loan, amount, on, till_id=till),
            "waive": lambda s: repayments.waive(s, loan, amount if which else None, on),
            "write_off": lambda s: repayments.write_off(s, loan, amount if which else None, on),
            "recover": lambda s: repayments.recover(s, loan, amount, on, till_id=till),
            "refund": lambda s: repayments.refund_overpayment(s, loan, amount, on, till_id=till),
            "deposit": lambda s: savings.deposit(s, account, amount, on, till_id=till),
            "withdraw": lambda s: savings.withdraw(s, account, amount, on, till_id=till),
            "reverse_loan": lambda s: self._reverse_one(s, minor, on),
            "reverse_savings": lambda s: self._reverse_savings(s, minor, on),
        }
        return acts[name]

    def _reverse_one(self, session: Session, choice: int, on: date) -> None:
        events = loan_events(session, live=False)
        repayments.reverse(session, events[choice % len(events)], reason="wrong", on=on)

    def _reverse_savings(self, session: Session, choice: int, on: date) -> None:
        events = savings_events(session, live=False)
        if events:
            savings.reverse(session, events[choice % len(events)], reason="wrong", on=on)

    def reverse_everything(self) -> None:
        """Take back what is live, newest first, as a clerk would."""
        self.last_day += timedelta(days=1)
        with self.books.work() as session:
            for saved in reversed(savings_events(session, live=True)):
                savings.reverse(session, saved, reason="all back", on=self.last_day)
            for event in reversed(loan_events(session, live=True)):
                repayments.reverse(session, event, reason="all back", on=self.last_day)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=steps)
def test_any_work_keeps_the_books_and_taking_all_of_it_back_leaves_nothing(
    new_books: Books, tmp_path: Path, work: list[Step]
) -> None:
    """After every sequence all checks hold; after reversing everything each account is at zero."""
    books = copy_of(new_books, tmp_path)
    play = Counterplay(books)
    for step in work:
        play.do(step)
    assert broken(books) == []
    play.reverse_everything()
    assert broken(books) == []
    assert balances(books) == {}
    with books.look() as session:
        assert [outstanding(session, loan).total for loan in play.loans] == [ZERO, ZERO]
        assert [savings.balance(session, account) for account in play.savings] == [ZERO, ZERO]
        assert loans.dues(session, play.loans[0]) == []
    books.database.close()
