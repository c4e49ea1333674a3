"""Money between two savings accounts of a branch, of one client or of two: one entry, two legs."""

from datetime import date

from sqlalchemy.orm import Session

from banking import books
from banking.approval import require_second_person
from banking.books import require_amount
from banking.errors import BadValueError
from banking.savings_book import (
    ACTIVE,
    DORMANT,
    MATURED,
    UNCLAIMED,
    SavingsBook,
    read_savings,
    require_funds,
    require_room,
    require_status,
    require_unlocked,
)
from banking.savings_charges import WITHDRAWAL, charge_occasion, charges_on
from banking.savings_legs import Trace, wake, write_leg
from banking.savings_opening import settle_rate
from banking.text import LONGEST_NOTE, clean
from ledger.money import Money
from ledger.posting import Account, entry_between
from schema.accounts import SavingsAccount, SavingsTransaction

TRANSFER = "transfer"


def transfer(
    session: Session,
    from_id: int,
    to_id: int,
    amount: Money,
    on: date,
    *,
    note: str = "",
    approved_by_id: int | None = None,
) -> list[SavingsTransaction]:
    """Move money from one account to another, and take the first one's charges for a withdrawal.

    amount   minor units, above zero
    returns  the leg out and the leg in; reversing either takes back both
    raises   BadValueError for one and the same account; InsufficientFundsError, HeldError, LockedError,
             StatusError, OneDepositError, SecondPersonNeededError, NotFoundError, AmountError
    """
    require_amount(amount)
    if from_id == to_id:
        raise BadValueError(field="to", given=to_id)
    source, target = read_savings(session, from_id, on), read_savings(session, to_id, on)
    require_status(source, TRANSFER, ACTIVE, DORMANT, UNCLAIMED, MATURED)
    require_unlocked(source, on)
    wake(session, source, on)
    second = require_second_person(session, amount, approved_by_id)
    fees = charges_on(session, source, WITHDRAWAL, amount)
    require_funds(session, source, amount + fees, on)
    legs = write_transfer(session, source, target, amount, on, note=note, approved_by_id=second)
    charge_occasion(session, source, WITHDRAWAL, amount, on)
    return legs


def write_transfer(
    session: Session,
    source: SavingsBook,
    target: SavingsBook,
    amount: Money,
    on: date,
    *,
    note: str = "",
    kind: str = TRANSFER,
    approved_by_id: int | None = None,
) -> list[SavingsTransaction]:
    """Write the entry and both legs; what may leave ``source`` was asked before.

    raises   StatusError, OneDepositError where ``target`` takes nothing
    """
    require_status(target, TRANSFER, ACTIVE, DORMANT, UNCLAIMED)
    require_room(session, target)
    wake(session, target, on)
    text = clean(note, "note", LONGEST_NOTE) if note else f"{source.number} → {target.number}"
    accounts: dict[Account, int] = {"from": source.gl_deposits_id, "to": target.gl_deposits_id}
    posted = books.post(
        session,
        entry_between(kind, "from", "to", amount),
        accounts,
        value_date=on,
        note=text,
        approved_by_id=approved_by_id,
    )
    if target.product_kind == "fixed":
        settle_rate(session, session.get_one(SavingsAccount, target.id), amount)
    trace = Trace(approved_by_id=approved_by_id)
    return [
        write_leg(session, source.id, "transfer_out", -amount, posted, trace),
        write_leg(session, target.id, "transfer_in", amount, posted, trace),
    ]
