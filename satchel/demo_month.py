"""A month of work in one branch of the demonstration: every event a unit of work, as the pages do it.

What happens is drawn from a seeded source, so the same town lives through the same month each time.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select

from banking import repayments, savings
from banking.books import ManualLine, account_with_role, post_manual
from banking.cash import account_balance, create_till
from banking.clients import register_client
from banking.days import close_day, open_day
from banking.groups import create_center, create_group, create_staff
from banking.loans import apply, approve, disburse, dues
from banking.users import create_user
from ledger.money import ZERO, Money, total
from ledger.posting import Role
from satchel.demo_towns import Town
from schema.people import User
from schema.products import LoanProduct, SavingsProduct
from sync.installation import Installation

PASSWORD: Final = "demonstration"  # noqa: S105 - printed, and secret from nobody
"""Of every user and home of the demonstration."""

CASH, BANK, CAPITAL, RENT, TRANSPORT = "1110", "1130", "3100", "5320", "5330"
MEMBERS_OF_A_GROUP: Final = 7
OTHER_CLIENTS: Final = 8
OLD_LOANS_WEEKS: Final = 10
LEAST_CASH: Final = 60_000
MOST_CASH: Final = 300_000
MONDAY, TUESDAY, FRIDAY, SATURDAY = 1, 2, 5, 6
LATE: Final = 50
GONE, HARD_MONTH = 6, 4
PURPOSES: Final = (
    "maize seed",
    "school fees",
    "stock for the kiosk",
    "a dairy cow",
    "sewing machine",
    "motorcycle repair",
    "fertilizer",
    "charcoal trade",
)


class Clock:
    """A clock that is set to the days of the past month, and moves on each time somebody looks."""

    def __init__(self, day: date) -> None:
        self.set(day, 5)

    def __call__(self) -> datetime:
        """Give the instant, eleven seconds after the last one."""
        self._instant += timedelta(seconds=11)
        return self._instant

    def set(self, day: date, hour: int) -> None:
        """Set it to an hour (UTC) of a day."""
        self._instant = datetime.combine(day, time(hour), UTC)


def shillings(amount: int) -> Money:
    """Give whole shillings in minor units."""
    return Money(amount * 100)


def _habit(number: int) -> int:
    """Give how many of a hundred instalments the client with this number pays in time."""
    if number % 14 == GONE:
        return 0
    return 35 if number % 9 == HARD_MONTH else 96


@dataclass(slots=True)
class Person:
    """A client with savings and loans; ``pays`` is how many of a hundred instalments are paid in time."""

    client: int
    savings: int
    weekday: int | None
    pays: int
    loans: list[int]

    def comes_on(self, day: date) -> bool:
        """Whether the person's group meets; what a meeting on a Sunday brings is taken the day before."""
        return self.weekday is not None and min(self.weekday, SATURDAY) == day.isoweekday()


class Month:
    """One branch and its month. ``work`` lives through one day."""

    def __init__(self, branch: Installation, town: Town, clock: Clock) -> None:
        self.branch, self.town, self.clock = branch, town, clock
        self.chance = random.Random(f"month of {town.code}")  # noqa: S311 - repeatable, no secret
        self.people: list[Person] = []
        self.asked: list[tuple[int, Person]] = []
        self.approved: list[tuple[int, Person]] = []
        self.days = 0
        self.clerk = self.manager = self.till = self.save = 0
        self.loan_products: dict[str, int] = {}

    # --- before the first day --------------------------------------------------------------------

    def prepare(self, first_day: date) -> None:
        """Set up users, till, groups, clients and savings, and bring in the loans of the old books."""
        with self.branch.database.reading() as session:
            admin = session.scalars(select(User).order_by(User.id)).one().id
            self.loan_products = {p.code: p.id for p in session.scalars(select(LoanProduct))}
            save = select(SavingsProduct.id).where(SavingsProduct.code == "SAVE")
            self.save = session.scalars(save).one()
        town = self.town
        for colleague in (town.clerk, town.manager):
            with self.branch.unit_of_work("user.create", admin) as session:
                user = create_user(session, colleague.username, colleague.full_name, colleague.role, PASSWORD)
                if colleague is town.clerk:
                    self.clerk = user.id
                else:
                    self.manager = user.id
        with self.branch.unit_of_work("till.create", admin) as session:
            self.till = create_till(session, name="Counter").id
        self._meet_people(first_day)
        self._bring_in_loans(first_day)

    def _meet_people(self, first_day: date) -> None:
        with self.branch.unit_of_work("staff.create", self.manager) as session:
            officers = [create_staff(session, name).id for name in self.town.officers]
        with self.branch.unit_of_work("center.create", self.manager) as session:
            center = create_center(session, name=f"{self.town.villages[0]} market", officer_id=officers[0]).id
        for index, (name, weekday) in enumerate(self.town.groups):
            meeting = first_day - timedelta(days=(first_day.isoweekday() - weekday) % 7 + 7 * 20)
            with self.branch.unit_of_work("group.create", self.manager) as session:
                group = create_group(
                    session,
                    name=name,
                    center_id=center,
                    officer_id=officers[index % len(officers)],
                    meeting_weekday=weekday,
                    meeting_every_weeks=1,
                    first_meeting_on=meeting,
                ).id
            for _ in range(MEMBERS_OF_A_GROUP):
                self._register(group, weekday, meeting)
        for _ in range(OTHER_CLIENTS):
            self._register(None, None, first_day - timedelta(days=150))

    def _register(self, group: int | None, weekday: int | None, joined_on: date) -> None:
        chance, number = self.chance, len(self.people)
        town = self.town
        given_name, gender = town.given_names[number % len(town.given_names)]
        with self.branch.unit_of_work("client.register", self.clerk) as session:
            client = register_client(
                session,
                name=town.family_names[number % len(town.family_names)],
                given_name=given_name,
                gender=gender,
                born_on=date(chance.randint(1962, 2003), chance.randint(1, 12), chance.randint(1, 28)),
                phone=f"{town.telephone}{chance.randint(10, 99)} {chance.randint(100_000, 999_999)}",
                village=chance.choice(town.villages),
                group_id=group,
                joined_on=joined_on,
            ).id
        with self.branch.unit_of_work("savings.open", self.clerk) as session:
            account = savings.open_account(
                session, client_id=client, product_id=self.save, opened_on=joined_on
            ).id
            savings.deposit(session, account, shillings(chance.randint(4, 60) * 50), joined_on)
        self.people.append(Person(client, account, weekday, _habit(number), []))

    def _bring_in_loans(self, first_day: date) -> None:
        """Write loans of the last ten weeks from the old books; some of them stopped paying long ago."""
        for index, person in enumerate(self.people):
            if index % 2 == 1:
                continue
            weekday = person.weekday or FRIDAY
            back = (first_day.isoweekday() - weekday) % 7 or 7
            on = first_day - timedelta(days=back + 7 * (OLD_LOANS_WEEKS - 1))
            product = "WEEKLY" if person.weekday else "MONTHLY"
            amount = shillings(self.chance.randint(8, 24) * 1000)
            with self.branch.unit_of_work("loan.disburse", self.manager) as session:
                loan = apply(
                    session,
                    client_id=person.client,
                    product_id=self.loan_products[product],
                    principal=amount,
                    applied_on=on,
                    purpose=self.chance.choice(PURPOSES),
                ).id
                approve(session, loan, on)
                disburse(session, loan, on, note="from the old books")
            person.loans.append(loan)
            weeks = 4 if person.pays < LATE else OLD_LOANS_WEEKS
            for week in range(1, weeks):
                self._repay(person, loan, on + timedelta(weeks=week), at_counter=False)

    # --- a day -----------------------------------------------------------------------------------

    def work(self, day: date) -> None:
        """Open ``day``, serve everybody who comes, and close it with the cash counted."""
        self.clock.set(day, 6)
        first = self.days == 0
        counted = shillings(120_000) if first else self._cash()
        with self.branch.unit_of_work("day.open", self.manager) as session:
            open_day(session, day, counted)
        if first:
            self._journal(day, BANK, CAPITAL, 1_500_000, "Share capital paid in")
            self._journal(day, RENT, CASH, 12_000, "Rent of the office")
        if self._cash() < shillings(LEAST_CASH):
            self._journal(day, CASH, BANK, 150_000, "Cash fetched from the bank")
        self._hold_meetings(day)
        self._serve_counter(day)
        self._decide_loans(day)
        if day.isoweekday() == FRIDAY:
            self._journal(day, TRANSPORT, CASH, 1_500, "Fuel for the motorcycle")
            self._correct_a_mistake(day)
        if self._cash() > shillings(MOST_CASH):
            self._journal(day, BANK, CASH, 150_000, "Cash brought to the bank")
        self.days += 1
        short = shillings(20) if self.days % 11 == 0 else ZERO
        with self.branch.unit_of_work("day.close", self.manager) as session:
            close_day(session, self._cash() - short, reason="a coin is missing" if short else "")

    def _hold_meetings(self, day: date) -> None:
        for person in self.people:
            if person.comes_on(day):
                self._visit(person, day)

    def _serve_counter(self, day: date) -> None:
        for person in self.people:
            if person.weekday is None and day.isoweekday() == FRIDAY:
                self._visit(person, day)
        for person in self.chance.sample(self.people, 5):
            with self.branch.database.reading() as session:
                saved = savings.balance(session, person.savings)
            take = shillings(self.chance.randint(1, 6) * 100)
            if self.chance.randrange(3) == 0 and take < saved:
                with self.branch.unit_of_work("savings.withdraw", self.clerk) as session:
                    savings.withdraw(session, person.savings, take, day, till_id=self.till)
            else:
                self._deposit(person, shillings(self.chance.randint(2, 30) * 50), day)

    def _visit(self, person: Person, day: date) -> None:
        """Take the instalments that are due, as far as the person brings them, and some savings."""
        for loan in person.loans:
            self._repay(person, loan, day, at_counter=True)
        if self.chance.randrange(4):
            self._deposit(person, shillings(self.chance.randint(1, 4) * 50), day)

    def _repay(self, person: Person, loan: int, on: date, *, at_counter: bool) -> None:
        with self.branch.database.reading() as session:
            owed = total(due.owed for due in dues(session, loan) if due.due_date <= on)
        drawn = self.chance.randrange(100)
        if not owed or (at_counter and drawn >= person.pays):
            return
        part = Money(owed.minor // 200 * 100) if at_counter and drawn % 10 == 0 else owed
        with self.branch.unit_of_work("loan.repay", self.clerk) as session:
            repayments.post_repayment(
                session, loan, part or owed, on, till_id=self.till if at_counter else None
            )

    def _deposit(self, person: Person, amount: Money, day: date) -> None:
        with self.branch.unit_of_work("savings.deposit", self.clerk) as session:
            savings.deposit(session, person.savings, amount, day, till_id=self.till)

    def _correct_a_mistake(self, day: date) -> None:
        """Type a zero too many, take it back with its reason, and book what was meant."""
        person = self.people[self.days % len(self.people)]
        with self.branch.unit_of_work("savings.deposit", self.clerk) as session:
            wrong = savings.deposit(session, person.savings, shillings(5_000), day, till_id=self.till)
        reason = "a zero too many"
        with self.branch.unit_of_work("savings.reverse", self.clerk, reason) as session:
            savings.reverse(session, wrong, reason=reason, on=day)
        self._deposit(person, shillings(500), day)

    # --- loans of this month ---------------------------------------------------------------------

    def _decide_loans(self, day: date) -> None:
        """Pay out what was approved, approve what was asked for, and hear new wishes."""
        for loan, person in self._ready(day):
            with self.branch.unit_of_work("loan.disburse", self.clerk) as session:
                disburse(session, loan, day, till_id=self.till)
            with self.branch.unit_of_work("loan.fee", self.clerk) as session:
                repayments.charge_fee_and_pay(
                    session, loan, shillings(200), day, till_id=self.till, note="passbook"
                )
            person.loans.append(loan)
        for loan, person in self.asked:
            with self.branch.unit_of_work("loan.approve", self.manager) as session:
                approve(session, loan, day)
            self.approved.append((loan, person))
        self.asked = [(self._ask(person, day), person) for person in self._wishes(day)]

    def _ready(self, day: date) -> Iterator[tuple[int, Person]]:
        """Give the approved loans that are paid out today: those of a group when it meets."""
        waiting, self.approved = self.approved, []
        for loan, person in waiting:
            here = person.weekday is None or person.comes_on(day)
            if here and self._cash() > shillings(LEAST_CASH // 2):
                yield loan, person
            else:
                self.approved.append((loan, person))

    def _wishes(self, day: date) -> list[Person]:
        without = [person for person in self.people if not person.loans and self._asks(person)]
        return without[:1] if day.isoweekday() in {MONDAY, TUESDAY, FRIDAY} or self.days % 7 == 0 else []

    def _asks(self, person: Person) -> bool:
        return all(person is not other for _, other in (*self.asked, *self.approved))

    def _ask(self, person: Person, day: date) -> int:
        weekly = person.weekday is not None
        with self.branch.unit_of_work("loan.apply", self.clerk) as session:
            return apply(
                session,
                client_id=person.client,
                product_id=self.loan_products["WEEKLY" if weekly else "MONTHLY"],
                principal=shillings(self.chance.randint(6, 20) * (1000 if weekly else 2500)),
                applied_on=day,
                purpose=self.chance.choice(PURPOSES),
            ).id

    # --- books -----------------------------------------------------------------------------------

    def _cash(self) -> Money:
        with self.branch.database.reading() as session:
            return account_balance(
                session, account_with_role(session, Role.CASH), self.branch.place.office_id
            )

    def _journal(self, day: date, debit: str, credit: str, amount: int, note: str) -> None:
        sum_ = shillings(amount)
        lines = [ManualLine(debit, debit=sum_), ManualLine(credit, credit=sum_)]
        with self.branch.unit_of_work("journal.post", self.manager) as session:
            post_manual(session, lines, value_date=day, note=note)
