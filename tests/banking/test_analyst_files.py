"""Books for analysts, read back with DuckDB: every figure is ours to the last unit."""

import importlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from banking import analyst_files
from banking.analyst_files import ANALYST_FORMATS, DUCKDB, PARQUET, NoAnalystPackageError, write_for_analysts
from banking.books import ManualLine, post_manual, reverse_manual
from banking.clients import register_client
from banking.reports.ledger_books import trial_balance
from tests.support.books import PLAIN, SERVER, Books, empty_database, money, open_books

HOSTILE = ("a\r=HYPERLINK(1),b", "\\N", "two\nlines\r\nmore")
"""Notes that another program than ours may send: no capture lets a line end through."""


@pytest.fixture(params=[PLAIN, SERVER])
def books(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Books]:
    """Books with entries on days out of order, a reversal, and a client."""
    url = str(request.getfixturevalue("postgres_url")) if request.param == SERVER else None
    made = open_books(empty_database(str(request.param), tmp_path, url))
    monkeypatch.setattr("banking.text._UNSEEN", frozenset())
    for on, amount, note in (
        (date(2026, 1, 20), "1200.55", 'he said "yes", and\\N no'),
        (date(2026, 1, 3), "0.01", "rent; house 7"),
        *((date(2026, 1, 9), "3.00", note) for note in HOSTILE),
        (date(2026, 2, 1), "9999999999999.99", "Ünïcodé ✓ नमस्ते"),
    ):
        given = money(amount, made.digits)
        with made.work("manual") as session:
            posted = post_manual(
                session,
                [ManualLine("5320", debit=given), ManualLine("1130", credit=given)],
                value_date=on,
                note=note,
            )
    with made.work("manual") as session:
        reverse_manual(session, posted.id, reason="twice", on=date(2026, 2, 2))
        register_client(session, name="Wanjiku", phone="0722000111", born_on=date(1990, 5, 6))
    yield made
    made.database.close()


def write(
    books: Books, form: str, folder: Path, *, office_id: int | None = None, private: bool = False
) -> Path:
    with books.look() as session:
        out = folder / f"books.{form}"
        write_for_analysts(session, form, out, office_id=office_id, private=private)
    return folder / f"books.{form}"


@pytest.mark.parametrize("form", ANALYST_FORMATS)
def test_the_journal_adds_up_to_the_trial_balance(books: Books, tmp_path: Path, form: str) -> None:
    """Both as whole minor units and as decimals; pieces of any size give the same."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(analyst_files, "ROWS_AT_ONCE", 3)
        file = write(books, form, tmp_path)
    source = f"'{file}'" if form == PARQUET else "journal"
    with duckdb.connect(":memory:" if form == PARQUET else str(file), read_only=form == DUCKDB) as opened:
        found = opened.execute(
            f"SELECT account, sum(debit_minor) - sum(credit_minor), sum(debit) - sum(credit) FROM {source}"
            " GROUP BY account ORDER BY account"
        ).fetchall()
        named = {row[0] for row in opened.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    with books.look() as session:
        ours = {row.code: row.closing.minor for row in trial_balance(session).accounts if row.closing}
    assert {code: minor for code, minor, _ in found if minor} == ours
    assert all(major == Decimal(minor) / 10**books.digits for _, minor, major in found)
    assert "note" not in named
    assert list(tmp_path.glob(".analysts-*")) == [], "nothing is left beside the file"


def test_the_tables_beside_the_journal_say_the_same(books: Books, tmp_path: Path) -> None:
    file = write(books, DUCKDB, tmp_path, office_id=books.office_id)
    file = write(books, DUCKDB, tmp_path, office_id=books.office_id)
    assert file.stat().st_mode & 0o222 == 0, "analysts open it to read"
    with duckdb.connect(str(file), read_only=True) as opened:
        months = opened.execute(
            "SELECT month, sum(debit_minor), sum(credit_minor) FROM gl_by_month GROUP BY 1 ORDER BY 1"
        ).fetchall()
        lines = opened.execute(
            "SELECT CAST(date_trunc('month', booked_on) AS DATE), sum(debit_minor), sum(credit_minor)"
            " FROM journal GROUP BY 1 ORDER BY 1"
        ).fetchall()
        assert months == lines
        assert opened.execute("SELECT number, born_in FROM clients").fetchall()[0][1] == 1990
        names = {row[0] for row in opened.execute("DESCRIBE clients").fetchall()}
        assert not names & {"name", "phone", "national_id", "address", "born_on"}
        assert opened.execute("SELECT count(*) FROM accounts WHERE role = 'unallocated'").fetchone() == (1,)
        for table in ("loans", "savings"):
            assert opened.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    private = write(books, DUCKDB, tmp_path, private=True)
    with duckdb.connect(str(private), read_only=True) as opened:
        assert opened.execute("SELECT name, phone FROM clients").fetchall() == [("Wanjiku", "0722000111")]
        notes = {row[0] for row in opened.execute("SELECT DISTINCT note FROM journal").fetchall()}
    assert {'he said "yes", and\\N no', "Ünïcodé ✓ नमस्ते", *HOSTILE} <= notes


def test_without_the_package_it_is_named(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", nothing)
    with books.look() as session, pytest.raises(NoAnalystPackageError, match="pip install duckdb"):
        write_for_analysts(session, PARQUET, tmp_path / "x.parquet")
    assert list(tmp_path.glob("x*")) == []
