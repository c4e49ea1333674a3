"""Answering a branch: its return bundle."""

from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from banking.client_corrections import has_untold_profiles, restate_profiles
from hq.founding import NOBODY
from ledger.errors import NotFoundError, TrustError
from schema.reference import Office
from schema.replication import BundleRecord
from sync.carriers import SMTP
from sync.carriers.sending import send_bundle
from sync.carriers.settings import Carriers
from sync.carriers.writing import Way
from sync.export import WrittenBundle, write_return_bundle
from sync.installation import Installation
from sync.reasons import refused
from sync.roster import ACTIVE, SUSPENDED, UNCONFIRMED, Member


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
        member = newest_member(installation, session, code)
        number = session.get_one(Office, member.office_id).number
    if member.state == SUSPENDED:
        raise refused("KIT_REUSED", f"Nothing is sent to device {member.device} of {code.upper()}.")
    _tell_profiles(installation, member.office_id)
    return write_return_bundle(
        installation,
        folder,
        member,
        branch_chain=number,
        volume_bytes=volume_bytes,
        way=way or Way(),
        program=program,
    )


def _tell_profiles(installation: Installation, office_id: int) -> None:
    """Say in the branch's chain what others wrote on its clients, before its bundle is written."""
    if installation.read_only_because is not None:
        return
    with installation.database.reading() as session:
        waiting = has_untold_profiles(session, office_id)
    if waiting:
        with installation.unit_of_work("client.restate", NOBODY) as session:
            restate_profiles(session, office_id)


def newest_member(installation: Installation, session: Session, code: str) -> Member:
    """Give the device of a branch that is answered: the newest active one, else the newest that is known.

    raises  NotFoundError; TrustError NOT_CLAIMED while no bundle of the branch has come
    """
    office = session.execute(select(Office).where(Office.code == code.upper())).scalars().first()
    if office is None:
        raise NotFoundError(kind="branch", key=code)
    roster = installation.roster(session)
    known = [member for number in roster.devices_of(office.id) if (member := roster.find(number))]
    if not known:
        raise TrustError(
            "NOT_CLAIMED",
            f"No bundle of {office.code} has arrived yet, so its keys are not known. Nothing was written.",
            next_step="Import the first bundle of that branch, then export.",
        )
    last_first = (SUSPENDED, UNCONFIRMED, ACTIVE)
    return max(
        known,
        key=lambda one: (last_first.index(one.state) if one.state in last_first else -1, one.device),
    )


def send_now(installation: Installation, via: str, code: str) -> WrittenBundle:
    """Write the return bundle of a branch and send it; TrustError as ``send_bundle``."""
    return send_bundle(
        installation,
        via,
        lambda folder, size, way: export_to_branch(installation, code, folder, volume_bytes=size, way=way),
        office=code,
    )


def send_by_itself(installation: Installation, via: str) -> str:
    """Answer every branch from which something came since it was last written to.

    By mail only those whose address is known. raises  TrustError of the first that could not be sent
    """
    carriers = Carriers.read(installation)
    sent = [
        f"{code} {send_now(installation, via, code).name}"
        for code in unanswered(installation)
        if via != SMTP or carriers.has(f"mail.to.{code}")
    ]
    return ", ".join(sent) or "nothing new"


def unanswered(installation: Installation) -> list[str]:
    """List the branches from which a bundle came after the last that was written for them."""
    newest = (
        select(BundleRecord.office_id, BundleRecord.direction, func.max(BundleRecord.id).label("last"))
        .where(BundleRecord.office_id.is_not(None))
        .group_by(BundleRecord.office_id, BundleRecord.direction)
    )
    with installation.database.reading() as session:
        last = {(row.office_id, row.direction): row.last for row in session.execute(newest)}
        codes = {row.id: row.code for row in session.execute(select(Office.id, Office.code))}
    waiting = [
        office
        for (office, direction), at in last.items()
        if direction == "in" and at > last.get((office, "out"), 0)
    ]
    return sorted(codes[office] for office in waiting if office in codes)
