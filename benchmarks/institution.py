"""A whole institution of any size, made in bulk inside the database: SQLite or PostgreSQL, the same rows.

Branches, clients with a loan each, its rows, its payments, the journal of them, and what is kept beside it:
sums by day and month, where each loan stands. Nothing is signed: what is measured on it only reads.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from banking.standard import add_office, create_standard_reference
from schema.base import first_id
from schema.database import Database
from schema.reading import connection_of, execute, fetch
from schema.standings import refresh_standings
from schema.tables import metadata
from schema.writing import Act, declare

FIRST: Final = date(2025, 1, 1)
AS_OF: Final = date(2026, 6, 30)
ROWS: Final = 14
EVERY_DAYS: Final = 30
PRINCIPAL: Final = 1_400_000
SHARE: Final = PRINCIPAL // ROWS
INTEREST: Final = 2_500
PAID_BY_LATE: Final = 3
"""One loan in ten stops after so many rows."""

_BASE: Final = {"client": 1, "loan_account": 2, "installment": 3, "loan_transaction": 5, "journal_entry": 6}
_STEP: Final = 1 << 34
"""Ids of a table begin at a multiple of this: far apart, and all below the ids of a device."""


class _Ids:
    """Gives ids of headquarters' device."""

    def __init__(self) -> None:
        self._last = first_id(1)

    def take(self) -> int:
        """Give the next id."""
        self._last += 1
        return self._last


def make_institution(database: Database, branches: int, loans: int) -> None:
    """Fill an empty database: ``loans`` spread evenly over ``branches``, paid out over half a year."""
    with database.writer.begin() as connection:
        metadata.create_all(connection)
    with database.writing() as session:
        act = Act("measure", 0, 1, 0, "HQ", "KES", 2, FIRST, datetime(2025, 1, 1, tzinfo=UTC), _Ids())
        declare(session, act)
        create_standard_reference(
            session, institution_public_id=bytes(16), name="Measured", currency="KES", digits=2
        )
        offices = [
            add_office(session, 2 + place, f"B{place:03}", f"Branch {place}").id for place in range(branches)
        ]
    with database.writing() as session:
        if not database.is_sqlite:
            _run(session, "SET LOCAL session_replication_role = replica")  # rows are consistent as made
        _beside(session, offices, loans)
        _lend(session)
        _pay(session)
        _book(session)
        _add_up(session)
    _analyze(database)
    for office in offices:
        with database.writing() as session:
            refresh_standings(session, office)
    _analyze(database)


def _analyze(database: Database) -> None:
    with database.writer.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _run(session: Session, statement: str) -> None:
    connection = connection_of(session)
    connection.exec_driver_sql(
        statement if connection.dialect.name == "sqlite" else statement.replace("%", "%%")
    )


def _beside(session: Session, offices: list[int], loans: int) -> None:
    """Make tables of numbers, days and offices, which the rows are made from and which go afterwards."""
    mark = "?" if connection_of(session).dialect.name == "sqlite" else "%s"
    _run(session, "CREATE TEMPORARY TABLE numbers (n BIGINT PRIMARY KEY)")
    numbers = [(n,) for n in range(1000)]
    execute(session, f"INSERT INTO numbers VALUES ({mark})", numbers)  # noqa: S608 - only a mark
    _run(session, "CREATE TEMPORARY TABLE days (n BIGINT PRIMARY KEY, day TEXT)")
    span = (AS_OF - FIRST).days + EVERY_DAYS * ROWS
    days = [(n, (FIRST + timedelta(days=n)).isoformat()) for n in range(span)]
    execute(session, f"INSERT INTO days VALUES ({mark}, {mark})", days)  # noqa: S608 - only marks
    _run(session, "CREATE TEMPORARY TABLE places (n BIGINT PRIMARY KEY, id BIGINT)")
    places = list(enumerate(offices))
    execute(session, f"INSERT INTO places VALUES ({mark}, {mark})", places)  # noqa: S608 - only marks
    _run(
        session,
        "CREATE TEMPORARY TABLE lent (n BIGINT PRIMARY KEY, office BIGINT, out BIGINT, rows_paid BIGINT)",
    )
    last = (AS_OF - FIRST).days
    _run(
        session,
        f"""
        INSERT INTO lent
        SELECT n, (SELECT id FROM places WHERE places.n = made.n % {len(offices)}), out,
               CASE WHEN n % 10 = 0 THEN {PAID_BY_LATE} WHEN due > {ROWS} THEN {ROWS} ELSE due END
          FROM (SELECT n, (n * 7) % 180 AS out, ({last} - (n * 7) % 180) / {EVERY_DAYS} AS due
                  FROM (SELECT a.n + 1000 * b.n AS n FROM numbers AS a, numbers AS b
                         WHERE b.n < {-(-loans // 1000)}) AS every
                 WHERE n < {loans}) AS made
        """,  # noqa: S608 - our own numbers
    )


def _make(session: Session, table: str, values: Mapping[str, str], source: str) -> None:
    """Insert a row of ``table`` for each row of ``source``; columns without a value take zero or no text."""
    columns = dict(values)
    for column in metadata.tables[table].columns:
        if column.name not in columns and not column.nullable:
            default = getattr(column.default, "arg", None)
            plain = getattr(default, "minor", default)
            is_text = "CHAR" in str(column.type.dialect_impl(connection_of(session).dialect)).upper()
            is_text = is_text or "TEXT" in str(column.type).upper()
            columns[column.name] = f"'{plain or ''}'" if is_text else str(plain or 0)
    names = ", ".join(f'"{name}"' for name in columns)
    _run(session, f"INSERT INTO {table} ({names}) SELECT {', '.join(columns.values())} FROM {source}")  # noqa: S608 - ours


def _id(table: str, number: str) -> str:
    return f"{_BASE[table] * _STEP} + {number}"


def _lend(session: Session) -> None:
    [(product,)] = fetch(session, "SELECT id FROM loan_product WHERE code = 'MONTHLY'")
    _make(session, "client", {
        "id": _id("client", "l.n"), "number": "'C' || l.n", "name": "'Client ' || l.n",
        "given_name": "'Given'", "state": "'active'", "joined_on": "NULL", "origin_office_id": "l.office",
    }, "lent AS l")  # fmt: skip
    _make(session, "loan_account", {
        "id": _id("loan_account", "l.n"), "number": "'L' || l.n", "client_id": _id("client", "l.n"),
        "product_id": str(product), "status": "'active'", "principal": str(PRINCIPAL), "annual_rate": "'24'",
        "interest_type": "'FLAT'", "installments": str(ROWS), "repay_every": "1", "repay_unit": "'MONTHS'",
        "disbursed_on": "d.day", "applied_on": "d.day", "origin_office_id": "l.office",
    }, "lent AS l JOIN days AS d ON d.n = l.out")  # fmt: skip
    _make(session, "installment", {
        "id": _id("installment", f"l.n * {ROWS} + r.n"), "loan_account_id": _id("loan_account", "l.n"),
        "number": "r.n + 1", "due_on": "d.day", "principal": str(SHARE), "interest": str(INTEREST),
        "origin_office_id": "l.office",
    }, _rows_of(str(ROWS)))  # fmt: skip


def _rows_of(most: str) -> str:
    """Each row ``r`` (from 0) of each loan ``l`` with its due day ``d``."""
    return (
        f"lent AS l JOIN numbers AS r ON r.n < {most} "
        f"JOIN days AS d ON d.n = l.out + {EVERY_DAYS} * (r.n + 1)"
    )


def _moved(number: str) -> str:
    """Number of a movement of a loan: 0 is what was paid out."""
    return f"l.n * {ROWS + 1} + {number}"


def _pay(session: Session) -> None:
    common = {
        "loan_account_id": _id("loan_account", "l.n"), "value_date": "d.day", "booked_on": "d.day",
        "recorded_at": "1735689600000", "origin_office_id": "l.office",
    }  # fmt: skip
    out = "lent AS l JOIN days AS d ON d.n = l.out"
    _make(session, "loan_transaction", common | {
        "id": _id("loan_transaction", _moved("0")), "kind": "'disbursement'", "amount": str(PRINCIPAL),
        "principal": str(PRINCIPAL), "journal_entry_id": _id("journal_entry", _moved("0")),
    }, out)  # fmt: skip
    _make(session, "loan_transaction", common | {
        "id": _id("loan_transaction", _moved("1 + r.n")), "kind": "'repayment'",
        "amount": str(SHARE + INTEREST), "principal": str(SHARE), "interest": str(INTEREST),
        "journal_entry_id": _id("journal_entry", _moved("1 + r.n")),
        "receipt": "'R-' || l.n || '-' || r.n",
    }, _rows_of("l.rows_paid"))  # fmt: skip
    _make(session, "loan_transaction_share", {
        "id": f"{7 * _STEP} + {_moved('1 + r.n')}",
        "loan_transaction_id": _id("loan_transaction", _moved("1 + r.n")),
        "installment_id": _id("installment", f"l.n * {ROWS} + r.n"), "principal": str(SHARE),
        "interest": str(INTEREST), "origin_office_id": "l.office",
    }, _rows_of("l.rows_paid"))  # fmt: skip


def _book(session: Session) -> None:
    accounts = dict(fetch(session, "SELECT role, id FROM gl_account WHERE role <> ''"))
    [(portfolio, interest)] = fetch(
        session, "SELECT gl_portfolio_id, gl_interest_id FROM loan_product WHERE code = 'MONTHLY'"
    )
    cash = accounts["cash"]
    out, paid = "lent AS l JOIN days AS d ON d.n = l.out", _rows_of("l.rows_paid")
    for kind, number, source in (("loan_disbursement", "0", out), ("loan_repayment", "1 + r.n", paid)):
        _make(session, "journal_entry", {
            "id": _id("journal_entry", _moved(number)), "kind": f"'{kind}'", "value_date": "d.day",
            "booked_on": "d.day", "recorded_at": "1735689600000", "origin_office_id": "l.office",
        }, source)  # fmt: skip
    sides = (
        ("0", out, 0, portfolio, PRINCIPAL, 0),
        ("0", out, 1, cash, 0, PRINCIPAL),
        ("1 + r.n", paid, 0, cash, SHARE + INTEREST, 0),
        ("1 + r.n", paid, 1, portfolio, 0, SHARE),
        ("1 + r.n", paid, 2, interest, 0, INTEREST),
    )
    for number, source, side, account, debit, credit in sides:
        _make(session, "journal_line", {
            "id": f"{8 * _STEP} + 3 * ({_moved(number)}) + {side}",
            "journal_entry_id": _id("journal_entry", _moved(number)), "gl_account_id": str(account),
            "currency": "'KES'", "debit": str(debit), "credit": str(credit), "origin_office_id": "l.office",
        }, source)  # fmt: skip


def _add_up(session: Session) -> None:
    _run(
        session,
        "INSERT INTO gl_day_total (origin_office_id, gl_account_id, booked_on, debit, credit) "
        "SELECT l.origin_office_id, l.gl_account_id, e.booked_on, CAST(sum(l.debit) AS BIGINT), "
        "CAST(sum(l.credit) AS BIGINT) FROM journal_line AS l "
        "JOIN journal_entry AS e ON e.id = l.journal_entry_id GROUP BY 1, 2, 3",
    )
    _run(
        session,
        "INSERT INTO gl_month_total (origin_office_id, gl_account_id, month, debit, credit) "
        "SELECT origin_office_id, gl_account_id, substr(booked_on, 1, 7) || '-01', "
        "CAST(sum(debit) AS BIGINT), CAST(sum(credit) AS BIGINT) FROM gl_day_total GROUP BY 1, 2, 3",
    )
