"""Segments of other devices' chains in a bundle, and what a bundle says of the home that reads it.

Tails of older laptops and changesets that the reader lost travel under the sender's signature; each changeset
in them keeps the signature of the device that made it (protocol, sections 3 and 5).
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ledger.errors import TrustError
from schema.replication import EnrolmentKit
from sync import read_only
from sync.chain import REFERENCE_CHAIN
from sync.healing import ChainRestoredError
from sync.installation import Installation
from sync.kit import Claim
from sync.manifest import Manifest
from sync.reasons import refused
from sync.roster import Member, Roster


def check_whose(roster: Roster, writer: Member, manifest: Manifest) -> None:
    """Refuse a segment of a chain that its sender has no business with: TrustError SCOPE.

    A branch carries the chains of its own devices; headquarters those of anyone.
    """
    if writer.is_hq:
        return
    if manifest.device != writer.device:
        whose = roster.find(manifest.device)
        if whose is None:
            raise refused("SENDER_UNKNOWN", f"It carries a chain of device {manifest.device}.")
        if not whose.is_hq and whose.office_id != writer.office_id:
            raise refused("SCOPE", f"It carries a chain of device {manifest.device}, of another branch.")
        if whose.is_hq:
            return
    if manifest.chain != REFERENCE_CHAIN:
        raise refused("SCOPE", "The device of a branch has one chain, number 0.")


def remember_other_claims(session: Session, statements: Sequence[bytes], known: Claim) -> None:
    """Keep what a bundle claims for earlier laptops of its branch, whose chains it carries."""
    for statement in statements:
        claim, body, tag = Claim.read(statement)
        kit = session.get(EnrolmentKit, claim.kit_id)
        if claim == known or kit is None or kit.state != "written" or kit.device != claim.device:
            continue
        if Claim.is_under(kit.secret, body, tag):
            kit.claim, kit.state = statement, "claimed"
    session.flush()


def stop_booking(installation: Installation, found: TrustError) -> None:
    """Make a branch read-only that was told of changesets of its own that it does not have."""
    if installation.signer.is_hq:
        return
    place = found.missing if isinstance(found, ChainRestoredError) else None
    device = installation.facts.device
    with installation.exclusive() as session:
        read_only.stop(session, found.code, found.message, device=device, missing=place)
