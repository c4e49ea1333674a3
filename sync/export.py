"""Writing a bundle: the run of our chain that the other side has not confirmed, sealed for its readers.

A bundle is cumulative: it starts right after the last acknowledged changeset, so that a lost one needs no
repair. Nothing here is recorded in the chain; what was written is remembered locally.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from schema.database import SCHEMA_REVISION
from schema.reference import Office
from schema.replication import BundleRecord, Setting
from sync import chain as chains
from sync.carriers.slip import Slip
from sync.carriers.writing import Way, write_bundle
from sync.chain import ACKED, EXPORTED, HEAD, REFERENCE_CHAIN
from sync.changeset import Place, digest
from sync.incarnation import BUNDLES_OF_ONE, FIRST, incarnation_of
from sync.installation import Installation
from sync.labels import check_letters, label_number
from sync.manifest import Ack, Manifest, Totals
from sync.root import Root
from sync.roots import hq_recipient, later_roots
from sync.roster import Member
from sync.runs import (
    Run,
    acked_by,
    acks_for,
    claims_to_send,
    lost_by_headquarters,
    own_run,
    roster_for_retired,
    tails_for,
    tails_of_branch,
    wants_of,
)
from sync.segment import cut_runs, seal_segment
from sync.start_of_bundle import forget_start, stage_of_next
from sync.totals import chain_totals
from sync.updates import pieces_of
from sync.volume import Writer

DEFAULT_VOLUME_BYTES: Final = 7 << 20
"""Volumes for e-mail; a stick or a CD takes larger ones just as well."""
_AS_FILES: Final = Way()


@dataclass(frozen=True, slots=True)
class WrittenBundle:
    """A bundle that lies on the medium, read back and compared. No changesets: both sequences are None.

    ``number`` counts the bundles that were written for the same reader.
    """

    bundle_id: bytes
    first_seq: int | None
    last_seq: int | None
    volumes: list[Path]
    size_bytes: int
    acks: tuple[Ack, ...]
    number: int

    @property
    def name(self) -> str:
        """The first eight hex digits of its id, as in the names of its files."""
        return self.bundle_id.hex()[:8].upper()


def write_branch_bundle(
    installation: Installation,
    folder: Path,
    *,
    volume_bytes: int = DEFAULT_VOLUME_BYTES,
    since_last: bool = False,
    way: Way = _AS_FILES,
) -> WrittenBundle:
    """Write everything that HQ has not confirmed (or, ``since_last``, that was not written yet).

    way     for which carrier
    raises  TrustError IO_ERROR when the medium is full or gone: nothing of the bundle is left there
    """
    with installation.database.reading() as session:
        stage = EXPORTED if since_last else ACKED
        own_stage = EXPORTED if since_last else stage_of_next(session, installation.facts.device)
        runs = [
            *tails_of_branch(installation, session, stage=stage),
            *lost_by_headquarters(installation, session),
            own_run(installation, session, chain=0, stage=own_stage),
        ]
        recipients = [
            hq_recipient(installation.home) or _setting(session, "hq_recipient"),
            _setting(session, "recovery_recipient"),
            installation.recipient,
        ]
        enrol = claims_to_send(session, installation)
        number = _next_number(session, None)
        told = (installation.facts.device, number)
        base = _manifest(installation, session, purpose="branch", number=told, enrol=enrol)
        sealed = list(_segments(installation, session, base, runs, recipients, with_totals=True))
    slip = _slip(base, runs[-1], label_number(installation.place.office_code, number))
    written = _write(installation, folder, base, sealed, volume_bytes, enrol=bool(enrol), way=way, slip=slip)
    return _remember(installation, written, base, runs, office_id=None, number=number, way=way)


def write_return_bundle(
    installation: Installation,
    folder: Path,
    member: Member,
    *,
    branch_chain: int,
    volume_bytes: int = DEFAULT_VOLUME_BYTES,
    way: Way = _AS_FILES,
    program: str = "",
) -> WrittenBundle:
    """Write HQ's answer to one device of a branch: acknowledgements, chain 0 and the branch's own chain.

    program  version of a newer program that travels with it
    raises   NotFoundError when that version was not signed here; TrustError IO_ERROR
    """
    with installation.database.reading() as session:
        roster = installation.roster(session)
        told = roster_for_retired(installation, session, roster, member)
        runs = [
            *([told] if told else []),
            own_run(installation, session, chain=REFERENCE_CHAIN, stage=acked_by(member.device)),
            *tails_for(session, roster, member, branch_chain),
            own_run(installation, session, chain=branch_chain, stage=acked_by(member.device)),
        ]
        recipients = [member.recipient, installation.recipient, _setting(session, "recovery_recipient")]
        number = _next_number(session, member.office_id)
        roots = later_roots(installation.home)
        base = _manifest(
            installation,
            session,
            purpose="return",
            number=(incarnation_of(session), number),
            reader=member,
            enrol=roots,
        )
        code = session.get_one(Office, member.office_id).code
        sealed = list(_segments(installation, session, base, runs, recipients, with_totals=False))
    for piece in pieces_of(installation.home, program) if program else ():
        manifest = replace(base, chain=runs[-1].chain, segment=len(sealed) + 1)
        sealed.append(seal_segment(manifest, [], installation.signer.key, recipients, [piece]))
    slip = _slip(base, runs[-1], label_number(code, number, is_return=True))
    written = _write(installation, folder, base, sealed, volume_bytes, enrol=bool(roots), way=way, slip=slip)
    return _remember(installation, written, base, runs, office_id=member.office_id, number=number, way=way)


def _manifest(
    installation: Installation,
    session: Session,
    *,
    purpose: str,
    enrol: tuple[bytes, ...] = (),
    number: tuple[int, int] | None = None,
    reader: Member | None = None,
) -> Manifest:
    heads = chains.watermarks(session, HEAD)
    devices = None
    if reader is not None:
        roster = installation.roster(session)
        devices = frozenset([*roster.numbers_of(reader.office_id), *roster.hq_devices()])
    newest = max(
        (link.beacon for key, place in heads.items() if (link := chains.link_at(session, *key, place))),
        default=0,
    )
    return Manifest(
        institution=installation.facts.institution_id,
        sender=installation.facts.device,
        purpose=purpose,
        device=installation.facts.device,
        chain=0,
        bundle=os.urandom(16),
        segment=1,
        schema=SCHEMA_REVISION,
        reads=(1, SCHEMA_REVISION),
        root=Root.from_bytes(installation.home.root_keys.read_bytes()).version,
        beacon=newest,
        acks=tuple(acks_for(session, heads, installation.facts.device, devices)),
        wants=tuple(wants_of(session, heads, installation.facts.device, devices)),
        enrol=enrol,
        number=number,
    )


def _segments(
    installation: Installation,
    session: Session,
    base: Manifest,
    runs: Sequence[Run],
    recipients: Sequence[str],
    *,
    with_totals: bool,
) -> Iterator[bytes]:
    segment = 0
    for run in runs:
        if not run.signed and run is not runs[-1]:  # the last is written even so: acknowledgements
            continue
        taken = 0
        for part in cut_runs(run.signed):
            segment += 1
            taken += len(part)
            totals = _totals(session, run, taken) if with_totals else None
            manifest = replace(
                base,
                purpose="tail" if run.tail else base.purpose,
                device=run.device,
                chain=run.chain,
                segment=segment,
                totals=totals,
            )
            yield seal_segment(manifest, part, installation.signer.key, [*recipients, *run.readers])


def _totals(session: Session, run: Run, taken: int) -> Totals | None:
    """Of the whole chain up to the last changeset of this segment; a segment without any makes no claim."""
    return chain_totals(session, run.device, run.last_id_at(taken)) if taken else None


def _write(
    installation: Installation,
    folder: Path,
    base: Manifest,
    sealed: Sequence[bytes],
    volume_bytes: int,
    *,
    enrol: bool,
    way: Way,
    slip: Slip,
) -> list[Path]:
    writer = Writer(
        installation.facts.institution_id, installation.facts.device, installation.signer.key, enrol
    )
    workshop = installation.home.outbox
    return write_bundle(
        folder, base.bundle, sealed, writer, volume_bytes, way=way, slip=slip, workshop=workshop
    )


def _slip(base: Manifest, own: Run, number: str) -> Slip:
    last = digest(own.signed[-1][0]) if own.signed else None
    return Slip(number, base.bundle.hex()[:8].upper(), check_letters(base.bundle, last))


def _remember(
    installation: Installation,
    volumes: list[Path],
    base: Manifest,
    runs: Sequence[Run],
    *,
    office_id: int | None,
    number: int,
    way: Way,
) -> WrittenBundle:
    device = installation.facts.device
    size = sum(path.stat().st_size for path in volumes)
    own = runs[-1]
    first, last = (own.start + 1, own.end) if own.signed else (None, None)
    with installation.exclusive() as session:
        for run in runs:
            if run.signed and office_id is None:
                place = Place(run.end, digest(run.signed[-1][0]))
                chains.set_watermark(session, run.device, run.chain, EXPORTED, place)
        if office_id is None:
            forget_start(session, device)
        session.add(
            BundleRecord(
                direction="out",
                bundle_id=base.bundle,
                device=device,
                chain=own.chain,
                office_id=office_id,
                number=number,
                first_seq=first,
                last_seq=last,
                last_hash=digest(own.signed[-1][0]) if own.signed else None,
                size_bytes=size,
                at=installation.clock(),
                carrier=way.carried_as,
            )
        )
    return WrittenBundle(base.bundle, first, last, volumes, size, base.acks, number)


def _next_number(session: Session, office_id: int | None) -> int:
    """Give the next number of the bundles for an office; a branch has one row of them, for headquarters."""
    last = session.execute(
        select(func.max(BundleRecord.number)).where(
            BundleRecord.direction == "out", BundleRecord.office_id == office_id
        )
    ).scalar_one()
    first = 1 if office_id is None else (incarnation_of(session) - FIRST) * BUNDLES_OF_ONE + 1
    return max((last or 0) + 1, first)


def _setting(session: Session, name: str) -> str:
    return session.get_one(Setting, name).value
