"""People and accounts that tests of lending begin with, and what they look at afterwards."""

from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from banking import clients, loans, savings
from banking.reports import trial_balance
from ledger.money import Money
from schema.accounts import LoanAccount, LoanTransaction, SavingsAccount
from schema.invariants import check_invariants
from schema.tables import metadata
from tests.support.books import Books, money

DAY = date(2026, 1, 5)


def a_client(session: Session, name: str = "Wanjiku") -> int:
    """Register somebody."""
    return clients.register_client(session, name=name).id


def an_application(
    books: Books, session: Session, amount: str = "1000.00", code: str = "WEEKLY"
) -> LoanAccount:
    """Write down an application of a new client."""
    return loans.apply(
        session,
        client_id=a_client(session),
        product_id=books.loan_product(code).id,
        principal=money(amount),
        applied_on=DAY,
    )


def a_loan(
    books: Books, amount: str = "1000.00", code: str = "WEEKLY", on: date = DAY, till_id: int | None = None
) -> int:
    """Pay a loan out; gives its id."""
    with books.work("loan.disburse") as session:
        loan = an_application(books, session, amount, code)
        loans.approve(session, loan.id, DAY)
        loans.disburse(session, loan.id, on, till_id=till_id)
        return loan.id


def an_account(books: Books, code: str = "SAVE", opened_on: date | None = DAY) -> SavingsAccount:
    """Open a savings account of a new client."""
    product_id = books.savings_product(code).id
    with books.work("savings.open") as session:
        return savings.open_account(
            session, client_id=a_client(session), product_id=product_id, opened_on=opened_on
        )


def balances(books: Books) -> dict[str, Money]:
    """Give the closing balance of each GL account by name, debit-positive; those at zero are left out."""
    with books.look() as session:
        rows = trial_balance(session).accounts
    return {row.name: row.closing for row in rows if row.closing}


def broken(books: Books) -> list[str]:
    """List what does not hold in the whole database."""
    with books.look() as session:
        return [f"{check.name}: {check.detail}" for check in check_invariants(session) if not check.ok]


def row_counts(books: Books) -> dict[str, int]:
    """Count the rows of every table, to show that nothing was written."""
    with books.look() as session:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def all_cells(books: Books) -> dict[str, list[tuple[object, ...]]]:
    """Give every cell of every table, to show that nothing was changed."""
    with books.look() as session:
        connection = session.connection()
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(text(f'SELECT * FROM "{table.name}"'))), key=repr
            )
            for table in metadata.sorted_tables
        }


def newest_transaction(books: Books, loan_id: int) -> LoanTransaction:
    """Give the newest transaction of a loan."""
    with books.look() as session:
        newest = select(LoanTransaction).where(LoanTransaction.loan_account_id == loan_id)
        return session.scalars(newest.order_by(LoanTransaction.id.desc()).limit(1)).one()


def plant(books: Books, statement: str) -> None:
    """Write a fault into the file of plain books, past every guard, as a hostile or broken program could."""
    with books.database.writer.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        for table in metadata.sorted_tables:
            for action in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table.name}_refuses_{action}")
        connection.exec_driver_sql(statement)
