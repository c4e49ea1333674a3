"""Loans whose interest is recalculated, in the books: rows follow what happens, books keep up."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import loans, repayments
from banking.closing.steps import run_steps
from banking.loan_charges import put_amount
from banking.loan_replay import settle
from banking.loan_states import state_of
from banking.payoffs import pay_off, payoff_quote
from banking.rescheduling import preview_reschedule, reschedule_loan
from ledger.errors import UnsupportedTermError
from ledger.money import ZERO, Money
from ledger.recalculation import RecalculatedLoan, Recalculation
from ledger.rescheduling import Reschedule
from ledger.rows import INTEREST, PRINCIPAL, MovementKind
from ledger.terms import InterestPeriod, LoanTerms
from schema.accounts import Installment, LoanTransaction
from schema.products import LoanProduct
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, balances, broken

FAR = date(2027, 6, 1)


@pytest.fixture
def recalculated(books: Books) -> Books:
    """Give books whose MONTHLY product recalculates daily interest and lowers the instalment."""
    with books.hq_work() as session:
        monthly = session.scalars(select(LoanProduct).where(LoanProduct.code == "MONTHLY")).one()
        update(session, monthly, recalculation="REDUCE_EMI_AMOUNT", interest_period="DAILY")
    return books


def an_engine(principal: str) -> RecalculatedLoan:
    terms = LoanTerms(
        principal=money(principal),
        annual_rate=Decimal(24),
        installments=12,
        interest_period=InterestPeriod.DAILY,
        days_in_year=365,
    )
    loan = RecalculatedLoan(terms, Recalculation(daily_job=True), DAY)
    loan.disburse(DAY, money(principal))
    return loan


def rows_of(session: Session, loan_id: int) -> list[tuple[int, int, int]]:
    wanted = select(Installment).where(Installment.loan_account_id == loan_id)
    rows = session.scalars(wanted.order_by(Installment.number))
    return [(row.number, row.interest.minor, row.principal.minor) for row in rows]


def pay(books: Books, loan_id: int, amount: str, on: date) -> LoanTransaction:
    with books.work("loan.repay") as session:
        return repayments.post_repayment(session, loan_id, money(amount), on)


def settled(books: Books, loan_id: int) -> bool:
    with books.work() as session:
        return not settle(session, loan_id)


def test_early_and_late_money_changes_the_rows_as_the_engine_says(recalculated: Books) -> None:
    books, engine = recalculated, an_engine("3000.00")
    loan_id = a_loan(books, "3000.00", "MONTHLY")
    story = ((date(2026, 2, 5), "283.68"), (date(2026, 2, 20), "500.00"), (date(2026, 4, 20), "300.00"))
    for on, amount in story:
        pay(books, loan_id, amount, on)
        engine.pay(MovementKind.REPAYMENT, on, money(amount))
    with books.look() as session:
        found = rows_of(session, loan_id)
    assert found == [(row.number, row.due[INTEREST], row.due[PRINCIPAL]) for row in engine.rows]
    assert sum(row[2] for row in found) == 300000
    assert settled(books, loan_id)
    assert broken(books) == []


def test_the_close_of_a_day_shows_overdue_interest(recalculated: Books) -> None:
    """Seen on a later day, an unpaid row makes the row after it dearer; asked again nothing changes."""
    loan_id = a_loan(recalculated, "3000.00", "MONTHLY")
    with recalculated.look() as session:
        before = loans.outstanding(session, loan_id).interest
    with recalculated.work() as session:
        settle(session, loan_id, through=date(2026, 3, 5))
    with recalculated.look() as session:
        after = loans.outstanding(session, loan_id).interest
    assert after > before
    assert broken(recalculated) == []


def test_every_close_lets_overdue_principal_bear_interest_once(recalculated: Books) -> None:
    loan_id = a_loan(recalculated, "3000.00", "MONTHLY")
    told = []
    for on in (date(2026, 2, 5), date(2026, 2, 20), date(2026, 2, 20), date(2026, 3, 1)):
        recalculated.today = on
        with recalculated.work("day.close") as session:
            told.append(next(step for step in run_steps(session, on) if step.name == "recalculations").done)
    assert told == [0, 1, 0, 1]
    assert settled(recalculated, loan_id)
    assert broken(recalculated) == []


def test_a_payoff_pays_interest_to_the_day_and_forgives_the_rest(recalculated: Books) -> None:
    loan_id = a_loan(recalculated, "3000.00", "MONTHLY")
    pay(recalculated, loan_id, "283.68", date(2026, 2, 5))
    on = date(2026, 2, 15)
    with recalculated.work() as session:
        quote = payoff_quote(session, loan_id, on)
        paid = pay_off(session, loan_id, on)
    days_of_interest = Decimal(quote.owed.principal.minor) * 24 / 100 * 10 / 365
    assert abs(quote.owed.interest.minor - days_of_interest) < 1
    assert quote.forgiven.interest > ZERO
    assert paid.amount == quote.total
    with recalculated.look() as session:
        assert state_of(session, loan_id, on).state == "closed"
    assert broken(recalculated) == []


def test_a_late_entry_a_reversal_a_charge_and_a_waiver_keep_the_books(recalculated: Books) -> None:
    books = recalculated
    loan_id = a_loan(books, "3000.00", "MONTHLY")
    last = pay(books, loan_id, "600.00", date(2026, 3, 20))
    pay(books, loan_id, "283.68", date(2026, 2, 5))
    with books.work() as session:
        put_amount(session, loan_id, money("5.00"), date(2026, 2, 1), name="Visit")
        repayments.waive(session, loan_id, money("2.00"), date(2026, 3, 21), component="interest")
    assert settled(books, loan_id)
    assert broken(books) == []
    with books.work() as session:
        repayments.reverse(session, last, reason="wrong", on=FAR)
    assert settled(books, loan_id)
    assert broken(books) == []


def test_all_taken_back_leaves_nothing(recalculated: Books) -> None:
    books = recalculated
    loan_id = a_loan(books, "3000.00", "MONTHLY")
    made = [
        pay(books, loan_id, amount, on) for amount, on in (("283.68", FAR), ("100.00", DAY + timedelta(9)))
    ]
    with books.work() as session:
        made.append(repayments.write_off(session, loan_id, None, FAR))
    assert broken(books) == []
    with books.work() as session:
        paid_out = select(LoanTransaction).where(LoanTransaction.kind == "disbursement")
        for entry in [*reversed(made), session.scalars(paid_out).one()]:
            repayments.reverse(session, entry, reason="all back", on=FAR)
    assert balances(books) == {}
    assert broken(books) == []


def test_a_change_of_terms_is_what_was_shown(recalculated: Books) -> None:
    books = recalculated
    loan_id = a_loan(books, "3000.00", "MONTHLY")
    pay(books, loan_id, "283.68", date(2026, 2, 5))
    change = Reschedule(from_date=date(2026, 3, 5), new_date=date(2026, 3, 15), extra_rows=1)
    with books.work() as session:
        shown = preview_reschedule(session, loan_id, change)
        reschedule_loan(session, loan_id, change, date(2026, 2, 20), reason="flood")
    with books.look() as session:
        found = rows_of(session, loan_id)
    assert found == [(row.number, row.interest.minor, row.principal.minor) for row in shown]
    assert settled(books, loan_id)
    assert broken(books) == []


def test_a_part_is_not_written_off_where_interest_is_recalculated(recalculated: Books) -> None:
    loan_id = a_loan(recalculated, "3000.00", "MONTHLY")
    with pytest.raises(UnsupportedTermError), recalculated.work() as session:
        repayments.write_off(session, loan_id, Money(100), FAR)


def test_a_progressive_loan_lives_in_the_books(books: Books) -> None:
    """Paid late and early, with a late entry and a payoff: rows add up and sharing anew changes nothing."""
    with books.hq_work() as session:
        monthly = session.scalars(select(LoanProduct).where(LoanProduct.code == "MONTHLY")).one()
        update(
            session,
            monthly,
            schedule_kind="progressive",
            recalculation="ADJUST_LAST_UNPAID_PERIOD",
            interest_period="DAILY",
        )
    loan_id = a_loan(books, "3000.00", "MONTHLY")
    pay(books, loan_id, "283.68", date(2026, 3, 20))
    pay(books, loan_id, "100.00", date(2026, 2, 10))
    assert settled(books, loan_id)
    assert broken(books) == []
    with books.work() as session:
        quote = payoff_quote(session, loan_id, date(2026, 4, 1))
        assert pay_off(session, loan_id, date(2026, 4, 1)).amount == quote.total
    with books.look() as session:
        assert state_of(session, loan_id, date(2026, 4, 1)).state == "closed"
        assert sum(row[2] for row in rows_of(session, loan_id)) == 300000
    assert broken(books) == []
