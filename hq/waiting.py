"""Everything that waits for a person at headquarters, in one list with stable names."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from hq.decision_rows import FORK, GAP, RELEASE, TAIL, detail_of, members_of, newest_decision
from hq.gaps import list_gaps
from schema.reference import Device, Office
from schema.replication import Case, ControlTotal, ExceptionItem, Quarantined, StoredChangeset
from sync.cases import Member, case_key
from sync.reasons import REASONS, Reason

EXCEPTION, QUARANTINE, TOTALS, PART = "exception", "quarantine", "totals", "part"
IDENTITY, PROFILE = "identity", "profile"
FAMILIES: Final = (FORK, GAP, QUARANTINE, EXCEPTION, IDENTITY, PROFILE, TOTALS, PART)
"""In the order in which they are worth looking at: what holds most of the books up comes first."""

ACCEPT, LEAVE, ADOPT, REFUSE = "accept", "leave", "adopt", "refuse"
CLOSE, RELEASE_WORD, SAME, DIFFERENT, VALUE = "close", "release", "same", "different", "value"
OPEN: Final = "open"
KEY_CHARACTERS: Final = 16
PRINTED: Final = 8
BEYOND: Final = "REVOKED_AFTER"
_NEVER_HELD: Final = frozenset({"UNBALANCED", "ID_COLLISION"})
"""What the books could not hold, whoever accepts it."""


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """One thing that waits.

    family     one of ``FAMILIES``
    key        16 hex digits that name it in commands and addresses; ``part-N`` for a part of a bundle
    branch     code of the office, empty where it is not known
    place      device, chain, sequence and hash (hex) of the changeset, where there is one
    case_key   of the decisions about it
    choices    the words that may be decided; none where nothing can be
    facts      what sentences about it are made of, by family
    outcome    of the newest decision, empty while it is open
    """

    family: str
    key: str
    code: str
    branch: str
    what: str
    place: tuple[int, int, int, str] | None = None
    case_key: bytes = b""
    members: tuple[Member, ...] = ()
    choices: tuple[str, ...] = ()
    subject: bytes | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    outcome: str = ""

    @property
    def reason(self) -> Reason | None:
        """The reason behind its code."""
        return REASONS.get(self.code)

    @property
    def device(self) -> int:
        """The device that it is about; 0 where it is about none."""
        return self.members[0].device if self.members else self.place[0] if self.place else 0


def waiting_list(session: Session, branch: str = "", *, decided: bool = False) -> list[WaitingItem]:
    """List what waits, by family; the order does not depend on when it came in.

    branch   only what is about this branch (its code)
    decided  what has been decided as well: exceptions and cases keep their names
    """
    offices = select(Device.number, Office.code).join(Office, Office.id == Device.office_id)
    codes = {row.number: row.code for row in session.execute(offices)}
    cases = _cases(session, codes, decided=decided)
    found = [
        *cases,
        *_gaps(session, codes, {item.key for item in cases}),
        *_beyond(session, codes, decided=decided),
        *_exceptions(session, codes, decided=decided),
        *_totals(session, codes),
        *_parts(session, codes),
    ]
    found.sort(key=lambda item: FAMILIES.index(item.family))
    return [item for item in found if not branch or item.branch == branch.upper()]


def short(key: bytes) -> str:
    """Give the name of a key in commands and addresses."""
    return key.hex()[:KEY_CHARACTERS]


def printed(sha256: bytes) -> str:
    """Give a hash as it is printed: eight characters, capitals."""
    return sha256.hex()[:PRINTED].upper()


def _cases(session: Session, codes: Mapping[int, str], *, decided: bool) -> list[WaitingItem]:
    wanted = select(Case, Office.code).outerjoin(Office, Office.id == Case.office_id).order_by(Case.key)
    if not decided:
        wanted = wanted.where(Case.state == OPEN)
    items = []
    for case, code in session.execute(wanted):
        members = members_of(case.members)
        first = members[0] if members else None
        items.append(
            WaitingItem(
                family=case.kind,
                key=short(case.key),
                code={FORK: "FORK", GAP: "GAP"}.get(case.kind, ""),
                branch=code or (codes.get(first.device, "") if first else ""),
                what=case.what,
                place=(first.device, 0, first.seq, first.hash.hex()) if first else None,
                case_key=case.key,
                members=members,
                choices=_choices_of_case(case.kind, members),
                subject=case.subject,
                facts={"seq": first.seq if first else 0, "members": len(members)},
                outcome=case.outcome,
            )
        )
    return items


def _choices_of_case(kind: str, members: Sequence[Member]) -> tuple[str, ...]:
    if kind == FORK:
        return (ADOPT, *(f"{ADOPT}:{printed(member.hash)}" for member in members), REFUSE)
    if kind == PROFILE:
        return tuple(f"{VALUE}:{printed(member.hash)}" for member in members)
    return {GAP: (CLOSE,), IDENTITY: (SAME, DIFFERENT)}[kind]


def _gaps(session: Session, codes: Mapping[int, str], known: set[str]) -> list[WaitingItem]:
    items = []
    for gap in list_gaps(session):
        members = (Member(gap.device, gap.next.seq, gap.next.hash),)
        key = case_key(GAP, members)
        if short(key) in known:
            continue
        several = f"Changesets {gap.first} to {gap.last} of device {gap.device} are missing"
        one = f"Changeset {gap.first} of device {gap.device} is missing"
        items.append(
            WaitingItem(
                family=GAP,
                key=short(key),
                code="GAP",
                branch=codes.get(gap.device, ""),
                what=f"{one if gap.first == gap.last else several}; {gap.held} later ones wait.",
                place=(gap.device, 0, gap.next.seq, gap.next.hash.hex()),
                case_key=key,
                members=members,
                choices=(CLOSE,),
                facts={"first": gap.first, "last": gap.last, "held": gap.held},
            )
        )
    return items


def _beyond(session: Session, codes: Mapping[int, str], *, decided: bool) -> list[WaitingItem]:
    """What is not trusted, one item for each device and reason; arms of a fork stand in their case.

    A tail that was left where it is waits again when it has grown.
    """
    forked = {
        member.device
        for packed in session.scalars(select(Case.members).where(Case.kind == FORK))
        for member in members_of(packed)
    }
    rows = session.execute(
        select(
            StoredChangeset.device,
            StoredChangeset.code,
            StoredChangeset.chain,
            StoredChangeset.seq,
            StoredChangeset.hash,
        )
        .where(StoredChangeset.state == "quarantined")
        .order_by(StoredChangeset.device, StoredChangeset.code, StoredChangeset.seq, StoredChangeset.hash)
    )
    tails: dict[tuple[int, str], list[tuple[int, int, bytes]]] = defaultdict(list)
    for device, code, chain, seq, sha256 in rows:
        if code != "FORK" or device not in forked:
            tails[device, code].append((chain, seq, sha256))
    items = []
    for (device, code), places in tails.items():
        chain, first, sha256 = places[0]
        last = places[-1][1]
        members = (Member(device, first, sha256),)
        key = case_key(RELEASE, members)
        outcome = _left(session, key, last)
        if outcome and not decided:
            continue
        items.append(
            WaitingItem(
                family=QUARANTINE,
                key=short(key),
                code=code,
                branch=codes.get(device, ""),
                what=f"{len(places)} changeset(s) of device {device}, {first} to {last}, are not trusted.",
                place=(device, chain, first, sha256.hex()),
                case_key=key,
                members=members,
                choices=(RELEASE_WORD, LEAVE) if code == BEYOND else (LEAVE,),
                facts={"count": len(places), "first": first, "last": last, "device": device},
                outcome=outcome,
            )
        )
    return items


def _left(session: Session, key: bytes, last: int) -> str:
    """Tell whether a tail was left where it is, up to its present end."""
    newest = newest_decision(session, key)
    if newest is None or newest.kind != TAIL:
        return ""
    return LEAVE if detail_of(newest.detail).get("seq") == last else ""


def _exceptions(session: Session, codes: Mapping[int, str], *, decided: bool) -> list[WaitingItem]:
    """What breaks a rule. Some of it counts all the same (``noted``): a person only has to have seen it."""
    wanted = (
        select(ExceptionItem, StoredChangeset.code)
        .outerjoin(
            StoredChangeset,
            and_(
                StoredChangeset.device == ExceptionItem.device,
                StoredChangeset.chain == ExceptionItem.chain,
                StoredChangeset.seq == ExceptionItem.seq,
                StoredChangeset.hash == ExceptionItem.hash,
            ),
        )
        .order_by(ExceptionItem.device, ExceptionItem.chain, ExceptionItem.seq, ExceptionItem.key)
    )
    if not decided:
        wanted = wanted.where(ExceptionItem.state == OPEN)
    items = []
    for row, code in session.execute(wanted):
        noted = not code and row.outcome != ACCEPT
        only_left = noted or row.code in _NEVER_HELD
        items.append(
            WaitingItem(
                family=EXCEPTION,
                key=short(row.key),
                code=row.code,
                branch=codes.get(row.device, ""),
                what=row.what,
                place=(row.device, row.chain, row.seq, row.hash.hex()),
                case_key=row.key,
                members=(Member(row.device, row.seq, row.hash),),
                choices=(LEAVE,) if only_left else (ACCEPT, LEAVE),
                facts={"noted": noted},
                outcome=row.outcome,
            )
        )
    return items


def _totals(session: Session, codes: Mapping[int, str]) -> list[WaitingItem]:
    rows = session.scalars(
        select(ControlTotal)
        .where(ControlTotal.agree == 0)
        .order_by(ControlTotal.device, ControlTotal.chain, ControlTotal.seq, ControlTotal.digest)
    )
    return [
        WaitingItem(
            family=TOTALS,
            key=short(row.digest),
            code="TOTALS",
            branch=codes.get(row.device, ""),
            what=row.difference,
            place=(row.device, row.chain, row.seq, row.hash.hex()),
        )
        for row in rows
    ]


def _parts(session: Session, codes: Mapping[int, str]) -> list[WaitingItem]:
    rows = session.scalars(select(Quarantined).order_by(Quarantined.id))
    return [
        WaitingItem(
            family=PART,
            key=f"part-{row.id}",
            code=row.code,
            branch=codes.get(row.device or 0, ""),
            what=row.detail,
        )
        for row in rows
    ]
