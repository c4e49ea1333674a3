"""Setting up a branch's laptop from its kit: a new branch, or a replacement that takes over its books."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from banking.users import create_user, set_password
from ledger.errors import TrustError
from schema.people import User
from schema.replication import Setting
from sync import chain as chains
from sync.admission import Admitter
from sync.chain import HEAD, REFERENCE_CHAIN, genesis
from sync.changeset import Changeset, Place
from sync.compression import decompress
from sync.founding import Founding, founded, new_secrets
from sync.home import HomeFacts, write_durably
from sync.installation import Installation
from sync.kit import Books, Claim, Kit
from sync.packing import MAX_UNPACKED_BYTES, Signed, unpack
from sync.reasons import refused
from sync.reserve import verifier
from sync.root import Root
from sync.roots import with_headquarters
from sync.roster import ACTIVE, HQ_SCOPE, Member, Roster
from sync.succession import RESEEDED, plan_succession, remember_claim

NOBODY = 0
"""Actor of what happens before the first user exists."""


def create_branch(
    root: Path, kit: Kit, *, admin: str, passphrase: str, clock: Callable[[], datetime]
) -> None:
    """Make the home of a branch: its own keys, HQ's reference data, the first user.

    A kit with books brings the branch to where headquarters knows it; a new chain goes on from there, and
    ``admin`` takes over the log-in of that name.

    raises  TrustError KIT_EXPIRED, BAD_SIGNATURE, GAP, HOME_EXISTS and what ``founded`` raises
    """
    _check(kit, clock())
    secrets = new_secrets()
    facts = HomeFacts("branch", kit.institution_id.hex(), kit.device)
    founding = Founding(facts, passphrase, admin, kit.recovery_recipient)
    with founded(root, founding, secrets, clock=clock) as installation:
        write_durably(installation.home.root_keys, kit.root)
        _take_reference(installation, kit)
        claim = Claim(
            kit.institution_id, kit.kit_id, kit.device, secrets.signing_key.public, installation.recipient
        )
        _remember(installation, kit, claim.to_bytes(kit.secret, secrets.signing_key))
        if kit.books is not None:
            _take_books(installation, kit, kit.books)
            if _took_over_log_in(installation, admin, passphrase):
                return
        with installation.unit_of_work("user.create", NOBODY) as session:
            create_user(session, admin, admin, "admin", passphrase)


def _check(kit: Kit, now: datetime) -> None:
    if now.date() > kit.expires_on:
        raise TrustError(
            "KIT_EXPIRED",
            f"This kit was good until {kit.expires_on.isoformat()}. Nothing was set up.",
            next_step="Check this PC's date; if it is right, ask headquarters for a new kit.",
        )
    root = Root.from_bytes(kit.root)
    if root.institution_id != kit.institution_id:
        raise refused("OTHER_INSTITUTION", "The kit and its root statement differ.")
    if kit.hq_signing_key not in root.daily:
        raise refused("BAD_SIGNATURE", "The root statement does not name headquarters' key.")


def _take_books(installation: Installation, kit: Kit, books: Books) -> None:
    """Fold what headquarters has accepted of this branch, and go on where the old device ended."""
    with installation.exclusive() as session:
        roster = installation.roster(session)
        for run in books.runs:
            writer = roster.find(run.device)
            if writer is None:
                raise refused("SENDER_UNKNOWN", f"The kit holds a chain of device {run.device}.")
            block = decompress(run.block, limit_bytes=MAX_UNPACKED_BYTES)
            Admitter(session, roster, writer, run.chain).receive(unpack(block))
        head = chains.watermark(session, books.old_device, 0, HEAD)
        if head != Place(books.seq, books.hash):
            raise refused("GAP", "The books in the kit are not whole. Nothing was set up.")
        plan_succession(session, kit.device, books.old_device, RESEEDED)


def _took_over_log_in(installation: Installation, admin: str, passphrase: str) -> bool:
    """Give the administrator of that name a password here; False where there is none."""
    with installation.exclusive() as session:
        found = session.scalars(
            select(User).where(
                User.username == admin,
                User.role == "admin",
                User.state == "active",
                User.origin_office_id == installation.place.office_id,
            )
        ).first()
        if found is None:
            return False
        set_password(session, found.id, passphrase)
        return True


def _take_reference(installation: Installation, kit: Kit) -> None:
    hq = Member(
        device=kit.hq_device,
        office_id=0,
        state=ACTIVE,
        signing_key=kit.hq_signing_key,
        recipient=kit.hq_recipient,
        genesis=genesis(kit.institution_id, kit.hq_device, kit.hq_signing_key, kit.hq_recipient),
        bound_seq=None,
        bound_hash=None,
        scope=HQ_SCOPE,
    )
    by_device: dict[int, list[Signed]] = {}
    for _chain, body, signature in kit.reference:
        by_device.setdefault(Changeset.from_bytes(body).device, []).append((body, signature))
    with installation.exclusive() as session:
        known = Roster(kit.institution_id, {kit.hq_device: hq})
        roster = with_headquarters(known, installation.home)
        admitted = 0
        for device, signed in sorted(by_device.items()):
            writer = roster.find(device)
            if writer is None:
                raise refused("SENDER_UNKNOWN", "The kit holds reference data of nobody's.")
            result = Admitter(session, roster, writer, REFERENCE_CHAIN).receive(signed)
            admitted += result.admitted - result.exceptions
        if admitted != len(kit.reference):
            raise refused("GAP", "The kit's reference data is not whole.")


def _remember(installation: Installation, kit: Kit, claim: bytes) -> None:
    facts = {
        "recovery_recipient": kit.recovery_recipient,
        "hq_recipient": kit.hq_recipient,
        **{f"reserve:{reserve.device}": verifier(kit.institution_id, reserve) for reserve in kit.reserves},
    }
    with installation.exclusive() as session:
        for name, value in facts.items():
            session.add(Setting(name=name, value=value))
        remember_claim(session, kit.device, claim)
