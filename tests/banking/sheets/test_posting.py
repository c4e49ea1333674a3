"""A sheet in the books: every amount with its receipt, who came, and all of it or nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from banking import repayments, savings
from banking.errors import SecondPersonNeededError, TillClosedError
from banking.meetings import attendance_of
from banking.receipts import reverse_movement
from banking.sheets.errors import (
    ControlTotalError,
    MeetingPostedError,
    NotKeyedError,
    SheetClosedError,
    UnusualAmountError,
    WrongCellError,
)
from banking.sheets.sheets import get_sheet, open_drafts
from banking.users import MANAGER, create_user
from ledger.money import ZERO, Money
from schema.accounting import JournalEntry, Till
from schema.accounts import LoanAccount, LoanTransaction, SavingsTransaction
from schema.meetings import Meeting, SheetCell
from schema.products import Limit, LoanProduct
from schema.writing import insert, update
from tests.support.books import Books, money
from tests.support.lending import all_cells, balances, broken, row_counts
from tests.support.loan_life import a_definition
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


def moved(met: Met) -> dict[str, list[tuple[str, Money]]]:
    """List kind and amount of everything that the sheet moved, of loans and of savings."""
    found = {}
    with met.books.look() as session:
        for name, table in (("loan", LoanTransaction), ("savings", SavingsTransaction)):
            of_sheet = (
                select(table.kind, table.amount)
                .join(JournalEntry, JournalEntry.id == table.journal_entry_id)
                .where(JournalEntry.sheet_id == met.sheet_id)
                .order_by(table.id)
            )
            found[name] = [(kind, amount) for kind, amount in session.execute(of_sheet)]
    return found


def test_a_sheet_that_paid_as_due_is_posted_whole(any_books: Books) -> None:
    """Every amount has its receipt, its entry names the sheet, the draft is gone, the books hold."""
    met = borrowers(any_books, 3)
    met.print()
    met.accept()
    posted = met.post()
    assert len(posted.postings) == 6
    assert [one.receipt for one in posted.postings] == [f"KIT-1-{number:06}" for number in range(1, 7)]
    assert posted.cash_in == money("281.55")
    assert moved(met) == {
        "loan": [("repayment", money("43.85"))] * 3,
        "savings": [("deposit", money("50.00"))] * 3,
    }
    with any_books.look() as session:
        sheet = get_sheet(session, met.sheet_id)
        assert (sheet.state, sheet.cash_counted, sheet.posted_on) == ("posted", money("281.55"), MEETING)
        assert sheet.posted_at is not None
        assert session.scalars(select(SheetCell)).all() == []
        assert open_drafts(session, any_books.office_id) == []
    assert balances(any_books)["Cash in hand"] == money("281.55")
    assert broken(any_books) == []


def test_everything_a_meeting_can_move_is_on_one_sheet(any_books: Books) -> None:
    """Two loans, two savings, a withdrawal, fines under a loan and under savings, and a payout."""
    met = borrowers(any_books, 2)
    met.lend(1, "2000.00")
    new_loan = met.lend(2, "500.00", pay_out=False)
    met.print()
    for slot, typed in (("loan:WEEKLY:2", "90"), (SAVE_SLOT, "20"), (TAKE_SLOT, "120.50"), (FINE_SLOT, "5")):
        met.key(1, slot, typed)
    met.accept()
    posted = met.post()
    assert [(one.line, one.slot) for one in posted.postings] == [
        (1, LOAN_SLOT),
        (1, "loan:WEEKLY:2"),
        (1, MUST_SLOT),
        (1, SAVE_SLOT),
        (1, FINE_SLOT),
        (2, LOAN_SLOT),
        (2, MUST_SLOT),
        (1, TAKE_SLOT),
        (2, PAY_OUT_SLOT),
    ]
    assert all(one.receipt for one in posted.postings)
    with any_books.look() as session:
        assert session.get_one(LoanAccount, new_loan).status == "active"
    assert balances(any_books)["Cash in hand"] == posted.cash_in - posted.cash_out
    assert broken(any_books) == []


def test_a_fine_under_savings_leaves_what_is_saved(any_books: Books) -> None:
    """It passes through the account: the balance stays, and so does what was agreed to be saved."""
    met = meet(any_books, 1)
    account_id = met.save(1, "MUST")
    met.print()
    met.key(1, MUST_SLOT, "0")
    met.key(1, FINE_SLOT, "3.00")
    (fine,) = met.post().postings
    with any_books.look() as session:
        assert savings.balance(session, account_id) == ZERO
        rows = session.scalars(select(SavingsTransaction).order_by(SavingsTransaction.id)).all()
        assert [(row.kind, row.amount, row.receipt) for row in rows] == [
            ("fee", money("3.00"), fine.receipt),
            ("fee", money("-3.00"), ""),
        ]
    assert balances(any_books)["Fees on savings"] == money("-3.00")
    assert broken(any_books) == []
    with any_books.work() as session:
        reverse_movement(session, "savings", rows[0].id, reason="not fined", on=MEETING)
    assert "Fees on savings" not in balances(any_books)
    assert broken(any_books) == []


# --- what must not happen again ---------------------------------------------------------------------


def test_an_approved_loan_can_stay_unpaid(books: Books) -> None:
    """0 means: not paid out. The loan stays approved, and the rest of the sheet is posted."""
    met = borrowers(books, 1)
    loan_id = met.lend(1, pay_out=False)
    met.print()
    met.key(1, PAY_OUT_SLOT, "0")
    met.accept()
    met.post()
    assert [kind for kind, _ in moved(met)["loan"]] == ["repayment"]
    with books.look() as session:
        assert session.get_one(LoanAccount, loan_id).status == "approved"


def test_a_payout_hands_over_what_is_left_after_its_charges(books: Books) -> None:
    """What the sheet calls due is the cash that leaves the drawer."""
    a_definition(books, "ENTRY", "WEEKLY", due="disbursement", percent=None, amount=money("25.00"))
    met = meet(books, 1)
    met.lend(1, pay_out=False)
    met.print()
    assert met.keyed().lines[0].cells[PAY_OUT_SLOT].due == money("975.00")
    met.accept()
    assert met.post().cash_out == money("975.00")
    assert balances(books)["Cash in hand"] == money("-975.00")
    assert broken(books) == []


def test_two_loans_of_one_product_are_paid_apart(books: Books) -> None:
    """What is keyed for the second does not reach the first."""
    met = meet(books, 1)
    first, second = met.lend(1), met.lend(1, "2000.00")
    met.print()
    met.key(1, LOAN_SLOT, "0")
    met.key(1, "loan:WEEKLY:2", "87.69")
    met.post()
    with books.look() as session:
        paid = {
            loan_id: session.scalars(
                select(LoanTransaction.amount).where(
                    LoanTransaction.loan_account_id == loan_id, LoanTransaction.kind == "repayment"
                )
            ).all()
            for loan_id in (first, second)
        }
    assert paid == {first: [], second: [money("87.69")]}


def test_a_prepayment_is_taken_by_the_loan_s_rule_once_confirmed(books: Books) -> None:
    """Much more than due is asked about once; confirmed, it is posted."""
    met = meet(books, 1)
    met.lend(1)
    met.print()
    met.key(1, LOAN_SLOT, "200")
    with pytest.raises(WrongCellError) as refused:
        met.post()
    assert isinstance(refused.value.refusal, UnusualAmountError)
    assert refused.value.told() == (
        "Row 1, Member 01: Typed 20000: due is 4385. Look again; if it is right, confirm it. "
        "Nothing was posted."
    )
    met.post(confirmed={(1, LOAN_SLOT)})
    assert moved(met)["loan"] == [("repayment", money("200.00"))]


def test_zero_makes_no_movement(books: Books) -> None:
    """Nobody paid: nothing is in the books but that the meeting was held and who was absent."""
    met = borrowers(books, 2)
    met.print()
    for line in (1, 2):
        for slot in (LOAN_SLOT, MUST_SLOT, SAVE_SLOT):
            met.key(line, slot, "0")
    before = row_counts(books)
    assert met.post().postings == ()
    after = row_counts(books)
    tables = {name for name, count in after.items() if count != before[name]}
    assert tables == {"meeting", "attendance", "sheet_cell"}


def test_attendance_is_saved(any_books: Books) -> None:
    """P for those who paid, A for those who owed and did not, else the mark that was keyed."""
    met = borrowers(any_books, 4)
    met.print()
    for slot in (LOAN_SLOT, MUST_SLOT, SAVE_SLOT):
        met.key(2, slot, "0")
        met.key(3, slot, "0")
    met.mark(3, "l")
    met.mark(4, "LP")
    met.accept()
    posted = met.post()
    with any_books.look() as session:
        meeting = session.get_one(Meeting, posted.meeting_id)
        marks = [(one.name, one.mark) for one in attendance_of(session, meeting.id)]
    assert (meeting.state, meeting.on, meeting.center_id) == ("held", MEETING, met.center_id)
    names = [f"Member {number:02}" for number in range(1, 5)]
    assert marks == list(zip(names, ["P", "A", "L", "LP"], strict=True))


# --- all or nothing ---------------------------------------------------------------------------------


def test_a_blank_cell_blocks_the_sheet(books: Books) -> None:
    """The refusal names how many and the first row; nothing is written."""
    met = borrowers(books, 2)
    met.print()
    met.key(1, LOAN_SLOT, "10")
    before = all_cells(books)
    with pytest.raises(NotKeyedError) as refused:
        met.post()
    assert refused.value.facts == {"number": "KIT-SH-000001", "count": 5, "line": 1}
    assert all_cells(books) == before


def test_cash_that_differs_posts_nothing_and_names_the_difference(any_books: Books) -> None:
    """Neither more nor less is taken, and the draft stays."""
    met = borrowers(any_books, 2)
    met.print()
    met.accept()
    before = all_cells(any_books)
    for counted, difference in (("187.71", 1), ("187.69", -1), ("0", -18770)):
        with pytest.raises(ControlTotalError) as refused:
            met.post(money(counted))
        assert refused.value.facts["difference"] == Money(difference)
    assert all_cells(any_books) == before


def test_a_rule_that_says_no_in_the_last_row_leaves_nothing_of_the_first(any_books: Books) -> None:
    """The refusal names the row in the clerk's words, and the draft stays as it was."""
    met = borrowers(any_books, 3)
    met.lend(3, pay_out=False)
    met.print()
    met.accept()
    with any_books.hq_work() as session:
        product = session.get_one(LoanProduct, any_books.loan_product("WEEKLY").id)
        update(session, product, guarantee_percent=Decimal(10))
    before = all_cells(any_books)
    with pytest.raises(WrongCellError) as refused:
        met.post()
    assert refused.value.facts["line"] == 3
    assert all_cells(any_books) == before
    assert broken(any_books) == []


def test_a_sheet_is_posted_once(books: Books) -> None:
    """A second posting is refused, whatever was counted."""
    met = borrowers(books, 1)
    met.print()
    met.accept()
    met.post()
    before = all_cells(books)
    with pytest.raises(SheetClosedError):
        met.post(ZERO)
    assert all_cells(books) == before


def test_a_till_that_is_closed_takes_no_sheet(books: Books) -> None:
    """That is no fault of a row, so the refusal is the till's own."""
    met = borrowers(books, 1)
    met.print()
    met.accept()
    with books.work() as session:
        update(session, session.get_one(Till, books.till_id), state="closed")
    with pytest.raises(TillClosedError):
        met.post()


def test_a_payout_above_the_limit_needs_a_second_person(books: Books) -> None:
    """On a sheet as everywhere; named, it is posted with the name."""
    met = meet(books, 1)
    met.lend(1, pay_out=False)
    with books.hq_work() as session:
        insert(session, Limit(office_id=None, name="second_person", amount=money("500.00")))
    with books.work() as session:
        second = create_user(session, "mercy", "Mercy", MANAGER, "a long password").id
    met.print()
    met.accept()
    with pytest.raises(SecondPersonNeededError):
        met.post()
    met.post(approved_by_id=second)
    with books.look() as session:
        row = session.scalars(select(LoanTransaction).where(LoanTransaction.kind == "disbursement")).one()
    assert row.approved_by_id == second


def test_a_due_that_changed_since_printing_is_no_reason_to_refuse(books: Books) -> None:
    """The row is flagged while it is keyed; what was collected is collected."""
    met = meet(books, 1)
    loan_id = met.lend(1)
    met.print()
    met.accept()
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("10.00"), MEETING)
    assert met.keyed().lines[0].changed
    met.post()
    assert moved(met)["loan"] == [("repayment", money("43.85"))]
    assert broken(books) == []


def test_a_sheet_that_is_keyed_days_later_counts_on_the_day_of_the_meeting(books: Books) -> None:
    """Members paid then; a sheet keyed before its day counts on the day of keying."""
    met = borrowers(books, 1)
    met.print()
    met.accept()
    books.today = MEETING + timedelta(days=2)
    assert met.post().value_date == MEETING
    met.print(MEETING + timedelta(days=7))
    met.accept()
    books.today = MEETING + timedelta(days=5)
    assert met.post().value_date == books.today
    assert broken(books) == []


def test_a_second_sheet_of_a_meeting_is_posted_only_beside_the_first_by_name(any_books: Books) -> None:
    """Two papers of one meeting, both keyed: the money was there once, unless somebody names the other."""
    met = borrowers(any_books)
    first = met.print()
    second = met.print()
    met.sheet_id = first
    met.accept()
    number = met.post().sheet.number
    met.sheet_id = second
    met.accept()
    before = moved(met)
    for named in ("", "KIT-SH-999999"):
        with pytest.raises(MeetingPostedError) as refusal:
            met.post(beside=named, confirmed=met.keyed().warned)
        assert refusal.value.facts["other"] == number
    assert moved(met) == before
    met.post(beside=number.lower(), confirmed=met.keyed().warned)
    assert moved(met) != before
