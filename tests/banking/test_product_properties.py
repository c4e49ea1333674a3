"""Whatever product headquarters defines: it is refused with reasons, or loans under it add up."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from banking import loans, offers
from banking.products import WORDS, define_loan_product
from banking.reasons import FieldsError
from banking.tranches import undo_disbursement
from ledger.errors import BadTermError, RuleError
from ledger.money import ZERO, Money, total
from schema.accounts import Installment
from schema.products import LoanProduct
from tests.support.books import Books, copy_of
from tests.support.lending import a_client, balances, broken

percents = st.decimals(0, 90, places=2)
few = st.integers(0, 3)
terms = st.fixed_dictionaries(
    {
        "interest_type": st.sampled_from(WORDS["interest_type"]),
        "amortization": st.sampled_from(WORDS["amortization"]),
        "annual_rate": percents,
        "installments": st.integers(1, 40),
        "repay_every": st.integers(1, 4),
        "repay_unit": st.sampled_from(WORDS["repay_unit"]),
        "interest_period": st.sampled_from(WORDS["interest_period"]),
        "days_in_year": st.sampled_from(WORDS["days_in_year"]),
        "days_in_month": st.sampled_from(WORDS["days_in_month"]),
        "shift_rule": st.sampled_from(WORDS["shift_rule"]),
        "strategy": st.sampled_from(WORDS["strategy"]),
    },
    optional={
        "convention": st.sampled_from(WORDS["convention"]),
        "partial_periods": st.integers(0, 1),
        "grace_principal": few,
        "grace_interest_payment": few,
        "grace_interest_charged": few,
        "installment_multiple": st.sampled_from([0, 1, 100, 500]),
        "fixed_principal_percent": st.none() | st.decimals(1, 20, places=1),
        "down_payment_percent": st.none() | st.decimals(5, 50, places=1),
        "auto_down_payment": st.integers(0, 1),
        "schedule_kind": st.sampled_from(WORDS["schedule_kind"]),
        "recalculation": st.sampled_from(WORDS["recalculation"]),
        "recalculation_rest": st.sampled_from(WORDS["recalculation_rest"]),
        "recalculation_compounding": st.sampled_from(WORDS["recalculation_compounding"]),
        "installment_fee": st.none() | st.integers(1, 500).map(Money),
    },
)
fees = st.none() | st.tuples(st.sampled_from(["disbursement", "installment"]), st.decimals(1, 3, places=1))
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def defined(books: Books, given: dict[str, Any], fee: tuple[str, Decimal] | None) -> LoanProduct | None:
    """Define a product; None where it is refused, and then with a reason for each."""
    try:
        with books.hq_work() as session:
            charges = []
            if fee is not None:
                told = {"name": "Fee", "due": fee[0], "percent": fee[1], "base": "principal"}
                charges = [offers.define_charge(session, "FEE", told).id]
            return define_loan_product(session, "ANY", {"name": "Any", **given}, charges=charges)
    except FieldsError:
        return None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_terms=terms, fee=fees, on=days, minor=st.integers(20_000, 5_000_000), off=st.frozensets(days))
def test_a_loan_under_any_product_adds_up(
    new_books: Books,
    tmp_path: Path,
    given_terms: dict[str, Any],
    fee: tuple[str, Decimal] | None,
    on: date,
    minor: int,
    off: frozenset[date],
) -> None:
    """Rows add up to the principal on rising days, all checks hold, and taking it back leaves nothing."""
    books = copy_of(new_books, tmp_path)
    books.today = on
    product = defined(books, given_terms, fee)
    event("refused" if product is None else "defined")
    if product is not None:
        with books.hq_work() as session:
            for day in off:
                offers.declare_holiday(session, day, "Holiday")
        try:
            with books.work() as session:
                loan = loans.apply(
                    session,
                    client_id=a_client(session),
                    product_id=product.id,
                    principal=Money(minor),
                    applied_on=on,
                )
                loans.approve(session, loan.id, on)
                loans.disburse(session, loan.id, on, till_id=books.till_id)
        except RuleError as refusal:
            event(f"application refused: {refusal.code}")
        else:
            check_loan(books, loan.id, on, Money(minor), product)
    assert broken(books) == []
    books.database.close()


def check_loan(books: Books, loan_id: int, on: date, principal: Money, product: LoanProduct) -> None:
    """See that a loan that was paid out adds up, and that all of it can be taken back."""
    with books.look() as session:
        wanted = select(Installment).where(Installment.loan_account_id == loan_id)
        rows = list(session.scalars(wanted.order_by(Installment.number)))
        owed = loans.outstanding(session, loan_id)
    assert total(row.principal for row in rows) == principal
    assert all(min(row.principal, row.interest, row.fee, row.penalty) >= ZERO for row in rows)
    assert all(earlier.due_on < later.due_on for earlier, later in pairwise(rows))
    assert rows[0].due_on >= on
    paid_down = rows[0].principal if product.auto_down_payment and product.down_payment_percent else ZERO
    assert owed.principal == principal - paid_down
    assert broken(books) == []
    with books.work() as session:
        undo_disbursement(session, loan_id, on, reason="an example")
    assert balances(books) == {}


def test_a_schedule_that_no_calendar_allows_is_refused(books: Books) -> None:
    """Weekly rows that move to the next repayment, and only a weekday on which none ever falls."""
    with books.hq_work() as session:
        product = define_loan_product(session, "WEEKLY", {"shift_rule": "next_repayment_date"})
        offers.set_working_days(session, "7")
    monday = date(2026, 1, 5)
    with pytest.raises(BadTermError), books.work() as session:
        loans.apply(
            session,
            client_id=a_client(session),
            product_id=product.id,
            principal=Money(100_000),
            applied_on=monday,
        )
