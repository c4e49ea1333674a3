"""Answering a branch: its return bundle."""

from pathlib import Path

from sqlalchemy import select

from ledger.errors import NotFoundError, TrustError
from schema.reference import Office
from sync.carriers.writing import Way
from sync.export import WrittenBundle, write_return_bundle
from sync.installation import Installation
from sync.reasons import refused
from sync.roster import SUSPENDED


def export_to_branch(
    installation: Installation,
    code: str,
    folder: Path,
    *,
    volume_bytes: int,
    way: Way | None = None,
    program: str = "",
) -> WrittenBundle:
    """Write the return bundle for the newest device of a branch; ``program`` is a version that goes with it.

    raises  NotFoundError; TrustError NOT_CLAIMED while no bundle of the branch has come, IO_ERROR
    """
    with installation.database.reading() as session:
        office = session.execute(select(Office).where(Office.code == code.upper())).scalars().first()
        if office is None:
            raise NotFoundError(kind="branch", key=code)
        roster = installation.roster(session)
        devices = roster.devices_of(office.id)
    if not devices:
        raise TrustError(
            "NOT_CLAIMED",
            f"No bundle of {office.code} has arrived yet, so its keys are not known. Nothing was written.",
            next_step="Import the first bundle of that branch, then export.",
        )
    member = roster.find(devices[-1])
    assert member is not None, "listed by the roster"
    if member.state == SUSPENDED:
        raise refused("KIT_REUSED", f"Nothing is sent to device {member.device} of {office.code}.")
    return write_return_bundle(
        installation,
        folder,
        member,
        branch_chain=office.number,
        volume_bytes=volume_bytes,
        way=way or Way(),
        program=program,
    )
