"""Numbers that people see, taken in the same transaction as what they name and derived from the tables.

An account number may have come from older books, so the next one is the highest of our own form plus one.
Receipts are gapless for each till; paper is never numbered twice.
"""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import NumberTakenError, ReceiptTakenError
from banking.text import clean
from schema.accounts import LoanAccount, SavingsAccount
from schema.meetings import CollectionSheet
from schema.people import Center, Client, Group
from schema.reading import fetch, fetch_one
from schema.writing import act

DIGITS = 6
LONGEST_NUMBER = 40
_SERIES: dict[type[Any], str] = {
    LoanAccount: "L",
    SavingsAccount: "S",
    Client: "C",
    Group: "G",
    Center: "M",
    CollectionSheet: "SH",
}


_NEWEST_RECEIPT = """
SELECT * FROM (SELECT receipt_sequence FROM loan_transaction
                WHERE receipt_till = ? AND origin_office_id = ? AND receipt_sequence IS NOT NULL
                ORDER BY receipt_sequence DESC LIMIT 1) AS of_loans
UNION ALL
SELECT * FROM (SELECT receipt_sequence FROM savings_transaction
                WHERE receipt_till = ? AND origin_office_id = ? AND receipt_sequence IS NOT NULL
                ORDER BY receipt_sequence DESC LIMIT 1) AS of_savings
"""

_RECEIPT_EXISTS = """
SELECT 1 FROM loan_transaction WHERE receipt = ? AND origin_office_id = ?
UNION ALL SELECT 1 FROM savings_transaction WHERE receipt = ? AND origin_office_id = ?
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A number on paper. ``till`` and ``sequence`` are empty for one that was kept from other books."""

    text: str
    till: int | None = None
    sequence: int | None = None


NO_RECEIPT = Receipt("")


def next_number(session: Session, model: type[Any]) -> str:
    """Give the next number of a series, such as ``KIT-L-000123``.

    The letters are L for loans, S savings, C clients, G groups, M centers, SH collection sheets.
    """
    prefix = f"{act(session).office_code}-{_SERIES[model]}-"
    number = model.number
    if session.get_bind().dialect.name != "sqlite":
        number = number.collate("C")  # a server's own collation may overlook the dashes
    taken = select(model.number).where(number >= prefix, number < f"{prefix}~")
    newest = session.scalar(taken.order_by(number.desc()).limit(1))
    sequence = 0
    if newest is not None:
        whole = re.fullmatch(rf"{re.escape(prefix)}([0-9]{{{DIGITS}}})", newest)
        if whole and int(whole[1]) < 10**DIGITS - 1:
            sequence = int(whole[1])
        else:  # kept numbers of another form, or more than a million: look at them all
            pattern = re.compile(rf"{re.escape(prefix)}([0-9]+)")
            found = (pattern.fullmatch(number) for number in session.scalars(taken))
            sequence = max((int(match[1]) for match in found if match), default=0)
    return f"{prefix}{sequence + 1:0{DIGITS}d}"


def account_number(session: Session, model: type[Any], kept: str | None) -> str:
    """Give ``kept`` when it is free in this branch, or the next number when there is none.

    raises   NumberTakenError: loans and savings share their numbers
    """
    if not kept:
        return next_number(session, model)
    number = clean(kept, "number", LONGEST_NUMBER)
    office = act(session).office_id
    for table in (LoanAccount, SavingsAccount):
        taken = select(table.id).where(table.number == number, table.origin_office_id == office)
        if session.scalar(taken.limit(1)) is not None:
            raise NumberTakenError(number=number)
    return number


def person_number(session: Session, model: type[Any], kept: str | None) -> str:
    """Give ``kept`` when no other client (group, center) of this branch has it, or the next number.

    raises   NumberTakenError
    """
    if not kept:
        return next_number(session, model)
    number = clean(kept, "number", LONGEST_NUMBER)
    office = act(session).office_id
    taken = select(model.id).where(model.number == number, model.origin_office_id == office)
    if session.scalar(taken.limit(1)) is not None:
        raise NumberTakenError(number=number)
    return number


def receipt_number(session: Session, till: int | None, kept: str) -> Receipt:
    """Give the receipt of a payment: ``kept`` if the paper has a number already, else the till's next one.

    till     number of the till; None where no till took part, and then nothing is numbered
    raises   ReceiptTakenError when ``kept`` was used before
    """
    if kept:
        text = clean(kept, "receipt", LONGEST_NUMBER)
        if _receipt_exists(session, text):
            raise ReceiptTakenError(receipt=text)
        return Receipt(text)
    if till is None:
        return NO_RECEIPT
    sequence = _last_sequence(session, till) + 1
    while _receipt_exists(session, text := _receipt_text(session, till, sequence)):
        sequence += 1  # a paper with this very number was kept from elsewhere: it fills its place
    return Receipt(text, till, sequence)


def _receipt_text(session: Session, till: int, sequence: int) -> str:
    return f"{act(session).office_code}-{till}-{sequence:0{DIGITS}d}"


def _last_sequence(session: Session, till: int) -> int:
    office = act(session).office_id
    rows = fetch(session, _NEWEST_RECEIPT, till, office, till, office)
    return max((int(row[0]) for row in rows), default=0)


def _receipt_exists(session: Session, text: str) -> bool:
    office = act(session).office_id
    return fetch_one(session, _RECEIPT_EXISTS, text, office, text, office) is not None
