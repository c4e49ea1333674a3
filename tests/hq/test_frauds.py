"""How many of twenty planted frauds the library of exceptions finds, and how often it is wrong."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from banking.reports import REPORTS, Report
from branch.founding import create_branch
from hq.founding import NewInstitution, create_institution, enrol
from satchel.demo_month import PASSWORD
from sync.export import write_branch_bundle
from sync.inbox import import_paths
from sync.installation import Installation
from sync.kit import Kit
from tests.house.tree import ROOT
from tests.support.frauds import DAYS, FIRST_DAY, Frauds
from tests.support.planted import MonthClock, Planted
from tests.support.postgres import Cluster

LEAST_FOUND = 19
BEGIN, END = "<!-- measured -->\n", "<!-- end of measured -->"
LISTS = {"reversal", "receipt-voided"}
"""Queries that list everything of a kind, for somebody to compare with paper: they accuse nobody."""


@dataclass(frozen=True)
class Month:
    """The month as the branch and as headquarters see it."""

    planted: list[Planted]
    here: Report
    there: Report
    home: Path
    clock: MonthClock


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory, postgres_cluster: Cluster) -> Iterator[Month]:
    """Live through the month in Kitale, and carry its bundle to headquarters, which has a server."""
    folder = tmp_path_factory.mktemp("frauds")
    url = postgres_cluster.new_database()
    zone = os.environ.get("TZ")
    os.environ["TZ"] = "Africa/Nairobi"
    time.tzset()
    try:
        yield _live(folder, url)
    finally:
        if zone is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = zone
        time.tzset()
        postgres_cluster.drop_database(url)


def _live(folder: Path, url: str | None = None) -> Month:
    clock = MonthClock(FIRST_DAY - timedelta(days=1))
    wanted = NewInstitution("Jamii Savings and Credit", "KES", 2, "admin", PASSWORD, database=url)
    create_institution(folder / "hq", wanted, recovery_out=None, clock=clock)
    with Installation.open(str(folder / "hq"), PASSWORD, clock=clock) as hq:
        _, kit = enrol(hq, "KIT", "Kitale", "CODE-OF-KIT-4711", 0)
    branch_home = folder / "branch"
    create_branch(
        branch_home, Kit.from_file(kit, "CODE-OF-KIT-4711"), admin="admin", passphrase=PASSWORD, clock=clock
    )
    (folder / "stick").mkdir()
    with Installation.open(str(branch_home), PASSWORD, clock=clock) as branch:
        frauds = Frauds(branch, clock)
        frauds.live()
        here = ask(branch)
        write_branch_bundle(branch, folder / "stick")
    with Installation.open(str(folder / "hq"), PASSWORD, clock=clock) as hq:
        import_paths(hq, [folder / "stick"])
        there = ask(hq)
    return Month(frauds.planted, here, there, folder / "hq", clock)


def ask(installation: Installation, **about: str) -> Report:
    """Ask for the exceptions of the month."""
    with installation.database.reading() as session:
        return REPORTS["audit-exceptions"](session, as_of=DAYS[-1], start=FIRST_DAY, **about)


def measured(month: Month) -> str:
    """Write the table of the documentation: for each query its cases, and for each fraud who found it."""
    cases = month.here.records("items")
    lines = ["| query | cases | of a fraud | false alarms |", "|---|---:|---:|---:|"]
    for row in month.here.records("counts"):
        own = [case for case in cases if case["exception"] == row["exception"]]
        true = [case for case in own if any(fraud.is_about(case) for fraud in month.planted)]
        lines.append(f"| `{row['exception']}` | {len(own)} | {len(true)} | {len(own) - len(true)} |")
    lines += ["", "| fraud | found by |", "|---|---|"]
    for fraud in sorted(month.planted, key=lambda one: one.kind):
        by = sorted({case["exception"] for case in cases if fraud.is_about(case)})
        lines.append(f"| {fraud.kind} | {', '.join(f'`{name}`' for name in by) or 'nothing'} |")
    return "\n".join(lines) + "\n"


def test_nineteen_of_twenty_frauds_are_found(month: Month) -> None:
    """One leaves no trace in the books: no query can find it, and the documentation says so."""
    cases = month.here.records("items")
    found = {
        fraud.kind
        for fraud in month.planted
        if any(fraud.is_about(case) and case["exception"] not in LISTS for case in cases)
    }
    assert len(month.planted) == 20
    assert len(found) >= LEAST_FOUND, sorted({fraud.kind for fraud in month.planted} - found)


def test_an_honest_month_raises_few_alarms(month: Month) -> None:
    """Most are reversals of honest mistakes, which an auditor wants to see."""
    false = [
        case
        for case in month.here.records("items")
        if case["exception"] not in LISTS and not any(fraud.is_about(case) for fraud in month.planted)
    ]
    assert len(false) <= 10, [(case["exception"], case["subject"]) for case in false]


def test_the_documented_table_is_the_measured_one(month: Month) -> None:
    """The figures in the documentation are those of this very month."""
    written = (ROOT / "docs" / "audit-library.md").read_text(encoding="utf-8")
    assert written.partition(BEGIN)[2].partition(END)[0] == measured(month)


def test_headquarters_finds_the_same_as_the_branch(month: Month) -> None:
    """Who did it, when and with which entry are known from the changesets that were carried."""
    assert month.there.records("items") == month.here.records("items")


def test_one_query_is_asked_alone_with_its_own_limits(month: Month) -> None:
    """Five differences are no pattern for who asks for six."""
    with Installation.open(str(month.home), PASSWORD, clock=month.clock) as hq:
        assert [row["exception"] for row in ask(hq, exception="over-short").records()] == ["over-short"]
        assert ask(hq, exception="over-short", limits="times=6").figure("count") == 0
