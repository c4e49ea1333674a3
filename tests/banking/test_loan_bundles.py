"""What happens to a loan at a branch is the same at headquarters, row by row."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from banking import repayments
from banking.charge_reversals import take_back
from banking.loan_charges import put_amount
from banking.rescheduling import reschedule_loan
from ledger.money import Money
from ledger.rescheduling import Reschedule
from schema.accounts import LoanAccount, LoanTransaction
from schema.invariants import check_invariants
from schema.lending import LoanChange, LoanCharge
from sync.installation import Installation
from tests.support.institution import CLERK, FIRST_DAY, HQ, TestInstitution, lend

COUNTED = (LoanTransaction, LoanCharge, LoanChange)


def a_full_life(branch: Installation, loan_id: int) -> None:
    """Pay, pay late, charge, take back, reverse, change the terms, charge off: each in its unit of work."""
    with branch.unit_of_work("loan.repay", CLERK) as session:
        first = repayments.post_repayment(session, loan_id, Money(4500), FIRST_DAY + timedelta(30))
    with branch.unit_of_work("loan.repay", CLERK) as session:
        repayments.post_repayment(session, loan_id, Money(300), FIRST_DAY + timedelta(8))
    with branch.unit_of_work("loan.charge", CLERK) as session:
        kept = put_amount(session, loan_id, Money(500), FIRST_DAY + timedelta(5), name="Visit")
        gone = put_amount(session, loan_id, Money(200), FIRST_DAY + timedelta(9), name="Fine", penalty=True)
    with branch.unit_of_work("loan.charge", CLERK) as session:
        take_back(session, gone, FIRST_DAY + timedelta(31), reason="wrong client")
    change = Reschedule(from_date=FIRST_DAY + timedelta(49), extra_rows=2)
    with branch.unit_of_work("loan.reschedule", CLERK) as session:
        reschedule_loan(session, loan_id, change, FIRST_DAY + timedelta(32), reason="drought")
    with branch.unit_of_work("loan.reverse", CLERK) as session:
        repayments.reverse(session, first, reason="wrong loan", on=FIRST_DAY + timedelta(33))
    with branch.unit_of_work("loan.charge_off", CLERK) as session:
        repayments.charge_off(session, loan_id, FIRST_DAY + timedelta(200))
    assert kept.amount == Money(500)


def counts(installation: Installation) -> list[int]:
    """Count the rows of the tables that a loan's life fills."""
    with installation.database.reading() as session:
        return [session.execute(select(func.count()).select_from(model)).scalar_one() for model in COUNTED]


def test_adjustments_charges_and_changes_travel_and_merge(tmp_path: Path) -> None:
    """Digests agree, headquarters counts the same rows, and every check holds there too."""
    institution = TestInstitution.create(tmp_path)
    with institution.open("KIT") as branch:
        loan_id = lend(branch, "Wanjiku", Money(100_000))
        a_full_life(branch, loan_id)
        here = counts(branch)
    folder, _ = institution.send("KIT")
    (result,) = institution.receive(folder)
    assert result.verdict == "ADMIT", result
    assert result.totals_agree
    at_branch, at_hq = institution.digests("KIT")
    assert (at_branch.sha256, at_branch.cut) == (at_hq.sha256, at_hq.cut)
    with institution.open(HQ) as headquarters:
        assert counts(headquarters) == here
        assert min(here) > 0
        with headquarters.database.reading() as session:
            assert [check for check in check_invariants(session) if not check.ok] == []
            loan = session.scalars(select(LoanAccount)).one()
    assert loan.charged_off_on == FIRST_DAY + timedelta(200)
