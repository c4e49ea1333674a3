"""What lies together on a stick, and what comes one after the other: vectors of more than one file.

``sticks.json`` says of each stick which files lie on it under which names, and what a reader without keys
answers. ``chains.json`` says which blocks of changesets arrive in which order, and what becomes of each.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from schema.database import SCHEMA_REVISION
from sync.changeset import Changeset, Place, digest
from sync.packing import Signed, pack
from tests.support import chains
from tests.support.chains import INSTITUTION, Writer

HERE: Final = Path(__file__).parent
WHOLE: Final = {"A.S01": "three-1.volume", "B.S02": "three-2.volume", "C.S03": "three-3.volume"}
PARITY: Final = {"P.PAR": "three.parity"}


@dataclass(frozen=True)
class Bundle:
    """What a reader without keys says of one bundle: first what is wrong, then numbers of volumes."""

    bundle: str
    code: str | None = None
    missing: tuple[int, ...] = ()
    repaired: tuple[int, ...] = ()
    twins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stick:
    """Files by the names that they have on the stick; ``alone``: codes of files of no bundle."""

    files: dict[str, str]
    bundles: tuple[Bundle, ...]
    alone: tuple[str, ...] = ()


def _without(*numbers: int) -> dict[str, str]:
    return {name: file for name, file in WHOLE.items() if int(name[-1]) not in numbers}


THREE: Final = "c0ffee03"
OTHER: Final = "c0ffee04"
STICKS: Final = {
    "whole": Stick(WHOLE, (Bundle(THREE),)),
    "any names": Stick(
        {"attachment.bin": "three-3.volume", "Z (1).s01": "three-1.volume", "0": "three-2.volume"},
        (Bundle(THREE),),
    ),
    "copies": Stick({**WHOLE, "A (1).S01": "three-1.volume", "a.s02": "three-2.volume"}, (Bundle(THREE),)),
    "second missing": Stick(_without(2), (Bundle(THREE, "VOLUME_MISSING", missing=(2,)),)),
    "first and last missing": Stick(_without(1, 3), (Bundle(THREE, "VOLUME_MISSING", missing=(1, 3)),)),
    "second missing, with parity": Stick({**_without(2), **PARITY}, (Bundle(THREE, repaired=(2,)),)),
    "second damaged": Stick({**WHOLE, "B.S02": "three-2-flipped.volume"}, (Bundle(THREE, "BAD_HASH"),)),
    "second damaged, with parity": Stick(
        {**WHOLE, **PARITY, "B.S02": "three-2-flipped.volume"}, (Bundle(THREE, repaired=(2,)),)
    ),
    "two missing, with parity": Stick(
        {**_without(1, 2), **PARITY}, (Bundle(THREE, "VOLUME_MISSING", missing=(1, 2)),)
    ),
    "parity alone": Stick(dict(PARITY), (), ("VOLUME_MISSING",)),
    "third still being copied": Stick(
        {**WHOLE, "C.S03": "three-3-being-copied.volume"}, (Bundle(THREE, "TRUNCATED"),)
    ),
    "twin": Stick(
        {**WHOLE, "D.S02": "three-2-twin.volume"}, (Bundle(THREE, "VOLUME_TWIN", twins=("D.S02",)),)
    ),
    "two bundles": Stick(
        {**WHOLE, "E.S01": "other-1.volume"},
        (Bundle(THREE), Bundle(OTHER, "VOLUME_MISSING", missing=(2,))),
    ),
}


@dataclass(frozen=True)
class Delivery:
    """One block that arrives, and what becomes of it; ``code`` is the first reason."""

    block: str
    verdict: str = "ADMIT"
    code: str | None = None
    admitted: int = 0
    known: int = 0
    held: int = 0
    quarantined: int = 0
    exceptions: int = 0


FOUNDING: Final = Delivery("founding", admitted=1)
FIRST: Final = Delivery("kit-1-3", admitted=3)
CHAINS: Final = {
    "the same again": (FOUNDING, FIRST, Delivery("kit-1-3", "NOOP", known=3)),
    "overlap": (FOUNDING, FIRST, Delivery("kit-2-5", admitted=2, known=2)),
    "gap, then filled": (
        FOUNDING,
        Delivery("kit-4-5", "HOLD", "GAP", held=2),
        Delivery("kit-1-3", admitted=5),
    ),
    "wrong prev": (FOUNDING, FIRST, Delivery("kit-wrong-prev", "HOLD", "FORK", held=1)),
    "fork": (
        FOUNDING,
        FIRST,
        Delivery("kit-4-5", admitted=2),
        Delivery("kit-other-4", "HOLD", "FORK", held=3),
    ),
    "revoked, before the bound": (FOUNDING, Delivery("revoked-at-4", admitted=1), FIRST),
    "revoked, beyond the bound": (
        FOUNDING,
        Delivery("revoked-at-4", admitted=1),
        FIRST,
        Delivery("kit-4-5", "QUARANTINE", "REVOKED_AFTER", admitted=1, quarantined=1),
    ),
    "revoked after the thief": (
        FOUNDING,
        FIRST,
        Delivery("kit-4-5", admitted=2),
        Delivery("revoked-at-4", admitted=1),
    ),
    "another device's signature": (FOUNDING, Delivery("kit-signed-by-gul", "REJECT", "BAD_SIGNATURE")),
    "another institution's signature": (FOUNDING, Delivery("kit-from-abroad", "REJECT", "BAD_SIGNATURE")),
    "unknown cause": (FOUNDING, Delivery("kit-seen", "HOLD", "SEEN_MISSING", held=1)),
    "newer schema": (FOUNDING, Delivery("kit-newer", "HOLD", "NEEDS_SCHEMA", held=1)),
    "another device's id": (FOUNDING, Delivery("kit-scope", code="SCOPE", admitted=1, exceptions=1)),
    "one side of an entry": (
        FOUNDING,
        Delivery("kit-unbalanced", code="UNBALANCED", admitted=1, exceptions=1),
    ),
}
SAME_BOOKS: Final = ("revoked, beyond the bound", "revoked after the thief")
"""A thief's changeset before and after its revocation: the books must be the same."""


def blocks() -> dict[str, tuple[int, list[Signed]]]:
    """What arrives: for each block the device, and its changesets."""
    hq, kit, gul = Writer(1), Writer(2), Writer(3)
    founding = chains.founding(hq, kit, gul)
    rows = [op for op in Changeset.from_bytes(founding[0][0]).ops if op.table == "device"]
    (device_row,) = [op for op in rows if (op.new or {})["number"] == kit.device]
    begin = kit.fork()
    line = [kit.write(*kit.entry(100 * (at + 1))) for at in range(3)]
    other = kit.fork()
    other.hlc += 5 << 16
    line += [kit.write(*kit.entry(500)), kit.write(*kit.entry(600))]
    wrong = other.fork()
    wrong.prev = b"\x11" * 32
    bound = kit.places[3]
    revoked = chains.change(
        "device",
        device_row.id,
        {"state": "active", "bound_seq": None, "bound_hash": None},
        {"state": "revoked", "bound_seq": bound.seq, "bound_hash": bound.hash},
    )
    entry = begin.entry(700)
    far = [op._replace(id=op.id + (1 << 40)) for op in entry]
    first = begin.fork().write(*entry)
    assert digest(line[3][0]) == bound.hash
    return {
        "founding": (hq.device, founding),
        "kit-1-3": (kit.device, line[:3]),
        "kit-2-5": (kit.device, line[1:]),
        "kit-4-5": (kit.device, line[3:]),
        "kit-other-4": (kit.device, [other.write(*other.entry(550))]),
        "kit-wrong-prev": (kit.device, [wrong.write(*wrong.entry(550))]),
        "revoked-at-4": (hq.device, [hq.write(revoked)]),
        "kit-signed-by-gul": (kit.device, [(first[0], gul.key.sign("changeset", INSTITUTION, first[0]))]),
        "kit-from-abroad": (kit.device, [(first[0], kit.key.sign("changeset", bytes(16), first[0]))]),
        "kit-seen": (kit.device, [begin.fork().write(*entry, seen={0: Place(9, b"\x22" * 32)})]),
        "kit-newer": (kit.device, [begin.fork().write(*entry, schema=SCHEMA_REVISION + 100)]),
        "kit-scope": (kit.device, [begin.fork().write(*far)]),
        "kit-unbalanced": (kit.device, [begin.fork().write(*entry[1:])]),
    }


def main() -> None:
    """Write the blocks where they are missing, and what is expected of chains and sticks.

    Rows have the columns of the revision in which a block was first written, so it is never written again.
    """
    (HERE / "chains").mkdir(exist_ok=True)
    for name, (_device, signed) in blocks().items():
        path = HERE / "chains" / f"{name}.block"
        if not path.exists():
            path.write_bytes(pack(signed).block)
    _write("sticks", {name: asdict(stick) for name, stick in STICKS.items()})
    writers = [Writer(number) for number in (1, 2, 3)]
    _write(
        "chains",
        {
            "institution": INSTITUTION.hex(),
            "devices": {
                one.device: {
                    "public": one.key.public.hex(),
                    "recipient": one.recipient,
                    "prev": one.genesis.hex(),
                }
                for one in writers
            },
            "blocks": {name: device for name, (device, _signed) in blocks().items()},
            "cases": {name: [asdict(one) for one in told] for name, told in CHAINS.items()},
            "same_books": SAME_BOOKS,
        },
    )


def _write(name: str, told: object) -> None:
    (HERE / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="ascii")
