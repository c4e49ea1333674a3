"""The books of a large branch: the size that its pages must bear on an old laptop.

Clients, loans and savings are made by the services that clerks use. The many lines of its journal's past are
written in bulk, without changesets: pages and reports only read them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select

from banking.cash import create_till
from banking.clients import register_client
from banking.days import open_day
from banking.groups import create_center, create_group, create_staff
from banking.loans import apply, approve, disburse
from banking.savings import deposit, open_account
from banking.users import create_user
from benchmarks.books import CLERK, Clock, add_branch, make_headquarters, open_home
from ledger.money import Money
from schema.base import first_id, to_milliseconds
from schema.products import LoanProduct, SavingsProduct
from schema.reading import execute, fetch
from schema.writing import cut_when_full
from sync.installation import Installation

PASSWORD: Final = "a password for measuring"  # noqa: S105 - of users who live for minutes
TODAY: Final = date(2026, 3, 31)
MEMBERS_OF_A_CENTER, MEMBERS_OF_A_GROUP = 40, 10
ROWS_OF_A_LOAN: Final = 50
PAST_DAYS: Final = 300
ENTRIES_AT_ONCE: Final = 10_000
PAST_COUNTERS: Final = 1 << 38
"""Rows of the past get ids far above those that the branch gives."""

_RECORDED = to_milliseconds(datetime(2026, 1, 1, tzinfo=UTC))
_LINE = (
    "INSERT INTO journal_line "
    "(id, origin_office_id, journal_entry_id, gl_account_id, currency, debit, credit) "
    "VALUES (?, ?, ?, ?, 'KES', ?, ?)"
)
_ENTRY = (
    "INSERT INTO journal_entry (id, origin_office_id, kind, value_date, booked_on, recorded_at, note) "
    "VALUES (?, ?, ?, ?, ?, ?, '')"
)
_TOTALS = (
    "INSERT INTO gl_day_total (origin_office_id, gl_account_id, booked_on, debit, credit) "
    "SELECT l.origin_office_id, l.gl_account_id, e.booked_on, sum(l.debit), sum(l.credit) "
    "FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id GROUP BY 1, 2, 3"
)
_GIVEN = ("Amina", "Wanjirũ", "Achieng", "Fátima", "Rosé", "Naliaka", "Chebet", "Zawadi", "Ngozi", "Habiba")
_FAMILY = ("Kamau", "Ōkoth", "Wekesa", "Barasa", "Kiprop", "Mutua", "Odhiambo", "Simiyu", "Were", "Juma")


@dataclass(frozen=True, slots=True)
class Size:
    """How large the books are. The last center has three times the members: a sheet of 120 rows."""

    clients: int = 5_000
    loans: int = 8_000
    lines: int = 1_000_000


@contextmanager
def open_large_branch(folder: Path, size: Size) -> Iterator[Installation]:
    """Open the branch below ``folder``; make it first where there is none. Its day is open."""
    clock = Clock()
    home = folder / "KIT"
    if not home.exists():
        with open_home(make_headquarters(folder, clock), clock) as headquarters:
            add_branch(headquarters, folder, "KIT", clock)
        clock._now = datetime(TODAY.year, TODAY.month, TODAY.day, 4, tzinfo=UTC)  # noqa: SLF001 - early
        with open_home(home, clock) as branch:
            _fill(branch, size)
    clock._now = datetime(TODAY.year, TODAY.month, TODAY.day, 6, tzinfo=UTC)  # noqa: SLF001 - that day
    with open_home(home, clock) as branch:
        yield branch


def _fill(branch: Installation, size: Size) -> None:
    """Fill the books: people, accounts, and the journal's past."""
    with branch.unit_of_work("user.create", CLERK) as session:
        create_till(session)
        create_user(session, "clara", "Clara Wanyama", "clerk", PASSWORD)
        create_user(session, "moses", "Moses Wanyama", "manager", PASSWORD)
    clients = _register(branch, size.clients)
    _lend(branch, clients, size.loans)
    with branch.unit_of_work("day.open", CLERK) as session:
        open_day(session, TODAY, Money(50_000_000))
    _write_past(branch, size.lines)


def _register(branch: Installation, wanted: int) -> list[int]:
    """Register clients in groups of ten that meet in centers of forty, the last center of 120, on the day."""
    found: list[int] = []
    with branch.bulk_work("client.register", CLERK) as (session, _):
        save = session.scalars(select(SavingsProduct).where(SavingsProduct.code == "SAVE")).one()
        officers = [create_staff(session, f"Officer {number}").id for number in range(16)]
        center = group = 0
        large = wanted - 3 * MEMBERS_OF_A_CENTER
        for number in range(wanted):
            if number <= large and number % MEMBERS_OF_A_CENTER == 0:
                place = number // MEMBERS_OF_A_CENTER
                center = create_center(
                    session,
                    name=f"Center {place}",
                    officer_id=officers[place % len(officers)],
                    meeting_weekday=TODAY.isoweekday()
                    if place % 6 == 0 or number == large
                    else 1 + place % 5,
                    meeting_every_weeks=1,
                    first_meeting_on=TODAY - timedelta(days=364 + TODAY.isoweekday() - 1),
                ).id
            if number % MEMBERS_OF_A_GROUP == 0:
                group = create_group(
                    session, name=f"Group {number // MEMBERS_OF_A_GROUP}", center_id=center
                ).id
            client = register_client(
                session,
                name=f"{_FAMILY[number // 10 % 10]} {_FAMILY[number // 100 % 10]}",
                given_name=_GIVEN[number % 10],
                phone=f"+254 7{number:08}",
                village=f"Village {number % 40}",
                group_id=group,
                joined_on=TODAY - timedelta(days=PAST_DAYS),
            )
            account = open_account(session, client_id=client.id, product_id=save.id, opened_on=TODAY)
            deposit(session, account.id, Money(1_000_00 + number), TODAY)
            found.append(client.id)
            cut_when_full(session)
    return found


def _lend(branch: Installation, clients: Sequence[int], wanted: int) -> None:
    """Disburse loans of 50 weekly rows over the past months; some clients have two."""
    with branch.bulk_work("loan.disburse", CLERK) as (session, _):
        weekly = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one()
        for number in range(wanted):
            on = TODAY - timedelta(days=7 * (1 + number % 20))
            loan = apply(
                session,
                client_id=clients[number % len(clients)],
                product_id=weekly.id,
                principal=Money(10_000_00 + 100_00 * (number % 97)),
                applied_on=on,
                installments=ROWS_OF_A_LOAN,
            )
            approve(session, loan.id, on)
            disburse(session, loan.id, on)
            cut_when_full(session)


def _write_past(branch: Installation, wanted: int) -> None:
    """Write balanced entries of two lines over the past days, and the totals of days that they make."""
    office = branch.place.office_id
    with branch.database.writing() as session:
        [(lines,)] = fetch(session, "SELECT count(*) FROM journal_line")
        accounts = [
            row[0] for row in fetch(session, "SELECT id FROM gl_account WHERE usage = 'detail' ORDER BY id")
        ]
        first = first_id(branch.facts.device) + PAST_COUNTERS
        for start in range(0, max(wanted - lines, 0) // 2, ENTRIES_AT_ONCE):
            entries = range(first + 3 * start, first + 3 * (start + ENTRIES_AT_ONCE), 3)
            execute(session, _LINE, [row for entry in entries for row in _lines(entry, office, accounts)])
            execute(session, _ENTRY, [_entry(entry, office) for entry in entries])
        execute(session, "DELETE FROM gl_day_total", [()])
        execute(session, _TOTALS, [()])


def _day(entry: int) -> str:
    return (TODAY - timedelta(days=1 + entry % PAST_DAYS)).isoformat()


def _entry(entry: int, office: int) -> tuple[object, ...]:
    return (entry, office, "manual", _day(entry), _day(entry), _RECORDED)


def _lines(entry: int, office: int, accounts: Sequence[int]) -> Iterator[tuple[object, ...]]:
    amount = 100 + entry % 977
    for side in (0, 1):
        account = accounts[(entry // 10 + side * (1 + entry % 7)) % len(accounts)]
        yield (entry + 1 + side, office, entry, account, 0 if side else amount, amount if side else 0)
