"""Changesets that no honest program writes: signed with a branch's own key, put into its chain by hand."""

from dataclasses import replace

from sqlalchemy import text

from schema.database import SCHEMA_REVISION, upsert
from schema.replication import StoredChangeset
from schema.writing import images_by_table
from sync import chain as chains
from sync.chain import HEAD, Accepted
from sync.changeset import INSERT, Changeset, Op, Place, Value, digest
from sync.installation import Installation

FAR_COUNTER = 1 << 30
"""Counter of forged ids: far beyond those that the branch has given itself."""


def forged_id(branch: Installation, number: int) -> int:
    """Give an id of the branch's own device that nothing else has."""
    return (branch.facts.device << 40) + FAR_COUNTER + number


def forge(branch: Installation, *ops: Op, chain: int = 0, **changed: object) -> Accepted:
    """Sign a changeset with these ops and make it the head of the branch's chain; no table is touched."""
    with branch.exclusive() as session:
        head = chains.head(session, branch.facts.device, chain)
        made = Changeset(
            device=branch.facts.device,
            chain=chain,
            seq=head.seq + 1 if head else 1,
            prev=head.hash if head else branch.signer.genesis,
            hlc=chains.newest_hlc(session, branch.facts.device) + 1,
            date="2026-01-05",
            actor=1,
            kind="test.forge",
            note="",
            schema=SCHEMA_REVISION,
            rules=1,
            reference=0,
            ops=ops,
            seen={},
        )
        accepted = signed(branch, replace(made, **changed))  # type: ignore[arg-type]  # fields by their names
        upsert(session, StoredChangeset.__table__, [chains.stored_row(accepted)])  # type: ignore[arg-type]  # the test knows its type
        place = Place(accepted.changeset.seq, accepted.hash)
        chains.set_watermark(session, branch.facts.device, chain, HEAD, place)
    return accepted


def signed(branch: Installation, changeset: Changeset) -> Accepted:
    """Sign a changeset as the branch's device does."""
    body = changeset.to_bytes()
    signature = branch.signer.key.sign("changeset", branch.facts.institution_id, body)
    return Accepted(changeset, body, signature, digest(body), 0, 0)


def copy_of(branch: Installation, table: str, number: int, **changed: Value) -> Op:
    """Give the insert of a row like the newest of ``table``, under a forged id, some columns changed."""
    names = sorted(images_by_table()[table].columns, key=lambda name: (len(name), name))
    columns = ", ".join(f'"{name}"' for name in names)
    with branch.database.reading() as session:
        row = session.execute(text(f'SELECT {columns} FROM "{table}" ORDER BY id DESC')).first()
    assert row is not None, "there is a row to copy"
    new = dict(zip(names, row, strict=True)) | changed
    return Op(table, INSERT, forged_id(branch, number), new, None)
