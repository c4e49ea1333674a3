"""Proofs of the books for an auditor at headquarters: runs of ``verify``, and what both sides have signed.

A run goes on in the background; what it found stays, with who asked and when. Co-signed heads are entries of
branches that headquarters' own signed changesets name; witnesses are branches that have signed what they saw
of headquarters' chain 0 (protocol, sections 5 and 10).
"""

import json
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from console.proof import Proof, proof_of
from ledger.errors import TrustError
from schema.desk import ProofRun
from schema.people import User
from schema.reading import fetch
from sync import chain as chains
from sync.chain import HEAD, REFERENCE_CHAIN
from sync.changeset import Changeset, Place
from sync.installation import Installation
from sync.roster import Member, Roster
from sync.runs import acked_by

RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
STOPPED: Final = "stopped"
"""A run that the end of its server has ended: nobody carries it on."""

_SHOWN: Final = 20
_LOOKED_THROUGH: Final = 5_000
"""So many of headquarters' newest changesets are looked through for those that name heads of branches."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in the list: who asked, when, and what came of it."""

    id: int
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None
    state: str
    ok: bool
    checks: int
    chains: int
    signatures: int
    first_failure: str


@dataclass(frozen=True, slots=True)
class CoSigned:
    """How far one branch's chain has come, and what headquarters has signed of it.

    head       its newest entry here; ``signed`` the newest that a changeset of headquarters names
    carried_by the entry of headquarters' chain 0 that carries that name; 0 where it stands in an older one
    confirmed  how far the branch has confirmed headquarters' chain 0: it holds that signature in its hands
    agrees     whether the chain really has that entry
    """

    branch: str
    device: int
    head: Place
    signed: Place | None
    carried_by: int
    confirmed: int
    agrees: bool


@dataclass(frozen=True, slots=True)
class Witness:
    """What one branch has signed of headquarters' chain 0: the newest entry that it has seen.

    agrees     whether headquarters' chain has that very entry there
    strangers  entries of the branch that name one which headquarters does not have
    """

    branch: str
    device: int
    incarnation: int
    seen: Place
    agrees: bool
    strangers: int


class ProofDesk:
    """Runs one proof at a time, in the background of the server."""

    def __init__(self, installation: Installation) -> None:
        """Begin with nothing under way: what an ended server left running is shown as stopped."""
        self._installation = installation
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="proof")
        self._under_way: dict[int, Future[None]] = {}

    def begin(self, actor_id: int) -> int:
        """Begin a run, or give the one that is under way."""
        for run_id, run in self._under_way.items():
            if not run.done():
                return run_id
        with self._installation.exclusive() as session:
            row = ProofRun(asked_by_id=actor_id, asked_at=self._installation.clock())
            session.add(row)
            session.flush()
            run_id = row.id
        self._under_way = {run_id: self._threads.submit(self._run, run_id)}
        return run_id

    def state_of(self, line: RunLine) -> str:
        """Say how a run stands: what nobody carries on any more is stopped."""
        run = self._under_way.get(line.id)
        is_over = run is None or run.done()
        return STOPPED if line.state == RUNNING and is_over else line.state

    def finish(self) -> None:
        """Wait for what is under way."""
        for run in self._under_way.values():
            run.result()

    def _run(self, run_id: int) -> None:
        proof, fault = None, ""
        try:
            proof = proof_of(self._installation)
        except TrustError as refusal:
            fault = f"{refusal.code}: {refusal.message}"
        except (SQLAlchemyError, OSError) as error:
            fault = type(error).__name__
            _log.exception("proof %d", run_id)
        with self._installation.exclusive() as session:
            row = session.get_one(ProofRun, run_id)
            row.finished_at = self._installation.clock()
            row.state = FAILED if proof is None else DONE
            row.first_failure = fault
            if proof is not None:
                _keep(row, proof)


def _keep(row: ProofRun, proof: Proof) -> None:
    failed = proof.first_failure
    row.ok = int(failed is None)
    row.checks, row.chains, row.signatures = len(proof.checks), proof.chains, proof.signatures
    row.first_failure = f"{failed.name}: {failed.detail}" if failed else ""
    row.report = json.dumps([[check.name, check.ok, check.detail] for check in proof.checks])


def list_runs(session: Session) -> list[RunLine]:
    """List the newest runs."""
    wanted = select(ProofRun).order_by(ProofRun.id.desc()).limit(_SHOWN)
    return [_line(session, row) for row in session.scalars(wanted)]


def find_run(session: Session, run_id: int) -> tuple[RunLine, list[tuple[str, bool, str]]] | None:
    """Give one run with its report: name, whether it holds, detail; None where there is none."""
    row = session.get(ProofRun, run_id)
    if row is None:
        return None
    return _line(session, row), [(name, ok, detail) for name, ok, detail in json.loads(row.report)]


def _line(session: Session, row: ProofRun) -> RunLine:
    user = session.get(User, row.asked_by_id) if row.asked_by_id else None
    return RunLine(
        id=row.id,
        asked_by=(user.full_name or user.username) if user else "",
        asked_at=row.asked_at,
        finished_at=row.finished_at,
        state=row.state,
        ok=bool(row.ok),
        checks=row.checks,
        chains=row.chains,
        signatures=row.signatures,
        first_failure=row.first_failure,
    )


def co_signed(installation: Installation, session: Session) -> list[CoSigned]:
    """List what headquarters has signed of every branch's chain."""
    roster, codes = installation.roster(session), _codes(session)
    own = installation.facts.device
    named = _named_by_headquarters(session, own)
    found = []
    for (device, chain), head in sorted(chains.watermarks(session, HEAD).items()):
        member = roster.find(device)
        if member is None or member.is_hq or chain != REFERENCE_CHAIN:
            continue
        signed, carried_by = named.get(device, (None, 0))
        if signed is None:
            signed = chains.watermark(session, device, chain, chains.SEEN)
        confirmed = chains.watermark(session, own, REFERENCE_CHAIN, acked_by(device))
        agrees = signed is None or chains.link_at(session, device, chain, signed) is not None
        found.append(
            CoSigned(
                _code(codes, member),
                device,
                head,
                signed,
                carried_by,
                confirmed.seq if confirmed else 0,
                agrees,
            )
        )
    return found


def _named_by_headquarters(session: Session, own: int) -> dict[int, tuple[Place, int]]:
    """Give for each device the newest place that a changeset of chain 0 names, and which one does."""
    rows = fetch(
        session,
        "SELECT seq, body FROM changeset WHERE device = ? AND chain = 0 AND state = 'accepted'"
        " ORDER BY seq DESC LIMIT ?",
        own,
        _LOOKED_THROUGH,
    )
    found: dict[int, tuple[Place, int]] = {}
    for seq, body in rows:
        for device, place in Changeset.from_bytes(bytes(body)).seen.items():
            found.setdefault(device, (place, seq))
    return found


def witnesses(installation: Installation, session: Session) -> list[Witness]:
    """List what branches have signed of headquarters' chain 0, and whether it is the one that is here."""
    roster, codes = installation.roster(session), _codes(session)
    strangers = {
        row[0]: row[1]
        for row in fetch(
            session,
            "SELECT device, count(*) FROM changeset WHERE code IN ('SEEN_MISSING', 'FORK_HQ')"
            " GROUP BY device",
        )
    }
    found = []
    for device, member in _branch_members(session, roster):
        for incarnation in roster.hq_devices():
            seen = chains.watermark(session, incarnation, REFERENCE_CHAIN, acked_by(device))
            if seen is not None and seen.seq:
                agrees = chains.link_at(session, incarnation, REFERENCE_CHAIN, seen) is not None
                others = strangers.get(device, 0)
                found.append(Witness(_code(codes, member), device, incarnation, seen, agrees, others))
    return found


def _branch_members(session: Session, roster: Roster) -> list[tuple[int, Member]]:
    numbers = [row[0] for row in fetch(session, "SELECT number FROM device ORDER BY number")]
    members = [(number, roster.find(number)) for number in numbers]
    return [(number, member) for number, member in members if member is not None and not member.is_hq]


def _codes(session: Session) -> dict[int, str]:
    return {row[0]: row[1] for row in fetch(session, "SELECT id, code FROM office")}


def _code(codes: dict[int, str], member: Member) -> str:
    return codes.get(member.office_id, "")
