"""Two branches with headquarters between them, and money for each other's accounts on the road."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from banking import elsewhere, message_answers, messages
from banking.elsewhere import ElsewherePayment
from banking.inter_branch_matching import elimination, unmatched
from ledger.money import Money
from schema.accounts import LoanAccount, SavingsAccount
from schema.invariants import check_invariants
from schema.reference import Office
from tests.support.institution import HQ, TestInstitution, lend, register_savers, till_of

DAY = date(2026, 1, 6)


class Road:
    """Kitale and Eldoret with headquarters between them."""

    def __init__(self, root: Path) -> None:
        """Found them; Eldoret keeps a savings account and a loan."""
        self.all = TestInstitution.create(root, ("KIT", "ELW"))
        with self.all.open("ELW") as branch:
            register_savers(branch, ["Wanjiku"])
            lend(branch, "Kamau", Money(1_000_000))
            self.till_elw = till_of(branch)
        with self.all.open("KIT") as branch:
            self.till = till_of(branch)
            (self.kit_savings,) = register_savers(branch, ["Otieno"])
        for code in ("KIT", "ELW"):
            self.up(code)
            self.all.confirm(code)
            self.all.answer(code)
        with self.all.open(HQ) as hq, hq.database.reading() as session:
            self.offices = {row.code: row.id for row in session.scalars(select(Office))}
            self.savings = session.scalars(
                select(SavingsAccount.number).where(SavingsAccount.origin_office_id == self.offices["ELW"])
            ).one()
            self.loan = session.scalars(select(LoanAccount.number)).one()

    def up(self, code: str) -> None:
        """Carry a stick to headquarters."""
        folder, _ = self.all.send(code)
        self.all.receive(folder)

    def take(self, number: str, shillings: int) -> str:
        """Take money at Kitale for an account of Eldoret; gives the key on the receipt."""
        with self.all.open("KIT") as branch, branch.unit_of_work("payment_elsewhere.take", 1) as session:
            wanted = ElsewherePayment(
                other_office_id=self.offices["ELW"],
                account_number=number,
                amount=Money(shillings * 100),
                till_id=self.till,
            )
            return elsewhere.take(session, wanted, DAY).key

    def forward(self) -> tuple[list[str], list[tuple[str, str]]]:
        """Send on what came: keys that were sent, and account and reason of what was left."""
        with self.all.open(HQ) as hq, hq.unit_of_work("account_message.forward", 1) as session:
            done = messages.forward(session)
            return [one.key for one in done.sent], [
                (one.payment.account_number, one.reason) for one in done.left
            ]

    def apply(self, code: str) -> list[tuple[str, str, str]]:
        """Book what waits at a branch: key, outcome and reason of each."""
        with self.all.open(code) as branch, branch.unit_of_work("account_message.apply", 1) as session:
            return [
                (one.message.key, one.outcome, one.reason) for one in message_answers.apply_messages(session)
            ]

    def states(self) -> dict[str, list[str]]:
        """Give the states of all messages at headquarters by their keys."""
        with self.all.open(HQ) as hq, hq.database.reading() as session:
            found: dict[str, list[str]] = {}
            for one in messages.list_messages(session):
                found.setdefault(one.message.key, []).append(one.state)
            return found

    def open_transfers(self) -> dict[str, int]:
        """Give what is open between offices by key, at headquarters; the books must explain it."""
        with self.all.open(HQ) as hq, hq.database.reading() as session:
            assert not [check for check in check_invariants(session) if not check.ok]
            assert not elimination(session, date(2026, 12, 31)).unexplained
            return {row.key: row.open.minor for row in unmatched(session, date(2026, 12, 31))}
