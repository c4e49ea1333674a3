"""A branch's home that nobody can open any more, opened with headquarters' answer.

The old signing key stays sealed for ever, so the laptop goes on under a reserve number; its books stay as
they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from banking.users import ADMIN, enable, find_user, set_password
from branch.replacing import NewNumber, claim_reserve, new_number
from ledger.errors import NotFoundError, TrustError
from schema.database import open_database
from sync.chain import Signer, genesis
from sync.forgotten import forget_request, open_answer
from sync.founding import check_passphrase, new_secrets
from sync.healing import heal
from sync.home import Home, HomeFacts, sync_folder, write_durably
from sync.installation import Installation
from sync.keyslots import KeySlots, RecoverySlot, SealedSigningKey, derive
from sync.lock import HomeLock
from sync.reasons import refused
from sync.reserve import ReserveCode
from sync.second_copy import SecondCopy
from sync.signing import SigningKey
from sync.succession import ROTATED, claims_of_this_home, plan_succession

RESET = "user.reset"


@dataclass(frozen=True, slots=True)
class Reopening:
    """How the home is opened: headquarters' answer with its code, and a code of the branch's safe.

    ``passphrase`` opens the home from now on and is the password of the administrator ``admin``.
    """

    answer: bytes
    code: str
    reserve: ReserveCode
    passphrase: str
    admin: str


def reopen(home: Home, wanted: Reopening, clock: Callable[[], datetime]) -> NewNumber:
    """Open the home, give it the new passphrase and a new number, and set the administrator's password.

    After a power cut the same is done again with the same answer, code and passphrase, whatever was reached:
    until the rename that gives the new number it begins anew, and goes on behind it.

    raises  TrustError WEAK_PASSPHRASE, WRONG_EDITION, NO_RESERVE, RESERVE_USED and what ``open_answer``
            raises; CHAIN_RESTORED where neither database nor second copy is whole; NotFoundError where
            ``admin`` is no administrator. Nothing is changed then
    """
    check_passphrase(wanted.passphrase)
    facts = home.facts()
    if facts.edition != "branch":
        raise TrustError("WRONG_EDITION", "This home is headquarters'. Nothing was done.")
    master, has_old_number = open_answer(home, wanted.answer, wanted.code)
    if has_old_number:
        lock = HomeLock(home.lock)
        try:
            with lock.held():
                _begin(home, facts, master, wanted)
        finally:
            lock.close()
    with Installation.open(str(home.root), wanted.passphrase, clock=clock) as installation:
        with installation.database.reading() as session:
            user_id = _administrator(session, wanted.admin)
        with installation.unit_of_work(RESET, user_id) as session:
            set_password(session, user_id, wanted.passphrase)
            enable(session, user_id)
        forget_request(home)
        return new_number(installation)


def _begin(home: Home, facts: HomeFacts, master: bytes, wanted: Reopening) -> None:
    secrets = new_secrets()
    database = open_database(home.database_location(facts), derive(master, "database"))
    copy = SecondCopy(home.journal_of(facts), home.anchor_of(facts), derive(master, "journal"))
    try:
        database.migrate()
        with database.reading() as session:
            checker = _checker(session, facts)
        heal(database, copy, copy.open(), checker)
        with database.writing() as session:
            _administrator(session, wanted.admin)
            device = claim_reserve(session, facts, wanted.reserve, secrets)
            plan_succession(session, device, facts.device, ROTATED)
    finally:
        copy.close()
        database.close()
    following = replace(facts, device=device, suffix=f"-{device}")
    for sealed in home.device_keys():
        sealed.replace(sealed.with_name(f"forgotten-{sealed.name}"))
    sync_folder(home.root)
    key = SealedSigningKey.create(secrets, wanted.passphrase, name=wanted.admin)
    write_durably(home.device_key_of(following), key.to_bytes())
    kept = KeySlots.from_bytes(home.keyslots.read_bytes()).slots
    recovery = KeySlots(tuple(one for one in kept if isinstance(one, RecoverySlot)))
    slots = recovery.with_passphrase(master, wanted.admin, wanted.passphrase)
    write_durably(home.keyslots, slots.to_bytes())
    home.write_facts(following)


def _checker(session: Session, facts: HomeFacts) -> Signer:
    """Give what checks this device's own signatures, and makes none: nobody has its key any more.

    raises   TrustError SENDER_UNKNOWN where the books do not know the device's key
    """
    claim = next((one for one in claims_of_this_home(session) if one.device == facts.device), None)
    if claim is None:
        raise refused("SENDER_UNKNOWN", f"These books do not know the key of device {facts.device}.")
    public = claim.signing_key
    begin = genesis(facts.institution_id, facts.device, public, claim.recipient)
    return Signer(facts.institution_id, facts.device, SigningKey(b"", public), begin, is_hq=False)


def _administrator(session: Session, username: str) -> int:
    user = find_user(session, username)
    if user is None or user.role != ADMIN:
        raise NotFoundError(kind="user", key=username)
    return user.id
