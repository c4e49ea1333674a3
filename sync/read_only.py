"""When this home may book nothing more: it was restored or cloned, or headquarters retired its device.

Such a home still imports and exports: bundles heal it, and what it alone knows is carried out of it. The
setting ``read_only`` is written by whoever finds the fault, and read before each unit of work.
"""

import json
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy.orm import Session

from ledger.errors import TrustError
from schema.reading import fetch_one
from schema.replication import Setting
from sync import chain as chains
from sync.changeset import Place
from sync.reasons import refused
from sync.roster import RETIRED, REVOKED

SETTING: Final = "read_only"


@dataclass(frozen=True, slots=True)
class Stop:
    """Why nothing is booked. ``chain``, ``seq`` and ``hash`` (hex) say what is missing here, where known.

    ``device`` is the number that may not go on; 0 stops whichever number this home has.
    """

    code: str
    detail: str
    device: int = 0
    chain: int = 0
    seq: int = 0
    hash: str = ""


def stop(
    session: Session,
    code: str,
    detail: str,
    *,
    device: int = 0,
    chain: int = 0,
    missing: Place | None = None,
) -> None:
    """Make this home read-only from now on; the newest missing place is what it waits for.

    code     CHAIN_RESTORED (of ``device``, our own) or FORK_HQ
    missing  a place of our own ``chain`` that others have and that is not here
    """
    known = read_stop(session)
    if known is not None and missing is not None and known.seq > missing.seq:
        return
    place = (missing.seq, missing.hash.hex()) if missing is not None else (0, "")
    said = json.dumps(asdict(Stop(code, detail, device, chain, *place)))
    row = session.get(Setting, SETTING)
    if row is None:
        session.add(Setting(name=SETTING, value=said))
    else:
        row.value = said
    session.flush()


def read_stop(session: Session) -> Stop | None:
    """Give why nothing is booked, as it was found; None when there is nothing of the kind."""
    row = fetch_one(session, "SELECT value FROM setting WHERE name = ?", SETTING)
    return Stop(**json.loads(row[0])) if row else None


def lift(session: Session, device: int, *, healed: bool) -> bool:
    """Let this home book again if what it lacked is here now; gives whether nothing stops it any more.

    healed  database and second copy agree: what only their difference had shown is over
    """
    found = read_stop(session)
    if found is None:
        return True
    if found.code != "CHAIN_RESTORED" or found.device != device:
        return False
    if found.hash:
        place = Place(found.seq, bytes.fromhex(found.hash))
        healed = chains.link_at(session, device, found.chain, place) is not None
    if healed:
        clear(session)
    return healed


def clear(session: Session) -> None:
    """Take the stop away: the home goes on under another number, or was healed."""
    row = session.get(Setting, SETTING)
    if row is not None:
        session.delete(row)
        session.flush()


def refusal(session: Session, device: int) -> TrustError | None:
    """Give why this device may book nothing, or None.

    CHAIN_RESTORED or FORK_HQ where that was found; RETIRED where the roster says so.
    """
    row = fetch_one(
        session,
        "SELECT state, bound_seq, (SELECT value FROM setting WHERE name = ?) FROM device WHERE number = ?",
        SETTING,
        device,
    )
    if row is None:
        return None
    state, bound, said = row
    if said is not None:
        found = Stop(**json.loads(said))
        if found.device in {0, device}:
            return refused(found.code, found.detail)
    if state in {RETIRED, REVOKED}:
        return refused("RETIRED", f"Device {device} is {state} at its entry {bound or 0}.")
    return None
