"""Headquarters' incarnations as a home knows them: which one speaks, and what an earlier one knew."""

from typing import Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.reference import Incarnation
from sync.canonical import decode
from sync.changeset import Place

FIRST: Final = 1
BUNDLES_OF_ONE: Final = 100_000
"""Return bundles are numbered within an incarnation; the next one begins above all that were written."""
_MAX_HEADS_BYTES: Final = 16 << 20


def incarnation_of(session: Session) -> int:
    """Give the number of the newest incarnation; 1 as long as headquarters never came back from a backup."""
    newest = _newest(session)
    return newest.number if newest is not None else FIRST


def heads_of_incarnation(session: Session) -> dict[tuple[int, int], Place]:
    """Give how far the newest incarnation knew each chain when it began; empty for the first one."""
    newest = _newest(session)
    if newest is None:
        return {}
    heads = cast("list[tuple[int, int, int, bytes]]", decode(newest.heads, limit_bytes=_MAX_HEADS_BYTES))
    return {(device, chain): Place(seq, sha256) for device, chain, seq, sha256 in heads}


def _newest(session: Session) -> Incarnation | None:
    return session.scalars(select(Incarnation).order_by(Incarnation.number.desc())).first()
