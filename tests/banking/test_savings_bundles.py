"""Savings at headquarters: every kind of row that a branch writes merges there to equal digests."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from banking import savings
from banking.savings_closing import close_account
from banking.savings_dormancy import mark_dormant
from banking.savings_holds import add_holder, hold, release
from banking.savings_interest import post_interest_of_all
from banking.savings_transfers import transfer
from banking.standing_instructions import Order, add_instruction, run_standing_instructions
from ledger.money import Money
from schema.accounts import SavingsAccount
from schema.invariants import check_invariants
from schema.saving import StandingInstruction
from tests.support.institution import CLERK, FIRST_DAY, HQ, TestInstitution, register_savers

JAN_31 = date(2026, 1, 31)


def test_savings_of_a_branch_are_the_same_at_headquarters(tmp_path: Path) -> None:
    """Interest, holds, holders, transfers, instructions, a closing: first the rows, then their changes."""
    bank = TestInstitution.create(tmp_path)
    with bank.open("KIT") as branch:
        one, two, three = register_savers(branch, ["Wanjiku", "Achieng", "Mwangi"])
        with branch.unit_of_work("savings.work", CLERK) as session:
            for account in (one, two, three):
                savings.deposit(session, account, Money(500_000), FIRST_DAY)
            kept = hold(session, one, Money(100), FIRST_DAY, reason="guarantee").id
            other = session.get_one(SavingsAccount, two).client_id
            assert other is not None
            add_holder(session, one, other, FIRST_DAY)
            transfer(session, one, two, Money(2_000), FIRST_DAY)
            order = Order(to_savings_id=two, amount=Money(700), first_on=JAN_31)
            add_instruction(session, one, order)
    bank.receive(bank.send("KIT")[0])
    bank.confirm("KIT")
    with bank.open("KIT") as branch, branch.unit_of_work("day.close", CLERK) as session:
        assert [done.outcome for done in run_standing_instructions(session, JAN_31)] == ["done"]
        assert post_interest_of_all(session, JAN_31) == 3
        mark_dormant(session, JAN_31)
        release(session, kept, JAN_31)
        close_account(session, three, JAN_31)
    bank.answer("KIT")
    (result,) = bank.receive(bank.send("KIT")[0])
    assert (result.verdict, result.totals_agree) == ("ADMIT", True)
    here, there = bank.digests("KIT")
    assert here == there
    with bank.open(HQ) as headquarters, headquarters.database.reading() as session:
        assert [check for check in check_invariants(session) if not check.ok] == []
        assert session.get_one(SavingsAccount, three).status == "closed"
        moved_on = session.scalars(select(StandingInstruction.next_on)).one()
    assert moved_on == date(2026, 2, 28)
