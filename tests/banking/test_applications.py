"""What may be asked for: limits of the product and of the cycle, purposes, dates, terms that make sense."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from banking import clients, groups, loans, offers
from banking.applications import OwnTerms, PurposeError
from banking.errors import BadValueError, LimitError, MissingError
from banking.loan_plans import NoMeetingError
from banking.product_checks import RateTooHighError
from banking.products import define_loan_product
from ledger.errors import BadTermError, NeverAmortizesError
from ledger.money import Money
from schema.products import LoanProduct
from tests.support.books import Books
from tests.support.lending import DAY, a_client, an_account, broken, row_counts

TERMS = {
    "name": "Farm loan",
    "interest_type": "DECLINING_BALANCE",
    "annual_rate": Decimal(24),
    "rate_minimum": Decimal(12),
    "rate_maximum": Decimal(36),
    "installments": 12,
    "installments_maximum": 24,
    "repay_unit": "MONTHS",
    "principal_default": Money(100_000),
    "principal_minimum": Money(50_000),
    "principal_maximum": Money(200_000),
}


@pytest.fixture
def farm(books: Books) -> LoanProduct:
    """A product with limits, and more from the second loan on."""
    cycles = [{"cycle": 2, "principal_maximum": Money(500_000), "rate_minimum": Decimal(6)}]
    with books.hq_work() as session:
        return define_loan_product(session, "FARM", TERMS, cycles=cycles)


def applied(books: Books, product: LoanProduct, client_id: int | None = None, **fields: object) -> int:
    """Apply for a loan of a client; gives its id."""
    with books.work() as session:
        owner = client_id or a_client(session)
        given: dict[str, Any] = {"applied_on": DAY, **fields}
        return loans.apply(session, client_id=owner, product_id=product.id, **given).id


def test_what_is_not_said_is_the_products(books: Books, farm: LoanProduct) -> None:
    with books.work() as session:
        loan = loans.apply(session, client_id=a_client(session), product_id=farm.id, applied_on=DAY)
        assert (loan.principal, loan.annual_rate, loan.installments) == (Money(100_000), Decimal(24), 12)
        assert loan.cycle == 1


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"principal": Money(49_999)}, LimitError),
        ({"principal": Money(200_001)}, LimitError),
        ({"annual_rate": Decimal("11.9")}, LimitError),
        ({"annual_rate": Decimal(1000)}, RateTooHighError),
        ({"installments": 25}, LimitError),
        ({"applied_on": date(2206, 1, 5)}, BadTermError),
        ({"applied_on": date(1826, 1, 5)}, BadTermError),
        ({"terms": OwnTerms(first_due_on=DAY)}, BadTermError),
        ({"terms": OwnTerms(grace_principal=12)}, BadTermError),
        ({"terms": OwnTerms(tranches=[(DAY, Money(100_000))])}, BadTermError),
        ({"savings_account_id": 1}, BadValueError),
        ({"replaces_id": 1}, BadValueError),
    ],
)
def test_what_the_product_does_not_allow_is_refused_by_name(
    books: Books, farm: LoanProduct, fields: dict[str, Any], refusal: type[Exception]
) -> None:
    """Amounts, rates, numbers and days outside the limits, and accounts of nobody."""
    before = row_counts(books)
    with pytest.raises(refusal):
        applied(books, farm, **fields)
    assert row_counts(books) == before


def test_the_second_loan_of_a_client_has_limits_of_its_own(books: Books, farm: LoanProduct) -> None:
    """A loan that was paid out counts, an application does not; another client begins anew."""
    with books.work() as session:
        client_id = a_client(session)
    more: dict[str, Any] = {"principal": Money(500_000), "annual_rate": Decimal(6)}
    with pytest.raises(LimitError):
        applied(books, farm, client_id, **more)
    first = applied(books, farm, client_id)
    with pytest.raises(LimitError):
        applied(books, farm, client_id, **more)
    with books.work() as session:
        loans.approve(session, first, DAY)
        loans.disburse(session, first, DAY)
    applied(books, farm, client_id, **more)
    with books.work() as session:
        third = loans.apply(session, client_id=client_id, product_id=farm.id, applied_on=DAY)
        assert third.cycle == 2
    with pytest.raises(LimitError):
        applied(books, farm, client_id, principal=Money(500_001))
    with pytest.raises(LimitError):
        applied(books, farm, **more)
    assert broken(books) == []


def test_once_purposes_are_listed_one_of_them_is_named(books: Books, farm: LoanProduct) -> None:
    """By code or name, capitals do not count; before that any words do."""
    applied(books, farm, purpose="whatever it takes")
    with books.hq_work() as session:
        offers.define_purpose(session, "CROP", "Seed and fertiliser")
    with books.work() as session:
        for said in ("crop", "seed and fertiliser"):
            loan = loans.apply(
                session, client_id=a_client(session), product_id=farm.id, applied_on=DAY, purpose=said
            )
            assert loan.purpose == "Seed and fertiliser"
    with pytest.raises(PurposeError):
        applied(books, farm, purpose="a party")


def test_terms_that_never_pay_off_are_refused(books: Books) -> None:
    """An instalment rounded to a multiple below its own interest, for a small loan of a good product."""
    with books.hq_work() as session:
        product = define_loan_product(
            session,
            "WIDE",
            {
                **TERMS,
                "annual_rate": Decimal(900),
                "rate_maximum": None,
                "principal_minimum": None,
                "principal_maximum": None,
                "installment_multiple": 7_000,
            },
        )
    with pytest.raises(NeverAmortizesError):
        applied(books, product, principal=Money(10_000))


def test_a_product_of_meetings_needs_a_meeting(books: Books, farm: LoanProduct) -> None:
    """The client's group says when it meets, else its center; rows fall due at meetings."""
    with books.hq_work() as session:
        product = define_loan_product(session, "FARM", {"due_from": "meeting"})
    with pytest.raises(NoMeetingError):
        applied(books, product)
    with books.work() as session:
        center = groups.create_center(session, name="Market", meeting_weekday=3, meeting_every_weeks=2)
        group = groups.create_group(session, name="Tumaini", center_id=center.id)
        member = clients.register_client(session, name="Njeri", group_id=group.id)
        loan = loans.apply(session, client_id=member.id, product_id=product.id, applied_on=DAY)
        loans.approve(session, loan.id, DAY)
        loans.disburse(session, loan.id, DAY)
        due = [one.due_date for one in loans.dues(session, loan.id)]
    assert {day.isoweekday() for day in due} == {3}
    assert due[:3] == [date(2026, 2, 11), date(2026, 3, 11), date(2026, 4, 8)]


def test_savings_and_the_loan_to_replace_are_the_clients_own(books: Books, farm: LoanProduct) -> None:
    """An account of the same client is kept with the application; the agreed first day too."""
    account = an_account(books)
    first = DAY + timedelta(days=40)
    loan_id = applied(
        books, farm, account.client_id, savings_account_id=account.id, terms=OwnTerms(first_due_on=first)
    )
    with pytest.raises(BadValueError):
        applied(books, farm, savings_account_id=account.id)
    with pytest.raises(BadValueError):
        applied(books, farm, replaces_id=loan_id)
    with books.work() as session:
        loans.approve(session, loan_id, DAY)
        loans.disburse(session, loan_id, DAY)
        assert loans.dues(session, loan_id)[0].due_date == first


def test_without_a_default_the_principal_is_asked_for(books: Books) -> None:
    with pytest.raises(MissingError):
        applied(books, books.loan_product("WEEKLY"))
