"""Who owes what, how late, at what risk."""

from datetime import date, timedelta
from typing import Any

import pytest

from banking import loans, repayments
from banking.reports.standing import percent
from schema.accounts import LoanAccount
from schema.lending import LoanChange, OfficerAssignment
from schema.writing import insert
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_application, balances
from tests.support.reports import FIRST_DUE, an_officer, column, late_portfolio, told


def par(books: Books, as_of: date, **asked: object) -> dict[str, Any]:
    return told(books, "portfolio-at-risk", as_of=as_of, **asked)


def test_a_loan_is_late_the_day_after_a_missed_payment_with_its_whole_principal(books: Books) -> None:
    """Not its instalment, and not by count: the balance definition."""
    late_portfolio(books)
    on_time, late = par(books, FIRST_DUE), par(books, FIRST_DUE + timedelta(days=1))
    # 1,000 - 39.99 and 1,000 - 80 and 1,000
    assert on_time["gross_portfolio"] == "2880.01"
    assert column(on_time["at_risk"], "principal") == ["0.00"] * 6
    assert column(late["at_risk"], "loans", "principal", "percent")[:2] == [
        (2, "1960.01", "68.06"),
        (0, "0.00", "0.00"),
    ]
    assert late["loans"] == 3


def test_a_single_cent_of_any_component_makes_a_loan_late(books: Books) -> None:
    _, second, *_ = late_portfolio(books)
    with books.look() as session:
        number = session.get_one(LoanAccount, second).number
    rows = told(books, "active-loans", as_of=FIRST_DUE + timedelta(days=1))["loans"]
    [row] = [row for row in rows if row["number"] == number]
    assert (row["overdue"], row["days_past_due"]) == ("0.01", 1)


@pytest.mark.parametrize("days", [0, 1, 30, 60, 90, 180])
def test_par_over_d_begins_after_d_days(books: Books, days: int) -> None:
    a_loan(books)
    for past, at_risk in ((days, 0), (days + 1, 1)):
        rows = par(books, FIRST_DUE + timedelta(days=past))["at_risk"]
        assert [row["loans"] for row in rows if row["over_days"] == days] == [at_risk]


def test_ages_split_the_whole_portfolio_once(books: Books) -> None:
    """As many classes as there are, each loan in one; by office, product and officer alike."""
    late_portfolio(books)
    as_of = FIRST_DUE + timedelta(days=45)
    report, by = par(books, as_of), told(books, "ageing", as_of=as_of)
    assert column([row for row in report["ages"] if row["loans"]], "from_days", "loans") == [(31, 3)]
    assert report["ages"][2]["principal"] == report["gross_portfolio"] == by["principal"]
    for table, key in (("offices", "KIT"), ("products", "WEEKLY"), ("officers", "")):
        [row] = by[table]
        assert next(iter(row.values())) == key
        assert (row["days_31_60"], row["principal"]) == ("2880.01", "2880.01")


def test_loans_whose_terms_were_changed_stand_apart_until_they_are_late(books: Books) -> None:
    changed, _ = a_loan(books), a_loan(books)
    with books.work() as session:
        insert(session, LoanChange(loan_account_id=changed, from_date=FIRST_DUE, decided_on=FIRST_DUE))
    before = par(books, DAY)["at_risk"][0]
    on_time, late = (par(books, FIRST_DUE + timedelta(days=days))["at_risk"][0] for days in (0, 1))
    names = ("principal", "renegotiated_loans", "renegotiated", "with_renegotiated")
    assert column([before, on_time, late], *names) == [
        ("0.00", 0, "0.00", "0.00"),
        ("0.00", 1, "1000.00", "50.00"),
        ("2000.00", 0, "0.00", "100.00"),
    ]


def test_the_portfolio_is_what_it_was_on_the_day_asked_for(books: Books) -> None:
    """Loans paid out later and money that came later do not count."""
    a_loan(books, on=DAY)
    early = a_loan(books, on=DAY + timedelta(days=10))
    with books.work() as session:
        repayments.post_repayment(session, early, money("43.85"), DAY + timedelta(days=20))
    found = [par(books, DAY + timedelta(days=days))["gross_portfolio"] for days in (-1, 0, 19, 20)]
    assert found == ["0.00", "1000.00", "2000.00", "1960.00"]


def test_written_off_loans_and_applications_are_not_in_the_portfolio(books: Books) -> None:
    written_off = a_loan(books)
    with books.work() as session:
        an_application(books, session)
        repayments.write_off(session, written_off, None, FIRST_DUE)
    assert par(books, FIRST_DUE)["gross_portfolio"] == "0.00"
    assert par(books, DAY)["gross_portfolio"] == "1000.00"


def test_nothing_at_risk_of_nothing_is_zero_percent(books: Books) -> None:
    assert par(books, DAY)["at_risk"][0]["percent"] == "0.00"
    assert [str(percent(*pair)) for pair in ((1, 3), (5, 1000), (0, 0))] == ["33.33", "0.50", "0.00"]


def test_active_loans_agree_with_what_is_owed_loan_by_loan_and_with_the_books(books: Books) -> None:
    made = late_portfolio(books)
    report = told(books, "active-loans", as_of=DAY)
    with books.look() as session:
        owed = [loans.outstanding(session, loan_id) for loan_id in made]
    assert report["count"] == 3
    assert money(report["principal"]) == balances(books)["Loan portfolio"]
    assert money(report["outstanding"]).minor == sum(components.total.minor for components in owed)
    assert money(report["interest"]).minor == sum(components.interest.minor for components in owed)


def test_arrears_are_a_list_to_walk_with(books: Books) -> None:
    """By officer, the oldest first, with what of it is principal; who owes nothing late is left out."""
    late_portfolio(books)
    report = told(books, "arrears", as_of=FIRST_DUE + timedelta(days=8))
    assert (report["loans"], report["overdue"]) == (2, "131.56")
    assert column(report["arrears"], "days_past_due", "band", "overdue_principal", "overdue", "paid_on") == [
        (8, "1-30", "40.01", "43.86", DAY.isoformat()),
        (8, "1-30", "80.00", "87.70", None),
    ]


def test_an_officers_portfolio_is_that_of_the_day_asked_for(books: Books) -> None:
    """What was handed over later still stands under the officer of that day."""
    ann, ben = an_officer(books, "Ann"), an_officer(books, "Ben")
    loan_id = a_loan(books)
    with books.work() as session:
        for officer, since in ((ann, DAY), (ben, FIRST_DUE)):
            insert(session, OfficerAssignment(loan_account_id=loan_id, officer_id=officer, from_date=since))
    before = told(books, "officer-portfolio", as_of=FIRST_DUE - timedelta(days=1))
    after = told(books, "officer-portfolio", as_of=FIRST_DUE + timedelta(days=31))
    names = ("officer", "loans", "principal", "par_30", "par_30_percent")
    assert column(before["by_officer"], *names) == [("Ann", 1, "1000.00", "0.00", "0.00")]
    assert column(after["by_officer"], *names) == [("Ben", 1, "1000.00", "1000.00", "100.00")]
    assert told(books, "active-loans", as_of=FIRST_DUE, officer="Ann")["count"] == 0


def test_loans_are_counted_by_how_many_their_borrowers_had(books: Books) -> None:
    a_loan(books)
    a_loan(books, "500.00")
    report = told(books, "loan-cycle", as_of=DAY)
    assert column(report["cycles"], "cycle", "loans", "borrowers", "disbursed", "average") == [
        (1, 2, 2, "1500.00", "750.00")
    ]
