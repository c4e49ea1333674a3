"""Everything that cash and bank write at a branch stands at headquarters as the branch has it."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from banking import bank_reconciliation, cash, cash_counts, inter_branch, tills, vault
from banking.bank_files import Columns
from banking.bank_reconciliation import StatementFile
from banking.cash_counts import Counted
from banking.inter_branch import OfficeTransfer
from banking.inter_branch_matching import unmatched
from banking.users import find_user
from banking.vault import CashMove
from ledger.money import ZERO, Money
from schema.invariants import check_invariants
from schema.reference import Office
from sync.installation import Installation
from tests.support.institution import CLERK, FIRST_DAY, TestInstitution, till_of

STATEMENT = b"Date,Amount\n2026-01-05,-90000\n2026-01-06,-1.50\n"


def work_with_cash(branch: Installation, other_code: str) -> str:
    """Fill the vault, float, count, assign, send money and import a statement; gives the transfer's key."""
    till_id = till_of(branch)
    with branch.unit_of_work("cash.work", CLERK) as session:
        cash.create_till(session, kind="vault")
        safe = vault.find_vault(session, branch.place.office_id)
        admin = find_user(session, "admin")
        assert safe is not None
        assert admin is not None
        into = CashMove(kind="from_bank", amount=Money(9_000_000), to_till_id=safe.id, gl_code="1130")
        vault.move_cash(session, into, FIRST_DAY)
        given = CashMove(kind="float", amount=Money(50_000), to_till_id=till_id, pieces="100x5")
        vault.reverse_move(
            session, vault.move_cash(session, given, FIRST_DAY).id, reason="wrong", on=FIRST_DAY
        )
        vault.move_cash(session, given, FIRST_DAY)
        cash_counts.count_till(
            session, till_id, Counted(pieces="100x4 coins=99"), FIRST_DAY, reason="a coin is missing"
        )
        tills.set_cash_limit(session, till_id, Money(60_000))
        tills.assign_cashier(session, till_id, admin.id, FIRST_DAY, date(2026, 1, 9))
        tills.end_assignment(session, till_id, FIRST_DAY)
        statement = StatementFile(
            content=STATEMENT,
            columns=Columns(day="Date", amount="Amount"),
            opening=ZERO,
            closing=Money(-9_000_150),
        )
        bank_reconciliation.import_statement(session, "1130", statement)
        assert len(bank_reconciliation.match_automatically(session, "1130")) == 1
        other = session.scalars(select(Office.id).where(Office.code == other_code)).one()
        sent = OfficeTransfer(other_office_id=other, amount=Money(7_000), gl_code="1130")
        return inter_branch.send(session, sent, FIRST_DAY).key


def test_cash_and_bank_of_two_branches_merge_and_meet_at_headquarters(tmp_path: Path) -> None:
    """Digests are equal, all checks hold, and the transfer between the two is matched when both are there."""
    institution = TestInstitution.create(tmp_path, ("KIT", "NYE"))
    for code in ("KIT", "NYE"):
        institution.receive(institution.send(code)[0])
        institution.confirm(code)
        institution.answer(code)
    with institution.open("KIT") as branch:
        key = work_with_cash(branch, "NYE")
    assert all(result.verdict == "ADMIT" for result in institution.receive(institution.send("KIT")[0]))
    here, there = institution.digests("KIT")
    assert here == there
    with institution.open("hq") as headquarters, headquarters.database.reading() as session:
        (row,) = unmatched(session, date(2026, 1, 12))
        assert (row.key, row.office, row.other, row.open, row.days) == (key, "KIT", "NYE", Money(7_000), 7)
    with institution.open("NYE") as branch, branch.unit_of_work("transfer", CLERK) as session:
        sender = session.scalars(select(Office.id).where(Office.code == "KIT")).one()
        came = OfficeTransfer(other_office_id=sender, amount=Money(7_000), gl_code="1130", key=key)
        inter_branch.receive(session, came, FIRST_DAY)
    institution.receive(institution.send("NYE")[0])
    here, there = institution.digests("NYE")
    assert here == there
    with institution.open("hq") as headquarters, headquarters.database.reading() as session:
        assert unmatched(session, date(2026, 1, 12)) == []
        assert [check for check in check_invariants(session) if not check.ok] == []
