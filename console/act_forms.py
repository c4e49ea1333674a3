"""Forms of acts: what a page asks for, made from an act's fields, and what was typed read back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from banking.acts import ACTS
from banking.acts.registry import Act, Field, Place, Result
from banking.acts.running import Who, find_act, run_act
from banking.reasons import FieldsError
from ledger.errors import RuleError
from ledger.money import Currency, format_major
from schema.writing import act
from sync.installation import Installation, Undo
from web.act_fields import ROWS_OFFERED
from web.forms import FormError, Typed


class Kind(StrEnum):
    """How a field of a form is typed."""

    TEXT = "text"
    AMOUNT = "amount"
    DAY = "day"
    CHOICE = "choice"
    LINES = "lines"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of an act's form.

    label     what it means; ``typed_as`` says what is typed (“loan number”)
    options   what it is chosen from: a word, or a value and how it is called
    """

    name: str
    label: str
    kind: Kind
    typed_as: str = ""
    required: bool = False
    options: tuple[str | tuple[str, str], ...] = ()
    columns: tuple["FormField", ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an act would answer, and whether it would write anything."""

    result: Result
    writes: bool


def acts_of(places: Iterable[Place], may: Callable[[str], bool]) -> dict[str, list[Act]]:
    """Give the acts at some places, by the first word of their names, that the user may do."""
    wanted = set(places)
    found: dict[str, list[Act]] = {}
    for one in ACTS.values():
        if wanted & set(one.at) and may(one.permission):
            found.setdefault(one.name.partition(".")[0], []).append(one)
    return found


# --- fields ---------------------------------------------------------------------------------------


def form_fields(fields: Sequence[Field]) -> list[FormField]:
    """Give the form of some fields: what must be given first."""
    made = [_form_field(one) for one in fields]
    return sorted(made, key=lambda field: not field.required)


def _form_field(field: Field) -> FormField:
    if field.rows:
        columns = tuple(form_fields(field.rows))
        return FormField(field.name, field.meaning, Kind.ROWS, required=field.required, columns=columns)
    typed_as = field.reader.name if field.reader is not None else ""
    kind, options = _kind_of(typed_as)
    if field.many:
        kind = Kind.LINES
    return FormField(field.name, field.meaning, kind, typed_as, field.required, options)


def _kind_of(typed_as: str) -> tuple[Kind, tuple[str, ...]]:
    if typed_as == "amount":
        return Kind.AMOUNT, ()
    if typed_as == "date":
        return Kind.DAY, ()
    if typed_as == "yes or no":
        return Kind.CHOICE, ("yes", "no")
    if " / " in typed_as and "," not in typed_as:
        return Kind.CHOICE, tuple(typed_as.split(" / "))
    return Kind.TEXT, ()


def read_form(typed: Typed, fields: Iterable[FormField], currency: Currency) -> dict[str, object]:
    """Give what was typed as an act takes it; empty fields are left out, complaints stand in ``typed``."""
    given: dict[str, object] = {}
    for field in fields:
        value = _read(typed, field, field.name, currency)
        if value not in ("", []):
            given[field.name] = value
    return given


def _read(typed: Typed, field: FormField, name: str, currency: Currency) -> object:
    if field.kind is Kind.ROWS:
        return _read_rows(typed, field, currency)
    text = typed.values.get(name, "").strip()
    if not text:
        return ""
    if field.kind is Kind.DAY:
        return typed.day(name).isoformat()
    if field.kind is Kind.AMOUNT:
        return format_major(typed.amount(name), currency.digits)
    if field.kind is Kind.LINES:
        return [line.strip() for line in text.splitlines() if line.strip()]
    return typed.text(name, required=False)


def _read_rows(typed: Typed, field: FormField, currency: Currency) -> list[dict[str, object]]:
    rows = []
    for number in range(1, ROWS_OFFERED + 1):
        row = {
            column.name: _read(typed, column, cell(field.name, number, column.name), currency)
            for column in field.columns
        }
        filled = {name: value for name, value in row.items() if value != ""}
        if filled:
            rows.append(filled)
    return rows


def cell(field: str, row: int, column: str) -> str:
    """Name one cell of a list of rows on a form."""
    return f"{field}-{row}-{column}"


def place_reasons(typed: Typed, refusal: RuleError, fields: Iterable[FormField]) -> RuleError:
    """Put each reason beside its field; gives what is to stand above the form."""
    names = {field.name for field in fields}
    reasons = refusal.reasons if isinstance(refusal, FieldsError) else [("", refusal)]
    left: RuleError | None = None
    for named, reason in reasons:
        name = named or _named_by(reason, names)
        if name.partition("[")[0] in names:
            typed.note(_on_form(name), reason)
        else:
            left = left or reason
    return left or FormError()


def _named_by(reason: RuleError, names: set[str]) -> str:
    found = (str(reason.facts.get(fact, "")) for fact in ("field", "term"))
    return next((name for name in found if name in names), "")


def _on_form(name: str) -> str:
    field, bracket, rest = name.partition("[")
    row, _, column = rest.partition("].")
    return cell(field, int(row), column) if bracket else name


# --- doing ----------------------------------------------------------------------------------------


def do_act(session: Session, name: str, fields: Mapping[str, object], who: Who) -> Result:
    """Do one act inside the caller's unit of work.

    raises   UnknownActError, and as ``banking.acts.running.run_act``
    """
    return run_act(session, find_act(ACTS, name), fields, who)


def rehearse(
    installation: Installation,
    name: str,
    fields: Mapping[str, object],
    who: Who,
    actor_id: int,
    *,
    chain: int = 0,
) -> Rehearsal:
    """Do one act as in earnest and keep nothing of it.

    raises   as ``do_act``
    """
    return rehearsed(
        installation, name, actor_id, lambda session: do_act(session, name, fields, who), chain=chain
    )


def rehearsed(
    installation: Installation,
    kind: str,
    actor_id: int,
    run: Callable[[Session], Result],
    *,
    chain: int = 0,
) -> Rehearsal:
    """Run anything inside a unit of work of which nothing is kept; gives its result."""
    result: Result = {}
    written: list[int] = []
    with installation.bulk_work(kind, actor_id, chain=chain) as (session, _seal):
        current = act(session)
        cut, cut_into = current.cut, current.cut_into

        def count_and_cut() -> None:
            written.append(len(current.ops))
            cut()

        def count_and_cut_into(other: int) -> None:
            written.append(len(current.ops))
            cut_into(other)

        current.cut, current.cut_into = count_and_cut, count_and_cut_into
        result = run(session)
        written.append(len(current.ops))
        _keep_nothing()
    return Rehearsal(result, any(written))


def _keep_nothing() -> None:
    raise Undo


# --- results --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A list in a result: one column for each name that any of its rows has."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def in_words(name: str) -> str:
    """Give a name of a result as words: ``applied_on`` is “applied on”."""
    return name.replace("_", " ")


def shown(result: Result | None) -> dict[str, object]:
    """Give what the pages of acts show of a result: ``facts`` and ``tables``, empty before there is one."""
    if result is None:
        return {"facts": [], "tables": []}
    return {"facts": facts_of(result), "tables": tables_of(result)}


def facts_of(result: Result) -> list[tuple[str, str]]:
    """Give the single values of a result; what is not there is left out."""
    return [
        (in_words(name), _said(value))
        for name, value in result.items()
        if value not in (None, "") and not isinstance(value, list | tuple | dict)
    ]


def tables_of(result: Result) -> list[ResultTable]:
    """Give the lists and sub-results of a result as tables."""
    found = []
    for name, value in result.items():
        if isinstance(value, Mapping):
            found.append(_table(name, [value]))
        elif isinstance(value, list | tuple):
            found.append(_table(name, [row if isinstance(row, Mapping) else {name: row} for row in value]))
    return found


def _table(name: str, rows: Sequence[Mapping[str, object]]) -> ResultTable:
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    cells = tuple(tuple(_said(row.get(column)) for column in columns) for row in rows)
    return ResultTable(in_words(name), tuple(in_words(column) for column in columns), cells)


def _said(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{in_words(str(name))} {_said(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_said(inner) for inner in value)
    return str(value)
