"""Every reference case gives its figures to the last digit, or is refused by the name of a term."""

from decimal import Decimal
from typing import Any

import pytest

from tests.satchel.calc_cases import allocation_faults, ask, cases, check_faults, schedule_faults

FINERACT = {case["id"]: case for case in cases("loans-fineract.json")}
MIFOS = {case["file"]: case for case in cases("loans-mifos.json")}

# Cases that are not computed; the list may only shrink.
REFUSED: set[str] = set()
# Its figures were read off between undone entries; the checks between the events hold them.
BETWEEN_EVENTS = {"C01-standard-overpay-and-undo"}


@pytest.mark.parametrize("name", FINERACT)
def test_a_fineract_case_gives_its_figures_or_is_refused_by_name(name: str) -> None:
    case, answer = FINERACT[name], ask(FINERACT[name])
    if name in REFUSED:
        assert answer["error"]["code"] == "UNSUPPORTED_TERM"
        assert answer["error"]["where"]
        return
    assert "error" not in answer, answer
    faults = list(schedule_faults(case.get("expected_schedule", []), answer["schedule"]))
    if name not in BETWEEN_EVENTS:
        faults += allocation_faults(case.get("expected_allocations", []), answer["allocations"])
    assert not faults


@pytest.mark.parametrize("name", [name for name in FINERACT if name not in REFUSED])
def test_a_fineract_case_agrees_at_every_check_between_its_events(name: str) -> None:
    case = FINERACT[name]
    events: list[dict[str, Any]] = case.get("events", [])
    for at, check in enumerate(events):
        if check["type"].startswith("check"):
            answer = ask({**case, "events": events[:at]})
            assert not list(check_faults(check, answer)), f"event {at}, line {check.get('line')}"


def test_core_and_strategy_are_complete() -> None:
    """No case of the two tiers that any correct calculator must give is among the refused."""
    assert not {name for name in REFUSED if FINERACT[name]["tier"] in {"core", "strategy"}}


def test_a_write_off_leaves_what_the_case_sums_up() -> None:
    case = FINERACT["J11-write-off-after-one-repayment"]
    payment, written = ask(case)["allocations"]
    summary = case["expected_summary"]
    assert Decimal(payment["principal"]) == Decimal(summary["principalPaid"])
    assert Decimal(payment["interest"]) == Decimal(summary["interestPaid"])
    assert Decimal(written["principal"]) == Decimal(summary["principalWrittenOff"])
    assert Decimal(written["interest"]) == Decimal(summary["interestWrittenOff"])
    assert Decimal(written["amount"]) == Decimal(summary["totalWrittenOff"])
    assert Decimal(written["balance_after"]) == 0


def test_a_payoff_is_quoted_for_the_day_of_the_question() -> None:
    """With interest to that day, or to the next rest date where the product says so."""
    case = FINERACT["W07-weekly-preclose-till-date"]
    assert ask(case)["payoff"] == case["expected_payoff"]
    recalculation = {
        **case["product"]["interest_recalculation"],
        "preclose_interest": "TILL_REST_FREQUENCY_DATE",
    }
    product = {**case["product"], "interest_recalculation": recalculation}
    assert ask({**case, "product": product})["payoff"] == {"date": "2024-01-17", "amount": "7586.62"}
    assert ask({key: part for key, part in case.items() if key != "as_of"})["payoff"] is None


def test_rbi_pays_all_overdue_interest_before_the_oldest_principal() -> None:
    case = FINERACT["J10-rbi-strategy-late"]
    before_last = ask({**case, "transactions": case["transactions"][:3]})["schedule"]
    third, fourth = before_last[2], before_last[3]
    assert (third["outstanding"], fourth["outstanding"]) == ("100", "2900")
    assert all(row["outstanding"] == "0" for row in ask(case)["schedule"])


@pytest.mark.parametrize("name", MIFOS)
def test_a_mifos_case_gives_its_figures(name: str) -> None:
    case = MIFOS[name]
    answer = ask(case)
    assert "error" not in answer, answer
    columns = {"payment": "due", "fee": "fees", "n": "nr"}
    expected = [
        {columns.get(column, column): figure for column, figure in zip(case["columns"], row, strict=True)}
        for row in case["rounded"]
    ]
    for row in expected:
        row["nr"] = int(row["nr"])
    assert len(answer["schedule"]) == len(expected)
    assert not list(schedule_faults(expected, answer["schedule"]))
    assert Decimal(answer["rounding_difference"]) == Decimal(case["account999"][2])
    sums = [answer["totals"][part] for part in ("principal", "interest", "fees")]
    assert [Decimal(figure) for figure in sums] == [
        Decimal(figure) for figure in case["summed_totals_rounded"][1:]
    ]
