"""Numbers that people see."""

import pytest

from banking import clients, days, loans, numbers, savings
from banking.errors import NoOpenDayError, NumberTakenError, TextNotAllowedError
from schema.accounts import LoanAccount
from tests.support.books import Books, money
from tests.support.lending import DAY, a_client, an_application


def apply_under(books: Books, number: str | None) -> str:
    with books.work() as session:
        return loans.apply(
            session,
            client_id=a_client(session),
            product_id=books.loan_product("WEEKLY").id,
            principal=money("100"),
            applied_on=DAY,
            number=number,
        ).number


@pytest.mark.parametrize(
    ("kept", "following"),
    [
        ("000100000000020", "KIT-L-000001"),
        ("KIT-L-000500", "KIT-L-000501"),
        ("KIT-L-00050A", "KIT-L-000001"),
        ("KIT-L-ZZZZZZ", "KIT-L-000001"),
        ("KIT-L-999999", "KIT-L-1000000"),
        ("KIT-L-1000000", "KIT-L-1000001"),
        ("KAM-L-000700", "KIT-L-000001"),
        ("kit-l-000009", "KIT-L-000001"),
    ],
)
def test_the_next_number_follows_the_highest_of_our_own_form(books: Books, kept: str, following: str) -> None:
    """Whatever numbers older books brought along."""
    assert apply_under(books, kept) == kept
    assert apply_under(books, None) == following
    last = int(following.rsplit("-", 1)[1])
    assert apply_under(books, None) == f"KIT-L-{last + 1:06d}"


def test_loans_and_savings_share_their_numbers(books: Books) -> None:
    number = apply_under(books, "77")
    with books.work() as session, pytest.raises(NumberTakenError):
        savings.open_account(
            session,
            client_id=a_client(session),
            product_id=books.savings_product("SAVE").id,
            opened_on=DAY,
            number=number,
        )
    with pytest.raises(TextNotAllowedError):
        apply_under(books, "7\u202e7")


def test_a_number_that_cannot_be_written_uses_none_up(books: Books) -> None:
    with pytest.raises(NoOpenDayError), books.work() as session:  # noqa: PT012 - the second refuses, the first is lost
        an_application(books, session)
        days.close_day(session)
    assert apply_under(books, None) == "KIT-L-000001"


def test_numbers_run_on_each_kind_of_database(any_books: Books) -> None:
    """Text is compared in the same way by all three, dashes and small letters included."""
    for kept in ("KIT-C-000010", "kit-c-000090", "KIT-C-9", "KITC-000095"):
        with any_books.work() as session:
            clients.register_client(session, name="Kept", number=kept)
    with any_books.work() as session:
        assert clients.register_client(session, name="New").number == "KIT-C-000011"


def test_the_next_number_is_asked_by_index_not_by_reading_all(books: Books) -> None:
    """A branch with thousands of loans numbers the next one as quickly as the first."""
    with books.work() as session:
        an_application(books, session)
        connection = session.connection()
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT number FROM loan_account "
            "WHERE number >= 'KIT-L-' AND number < 'KIT-L-~' ORDER BY number DESC LIMIT 1"
        ).all()
        assert numbers.next_number(session, LoanAccount) == "KIT-L-000002"
    assert any("ix_loan_account_number" in row[3] for row in plan)
