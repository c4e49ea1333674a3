"""The checks of cash, counts, transfers and bank statements find one planted fault at a time."""

from datetime import timedelta

import pytest

from banking import inter_branch
from banking.bank_files import Columns
from banking.bank_reconciliation import StatementFile, import_statement, match_automatically
from banking.bank_report import reconcile
from banking.books import ManualLine
from banking.chart import deactivate_account
from banking.chart_errors import GLAccountInUseError, OpeningBalanceError
from banking.inter_branch import OfficeTransfer
from banking.inter_branch_matching import elimination, unmatched
from banking.opening_balances import post_opening_balances
from banking.till_sheets import office_sheets
from ledger.money import ZERO
from schema.cash_invariants import CASH_CHECKS
from tests.support.books import Books, money
from tests.support.cash import a_vault, another_office, count, move
from tests.support.lending import DAY, broken, plant

OTHER_LINE = "(SELECT max(id) FROM journal_line)"
SAME_LINE = "(SELECT max(journal_line_id) FROM bank_statement_line)"

FAULTS: list[tuple[str, str]] = [
    ("cash_movements_have_entries", "UPDATE cash_movement SET amount = amount + 1 WHERE kind = 'float'"),
    (
        "cash_movements_have_entries",
        "UPDATE cash_movement SET from_till_id = to_till_id WHERE kind = 'float'",
    ),
    (
        "cash_movements_have_entries",
        "UPDATE cash_movement SET to_till_id = from_till_id WHERE kind = 'float'",
    ),
    ("cash_movements_have_entries", "UPDATE cash_movement SET to_till_id = NULL WHERE kind = 'from_bank'"),
    ("counts_book_their_difference", "UPDATE cash_count SET counted = counted + 1"),
    (
        "counts_book_their_difference",
        "UPDATE cash_count SET journal_entry_id = NULL WHERE counted > expected",
    ),
    ("inter_branch_legs_are_the_account", "UPDATE inter_branch_leg SET amount = amount - 1"),
    ("inter_branch_legs_are_the_account", "DELETE FROM inter_branch_leg"),
    ("bank_statements_add_up", "UPDATE bank_statement SET closing = closing + 1"),
    ("bank_statements_add_up", "DELETE FROM bank_statement_line WHERE number = 2"),
    (
        "matched_lines_agree",
        f"UPDATE bank_statement_line SET journal_line_id = {OTHER_LINE} WHERE number = 1",
    ),
    ("matched_lines_agree", f"UPDATE bank_statement_line SET journal_line_id = {SAME_LINE}"),
    ("matched_lines_agree", "UPDATE bank_statement SET gl_account_id = (SELECT max(id) FROM gl_account)"),
]


def some_cash(books: Books) -> None:
    """Move, count and send some."""
    nyeri = another_office(books)
    a_vault(books, "500")
    move(books, "float", "200", to_till_id=books.till_id)
    count(books, books.till_id, "201")
    count(books, books.till_id, "201")
    wanted = OfficeTransfer(other_office_id=nyeri, amount=money("80"), till_id=books.till_id)
    content = b"Date,Amount\n2026-01-05,-500\n2026-01-06,-500\n"
    statement = StatementFile(
        content=content, columns=Columns(day="Date", amount="Amount"), opening=ZERO, closing=-money("1000")
    )
    with books.work() as session:
        inter_branch.send(session, wanted, DAY)
        import_statement(session, "1130", statement)
        assert len(match_automatically(session, "1130")) == 1


def test_a_branch_that_moved_cash_holds_together(any_books: Books) -> None:
    """On each kind of database, and every question about it is answered alike."""
    some_cash(any_books)
    assert broken(any_books) == []
    with any_books.look() as session:
        sheets = office_sheets(session, any_books.office_id, DAY)
        found = reconcile(session, "1130", any_books.office_id, DAY + timedelta(days=1))
        (open_transfer,) = unmatched(session, DAY)
        assert elimination(session, DAY).unexplained == ZERO
    assert [(sheet.number, sheet.closing) for sheet in sheets] == [(1, money("121")), (2, money("300"))]
    assert [line.amount for line in found.only_bank] == [-money("500")]
    assert (found.unexplained, open_transfer.open) == (ZERO, money("80"))
    with any_books.hq_work() as session, pytest.raises(GLAccountInUseError, match="KIT has a balance"):
        deactivate_account(session, "1130")
    with any_books.work() as session, pytest.raises(OpeningBalanceError):
        post_opening_balances(session, [ManualLine("1130", debit=money("1"))], DAY)


def test_every_check_has_a_fault_that_it_finds() -> None:
    assert {name for name, _ in FAULTS} == {name for name, _, _ in CASH_CHECKS}


@pytest.mark.parametrize(("name", "statement"), FAULTS)
def test_a_planted_fault_is_found_and_named(books: Books, name: str, statement: str) -> None:
    some_cash(books)
    plant(books, statement)
    found = broken(books)
    assert any(line.startswith(f"{name}: ") for line in found), found
