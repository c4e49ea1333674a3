"""Judged by column or one by one: the same changesets are good, and the same is known afterwards."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from schema.base import first_id
from schema.database import open_database
from sync.changeset import Op, Value
from sync.lot import Lot
from sync.meaning import Judge
from sync.roster import ACTIVE, BRANCH_SCOPE, HQ_SCOPE, Member, Roster
from sync.row_forms import shapes

OFFICE, DEVICE, OTHER = 7, 5, 6
ACCOUNT, USER, LOAN, FOREIGN_LOAN = 11, 12, first_id(DEVICE) + 3, first_id(OTHER) + 3
ODD: list[Value] = [
    None,
    -1,
    0,
    1,
    10**16,
    "",
    "x" * 3_000,
    "2026-02-30",
    "2026-11-22",
    b"",
    LOAN,
    FOREIGN_LOAN,
]


def member(device: int, office: int, scope: str = BRANCH_SCOPE) -> Member:
    return Member(device, office, ACTIVE, b"k" * 32, "age1", b"g" * 32, None, None, scope)


WRITER = member(DEVICE, OFFICE)
HEADQUARTERS = member(1, OFFICE, HQ_SCOPE)
ROSTER = Roster(bytes(16), {DEVICE: WRITER, OTHER: member(OTHER, 8), 1: HEADQUARTERS})


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """An empty database: what is there already is told to the judges by hand."""
    database = open_database(Path(tmp_path_factory.mktemp("lot")) / "books.db")
    database.migrate()
    with database.reading() as opened:
        yield opened
    database.close()


def judge(session: Session) -> Judge:
    """A judge who knows an account, a user and a loan of each of two offices."""
    judge = Judge(session, ROSTER, OFFICE)
    present = judge._known.present
    present |= {"gl_account": {ACCOUNT}, "user_account": {USER}, "loan_account": {LOAN, FOREIGN_LOAN}}
    return judge


def row(table: str, **values: Value) -> dict[str, Value]:
    """A whole row of a table that it can hold, with some values given."""
    shape = shapes()[table]
    made: dict[str, Value] = {}
    for name in sorted(shape.columns, key=lambda name: (len(name), name)):
        fitting: list[Value] = [
            value
            for value in (None, 1, "x", "2026-11-22", "1", b"x")
            if type(value) in shape.types[name] and (value is None or shape.fits[name](value))
        ]
        made[name] = values.get(name, OFFICE if name == "origin_office_id" else fitting[0])
    return made


def repayment(place: int) -> list[Op]:
    """Two lines and their entry, and a change of the loan."""
    base = first_id(DEVICE) + 100 + place * 10
    debit, credit = 100 + place, 100 + place
    line: dict[str, Value] = {"journal_entry_id": base + 3, "gl_account_id": ACCOUNT, "currency": "KES"}
    return [
        Op("journal_line", "+", base + 1, row("journal_line", **line, debit=debit, credit=0), None),
        Op("journal_line", "+", base + 2, row("journal_line", **line, debit=0, credit=credit), None),
        Op("journal_entry", "+", base + 3, row("journal_entry"), None),
        Op("loan_account", "~", LOAN, {"status": "active"}, {"status": "approved"}),
    ]


def mistaken(ops: list[Op], chance: Random) -> list[Op]:
    """The same with one thing otherwise: a value, an id, a name, a sign, an order, an op more or less."""
    at = chance.randrange(len(ops))
    op = ops[at]
    new: dict[str, Any] = dict(op.new or {})
    others = [one.id for one in ops] + [op.id - 10, op.id + 10, FOREIGN_LOAN, first_id(DEVICE), 4]
    match chance.randrange(8):
        case 0 | 1 | 2:
            new[chance.choice(list(new))] = chance.choice([*ODD, *others])
            ops[at] = op._replace(new=new)
        case 3:
            ops[at] = op._replace(id=chance.choice(others))
        case 4:
            new.pop(chance.choice(list(new)))
            ops[at] = op._replace(new=new)
        case 5:
            ops[at] = op._replace(table=chance.choice(["journal_entry", "gl_account", "nothing"]))
        case 6:
            ops[at] = Op(op.table, "-", op.id, None, new)
        case _:
            ops.append(op)
    return ops


def one_by_one(judge: Judge, writer: Member, changesets: Sequence[Sequence[Op]]) -> bool:
    return all(judge.fault_of(writer, ops) is None for ops in changesets)


@settings(max_examples=150)
@given(st.integers(0, 1 << 40), st.integers(1, 12), st.integers(0, 2))
def test_good_by_column_is_good_one_by_one(session: Session, seed: int, count: int, mistakes: int) -> None:
    chance = Random(seed)
    changesets = [repayment(place) for place in range(count)]
    for _ in range(mistakes):
        place = chance.randrange(count)
        changesets[place] = mistaken(changesets[place], chance)
    by_column, single = judge(session), judge(session)
    is_good = by_column.is_good(WRITER, Lot(changesets))
    assert is_good == one_by_one(single, WRITER, changesets)
    if is_good:
        assert by_column._known == single._known


def test_a_row_may_be_named_by_later_changesets_and_not_by_earlier_ones(session: Session) -> None:
    first, second = repayment(0), repayment(1)
    entry = first[2].id
    naming = second[2]._replace(new=row("journal_entry", reverses_id=entry))
    later = [first, [*second[:2], naming]]
    assert judge(session).is_good(WRITER, Lot(later))
    assert not judge(session).is_good(WRITER, Lot(later[::-1]))
    assert not one_by_one(judge(session), WRITER, later[::-1])


def test_one_row_is_reversed_once(session: Session) -> None:
    changesets = [repayment(place) for place in range(3)]
    for place in (1, 2):
        new = row("journal_entry", reverses_id=changesets[0][2].id)
        changesets[place][2] = changesets[place][2]._replace(new=new)
    assert judge(session).is_good(WRITER, Lot(changesets[:2]))
    assert not judge(session).is_good(WRITER, Lot(changesets))
    known = judge(session)
    assert known.is_good(WRITER, Lot(changesets[:2]))
    assert not known.is_good(WRITER, Lot(changesets[2:]))


def test_headquarters_is_judged_one_by_one(session: Session) -> None:
    assert not judge(session).is_good(HEADQUARTERS, Lot([repayment(0)]))


def test_what_is_named_is_looked_up(session: Session) -> None:
    ops = repayment(0)
    ops[2] = ops[2]._replace(new=row("journal_entry", reverses_id=LOAN))
    wanted, reversals = Lot(
        [ops, [Op("nothing", "+", 1, {}, None), Op("client", "-", 9, None, {"a": 1})]]
    ).named()
    assert wanted["journal_line"] == {ops[0].id, ops[1].id}
    assert wanted["journal_entry"] == {ops[2].id, LOAN}
    assert (wanted["gl_account"], wanted["loan_account"], wanted["client"]) == ({ACCOUNT}, {LOAN}, {9})
    assert reversals == {"journal_entry": {LOAN}}
    assert "nothing" not in wanted
