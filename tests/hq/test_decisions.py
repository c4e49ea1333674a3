"""Deciding what waits: words, reasons, second persons, and the rows that say it."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.clients import register_client, update_client
from banking.errors import BadSecondPersonError
from banking.users import disable, find_user
from branch.application import create_branch_application
from branch.decided_at_hq import decided_here
from hq.decision_errors import (
    BoundBehindError,
    CannotBeHeldError,
    NothingToVoidError,
    SecondPersonForDecisionError,
    UnknownCaseError,
    UnknownDecisionError,
)
from hq.decision_rows import detail_of, members_of, newest_decision
from hq.decisions import decide, rehearse_decision
from hq.devices import change_device
from hq.people_sheets import group_sheets, person_sheets
from hq.tails import tail_of
from hq.voids import void
from hq.waiting import WaitingItem, waiting_list
from ledger.errors import RuleError
from ledger.money import Money
from schema.accounting import GLDayTotal
from schema.accounts import LoanTransaction, SavingsAccount
from schema.messages import AccountMessage
from schema.people import Client, User
from schema.reference import Decision, Device, GLAccount
from schema.writing import update
from sync import chain as chains
from sync.cases import case_key
from sync.chain import HEAD_OFFICE_CHAIN
from sync.installation import Installation
from tests.support.doubts import ELW, KIT, NAK
from tests.support.forging import copy_of, forge
from tests.support.headquarters import admin_of, copy_headquarters
from tests.support.institution import CLERK, FIRST_DAY, HQ, TestInstitution, passphrase_of


@pytest.fixture
def bank(doubts: TestInstitution, tmp_path: Path) -> TestInstitution:
    """A copy for one test."""
    return copy_headquarters(doubts, tmp_path / "bank")


@pytest.fixture
def headquarters(bank: TestInstitution) -> Iterator[Installation]:
    """Opened headquarters."""
    with bank.open(HQ) as installation:
        yield installation


def _waiting(installation: Installation, family: str, branch: str = "") -> list[WaitingItem]:
    with installation.database.reading() as session:
        return [item for item in waiting_list(session, branch) if item.family == family]


def _user(installation: Installation, name: str) -> int:
    with installation.database.reading() as session:
        found = find_user(session, name)
    assert found is not None
    return found.id


def _decide(
    installation: Installation,
    key: str,
    word: str,
    second: str | None = "amina",
    reason: str = "looked at it",
) -> None:
    second_id = _user(installation, second) if second else None
    with installation.unit_of_work("exception.decide", admin_of(installation)) as session:
        decide(installation, session, key, word, reason, second_id)


def _rows(installation: Installation) -> list[Decision]:
    with installation.database.reading() as session:
        return list(session.scalars(select(Decision).order_by(Decision.id)))


def test_a_gap_is_closed_as_lost(headquarters: Installation) -> None:
    """The row names the range, the hash before it and the one that the next changeset names."""
    (gap,) = _waiting(headquarters, "gap")
    assert (gap.branch, gap.choices) == ("ELW", ("close",))
    _decide(headquarters, gap.key, "close")
    (row,) = _rows(headquarters)
    assert (row.kind, row.outcome, row.approved_by, row.reason) == ("gap", "close", "amina", "looked at it")
    detail = detail_of(row.detail)
    assert (detail["device"], detail["chain"]) == (ELW, 0)
    assert detail["first"] == detail["last"]
    assert row.case_key == case_key("gap", members_of(row.members))
    assert {type(detail["before"]), type(detail["after"])} == {bytes}


def test_what_breaks_a_rule_and_fits_no_table_is_only_left(headquarters: Installation) -> None:
    """The newest decision counts; both stay in the chain."""
    (item,) = _waiting(headquarters, "exception", "NAK")
    assert item.members[0].device == NAK
    _decide(headquarters, item.key, "leave", second=None)
    assert _waiting(headquarters, "exception", "NAK") == []
    _decide(headquarters, item.key, "leave", reason="looked again", second=None)
    with headquarters.database.reading() as session:
        newest = newest_decision(session, item.case_key)
    assert newest is not None
    assert newest.reason == "looked again"
    assert len(_rows(headquarters)) == 2


@pytest.mark.parametrize(
    ("key", "word", "refusal"),
    [
        ("ffffffffffffffff", "close", UnknownCaseError),
        ("", "close", UnknownCaseError),
        (None, "adopt", UnknownDecisionError),
        (None, "close:ABCDEF12", UnknownDecisionError),
    ],
)
def test_what_is_possible_is_told(
    headquarters: Installation, key: str | None, word: str, refusal: type[RuleError]
) -> None:
    """A wrong name or word changes nothing, and the refusal lists the right ones."""
    (gap,) = _waiting(headquarters, "gap")
    with pytest.raises(refusal) as told:
        _decide(headquarters, gap.key if key is None else key, word)
    assert ("close" if refusal is UnknownDecisionError else gap.key) in str(told.value)
    assert _rows(headquarters) == []


def test_money_takes_a_second_person(headquarters: Installation) -> None:
    """Where somebody else may decide, nobody decides alone, nor with who may not."""
    (gap,) = _waiting(headquarters, "gap")
    with pytest.raises(SecondPersonForDecisionError):
        _decide(headquarters, gap.key, "close", second=None)
    for name in ("clara", "admin"):
        with pytest.raises(BadSecondPersonError):
            _decide(headquarters, gap.key, "close", second=name)
    assert _rows(headquarters) == []


def test_alone_it_is_allowed_and_recorded(headquarters: Installation) -> None:
    """With nobody else at headquarters who may decide, one person does."""
    with headquarters.unit_of_work(
        "user.disable", admin_of(headquarters), chain=HEAD_OFFICE_CHAIN
    ) as session:
        amina = session.scalars(select(User.id).where(User.username == "amina")).one()
        disable(session, amina)
    (gap,) = _waiting(headquarters, "gap")
    _decide(headquarters, gap.key, "close", second=None)
    assert [row.approved_by for row in _rows(headquarters)] == [""]


def test_a_reason_is_always_asked_for(headquarters: Installation) -> None:
    """Without one nothing is decided."""
    (gap,) = _waiting(headquarters, "gap")
    with pytest.raises(RuleError):
        _decide(headquarters, gap.key, "close", reason="  ")
    assert _rows(headquarters) == []


def _cash(installation: Installation) -> int:
    with installation.database.reading() as session:
        rows = session.execute(
            select(GLDayTotal.debit, GLDayTotal.credit)
            .join(GLAccount, GLAccount.id == GLDayTotal.gl_account_id)
            .where(GLAccount.code == "1110", GLDayTotal.origin_office_id == _office_of(session, KIT))
        )
        return sum(debit.minor - credit.minor for debit, credit in rows)


def _office_of(session: Session, device: int) -> int:
    return session.scalars(select(Device.office_id).where(Device.number == device)).one()


def test_both_histories_of_a_cloned_laptop_become_cash(headquarters: Installation) -> None:
    """Adopt, one arm, none, and adopt again: the newest decision counts, and an arm keeps its number."""
    (fork,) = _waiting(headquarters, "fork")
    before = _cash(headquarters)
    small = next(choice for choice in fork.choices if choice.startswith("adopt:"))
    _decide(headquarters, fork.key, "adopt")
    assert _cash(headquarters) - before == 3_500
    assert _waiting(headquarters, "fork") == []
    first = detail_of(_rows(headquarters)[-1].detail)
    _decide(headquarters, fork.key, small)
    assert _cash(headquarters) - before in {1_000, 2_500}
    _decide(headquarters, fork.key, "refuse")
    assert _cash(headquarters) == before
    _decide(headquarters, fork.key, "adopt")
    assert _cash(headquarters) - before == 3_500
    assert detail_of(_rows(headquarters)[-1].detail)["arms"] == first["arms"]


def test_an_adopted_history_has_a_device_of_its_own(headquarters: Installation) -> None:
    """It follows the laptop that both were, and is retired until it is set up anew."""
    (fork,) = _waiting(headquarters, "fork")
    _decide(headquarters, fork.key, "adopt")
    arms = cast("dict[str, int]", detail_of(_rows(headquarters)[-1].detail)["arms"])
    (number,) = arms.values()
    with headquarters.database.reading() as session:
        device = session.scalars(select(Device).where(Device.number == number)).one()
        assert (device.succeeds, device.state, device.scope) == (KIT, "retired", "branch")
        assert device.office_id == _office_of(session, KIT)


def test_what_a_decision_would_do_is_shown_and_not_done(headquarters: Installation) -> None:
    """The rehearsal names each balance that would change; afterwards everything is as before."""
    (fork,) = _waiting(headquarters, "fork")
    before = _cash(headquarters)
    seen = rehearse_decision(headquarters, fork.key, "adopt", admin_of(headquarters))
    changes = {row.code: row.change for row in seen.accounts}
    assert changes["1110"] == Money(3_500)
    assert (seen.entries, seen.settled) == (3, 1)
    assert _cash(headquarters) == before
    assert _rows(headquarters) == []
    assert [item.key for item in _waiting(headquarters, "fork")] == [fork.key]


def test_a_retired_laptop_ends_where_it_is(headquarters: Installation) -> None:
    """The bound is its head; the roster's row, its reason and its place stand in chain 0."""
    with headquarters.unit_of_work("device.end", admin_of(headquarters)) as session:
        done = change_device(session, NAK, "retire", reason="left in a bus")
    assert (done.state, done.last_seq) == ("retired", _head(headquarters, NAK))
    (row,) = _rows(headquarters)
    assert (row.kind, row.outcome, row.reason, row.approved_by) == ("device", "retire", "left in a bus", "")
    with pytest.raises(BoundBehindError), headquarters.unit_of_work("device.end", CLERK) as session:
        change_device(session, NAK, "revoke", at=1)


def test_what_lies_beyond_a_bound_waits_and_can_be_believed(headquarters: Installation) -> None:
    """A thief's entries leave the books; believed up to a place, those come back; the rest can be left."""
    head = _head(headquarters, ELW)
    with (
        pytest.raises(SecondPersonForDecisionError),
        headquarters.unit_of_work("device.end", admin_of(headquarters)) as session,
    ):
        change_device(session, ELW, "revoke", at=head - 2, reason="stolen")
    second = _user(headquarters, "amina")
    with headquarters.unit_of_work("device.end", admin_of(headquarters)) as session:
        change_device(session, ELW, "revoke", at=head - 2, reason="stolen", second_id=second)
    assert _head(headquarters, ELW) == head - 2
    (tail,) = _waiting(headquarters, "quarantine")
    assert tail.facts["first"] == head - 1
    with headquarters.database.reading() as session:
        middle = tail_of(session, ELW, tail.code)[0]
    _decide(headquarters, tail.key, f"release:{middle.name}")
    assert _head(headquarters, ELW) == head - 1
    (rest,) = _waiting(headquarters, "quarantine")
    _decide(headquarters, rest.key, "leave", second=None)
    assert _waiting(headquarters, "quarantine") == []


def test_a_branch_is_asked_to_take_an_entry_back(headquarters: Installation) -> None:
    """The message stands in the branch's chain, the decision in chain 0; a second time is refused."""
    with headquarters.database.reading() as session:
        receipt = session.scalars(
            select(LoanTransaction.receipt).where(LoanTransaction.receipt != "").order_by(LoanTransaction.id)
        ).first()
    assert receipt
    second = _user(headquarters, "amina")
    with headquarters.unit_of_work("exception.decide", admin_of(headquarters)) as session:
        void(session, receipt, "counted twice", second)
    with headquarters.database.reading() as session:
        message = session.scalars(select(AccountMessage)).one()
    assert (message.kind, message.reason, message.approved_by) == ("void", "counted twice", "amina")
    assert [row.kind for row in _rows(headquarters)] == ["void"]
    with pytest.raises(NothingToVoidError), headquarters.unit_of_work("exception.decide", CLERK) as session:
        void(session, receipt, "again", second)


def _head(installation: Installation, device: int) -> int:
    with installation.database.reading() as session:
        head = chains.watermark(session, device, 0, chains.HEAD)
    return head.seq if head else 0


def test_a_branch_reads_what_was_decided_about_it(bank: TestInstitution) -> None:
    """The return bundle carries the decision; the page Status says it in a sentence with its reason."""
    with bank.open(HQ) as headquarters:
        (gap,) = _waiting(headquarters, "gap")
        _decide(headquarters, gap.key, "close", reason="the stick was burnt")
    bank.answer("ELW")
    with bank.open("ELW") as branch:
        with branch.database.reading() as session:
            (line,) = decided_here(session, branch.place.office_id)
        assert (line.kind, line.outcome, line.device, line.first, line.last) == ("gap", "close", ELW, 7, 7)
        client = create_branch_application(branch).test_client()
        client.post("/login", data={"username": "admin", "password": passphrase_of("ELW")})
        page = client.get("/status").text
    assert "Entries 7 to 7 of laptop 5 are lost; the books go on without them." in page
    assert "the stick was burnt" in page


def test_what_was_accepted_counts_until_it_is_left_again(bank: TestInstitution) -> None:
    """An account for a client of another branch: no effect; accepted it is there; left it is gone."""
    with bank.open(HQ) as headquarters, headquarters.database.reading() as session:
        saver = session.scalars(
            select(Client.id).where(Client.id.between(KIT << 40, (KIT + 1) << 40))
        ).first()
    with bank.open("NAK") as branch:
        forge(branch, copy_of(branch, "savings_account", 2, client_id=saver))
    bank.receive(bank.send("NAK")[0])
    own = SavingsAccount.id.between(NAK << 40, (NAK + 1) << 40)
    wanted = select(SavingsAccount.id).where(own, SavingsAccount.client_id == saver)
    with bank.open(HQ) as headquarters:
        item = next(one for one in _waiting(headquarters, "exception") if one.what.startswith("savings"))
        assert (item.code, item.choices) == ("SCOPE", ("accept", "leave"))
        for word, count in (("accept", 1), ("leave", 0)):
            _decide(headquarters, item.key, word)
            with headquarters.database.reading() as session:
                assert len(session.scalars(wanted).all()) == count
            assert item.key not in {one.key for one in _waiting(headquarters, "exception")}


def test_what_no_table_could_hold_is_never_accepted(headquarters: Installation) -> None:
    """The refusal says what is wrong with it, and nothing is written."""
    (item,) = _waiting(headquarters, "exception", "NAK")
    with pytest.raises(CannotBeHeldError, match="in the name of another office"):
        _decide(headquarters, item.key, "accept")
    assert _rows(headquarters) == []


def test_one_person_at_two_branches(bank: TestInstitution) -> None:
    """One number, two clients: said to be the same, then different; the newest decision counts."""
    for code in ("KIT", "ELW"):
        with bank.open(code) as branch, branch.unit_of_work("client.register", CLERK) as session:
            register_client(session, name="Achieng", joined_on=FIRST_DAY, national_id="11 22-33")
    bank.receive(bank.send("ELW")[0], bank.root / "lost")
    with bank.open("NAK") as branch, branch.unit_of_work("client.register", CLERK) as session:
        register_client(session, name="Achieng", joined_on=FIRST_DAY, national_id="112233")
    bank.receive(bank.send("NAK")[0])
    with bank.open(HQ) as headquarters:
        (item,) = _waiting(headquarters, "identity")
        for word in ("same", "different"):
            _decide(headquarters, item.key, word, second=None)
            assert _waiting(headquarters, "identity") == []
            detail = detail_of(_rows(headquarters)[-1].detail)
            assert (detail["table"], len(cast("list[int]", detail["ids"]))) == ("client", 2)
        with headquarters.database.reading() as session:
            assert len(person_sheets(session, item)) == 2


def test_one_client_with_two_telephones(bank: TestInstitution) -> None:
    """Written at the branch and at headquarters without having seen each other: a person chooses either."""
    with bank.open("NAK") as branch, branch.unit_of_work("client.update", CLERK) as session:
        client = session.scalars(
            select(Client).where(Client.origin_office_id == branch.place.office_id)
        ).first()
        assert client is not None
        update_client(session, client.id, phone="0700 111 111")
    with bank.open(HQ) as hq, hq.unit_of_work("client.update", CLERK, chain=4) as session:
        update(session, session.get_one(Client, client.id), phone="0700 222 222")
    bank.receive(bank.send("NAK")[0])
    with bank.open(HQ) as headquarters:
        (item,) = _waiting(headquarters, "profile")
        assert len(item.choices) == 2
        with headquarters.database.reading() as session:
            (group,) = group_sheets(session, item)
        for value in sorted(group.values, key=lambda one: not one.shown):
            _decide(headquarters, item.key, f"value:{value.name.lower()}", second=None)
            assert _waiting(headquarters, "profile") == []
            with headquarters.database.reading() as session:
                assert session.get_one(Client, client.id).phone == dict(value.columns)["phone"]
