"""The till report: every figure of the evening, and that they add up."""

from datetime import timedelta

from sqlalchemy import select

from banking import cash, days, repayments, savings, tills
from banking.till_sheets import TillSheet, branch_sheet, office_sheets, till_sheet
from ledger.money import ZERO, Money
from schema.accounting import Till
from tests.support.books import Books, money
from tests.support.cash import a_limit, a_user, a_vault, a_way_to_pay, count, move
from tests.support.lending import DAY, a_loan, an_account, broken

NEXT = DAY + timedelta(days=1)


def adds_up(sheet: TillSheet) -> bool:
    moved = sheet.received - sheet.paid_out + sheet.floats_in - sheet.floats_out
    moved += sheet.from_bank - sheet.to_bank + sheet.other + sheet.over_short
    return sheet.opening + moved == sheet.closing


def a_day_of_work(books: Books) -> int:
    """Work through a day with everything in it; gives the vault."""
    a_limit(books, "till_cash", "600")
    safe = a_vault(books, "2000")
    way = a_way_to_pay(books)
    with books.work("day.open") as session:
        days.open_day(session, DAY, money("100"))
    move(books, "float", "500", to_till_id=books.till_id)
    loan_id = a_loan(books, "400.00", till_id=books.till_id)
    account = an_account(books)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("50"), DAY, till_id=books.till_id)
        savings.deposit(session, account.id, money("30"), DAY, till_id=books.till_id)
        repayments.post_repayment(
            session, loan_id, money("80"), DAY, till_id=books.till_id, payment_type_id=way
        )
        savings.withdraw(session, account.id, money("10"), DAY, till_id=books.till_id)
    move(books, "pay", "20", from_till_id=books.till_id, gl_code="5330", note="bus")
    move(books, "settle", "200", from_till_id=books.till_id)
    return safe


def test_a_sheet_shows_where_every_amount_of_the_day_came_from(books: Books) -> None:
    clara = a_user(books, "clara", "cashier")
    safe = a_day_of_work(books)
    with books.work() as session:
        tills.assign_cashier(session, books.till_id, clara, DAY)
    assert count(books, books.till_id, "49", reason="a coin is missing") == money("-1")
    with books.look() as session:
        sheet = till_sheet(session, books.till_id, DAY)
        vault = till_sheet(session, safe, DAY)
    assert (sheet.opening, sheet.received, sheet.paid_out) == (ZERO, money("80"), money("410"))
    assert (sheet.floats_in, sheet.floats_out) == (money("500"), money("200"))
    assert (sheet.other, sheet.over_short) == (money("80"), money("-1"))
    assert (sheet.expected, sheet.closing) == (money("50"), money("49"))
    assert (sheet.counted, sheet.difference) == (money("49"), money("99"))
    assert [(row.way, row.received, row.paid_out) for row in sheet.transfers] == [("Bank", money("80"), ZERO)]
    assert (sheet.cashiers, sheet.limit, sheet.too_much) == (("Clara",), money("600"), False)
    assert (vault.from_bank, vault.floats_out, vault.closing) == (money("2000"), money("500"), money("1700"))
    assert adds_up(sheet)
    assert adds_up(vault)
    assert len(sheet.lines) == 10
    assert broken(books) == []


def test_a_day_begins_with_what_the_day_before_left(books: Books) -> None:
    a_day_of_work(books)
    with books.work("day.close") as session:
        days.close_day(session, money("50"))
    with books.look() as session:
        sheet = till_sheet(session, books.till_id, NEXT)
    assert (sheet.opening, sheet.closing, sheet.counted) == (money("50"), money("50"), None)
    assert sheet.lines == ()


def test_the_branch_is_the_sum_of_its_drawers(books: Books) -> None:
    a_day_of_work(books)
    with books.work() as session:
        cash.create_till(session)
        cash.create_till(session, number=cash.BROUGHT_IN_TILL)
    with books.look() as session:
        sheets = office_sheets(session, books.office_id, DAY)
    whole = branch_sheet("Kitale", DAY, sheets)
    assert [sheet.number for sheet in sheets] == [1, 3, 2]
    assert whole.floats_in == whole.floats_out == money("700")
    assert (whole.closing, whole.counted, whole.from_bank) == (money("1750"), None, money("2000"))
    assert adds_up(whole)


def test_what_nobody_gave_a_till_is_other_and_belongs_to_the_first(books: Books) -> None:
    with books.work() as session:
        second = cash.create_till(session).id
    with books.work("day.open") as session:
        days.open_day(session, DAY, money("100"))
    with books.look() as session:
        first, other = till_sheet(session, books.till_id, DAY), till_sheet(session, second, DAY)
        assert session.scalars(select(Till.number)).all() == [1, 2]
    assert (first.other, first.closing, other.closing) == (money("100"), money("100"), Money(0))
    assert (first.difference, first.lines) == (None, ())


def test_a_till_above_its_limit_says_so(books: Books) -> None:
    a_limit(books, "till_cash", "10")
    count(books, books.till_id, "10.01")
    with books.look() as session:
        assert till_sheet(session, books.till_id, DAY).too_much
