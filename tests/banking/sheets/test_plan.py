"""What stands on a sheet: members in the order of the paper, a column for every account, dues of any day."""

from datetime import timedelta

import pytest

from banking import groups, loans, repayments, savings
from banking.errors import OneOwnerError
from banking.sheets.plan import SheetPlan, plan_sheet
from ledger.money import ZERO
from schema.accounts import SavingsAccount
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

WEEKLY_DUE = money("43.85")


def planned(met: Met, weeks: int = 0) -> SheetPlan:
    """Plan the sheet of a later meeting."""
    with met.books.look() as session:
        return plan_sheet(session, center_id=met.center_id, meeting_on=MEETING + timedelta(weeks=weeks))


def test_members_stand_in_the_order_of_their_numbers_group_by_group(any_books: Books) -> None:
    """Print order is the order of keying: groups by number, members by number, never by name or id."""
    met = meet(any_books)
    with any_books.work() as session:
        second = groups.create_group(session, name="Amani", center_id=met.center_id, number="AAA")
        groups.join_group(session, met.client_ids[0], second.id)
    plan = planned(met)
    assert [line.line for line in plan.lines] == [1, 2, 3]
    assert [line.name for line in plan.lines] == ["Member 01", "Member 02", "Member 03"]
    assert [line.group for line in plan.lines] == ["Amani", "Upendo", "Upendo"]


def test_every_account_has_a_cell_with_what_is_due(any_books: Books) -> None:
    """A loan, two kinds of savings, taking out and a fine: five columns, dues net, balances beside them."""
    met = borrowers(any_books, 1)
    plan = planned(met)
    slots = [column.slot for column in plan.columns]
    assert slots == [LOAN_SLOT, MUST_SLOT, SAVE_SLOT, TAKE_SLOT, FINE_SLOT]
    cells = plan.lines[0].cells
    assert list(cells) == slots
    assert (cells[LOAN_SLOT].due, cells[LOAN_SLOT].overdue) == (WEEKLY_DUE, ZERO)
    assert cells[LOAN_SLOT].balance == money("1096.15")
    assert cells[MUST_SLOT].due == money("50.00")
    assert (cells[SAVE_SLOT].due, cells[SAVE_SLOT].balance) == (ZERO, money("200.00"))
    assert (cells[TAKE_SLOT].due, cells[TAKE_SLOT].balance) == (ZERO, money("200.00"))


def test_dues_of_a_meeting_days_ahead_hold_what_is_overdue_by_then(books: Books) -> None:
    """A sheet printed two weeks ahead asks for all three rows, two of which will be overdue."""
    cell = planned(borrowers(books, 1), weeks=2).lines[0].cells[LOAN_SLOT]
    assert cell.overdue == WEEKLY_DUE + WEEKLY_DUE
    assert cell.due == WEEKLY_DUE + WEEKLY_DUE + WEEKLY_DUE


def test_prepayments_are_counted(books: Books) -> None:
    """What was paid before the meeting is not asked for again."""
    met = meet(books, 1)
    loan_id = met.lend(1)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("50.00"), DAY)
    assert planned(met).lines[0].cells[LOAN_SLOT].due == ZERO
    second = planned(met, weeks=1).lines[0].cells[LOAN_SLOT]
    assert second.due == WEEKLY_DUE + WEEKLY_DUE - money("50.00")


def test_two_loans_of_one_product_are_two_cells(books: Books) -> None:
    """They are never merged: each has its slot, its due and its account."""
    met = meet(books, 1)
    first, second = met.lend(1), met.lend(1, "2000.00")
    cells = planned(met).lines[0].cells
    assert cells[LOAN_SLOT].account_id == first
    assert cells["loan:WEEKLY:2"].account_id == second
    assert cells["loan:WEEKLY:2"].due > cells[LOAN_SLOT].due


def test_inactive_savings_are_not_shown(books: Books) -> None:
    """Dormant and closed accounts are no columns of a meeting."""
    met = meet(books, 1)
    sleeping = met.save(1)
    awake = met.save(1)
    with books.work() as session:
        update(session, session.get_one(SavingsAccount, sleeping), status="dormant")
    cells = planned(met).lines[0].cells
    assert [cell.account_id for cell in cells.values() if cell.kind == "savings"] == [awake]


def test_closed_loans_are_not_shown(books: Books) -> None:
    """A loan that is paid in full asks for nothing, and neither does one that was given up for lost."""
    met = meet(books, 2)
    paid, lost = met.lend(1), met.lend(2)
    with books.work() as session:
        repayments.post_repayment(session, paid, loans.outstanding(session, paid).total, DAY)
        repayments.write_off(session, lost, None, DAY)
    assert [dict(line.cells) for line in planned(met).lines] == [{}, {}]


def test_an_approved_loan_waits_to_be_paid_out_whole(books: Books) -> None:
    """The cash to hand over stands as due, the principal as balance; it is no loan column yet."""
    met = meet(books, 1)
    loan_id = met.lend(1, pay_out=False)
    (cell,) = planned(met).lines[0].cells.values()
    assert (cell.slot, cell.account_id) == (PAY_OUT_SLOT, loan_id)
    assert (cell.due, cell.balance) == (money("1000.00"), money("1000.00"))


def test_a_group_with_a_loan_has_a_line_after_its_members(books: Books) -> None:
    """Its own line bears its own loan; nobody fines a group."""
    met = meet(books, 2)
    with books.work() as session:
        loan = loans.apply(
            session,
            group_id=met.group_id,
            product_id=books.loan_product("WEEKLY").id,
            principal=money("5000.00"),
            applied_on=DAY,
        )
        loans.approve(session, loan.id, DAY)
        loans.disburse(session, loan.id, DAY)
    line = planned(met).lines[-1]
    assert (line.line, line.name, line.is_group, line.client_id) == (3, "Upendo", True, met.group_id)
    assert list(line.cells) == [LOAN_SLOT]


def test_a_member_without_accounts_has_a_line(books: Books) -> None:
    """Attendance is marked for everybody."""
    assert [line.cells for line in planned(meet(books, 2)).lines] == [{}, {}]


def test_the_sheet_of_one_group_is_that_of_its_members(books: Books) -> None:
    """A group that meets by itself has a sheet of its own, and its center's does not show it."""
    met = borrowers(books, 2)
    with books.work() as session:
        own = groups.create_group(
            session,
            name="Own day",
            center_id=met.center_id,
            meeting_weekday=3,
            meeting_every_weeks=1,
            first_meeting_on=MEETING + timedelta(days=2),
        )
        groups.join_group(session, met.client_ids[0], own.id)
        plan = plan_sheet(session, group_id=own.id, meeting_on=MEETING)
    assert [line.name for line in plan.lines] == ["Member 01"]
    assert [line.name for line in planned(met).lines] == ["Member 02"]


def test_a_sheet_is_of_one_place(books: Books) -> None:
    """Neither none nor two."""
    with books.look() as session, pytest.raises(OneOwnerError):
        plan_sheet(session, meeting_on=MEETING)


def test_a_fine_hangs_on_savings_where_there_is_no_loan(books: Books) -> None:
    """Whoever has an account can be fined."""
    met = meet(books, 2)
    account_id = met.save(1)
    lines = planned(met).lines
    assert lines[0].cells[FINE_SLOT].account_id == account_id
    assert FINE_SLOT not in lines[1].cells


def test_locked_and_fixed_savings_give_no_money_at_a_meeting(books: Books) -> None:
    """Taking out is offered on voluntary savings that are free on the day."""
    met = meet(books, 1)
    account_id = met.save(1)
    with books.work() as session:
        account = savings.get_savings(session, session.get_one(SavingsAccount, account_id).number)
        update(session, account, locked_until=MEETING + timedelta(days=3))
    assert TAKE_SLOT not in planned(met).lines[0].cells
    assert TAKE_SLOT in planned(met, weeks=1).lines[0].cells
