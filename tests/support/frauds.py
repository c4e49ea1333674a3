"""An honest month of a branch with twenty frauds in it, done through the program's own services.

What the program refuses is done as somebody would who changed the program: the numbers of receipts, an entry
on a control account. What leaves no trace in the books is planted too, so that the figures stay honest.
"""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import select

from banking import books, numbers, repayments, savings
from banking.approvals import approve_request, request_approval
from banking.books import account_with_role
from banking.cash import create_till
from banking.cash_counts import Counted, count_till
from banking.clients import register_client
from banking.loan_from_savings import pay_from_savings
from banking.loans import apply, approve, disburse, dues
from banking.numbers import Receipt
from banking.prints import RECEIPT, record_print
from banking.till_cash import get_till, till_cash
from banking.users import create_user
from ledger.money import Money, total
from ledger.posting import Account, Role, entry_between
from satchel.demo_month import PASSWORD, Month, shillings
from satchel.demo_towns import KITALE
from schema.accounts import LoanAccount, SavingsAccount, SavingsTransaction
from schema.people import Client, User
from sync.installation import Installation
from tests.support.planted import MonthClock, Planted

FIRST_DAY: Final = date(2026, 10, 5)
DAYS: Final = [day for nr in range(27) if (day := FIRST_DAY + timedelta(nr)).isoweekday() < 7]
EVENING, MORNING = 19, 3
"""Hours of UTC: 22 and 6 o'clock at the branch."""


REAL_NUMBERS: Final = numbers.receipt_number


class Frauds(Month):
    """A month in which a clerk, ``joyce``, steals; everybody else is honest, and now and then wrong."""

    def __init__(self, branch: Installation, clock: "MonthClock", seed: str = "twenty") -> None:
        super().__init__(branch, KITALE, clock)
        self.instants = clock
        self.dice = random.Random(seed)
        self.planted: list[Planted] = []
        self.joyce = self.other_name = self.second_till = 0
        self.asleep: list[int] = []
        self.plan: dict[int, list[Callable[[date], None]]] = {}

    def live(self) -> None:
        """Live through the month, the frauds on days of their own."""
        self.prepare(FIRST_DAY)
        self._hire()
        order = list(range(2, len(DAYS) - 1))
        self.dice.shuffle(order)
        for nr, fraud in zip(order, self._frauds(), strict=False):
            self.plan.setdefault(nr, []).append(fraud)
        for day in DAYS:
            self.work(day)

    def _serve_counter(self, day: date) -> None:
        super()._serve_counter(day)
        self._honest_things(day)
        for fraud in self.plan.get(self.days, []):
            fraud(day)
        if self.days % 5 == 3:
            self._keep_some_cash(day)

    # --- who and what is there -------------------------------------------------------------------

    def _hire(self) -> None:
        admin = self._admin()
        for name, full_name, role in (
            ("joyce", "Joyce Naliaka", "clerk"),
            ("jnaliaka", "J. Naliaka", "manager"),
        ):
            with self.branch.unit_of_work("user.create", admin) as session:
                made = create_user(session, name, full_name, role, PASSWORD).id
            self.joyce, self.other_name = (made, self.other_name) if role == "clerk" else (self.joyce, made)
        with self.branch.unit_of_work("till.create", admin) as session:
            self.second_till = create_till(session, name="Second counter").id
        with self.branch.unit_of_work("client.register", self.clerk) as session:
            register_client(
                session, name="Wekesa", given_name="Samuel", phone="+254 722 123 456", joined_on=FIRST_DAY
            )
        for given_name in ("Grandmother", "Grandfather"):
            self.asleep.append(self._old_savings(given_name))

    def _admin(self) -> int:
        with self.branch.database.reading() as session:
            return session.scalars(select(User.id).where(User.username == "admin")).one()

    def _old_savings(self, given_name: str) -> int:
        long_ago = FIRST_DAY - timedelta(days=300)
        with self.branch.unit_of_work("savings.open", self.clerk) as session:
            client = register_client(session, name="Nasimiyu", given_name=given_name, joined_on=long_ago)
            account = savings.open_account(
                session, client_id=client.id, product_id=self.save, opened_on=long_ago
            ).id
            savings.deposit(session, account, shillings(12_000), long_ago)
            return account

    def _honest_things(self, day: date) -> None:
        """A request that somebody looks at before it is approved; an owner who comes back; a late sheet."""
        if self.days % 6 == 1:
            self._ask_and_approve(day, self.clerk, self.manager, minutes=25)
        if self.days == 15:
            with self.branch.unit_of_work("savings.withdraw", self.clerk) as session:
                savings.withdraw(session, self.asleep[1], shillings(500), day, till_id=self.till)
        if self.days == 10:
            with self.branch.unit_of_work("savings.deposit", self.clerk) as session:
                savings.deposit(
                    session,
                    self.people[3].savings,
                    shillings(150),
                    day - timedelta(days=1),
                    till_id=self.till,
                )
        for person in self.dice.sample(self.people, 2):  # the second counter has honest customers too
            with self.branch.unit_of_work("savings.deposit", self.joyce) as session:
                amount = shillings(self.dice.randint(2, 30) * 50)
                savings.deposit(session, person.savings, amount, day, till_id=self.second_till)

    def _note(self, kind: str, *marks: tuple[str, str]) -> None:
        known = next((one for one in self.planted if one.kind == kind), None)
        if known is None:
            known = Planted(kind)
            self.planted.append(known)
        known.marks |= set(marks)

    def _frauds(self) -> list[Callable[[date], None]]:
        return [
            self.ghost_client,
            self.lapping,
            self.reversal_after_receipt,
            self.own_reversal,
            self.skipped_receipt,
            self.same_receipt,
            self.cured_arrears,
            self.dead_loan_kept_young,
            self.dormant_emptied,
            self.round_inventions,
            self.evergreen,
            self.from_anothers_savings,
            self.by_hand_on_control,
            self.two_log_ins,
            self.after_hours,
            self.clock_back,
            self.never_paid,
            self.entered_less,
            self.for_a_sunday,
        ]

    # --- the frauds ------------------------------------------------------------------------------

    def ghost_client(self, day: date) -> None:
        """A borrower who is not there, reached under the officer's telephone."""
        loan, number = self._invented_loan(day, "Ghost", "0722 123456")
        self._note("ghost client with the officer's telephone", ("client", number), ("loan", loan))

    def never_paid(self, _day: date) -> None:
        """An invented borrower on whose loan nothing ever comes; paid out on the first days."""
        self._note("invented loan, never paid", *self._early)

    def prepare(self, first_day: date) -> None:
        """Set the branch up; one invented loan lies among those of the old books."""
        super().prepare(first_day)
        loan, number = self._invented_loan(first_day - timedelta(days=9), "Nobody", "0733 999888", cash=False)
        self._early = [("client", number), ("loan", loan)]

    def _invented_loan(self, day: date, name: str, phone: str, *, cash: bool = True) -> tuple[str, str]:
        with self.branch.unit_of_work("client.register", self.clerk) as session:
            client = register_client(session, name=name, given_name="Mary", phone=phone, joined_on=day)
            client_id, number = client.id, client.number
        with self.branch.unit_of_work("loan.apply", self.clerk) as session:
            loan = apply(
                session,
                client_id=client_id,
                product_id=self.loan_products["WEEKLY"],
                principal=shillings(9_000),
                applied_on=day,
            )
            loan_id, loan_number = loan.id, loan.number
        with self.branch.unit_of_work("loan.approve", self.manager) as session:
            approve(session, loan_id, day)
        with self.branch.unit_of_work("loan.disburse", self.clerk) as session:
            disburse(session, loan_id, day, till_id=self.till if cash else None)
        return loan_number, number

    def lapping(self, day: date) -> None:
        """A payment of last week is entered only now: another client's money covered it meanwhile."""
        entry = self._pay(self._running()[0], shillings(400), day - timedelta(days=6))
        self._note("lapping: entered days after it was paid", ("entry", entry))

    def cured_arrears(self, day: date) -> None:
        """A late loan is paid up with the date of a day on which it was not yet late."""
        entry = self._pay(self._running(late=True)[0], shillings(900), day - timedelta(days=9))
        self._note("arrears cured by an earlier date", ("entry", entry))

    def _pay(self, loan: int, amount: Money, on: date) -> str:
        with self.branch.unit_of_work("loan.repay", self.joyce) as session:
            paid = repayments.post_repayment(session, loan, amount, on, till_id=self.second_till)
            return str(paid.journal_entry_id)

    def _running(self, *, late: bool = False) -> list[int]:
        """Give running loans with something owed: those that pay, or those that stopped."""
        wanted = [p for p in self.people if p.loans and (p.pays == 0) == late]
        return [loan for person in wanted for loan in person.loans if self._owes(loan)]

    def _owes(self, loan: int) -> bool:
        with self.branch.database.reading() as session:
            return total(due.owed for due in dues(session, loan)) > shillings(3_000)

    def reversal_after_receipt(self, day: date) -> None:
        """The client leaves with a receipt; then the deposit is taken back and the money kept."""
        made = self._deposit_of(self.people[5].savings, shillings(2_350), day)
        with self.branch.database.writing() as session:
            record_print(session, self.clock(), self.joyce, RECEIPT, made.receipt)
        self._take_back(made, day, self.manager)
        self._note("taken back after the receipt was printed", ("subject", made.receipt))

    def own_reversal(self, day: date) -> None:
        """A deposit is taken back by who took it, before anything was printed."""
        made = self._deposit_of(self.people[6].savings, shillings(1_750), day)
        self._take_back(made, day, self.joyce)
        self._note("taken back by who had taken it", ("subject", made.receipt), ("marked", str(made.id)))

    def _deposit_of(self, account: int, amount: Money, day: date) -> SavingsTransaction:
        with self.branch.unit_of_work("savings.deposit", self.joyce) as session:
            return savings.deposit(session, account, amount, day, till_id=self.second_till)

    def _take_back(self, made: SavingsTransaction, day: date, by: int) -> None:
        with self.branch.unit_of_work("savings.reverse", by, "wrong account") as session:
            again = session.get_one(SavingsTransaction, made.id)
            back = savings.reverse(session, again, reason="wrong account", on=day)
            entry = str(back.journal_entry_id)
        self._note(
            "taken back by who had taken it"
            if by == self.joyce
            else "taken back after the receipt was printed",
            ("entry", entry),
        )

    def skipped_receipt(self, day: date) -> None:
        """A changed program gives out a number that it never enters."""

        def one_later(session: Any, till: int | None, kept: str) -> Receipt:  # noqa: ANN401 - as the real one
            real = REAL_NUMBERS(session, till, kept)
            sequence = (real.sequence or 0) + 1
            return Receipt(f"{real.text.rpartition('-')[0]}-{sequence:06d}", real.till, sequence)

        receipt = self._with_numbers(one_later, day)
        self._note("a receipt that was never entered", ("subject", receipt))

    def same_receipt(self, day: date) -> None:
        """A changed program gives two clients the same number."""
        first = self._deposit_of(self.people[8].savings, shillings(650), day)

        def the_same(_session: Any, _till: int | None, _kept: str) -> Receipt:  # noqa: ANN401 - as the real one
            return Receipt(first.receipt, first.receipt_till, first.receipt_sequence)

        self._note("one number on two receipts", ("subject", self._with_numbers(the_same, day)))

    def _with_numbers(self, numbers: Callable[[Any, int | None, str], Receipt], day: date) -> str:
        with pytest.MonkeyPatch.context() as changed:
            changed.setattr(savings, "receipt_number", numbers)
            return self._deposit_of(self.people[9].savings, shillings(850), day).receipt

    def dead_loan_kept_young(self, day: date) -> None:
        """A little on a loan that nobody pays, again and again."""
        loan = self._running(late=True)[-1]
        for _ in range(4):
            self._pay(loan, shillings(60), day)
        with self.branch.database.reading() as session:
            number = session.get_one(LoanAccount, loan).number
        self._note("small part payments on a dead loan", ("loan", number))

    def dormant_emptied(self, day: date) -> None:
        """Savings that slept for ten months are woken by a coin and emptied."""
        with self.branch.unit_of_work("savings.withdraw", self.joyce) as session:
            savings.deposit(session, self.asleep[0], shillings(50), day, till_id=self.second_till)
            taken = savings.withdraw(
                session, self.asleep[0], shillings(11_500), day, till_id=self.second_till
            )
            entry, account = str(taken.journal_entry_id), taken.savings_account_id
        with self.branch.database.reading() as session:
            number = session.get_one(SavingsAccount, account).number
        self._note("dormant savings emptied", ("savings", number), ("entry", entry))

    def round_inventions(self, day: date) -> None:
        """Withdrawals that nobody made, all of them of whole thousands."""
        for person in self.people[:22]:
            with self.branch.unit_of_work("savings.deposit", self.joyce) as session:
                savings.deposit(session, person.savings, shillings(1_000), day, till_id=self.second_till)
            with self.branch.unit_of_work("savings.withdraw", self.joyce) as session:
                savings.withdraw(session, person.savings, shillings(1_000), day, till_id=self.second_till)
        self._note("round amounts that were invented", ("case", "round-amounts joyce"))

    def evergreen(self, day: date) -> None:
        """A loan is paid off and a new one paid out over the counter the same day."""
        loan = self._running()[1]
        with self.branch.database.reading() as session:
            client = session.get_one(LoanAccount, loan).client_id
            owed = total(due.owed for due in dues(session, loan))
        self._pay(loan, owed, day)
        with self.branch.unit_of_work("loan.apply", self.clerk) as session:
            product = self.loan_products["WEEKLY"]
            new = apply(session, client_id=client, product_id=product, principal=owed, applied_on=day)
            new_id, number = new.id, new.number
        with self.branch.unit_of_work("loan.approve", self.manager) as session:
            approve(session, new_id, day)
        with self.branch.unit_of_work("loan.disburse", self.clerk) as session:
            disburse(session, new_id, day, till_id=self.till)
        self._note("paid off and lent again the same day", ("loan", number))

    def from_anothers_savings(self, day: date) -> None:
        """A loan is paid from somebody's savings."""
        loan = self._running()[2]
        with self.branch.unit_of_work("loan.repay", self.joyce) as session:
            entry = pay_from_savings(session, loan, self._rich(), shillings(300), day).journal_entry_id
        self._note("paid from another client's savings", ("entry", str(entry)))

    def _rich(self) -> int:
        with self.branch.database.reading() as session:
            return max(self.people[20:], key=lambda p: savings.balance(session, p.savings).minor).savings

    def by_hand_on_control(self, day: date) -> None:
        """A hole in the loans is covered by an entry that the program's own pages refuse."""
        with self.branch.unit_of_work("journal.post", self.manager) as session:
            accounts: dict[Account, int] = {
                role: account_with_role(session, role) for role in (Role.LOAN_PORTFOLIO, Role.CASH)
            }
            entry = entry_between("manual", Role.LOAN_PORTFOLIO, Role.CASH, shillings(700))
            posted = books.post(session, entry, accounts, value_date=day, note="correction")
            number = str(posted.id)
        self._note("by hand on the loan portfolio", ("entry", number))

    def two_log_ins(self, day: date) -> None:
        """One person asks under one name and approves under another."""
        subject = self._ask_and_approve(day, self.joyce, self.other_name, minutes=0)
        self._note("approved under a second log-in", ("subject", subject))

    def _ask_and_approve(self, day: date, asker: int, approver: int, *, minutes: int) -> str:
        person = self.people[self.days % 10]
        with self.branch.database.reading() as session:
            account = session.get_one(SavingsAccount, person.savings).number
            client = session.get_one(Client, person.client).number
        subject = f"Deposit of {client} on {day}"
        fields = {"account": account, "amount": "450.00", "on": day.isoformat(), "till": "1"}
        with self.branch.unit_of_work("approval.ask", asker) as session:
            request = request_approval(session, "savings.deposit", fields, subject, shillings(450)).id
        if minutes:
            self.instants.set_time(self.clock() + timedelta(minutes=minutes))
        with self.branch.unit_of_work("approval.approve", approver) as session:
            approve_request(session, request)
        return subject

    def after_hours(self, day: date) -> None:
        """Money is taken out when everybody has gone home."""
        self.clock.set(day, EVENING)
        with self.branch.unit_of_work("savings.withdraw", self.joyce) as session:
            taken = savings.withdraw(session, self._rich(), shillings(350), day, till_id=self.second_till)
            entry = str(taken.journal_entry_id)
        self._note("entered at night", ("entry", entry))

    def clock_back(self, day: date) -> None:
        """The clock is set back, so that an entry looks as if it had been made in the morning."""
        before = self.clock()
        self.clock.set(day, MORNING + 1)
        made = self._deposit_of(self.people[11].savings, shillings(550), day)
        self.instants.set_time(before)
        self._note("entered with the clock set back", ("entry", str(made.journal_entry_id)))

    def _keep_some_cash(self, day: date) -> None:
        """A little is missing at the second counter, again and again."""
        with self.branch.unit_of_work("till.count", self.joyce) as session:
            held = till_cash(session, get_till(session, self.second_till))
            counted = Counted(amount=held - shillings(60 + self.days), reason="coins")
            count_till(session, self.second_till, counted, day, reason="coins")
        self._note("a little missing from one till, often", ("case", "over-short joyce"))

    def for_a_sunday(self, day: date) -> None:
        """Money is taken out in the name of a Sunday, when the owner cannot have come."""
        sunday = day - timedelta(days=day.isoweekday())
        with self.branch.unit_of_work("savings.withdraw", self.joyce) as session:
            taken = savings.withdraw(session, self._rich(), shillings(250), sunday, till_id=self.second_till)
            entry = str(taken.journal_entry_id)
        self._note("entered for a Sunday", ("entry", entry))

    def entered_less(self, day: date) -> None:
        """The client gives 900 and 300 are entered; the paper was written by hand. Nothing shows it."""
        made = self._deposit_of(self.people[13].savings, shillings(300), day)
        self._note("entered less than was given", ("marked", str(made.id)))
