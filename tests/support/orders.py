"""Every order in which changesets can reach headquarters, by every set that can be there so far.

What a database holds after some pieces have come must depend on which have come, and on nothing else. So it
is enough to reach every subset in one way, to add each missing piece to it, and to compare: if every step
into a subset ends in the same state, all orders do, and so does everything that is left out and comes later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from sqlalchemy.orm import Session

from schema.base import Base
from schema.reading import connection_of, fetch
from sync.admission import Admitter
from sync.installation import Installation
from sync.refold import settle_import

BYTES = {"body", "signature"}
LOCAL = {"bundle", "setting", "alembic_version", "web_session", "audit_log", "credential"}


class Signed(NamedTuple):
    """A changeset on its way."""

    device: int
    chain: int
    seq: int
    hash: bytes
    body: bytes
    signature: bytes


Piece = tuple[Signed, ...]


@dataclass
class Orders:
    """Tries every order of some pieces on a database that is left as it was.

    states  the state of each subset, by the bits of its pieces; ``steps`` how many deliveries were compared
    """

    headquarters: Installation
    pieces: Sequence[Piece]
    states: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    steps: int = 0
    differing: list[str] = field(default_factory=list)

    def run(self, session: Session) -> None:
        """Go through all subsets; what differs is named with the pieces and tables."""
        self.states[0] = all_rows(session)
        self._from(session, 0)

    def _from(self, session: Session, there: int) -> None:
        """Add each missing piece to a subset; go on from those reached in the order of the pieces."""
        for number, piece in enumerate(self.pieces):
            if there >> number & 1:
                continue
            then = there | 1 << number
            is_in_order = there < 1 << number
            connection_of(session).exec_driver_sql(f"SAVEPOINT at{there}_{number}")
            deliver(self.headquarters, session, piece)
            self._compare(session, there, number)
            if is_in_order:
                self._from(session, then)
            connection_of(session).exec_driver_sql(f"ROLLBACK TO at{there}_{number}")
            connection_of(session).exec_driver_sql(f"RELEASE at{there}_{number}")
            session.expunge_all()

    def _compare(self, session: Session, there: int, number: int) -> None:
        self.steps += 1
        state = all_rows(session)
        known = self.states.setdefault(there | 1 << number, state)
        for table, rows in state.items():
            if rows != known[table]:
                have = [bit for bit in range(len(self.pieces)) if there >> bit & 1]
                odd = sorted(set(rows) ^ set(known[table]))
                self.differing.append(f"piece {number} after {have}: {table}: {odd[0][:200]}")


def deliver(headquarters: Installation, session: Session, piece: Piece) -> None:
    """Receive, admit and fold a piece, as the import of a bundle with it does."""
    for (device, chain), run in groupby(piece, key=lambda one: one[:2]):
        roster = headquarters.roster(session)
        writer = roster.find(device)
        assert writer is not None, "its device is known"
        admitted = Admitter(session, roster, writer, chain).receive(
            [(one.body, one.signature) for one in run]
        )
        settle_import(session, lambda: headquarters.roster(session), admitted.settles)
    session.flush()


def all_rows(session: Session) -> dict[str, list[str]]:
    """Give every row of every table as text, in an order of its own; of changesets not the bytes."""
    found: dict[str, list[str]] = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in LOCAL:
            names = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in BYTES)
            found[table.name] = sorted(map(repr, fetch(session, f'SELECT {names} FROM "{table.name}"')))
    return found


def stored_by(installation: Installation) -> list[Signed]:
    """Give all that a home has stored, in the order of the chains."""
    query = (
        "SELECT device, chain, seq, hash, body, signature FROM changeset ORDER BY device, chain, seq, hash"
    )
    with installation.database.reading() as session:
        return [
            Signed(device, chain, seq, bytes(sha256), bytes(body), bytes(signature))
            for device, chain, seq, sha256, body, signature in fetch(session, query)
        ]
