"""A sheet with its draft: states of cells, what changed since printing, totals, attendance."""

import pytest

from banking import repayments, savings
from banking.sheets.keyed import BALANCE_CHANGED, CLOSED_SINCE, DUE_CHANGED
from ledger.money import ZERO, Money
from schema.accounts import SavingsAccount
from schema.products import LoanProduct
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import DAY
from tests.support.meetings import (
    FINE_SLOT,
    LOAN_SLOT,
    MEETING,
    MUST_SLOT,
    PAY_OUT_SLOT,
    SAVE_SLOT,
    TAKE_SLOT,
    Met,
    borrowers,
    meet,
)


def state(met: Met, slot: str, typed: str, line: int = 1) -> tuple[str, str, str]:
    """Key a cell; gives its state and the codes of its refusal and its warning."""
    met.key(line, slot, typed)
    cell = met.keyed().lines[line - 1].cells[slot]
    return (
        cell.state,
        "" if cell.refusal is None else cell.refusal.code,
        "" if cell.warning is None else cell.warning.code,
    )


def test_blank_is_not_keyed_and_zero_is_did_not_pay(any_books: Books) -> None:
    """The one blocks the sheet, the other does not; where nothing is expected a blank blocks nothing."""
    met = borrowers(any_books, 1)
    met.print()
    keyed = met.keyed()
    assert [cell.state for _, cell in keyed.cells()] == ["not_keyed"] * 3 + ["as_due"] * 2
    assert not keyed.is_complete
    for slot in (LOAN_SLOT, MUST_SLOT, SAVE_SLOT):
        met.key(1, slot, "0")
    assert met.keyed().is_complete
    assert met.keyed().total == ZERO


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("43.85", ("as_due", "", "")),
        ("0", ("exception", "", "")),
        ("20.5", ("exception", "", "")),
        ("131.55", ("exception", "", "")),
        ("131.56", ("exception", "", "UNUSUAL_AMOUNT")),
        ("1096.15", ("exception", "", "UNUSUAL_AMOUNT")),
        ("1096.16", ("exception", "", "UNUSUAL_AMOUNT")),
        ("-1", ("wrong", "AMOUNT_NEGATIVE", "")),
        ("1.005", ("wrong", "AMOUNT_DIGITS", "")),
        ("1,5", ("wrong", "AMOUNT_NOT_A_NUMBER", "")),
        ("99999999999999999", ("wrong", "AMOUNT_TOO_LARGE", "")),
    ],
)
def test_what_is_typed_for_a_loan_is_judged_at_once(
    books: Books, typed: str, told: tuple[str, str, str]
) -> None:
    """Part payment and prepayment by the loan's rule; much more than due is asked about once."""
    met = borrowers(books, 1)
    met.print()
    assert state(met, LOAN_SLOT, typed) == told


def test_more_than_everything_owed_is_refused_where_the_product_keeps_no_overpayment(books: Books) -> None:
    """Prepayment goes by the loan's rule, and the sheet says so before anything is posted."""
    with books.hq_work() as session:
        product = session.get_one(LoanProduct, books.loan_product("WEEKLY").id)
        update(session, product, overpayment="refuse")
    met = borrowers(books, 1)
    met.print()
    assert state(met, LOAN_SLOT, "1096.15") == ("exception", "", "UNUSUAL_AMOUNT")
    assert state(met, LOAN_SLOT, "1096.16") == ("wrong", "OVERPAYMENT", "")


def test_the_warning_names_both_amounts(books: Books) -> None:
    """As the paper's user reads it: typed so much, due is so much."""
    met = borrowers(books, 1)
    met.print()
    met.key(1, LOAN_SLOT, "500")
    warning = met.keyed().lines[0].cells[LOAN_SLOT].warning
    assert warning is not None
    assert warning.facts == {"typed": money("500.00"), "due": money("43.85")}
    assert met.keyed().warned == {(1, LOAN_SLOT)}


def test_savings_withdrawals_fines_and_payouts_have_their_own_rules(books: Books) -> None:
    """Any deposit; what is there, with what comes in on the row, to take out; a payout whole or not."""
    met = borrowers(books, 1)
    met.lend(1, pay_out=False)
    met.print()
    assert state(met, SAVE_SLOT, "5000") == ("exception", "", "")
    assert state(met, MUST_SLOT, "500") == ("exception", "", "UNUSUAL_AMOUNT")
    assert state(met, TAKE_SLOT, "5200") == ("exception", "", "")
    assert state(met, TAKE_SLOT, "5200.01") == ("wrong", "INSUFFICIENT_FUNDS", "")
    assert state(met, SAVE_SLOT, "0") == ("as_due", "", "")
    assert state(met, TAKE_SLOT, "200.01") == ("wrong", "INSUFFICIENT_FUNDS", "")
    assert state(met, FINE_SLOT, "5") == ("exception", "", "")
    assert state(met, PAY_OUT_SLOT, "1000") == ("as_due", "", "")
    assert state(met, PAY_OUT_SLOT, "999") == ("wrong", "PAYOUT_AMOUNT", "")
    assert state(met, PAY_OUT_SLOT, "0") == ("exception", "", "")


def test_rows_that_changed_since_printing_are_flagged(any_books: Books) -> None:
    """A due that was paid since, a balance that moved, an account that closed; other rows are not flagged."""
    met = meet(any_books, 4)
    loan_ids = [met.lend(line) for line in (1, 2, 3)]
    account_id = met.save(4)
    met.print()
    assert not any(line.changed for line in met.keyed().lines)
    with any_books.work() as session:
        repayments.post_repayment(session, loan_ids[0], money("10.00"), MEETING)
        repayments.post_repayment(session, loan_ids[1], money("1096.15"), MEETING)
        savings.deposit(session, account_id, money("7.00"), MEETING)
    lines = met.keyed().lines
    words = [[cell.changed for cell in line.cells.values() if cell.changed] for line in lines]
    assert words == [[DUE_CHANGED], [CLOSED_SINCE], [], [BALANCE_CHANGED, BALANCE_CHANGED]]
    cell = lines[0].cells[LOAN_SLOT]
    assert (cell.printed, cell.due) == (money("43.85"), money("33.85"))
    assert state(met, LOAN_SLOT, "1", line=2) == ("wrong", "ACCOUNT_CLOSED", "")
    assert state(met, LOAN_SLOT, "0", line=2) == ("exception", "", "")


def test_savings_that_fell_asleep_since_printing_take_nothing(books: Books) -> None:
    """The state of the account is part of what changed."""
    met = meet(books, 1)
    account_id = met.save(1)
    met.print()
    with books.work() as session:
        update(session, session.get_one(SavingsAccount, account_id), status="dormant")
    assert met.keyed().lines[0].cells[SAVE_SLOT].changed == CLOSED_SINCE
    assert state(met, SAVE_SLOT, "10") == ("wrong", "ACCOUNT_CLOSED", "")


def test_totals_are_those_of_the_columns_and_of_the_cash(books: Books) -> None:
    """Every column has its sum; cash in less cash out is what the officer brings back."""
    met = borrowers(books, 3)
    met.lend(2, "500.00", pay_out=False)
    met.print()
    met.accept()
    met.key(1, LOAN_SLOT, "100")
    met.key(3, LOAN_SLOT, "0")
    met.key(1, TAKE_SLOT, "150")
    met.key(3, FINE_SLOT, "2.50")
    keyed = met.keyed()
    assert keyed.totals == {
        LOAN_SLOT: money("143.85"),
        MUST_SLOT: money("150.00"),
        SAVE_SLOT: ZERO,
        TAKE_SLOT: money("150.00"),
        PAY_OUT_SLOT: money("500.00"),
        FINE_SLOT: money("2.50"),
    }
    assert (keyed.cash_in, keyed.cash_out) == (money("296.35"), money("650.00"))
    assert keyed.total == Money(-35365)


def test_who_paid_is_present_and_who_owed_and_paid_nothing_is_absent(books: Books) -> None:
    """A mark that was keyed goes before both; of whom nothing was due nothing is said."""
    met = meet(books, 4)
    for line in (1, 2, 3):
        met.lend(line)
    met.print()
    assert [line.attendance for line in met.keyed().lines] == ["", "", "", ""]
    for line, typed in ((1, "10"), (2, "0"), (3, "0")):
        met.key(line, LOAN_SLOT, typed)
    met.mark(3, "L")
    assert [line.attendance for line in met.keyed().lines] == ["P", "A", "L", ""]


def test_reading_a_sheet_of_long_running_loans_counts_every_row(books: Books) -> None:
    """After partial payments the due of a late loan is all that is late and what falls due."""
    met = meet(books, 1)
    loan_id = met.lend(1)
    met.print(MEETING)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("3.85"), DAY)
    assert met.keyed().lines[0].cells[LOAN_SLOT].due == money("40.00")
