"""Volumes on a carrier: writing a bundle into a folder whole or not at all, and finding what lies there.

Names of files are hints for people; what a file is stands inside it.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from ledger.errors import TrustError
from sync import parity as parities
from sync.carriers.places import FOLDER, Candidate, candidates
from sync.carriers.spool import Spool, sha256_of
from sync.home import sync_folder
from sync.parity import ParityIndex, check_parity, overhead_bytes, parity_parts, rebuild
from sync.reasons import refused
from sync.volume import (
    Index,
    Writer,
    check_volume,
    claimed_place,
    file_name,
    parity_name,
    share_out,
    volume_parts,
)

_TEMPORARY: Final = ".TMP"
_NUMBERED: Final = re.compile(r"([0-9a-f]{8})\b.*\.s(\d\d)", re.IGNORECASE)

AnyIndex = TypeVar("AnyIndex")


@dataclass(frozen=True, slots=True)
class FoundVolume:
    """A volume that is whole to the last bit.

    path     the file with its bytes, which is ours where it was unpacked or made again
    origin   what a person knows it by
    carrier  folder, iso or eml
    """

    path: Path
    index: Index
    origin: str = ""
    carrier: str = FOLDER
    spool: Spool | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is, or claims to be, a volume and cannot be used.

    place  bundle id and volume number that its head claims, where it can be read
    """

    path: Path
    refusal: TrustError
    place: tuple[bytes, int] | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class FoundParity:
    """A parity volume that is whole to the last bit; see ``FoundVolume``."""

    path: Path
    index: ParityIndex
    origin: str
    carrier: str
    spool: Spool | None = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class FoundBundle:
    """What was found of one bundle.

    volumes  whole volumes in order of their numbers, one file each; further copies are left out
    twins    files that say they are one of ``volumes`` and have other contents
    damaged  files that claim to be volumes of this bundle of which no whole copy is here: with one of these
             the bundle is refused whole
    missing  numbers of the volumes that are neither here nor damaged
    repaired numbers of the volumes in ``volumes`` that were made again with the parity volume
    spare    damaged files that are not needed: those of repaired volumes, and a parity volume
    has_parity  a whole parity volume is here
    """

    volumes: tuple[FoundVolume, ...]
    twins: tuple[Path, ...]
    damaged: tuple[Fault, ...]
    missing: tuple[int, ...]
    repaired: tuple[int, ...] = ()
    spare: tuple[Fault, ...] = ()
    has_parity: bool = False

    @property
    def carrier(self) -> str:
        """How it came: folder, iso or eml; the first volume's where they came differently."""
        return self.volumes[0].carrier

    @property
    def index(self) -> Index:
        """Of the first volume that is here: what is common to all."""
        return self.volumes[0].index

    @property
    def code(self) -> str | None:
        """What is wrong first: of a damaged file, VOLUME_TWIN, VOLUME_MISSING; None where it is complete."""
        if self.damaged:
            return self.damaged[0].refusal.code
        if self.twins:
            return "VOLUME_TWIN"
        return "VOLUME_MISSING" if self.missing else None


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that lies in the given places: bundles, and damaged files that belong to none of these."""

    bundles: tuple[FoundBundle, ...]
    faults: tuple[Fault, ...]


def write_volumes(
    folder: Path,
    bundle: bytes,
    segments: Sequence[bytes],
    writer: Writer,
    volume_bytes: int,
    *,
    parity: bool = False,
) -> list[Path]:
    """Write a bundle into ``folder`` as volumes of at most ``volume_bytes`` each, and read them back.

    parity   write one more file (the last) that repairs one lost or damaged one
    returns  the files, in order
    raises   TrustError IO_ERROR where the medium is full, gone or lies; then nothing of this bundle is left
             there if it can be removed, and the message says what could not
    """
    sizes = [len(segment) for segment in segments]
    if parity:  # it is a little longer than the longest volume
        volume_bytes -= overhead_bytes(len(share_out(sizes, volume_bytes)))
    shares = share_out(sizes, volume_bytes)
    written: list[Path] = []
    with medium(folder, written):
        for volume, share in enumerate(shares, 1):
            parts = volume_parts(
                writer, bundle, volume, len(shares), share.start + 1, segments[share.start : share.stop]
            )
            write_file(folder / file_name(bundle, volume), parts, written)
        if parity:
            write_file(folder / parity_name(bundle), parity_parts(writer, bundle, written.copy()), written)
        sync_folder(folder)
    return written


@contextmanager
def medium(folder: Path, written: list[Path]) -> Iterator[None]:
    """Take away what was ``written`` where the medium fails; TrustError IO_ERROR says what is left."""
    try:
        yield
    except OSError as fault:
        left = _remove(written)
        told = f"{fault.strerror or fault}. {left} The books are unchanged, and so are all other files."
        raise refused("IO_ERROR", told, where=str(folder)) from fault


def find_volumes(paths: Iterable[Path], below: Path | None = None, carrier: str = "") -> Found:
    """Look through files, folders, disc images and mails; every volume found is checked to the last bit.

    below    where images and mails are unpacked, and lost volumes made again; None for the system's folder
    carrier  how all of it came; empty for what each file itself says
    """
    whole: list[FoundVolume] = []
    parity: list[FoundParity] = []
    faults: list[Fault] = []
    for one in candidates(paths, below):
        try:
            if one.refusal is not None:
                raise one.refusal
            if _is_parity(one.path):
                told = _checked(one, check_parity)
                parity.append(FoundParity(one.path, told, one.origin, carrier or one.carrier, one.spool))
            else:
                index = _checked(one, check_volume)
                whole.append(FoundVolume(one.path, index, one.origin, carrier or one.carrier, one.spool))
        except TrustError as refusal:
            faults.append(Fault(one.path, refusal, _claimed_place(one.path), one.origin))
    groups = _Groups(whole, parity, faults, below)
    bundles = tuple(groups.bundles())
    told_of = {fault.origin for bundle in bundles for fault in (*bundle.damaged, *bundle.spare)}
    rest = [fault for fault in faults if fault.origin not in told_of]
    return Found(bundles, (*rest, *groups.alone))


def write_file(path: Path, parts: Iterable[bytes], written: list[Path]) -> None:
    """Temporary name, flush, rename, read back; ``written`` always names what lies on the medium."""
    temporary = path.with_suffix(_TEMPORARY)
    if path.exists():
        raise FileExistsError(0, f"{path.name} is there already")
    digest = hashlib.sha256()
    with temporary.open("xb") as file:
        written.append(temporary)
        for part in parts:
            file.write(part)
            digest.update(part)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    written[-1] = path
    if _read_back(path) != digest.digest():
        raise OSError(0, f"{path.name} reads back otherwise than it was written")


def _read_back(path: Path) -> bytes:
    """SHA-256 of what the medium gives."""
    return sha256_of(path)


def _remove(written: Iterable[Path]) -> str:
    """Take away what was written, and say in a sentence what is left."""
    left = []
    for path in written:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            left.append(path.name)
    if left:
        return f"These incomplete files may still lie there, and can be deleted: {', '.join(left)}."
    return "Nothing of this bundle was left there."


def _is_parity(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(parities.MAGIC)) == parities.MAGIC
    except OSError:
        return False


def _checked(one: Candidate, check: Callable[[BinaryIO, int], AnyIndex]) -> AnyIndex:
    """What a whole file says about itself; a refusal names the file as a person knows it."""
    try:
        if not stat.S_ISREG(one.path.lstat().st_mode):
            raise refused("NOT_SATCHEL", "It is a link, a device or a folder.")
        with one.path.open("rb") as file:
            return check(file, file.seek(0, os.SEEK_END))
    except OSError as fault:
        raise refused("IO_ERROR", f"{fault.strerror}.", where=one.origin) from fault
    except TrustError as refusal:
        raise TrustError(
            refusal.code, refusal.message, where=one.origin, next_step=refusal.next_step
        ) from refusal


def _claimed_place(path: Path) -> tuple[bytes, int] | None:
    try:
        if stat.S_ISREG(path.lstat().st_mode):
            with path.open("rb") as file:
                return claimed_place(file, file.seek(0, os.SEEK_END))
    except OSError:
        pass
    return None


_Writing = tuple[bytes, bytes, int, bytes, int, bool]


class _Groups:
    """Volumes of one writing put together.

    Only those of one key, device and institution belong together: a stranger's volume that borrows a bundle
    id is a bundle of its own and spoils nobody's.

    alone  parity volumes of which no volume is here and none can be made
    """

    def __init__(
        self,
        whole: Iterable[FoundVolume],
        parity: Iterable[FoundParity],
        faults: Sequence[Fault],
        below: Path | None,
    ) -> None:
        self._volumes: dict[_Writing, dict[int, list[FoundVolume]]] = {}
        self._parity: dict[_Writing, FoundParity] = {}
        self._faults, self._below = faults, below
        self.alone: list[Fault] = []
        for volume in whole:
            numbered = self._volumes.setdefault(_writing(volume.index), {})
            numbered.setdefault(volume.index.volume, []).append(volume)
        for one in parity:
            self._parity.setdefault(_writing(one.index), one)

    def bundles(self) -> Iterator[FoundBundle]:
        """Every bundle of which something is here."""
        for writing in sorted({*self._volumes, *self._parity}):
            found = self._bundle(self._volumes.get(writing, {}), self._parity.get(writing))
            if found is not None:
                yield found

    def _bundle(
        self, numbered: Mapping[int, list[FoundVolume]], parity: FoundParity | None
    ) -> FoundBundle | None:
        chosen = {number: copies[0] for number, copies in sorted(numbered.items())}
        twins = [other for copies in numbered.values() for other in copies if other.index != copies[0].index]
        again = _made_again(chosen, parity, self._below)
        if again is not None:
            chosen[again.index.volume] = again
        if not chosen:
            assert parity is not None, "a bundle has something of it here"
            refusal = refused("VOLUME_MISSING", "Only the parity volume is here.", where=parity.origin)
            self.alone.append(Fault(parity.path, refusal, (parity.index.bundle, 0), parity.origin))
            return None
        index = next(iter(chosen.values())).index
        claims = [fault for fault in self._faults if fault.place and fault.place[0] == index.bundle]
        damaged = {fault.place[1]: fault for fault in claims if fault.place and fault.place[1] not in chosen}
        spoilt = damaged.pop(0, None)  # the parity volume's own number
        spare = [spoilt] if spoilt else []
        if again is not None:
            spare += [fault for fault in self._faults if _is_copy(fault, again.index)]
        missing = sorted(set(range(1, index.volumes + 1)) - chosen.keys() - damaged.keys())
        return FoundBundle(
            volumes=tuple(chosen[number] for number in sorted(chosen)),
            twins=tuple(sorted(Path(twin.origin or twin.path) for twin in twins)),
            damaged=tuple(damaged.values()),
            missing=tuple(missing),
            repaired=(again.index.volume,) if again else (),
            spare=tuple(spare),
            has_parity=parity is not None,
        )


def _writing(index: Index | ParityIndex) -> _Writing:
    return (index.bundle, index.institution, index.device, index.public, index.volumes, index.enrol)


def _made_again(
    chosen: Mapping[int, FoundVolume], parity: FoundParity | None, below: Path | None
) -> FoundVolume | None:
    """The one volume that is not here whole; None where nothing is lost or it cannot be made."""
    if parity is None or len(chosen) != parity.index.volumes - 1:
        return None
    (number,) = set(range(1, parity.index.volumes + 1)) - chosen.keys()
    spool = Spool(below)
    others = {known: volume.path for known, volume in chosen.items()}
    try:
        path = spool.keep(rebuild(parity.path, parity.index, others, number))
        with path.open("rb") as file:
            index = check_volume(file, file.seek(0, os.SEEK_END))
    except (TrustError, OSError):
        return None  # the volume stays missing or damaged, and is named
    if _writing(index) != _writing(parity.index) or index.volume != number:
        return None
    return FoundVolume(path, index, f"{parity.origin} (volume {number})", parity.carrier, spool)


def _is_copy(fault: Fault, index: Index) -> bool:
    """Whether a damaged file is that volume, as its head, its end or at least its name says."""
    if fault.place is not None:
        return fault.place == (index.bundle, index.volume)
    named = _NUMBERED.fullmatch(Path(fault.origin).name)
    claimed = (named[1].lower(), int(named[2])) if named else None
    return claimed == (index.bundle.hex()[:8], index.volume)
