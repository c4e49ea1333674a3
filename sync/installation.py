"""An opened home: its database, keys and second copy, and the unit of work that everything is written in."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from typing import Final, Self

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ledger.errors import TrustError
from schema.database import Database, open_database
from schema.reading import fetch_one
from schema.writing import Act, declare
from sync import late, read_only
from sync.chain import Accepted, Signer, genesis, newest_hlc
from sync.healing import heal, missing_in_copy
from sync.home import Home, HomeFacts
from sync.keyslots import DeviceSecrets, KeySlots, SealedSigningKey, derive
from sync.kit import KIT_ID_BYTES, Claim
from sync.lock import HomeLock
from sync.profile_upgrade import bring_profiles_forward
from sync.recorder import Recorder
from sync.refold import SETTLED, settle_after
from sync.roots import with_headquarters
from sync.roster import Roster
from sync.seal import Identity
from sync.second_copy import CopiedChangeset, SecondCopy
from sync.succession import KIND as BEGINNING
from sync.succession import claims_of_this_home, is_to_begin, write_succession
from sync.whereabouts import IdCounter, Place, find_place, largest_id, place_or_none

_NOBODY: Final = 0
STEPS: Final = ("flush", "seal", "commit", "journal", "anchor", "answer")
IMPORT_STEPS: Final = ("authentic", "received", "folded", "acknowledged", "taken")
"""What an import of one bundle reaches, one after the other; only the last stands behind its commit."""
_log = logging.getLogger("satchel.recording")


class Undo(Exception):  # noqa: N818 - not an error: it ends a rehearsal
    """Raised inside a unit of work to leave it with nothing kept and nobody told of an error."""


class Installation:
    """One opened home. Thread-safe: units of work wait for each other.

    clock  gives the present instant in UTC; the only clock that the rooms below the pages know
    """

    def __init__(
        self,
        home: Home,
        facts: HomeFacts,
        master: bytes,
        secrets: DeviceSecrets,
        *,
        clock: Callable[[], datetime],
        reached: Callable[[str], None] = lambda _step: None,
        older: tuple[str, ...] = (),
    ) -> None:
        self.home = home
        self.facts = facts
        self.secrets = secrets
        self.clock = clock
        self.again = partial(type(self), home, facts, master, secrets, older=older)
        """Opens the same home in another process, without looking after it; takes ``clock``."""
        self.reached = reached
        self.read_only_because: TrustError | None = None
        self._disk_fault: TrustError | None = None
        self.healed: list[str] = []
        self.identities = (secrets.identity, *older)
        """What opens a bundle for us: our age identity, and those of the devices that lived here before."""
        self.derived_key = partial(derive, master)
        self._lock = HomeLock(home.lock)
        location = home.database_location(facts)
        self.database: Database = open_database(
            location, None if isinstance(location, str) else derive(master, "database")
        )
        self.second_copy = SecondCopy(
            home.journal_of(facts), home.anchor_of(facts), derive(master, "journal")
        )
        self.carrier_key = derive(master, "carriers")
        recipient = Identity.of(secrets.identity).recipient
        self.signer = Signer(
            facts.institution_id,
            facts.device,
            secrets.signing_key,
            genesis(facts.institution_id, facts.device, secrets.signing_key.public, recipient),
            is_hq=facts.edition == "hq",
        )
        self.recipient = recipient
        self._copied_hlc = 0
        self._must_heal = False
        """Whether the second copy must be read again: a stop has ended, a bundle may have mended it."""
        self._place: Place | None = None
        self._ids: tuple[int, int] | None = None

    @classmethod
    def open(
        cls,
        root: str,
        passphrase: str,
        *,
        clock: Callable[[], datetime],
        reached: Callable[[str], None] = lambda _step: None,
    ) -> Self:
        """Open a home with a user's passphrase; heals the second copy and the database from each other.

        A home that is a clone or was restored opens read-only: see ``read_only_because``.

        raises  TrustError NO_HOME, WRONG_PASSPHRASE, BAD_KEYSLOTS, WRONG_KEY
        """
        home = Home.at(root)
        facts = home.facts()
        master = KeySlots.from_bytes(home.keyslots.read_bytes()).open_with_passphrase(passphrase)
        sealed = home.device_key_of(facts)
        secrets = SealedSigningKey.from_bytes(sealed.read_bytes()).open_with_passphrase(passphrase)
        older = tuple(
            SealedSigningKey.from_bytes(file.read_bytes()).open_with_passphrase(passphrase).identity
            for file in home.device_keys()
            if file != sealed
        )
        installation = cls(home, facts, master, secrets, clock=clock, reached=reached, older=older)
        try:
            installation.start()
        except BaseException:
            installation.close()
            raise
        return installation

    def start(self) -> None:
        """Bring the schema up to date and make database and second copy agree again."""
        with self._lock.held():
            self.database.migrate()
            bring_profiles_forward(self.database)
            try:
                self._heal()
            except OSError as error:
                self._become_read_only(error)
            except TrustError as found:
                if found.code != "CHAIN_RESTORED":
                    raise
                with self.database.writing() as session:
                    read_only.stop(session, found.code, found.message, device=self.facts.device)
            else:
                self._lift_stop()
            self.look_up_state()
        with self.database.reading() as session:
            begins = self.read_only_because is None and is_to_begin(session, self.facts.device)
        if begins:
            with self.unit_of_work(BEGINNING, _NOBODY):
                pass  # every first unit of work begins with what this device goes on with

    def _lift_stop(self) -> None:
        with self.database.reading() as session:
            if read_only.read_stop(session) is None:
                return
        with self.database.writing() as session:
            read_only.lift(session, self.facts.device, healed=True)

    def look_up_state(self) -> TrustError | None:
        """Read again why this device may book nothing: an import may have ended it, or brought it about."""
        with self.database.reading() as session:
            found = read_only.refusal(session, self.facts.device)
        self._must_heal |= found is None and self.read_only_because is not None
        self.read_only_because = self._disk_fault or found
        return self.read_only_because

    def _heal(self) -> None:
        self.second_copy.close()
        anchor = self.second_copy.open()
        self.healed += heal(self.database, self.second_copy, anchor, self.signer)
        self.second_copy.reserve()
        self._must_heal = False
        with self.database.reading() as session:
            self._copied_hlc = newest_hlc(session, self.facts.device)

    def close(self) -> None:
        """Let go of database, second copy and lock."""
        self.database.close()
        self.second_copy.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def place(self) -> Place:
        """Institution and office, read once."""
        if self._place is None:
            with self.database.reading() as session:
                self._place = find_place(session, self.facts.device)
        return self._place

    def roster(self, session: Session) -> Roster:
        """Read who may write what; this device is on it with the keys that it has."""
        own = Claim(
            self.facts.institution_id,
            bytes(KIT_ID_BYTES),
            self.facts.device,
            self.signer.key.public,
            self.recipient,
        )
        found = Roster.load(session, self.facts.institution_id, *claims_of_this_home(session), own)
        return with_headquarters(found, self.home)

    @contextmanager
    def unit_of_work(self, kind: str, actor_id: int, note: str = "", *, chain: int = 0) -> Iterator[Session]:
        """Open a session whose every write lands in one sealed changeset named ``kind``.

        When the block ends without an error everything is committed, copied and anchored; after that, and
        not before, an answer may be given or printed. An error leaves nothing behind.

        raises  TrustError READ_ONLY when the second copy cannot be written
        """
        with self.bulk_work(kind, actor_id, note, chain=chain) as (session, _seal):
            yield session

    @contextmanager
    def bulk_work(
        self, kind: str, actor_id: int, note: str = "", *, chain: int = 0
    ) -> Iterator[tuple[Session, Callable[[str, str], None]]]:
        """As ``unit_of_work``, for work that needs several changesets in one commit.

        Gives the session and ``seal(kind, note)``, which closes a changeset and begins the next one. Raising
        ``Undo`` inside ends a rehearsal: everything was checked as in earnest, nothing is kept.
        """
        started = time.perf_counter()
        with self._lock.held():
            self._refuse_without_second_copy()
            unfinished: list[CopiedChangeset] = []
            sealed: list[Accepted] = []
            try:
                with disk_trouble_named(), self.database.writing() as session:
                    self._refuse_when_read_only(session)
                    recorder = Recorder(session, self.signer, chain, self.reached)
                    newest = newest_hlc(session, self.facts.device)
                    if newest != self._copied_hlc:
                        unfinished = missing_in_copy(session, self.signer, self._copied_hlc)
                    ids = IdCounter(self._last_id(session, newest))
                    done = self._act(session, kind, actor_id, note, ids)
                    done.cut, done.cut_into = recorder.seal, recorder.seal_into
                    done.heads = partial(late.heads, session)
                    declare(session, done)
                    if recorder.begins_chain and write_succession(session, self.facts.device):
                        recorder.seal(BEGINNING, "")
                    yield session, recorder.seal
                    recorder.seal()
                    sealed = recorder.sealed
                    if any(op.table == late.PERIOD for one in sealed for op in one.changeset.ops):
                        late.settle_periods(session)
                    settled = [op for one in sealed for op in one.changeset.ops if op.table in SETTLED]
                    if settled:
                        settle_after(session, self.roster(session), settled)
            except Undo:
                return
            self.reached("commit")
            if sealed:
                self._ids = (sealed[-1].changeset.hlc, ids.last)
            self._copy(unfinished, sealed)
        self.reached("answer")
        for accepted in sealed:
            _log.info(
                "%s device=%d seq=%d ms=%d",
                accepted.changeset.kind,
                accepted.changeset.device,
                accepted.changeset.seq,
                (time.perf_counter() - started) * 1000,
            )

    @contextmanager
    def exclusive(self) -> Iterator[Session]:
        """Open a writing session for local tables and imports, under the home's lock, without a changeset.

        It opens also where nothing may be booked: a bundle may heal this home.
        """
        with self._lock.held():
            if self._disk_fault is not None:
                raise self._disk_fault
            if self.read_only_because is None:
                self._make_second_copy_ready()
            with disk_trouble_named(), self.database.writing() as session:
                yield session

    @contextmanager
    def noting(self) -> Iterator[Session]:
        """Open a session for a local row on which no books depend: on a server it waits for no import."""
        with self.exclusive() if self.database.is_sqlite else self.database.noting() as session:
            yield session

    def _copy(self, unfinished: list[CopiedChangeset], sealed: list[Accepted]) -> None:
        """Second copy, then anchor. The commit stands: a fault here ends writing, not what was done.

        unfinished  what another process on this home committed and was killed before it could copy it
        """
        try:
            if not sealed:
                return
            for copied in unfinished:
                self.second_copy.append(copied)
            for accepted in sealed:
                changeset = accepted.changeset
                copied = CopiedChangeset(changeset.chain, changeset.hlc, accepted.body, accepted.signature)
                start, end = self.second_copy.append(copied)
            self.reached("journal")
            self.second_copy.move_anchor(start, end, sealed[-1].hash)
            self._copied_hlc = sealed[-1].changeset.hlc
            self.reached("anchor")
        except OSError as error:
            self._become_read_only(error)

    def _act(self, session: Session, kind: str, actor_id: int, note: str, ids: IdCounter) -> Act:
        place = self._place = self._place or place_or_none(session, self.facts.device)
        now = self.clock()
        day = fetch_one(
            session,
            'SELECT "on" FROM business_day WHERE state = ? AND origin_office_id = ?',
            "open",
            place.office_id if place else 0,
        )
        return Act(
            kind=kind,
            note=note,
            actor_id=actor_id,
            device=self.facts.device,
            office_id=place.office_id if place else 0,
            office_code=place.office_code if place else "",
            currency=place.currency if place else "",
            digits=place.digits if place else 2,
            business_date=date.fromisoformat(day[0]) if day else now.date(),
            recorded_at=now,
            ids=ids,
        )

    def _last_id(self, session: Session, newest: int) -> int:
        """Derived from the tables; looked up again only when somebody else has recorded in between."""
        if self._ids is None or self._ids[0] != newest:
            self._ids = (newest, largest_id(session, self.facts.device))
        return self._ids[1]

    def _refuse_when_read_only(self, session: Session) -> None:
        self.read_only_because = read_only.refusal(session, self.facts.device)
        if self.read_only_because is not None:
            raise self.read_only_because

    def _refuse_without_second_copy(self) -> None:
        """Make ready what the next changeset is copied to; a stop that was found before ends it here."""
        if self.read_only_because is not None:
            found = self.look_up_state()
            if found is not None:
                raise found
        self._make_second_copy_ready()

    def _make_second_copy_ready(self) -> None:
        try:
            if self._must_heal or self.second_copy.has_moved():  # or another process works on this home
                self._heal()
            self.second_copy.reserve()
        except OSError as error:
            raise self._become_read_only(error) from error

    def _become_read_only(self, error: OSError) -> TrustError:
        self._disk_fault = self.read_only_because = TrustError(
            "READ_ONLY",
            f"The second copy of the books cannot be written ({error.strerror or error}). "
            "What was booked is safe; nothing more is booked.",
            where="journal",
            next_step="Make room on the disk, then start the program again.",
        )
        return self._disk_fault


@contextmanager
def disk_trouble_named() -> Iterator[None]:
    """Tell a full or failing disk under the database by name; any other fault stays what it is.

    raises  TrustError IO_ERROR
    """
    try:
        yield
    except OperationalError as error:
        told = str(error.orig)
        if "full" not in told and "I/O" not in told:
            raise
        raise TrustError(
            "IO_ERROR",
            f"The database could not be written ({told}). Nothing of this was booked.",
            where="database",
            next_step="Make room on the disk, then try again.",
        ) from error
