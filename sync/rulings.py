"""What headquarters has decided about chains and exceptions, read from its decisions for admission and fold.

The rows are written in chain 0; the newest one counts, which is the one with the largest id: ids of
headquarters rise, and a later incarnation has a larger number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy.orm import Session

from schema.base import LONGEST_CUT
from schema.reading import fetch
from sync.canonical import decode
from sync.changeset import Place
from sync.forks import Adoption, ClosedGap
from sync.roster import RETIRED, REVOKED, Member

FORK: Final = "fork"
GAP: Final = "gap"
RELEASE: Final = "release"
EXCEPTION: Final = "exception"
ACCEPT: Final = "accept"

_ABOUT_CHAINS: Final = """
SELECT kind, members, detail FROM decision WHERE kind IN ('fork', 'gap', 'release') ORDER BY id DESC
"""
_OUTCOMES: Final = "SELECT case_key, outcome FROM decision WHERE kind = 'exception' ORDER BY id"


@dataclass(frozen=True, slots=True)
class Rulings:
    """The decisions about one device's chain, the newest first."""

    adoptions: tuple[Adoption, ...] = ()
    gaps: tuple[ClosedGap, ...] = ()
    releases: tuple[Place, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.adoptions or self.gaps or self.releases)


def rulings_of(session: Session, device: int, chain: int) -> Rulings:
    """Read what was decided about a chain of ``device``; adoptions and releases are about chain 0."""
    adoptions: list[Adoption] = []
    gaps: list[ClosedGap] = []
    releases: list[Place] = []
    for kind, members, packed in fetch(session, _ABOUT_CHAINS):
        detail = detail_of(packed)
        if detail.get("device") != device or detail.get("chain", 0) != chain:
            continue
        if kind == FORK:
            adoptions.append(_adoption(detail, bytes(members)))
        elif kind == GAP:
            gaps.append(
                ClosedGap(
                    cast("int", detail["first"]),
                    cast("int", detail["last"]),
                    cast("bytes | None", detail["before"]),
                    cast("bytes", detail["after"]),
                )
            )
        else:
            releases.append(Place(cast("int", detail["seq"]), cast("bytes", detail["hash"])))
    return Rulings(tuple(adoptions), tuple(gaps), tuple(releases))


def _adoption(detail: Mapping[str, object], members: bytes) -> Adoption:
    arms = {bytes.fromhex(name): number for name, number in cast("dict[str, int]", detail["arms"]).items()}
    main = cast("bytes", detail["main"])
    listed = cast("list[tuple[int, int, bytes]]", decode(members, limit_bytes=LONGEST_CUT))
    return Adoption(main, arms, frozenset({sha256 for _, _, sha256 in listed} | arms.keys() | {main}))


def detail_of(packed: bytes | None) -> Mapping[str, object]:
    """Read the detail of a decision: a map, empty where there is none."""
    return {} if packed is None else cast("dict[str, object]", decode(bytes(packed), limit_bytes=LONGEST_CUT))


def bound_of(writer: Member, rulings: Rulings) -> Place | None:
    """Give the last good place of a device that is retired or revoked: its bound, or a later release.

    Without a bound nothing more is believed.
    """
    if writer.state not in {RETIRED, REVOKED}:
        return None
    named = Place(writer.bound_seq or 0, writer.bound_hash or b"")
    return max([named, *rulings.releases], key=lambda place: place.seq)


def outcomes(session: Session) -> dict[bytes, str]:
    """Give the newest outcome of every exception that was decided, by its key."""
    return {bytes(key): outcome for key, outcome in fetch(session, _OUTCOMES)}
