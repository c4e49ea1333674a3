"""Whatever happens to a credit line, and whatever comes late: books balance, and all can be taken back."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import credit_lines, loan_charges, loans, repayments
from banking.loan_replay import settle
from ledger.credit_line import month_end
from ledger.errors import RuleError
from ledger.money import ZERO, Money
from schema.accounts import Installment, LoanAccount, LoanTransaction
from tests.banking.test_properties import loan_events
from tests.support.books import Books, copy_of, money
from tests.support.lending import DAY, balances, broken
from tests.support.lines import a_line

ACTS = ("draw", "draw", "repay", "repay", "waive", "charge", "fee", "reverse", "refund")
steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 40), st.integers(0, 40), st.integers(1, 60_000)),
    min_size=1,
    max_size=14,
)


class LinePlay:
    """Does one step after the other, some of them late; what a rule refuses leaves nothing behind."""

    def __init__(self, books: Books) -> None:
        """Begin with a line of 1,000.00 of which 600.00 are drawn."""
        self.books = books
        self.line = a_line(books)
        self.today = DAY

    def do(self, name: str, gap: int, late: int, minor: int) -> None:
        """Try one step, ``gap`` days after the one before and dated ``late`` days back."""
        self.today += timedelta(days=gap)
        self.books.today = self.today
        on = max(DAY, self.today - timedelta(days=late))
        before = balances(self.books)
        try:
            with self.books.work() as session:
                self._act(name, minor, on)(session)
        except RuleError:
            assert balances(self.books) == before

    def _act(self, name: str, minor: int, on: date) -> Callable[[Session], object]:
        amount = Money(minor)
        acts: dict[str, Callable[[Session], object]] = {
            "draw": lambda s: credit_lines.draw(s, self.line, amount, on),
            "repay": lambda s: repayments.post_repayment(s, self.line, amount, on),
            "waive": lambda s: repayments.waive(s, self.line, Money(1 + minor % 500), on),
            "charge": lambda s: credit_lines.charge_interest(s, self.line, month_end(on)),
            "fee": lambda s: loan_charges.put_amount(s, self.line, Money(1 + minor % 700), on, name="Visit"),
            "refund": lambda s: repayments.refund_overpayment(s, self.line, amount, on),
            "reverse": lambda s: self._reverse(s, minor),
        }
        return acts[name]

    def _reverse(self, session: Session, choice: int) -> None:
        events = loan_events(session, live=False)
        event = events[choice % len(events)]
        repayments.reverse(session, event, reason="wrong", on=max(self.today, event.value_date))

    def reverse_everything(self) -> None:
        """Take back what is live: what rests on others first."""
        with self.books.work() as session:
            for kinds in (("refund",), ("waiver",), ("repayment",), ("disbursement",)):
                for event in reversed(loan_events(session, live=True)):
                    if event.kind in kinds:
                        repayments.reverse(session, event, reason="all back", on=self.today)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=steps)
def test_any_work_on_a_line_keeps_the_books_and_can_be_taken_back(
    new_books: Books, tmp_path: Path, work: list[tuple[str, int, int, int]]
) -> None:
    """All checks hold, sharing anew changes nothing more, and after reversing everything nothing is left."""
    books = copy_of(new_books, tmp_path)
    play = LinePlay(books)
    for step in work:
        play.do(*step)
    assert broken(books) == []
    with books.work() as session:
        count = len(session.scalars(select(LoanTransaction)).all())
        settle(session, play.line)
        assert len(session.scalars(select(LoanTransaction)).all()) == count
        loan = session.get_one(LoanAccount, play.line)
        standing = credit_lines.standing(session, loan, play.today)
        assert standing.owed.principal == standing.used == loans.outstanding(session, play.line).principal
    play.reverse_everything()
    assert broken(books) == []
    assert balances(books) == {}
    with books.look() as session:
        rows = session.scalars(select(Installment).where(Installment.loan_account_id == play.line)).all()
        assert {(row.principal, row.interest, row.fee) for row in rows} <= {(ZERO, ZERO, ZERO)}
        assert session.get_one(LoanAccount, play.line).status == "approved"
        assert loans.outstanding(session, play.line).total == ZERO
    books.database.close()


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.integers(0, 200), max_size=4))
def test_interest_is_the_same_whenever_it_was_asked_and_charged(
    new_books: Books, tmp_path: Path, asked: list[int]
) -> None:
    """Charged day by day, once or not at all in between: the rows at the end are the same."""
    books = copy_of(new_books, tmp_path)
    line = a_line(books, "333.33")
    books.today = DAY + timedelta(days=200)
    with books.work() as session:
        for day in sorted(asked):
            credit_lines.charge_interest(session, line, DAY + timedelta(days=day))
        assert credit_lines.charge_interest(session, line, books.today) == money("44.06")
    books.database.close()
