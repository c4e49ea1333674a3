"""What must be done before a day closes, and what somebody should only know."""

import pytest

from banking import cash, days, savings
from banking.cash_counts import CLOSING, Counted, count_till
from banking.day_blocks import (
    DRAFT_SHEET,
    OPEN_SHEET,
    UNCOUNTED_TILL,
    UNCOUNTED_VAULT,
    UNPRINTED,
    WAITING_APPROVAL,
    Block,
    DayBlockedError,
    require_unblocked,
    what_blocks,
)
from banking.prints import RECEIPT, record_print
from ledger.money import ZERO, Money
from schema.approvals import ApprovalRequest
from schema.meetings import CollectionSheet, SheetCell
from schema.writing import insert
from tests.support.books import FIRST_INSTANT, Books, money
from tests.support.cash import a_user, a_vault
from tests.support.lending import DAY, an_account


def blocks(books: Books) -> list[Block]:
    with books.look() as session:
        return what_blocks(session, books.office_id, DAY)


def kinds(books: Books) -> list[tuple[str, bool]]:
    return [(block.kind, block.hard) for block in blocks(books)]


def close_till(books: Books, till_id: int, amount: Money, reason: str = "") -> None:
    with books.work("till.count") as session:
        count_till(session, till_id, Counted(amount=amount), DAY, moment=CLOSING, reason=reason)


def a_sheet(books: Books, number: str, *, keyed: bool) -> None:
    with books.work("sheet.print") as session:
        sheet = CollectionSheet(number=number, meeting_on=DAY, as_at=FIRST_INSTANT, lines=1)
        insert(session, sheet)
        sheet_id = sheet.id
    if keyed:
        with books.database.writing() as session:
            session.add(
                SheetCell(sheet_id=sheet_id, line=1, slot="1", typed="5", user_id=1, at=FIRST_INSTANT)
            )


def test_a_till_blocks_until_it_is_counted_and_again_once_cash_moves(any_books: Books) -> None:
    books = any_books
    with books.work("day.open") as session:
        days.open_day(session, DAY, money("500"))
    assert kinds(books) == [(UNCOUNTED_TILL, True)]
    assert blocks(books)[0].values == {"till_id": books.till_id, "moment": CLOSING}
    close_till(books, books.till_id, money("499"), "a coin")
    assert kinds(books) == []
    account = an_account(books)
    with books.work() as session:
        paid = savings.deposit(session, account.id, money("5"), DAY, till_id=books.till_id)
    assert kinds(books) == [(UNCOUNTED_TILL, True), (UNPRINTED, True)]
    with books.look() as session:
        found = what_blocks(session, books.office_id, DAY, has_printer=False)
    assert [(block.kind, block.hard) for block in found] == [(UNCOUNTED_TILL, True), (UNPRINTED, False)]
    with books.database.writing() as session:
        record_print(session, FIRST_INSTANT, 1, RECEIPT, paid.receipt)
    with pytest.raises(DayBlockedError) as refusal, books.look() as session:
        require_unblocked(session, books.office_id, DAY)
    assert refusal.value.facts == {"count": 1}
    close_till(books, books.till_id, money("504"))
    with books.look() as session:
        require_unblocked(session, books.office_id, DAY)


def test_a_day_with_an_uncounted_till_has_no_closing_cash(books: Books) -> None:
    """The command line closes over it; the day says that not everything was counted."""
    with books.work("day.open") as session:
        second = cash.create_till(session).id
        days.open_day(session, DAY, {books.till_id: money("500"), second: ZERO})
    close_till(books, books.till_id, money("499"), "a coin")
    close_till(books, books.till_id, money("500"), "found again")
    with books.work("day.close") as session:
        assert days.close_day(session).closing_cash is None
    assert kinds(books) == [(UNCOUNTED_TILL, True)]


def test_the_sum_of_the_tills_is_the_cash_of_a_closed_day(books: Books) -> None:
    with books.work("day.open") as session:
        second = cash.create_till(session).id
        days.open_day(session, DAY, {books.till_id: Counted(pieces="100x5"), second: money("20")})
    close_till(books, books.till_id, money("499"), "a coin")
    close_till(books, second, money("20"))
    with books.work("day.close") as session:
        closed = days.close_day(session)
    assert (closed.opening_cash, closed.closing_cash, closed.cash_difference) == (
        money("520"),
        money("519"),
        money("-1"),
    )


def test_drafts_block_and_everything_else_only_warns(books: Books) -> None:
    """Sheets that nobody keyed, a vault that nobody counted, and questions to the manager are warnings."""
    a_vault(books, "100")
    a_sheet(books, "KIT-S-1", keyed=True)
    a_sheet(books, "KIT-S-2", keyed=False)
    close_till(books, books.till_id, ZERO)
    asked = a_user(books, "clara", "clerk")
    with books.work("approval.ask") as session:
        insert(
            session,
            ApprovalRequest(
                act="loan.approve",
                fields="{}",
                subject="a loan",
                asked_by_id=asked,
                asked_at=FIRST_INSTANT,
                asked_on=DAY,
            ),
        )
    assert kinds(books) == [
        (DRAFT_SHEET, True),
        (UNCOUNTED_VAULT, False),
        (OPEN_SHEET, False),
        (WAITING_APPROVAL, False),
    ]
