"""People, limits and ways to pay that tests of cash begin with."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from banking import cash, cash_counts, till_cash, users, vault
from banking.cash_counts import Counted
from banking.standard import add_office
from banking.vault import CashMove
from ledger.money import Money
from schema.accounting import Till
from schema.cash import CashMovement
from schema.products import Limit, PaymentAccount, PaymentType
from schema.writing import declare, insert
from tests.support.books import Books, money
from tests.support.lending import DAY


def a_user(books: Books, name: str, role: str = "manager") -> int:
    """Give somebody a log-in at the branch."""
    with books.work("user.create") as session:
        return users.create_user(session, name, name.title(), role, "a password for tests").id


def a_limit(books: Books, name: str, amount: str, *, of_office: bool = False) -> None:
    """Set a limit at headquarters, of all offices or of this one."""
    with books.hq_work() as session:
        office = books.office_id if of_office else None
        insert(session, Limit(office_id=office, name=name, amount=money(amount)))


def a_way_to_pay(
    books: Books, code: str = "BANK", account: str = "Bank", loan_product: str | None = None
) -> int:
    """Set up a way to pay; with a loan product a mapping of that product to the account "Borrowings"."""
    with books.hq_work() as session:
        way = PaymentType(code=code, name=code.title(), gl_account_id=books.gl_account(account).id)
        insert(session, way)
        if loan_product is not None:
            insert(
                session,
                PaymentAccount(
                    payment_type_id=way.id,
                    loan_product_id=books.loan_product(loan_product).id,
                    gl_account_id=books.gl_account("Borrowings").id,
                ),
            )
        return way.id


def a_vault(books: Books, holding: str = "10000") -> int:
    """Set up the vault with cash that came from the bank."""
    with books.work("vault.create") as session:
        made = cash.create_till(session, kind="vault").id
    if money(holding):
        move(books, "from_bank", holding, to_till_id=made, gl_code="1130")
    return made


def move(
    books: Books,
    kind: str,
    amount: str,
    *,
    from_till_id: int | None = None,
    to_till_id: int | None = None,
    gl_code: str = "",
    pieces: str = "",
    note: str = "",
    approved_by_id: int | None = None,
) -> CashMovement:
    """Move cash on the first day."""
    wanted = CashMove(
        kind=kind,
        amount=money(amount),
        from_till_id=from_till_id,
        to_till_id=to_till_id,
        gl_code=gl_code,
        pieces=pieces,
        note=note,
    )
    with books.work("cash.move") as session:
        return vault.move_cash(session, wanted, DAY, approved_by_id=approved_by_id)


def count(books: Books, till_id: int, amount: str = "", pieces: str = "", reason: str = "counted") -> Money:
    """Count a drawer on the first day; gives the difference."""
    counted = Counted(amount=money(amount) if amount else None, pieces=pieces)
    with books.work("cash.count") as session:
        row = cash_counts.count_till(session, till_id, counted, DAY, reason=reason)
        return row.counted - row.expected


def held(books: Books, till_id: int) -> Money:
    """Give what a drawer holds by the books."""
    with books.look() as session:
        return till_cash.till_cash(session, session.get_one(Till, till_id))


def another_office(books: Books, code: str = "NYE") -> int:
    """Register a second branch, whose books stand in the same database as at headquarters."""
    with books.hq_work() as session:
        return add_office(session, 3, code, code.title()).id


@contextmanager
def work_at(books: Books, office_id: int, code: str = "NYE") -> Iterator[Session]:
    """Open a writing session of another branch."""
    with books.database.writing() as session:
        act = books.act("test", at_branch=True)
        act.office_id, act.office_code = office_id, code
        declare(session, act)
        yield session
