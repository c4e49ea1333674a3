"""A newer program on its way to the branches: signed by the institution's release key, carried in pieces.

The statement names version, size and SHA-256 of one file (an installer or a wheel) and the schema revision
that it brings. It is signed by a key of the root's ``release`` role; versions only rise. The file travels as
attachments of a return bundle, each piece with the name of the whole:

    8 bytes   SATCHUPD
    32 bytes  SHA-256 of the file
    8 bytes   where this piece begins
              the piece

Nothing of it is run by itself: a person at the branch confirms, and then installs it.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Final, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import N_, NotFoundError, RuleError
from schema.replication import ProgramUpdate
from sync.canonical import Plain, decode, encode
from sync.fields import Fields
from sync.home import Home, write_durably
from sync.reasons import refused
from sync.root import Root
from sync.signing import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, SigningKey, verify

VERSION: Final = 1
MAGIC: Final = b"SATCHUPD"
PIECE_BYTES: Final = 2 << 20
MAX_FILE_BYTES: Final = 512 << 20
COMING: Final = "coming"
ARRIVED: Final = "arrived"
CONFIRMED: Final = "confirmed"

_SHA256_BYTES: Final = 32
_OFFSET_BYTES: Final = 8
_HEAD_BYTES: Final = len(MAGIC) + _SHA256_BYTES + _OFFSET_BYTES
_MAX_STATEMENT_BYTES: Final = 16 << 10
_MAX_SIGNATURES: Final = 16
_MAX_NOTES: Final = 2_000
_NUMBER: Final = re.compile(r"(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){1,3}", re.ASCII)


class BadVersionError(RuleError):
    """Facts: given."""

    code = "BAD_VERSION"
    message = N_("{given} is not a version such as 1.4.0. Nothing was signed.")


class NoReleaseKeyError(RuleError):
    """No facts."""

    code = "NO_RELEASE_KEY"
    message = N_(
        "The key of this installation may not sign programs: it is not among the institution's release keys. "
        "Nothing was signed."
    )


class OldProgramError(RuleError):
    """Facts: version, known."""

    code = "OLD_PROGRAM"
    message = N_("Version {version} is not newer than {known}. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Release:
    """What the release key says about one file of a newer program.

    version  numbers with points, such as 1.4.0
    schema   the schema revision that it brings
    notes    what is new, for the person who confirms
    """

    institution_id: bytes
    version: str
    sha256: bytes
    size_bytes: int
    schema: int
    notes: str = ""

    def signed_by(self, *keys: SigningKey) -> bytes:
        """Give the statement with a signature by each of ``keys``."""
        statement = encode(
            {
                "v": VERSION,
                "institution": self.institution_id,
                "version": self.version,
                "sha256": self.sha256,
                "size_bytes": self.size_bytes,
                "schema": self.schema,
                "notes": self.notes,
            }
        )
        signatures = [[key.public, key.sign("release", self.institution_id, statement)] for key in keys]
        return encode({"statement": statement, "signatures": signatures})

    @classmethod
    def from_bytes(cls, data: bytes, root: Root) -> Self:
        """Read a statement and check that a release key of ``root`` signed it.

        raises  TrustError BAD_SIGNATURE, OTHER_INSTITUTION, NON_CANONICAL, UNKNOWN_VERSION, LIMIT_…
        """
        outer = Fields.of_bytes(data, "the release statement", limit_bytes=_MAX_STATEMENT_BYTES)
        statement = outer.raw("statement", limit=_MAX_STATEMENT_BYTES)
        signatures = outer.each("signatures", _signature, limit=_MAX_SIGNATURES)
        outer.finish()
        trusted = [(key, signature) for key, signature in signatures if key in root.release]
        if not trusted:
            raise refused("BAD_SIGNATURE", "No release key of the institution signed the program.")
        for key, signature in trusted:
            verify(key, signature, "release", root.institution_id, statement)
        fields = Fields(decode(statement, limit_bytes=_MAX_STATEMENT_BYTES), "the release statement")
        fields.version(VERSION)
        release = cls(
            institution_id=fields.raw("institution", size=16),
            version=fields.text("version", limit=32),
            sha256=fields.raw("sha256", size=_SHA256_BYTES),
            size_bytes=fields.whole("size_bytes", low=1, high=MAX_FILE_BYTES),
            schema=fields.whole("schema", low=1),
            notes=fields.text("notes", limit=_MAX_NOTES),
        )
        fields.finish()
        if release.institution_id != root.institution_id:
            raise refused("OTHER_INSTITUTION", "The program was released by another institution.")
        if not _NUMBER.fullmatch(release.version):
            raise refused("NON_CANONICAL", "The release has no version such as 1.4.0.")
        return release


def newer(version: str, known: str) -> bool:
    """Whether ``version`` is above ``known``, number by number."""
    return _numbers(version) > _numbers(known)


def sign_release(
    home: Home, root: Root, key: SigningKey, file: Path, version: str, *, schema: int, notes: str = ""
) -> Release:
    """Sign a program's file at headquarters and keep both in the home, ready for return bundles.

    raises  BadVersionError, NoReleaseKeyError; OldProgramError when a newer or the same one is kept already;
            TrustError IO_ERROR
    """
    if not _NUMBER.fullmatch(version):
        raise BadVersionError(given=version)
    if key.public not in root.release:
        raise NoReleaseKeyError
    for known in kept_releases(home, root):
        if not newer(version, known.version):
            raise OldProgramError(version=version, known=known.version)
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise refused("IO_ERROR", str(fault.strerror or fault), where=str(file)) from fault
    if not 0 < len(content) <= MAX_FILE_BYTES:
        raise refused("LIMIT_SIZE", f"A program of {len(content)} bytes.", where=str(file))
    release = Release(
        root.institution_id, version, hashlib.sha256(content).digest(), len(content), schema, notes
    )
    home.updates.mkdir(exist_ok=True)
    write_durably(program_file(home, release.sha256), content)
    write_durably(home.updates / f"{version}.release", release.signed_by(key))
    return release


def kept_releases(home: Home, root: Root) -> list[Release]:
    """List what was signed here, oldest first; a statement under a key that is no longer good is left out."""
    found = []
    for file in home.updates.glob("*.release") if home.updates.is_dir() else ():
        data = file.read_bytes()
        release = Release.from_bytes(data, root)
        found.append(release)
    return sorted(found, key=lambda release: _numbers(release.version))


def pieces_of(home: Home, version: str) -> Iterator[bytes]:
    """Give the attachments that carry a release: its statement first, then the file piece by piece.

    raises  NotFoundError
    """
    file = home.updates / f"{version}.release"
    if not _NUMBER.fullmatch(version) or not file.is_file():
        raise NotFoundError(kind="program", key=version)
    statement = file.read_bytes()
    outer = Fields.of_bytes(statement, "the release statement", limit_bytes=_MAX_STATEMENT_BYTES)
    fields = Fields(decode(outer.raw("statement"), limit_bytes=_MAX_STATEMENT_BYTES), "the release statement")
    sha256 = fields.raw("sha256", size=_SHA256_BYTES)
    yield statement
    with program_file(home, sha256).open("rb") as content:
        offset = 0
        while piece := content.read(PIECE_BYTES):
            yield MAGIC + sha256 + offset.to_bytes(_OFFSET_BYTES, "big") + piece
            offset += len(piece)


def take_attachments(
    home: Home, root: Root, session: Session, attachments: Sequence[bytes], *, running: str, now: datetime
) -> list[str]:
    """Keep what a return bundle brought of newer programs; gives the versions that are whole now.

    Pieces may come in any order and again; what is whole is proved by the statement's SHA-256.

    running  version of the program that runs here: what is not newer is passed over
    raises   TrustError as ``Release.from_bytes``; BAD_HASH when the pieces make another file
    """
    for data in attachments:
        if not data.startswith(MAGIC):
            release = Release.from_bytes(data, root)
            if newer(release.version, running) and session.get(ProgramUpdate, release.version) is None:
                _remember(session, release, data, now)
    session.flush()
    wanted = {row.sha256: row for row in session.scalars(select(ProgramUpdate)) if row.state == COMING}
    for data in attachments:
        if data.startswith(MAGIC) and len(data) > _HEAD_BYTES:
            row = wanted.get(data[len(MAGIC) : len(MAGIC) + _SHA256_BYTES])
            if row is not None:
                _keep_piece(home, row, data)
    return [row.version for row in wanted.values() if _is_whole(home, row)]


def confirm(session: Session, version: str) -> ProgramUpdate:
    """Note that a person at the branch wants this version installed.

    raises  NotFoundError while it is not here as a whole
    """
    row = session.get(ProgramUpdate, version)
    if row is None or row.state not in {ARRIVED, CONFIRMED}:
        raise NotFoundError(kind="program", key=version)
    row.state = CONFIRMED
    return row


def list_updates(session: Session) -> list[ProgramUpdate]:
    """List what came here, oldest version first."""
    return sorted(session.scalars(select(ProgramUpdate)), key=lambda row: _numbers(row.version))


def take_out(home: Home, root: Root, row: ProgramUpdate, folder: Path) -> Path:
    """Copy the file of a confirmed version into ``folder``, after proving it and its statement once more.

    raises  TrustError BAD_SIGNATURE, BAD_HASH, IO_ERROR
    """
    release = Release.from_bytes(row.statement, root)
    try:
        content = program_file(home, release.sha256).read_bytes()
    except OSError as fault:
        raise refused("IO_ERROR", str(fault.strerror or fault), where=row.version) from fault
    if hashlib.sha256(content).digest() != release.sha256:
        raise refused("BAD_HASH", f"The file of version {row.version} was damaged here.")
    target = folder / f"satchel-{release.version}.program"
    try:
        write_durably(target, content)
    except OSError as fault:
        raise refused("IO_ERROR", str(fault.strerror or fault), where=str(folder)) from fault
    return target


def running_version() -> str:
    """Give the version of the program that runs here."""
    return metadata.version("satchel")


def program_file(home: Home, sha256: bytes) -> Path:
    """Where the file of a release lies."""
    return home.updates / f"{sha256.hex()}.program"


def _remember(session: Session, release: Release, statement: bytes, now: datetime) -> None:
    session.add(
        ProgramUpdate(
            version=release.version,
            sha256=release.sha256,
            size_bytes=release.size_bytes,
            statement=statement,
            state=COMING,
            at=now,
        )
    )


def _keep_piece(home: Home, row: ProgramUpdate, data: bytes) -> None:
    offset = int.from_bytes(data[len(MAGIC) + _SHA256_BYTES : _HEAD_BYTES], "big")
    piece = data[_HEAD_BYTES:]
    if offset + len(piece) > row.size_bytes:
        raise refused("LIMIT_SIZE", "A piece of a program lies beyond the end of its file.")
    home.updates.mkdir(exist_ok=True)
    with _partial(home, row).open("ab"):
        pass
    with _partial(home, row).open("r+b") as file:
        file.seek(offset)
        file.write(piece)


def _is_whole(home: Home, row: ProgramUpdate) -> bool:
    """Whether all pieces are here; then the file gets its name, and the row says so."""
    partial = _partial(home, row)
    if not partial.is_file() or partial.stat().st_size != row.size_bytes:
        return False
    with partial.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").digest()
    if sha256 != row.sha256:
        return False  # a piece in the middle is still to come
    partial.replace(program_file(home, row.sha256))
    row.state = ARRIVED
    return True


def _partial(home: Home, row: ProgramUpdate) -> Path:
    return home.updates / f"{row.sha256.hex()}.coming"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _signature(value: Plain) -> tuple[bytes, bytes]:
    if isinstance(value, list) and len(value) == len(("key", "signature")):
        key, signature = value
        if (
            type(key) is bytes
            and type(signature) is bytes
            and (len(key), len(signature)) == (PUBLIC_KEY_BYTES, SIGNATURE_BYTES)
        ):
            return key, signature
    raise refused("NON_CANONICAL", "A release is signed by keys of 32 bytes with 64 bytes each.")
