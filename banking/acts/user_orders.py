"""Acts on users of branches: what headquarters orders about them."""

from functools import partial
from typing import Final

from sqlalchemy.orm import Session

from banking import user_orders
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.users import ROLES
from schema.user_orders import DISABLE, ENABLE, ROLE
from schema.writing import act

_HQ: Final = (Place.HQ,)
_WRITE: Final = "users.write"
_WHO: Final = (
    Field("office", readers.office, "code of the branch", required=True),
    Field("username", readers.text, "log-in name of the user there", required=True),
    Field("reason", readers.text, "why", required=True),
)
_ANYWAY: Final = Field("anyway", readers.flag, "yes: also the last administrator of the branch")


def _order(session: Session, values: Values, kind: str) -> Result:
    row = user_orders.order(
        session,
        values.id("office"),
        values.text("username"),
        kind,
        reason=values.text("reason"),
        role=values.text("role"),
        anyway=bool(values.maybe("anyway", int)),
        second_id=values.second_id,
    )
    return {"username": row.username, "order": row.kind, "role": row.role, "approved_by": row.approved_by}


def _list(session: Session, _values: Values) -> Result:
    listed = user_orders.list_users_of_branches(session, act(session).office_id)
    names = ("office", "username", "full_name", "role", "state", "by_headquarters")
    return {"users": [{name: getattr(one, name) for name in names} for one in listed]}


ACTS: Final = (
    Act(
        "user_order.disable",
        _WRITE,
        _HQ,
        "End the log-in of a user of a branch, from when the branch has it.",
        (*_WHO, _ANYWAY),
        partial(_order, kind=DISABLE),
    ),
    Act(
        "user_order.enable",
        _WRITE,
        _HQ,
        "Let a user of a branch log in again.",
        _WHO,
        partial(_order, kind=ENABLE),
    ),
    Act(
        "user_order.role",
        _WRITE,
        _HQ,
        "Give a user of a branch another role.",
        (*_WHO, Field("role", readers.choice(*ROLES), "the role", required=True), _ANYWAY),
        partial(_order, kind=ROLE),
    ),
    Act("user_order.users", "reports.see", _HQ, "List the users of all branches.", (), _list),
)
