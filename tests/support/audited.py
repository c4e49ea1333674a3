"""A whole institution with its audit pack and its keys: what a thief of the keys could write."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hq.audit_pack import Asked, WrittenPack, write_audit_pack
from sync.changeset import Changeset, digest
from sync.signing import SigningKey
from tests.support.headquarters import FIRST
from tests.support.institution import HQ, TestInstitution
from tests.support.packs import Pack, resigned

KIT, ELW = 2, 5
HQ_LINE, KIT_LINE, ELW_LINE = "chains/1-0.block", "chains/2-0.block", "chains/5-0.block"


@dataclass
class Bank:
    """A whole institution, its pack, and the keys that a thief of them would have."""

    made: TestInstitution
    written: WrittenPack
    pack: Pack
    institution: bytes
    keys: dict[int, SigningKey]


def make_bank(made: TestInstitution, root: Path) -> Bank:
    """Copy an institution into ``root`` and write its pack.

    KIT and ELW are confirmed, have read headquarters' answer, and have sent again since.
    """
    copied = made.copy_to(root)
    copied.receive(copied.root / FIRST)
    for code in ("KIT", "ELW"):
        copied.confirm(code)
        copied.answer(code)
        copied.receive(copied.send(code)[0])
    keys = {}
    for device, home in ((1, HQ), (KIT, "KIT"), (ELW, "ELW")):
        with copied.open(home) as installation:
            keys[device] = installation.signer.key
            institution = installation.facts.institution_id
    with copied.open(HQ) as headquarters:
        written = write_audit_pack(headquarters, copied.root / "pack", Asked(), 1)
    return Bank(copied, written, Pack.read(written.file), institution, keys)


Fault = Callable[[Bank, Pack], None]


def bodies(pack: Pack, name: str) -> list[Changeset]:
    """Read a line of the pack."""
    return [Changeset.from_bytes(body) for body, _ in pack.line(name)]


def append(bank: Bank, pack: Pack, name: str, key: int, **changed: object) -> None:
    """Put one more changeset behind a chain, rightly chained and signed."""
    line = pack.line(name)
    last = Changeset.from_bytes(line[-1][0])
    made = replace(
        last, seq=last.seq + 1, prev=digest(line[-1][0]), hlc=last.hlc + 1, ops=(), seen={}, approvals=()
    )
    body = replace(made, **changed).to_bytes()  # type: ignore[arg-type]  # fields by their names
    pack.put_line(name, [*line, resigned(bank.keys[key], bank.institution, body)])
