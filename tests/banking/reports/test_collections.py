"""What is to be collected, the sheets for it, what came of it, what was lent and lost."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from banking import clients, groups, loans, repayments, savings
from schema.accounts import LoanAccount, LoanTransaction
from schema.people import Center
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, balances, newest_transaction
from tests.support.reports import FIRST_DUE, an_officer, column, late_portfolio, told

WEEK = timedelta(days=7)


def a_center(books: Books) -> None:
    """Make a center that meets on Mondays, its group with two borrowers, and a borrower without a group."""
    officer = an_officer(books, "Ann")
    with books.work() as session:
        center = groups.create_center(session, name="B market")
        meets = {"meeting_weekday": 1, "meeting_every_weeks": 2, "first_meeting_on": DAY}
        update(session, session.get_one(Center, center.id), **meets)
        group = groups.create_group(session, name="Tumaini", center_id=center.id)
        for name, in_group in (("Zuri", True), ("Amani", True), ("Single", False)):
            client = clients.register_client(
                session, name=name, group_id=group.id if in_group else None, phone="0712"
            )
            loan = loans.apply(
                session,
                client_id=client.id,
                product_id=books.loan_product("WEEKLY").id,
                principal=money("1000"),
                applied_on=DAY,
                officer_id=officer,
            )
            loans.approve(session, loan.id, DAY)
            loans.disburse(session, loan.id, DAY)
            if name == "Amani":
                repayments.post_repayment(session, loan.id, money("20"), DAY)


def test_collections_are_listed_in_the_order_of_a_walk(books: Books) -> None:
    """By center, group and client; due today apart from what is late, and who owes nothing is left out."""
    a_center(books)
    assert told(books, "collections-due", as_of=DAY)["collections"] == []
    today, week_after = (told(books, "collections-due", as_of=day) for day in (FIRST_DUE, FIRST_DUE + WEEK))
    assert column(today["collections"], "center", "group", "owner", "due_today") == [
        ("", "", "Single", "43.85"),
        ("B market", "Tumaini", "Zuri", "43.85"),
        ("B market", "Tumaini", "Amani", "23.85"),
    ]
    assert column([today, week_after], "overdue", "due_today", "to_collect") == [
        ("0.00", "111.55", "111.55"),
        ("111.55", "131.55", "243.10"),
    ]
    assert {row["days_past_due"] for row in week_after["collections"]} == {7}
    assert today["collections"][0]["officer"] == "Ann"


def test_a_collection_sheet_has_a_line_for_each_loan_and_for_who_has_none(books: Books) -> None:
    """In the order of keying; savings expected at the meeting stand on a member's first line."""
    a_center(books)
    with books.work() as session:
        [zuri] = clients.find_clients(session, "Zuri")
        clients.register_client(session, name="New", group_id=zuri.group_id)
        product = books.loan_product("WEEKLY").id
        second = loans.apply(
            session, client_id=zuri.id, product_id=product, principal=money("100"), applied_on=DAY
        )
        loans.approve(session, second.id, DAY)
        loans.disburse(session, second.id, DAY)
        must = books.savings_product("MUST").id
        savings.open_account(session, client_id=zuri.id, product_id=must, opened_on=DAY)
    meeting = FIRST_DUE + WEEK
    sheet = told(books, "collection-sheet", as_of=meeting)
    assert column(sheet["lines"], "line", "member", "overdue", "due", "to_collect", "savings_due") == [
        (1, "Zuri", "43.85", "43.85", "87.70", "50.00"),
        (2, "Zuri", "4.38", "4.38", "8.76", "0.00"),
        (3, "Amani", "23.85", "43.85", "67.70", "0.00"),
        (4, "New", "0.00", "0.00", "0.00", "0.00"),
    ]
    assert (sheet["sheets"], sheet["to_collect"], sheet["savings_due"]) == (1, "164.16", "50.00")
    assert "signature" not in sheet["lines"][0]


def test_a_sheet_is_made_for_the_day_of_the_meeting_and_its_number_tells_it_from_an_older_one(
    books: Books,
) -> None:
    """Every second Monday; asked for by name it is made for any day."""
    a_center(books)
    made = [
        told(books, "collection-sheet", as_of=DAY + timedelta(days=days))["sheets"]
        for days in (7, 13, 14, 28)
    ]
    assert made == [0, 0, 1, 1]
    by_name = told(books, "collection-sheet", as_of=FIRST_DUE, group="Tumaini")["lines"]
    assert len(by_name) == 2
    again = told(books, "collection-sheet", as_of=FIRST_DUE, group="B market")["lines"]
    assert again == by_name
    with books.work() as session:
        [amani] = clients.find_clients(session, "Amani")
        loan_id = session.scalars(select(LoanAccount.id).where(LoanAccount.client_id == amani.id)).one()
        repayments.post_repayment(session, loan_id, money("1"), DAY)
    later = told(books, "collection-sheet", as_of=FIRST_DUE, group="Tumaini")["lines"]
    assert later[0]["sheet"] != by_name[0]["sheet"]
    assert later[0]["sheet"][:-4] == by_name[0]["sheet"][:-4]
    assert by_name[0]["sheet"].startswith("KIT-")


def test_demand_is_set_against_what_came_of_it(books: Books) -> None:
    """Two rows of 43.85 on four loans: prepayments, older arrears and waivers each in a column of its own."""
    _, second, third, fourth = late_portfolio(books)
    with books.work() as session:
        repayments.post_repayment(session, second, money("10"), FIRST_DUE + WEEK)
        repayments.post_repayment(session, third, money("50"), FIRST_DUE + WEEK)
        repayments.waive(session, fourth, money("3.85"), FIRST_DUE + WEEK)
    report = told(books, "demand-against-collection", start=FIRST_DUE + WEEK, as_of=FIRST_DUE + WEEK)
    [row] = report["demand"]
    # loan 1 is paid up; before: a cent of loan 2 and 43.85 of loan 4 overdue; row 2 of loans 1 and 3 paid
    # 10.00 on loan 2: a cent of row 1, 9.99 of row 2; 50.00 on loan 3: rows 3 and 4, in advance
    assert {name: row[name] for name in row if not name.startswith("principal")} == {
        "office": "KIT",
        "officer": "",
        "overdue_before": "43.86",
        "due": "175.40",
        "paid_before": "87.70",
        "collected": "9.99",
        "overdue_recovered": "0.01",
        "prepaid": "50.00",
        "waived": "3.85",
        "overdue_after": "117.71",
        "percent": "55.70",
    }
    late = told(books, "arrears", as_of=FIRST_DUE + WEEK + timedelta(days=1))
    assert late["overdue"] == row["overdue_after"]
    assert row["principal_due"] == "160.00"


def test_what_was_paid_out_is_what_the_portfolio_was_debited(books: Books) -> None:
    """A disbursement taken back is a row below zero."""
    kept, undone = a_loan(books), a_loan(books, "500.00")
    with books.work() as session:
        paid_out = session.get_one(LoanTransaction, newest_transaction(books, undone).id)
        repayments.reverse(session, paid_out, reason="wrong person", on=FIRST_DUE)
    report = told(books, "disbursements", start=DAY, as_of=FIRST_DUE)
    assert column(report["disbursements"], "kind", "amount") == [
        ("disbursement", "1000.00"),
        ("disbursement", "500.00"),
        ("reversal", "-500.00"),
    ]
    assert (report["loans"], report["amount"]) == (1, "1000.00")
    assert balances(books)["Loan portfolio"] == money(report["amount"])
    assert told(books, "disbursements", start=FIRST_DUE, as_of=FIRST_DUE)["amount"] == "-500.00"
    assert kept


def test_what_was_written_off_stands_with_what_came_back(books: Books) -> None:
    """A write-off that was taken back is none; recoveries count to the day asked for."""
    lost, found = a_loan(books), a_loan(books)
    with books.work() as session:
        repayments.write_off(session, lost, None, FIRST_DUE)
        wrong = repayments.write_off(session, found, None, FIRST_DUE)
        repayments.reverse(session, wrong, reason="paid elsewhere", on=FIRST_DUE)
        repayments.recover(session, lost, money("100"), FIRST_DUE + WEEK)
    at_once, later = (told(books, "written-off", as_of=day) for day in (FIRST_DUE, FIRST_DUE + WEEK))
    names: tuple[str, ...] = ("kind", "principal", "interest", "recovered")
    assert column(at_once["loans_lost"], *names) == [("write_off", "1000.00", "96.15", "0.00")]
    assert column(later["loans_lost"], *names) == [("write_off", "1000.00", "96.15", "100.00")]
    empty: dict[str, Any] = told(books, "written-off", start=FIRST_DUE + WEEK, as_of=FIRST_DUE + WEEK)
    assert (empty["loans"], empty["principal"]) == (0, "0.00")
