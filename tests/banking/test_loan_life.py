"""A loan's life in the books: late entries, charges, losses, savings, payoff, changes of terms."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from banking import credit_lines, loans, repayments, savings
from banking.errors import BadValueError, NotReversibleError, StatusError
from banking.loan_charges import put_amount
from banking.loan_errors import ChargedOffError, NotKnownHereError
from banking.loan_from_savings import pay_from_savings, refund_to_savings
from banking.loan_states import state_of
from banking.payoffs import pay_off, payoff_quote
from banking.products import define_loan_product
from banking.rescheduling import preview_reschedule, reschedule_loan
from banking.tranches import disburse_tranche
from ledger.errors import BadTermError, OverpaymentError
from ledger.money import ZERO, Money
from ledger.replay import NoLongerFitsError
from ledger.rescheduling import Reschedule
from schema.accounts import LoanTransaction
from schema.products import LoanProduct
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_account, balances, broken, newest_transaction
from tests.support.lines import a_line, approved_line
from tests.support.loan_life import FAR, adjustments, day, owed, pay, rows_of, settled

# --- late entries ---------------------------------------------------------------------------------


def test_a_payment_that_comes_late_takes_its_place_and_the_others_move_on(books: Books) -> None:
    """Row: 3.85 interest, 40.00 principal. What had paid row 1 pays more principal and less interest."""
    loan_id = a_loan(books)
    first = pay(books, loan_id, "45.00", day(30))
    late = pay(books, loan_id, "3.00", day(8))
    (moved,) = adjustments(books, first)
    assert (late.interest, late.principal) == (money("3.00"), ZERO)
    assert (moved.amount, moved.interest, moved.principal) == (ZERO, money("-0.30"), money("0.30"))
    assert moved.value_date == day(30)
    assert balances(books)["Interest on loans"] == money("-7.70")
    assert settled(books, loan_id)
    assert broken(books) == []


def test_an_adjustment_between_rows_moves_no_account(books: Books) -> None:
    """Interest and principal come to the same, in other rows: no entry."""
    loan_id = a_loan(books)
    first = pay(books, loan_id, "43.85", day(30))
    pay(books, loan_id, "3.00", day(8))
    (moved,) = adjustments(books, first)
    assert (moved.journal_entry_id, moved.interest, moved.principal) == (None, ZERO, ZERO)
    assert broken(books) == []


def test_a_payment_at_the_end_adjusts_nothing(books: Books) -> None:
    loan_id = a_loan(books)
    paid = [pay(books, loan_id, "20.00", day(number)) for number in (7, 14, 14, 30)]
    assert [adjustments(books, one) for one in paid] == [[], [], [], []]
    assert settled(books, loan_id)


def test_a_reversal_in_the_middle_takes_adjustments_back_and_shares_the_rest(books: Books) -> None:
    """Without the payments between, the last one pays from the first row on, as if they had never been."""
    loan_id, alone = a_loan(books), a_loan(books)
    first = pay(books, loan_id, "43.85", day(7))
    second = pay(books, loan_id, "43.85", day(14))
    last = pay(books, loan_id, "50.00", day(21))
    with books.work() as session:
        repayments.reverse(session, first, reason="wrong loan", on=FAR)
    (moved,) = adjustments(books, second)
    assert moved.value_date == FAR
    with books.work() as session:
        repayments.reverse(session, second, reason="wrong loan", on=FAR)
    pay(books, alone, "50.00", day(21))
    assert owed(books, loan_id) == owed(books, alone)
    assert broken(books) == []
    with pytest.raises(NotReversibleError), books.work() as session:
        repayments.reverse(session, moved, reason="by itself", on=FAR)
    with books.work() as session:
        repayments.reverse(session, last, reason="all", on=FAR)
    assert owed(books, loan_id).total == money("1096.15")
    assert settled(books, loan_id)


def test_an_overpayment_that_was_given_back_holds_what_it_rests_on(books: Books) -> None:
    loan_id = a_loan(books)
    early = pay(books, loan_id, "100.00", day(7))
    pay(books, loan_id, "1100.00", day(14))
    with books.work() as session:
        repayments.refund_overpayment(session, loan_id, money("60.00"), day(20))
    with pytest.raises(NotReversibleError) as refused, books.work() as session:
        repayments.reverse(session, early, reason="wrong", on=FAR)
    assert "refund" in str(refused.value)
    with pytest.raises(NoLongerFitsError), books.work() as session:
        repayments.refund_overpayment(session, loan_id, money("10.00"), day(8))
    assert broken(books) == []


def test_an_overpayment_pays_what_becomes_owed_later(books: Books) -> None:
    loan_id = a_loan(books)
    paid = pay(books, loan_id, "1100.00", day(7))
    with books.work() as session:
        put_amount(session, loan_id, money("3.00"), day(30), name="Letter", penalty=True)
    (moved,) = adjustments(books, paid)
    assert (moved.penalty, moved.overpayment) == (money("3.00"), money("-3.00"))
    assert owed(books, loan_id).total == ZERO
    assert balances(books)["Overpayments of clients"] == money("-0.85")
    assert broken(books) == []


# --- losses ---------------------------------------------------------------------------------------


def test_one_component_alone_can_be_waived(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        put_amount(session, loan_id, money("5.00"), day(5), name="Visit", penalty=True)
        waived = repayments.waive(session, loan_id, money("4.00"), day(8), component="interest")
        assert (waived.interest, waived.penalty) == (money("4.00"), ZERO)
        with pytest.raises(NotKnownHereError):
            repayments.waive(session, loan_id, None, day(8), component="principal")
        repayments.waive(session, loan_id, None, day(8), component="penalty")
    assert owed(books, loan_id).penalty == ZERO
    assert broken(books) == []


def test_a_late_payment_keeps_what_was_waived_or_is_refused(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        waiver = repayments.waive(session, loan_id, None, day(20))
    with pytest.raises(NoLongerFitsError), books.work() as session:
        repayments.post_repayment(session, loan_id, money("43.85"), day(7))
    assert waiver.interest == money("96.15")
    assert broken(books) == []


def test_a_part_written_off_is_shared_anew_with_a_late_payment(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        part = repayments.write_off(session, loan_id, money("43.85"), day(20))
    pay(books, loan_id, "3.85", day(7))
    (moved,) = adjustments(books, part)
    assert (moved.interest, moved.principal) == (ZERO, ZERO) or moved.principal == -moved.interest
    assert balances(books)["Loans written off"] == part.principal + moved.principal
    assert broken(books) == []


def test_a_charge_off_is_an_expense_and_what_comes_in_is_recovered(books: Books) -> None:
    loan_id = a_loan(books)
    paid = pay(books, loan_id, "43.85", day(7))
    with books.work() as session:
        gone = repayments.charge_off(session, loan_id, day(30), note="fled")
    assert gone.amount == money("960.00")
    assert owed(books, loan_id).total == money("1052.30")
    assert "Loan portfolio" not in balances(books)
    assert balances(books)["Loans charged off"] == money("960.00")
    back = pay(books, loan_id, "43.85", day(40))
    assert balances(books)["Recovered loans"] == money("-40.00")
    assert balances(books)["Interest on loans"] == money("-7.70")
    with pytest.raises(ChargedOffError), books.work() as session:
        repayments.post_repayment(session, loan_id, money("1"), day(20))
    with pytest.raises(ChargedOffError), books.work() as session:
        repayments.reverse(session, paid, reason="wrong", on=FAR)
    with pytest.raises(NotReversibleError), books.work() as session:
        repayments.reverse(session, gone, reason="found", on=FAR)
    assert broken(books) == []
    with books.work() as session:
        repayments.write_off(session, loan_id, None, day(60))
    assert broken(books) == []
    with books.work() as session:
        written = select(LoanTransaction).where(LoanTransaction.kind == "write_off")
        repayments.reverse(session, session.scalars(written).one(), reason="found", on=FAR)
        repayments.reverse(session, back, reason="found", on=FAR)
        repayments.reverse(session, gone, reason="found", on=FAR)
    assert balances(books)["Loan portfolio"] == money("960.00")
    assert broken(books) == []


# --- savings, payoff, states ----------------------------------------------------------------------


def test_savings_pay_a_loan_by_one_entry_and_get_back_what_was_too_much(books: Books) -> None:
    loan_id, account = a_loan(books), an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("1200.00"), day(1))
        paid = pay_from_savings(session, loan_id, account.id, money("1100.00"), day(7))
        refund_to_savings(session, loan_id, account.id, money("1.85"), day(8))
    assert paid.savings_transaction_id is not None
    with books.look() as session:
        assert savings.balance(session, account.id) == money("101.85")
        assert repayments.overpaid(session, loan_id) == money("2.00")
    assert broken(books) == []
    with books.work() as session:
        refund = select(LoanTransaction).where(LoanTransaction.kind == "refund")
        repayments.reverse(session, session.scalars(refund).one(), reason="wrong", on=FAR)
        repayments.reverse(session, paid, reason="wrong", on=FAR)
    with books.look() as session:
        assert savings.balance(session, account.id) == money("1200.00")
    assert owed(books, loan_id).total == money("1096.15")
    assert broken(books) == []


def test_a_payoff_pays_what_is_quoted_and_closes_the_loan(books: Books) -> None:
    loan_id = a_loan(books)
    pay(books, loan_id, "43.85", day(7))
    with books.look() as session:
        before = state_of(session, loan_id, day(30))
    assert (before.state, before.days_past_due, before.overdue) == ("active", 16, money("131.55"))
    with books.work() as session:
        quote = payoff_quote(session, loan_id, day(30))
        assert (quote.total, quote.forgiven.total) == (money("1052.30"), ZERO)
        assert pay_off(session, loan_id, day(30)).amount == quote.total
    with books.look() as session:
        assert [state_of(session, loan_id, day(number)).state for number in (-1, 0, 29, 30)] == [
            "not yet",
            "active",
            "active",
            "closed",
        ]
    pay(books, loan_id, "1.00", day(31))
    with books.look() as session:
        assert state_of(session, loan_id, day(31)).state == "overpaid"


# --- changes of terms -----------------------------------------------------------------------------


def test_a_new_date_moves_this_row_and_all_later_ones(books: Books) -> None:
    """What is previewed is what is written; what was paid stays paid."""
    loan_id = a_loan(books, "300.00", "MONTHLY")
    pay(books, loan_id, "28.37", date(2026, 2, 5))
    change = Reschedule(from_date=date(2026, 3, 5), new_date=date(2026, 3, 20), extra_rows=2)
    with books.work() as session:
        seen = preview_reschedule(session, loan_id, change)
        reschedule_loan(session, loan_id, change, date(2026, 2, 20), reason="drought")
    with books.look() as session:
        rows = rows_of(session, loan_id)
    assert [(row.number, row.due_on, row.principal, row.interest) for row in rows] == [
        (row.number, row.due_on, row.principal, row.interest) for row in seen
    ]
    assert (len(rows), rows[1].due_on, rows[2].due_on) == (14, date(2026, 3, 20), date(2026, 4, 20))
    assert sum(row.principal.minor for row in rows) == 30000
    assert settled(books, loan_id)
    assert broken(books) == []


def test_a_change_before_money_that_was_paid_early_shares_it_anew(books: Books) -> None:
    loan_id = a_loan(books, "300.00", "MONTHLY")
    pay(books, loan_id, "100.00", date(2026, 2, 5))
    change = Reschedule(from_date=date(2026, 3, 5), grace_principal=2)
    with books.work() as session:
        reschedule_loan(session, loan_id, change, date(2026, 2, 20), reason="drought")
    assert settled(books, loan_id)
    assert broken(books) == []


def test_changes_that_cannot_be_are_refused_and_nothing_is_written(books: Books) -> None:
    loan_id = a_loan(books, "300.00", "MONTHLY")
    impossible = (
        Reschedule(from_date=date(2026, 3, 6), extra_rows=1),
        Reschedule(from_date=date(2026, 3, 5)),
        Reschedule(from_date=date(2026, 3, 5), extra_rows=-1),
        Reschedule(from_date=date(2026, 3, 5), new_date=date(2026, 2, 1)),
        Reschedule(from_date=date(2026, 3, 5), new_rate=Decimal(-1)),
    )
    for change in impossible:
        with pytest.raises(BadTermError), books.work() as session:
            reschedule_loan(session, loan_id, change, date(2026, 2, 20), reason="drought")
    with books.work() as session:
        repayments.write_off(session, loan_id, None, day(20))
    with pytest.raises(StatusError), books.work() as session:
        preview_reschedule(session, loan_id, Reschedule(from_date=date(2026, 3, 5), extra_rows=1))


def test_late_money_is_refused_where_a_product_keeps_no_overpayment(books: Books) -> None:
    with books.hq_work() as session:
        weekly = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one()
        update(session, weekly, overpayment="refuse")
    loan_id = a_loan(books)
    pay(books, loan_id, "1096.15", day(30))
    with pytest.raises(OverpaymentError), books.work() as session:
        repayments.post_repayment(session, loan_id, Money(1), day(7))


def test_nothing_more_is_lent_on_a_loan_that_is_charged_off(books: Books) -> None:
    """Its principal stands in no portfolio any more; a draw before it cannot be taken back either."""
    line = a_line(books)
    drawn = newest_transaction(books, line)
    with books.work() as session:
        late = credit_lines.draw(session, line, money("50.00"), day(10))
    with pytest.raises(BadValueError), books.work() as session:
        repayments.charge_off(session, line, day(5))
    with books.work() as session:
        repayments.reverse(session, late, reason="not wanted", on=day(10))
        repayments.charge_off(session, line, day(5))
    with pytest.raises(ChargedOffError), books.work() as session:
        credit_lines.draw(session, line, money("50.00"), day(10))
    with pytest.raises(ChargedOffError), books.work() as session:
        repayments.reverse(session, drawn, reason="wrong", on=day(10))
    terms = {"name": "Parts", "interest_type": "DECLINING_BALANCE", "annual_rate": Decimal(24)}
    with books.hq_work() as session:
        more = {"installments": 6, "repay_unit": "MONTHS", "most_tranches": 2}
        product = define_loan_product(session, "PARTS", {**terms, **more})
    with books.work() as session:
        loan = approved_line(session, product.id)
        loans.disburse(session, loan, DAY, amount=money("400.00"))
        repayments.charge_off(session, loan, day(5))
    with pytest.raises(ChargedOffError), books.work() as session:
        disburse_tranche(session, loan, day(10))
    assert broken(books) == []
