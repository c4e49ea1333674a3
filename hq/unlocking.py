"""The answer to a branch whose passphrase nobody remembers: one use of the recovery key, on record."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.text import LONGEST_NOTE, clean
from hq.decision_errors import DeviceStateError
from hq.decision_rows import DEVICE, write_decision
from hq.decisions import confirmed_by
from ledger.errors import NotFoundError
from schema.reference import Device
from sync import chain as chains
from sync.cases import Member, case_key
from sync.changeset import Place
from sync.forgotten import Request
from sync.reasons import refused
from sync.roster import ACTIVE, HQ_SCOPE

KIND = "device.unlock"
UNLOCK = "unlock"


def unlock(
    session: Session,
    institution_id: bytes,
    request: Request,
    *,
    identity: str,
    code: str,
    reason: str = "",
    second_id: int | None = None,
) -> bytes:
    """Give the answer for a laptop, sealed under ``code``; a unit of work of chain 0 records it.

    identity   the institution's recovery identity
    second_id  who confirms; needed where headquarters has somebody else
    raises     TrustError OTHER_INSTITUTION, NOT_FOR_US; NotFoundError; DeviceStateError for a laptop that is
               not active; SecondPersonForDecisionError, BadSecondPersonError: nothing is recorded then
    """
    if request.institution_id != institution_id:
        raise refused("OTHER_INSTITUTION", "The request was not answered.")
    device = session.scalars(select(Device).where(Device.number == request.device)).first()
    if device is None or device.scope == HQ_SCOPE:
        raise NotFoundError(kind="device", key=request.device)
    if device.state != ACTIVE:
        raise DeviceStateError(device=device.number, state=device.state)
    second = confirmed_by(session, second_id, needed=True)
    answer = request.answer(identity, code)
    head = chains.watermark(session, device.number, 0, chains.HEAD) or Place(0, b"")
    members = (Member(device.number, head.seq, head.hash),)
    write_decision(
        session,
        DEVICE,
        UNLOCK,
        case_key(DEVICE, members),
        members,
        reason=clean(reason, "reason", LONGEST_NOTE),
        approved_by=second,
        detail={"device": device.number, "request": request.nonce},
    )
    return answer
