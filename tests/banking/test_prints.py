"""What was printed is counted: the original, its copies, and what no paper was made of."""

from datetime import UTC, date, datetime

from banking.prints import copies_of, record_failed_print, record_print, unprinted_receipts
from banking.receipts import find_receipt, reverse_movement
from banking.savings import deposit
from ledger.money import Money
from tests.support.books import Books
from tests.support.lending import an_account

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DAY = date(2026, 1, 5)


def test_the_second_paper_is_a_copy_and_a_refused_one_is_none(any_books: Books) -> None:
    """1 is the original, 2 the first copy; what the printer refused is counted back."""
    with any_books.database.writing() as session:
        assert record_print(session, NOW, 1, "receipt", "KIT-1-000001") == 1
        assert record_print(session, NOW, 1, "receipt", "KIT-1-000001") == 2
        record_failed_print(session, NOW, 1, "receipt", "KIT-1-000001")
        assert record_print(session, NOW, 1, "statement", "KIT-1-000001") == 1
    with any_books.look() as session:
        assert copies_of(session, "receipt", "KIT-1-000001") == 1
        assert copies_of(session, "receipt", "KIT-1-000002") == 0


def test_a_receipt_waits_until_it_is_printed(any_books: Books) -> None:
    """A receipt of the day stands in the list until its paper is made; one without a till has older paper."""
    account = an_account(any_books)
    with any_books.work() as session:
        deposit(session, account.id, Money(500), DAY, receipt="OLD-7")
        first = deposit(session, account.id, Money(700), DAY, till_id=any_books.till_id)
        second = deposit(session, account.id, Money(900), DAY, till_id=any_books.till_id)
        numbers, on = [first.receipt, second.receipt], first.booked_on
    with any_books.look() as session:
        waiting = unprinted_receipts(session, any_books.office_id, on)
        assert [row.receipt for row in waiting] == numbers
        assert (waiting[0].account_kind, waiting[0].kind, waiting[0].amount) == (
            "savings",
            "deposit",
            Money(700),
        )
        assert find_receipt(session, numbers[0]) == ("savings", waiting[0].transaction_id)
    with any_books.database.writing() as session:
        record_print(session, NOW, 1, "receipt", numbers[0])
        record_print(session, NOW, 1, "receipt", numbers[1])
        record_failed_print(session, NOW, 1, "receipt", numbers[1])
    with any_books.look() as session:
        assert [row.receipt for row in unprinted_receipts(session, any_books.office_id, on)] == [numbers[1]]


def test_what_was_taken_back_unprinted_needs_only_the_slip_of_its_reversal(books: Books) -> None:
    """The reversal has a number of its own: that paper stands for both."""
    account = an_account(books)
    with books.work() as session:
        wrong = deposit(session, account.id, Money(700), DAY, till_id=books.till_id)
        reversal = reverse_movement(session, "savings", wrong.id, reason="typed twice", on=DAY)
        on = wrong.booked_on
    with books.look() as session:
        assert [row.transaction_id for row in unprinted_receipts(session, books.office_id, on)] == [reversal]
