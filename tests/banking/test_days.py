"""The business day: what it decides, and what it refuses."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from banking import cash, days, repayments, savings, users
from banking.cash_errors import CountReasonError
from banking.errors import ClockBackError, DayOpenError, DayPassedError, NoOpenDayError
from ledger.errors import AmountError, ClosedDayError, ClosedPeriodError, RuleError, UnbalancedEntryError
from ledger.money import ZERO, Money
from schema import writing
from schema.accounting import AuditEvent, BusinessDay
from schema.reference import Period
from schema.replication import AuditLog
from schema.writing import insert
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, all_cells, an_account, balances, broken, row_counts

NEXT = DAY + timedelta(days=1)


def open_day(books: Books, on: date = DAY, counted: str | None = None, reason: str = "") -> BusinessDay:
    with books.work("day.open") as session:
        return days.open_day(session, on, None if counted is None else money(counted), reason=reason)


def close_day(books: Books, counted: Money | dict[int, Money] | None = None, reason: str = "") -> BusinessDay:
    with books.work("day.close") as session:
        return days.close_day(session, counted, reason=reason)


def close_period(books: Books, first: date, last: date, *, of_all: bool = False, version: int = 1) -> None:
    state = "closed" if version % 2 else "open"
    with books.hq_work() as session:
        office = None if of_all else books.office_id
        insert(
            session,
            Period(
                office_id=office, name="2026-01", starts_on=first, ends_on=last, state=state, version=version
            ),
        )


def booked(books: Books, on: date) -> date:
    with books.work() as session:
        return days.booked_on(session, on)


def test_a_day_that_was_never_opened_counts_as_its_own(books: Books) -> None:
    """Books that were kept on paper come in without any open day."""
    assert booked(books, date(2009, 1, 26)) == date(2009, 1, 26)
    open_day(books)
    assert booked(books, date(2009, 1, 26)) == date(2009, 1, 26)
    assert booked(books, DAY) == DAY


def test_what_counts_on_a_closed_day_is_shown_in_the_open_one(books: Books) -> None:
    open_day(books)
    close_day(books)
    open_day(books, NEXT)
    assert booked(books, DAY) == NEXT


def test_a_closed_day_takes_nothing_while_no_other_is_open(books: Books) -> None:
    account = an_account(books)
    loan_id = a_loan(books, on=DAY)
    open_day(books)
    close_day(books)
    before = row_counts(books)
    with pytest.raises(ClosedDayError), books.work() as session:
        savings.deposit(session, account.id, money("1"), DAY)
    with pytest.raises(ClosedDayError), books.work() as session:
        repayments.post_repayment(session, loan_id, money("1"), DAY)
    with pytest.raises(ClosedDayError), books.work() as session:
        repayments.waive(session, loan_id, None, DAY)
    assert row_counts(books) == before


@pytest.mark.parametrize("of_all", [False, True])
def test_a_closed_period_takes_nothing_by_either_date(books: Books, of_all: bool) -> None:
    """Neither a value date inside it nor a booked date; a newer version opens it again."""
    account = an_account(books, opened_on=None)
    close_period(books, date(2025, 12, 1), date(2025, 12, 31), of_all=of_all)
    before = row_counts(books)
    for day in (date(2025, 12, 1), date(2025, 12, 31)):
        with pytest.raises(ClosedPeriodError) as refusal, books.work() as session:
            savings.deposit(session, account.id, money("1"), day)
        assert refusal.value.facts == {"day": day, "period": "2026-01"}
    with pytest.raises(ClosedPeriodError):
        open_day(books, date(2025, 12, 31))
    assert row_counts(books) == before
    for day in (date(2025, 11, 30), date(2026, 1, 1)):
        assert booked(books, day) == day
    close_period(books, date(2025, 12, 1), date(2025, 12, 31), of_all=of_all, version=2)
    assert booked(books, date(2025, 12, 31)) == date(2025, 12, 31)


def test_the_period_of_another_office_closes_nothing_here(books: Books) -> None:
    with books.hq_work() as session:
        period = Period(
            office_id=books.head_office_id, name="x", starts_on=DAY, ends_on=DAY, state="closed", version=1
        )
        insert(session, period)
    assert booked(books, DAY) == DAY


def test_an_open_day_in_a_closed_period_takes_no_late_entries(books: Books) -> None:
    """What counts on a day before is shown in the open day, and that lies in the closed period."""
    open_day(books)
    close_day(books)
    open_day(books, NEXT)
    close_period(books, NEXT, NEXT)
    with pytest.raises(ClosedPeriodError):
        booked(books, DAY)


def test_days_open_once_and_in_order(books: Books) -> None:
    open_day(books)
    with pytest.raises(DayOpenError):
        open_day(books, NEXT)
    close_day(books)
    for passed in (DAY, DAY - timedelta(days=1)):
        with pytest.raises(DayPassedError):
            open_day(books, passed)
    with pytest.raises(NoOpenDayError):
        close_day(books)
    open_day(books, NEXT)
    with books.look() as session:
        current, closed = days.current_day(session), days.last_closed_day(session)
        assert [day.on for day in days.list_days(session)] == [NEXT, DAY]
    assert current is not None
    assert closed is not None
    assert (current.on, closed.on) == (NEXT, DAY)


def test_a_clock_that_went_back_opens_no_day(books: Books) -> None:
    open_day(books)
    close_day(books)
    books.now -= timedelta(hours=1)
    with pytest.raises(ClockBackError):
        open_day(books, NEXT)
    books.now += timedelta(minutes=55)
    open_day(books, NEXT)


def test_a_clock_behind_the_newest_entry_opens_no_day(books: Books) -> None:
    a_loan(books)
    books.now -= timedelta(hours=1)
    with pytest.raises(ClockBackError):
        open_day(books)


def test_the_first_count_is_brought_in_and_later_differences_are_over_or_short(books: Books) -> None:
    open_day(books, counted="500.00")
    assert balances(books) == {"Cash in hand": money("500.00"), "Books brought in": money("-500.00")}
    account = an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("100"), DAY, till_id=books.till_id)
    with pytest.raises(CountReasonError):
        close_day(books, money("590.00"))
    closed = close_day(books, money("590.00"), "a note is missing")
    assert (closed.opening_cash, closed.closing_cash, closed.cash_difference) == (
        money("500.00"),
        money("590.00"),
        money("-10.00"),
    )
    assert balances(books)["Cash over and short"] == money("10.00")
    open_day(books, NEXT, counted="592.00", reason="two coins under the till")
    assert balances(books)["Cash in hand"] == money("592.00")
    assert balances(books)["Cash over and short"] == money("8.00")
    assert broken(books) == []


def test_tills_are_counted_one_by_one(books: Books) -> None:
    """Two tills share the cash account, a third has its own: differences go to the right one."""
    with books.work() as session:
        second = cash.create_till(session)
        third = cash.create_till(session, gl_account_id=books.gl_account("Vault").id)
    open_day(books, counted="0")
    account_id = an_account(books).id
    with books.work() as session:
        for till_id in (books.till_id, second.id, third.id):
            savings.deposit(session, account_id, money("100"), DAY, till_id=till_id)
    counted = {books.till_id: money("90"), second.id: money("105"), third.id: money("101")}
    closed = close_day(books, counted, "counted twice")
    assert closed.cash_difference == money("-4.00")
    assert balances(books)["Cash in hand"] == money("195.00")
    assert balances(books)["Vault"] == money("101.00")
    assert broken(books) == []


def test_one_count_of_all_drawers_is_compared_with_all_of_them(books: Books) -> None:
    with books.work() as session:
        other = cash.create_till(session, gl_account_id=books.gl_account("Vault").id)
    account_id = an_account(books).id
    with books.work() as session:
        savings.deposit(session, account_id, money("30"), DAY, till_id=other.id)
        savings.deposit(session, account_id, money("70"), DAY, till_id=books.till_id)
    open_day(books, NEXT)
    assert close_day(books, money("100")).cash_difference == ZERO
    assert "Cash over and short" not in balances(books)


def test_a_day_closes_without_a_count_and_says_so(books: Books) -> None:
    open_day(books)
    closed = close_day(books)
    assert (closed.state, closed.closing_cash, closed.cash_difference) == ("closed", None, None)


def test_a_count_below_zero_or_beyond_the_books_is_refused(books: Books) -> None:
    for amount in (Money(-1), Money(2**63)):
        with pytest.raises(AmountError), books.work() as session:
            days.open_day(session, DAY, amount)
    open_day(books)
    before = all_cells(books)
    for counted in (Money(-1), {books.till_id: Money(-1)}, {99: Money(1)}):
        with pytest.raises(RuleError):
            close_day(books, counted)
    assert all_cells(books) == before


def test_a_day_does_not_close_over_books_that_do_not_balance(books: Books) -> None:
    a_loan(books)
    open_day(books, NEXT)
    with books.database.writing() as session:
        session.execute(text("UPDATE gl_day_total SET debit = debit + 1 WHERE debit > 0"))
    with pytest.raises(UnbalancedEntryError):
        close_day(books)


def test_closing_seals_the_log_of_the_day_once(books: Books) -> None:
    with books.database.writing() as session:
        users.log_look(session, books.now, None, "report.print", "trial-balance")
        users.log_look(session, books.now, None, "client.view", "KIT-C-000001")
    open_day(books)
    close_day(books)
    open_day(books, NEXT)
    close_day(books)
    with books.look() as session:
        sealed = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        waiting = session.scalars(select(AuditLog).where(AuditLog.sealed == 0)).all()
    assert [(event.what, event.subject) for event in sealed] == [
        ("report.print", "trial-balance"),
        ("client.view", "KIT-C-000001"),
    ]
    assert waiting == []


def test_a_long_log_is_sealed_in_changesets_that_hold_it(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much was looked at, all of it is sealed, and no changeset gets too long."""
    monkeypatch.setattr(writing, "OPS_OF_A_CUT", 2)
    with books.database.writing() as session:
        for number in range(5):
            users.log_look(session, books.now, None, "view", str(number))
    open_day(books)
    cuts = []
    with books.work("day.close") as session:
        current = writing.act(session)

        def cut() -> None:
            cuts.append(len(current.ops))
            current.ops.clear()

        current.cut = cut
        days.close_day(session)
    assert cuts == [2, 2]
    with books.look() as session:
        assert len(session.scalars(select(AuditEvent)).all()) == 5
