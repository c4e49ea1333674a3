"""Where an installation stands (institution, office), and the next id of its device; read from the tables."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import TrustError
from schema.base import COUNTER_BITS, first_id
from schema.reading import fetch_one
from schema.reference import Device, Institution, Office
from schema.writing import images_by_table


@dataclass(frozen=True, slots=True)
class Place:
    """Where this installation stands: institution and office, as pages and numbers need them."""

    institution: str
    currency: str
    digits: int
    office_id: int
    office_code: str
    office_name: str
    office_number: int


@dataclass(slots=True)
class IdCounter:
    """Gives ids of one device, going on after the largest one in the tables."""

    last: int

    def take(self) -> int:
        """Give the next id."""
        self.last += 1
        return self.last


def largest_id(session: Session, device: int) -> int:
    """Give the largest id that ``device`` has given in any table, or the one below its first."""
    low = first_id(device)
    high = low + (1 << COUNTER_BITS)
    largest = low
    for table in images_by_table():
        query = f'SELECT max(id) FROM "{table}" WHERE id > ? AND id < ?'  # noqa: S608 - a table of ours
        found = fetch_one(session, query, low, high)
        largest = max(largest, (found[0] if found else None) or low)
    return largest


def find_place(session: Session, device: int) -> Place:
    """Give where the home of ``device`` stands; TrustError NO_REFERENCE before it was set up."""
    found = place_or_none(session, device)
    if found is None:
        raise TrustError(
            "NO_REFERENCE",
            "This installation has no institution yet.",
            next_step="Set it up with 'hq init' or 'branch init'.",
        )
    return found


def place_or_none(session: Session, device: int) -> Place | None:
    """Give where the home of ``device`` stands; None while the database has no institution."""
    institution = session.execute(select(Institution)).scalars().first()
    office = (
        session.execute(
            select(Office).join(Device, Device.office_id == Office.id).where(Device.number == device)
        )
        .scalars()
        .first()
    )
    if institution is None or office is None:
        return None
    return Place(
        institution=institution.name,
        currency=institution.currency,
        digits=institution.digits,
        office_id=office.id,
        office_code=office.code,
        office_name=office.name,
        office_number=office.number,
    )
