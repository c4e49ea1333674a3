"""A client moves to another branch, over real bundles: nothing is lost, nothing is done twice."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import client_arrivals, client_transfers, clients, loans, repayments, savings, savings_holds
from banking.client_transfers import BACK, IN, OUT, REFUSED
from banking.errors import NotReversibleError, StatusError
from banking.inter_branch_matching import elimination, unmatched
from banking.lending_errors import MoveBlockedError, MoveDoneError, MovePartsError, MoveStateError
from banking.reports import trial_balance
from ledger.errors import NotFoundError, RuleError
from ledger.money import ZERO, Money, total
from schema.accounts import LoanAccount, LoanTransaction, SavingsAccount
from schema.invariants import check_invariants
from schema.people import Client, ClientMove
from schema.products import ClientTransfer, ClientTransferPart, SavingsProduct
from schema.reference import Office
from sync.installation import Installation
from sync.verify import verify_books
from tests.support.institution import CLERK, FIRST_DAY, HQ, TestInstitution, lend

OLD, NEW = "KIT", "ELW"
DAY = FIRST_DAY


def act_on(installation: Installation, kind: str, work: Callable[[Session], object]) -> object:
    """Do something in one unit of work."""
    with installation.unit_of_work(kind, CLERK) as session:
        return work(session)


def prepare(bank: TestInstitution) -> int:
    """At the old branch: a client with a loan that was paid on, savings and a hold; gives the client's id."""
    with bank.open(OLD) as old:
        loan_id = lend(old, "Kamau", Money(100_000))
        with old.unit_of_work("savings.open", CLERK) as session:
            client_id = session.get_one(LoanAccount, loan_id).client_id
            assert client_id is not None
            clients.update_client(session, client_id, phone="0712 345678", village="Endebess")
            product = session.scalars(select(SavingsProduct).where(SavingsProduct.code == "SAVE")).one()
            account = savings.open_account(
                session, client_id=client_id, product_id=product.id, opened_on=FIRST_DAY
            )
            savings.deposit(session, account.id, Money(250_000), FIRST_DAY)
            savings_holds.hold(session, account.id, Money(20_000), FIRST_DAY, reason="court order 12")
            repayments.post_repayment(session, loan_id, Money(5_001), FIRST_DAY)
            return client_id


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> tuple[TestInstitution, int]:
    """Both branches confirmed, and everything of the old one at headquarters; a client's id there."""
    bank = TestInstitution.create(tmp_path_factory.mktemp("move") / "bank", (OLD, NEW))
    client_id = prepare(bank)
    with bank.open(NEW) as new:
        lend(new, "Barasa", Money(50_000))
    bank.receive(bank.send(OLD)[0], bank.send(NEW)[0])
    for code in (OLD, NEW):
        bank.confirm(code)
    return bank, client_id


@pytest.fixture
def bank(ready: tuple[TestInstitution, int], tmp_path: Path) -> TestInstitution:
    """Give an institution of this test's own."""
    return ready[0].copy_to(tmp_path / "bank")


@pytest.fixture
def client_id(ready: tuple[TestInstitution, int]) -> int:
    """Give the client who moves."""
    return ready[1]


def decide(bank: TestInstitution, client_id: int, on: date = DAY) -> int:
    """Decide at headquarters; gives the decision's id."""
    with bank.open(HQ) as hq, hq.unit_of_work("client.move", CLERK) as session:
        office = session.scalars(select(Office).where(Office.code == NEW)).one()
        return client_transfers.decide(session, client_id, office.id, on, reason="married").id


def hand_over(bank: TestInstitution, transfer_id: int) -> str:
    with bank.open(OLD) as old, old.unit_of_work("client.hand_over", CLERK) as session:
        return client_transfers.hand_over(session, transfer_id).direction


def take_over(bank: TestInstitution, transfer_id: int) -> str:
    with bank.open(NEW) as new, new.unit_of_work("client.take_over", CLERK) as session:
        return client_arrivals.take_over_client(session, transfer_id).move.direction


def send_all(bank: TestInstitution) -> None:
    """Bring both branches' books to headquarters, where every bundle is fine and its totals agree."""
    results = bank.receive(bank.send(OLD)[0], bank.send(NEW)[0])
    assert [(one.verdict, one.counts.exceptions, one.totals_agree) for one in results] == [
        ("ADMIT", 0, True)
    ] * 2


def consolidated(bank: TestInstitution) -> dict[str, Money]:
    """Give headquarters' trial balance over all branches by account name, those at zero left out."""
    with bank.open(HQ) as hq, hq.database.reading() as session:
        return {row.name: row.closing for row in trial_balance(session).accounts if row.closing}


def check_everything(bank: TestInstitution) -> None:
    """Chains, tables and invariants of all three homes; digests of both branches agree with headquarters."""
    for name in (HQ, OLD, NEW):
        with bank.open(name) as installation:
            assert [check for check in verify_books(installation) if not check.ok] == []
            with installation.database.reading() as session:
                assert [check for check in check_invariants(session) if not check.ok] == []
    for code in (OLD, NEW):
        here, there = bank.digests(code)
        assert here.sha256 == there.sha256


@pytest.mark.parametrize("order", [(hand_over, take_over), (take_over, hand_over)])
def test_a_client_moves_with_everything_in_either_order(
    bank: TestInstitution, client_id: int, order: tuple[Callable[[TestInstitution, int], str], ...]
) -> None:
    """Books of the whole institution are the same to the unit; between the branches nothing is left open."""
    before = consolidated(bank)
    transfer_id = decide(bank, client_id)
    bank.answer(OLD)
    bank.answer(NEW)
    assert {step(bank, transfer_id) for step in order} == {OUT, IN}
    send_all(bank)
    assert consolidated(bank) == before
    with bank.open(HQ) as hq, hq.database.reading() as session:
        assert unmatched(session, date(2026, 12, 31)) == []
        between = elimination(session, date(2026, 12, 31))
        assert (between.remaining, between.unexplained) == (ZERO, ZERO)
        assert dict(between.by_office)[OLD] == -dict(between.by_office)[NEW]
        old, new = session.scalars(select(Client).where(Client.name == "Kamau").order_by(Client.id)).all()
        assert (old.state, new.state, new.number) == ("moved", "active", "ELW-C-000002")
        assert (new.phone, new.village) == ("0712 345678", "Endebess")
        accounts = select(LoanAccount).where(LoanAccount.client_id.in_((old.id, new.id)))
        given, taken = session.scalars(accounts.order_by(LoanAccount.id)).all()
        assert (given.status, taken.status) == ("moved", "active")
        assert loans.outstanding(session, given.id).total == ZERO
        rows = loans.dues(session, taken.id)
        assert (len(rows), rows[0].number, rows[1].number) == (24, 2, 3)
        assert total(row.principal for row in rows) == taken.principal == Money(100_000) - Money(4_231)
        both = session.scalars(select(SavingsAccount).order_by(SavingsAccount.id)).all()
        assert [savings.balance(session, account.id) for account in both] == [ZERO, Money(250_000)]
        assert savings_holds.list_holds(session, both[1].id)[0].reason == "court order 12"
    check_everything(bank)


def test_interest_earned_before_the_day_comes_along(bank: TestInstitution, client_id: int) -> None:
    """Forty days later: the old branch posts what 2,500.00 at 4 % earned, and the new one owes it."""
    before = consolidated(bank)
    bank.clock.now += timedelta(days=40)
    transfer_id = decide(bank, client_id, DAY + timedelta(days=40))
    bank.answer(OLD)
    bank.answer(NEW)
    assert (hand_over(bank, transfer_id), take_over(bank, transfer_id)) == (OUT, IN)
    send_all(bank)
    earned = Money(1_098)  # 250,000 x ((1 + 0.04 / 365) ** 40 - 1) = 1,098.2
    with bank.open(HQ) as hq, hq.database.reading() as session:
        both = session.scalars(select(SavingsAccount).order_by(SavingsAccount.id)).all()
        assert [savings.balance(session, account.id) for account in both] == [ZERO, Money(250_000) + earned]
        assert (both[0].status, both[1].opened_on) == ("moved", DAY + timedelta(days=40))
    after = consolidated(bank)
    assert after.pop("Interest on savings") == earned
    assert after.pop("Voluntary savings") == before.pop("Voluntary savings") - earned
    assert after == before
    check_everything(bank)


def test_nothing_is_done_before_the_decision_nor_twice_nor_elsewhere(
    bank: TestInstitution, client_id: int
) -> None:
    """Each refusal has its name, and leaves the books as they were."""
    transfer_id = decide(bank, client_id)
    for step in (hand_over, take_over):
        with pytest.raises(NotFoundError):
            step(bank, transfer_id)
    bank.answer(OLD)
    bank.answer(NEW)
    with bank.open(NEW) as new, pytest.raises(MoveStateError):
        act_on(new, "client.hand_over", lambda s: client_transfers.hand_over(s, transfer_id))
    with bank.open(OLD) as old, pytest.raises(MoveStateError):
        act_on(old, "client.take_over", lambda s: client_arrivals.take_over_client(s, transfer_id))
    with bank.open(HQ) as hq, pytest.raises(MoveStateError):
        act_on(hq, "client.move", lambda s: client_transfers.decide(s, client_id, _office(s, NEW), DAY))
    for step in (hand_over, take_over):
        step(bank, transfer_id)
        with pytest.raises(MoveDoneError):
            step(bank, transfer_id)
    with bank.open(OLD) as old, old.unit_of_work("loan.repay", CLERK) as session:
        loan = session.scalars(select(LoanAccount).where(LoanAccount.client_id == client_id)).one()
        paid = session.scalars(select(LoanTransaction).where(LoanTransaction.kind == "repayment")).one()
        with pytest.raises(StatusError):
            repayments.post_repayment(session, loan.id, Money(100), DAY)
        with pytest.raises(NotReversibleError, match="moved"):
            repayments.reverse(session, paid, reason="wrong", on=DAY)
    send_all(bank)
    check_everything(bank)


def _office(session: Session, code: str) -> int:
    return session.scalars(select(Office.id).where(Office.code == code)).one()


def test_the_content_goes_to_the_new_branch_alone(bank: TestInstitution, client_id: int) -> None:
    """The old branch gets the decision and its digest; names and amounts travel to the new one only."""
    decide(bank, client_id)
    found = {}
    for code in (OLD, NEW):
        bank.answer(code)
        with bank.open(code) as branch, branch.database.reading() as session:
            pieces = session.scalars(select(ClientTransferPart.content)).all()
            decided = session.scalars(select(ClientTransfer)).one()
            found[code] = (decided.digest, "Kamau" in "".join(pieces))
    assert found[OLD] == (found[NEW][0], False)
    assert found[NEW][1]


def test_the_old_branch_refuses_when_something_moved_and_headquarters_decides_again(
    bank: TestInstitution, client_id: int
) -> None:
    """A payment came in between; the new branch, which was quicker, gives back; the second decision holds."""
    first = decide(bank, client_id)
    bank.answer(OLD)
    bank.answer(NEW)
    assert take_over(bank, first) == IN
    with bank.open(OLD) as old, old.unit_of_work("loan.repay", CLERK) as session:
        loan = session.scalars(select(LoanAccount).where(LoanAccount.client_id == client_id)).one()
        repayments.post_repayment(session, loan.id, Money(777), FIRST_DAY)
    assert hand_over(bank, first) == REFUSED
    with pytest.raises(MoveStateError, match="refused"):
        hand_over(bank, first)
    send_all(bank)
    with bank.open(HQ) as hq, hq.database.reading() as session:
        assert len(unmatched(session, date(2026, 12, 31))) == 2
    with pytest.raises(MoveStateError, match="give the accounts back"):
        decide(bank, client_id)
    with bank.open(NEW) as new, new.unit_of_work("client.give_back", CLERK) as session:
        assert client_arrivals.give_back(session, first, reason="headquarters asked").direction == BACK
    bank.receive(bank.send(NEW)[0])
    with bank.open(HQ) as hq, hq.database.reading() as session:
        assert unmatched(session, date(2026, 12, 31)) == []
    before = consolidated(bank)
    second = decide(bank, client_id)
    bank.answer(OLD)
    bank.answer(NEW)
    with bank.open(OLD) as old, old.database.reading() as session:
        states = session.scalars(select(ClientTransfer.state).order_by(ClientTransfer.id)).all()
        assert states == ["withdrawn", "decided"]
    assert (hand_over(bank, second), take_over(bank, second)) == (OUT, IN)
    send_all(bank)
    assert consolidated(bank) == before
    with bank.open(HQ) as hq, hq.database.reading() as session:
        assert [move.direction for move in session.scalars(select(ClientMove))].count(IN) == 2
    check_everything(bank)


def test_a_decision_is_withdrawn_and_then_nobody_carries_it_out(
    bank: TestInstitution, client_id: int
) -> None:
    """It travels down like the decision itself."""
    transfer_id = decide(bank, client_id)
    with bank.open(HQ) as hq:
        act_on(hq, "client.stay", lambda s: client_transfers.withdraw(s, transfer_id))
        with pytest.raises(MoveStateError):
            act_on(hq, "client.stay", lambda s: client_transfers.withdraw(s, transfer_id))
    bank.answer(OLD)
    bank.answer(NEW)
    for step in (hand_over, take_over):
        with pytest.raises(MoveStateError, match="withdrawn"):
            step(bank, transfer_id)


def test_without_its_content_nothing_is_taken_over(bank: TestInstitution, client_id: int) -> None:
    """A decision whose content did not come whole waits for the next bundle."""
    transfer_id = decide(bank, client_id)
    bank.answer(NEW)
    with bank.open(NEW) as new, new.database.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM client_transfer_part")
    with pytest.raises(MovePartsError):
        take_over(bank, transfer_id)


def test_what_must_be_settled_first_is_named(bank: TestInstitution, client_id: int) -> None:
    """An open application, a day before the last movement: headquarters is told what keeps the client."""
    with pytest.raises(MoveBlockedError, match="has a movement after"):
        decide(bank, client_id, DAY - timedelta(days=1))
    with bank.open(OLD) as old, old.unit_of_work("loan.apply", CLERK) as session:
        loan = session.scalars(select(LoanAccount).where(LoanAccount.client_id == client_id)).one()
        loans.apply(
            session,
            client_id=client_id,
            product_id=loan.product_id,
            principal=Money(10_000),
            applied_on=FIRST_DAY,
        )
    bank.receive(bank.send(OLD)[0])
    with pytest.raises(MoveBlockedError, match="application"):
        decide(bank, client_id)
    with pytest.raises(RuleError), bank.open(HQ) as hq:
        act_on(hq, "client.move", lambda s: client_transfers.decide(s, client_id, _office(s, OLD), DAY))
