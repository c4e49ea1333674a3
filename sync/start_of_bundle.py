"""Where the next bundle of a branch begins: after what is confirmed, or where a telephone code says."""

from typing import Final, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from schema.database import remove
from schema.replication import Watermark
from sync import chain as chains
from sync.chain import ACKED
from sync.changeset import Place

START: Final = "start"
"""Watermark: after which changeset the next bundle starts, where a telephone code said so."""


def set_start(session: Session, device: int, place: Place) -> None:
    """Let the next bundle start after ``place``."""
    chains.set_watermark(session, device, 0, START, place)


def stage_of_next(session: Session, device: int) -> str:
    """Give the watermark after which the next bundle starts."""
    return START if chains.watermark(session, device, 0, START) is not None else ACKED


def forget_start(session: Session, device: int) -> None:
    """Take a start away that a written bundle has served: it asked for something again, or is an old one."""
    start, confirmed = (chains.watermark(session, device, 0, stage) for stage in (START, ACKED))
    if start is not None and confirmed is not None and start.seq <= confirmed.seq:
        remove(session, cast("Table", Watermark.__table__), device=device, chain=0, stage=START)
