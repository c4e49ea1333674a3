"""What every released program wrote is read by this one: the same rows, balances and control totals."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from schema.database import SCHEMA_REVISION, Database, open_database
from sync.admission import Admission, Admitter
from sync.bundle_files import find_volumes
from sync.chain import RULES_VERSION, genesis
from sync.digest import digest_of
from sync.kit import Kit
from sync.roster import ACTIVE, HQ_SCOPE, Member, Roster
from sync.segment import Segment, open_segment, read_segment
from sync.totals import chain_totals, difference
from sync.volume import read_sealed

GOLDEN = Path(__file__).parent.parent / "vectors" / "golden"
FROZEN = sorted(path.name for path in GOLDEN.glob("revision-*"))
DIGESTS = json.loads((GOLDEN / "digests.json").read_text())


@dataclass
class Frozen:
    """One frozen institution: its kit, and the segments of its bundles as the recovery key opens them."""

    folder: Path
    kit: Kit
    up: list[Segment]
    down: list[Segment]

    @classmethod
    def read(cls, folder: Path) -> "Frozen":
        kit = Kit.from_file((folder / "kit.satchel").read_bytes(), (folder / "code").read_text())
        identity = (folder / "recovery.age").read_text().splitlines()[-1]
        up = [part for stick in sorted(folder.glob("up-*")) for part in _segments(stick, identity, kit)]
        down = [part for stick in sorted(folder.glob("down-*")) for part in _segments(stick, identity, kit)]
        return cls(folder, kit, up, down)

    def fold(self, session: Session) -> Roster:
        """Admit everything into an empty database; gives the roster that the chains add up to."""
        kit = self.kit
        hq = Member(
            device=kit.hq_device,
            office_id=0,
            state=ACTIVE,
            signing_key=kit.hq_signing_key,
            recipient=kit.hq_recipient,
            genesis=genesis(kit.institution_id, kit.hq_device, kit.hq_signing_key, kit.hq_recipient),
            bound_seq=None,
            bound_hash=None,
            scope=HQ_SCOPE,
        )
        roster = Roster(kit.institution_id, {hq.device: hq})
        reference = [(body, signature) for _, body, signature in kit.reference]
        _all_admitted(Admitter(session, roster, hq, 0).receive(reference))
        waiting = [part for part in self.down if part.manifest.chain == 0]
        for part in waiting:
            Admitter(session, roster, hq, 0).receive(part.changesets)
        roster = Roster.load(session, kit.institution_id)
        writer = roster.find(kit.device)
        assert writer is not None, "its keys were confirmed in chain 0"
        for part in self.up:
            Admitter(session, roster, writer, 0).receive(part.changesets)
        for part in waiting:  # what names entries of the branch waited for them
            Admitter(session, roster, hq, 0).receive(part.changesets)
        return Roster.load(session, kit.institution_id)


def _segments(stick: Path, identity: str, kit: Kit) -> Iterator[Segment]:
    (bundle,) = find_volumes([stick]).bundles
    for volume in bundle.volumes:
        for entry in volume.index.segments:
            with volume.path.open("rb") as file:
                contents = open_segment(read_sealed(file, entry), [identity])
            yield read_segment(
                contents, public=volume.index.public, institution=kit.institution_id, reader=None
            )


def _all_admitted(result: Admission) -> None:
    assert (result.held, result.quarantined, result.exceptions, result.codes) == (0, 0, 0, [])


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "books.db")
    opened.migrate()
    yield opened
    opened.close()


def test_a_release_of_every_revision_is_frozen() -> None:
    """A new revision is frozen before it leaves the house."""
    assert [f"revision-{number}" for number in range(1, SCHEMA_REVISION + 1)] == FROZEN


@pytest.mark.parametrize("name", FROZEN)
def test_a_frozen_release_gives_the_same_books_in_this_one(name: str, database: Database) -> None:
    """Nothing is held or an exception; digest, balances and control totals are the recorded ones."""
    frozen = Frozen.read(GOLDEN / name)
    with database.writing() as session:
        roster = frozen.fold(session)
        writer = roster.find(frozen.kit.device)
        assert writer is not None
        ours = chain_totals(session, writer.device)
        claimed = frozen.up[-1].manifest.totals
        assert claimed is not None
        assert difference(claimed, ours) == ""
        digest = digest_of(session, roster, office_id=writer.office_id)
        assert digest.certified
        assert DIGESTS[name][f"schema {SCHEMA_REVISION}, rules {RULES_VERSION}"] == digest.sha256.hex()
    told = json.loads((frozen.folder / "trial-balance.json").read_text())["accounts"]
    closing = {row["code"]: int(row["closing"].replace(".", "")) for row in told}
    assert {code: amount for code, amount in closing.items() if amount} == ours.accounts
