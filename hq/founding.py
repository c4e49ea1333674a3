"""Making an institution, registering branches and confirming their devices."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from banking.standard import ChartRow, add_office, create_standard_reference
from banking.users import create_user
from hq.replacements import add_reserves, reference_of, reserves_of, succeed
from ledger.errors import TrustError
from schema.reference import Device, Office
from schema.replication import EnrolmentKit, Setting
from schema.writing import insert, update
from sync.chain import HEAD_OFFICE_CHAIN, HQ_DEVICE
from sync.founding import Founding, founded, new_secrets
from sync.home import DATABASE_FILE, Home, HomeFacts, write_durably
from sync.installation import Installation
from sync.keyslots import DeviceSecrets, SealedSigningKey
from sync.kit import MIN_CODE_CHARACTERS, SECRET_BYTES, Claim, Kit, tidy_code
from sync.reasons import refused
from sync.recovery import new_recovery_identity
from sync.root import Root
from sync.roster import ACTIVE, UNCONFIRMED
from sync.signing import SigningKey, fingerprint20

KIT_DAYS: Final = 90
NOBODY: Final = 0
"""Actor of what happens before the first user exists."""


@dataclass(frozen=True, slots=True)
class NewInstitution:
    """What ``hq init`` is told. ``database``: a server's URL, or None for an encrypted file in the home."""

    name: str
    currency: str
    digits: int
    admin: str
    passphrase: str
    chart: Sequence[ChartRow] | None = None
    database: str | None = None


def create_institution(
    root: Path, wanted: NewInstitution, *, recovery_out: Path | None, clock: Callable[[], datetime]
) -> str:
    """Make headquarters' home; gives the institution's id in hex.

    The recovery identity is written as an age key file to ``recovery_out`` (default: in the home).
    """
    institution_id = os.urandom(16)
    secrets, root_key = new_secrets(), SigningKey.generate()
    recovery = new_recovery_identity()
    facts = HomeFacts("hq", institution_id.hex(), HQ_DEVICE, wanted.database or DATABASE_FILE)
    founding = Founding(facts, wanted.passphrase, wanted.admin, recovery.recipient)
    if recovery_out is not None and recovery_out.exists():
        raise TrustError(
            "FILE_EXISTS",
            "The file for the recovery key is there already. Nothing was set up.",
            where=str(recovery_out),
            next_step="Name another file with --recovery-out.",
        )
    with founded(root, founding, secrets, clock=clock) as installation:
        _write_root(installation.home, institution_id, root_key, secrets, wanted)
        _write_reference(installation, wanted, institution_id, secrets)
        with installation.exclusive() as session:
            session.add(Setting(name="recovery_recipient", value=recovery.recipient))
        with installation.unit_of_work("user.create", NOBODY, chain=HEAD_OFFICE_CHAIN) as session:
            create_user(session, wanted.admin, wanted.admin, "admin", wanted.passphrase)
        if recovery_out is None:
            write_durably(installation.home.root / "recovery.age", recovery.key_file(clock()))
        else:
            write_durably(recovery_out, recovery.key_file(clock()))
    return institution_id.hex()


def _write_root(
    home: Home, institution_id: bytes, root_key: SigningKey, secrets: DeviceSecrets, wanted: NewInstitution
) -> None:
    daily = (secrets.signing_key.public,)
    root = Root(institution_id, 1, 1, (root_key.public,), officer=daily, daily=daily, release=daily)
    write_durably(home.root_keys, root.signed_by(root_key))
    sealed = SealedSigningKey.create(DeviceSecrets(root_key, ""), wanted.passphrase, name=wanted.admin)
    write_durably(home.root / "root.key", sealed.to_bytes())


def _write_reference(
    installation: Installation, wanted: NewInstitution, institution_id: bytes, secrets: DeviceSecrets
) -> None:
    with installation.unit_of_work("institution.create", NOBODY) as session:
        create_standard_reference(
            session,
            institution_public_id=institution_id,
            name=wanted.name,
            currency=wanted.currency,
            digits=wanted.digits,
            chart=wanted.chart,
        )
        head_office = session.execute(select(Office)).scalars().one()
        own = Device(
            number=HQ_DEVICE,
            office_id=head_office.id,
            signing_key=secrets.signing_key.public,
            recipient=installation.recipient,
            state=ACTIVE,
            scope="hq",
        )
        insert(session, own)


def enrol(
    installation: Installation, code: str, name: str, kit_code: str, actor_id: int
) -> tuple[Kit, bytes]:
    """Register a branch and give its kit, and the kit's file sealed under ``kit_code``.

    A branch whose kit nobody has used yet gets the same device and secret again, under the new code.

    raises  TrustError WEAK_CODE; RuleError when the code of the branch is taken or cannot be used
    """
    if len(tidy_code(kit_code)) < MIN_CODE_CHARACTERS:
        raise TrustError(
            "WEAK_CODE",
            f"The code of the kit has fewer than {MIN_CODE_CHARACTERS} characters. Nothing was written.",
            next_step="Choose a longer code.",
        )
    today = installation.clock().date()
    with installation.unit_of_work("office.enrol", actor_id) as session:
        kit_row = _unused_kit(session, code)
        if kit_row is None:
            kit_row = _register(session, code, name, today)
        add_reserves(session, installation.facts.institution_id, kit_row.office_id)
        device, kit_id, secret = kit_row.device, kit_row.kit_id, kit_row.secret
        expires_on = kit_row.expires_on
    with installation.database.reading() as session:
        reference = reference_of(session)
        reserves = reserves_of(session, kit_row.office_id)
        recovery = session.get_one(Setting, "recovery_recipient").value
    kit = Kit(
        institution_id=installation.facts.institution_id,
        kit_id=kit_id,
        expires_on=expires_on,
        office_code=code.upper(),
        device=device,
        reserves=tuple(reserves),
        root=installation.home.root_keys.read_bytes(),
        hq_device=installation.facts.device,
        hq_signing_key=installation.signer.key.public,
        hq_recipient=installation.recipient,
        recovery_recipient=recovery,
        secret=secret,
        reference=reference,
    )
    return kit, kit.to_file(kit_code)


def _unused_kit(session: Session, code: str) -> EnrolmentKit | None:
    return (
        session.execute(
            select(EnrolmentKit)
            .join(Office, Office.id == EnrolmentKit.office_id)
            .where(
                Office.code == code.upper(),
                EnrolmentKit.state == "written",
                EnrolmentKit.purpose == "enrol",
            )
        )
        .scalars()
        .first()
    )


def _register(session: Session, code: str, name: str, today: date) -> EnrolmentKit:
    number = session.execute(select(func.max(Office.number))).scalar_one() + 1
    office = add_office(session, number, code, name)
    device = session.execute(select(func.max(Device.number))).scalar_one() + 1
    kit_row = EnrolmentKit(
        kit_id=os.urandom(16),
        device=device,
        office_id=office.id,
        secret=os.urandom(SECRET_BYTES),
        expires_on=today + timedelta(days=KIT_DAYS),
        state="written",
    )
    insert(session, Device(number=device, office_id=office.id, kit_id=kit_row.kit_id, state=UNCONFIRMED))
    session.add(kit_row)
    session.flush()
    return kit_row


def confirm(installation: Installation, device: int, fingerprint: str, actor_id: int) -> str:
    """Confirm a device by the 20 digits that the branch reads out; gives its state.

    raises  TrustError WRONG_FINGERPRINT, NOT_CLAIMED: nothing is changed then
    """
    with installation.unit_of_work("device.confirm", actor_id) as session:
        row = session.execute(select(Device).where(Device.number == device)).scalars().first()
        kit = session.execute(select(EnrolmentKit).where(EnrolmentKit.device == device)).scalars().first()
        if kit is not None and kit.state == "reused":
            raise refused("KIT_REUSED", f"Device {device} stays as it is.")
        if row is None or kit is None or kit.claim is None:
            raise TrustError(
                "NOT_CLAIMED",
                f"No bundle of device {device} with its keys has arrived yet. Nothing was changed.",
                next_step="Import the first bundle of that branch, then confirm.",
            )
        claim = Claim.read(kit.claim)[0]
        digits = "".join(c for c in fingerprint if c.isdigit())
        if digits != fingerprint20(claim.signing_key, claim.recipient.encode()):
            raise TrustError(
                "WRONG_FINGERPRINT",
                f"These are not the 20 digits of device {device}. Nothing was changed.",
                next_step="Have the branch read them out again from its page Status. "
                "If they still differ, somebody else sent the bundle: telephone your auditor.",
            )
        update(session, row, signing_key=claim.signing_key, recipient=claim.recipient, state=ACTIVE)
        kit.state = "confirmed"
        session.flush()
        succeed(installation, session, row)
        return row.state
