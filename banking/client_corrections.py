"""What headquarters writes on a branch's clients: corrections, marks taken off, what other branches wrote.

Headquarters changes only shared columns and one-way marks; everything else it asks the branch for. What it
writes stands in the chain of the branch that keeps the client (docs/conflict-rules.md).
"""

import hashlib
from typing import Final, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from banking.approval import check_second_person
from banking.clients import update_client
from banking.errors import BadValueError
from banking.profile_errors import SecondPersonForMarkError
from banking.role_rights import may_here
from banking.rows import get_row
from banking.text import LONGEST_NOTE, require
from banking.users import list_own_users
from schema.base import Merge, merge_of
from schema.messages import ProfileRestatement
from schema.people import Client, User
from schema.reading import fetch
from schema.reference import Decision, Office
from schema.writing import OPS_OF_A_CUT, act, insert, update

PERMISSION: Final = "exceptions.decide"
"""Who corrects clients of branches, and who confirms that a mark is taken off."""
MARK: Final = "mark"
"""Kind of the decision by which a mark is taken off."""
TAKEN_OFF: Final = "taken_off"

_CORRECTED: Final = frozenset(
    column.name
    for column in cast("Table", Client.__table__).columns
    if merge_of(column, Client) in {Merge.SHARED, Merge.UNIQUE} and "group" in column.info
)
_EMPTY_LIST: Final = b"\x80"
"""Canonical CBOR: the decision is about no changeset in particular."""

_NOT_RESTATED: Final = """
SELECT w.table_name, w.row_id, w.column_group, w.device, w.chain, w.seq, w.hash, w.key_time, w.new, w.bases
  FROM profile_write AS w
  JOIN client AS c ON c.id = w.row_id AND w.table_name = 'client' AND c.origin_office_id = ?
  JOIN device AS d ON d.number = w.device AND d.office_id <> c.origin_office_id
  JOIN changeset AS s ON s.device = w.device AND s.chain = w.chain AND s.seq = w.seq AND s.hash = w.hash
 WHERE (d.scope <> 'hq' OR w.key_time > s.hlc) AND NOT EXISTS (SELECT 1 FROM profile_restatement AS r
                    WHERE r.table_name = w.table_name AND r.row_id = w.row_id AND r.hash = w.hash
                      AND r.column_group = w.column_group AND r.device = w.device)
 ORDER BY w.key_time, w.device, w.seq, w.hash, w.row_id, w.column_group
"""


def correct_client(session: Session, client_id: int, **changes: object) -> Client:
    """Correct the profile of a branch's client at headquarters; the branch has it after the next bundle.

    raises   as ``update_client``; BadValueError for what only the branch changes, and where nothing is given
    """
    client = get_row(session, Client, client_id, "client")
    for field, given in changes.items():
        if field not in _CORRECTED:
            raise BadValueError(field=field, given=given)
    if not changes:
        raise BadValueError(field="name", given="")
    act(session).cut()
    update_client(session, client_id, **changes)
    _seal(session, client.origin_office_id)
    return client


def unmark_client(
    session: Session,
    client_id: int,
    *,
    deceased: bool = False,
    blacklisted: bool = False,
    reason: str,
    approved_by_id: int | None,
) -> Client:
    """Take a mark off at headquarters: the client is alive, or may get loans again. A branch may mark anew.

    raises   NotFoundError, MissingError; BadValueError where no such mark is set; SecondPersonForMarkError
             where somebody else of headquarters could confirm, BadSecondPersonError
    """
    client = get_row(session, Client, client_id, "client")
    marks = {"deceased": (deceased, client.is_deceased), "blacklisted": (blacklisted, client.is_blacklisted)}
    wanted = [name for name, (asked, _) in marks.items() if asked]
    if not wanted or not all(marks[name][1] for name in wanted):
        raise BadValueError(field=wanted[0] if wanted else "deceased", given="")
    why = require(reason, "reason", LONGEST_NOTE)
    second = _second_person(session, approved_by_id)
    act(session).cut()
    for name in wanted:
        epoch = getattr(client, name) + 1
        update(session, client, **{name: epoch})
        named = f"{MARK} client {client.id} {name} {epoch}"
        decision = Decision(
            case_key=hashlib.sha256(named.encode()).digest(),
            kind=MARK,
            outcome=TAKEN_OFF,
            reason=why,
            members=_EMPTY_LIST,
            detail=None,
            approved_by=second,
        )
        insert(session, decision)
    _seal(session, client.origin_office_id)
    return client


def restate_profiles(session: Session, office_id: int) -> int:
    """Tell a branch what other branches wrote on its clients, each write with its origin, key and bases.

    What headquarters itself wrote there is told only where other branches' clocks made its key later than the
    branch can know. Gives how many writes were told; each is told once.

    raises   NotFoundError
    """
    get_row(session, Office, office_id, "branch")
    act(session).cut()
    rows = fetch(session, _NOT_RESTATED, office_id)
    for table, row_id, group, device, chain, seq, sha256, key_time, new, bases in rows:
        row = ProfileRestatement(
            table_name=table,
            row_id=row_id,
            column_group=group,
            device=device,
            chain=chain,
            seq=seq,
            hash=bytes(sha256),
            key_time=key_time,
            new=bytes(new),
            bases=None if bases is None else bytes(bases),
        )
        insert(session, row)
        if len(act(session).ops) >= OPS_OF_A_CUT:
            _seal(session, office_id)
    _seal(session, office_id)
    return len(rows)


def has_untold_profiles(session: Session, office_id: int) -> bool:
    """Tell whether ``restate_profiles`` has something for a branch."""
    return bool(fetch(session, f"{_NOT_RESTATED} LIMIT 1", office_id))


def _seal(session: Session, office_id: int) -> None:
    """Seal what was just written into the chain of the branch; the head office reads headquarters' own."""
    if office_id != act(session).office_id:
        act(session).cut_into(session.get_one(Office, office_id).number)


def _second_person(session: Session, approved_by_id: int | None) -> str:
    """Give the log-in name of who confirms; empty where headquarters has nobody else who may."""
    if approved_by_id is not None:
        check_second_person(session, approved_by_id, permission=PERMISSION)
        return session.get_one(User, approved_by_id).username
    maker = act(session).actor_id
    others = (user for user in list_own_users(session) if user.state == "active" and user.id != maker)
    if any(may_here(session, user.role, PERMISSION) for user in others):
        raise SecondPersonForMarkError
    return ""
