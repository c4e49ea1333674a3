"""Setting up a branch's laptop from its enrolment kit."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from banking.users import create_user
from ledger.errors import TrustError
from schema.replication import Setting
from sync.admission import Admitter
from sync.chain import HQ_DEVICE, REFERENCE_CHAIN, genesis
from sync.founding import Founding, founded, new_secrets
from sync.home import HomeFacts, write_durably
from sync.installation import Installation
from sync.kit import Claim, Kit
from sync.reasons import refused
from sync.root import Root
from sync.roster import ACTIVE, HQ_SCOPE, Member, Roster

NOBODY = 0
"""Actor of what happens before the first user exists."""


def create_branch(
    root: Path, kit: Kit, *, admin: str, passphrase: str, clock: Callable[[], datetime]
) -> None:
    """Make the home of a branch: its own keys, HQ's reference data, the first user.

    raises  TrustError KIT_EXPIRED, BAD_SIGNATURE, HOME_EXISTS and what ``founded`` raises
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
    signed = [(body, signature) for chain, body, signature in kit.reference if chain == REFERENCE_CHAIN]
    with installation.exclusive() as session:
        roster = Roster(kit.institution_id, {HQ_DEVICE: hq})
        result = Admitter(session, roster, hq, REFERENCE_CHAIN).receive(signed)
        if result.admitted != len(kit.reference) or result.exceptions:
            raise refused("GAP", "The kit's reference data is not whole.")


def _remember(installation: Installation, kit: Kit, claim: bytes) -> None:
    facts = {
        "recovery_recipient": kit.recovery_recipient,
        "hq_recipient": kit.hq_recipient,
        "claim": claim.hex(),
        "reserves": " ".join(str(reserve.device) for reserve in kit.reserves),
    }
    with installation.exclusive() as session:
        for name, value in facts.items():
            session.add(Setting(name=name, value=value))
