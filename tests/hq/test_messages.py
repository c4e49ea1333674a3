"""Money for other branches' accounts, and what headquarters asks of their keepers, by sticks."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from banking import client_arrivals, client_transfers, elsewhere, messages
from banking.account_lookup import find_account
from banking.elsewhere import ElsewherePayment
from banking.inter_branch import reverse_leg
from banking.message_errors import MessageKeyError, MessageStateError, NoAccountError, OwnAccountError
from banking.messages import AGAIN, BOOKED, BOUNCED, WAITING, OutsidePayment
from banking.repayments import post_repayment, reverse
from ledger.money import Money
from schema.accounts import LoanTransaction, SavingsAccount
from schema.cash import InterBranchLeg
from schema.messages import AccountMessage, MessageAnswer
from schema.people import Client
from schema.writing import insert
from sync.chain import HEAD_OFFICE_CHAIN
from tests.support.institution import HQ
from tests.support.road import DAY, Road


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """One road; the tests follow each other."""
    return Road(tmp_path_factory.mktemp("road"))


def test_a_payment_at_another_branch_is_booked_by_the_keeper(road: Road) -> None:
    """Taken at Kitale, sent on by headquarters, booked at Eldoret; once, and matched in the end."""
    saved, repaid, lost = road.take(road.savings, 20), road.take(road.loan.lower(), 440), road.take("X-9", 5)
    assert len({saved, repaid, lost}) == 3
    road.up("KIT")
    sent, left = road.forward()
    assert (sent, [number for number, _ in left]) == ([saved, repaid], ["X-9"])
    assert road.forward() == ([], left)
    assert set(road.open_transfers()) == {saved, repaid, lost}
    assert road.apply("ELW") == []
    road.all.answer("ELW")
    assert road.apply("ELW") == [(saved, BOOKED, ""), (repaid, BOOKED, "")]
    assert road.apply("ELW") == []
    road.up("ELW")
    assert road.states() == {saved: [BOOKED], repaid: [BOOKED]}
    assert road.open_transfers() == {lost: -500}
    with road.all.open("ELW") as branch, branch.database.reading() as session:
        paid = session.scalars(select(LoanTransaction).where(LoanTransaction.kind == "repayment")).one()
        assert (paid.amount, paid.value_date, paid.till_id) == (Money(44_000), DAY, None)
    for code in ("ELW", "KIT"):
        here, there = road.all.digests(code)
        assert here.sha256 == there.sha256


def test_what_has_no_account_is_sent_by_hand_or_given_back(road: Road) -> None:
    """A wrong number is put right at headquarters; what its branch gave back is not sent."""
    back = road.take("X-10", 3)
    with road.all.open("KIT") as branch, branch.unit_of_work("inter_branch.reverse", 1) as session:
        leg = session.scalars(select(InterBranchLeg).where(InterBranchLeg.key == back)).one()
        reverse_leg(session, leg.id, reason="the payer came back", on=DAY)
        assert [one.taken_back for one in elsewhere.list_taken(session)] == [True, False, False, False]
        own = session.get_one(SavingsAccount, road.kit_savings).number
        wanted = ElsewherePayment(
            other_office_id=road.offices["ELW"], account_number=own, amount=Money(100), till_id=road.till
        )
        with pytest.raises(OwnAccountError):
            elsewhere.take(session, wanted, DAY)
    road.up("KIT")
    with road.all.open(HQ) as hq, hq.unit_of_work("account_message.forward_to", 1) as session:
        [lost] = messages.not_sent(session)
        with pytest.raises(NoAccountError):
            messages.forward_to(session, lost.payment.id, road.offices["ELW"], "X-9", reason="typed wrong")
        sent = messages.forward_to(
            session, lost.payment.id, road.offices["ELW"], road.savings, reason="typed wrong"
        )
        assert messages.not_sent(session) == []
        with pytest.raises(MessageKeyError):
            messages.forward_to(session, lost.payment.id, road.offices["ELW"], road.savings, reason="again")
    road.all.answer("ELW")
    assert road.apply("ELW") == [(sent.key, BOOKED, "")]
    road.up("ELW")
    assert road.open_transfers() == {}


def test_money_that_came_to_headquarters_is_booked_once(road: Road) -> None:
    """The outside reference is the key: a second time is refused, and a message twice is one entry."""
    wanted = OutsidePayment(
        office_id=road.offices["ELW"],
        account_number=road.savings,
        amount=Money(7_700),
        gl_code="1120",
        key="MP-QX71",
    )
    with road.all.open(HQ) as hq:
        with hq.unit_of_work("account_message.payment", 1, chain=HEAD_OFFICE_CHAIN) as session:
            first = messages.send_payment(session, wanted, DAY)
        with (
            pytest.raises(MessageKeyError),
            hq.unit_of_work("account_message.payment", 1, chain=HEAD_OFFICE_CHAIN) as session,
        ):
            messages.send_payment(session, wanted, DAY)
        names = ("office_id", "kind", "key", "account_number", "amount", "on")
        with hq.unit_of_work("test", 1) as session:
            insert(session, AccountMessage(**{name: getattr(first, name) for name in names}))
    road.all.answer("ELW")
    assert road.apply("ELW") == [("MP-QX71", BOOKED, "")] * 2
    with road.all.open("ELW") as branch, branch.database.reading() as session:
        newest = select(MessageAnswer.journal_entry_id).order_by(MessageAnswer.id.desc()).limit(2)
        assert len(set(session.scalars(newest))) == 1
    road.up("ELW")
    assert road.open_transfers() == {}


def test_headquarters_asks_for_an_entry_to_be_taken_back(road: Road) -> None:
    """A void is the keeper's own reversal; what was reversed in the meantime is bounced."""
    with road.all.open("ELW") as branch, branch.unit_of_work("loan.repay", 1) as session:
        loan = find_account(session, road.loan, road.offices["ELW"])
        assert loan is not None
        first = post_repayment(session, loan.id, Money(1_000), DAY, till_id=road.till_elw)
        second = post_repayment(session, loan.id, Money(2_000), DAY, till_id=road.till_elw)
        of_message = session.scalars(
            select(LoanTransaction).where(LoanTransaction.amount == Money(44_000))
        ).one()
    road.up("ELW")
    for row in (first, second, of_message):
        with road.all.open(HQ) as hq, hq.unit_of_work("decide", 1) as session:
            void = AccountMessage(
                office_id=road.offices["ELW"],
                kind="void",
                key=f"void-{row.id}",
                account_number=road.loan,
                row_id=row.id,
                on=DAY,
                reason="posted twice",
            )
            insert(session, void)
    road.all.answer("ELW")
    with road.all.open("ELW") as branch, branch.unit_of_work("loan.reverse", 1) as session:
        reverse(session, session.get_one(LoanTransaction, second.id), reason="seen here too", on=DAY)
    assert [(outcome, reason) for _, outcome, reason in road.apply("ELW")] == [
        (BOOKED, ""),
        (BOUNCED, "ALREADY_REVERSED"),
        (BOOKED, ""),
    ]
    road.up("ELW")
    [key] = road.open_transfers()
    assert road.open_transfers()[key] == -44_000, "the money of the other branch is open again"


def test_an_account_that_moved_bounces_the_message_which_is_addressed_again(road: Road) -> None:
    """The client moved to Kitale while two messages were on their way to Eldoret."""
    taken = road.take(road.savings, 9)
    road.all.clock.now += timedelta(days=7)
    road.up("KIT")
    road.forward()
    with road.all.open(HQ) as hq, hq.unit_of_work("client_transfer.decide", 1) as session:
        client = session.scalars(
            select(Client.id).where(Client.origin_office_id == road.offices["ELW"]).order_by(Client.id)
        ).first()
        assert client is not None
        transfer = client_transfers.decide(
            session, client, road.offices["KIT"], hq.clock().date(), reason="nearer home"
        ).id
    road.all.answer("ELW")
    with road.all.open("ELW") as branch, branch.unit_of_work("client_transfer.hand_over", 1) as session:
        assert client_transfers.hand_over(session, transfer).direction == "out"
    assert road.apply("ELW") == [(taken, BOUNCED, "MOVED")]
    road.up("ELW")
    with road.all.open(HQ) as hq, hq.unit_of_work("account_message.readdress", 1) as session:
        [bounced] = [one.message.id for one in messages.list_messages(session) if one.message.key == taken]
        with pytest.raises(MessageStateError, match="not taken the account over"):
            messages.readdress(session, bounced)
    road.all.answer("KIT")
    with road.all.open("KIT") as branch, branch.unit_of_work("client_transfer.take_over", 1) as session:
        arrival = client_arrivals.take_over_client(session, transfer)
    road.up("KIT")
    with road.all.open(HQ) as hq, hq.unit_of_work("account_message.readdress", 1) as session:
        again = messages.readdress(session, bounced)
        assert again.account_number == arrival.savings[0].number
        with pytest.raises(MessageStateError):
            messages.readdress(session, bounced)
    assert road.states()[taken] == [WAITING, AGAIN]
    before = set(road.open_transfers())
    road.all.answer("KIT")
    assert road.apply("KIT") == [(taken, BOOKED, "")]
    road.up("KIT")
    assert road.states()[taken] == [BOOKED, AGAIN]
    assert before - set(road.open_transfers()) == {taken}
