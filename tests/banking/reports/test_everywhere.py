"""Reports are the same on every kind of database, add up to the books, and stay what they were."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from banking import days, repayments, savings
from banking.loan_losses import charge_off
from banking.reports import REPORTS, to_json
from banking.reports.portfolio import ages
from banking.reports.shape import Question, Row
from banking.reports.standing import Standing, principal_of
from tests.banking.reports.test_documents import asked_of, some_of_everything
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_account, balances, broken
from tests.support.reports import FIRST_DUE, late_portfolio, told

ON = DAY + timedelta(days=400)


def test_every_report_can_be_asked_on_every_database(any_books: Books) -> None:
    """With all that may be asked of it, by booking and by value date."""
    some_of_everything(any_books)
    found: dict[str, dict[str, Any]] = {}
    for name, definition in REPORTS.items():
        about = asked_of(any_books, name)
        for late in (False, True):
            asked = {"as_of": ON, "start": DAY, "late": late, "by_office": True, "sub_tree": True, **about}
            with any_books.look() as session:
                found[name] = to_json(definition(session, office_id=any_books.office_id, **asked), 2)
    booked = balances(any_books)
    assert money(found["portfolio-at-risk"]["gross_portfolio"]) == booked["Loan portfolio"]
    assert found["ageing"]["principal"] == found["active-loans"]["principal"]
    assert found["officer-portfolio"]["gross_portfolio"] == found["active-loans"]["principal"]
    assert money(found["savings-balances"]["balance"]) == -booked["Voluntary savings"]
    assert found["cash-book"]["closing"] == found["till-report"]["closing"]
    assert found["balance-sheet"]["result"] == found["income-statement"]["result"]


def test_on_every_day_the_loans_are_the_portfolio_and_the_savings_the_deposits(books: Books) -> None:
    """By what was booked up to the day, whatever was entered later for it."""
    made, account = late_portfolio(books), an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("100"), DAY)
        days.open_day(session, FIRST_DUE)
        repayments.post_repayment(session, made[3], money("43.85"), FIRST_DUE)
        days.close_day(session)
    with books.work() as session:
        days.open_day(session, FIRST_DUE + timedelta(days=1))
        savings.withdraw(session, account.id, money("30"), FIRST_DUE)
        repayments.post_repayment(session, made[3], money("10"), FIRST_DUE)
    for number in range(-1, 10):
        day = DAY + timedelta(days=number)
        accounts = told(books, "trial-balance", as_of=day)["accounts"]
        closing = {row["name"]: row["closing"] for row in accounts}
        gross = told(books, "portfolio-at-risk", as_of=day)["gross_portfolio"]
        saved = told(books, "savings-balances", as_of=day)["balance"]
        assert gross == closing.get("Loan portfolio", "0.00"), day
        assert f"-{saved}" == closing.get("Voluntary savings", "-0.00"), day
    assert broken(books) == []


def test_what_comes_late_changes_no_earlier_report_and_is_shown_when_asked_for(books: Books) -> None:
    """Booked on the open day, counted before: the old report stays; with late entries it is another."""
    loan_id, account = a_loan(books), an_account(books)
    with books.work() as session:
        days.open_day(session, FIRST_DUE)
        days.close_day(session)
    names = ("portfolio-at-risk", "active-loans", "trial-balance", "income-statement", "savings-balances")
    before = {name: told(books, name, as_of=FIRST_DUE) for name in names}
    with books.work() as session:
        days.open_day(session, FIRST_DUE + timedelta(days=3))
        repayments.post_repayment(session, loan_id, money("43.85"), FIRST_DUE)
        savings.deposit(session, account.id, money("5"), FIRST_DUE)
    assert {name: told(books, name, as_of=FIRST_DUE) for name in names} == before
    late = {name: told(books, name, as_of=FIRST_DUE, late=True) for name in names}
    assert late["portfolio-at-risk"]["gross_portfolio"] == "960.00"
    assert late["income-statement"]["income"] == "3.85"
    assert late["savings-balances"]["balance"] == "5.00"
    closing = {row["name"]: row["closing"] for row in late["trial-balance"]["accounts"]}
    assert (closing["Loan portfolio"], closing["Voluntary savings"]) == ("960.00", "-5.00")
    now = told(books, "trial-balance", as_of=FIRST_DUE + timedelta(days=3))
    assert late["trial-balance"]["accounts"] == now["accounts"]


def test_loans_charged_off_are_collected_and_are_no_portfolio(books: Books) -> None:
    loan_id = a_loan(books)
    on = FIRST_DUE + timedelta(days=1)
    with books.work() as session:
        charge_off(session, loan_id, on)
    assert told(books, "portfolio-at-risk", as_of=FIRST_DUE)["gross_portfolio"] == "1000.00"
    assert told(books, "portfolio-at-risk", as_of=on)["loans"] == 0
    assert told(books, "arrears", as_of=on)["overdue"] == "43.85"
    assert told(books, "written-off", as_of=on)["loans_lost"][0]["kind"] == "charge_off"


def _standing(principal: int, past: int) -> Standing:
    fields: Row = [0] * len(Standing.__dataclass_fields__)
    row = dict(zip(Standing.__dataclass_fields__, fields, strict=True))
    return Standing(**{**row, "principal": principal, "days_past_due": past})  # type: ignore[arg-type]  # fields by their names


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 4000))))
def test_ages_add_up_to_the_portfolio_and_par_is_what_is_older(loans_given: list[tuple[int, int]]) -> None:
    """Whatever the loans: each in one class, and the classes beyond a limit are PAR over that limit."""
    found = [_standing(*pair) for pair in loans_given]
    rows = ages(found)
    principals = [row[3] for row in rows if isinstance(row[3], int)]
    assert sum(principals) == principal_of(found)
    assert sum(row[2] for row in rows if isinstance(row[2], int)) == len(found)
    for place, limit in enumerate((0, 30, 60, 90, 180), 1):
        assert sum(principals[place:]) == principal_of(one for one in found if one.days_past_due > limit)


def test_no_office_is_every_office_only_where_none_was_asked_for() -> None:
    """A tree without offices must find nothing, never everything."""
    assert Question(as_of=ON).within("x") == "1 = 1"
    assert Question(as_of=ON, offices=(7, 8)).within("x") == "x IN (7, 8)"
    assert Question(as_of=ON, offices=()).within("x") == "x IN (0)"
