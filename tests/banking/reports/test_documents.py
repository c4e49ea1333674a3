"""Reports as documents: every one of the catalogue in every form; no spreadsheet is misled."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from banking import clients, groups, repayments, savings
from banking.bank_files import Columns
from banking.bank_reconciliation import StatementFile, import_statement
from banking.books import ManualLine, post_manual
from banking.inter_branch import OfficeTransfer, send
from banking.provision_tables import define_table, published_table
from banking.reports import REPORTS, Report, documents, to_csv, to_json, to_xlsx
from banking.reports.catalogue import ROOMS
from banking.reports.documents import csv_rows, written
from banking.reports.shape import Kind
from banking.samples import Wanted, draw
from schema.accounting import AuditEvent, JournalEntry
from schema.accounts import LoanAccount, SavingsAccount
from schema.people import Client
from schema.replication import LateEntry
from schema.writing import insert
from tests.support.books import Books, money
from tests.support.cash import another_office
from tests.support.lending import DAY, a_loan, an_account
from tests.support.reports import told

ON = DAY + timedelta(days=400)


def some_of_everything(books: Books) -> None:
    """Lend, collect, save and write off, so that every report has rows."""
    loan_id, lost = a_loan(books, till_id=books.till_id), a_loan(books)
    account = an_account(books)
    with books.work() as session:
        entry = session.scalars(select(JournalEntry).order_by(JournalEntry.id).limit(1)).one()
        session.add(
            LateEntry(
                journal_entry_id=entry.id,
                origin_office_id=entry.origin_office_id,
                booked_on=entry.booked_on,
                posted_on=ON,
                period_name="an earlier month",
            )
        )
        group = groups.create_group(session, name="Tumaini")
        clients.register_client(session, name="Member", group_id=group.id)
        repayments.post_repayment(session, loan_id, money("20.00"), ON, till_id=books.till_id)
        repayments.write_off(session, lost, None, ON)
        savings.deposit(session, account.id, money("5"), DAY, till_id=books.till_id)
    with books.hq_work() as session:
        bands = published_table("sa-dhan").bands
        define_table(session, code="standard", starts_on=DAY, bands=bands)
    other = another_office(books)
    with books.work() as session:
        content = f"Date,Amount,Text,Ref\n{DAY},1000,cash,".encode()
        columns = Columns(day="Date", amount="Amount", text="Text", reference="Ref")
        file = StatementFile(content=content, columns=columns, opening=money("0"), closing=money("1000"))
        import_statement(session, "1130", file)
        cash = (ManualLine("1110", debit=money("9000")), ManualLine("3100", credit=money("9000")))
        post_manual(session, cash, value_date=DAY, note="capital")
        wanted = OfficeTransfer(other_office_id=other, amount=money("70"), till_id=books.till_id)
        send(session, wanted, DAY)
        seen_at = datetime(ON.year, ON.month, ON.day, 9, tzinfo=UTC)
        insert(session, AuditEvent(at=seen_at, user_id=None, what="report.exported", subject="arrears.pdf"))
        sample = Wanted(method="random", source="entries", size=2, seed="a seed", as_of=ON)
        draw(session, sample, seen_at, None)


def asked_of(books: Books, name: str) -> dict[str, Any]:
    """Give what a report cannot do without."""
    with books.look() as session:
        of = {
            "client-statement": ("client", Client),
            "loan-statement": ("account", LoanAccount),
            "savings-statement": ("account", SavingsAccount),
            "collection-sheet": ("group", None),
        }
        if name == "audit-sample":
            return {"account": "1"}
        key, model = of.get(name, ("", None))
        if model is None:
            return {"group": "Tumaini"} if key else {}
        # the client who saves, so that all tables of the statement of a client have rows
        newest = select(model.number).order_by(model.id.desc() if model is not Client else model.id)  # type: ignore[attr-defined]  # the test knows its type
        return {key: session.scalars(newest.limit(1)).one()}


def answer(books: Books, name: str) -> Report:
    with books.look() as session:
        return REPORTS[name](session, as_of=ON, office_id=books.office_id, **asked_of(books, name))


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_report_of_the_catalogue_is_a_document_in_three_forms(books: Books, name: str) -> None:
    """JSON without floats and ids, CSV with one line for each row, a workbook that opens."""
    some_of_everything(books)
    report = answer(books, name)
    document = to_json(report, 2)
    assert json.loads(json.dumps(document, allow_nan=False), parse_float=pytest.fail) == document
    assert (document["report"], document["as_of"]) == (name, ON.isoformat())
    rows = document[report.table.name]
    assert rows
    assert not any(key == "id" or key.endswith("_id") for key in rows[0])
    read = list(csv.DictReader(io.StringIO(to_csv(report, 2))))
    assert [list(row) for row in read] == [list(row) for row in rows]
    money = [column.name for column in report.table.columns if column.kind is Kind.MONEY]
    amounts = [[row[column] for column in money] for row in rows]
    assert [[row[column] or None for column in money] for row in read] == amounts
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(report, 2, currency="KES")))
    cells = workbook.get_sheet_by_index(0).to_python()
    assert cells[0][0] == f"{report.title} · KES"
    header = next(place for place, line in enumerate(cells) if line[: len(rows[0])] == list(rows[0]))
    lines = [dict(zip(rows[0], line, strict=False)) for line in cells[header + 1 : header + 1 + len(rows)]]
    as_numbers = [[amount and float(amount) for amount in line] for line in amounts]
    assert [
        [None if line[column] == "" else line[column] for column in money] for line in lines
    ] == as_numbers


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_no_two_things_in_a_report_have_one_name(name: str) -> None:
    """Figures and tables are keys of one document; every report stands in a room of the list."""
    definition = REPORTS[name]
    keys = ["report", "title", "start", "as_of", "totals", "notes"]
    keys += [figure.name for figure in definition.figures] + [table.name for table in definition.tables]
    assert len(keys) == len(set(keys))
    for table in definition.tables:
        names = [column.name for column in written(table)]
        assert len(names) == len(set(names))
    assert definition.room in ROOMS
    assert set(definition.needs) <= set(definition.asks)


def test_money_in_documents_is_a_decimal_string_with_the_currencys_digits(books: Books) -> None:
    a_loan(books)
    with books.look() as session:
        report = REPORTS["trial-balance"](session, as_of=DAY)
    for digits, expected in ((2, "-1000.00"), (0, "-100000"), (3, "-100.000")):
        rows = {row["name"]: row for row in to_json(report, digits)["accounts"]}
        assert rows["Books brought in"]["closing"] == expected
    assert {type(value) for row in to_json(report, 2)["accounts"] for value in row.values()} == {str}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1"])
def test_no_text_becomes_a_formula_in_a_spreadsheet(books: Books, name: str) -> None:
    with books.work() as session:
        client = clients.register_client(session, name=name)
        product = books.savings_product("SAVE").id
        savings.open_account(session, client_id=client.id, product_id=product, opened_on=DAY)
    with books.look() as session:
        report = REPORTS["savings-balances"](session, as_of=DAY)
    (row,) = csv.DictReader(io.StringIO(to_csv(report, 2)))
    assert row["owner"] == f"'{name}"
    assert documents.harmless("Ann=") == "Ann="
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(report, 2))).get_sheet_by_index(0)
    assert sheet.to_python()[-1][1] == name


def test_a_negative_amount_in_csv_stays_a_number(books: Books) -> None:
    a_loan(books)
    with books.look() as session:
        text = to_csv(REPORTS["trial-balance"](session, as_of=DAY), 2)
    brought_in = next(row for row in csv.DictReader(io.StringIO(text)) if row["name"] == "Books brought in")
    assert brought_in["closing"] == "-1000.00"


def test_an_empty_report_is_a_document_too(books: Books) -> None:
    """With its columns, so that a program finds them on a day without rows."""
    with books.look() as session:
        report = REPORTS["active-loans"](session, as_of=DAY)
    assert to_json(report, 2)["loans"] == []
    assert to_csv(report, 2).startswith("number,owner,owner_number,group,product,officer")
    assert to_xlsx(report, 2)


def test_every_entry_is_asked_for_by_the_last_day_there_is(books: Books) -> None:
    a_loan(books)
    document = told(books, "trial-balance", as_of=date.max)
    assert (document["as_of"], document["debit"]) == (None, "1000.00")


def test_a_line_end_in_a_text_begins_no_line_of_a_table() -> None:
    """Also a CR that stands alone: what follows it would be a cell of its own, and perhaps a formula."""
    rows = [["a\r=HYPERLINK(1)", "b"], ["c\nd", "e,\r\n=1"], ["plain", ""]]
    out = io.StringIO()
    csv_rows(out).writerows(rows)
    text = out.getvalue()
    assert text == '"a\r=HYPERLINK(1)",b\n"c\nd","e,\r\n=1"\nplain,\n'
    assert list(csv.reader(io.StringIO(text, newline=""))) == rows
