"""Periods, years and provisions by name, at headquarters and at the branch, through the command line."""

from datetime import UTC, datetime
from pathlib import Path

from tests.support.pair import Pair


def test_periods_and_tables_are_made_by_name_and_reach_the_branch(pair: Pair) -> None:
    made = pair.hq.do("period.make", calendar="gregorian", year=2026)["made"]
    assert [made[0]["period"], made[-1]["period"], len(made)] == ["2026-01", "2026", 13]
    assert pair.hq.refused("period.make", calendar="gregorian", year=2026) == [("", "PERIOD_OVERLAP")]
    table = pair.hq.do("provision_table.define", code="standard", starts_on="2026-01-01", published="sa-dhan")
    assert [band["from_days"] for band in table["bands"]] == [0, 1, 31, 61, 91, 181, 366]
    pair.meet()
    states = {one["period"]: one["state"] for one in pair.branch.do("period.list")["periods"]}
    assert states == dict.fromkeys([one["period"] for one in made], "open")
    proposal = pair.branch.do("provisions.propose", on="2026-11-22")
    assert {(row["band"], row["loans"]) for row in proposal["rows"] if row["loans"]} == {
        ("1 to 30 days", 1),
        ("61 to 90 days", 1),
    }
    assert proposal["journal"] == [
        {"debit": "5230", "credit": "1290", "amount": proposal["provision"]},
    ]
    posted = pair.branch.do("provisions.post", on="2026-11-22")
    assert posted["posted"] == proposal["provision"]
    assert pair.branch.do("provisions.post", on="2026-11-22")["journal"] == []
    assert pair.branch.refused("period.make", calendar="gregorian", year=2027) == [("", "WRONG_PLACE")]


def test_a_table_of_one_s_own_comes_from_a_file(pair: Pair, tmp_path: Path) -> None:
    file = tmp_path / "table.toml"
    text = '[[act]]\nact = "provision_table.define"\ncode = "own"\nstarts_on = 2026-01-01\n'
    bands = (
        'bands = [{ name = "all", from_days = 0, percent = 2.5 }, '
        '{ name = "late", from_days = %s, percent = 50 }]'
    )
    file.write_text(text + bands % 30, encoding="utf-8")
    status, document = pair.hq.run("--file", str(file))
    assert status == 0, document
    assert document["acts"][0]["result"]["bands"][0]["percent"] == "2.5"
    file.write_text(text.replace("own", "other") + bands % 0, encoding="utf-8")
    status, document = pair.hq.run("--file", str(file))
    assert (status, document["error"]["code"]) == (1, "BAD_TERM")


def test_a_month_is_closed_when_its_checklist_holds(pair: Pair) -> None:
    """The branch closes the last day, sends it, headquarters closes the month, and the branch learns it."""
    pair.hq.do("period.make", calendar="gregorian", year=2026, first_month=11)
    pair.meet()
    check = pair.branch.do("period.check", period="2026-11")
    assert not check["ready"]
    assert [one["name"] for one in check["checks"] if one["blocks"] and not one["ok"]] == [
        "over",
        "days_closed",
        "last_day_closed",
    ]
    pair.run("branch", "day", "close")
    assert pair.branch.refused("period.end", period="2026-11") == [("", "PERIOD_NOT_OVER")]
    pair.clock.instant = datetime(2026, 12, 1, 6, tzinfo=UTC)
    ended = pair.branch.do("period.end", period="2026-11")
    assert (ended["on"], {"accruals", "provisions"} <= {step["name"] for step in ended["steps"]}) == (
        "2026-11-30",
        True,
    )
    assert pair.branch.refused("period.end", period="2026-11") == [("", "PERIOD_STATE")]
    assert pair.branch.do("period.check", period="2026-11")["ready"]
    assert pair.hq.refused("period.close", period="2026-12") == [("", "PERIOD_BLOCKED")]
    pair.carry("branch", "hq")
    assert pair.hq.do("period.close", period="2026-11")["version"] == 2
    assert pair.hq.refused("period.reopen", period="2026-11", reason="late") == [("", "SECOND_PERSON_ALWAYS")]
    pair.carry("hq", "branch")
    states = {one["period"]: one["state"] for one in pair.branch.do("period.list")["periods"]}
    assert (states["2026-11"], states["2026-12"]) == ("closed", "open")
