"""What headquarters publishes: each act on reference data, with what it changed, in words.

The row that says so stands in the changeset of the rows that it publishes: who has the changeset has the
publication, and nothing else has to be compared.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from banking.approval import CONFIRM, check_second_person
from banking.role_rights import may_here
from banking.users import list_own_users
from ledger.errors import N_, RuleError
from ledger.money import Money, format_major
from schema.base import Recorded, recorded_models
from schema.people import User
from schema.publishing import Publication
from schema.writing import act, images, insert

PERMISSION: Final = "reference.write"


class ReviewNeededError(RuleError):
    """The same code as where an amount asks for it, so that pages ask alike. No facts."""

    code = "SECOND_PERSON_NEEDED"
    message = N_(
        "What is published to every branch is reviewed by a second person. Nothing was published. "
        "Name the second person, or ask for approval."
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of reference data as people speak of it.

    acts    the first words of the names of its acts; ``tables`` its own rows, the main one first
    """

    name: str
    title: str
    acts: tuple[str, ...]
    tables: tuple[str, ...]


SUBJECTS: Final = (
    Subject("chart", N_("Chart of accounts"), ("chart", "frequent"), ("gl_account", "frequent_posting")),
    Subject("loans", N_("Loan products"), ("loan_product", "purpose"), ("loan_product", "loan_purpose")),
    Subject("savings", N_("Savings products"), ("savings_product",), ("savings_product",)),
    Subject("charges", N_("Fees and penalties"), ("charge",), ("charge_definition",)),
    Subject("payments", N_("Ways to pay"), ("payment_type",), ("payment_type",)),
    Subject("days", N_("Holidays and working days"), ("holiday", "working_days"), ("holiday",)),
    Subject("offices", N_("Offices and regions"), ("office",), ("office",)),
    Subject("roles", N_("Rights of roles"), ("role_right",), ("role_right",)),
    Subject("limits", N_("Limits"), ("limit",), ("money_limit",)),
    Subject("provisions", N_("Provision tables"), ("provision_table",), ("provision_table",)),
    Subject("fields", N_("Fields of the institution's own"), ("custom_field",), ("custom_field",)),
    Subject("surveys", N_("Surveys"), ("survey",), ("survey",)),
)
AGAIN: Final = "version"
"""The first word of acts that publish an earlier version again; of whichever subject it is."""
_OF_ACT: Final = {word: one for one in SUBJECTS for word in one.acts}
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "loan_product": ("code",),
    "savings_product": ("code",),
    "charge_definition": ("code",),
    "provision_table": ("code",),
    "survey": ("code",),
    "money_limit": ("name", "office_id"),
    "role_right": ("role", "permission"),
}
"""Tables in which a change is a new row, and what it has in common with the row before."""
_NAMES: Final = ("code", "name", "username", "role", "label", "text")

Written = tuple[str, str, int, Mapping[str, Any], Mapping[str, Any]]
"""One row that was written: table, sign, id, columns after, columns before (both in stored form)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a publication changes: of which row, and its value before and after, in words."""

    row: str
    field: str
    before: str
    after: str


def is_published(name: str, permission: str) -> bool:
    """Tell whether an act changes what branches receive, so that it is published."""
    word = name.partition(".")[0]
    return permission == PERMISSION and (word in _OF_ACT or word == AGAIN)


def subject_of(name: str) -> Subject | None:
    """Give the subject of an act; None for one that publishes an earlier version again."""
    return _OF_ACT.get(name.partition(".")[0])


def reviewers(session: Session, maker_id: int) -> list[User]:
    """List the other active users of headquarters who may review what somebody publishes."""
    return [
        user
        for user in list_own_users(session)
        if user.state == "active" and user.id != maker_id and may_here(session, user.role, CONFIRM)
    ]


def publish(session: Session, name: str, second_id: int | None, first_op: int) -> dict[str, object]:
    """Number what an act wrote, in its own changeset; nothing written is nothing published.

    first_op   how many rows the unit of work had written before the act
    second_id  who reviewed it, already known by a password
    raises     BadSecondPersonError
    gives      the publication's number and the fields that it changes, for the answer of the act
    """
    current = act(session)
    written = written_of(current.ops[first_op:])
    if not written:
        return {}
    reviewed = None if second_id is None else check_second_person(session, second_id)
    changes = changes_of(session, written, current.digits)
    row = Publication(
        number=newest_number(session) + 1,
        act=name,
        subject=_subject(session, written),
        made_by=_username(session, current.actor_id),
        approved_by="" if reviewed is None else _username(session, reviewed),
        on=current.business_date,
        note=current.note,
    )
    insert(session, row)
    listed = [
        {"what": one.row, "field": one.field, "before": one.before, "after": one.after} for one in changes
    ]
    return {"publication": row.number, "changes": listed}


def newest_number(session: Session) -> int:
    """Give the number of the newest publication that is here, 0 before the first one."""
    return session.scalar(select(func.max(Publication.number))) or 0


def list_publications(session: Session, *, after: int = 0, limit: int | None = None) -> list[Publication]:
    """List what was published after a number, the newest first."""
    wanted = select(Publication).where(Publication.number > after).order_by(Publication.number.desc())
    return list(session.scalars(wanted.limit(limit)))


# --- what changed ---------------------------------------------------------------------------------


def written_of(ops: Iterable[Sequence[Any]]) -> list[Written]:
    """Give what stands in a unit of work's list of writes; publications themselves are left out."""
    return [
        (op[0], op[1], op[2], op[3] or {}, op[4] or {}) for op in ops if op[0] != Publication.__tablename__
    ]


def changes_of(session: Session, written: Sequence[Written], digits: int) -> list[Change]:
    """Tell field by field what rows say now and said before; what stays as it was is left out.

    A row that takes the place of an earlier one (the next version of a product, a newer limit) is compared
    with that one.
    """
    found: list[Change] = []
    replaced = {one[2]: _earlier(session, recorded_models()[one[0]], one[2], one[3]) for one in written}
    gone = {row.id for row in replaced.values() if row is not None}
    for table, sign, row_id, after, before in written:
        model = recorded_models()[table]
        if row_id in gone and after.keys() == {"active"}:
            continue  # the version whose place is taken: the new one stands in this list
        if sign == "+":
            before = _columns(replaced[row_id])  # noqa: PLW2901 - what it is compared with
        label = _label(session, table, row_id, after)
        for name, value in after.items():
            was, now = (_said(session, model, name, one, digits) for one in (before.get(name), value))
            if was != now:
                found.append(Change(label, _words(name), was, now))
    return found


def _earlier(
    session: Session, model: type[Recorded], row_id: int, after: Mapping[str, Any]
) -> Recorded | None:
    """Give the row whose place a new one takes; None where it is the first of its kind."""
    keys = _KEYS.get(model.__tablename__, ())
    if not keys or not set(keys) <= after.keys():
        return None
    same = [getattr(model, name) == after[name] for name in keys]
    wanted = select(model).where(*same, model.id < row_id).order_by(model.id.desc())
    return session.scalars(wanted.limit(1)).first()


def _columns(row: Recorded | None) -> Mapping[str, Any]:
    """Give the columns of a row as they were while it was in force; nothing of no row."""
    if row is None:
        return {}
    found = {name: getattr(row, name) for name in images(type(row)).columns}
    return found | ({"active": 1} if "active" in found else {})


def _label(session: Session, table: str, row_id: int, after: Mapping[str, Any]) -> str:
    row = session.get(recorded_models()[table], row_id)
    named = (after.get(name) or (getattr(row, name, None) if row is not None else None) for name in _NAMES)
    return f"{_words(table)} {next((str(one) for one in named if one), '')}".strip()


def _subject(session: Session, written: Sequence[Written]) -> str:
    table, _sign, row_id, after, _before_it = next((one for one in written if one[1] == "+"), written[0])
    label = _label(session, table, row_id, after)
    version = after.get("version")
    return f"{label} ({version})" if version else label


def _said(session: Session, model: type[Recorded], name: str, value: object, digits: int) -> str:
    """Write a column's value, stored or as its model gives it, as people read it."""
    if value is None or value == "":
        return ""
    column = model.__table__.columns[name]
    if isinstance(value, Money) or type(column.type).__name__ == "MoneyType":
        return format_major(value if isinstance(value, Money) else Money(int(str(value))), digits)
    for key in column.foreign_keys:
        row = session.get(recorded_models()[key.column.table.name], value)
        return next((str(getattr(row, one)) for one in _NAMES if getattr(row, one, None)), str(value))
    return value.hex() if isinstance(value, bytes) else str(value)


def _words(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ")


def _username(session: Session, user_id: int) -> str:
    user = session.get(User, user_id)
    return user.username if user is not None else ""
