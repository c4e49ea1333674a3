"""What a device wrote beyond its bound: stored, not believed, released up to a place by decision."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.decision_errors import UnknownPlaceError
from hq.stakes import money_moved
from ledger.money import Money
from schema.replication import StoredChangeset
from sync.changeset import Place, read_ops


@dataclass(frozen=True, slots=True)
class TailLine:
    """One changeset that is not trusted. ``money`` is what its entries debit."""

    seq: int
    hash: bytes
    date: date
    kind: str
    money: Money

    @property
    def name(self) -> str:
        """The first eight characters of its hash."""
        return self.hash.hex()[:8].upper()


def tail_of(session: Session, device: int, code: str, *, limit: int | None = None) -> list[TailLine]:
    """List what is not trusted of a device for one reason, in order, read and not believed."""
    wanted = (
        select(StoredChangeset)
        .where(
            StoredChangeset.device == device,
            StoredChangeset.state == "quarantined",
            StoredChangeset.code == code,
        )
        .order_by(StoredChangeset.seq, StoredChangeset.hash)
        .limit(limit)
    )
    return [
        TailLine(row.seq, row.hash, row.business_date, row.kind, money_moved(read_ops(row.body)))
        for row in session.scalars(wanted)
    ]


def place_in_tail(session: Session, device: int, code: str, name: str = "") -> Place:
    """Give the place of a tail that a name (eight hex digits) means; its last where none is given.

    raises   UnknownPlaceError
    """
    wanted = select(StoredChangeset.seq, StoredChangeset.hash).where(
        StoredChangeset.device == device,
        StoredChangeset.state == "quarantined",
        StoredChangeset.code == code,
    )
    places = [Place(*row) for row in session.execute(wanted.order_by(StoredChangeset.seq.desc()))]
    found = [place for place in places if place.hash.hex().startswith(name.lower())]
    if not found:
        raise UnknownPlaceError(device=device, place=name)
    return found[0]
