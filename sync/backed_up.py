"""How far each chain is in the last verified backup of this home: what it may call durable."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from sync import chain as chains
from sync.changeset import Place

IN_BACKUP: Final = "backup"
"""Watermark: how far a chain is in the last verified backup of this home."""


def backed_up(session: Session) -> Mapping[tuple[int, int], Place]:
    """Give how far each chain is in the last verified backup of this home."""
    return chains.watermarks(session, IN_BACKUP)


def remember_backup(session: Session, heads: Mapping[tuple[int, int], Place]) -> None:
    """Keep what a backup holds, once it was opened again and compared."""
    for (device, chain), place in heads.items():
        chains.set_watermark(session, device, chain, IN_BACKUP, place)
