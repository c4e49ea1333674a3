"""The audit pack: one file from which an auditor proves the books without us (docs/audit-pack.md).

It holds what was signed, byte for byte (the institution's keys, the chains, the claims of bundles), tables to
read beside it, and the program that checks one against the other. The same books give the same bytes.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO, Final, cast

from sqlalchemy.orm import Session

from banking.users import log_look
from hq.audit_pack_lines import Line, aside, enrolments, lines_of, manifests, signed_of
from hq.audit_pack_tables import TABLES, Scope, csv_lines
from hq.audit_pack_words import README
from hq.log_seal import seal_earlier_days
from ledger.errors import NotFoundError
from schema.reading import fetch_one
from sync.changeset import digest
from sync.installation import Installation
from sync.packing import Signed
from sync.reasons import refused
from sync.root import Root
from sync.sealed_stream import sealed_for

VERSION: Final = 1
VERIFIER: Final = "satchel-verify.py"
_FRAME_BYTES: Final = 1 << 20
_FRAME_CHANGESETS: Final = 2_000
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""Date of every file in the pack: the same books give the same bytes, whenever it is written."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an auditor wants.

    branch      short code; empty: all branches
    start, end  days that the tables to read are bounded by; the chains are always whole
    recipient   whom the pack is encrypted for (``age1…``); empty: for nobody
    """

    branch: str = ""
    start: date | None = None
    end: date | None = None
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class WrittenPack:
    """A pack that was written: its file, the program beside it, and what is inside."""

    file: Path
    verifier: Path
    names: tuple[str, ...]
    sha256: bytes
    size_bytes: int


def write_audit_pack(installation: Installation, folder: Path, asked: Asked, actor_id: int) -> WrittenPack:
    """Write the pack into ``folder``, and the program that checks it beside it; the audit log says so.

    What the log says of earlier days is sealed first, so that it is in the pack's chains.

    raises  NotFoundError for a branch that is none; TrustError WRONG_RECIPIENT, IO_ERROR: no pack is left
    """
    code = asked.branch.upper()
    name = f"audit-pack-{code or 'all'}.zip{'.age' if asked.recipient else ''}"
    file, part = folder / name, folder / f"{name}.part"
    seal_earlier_days(installation, actor_id, installation.clock())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sealing = sealed_for(asked.recipient, part) if asked.recipient else nullcontext(None)
        with installation.database.reading() as session, sealing as sealed:
            scope = _scope(session, asked)
            if sealed is None:
                with part.open("wb") as plain:
                    names = _Writer(plain).write(_parts(installation, session, scope))
            else:
                names = _Writer(sealed).write(_parts(installation, session, scope))
        part.replace(file)
        verifier = folder / VERIFIER
        verifier.write_bytes(verifier_bytes())
    except OSError as fault:
        raise refused("IO_ERROR", str(fault.strerror or fault), where=str(folder)) from fault
    finally:
        part.unlink(missing_ok=True)
    with installation.exclusive() as session:
        days = f"{asked.start or ''}..{asked.end or ''}"
        subject = " ".join(filter(None, (code or "all", days, "sealed" if asked.recipient else "")))
        log_look(session, installation.clock(), actor_id, "audit_pack.write", subject)
    with file.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").digest()
    return WrittenPack(file, verifier, names, sha256, file.stat().st_size)


def verifier_bytes() -> bytes:
    """Give the program that checks a pack: one file, for Python and ``cryptography`` alone."""
    return files("hq.verifier").joinpath("satchel_verify.py").read_bytes()


def _scope(session: Session, asked: Asked) -> Scope:
    office: int | None = None
    if asked.branch:
        found = fetch_one(session, "SELECT id FROM office WHERE code = ?", asked.branch.upper())
        if found is None:
            raise NotFoundError(kind="branch", key=asked.branch)
        office = found[0]
    digits = fetch_one(session, "SELECT digits FROM institution ORDER BY id")
    return Scope(office, asked.start, asked.end, digits[0] if digits else 2)


Part = tuple[str, Iterable[bytes]]


def _parts(installation: Installation, session: Session, scope: Scope) -> Iterator[Part]:
    """Give every file of the pack in its order, each as pieces that are made when they are asked for."""
    yield "README.txt", [README.encode()]
    yield VERIFIER, [verifier_bytes()]
    for version, root in _roots(installation):
        yield f"root/root-{version}.cbor", [root]
    yield from enrolments(session, scope)
    lines, heads = lines_of(session, scope), dict[str, list[object]]()
    for line in lines:
        yield line.file, _block(_noting_head(line, signed_of(session, line), heads))
    for name, kept in aside(session, scope):
        yield name, _block(kept)
    for name, claims in manifests(session, lines):
        yield name, _block(claims)
    for name, table in TABLES.items():
        yield f"tables/{name}.csv", csv_lines(table.heading, table.rows(session, scope, lines))
    claimed = {
        "v": VERSION,
        "institution": installation.facts.institution,
        "branch": None if scope.office is None else _code(session, scope.office),
        "from": scope.start and scope.start.isoformat(),
        "to": scope.end and scope.end.isoformat(),
        "heads": heads,
    }
    yield "pack.json", [json.dumps(claimed, indent=1, sort_keys=True).encode()]


def _roots(installation: Installation) -> list[tuple[int, bytes]]:
    home = installation.home
    found = {path.read_bytes() for path in [home.root_keys, *home.older_roots()]}
    return sorted((Root.from_bytes(data).version, data) for data in found)


def _code(session: Session, office: int) -> str:
    found = fetch_one(session, "SELECT code FROM office WHERE id = ?", office)
    return str(found[0]) if found else ""


def _noting_head(line: Line, signed: Iterable[Signed], heads: dict[str, list[object]]) -> Iterator[Signed]:
    seq, last = 0, b""
    for body, signature in signed:
        seq, last = seq + 1, body
        yield body, signature
    heads[line.file] = [line.last_seq, digest(last).hex()] if seq else [0, line.genesis.hex()]


def _block(signed: Iterable[Signed]) -> Iterator[bytes]:
    """Frame signed bytes as section 7 of the bundle format does: packing 0, so that anybody can read it."""
    waiting: list[bytes] = []
    size = 0
    for body, signature in signed:
        waiting.append(len(body).to_bytes(4, "big") + body + signature)
        size += len(waiting[-1])
        if size >= _FRAME_BYTES or len(waiting) == _FRAME_CHANGESETS:
            yield _frame(waiting, size)
            waiting, size = [], 0
    if waiting:
        yield _frame(waiting, size)


def _frame(waiting: list[bytes], size: int) -> bytes:
    return b"".join((b"\0", len(waiting).to_bytes(4, "big"), size.to_bytes(4, "big"), *waiting))


class _Forward:
    """A stream that only goes forward, so that a .zip has the same form on a disk and into an encryption."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        return self._stream.write(data)

    def flush(self) -> None:
        self._stream.flush()


class _Writer:
    """Writes the parts into one .zip, and at its end the list of their hashes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(cast("BinaryIO", _Forward(stream)), "w", zipfile.ZIP_DEFLATED)
        self._sums: list[str] = []

    def write(self, parts: Iterable[Part]) -> tuple[str, ...]:
        """Write everything; gives the names."""
        names = []
        with self._zip:
            for name, pieces in parts:
                self._sums.append(f"{self._put(name, pieces)}  {name}\n")
                names.append(name)
            self._put("SHA256SUMS", ["".join(sorted(self._sums, key=lambda line: line[66:])).encode()])
        return (*names, "SHA256SUMS")

    def _put(self, name: str, pieces: Iterable[bytes]) -> str:
        entry = zipfile.ZipInfo(name, _MOMENT)
        entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
        found = hashlib.sha256()
        with self._zip.open(entry, "w", force_zip64=True) as target:
            for piece in pieces:
                found.update(piece)
                target.write(piece)
        return found.hexdigest()
