"""The journal for other tools: the real ones read it, and their balances are ours to the cent."""

import csv
import io
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from banking.books import ManualLine, post, post_manual, reverse_manual
from banking.ledger_export import LEDGER_FORMATS, write_ledger
from banking.reports.documents import harmless
from banking.reports.ledger_books import trial_balance
from banking.standard import add_office, create_standard_reference
from ledger.money import format_major
from ledger.posting import entry_between
from schema.accounting import JournalEntry
from schema.reference import GLAccount, Office
from schema.writing import insert
from tests.support.books import ENCRYPTED, PLAIN, SERVER, Books, empty_database, money, open_books

JANUARY_1, JANUARY_31 = date(2026, 1, 1), date(2026, 1, 31)
ODD_NOTES = (
    'he said "yes" and \\ no',
    "rent; house 7, office:GUL | see page 3",
    "Ünïcodé ✓ ነጋሪ मनोज  * ! #tag ^link",
    "2026-02-30 open Assets:Nothing",
    "comment { } [2026-01-01] (x) = @ 5 KES",
    "\\",
    "=1+1",
)
ODD_NAMES = ("petty cash (old) — “box”", "काठमाडौं शाखा", "Petty cash: old; box", "a" * 120)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """Books of the branch KIT."""
    opened = open_books(empty_database(PLAIN, tmp_path))
    yield opened
    opened.database.close()


def _post(books: Books, amount: str, debit: str, credit: str, on: date, note: str) -> JournalEntry:
    given = money(amount, books.digits)
    lines = [ManualLine(debit, debit=given), ManualLine(credit, credit=given)]
    with books.work("manual") as session:
        return post_manual(session, lines, value_date=on, note=note)


def _fill(books: Books) -> None:
    """Post to accounts of every type and of odd names, on days out of order, with a reversal."""
    with books.hq_work() as session:
        for number, name in enumerate(ODD_NAMES):
            insert(session, GLAccount(code=f"x {number}:é", name=name, type="asset"))
        insert(session, GLAccount(code="1110 Cash", name="in hand", type="asset"))
        insert(session, GLAccount(code="—", name="“ ”", type="equity"))
    books.today = JANUARY_31
    unit = "1" if books.digits == 0 else "0." + "1".rjust(books.digits, "0")
    _post(books, "1500000", "1130", "3100", JANUARY_31, "Share capital paid in")
    _post(books, "1234567", "1110", "1130", JANUARY_1, "Cash fetched")
    for index, note in enumerate(ODD_NOTES):
        _post(books, unit, "5320", f"x {index % len(ODD_NAMES)}:é", date(2026, 1, 2 + index), note)
    _post(books, "20", "1110 Cash", "4150", date(2026, 1, 15), "Found")
    _post(books, "30", "5340", "—", date(2026, 1, 15), "Unnamed")
    wrong = _post(books, "999", "5310", "1110", date(2026, 1, 20), "Wages")
    with books.work("manual") as session:
        reverse_manual(session, wrong.id, reason="Wrong amount", on=date(2026, 1, 21))


def _written(books: Books, form: str, *, office_id: int | None = None) -> str:
    out = io.StringIO()
    with books.look() as session:
        write_ledger(session, form, out, office_id=office_id)
    return out.getvalue()


def _ours(books: Books, *, office_id: int | None = None) -> dict[str, Decimal]:
    """Give our trial balance: the closing of each account that is not zero, by code."""
    with books.look() as session:
        rows = trial_balance(session, office_id=office_id).accounts
    return {row.code: Decimal(format_major(row.closing, books.digits)) for row in rows if row.closing}


def _codes(books: Books) -> dict[str, str]:
    """Read the way back from an account's name in the other tools to our code, from the CSV."""
    rows = csv.DictReader(io.StringIO(_written(books, "csv")))
    return {row["account"]: row["code"] for row in rows}


def _run(*command: str) -> str:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stderr == ""
    return answer.stdout


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _by_bean_query(file: Path) -> dict[str, Decimal]:
    query = "SELECT account, number(only('KES', sum(position))) AS n GROUP BY account ORDER BY account"
    rows = csv.DictReader(io.StringIO(_run(_tool("bean-query"), "-f", "csv", str(file), query)))
    return {row["account"]: Decimal(row["n"]) for row in rows if Decimal(row["n"])}


def _by_hledger(file: Path, *more: str) -> dict[str, Decimal]:
    command = ("hledger", "-f", str(file), "--strict", "bal", "--flat", "-N", "-O", "json", *more)
    accounts = json.loads(_run(*command))[0]
    amounts: dict[str, Decimal] = {}
    for name, _, _, found in accounts:
        assert [amount["acommodity"] for amount in found] == ["KES"]
        quantity = found[0]["aquantity"]
        amounts[name] = Decimal(quantity["decimalMantissa"]).scaleb(-quantity["decimalPlaces"])
    return amounts


def _as_codes(books: Books, balances: dict[str, Decimal]) -> dict[str, Decimal]:
    codes = _codes(books)
    return {codes[name]: amount for name, amount in balances.items()}


def test_bean_check_accepts_the_file_and_bean_query_has_our_balances(books: Books, tmp_path: Path) -> None:
    """Whatever people wrote into names and notes."""
    _fill(books)
    file = tmp_path / "books.beancount"
    file.write_text(_written(books, "beancount"), encoding="utf-8")
    assert _run(_tool("bean-check"), "--no-cache", str(file)) == ""
    assert _as_codes(books, _by_bean_query(file)) == _ours(books)


def test_hledger_accepts_the_file_strictly_and_has_our_balances(books: Books, tmp_path: Path) -> None:
    """Strictly: every account and currency is declared."""
    _fill(books)
    file = tmp_path / "books.journal"
    file.write_text(_written(books, "hledger"), encoding="utf-8")
    assert _as_codes(books, _by_hledger(file)) == _ours(books)


def test_hledger_finds_offices_by_tag_whatever_a_note_says(books: Books, tmp_path: Path) -> None:
    """A note that looks like a tag is none."""
    _fill(books)
    file = tmp_path / "books.journal"
    file.write_text(_written(books, "hledger"), encoding="utf-8")
    assert _by_hledger(file, "tag:office=GUL") == {}
    assert _as_codes(books, _by_hledger(file, "tag:office=KIT")) == _ours(books)


@pytest.mark.parametrize("digits", [0, 3])
def test_currencies_without_and_with_three_decimals_are_exact(tmp_path: Path, digits: int) -> None:
    """The smallest unit is neither lost nor read as a thousand."""
    books = Books(empty_database(PLAIN, tmp_path), digits=digits)
    with books.hq_work() as session:
        create_standard_reference(
            session, institution_public_id=bytes(16), name="X", currency="KES", digits=digits
        )
        books.office_id = add_office(session, 2, "KIT", "Kitale").id
        books.head_office_id = session.scalars(select(Office.id).where(Office.code == "HQ")).one()
    _fill(books)
    for form, read in (("beancount", _by_bean_query), ("hledger", _by_hledger)):
        file = tmp_path / f"books.{form}"
        file.write_text(_written(books, form), encoding="utf-8")
        assert _as_codes(books, read(file)) == _ours(books)
    books.database.close()


@pytest.mark.parametrize("form", LEDGER_FORMATS)
def test_entries_and_lines_are_counted_and_bytes_repeat(books: Books, form: str) -> None:
    """The same books give the same file, and the counts are the journal's."""
    _fill(books)
    out = io.StringIO()
    with books.look() as session:
        entries, lines = write_ledger(session, form, out)
        assert entries == len(session.scalars(select(JournalEntry.id)).all())
    assert lines == 2 * entries
    assert out.getvalue() == _written(books, form)


def test_csv_has_every_line_in_order_and_keeps_notes(books: Books) -> None:
    """By day and entry; notes to the letter, but that none is a formula for a spreadsheet."""
    _fill(books)
    rows = list(csv.DictReader(io.StringIO(_written(books, "csv"))))
    assert [(row["date"], int(row["entry"])) for row in rows] == sorted(
        (row["date"], int(row["entry"])) for row in rows
    )
    balances: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        balances[row["code"]] += Decimal(row["debit"]) - Decimal(row["credit"])
        assert (Decimal(row["debit"]) == 0) != (Decimal(row["credit"]) == 0)
    assert {code: amount for code, amount in balances.items() if amount} == _ours(books)
    assert {harmless(note) for note in ODD_NOTES} <= {row["note"] for row in rows}
    assert "'=1+1" in {row["note"] for row in rows}
    reversal = [row for row in rows if row["reverses"]]
    assert {row["reverses"] for row in reversal} == {row["entry"] for row in rows if row["note"] == "Wages"}


def test_each_name_stands_for_one_account(books: Books) -> None:
    """Two accounts whose names differ only in characters that others do not allow keep apart."""
    _fill(books)
    codes = _codes(books)
    assert len(set(codes.values())) == len(codes)
    assert codes["Assets:1110-Cash-in-hand"] == "1110"
    assert codes["Assets:1110-Cash-in-hand-2"] == "1110 Cash"


def test_one_office_is_written_alone(books: Books, tmp_path: Path) -> None:
    """The file of a branch has its own entries and its own balances."""
    _fill(books)
    with books.hq_work("manual") as session:
        five = money("5")
        post_manual(
            session,
            [ManualLine("5320", debit=five), ManualLine("1130", credit=five)],
            value_date=JANUARY_1,
            note="Rent of head office",
        )
    file = tmp_path / "hq.beancount"
    file.write_text(_written(books, "beancount", office_id=books.head_office_id), encoding="utf-8")
    codes = _codes(books)
    expected = {"5320": Decimal(5), "1130": Decimal(-5)}
    assert {codes[name]: amount for name, amount in _by_bean_query(file).items()} == expected
    assert _ours(books, office_id=books.head_office_id) == expected


def test_empty_books_are_a_file_that_the_tools_accept(books: Books, tmp_path: Path) -> None:
    """A branch on its first morning can export too."""
    file = tmp_path / "empty.beancount"
    file.write_text(_written(books, "beancount"), encoding="utf-8")
    assert _run(_tool("bean-check"), "--no-cache", str(file)) == ""
    file = tmp_path / "empty.journal"
    file.write_text(_written(books, "hledger"), encoding="utf-8")
    assert _run("hledger", "-f", str(file), "--strict", "check") == ""


def test_every_entry_leads_back_to_its_row_and_its_instant(books: Books) -> None:
    """With id, device and instant an auditor finds the signed changeset of an entry."""
    _fill(books)
    with books.look() as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.note == "Cash fetched")).one()
    text = _written(books, "beancount")
    block = next(block for block in text.split("\n\n") if "Cash fetched" in block)
    assert f'entry: "{entry.id}"' in block
    assert 'device: "100"' in block
    assert f'recorded_at: "{entry.recorded_at:%Y-%m-%dT%H:%M:%S}' in block
    assert f'value_date: "{JANUARY_1}"' in block


def test_every_kind_of_database_gives_the_same_bytes(
    books: Books, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A file of ours, encrypted or not, and a PostgreSQL server."""
    _fill(books)
    for kind in (ENCRYPTED, SERVER):
        (tmp_path / kind).mkdir()
        url = request.getfixturevalue("postgres_url") if kind == SERVER else None
        other = open_books(empty_database(kind, tmp_path / kind, url))
        _fill(other)
        for form in LEDGER_FORMATS:
            assert _written(other, form) == _written(books, form)
        other.database.close()


@pytest.mark.parametrize("form", LEDGER_FORMATS)
def test_what_a_hostile_branch_calls_an_entry_makes_no_entry_of_its_own(books: Books, form: str) -> None:
    """Nor a formula: the kind of an entry is a text that another program may fill as it likes."""
    kind = "=1\n2026-01-01 * more\n  Assets:A  9 KES\n  Assets:B"
    codes = ("1110", "1130")
    with books.work("test") as session:
        by_code = {one.code: one.id for one in session.scalars(select(GLAccount))}
        entry = entry_between(kind, *codes, money("1", books.digits))
        post(session, entry, {code: by_code[code] for code in codes}, value_date=books.today)
    text = _written(books, form)
    if form == "csv":
        assert {row["kind"] for row in csv.DictReader(io.StringIO(text, newline=""))} == {f"'{kind}"}
    else:
        assert not [
            line for line in text.splitlines() if line.startswith(("2026-01-01 * more", "  Assets:A "))
        ]
