"""Paying loans out: several ways at once, charges, down payment, tranches, top-up, and all of it back."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from banking import loans, offers, repayments, savings
from banking.applications import OwnTerms
from banking.disbursement_parts import ChargesTooHighError, Part, PartsError
from banking.disbursements import APART
from banking.errors import BadValueError, NotReversibleError, ReversalDateError
from banking.holidays import apply_holidays
from banking.products import define_loan_product
from banking.reasons import FieldsError
from banking.tranches import disburse_tranche, undo_disbursement, undo_tranche
from ledger.errors import BadTermError
from ledger.money import ZERO, Money, total
from schema.accounts import Installment, LoanAccount, LoanTransaction
from schema.lending import LoanCharge
from schema.products import ChargeDefinition, LoanProduct
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_account, balances, broken

TERMS = {
    "name": "Farm loan",
    "interest_type": "DECLINING_BALANCE",
    "annual_rate": Decimal(24),
    "installments": 6,
    "repay_unit": "MONTHS",
}


def a_product(books: Books, *charges: ChargeDefinition, **terms: object) -> LoanProduct:
    """Define a product with some terms and charges."""
    with books.hq_work() as session:
        return define_loan_product(
            session, "FARM", {**TERMS, **terms}, charges=[charge.id for charge in charges]
        )


def a_charge(books: Books, code: str, due: str, **terms: object) -> ChargeDefinition:
    """Define a charge."""
    with books.hq_work() as session:
        return offers.define_charge(session, code, {"name": code.title(), "due": due, **terms})


def approved(books: Books, product: LoanProduct, client_id: int, amount: str = "1200.00", **more: Any) -> int:  # noqa: ANN401 - fields of an application
    """Apply and approve; gives the loan's id."""
    with books.work() as session:
        loan = loans.apply(
            session,
            client_id=client_id,
            product_id=product.id,
            principal=money(amount),
            applied_on=DAY,
            **more,
        )
        return loans.approve(session, loan.id, DAY).id


def rows_of(books: Books, loan_id: int) -> list[Installment]:
    with books.look() as session:
        rows = select(Installment).where(Installment.loan_account_id == loan_id).order_by(Installment.number)
        return list(session.scalars(rows))


def charges_of(books: Books, loan_id: int) -> list[tuple[str, Money]]:
    with books.look() as session:
        found = select(LoanCharge).where(LoanCharge.loan_account_id == loan_id).order_by(LoanCharge.id)
        return [(charge.name, charge.amount) for charge in session.scalars(found)]


def kinds_of(books: Books, loan_id: int) -> list[str]:
    with books.look() as session:
        found = select(LoanTransaction).where(LoanTransaction.loan_account_id == loan_id)
        return [one.kind for one in session.scalars(found.order_by(LoanTransaction.id))]


def undone(books: Books, loan_id: int, on: date = DAY) -> None:
    """Take a disbursement back, and see that nothing is left of it."""
    with books.work() as session:
        undo_disbursement(session, loan_id, on, reason="wrong client")
    with books.look() as session:
        loan = session.get_one(LoanAccount, loan_id)
        assert (loan.status, loan.disbursed_on) == ("approved", None)
        assert loans.outstanding(session, loan_id).total == ZERO
    assert broken(books) == []


def test_one_loan_is_paid_out_in_three_ways(books: Books) -> None:
    """Cash, the client's savings, the bank: three entries, together the principal."""
    product = a_product(books)
    account = an_account(books)
    assert account.client_id is not None
    with books.hq_work() as session:
        bank = offers.define_payment_type(session, "BANK", "Bank", books.gl_account("Bank").id).id
    loan_id = approved(books, product, account.client_id)
    before = balances(books)
    parts = [
        Part(money("200.00"), till_id=books.till_id),
        Part(money("700.00"), savings_account_id=account.id),
        Part(money("300.00"), payment_type_id=bank),
    ]
    with books.work() as session:
        loans.disburse(session, loan_id, DAY, parts=parts)
    assert balances(books) == {
        "Loan portfolio": money("1200.00"),
        "Cash in hand": money("-200.00"),
        "Voluntary savings": money("-700.00"),
        "Bank": money("-300.00"),
    }
    with books.look() as session:
        assert savings.balance(session, account.id) == money("700.00")
    assert broken(books) == []
    undone(books, loan_id)
    assert balances(books) == before


@pytest.mark.parametrize(
    "parts",
    [
        [Part(Money(100_000))],
        [Part(Money(120_000)), Part(Money(1))],
    ],
)
def test_parts_that_do_not_add_up_are_refused(books: Books, parts: Sequence[Part]) -> None:
    product, account = a_product(books), an_account(books)
    assert account.client_id is not None
    loan_id = approved(books, product, account.client_id)
    with pytest.raises(PartsError), books.work() as session:
        loans.disburse(session, loan_id, DAY, parts=parts)
    with pytest.raises(BadTermError), books.work() as session:
        loans.disburse(session, loan_id, DAY, amount=money("600.00"))
    with pytest.raises(BadValueError), books.work() as session:
        loans.disburse(session, loan_id, DAY, fees="later")
    assert balances(books) == {}


def test_charges_at_disbursement_are_kept_back(books: Books) -> None:
    """A flat fee and 1 % of principal, one of them to an account of its own; the client gets the rest."""
    form = a_charge(books, "FORM", "disbursement", amount=money("15.00"))
    other = books.gl_account("Fees on savings").id
    risk = a_charge(books, "RISK", "disbursement", percent=Decimal(1), base="principal", gl_income_id=other)
    product, account = a_product(books, form, risk), an_account(books)
    assert account.client_id is not None
    loan_id = approved(books, product, account.client_id)
    with books.work() as session:
        paid = loans.disburse(session, loan_id, DAY, till_id=books.till_id)
        assert (paid.amount, paid.fee) == (money("1200.00"), money("27.00"))
    assert balances(books) == {
        "Loan portfolio": money("1200.00"),
        "Cash in hand": money("-1173.00"),
        "Fees on loans": money("-15.00"),
        "Fees on savings": money("-12.00"),
    }
    assert charges_of(books, loan_id) == [("Form", money("15.00")), ("Risk", money("12.00"))]
    assert broken(books) == []
    undone(books, loan_id)
    assert balances(books) == {}
    assert total(amount for _, amount in charges_of(books, loan_id)) == ZERO


def test_charges_can_be_paid_apart(books: Books) -> None:
    """The client gets everything and pays at the till; a further charge is named by the clerk."""
    form = a_charge(books, "FORM", "disbursement", amount=money("15.00"))
    stamp = a_charge(books, "STAMP", "disbursement", amount=money("5.00"))
    product, account = a_product(books, form), an_account(books)
    assert account.client_id is not None
    loan_id = approved(books, product, account.client_id)
    with books.work() as session:
        paid = loans.disburse(session, loan_id, DAY, till_id=books.till_id, charges=[stamp.id], fees=APART)
        assert (paid.amount, paid.fee) == (money("1200.00"), ZERO)
    assert kinds_of(books, loan_id) == ["disbursement", "fee"]
    assert balances(books) == {
        "Loan portfolio": money("1200.00"),
        "Cash in hand": money("-1180.00"),
        "Fees on loans": money("-20.00"),
    }
    assert broken(books) == []
    undone(books, loan_id)
    assert balances(books) == {}


def test_charges_may_not_eat_the_loan(books: Books) -> None:
    form = a_charge(books, "FORM", "disbursement", amount=money("1200.00"))
    product, account = a_product(books, form), an_account(books)
    assert account.client_id is not None
    loan_id = approved(books, product, account.client_id)
    with pytest.raises(ChargesTooHighError), books.work() as session:
        loans.disburse(session, loan_id, DAY)


def test_charges_of_every_row_stand_on_rows(books: Books) -> None:
    """2 % of principal and interest of each row, never less than 4.50."""
    visit = a_charge(books, "VISIT", "installment", percent=Decimal(2), least=money("4.50"))
    product, account = a_product(books, visit, interest_type="FLAT"), an_account(books)
    assert account.client_id is not None
    loan_id = approved(books, product, account.client_id)
    with books.work() as session:
        loans.disburse(session, loan_id, DAY)
    assert {row.fee for row in rows_of(books, loan_id)} == {money("4.50")}
    assert len(charges_of(books, loan_id)) == 6
    assert broken(books) == []
    undone(books, loan_id)
    assert {row.fee for row in rows_of(books, loan_id)} == {ZERO}


def test_a_down_payment_is_a_row_of_its_own_and_paid_at_once(books: Books) -> None:
    """25 % down: the first row, due at disbursement, is paid back out of the cash."""
    product = a_product(
        books,
        interest_type="FLAT",
        annual_rate=Decimal(0),
        down_payment_percent=Decimal(25),
        auto_down_payment=1,
    )
    account = an_account(books)
    assert account.client_id is not None
    loan_id = approved(books, product, account.client_id)
    with books.work() as session:
        loans.disburse(session, loan_id, DAY, till_id=books.till_id)
        assert loans.outstanding(session, loan_id).principal == money("900.00")
        assert session.get_one(LoanAccount, loan_id).first_due_on == date(2026, 2, 5)
    rows = rows_of(books, loan_id)
    assert (rows[0].due_on, rows[0].principal, len(rows)) == (DAY, money("300.00"), 7)
    assert balances(books) == {"Loan portfolio": money("900.00"), "Cash in hand": money("-900.00")}
    assert broken(books) == []
    undone(books, loan_id)
    assert balances(books) == {}


def test_a_down_payment_comes_back_out_of_savings(books: Books) -> None:
    product = a_product(
        books,
        interest_type="FLAT",
        annual_rate=Decimal(0),
        down_payment_percent=Decimal(25),
        auto_down_payment=1,
    )
    account = an_account(books)
    assert account.client_id is not None
    loan_id = approved(books, product, account.client_id)
    with books.work() as session:
        way = Part(money("1200.00"), savings_account_id=account.id)
        loans.disburse(session, loan_id, DAY, parts=[way])
        assert savings.balance(session, account.id) == money("900.00")
    assert broken(books) == []
    undone(books, loan_id)
    assert balances(books) == {}


def test_tranches_make_the_rows_from_their_day_on_anew(books: Books) -> None:
    """400 now, 800 in the third month: earlier rows stay, the later ones carry the rest."""
    visit = a_charge(books, "VISIT", "installment", amount=money("1.00"))
    product, account = a_product(books, visit, most_tranches=2), an_account(books)
    assert account.client_id is not None
    later = date(2026, 3, 15)
    terms = OwnTerms(tranches=[(DAY, money("400.00")), (later, money("800.00"))])
    loan_id = approved(books, product, account.client_id, terms=terms)
    with books.work() as session:
        assert loans.disburse(session, loan_id, DAY).amount == money("400.00")
    before = rows_of(books, loan_id)
    assert total(row.principal for row in before) == money("400.00")
    assert broken(books) == []
    with books.work() as session:
        first = before[0]
        due = first.principal + first.interest + first.fee
        repayments.post_repayment(session, loan_id, due, date(2026, 2, 5))
        with pytest.raises(BadTermError):
            disburse_tranche(session, loan_id, later, amount=money("800.01"))
        assert disburse_tranche(session, loan_id, later).amount == money("800.00")
        with pytest.raises(BadTermError):
            disburse_tranche(session, loan_id, later, amount=money("1.00"))
    after = rows_of(books, loan_id)
    assert total(row.principal for row in after) == money("1200.00")
    assert [(row.due_on, row.principal, row.interest) for row in after[:2]] == [
        (row.due_on, row.principal, row.interest) for row in before[:2]
    ]
    assert len(after) == 6
    assert {row.fee for row in after} == {money("1.00")}
    assert balances(books)["Loan portfolio"] == money("1200.00") - before[0].principal
    assert broken(books) == []


def test_the_newest_tranche_alone_can_be_taken_back(books: Books) -> None:
    """Rows, charges and books are as before it; what was repaid since is shared over what is left."""
    visit = a_charge(books, "VISIT", "installment", percent=Decimal(1), base="principal")
    product, account = a_product(books, visit, most_tranches=2), an_account(books)
    assert account.client_id is not None
    loan_id = approved(books, product, account.client_id)
    with books.work() as session:
        loans.disburse(session, loan_id, DAY, amount=money("400.00"))
    rows, held = [row_figures(row) for row in rows_of(books, loan_id)], balances(books)
    later = date(2026, 2, 10)
    with books.work() as session:
        with pytest.raises(NotReversibleError):
            undo_tranche(session, loan_id, later, reason="wrong amount")
        disburse_tranche(session, loan_id, later)
    assert [row_figures(row) for row in rows_of(books, loan_id)] != rows
    assert broken(books) == []
    with books.work() as session:
        with pytest.raises(ReversalDateError):
            undo_tranche(session, loan_id, DAY, reason="wrong amount")
        assert len(undo_tranche(session, loan_id, later, reason="wrong amount")) == 1
    kept = [row_figures(row) for row in rows_of(books, loan_id) if row.principal or row.interest]
    assert kept == rows
    assert balances(books) == held
    assert broken(books) == []


def row_figures(row: Installment) -> tuple[object, ...]:
    """Give what a row says."""
    return row.number, row.due_on, row.principal, row.interest, row.fee


def test_a_first_date_years_away_is_refused_at_disbursement(books: Books) -> None:
    """A wrong year on the form is found before money goes out."""
    product, account = a_product(books), an_account(books)
    assert account.client_id is not None
    loan_id = approved(books, product, account.client_id)
    with pytest.raises(BadTermError), books.work() as session:
        loans.disburse(session, loan_id, DAY, first_due_on=date(2036, 2, 5))
    assert balances(books) == {}


def test_a_loan_in_tranches_is_taken_back_whole(books: Books) -> None:
    """Both parts go back, and the tranches can be paid out again."""
    product, account = a_product(books, most_tranches=3), an_account(books)
    assert account.client_id is not None
    loan_id = approved(books, product, account.client_id)
    with books.work() as session:
        loans.disburse(session, loan_id, DAY, amount=money("400.00"), till_id=books.till_id)
        disburse_tranche(session, loan_id, DAY + timedelta(days=45), amount=money("300.00"))
    undone(books, loan_id, DAY + timedelta(days=50))
    assert balances(books) == {}
    with books.work() as session:
        loans.disburse(session, loan_id, DAY + timedelta(days=60), amount=money("500.00"))
        assert loans.outstanding(session, loan_id).principal == money("500.00")
    assert broken(books) == []


def test_a_flat_product_has_no_tranches(books: Books) -> None:
    """Flat interest would count on money that nobody has."""
    with pytest.raises(FieldsError) as refused:
        a_product(books, interest_type="FLAT", most_tranches=2)
    assert [reason.code for _, reason in refused.value.reasons] == ["UNSUPPORTED_TERM"]


def test_a_new_loan_pays_an_earlier_one_off(books: Books) -> None:
    """Top-up: the old loan is closed out of the new one, the client gets the rest; back goes both."""
    product = a_product(books)
    old = a_loan(books, "300.00", "MONTHLY")
    with books.look() as session:
        owed = loans.outstanding(session, old).total
        client_id = session.get_one(LoanAccount, old).client_id
    assert client_id is not None
    loan_id = approved(books, product, client_id, replaces_id=old)
    before = balances(books)
    with books.work() as session:
        parts = [Part(money("1200.00") - owed, till_id=books.till_id), Part(owed, topped_up_id=old)]
        loans.disburse(session, loan_id, DAY, parts=parts)
        assert loans.is_closed(session, old)
    assert balances(books)["Cash in hand"] == owed - money("1200.00")
    assert "Overpayments of clients" not in balances(books)
    assert broken(books) == []
    undone(books, loan_id)
    assert balances(books) == before
    with books.look() as session:
        assert loans.outstanding(session, old).total == owed


def test_a_disbursement_that_money_rests_on_is_not_taken_back(books: Books) -> None:
    loan_id = a_loan(books, "300.00", "MONTHLY")
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("10.00"), DAY)
    with pytest.raises(NotReversibleError), books.work() as session:
        undo_disbursement(session, loan_id, DAY, reason="wrong client")


def test_tranches_and_holidays_work_on_every_kind_of_database(any_books: Books) -> None:
    """Plain, encrypted and PostgreSQL: defined, paid out in two parts, moved by a holiday, taken back."""
    product, account = a_product(any_books, most_tranches=2, shift_rule="extend"), an_account(any_books)
    assert account.client_id is not None
    loan_id = approved(any_books, product, account.client_id)
    with any_books.work() as session:
        loans.disburse(session, loan_id, DAY, amount=money("400.00"))
        disburse_tranche(session, loan_id, date(2026, 2, 20))
    with any_books.hq_work() as session:
        offers.declare_holiday(session, date(2026, 3, 5), "Market day")
    with any_books.work() as session:
        assert [moved.row for moved in apply_holidays(session, DAY, date(2026, 3, 31))] == [2, 3, 4, 5, 6]
    assert broken(any_books) == []
    undone(any_books, loan_id, date(2026, 3, 6))
    assert balances(any_books) == {}
