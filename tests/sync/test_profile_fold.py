"""The fold of shared profiles, marks and numbers on a real database: orders, cases, decisions."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import cast

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from schema.database import KEY_BYTES, Database, open_database
from schema.people import Client
from schema.reading import connection_of, execute
from schema.reference import Decision
from schema.replication import Case, ExceptionItem, ProfileWrite, UniqueKey
from schema.writing import images_by_table, insert_statement
from sync import cases
from sync.canonical import encode
from sync.chain import Accepted
from sync.changeset import Base, Changeset, Op, Value, digest
from sync.profile_fold import Effective, fold_profiles, forget_profiles, plain_changes
from sync.profile_rows import values_of
from sync.profile_rules import INITIAL
from sync.replay import apply_ops
from sync.unique import groups_of, root_of, same_person, tidied

HQ, KIT, NBO = 1, 2, 3
ANN, BEN, CLARE = (KIT << 40) + 1, (NBO << 40) + 1, (NBO << 40) + 2


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty database with three devices."""
    made = open_database(tmp_path_factory.mktemp("fold") / "fold.db", bytes(KEY_BYTES))
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session with a client of each branch; nothing of it is kept."""
    with Session(database.writer) as opened:
        opened.begin()
        _raw(opened, "device", HQ, number=HQ, office_id=1, scope="hq", state="active")
        _raw(opened, "device", NBO, number=NBO, office_id=3, scope="branch", state="active")
        fold(opened, made(KIT, 1, ANN), made(NBO, 1, BEN, national_id="B 77"))
        yield opened
        opened.rollback()


def _raw(session: Session, table: str, row_id: int, **given: Value) -> None:
    shape = images_by_table()[table]
    row = [given.get(name, shape.defaults.get(name)) for name in shape.columns]
    execute(session, insert_statement(table, connection_of(session).dialect.name), [(row_id, *row)])


def made(device: int, seq: int, row_id: int, **given: Value) -> Effective:
    """A changeset that registers a client."""
    shape = images_by_table()["client"]
    new = {name: given.get(name, cast("Value", shape.defaults.get(name))) for name in shape.columns}
    new |= {"origin_office_id": device, "number": f"C-{row_id & 255}", "name": new["name"] or "Njeri"}
    return changeset(device, seq, seq, Op("client", "+", row_id, new, None))


def changed(
    device: int, seq: int, time: int, base: Sequence[Base] | None, row_id: int = ANN, **new: Value
) -> Effective:
    """A changeset that changes a client; what it says of before plays no part."""
    bases = None if base is None else tuple(base)
    return changeset(device, seq, time, Op("client", "~", row_id, new, dict.fromkeys(new, ""), bases))


def changeset(device: int, seq: int, time: int, *ops: Op) -> Effective:
    """An accepted changeset as the fold gets it."""
    one = Changeset(
        device=device,
        chain=0,
        seq=seq,
        prev=bytes(32),
        hlc=time,
        date="2026-01-05",
        actor=1,
        kind="test.fold",
        note="",
        schema=4,
        rules=1,
        reference=0,
        ops=ops,
        seen={},
    )
    body = one.to_bytes()
    return Effective(Accepted(one, body, b"", digest(body), time, 0), ops)


def fold(session: Session, *effective: Effective) -> None:
    """Apply and fold changesets together, as an import does."""
    apply_ops(session, [one.ops for one in effective])
    fold_profiles(session, effective)
    session.expire_all()


def decided(seq: int, outcome: str, *ids: int, kind: str = "pair", key: bytes = b"k" * 32) -> Effective:
    """A decision of headquarters."""
    new: dict[str, Value] = {
        "case_key": key,
        "kind": kind,
        "outcome": outcome,
        "reason": "",
        "members": encode([]),
        "detail": encode({"table": "client", "ids": list(ids)}),
        "approved_by": "",
    }
    return changeset(HQ, seq, 1_000 + seq, Op(Decision.__tablename__, "+", (HQ << 40) + seq, new, None))


def place(one: Effective) -> Base:
    """Where a changeset stands."""
    return Base(one.accepted.changeset.device, 0, one.accepted.changeset.seq)


def open_cases(session: Session) -> list[tuple[str, str]]:
    """Kind and words of the open cases."""
    rows = session.scalars(select(Case).where(Case.state == "open").order_by(Case.kind, Case.what))
    return [(case.kind, case.what) for case in rows]


def state(session: Session) -> tuple[object, ...]:
    """Everything that the fold makes, in one order."""
    clients = session.execute(text("SELECT * FROM client ORDER BY id")).all()
    writes = session.execute(
        select(ProfileWrite.__table__).order_by(*ProfileWrite.__table__.primary_key)
    ).all()
    numbers = session.execute(select(UniqueKey.__table__).order_by(*UniqueKey.__table__.primary_key)).all()
    found = session.execute(select(Case.key, Case.subject, Case.state).order_by(Case.key)).all()
    return (clients, writes, numbers, found)


def test_six_writes_come_to_the_same_rows_and_cases_in_every_order(session: Session) -> None:
    """Name and telephone, two branches and headquarters, some having seen others: 720 orders on SQLite."""
    first = changed(KIT, 2, 10, [INITIAL], phone="1")
    other = changed(NBO, 2, 11, [INITIAL], phone="2", village="Lodwar")
    hq = changed(HQ, 1, 12, [place(first)], phone="3")
    writes = [
        first,
        other,
        hq,
        changed(KIT, 3, 13, [place(hq)], phone="4"),
        changed(NBO, 3, 9, [INITIAL], name="Njery", given_name=""),
        changed(KIT, 4, 14, [INITIAL], name="Njeri K", given_name=""),
    ]
    outcomes = set()
    for order in permutations(writes):
        savepoint = session.begin_nested()
        fold_profiles(session, order[:4])
        fold_profiles(session, order[4:])
        outcomes.add(repr(state(session)))
        savepoint.rollback()
    assert len(outcomes) == 1
    fold(session, *writes)
    assert repr(state(session)) in outcomes
    ann = session.get_one(Client, ANN)
    assert (ann.phone, ann.village, ann.name) == ("4", "Lodwar", "Njeri K")
    assert open_cases(session) == [("profile", "client C-1: name"), ("profile", "client C-1: telephone")]


def test_folding_anew_gives_what_came_one_by_one(session: Session) -> None:
    """The rows of a branch are taken out and made again; what others wrote on them is not forgotten."""
    registered = made(KIT, 1, ANN)
    own = changed(KIT, 2, 10, [INITIAL], phone="1", national_id="B 77")
    hq = changed(HQ, 1, 12, [INITIAL], phone="3", blacklisted=1)
    later = changed(KIT, 3, 13, [INITIAL], village="Kitale")
    elsewhere = changed(KIT, 4, 14, [INITIAL], row_id=BEN, phone="4")
    for one in (own, hq, later, elsewhere):
        fold(session, one)
    before = repr(state(session))
    assert [kind for kind, _ in open_cases(session)] == ["identity", "profile"]
    session.connection().execute(text(f"DELETE FROM client WHERE id = {ANN}"))
    forget_profiles(session, [KIT])
    session.expire_all()
    assert (open_cases(session), session.get_one(Client, BEN).phone) == ([], "")
    fold(session, registered, own, later, elsewhere)
    assert repr(state(session)) == before
    assert session.get_one(Client, ANN).phone == "3"


def test_a_write_that_comes_before_its_row_counts_when_the_row_comes(session: Session) -> None:
    """Whose bundle came first plays no part."""
    late = (KIT << 40) + 9
    fold(session, changed(NBO, 2, 50, [INITIAL], row_id=late, phone="9"))
    fold(session, made(KIT, 2, late, phone="1"))
    assert session.get_one(Client, late).phone == "9"
    assert [value.values["phone"] for value in values_of(session, "client", late, "telephone")] == ["1", "9"]


def test_a_new_member_is_a_new_case_and_a_write_over_all_ends_it(session: Session) -> None:
    """A decided case stays for its members; an open one goes with what it was about."""
    first, second = changed(KIT, 2, 10, [INITIAL], phone="1"), changed(NBO, 2, 11, [INITIAL], phone="2")
    fold(session, first, second)
    (case,) = session.scalars(select(Case)).all()
    assert cases.items_of(case.subject) == [{"group": "telephone", "id": ANN, "table": "client"}]
    key = case.key
    chosen = changed(HQ, 1, 20, [place(first), place(second)], phone="2")
    decision = decided(2, "close", kind="profile", key=key)
    fold(session, Effective(chosen.accepted, [*chosen.ops, *decision.ops]))
    assert open_cases(session) == []
    third = changed(KIT, 3, 30, [place(first)], phone="7")
    fold(session, third)
    assert session.get_one(Client, ANN).phone == "7"
    found = {one.key: one.state for one in session.scalars(select(Case))}
    assert len(found) == 2
    assert found.pop(key) == "decided"
    assert list(found.values()) == ["open"]


def test_marks_go_one_way_and_headquarters_opens_an_epoch(session: Session) -> None:
    """A late mark of the old epoch does not bring it back."""
    fold(session, changed(KIT, 2, 10, None, blacklisted=1), changed(HQ, 1, 20, None, blacklisted=2))
    fold(session, changed(NBO, 2, 30, None, blacklisted=1))
    assert (session.get_one(Client, ANN).blacklisted, session.get_one(Client, ANN).is_blacklisted) == (
        2,
        False,
    )
    fold(session, changed(KIT, 3, 40, None, blacklisted=3))
    assert session.get_one(Client, ANN).is_blacklisted


def test_shared_columns_of_a_change_are_left_to_the_fold() -> None:
    """Other columns are changed at once, in the order of their chain."""
    op = Op("client", "~", ANN, {"state": "left", "phone": "1", "deceased": 1}, None)
    assert plain_changes(op) == {"state": "left"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [("ab-12 34", "ab1234"), ("AB 12\u201334", "ab1234"), ("\uff11\uff12", "12"), ("none", ""), ("000", "")],
)
def test_numbers_are_compared_without_what_people_write_differently(written: str, kept: str) -> None:
    """Spaces, hyphens, capitals and wide digits; a number of zeros or words is nobody's."""
    assert tidied(written) == kept


def test_one_number_at_two_clients_is_a_case_until_the_pair_is_decided(session: Session) -> None:
    """Same, then different: the newest decision of the pair counts."""
    fold(session, changed(KIT, 2, 10, [INITIAL], national_id="b-77"))
    (case,) = session.scalars(select(Case)).all()
    assert (case.kind, case.what, case.state) == ("identity", "C-1, C-1", "open")
    assert cases.items_of(case.subject) == [{"ids": [ANN, BEN], "number": "national_id", "value": "b77"}]
    fold(session, decided(1, "same", ANN, BEN))
    assert groups_of(session) == {ANN: (ANN, BEN)}
    assert (root_of(session, BEN), same_person(session, BEN)) == (ANN, [ANN])
    assert [(one.state, one.outcome) for one in session.scalars(select(Case))] == [("decided", "same")]
    fold(session, decided(2, "different", BEN, ANN))
    assert groups_of(session) == {}
    assert [(one.state, one.outcome) for one in session.scalars(select(Case))] == [("decided", "different")]


def test_a_corrected_number_takes_an_open_case_away(session: Session) -> None:
    """Nothing is asked any more; the index follows the row."""
    wrong = changed(KIT, 2, 10, [INITIAL], national_id="B77")
    fold(session, wrong)
    assert [kind for kind, _ in open_cases(session)] == ["identity"]
    fold(session, changed(KIT, 3, 11, [place(wrong)], national_id="A1"))
    assert open_cases(session) == []
    assert [row.value for row in session.scalars(select(UniqueKey).order_by(UniqueKey.value))] == [
        "a1",
        "b77",
    ]


def test_a_pair_that_is_different_inside_a_group_is_an_exception(session: Session) -> None:
    """It is settled by a newer decision."""
    fold(session, made(NBO, 2, CLARE))
    fold(session, decided(1, "different", ANN, CLARE), decided(2, "same", ANN, BEN))
    assert session.scalars(select(ExceptionItem)).all() == []
    fold(session, decided(3, "same", BEN, CLARE))
    (item,) = session.scalars(select(ExceptionItem)).all()
    assert (item.code, item.seq, item.state) == ("DUPLICATE_DISAGREES", 3, "open")
    fold(session, decided(4, "different", BEN, CLARE))
    assert session.scalars(select(ExceptionItem)).one().state == "decided"


def test_a_write_told_again_is_folded_as_the_one_that_was_made(session: Session) -> None:
    """Origin, key and bases are its own, so it may lose to an earlier arrival with a greater key."""
    fold(session, changed(KIT, 2, 30, [INITIAL], phone="1"))
    new: dict[str, Value] = {
        "table_name": "client",
        "row_id": ANN,
        "column_group": "telephone",
        "device": NBO,
        "chain": 0,
        "seq": 5,
        "hash": bytes(32),
        "key_time": 20,
        "new": encode({"phone": "2"}),
        "bases": encode([[0, 0, 0]]),
    }
    fold(session, changeset(HQ, 1, 40, Op("profile_restatement", "+", (HQ << 40) + 1, new, None)))
    assert session.get_one(Client, ANN).phone == "1"
    shown = [
        (one.values["phone"], one.write.device, one.shown)
        for one in values_of(session, "client", ANN, "telephone")
    ]
    assert shown == [("", 0, False), ("2", NBO, False), ("1", KIT, True)]
    assert [kind for kind, _ in open_cases(session)] == ["profile"]


def test_what_an_adopted_arm_wrote_goes_by_its_own_number(session: Session) -> None:
    """Both arms of a fork wrote as one device: neither replaces what only the other one wrote."""
    shared = changed(KIT, 2, 10, [INITIAL], phone="0")
    main = changed(KIT, 3, 11, [place(shared)], phone="1")
    arm = changed(KIT, 3, 12, [place(shared)], phone="2")
    arm_later = changed(KIT, 4, 13, [place(arm)], phone="3")
    fold(session, shared, main, arm._replace(device=9), arm_later._replace(device=9))
    values = values_of(session, "client", ANN, "telephone")
    assert [(one.values["phone"], one.write.device) for one in values if one.stands] == [("1", KIT), ("3", 9)]
