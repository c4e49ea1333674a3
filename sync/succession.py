"""How one device goes on with another one's books (protocol, sections 1 and 5).

A restored, re-seeded or rotated laptop writes a new chain. The first row of its first changeset names the old
device and the last place of its chain that the new one knows: whoever admits the new chain waits for that
place, as for anything in ``seen``.
"""

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy.orm import Session

from schema.messages import DeviceSuccession
from schema.reading import fetch
from schema.replication import Setting
from schema.writing import insert
from sync import chain as chains
from sync.chain import HEAD
from sync.changeset import INSERT, Changeset, Place
from sync.kit import Claim

RESTORED: Final = "restored"
RESEEDED: Final = "reseeded"
ROTATED: Final = "rotated"
KIND: Final = "device.succeed"
_SETTING: Final = "succession"
_CLAIM: Final = "claim"


@dataclass(frozen=True, slots=True)
class Succession:
    """``device`` goes on with the books of ``old_device``, known up to ``seq`` with ``hash`` (hex)."""

    device: int
    old_device: int
    seq: int
    hash: str
    how: str

    @property
    def place(self) -> Place:
        """Where the old chain was left."""
        return Place(self.seq, bytes.fromhex(self.hash))


def succession_of(changeset: Changeset) -> Succession | None:
    """Give what the first changeset of a device says of the one before it; None where it is no successor."""
    if changeset.seq != 1 or not changeset.ops:
        return None
    op = changeset.ops[0]
    new = op.new or {}
    if op.table != DeviceSuccession.__tablename__ or op.sign != INSERT:
        return None
    old, seq, sha256, how = (new.get(name) for name in ("old_device", "seq", "hash", "how"))
    if type(old) is not int or type(seq) is not int or type(sha256) is not bytes or type(how) is not str:
        return None
    return Succession(changeset.device, old, seq, sha256.hex(), how)


def plan_succession(session: Session, device: int, old_device: int, how: str) -> Succession:
    """Remember that ``device`` is to go on where the chain of ``old_device`` ends here; a local row."""
    head = chains.watermark(session, old_device, 0, HEAD)
    place = head or Place(0, b"")
    planned = Succession(device, old_device, place.seq, place.hash.hex(), how)
    row = session.get(Setting, _SETTING)
    if row is None:
        session.add(Setting(name=_SETTING, value=json.dumps(asdict(planned))))
    else:
        row.value = json.dumps(asdict(planned))
    session.flush()
    return planned


def planned_succession(session: Session) -> Succession | None:
    """Give what this home's device goes on with; None where it is the first of its line."""
    row = session.get(Setting, _SETTING)
    return Succession(**json.loads(row.value)) if row is not None else None


def remember_claim(session: Session, device: int, claim: bytes) -> None:
    """Keep what this home claims for ``device``; it travels until a return bundle has confirmed it."""
    session.merge(Setting(name=f"{_CLAIM}:{device}", value=claim.hex()))
    session.flush()


def claim_of(session: Session, device: int) -> bytes | None:
    """Give the statement ``enrol`` of one device of this home; None where it was made elsewhere."""
    for name in (f"{_CLAIM}:{device}", _CLAIM):
        row = session.get(Setting, name)
        if row is not None and Claim.read(bytes.fromhex(row.value))[0].device == device:
            return bytes.fromhex(row.value)
    return None


def claims_of_this_home(session: Session) -> list[Claim]:
    """Give what the devices that ever lived in this home claim, so that their chains can be checked."""
    rows = fetch(session, "SELECT name, value FROM setting ORDER BY name")
    return [_own_claim(value) for name, value in rows if name.partition(":")[0] == _CLAIM]


@lru_cache(maxsize=64)
def _own_claim(statement: str) -> Claim:
    """Read one of our own statements; every roster asks for it."""
    return Claim.read(bytes.fromhex(statement))[0]


def is_to_begin(session: Session, device: int) -> bool:
    """Whether the new chain is to begin at once: a re-seeded laptop waits for its first work."""
    planned = planned_succession(session)
    return (
        planned is not None
        and planned.device == device
        and planned.how != RESEEDED
        and chains.head(session, device, 0) is None
    )


def write_succession(session: Session, device: int) -> bool:
    """Write what this device goes on with, as the first row of its chain; False where it follows none."""
    planned = planned_succession(session)
    if planned is None or planned.device != device:
        return False
    insert(
        session,
        DeviceSuccession(
            old_device=planned.old_device, seq=planned.seq, hash=bytes.fromhex(planned.hash), how=planned.how
        ),
    )
    return True
