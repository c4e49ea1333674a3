"""Tills, bank statements, transfers between offices, provisions: what other rooms reckon, as reports."""

from datetime import timedelta

from banking import bank_reconciliation as bank
from banking import books as journal
from banking import inter_branch, savings
from banking.bank_files import Columns
from banking.books import ManualLine
from banking.closing.provisions import post_provisions
from banking.inter_branch import OfficeTransfer
from banking.provision_tables import define_table, published_table
from tests.support.books import Books, money
from tests.support.cash import a_vault, another_office, move
from tests.support.lending import DAY, a_loan, an_account
from tests.support.reports import FIRST_DUE, column, late_portfolio, told


def test_the_till_report_is_each_drawer_s_day(books: Books) -> None:
    """Clients' cash, the float from the vault, what nobody counted; the vault last."""
    vault = a_vault(books)
    account = an_account(books)
    move(books, "float", "500", from_till_id=vault, to_till_id=books.till_id)
    with books.work() as session:
        savings.deposit(session, account.id, money("40"), DAY, till_id=books.till_id)
        savings.withdraw(session, account.id, money("10"), DAY, till_id=books.till_id)
    report = told(books, "till-report", as_of=DAY, office_id=books.office_id)
    names = ("till", "opening", "received", "paid_out", "floats_in", "floats_out", "from_bank", "closing")
    assert column(report["tills"], *names) == [
        (1, "0.00", "40.00", "10.00", "500.00", "0.00", "0.00", "530.00"),
        (2, "0.00", "0.00", "0.00", "0.00", "500.00", "10000.00", "9500.00"),
    ]
    assert report["closing"] == "10030.00"
    assert report["tills"][0]["counted"] is None
    assert column(report["lines"], "till", "kind", "amount") == [
        (1, "float", "500.00"),
        (1, "deposit", "40.00"),
        (1, "withdrawal", "-10.00"),
        (2, "from_bank", "10000.00"),
        (2, "float", "-500.00"),
    ]


def test_the_bank_reconciliation_leads_from_the_books_to_the_bank(books: Books) -> None:
    """One line only here, one only there, and nothing unexplained; before any statement there is no row."""
    with books.work() as session:
        for amount, note in (("1000", "cash"), ("40", "on its way")):
            lines = (ManualLine("1130", debit=money(amount)), ManualLine("3100", credit=money(amount)))
            journal.post_manual(session, lines, value_date=DAY, note=note)
        content = f"Date,Amount,Text,Ref\n{DAY},1000,cash,\n{DAY},-2.50,charges,".encode()
        columns = Columns(day="Date", amount="Amount", text="Text", reference="Ref")
        file = bank.StatementFile(
            content=content, columns=columns, opening=money("0"), closing=money("997.50")
        )
        bank.import_statement(session, "1130", file)
        bank.match_automatically(session, "1130")
    report = told(books, "bank-reconciliation", as_of=FIRST_DUE)
    names = ("code", "book_balance", "only_bank", "only_books", "statement_balance", "unexplained")
    assert column(report["accounts"], *names) == [("1130", "1040.00", "-2.50", "40.00", "997.50", "0.00")]
    assert column(report["lines"], "side", "amount", "words") == [
        ("bank", "-2.50", "charges"),
        ("books", "40.00", "manual on its way"),
    ]
    assert told(books, "bank-reconciliation", as_of=DAY - timedelta(days=1))["accounts"] == []
    assert told(books, "bank-reconciliation", as_of=FIRST_DUE, account="1120")["accounts"] == []


def test_transfers_without_their_other_side_are_listed_by_age(books: Books) -> None:
    other = another_office(books)
    with books.work() as session:
        wanted = OfficeTransfer(other_office_id=other, amount=money("70"), till_id=books.till_id)
        till = (ManualLine("1110", debit=money("100")), ManualLine("3100", credit=money("100")))
        journal.post_manual(session, till, value_date=DAY, note="cash")
        inter_branch.send(session, wanted, DAY)
    report = told(books, "inter-branch-unmatched", as_of=FIRST_DUE, office_id=books.office_id)
    assert column(report["transfers"], "office", "days", "booked", "answered", "open") == [
        ("KIT", 7, "70.00", "0.00", "70.00")
    ]
    assert (report["count"], report["open"], report["oldest_days"]) == (1, "70.00", 7)
    assert told(books, "inter-branch-unmatched", as_of=DAY, office_id=books.head_office_id)["count"] == 0


def test_provisions_stand_beside_what_the_books_have_set_aside(books: Books) -> None:
    """The report asks for what the close posts; then nothing is missing."""
    with books.hq_work() as session:
        bands = published_table("sa-dhan").bands
        define_table(session, code="standard", starts_on=DAY, bands=bands)
    late_portfolio(books)
    as_of = FIRST_DUE + timedelta(days=45)
    before = told(books, "provisions", as_of=as_of)
    # 2,880.01 is 45 days late: a quarter of it
    assert column([before], "balance", "provision", "allowance", "to_post") == [
        ("2880.01", "720.00", "0.00", "720.00")
    ]
    assert column(before["provisions"], "band", "loans", "provision")[2] == ("31 to 60 days", 3, "720.00")
    with books.work() as session:
        post_provisions(session, as_of)
    after = told(books, "provisions", as_of=as_of)
    assert (after["allowance"], after["to_post"], after["notes"]) == ("720.00", "0.00", [])


def test_products_that_no_provision_table_covers_are_named(books: Books) -> None:
    a_loan(books)
    report = told(books, "provisions", as_of=DAY)
    assert (report["provisions"], report["notes"]) == ([], ["No table covers: WEEKLY."])
