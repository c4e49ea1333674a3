"""Headquarters with something of everything that waits for a person, made once and copied for each test."""

import shutil
from pathlib import Path

from sqlalchemy import select

from banking.repayments import post_repayment
from ledger.money import Money
from schema.accounts import LoanAccount
from sync.export import write_branch_bundle
from sync.installation import Installation
from tests.support.forging import copy_of, forge
from tests.support.headquarters import (
    FIRST,
    LATER,
    admin_of,
    copy_headquarters,
)
from tests.support.institution import FIRST_DAY, TestInstitution, passphrase_of, register_savers, till_of

CLONE = "KIT-clone"
KIT, ELW, NAK = 2, 5, 8
"""Device numbers of the branches."""


def make_doubts(made: TestInstitution, root: Path) -> TestInstitution:
    """Import everything: ELW with a gap, KIT from two laptops that were one, NAK against a rule."""
    bank = copy_headquarters(made, root)
    for code in ("KIT", "ELW"):
        bank.receive(bank.root / FIRST)
        bank.confirm(code)
    bank.receive(bank.root / LATER)
    _break_a_rule(bank)
    _clone(bank)
    return bank


def _break_a_rule(bank: TestInstitution) -> None:
    """NAK's first bundle, with a client that it made in the name of another office."""
    with bank.open("NAK") as branch:
        register_savers(branch, ["Nekesa"])
        forge(branch, copy_of(branch, "client", 1, origin_office_id=7))
    bank.receive(bank.send("NAK")[0])
    bank.confirm("NAK")


def _clone(bank: TestInstitution) -> None:
    """KIT's home is copied, and the loan repaid on both: 10.00 on one, 20.00 and 5.00 on the other."""
    shutil.copytree(bank.root / "KIT", bank.root / CLONE)
    for home, amounts in (("KIT", (1_000,)), (CLONE, (2_000, 500))):
        with Installation.open(str(bank.root / home), passphrase_of("KIT"), clock=bank.clock) as branch:
            for amount in amounts:
                repay(branch, Money(amount))
            folder = bank.root / f"from-{home}"
            folder.mkdir()
            write_branch_bundle(branch, folder)
        bank.receive(folder)


def repay(branch: Installation, amount: Money) -> str:
    """Take a repayment on the branch's only loan; gives the receipt's number."""
    with branch.database.reading() as session:
        loan = session.scalars(select(LoanAccount.id).order_by(LoanAccount.id)).one()
    till = till_of(branch)
    with branch.unit_of_work("loan.repay", admin_of(branch)) as session:
        return post_repayment(session, loan, amount, FIRST_DAY, till_id=till).receipt
