"""Provisions by dated tables of ages: the published examples in the books, to the unit."""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from banking import loans, repayments
from banking.closing.provisions import STANDARD, post_provisions, propose_provisions
from banking.errors import BadValueError
from banking.periods import make_year
from banking.provision_tables import PUBLISHED, Band, define_table, published_table
from ledger.errors import BadTermError, NotFoundError
from ledger.money import ZERO, Money
from schema.accounts import LoanAccount
from schema.writing import update
from tests.support.books import Books, money
from tests.support.closing import accrue, close_on, standing
from tests.support.lending import DAY, a_client, a_loan, broken

ON = date(2026, 12, 1)
SA_DHAN = [(-5, 128_000), (10, 17_500), (45, 10_000), (75, 5_000), (120, 3_500), (300, 2_500), (400, 1_500)]
NIGERIA = [
    (-5, 109_500_000),
    (0, 12_700_000),
    (10, 11_250_000),
    (45, 2_340_000),
    (75, 14_850_000),
    (120, 2_360_000),
]


def define(books: Books, name: str, code: str = STANDARD, starts_on: date = date(2020, 1, 1)) -> None:
    with books.hq_work() as session:
        define_table(session, code=code, starts_on=starts_on, bands=published_table(name).bands)


def lend_late(books: Books, late: Sequence[tuple[int, int]], on: date = ON) -> None:
    """Pay out loans of one row without interest that are so many days late (minus: not due yet)."""
    for days, minor in late:
        due = on - timedelta(days)
        with books.work("loan.disburse") as session:
            loan = loans.apply(
                session,
                client_id=a_client(session),
                product_id=books.loan_product("WEEKLY").id,
                principal=Money(minor),
                annual_rate=Decimal(0),
                installments=1,
                applied_on=due - timedelta(7),
            )
            loans.approve(session, loan.id, due - timedelta(7))
            loans.disburse(session, loan.id, due - timedelta(7))


def expected(shared_cases: Path, metric: str) -> int:
    """Give the total that the published example ends with."""
    with (shared_cases / "ratios.csv").open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["metric"] == metric)
    return int(row["expected"].rpartition("=")[2])


@pytest.mark.parametrize(
    ("metric", "table", "late"),
    [
        ("provision_by_age", "sa-dhan", SA_DHAN),
        ("provision_by_age_mfb", "nigeria-mfb", NIGERIA),
    ],
)
def test_the_published_examples_come_out_to_the_unit(
    books: Books, shared_cases: Path, metric: str, table: str, late: list[tuple[int, int]]
) -> None:
    """Loans of those ages in the books, the table by its name, and the journal that it asks for."""
    define(books, table)
    lend_late(books, late)
    wanted = Money(expected(shared_cases, metric))
    with books.work() as session:
        proposal = propose_provisions(session, ON)
        assert proposal.provision == wanted
        assert [row.balance.minor for row in proposal.rows] == [minor for _, minor in late]
        assert [shift.amount for shift in proposal.journal] == [-wanted]
        post_provisions(session, ON)
        assert propose_provisions(session, ON).journal == ()
    assert standing(books, "Provision for loan losses") == wanted
    assert standing(books, "Allowance for loan losses") == -wanted
    assert broken(books) == []


def test_what_is_paid_lets_the_allowance_go_again(books: Books) -> None:
    define(books, "pearls")
    loan_id = a_loan(books)
    later = DAY + timedelta(60)
    with books.work() as session:
        post_provisions(session, later)
    assert standing(books, "Allowance for loan losses") == money("-350.00")
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("1096.15"), later)
        (back,) = post_provisions(session, later)
        assert back.amount == money("350.00")
    assert standing(books, "Allowance for loan losses") == ZERO
    assert broken(books) == []


def test_the_table_in_force_on_the_day_counts_and_its_accounts_too(books: Books) -> None:
    """A new table begins on its day; one with other accounts empties those of the older one."""
    define(books, "pearls")
    with books.hq_work() as session:
        define_table(
            session,
            code=STANDARD,
            starts_on=date(2026, 4, 1),
            bands=[Band("all", 0, Decimal("12.5"))],
            allowance_id=books.gl_account("Borrowings").id,
        )
    a_loan(books)
    with books.work() as session:
        assert propose_provisions(session, date(2026, 3, 31)).provision == money("350.00")
        post_provisions(session, date(2026, 3, 31))
        post_provisions(session, date(2026, 4, 1))
    assert standing(books, "Allowance for loan losses") == ZERO
    assert standing(books, "Borrowings") == money("-125.00")
    assert standing(books, "Provision for loan losses") == money("125.00")


def test_a_product_has_a_table_of_its_own_and_none_is_told(books: Books) -> None:
    define(books, "pearls", code="strict")
    accrue(books, "MONTHLY", accrual="cash", provision_table="strict")
    a_loan(books)
    a_loan(books, "600.00", "MONTHLY")
    with books.work() as session:
        proposal = propose_provisions(session, DAY + timedelta(80))
    assert proposal.without_table == ("WEEKLY",)
    assert {row.product for row in proposal.rows} == {"MONTHLY"}
    assert proposal.provision == money("210.00")


def test_charged_off_loans_have_no_allowance(books: Books) -> None:
    define(books, "pearls")
    loan_id = a_loan(books)
    with books.work() as session:
        update(session, session.get_one(LoanAccount, loan_id), charged_off_on=DAY)
        assert propose_provisions(session, DAY + timedelta(60)).rows == ()


def test_provisions_are_posted_where_a_month_ends_and_not_between(books: Books) -> None:
    define(books, "pearls")
    with books.hq_work() as session:
        make_year(session, "gregorian", 2026)
    a_loan(books)
    close_on(books, date(2026, 2, 27))
    assert standing(books, "Allowance for loan losses") == ZERO
    steps = close_on(books, date(2026, 2, 28))
    assert steps["provisions"].amount == money("350.00")
    assert broken(books) == []


def test_tables_that_cannot_be_used_are_refused(books: Books) -> None:
    wrong: list[tuple[list[Band], type[Exception]]] = [
        ([], BadTermError),
        ([Band("a", 0, Decimal(1)), Band("b", 0, Decimal(2))], BadTermError),
        ([Band("a", 0, Decimal(101))], BadTermError),
        ([Band("a", 5, Decimal(1))], BadValueError),
        ([Band("a", -2, Decimal(1))], BadValueError),
    ]
    for bands, why in wrong:
        with pytest.raises(why), books.hq_work() as session:
            define_table(session, code="own", starts_on=DAY, bands=bands)
    define(books, "pearls", starts_on=DAY)
    with pytest.raises(BadValueError):
        define(books, "sa-dhan", starts_on=DAY)
    with pytest.raises(BadValueError), books.hq_work() as session:
        define_table(
            session,
            code="own",
            starts_on=DAY,
            bands=published_table("pearls").bands,
            expense_id=books.gl_account("Assets").id,
        )
    with pytest.raises(NotFoundError):
        published_table("none")
    assert set(PUBLISHED) == {"sa-dhan", "nigeria-mfb", "nepal-nrb", "kenya-sasra", "pearls"}
