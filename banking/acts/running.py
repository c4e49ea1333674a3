"""Running acts: fields read, permission asked, each act done; all of them or none."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Final, TypeAlias

from sqlalchemy.orm import Session

from banking.acts.errors import (
    DoubledFieldError,
    Fault,
    NotPermittedError,
    UnknownActError,
    UnknownFieldError,
    WrongPlaceError,
)
from banking.acts.registry import Act, Field, Place, Values
from banking.approval import require_second_person
from banking.errors import BadValueError, MissingError
from banking.publishing import is_published, publish
from banking.reasons import FieldsError
from banking.role_rights import may_here
from ledger.errors import RuleError
from ledger.money import Money, format_major
from schema.base import plain_decimal
from schema.writing import act

SHOWN: Final = 40
SIDES_OF_MONEY: Final = frozenset({"till", "payment_type", "savings", "parts", "to"})
"""Fields that say where money goes or comes from; without any of them: “Books brought in”."""
OLDER_BOOKS: Final = "journal.post"
"""What is asked for money that no drawer and no way to pay bears."""
Seal: TypeAlias = Callable[[str, str], None]
"""Closes the changeset of one act; ``Installation.bulk_work`` gives it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One act as it was asked for: its name and its fields as text, lists and rows."""

    name: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Who:
    """Who acts: the role that permissions are asked of, where, and the second person if one logged in."""

    role: str
    places: tuple[Place, ...]
    second_id: int | None = None


@dataclass(slots=True)
class Done:
    """What came of some acts: the result of each, or everything that is wrong."""

    results: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """Give the results in order."""
        return {"acts": [{"act": name, "result": dict(result)} for name, result in self.results]}


def run_acts(session: Session, acts: Mapping[str, Act], asked: Sequence[Asked], who: Who, seal: Seal) -> Done:
    """Do acts in order, each sealed under its own name, and list everything that is wrong with any.

    The caller undoes all of it when there are faults. An act that failed leaves nothing for the next ones, so
    that a later fault may only follow from an earlier one.
    """
    done = Done()
    current = act(session)
    outer = current.note
    for number, one in enumerate(asked, 1):
        attempt = session.begin_nested()
        try:
            wanted = find_act(acts, one.name)
            result = run_act(session, wanted, one.fields, who)
        except RuleError as refusal:
            attempt.rollback()
            current.ops.clear()
            done.faults.extend(faults_of(refusal, number, one.name, current.digits))
        else:
            attempt.commit()
            seal(wanted.name, current.note)
            done.results.append((wanted.name, result))
        current.note = outer
    return done


def run_act(session: Session, wanted: Act, fields: Mapping[str, object], who: Who) -> Mapping[str, object]:
    """Do one act inside the caller's unit of work; gives its result.

    raises   WrongPlaceError, NotPermittedError; FieldsError for fields that cannot be read; and what the act
             raises
    """
    if not set(wanted.at) & set(who.places):
        raise WrongPlaceError(name=wanted.name, places=", ".join(wanted.at))
    from_older_books = _is_from_older_books(wanted, fields)
    for permission in (wanted.permission, *((OLDER_BOOKS,) if from_older_books else ())):
        if not may_here(session, who.role, permission):
            raise NotPermittedError(who=who.role, permission=permission)
    values = read_fields(session, wanted.fields, fields)
    amount = values.get("amount")
    if from_older_books and isinstance(amount, Money):
        require_second_person(session, amount, who.second_id)
    note = values.get("note", values.get("reason"))
    if isinstance(note, str):
        act(session).note = note
    first_op = len(act(session).ops)
    result = wanted.run(session, Values(values, who.second_id))
    if Place.HQ in who.places and is_published(wanted.name, wanted.permission):
        return {**result, **publish(session, wanted.name, who.second_id, first_op)}
    return result


def _is_from_older_books(wanted: Act, fields: Mapping[str, object]) -> bool:
    """Tell whether money moves without a drawer or a way to pay: it then stands among what was brought in.

    Nobody counts that money, so it asks for the rights of one who writes the journal.
    """
    names = {one.name for one in wanted.fields}
    return {"till", "receipt"} <= names and not SIDES_OF_MONEY & fields.keys()


def find_act(acts: Mapping[str, Act], name: str) -> Act:
    """Give the act of this name.

    raises   UnknownActError, which names those that look alike
    """
    found = acts.get(name)
    if found is None:
        alike = get_close_matches(name, acts, n=3)
        near = f"Do you mean {' or '.join(alike)}?" if alike else "--list shows all."
        raise UnknownActError(name=name[:SHOWN], near=near)
    return found


# --- fields ---------------------------------------------------------------------------------------


def read_fields(session: Session, fields: Sequence[Field], given: Mapping[str, object]) -> dict[str, object]:
    """Read what was given for an act or for one row of a list.

    raises   FieldsError with every reason: unknown, missing and unreadable fields
    """
    known = {one.name: one for one in fields}
    reasons: list[tuple[str, RuleError]] = [
        (name, UnknownFieldError(field=name[:SHOWN], known=", ".join(known)))
        for name in given
        if name not in known
    ]
    values: dict[str, object] = {}
    for one in fields:
        found = given.get(one.name)
        if found is None or found in ("", []):
            if one.required:
                reasons.append((one.name, MissingError(field=one.name)))
            continue
        try:
            values[one.name] = _read(session, one, found)
        except FieldsError as inner:
            reasons.extend(inner.reasons)
        except RuleError as refusal:
            reasons.append((one.name, refusal))
    if reasons:
        raise FieldsError(reasons)
    return values


def _read(session: Session, one: Field, found: object) -> object:
    if one.rows:
        return _read_rows(session, one, found)
    if not one.many:
        if isinstance(found, list) and len(found) > 1:
            raise DoubledFieldError(field=one.name)
        return _read_one(session, one, found[0] if isinstance(found, list) else found)
    return [_read_one(session, one, value) for value in (found if isinstance(found, list) else [found])]


def _read_rows(session: Session, one: Field, found: object) -> list[Values]:
    rows: list[Values] = []
    reasons: list[tuple[str, RuleError]] = []
    for number, row in enumerate(found if isinstance(found, list) else [found], 1):
        if not isinstance(row, Mapping):
            raise BadValueError(field=one.name, given=str(row)[:SHOWN])
        try:
            rows.append(Values(read_fields(session, one.rows, row)))
        except FieldsError as inner:
            reasons.extend((f"{one.name}[{number}].{name}", refusal) for name, refusal in inner.reasons)
    if reasons:
        raise FieldsError(reasons)
    return rows


def _read_one(session: Session, one: Field, value: object) -> object:
    assert one.reader is not None, f"{one.name} has neither a reader nor rows"
    return one.reader.read(session, one.name, as_text(one.name, value))


def as_text(name: str, value: object) -> str:
    """Give a value of a file as the text that a person would have typed.

    raises   BadValueError for a table or a list where one value stands
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return plain_decimal(value)
    if type(value) is date:
        return value.isoformat()
    raise BadValueError(field=name, given=str(value)[:SHOWN])


# --- refusals -------------------------------------------------------------------------------------


def faults_of(refusal: RuleError, number: int, name: str, digits: int) -> Iterator[Fault]:
    """Tell a refusal with every reason it holds; amounts in major units."""
    reasons: Iterable[tuple[str, RuleError]] = (
        refusal.reasons if isinstance(refusal, FieldsError) else [("", refusal)]
    )
    for named, reason in reasons:
        yield Fault(number, name, named, reason.code, told(reason, digits))


def told(refusal: RuleError, digits: int) -> str:
    """Give the sentence of a refusal with its amounts in major units."""

    def show(fact: object) -> object:
        return format_major(fact, digits) if isinstance(fact, Money) else fact

    return refusal.told(show=show)
