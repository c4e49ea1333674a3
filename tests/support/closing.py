"""Closing days of test books, and what tests ask of them."""

from datetime import date

from sqlalchemy import select

from banking import days
from banking.closing.steps import StepDone
from ledger.money import Money
from schema.accounting import JournalEntry
from schema.products import LoanProduct
from schema.writing import update
from tests.support.books import Books
from tests.support.lending import balances


def accrue(books: Books, code: str = "WEEKLY", **terms: object) -> None:
    """Let a standard product accrue day by day, or as ``terms`` say."""
    with books.hq_work() as session:
        product = session.scalars(select(LoanProduct).where(LoanProduct.code == code)).one()
        update(session, product, **{"accrual": "periodic", **terms})


def close_on(books: Books, on: date) -> dict[str, StepDone]:
    """Open and close a day; gives what each step did."""
    with books.work("day.open") as session:
        days.open_day(session, on)
    with books.work("day.close") as session:
        return {step.name: step for step in days.close_business(session).steps}


def standing(books: Books, name: str) -> Money:
    """Give the debit-positive balance of a GL account by name."""
    return balances(books).get(name, Money(0))


def entries(books: Books, kind: str) -> list[JournalEntry]:
    """List the entries of a kind in the order made."""
    with books.look() as session:
        found = select(JournalEntry).where(JournalEntry.kind == kind).order_by(JournalEntry.id)
        return list(session.scalars(found))
