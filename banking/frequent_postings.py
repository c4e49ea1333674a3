"""Entries that are made often: headquarters names the two accounts, a branch types the amount."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.books import ManualLine, manual_accounts, post_manual
from banking.chart import LONGEST_CODE
from banking.errors import BadValueError, NumberTakenError
from banking.text import clean, require
from ledger.errors import NotFoundError
from ledger.money import Money
from schema.accounting import JournalEntry
from schema.products import FrequentPosting
from schema.reference import GLAccount
from schema.writing import insert, update

KIND = "frequent"


def define_posting(session: Session, code: str, name: str, debit: str, credit: str) -> FrequentPosting:
    """Name an entry by a code: its words and the codes of its two accounts.

    raises   NumberTakenError for a code in use; NotFoundError, ManualEntryError, MissingError; BadValueError
             when both sides are one account
    """
    wanted = require(code, "code", LONGEST_CODE).upper()
    if find_posting(session, wanted) is not None:
        raise NumberTakenError(number=wanted)
    if debit == credit:
        raise BadValueError(field="credit", given=credit)
    accounts = manual_accounts(session, [debit, credit])
    made = FrequentPosting(
        code=wanted,
        name=require(name, "name"),
        gl_debit_id=accounts[debit],
        gl_credit_id=accounts[credit],
    )
    insert(session, made)
    return made


def retire_posting(session: Session, code: str) -> FrequentPosting:
    """Take a frequent posting out of use; its code may be given again.

    raises   NotFoundError
    """
    found = get_posting(session, code)
    update(session, found, active=0)
    return found


def post_frequent(
    session: Session,
    code: str,
    amount: Money,
    on: date,
    *,
    note: str = "",
    approved_by_id: int | None = None,
) -> JournalEntry:
    """Post a frequent entry; without a note its own words stand in the books.

    raises   NotFoundError for a code out of use; as ``post_manual``
    """
    found = get_posting(session, code)
    debit, credit = (
        session.get_one(GLAccount, account).code for account in (found.gl_debit_id, found.gl_credit_id)
    )
    words = clean(note, "note")
    return post_manual(
        session,
        (ManualLine(debit, debit=amount), ManualLine(credit, credit=amount)),
        value_date=on,
        note=f"{found.name}: {words}" if words else found.name,
        kind=KIND,
        approved_by_id=approved_by_id,
    )


def get_posting(session: Session, code: str) -> FrequentPosting:
    """Give the frequent posting in use with this code.

    raises   NotFoundError
    """
    found = find_posting(session, code)
    if found is None:
        raise NotFoundError(kind="frequent posting", key=code)
    return found


def find_posting(session: Session, code: str) -> FrequentPosting | None:
    """Find the frequent posting in use with this code."""
    wanted = select(FrequentPosting).where(FrequentPosting.code == code.strip().upper())
    return session.scalars(wanted.where(FrequentPosting.active == 1)).first()
