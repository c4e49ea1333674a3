"""The whole books for analysts: the journal as a Parquet file, or a DuckDB file with the tables beside it.

Amounts stand twice: as whole minor units (``…_minor``), and as exact decimals in major units. Rows go from
our tables to the file in pieces of one size, so that books of any length fit into the same memory. Names,
telephones, papers and addresses of clients, and the notes of entries, are left out unless somebody asks.

The files are written by the package ``duckdb``; those who want them install it (``satchel[analysts]``).
"""

import importlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.analyst_tables import JOURNAL, TABLES, Table
from ledger.errors import N_, RuleError
from schema.reading import fetch, fetch_one

PARQUET, DUCKDB = "parquet", "duckdb"
ANALYST_FORMATS: Final = (PARQUET, DUCKDB)
ROWS_AT_ONCE: Final = 50_000
ROW_GROUP: Final = 100_000
_NULL: Final = "\\N"
_MEMORY: Final = "400MB"


class NoAnalystPackageError(RuleError):
    """The package that writes these files is not there. Facts: form, package."""

    code = "NO_ANALYST_PACKAGE"
    message = N_(
        "Files as “{form}” are written by the package {package}, which is not installed here. Install it"
        " beside Satchel with: pip install {package}. Nothing was written."
    )


@dataclass(frozen=True, slots=True)
class Written:
    """How many entries and lines of the journal stand in a file."""

    entries: int
    lines: int


def write_for_analysts(
    session: Session, form: str, out: Path, *, office_id: int | None = None, private: bool = False
) -> Written:
    """Write the journal, and for DuckDB the tables beside it, to a new file.

    form       one of ``ANALYST_FORMATS``
    office_id  only what this office wrote; None for all
    private    with names, telephones, papers, addresses and notes
    raises     NoAnalystPackageError; OSError
    """
    try:
        duckdb: Any = importlib.import_module("duckdb")
    except ImportError:
        raise NoAnalystPackageError(form=form, package="duckdb") from None
    with TemporaryDirectory(dir=out.parent, prefix=".analysts-") as folder:
        place = Path(folder)
        made = place / "books.duckdb"
        connection = duckdb.connect(
            str(made), config={"memory_limit": _MEMORY, "threads": "1", "temp_directory": str(place / "more")}
        )
        try:
            filling = _Filling(session, connection, place / "rows.csv", office_id, private=private)
            for table in (JOURNAL,) if form == PARQUET else (JOURNAL, *TABLES):
                filling.fill(table)
            found = connection.execute("SELECT count(DISTINCT entry_id), count(*) FROM journal").fetchone()
            if form == PARQUET:
                made = place / "journal.parquet"
                connection.execute(
                    f"COPY journal TO '{_quoted(made)}' (FORMAT parquet, ROW_GROUP_SIZE {ROW_GROUP},"
                    " COMPRESSION zstd)"
                )
        except duckdb.IOException as fault:
            raise OSError(str(fault)) from fault
        finally:
            connection.close()
        made.chmod(0o444)
        with suppress(FileNotFoundError):
            out.chmod(0o644)  # one that was written before: where files are locked, it is not replaced else
        made.replace(out)
    return Written(*found)


def _cell(value: object) -> str:
    """Write a value in quotes, whatever stands in it; only what is not there has none."""
    return _NULL if value is None else '"' + str(value).replace('"', '""') + '"'


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


@dataclass(frozen=True, slots=True)
class _Filling:
    """A DuckDB file that is being filled, table by table, through a text file of one piece after another."""

    session: Session
    connection: Any
    piece: Path
    office_id: int | None
    private: bool

    def fill(self, table: Table) -> None:
        """Make a table and bring all its rows in."""
        digits = int((fetch_one(self.session, "SELECT digits FROM institution") or (0,))[0])
        columns = [column for column in table.columns if self.private or not column.private]
        declared = ", ".join(f"'{column.name}': '{column.raw}'" for column in columns)
        wanted = ", ".join(column.shown(digits) for column in columns)
        source = (
            f"SELECT {wanted} FROM read_csv('{_quoted(self.piece)}', columns={{{declared}}},"  # noqa: S608
            f" header=false, auto_detect=false, delim=',', quote='\"', escape='\"', nullstr='{_NULL}',"
            " allow_quoted_nulls=false, new_line='\\n', parallel=false)"
        )
        kept = [at for at, column in enumerate(table.columns) if self.private or not column.private]
        made = False
        for rows in chain(self._pieces(table), [()]):
            if rows or not made:
                self._write(rows, kept)
                verb = f"INSERT INTO {table.name}" if made else f"CREATE TABLE {table.name} AS"
                self.connection.execute(f"{verb} {source}")
                made = True

    def _pieces(self, table: Table) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Read the rows in pieces; the first column, an id, says where the next one begins."""
        if not table.paged:
            yield fetch(self.session, table.statement.format(only=self._only(table)))
            return
        after = -1
        while True:
            statement = table.statement.format(only=self._only(table), most=ROWS_AT_ONCE)
            given = (after,) * statement.count("?")
            rows = fetch(self.session, statement, *given)
            if not rows:
                return
            yield rows
            after = rows[-1][0]

    def _only(self, table: Table) -> str:
        return f" AND {table.office} = {int(self.office_id)}" if self.office_id is not None else ""

    def _write(self, rows: Sequence[tuple[Any, ...]], kept: Sequence[int]) -> None:
        with self.piece.open("w", encoding="utf-8", newline="") as file:
            file.writelines(",".join(_cell(row[at]) for at in kept) + "\n" for row in rows)
