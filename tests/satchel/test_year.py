"""A year of one branch on the command line: opened, worked, months closed, and the year brought to an end."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.pair import Pair, with_clock

YEAR: Final = 2026
LAST_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
NOT_OPENED: Final = {1, 2, 5, 10}
"""Months that end on a weekend, when nobody opens the day."""


PAYS_UNTIL: Final = 6


@pytest.fixture
def pair(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Pair:
    """Headquarters with periods, provisions and products that accrue, and a branch enrolled."""
    clock = with_clock(monkeypatch)
    clock.instant = datetime(YEAR, 1, 1, 6, tzinfo=UTC)
    made = Pair(tmp_path, capsys, clock)
    code = tmp_path / "code"
    code.write_text("code 4711", encoding="utf-8")
    made.run("hq", "init", "--name", "Jamii", "--currency", "KES")
    made.hq.do("period.make", calendar="gregorian", year=YEAR)
    made.hq.do("provision_table.define", code="standard", starts_on="2026-01-01", published="sa-dhan")
    made.hq.do("loan_product.define", code="WEEKLY", accrual="periodic", non_performing_after_days=90)
    kit = str(tmp_path / "kit.satchel")
    words = ("--branch", "KIT", "--name", "Kitale", "--out", kit, "--code-file", str(code))
    made.run("hq", "enrol", *words)
    made.run("branch", "init", "--kit", kit, "--code-file", str(code))
    return made


def load(pair: Pair) -> None:
    """Two clients with a loan each, one of whom never pays; savings of the other."""
    pair.clock.instant = datetime(YEAR, 1, 5, 12, tzinfo=UTC)
    folder = pair.root / "books"
    folder.mkdir()
    files = {
        "clients": "number,name\nC1,Wanjiku\nC2,Kamau\n",
        "loans": "number,client,product,principal,disbursed_on\n"
        "L1,C1,WEEKLY,1000.00,2026-01-05\nL2,C2,WEEKLY,500.00,2026-01-05\n",
        "savings": "number,client,product,opened_on\nS1,C1,SAVE,2026-01-05\n",
        "transactions": "on,kind,account,amount\n2026-01-05,deposit,S1,3650.00\n",
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    pair.run("branch", "load", str(folder))


def work_month(pair: Pair, month: int) -> dict[str, Any]:
    """Pay what is due in the month, and close its last day, or one before it that is no weekend."""
    last = LAST_DAYS[month - 1] - (2 if month in NOT_OPENED else 0)
    on = date(YEAR, month, last)
    if month <= PAYS_UNTIL:
        file = pair.root / f"pay-{month}.csv"
        amount = "346.15" if month == 6 else "150.00"
        file.write_text(f"on,kind,account,amount\n{on},repay,L1,{amount}\n", encoding="utf-8")
        pair.clock.instant = datetime(YEAR, month, last, 5, tzinfo=UTC)
        pair.run("branch", "post", str(file))
    return pair.day(on)


def close_quarter(pair: Pair, months: range) -> None:
    """Bring the books to headquarters, close three months there, and carry that back."""
    after = (months[-1] % 12) + 1
    pair.clock.instant = datetime(YEAR + (after == 1), after, 1, 6, tzinfo=UTC)
    if months[-1] in NOT_OPENED:
        pair.branch.do("period.end", period=f"{YEAR}-{months[-1]:02d}")
    pair.carry("branch", "hq")
    for month in months:
        assert pair.hq.do("period.close", period=f"{YEAR}-{month:02d}")["state"] == "closed"
    pair.carry("hq", "branch")


def figures(pair: Pair, edition: str, as_of: str) -> dict[str, str]:
    balance = pair.run(edition, "trial-balance", "--as-of", as_of)
    assert balance["debit"] == balance["credit"]
    return {row["code"]: row["closing"] for row in balance["accounts"] if Decimal(row["closing"])}


def test_a_year_from_the_first_day_to_retained_earnings(pair: Pair) -> None:
    load(pair)
    pair.meet()
    for first in (1, 4, 7, 10):
        for month in range(first, first + 3):
            assert work_month(pair, month)["state"] == "closed"
        close_quarter(pair, range(first, first + 3))
    end = f"{YEAR}-12-31"
    before = figures(pair, "branch", end)
    statement = pair.run("branch", "report", "income-statement", "--as-of", end)
    assert before["1290"] == "-450.00"  # 90 % of 500.00, more than half a year late
    assert before["4110"] == "-96.15"  # all interest of the one who paid; the other does not perform
    closed = pair.branch.do("year.close", year=str(YEAR))
    assert [entry["booked_on"] for entry in closed["entries"]] == [end]
    assert pair.branch.do("year.close", year=str(YEAR))["entries"] == []
    after = figures(pair, "branch", end)
    assert not {code for code in after if code[0] in "45"}
    result = sum(Decimal(amount) for code, amount in before.items() if code[0] in "45")
    assert Decimal(after["3200"]) == result
    again = pair.run("branch", "report", "income-statement", "--as-of", end)
    assert (again["income"], again["expenses"]) == (statement["income"], statement["expenses"])
    assert pair.hq.refused("period.close", period=str(YEAR)) == [("", "PERIOD_BLOCKED")]
    pair.carry("branch", "hq")
    assert pair.hq.do("period.close", period=str(YEAR))["state"] == "closed"
    assert figures(pair, "hq", end) == after
    for edition in ("branch", "hq"):
        assert pair.run(edition, "verify")["ok"]
