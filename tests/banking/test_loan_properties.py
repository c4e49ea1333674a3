"""Whatever happens to a loan, in whatever order it is entered: books agree; taken back, it was nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import loans, repayments, savings
from banking.charge_reversals import take_back
from banking.loan_charges import charge_overdue, put_amount, put_charge
from banking.loan_from_savings import pay_from_savings
from banking.loan_replay import settle
from banking.payoffs import pay_off
from banking.rescheduling import reschedule_loan
from banking.top_ups import top_up
from ledger.errors import RuleError
from ledger.money import Money
from ledger.rescheduling import Reschedule
from ledger.terms import Strategy
from schema.accounts import Installment, LoanAccount, LoanTransaction, SavingsTransaction
from schema.lending import LoanCharge
from schema.products import ChargeDefinition, LoanProduct, ProductCharge
from schema.writing import images, insert, update
from tests.support.books import Books, copy_of, money
from tests.support.lending import DAY, a_loan, an_account, balances, broken

Step = tuple[str, int, int, int]
ACTS = (
    "repay",
    "repay",
    "repay",
    "waive",
    "write_off",
    "recover",
    "refund",
    "charge",
    "charge_rows",
    "penalize",
    "take_back",
    "charge_off",
    "pay_off",
    "from_savings",
    "reschedule",
    "top_up",
    "reverse",
    "reverse",
)
steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(1, 20_000), st.integers(0, 220)),
    min_size=1,
    max_size=14,
)
THE_END = DAY + timedelta(days=1000)
PAID_OFF = "Paid off by a new loan"


class LivedLoans:
    """Three loans: in the standard order, telling due from early money, with interest recalculated."""

    def __init__(self, books: Books) -> None:
        """Begin with all paid out, with a penalty for late rows and a charge on every row on offer."""
        self.books = books
        with books.hq_work() as session:
            weekly = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one()
            monthly = session.scalars(select(LoanProduct).where(LoanProduct.code == "MONTHLY")).one()
            update(session, weekly, installment_fee=Money(200))
            update(session, monthly, strategy=Strategy.DUE_PFIP_ADVANCE_PPFI.value)
            terms = {name: getattr(monthly, name) for name in images(LoanProduct).columns}
            followed = {"code": "FOLLOW", "recalculation": "REDUCE_EMI_AMOUNT", "interest_period": "DAILY"}
            insert(session, LoanProduct(**{**terms, **followed}))
            late = ChargeDefinition(
                code="LATE", name="Late", due="overdue", penalty=1, amount=money("1.50"), repeat_days=30
            )
            each = ChargeDefinition(code="EACH", name="Each row", due="installment", amount=money("0.70"))
            insert(session, late, each)
            for product in (weekly, monthly):
                insert(session, ProductCharge(charge_id=late.id, loan_product_id=product.id))
            self.each_id = each.id
        self.loans = [
            a_loan(books, "250.00"),
            a_loan(books, "120.00", "MONTHLY", till_id=books.till_id),
            a_loan(books, "300.00", "FOLLOW"),
        ]
        self.savings = an_account(books).id

    def do(self, step: Step) -> None:
        """Try one step in a unit of work of its own; what a rule refuses leaves nothing behind."""
        before = balances(self.books)
        try:
            with self.books.work() as session:
                self._act(step)(session)
        except RuleError:
            assert balances(self.books) == before

    def _act(self, step: Step) -> Callable[[Session], object]:
        name, which, minor, days = step
        loan, amount, on = self.loans[which], Money(minor), DAY + timedelta(days=days)
        till = self.books.till_id if which else None
        acts: dict[str, Callable[[Session], object]] = {
            "repay": lambda s: repayments.post_repayment(s, loan, amount, on, till_id=till),
            "waive": lambda s: repayments.waive(s, loan, Money(1 + minor // 100), on),
            "write_off": lambda s: repayments.write_off(s, loan, amount if minor % 3 else None, on),
            "recover": lambda s: repayments.recover(s, loan, amount, on),
            "refund": lambda s: repayments.refund_overpayment(s, loan, Money(1 + minor // 10), on),
            "charge": lambda s: put_amount(
                s, loan, Money(1 + minor // 20), on, name="Fine", penalty=bool(minor % 2)
            ),
            "charge_rows": lambda s: put_charge(s, loan, self.each_id, on),
            "penalize": lambda s: charge_overdue(s, loan, on),
            "take_back": lambda s: self._take_back(s, minor),
            "charge_off": lambda s: repayments.charge_off(s, loan, on),
            "pay_off": lambda s: pay_off(s, loan, on, till_id=till),
            "from_savings": lambda s: self._from_savings(s, loan, amount, on),
            "reschedule": lambda s: self._reschedule(s, loan, minor, on),
            "top_up": lambda s: self._top_up(s, loan, on),
            "reverse": lambda s: self._reverse(s, minor),
        }
        return acts[name]

    def _from_savings(self, session: Session, loan: int, amount: Money, on: date) -> None:
        savings.deposit(session, self.savings, amount, on)
        pay_from_savings(session, loan, self.savings, amount, on)

    def _top_up(self, session: Session, replaced: int, on: date) -> None:
        old = session.get_one(LoanAccount, replaced)
        new = loans.apply(
            session,
            client_id=old.client_id,
            product_id=old.product_id,
            principal=money("700.00"),
            applied_on=DAY,
        )
        loans.approve(session, new.id, DAY)
        top_up(session, new.id, on, replaced_id=replaced)

    def _reschedule(self, session: Session, loan: int, choice: int, on: date) -> None:
        rows = session.scalars(select(Installment).where(Installment.loan_account_id == loan)).all()
        chosen = rows[choice % len(rows)].due_on
        change = (
            Reschedule(from_date=chosen, extra_rows=1 + choice % 3),
            Reschedule(from_date=chosen, new_date=chosen + timedelta(days=choice % 20)),
            Reschedule(from_date=chosen, grace_principal=1 + choice % 2),
            Reschedule(from_date=chosen, new_rate=Decimal(choice % 40)),
        )[choice % 4]
        reschedule_loan(session, loan, change, on, reason="asked for")

    def _take_back(self, session: Session, choice: int) -> None:
        charges = list(session.scalars(select(LoanCharge).order_by(LoanCharge.id)))
        if charges:
            take_back(session, charges[choice % len(charges)], THE_END, reason="wrong")

    def _reverse(self, session: Session, choice: int) -> None:
        events = list(session.scalars(select(LoanTransaction).order_by(LoanTransaction.id)))
        repayments.reverse(session, events[choice % len(events)], reason="wrong", on=THE_END)

    def settled(self) -> bool:
        """Tell whether sharing everything anew changes nothing."""
        with self.books.work() as session:
            every = session.scalars(select(LoanAccount.id)).all()
            return not any(settle(session, loan) for loan in every)

    def take_everything_back(self) -> None:
        """Reverse what is live and take charges back, newest first; what a new loan paid goes with that."""
        with self.books.work() as session:
            rows: list[LoanTransaction | LoanCharge] = [
                *session.scalars(select(LoanTransaction)),
                *session.scalars(select(LoanCharge)),
            ]
            for row in sorted(rows, key=lambda row: -row.id):
                model = type(row)
                gone = session.scalar(select(model.id).where(model.reverses_id == row.id).limit(1))
                if gone is not None or row.reverses_id is not None:
                    continue
                if isinstance(row, LoanCharge):
                    take_back(session, row, THE_END, reason="all back")
                elif row.kind != "adjustment" and row.note != PAID_OFF:
                    repayments.reverse(session, row, reason="all back", on=THE_END)
            for saved in session.scalars(select(SavingsTransaction)).all():
                if saved.kind == "deposit":
                    savings.reverse(session, saved, reason="all back", on=THE_END)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=steps)
def test_any_life_of_a_loan_keeps_the_books_and_taken_back_leaves_nothing(
    new_books: Books, tmp_path: Path, work: list[Step]
) -> None:
    """Late entries, reversals, charges: all checks hold, sharing anew changes nothing, at last it is zero."""
    books = copy_of(new_books, tmp_path)
    play = LivedLoans(books)
    for step in work:
        play.do(step)
        assert play.settled()
    assert broken(books) == []
    play.take_everything_back()
    assert broken(books) == []
    assert balances(books) == {}
    books.database.close()
