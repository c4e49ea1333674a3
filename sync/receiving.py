"""Taking the authentic segments of one bundle into the books, and saying what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from schema.database import is_beside, take_turn
from schema.reading import fetch_one
from schema.replication import BundleRecord
from schema.standings import refresh_standings
from sync import chain as chains
from sync.admission import Admission, Admitter
from sync.bundle_files import FoundBundle
from sync.chain import ACKED, DURABLE, HEAD, MERGED
from sync.changeset import Place
from sync.control_totals import compare_pending, note_claims
from sync.healing import ChainRestoredError
from sync.installation import Installation
from sync.labels import check_letters
from sync.manifest import Ack, Manifest, Totals
from sync.read_only import stop
from sync.reasons import refused
from sync.refold import settle_import
from sync.root import Root
from sync.roster import Member
from sync.runs import acked_by
from sync.segment import Segment
from sync.succession import claims_of_this_home
from sync.updates import running_version, take_attachments

ADMIT: Final = "ADMIT"
NOOP: Final = "NOOP"
HOLD: Final = "HOLD"
QUARANTINE: Final = "QUARANTINE"
REJECT: Final = "REJECT"
FINE: Final = frozenset({ADMIT, NOOP, HOLD})
_WAITING: Final = frozenset({"GAP", "SEEN_MISSING"})
"""Why a changeset waits for others, which may stand further on in the same bundle."""

MOST_HELD: Final = 10_000
"""Changesets of one chain that may wait for a gap; beyond it volumes stay outside and are tried again."""


@dataclass(slots=True)
class BundleResult:
    """What came of one bundle. ``sender`` is the branch's code; ``code`` is None only for ADMIT.

    ``totals_agree`` is None while nothing could be compared; ``detail`` says more, in words. ``manifests``
    are those of its segments, as far as it could be opened; ``totals`` pairs what its last compared segment
    claims with what is derived here.
    """

    bundle: str | None
    sender: str | None
    verdict: str
    code: str | None
    counts: Admission
    totals_agree: bool | None = None
    detail: str = ""
    manifests: tuple[Manifest, ...] = ()
    totals: tuple[Totals, Totals] | None = None

    @property
    def check(self) -> str:
        """The check letters of its label; empty where the bundle could not be opened."""
        if not self.manifests:
            return ""
        lasts = [manifest.content.last for manifest in self.manifests if manifest.content.last]
        return check_letters(self.manifests[0].bundle, lasts[-1].hash if lasts else None)


def was_taken_whole(session: Session, bundle: FoundBundle) -> bool:
    """Whether all of a bundle is here and counts, so that opening it again would find nothing new.

    The trailers of its volumes were checked: they are of the same writing. What was held, or came without
    some of its volumes, is opened again.
    """
    if bundle.missing or bundle.repaired:
        return False
    device = bundle.index.device
    size = sum(volume.path.stat().st_size for volume in bundle.volumes)
    taken = fetch_one(
        session,
        "SELECT 1 FROM bundle"
        " WHERE direction = 'in' AND bundle_id = ? AND device = ? AND size_bytes = ? AND verdict = 'ADMIT'",
        bundle.index.bundle,
        device,
        size,
    )
    held = fetch_one(session, "SELECT 1 FROM changeset WHERE state = 'held' AND device = ?", device)
    return taken is not None and held is None


def is_other_arm(session: Session, device: int, segment: Segment) -> bool:
    """Whether a segment carries what another laptop wrote under our number, from a place behind our head.

    Headquarters sends an arm that it has adopted back to the branch, as signed bytes.
    """
    manifest = segment.manifest
    first = manifest.content.first
    head = chains.head(session, device, manifest.chain)
    return (
        manifest.device == device
        and manifest.purpose != "return"
        and first is not None
        and head is not None
        and first.seq <= head.seq
        and chains.link_at(session, device, manifest.chain, first) is None
    )


class Receiving:
    """Takes the authentic segments of one bundle into the books."""

    def __init__(
        self,
        installation: Installation,
        session: Session,
        writer: Member,
        bundle: FoundBundle,
        result: BundleResult,
    ) -> None:
        self._installation = installation
        self._session = session
        self._writer = writer
        self._bundle = bundle
        self._result = result
        self._is_left = False

    def receive(self, segments: Sequence[Segment]) -> None:
        """Fill in the result; raises TrustError where the bundle must be refused whole."""
        self._result.manifests = tuple(segment.manifest for segment in segments)
        again = self._seen_before()
        if not again and self._is_old_return(segments[0].manifest):
            self._conclude(segments, again=True, code="OLD_RETURN")
            return
        for segment in segments:
            self._admit(segment)
        self._installation.reached("received")
        if is_beside(self._session):  # what needs no turn; what is settled later is looked at again
            refresh_standings(self._session, self._writer.office_id)
        take_turn(self._session)
        self._settle()
        self._installation.reached("folded")
        self._count_what_waited()
        self._take_acks(segments[-1].manifest)
        self._take_wants(segments[-1].manifest)
        self._take_program(segments)
        self._result.totals_agree = self._compare_totals(segments)
        self._conclude(segments, again=again, code="DUPLICATE")
        self._installation.reached("acknowledged")

    def _admit(self, segment: Segment) -> None:
        roster = self._installation.roster(self._session)
        writer = roster.find(segment.manifest.device) or self._writer
        own = self._installation.facts.device
        is_arm = self._writer.is_hq and is_other_arm(self._session, own, segment)
        if writer.device == own and not is_arm:
            self._result.counts.known += len(segment.changesets)
            return  # our own: what was missing here has been taken back
        if self._waits_outside(segment.manifest):
            self._result.counts.note("GAP")
            self._is_left = True
            return
        admitter = Admitter(self._session, roster, writer, segment.manifest.chain)
        self._result.counts.add(admitter.receive(segment.changesets, bundle_id=self._bundle.index.bundle))

    def _count_what_waited(self) -> None:
        """What waited for a later segment of the same bundle is in the books by now."""
        counts = self._result.counts
        if not counts.held or not _WAITING & set(counts.codes):
            return
        left = fetch_one(
            self._session,
            "SELECT count(*) FROM changeset WHERE bundle_id = ? AND state = 'held'",
            self._bundle.index.bundle,
        )
        taken = max(counts.held - (left[0] if left else 0), 0)
        counts.held -= taken
        counts.admitted += taken
        if not counts.held:
            counts.codes[:] = [code for code in counts.codes if code not in _WAITING]

    def _waits_outside(self, manifest: Manifest) -> bool:
        """Whether so much of this chain is held that what comes after the gap is not even taken in."""
        first = manifest.content.first
        head = chains.watermark(self._session, manifest.device, manifest.chain, HEAD)
        if first is None or first.seq <= (head.seq if head else 0) + 1:
            return False
        row = fetch_one(
            self._session,
            "SELECT count(*) FROM changeset WHERE state = 'held' AND device = ? AND chain = ?",
            manifest.device,
            manifest.chain,
        )
        return row is not None and row[0] > MOST_HELD

    def _settle(self) -> None:
        """What headquarters said of chains counts at once, and what waited for these changesets goes on."""
        session = self._session
        settle_import(
            session,
            lambda: self._installation.roster(session),
            self._result.counts.settles,
            hq_grew=self._writer.is_hq,
        )
        if self._installation.signer.is_hq:
            refresh_standings(session, self._writer.office_id)
        if not self._installation.signer.is_hq and "FORK_HQ" in self._result.counts.codes:
            stop(session, "FORK_HQ", "It holds another history than the one that is here.")

    def _seen_before(self) -> bool:
        return (
            self._session.execute(
                select(BundleRecord.id).where(
                    BundleRecord.direction == "in",
                    BundleRecord.bundle_id == self._bundle.index.bundle,
                    BundleRecord.verdict == ADMIT,
                )
            ).first()
            is not None
        )

    def _is_old_return(self, manifest: Manifest) -> bool:
        """A return bundle older than one that was applied has nothing to say any more."""
        if manifest.number is None or not self._writer.is_hq:
            return False
        newest = self._session.execute(
            select(func.max(BundleRecord.number)).where(
                BundleRecord.direction == "in", BundleRecord.device.in_(self._of_headquarters())
            )
        ).scalar_one()
        return newest is not None and manifest.number[1] < newest

    def _of_headquarters(self) -> list[int]:
        return list(self._installation.roster(self._session).hq_devices())

    def _take_acks(self, manifest: Manifest) -> None:
        """Move what the sender says it has of our chains; it can only name what we have written.

        raises  TrustError CHAIN_RESTORED (at a branch) or HQ_ROLLBACK (at HQ) when it knows more than we do
        """
        own = self._installation.facts.device
        if not (self._installation.signer.is_hq or self._writer.is_hq):
            return  # an older laptop, or a copy of this one: it confirms nothing
        for ack in manifest.acks:
            if ack.device == own:
                if chains.link_at(self._session, own, ack.chain, ack.place) is None:
                    if self._installation.signer.is_hq:
                        raise refused("HQ_ROLLBACK", f"It confirms {ack.place.seq} of chain {ack.chain}.")
                    raise ChainRestoredError(f"It confirms entry {ack.place.seq}.", ack.place)
                self._move(ack, self._stages(ack))
            elif chains.link_at(self._session, ack.device, ack.chain, ack.place) is not None:
                self._take_ack_of_other(ack)

    def _take_ack_of_other(self, ack: Ack) -> None:
        """Of an earlier device of this home, or of the sender's branch: a tail that need not travel again."""
        roster = self._installation.roster(self._session)
        if self._installation.signer.is_hq:
            if (
                roster.office_of(ack.device) == self._writer.office_id or ack.device in roster.hq_devices()
            ) and ack.level == "received":
                self._move(ack, (acked_by(self._writer.device),))
        elif self._writer.is_hq:
            self._move(ack, self._stages(ack))

    def _move(self, ack: Ack, stages: tuple[str, ...]) -> None:
        for stage in stages:
            known = chains.watermark(self._session, ack.device, ack.chain, stage)
            if known is None or known.seq < ack.place.seq:
                chains.set_watermark(self._session, ack.device, ack.chain, stage, ack.place)

    def _take_wants(self, manifest: Manifest) -> None:
        """What the sender lacks travels again, also if it once confirmed it: its disk may be an older one."""
        own, genesis = self._installation.facts.device, self._installation.signer.genesis
        stage = acked_by(self._writer.device) if self._installation.signer.is_hq else ACKED
        earlier = {claim.device for claim in claims_of_this_home(self._session)} | {own}
        for want in manifest.wants:
            known = chains.watermark(self._session, want.device, want.chain, stage)
            if want.device not in earlier or known is None or known.seq < want.first:
                continue
            before = next(
                chains.stored(
                    self._session, want.device, want.chain, after=want.first - 2, up_to=want.first - 1
                ),
                None,
            )
            place = Place(before.seq, before.hash) if before else Place(0, genesis)
            chains.set_watermark(self._session, want.device, want.chain, stage, place)

    def _take_program(self, segments: Sequence[Segment]) -> None:
        """Keep a newer program that headquarters sent along; whether it is installed, a person says."""
        attached = [piece for segment in segments for piece in segment.attachments]
        if attached and self._writer.is_hq:
            take_attachments(
                self._installation.home,
                Root.from_bytes(self._installation.home.root_keys.read_bytes()),
                self._session,
                attached,
                running=running_version(),
                now=self._installation.clock(),
            )

    def _stages(self, ack: Ack) -> tuple[str, ...]:
        if self._installation.signer.is_hq:
            return (acked_by(self._writer.device),) if ack.level == "received" else ()
        return {"received": (ACKED,), "merged": (MERGED,), "durable": (DURABLE,)}[ack.level]

    def _compare_totals(self, segments: Sequence[Segment]) -> bool | None:
        """Compare control totals wherever chains are whole; gives what came of this sender's, if anything."""
        note_claims(self._session, segments)
        named = {(segment.manifest.device, segment.manifest.content.last) for segment in segments}
        agree: bool | None = None
        for compared in compare_pending(self._session):
            if compared.difference:
                self._result.counts.note("TOTALS")
                self._result.detail = compared.difference
            if (compared.device, compared.place) in named:
                self._result.totals = (compared.claimed, compared.ours)
                agree = (agree is not False) and not compared.difference
        return agree

    def _conclude(self, segments: Sequence[Segment], *, again: bool, code: str) -> None:
        result, counts = self._result, self._result.counts
        if self._is_left:
            result.verdict, result.code = HOLD, "GAP"
            result.detail = (
                "Too much waits already. Keep the file, and import it again when the gap is closed."
            )
        elif counts.quarantined:
            result.verdict, result.code = QUARANTINE, counts.codes[0]
        elif counts.held:
            result.verdict, result.code = HOLD, counts.codes[0]
        elif counts.admitted or (not again and not counts.known):
            result.verdict, result.code = ADMIT, None
        else:
            result.verdict, result.code = NOOP, code
        if self._bundle.missing:
            result.detail = f"Volumes missing: {', '.join(map(str, self._bundle.missing))}. {result.detail}"
        for number in self._bundle.repaired:
            result.detail = f"Volume {number} was made again with the parity volume. {result.detail}"
        self._remember_bundle(segments)

    def _remember_bundle(self, segments: Sequence[Segment]) -> None:
        manifest = segments[-1].manifest
        content = [segment.manifest.content for segment in segments if segment.manifest.content.last]
        first = content[0].first if content else None
        last = content[-1].last if content else None
        self._session.add(
            BundleRecord(
                direction="in",
                bundle_id=self._bundle.index.bundle,
                device=self._writer.device,
                chain=manifest.chain,
                office_id=self._writer.office_id,
                number=manifest.number[1] if manifest.number else None,
                first_seq=first.seq if first else None,
                last_seq=last.seq if last else None,
                last_hash=last.hash if last else None,
                size_bytes=sum(volume.path.stat().st_size for volume in self._bundle.volumes),
                at=self._installation.clock(),
                verdict=self._result.verdict,
                code=self._result.code or "",
                detail=self._result.detail,
                carrier=self._bundle.carrier,
            )
        )
