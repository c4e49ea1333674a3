"""Payments from outside, from the list to the branch that books them and back."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from banking import incoming_payments, incoming_payments_sent
from banking.bank_errors import StatementRowsError
from banking.errors import NotReversibleError
from banking.incoming_payments import ListFile, Read
from banking.incoming_payments_errors import NoPaymentsError, PaymentFileKnownError, PaymentStateError
from banking.incoming_payments_files import Layout
from banking.incoming_payments_shown import list_bounced, list_payments, standing
from banking.inter_branch import reverse_leg
from banking.message_errors import MessageStateError, NoAccountError
from banking.messages import OutsidePayment, readdress, send_payment
from banking.savings_closing import close_account
from ledger.money import Money
from schema.accounts import SavingsAccount
from schema.cash import InterBranchLeg
from schema.payments import IncomingPayment
from sync.chain import HEAD_OFFICE_CHAIN
from tests.support.institution import HQ
from tests.support.payments import mobile_list
from tests.support.road import DAY, Road

BANK = "1130"


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """One road; the tests follow each other, on the day after the branches began."""
    made = Road(tmp_path_factory.mktemp("road"))
    made.all.clock.now += timedelta(days=1)
    return made


def read(road: Road, rows: Sequence[tuple[str, ...]]) -> Read:
    with road.all.open(HQ) as hq, hq.unit_of_work("read", 1, chain=HEAD_OFFICE_CHAIN) as session:
        wanted = ListFile(name="march.csv", content=mobile_list(rows), layout=Layout(), gl_code=BANK)
        return incoming_payments.read_file(session, wanted)


def by_receipt(road: Road) -> dict[str, IncomingPayment]:
    with road.all.open(HQ) as hq, hq.database.reading() as session:
        rows = session.scalars(select(IncomingPayment).order_by(IncomingPayment.id)).all()
        return {row.key.partition("-")[2]: row for row in rows}


def fates(road: Road) -> dict[str, str]:
    with road.all.open(HQ) as hq, hq.database.reading() as session:
        now = standing(session)
        assert now.balance == now.queued
        return {one.payment.key.partition("-")[2]: one.state for one in list_payments(session)}


def test_a_list_is_booked_and_whose_its_payments_are_is_found_or_left_open(road: Road) -> None:
    done = read(
        road,
        [
            ("N1", "440.00", "", road.loan.lower().replace("-", " ")),
            ("T1", "20.00", "0700 000 001", "for my savings"),
            ("W1", "7.00", "", "savings " + road.savings),
            ("U1", "5.00", "254799999999", "school"),
        ],
    )
    found = {one.key: (one.state, one.rule, one.reason) for one in done.payments}
    assert found["1130-N1"] == ("matched", "number", "")
    assert found["1130-W1"] == ("matched", "reference", "")
    assert found["1130-U1"] == ("unmatched", "", "NOTHING")
    assert found["1130-T1"] == ("unmatched", "", "NOTHING"), "nobody has that telephone"
    assert (done.file.payments, done.file.total, done.known) == (4, Money(47_200), 0)
    assert road.open_transfers() == {}
    assert set(fates(road).values()) == {"matched", "unmatched"}


def test_a_list_counts_once_and_so_does_a_payment_of_two_lists(road: Road) -> None:
    with pytest.raises(PaymentFileKnownError):
        read(
            road,
            [
                ("N1", "440.00", "", road.loan.lower().replace("-", " ")),
                ("T1", "20.00", "0700 000 001", "for my savings"),
                ("W1", "7.00", "", "savings " + road.savings),
                ("U1", "5.00", "254799999999", "school"),
            ],
        )
    with pytest.raises(StatementRowsError) as refused:
        read(road, [("U1", "6.00", "", "")])
    assert "another amount" in refused.value.faults[0].reason
    wanted = OutsidePayment(
        office_id=road.offices["ELW"],
        account_number=road.savings,
        amount=Money(900),
        gl_code=BANK,
        key="HAND",
    )
    with road.all.open(HQ) as hq, hq.unit_of_work("test", 1, chain=HEAD_OFFICE_CHAIN) as session:
        send_payment(session, wanted, DAY)
    done = read(road, [("U1", "5.00", "", ""), ("HAND", "9.00", "", ""), ("B1", "3.00", "", "Z-1")])
    assert ([one.key for one in done.payments], done.known) == (["1130-B1"], 2)


def test_what_is_found_is_sent_once_and_booked_by_the_keeper(road: Road) -> None:
    with road.all.open(HQ) as hq:
        with hq.unit_of_work("send", 1, chain=HEAD_OFFICE_CHAIN) as session:
            sent = incoming_payments_sent.send(session)
            assert [one.key for one in sent] == ["1130-N1", "1130-W1"]
        with (
            pytest.raises(NoPaymentsError),
            hq.unit_of_work("send", 1, chain=HEAD_OFFICE_CHAIN) as session,
        ):
            incoming_payments_sent.send(session)
        with hq.database.reading() as session:
            legs = session.scalars(select(InterBranchLeg).where(InterBranchLeg.key == "1130-N1")).all()
            assert [leg.amount for leg in legs] == [Money(-44_000)]
        with (
            pytest.raises(NotReversibleError),
            hq.unit_of_work("test", 1, chain=HEAD_OFFICE_CHAIN) as session,
        ):
            reverse_leg(session, legs[0].id, reason="by mistake", on=DAY)
    assert fates(road)["N1"] == "waiting"
    road.all.answer("ELW")
    assert {key: outcome for key, outcome, _ in road.apply("ELW")} == {
        "1130-N1": "booked",
        "1130-W1": "booked",
        "HAND": "booked",
    }
    road.up("ELW")
    assert (fates(road)["N1"], fates(road)["W1"]) == ("booked", "booked")
    assert road.open_transfers() == {}
    for code in ("ELW", "KIT"):
        here, there = road.all.digests(code)
        assert here.sha256 == there.sha256


def test_what_comes_back_is_taken_back_and_sent_to_another_account(road: Road) -> None:
    """A savings account that closed in the meantime: its branch bounces it, a person finds the right one."""
    lost = by_receipt(road)["B1"]
    with road.all.open(HQ) as hq:
        with hq.unit_of_work("match", 1, chain=HEAD_OFFICE_CHAIN) as session:
            with pytest.raises(NoAccountError):
                incoming_payments.match_by_person(session, lost.id, "Z-9", reason="guess")
            incoming_payments.match_by_person(session, lost.id, road.savings, reason="she rang")
        with hq.unit_of_work("send", 1, chain=HEAD_OFFICE_CHAIN) as session:
            incoming_payments_sent.send(session, [lost.id])
    with road.all.open("ELW") as branch, branch.unit_of_work("test", 1) as session:
        account = session.scalars(select(SavingsAccount).where(SavingsAccount.number == road.savings)).one()
        close_account(session, account.id, DAY)
    road.all.answer("ELW")
    assert road.apply("ELW") == [("1130-B1", "bounced", "STATUS")]
    road.up("ELW")
    assert fates(road)["B1"] == "bounced"
    with road.all.open(HQ) as hq:
        with hq.database.reading() as session:
            [one] = list_bounced(session)
            assert (one.payment.id, one.office, one.why) == (lost.id, "ELW", "STATUS")
        with hq.unit_of_work("back", 1, chain=HEAD_OFFICE_CHAIN) as session:
            back = incoming_payments_sent.take_back(session, lost.id, reason="closed")
            with pytest.raises(PaymentStateError):
                incoming_payments_sent.take_back(session, lost.id, reason="closed")
            bounced = back.message_id
        assert bounced is not None
        with pytest.raises(MessageStateError), hq.unit_of_work("test", 1) as session:
            readdress(session, bounced, number=road.loan, office_id=road.offices["ELW"], reason="x")
    assert fates(road)["B1"] == "unmatched"
    assert road.open_transfers() == {}
    with road.all.open(HQ) as hq, hq.unit_of_work("send", 1, chain=HEAD_OFFICE_CHAIN) as session:
        incoming_payments.match_by_person(session, lost.id, road.loan, reason="her loan")
        incoming_payments_sent.send(session)
    road.all.answer("ELW")
    assert road.apply("ELW") == [("1130-B1", "booked", "")]
    road.up("ELW")
    assert fates(road)["B1"] == "booked"
    assert road.open_transfers() == {}


def test_what_is_nobodys_is_set_aside_and_given_back(road: Road) -> None:
    rows = by_receipt(road)
    with road.all.open(HQ) as hq, hq.unit_of_work("aside", 1, chain=HEAD_OFFICE_CHAIN) as session:
        incoming_payments.set_aside(session, rows["U1"].id, reason="ask the payer")
        incoming_payments.unmatch(session, rows["U1"].id, reason="asked")
        incoming_payments.set_aside(session, rows["U1"].id, reason="not ours")
        incoming_payments_sent.return_to_payer(session, rows["U1"].id, reason="not ours")
        with pytest.raises(PaymentStateError):
            incoming_payments.set_aside(session, rows["U1"].id, reason="again")
        with pytest.raises(PaymentStateError):
            incoming_payments_sent.send(session, [rows["T1"].id])
    assert fates(road)["U1"] == "returned"
    with road.all.open(HQ) as hq, hq.database.reading() as session:
        assert standing(session).balance == Money(2_000), "only what no rule and no person found is left"
    assert road.open_transfers() == {}
