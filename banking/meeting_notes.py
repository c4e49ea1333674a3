"""What is written about a meeting beside attendance: agenda, minutes, and fines of members."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.books import require_amount
from banking.errors import InsufficientFundsError, TextTooLongError
from banking.loan_books import ACTIVE as RUNNING
from banking.loan_books import CREDIT_LINE, read_dues
from banking.loan_charges import put_amount
from banking.meeting_errors import NothingToFineError
from banking.rows import get_row
from banking.savings_book import ACTIVE, held, lowest_balance_from, read_savings
from banking.savings_charges import charge
from banking.text import clean
from ledger.errors import N_, NotFoundError
from ledger.money import ZERO, Money
from schema.accounts import LoanAccount, SavingsAccount
from schema.meetings import Meeting
from schema.people import Client
from schema.products import ChargeDefinition, LoanProduct
from schema.writing import act, update

LONGEST_MINUTES: Final = 4000
FINE: Final = N_("Fine")
LOAN, SAVINGS = "loan", "savings"


@dataclass(frozen=True, slots=True)
class Fined:
    """Where a fine stands; ``kind`` is loan (owed with the next row) or savings (taken at once)."""

    kind: str
    account_id: int
    number: str
    amount: Money


def write_notes(
    session: Session, meeting_id: int, *, agenda: str | None = None, minutes: str | None = None
) -> Meeting:
    """Write the agenda or the minutes of a meeting; None: that one stays.

    raises   NotFoundError, also for another branch's meeting; TextTooLongError, TextNotAllowedError
    """
    meeting = get_row(session, Meeting, meeting_id, "meeting")
    if meeting.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="meeting", key=meeting_id)
    texts = {"agenda": agenda, "minutes": minutes}
    update(session, meeting, **{name: _lines(text, name) for name, text in texts.items() if text is not None})
    return meeting


def _lines(text: str, field: str) -> str:
    """Clean a text of several lines."""
    lines = text.strip().replace("\r\n", "\n").split("\n")
    cleaned = "\n".join(clean(line, field, LONGEST_MINUTES) for line in lines)
    if len(cleaned) > LONGEST_MINUTES:
        raise TextTooLongError(field=field, limit=LONGEST_MINUTES)
    return cleaned


def accounts_to_fine(session: Session, client_id: int) -> list[Fined]:
    """List on which accounts a member could be fined: running loans first, then savings, by number."""
    loans = (
        select(LoanAccount)
        .join(LoanProduct, LoanProduct.id == LoanAccount.product_id)
        .where(LoanAccount.client_id == client_id, LoanAccount.status == RUNNING)
        .where(LoanProduct.kind != CREDIT_LINE, LoanAccount.charged_off_on.is_(None))
        .order_by(LoanAccount.number)
    )
    savings = select(SavingsAccount).where(
        SavingsAccount.client_id == client_id, SavingsAccount.status == ACTIVE
    )
    owing = (loan for loan in session.scalars(loans) if any(due.owed for due in read_dues(session, loan.id)))
    return [
        *(Fined(LOAN, loan.id, loan.number, ZERO) for loan in owing),
        *(
            Fined(SAVINGS, account.id, account.number, ZERO)
            for account in session.scalars(savings.order_by(SavingsAccount.number))
        ),
    ]


def fine_member(
    session: Session, client_id: int, amount: Money, on: date, *, number: str = "", note: str = ""
) -> Fined:
    """Charge a member a fine on an account of theirs: a penalty on a loan, or taken out of savings.

    number   which account; empty: the first running loan, else the first savings account
    raises   NotFoundError; NothingToFineError where there is neither; InsufficientFundsError for savings that
             hold less; AmountError; what ``loan_charges.put_amount`` raises
    """
    client = get_row(session, Client, client_id, "client")
    require_amount(amount)
    own = accounts_to_fine(session, client_id)
    wanted = next((one for one in own if number in {"", one.number}), None)
    if wanted is None:
        raise NothingToFineError(client=client.number)
    if wanted.kind == LOAN:
        put_amount(session, wanted.account_id, amount, on, name=FINE, penalty=True, note=note)
        return Fined(LOAN, wanted.account_id, wanted.number, amount)
    book = read_savings(session, wanted.account_id, on)
    free = lowest_balance_from(session, book.id, on) - held(session, book.id)
    if free < amount:
        raise InsufficientFundsError(amount=amount, available=max(free, ZERO))
    name = f"{FINE}: {clean(note, 'note')}" if note else FINE
    charge(session, book, ChargeDefinition(name=name, amount=amount), ZERO, on)
    return Fined(SAVINGS, wanted.account_id, wanted.number, amount)
