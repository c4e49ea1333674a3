"""Savings, clients, groups, and statements of single accounts."""

from datetime import timedelta
from typing import Any

import pytest

from banking import clients, groups, loans, repayments, savings
from banking.reports import REPORTS
from ledger.errors import NotFoundError
from schema.accounts import LoanAccount, SavingsAccount
from schema.saving import SavingsHold
from schema.writing import insert, update
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_account, balances
from tests.support.reports import FIRST_DUE, column, told

NEXT_DAY = DAY + timedelta(days=1)


def of(books: Books, name: str, **asked: object) -> dict[str, Any]:
    return told(books, name, as_of=DAY + timedelta(days=9), **asked)


def test_savings_balances_add_up_to_the_deposits_in_the_books(books: Books) -> None:
    first, second = an_account(books), an_account(books)
    with books.work() as session:
        savings.deposit(session, first.id, money("100"), DAY)
        savings.deposit(session, second.id, money("50"), NEXT_DAY)
        held = SavingsHold(
            savings_account_id=first.id, amount=money("30"), reason="guarantee", held_on=NEXT_DAY
        )
        insert(session, held)
    today, tomorrow = (told(books, "savings-balances", as_of=day) for day in (DAY, NEXT_DAY))
    assert column(today["savings"], "balance", "held") == [("100.00", "0.00"), ("0.00", "0.00")]
    assert column(tomorrow["savings"], "balance", "held") == [("100.00", "30.00"), ("50.00", "0.00")]
    assert money(tomorrow["balance"]) == -balances(books)["Voluntary savings"]
    assert told(books, "savings-balances", as_of=DAY - timedelta(days=1))["count"] == 0


def test_savings_that_are_not_active_are_not_shown_as_active(books: Books) -> None:
    """Closed ones are gone from the day of closing on, and were active before; dormant ones say so."""
    closed, dormant = an_account(books), an_account(books)
    with books.work() as session:
        savings.deposit(session, dormant.id, money("5"), DAY)
        update(session, session.get_one(SavingsAccount, closed.id), status="closed", closed_on=NEXT_DAY)
        update(session, session.get_one(SavingsAccount, dormant.id), status="dormant")
    before, after = (told(books, "savings-balances", as_of=day)["savings"] for day in (DAY, NEXT_DAY))
    assert column(before, "number", "status") == [(closed.number, "active"), (dormant.number, "dormant")]
    assert column(after, "number") == [dormant.number]


def test_accounts_on_which_nothing_moves_are_found_by_the_clients_own_movements(books: Books) -> None:
    """The longest first; what was never used counts from its opening."""
    used, never = an_account(books), an_account(books)
    with books.work() as session:
        savings.deposit(session, used.id, money("7"), DAY + timedelta(days=10))
    found = [told(books, "dormant-accounts", as_of=DAY + timedelta(days=days)) for days in (364, 365, 375)]
    assert [column(report["dormant"], "number", "idle_days", "balance") for report in found] == [
        [],
        [(never.number, 365, "0.00")],
        [(never.number, 375, "0.00"), (used.number, 365, "7.00")],
    ]


def test_clients_and_groups_are_listed_with_what_they_owe_and_have(books: Books) -> None:
    """Two loans of one product are two loans; what a group has itself and its members' stand together."""
    with books.work() as session:
        group = groups.create_group(session, name="Tumaini")
        client = clients.register_client(session, name="Amani", group_id=group.id, joined_on=DAY)
        clients.register_client(session, name="Later", joined_on=FIRST_DUE + timedelta(days=30))
        product = books.loan_product("WEEKLY").id
        for _ in range(2):
            loan = loans.apply(
                session, client_id=client.id, product_id=product, principal=money("100"), applied_on=DAY
            )
            loans.approve(session, loan.id, DAY)
            loans.disburse(session, loan.id, DAY)
        saving = savings.open_account(
            session, client_id=client.id, product_id=books.savings_product("SAVE").id, opened_on=DAY
        )
        savings.deposit(session, saving.id, money("12"), DAY)
    listed, grouped = of(books, "client-listing"), of(books, "group-listing")
    names = ("name", "principal", "overdue", "savings")
    assert column(listed["clients"], *names, "loans") == [("Amani", "200.00", "8.76", "12.00", 2)]
    assert column(grouped["groups"], *names, "members", "borrowers") == [
        ("Tumaini", "200.00", "8.76", "12.00", 1, 1)
    ]
    assert len(of(books, "active-loans")["loans"]) == 2


def test_a_statement_of_a_client_has_all_accounts_and_what_moved_on_them(books: Books) -> None:
    with books.work() as session:
        client = clients.register_client(session, name="Wanjiku", given_name="Ann")
        loan = loans.apply(
            session,
            client_id=client.id,
            product_id=books.loan_product("WEEKLY").id,
            principal=money("1000"),
            applied_on=DAY,
        )
        loans.approve(session, loan.id, DAY)
        loans.disburse(session, loan.id, DAY)
        saving = savings.open_account(
            session, client_id=client.id, product_id=books.savings_product("SAVE").id, opened_on=DAY
        )
        savings.deposit(session, saving.id, money("12"), NEXT_DAY)
        repayments.post_repayment(session, loan.id, money("43.85"), FIRST_DUE)
    report = of(books, "client-statement", client=client.number)
    assert column([report], "name", "outstanding", "saved") == [("Ann Wanjiku", "1052.30", "12.00")]
    assert column(report["movements"], "kind", "amount", "balance") == [
        ("disbursement", "1000.00", "1000.00"),
        ("deposit", "12.00", "12.00"),
        ("repayment", "43.85", "960.00"),
    ]
    since = of(books, "client-statement", client=client.number, start=FIRST_DUE)
    assert column(since["movements"], "kind", "balance") == [("repayment", "960.00")]
    with pytest.raises(NotFoundError):
        of(books, "client-statement", client="nobody")


def test_a_loan_statement_runs_to_what_is_owed(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        paid = repayments.post_repayment(session, loan_id, money("100"), DAY, till_id=books.till_id)
        repayments.reverse(session, paid, reason="wrong", on=NEXT_DAY)
        repayments.post_repayment(session, loan_id, money("43.85"), DAY + timedelta(days=2))
        repayments.waive(session, loan_id, money("1.00"), DAY + timedelta(days=3))
    with books.look() as session:
        number = session.get_one(LoanAccount, loan_id).number
        owed = loans.outstanding(session, loan_id)
    statement = of(books, "loan-statement", account=number)
    assert column(statement["transactions"], "kind", "balance") == [
        ("disbursement", "1000.00"),
        ("repayment", "911.55"),
        ("reversal", "1000.00"),
        ("repayment", "960.00"),
        ("waiver", "960.00"),
    ]
    assert (money(statement["principal"]), money(statement["outstanding"])) == (owed.principal, owed.total)
    assert told(books, "loan-statement", as_of=DAY, account=number)["principal"] == "911.55"
    assert statement["schedule"][0]["outstanding"] == "0.00"
    assert len(statement["schedule"]) == 25
    with books.look() as session, pytest.raises(NotFoundError):
        REPORTS["loan-statement"](session, as_of=DAY, account="nothing")


def test_a_savings_statement_runs_to_the_balance(books: Books) -> None:
    account = an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("100"), DAY)
        savings.withdraw(session, account.id, money("30"), NEXT_DAY)
    statement = of(books, "savings-statement", account=account.number)
    since = of(books, "savings-statement", account=account.number, start=NEXT_DAY)
    assert column(statement["transactions"], "balance") == ["100.00", "70.00"]
    assert column([statement, since], "opening", "balance") == [("0.00", "70.00"), ("100.00", "70.00")]
    assert column(since["transactions"], "amount") == ["-30.00"]
    on_the_day = told(books, "savings-statement", account=account.number, as_of=NEXT_DAY)
    assert on_the_day["interest_accrued"] == "0.02"  # 100.00 and 70.00 for a day each at 4 %
    with books.look() as session, pytest.raises(NotFoundError):
        REPORTS["savings-statement"](session, as_of=DAY, account="nothing")
