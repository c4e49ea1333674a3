"""Headquarters comes back from a backup: as a new device, with new keys that the root names.

The backup holds no key that signs, so the new device begins chains of its own; the root's next version names
it, signed by the holders of the root keys. Branches believe it through that root, send what they have and the
backup had not, and take its return bundles, which are numbered anew within the incarnation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from banking.users import log_look
from hq.api.tokens import REVOKED
from schema.copying import copy_rows
from schema.database import open_database
from schema.desk import ApiToken
from schema.reference import Device, Incarnation
from schema.replication import WebSession
from schema.writing import insert
from sync import chain as chains
from sync.canonical import encode
from sync.chain import HEAD
from sync.founding import Restoring, new_secrets, restored
from sync.home import DATABASE_FILE, HomeFacts
from sync.installation import Installation
from sync.keyslots import DeviceSecrets
from sync.reasons import refused
from sync.root import Draft, HQKeys, Root, follow
from sync.roots import keep_root, newest_root
from sync.roster import ACTIVE, HQ_SCOPE
from sync.signing import SigningKey, fingerprint20

RESERVED_NUMBERS: Final = 1_000
"""Device numbers that headquarters may have given after the backup are never given again."""
_NOBODY: Final = 0


@dataclass(frozen=True, slots=True)
class ComeBack:
    """The incarnation that goes on. ``last_seq``: of the old device's chain 0, as the backup has it."""

    device: int
    old_device: int
    incarnation: int
    last_seq: int
    fingerprint: str


def restore_headquarters(
    root: Path, wanted: Restoring, root_keys: Sequence[SigningKey], *, clock: Callable[[], datetime]
) -> ComeBack:
    """Make headquarters' home from a backup, as its next incarnation.

    root_keys  as many of the root's keys as its threshold asks for
    raises     TrustError BAD_SIGNATURE where they are too few, WRONG_EDITION, and what ``restored`` raises
    """
    secrets = new_secrets()

    def begin(session: Session, old: HomeFacts) -> HomeFacts:
        if old.edition != "hq":
            raise refused("WRONG_EDITION", "The backup is a branch's.")
        newest = session.execute(select(func.max(Device.number))).scalar_one()
        return replace(old, device=newest + RESERVED_NUMBERS, suffix="", database=DATABASE_FILE)

    with restored(root, wanted, secrets, begin, clock=clock) as installation:
        _name_in_root(installation, secrets, root_keys)
        return _begin(installation)


def _name_in_root(
    installation: Installation, secrets: DeviceSecrets, root_keys: Sequence[SigningKey]
) -> None:
    now = newest_root(installation.home)
    with installation.database.reading() as session:
        known = now.hq or tuple(
            HQKeys(row.number, row.signing_key, row.recipient)
            for row in session.scalars(select(Device).where(Device.scope == HQ_SCOPE).order_by(Device.number))
            if row.signing_key is not None and row.recipient is not None
        )
    gone, new = {one.signing_key for one in known}, secrets.signing_key.public
    own = HQKeys(installation.facts.device, new, installation.recipient)
    following = Root(
        now.institution_id,
        now.version + 1,
        now.threshold,
        now.root_keys,
        officer=_renewed(now.officer, gone, new),
        daily=_renewed(now.daily, gone, new),
        release=_renewed(now.release, gone, new),
        hq=(*known, own),
    )
    draft = Draft(following, ())
    for key in root_keys:
        draft = draft.signed_by(key)
    follow(now, draft.to_bytes())
    keep_root(installation.home, draft.to_bytes())


def _renewed(keys: tuple[bytes, ...], gone: set[bytes], new: bytes) -> tuple[bytes, ...]:
    """The keys of a role, with that of the device that is no more replaced."""
    return tuple(dict.fromkeys(new if key in gone else key for key in keys))


def _begin(installation: Installation) -> ComeBack:
    device, now = installation.facts.device, installation.clock()
    with installation.unit_of_work("hq.restore", _NOBODY) as session:
        _shut_doors(session, now)
        old = session.scalars(
            select(Device).where(Device.scope == HQ_SCOPE).order_by(Device.number.desc())
        ).first()
        assert old is not None, "headquarters has a device"
        number = (session.execute(select(func.max(Incarnation.number))).scalar_one() or 1) + 1
        heads = sorted(chains.watermarks(session, HEAD).items())
        insert(
            session,
            Device(
                number=device,
                office_id=old.office_id,
                signing_key=installation.signer.key.public,
                recipient=installation.recipient,
                state=ACTIVE,
                scope=HQ_SCOPE,
                succeeds=old.number,
            ),
            Incarnation(
                number=number,
                device=device,
                succeeds=old.number,
                heads=encode([[*key, place.seq, place.hash] for key, place in heads]),
            ),
        )
        last = chains.watermark(session, old.number, 0, HEAD)
    digits = fingerprint20(installation.signer.key.public, installation.recipient.encode())
    return ComeBack(device, old.number, number, last.seq if last else 0, digits)


def _shut_doors(session: Session, now: datetime) -> None:
    """End every token and log-in of the backup: nobody remembers here which of them were ended after it."""
    for token in session.scalars(select(ApiToken).where(ApiToken.revoked_at.is_(None))):
        token.revoked_at = now
        log_look(session, now, None, REVOKED, f"{token.id} {token.name}")
    for log_in in session.scalars(select(WebSession)):
        session.delete(log_in)
    session.flush()


def move_to_server(installation: Installation, url: str) -> None:
    """Write every row into an empty database on a server; the home works on that from its next start."""
    target = open_database(url)
    try:
        with installation.database.reading() as session:
            copy_rows(session, target)
    finally:
        target.close()
    installation.home.write_facts(replace(installation.facts, database=url))
