"""The digest of the books (protocol, section 7): equal on both sides once headquarters has admitted all.

row = canonical CBOR of ``[table, id, {column: value}]`` without local columns; a table's digest is the
SHA-256 over its rows in order of id; the digest is the SHA-256 over canonical ``[name, rows, table digest]``
in order of name.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from schema.base import Kind
from schema.database import SCHEMA_REVISION
from schema.writing import images_by_table
from sync import chain as chains
from sync.canonical import encode
from sync.chain import HEAD, RULES_VERSION
from sync.changeset import Place
from sync.roster import ACTIVE, RETIRED, Roster

_FETCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class TableDigest:
    """Rows and SHA-256 of one table."""

    rows: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Digest:
    """The digest at a stated cut; only digests with equal cuts, schema and rules are compared."""

    sha256: bytes
    tables: Mapping[str, TableDigest]
    cut: Mapping[tuple[int, int], Place]
    certified: bool
    schema: int = SCHEMA_REVISION
    rules: int = RULES_VERSION


def digest_of(session: Session, roster: Roster, *, office_id: int | None = None) -> Digest:
    """Digest the branch tables of one office, or all branch and reference tables."""
    tables: dict[str, TableDigest] = {}
    for name, images in images_by_table().items():
        if images.kind is Kind.BRANCH or (images.kind is Kind.REFERENCE and office_id is None):
            tables[name] = _table_digest(session, name, images.columns, office_id)
    whole = hashlib.sha256()
    for name, table in sorted(tables.items()):
        whole.update(encode([name, table.rows, table.sha256]))
    cut = {
        (device, chain): place
        for (device, chain), place in sorted(chains.watermarks(session, HEAD).items())
        if office_id is None or roster.office_of(device) == office_id
    }
    certified = all(_is_certain(session, roster, device) for device, _ in cut)
    return Digest(whole.digest(), tables, cut, certified)


def _table_digest(
    session: Session, name: str, columns: tuple[str, ...], office_id: int | None
) -> TableDigest:
    listed = ", ".join(f'"{column}"' for column in ("id", *columns))
    only = "" if office_id is None else "WHERE origin_office_id = :office"
    query = text(f'SELECT {listed} FROM "{name}" {only} ORDER BY id')  # noqa: S608 - names are ours
    limits = {} if office_id is None else {"office": office_id}
    rows, sha256 = 0, hashlib.sha256()
    for row in session.execute(query, limits, execution_options={"yield_per": _FETCH}):
        sha256.update(encode([name, row[0], dict(zip(columns, row[1:], strict=True))]))
        rows += 1
    return TableDigest(rows, sha256.digest())


def _is_certain(session: Session, roster: Roster, device: int) -> bool:
    """A chain is certified when its device is confirmed and nothing of it is in dispute or unexplained.

    What a retired device wrote up to its bound stays good: a replaced laptop makes nothing uncertain.
    A fork that is decided disputes nothing: an arm that was left out is quarantined as FORK, one that waits
    is held. What merely waits for something else does not make what counts uncertain.
    """
    member = roster.find(device)
    if member is None or member.state not in (ACTIVE, RETIRED):
        return False
    doubtful = text(
        "SELECT count(*) FROM changeset WHERE device = :device AND code <> '' AND "
        "(state = 'accepted' OR (state = 'held') = (code = 'FORK'))"
    )
    differing = text("SELECT count(*) FROM control_total WHERE device = :device AND agree = 0")
    return not any(
        session.execute(statement, {"device": device}).scalar_one() for statement in (doubtful, differing)
    )
