"""A branch's laptop under another number: restored from a backup, or in place with new keys.

Both take a reserve number from the branch's safe. The new device begins a chain that names where the old one
was left; headquarters confirms it by its fingerprint and retires the old number.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.reference import Device
from schema.replication import Setting
from sync.founding import Restoring, new_secrets, restored
from sync.home import Home, HomeFacts, write_durably
from sync.installation import Installation
from sync.keyslots import DeviceSecrets, KeySlots, SealedSigningKey
from sync.kit import Claim, Reserve
from sync.reasons import refused
from sync.reserve import ReserveCode, kit_id_of, verifier
from sync.roster import RESERVE
from sync.seal import Identity
from sync.signing import fingerprint20
from sync.succession import RESTORED, plan_succession, planned_succession, remember_claim


@dataclass(frozen=True, slots=True)
class NewNumber:
    """The number that a laptop goes on under, and the 20 digits that headquarters confirms it by."""

    device: int
    old_device: int
    fingerprint: str
    last_seq: int


def restore_branch(
    root: Path, wanted: Restoring, code: ReserveCode, *, clock: Callable[[], datetime]
) -> NewNumber:
    """Make a branch's home from a backup, under a reserve number and with keys made here.

    raises  TrustError NO_RESERVE, RESERVE_USED, WRONG_EDITION, and what ``restored`` raises
    """
    secrets = new_secrets()

    def begin(session: Session, old: HomeFacts) -> HomeFacts:
        if old.edition != "branch":
            raise refused("WRONG_EDITION", "The backup is headquarters'.")
        device = claim_reserve(session, old, code, secrets)
        plan_succession(session, device, old.device, RESTORED)
        return replace(old, device=device, suffix="")

    with restored(root, wanted, secrets, begin, clock=clock) as installation:
        return new_number(installation)


def renumber(home: Home, passphrase: str, code: ReserveCode, how: str, clock: Callable[[], datetime]) -> None:
    """Give the laptop at ``home`` a reserve number and new keys; its books stay as they are.

    The keys of the old number are kept: they open what was sent to it. Until the last step, which is one
    rename, the home is what it was.

    raises  TrustError NO_RESERVE, RESERVE_USED, WRONG_PASSPHRASE
    """
    secrets = new_secrets()
    with Installation.open(str(home.root), passphrase, clock=clock) as installation:
        facts = installation.facts
        with installation.exclusive() as session:
            device = claim_reserve(session, facts, code, secrets)
            plan_succession(session, device, facts.device, how)
        following = replace(facts, device=device, suffix=f"-{device}")
        name = KeySlots.from_bytes(home.keyslots.read_bytes()).name_opened_by(passphrase)
        sealed = SealedSigningKey.create(secrets, passphrase, name=name or "admin")
        write_durably(home.device_key_of(following), sealed.to_bytes())
    home.write_facts(following)


def renumbered(home: Home, passphrase: str, clock: Callable[[], datetime]) -> NewNumber:
    """Open the home under its new number for the first time: this begins the new chain."""
    with Installation.open(str(home.root), passphrase, clock=clock) as installation:
        return new_number(installation)


def claim_reserve(session: Session, facts: HomeFacts, code: ReserveCode, secrets: DeviceSecrets) -> int:
    """Find the number that a code is for, and keep the claim that travels in every bundle from now on."""
    device = _number_of(session, facts, code)
    row = session.scalars(select(Device).where(Device.number == device)).first()
    own = session.scalars(select(Device).where(Device.number == facts.device)).one()
    if row is None or row.office_id != own.office_id:
        raise refused("NO_RESERVE")
    if row.state != RESERVE:
        raise refused("RESERVE_USED", f"Number {device} is {row.state}.")
    recipient = Identity.of(secrets.identity).recipient
    claim = Claim(
        facts.institution_id,
        kit_id_of(facts.institution_id, device),
        device,
        secrets.signing_key.public,
        recipient,
    )
    remember_claim(session, device, claim.to_bytes(code.secret, secrets.signing_key))
    return device


def _number_of(session: Session, facts: HomeFacts, code: ReserveCode) -> int:
    """The laptop knows of its first codes enough to tell them apart; a later one is typed with its number."""
    known = {
        int(row.name.partition(":")[2]): row.value
        for row in session.scalars(select(Setting).where(Setting.name.startswith("reserve:")))
    }
    for device, expected in known.items():
        if verifier(facts.institution_id, Reserve(device, code.secret)) == expected:
            return device
    if code.device is None or code.device in known:
        raise refused("NO_RESERVE")
    return code.device


def new_number(installation: Installation) -> NewNumber:
    """Give the number of an opened home that goes on with another one's books."""
    with installation.database.reading() as session:
        planned = planned_succession(session)
    assert planned is not None, "a device that follows another one"
    digits = fingerprint20(installation.signer.key.public, installation.recipient.encode())
    return NewNumber(planned.device, planned.old_device, digits, planned.seq)
