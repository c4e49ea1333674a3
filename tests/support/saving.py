"""Savings accounts and products that tests of savings begin with."""

from datetime import date

from sqlalchemy import select

from banking import books as journal
from banking import savings, savings_book, savings_legs
from banking.books import account_with_role
from banking.cash import cash_leg
from ledger.money import Money
from ledger.posting import Role, entry_between
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.products import SavingsProduct
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import DAY, an_account


def terms(books: Books, code: str = "SAVE", **changed: object) -> None:
    """Change the terms of a standard product before anybody saves under it."""
    with books.hq_work() as session:
        product = session.scalars(select(SavingsProduct).where(SavingsProduct.code == code)).one()
        update(session, product, **changed)


def saver(books: Books, amount: str = "", on: date = DAY, code: str = "SAVE") -> int:
    """Open an account for a new client, with a deposit; gives its id."""
    account = an_account(books, code, on)
    if amount:
        put(books, account.id, amount, on)
    return account.id


def put(books: Books, account_id: int, amount: str, on: date = DAY) -> SavingsTransaction:
    """Pay in at the till."""
    with books.work("savings.deposit") as session:
        return savings.deposit(session, account_id, money(amount), on, till_id=books.till_id)


def take(books: Books, account_id: int, amount: str, on: date = DAY) -> SavingsTransaction:
    """Pay out at the till."""
    with books.work("savings.withdraw") as session:
        return savings.withdraw(session, account_id, money(amount), on, till_id=books.till_id)


def leg(
    books: Books, account_id: int, amount: str, kind: str, on: date = DAY, *, out: bool = True
) -> SavingsTransaction:
    """Move money between an account and the till by a posting of somebody else's."""
    with books.work("elsewhere") as session:
        accounts = {
            Role.SAVINGS_DEPOSITS: savings_book.leg_account(session, account_id, on),
            Role.CASH: cash_leg(session, books.till_id).account_id,
            Role.INTEREST_INCOME: account_with_role(session, Role.INTEREST_INCOME),
        }
        other = Role.INTEREST_INCOME if kind == "loan_payment" else Role.CASH
        pair = (Role.SAVINGS_DEPOSITS, other) if out else (other, Role.SAVINGS_DEPOSITS)
        entry = entry_between("elsewhere", *pair, money(amount))
        posted = journal.post(session, entry, accounts, value_date=on)  # type: ignore[arg-type]  # the test knows its type
        move = savings_legs.move_out if out else savings_legs.move_in
        return move(session, account_id, money(amount), on, kind, posted=posted)


def account_of(books: Books, account_id: int) -> SavingsAccount:
    """Give an account as it stands."""
    with books.look() as session:
        return session.get_one(SavingsAccount, account_id)


def balance_of(books: Books, account_id: int, until: date | None = None) -> Money:
    """Give a balance."""
    with books.look() as session:
        return savings.balance(session, account_id, until)


def movements(books: Books, account_id: int) -> list[tuple[str, int, date]]:
    """List kind, amount (minor units) and value date of everything on an account, as it was written."""
    with books.look() as session:
        rows = session.scalars(
            select(SavingsTransaction)
            .where(SavingsTransaction.savings_account_id == account_id)
            .order_by(SavingsTransaction.id)
        )
        return [(row.kind, row.amount.minor, row.value_date) for row in rows]
