"""Trial balance, balance sheet, income statement, general ledger, cash book."""

from datetime import date, timedelta
from typing import Any

from banking import books as journal
from banking import cash, repayments, savings
from banking.books import ManualLine
from banking.standard import add_office
from ledger.money import ZERO
from ledger.posting import Account, Role, entry_between
from schema.writing import add_to_day_totals, update
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_account, balances
from tests.support.reports import column, told

JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)
FEBRUARY_1 = date(2026, 2, 1)


def a_month(books: Books) -> None:
    """Post rent in January, a loan with interest, and capital in February."""
    loan_id = a_loan(books)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("43.85"), date(2026, 1, 20))
        rent = (ManualLine("5320", debit=money("30")), ManualLine("1130", credit=money("30")))
        journal.post_manual(session, rent, value_date=JANUARY, note="rent")
        capital = (ManualLine("1130", debit=money("500")), ManualLine("3100", credit=money("500")))
        journal.post_manual(session, capital, value_date=FEBRUARY_1, note="capital")


def named(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(row for row in rows if row["name"] == name)


def test_a_trial_balance_opens_moves_and_closes(books: Books) -> None:
    a_month(books)
    february = told(books, "trial-balance", start=FEBRUARY_1, as_of=FEBRUARY)
    january = told(books, "trial-balance", as_of=JANUARY)
    names = ("opening", "debit", "credit", "closing")
    assert column([named(february["accounts"], "Bank")], *names) == [("-30.00", "500.00", "0.00", "470.00")]
    # what did not move in the time is there with what it had
    assert column([named(february["accounts"], "Rent")], *names) == [("30.00", "0.00", "0.00", "30.00")]
    assert (february["debit"], february["credit"]) == ("500.00", "500.00")
    assert named(january["accounts"], "Bank")["closing"] == "-30.00"
    assert january["totals"] == {
        "opening": "0.00", "debit": "1073.85", "credit": "1073.85", "closing": "0.00"
    }  # fmt: skip


def test_a_trial_balance_of_one_office_leaves_the_others_out(books: Books) -> None:
    """One, its sub-tree, all; and side by side."""
    a_month(books)
    bank, share = books.gl_account("Bank").id, books.gl_account("Share capital").id
    with books.hq_work() as session:
        below = add_office(session, 3, "SUB", "Sub-branch")
        update(session, below, parent_id=books.office_id)
        entry = entry_between("manual", Role.VAULT, Role.CASH, money("7"))
        posted = journal.post(session, entry, {Role.VAULT: bank, Role.CASH: share}, value_date=FEBRUARY)
        assert posted.origin_office_id == books.head_office_id
        lines = [(bank, money("2"), ZERO), (share, ZERO, money("2"))]
        add_to_day_totals(session, below.id, FEBRUARY, lines)
    own = told(books, "trial-balance", as_of=FEBRUARY, office_id=books.office_id)
    tree = told(books, "trial-balance", as_of=FEBRUARY, office_id=books.office_id, sub_tree=True)
    every = told(books, "trial-balance", as_of=FEBRUARY, by_office=True)
    closings = [named(report["accounts"], "Bank")["closing"] for report in (own, tree, every)]
    assert closings == ["470.00", "472.00", "479.00"]
    assert column([named(every["accounts"], "Bank")], "HQ", "KIT", "SUB") == [("7.00", "470.00", "2.00")]


def test_the_balance_sheet_balances_with_the_result_apart(books: Books) -> None:
    a_month(books)
    sheet = told(books, "balance-sheet", as_of=FEBRUARY)
    assert column([sheet], "assets", "liabilities", "equity", "result") == [
        ("1430.00", "0.00", "1456.15", "-26.15")
    ]
    rows = sheet["accounts"]
    assert column([named(rows, "Share capital")], "balance", "amount") == [("-500.00", "500.00")]
    assert (named(rows, "Assets")["level"], named(rows, "Bank")["level"]) == (0, 2)
    assert named(rows, "Cash and bank")["amount"] == named(rows, "Bank")["amount"]
    assert "Borrowings" not in column(rows, "name")


def test_the_income_statement_counts_the_days_asked_for(books: Books) -> None:
    a_month(books)
    january = told(books, "income-statement", start=date(2026, 1, 1), as_of=JANUARY)
    rest = told(books, "income-statement", start=FEBRUARY_1, as_of=FEBRUARY)
    assert column([january, rest], "income", "expenses", "result") == [
        ("3.85", "30.00", "-26.15"),
        ("0.00", "0.00", "0.00"),
    ]
    assert rest["accounts"] == []


def test_the_entry_that_closes_a_year_is_no_income_and_no_expense(books: Books) -> None:
    """The statement of the year stays, the balance sheet has the result in equity, a reversal undoes it."""
    a_month(books)
    ids = {name: books.gl_account(name).id for name in ("Interest on loans", "Rent", "Retained earnings")}
    with books.work() as session:
        interest = entry_between("year_end", Role.INTEREST_INCOME, Role.RETAINED_EARNINGS, money("3.85"))
        of_roles: dict[Account, int] = {
            Role.INTEREST_INCOME: ids["Interest on loans"],
            Role.RETAINED_EARNINGS: ids["Retained earnings"],
            Role.OVER_SHORT: ids["Rent"],
        }
        journal.post(session, interest, of_roles, value_date=FEBRUARY)
        rent = entry_between("year_end", Role.RETAINED_EARNINGS, Role.OVER_SHORT, money("30"))
        closed = journal.post(session, rent, of_roles, value_date=FEBRUARY)
    asked = {"start": date(2026, 1, 1), "as_of": FEBRUARY}
    statement, sheet = told(books, "income-statement", **asked), told(books, "balance-sheet", as_of=FEBRUARY)
    assert column([statement], "income", "expenses", "result") == [("3.85", "30.00", "-26.15")]
    assert column([sheet], "equity", "result") == [("1430.00", "0.00")]
    with books.work() as session:
        journal.reverse_entry(session, closed.id, value_date=FEBRUARY, note="too early")
    assert told(books, "income-statement", **asked)["result"] == "-26.15"
    assert told(books, "balance-sheet", as_of=FEBRUARY)["result"] == "-30.00"


def test_the_general_ledger_runs_from_the_opening_to_the_closing(books: Books) -> None:
    """One account with what is below it, or all; the receipt behind each line."""
    loan_id = a_loan(books, till_id=books.till_id)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("43.85"), FEBRUARY_1, till_id=books.till_id)
    report = told(books, "general-ledger", start=FEBRUARY_1, as_of=FEBRUARY, account="1100")
    assert column(report["lines"], "code", "kind", "receipt", "debit", "balance") == [
        ("1110", "opening", "", "0.00", "-1000.00"),
        ("1110", "repayment", "KIT-1-000002", "43.85", "-956.15"),
    ]
    assert report["lines"][1]["note"] == "KIT-L-000001"
    every = told(books, "general-ledger", as_of=FEBRUARY)
    last = {row["name"]: money(row["balance"]) for row in every["lines"]}
    assert last == balances(books)
    assert every["debit"] == every["credit"] == "1043.85"


def test_the_cash_book_has_what_moved_in_the_drawers(books: Books) -> None:
    account = an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("40"), DAY, till_id=books.till_id)
        savings.withdraw(session, account.id, money("10"), FEBRUARY_1, till_id=books.till_id)
    report = told(books, "cash-book", start=FEBRUARY_1, as_of=FEBRUARY)
    assert column([report], "opening", "received", "paid", "closing") == [("40.00", "0.00", "10.00", "30.00")]
    assert column(report["lines"], "kind", "note", "paid", "balance") == [
        ("withdrawal", account.number, "10.00", "30.00")
    ]


def test_cash_of_the_day_opens_moves_and_closes(books: Books) -> None:
    """What moved without a till stands apart, and what older books brought in is no cash."""
    account = an_account(books)
    next_day = DAY + timedelta(days=1)
    with books.work() as session:
        older = cash.create_till(session, number=0)
        savings.deposit(session, account.id, money("40"), DAY, till_id=books.till_id)
        savings.deposit(session, account.id, money("60"), next_day, till_id=books.till_id)
        savings.withdraw(session, account.id, money("10"), next_day, till_id=books.till_id)
        savings.deposit(session, account.id, money("5"), next_day, till_id=older.id)
        bank = (ManualLine("1130", debit=money("30")), ManualLine("1110", credit=money("30")))
        journal.post_manual(session, bank, value_date=next_day, note="to the bank")
    report = told(books, "cash-today", as_of=next_day, office_id=books.office_id)
    of_all = told(books, "cash-today", as_of=next_day)
    assert column([report], "opening", "received", "paid_out", "other", "closing") == [
        ("40.00", "60.00", "10.00", "-30.00", "60.00")
    ]
    assert column(report["movements"], "receipt", "amount") == [
        ("KIT-1-000002", "60.00"),
        ("KIT-1-000003", "-10.00"),
    ]
    assert of_all == report
