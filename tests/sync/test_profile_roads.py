"""One client written at two places, with real homes and bundles between them."""

from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from banking.client_corrections import correct_client, restate_profiles, unmark_client
from banking.clients import mark_client, register_client, update_client
from banking.errors import BadValueError
from banking.profile_errors import SecondPersonForMarkError
from hq.decisions import decide
from hq.waiting import IDENTITY, PROFILE, waiting_list
from schema.base import to_milliseconds
from schema.people import Client
from schema.reference import Decision
from schema.replication import Case, ExceptionItem
from sync.changeset import UPDATE, Base, Op
from sync.profile_rows import values_of
from sync.unique import groups_of
from sync.verify import verify_books
from tests.support.forging import forge
from tests.support.headquarters import admin_of
from tests.support.institution import CLERK, HQ, TestInstitution, register_savers

_DAY = 24 * 3600 * 1000


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """KIT keeps one client; GUL is another branch. Both are confirmed and have heard of it."""
    bank = TestInstitution.create(tmp_path_factory.mktemp("roads") / "bank", ("KIT", "GUL"))
    with bank.open("KIT") as branch:
        register_savers(branch, ["Njeri"])
    for code in ("KIT", "GUL"):
        bank.receive(bank.send(code)[0])
        bank.confirm(code)
        bank.answer(code)
    return bank


@pytest.fixture
def bank(made_once: TestInstitution, tmp_path: Path) -> TestInstitution:
    """A copy for one test."""
    return made_once.copy_to(tmp_path / "bank")


def _njeri(session: Session) -> Client:
    return session.scalars(select(Client).order_by(Client.id)).one()


def _correct(bank: TestInstitution, **changes: object) -> None:
    with bank.open(HQ) as hq, hq.unit_of_work("client.correct", CLERK, "told by letter") as session:
        correct_client(session, _njeri(session).id, **changes)


def _change(bank: TestInstitution, **changes: object) -> None:
    with bank.open("KIT") as branch, branch.unit_of_work("client.change", CLERK) as session:
        update_client(session, _njeri(session).id, **changes)


def _cases(bank: TestInstitution) -> list[str]:
    with bank.open(HQ) as hq, hq.database.reading() as session:
        return [case.what for case in session.scalars(select(Case).where(Case.state == "open"))]


def _same_books(bank: TestInstitution, code: str = "KIT") -> Client:
    """Both sides have the same digest, and what they have follows from the chains; gives the client."""
    here, there = bank.digests(code)
    assert here.sha256 == there.sha256
    for name in (HQ, code):
        with bank.open(name) as installation:
            assert [
                (name, check.name, check.detail) for check in verify_books(installation) if not check.ok
            ] == []
    with bank.open(HQ) as hq, hq.database.reading() as session:
        return _njeri(session)


def test_headquarters_and_the_branch_write_other_columns(bank: TestInstitution) -> None:
    """Neither saw the other: both stand after the exchange, and nobody is asked."""
    _correct(bank, phone="0700 1")
    _change(bank, name="Njeri Kamau", village="Kitale")
    bank.receive(bank.send("KIT")[0])
    bank.answer("KIT")
    client = _same_books(bank)
    assert (client.name, client.phone, client.village) == ("Njeri Kamau", "0700 1", "Kitale")
    assert _cases(bank) == []


def test_both_write_the_same_column_and_the_next_who_saw_both_ends_it(bank: TestInstitution) -> None:
    """The greater key is shown on both sides, all is readable, and a person is asked until the next write."""
    _correct(bank, phone="0700 1")
    _change(bank, phone="0700 2")
    bank.receive(bank.send("KIT")[0])
    assert len(_cases(bank)) == 1
    bank.answer("KIT")
    assert _same_books(bank).phone == "0700 2"
    with bank.open("KIT") as branch, branch.database.reading() as session:
        values = values_of(session, "client", _njeri(session).id, "telephone")
        assert [(one.values["phone"], one.kind, one.stands, one.shown) for one in values] == [
            ("", "", False, False),
            ("0700 1", "client.correct", True, False),
            ("0700 2", "client.change", True, True),
        ]
    _change(bank, phone="0700 3")
    bank.receive(bank.send("KIT")[0])
    assert _cases(bank) == []
    assert _same_books(bank).phone == "0700 3"


def test_a_mark_is_taken_off_at_headquarters_and_set_again_at_the_branch(bank: TestInstitution) -> None:
    """Each epoch is headquarters'; reason and second person stand in a decision."""
    with bank.open("KIT") as branch, branch.unit_of_work("client.mark", CLERK) as session:
        mark_client(session, _njeri(session).id, blacklisted=True)
    bank.receive(bank.send("KIT")[0])
    with bank.open(HQ) as hq, hq.unit_of_work("client.unmark", CLERK) as session:
        client, second = _njeri(session), admin_of(hq)
        with pytest.raises(BadValueError):
            unmark_client(session, client.id, deceased=True, reason="alive", approved_by_id=second)
        with pytest.raises(SecondPersonForMarkError):
            unmark_client(session, client.id, blacklisted=True, reason="a mistake", approved_by_id=None)
        unmark_client(session, client.id, blacklisted=True, reason="a mistake", approved_by_id=second)
    bank.answer("KIT")
    assert not _same_books(bank).is_blacklisted
    with bank.open("KIT") as branch, branch.unit_of_work("client.mark", CLERK) as session:
        told = session.execute(select(Decision.reason, Decision.approved_by)).all()
        assert [tuple(row) for row in told] == [("a mistake", "admin")]
        mark_client(session, _njeri(session).id, blacklisted=True)
    bank.receive(bank.send("KIT")[0])
    assert _same_books(bank).blacklisted == 3


def test_another_branch_writes_shared_columns_and_its_keeper_is_told(bank: TestInstitution) -> None:
    """With and without having seen each other: GUL's write counts at headquarters, then at KIT."""
    with bank.open("KIT") as branch, branch.database.reading() as session:
        client = _njeri(session).id
    with bank.open("GUL") as other:
        forge(other, Op("client", UPDATE, client, {"phone": "0711"}, {"phone": ""}, (Base(0, 0, 0),)))
    _change(bank, phone="0722", village="Kitale")
    bank.receive(bank.send("GUL")[0])
    bank.receive(bank.send("KIT")[0])
    assert len(_cases(bank)) == 1
    bank.answer("KIT")
    assert _same_books(bank).phone == "0722"
    with bank.open("KIT") as branch, branch.database.reading() as session:
        assert len([one for one in values_of(session, "client", client, "telephone") if one.stands]) == 2
    _change(bank, phone="0733")
    bank.receive(bank.send("KIT")[0])
    assert _cases(bank) == []
    with bank.open(HQ) as hq, hq.unit_of_work("client.restate", CLERK) as session:
        assert restate_profiles(session, _njeri(session).origin_office_id) == 0


def test_a_clock_far_ahead_at_another_branch_leaves_both_sides_agreed(bank: TestInstitution) -> None:
    """Headquarters' key then lies after all that it has seen, which the branch can only be told."""
    with bank.open("GUL") as other:
        forge(other, hlc=(to_milliseconds(bank.clock.now) + 100 * _DAY) << 16)
    bank.receive(bank.send("GUL")[0])
    _correct(bank, address="Main road")
    _change(bank, address="River road")
    bank.receive(bank.send("KIT")[0])
    bank.answer("KIT")
    assert _same_books(bank).address == "Main road"


@pytest.mark.parametrize(
    ("column", "new", "old", "code"),
    [("state", "left", "active", "NOT_OWNER"), ("blacklisted", 2, 1, "SCOPE"), ("deceased", 3, 0, "SCOPE")],
    ids=["a column of the owner", "a mark taken off", "an epoch of its own"],
)
def test_what_another_branch_may_not_write(
    bank: TestInstitution, column: str, new: int | str, old: int | str, code: str
) -> None:
    """It has no effect as a whole and waits for a person."""
    with bank.open("KIT") as branch, branch.database.reading() as session:
        client = _njeri(session).id
    with bank.open("GUL") as other:
        forge(other, Op("client", UPDATE, client, {column: new}, {column: old}))
    (result,) = bank.receive(bank.send("GUL")[0])
    assert (result.verdict, result.counts.codes) == ("ADMIT", [code])
    with bank.open(HQ) as hq, hq.database.reading() as session:
        assert session.scalars(select(ExceptionItem.code)).all() == [code]
        client_row = _njeri(session)
        assert (client_row.state, client_row.blacklisted, client_row.deceased) == ("active", 0, 0)


def test_headquarters_changes_only_what_is_shared(bank: TestInstitution) -> None:
    """Group, number and state are the branch's own."""
    with (
        pytest.raises(BadValueError),
        bank.open(HQ) as hq,
        hq.unit_of_work("client.correct", CLERK) as session,
    ):
        correct_client(session, _njeri(session).id, joined_on=None)


def _decide(bank: TestInstitution, decision: str) -> None:
    with bank.open(HQ) as hq, hq.unit_of_work("decide", admin_of(hq)) as session:
        (item,) = [one for one in waiting_list(session, decided=True) if one.family in {PROFILE, IDENTITY}]
        word = next(choice for choice in item.choices if choice.startswith(decision))
        decide(hq, session, item.key, word, "looked into it")


def test_one_case_about_two_groups_is_closed_by_one_choice(bank: TestInstitution) -> None:
    """Name and telephone were written together at both places: the chosen changeset gives both."""
    _correct(bank, phone="0700 1", name="Njeri K")
    _change(bank, phone="0700 2", name="Njeri Kamau")
    bank.receive(bank.send("KIT")[0])
    assert len(_cases(bank)) == 1
    with bank.open(HQ) as hq, hq.database.reading() as session:
        written = values_of(session, "client", _njeri(session).id, "name")
        (ours,) = [one.write.hash.hex()[:8].upper() for one in written if one.kind == "client.correct"]
    _decide(bank, f"value:{ours}")
    assert _cases(bank) == []
    bank.answer("KIT")
    client = _same_books(bank)
    assert (client.name, client.phone) == ("Njeri K", "0700 1")


def test_one_number_at_two_branches_decided_same_then_different(bank: TestInstitution) -> None:
    """The number is refused nowhere; the newest decision of the pair counts, at the branches too."""
    _change(bank, national_id="AB 12-34")
    with bank.open("GUL") as other, other.unit_of_work("client.register", CLERK) as session:
        register_client(session, name="Njery", national_id="ab1234")
    bank.receive(bank.send("GUL")[0])
    bank.receive(bank.send("KIT")[0])
    assert len(_cases(bank)) == 1
    _decide(bank, "same")
    with bank.open(HQ) as hq, hq.database.reading() as session:
        ids = list(session.scalars(select(Client.id).order_by(Client.id)))
        assert groups_of(session) == {ids[0]: tuple(ids)}
    _decide(bank, "different")
    bank.answer("KIT")
    for name in (HQ, "KIT"):
        with bank.open(name) as installation, installation.database.reading() as session:
            assert groups_of(session) == {}
    assert _cases(bank) == []


def test_a_home_from_before_writes_were_kept_gets_them_when_it_is_opened(bank: TestInstitution) -> None:
    """The index, the writes and the cases follow from the stored changesets, once."""
    _change(bank, national_id="AB 12", phone="0722")
    _change(bank, name="Njeri Kamau")
    _correct(bank, phone="0700")
    bank.receive(bank.send("KIT")[0])
    kept = ("profile_write", "unique_key", "conflict_case")
    tables = {name: f"SELECT * FROM {name} ORDER BY 1, 2, 3, 4, 5, 6" for name in kept}
    with bank.open(HQ) as hq, hq.database.writing() as session:
        before = {name: session.execute(text(rows)).all() for name, rows in tables.items()}
        for name in kept:
            session.execute(text(f"DELETE FROM {name}"))
        session.execute(text("DELETE FROM setting WHERE name = 'profiles_kept_since'"))
    for _ in range(2):
        with bank.open(HQ) as hq, hq.database.reading() as session:
            assert {name: session.execute(text(rows)).all() for name, rows in tables.items()} == before
    assert [len(rows) for rows in before.values()] == [7, 1, 1]
