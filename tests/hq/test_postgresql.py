"""Headquarters on PostgreSQL: the same books as on SQLite, proved by the same checks."""

from pathlib import Path

from banking.repayments import post_repayment
from ledger.money import Money
from schema.invariants import check_invariants
from sync.verify import verify_books
from tests.support.institution import (
    CLERK,
    FIRST_DAY,
    HQ,
    TestInstitution,
    lend,
    register_savers,
    till_of,
)
from tests.support.packs import faults_of_pack

BRANCHES = ("KIT", "GUL")


def test_headquarters_on_a_server_holds_the_branches_books(tmp_path: Path, postgres_url: str) -> None:
    """Two branches, a gap filled later, doubled bundles: equal digests, all checks hold, also without us."""
    bank = TestInstitution.create(tmp_path / "bank", BRANCHES, database=postgres_url)
    for code in BRANCHES:
        with bank.open(code) as branch:
            loan = lend(branch, f"Borrower of {code}", Money(400_000))
            till = till_of(branch)
        first, _ = bank.send(code)
        with bank.open(code) as branch:
            with branch.unit_of_work("loan.repay", CLERK) as session:
                post_repayment(session, loan, Money(50_000), FIRST_DAY, till_id=till)
            register_savers(branch, ["Amina", "Baraka"])
        second, _ = bank.send(code, since_last=True)
        assert [result.verdict for result in bank.receive(second)] == ["HOLD"]
        assert [result.verdict for result in bank.receive(first)] == ["ADMIT"]
        assert [result.verdict for result in bank.receive(first, second)] == ["NOOP", "NOOP"]
        here, there = bank.digests(code)
        assert (here.sha256, here.cut) == (there.sha256, there.cut)
        assert bank.confirm(code) == "active"
        assert [result.verdict for result in bank.answer(code)] == ["ADMIT"]
    with bank.open(HQ) as headquarters:
        assert not headquarters.database.is_sqlite
        failed = [check for check in verify_books(headquarters) if not check.ok]
        with headquarters.database.reading() as session:
            failed += [check for check in check_invariants(session) if not check.ok]
        assert faults_of_pack(headquarters, tmp_path / "pack") == []
    assert failed == []
