"""Readers of fields: from text, as it is typed, to values; references by what people know them by."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.acts.registry import Reader
from banking.books import require_amount
from banking.errors import BadValueError
from banking.groups import find_center, find_staff
from banking.text import LONGEST_NOTE, clean
from banking.users import find_user
from ledger.errors import NotFoundError
from ledger.money import MAX_MINOR, Money, parse_major
from schema.accounting import JournalEntry, Till
from schema.accounts import LoanAccount, LoanTransaction, SavingsAccount, SavingsTransaction
from schema.people import Client, Group
from schema.products import (
    ChargeDefinition,
    LoanProduct,
    LoanPurpose,
    PaymentType,
    SavingsProduct,
)
from schema.reference import GLAccount, Office
from schema.writing import act

SHOWN: Final = 40
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NUMBER: Final = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_FLAGS: Final = {"yes": 1, "true": 1, "1": 1, "no": 0, "false": 0, "0": 0}


def _bad(field: str, given: str) -> BadValueError:
    return BadValueError(field=field, given=given[:SHOWN])


# --- values ---------------------------------------------------------------------------------------


def _amount(session: Session, _field: str, text: str) -> Money:
    return require_amount(parse_major(text, act(session).digits))


def _any_amount(session: Session, field: str, text: str) -> Money:
    found = parse_major(text, act(session).digits)
    if abs(found.minor) > MAX_MINOR:
        raise _bad(field, text)
    return found


def _date(_session: Session, field: str, text: str) -> date:
    if not _DAY.fullmatch(text):
        raise _bad(field, text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _bad(field, text) from None


def _decimal(_session: Session, field: str, text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise _bad(field, text)
    return Decimal(text)


def _count(_session: Session, field: str, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise _bad(field, text)
    return int(text)


def _flag(_session: Session, field: str, text: str) -> int:
    found = _FLAGS.get(text.casefold())
    if found is None:
        raise _bad(field, text)
    return found


def _text(_session: Session, field: str, text: str) -> str:
    return clean(text, field, LONGEST_NOTE)


money = Reader("amount", _amount)
"""An amount above zero in major units, as ``Money``."""
any_money = Reader("amount, also zero or below", _any_amount)
day = Reader("date", _date)
decimal = Reader("decimal", _decimal)
count = Reader("whole number", _count)
flag = Reader("yes or no", _flag)
"""Gives 1 or 0, as flags stand in tables."""
text = Reader("text", _text)


def choice(*words: str) -> Reader:
    """Make a reader of one word out of some."""

    def read(_session: Session, field: str, given: str) -> str:
        if given not in words:
            raise _bad(field, given)
        return given

    return Reader(" / ".join(words), read)


def member(kind: type[StrEnum]) -> Reader:
    """Make a reader of an enumeration; gives the word, as it stands in tables."""
    return choice(*(str(one) for one in kind))


def or_none(reader: Reader) -> Reader:
    """Make a reader that also takes ``none``, for a field that a newer version no longer has."""

    def read(session: Session, field: str, given: str) -> object:
        return None if given == "none" else reader.read(session, field, given)

    return Reader(f"{reader.name}, or none", read)


def _in_minor_units(session: Session, _field: str, given: str) -> int:
    return parse_major(given, act(session).digits).minor


multiple = Reader("amount that others are multiples of", _in_minor_units)
"""Gives whole minor units."""


# --- references: each reader gives the id of the row ------------------------------------------------


def _numbered(model: Any, kind: str) -> Callable[[Session, str, str], int]:  # noqa: ANN401 - any table with numbers
    """Make a reader of rows of a branch by number: this office's own first, then any other's."""

    def read(session: Session, _field: str, given: str) -> int:
        wanted = select(model.id, model.origin_office_id).where(model.number == given.strip())
        rows = session.execute(wanted.order_by(model.id)).all()
        own = act(session).office_id
        found = next((row[0] for row in rows if row[1] == own), None) or (rows[0][0] if rows else None)
        if found is None:
            raise NotFoundError(kind=kind, key=given[:SHOWN])
        return int(found)

    return read


def _coded(model: Any, kind: str) -> Callable[[Session, str, str], int]:  # noqa: ANN401 - any table with codes
    """Make a reader of reference rows by code: the newest active one."""

    def read(session: Session, _field: str, given: str) -> int:
        wanted = select(model.id).where(model.code == given.strip())
        if hasattr(model, "active"):
            wanted = wanted.where(model.active == 1)
        found = session.scalars(wanted.order_by(model.id.desc()).limit(1)).first()
        if found is None:
            raise NotFoundError(kind=kind, key=given[:SHOWN])
        return int(found)

    return read


def _till(session: Session, field: str, given: str) -> int:
    number = _count(session, field, given)
    wanted = select(Till.id).where(Till.number == number, Till.origin_office_id == act(session).office_id)
    found = session.scalars(wanted.limit(1)).first()
    if found is None:
        raise NotFoundError(kind="till", key=given[:SHOWN])
    return found


def _office(session: Session, _field: str, given: str) -> int:
    wanted = select(Office.id).where(Office.code == given.strip().upper())
    found = session.scalars(wanted.limit(1)).first()
    if found is None:
        raise NotFoundError(kind="office", key=given[:SHOWN])
    return found


def _user(session: Session, _field: str, given: str) -> int:
    found = find_user(session, given)
    if found is None:
        raise NotFoundError(kind="user", key=given[:SHOWN])
    return found.id


def _staff(session: Session, _field: str, given: str) -> int:
    found = find_staff(session, given)
    if found is None:
        raise NotFoundError(kind="officer", key=given[:SHOWN])
    return found.id


def _center(session: Session, _field: str, given: str) -> int:
    found = find_center(session, given)
    if found is None:
        raise NotFoundError(kind="center", key=given[:SHOWN])
    return found.id


def _receipt(model: Any) -> Callable[[Session, str, str], int]:  # noqa: ANN401 - both tables of transactions
    def read(session: Session, _field: str, given: str) -> int:
        own = act(session).office_id
        wanted = select(model.id).where(model.receipt == given.strip(), model.origin_office_id == own)
        found = session.scalars(wanted.order_by(model.id).limit(1)).first()
        if found is None:
            raise NotFoundError(kind="receipt", key=given[:SHOWN])
        return int(found)

    return read


def _row(model: Any, kind: str) -> Callable[[Session, str, str], int]:  # noqa: ANN401 - any table
    """Make a reader of rows by their id, for what has no other name."""

    def read(session: Session, field: str, given: str) -> int:
        found = _count(session, field, given)
        if session.get(model, found) is None:
            raise NotFoundError(kind=kind, key=given[:SHOWN])
        return found

    return read


def row_id(model: Any, kind: str) -> Reader:  # noqa: ANN401 - any table
    """Make a reader of the ids that an earlier act gave for rows that have no number or code."""
    return Reader(f"id of a {kind}", _row(model, kind))


client = Reader("client number", _numbered(Client, "client"))
group = Reader("group number", _numbered(Group, "group"))
loan = Reader("loan number", _numbered(LoanAccount, "loan"))
savings = Reader("savings number", _numbered(SavingsAccount, "savings account"))
loan_product = Reader("code of a loan product", _coded(LoanProduct, "loan product"))
savings_product = Reader("code of a savings product", _coded(SavingsProduct, "savings product"))
charge = Reader("code of a charge", _coded(ChargeDefinition, "charge"))
payment_type = Reader("code of a payment type", _coded(PaymentType, "payment type"))
purpose = Reader("code of a purpose", _coded(LoanPurpose, "purpose"))
gl_account = Reader("GL code", _coded(GLAccount, "GL account"))
till = Reader("till number", _till)
office = Reader("office code", _office)
user = Reader("log-in name", _user)
staff = Reader("name of a staff member", _staff)
center = Reader("name of a center", _center)
loan_receipt = Reader("receipt of a loan transaction", _receipt(LoanTransaction))
savings_receipt = Reader("receipt of a savings transaction", _receipt(SavingsTransaction))
journal_entry = row_id(JournalEntry, "journal entry")
