"""What of an audit pack was signed: the lines of the chains, what is kept aside, the claims of bundles."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from hq.audit_pack_tables import Scope
from schema.reading import fetch
from schema.reference import Device, Institution
from schema.replication import ControlTotal, StoredChangeset
from sync.chain import genesis
from sync.packing import Signed

_TOGETHER: Final = 500
_LINES: Final = """
SELECT c.device, c.chain, c.as_device, max(c.seq), CASE WHEN d.scope = 'hq' THEN 0 ELSE 1 END
  FROM changeset AS c LEFT JOIN device AS d ON d.number = c.device
 WHERE c.state = 'accepted' GROUP BY c.device, c.chain, c.as_device, d.scope
"""
_ASIDE: Final = (
    "SELECT DISTINCT device, chain FROM changeset WHERE state <> 'accepted' ORDER BY device, chain"
)
_ENROLMENTS: Final = """
SELECT k.device, k.claim, k.office_id FROM enrolment_kit AS k
 WHERE k.claim IS NOT NULL AND k.state IN ('claimed', 'confirmed') ORDER BY k.device
"""


class Line(NamedTuple):
    """One line of changesets that count: a chain, or the part of one that was adopted as ``arm``."""

    device: int
    chain: int
    arm: int | None
    last_seq: int
    is_hq: bool
    genesis: bytes

    @property
    def file(self) -> str:
        """Its name in the pack."""
        return f"chains/{self.device}-{self.chain}{'' if self.arm is None else f'-as-{self.arm}'}.block"


def lines_of(session: Session, scope: Scope) -> list[Line]:
    """List the lines of a pack in the order in which they are read: headquarters' chain 0 first.

    Of one branch: the lines of its devices, headquarters' chain 0 and headquarters' chain of the branch.
    """
    institution = session.scalars(select(Institution.public_id)).first() or b""
    devices = {row.number: row for row in session.scalars(select(Device))}
    own = _chain_of_branch(session, scope)
    found = []
    for device, chain, arm, last_seq, is_branch in fetch(session, _LINES):
        row = devices.get(device)
        if scope.office is not None:
            of_branch = row is not None and row.office_id == scope.office
            if not (chain in {0, own} if not is_branch else of_branch):
                continue
        begins = b""
        if row is not None and row.signing_key is not None and row.recipient is not None:
            begins = genesis(institution, device, row.signing_key, row.recipient)
        found.append(Line(device, chain, arm, last_seq, not is_branch, begins))
    return sorted(
        found, key=lambda one: (not one.is_hq, one.is_hq and one.chain != 0, *one[:2], one.arm or 0)
    )


def _chain_of_branch(session: Session, scope: Scope) -> int:
    if scope.office is None:
        return 0
    return int(fetch(session, "SELECT number FROM office WHERE id = ?", scope.office)[0][0])


def signed_of(session: Session, line: Line) -> Iterator[Signed]:
    """Give the changesets of a line as they were signed, a few hundred in memory at a time."""
    arm = StoredChangeset.as_device
    return _signed(session, line.device, line.chain, arm.is_(None) if line.arm is None else arm == line.arm)


def _signed(
    session: Session, device: int, chain: int, which: ColumnElement[bool], *, accepted: bool = True
) -> Iterator[Signed]:
    state = StoredChangeset.state
    wanted = (
        select(StoredChangeset.body, StoredChangeset.signature)
        .where(StoredChangeset.device == device, StoredChangeset.chain == chain, which)
        .where(state == "accepted" if accepted else state != "accepted")
        .order_by(StoredChangeset.seq, StoredChangeset.hash)
    )
    for row in session.execute(wanted, execution_options={"yield_per": _TOGETHER}):
        yield row.body, row.signature


def aside(session: Session, scope: Scope) -> Iterator[tuple[str, Iterable[Signed]]]:
    """Give what is kept and does not count: what waits, other histories, what lies beyond a bound."""
    of_branch = {
        row[0] for row in fetch(session, "SELECT number FROM device WHERE office_id = ?", scope.office)
    }
    for device, chain in fetch(session, _ASIDE):
        if scope.office is None or device in of_branch:
            every = StoredChangeset.device == device
            yield f"aside/{device}-{chain}.block", _signed(session, device, chain, every, accepted=False)


def enrolments(session: Session, scope: Scope) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Give the statements by which devices asked for their numbers."""
    for device, claim, office in fetch(session, _ENROLMENTS):
        if scope.office in {None, office}:
            yield f"enrolments/{device}.cbor", [bytes(claim)]


def manifests(session: Session, lines: Iterable[Line]) -> Iterator[tuple[str, Iterable[Signed]]]:
    """Give what the senders of bundles claimed about their chains, as they signed it."""
    for line in lines:
        if not line.is_hq and line.arm is None:
            yield f"manifests/{line.device}-{line.chain}.block", _claims(session, line)


def _claims(session: Session, line: Line) -> Iterator[Signed]:
    wanted = (
        select(ControlTotal.manifest, ControlTotal.signature)
        .where(ControlTotal.device == line.device, ControlTotal.chain == line.chain)
        .where(ControlTotal.manifest.is_not(None))
        .order_by(ControlTotal.seq, ControlTotal.digest)
    )
    for manifest, signature in session.execute(wanted, execution_options={"yield_per": 1}):
        yield zlib.decompress(manifest or b""), signature or b""
