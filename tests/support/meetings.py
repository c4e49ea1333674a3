"""A center with members who owe something at its meetings, and their sheet, for tests of any room."""

from dataclasses import dataclass
from datetime import date, timedelta

from banking import clients, groups, loans, savings
from banking.sheets import drafts
from banking.sheets.columns import ATTENDANCE
from banking.sheets.keyed import KeyedSheet, read_keyed
from banking.sheets.plan import plan_sheet
from banking.sheets.posting import PostedSheet, post_sheet
from banking.sheets.sheets import print_sheet
from ledger.money import Money, format_major
from tests.support.books import Books, money
from tests.support.lending import DAY

MEETING = DAY + timedelta(days=7)
"""The first meeting at which a loan that was paid out on ``DAY`` falls due."""

LOAN_SLOT, MUST_SLOT, SAVE_SLOT = "loan:WEEKLY:1", "savings:MUST", "savings:SAVE"
TAKE_SLOT, FINE_SLOT, PAY_OUT_SLOT = "withdrawal:SAVE", "charge:fine", "disbursement"


@dataclass
class Met:
    """A center that meets weekly from ``MEETING`` on; members by their place on the sheet, from 1."""

    books: Books
    center_id: int
    group_id: int
    client_ids: list[int]
    sheet_id: int = 0

    def lend(self, line: int, amount: str = "1000.00", code: str = "WEEKLY", *, pay_out: bool = True) -> int:
        """Give a member a loan, paid out on ``DAY`` or only approved."""
        books = self.books
        with books.work("loan.disburse") as session:
            loan = loans.apply(
                session,
                client_id=self.client_ids[line - 1],
                product_id=books.loan_product(code).id,
                principal=money(amount),
                applied_on=DAY,
            )
            loans.approve(session, loan.id, DAY)
            if pay_out:
                loans.disburse(session, loan.id, DAY)
            return loan.id

    def save(self, line: int, code: str = "SAVE", amount: str = "", opened_on: date = MEETING) -> int:
        """Open savings of a member, with a deposit brought in."""
        books = self.books
        with books.work("savings.open") as session:
            account = savings.open_account(
                session,
                client_id=self.client_ids[line - 1],
                product_id=books.savings_product(code).id,
                opened_on=opened_on,
            )
            if amount:
                savings.deposit(session, account.id, money(amount), opened_on)
            return account.id

    def print(self, on: date = MEETING) -> int:
        """Print the sheet of a meeting; gives its id."""
        with self.books.work("sheet.print") as session:
            plan = plan_sheet(session, center_id=self.center_id, meeting_on=on)
            self.sheet_id = print_sheet(session, plan, self.books.now).id
        self.books.today = on
        return self.sheet_id

    def key(self, line: int, slot: str, typed: str) -> None:
        """Key a cell as a page does: by itself."""
        with self.books.database.writing() as session:
            drafts.key_cell(session, self.sheet_id, line, slot, typed, 1, self.books.now)

    def mark(self, line: int, mark: str) -> None:
        """Key how somebody was at the meeting."""
        self.key(line, ATTENDANCE, mark)

    def accept(self) -> int:
        """Accept everything else as due."""
        with self.books.database.writing() as session:
            return drafts.accept_all_as_due(session, self.sheet_id, 1, self.books.now)

    def keyed(self) -> KeyedSheet:
        """Read the sheet with its draft."""
        with self.books.look() as session:
            return read_keyed(session, self.sheet_id, self.books.today)

    def post(self, counted: Money | None = None, **further: object) -> PostedSheet:
        """Post the sheet; without another amount the cash that was counted is what was keyed."""
        total = self.keyed().total if counted is None else counted
        with self.books.work("sheet.post") as session:
            return post_sheet(session, self.sheet_id, total, self.books.till_id, **further)  # type: ignore[arg-type]  # by name

    def typed_due(self, line: int, slot: str) -> str:
        """Give what a clerk would type who types what is due now."""
        return format_major(self.keyed().lines[line - 1].cells[slot].due, self.books.digits)


def meet(books: Books, members: int = 3) -> Met:
    """Set up a center with one group of so many members."""
    with books.work("center") as session:
        center = groups.create_center(
            session,
            name="Kibera",
            meeting_weekday=MEETING.isoweekday(),
            meeting_every_weeks=1,
            first_meeting_on=MEETING,
        )
        group = groups.create_group(session, name="Upendo", center_id=center.id)
        ids = [
            clients.register_client(session, name=f"Member {number:02}", group_id=group.id).id
            for number in range(1, members + 1)
        ]
    return Met(books, center.id, group.id, ids)


def borrowers(books: Books, members: int = 3) -> Met:
    """Set up a center whose members have a weekly loan, mandatory and voluntary savings each."""
    met = meet(books, members)
    for line in range(1, members + 1):
        met.lend(line)
        met.save(line, "MUST")
        met.save(line, "SAVE", "200.00")
    return met
