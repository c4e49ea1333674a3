"""One month of a branch on each kind of database: the same figures everywhere."""

import json
from datetime import date, timedelta

from banking import books as journal
from banking import cash, clients, days, groups, loans, repayments, reports, savings, users
from banking.books import ManualLine
from tests.support.books import Books, money
from tests.support.lending import broken

FIRST = date(2026, 1, 5)


def work_a_month(books: Books) -> None:
    """Open 20 days, with loans, savings, a reversal, a write-off and a count each evening."""
    with books.work() as session:
        officer = groups.create_staff(session, "Ann")
        group = groups.create_group(session, name="Tumaini", officer_id=officer.id)
        made = [clients.register_client(session, name=f"Client {n}", group_id=group.id).id for n in range(4)]
        saved = [
            savings.open_account(
                session, client_id=client, product_id=books.savings_product("SAVE").id, opened_on=FIRST
            ).id
            for client in made
        ]
        users.create_user(session, "ann", "Ann Otieno", "cashier", "long-enough")
    lent: list[int] = []
    for number in range(20):
        day = FIRST + timedelta(days=number)
        books.today = day
        with books.work() as session:
            days.open_day(session, day, money("20000") if number == 0 else None)
        with books.work() as session:
            if number < 4:
                loan = loans.apply(
                    session,
                    client_id=made[number],
                    product_id=books.loan_product("WEEKLY" if number % 2 else "MONTHLY").id,
                    principal=money("1000"),
                    applied_on=day,
                )
                loans.approve(session, loan.id, day)
                loans.disburse(session, loan.id, day, till_id=books.till_id)
                lent.append(loan.id)
            savings.deposit(session, saved[number % 4], money("12.50"), day, till_id=books.till_id)
            paid = repayments.post_repayment(
                session, lent[number % len(lent)], money("33.33"), day, till_id=books.till_id
            )
            if number % 5 == 0:
                repayments.reverse(session, paid, reason="wrong", on=day)
            if number == 19:
                repayments.write_off(session, lent[0], None, day)
                savings.withdraw(session, saved[0], money("10"), day, till_id=books.till_id)
                rent = (ManualLine("5320", debit=money("300")), ManualLine("1110", credit=money("300")))
                journal.post_manual(session, rent, value_date=day, note="rent")
        with books.work() as session:
            counted = cash.account_balance(session, books.gl_account("Cash in hand").id, books.office_id)
            days.close_day(session, counted - money("0.50") if number == 7 else counted, reason="half a coin")


def test_a_month_of_work_gives_the_same_books_everywhere(any_books: Books) -> None:
    """Figures worked out once; plain, encrypted and server databases all come to them."""
    work_a_month(any_books)
    assert broken(any_books) == []
    last = FIRST + timedelta(days=19)
    with any_books.look() as session:
        trial = reports.trial_balance(session, office_id=any_books.office_id)
        documents = {
            name: reports.to_json(report(session, as_of=last, office_id=any_books.office_id), 2)
            for name, report in reports.REPORTS.items()
            if not report.needs
        }
        portfolio = reports.REPORTS["portfolio-at-risk"](session, as_of=last)
        found = clients.find_clients(session, "cli 2")
        assert session.connection().dialect.name in {"sqlite", "postgresql"}
    closing = {row.name: row.closing for row in trial.accounts}
    assert trial.debit == trial.credit
    assert closing["Voluntary savings"] == money("-240.00")
    assert closing["Cash over and short"] == money("0.50")
    assert closing["Rent"] == money("300")
    assert closing["Books brought in"] == money("-20000")
    # 20,000 - 4 x 1,000 + 20 x 12.50 - 10 + 16 x 33.33 - 300 - 0.50
    assert closing["Cash in hand"] == money("16472.78")
    assert closing["Loan portfolio"].minor == portfolio.figure("gross_portfolio")
    assert portfolio.figure("loans") == 3
    assert [client.name for client in found] == ["Client 2"]
    assert json.dumps(documents)
