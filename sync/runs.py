"""What goes into a bundle: runs of chains, what of the other side is here, and what is missing."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.errors import TrustError
from schema.base import device_of
from schema.reference import Device
from schema.replication import StoredChangeset
from sync import chain as chains
from sync import read_only
from sync.arms import first_of_arm
from sync.backed_up import backed_up
from sync.chain import ACKED, ARM, HEAD, REFERENCE_CHAIN
from sync.changeset import INSERT, Place, read_ops
from sync.changeset import digest as digest_bytes
from sync.incarnation import FIRST, heads_of_incarnation, incarnation_of
from sync.installation import Installation
from sync.manifest import Ack, Want
from sync.packing import Signed
from sync.roster import ACTIVE, RETIRED, REVOKED, Member, Roster
from sync.succession import claim_of, claims_of_this_home


@dataclass(frozen=True, slots=True)
class Run:
    """A part of one chain that goes into a bundle.

    last_id   the last id that the chain had given before it
    tail      whether it is another device's: of this branch's older laptop, or sent back to its branch
    readers   who may read it besides those of the whole bundle (``age1…``)
    """

    device: int
    chain: int
    after: Place | None
    signed: list[Signed]
    last_id: int
    tail: bool = False
    readers: tuple[str, ...] = ()

    def last_id_at(self, taken: int) -> int:
        """Give the last id that the chain had given after the first ``taken`` changesets of the run."""
        for body, _ in reversed(self.signed[:taken]):
            if last := _last_id(body, self.device):
                return last
        return self.last_id

    @property
    def start(self) -> int:
        """The sequence after which it starts."""
        return self.after.seq if self.after else 0

    @property
    def end(self) -> int:
        """The sequence at which it ends."""
        return self.start + len(self.signed)


def acked_by(device: int) -> str:
    """Name the watermark of what ``device`` has confirmed of our chains, and of its branch's other ones."""
    return f"{ACKED}:{device}"


def own_run(installation: Installation, session: Session, *, chain: int, stage: str) -> Run:
    """Give what our own chain holds beyond ``stage``."""
    signer = installation.signer
    return _run(session, signer.device, signer.genesis, chain=chain, stage=stage)


def tails_of_branch(installation: Installation, session: Session, *, stage: str) -> list[Run]:
    """Give what the earlier devices of this home wrote and headquarters has not confirmed."""
    roster = installation.roster(session)
    claimed = {claim.device for claim in claims_of_this_home(session)}
    found: list[Run] = []
    for device in sorted(claimed - {installation.facts.device}):
        member = roster.find(device)
        if member is not None:
            run = _run(session, device, member.genesis, chain=0, stage=stage, tail=True)
            found += [run] if run.signed else []
    return found


def lost_by_headquarters(installation: Installation, session: Session) -> list[Run]:
    """Give what earlier incarnations of headquarters wrote and the newest one did not know when it began."""
    roster, found = installation.roster(session), list[Run]()
    known = heads_of_incarnation(session)
    for (device, chain), place in sorted(chains.watermarks(session, HEAD).items()):
        member = roster.find(device)
        if not known or member is None or not member.is_hq or device == roster.hq_devices()[-1]:
            continue
        confirmed = chains.watermark(session, device, chain, ACKED)
        start = max(one for one in (known.get((device, chain)), confirmed, Place(0, b"")) if one is not None)
        if start.seq < place.seq:
            run = _run(session, device, member.genesis, chain=chain, after=start if start.seq else None)
            found.append(replace(run, tail=True))
    return found


def tails_for(session: Session, roster: Roster, reader: Member, branch_chain: int) -> list[Run]:
    """Give what others wrote and the reader has not said that it has: the other devices of its branch, and
    earlier incarnations of headquarters.
    """
    found: list[Run] = []
    stage = acked_by(reader.device)
    for device in roster.hq_devices()[:-1]:
        member = roster.find(device)
        assert member is not None, "listed by the roster"
        for chain in (REFERENCE_CHAIN, branch_chain):
            run = _run(session, device, member.genesis, chain=chain, stage=stage, tail=True)
            found += [run] if run.signed else []
    for device in roster.devices_of(reader.office_id):
        member = roster.find(device)
        if device != reader.device and member is not None:
            run = _run(session, device, member.genesis, chain=0, stage=acked_by(reader.device), tail=True)
            found += [run] if run.signed else []
    return [*found, *_arms_for(session, roster, reader)]


def _arms_for(session: Session, roster: Roster, reader: Member) -> Iterator[Run]:
    """Give the adopted arms of the devices of the reader's branch, whole each time: they are short."""
    for number in roster.numbers_of(reader.office_id):
        if chains.watermark(session, number, 0, ARM) is None:
            continue
        device, first = first_of_arm(session, number)
        rows = session.scalars(
            select(StoredChangeset)
            .where(
                StoredChangeset.device == device,
                StoredChangeset.as_device == number,
                StoredChangeset.state == "accepted",
            )
            .order_by(StoredChangeset.seq)
        ).all()
        signed: list[Signed] = [(row.body, row.signature) for row in rows]
        yield Run(device, 0, Place(first.seq - 1, rows[0].prev), signed, 0, tail=True)


def roster_for_retired(
    installation: Installation, session: Session, roster: Roster, reader: Member
) -> Run | None:
    """Give chain 0 as far as the retired laptops of the reader's branch lack it: they learn their end."""
    own, genesis = installation.facts.device, installation.signer.genesis
    ended = [
        member
        for device in roster.devices_of(reader.office_id)
        if (member := roster.find(device)) is not None
        and device != reader.device
        and member.state in {RETIRED, REVOKED}
    ]
    if not ended:
        return None
    oldest = min(
        ended,
        key=lambda member: (
            chains.watermark(session, own, REFERENCE_CHAIN, acked_by(member.device)) or Place(0, b"")
        ),
    )
    run = _run(session, own, genesis, chain=REFERENCE_CHAIN, stage=acked_by(oldest.device))
    readers = tuple(member.recipient for member in ended)
    return Run(run.device, run.chain, run.after, run.signed, run.last_id, readers=readers)


def _run(
    session: Session,
    device: int,
    genesis: bytes,
    *,
    chain: int,
    stage: str = "",
    after: Place | None = None,
    tail: bool = False,
) -> Run:
    after = after or chains.watermark(session, device, chain, stage)
    signed: list[Signed] = []
    previous = after
    last_id = last_id_at(session, device, chain, after.seq) if after else 0
    for row in chains.stored(session, device, chain, after=after.seq if after else 0):
        _check(row, previous, genesis, may_lack=tail)
        previous = Place(row.seq, row.hash)
        signed.append((row.body, row.signature))
    return Run(device, chain, after, signed, last_id, tail)


def _check(row: StoredChangeset, previous: Place | None, genesis: bytes, *, may_lack: bool) -> None:
    """Nothing leaves that the reader would refuse: the bytes are the ones that were signed, in order.

    may_lack  of another device's chain a range may be lost for ever, by decision
    """
    start, expected = previous or Place(0, genesis)
    follows = row.prev == expected or (may_lack and row.seq > start + 1)
    if digest_bytes(row.body) != row.hash or not follows:
        raise TrustError(
            "BAD_HASH",
            f"Changeset {row.seq} of device {row.device} is damaged in the database. Nothing was written.",
            next_step="Run 'verify'; then restore the last backup. The second copy has what came after it.",
        )


def last_id_at(session: Session, device: int, chain: int, seq: int) -> int:
    """Give the last id that the chain of ``device`` had given at ``seq``; 0 before its first row."""
    rows = session.execute(
        select(StoredChangeset.body)
        .where(
            StoredChangeset.device == device,
            StoredChangeset.chain == chain,
            StoredChangeset.seq <= seq,
            StoredChangeset.state == "accepted",
        )
        .order_by(StoredChangeset.seq.desc()),
        execution_options={"yield_per": 20},
    )
    with closing(rows.scalars()) as bodies:  # left early: a server keeps a cursor for it
        for body in bodies:
            last = _last_id(body, device)
            if last:
                return last
    return 0


def _last_id(body: bytes, device: int) -> int:
    made = [op.id for op in read_ops(body) if op.sign == INSERT and device_of(op.id) == device]
    return max(made, default=0)


def acks_for(
    session: Session,
    heads: dict[tuple[int, int], Place],
    own: int,
    devices: frozenset[int] | None,
) -> Iterator[Ack]:
    """Say what we hold of the reader's chains: kept, in the books, and in a verified backup of ours.

    devices  those of the reader; None for every device but our own
    """
    safe = backed_up(session)
    for (device, chain), place in sorted(heads.items()):
        if device == own or (devices is not None and device not in devices):
            continue
        yield Ack(device, chain, place, "received")
        yield Ack(device, chain, place, "merged")
        kept = safe.get((device, chain))
        if kept is not None and kept.seq <= place.seq:
            yield Ack(device, chain, kept, "durable")


def wants_of(
    session: Session,
    heads: dict[tuple[int, int], Place],
    own: int,
    devices: frozenset[int] | None,
) -> Iterator[Want]:
    """Name the gap before what is held of each chain; a home that was restored asks for all that follows."""
    rows = session.execute(
        select(StoredChangeset.device, StoredChangeset.chain, func.min(StoredChangeset.seq).label("held"))
        .where(StoredChangeset.state == "held", StoredChangeset.device != own)
        .group_by(StoredChangeset.device, StoredChangeset.chain)
        .order_by(StoredChangeset.device, StoredChangeset.chain)
    )
    for row in rows:
        if devices is not None and row.device not in devices:
            continue
        head = heads.get((row.device, row.chain))
        first = head.seq + 1 if head else 1
        if first < row.held:
            yield Want(row.device, row.chain, first, row.held - 1)
    is_restored = read_only.read_stop(session) is not None or (
        devices is not None and incarnation_of(session) > FIRST
    )
    for (device, chain), place in sorted(heads.items()):
        if is_restored and device != own and (devices is None or device in devices):
            yield Want(device, chain, place.seq + 1, None)


def claims_to_send(session: Session, installation: Installation) -> tuple[bytes, ...]:
    """Give the enrolment statements of this home, until the roster names our key as active.

    Our own is the first; those of earlier devices of this home that were never confirmed follow.
    """
    rows = {row.number: row for row in session.scalars(select(Device))}
    device = installation.facts.device
    own = rows[device]
    if own.state == ACTIVE and own.signing_key == installation.signer.key.public:
        return ()
    earlier = [claim.device for claim in claims_of_this_home(session) if claim.device != device]
    unknown = [number for number in sorted(earlier) if rows[number].signing_key is None]
    found = [claim_of(session, number) for number in (device, *unknown)]
    return tuple(claim for claim in found if claim is not None)
