"""Two people where the amount asks for it."""

from dataclasses import replace

import pytest

from banking import books as journal
from banking import loans, repayments, savings, users
from banking.approval import find_limit, require_second_person
from banking.books import ManualLine
from banking.disbursement_parts import Part
from banking.errors import BadSecondPersonError, BadValueError, SecondPersonNeededError
from banking.receipts import reverse_movement
from banking.savings_closing import PaidOut, close_account, reopen_account
from ledger.money import Money
from schema.accounting import JournalEntry
from schema.accounts import SavingsTransaction
from tests.support.books import Books, money
from tests.support.cash import a_limit, a_user
from tests.support.lending import (
    DAY,
    a_loan,
    an_account,
    an_application,
    balances,
    broken,
    newest_transaction,
    row_counts,
)

RENT = (ManualLine("5320", debit=money("300")), ManualLine("1130", credit=money("300")))


def ask(books: Books, amount: str, second: int | None) -> int | None:
    with books.work() as session:
        return require_second_person(session, money(amount), second)


def test_without_a_limit_nobody_is_needed_and_a_named_person_is_kept(books: Books) -> None:
    moses = a_user(books, "moses")
    assert ask(books, "1000000", None) is None
    assert ask(books, "1", moses) == moses


def test_from_the_limit_on_a_second_person_is_needed(books: Books) -> None:
    moses = a_user(books, "moses")
    a_limit(books, "second_person", "500")
    assert ask(books, "499.99", None) is None
    for amount in ("500", "500.01", "-500"):
        with pytest.raises(SecondPersonNeededError) as refusal:
            ask(books, amount, None)
        assert refusal.value.facts["limit"] == money("500")
    assert ask(books, "500", moses) == moses


def test_an_office_s_own_limit_goes_before_that_of_all(books: Books) -> None:
    a_limit(books, "second_person", "500")
    a_limit(books, "second_person", "90", of_office=True)
    with books.look() as session:
        assert find_limit(session, "second_person", books.office_id) == money("90")
        assert find_limit(session, "second_person", books.head_office_id) == money("500")
        assert find_limit(session, "till_cash", books.office_id) is None


def test_not_everybody_can_be_the_second_person(books: Books) -> None:
    """Who does it herself, a stranger, one who left and a role without the right are refused."""
    left, clerk = a_user(books, "left"), a_user(books, "clara", "clerk")
    with books.work() as session:
        users.disable(session, left)
    for second in (left, clerk, 999):
        with pytest.raises(BadSecondPersonError):
            ask(books, "1", second)
    books.actor_id = a_user(books, "moses")
    with pytest.raises(BadSecondPersonError, match="same person"):
        ask(books, "1", books.actor_id)


def test_somebody_of_another_office_is_no_second_person(books: Books) -> None:
    with books.hq_work() as session:
        stranger = users.create_user(session, "hannah", "Hannah", "admin", "a password for tests").id
    with pytest.raises(BadSecondPersonError):
        ask(books, "1", stranger)


def test_a_payment_a_reversal_and_a_manual_entry_ask_for_two(books: Books) -> None:
    """Each is refused alone, goes through with two, and its entry keeps who confirmed it."""
    moses = a_user(books, "moses")
    a_limit(books, "second_person", "300")
    with books.work() as session:
        loan = loans.approve(session, an_application(books, session).id, DAY)
    before = row_counts(books)
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        loans.disburse(session, loan.id, DAY, till_id=books.till_id)
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        journal.post_manual(session, RENT, value_date=DAY, note="rent")
    assert row_counts(books) == before
    with books.work() as session:
        paid = loans.disburse(session, loan.id, DAY, till_id=books.till_id, approved_by_id=moses)
        entry = journal.post_manual(session, RENT, value_date=DAY, note="rent", approved_by_id=moses)
    assert (paid.approved_by_id, entry.approved_by_id) == (moses, moses)
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        repayments.reverse(session, newest_transaction(books, loan.id), reason="wrong", on=DAY)
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        journal.reverse_manual(session, entry.id, reason="wrong", on=DAY)
    with books.work() as session:
        transaction = newest_transaction(books, loan.id)
        back = repayments.reverse(session, transaction, reason="wrong", on=DAY, approved_by_id=moses)
        journal.reverse_manual(session, entry.id, reason="wrong", on=DAY, approved_by_id=moses)
        assert back.journal_entry_id is not None
        assert session.get_one(JournalEntry, back.journal_entry_id).approved_by_id == moses
    assert balances(books) == {}
    assert broken(books) == []


def test_what_only_writes_older_books_down_needs_nobody(books: Books) -> None:
    a_limit(books, "second_person", "1")
    loan_id = a_loan(books)
    with books.work() as session:
        repayments.reverse(session, newest_transaction(books, loan_id), reason="wrong", on=DAY)
    assert balances(books) == {}


def test_an_amount_below_zero_counts_by_its_size(books: Books) -> None:
    a_limit(books, "second_person", "5")
    assert ask(books, "-4.99", None) is None
    assert Money(-499) < money("5")


def test_money_of_savings_that_goes_out_or_back_asks_for_two(books: Books) -> None:
    """A withdrawal and the reversal of a deposit; a deposit itself needs nobody."""
    moses = a_user(books, "moses")
    a_limit(books, "second_person", "100")
    account = an_account(books)
    with books.work() as session:
        paid = savings.deposit(session, account.id, money("500"), DAY, till_id=books.till_id)
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        savings.withdraw(session, account.id, money("100"), DAY, till_id=books.till_id)
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        savings.reverse(session, paid, reason="wrong", on=DAY)
    with books.work() as session:
        out = savings.withdraw(
            session, account.id, money("100"), DAY, till_id=books.till_id, approved_by_id=moses
        )
        savings.reverse(session, out, reason="wrong", on=DAY, approved_by_id=moses)
        back = reverse_movement(session, "savings", paid.id, reason="wrong", on=DAY, approved_by_id=moses)
        entry_id = session.get_one(SavingsTransaction, back).journal_entry_id
        assert session.get_one(JournalEntry, entry_id).approved_by_id == moses
    assert (out.approved_by_id, balances(books)) == (moses, {})
    assert broken(books) == []


def test_closing_savings_asks_for_a_second_person_as_taking_the_money_would(books: Books) -> None:
    """Into another account or out of the till, and back when the account is opened again."""
    moses = a_user(books, "moses")
    a_limit(books, "second_person", "500")
    account, other = an_account(books), an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("900"), DAY, till_id=books.till_id)
    for way in (PaidOut(to_savings_id=other.id), PaidOut(till_id=books.till_id)):
        with pytest.raises(SecondPersonNeededError), books.work() as session:
            close_account(session, account.id, DAY, way)
        with books.work() as session:
            paid = close_account(session, account.id, DAY, replace(way, approved_by_id=moses))
            assert paid[-1].approved_by_id == moses
        with books.work() as session:
            reopen_account(session, account.id, reason="wrong", on=DAY, approved_by_id=moses)
    assert broken(books) == []


def test_savings_are_not_closed_into_themselves(books: Books) -> None:
    account = an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("10"), DAY)
    with pytest.raises(BadValueError), books.work() as session:
        close_account(session, account.id, DAY, PaidOut(to_savings_id=account.id))


def test_a_loan_paid_out_in_small_parts_is_taken_back_by_two_people_for_all_of_it(books: Books) -> None:
    """With one part the others go back too, so the whole counts."""
    a_limit(books, "second_person", "500")
    moses = a_user(books, "moses")
    with books.work() as session:
        loan = an_application(books, session)
        loans.approve(session, loan.id, DAY)
        parts = [Part(money("300"), books.till_id), Part(money("700"), books.till_id)]
        first = loans.disburse(session, loan.id, DAY, parts=parts, approved_by_id=moses)
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        repayments.reverse(session, first, reason="wrong client", on=DAY)
    with books.work() as session:
        repayments.reverse(session, first, reason="wrong client", on=DAY, approved_by_id=moses)
    assert balances(books) == {}
