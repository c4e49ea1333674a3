"""A closed month and what comes after its close: late, closed again, opened again, at both sides alike."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import periods
from banking.books import post
from banking.closing.closing_periods import close_period
from banking.closing.snapshots import find_snapshot, snapshot_difference
from banking.closing.year_end import close_year_books
from banking.reports import REPORTS, to_json
from banking.reports.late_entries import late_sum
from banking.savings import deposit, reverse
from banking.users import create_user
from ledger.money import Money
from ledger.posting import entry_between
from schema.accounts import SavingsTransaction
from schema.invariants import check_invariants
from schema.reading import execute, fetch
from sync.late import DatedEntry, posting_days, settle_periods
from tests.support.institution import HQ, TestInstitution, register_savers, till_of

JANUARY, FEBRUARY, MARCH = "2026-01", "2026-02", "2026-03"
KEPT = ("trial-balance", "balance-sheet", "income-statement")


class Story:
    """Headquarters and Kitale, whose stick is late."""

    def __init__(self, root: Path) -> None:
        """Found both; the year 2026 is made and known at the branch."""
        self.both = TestInstitution.create(root)
        with self.both.open("KIT") as branch:
            (self.savings,) = register_savers(branch, ["Wanjiku"])
            self.till = till_of(branch)
        with self.both.open(HQ) as hq, hq.unit_of_work("period.make", 1) as session:
            periods.make_year(session, "gregorian", 2026)
            self.second = create_user(session, "amina", "Amina W", "accountant", "a password for tests").id
        self.bring()
        self.both.confirm("KIT")
        self.both.answer("KIT")

    def bring(self) -> None:
        """Carry a stick from Kitale to headquarters."""
        folder, _ = self.both.send("KIT")
        self.both.receive(folder)

    def save(self, on: date, shillings: int) -> None:
        """Post a deposit at Kitale, which keeps no business days."""
        with self.both.open("KIT") as branch, branch.unit_of_work("savings.deposit", 1) as session:
            deposit(session, self.savings, Money(shillings * 100), on, till_id=self.till)

    def close(self, name: str, now: datetime) -> None:
        """Close a month or a year at headquarters, with its checklist."""
        self.both.clock.now = max(now, self.both.clock.now)
        with self.both.open(HQ) as hq, hq.unit_of_work("period.close", 1) as session:
            close_period(session, name, None)

    def reopen(self, name: str) -> None:
        """Open it again."""
        with self.both.open(HQ) as hq, hq.unit_of_work("period.reopen", 1) as session:
            periods.reopen_period(session, name, None, reason="a stick came", approved_by_id=self.second)

    def late(self, where: str = HQ) -> list[tuple[str, str, str]]:
        """Give dated, shown and period of every late entry."""
        with self.both.open(where) as home, home.exclusive() as session:
            wrong = [check for check in check_invariants(session) if not check.ok]
            assert not wrong
            stored = dict(fetch(session, "SELECT journal_entry_id, posted_on FROM late_entry"))
            assert self.anew(session) == stored
            return [
                (row[0], row[1], row[2])
                for row in fetch(
                    session, "SELECT booked_on, posted_on, period_name FROM late_entry ORDER BY booked_on"
                )
            ]

    @staticmethod
    def anew(session: Session) -> dict[int, str]:
        """Give what folding every entry anew would say."""
        rows = fetch(session, "SELECT id, origin_office_id, booked_on, kind FROM journal_entry")
        return posting_days(session, [DatedEntry(*row) for row in rows])

    def totals(self, where: str) -> list[tuple[object, ...]]:
        """Give the daily totals."""
        with self.both.open(where) as home, home.database.reading() as session:
            return list(fetch(session, "SELECT * FROM gl_day_total ORDER BY 1, 2, 3"))

    def differs(self, as_of: date) -> list[str]:
        """Name the reports of a closed day that are another one now than when the month was closed."""
        with self.both.open(HQ) as hq, hq.database.reading() as session:
            return [
                name
                for name in KEPT
                if find_snapshot(session, name, as_of, None)
                != json.loads(json.dumps(to_json(REPORTS[name](session, as_of=as_of), 2)))
            ]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One story; its tests follow each other."""
    story = Story(tmp_path_factory.mktemp("late"))
    story.save(date(2026, 1, 12), 100)
    story.bring()
    story.close(JANUARY, datetime(2026, 2, 2, 8, tzinfo=UTC))
    story.save(date(2026, 1, 20), 30)
    story.save(date(2026, 2, 2), 7)
    story.bring()
    return story


def test_a_late_bundle_changes_no_closed_books(story: Story) -> None:
    """What is dated in closed January counts on the first of February; January stays as it was closed."""
    assert story.late() == [("2026-01-20", "2026-02-01", FEBRUARY)]
    assert story.differs(date(2026, 1, 31)) == []
    with story.both.open(HQ) as hq, hq.database.reading() as session:
        report = REPORTS["late-entries"](session, as_of=date(2026, 12, 31))
        assert (report.figure("count"), report.figure("amount")) == (1, 3000)
        assert late_sum(session).amount == Money(3000)
        lines = REPORTS["general-ledger"](session, as_of=date(2026, 12, 31)).records()
        [late] = {(row["on"], row["booked_on"]) for row in lines if row["on"] != row["booked_on"]}
        assert late == ("2026-02-01", "2026-01-20")
        assert snapshot_difference(session, "trial-balance", date(2026, 1, 31), None, 2).differences
        asked_late = REPORTS["trial-balance"](session, as_of=date(2026, 1, 31), late=True)
        assert asked_late.figure("debit") == 13_000


def test_the_branch_learns_it_with_the_next_answer(story: Story) -> None:
    """Until then its books show the day of the entry; afterwards both sides have the same totals."""
    assert story.late("KIT") == []
    assert story.totals("KIT") != story.totals(HQ)
    story.both.answer("KIT")
    assert story.late("KIT") == story.late()
    assert story.totals("KIT") == story.totals(HQ)


def test_opened_again_it_counts_on_its_day_and_stays_when_it_is_closed_again(story: Story) -> None:
    """A new version without the close brings it back; the next cut holds it."""
    story.reopen(JANUARY)
    assert story.late() == []
    story.both.answer("KIT")
    assert story.totals("KIT") == story.totals(HQ)
    story.close(JANUARY, story.both.clock.now)
    assert story.late() == []
    assert story.differs(date(2026, 1, 31)) == []
    with story.both.open(HQ) as hq, hq.database.reading() as session:
        cuts = fetch(session, "SELECT cut FROM period WHERE name = ? ORDER BY version", JANUARY)
        assert [row[0] is None for row in cuts] == [True, False, False, False]
        assert cuts[1] == cuts[2] != cuts[3]


def test_a_month_closed_with_a_late_entry_keeps_it(story: Story) -> None:
    """What was known when February was closed stays there; what comes then for January goes to March."""
    story.save(date(2026, 1, 25), 11)
    story.bring()
    story.close(FEBRUARY, datetime(2026, 3, 2, 8, tzinfo=UTC))
    story.save(date(2026, 1, 26), 13)
    story.bring()
    assert story.late() == [("2026-01-25", "2026-02-01", FEBRUARY), ("2026-01-26", "2026-03-01", MARCH)]
    assert story.differs(date(2026, 1, 31)) == story.differs(date(2026, 2, 28)) == []
    story.both.answer("KIT")
    assert story.totals("KIT") == story.totals(HQ)


def test_settling_is_the_same_from_anywhere(story: Story) -> None:
    """Totals by the entries' own days, settled once, are the totals that came about step by step."""
    before = story.totals(HQ)
    with story.both.open(HQ) as hq, hq.exclusive() as session:
        execute(session, "DELETE FROM late_entry", [()])
        execute(session, "DELETE FROM gl_day_total", [()])
        execute(
            session,
            "INSERT INTO gl_day_total SELECT l.origin_office_id, l.gl_account_id, e.booked_on, "
            "sum(l.debit), sum(l.credit) FROM journal_line AS l "
            "JOIN journal_entry AS e ON e.id = l.journal_entry_id GROUP BY 1, 2, 3",
            [()],
        )
        execute(session, "DELETE FROM gl_month_total", [()])
        execute(
            session,
            "INSERT INTO gl_month_total SELECT origin_office_id, gl_account_id, "
            "substr(booked_on, 1, 7) || '-01', sum(debit), sum(credit) FROM gl_day_total GROUP BY 1, 2, 3",
            [()],
        )
        assert settle_periods(session) == 2
        assert settle_periods(session) == 0
    assert story.totals(HQ) == before


def test_a_year_s_closing_entry_stands_in_its_closed_december(story: Story) -> None:
    """Years decide about it: it is written when all months are closed, for the last day of the year."""
    for month in range(3, 13):
        year, after = (2027, 1) if month == 12 else (2026, month + 1)
        story.close(f"2026-{month:02}", datetime(year, after, 2, 8, tzinfo=UTC))
    story.both.answer("KIT")
    with story.both.open("KIT") as branch, branch.unit_of_work("year.close", 1) as session:
        close_year_books(session, "2026")
    story.bring()
    assert [row for row in story.late() if row[0] == "2026-12-31"] == []
    assert story.differs(date(2026, 12, 31)) == []


def test_of_two_reversals_the_first_counts_where_its_closed_month_lets_it(story: Story) -> None:
    """One is dated in closed January: it counts in February. The other is an exception and in no balance."""
    with story.both.open(HQ) as hq, hq.unit_of_work("period.make", 1) as session:
        periods.make_year(session, "gregorian", 2027)
    story.both.answer("KIT")
    story.save(date(2027, 1, 10), 21)
    story.bring()
    story.close("2027-01", datetime(2027, 2, 2, 8, tzinfo=UTC))
    with story.both.open("KIT") as branch:
        with branch.unit_of_work("savings.reverse", 1) as session:
            saved = session.scalars(
                select(SavingsTransaction).order_by(SavingsTransaction.id.desc()).limit(1)
            ).one()
            reverse(session, saved, reason="typed twice", on=date(2027, 1, 20))
        before = story.totals("KIT")
        with branch.unit_of_work("savings.reverse", 1) as session:
            deposits, cash = (
                row[0]
                for row in fetch(
                    session,
                    "SELECT gl_account_id FROM journal_line WHERE journal_entry_id = ? ORDER BY credit DESC",
                    saved.journal_entry_id,
                )
            )
            post(
                session,
                entry_between("reversal", "deposits", "cash", Money(2_100)),
                {"deposits": deposits, "cash": cash},
                value_date=date(2027, 2, 2),
                reverses_id=saved.journal_entry_id,
            )
        assert story.totals("KIT") != before
    story.bring()
    assert [row for row in story.late() if row[0] > "2027"] == [("2027-01-20", "2027-02-01", "2027-02")]
    with story.both.open(HQ) as hq, hq.database.reading() as session:
        assert [row[0] for row in fetch(session, "SELECT code FROM exception")] == ["REVERSED_TWICE"]
        [sums] = fetch(
            session,
            "SELECT sum(debit), sum(credit) FROM gl_day_total WHERE gl_account_id = ? AND booked_on > ?",
            deposits,
            "2027",
        )
        assert sums == (2_100, 2_100)
