"""The end of the line at headquarters: volumes are kept in the inbox, return bundles are given back.

Everything is limited: a piece, a volume, what one device may leave here, what strangers may leave together,
how often they may ask. Nothing that comes is imported here; the inbox does that, and believes none of it.
"""

import hashlib
import hmac
import secrets
import shutil
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final

from hq.line_errors import LineError
from hq.sending import export_to_branch
from ledger.errors import TrustError
from schema.reference import Office
from sync.carriers.letter import MAIL_BYTES
from sync.carriers.line import PIECE_BYTES, Credentials, signed_request
from sync.carriers.spool import sha256_of
from sync.carriers.writing import Way
from sync.installation import Installation
from sync.parity import MAX_PARITY_BYTES, check_parity
from sync.roster import ACTIVE, RETIRED, REVOKED, Member
from sync.signing import key_id, verify
from sync.volume import MAX_VOLUMES, check_volume

CHALLENGE_MINUTES: Final = 10
DEVICE_BYTES: Final = 4 << 30
"""What one device may leave here that is not imported yet."""
STRANGER_BYTES: Final = 16 << 20
"""Largest volume of a device that headquarters does not know yet."""
STRANGERS_BYTES: Final = 128 << 20
"""What all of them may leave here together."""
STRANGERS_A_MINUTE: Final = 120
FREE_BYTES: Final = 256 << 20
"""What always stays free on the disk."""
RETURN_SECONDS: Final = 60
"""A device that asks again sooner gets the bundle of the last time."""

_FOLDER: Final = "line"
_STRANGERS: Final = "strangers"
_KNOWN: Final = frozenset({ACTIVE, RETIRED, REVOKED})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks: the device that it claims, the key that signed, the member of the roster with this key."""

    device: int
    public: bytes
    member: Member | None

    @property
    def is_stranger(self) -> bool:
        """Whether headquarters has not confirmed it: then it may leave an enrolment, and nothing else."""
        return self.member is None or self.member.state not in _KNOWN

    @property
    def folder(self) -> str:
        """Name of what it leaves here: its number, and its key."""
        return f"{self.device}-{key_id(self.public).hex()}"


class LineInbox:
    """Volumes on their way in, and return bundles on their way out."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._key = secrets.token_bytes(32)
        self._lock = Lock()
        self._strangers: deque[datetime] = deque()
        self._returned: dict[int, datetime] = {}

    @property
    def folder(self) -> Path:
        """Where everything lies that came by the line."""
        return self._installation.home.inbox / _FOLDER

    @property
    def _gathered(self) -> Path:
        return self._installation.home.spool / _FOLDER

    def challenge(self, now: datetime) -> str:
        """Give what a device signs to show that it has its key now."""
        until = f"{int((now + timedelta(minutes=CHALLENGE_MINUTES)).timestamp()):012x}{secrets.token_hex(8)}"
        return until + self._mark(until)

    def sender(self, header: str, method: str, target: str, body: bytes, now: datetime) -> Sender:
        """Give who signed a request; LineError where nobody did, or may not."""
        told = Credentials.read(header)
        if told is None or not self._is_fresh(told.challenge, now):
            raise LineError(401, "BAD_SIGNATURE", "Sign a challenge that is not old.")
        institution = self._installation.facts.institution_id
        try:
            message = signed_request(method, target, body, told.challenge)
            verify(told.public, told.signature, "line", institution, message)
        except TrustError as fault:
            raise LineError(401, "BAD_SIGNATURE", "The signature is wrong.") from fault
        with self._installation.database.reading() as session:
            member = self._installation.roster(session).find(told.device)
        if member is not None and member.signing_key != told.public:
            member = None
        sender = Sender(told.device, told.public, member)
        if sender.is_stranger:
            self._count_stranger(now)
        return sender

    def received(self, sender: Sender, bundle: bytes, number: int) -> int:
        """Give how many bytes of a volume are here."""
        part, whole = self._places(sender, bundle, number)
        return (whole if whole.exists() else part).stat().st_size if whole.exists() or part.exists() else 0

    def put(
        self, sender: Sender, bundle: bytes, number: int, piece: bytes, *, offset: int, size: int, sha256: str
    ) -> int:
        """Keep a piece that follows what is here; gives how many bytes are here then.

        raises  LineError: 409 where it does not follow, 413 beyond a limit, 422 for what is no volume of
                this device, 507 where the disk is full
        """
        self._check_limits(sender, number, len(piece), offset, size)
        with self._lock:
            here = self.received(sender, bundle, number)
            part, whole = self._places(sender, bundle, number)
            if here != offset or whole.exists():
                raise LineError(409, "DUPLICATE", "This piece is not the one that follows.", here)
            self._check_room(sender, len(piece))
            part.parent.mkdir(parents=True, exist_ok=True)
            with part.open("ab") as file:
                file.write(piece)
            here += len(piece)
            if here == size:
                self._finish(sender, bundle, number, part, whole, sha256)
            return here

    def give_back(self, sender: Sender, now: datetime) -> tuple[str, list[Path]]:
        """Write the return bundle of a device, or find the one just written; gives its name and files.

        raises  LineError 403 for one that is not active or not the newest of its branch; TrustError
        """
        member = sender.member
        if member is None or member.state != ACTIVE or member.is_hq:
            raise LineError(403, "SENDER_UNKNOWN", "Headquarters sends to active devices of branches only.")
        folder = self._installation.home.outbox / _FOLDER / str(member.device)
        with self._lock:
            last = self._returned.get(member.device)
            if last is None or now - last >= timedelta(seconds=RETURN_SECONDS) or not folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                self._write_return(member, folder)
                self._returned[member.device] = now
        volumes = sorted(path for path in folder.iterdir() if path.suffix != ".TXT")
        return volumes[0].stem, volumes

    def piece_of(self, sender: Sender, name: str, offset: int) -> bytes:
        """Give a piece of a file of the return bundle; LineError 404 where there is none."""
        folder = self._installation.home.outbox / _FOLDER / str(sender.device)
        files = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
        if sender.is_stranger or name not in files:
            raise LineError(404, "IO_ERROR", "There is no such file. Ask for the bundle again.")
        with files[name].open("rb") as file:
            file.seek(offset)
            return file.read(PIECE_BYTES)

    def _write_return(self, member: Member, folder: Path) -> None:
        with self._installation.database.reading() as session:
            roster = self._installation.roster(session)
            code = session.get_one(Office, member.office_id).code
            newest = roster.devices_of(member.office_id)[-1]
        if newest != member.device:
            raise LineError(403, "SENDER_UNKNOWN", "The branch has a newer device.")
        export_to_branch(self._installation, code, folder, volume_bytes=MAIL_BYTES, way=Way(carrier="https"))

    def _check_limits(self, sender: Sender, number: int, length: int, offset: int, size: int) -> None:
        limit = STRANGER_BYTES if sender.is_stranger else MAX_PARITY_BYTES
        if not 0 < length <= PIECE_BYTES or not 0 < size <= limit or offset + length > size:
            raise LineError(413, "LIMIT_SIZE", "A piece or a volume is larger than is allowed.")
        if not 0 <= number <= MAX_VOLUMES:
            raise LineError(413, "LIMIT_NUMBER", "There is no volume of that number.")

    def _check_room(self, sender: Sender, length: int) -> None:
        mine, most = (_STRANGERS, STRANGERS_BYTES) if sender.is_stranger else (sender.folder, DEVICE_BYTES)
        if _size_of(self.folder / mine) + _size_of(self._gathered / mine) + length > most:
            raise LineError(413, "LIMIT_SIZE", "Too much that came by the line waits to be imported.")
        if shutil.disk_usage(self._installation.home.inbox).free < FREE_BYTES + length:
            raise LineError(507, "IO_ERROR", "There is no room at headquarters.")

    def _finish(
        self, sender: Sender, bundle: bytes, number: int, part: Path, whole: Path, sha256: str
    ) -> None:
        """Keep a volume under its name once it is what it was said to be; else take it away."""
        try:
            if not hmac.compare_digest(sha256_of(part).hex(), sha256):
                raise LineError(422, "BAD_HASH", "The volume arrived damaged; send it again.", 0)
            with part.open("rb") as file:
                size = part.stat().st_size
                index = check_volume(file, size) if number else check_parity(file, size)
            if index.bundle != bundle or index.public != sender.public or index.device != sender.device:
                raise LineError(422, "SENDER_UNKNOWN", "The volume is another device's.", 0)
            if sender.is_stranger and not index.enrol:
                raise LineError(403, "SENDER_UNKNOWN", "Headquarters has not confirmed this device.", 0)
        except TrustError as fault:
            part.unlink(missing_ok=True)
            if isinstance(fault, LineError):
                raise
            raise LineError(422, fault.code, fault.message, 0) from fault
        whole.parent.mkdir(parents=True, exist_ok=True)
        part.replace(whole)

    def _places(self, sender: Sender, bundle: bytes, number: int) -> tuple[Path, Path]:
        """Where its pieces are gathered, and where it lies when it is whole: nobody imports half a file."""
        below = Path(_STRANGERS if sender.is_stranger else "") / sender.folder
        name = f"{bundle.hex()}-{number:04}.volume"
        return self._gathered / below / name, self.folder / below / name

    def _count_stranger(self, now: datetime) -> None:
        with self._lock:
            while self._strangers and now - self._strangers[0] > timedelta(minutes=1):
                self._strangers.popleft()
            if len(self._strangers) >= STRANGERS_A_MINUTE:
                raise LineError(429, "LIMIT_NUMBER", "Too many ask at once. Try again in a minute.")
            self._strangers.append(now)

    def _is_fresh(self, challenge: str, now: datetime) -> bool:
        until, mark = challenge[:28], challenge[28:]
        if not hmac.compare_digest(mark, self._mark(until)):
            return False
        return int(until[:12], 16) >= now.timestamp()

    def _mark(self, until: str) -> str:
        return hmac.new(self._key, until.encode(), hashlib.sha256).hexdigest()


def _size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
