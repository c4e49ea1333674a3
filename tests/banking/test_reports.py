"""What the reports say, held to figures worked out by hand and to one another."""

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from banking import books as journal
from banking import cash, clients, groups, loans, repayments, reports, savings
from banking.books import ManualLine
from banking.reports import documents
from banking.reports.portfolio import PortfolioAtRisk, percent
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money
from schema.accounts import LoanAccount
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_account, an_application

FIRST_DUE = DAY + timedelta(days=7)


def late_portfolio(books: Books) -> list[int]:
    """Pay four loans out: one is paid up, one owes a cent of row 1, one has paid two rows, one nothing."""
    made = [a_loan(books) for _ in range(4)]
    with books.work() as session:
        first, second, third, _ = made
        repayments.post_repayment(session, first, loans.outstanding(session, first).total, DAY)
        repayments.post_repayment(session, second, money("43.84"), DAY)
        repayments.post_repayment(session, third, money("87.70"), DAY)
    return made


def par(books: Books, as_of: date) -> PortfolioAtRisk:
    with books.look() as session:
        return reports.portfolio_at_risk(session, as_of=as_of)


# --- portfolio ------------------------------------------------------------------------------------


def test_a_loan_is_late_the_day_after_a_missed_payment_with_its_whole_principal(books: Books) -> None:
    """Not its instalment, and not by count: the balance definition."""
    late_portfolio(books)
    on_time, late = par(books, FIRST_DUE), par(books, FIRST_DUE + timedelta(days=1))
    # 1,000 - 39.99 and 1,000 - 80 and 1,000
    assert on_time.gross_portfolio == money("2880.01")
    assert [row.principal for row in on_time.at_risk] == [ZERO] * 6
    assert (late.at_risk[0].loans, late.at_risk[0].principal) == (2, money("1960.01"))
    assert late.at_risk[0].percent == Decimal("68.06")
    assert late.at_risk[1].loans == 0
    assert late.loans == 3


def test_a_single_cent_of_any_component_makes_a_loan_late(books: Books) -> None:
    _, second, *_ = late_portfolio(books)
    with books.look() as session:
        number = session.get_one(LoanAccount, second).number
        rows = reports.active_loans(session, as_of=FIRST_DUE + timedelta(days=1)).loans
    row = next(row for row in rows if row.number == number)
    assert (row.overdue, row.days_past_due) == (Money(1), 1)


@pytest.mark.parametrize("days", [0, 1, 30, 60, 90, 180])
def test_par_over_d_begins_after_d_days(books: Books, days: int) -> None:
    a_loan(books)
    for past, at_risk in ((days, 0), (days + 1, 1)):
        row = next(
            row for row in par(books, FIRST_DUE + timedelta(days=past)).at_risk if row.over_days == days
        )
        assert row.loans == at_risk


def test_ages_split_the_whole_portfolio_once(books: Books) -> None:
    late_portfolio(books)
    report = par(books, FIRST_DUE + timedelta(days=45))
    assert sum(row.principal.minor for row in report.ages) == report.gross_portfolio.minor
    assert sum(row.loans for row in report.ages) == report.loans
    assert [(row.from_days, row.loans) for row in report.ages if row.loans] == [(31, 3)]


def test_the_portfolio_is_what_it_was_on_the_day_asked_for(books: Books) -> None:
    """Loans paid out later and money that came later do not count."""
    a_loan(books, on=DAY)
    early = a_loan(books, on=DAY + timedelta(days=10))
    with books.work() as session:
        repayments.post_repayment(session, early, money("43.85"), DAY + timedelta(days=20))
    assert par(books, DAY - timedelta(days=1)).loans == 0
    assert par(books, DAY).gross_portfolio == money("1000")
    assert par(books, DAY + timedelta(days=19)).gross_portfolio == money("2000")
    assert par(books, DAY + timedelta(days=20)).gross_portfolio == money("1960")


def test_written_off_loans_and_applications_are_not_in_the_portfolio(books: Books) -> None:
    written_off = a_loan(books)
    with books.work() as session:
        an_application(books, session)
        repayments.write_off(session, written_off, None, FIRST_DUE)
    assert par(books, FIRST_DUE).gross_portfolio == ZERO
    assert par(books, DAY).gross_portfolio == money("1000")


def test_nothing_at_risk_of_nothing_is_zero_percent(books: Books) -> None:
    assert par(books, DAY).at_risk[0].percent == Decimal("0.00")
    assert percent(1, 3) == Decimal("33.33")
    assert percent(5, 1000) == Decimal("0.50")


def test_active_loans_agree_with_what_is_owed_loan_by_loan_and_with_the_books(books: Books) -> None:
    made = late_portfolio(books)
    with books.look() as session:
        report = reports.active_loans(session, as_of=DAY)
        owed = [loans.outstanding(session, loan_id) for loan_id in made]
        portfolio = next(
            row for row in reports.trial_balance(session).accounts if row.name == "Loan portfolio"
        )
    assert report.count == 3
    assert report.principal == portfolio.closing
    assert report.outstanding.minor == sum(components.total.minor for components in owed)
    assert report.interest.minor == sum(components.interest.minor for components in owed)


def test_collections_are_listed_in_the_order_of_a_walk(books: Books) -> None:
    """By center, group and client; due today apart from what is late, and who owes nothing is left out."""
    with books.work() as session:
        center = groups.create_center(session, name="B market")
        group = groups.create_group(session, name="Tumaini", center_id=center.id)
        officer = groups.create_staff(session, "Ann")
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
                officer_id=officer.id,
            )
            loans.approve(session, loan.id, DAY)
            loans.disburse(session, loan.id, DAY)
            if name == "Amani":
                repayments.post_repayment(session, loan.id, money("20"), DAY)
    with books.look() as session:
        assert reports.collections_due(session, as_of=DAY).collections == ()
        today = reports.collections_due(session, as_of=FIRST_DUE)
        week_after = reports.collections_due(session, as_of=FIRST_DUE + timedelta(days=7))
    assert [(row.center, row.group, row.owner) for row in today.collections] == [
        ("", "", "Single"),
        ("B market", "Tumaini", "Zuri"),
        ("B market", "Tumaini", "Amani"),
    ]
    assert [row.due_today for row in today.collections] == [money("43.85"), money("43.85"), money("23.85")]
    assert (today.overdue, today.to_collect) == (ZERO, money("111.55"))
    assert (week_after.overdue, week_after.due_today) == (money("111.55"), money("131.55"))
    assert {row.days_past_due for row in week_after.collections} == {7}
    assert today.collections[0].officer == "Ann"


# --- books ----------------------------------------------------------------------------------------


def a_month(books: Books) -> None:
    """Post rent in January, a loan with interest, and capital in February."""
    loan_id = a_loan(books)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("43.85"), date(2026, 1, 20))
        rent = (ManualLine("5320", debit=money("30")), ManualLine("1130", credit=money("30")))
        journal.post_manual(session, rent, value_date=date(2026, 1, 31), note="rent")
        capital = (ManualLine("1130", debit=money("500")), ManualLine("3100", credit=money("500")))
        journal.post_manual(session, capital, value_date=date(2026, 2, 1), note="capital")


def test_a_trial_balance_opens_moves_and_closes(books: Books) -> None:
    a_month(books)
    with books.look() as session:
        february = reports.trial_balance(session, start=date(2026, 2, 1), as_of=date(2026, 2, 28))
        whole = reports.trial_balance(session)
        january = reports.trial_balance(session, as_of=date(2026, 1, 31))
    bank = {row.name: row for row in february.accounts}["Bank"]
    assert (bank.opening, bank.debit, bank.credit, bank.closing) == (
        money("-30"),
        money("500"),
        ZERO,
        money("470"),
    )
    for report in (february, whole, january):
        assert report.debit == report.credit
        assert sum(row.closing.minor for row in report.accounts) == 0
        assert all(row.opening + row.debit - row.credit == row.closing for row in report.accounts)
    assert all(row.opening == ZERO for row in whole.accounts)
    assert "Share capital" not in {row.name for row in january.accounts}
    assert [row.code for row in whole.accounts] == sorted(row.code for row in whole.accounts)


def test_the_sum_of_the_offices_is_the_whole(books: Books) -> None:
    a_month(books)
    with books.hq_work() as session:
        capital = (ManualLine("1130", debit=money("7")), ManualLine("3100", credit=money("7")))
        journal.post_manual(session, capital, value_date=DAY, note="capital")
    with books.look() as session:
        parts = [
            reports.trial_balance(session, office_id=office)
            for office in (books.office_id, books.head_office_id)
        ]
        whole = reports.trial_balance(session)
    for row in whole.accounts:
        assert row.closing.minor == sum(
            part.closing.minor for report in parts for part in report.accounts if part.code == row.code
        )
    assert whole.debit == parts[0].debit + parts[1].debit


def test_the_balance_sheet_balances_and_shows_the_result(books: Books) -> None:
    a_month(books)
    with books.look() as session:
        sheet = reports.balance_sheet(session, as_of=date(2026, 2, 28))
        income = reports.income_statement(session, as_of=date(2026, 2, 28))
    assert sheet.assets == money("1430")
    assert (sheet.liabilities, sheet.equity, sheet.result) == (ZERO, money("1456.15"), money("-26.15"))
    assert sheet.assets == sheet.liabilities + sheet.equity + sheet.result
    assert income.result == sheet.result
    rows = {row.name: row for row in sheet.accounts}
    assert (rows["Share capital"].balance, rows["Share capital"].amount) == (money("-500"), money("500"))
    assert (rows["Assets"].level, rows["Bank"].level) == (0, 2)
    assert rows["Cash and bank"].amount == rows["Bank"].amount
    assert "Borrowings" not in rows


def test_the_income_statement_counts_the_days_asked_for(books: Books) -> None:
    a_month(books)
    with books.look() as session:
        january = reports.income_statement(session, start=date(2026, 1, 1), as_of=date(2026, 1, 31))
        rest = reports.income_statement(session, start=date(2026, 2, 1))
    assert (january.income, january.expenses, january.result) == (
        money("3.85"),
        money("30"),
        money("-26.15"),
    )
    assert (rest.income, rest.expenses, rest.accounts) == (ZERO, ZERO, ())


# --- savings, cash, statements --------------------------------------------------------------------


def test_savings_balances_add_up_to_the_deposits_in_the_books(books: Books) -> None:
    first, second = an_account(books), an_account(books)
    with books.work() as session:
        savings.deposit(session, first.id, money("100"), DAY)
        savings.deposit(session, second.id, money("50"), DAY + timedelta(days=1))
    with books.look() as session:
        today = reports.savings_balances(session, as_of=DAY)
        tomorrow = reports.savings_balances(session, as_of=DAY + timedelta(days=1))
        before = reports.savings_balances(session, as_of=DAY - timedelta(days=1))
        deposits = reports.trial_balance(session).accounts
    assert [row.balance for row in today.savings] == [money("100"), ZERO]
    assert tomorrow.balance == -next(row.closing for row in deposits if row.name == "Voluntary savings")
    assert before.count == 0


def test_cash_of_the_day_opens_moves_and_closes(books: Books) -> None:
    """What moved without a till stands apart, and what older books brought in is no cash."""
    account = an_account(books)
    with books.work() as session:
        older = cash.create_till(session, number=0)
        savings.deposit(session, account.id, money("40"), DAY - timedelta(0), till_id=books.till_id)
        savings.deposit(session, account.id, money("60"), DAY + timedelta(days=1), till_id=books.till_id)
        savings.withdraw(session, account.id, money("10"), DAY + timedelta(days=1), till_id=books.till_id)
        savings.deposit(session, account.id, money("5"), DAY + timedelta(days=1), till_id=older.id)
        bank = (ManualLine("1130", debit=money("30")), ManualLine("1110", credit=money("30")))
        journal.post_manual(session, bank, value_date=DAY + timedelta(days=1), note="to the bank")
    with books.look() as session:
        report = reports.cash_today(session, as_of=DAY + timedelta(days=1), office_id=books.office_id)
        of_all = reports.cash_today(session, as_of=DAY + timedelta(days=1))
    assert (report.opening, report.received, report.paid_out, report.other, report.closing) == (
        money("40"),
        money("60"),
        money("10"),
        money("-30"),
        money("60"),
    )
    assert [(row.receipt, row.amount) for row in report.movements] == [
        ("KIT-1-000002", money("60")),
        ("KIT-1-000003", money("-10")),
    ]
    assert of_all == report


def test_a_loan_statement_runs_to_what_is_owed(books: Books) -> None:
    loan_id = a_loan(books)
    with books.work() as session:
        paid = repayments.post_repayment(session, loan_id, money("100"), DAY, till_id=books.till_id)
        repayments.reverse(session, paid, reason="wrong", on=DAY + timedelta(days=1))
        repayments.post_repayment(session, loan_id, money("43.85"), DAY + timedelta(days=2))
        repayments.waive(session, loan_id, money("1.00"), DAY + timedelta(days=3))
    with books.look() as session:
        statement = reports.loan_statement(session, loan_id, as_of=DAY + timedelta(days=9))
        earlier = reports.loan_statement(session, loan_id, as_of=DAY)
        owed = loans.outstanding(session, loan_id)
        with pytest.raises(NotFoundError):
            reports.loan_statement(session, 7, as_of=DAY)
    assert [(row.kind, row.balance) for row in statement.transactions] == [
        ("disbursement", money("1000")),
        ("repayment", money("911.55")),
        ("reversal", money("1000")),
        ("repayment", money("960")),
        ("waiver", money("960")),
    ]
    assert (statement.principal, statement.outstanding) == (owed.principal, owed.total)
    assert earlier.principal == money("911.55")
    assert statement.schedule[0].outstanding == ZERO
    assert len(statement.schedule) == 25


def test_a_savings_statement_runs_to_the_balance(books: Books) -> None:
    account = an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("100"), DAY)
        savings.withdraw(session, account.id, money("30"), DAY + timedelta(days=1))
    with books.look() as session:
        statement = reports.savings_statement(session, account.id, as_of=DAY + timedelta(days=1))
        with pytest.raises(NotFoundError):
            reports.savings_statement(session, 7, as_of=DAY)
    assert [row.balance for row in statement.transactions] == [money("100"), money("70")]
    assert statement.balance == money("70")


# --- documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(reports.REPORTS))
def test_every_report_of_the_catalogue_is_a_document_in_three_forms(books: Books, name: str) -> None:
    """JSON without floats and ids, CSV with one line for each row, a workbook that opens."""
    a_month(books)
    account = an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("5"), date(2026, 2, 20), till_id=books.till_id)
    with books.look() as session:
        report = reports.REPORTS[name](session, as_of=date(2026, 2, 20), office_id=books.office_id)
    document = reports.to_json(report, 2)
    assert json.loads(json.dumps(document, allow_nan=False), parse_float=pytest.fail) == document
    assert document["as_of"] == "2026-02-20"
    rows = document[report.table]
    assert rows
    assert not any(key == "id" or key.endswith("_id") for key in rows[0])
    read = list(csv.DictReader(io.StringIO(reports.to_csv(report, 2))))
    assert [set(row) for row in read] == [set(row) for row in rows]
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(reports.to_xlsx(report, 2, currency="KES")))
    cells = workbook.get_sheet_by_index(0).to_python()
    assert cells[0][0] == f"{report.title} · KES"
    assert cells[-len(rows) - 1][: len(rows[0])] == list(rows[0])


def test_money_in_documents_is_a_decimal_string_with_the_currencys_digits(books: Books) -> None:
    a_month(books)
    with books.look() as session:
        report = reports.trial_balance(session)
    for digits, expected in ((2, "-1000.00"), (0, "-100000"), (3, "-100.000")):
        rows = {row["name"]: row for row in reports.to_json(report, digits)["accounts"]}
        assert rows["Loan portfolio"]["debit"] == expected.lstrip("-")
    assert {type(value) for row in reports.to_json(report, 2)["accounts"] for value in row.values()} == {str}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1"])
def test_no_text_becomes_a_formula_in_a_spreadsheet(books: Books, name: str) -> None:
    with books.work() as session:
        client = clients.register_client(session, name=name)
        product = books.savings_product("SAVE").id
        savings.open_account(session, client_id=client.id, product_id=product, opened_on=DAY)
    with books.look() as session:
        report = reports.savings_balances(session, as_of=DAY)
    (row,) = csv.DictReader(io.StringIO(reports.to_csv(report, 2)))
    assert row["owner"] == f"'{name}"
    assert documents.harmless("Ann=") == "Ann="
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(reports.to_xlsx(report, 2))).get_sheet_by_index(0)
    assert sheet.to_python()[-1][1] == name


def test_a_negative_amount_in_csv_stays_a_number(books: Books) -> None:
    a_month(books)
    with books.look() as session:
        text = reports.to_csv(reports.trial_balance(session), 2)
    brought_in = next(row for row in csv.DictReader(io.StringIO(text)) if row["name"] == "Books brought in")
    assert brought_in["closing"] == "-956.15"


def test_an_empty_report_is_a_document_too(books: Books) -> None:
    with books.look() as session:
        report = reports.active_loans(session, as_of=DAY)
    assert reports.to_json(report, 2)["loans"] == []
    assert reports.to_csv(report, 2) == ""
    assert reports.to_xlsx(report, 2)
