"""What is known of a client beyond name and address: family and papers; and what is hidden from some eyes."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean, require
from schema.people import Client
from schema.profiles import IdentityDocument, Relative
from schema.writing import act, insert, update

OLDEST_YEARS: Final = 120
RELATIONS: Final = ("father", "mother", "spouse", "child", "sibling", "next of kin", "other")
SHOWN_OF_PRIVATE: Final = 3
EXPIRES_SOON_DAYS: Final = 60
_YEAR_DIGITS: Final = 4


def masked(text: str) -> str:
    """Give a telephone or document number as they see it who may not read it: its last three characters."""
    bare = "".join(text.split())
    return f"•••{bare[-SHOWN_OF_PRIVATE:]}" if len(bare) > SHOWN_OF_PRIVATE else "•••" if bare else ""


def birth_from(digits: str, today: date) -> date | None:
    """Give the day of birth for a year (``1990``) or an age (``34``): the first day of that year.

    None when the digits are neither, or lie ahead, or are older than people get.
    """
    number = int(digits)
    year = number if len(digits) == _YEAR_DIGITS else today.year - number
    return date(year, 1, 1) if today.year - OLDEST_YEARS <= year <= today.year else None


# --- family --------------------------------------------------------------------------------------


def add_relative(
    session: Session,
    client_id: int,
    *,
    name: str,
    relation: str,
    born_on: date | None = None,
    phone: str = "",
    dependant: int = 0,
    note: str = "",
) -> Relative:
    """Write down somebody of a client's family; ``dependant`` when the client provides for them.

    raises   NotFoundError, MissingError, BadValueError for the relation or a birth in days to come
    """
    get_row(session, Client, client_id, "client")
    if relation not in RELATIONS:
        raise BadValueError(field="relation", given=relation)
    if born_on is not None and born_on > act(session).business_date:
        raise BadValueError(field="born_on", given=born_on)
    row = Relative(
        client_id=client_id,
        name=require(name, "name"),
        relation=relation,
        born_on=born_on,
        phone=clean(phone, "phone"),
        dependant=dependant,
        note=clean(note, "note", LONGEST_NOTE),
    )
    insert(session, row)
    return row


def remove_relative(session: Session, relative_id: int) -> Relative:
    """Take somebody off a client's family; the row stays, without effect.

    raises   NotFoundError
    """
    row = get_row(session, Relative, relative_id, "relative")
    update(session, row, state="removed")
    return row


def list_family(session: Session, client_id: int) -> list[Relative]:
    """List a client's family: as it was written down."""
    wanted = select(Relative).where(Relative.client_id == client_id, Relative.state == "active")
    return list(session.scalars(wanted.order_by(Relative.id)))


# --- papers --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paper:
    """An identity document and how it stands on a day: ``standing`` is valid, expires soon, or expired."""

    document: IdentityDocument
    standing: str


def add_document(
    session: Session,
    client_id: int,
    *,
    kind: str,
    number: str,
    issued_on: date | None = None,
    expires_on: date | None = None,
    issued_by: str = "",
) -> IdentityDocument:
    """Write down a paper that says who a client is.

    raises   NotFoundError, MissingError; BadValueError where it expires before it was issued
    """
    get_row(session, Client, client_id, "client")
    if issued_on is not None and issued_on > act(session).business_date:
        raise BadValueError(field="issued_on", given=issued_on)
    if issued_on is not None and expires_on is not None and expires_on < issued_on:
        raise BadValueError(field="expires_on", given=expires_on)
    row = IdentityDocument(
        client_id=client_id,
        kind=require(kind, "kind", 60),
        number=require(number, "number", 60),
        issued_on=issued_on,
        expires_on=expires_on,
        issued_by=clean(issued_by, "issued_by"),
    )
    insert(session, row)
    return row


def remove_document(session: Session, document_id: int) -> IdentityDocument:
    """Take a paper out of use; the row stays, without effect.

    raises   NotFoundError
    """
    row = get_row(session, IdentityDocument, document_id, "identity document")
    update(session, row, state="removed")
    return row


def list_papers(session: Session, client_id: int, on: date) -> list[Paper]:
    """List a client's papers and how each stands on a day."""
    wanted = select(IdentityDocument).where(
        IdentityDocument.client_id == client_id, IdentityDocument.state == "active"
    )
    return [
        Paper(row, standing(row.expires_on, on))
        for row in session.scalars(wanted.order_by(IdentityDocument.id))
    ]


def standing(expires_on: date | None, on: date) -> str:
    """Tell how a paper stands on a day."""
    if expires_on is None or (expires_on - on).days > EXPIRES_SOON_DAYS:
        return "valid"
    return "expires soon" if expires_on >= on else "expired"
