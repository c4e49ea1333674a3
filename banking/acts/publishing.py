"""Acts of publishing: what was published, and an earlier version published again."""

from typing import Final

from sqlalchemy.orm import Session

from banking import earlier_versions, publishing, role_rights
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.users import PERMISSIONS, ROLES

_HQ: Final = (Place.HQ,)


def _again(session: Session, values: Values) -> Result:
    row = earlier_versions.publish_again(
        session, values.text("kind"), values.text("code"), values.one("version", int)
    )
    return {"code": row.code, "version": row.version, "as_version": values.one("version", int)}


def _list(session: Session, _values: Values) -> Result:
    names = ("number", "act", "subject", "made_by", "approved_by", "note")
    return {
        "publications": [
            {name: getattr(row, name) for name in names} | {"on": row.on.isoformat()}
            for row in publishing.list_publications(session)
        ]
    }


def _set_right(session: Session, values: Values) -> Result:
    row = role_rights.set_right(
        session,
        values.text("role"),
        values.text("permission"),
        allowed=bool(values.one("allowed", int)),
        reason=values.text("reason"),
    )
    return {"role": row.role, "permission": row.permission, "allowed": bool(row.allowed)}


def _list_rights(session: Session, _values: Values) -> Result:
    return {
        "rights": [
            {
                "permission": one.permission,
                "role": one.role,
                "allowed": one.allowed,
                "by_program": one.by_program,
            }
            for one in role_rights.list_rights(session)
        ]
    }


ACTS: Final = (
    Act(
        "version.publish_again",
        publishing.PERMISSION,
        _HQ,
        "Publish an earlier version of a product or charge again; what was made under a later one keeps it.",
        (
            Field("kind", readers.choice(*earlier_versions.KINDS), "what it is", required=True),
            Field("code", readers.text, "its code", required=True),
            Field("version", readers.count, "the earlier version", required=True),
            Field("reason", readers.text, "why", required=True),
        ),
        _again,
    ),
    Act(
        "role_right.set",
        publishing.PERMISSION,
        _HQ,
        "Let a role do something, or take it from the role, at headquarters and in every branch.",
        (
            Field("role", readers.choice(*ROLES), "the role", required=True),
            Field("permission", readers.choice(*PERMISSIONS), "what it is about", required=True),
            Field("allowed", readers.flag, "whether the role may do it", required=True),
            Field("reason", readers.text, "why", required=True),
        ),
        _set_right,
    ),
    Act("role_right.list", "reports.see", _HQ, "List what every role may do.", (), _list_rights),
    Act("publication.list", "reports.see", _HQ, "List what was published, the newest first.", (), _list),
)
