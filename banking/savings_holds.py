"""Money held on an account, and the people beside its first holder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.books import require_amount
from banking.errors import BadValueError
from banking.rows import get_row
from banking.savings_book import ACTIVE, DORMANT, MATURED, read_savings, require_funds, require_status
from banking.savings_errors import HolderError
from banking.text import LONGEST_NOTE, require
from ledger.errors import NotFoundError
from ledger.money import Money
from schema.accounts import SavingsAccount
from schema.people import Client
from schema.saving import SavingsHold, SavingsHolder
from schema.writing import act, insert, update


def hold(session: Session, account_id: int, amount: Money, on: date, *, reason: str) -> SavingsHold:
    """Keep an amount on an account until it is released; what is not there cannot be held.

    amount   minor units, above zero
    raises   InsufficientFundsError, HeldError where other holds leave less; MissingError without a reason;
             AmountError, StatusError, NotFoundError
    """
    require_amount(amount)
    why = require(reason, "reason", LONGEST_NOTE)
    book = read_savings(session, account_id, on)
    require_status(book, "hold", ACTIVE, DORMANT, MATURED)
    require_funds(session, book, amount, on, to_the_last=True)
    row = SavingsHold(savings_account_id=account_id, amount=amount, reason=why, held_on=on)
    insert(session, row)
    return row


def release(session: Session, hold_id: int, on: date) -> SavingsHold:
    """Let held money go.

    raises   NotFoundError; BadValueError when it is released already or was not held yet on that day
    """
    row = get_row(session, SavingsHold, hold_id, "hold")
    read_savings(session, row.savings_account_id)
    if row.released_on is not None or on < row.held_on:
        raise BadValueError(field="on", given=on)
    update(session, row, released_on=on)
    return row


def list_holds(session: Session, account_id: int) -> Sequence[SavingsHold]:
    """List all holds of an account, released ones too, as they were made."""
    wanted = select(SavingsHold).where(SavingsHold.savings_account_id == account_id)
    return session.scalars(wanted.order_by(SavingsHold.id)).all()


# --- holders ---------------------------------------------------------------------------------------


def add_holder(session: Session, account_id: int, client_id: int, on: date) -> SavingsHolder:
    """Make somebody a holder beside the first one.

    raises   HolderError for somebody who is one already; StatusError, NotFoundError
    """
    book = read_savings(session, account_id, on)
    require_status(book, "another holder", ACTIVE, DORMANT, MATURED)
    client = session.get(Client, client_id)
    if client is None or client.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="client", key=client_id)
    if client_id in {holder.client_id for holder in holders(session, account_id)}:
        raise HolderError(client=client.number, number=book.number)
    row = SavingsHolder(savings_account_id=account_id, client_id=client_id, added_on=on)
    insert(session, row)
    return row


def remove_holder(session: Session, account_id: int, client_id: int, on: date) -> SavingsHolder:
    """End that somebody holds an account beside its first holder, who stays.

    raises   NotFoundError for somebody who is none; BadValueError for a day before it began
    """
    read_savings(session, account_id)
    wanted = select(SavingsHolder).where(
        SavingsHolder.savings_account_id == account_id,
        SavingsHolder.client_id == client_id,
        SavingsHolder.removed_on.is_(None),
    )
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFoundError(kind="holder", key=client_id)
    if on < row.added_on:
        raise BadValueError(field="on", given=on)
    update(session, row, removed_on=on)
    return row


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody to whom an account belongs; ``first`` is the one whom it was opened for."""

    client_id: int
    number: str
    name: str
    first: bool


def holders(session: Session, account_id: int) -> list[Holder]:
    """List the present holders, the first one first: they may see the account and move its money.

    A group's account has no first holder; its members are not listed.
    """
    account = get_row(session, SavingsAccount, account_id, "savings account")
    found = []
    if account.client_id is not None:
        found.append(_holder(session, account.client_id, first=True))
    wanted = select(SavingsHolder.client_id).where(
        SavingsHolder.savings_account_id == account_id, SavingsHolder.removed_on.is_(None)
    )
    others = session.scalars(wanted.order_by(SavingsHolder.id))
    return [*found, *(_holder(session, client_id, first=False) for client_id in others)]


def _holder(session: Session, client_id: int, *, first: bool) -> Holder:
    client = get_row(session, Client, client_id, "client")
    return Holder(client_id, client.number, f"{client.given_name} {client.name}".strip(), first)
