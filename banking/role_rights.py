"""What a role may do here: the program's own table, and what headquarters decided otherwise.

A row of ``role_right`` counts as soon as it is here, at headquarters and at the branch that imported it. Two
things no row can say: that administrators lose what they put wrong rows right with, and that auditors write.
What such a row says is not followed, whoever wrote it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.text import LONGEST_NOTE, require
from banking.users import ADMIN, AUDITOR, PERMISSIONS, ROLES, may
from ledger.errors import N_, RuleError
from schema.publishing import RoleRight
from schema.reading import fetch
from schema.writing import insert

KEPT_BY_ADMINISTRATORS: Final = frozenset({"users.write", "reference.write"})
_LOOKS: Final = ".see"
_CACHE: Final = "satchel.role_rights"

_NEWEST = """
SELECT r.role, r.permission, r.allowed FROM role_right r
 WHERE NOT EXISTS (SELECT 1 FROM role_right n WHERE n.role = r.role AND n.permission = r.permission
                      AND (n.version > r.version OR (n.version = r.version AND n.id > r.id)))
"""


class RightIsFixedError(RuleError):
    """Facts: role, permission."""

    code = "RIGHT_IS_FIXED"
    message = N_(
        "“{permission}” of {role} is never changed: administrators keep what they repair with, and auditors "
        "only look. Nothing was changed."
    )


@dataclass(frozen=True, slots=True)
class Right:
    """Whether a role may do something: by the program's table, and now."""

    role: str
    permission: str
    by_program: bool
    allowed: bool


def is_fixed(role: str, permission: str) -> bool:
    """Tell whether nobody may change this: what administrators repair with, what auditors would write."""
    return (role == ADMIN and permission in KEPT_BY_ADMINISTRATORS) or (
        role == AUDITOR and _LOOKS not in permission
    )


def may_here(session: Session, role: str, permission: str) -> bool:
    """Tell whether a role may do something by what is published here; asked of the books once a session."""
    decided: Mapping[tuple[str, str], bool] | None = session.info.get(_CACHE)
    if decided is None:
        decided = decided_rights(session)
        session.info[_CACHE] = decided
    return may_by(decided, role, permission)


def decided_rights(session: Session) -> Mapping[tuple[str, str], bool]:
    """Give what is decided otherwise than in the program's table, by role and permission."""
    return {
        (role, permission): bool(allowed)
        for role, permission, allowed in fetch(session, _NEWEST)
        if permission in PERMISSIONS and not is_fixed(role, permission)
    }


def may_by(decided: Mapping[tuple[str, str], bool], role: str, permission: str) -> bool:
    """Tell whether a role may do something, by what ``decided_rights`` gave."""
    by_program = may(role, permission)
    return decided.get((role, permission), by_program)


def set_right(session: Session, role: str, permission: str, *, allowed: bool, reason: str) -> RoleRight:
    """Decide whether a role may do something, everywhere, from when each branch has it.

    raises   BadValueError for an unknown role or permission, RightIsFixedError, MissingError without a reason
    """
    if role not in ROLES:
        raise BadValueError(field="role", given=role)
    if permission not in PERMISSIONS:
        raise BadValueError(field="permission", given=permission)
    if is_fixed(role, permission):
        raise RightIsFixedError(role=role, permission=permission)
    wanted = select(RoleRight.version).where(RoleRight.role == role, RoleRight.permission == permission)
    newest = session.scalars(wanted.order_by(RoleRight.version.desc()).limit(1)).first() or 0
    row = RoleRight(
        role=role,
        permission=permission,
        allowed=int(allowed),
        version=newest + 1,
        reason=require(reason, "reason", LONGEST_NOTE),
    )
    insert(session, row)
    session.info.pop(_CACHE, None)
    return row


def list_rights(session: Session) -> list[Right]:
    """List every permission of every role, as the program has it and as it is now."""
    return [
        Right(role, permission, may(role, permission), may_here(session, role, permission))
        for permission in PERMISSIONS
        for role in ROLES
    ]
