"""What a new institution begins with."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from banking.errors import BadValueError, NumberTakenError
from banking.standard import STANDARD_CHART, ChartRow, add_office, create_standard_reference
from ledger.money import Money
from ledger.posting import Role
from schema.products import LoanProduct, SavingsProduct
from schema.reference import GLAccount, Institution, Office
from tests.support.books import Books
from tests.support.lending import row_counts


def create(books: Books, chart: list[ChartRow] | None = None, currency: str = "UGX", digits: int = 0) -> None:
    with books.hq_work() as session:
        create_standard_reference(
            session,
            institution_public_id=bytes(16),
            name="Other",
            currency=currency,
            digits=digits,
            chart=chart,
        )


def test_the_institution_its_head_office_and_a_branch_are_there(books: Books) -> None:
    with books.look() as session:
        institution = session.scalars(select(Institution)).one()
        offices = session.scalars(select(Office).order_by(Office.number)).all()
    assert (institution.name, institution.currency, institution.digits) == ("Test institution", "KES", 2)
    assert [(office.number, office.code) for office in offices] == [(1, "HQ"), (2, "KIT")]
    assert offices[1].parent_id == offices[0].id


def test_every_role_of_the_posting_rules_has_exactly_one_detail_account(books: Books) -> None:
    with books.look() as session:
        accounts = session.scalars(select(GLAccount).where(GLAccount.role != "")).all()
    assert sorted(account.role for account in accounts) == sorted(Role)
    assert {account.usage for account in accounts} == {"detail"}


def test_the_chart_is_a_tree_whose_headings_have_the_type_of_what_they_hold(books: Books) -> None:
    with books.look() as session:
        accounts = {account.id: account for account in session.scalars(select(GLAccount))}
    for account in accounts.values():
        if account.parent_id is not None:
            above = accounts[account.parent_id]
            assert (above.usage, above.type) == ("header", account.type)
        else:
            assert account.usage == "header"


def test_books_brought_in_is_equity_so_that_opening_books_are_no_income(books: Books) -> None:
    assert books.gl_account("Books brought in").type == "equity"


def test_the_standard_products_have_the_published_terms(books: Books) -> None:
    """As the interfaces say: WEEKLY, MONTHLY, SAVE, MUST."""
    weekly, monthly = books.loan_product("WEEKLY"), books.loan_product("MONTHLY")
    assert (weekly.interest_type, weekly.annual_rate, weekly.installments) == ("FLAT", Decimal(20), 25)
    assert (weekly.repay_every, weekly.repay_unit) == (1, "WEEKS")
    assert (monthly.interest_type, monthly.annual_rate) == ("DECLINING_BALANCE", Decimal(24))
    assert (monthly.installments, monthly.repay_every, monthly.repay_unit) == (12, 1, "MONTHS")
    for product in (weekly, monthly):
        assert (product.convention, product.days_in_year) == ("fineract", "365")
        assert product.strategy == "mifos-standard-strategy"
        assert product.amortization == "EQUAL_INSTALLMENTS"
    save, must = books.savings_product("SAVE"), books.savings_product("MUST")
    assert (save.kind, save.annual_rate, save.balance_method) == ("voluntary", Decimal(4), "daily")
    assert (must.kind, must.expected_deposit) == ("mandatory", Money(5000))


def test_fifty_at_every_meeting_follows_the_digits_of_the_currency(books: Books) -> None:
    create(books, digits=0)
    with books.look() as session:
        deposits = [p.expected_deposit for p in session.scalars(select(SavingsProduct)) if p.code == "MUST"]
    assert sorted(deposits, key=str) == [Money(50), Money(5000)]


def test_a_given_chart_is_kept_and_what_posting_needs_is_added(books: Books) -> None:
    chart = [
        ChartRow("A", "Assets of ours", "asset", "", "header"),
        ChartRow("1110", "Till money", "asset", "A"),
        ChartRow("1200x", "Loan Portfolio", "asset", "A"),
    ]
    before = row_counts(books)["gl_account"]
    create(books, chart)
    with books.look() as session:
        added = session.scalars(select(GLAccount).order_by(GLAccount.id)).all()[before:]
        portfolio = session.scalars(select(LoanProduct).order_by(LoanProduct.id.desc())).first()
    by_code = {account.code: account for account in added}
    assert [account.code for account in added[:3]] == ["A", "1110", "1200x"]
    assert by_code["1200x"].role == Role.LOAN_PORTFOLIO
    assert not by_code["1200x"].manual_entries
    assert by_code["S1110"].role == Role.CASH
    assert sorted(account.role for account in added if account.role) == sorted(Role)
    assert portfolio is not None
    assert portfolio.gl_portfolio_id == by_code["1200x"].id


@pytest.mark.parametrize(
    ("chart", "refusal"),
    [
        ([ChartRow("1", "A", "asset"), ChartRow("1", "B", "asset")], NumberTakenError),
        ([ChartRow("1", "A", "assets")], BadValueError),
        ([ChartRow("1", "A", "asset", "", "both")], BadValueError),
        ([ChartRow("1", "A", "asset", "9")], BadValueError),
        ([ChartRow("1", "A", "asset", "2"), ChartRow("2", "B", "asset")], BadValueError),
        (
            [ChartRow("1", "A", "asset", "2"), ChartRow("2", "B", "income", "", "header")],
            BadValueError,
        ),
        (
            [ChartRow("1", "A", "asset", "2", "header"), ChartRow("2", "B", "asset", "1", "header")],
            BadValueError,
        ),
    ],
    ids=["code twice", "type", "usage", "no parent", "parent no header", "other type", "circle"],
)
def test_a_chart_that_is_no_tree_is_refused_and_nothing_is_written(
    books: Books, chart: list[ChartRow], refusal: type[Exception]
) -> None:
    before = row_counts(books)
    with pytest.raises(refusal):
        create(books, chart)
    assert row_counts(books) == before


def test_a_currency_that_is_none_is_refused(books: Books) -> None:
    for currency in ("", "KE", "KESS", "K€S"):
        with pytest.raises(Exception, match=r"currency|empty"):
            create(books, currency=currency)
    with pytest.raises(BadValueError):
        create(books, digits=7)


def test_an_office_has_its_own_number_and_code(books: Books) -> None:
    with books.hq_work() as session:
        assert add_office(session, 3, "kam", "Kamuli").code == "KAM"
    for number, code in ((3, "XYZ"), (4, "KAM")):
        with books.hq_work() as session, pytest.raises(NumberTakenError):
            add_office(session, number, code, "Other")
    for code in ("K", "K M", "K-M", "NINELETTE"):
        with books.hq_work() as session, pytest.raises(BadValueError):
            add_office(session, 5, code, "Other")


def test_the_standard_chart_has_no_code_twice() -> None:
    codes = [standard.row.code for standard in STANDARD_CHART]
    assert len(set(codes)) == len(codes)
