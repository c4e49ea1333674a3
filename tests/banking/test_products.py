"""Products: defined whole, in versions; what no schedule follows from is refused with every reason."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from banking import loans, offers
from banking.cash import create_till
from banking.products import (
    charges_of,
    cycles_of,
    define_loan_product,
    list_loan_products,
    retire_loan_product,
)
from banking.reasons import FieldsError
from banking.savings_products import define_savings_product, rate_steps_of
from ledger.errors import NotFoundError
from ledger.money import Money
from schema.products import LoanProduct
from schema.reference import GLAccount
from schema.writing import insert
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_application, broken

TERMS: Mapping[str, Any] = {
    "name": "Farm loan",
    "interest_type": "DECLINING_BALANCE",
    "annual_rate": Decimal(24),
    "installments": 12,
    "repay_unit": "MONTHS",
}
SAVINGS: Mapping[str, Any] = {"name": "Term", "kind": "fixed", "annual_rate": Decimal(6), "term_days": 180}


def defined(books: Books, **terms: object) -> LoanProduct:
    """Define a loan product with some terms of its own."""
    with books.hq_work() as session:
        return define_loan_product(session, "FARM", {**TERMS, **terms})


def reasons_of(books: Books, **terms: object) -> list[tuple[str, str]]:
    """Give field and code of everything that is wrong with some terms."""
    with pytest.raises(FieldsError) as refused:
        defined(books, **terms)
    return [(name, reason.code) for name, reason in refused.value.reasons]


def test_a_new_product_takes_the_accounts_of_the_chart(books: Books) -> None:
    """What is not given has its default; GL accounts are those with the part in the chart."""
    product = defined(books)
    assert (product.version, product.active, product.strategy) == (1, 1, "mifos-standard-strategy")
    assert product.gl_portfolio_id == books.gl_account("Loan portfolio").id
    with books.work() as session:
        assert an_application(books, session, code="FARM").annual_rate == 24


def test_a_new_version_leaves_the_older_one_and_its_loans_alone(books: Books) -> None:
    """The older row changes in nothing but being on offer; what is not given goes on."""
    loan_id = a_loan(books, code="MONTHLY")
    before = books.loan_product("MONTHLY")
    with books.hq_work() as session:
        newer = define_loan_product(session, "MONTHLY", {"annual_rate": Decimal(30)})
    with books.look() as session:
        first, second = list_loan_products(session, all_versions=True)[:2]
        assert (first.id, first.version, first.active) == (before.id, 1, 0)
        assert (second.id, second.version, second.active) == (newer.id, 2, 1)
        assert (first.annual_rate, second.annual_rate) == (Decimal(24), Decimal(30))
        assert (second.installments, second.interest_type) == (12, "DECLINING_BALANCE")
        assert loans.get_loan(session, "KIT-L-000001").product_id == first.id
    with books.work() as session:
        assert (
            loans.apply(
                session,
                client_id=loans.get_loan(session, "KIT-L-000001").client_id,
                product_id=newer.id,
                principal=money("100"),
                applied_on=DAY,
            ).product_version
            == 2
        )
        with pytest.raises(NotFoundError):
            loans.apply(session, client_id=1, product_id=first.id, principal=money("1"), applied_on=DAY)
    assert loan_id
    assert broken(books) == []


@pytest.mark.parametrize(
    ("terms", "reasons"),
    [
        ({"annual_rate": Decimal(1000)}, [("annual_rate", "RATE_TOO_HIGH")]),
        ({"annual_rate": Decimal(-1)}, [("annual_rate", "BAD_TERM"), ("annual_rate", "BAD_VALUE")]),
        ({"rate_minimum": Decimal(30)}, [("annual_rate", "LIMIT_ORDER")]),
        (
            {"principal_minimum": Money(5), "principal_default": Money(3)},
            [("principal", "LIMIT_ORDER")],
        ),
        ({"installments_maximum": 6}, [("installments", "LIMIT_ORDER")]),
        ({"installments": 0}, [("terms", "BAD_TERM")]),
        ({"interest_type": "MAGIC"}, [("interest_type", "BAD_VALUE")]),
        ({"days_in_year": "366"}, [("days_in_year", "BAD_VALUE")]),
        ({"installment_fee": Money(-1)}, [("installment_fee", "BAD_VALUE")]),
        ({"grace_principal": 12}, [("terms", "BAD_TERM")]),
        ({"recalculation": "REDUCE_EMI_AMOUNT", "interest_type": "FLAT"}, [("terms", "UNSUPPORTED_TERM")]),
        ({"strategy": "advanced-payment-allocation-strategy"}, [("terms", "BAD_TERM")]),
        ({"allocation_order": "DUE penalty"}, [("terms", "BAD_TERM")]),
        ({"convention": "mifos", "interest_period": "DAILY"}, [("terms", "UNSUPPORTED_TERM")]),
        ({"provision_table": "NONE"}, [("provision_table", "NOT_FOUND")]),
        ({"annual_rate": None}, [("annual_rate", "MISSING")]),
        (
            {"name": "", "repay_unit": None},
            [("repay_unit", "MISSING"), ("name", "MISSING")],
        ),
        (
            {"overpayment": "burn", "recalculation_day": 31, "currency_multiple": 100},
            [
                ("overpayment", "BAD_VALUE"),
                ("recalculation_day", "BAD_VALUE"),
                ("currency_multiple", "BAD_VALUE"),
            ],
        ),
    ],
)
def test_impossible_terms_are_refused_with_every_reason(
    books: Books, terms: dict[str, object], reasons: list[tuple[str, str]]
) -> None:
    """A rate of 1,000 percent, limits out of order, words nobody knows, grace that never ends."""
    assert reasons_of(books, **terms) == reasons
    with books.look() as session:
        assert [row.code for row in list_loan_products(session, all_versions=True)] == ["MONTHLY", "WEEKLY"]


def test_an_installment_that_never_amortizes_is_refused_at_the_product(books: Books) -> None:
    """Fixed instalments rounded down to a multiple that does not even pay their interest."""
    assert reasons_of(
        books, annual_rate=Decimal(900), principal_default=Money(10_000), installment_multiple=7_000
    ) == [("terms", "NEVER_AMORTIZES")]


def test_a_product_maps_to_accounts_of_the_right_type_only(books: Books) -> None:
    """A heading, an account of another type, one with another part, and one with entries made by hand."""
    wrong = {
        "gl_portfolio_id": books.gl_account("Cash in hand").id,
        "gl_interest_id": books.gl_account("Salaries").id,
        "gl_fee_id": books.gl_account("Income").id,
        "gl_penalty_id": 4711,
    }
    assert reasons_of(books, **wrong) == [
        ("gl_portfolio_id", "WRONG_ACCOUNT"),
        ("gl_interest_id", "WRONG_ACCOUNT"),
        ("gl_fee_id", "WRONG_ACCOUNT"),
        ("gl_penalty_id", "NOT_FOUND"),
    ]


def test_an_account_of_its_own_is_closed_to_manual_entries(books: Books) -> None:
    """The portfolio of a product is the sum of its loans, so nobody books on it by hand."""
    with books.hq_work() as session:
        own = GLAccount(code="1215", name="Farm loans", type="asset")
        insert(session, own)
    product = defined(books, gl_portfolio_id=own.id)
    assert product.gl_portfolio_id == own.id
    assert books.gl_account("Farm loans").manual_entries == 0
    a_loan(books, code="FARM")
    assert broken(books) == []


def test_charges_and_cycles_go_on_in_the_next_version(books: Books) -> None:
    """Unless others are given: the first version keeps its own either way."""
    with books.hq_work() as session:
        fee = offers.define_charge(
            session, "FORM", {"name": "Form", "due": "disbursement", "amount": Money(5_00)}
        )
        cycle = {"cycle": 2, "principal_maximum": Money(500_000)}
        first = define_loan_product(session, "FARM", TERMS, charges=[fee.id], cycles=[cycle])
        second = define_loan_product(session, "FARM", {"annual_rate": Decimal(20)})
        third = define_loan_product(session, "FARM", {}, charges=[], cycles=[])
        assert [charges_of(session, row.id) for row in (first, second, third)] == [[fee.id], [fee.id], []]
        assert [len(cycles_of(session, row.id)) for row in (first, second, third)] == [1, 1, 0]
        assert cycles_of(session, second.id)[0].principal_maximum == Money(500_000)


def test_cycles_and_charges_are_checked_with_the_product(books: Books) -> None:
    """A charge on savings, a cycle that stands twice, limits out of order."""
    with books.hq_work() as session:
        monthly = offers.define_charge(
            session,
            "BOOK",
            {"name": "Book", "applies_to": "savings", "due": "monthly", "amount": Money(100)},
        )
    cycles: list[dict[str, object]] = [
        {"cycle": 2},
        {"cycle": 2, "principal_minimum": Money(9), "principal_maximum": Money(5)},
    ]
    with pytest.raises(FieldsError) as refused, books.hq_work() as session:
        define_loan_product(session, "FARM", TERMS, charges=[monthly.id], cycles=cycles)
    assert [(name, reason.code) for name, reason in refused.value.reasons] == [
        ("charge", "NOT_FOUND"),
        ("cycles", "BAD_VALUE"),
        ("cycles.principal", "LIMIT_ORDER"),
    ]


def test_a_retired_product_is_not_on_offer(books: Books) -> None:
    """It is not listed, nobody applies for it, and it can be defined again."""
    with books.hq_work() as session:
        retire_loan_product(session, "MONTHLY")
        with pytest.raises(NotFoundError):
            retire_loan_product(session, "MONTHLY")
        assert [row.code for row in list_loan_products(session)] == ["WEEKLY"]
        assert define_loan_product(session, "MONTHLY", {}).version == 2


@pytest.mark.parametrize(
    ("terms", "reasons"),
    [
        ({"term_days": None}, [("term_days", "MISSING")]),
        ({"kind": "mandatory"}, [("expected_deposit", "MISSING"), ("term_days", "BAD_VALUE")]),
        ({"term_days_minimum": 365}, [("term_days", "LIMIT_ORDER")]),
        ({"tax_percent": Decimal(101)}, [("tax_percent", "BAD_VALUE")]),
        ({"annual_rate": Decimal(1200)}, [("annual_rate", "RATE_TOO_HIGH")]),
        ({"early_rate": Decimal(7)}, [("early_rate", "LIMIT_ORDER")]),
        ({"compounding": "annually"}, [("compounding", "BAD_VALUE")]),
        ({"overdraft_limit": Money(5)}, [("overdraft_limit", "BAD_VALUE")]),
        ({"unclaimed_after_days": 10}, [("unclaimed_after_days", "LIMIT_ORDER")]),
    ],
)
def test_impossible_savings_terms_are_refused_with_every_reason(
    books: Books, terms: dict[str, object], reasons: list[tuple[str, str]]
) -> None:
    """Terms that belong to another kind of savings, rates and periods that do not fit."""
    with pytest.raises(FieldsError) as refused, books.hq_work() as session:
        define_savings_product(session, "TERM", {**SAVINGS, **terms})
    assert [(name, reason.code) for name, reason in refused.value.reasons] == reasons


def test_a_savings_product_has_versions_and_steps(books: Books) -> None:
    """Deposits may not stand on the account of the overdrafts; steps go on in the next version."""
    with books.hq_work() as session:
        steps = [{"from_days": 90, "annual_rate": Decimal(5)}, {"from_days": 180, "annual_rate": Decimal(7)}]
        define_savings_product(session, "TERM", SAVINGS, rate_steps=steps)
        newer = define_savings_product(session, "TERM", {"annual_rate": Decimal(8)})
        assert newer.version == 2
        assert [step.annual_rate for step in rate_steps_of(session, newer.id)] == [5, 7]
        with pytest.raises(FieldsError):
            define_savings_product(session, "TERM", {}, rate_steps=[*steps, steps[0]])


@pytest.mark.parametrize(
    ("terms", "reasons"),
    [
        ({}, [("amount", "MISSING")]),
        ({"amount": Money(5), "percent": Decimal(5)}, [("amount", "MISSING")]),
        ({"percent": Decimal(0)}, [("percent", "BAD_VALUE")]),
        ({"percent": Decimal(5), "due": "monthly"}, [("due", "BAD_VALUE")]),
        ({"percent": Decimal(5), "due": "overdue"}, [("penalty", "BAD_VALUE")]),
        ({"percent": Decimal(5), "least": Money(9), "most": Money(3)}, [("least", "LIMIT_ORDER")]),
        (
            {"percent": Decimal(5), "repeat_days": 0},
            [("wait_days", "BAD_VALUE"), ("repeat_days", "BAD_VALUE")],
        ),
    ],
)
def test_impossible_charges_are_refused(
    books: Books, terms: dict[str, object], reasons: list[tuple[str, str]]
) -> None:
    """A charge is an amount or a percentage, at a time that its kind of account knows."""
    with pytest.raises(FieldsError) as refused, books.hq_work() as session:
        offers.define_charge(session, "FEE", {"name": "Fee", "due": "disbursement", **terms})
    assert [(name, reason.code) for name, reason in refused.value.reasons] == reasons


def test_lists_of_headquarters_are_kept_by_code(books: Books) -> None:
    """A way to pay and a purpose are changed, not doubled; a holiday is declared once."""
    bank = books.gl_account("Bank").id
    with books.hq_work() as session:
        offers.define_payment_type(session, "BANK", "Bank", bank)
        assert offers.define_payment_type(session, "BANK", "The bank", bank).name == "The bank"
        offers.define_purpose(session, "FARM", "Farming")
        assert offers.define_purpose(session, "FARM", "Farm inputs").name == "Farm inputs"
        offers.declare_holiday(session, DAY, "Founders' day")
        with pytest.raises(offers.HolidayKnownError):
            offers.declare_holiday(session, DAY, "Again", books.office_id)
        assert offers.set_working_days(session, "54321").working_days == "12345"
        assert offers.set_limit(session, "till_cash", Money(5)).amount == Money(5)
        assert offers.set_limit(session, "till_cash", Money(7)).amount == Money(7)
        with pytest.raises(FieldsError):
            offers.define_payment_type(session, "LOANS", "Loans", books.gl_account("Salaries").id)
    with books.look() as session:
        assert len(session.scalars(select(LoanProduct)).all()) == 2


def test_money_is_not_kept_on_an_account_that_follows_from_the_accounts_of_clients(books: Books) -> None:
    """By no way to pay, no mapping, no till; nor does a product take an account under which money is kept."""
    portfolio, bank = books.gl_account("Loan portfolio").id, books.gl_account("Bank").id
    with books.hq_work() as session:
        way = offers.define_payment_type(session, "BANK", "Bank", bank).id
    product_id = books.loan_product("WEEKLY").id
    with pytest.raises(FieldsError), books.hq_work() as session:
        offers.define_payment_type(session, "ODD", "Odd", portfolio)
    with pytest.raises(FieldsError), books.hq_work() as session:
        offers.map_payment_account(session, way, portfolio, loan_product_id=product_id)
    with pytest.raises(FieldsError), books.work() as session:
        create_till(session, gl_account_id=portfolio)
    with pytest.raises(FieldsError), books.hq_work() as session:
        define_loan_product(session, "FARM", {**TERMS, "gl_portfolio_id": bank})
