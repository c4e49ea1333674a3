"""Who may write what: devices, their keys and states, as this database knows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from schema.reading import fetch
from sync.chain import genesis
from sync.kit import Claim

ACTIVE: Final = "active"
UNCONFIRMED: Final = "unconfirmed"
SUSPENDED: Final = "suspended"
RETIRED: Final = "retired"
REVOKED: Final = "revoked"
RESERVE: Final = "reserve"

HQ_SCOPE: Final = "hq"
BRANCH_SCOPE: Final = "branch"


_CLAIMS: Final = """
SELECT device, claim, state FROM enrolment_kit WHERE claim IS NOT NULL AND state IN ('claimed', 'reused')
"""
_DEVICES: Final = """
SELECT number, office_id, state, signing_key, recipient, bound_seq, bound_hash, scope FROM device
"""


class _Row(NamedTuple):
    """A row of the roster in chain 0; the roster is read in every unit of work."""

    number: int
    office_id: int
    state: str
    signing_key: bytes | None
    recipient: str | None
    bound_seq: int | None
    bound_hash: bytes | None
    scope: str


@dataclass(frozen=True, slots=True)
class Member:
    """A device that may be believed: its keys, its office, its state, and its bound where it has one."""

    device: int
    office_id: int
    state: str
    signing_key: bytes
    recipient: str
    genesis: bytes
    bound_seq: int | None
    bound_hash: bytes | None
    scope: str = BRANCH_SCOPE

    @property
    def is_hq(self) -> bool:
        """Whether this is a device of headquarters itself: its first one, or a later incarnation."""
        return self.scope == HQ_SCOPE


class Roster:
    """The devices of one institution, by number. A device without keys yet is known by its claim."""

    def __init__(
        self,
        institution_id: bytes,
        members: dict[int, Member],
        *,
        own: int | None = None,
        offices: Mapping[int, int] | None = None,
    ) -> None:
        """Keep who may be believed.

        own      number of the device whose database this is
        offices  office of every number, of those without keys too (adopted arms, reserves)
        """
        self.institution_id = institution_id
        self.own = own
        self._members = members
        self._offices = {number: member.office_id for number, member in members.items()} | dict(offices or {})

    @classmethod
    def load(cls, session: Session, institution_id: bytes, *own: Claim) -> "Roster":
        """Read the roster of chain 0, and what unconfirmed devices claim.

        own  what this home's devices claim, the present one last: known before headquarters has confirmed it
        """
        claims: dict[int, Claim] = {claim.device: claim for claim in own}
        reused: set[int] = set()
        for device, claim, state in fetch(session, _CLAIMS):
            claims[device] = Claim.read(bytes(claim))[0]
            if state == "reused":
                reused.add(device)
        members: dict[int, Member] = {}
        offices: dict[int, int] = {}
        for row in (_Row(*found) for found in fetch(session, _DEVICES)):
            offices[row.number] = row.office_id
            told = claims.get(row.number)
            key = row.signing_key or (told.signing_key if told else None)
            recipient = row.recipient or (told.recipient if told else None)
            if key is None or recipient is None:
                continue
            members[row.number] = Member(
                device=row.number,
                office_id=row.office_id,
                state=_state(row, reused),
                signing_key=bytes(key),
                recipient=recipient,
                genesis=genesis(institution_id, row.number, bytes(key), recipient),
                bound_seq=row.bound_seq,
                bound_hash=None if row.bound_hash is None else bytes(row.bound_hash),
                scope=row.scope,
            )
        return cls(institution_id, members, own=own[-1].device if own else None, offices=offices)

    def with_members(self, members: Iterable[Member]) -> "Roster":
        """Give the same roster with devices that are known from elsewhere; rows that are here come first."""
        return Roster(
            self.institution_id,
            {member.device: member for member in members} | self._members,
            own=self.own,
            offices=self._offices,
        )

    def find(self, device: int) -> Member | None:
        """Give a device that may be believed, or None."""
        return self._members.get(device)

    def office_of(self, device: int) -> int | None:
        """Give the office of a device, or None."""
        return self._offices.get(device)

    @property
    def is_at_hq(self) -> bool:
        """Whether the database that it was read from is headquarters'."""
        member = self._members.get(self.own) if self.own is not None else None
        return member is not None and member.is_hq

    def hq_devices(self) -> list[int]:
        """Give the numbers of headquarters' incarnations, the newest last."""
        return sorted(member.device for member in self._members.values() if member.is_hq)

    def devices_of(self, office_id: int) -> list[int]:
        """Give the numbers of an office's devices, in order."""
        return sorted(m.device for m in self._members.values() if m.office_id == office_id)

    def numbers_of(self, office_id: int) -> list[int]:
        """Give every number of an office, in order: those of adopted arms and reserves too."""
        return sorted(number for number, office in self._offices.items() if office == office_id)


def _state(row: _Row, reused: set[int]) -> str:
    """A reserve number that somebody claims waits to be confirmed; claimed twice, it is suspended."""
    if row.number in reused and row.signing_key is None:
        return SUSPENDED
    return UNCONFIRMED if row.state == RESERVE else row.state
