"""The checks of the whole database find what they are there for, one planted fault at a time."""

from datetime import timedelta

import pytest

from banking import repayments, savings
from banking.loan_charges import put_amount
from schema.beside_invariants import BESIDE_CHECKS
from schema.cash_invariants import CASH_CHECKS
from schema.invariants import check_invariants
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_account, broken, plant

LATER = DAY + timedelta(days=9)

OLDEST_SHARE = "WHERE id = (SELECT min(id) FROM loan_transaction_share)"
OLDEST_ENTRY = "(SELECT min(id) FROM journal_entry)"
TWO_OPEN_DAYS = """
INSERT INTO business_day (id, origin_office_id, "on", state, opened_at)
SELECT 1, id, '2026-01-01', 'open', 0 FROM office WHERE code = 'KIT'
UNION ALL SELECT 2, id, '2026-01-02', 'open', 0 FROM office WHERE code = 'KIT'
"""

ANOTHER_LOANS_ROW = """
UPDATE loan_transaction_share SET installment_id = (
  SELECT max(id) FROM installment WHERE loan_account_id = (SELECT max(id) FROM loan_account))
 WHERE loan_transaction_id = (
  SELECT min(id) FROM loan_transaction
   WHERE kind = 'repayment' AND loan_account_id = (SELECT min(id) FROM loan_account))
"""
SAVINGS_OF_ANOTHER_ENTRY = """
UPDATE loan_transaction SET savings_transaction_id = (SELECT min(id) FROM savings_transaction)
 WHERE kind = 'repayment'
"""
FALSE_STANDING = """
INSERT INTO loan_standing (loan_account_id, origin_office_id, principal, owed, overdue_from, arrears,
                           due_then, prepaid, charged_off, renegotiated, counted_until)
SELECT id, origin_office_id, principal + 1, principal + 1, NULL, 0, 0, 0, 0, 0, '2026-01-01' FROM loan_account
"""

FAULTS: list[tuple[str, str]] = [
    ("entries_balance", "UPDATE journal_line SET debit = debit + 1 WHERE debit > 0"),
    ("lines_have_entries", f"DELETE FROM journal_line WHERE journal_entry_id = {OLDEST_ENTRY}"),
    ("lines_have_entries", f"DELETE FROM journal_entry WHERE id = {OLDEST_ENTRY}"),
    ("day_totals", "UPDATE gl_day_total SET credit = credit + 1 WHERE credit > 0"),
    ("day_totals", "DELETE FROM gl_day_total"),
    ("month_totals", "UPDATE gl_month_total SET debit = debit + 1 WHERE debit > 0"),
    ("month_totals", "DELETE FROM gl_month_total"),
    ("loan_standings", FALSE_STANDING),
    ("loans_are_the_portfolio", "UPDATE installment SET principal = principal + 1 WHERE number = 25"),
    ("savings_are_the_deposits", "UPDATE savings_transaction SET amount = amount + 1"),
    ("overpayments_are_the_account", "UPDATE loan_transaction SET overpayment = 0 WHERE overpayment > 0"),
    ("shares_within_dues", f"UPDATE loan_transaction_share SET principal = 99999999 {OLDEST_SHARE}"),
    ("shares_within_dues", f"UPDATE loan_transaction_share SET interest = -1 {OLDEST_SHARE}"),
    ("shares_add_up", f"DELETE FROM loan_transaction_share {OLDEST_SHARE}"),
    ("money_has_entries", "UPDATE loan_transaction SET amount = amount + 1 WHERE kind = 'fee'"),
    ("overpaid_not_below_zero", "UPDATE loan_transaction SET overpayment = -overpayment"),
    ("shares_stay_in_their_loan", ANOTHER_LOANS_ROW),
    ("adjustments_adjust", "UPDATE loan_transaction SET amount = 1 WHERE kind = 'adjustment'"),
    ("adjustments_adjust", "UPDATE loan_transaction SET adjusts_id = NULL WHERE kind = 'adjustment'"),
    ("charges_stand_in_rows", "UPDATE installment SET penalty = penalty + 1 WHERE number = 25"),
    ("charges_stand_in_rows", "UPDATE loan_charge SET amount = amount + 1"),
    ("charges_taken_back", "UPDATE loan_charge SET amount = -amount"),
    ("charge_offs_stand", "UPDATE loan_account SET charged_off_on = '2026-03-01'"),
    ("written_off_owes_nothing", "UPDATE loan_account SET status = 'written_off'"),
    ("savings_beside_loans", SAVINGS_OF_ANOTHER_ENTRY),
    ("transfers_move_nothing", "UPDATE savings_transaction SET kind = 'transfer_in' WHERE kind = 'deposit'"),
    ("savings_have_entries", "UPDATE savings_transaction SET journal_entry_id = 5 WHERE kind = 'deposit'"),
    ("reversals_are_exact", "UPDATE loan_transaction SET fee = fee - 1 WHERE kind = 'reversal'"),
    ("savings_not_below_zero", "UPDATE savings_transaction SET amount = -amount WHERE amount > 0"),
    ("one_open_day", TWO_OPEN_DAYS),
    ("numbers_are_unique", "UPDATE savings_account SET number = (SELECT max(number) FROM loan_account)"),
    ("receipts_are_gapless", "UPDATE loan_transaction SET receipt_sequence = 77 WHERE receipt_sequence = 2"),
    ("receipts_are_gapless", "UPDATE loan_transaction SET receipt_sequence = 1 WHERE receipt_sequence = 2"),
]
"""Which check finds what somebody wrote around us."""


def some_work(books: Books) -> None:
    """Post one of everything."""
    loan_id = a_loan(books, till_id=books.till_id)
    overpaid = a_loan(books)
    account = an_account(books)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("50"), LATER, till_id=books.till_id)
        fee = repayments.charge_fee_and_pay(session, loan_id, money("2"), LATER, till_id=books.till_id)
        repayments.waive(session, loan_id, money("1"), LATER)
        repayments.reverse(session, fee, reason="wrong", on=LATER)
        put_amount(session, loan_id, money("5"), DAY, name="Fine", penalty=True)
        repayments.post_repayment(session, overpaid, money("2000"), LATER)
        savings.deposit(session, account.id, money("10"), LATER, till_id=books.till_id)


def test_a_branch_with_some_of_everything_holds_together(any_books: Books) -> None:
    """On each kind of database, and every check was asked."""
    some_work(any_books)
    with any_books.look() as session:
        checks = check_invariants(session)
    assert [check.name for check in checks if not check.ok] == []
    assert {check.name for check in checks} == {name for name, _ in FAULTS} | {
        check[0] for check in (*BESIDE_CHECKS, *CASH_CHECKS)
    }


@pytest.mark.parametrize(("name", "statement"), FAULTS)
def test_a_planted_fault_is_found_and_named(books: Books, name: str, statement: str) -> None:
    some_work(books)
    plant(books, statement)
    found = broken(books)
    assert any(line.startswith(f"{name}: ") and len(line) > len(name) + 2 for line in found), found


def test_a_lost_laptop_and_its_successor_may_each_have_a_day_open(books: Books) -> None:
    some_work(books)
    plant(
        books,
        TWO_OPEN_DAYS.replace("SELECT 2,", f"SELECT {1 << 42},").replace("SELECT 1,", f"SELECT {1 << 43},"),
    )
    assert not broken(books)


def test_paper_kept_from_elsewhere_fills_the_hole_that_it_makes(books: Books) -> None:
    loan_id = a_loan(books, till_id=books.till_id)
    with books.work() as session:
        for receipt in ("", "KIT-1-000003", "", ""):
            repayments.post_repayment(
                session, loan_id, money("1"), LATER, till_id=books.till_id, receipt=receipt
            )
    assert broken(books) == []
