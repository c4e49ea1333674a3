"""Money taken at this office for an account that another one keeps.

It goes into the till against the inter-branch account, under a key of its own. Headquarters sends a message
with that key to the keeper, whose own entry books it on the account (docs/messages.md).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import inter_branch
from banking.account_lookup import find_account
from banking.errors import BadValueError
from banking.inter_branch import OfficeTransfer
from banking.message_errors import OwnAccountError
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean, require
from ledger.money import Money
from schema.base import to_milliseconds
from schema.messages import PaymentElsewhere
from schema.reading import fetch, fetch_one
from schema.reference import Office
from schema.writing import act, insert

LONGEST_NUMBER: Final = 40
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class ElsewherePayment:
    """Money for an account of another office: whose, how much, and where it lies here.

    account_number  as the payer gave it: this office cannot look it up
    till_id         cash in a drawer; without it ``gl_code`` names the account (of a bank, mostly)
    """

    other_office_id: int
    account_number: str
    amount: Money
    till_id: int | None = None
    gl_code: str = ""
    note: str = ""


def take(
    session: Session, wanted: ElsewherePayment, on: date, *, approved_by_id: int | None = None
) -> PaymentElsewhere:
    """Take the money and book it as owed to the other office; ``receipt`` and ``key`` are what is printed.

    raises   NotFoundError; BadValueError for headquarters; OwnAccountError, InterBranchError for this office;
             MissingError; TillClosedError, CashLimitError, ManualEntryError, AmountError;
             SecondPersonNeededError, BadSecondPersonError; ClosedDayError, ClosedPeriodError
    """
    number = require(wanted.account_number, "account", LONGEST_NUMBER).upper()
    note = clean(wanted.note, "note", LONGEST_NOTE)
    current = act(session)
    if get_row(session, Office, wanted.other_office_id, "office").parent_id is None:
        raise BadValueError(field="office", given="HQ")
    if find_account(session, number, current.office_id) is not None:
        raise OwnAccountError(number=number)
    key = _next_key(session)
    leg = inter_branch.receive(
        session,
        OfficeTransfer(
            other_office_id=wanted.other_office_id,
            amount=wanted.amount,
            till_id=wanted.till_id,
            gl_code=wanted.gl_code,
            key=key,
            note=f"{number} {note}".strip(),
        ),
        on,
        approved_by_id=approved_by_id,
    )
    row = PaymentElsewhere(
        key=key,
        other_office_id=wanted.other_office_id,
        account_number=number,
        amount=wanted.amount,
        on=on,
        receipt=key,
        note=note,
        journal_entry_id=leg.journal_entry_id,
    )
    insert(session, row)
    return row


def _next_key(session: Session) -> str:
    """Give the next key. Its last letters are the instant: a laptop and its copy never give the same one."""
    current = act(session)
    row = fetch_one(
        session, "SELECT count(*) FROM payment_elsewhere WHERE origin_office_id = ?", current.office_id
    )
    instant, letters = to_milliseconds(current.recorded_at), ""
    for _ in range(6):
        instant, place = divmod(instant, len(_LETTERS))
        letters = _LETTERS[place] + letters
    return f"{current.office_code}-E{(row[0] if row else 0) + 1:04d}-{letters}"


@dataclass(frozen=True, slots=True)
class Taken:
    """Money taken for another office; ``taken_back`` when this office reversed it since."""

    payment: PaymentElsewhere
    office: str
    taken_back: bool


_NET: Final = """
SELECT p.id FROM payment_elsewhere AS p
 WHERE (SELECT sum(l.amount) FROM inter_branch_leg AS l
         WHERE l.key = p.key AND l.origin_office_id = p.origin_office_id) = 0
"""


def list_taken(session: Session, *, most: int = 50) -> list[Taken]:
    """List what was taken for other offices, newest first."""
    back = taken_back(session)
    rows = session.execute(
        select(PaymentElsewhere, Office.code)
        .join(Office, Office.id == PaymentElsewhere.other_office_id)
        .order_by(PaymentElsewhere.on.desc(), PaymentElsewhere.id.desc())
        .limit(most)
    )
    return [Taken(payment, code, payment.id in back) for payment, code in rows]


def taken_back(session: Session) -> set[int]:
    """Give the ids of the payments whose money the office that took it has given back."""
    return {row[0] for row in fetch(session, _NET)}


def by_key(session: Session, key: str) -> PaymentElsewhere | None:
    """Find a payment by the key on its receipt."""
    wanted = select(PaymentElsewhere).where(PaymentElsewhere.key == key.strip().upper())
    return session.scalars(wanted.limit(1)).first()


def other_branches(session: Session, office_id: int) -> list[Office]:
    """List the branches beside one that are open, by code."""
    wanted = select(Office).where(
        Office.parent_id.is_not(None), Office.id != office_id, Office.state == "open"
    )
    return list(session.scalars(wanted.order_by(Office.code)))
