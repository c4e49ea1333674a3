"""What waits for a second person: asked for by one, done as it was typed once another one approves.

The act is entered as the asker's own and confirmed by the approver, in one database transaction: the entry
names the asker as maker and the approver as the second person, whoever pressed the key that started it. The
decision itself is a changeset of the approver's. See ``docs/adr/0013-asked-for-and-approved.md``.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import acts as registry
from banking.acts.errors import NotPermittedError, WrongPlaceError
from banking.acts.registry import Act, Place, Result
from banking.acts.running import Who, find_act, read_fields, run_act
from banking.approval import CONFIRM, SECOND_PERSON, check_second_person, find_limit
from banking.errors import BadSecondPersonError
from banking.offices import is_head_office
from banking.role_rights import may_here
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean, require
from ledger.errors import N_, NotFoundError, RuleError
from ledger.money import Money
from schema.approvals import ApprovalRequest
from schema.people import User
from schema.user_orders import standing_of
from schema.writing import act, insert, update

WAITING, APPROVED, REFUSED, WITHDRAWN = "waiting", "approved", "refused", "withdrawn"
ASK: Final = ("money.post", "loans.apply")
"""Who may do one of these may ask for anything; what is asked for is done by who may do it."""
ONLY_LOOKS: Final = ".see"
"""The end of permissions that change nothing: who has no other asks for nothing."""
_REFERENCE: Final = 0
"""The chain of headquarters that carries reference data."""
NAMES: Final = ("receipt", "loan", "savings", "client", "entry", "id")
"""What a result may be known by, the best first."""


class AlreadyDecidedError(RuleError):
    """Facts: subject, state."""

    code = "ALREADY_DECIDED"
    message = N_("“{subject}” is {state} already. Nothing was changed.")


class OwnRequestError(RuleError):
    """The asker decides, or somebody else withdraws. Facts: subject."""

    code = "OWN_REQUEST"
    message = N_("You asked for “{subject}” yourself: somebody else decides. You can take it back.")


class NotYourRequestError(RuleError):
    """Facts: subject."""

    code = "NOT_YOUR_REQUEST"
    message = N_("Only who asked for “{subject}” takes it back. You can refuse it.")


@dataclass(frozen=True, slots=True)
class Approved:
    """A request that was approved, the act it stood for, and what the act answered."""

    request: ApprovalRequest
    wanted: Act
    result: Result


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waiting request as the queue shows it; ``limit`` is the amount from which two people are asked."""

    request: ApprovalRequest
    asked_by: str
    limit: Money | None


def request_approval(
    session: Session,
    name: str,
    fields: Mapping[str, object],
    subject: str,
    amount: Money | None = None,
    reason: str = "",
) -> ApprovalRequest:
    """Write down what somebody wants done, for a second person to approve.

    name     the act, as ``banking.acts`` knows it; ``fields`` as text, lists of texts or rows of them
    subject  in a line what it is about
    amount   minor units; what the approver looks at first
    raises   UnknownActError, WrongPlaceError, NotPermittedError; FieldsError for what cannot be read;
             MissingError, TextTooLongError for the subject
    """
    current = act(session)
    wanted = find_act(registry.ACTS, name)
    if not set(_places(session)) & set(wanted.at):
        raise WrongPlaceError(name=wanted.name, places=", ".join(wanted.at))
    asker = session.get_one(User, current.actor_id)
    own = () if wanted.permission.endswith(ONLY_LOOKS) else (wanted.permission,)
    role = standing_of(session, asker)[0]
    if not any(may_here(session, role, one) for one in (*own, *ASK)):
        raise NotPermittedError(who=role, permission=wanted.permission)
    read_fields(session, wanted.fields, fields)
    request = ApprovalRequest(
        act=wanted.name,
        fields=json.dumps(fields, ensure_ascii=False, sort_keys=True, default=str),
        subject=require(subject, "subject", LONGEST_NOTE),
        amount=amount,
        reason=clean(reason, "reason", LONGEST_NOTE),
        asked_by_id=asker.id,
        asked_at=current.recorded_at,
        asked_on=current.business_date,
        state=WAITING,
    )
    insert(session, request)
    return request


def list_waiting(session: Session, office_id: int) -> list[Waiting]:
    """List what waits at an office, the oldest first."""
    limit = find_limit(session, SECOND_PERSON, office_id)
    found = session.execute(
        select(ApprovalRequest, User)
        .join(User, User.id == ApprovalRequest.asked_by_id)
        .where(ApprovalRequest.state == WAITING, ApprovalRequest.origin_office_id == office_id)
        .order_by(ApprovalRequest.id)
    )
    return [Waiting(request, user.full_name or user.username, limit) for request, user in found]


def list_decided(session: Session, office_id: int, limit: int) -> list[ApprovalRequest]:
    """List what was decided at an office, the newest first."""
    wanted = (
        select(ApprovalRequest)
        .where(ApprovalRequest.state != WAITING, ApprovalRequest.origin_office_id == office_id)
        .order_by(ApprovalRequest.decided_at.desc(), ApprovalRequest.id.desc())
        .limit(limit)
    )
    return list(session.scalars(wanted))


def fields_of(request: ApprovalRequest) -> dict[str, Any]:
    """Give the fields of a request as they were typed."""
    found = json.loads(request.fields)
    assert isinstance(found, dict)
    return found


def approve_request(session: Session, request_id: int) -> Approved:
    """Do what was asked for, as it was typed, with today's books; the actor of the session approves.

    Where it can no longer be done the refusal says why, nothing is changed and the request waits on.

    raises   NotFoundError, AlreadyDecidedError, OwnRequestError; BadSecondPersonError for who may not
             confirm; NotPermittedError when neither of the two may do it; and what the act raises
    """
    current = act(session)
    request = _undecided(session, request_id)
    approver = session.get_one(User, current.actor_id)
    if approver.id == request.asked_by_id:
        raise OwnRequestError(subject=request.subject)
    wanted = find_act(registry.ACTS, request.act)
    asker = session.get_one(User, request.asked_by_id)
    role, state = standing_of(session, asker)
    if state != "active":
        raise BadSecondPersonError(name=asker.username, reason="this person left")
    approvers_role = standing_of(session, approver)[0]
    role = approvers_role if may_here(session, approvers_role, wanted.permission) else role
    kind, note = current.kind, current.note
    current.cut()
    current.actor_id, current.kind = asker.id, wanted.name
    current.note = request.reason
    second = check_second_person(session, approver.id)
    with _chain_of(session, wanted):
        result = run_act(session, wanted, fields_of(request), Who(role, _places(session), second))
        current.cut()
    current.actor_id, current.kind, current.note = approver.id, kind, note
    _decide(session, request, APPROVED, answer=_named(result))
    return Approved(request, wanted, result)


def _places(session: Session) -> tuple[Place, ...]:
    """Give where acts of this unit of work are done: a branch, or headquarters with both its books."""
    return (Place.HQ, Place.HEAD_OFFICE) if is_head_office(session) else (Place.BRANCH,)


@contextmanager
def _chain_of(session: Session, wanted: Act) -> Iterator[None]:
    """Seal what an act writes into the chain that it belongs to.

    Requests of headquarters stand in the chain of the head office's own books; reference data is written in
    the chain that every branch receives.
    """
    current = act(session)
    own = current.cut
    if Place.HQ in wanted.at and Place.HEAD_OFFICE not in wanted.at:
        current.cut = lambda: current.cut_into(_REFERENCE)
    try:
        yield
    finally:
        current.cut = own


def refuse_request(session: Session, request_id: int, reason: str) -> ApprovalRequest:
    """Say no; what was asked for is not done.

    raises   NotFoundError, AlreadyDecidedError, OwnRequestError, MissingError without a reason;
             BadSecondPersonError, NotPermittedError for who may not confirm
    """
    request = _undecided(session, request_id)
    current = act(session)
    if request.asked_by_id == current.actor_id:
        raise OwnRequestError(subject=request.subject)
    role = standing_of(session, session.get_one(User, current.actor_id))[0]
    if not may_here(session, role, CONFIRM):
        raise NotPermittedError(who=role, permission=CONFIRM)
    _decide(session, request, REFUSED, note=require(reason, "reason", LONGEST_NOTE))
    return request


def withdraw_request(session: Session, request_id: int) -> ApprovalRequest:
    """Take a request back; only who asked does.

    raises   NotFoundError, AlreadyDecidedError, NotYourRequestError
    """
    request = _undecided(session, request_id)
    if request.asked_by_id != act(session).actor_id:
        raise NotYourRequestError(subject=request.subject)
    _decide(session, request, WITHDRAWN)
    return request


def _undecided(session: Session, request_id: int) -> ApprovalRequest:
    request = get_row(session, ApprovalRequest, request_id, "request")
    if request.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="request", key=request_id)
    if request.state != WAITING:
        raise AlreadyDecidedError(subject=request.subject, state=request.state)
    return request


def _decide(
    session: Session, request: ApprovalRequest, state: str, *, note: str = "", answer: str = ""
) -> None:
    current = act(session)
    update(
        session,
        request,
        state=state,
        decided_by_id=current.actor_id,
        decided_at=current.recorded_at,
        decision_note=note,
        answer=answer,
    )


def _named(result: Result) -> str:
    return next((str(result[name]) for name in NAMES if result.get(name)), "")
