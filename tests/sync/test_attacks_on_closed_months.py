"""Attacks on a closed month by ids: what a close has seen is told by them, so nobody may choose them."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from banking import periods
from banking.periods import write_closed
from banking.savings import deposit
from ledger.money import Money
from schema.reading import fetch
from sync.changeset import Op
from sync.installation import Installation
from sync.verify import verify_books
from tests.support.forging import FAR_COUNTER, copy_of, forge
from tests.support.institution import HQ, TestInstitution, register_savers, till_of

JANUARY = "2026-01"
THERE = date(2026, 1, 12)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """Headquarters with the year's months, and a branch with a deposit of January."""
    made = TestInstitution.create(tmp_path_factory.mktemp("closed") / "bank")
    with made.open("KIT") as branch:
        (account,) = register_savers(branch, ["Wanjiku"])
        till = till_of(branch)
        with branch.unit_of_work("savings.deposit", 1) as session:
            deposit(session, account, Money(10_000), THERE, till_id=till)
    with made.open(HQ) as hq, hq.unit_of_work("period.make", 1) as session:
        periods.make_year(session, "gregorian", 2026)
    made.receive(made.send("KIT")[0])
    made.confirm("KIT")
    made.answer("KIT")
    return made


@pytest.fixture
def bank(founded: TestInstitution, tmp_path: Path) -> TestInstitution:
    """A copy for one test."""
    return founded.copy_to(tmp_path / "bank")


def _entry(branch: Installation, number: int, amount: int) -> list[Op]:
    """Give a balanced entry of January under forged ids."""
    debit = copy_of(branch, "journal_line", number + 1, debit=amount, credit=0)
    credit = copy_of(branch, "journal_line", number + 2, debit=0, credit=amount)
    entry = copy_of(branch, "journal_entry", number, booked_on=THERE.isoformat())
    lines = [op._replace(new={**(op.new or {}), "journal_entry_id": entry.id}) for op in (debit, credit)]
    return [entry, *lines]


def _bring(bank: TestInstitution) -> None:
    bank.receive(bank.send("KIT")[0])


def _close(bank: TestInstitution) -> None:
    bank.clock.now = max(datetime(2026, 2, 2, 8, tzinfo=UTC), bank.clock.now)
    with bank.open(HQ) as hq, hq.unit_of_work("period.close", 1) as session:
        write_closed(session, JANUARY, None)  # as if the checklist had missed what waits for a person


def _january(bank: TestInstitution) -> int:
    """Everything debited in January as headquarters has it, and its books agree with themselves."""
    with bank.open(HQ) as hq:
        assert {check.name for check in verify_books(hq) if not check.ok} <= {"control totals"}
        with hq.database.reading() as session:
            [(debit,)] = fetch(
                session,
                "SELECT sum(debit) FROM gl_day_total WHERE booked_on BETWEEN '2026-01-01' AND '2026-01-31'",
            )
    return int(debit)


def test_an_id_kept_back_does_not_enter_a_closed_month(bank: TestInstitution) -> None:
    """An entry with a far id before the close; afterwards one with a smaller id that was kept back."""
    with bank.open("KIT") as branch:
        forge(branch, *_entry(branch, 100, 500))
    _bring(bank)
    _close(bank)
    before = _january(bank)
    with bank.open("KIT") as branch:
        forge(branch, *_entry(branch, 50, 7_000_000))
    _bring(bank)
    assert _january(bank) == before


@pytest.mark.parametrize("is_entry", [False, True], ids=["a client", "an entry without effect"])
def test_a_far_id_of_something_else_opens_no_door(bank: TestInstitution, *, is_entry: bool) -> None:
    """A client, or an entry that breaks a rule, with a far id before the close: later entries stay late."""
    with bank.open("KIT") as branch:
        far = _entry(branch, FAR_COUNTER, 500)[:1] if is_entry else [copy_of(branch, "client", FAR_COUNTER)]
        forge(branch, *far)
    _bring(bank)
    _close(bank)
    before = _january(bank)
    with bank.open("KIT") as branch:
        forge(branch, *_entry(branch, 50, 7_000_000))
    _bring(bank)
    assert _january(bank) == before
