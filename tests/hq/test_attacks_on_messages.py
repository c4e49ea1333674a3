"""Attacks on money that travels between branches, by a branch that signs what its program never would."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from banking import messages
from banking.message_errors import MessageStateError
from banking.messages import BOOKED, TWICE, WAITING
from ledger.money import Money
from schema.cash import InterBranchLeg
from schema.messages import AccountMessage, PaymentElsewhere
from schema.writing import insert
from sync.changeset import INSERT, Op, Value
from sync.installation import Installation
from tests.support.forging import copy_of, forge, forged_id
from tests.support.institution import HQ
from tests.support.road import DAY, Road


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """One road; the tests follow each other."""
    return Road(tmp_path_factory.mktemp("attacked") / "road")


def _message_id(road: Road, key: str) -> int:
    with road.all.open(HQ) as hq, hq.database.reading() as session:
        return session.scalars(select(AccountMessage.id).where(AccountMessage.key == key)).one()


def _payment(branch: Installation, number: int, **changed: Value) -> Op:
    return copy_of(branch, "payment_elsewhere", number, **changed)


def _answer(branch: Installation, message_id: int, outcome: str) -> Op:
    new: Mapping[str, Value] = {
        "origin_office_id": branch.place.office_id,
        "message_id": message_id,
        "outcome": outcome,
        "reason": "MOVED",
        "on": DAY.isoformat(),
        "journal_entry_id": None,
    }
    return Op("message_answer", INSERT, forged_id(branch, len(outcome)), dict(new), None)


def test_an_answer_of_an_office_that_was_not_asked_does_not_count(road: Road) -> None:
    """Kitale says bounced, then booked, of a message to Eldoret: it waits, and goes to nobody else."""
    key = road.take(road.savings, 30)
    road.up("KIT")
    road.forward()
    message_id = _message_id(road, key)
    road.all.answer("KIT")
    for outcome in ("bounced", "booked"):
        with road.all.open("KIT") as branch:
            forge(branch, _answer(branch, message_id, outcome))
        road.up("KIT")
        assert road.states()[key] == [WAITING]
        with road.all.open(HQ) as hq, hq.database.reading() as session:
            assert messages.count_to_do(session) == 0
    with (
        pytest.raises(MessageStateError),
        road.all.open(HQ) as hq,
        hq.unit_of_work("account_message.readdress", 1) as session,
    ):
        messages.readdress(session, message_id, number=road.loan, reason="it bounced")
    road.all.answer("ELW")
    assert road.apply("ELW") == [(key, BOOKED, "")]
    road.up("ELW")
    assert road.states()[key] == [BOOKED]


def test_a_payment_that_was_never_booked_is_not_sent(road: Road) -> None:
    """A row that claims a million on a leg of thirty, another one's leg or none: no message carries it."""
    with road.all.open("KIT") as branch:
        with branch.database.reading() as session:
            real = session.scalars(select(PaymentElsewhere)).one()
            key = real.key
        forge(branch, _payment(branch, 101, key="KIT-E9-MILLION", amount=100_000_000))
        leg = copy_of(branch, "inter_branch_leg", 102, key="KIT-E9-LEG", amount=-100_000_000)
        forge(branch, leg, _payment(branch, 103, key="KIT-E9-LEG", amount=100_000_000))
        forge(branch, _payment(branch, 104, key=key, amount=100_000_000))
    road.up("KIT")
    assert road.forward() == ([], [])
    assert set(road.states()) == {key}


def test_a_key_of_another_office_takes_no_money_away(road: Road) -> None:
    """Eldoret books under a key of Kitale first: Kitale's money is sent by hand, and booked beside it."""
    taken = road.take(road.savings, 40)
    with road.all.open(HQ) as hq, hq.unit_of_work("test", 1) as session:
        first = session.scalars(select(AccountMessage)).first()
        assert first is not None
        names = ("office_id", "kind", "account_number", "amount", "on")
        twin = AccountMessage(key=taken, **{name: getattr(first, name) for name in names})
        insert(session, twin)
    road.all.answer("ELW")
    assert road.apply("ELW") == [(taken, BOOKED, "")]
    road.up("KIT")
    assert road.forward() == ([], [(road.savings, TWICE)])
    with road.all.open(HQ) as hq, hq.unit_of_work("account_message.forward_to", 1) as session:
        [left] = messages.not_sent(session)
        messages.forward_to(
            session, left.payment.id, road.offices["ELW"], road.savings, reason="two offices, one key"
        )
    road.all.answer("ELW")
    assert road.apply("ELW") == [(taken, BOOKED, "")]
    with road.all.open("ELW") as branch, branch.database.reading() as session:
        legs = session.scalars(select(InterBranchLeg.amount).where(InterBranchLeg.key == taken))
        assert sorted(legs) == [Money(3_000), Money(4_000)]
