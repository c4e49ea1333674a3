"""Acts of publishing: what was published, and an earlier version published again."""

from typing import Final

from sqlalchemy.orm import Session

from banking import earlier_versions, publishing
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values

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
    Act("publication.list", "reports.see", _HQ, "List what was published, the newest first.", (), _list),
)
