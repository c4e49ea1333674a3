"""One bundle taken into the books: authenticated as a whole, then received, admitted and folded.

It is one transaction: whatever is wrong with a part of it refuses all of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import TrustError
from schema.database import is_beside, is_deadlock, take_turn
from schema.reference import Office
from schema.replication import BundleRecord, EnrolmentKit
from sync import chain as chains
from sync.admission import Admission
from sync.bundle_files import FoundBundle
from sync.healing import take_own
from sync.import_watch import QUIET, ImportWatch
from sync.installation import Installation, disk_trouble_named
from sync.kit import Claim
from sync.manifest import Manifest
from sync.opening import Opened, authentic
from sync.read_only import lift
from sync.reasons import refused
from sync.receiving import (
    NOOP,
    QUARANTINE,
    REJECT,
    BundleResult,
    Receiving,
    is_other_arm,
    was_taken_whole,
)
from sync.roots import check_root
from sync.roster import SUSPENDED, Member, Roster
from sync.segment import Segment
from sync.strangers import check_whose, remember_other_claims, stop_booking

_UNTRUSTED: Final = frozenset({"SENDER_UNKNOWN", "KIT_REUSED", "REVOKED_AFTER", "FORK", "CHAIN_RESTORED"})
"""Codes that more knowledge may lift: such a bundle is quarantined, not rejected."""
_OF_OTHERS: Final = frozenset({"tail", "heal"})
"""Purposes of segments that carry the chain of another device than the sender's."""


class _Alone(Exception):  # noqa: N818 - not an error: it undoes what was begun beside others
    """A bundle concerns more than its sender's office: nobody else may write while it is taken."""


def import_one(
    installation: Installation,
    bundle: FoundBundle,
    watch: ImportWatch,
    opened: Sequence[Opened] | None = None,
) -> BundleResult:
    """Import one bundle while nobody else writes, and tell ``watch``; what is wrong with it is in the result.

    opened  what a worker has made of it; None where it is to be opened here
    """
    result = BundleResult(name_of(bundle), None, REJECT, None, Admission())
    try:
        with installation.exclusive() as session:
            result = take(installation, session, bundle, result, opened)
            watch.through(session, result)
        installation.reached("taken")
    except TrustError as refusal:
        if refusal.code == "CHAIN_RESTORED":
            stop_booking(installation, refusal)
        result = refusal_of(result, refusal)
        _remember_refused(installation, bundle, result)
        tell(installation, watch, result)
    return result


def import_beside(installation: Installation, bundle: FoundBundle, watch: ImportWatch) -> BundleResult | None:
    """As ``import_one``, on a server and while others import bundles of other offices.

    returns  None where it must be imported alone, and nothing of it was kept: it is refused, concerns more
             than the sender's office, or was in the way of another import
    """
    with installation.database.reading() as session:
        office_id = installation.roster(session).office_of(bundle.index.device)
    if office_id is None:
        return None
    result = BundleResult(name_of(bundle), None, REJECT, None, Admission())
    try:
        with disk_trouble_named(), installation.database.writing_beside(office_id) as session:
            result = take(installation, session, bundle, result)
            take_turn(session)
            watch.through(session, result)
    except (_Alone, TrustError):
        return None
    except Exception as fault:
        if not is_deadlock(fault):
            raise
        return None
    return result


def _remember_refused(installation: Installation, bundle: FoundBundle, result: BundleResult) -> None:
    """Headquarters keeps that a bundle of a laptop that it knows came and was refused; nothing of it counts.

    Who signed its volumes is known by then; a stranger's files leave no trace.
    """
    if not installation.signer.is_hq or result.sender is None:
        return
    with installation.exclusive() as session:
        roster = installation.roster(session)
        if not is_known(roster, bundle):
            return
        earlier = session.scalars(
            select(BundleRecord).where(
                BundleRecord.direction == "in", BundleRecord.bundle_id == bundle.index.bundle
            )
        ).first()
        if earlier is not None:
            return
        session.add(
            BundleRecord(
                direction="in",
                bundle_id=bundle.index.bundle,
                device=bundle.index.device,
                office_id=roster.office_of(bundle.index.device),
                size_bytes=sum(volume.path.stat().st_size for volume in bundle.volumes),
                at=installation.clock(),
                verdict=result.verdict,
                code=result.code or "",
                detail=result.detail,
                carrier=bundle.carrier,
            )
        )


def tell(installation: Installation, watch: ImportWatch, result: BundleResult) -> None:
    """Tell the watch of a bundle of which nothing was kept, in a transaction of its own."""
    if watch is not QUIET:
        with installation.exclusive() as session:
            watch.through(session, result)


def refusal_of(result: BundleResult, refusal: TrustError) -> BundleResult:
    """Give what came of a bundle that was refused."""
    verdict = QUARANTINE if refusal.code in _UNTRUSTED else REJECT
    return BundleResult(result.bundle, result.sender, verdict, refusal.code, Admission(), detail=str(refusal))


def name_of(bundle: FoundBundle) -> str:
    """Give a bundle's name: eight hex digits."""
    return bundle.index.bundle.hex()[:8].upper()


def take(
    installation: Installation,
    session: Session,
    bundle: FoundBundle,
    result: BundleResult,
    opened: Sequence[Opened] | None = None,
    *,
    dry_run: bool = False,
) -> BundleResult:
    """Fill in the result of one bundle, in a transaction that the caller keeps or undoes."""
    if bundle.index.institution != installation.facts.institution_id:
        raise _of_others(installation, bundle)
    roster = installation.roster(session)
    result.sender = _office_code(session, roster.office_of(bundle.index.device))
    if not dry_run and is_known(roster, bundle) and was_taken_whole(session, bundle):
        return replace(result, verdict=NOOP, code="DUPLICATE")
    segments = _open(installation, roster, bundle, opened)
    installation.reached("authentic")
    known = roster.find(bundle.index.device)
    is_root_asked = not installation.signer.is_hq and (known is None or known.is_hq)
    if is_root_asked and segments[0].manifest.purpose == "return":
        check_root(installation.home, segments[0].manifest, bundle.index.public, keep=not dry_run)
        roster = installation.roster(session)
    if is_beside(session) and not _is_of_one_office(roster, bundle, segments):
        raise _Alone
    writer = _writer(session, roster, bundle, segments[0].manifest)
    if writer is None:
        result.verdict, result.code = QUARANTINE, "KIT_REUSED"
    else:
        result.sender = _office_code(session, writer.office_id)
        _check_sender(installation, session, writer, segments)
        Receiving(installation, session, writer, bundle, result).receive(segments)
    if not dry_run:
        lift(session, installation.facts.device, healed=False)
    return result


def _of_others(installation: Installation, bundle: FoundBundle) -> TrustError:
    """Name both institutions by the digits that each one's own pages and kits show."""
    theirs, ours = bundle.index.institution.hex()[:8], installation.facts.institution[:8]
    name = installation.place.institution
    return refused(
        "OTHER_INSTITUTION",
        f"It belongs to the institution {theirs.upper()}; these are the books of {name} ({ours.upper()}). "
        "Nothing was changed.",
    )


def _open(
    installation: Installation, roster: Roster, bundle: FoundBundle, opened: Sequence[Opened] | None
) -> list[Segment]:
    """Open every segment; nothing of the bundle is believed before all of it is authentic."""
    index = bundle.index
    if bundle.damaged:
        raise bundle.damaged[0].refusal
    if bundle.twins:
        raise refused("VOLUME_TWIN", where=", ".join(path.name for path in bundle.twins))
    if not index.enrol and not is_known(roster, bundle):
        raise refused("SENDER_UNKNOWN", f"Device {index.device}.")
    segments = authentic(installation.identities, bundle, opened)
    if not segments:
        raise refused("NOT_FOR_US")
    for segment in segments:
        manifest = segment.manifest
        whose = manifest.sender if manifest.purpose in _OF_OTHERS else manifest.device
        if (manifest.sender, whose, manifest.bundle) != (index.device, index.device, index.bundle):
            raise refused("BAD_SIGNATURE", "The manifest belongs to another volume.")
    return segments


def is_known(roster: Roster, bundle: FoundBundle) -> bool:
    """Whether its sender is on the roster with the key that signed it."""
    member = roster.find(bundle.index.device)
    return member is not None and member.signing_key == bundle.index.public


def _is_of_one_office(roster: Roster, bundle: FoundBundle, segments: Sequence[Segment]) -> bool:
    """Whether all that it carries was written by laptops of its sender's office, which are all known."""
    offices = {roster.office_of(segment.manifest.device) for segment in segments}
    writers = [roster.find(segment.manifest.device) for segment in segments]
    return (
        is_known(roster, bundle)
        and offices == {roster.office_of(bundle.index.device)}
        and not any(writer is None or writer.is_hq for writer in writers)
    )


def _writer(session: Session, roster: Roster, bundle: FoundBundle, manifest: Manifest) -> Member | None:
    """Who wrote it: a device of the roster, or one that claims its kit; None when a kit was used twice.

    raises  TrustError SENDER_UNKNOWN
    """
    if is_known(roster, bundle):
        return roster.find(bundle.index.device)
    for statement in manifest.enrol:
        claim, body, tag = Claim.read(statement)
        kit = session.get(EnrolmentKit, claim.kit_id)
        fits = kit is not None and (claim.signing_key, claim.device, claim.institution_id) == (
            bundle.index.public,
            kit.device,
            roster.institution_id,
        )
        if kit is None or not fits or not Claim.is_under(kit.secret, body, tag):
            continue
        remember_other_claims(session, manifest.enrol, claim)
        if kit.state != "written":
            kit.state = "reused"
            return None
        kit.claim, kit.state = statement, "claimed"
        session.flush()
        return Roster.load(session, roster.institution_id).find(kit.device)
    raise refused("SENDER_UNKNOWN", "The enrolment statement fits no kit of ours.")


def _check_sender(
    installation: Installation, session: Session, writer: Member, segments: Sequence[Segment]
) -> None:
    """Refuse what a rostered key may sign and has no business to send here.

    Only headquarters may tell a branch what is confirmed, and add to its books. Our own bundle is harmless
    as long as we know all of it; else somebody goes on under our device number, or we were restored.
    """
    own = installation.facts.device
    if writer.state == SUSPENDED:
        raise refused("KIT_REUSED", f"Device {writer.device} is suspended.")
    office = installation.roster(session).office_of(own)
    if not installation.signer.is_hq and not writer.is_hq and writer.office_id != office:
        raise refused("SCOPE", "A branch takes bundles from headquarters only.")
    roster = installation.roster(session)
    for segment in segments:
        manifest = segment.manifest
        check_whose(roster, writer, manifest)
        last = manifest.content.last
        if manifest.device != own or last is None or chains.link_at(session, own, manifest.chain, last):
            continue
        if writer.is_hq and is_other_arm(session, own, segment):
            continue
        if writer.is_hq and installation.signer.is_hq:
            raise refused("HQ_ROLLBACK", f"This device signed {last.seq} of chain {manifest.chain}.")
        take_own(session, installation.signer, segment.changesets)


def _office_code(session: Session, office_id: int | None) -> str | None:
    if office_id is None:
        return None
    return session.execute(select(Office.code).where(Office.id == office_id)).scalar_one_or_none()
