"""The checks of lines, security, members and moved clients find one planted fault at a time."""

import pytest

from banking import client_arrivals, client_transfers, liability, savings, security
from banking.client_transfers import IN, OUT
from schema.accounts import LoanAccount
from schema.beside_invariants import BESIDE_CHECKS
from tests.banking.test_liability import a_group_loan, pay_out
from tests.support.books import Books, money
from tests.support.cash import another_office, work_at
from tests.support.lending import DAY, a_loan, an_account, broken, plant
from tests.support.lines import a_line

MOVED_LOAN = "(SELECT id FROM loan_account WHERE status = 'moved')"

FAULTS: list[tuple[str, str]] = [
    ("lines_are_their_draws", "UPDATE installment SET principal = principal + 1 WHERE interest = 0"),
    ("guarantees_are_held", "UPDATE guarantor SET amount = amount + 1 WHERE hold_id IS NOT NULL"),
    ("guarantees_are_held", "UPDATE guarantor SET released_on = '2026-01-06' WHERE hold_id IS NOT NULL"),
    (
        "unallocated_is_queued",
        "UPDATE gl_account SET role = 'unallocated' WHERE id IN (SELECT gl_portfolio_id FROM loan_product)",
    ),
    ("members_add_up", "UPDATE loan_member SET principal = principal - 1"),
    ("what_moved_is_gone", f"UPDATE installment SET fee = fee + 1 WHERE loan_account_id = {MOVED_LOAN}"),
    ("what_moved_is_gone", "UPDATE savings_account SET status = 'moved' WHERE status = 'active'"),
    ("moves_happen_once", "UPDATE client_move SET direction = 'in' WHERE direction = 'out'"),
    ("moves_happen_once", "UPDATE client_transfer SET from_office_id = to_office_id"),
]


def something_of_each(books: Books) -> None:
    """Draw on a line, hold savings for a guarantee, share a group's loan, move a client."""
    books.today = DAY
    a_line(books)
    account, loan_id = an_account(books), a_loan(books)
    group_loan, members = a_group_loan(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("90.00"), DAY)
        security.add_guarantor(session, loan_id, money("50.00"), DAY, name="Ouma", savings_id=account.id)
        liability.set_members(session, group_loan, {members[0]: money("1000.00")})
    pay_out(books, group_loan)
    nyeri = another_office(books)
    moving = a_loan(books, "700.00")
    with books.hq_work() as session:
        client_id = session.get_one(LoanAccount, moving).client_id
        assert client_id is not None
        transfer_id = client_transfers.decide(session, client_id, nyeri, DAY).id
    with books.work() as session:
        assert client_transfers.hand_over(session, transfer_id).direction == OUT
    with work_at(books, nyeri) as session:
        assert client_arrivals.take_over_client(session, transfer_id).move.direction == IN


def test_what_stands_beside_loans_holds_together(any_books: Books) -> None:
    """On each kind of database; the client who moves is in the books of both branches."""
    something_of_each(any_books)
    assert broken(any_books) == []


def test_every_check_has_a_fault_that_it_finds() -> None:
    assert {name for name, _ in FAULTS} == {name for name, _, _ in BESIDE_CHECKS}


@pytest.mark.parametrize(("name", "statement"), FAULTS)
def test_a_planted_fault_is_found_and_named(books: Books, name: str, statement: str) -> None:
    something_of_each(books)
    plant(books, statement)
    found = broken(books)
    assert any(line.startswith(f"{name}: ") for line in found), found
