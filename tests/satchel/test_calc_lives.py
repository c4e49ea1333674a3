"""What happens on a loan can be told for every kind of loan: tranches, charges, write-offs, changed rows."""

from copy import deepcopy
from typing import Any

from tests.satchel.calc_cases import ask, cases

FINERACT = {case["id"].split("-")[0]: case for case in cases("loans-fineract.json")}


def told(name: str, *events: dict[str, Any], **product: object) -> dict[str, Any]:
    """Give a case with its disbursement and other events after it."""
    case = deepcopy(FINERACT[name])
    paid_out = {"type": "disburse", **{key: case["disbursement"][key] for key in ("date", "amount")}}
    return {
        "product": {**case["product"], **product},
        "disbursement": case["disbursement"],
        "events": [paid_out, *events],
    }


def column(answer: dict[str, Any], key: str) -> list[str]:
    return [row[key] for row in answer["schedule"] if "nr" in row]


def test_a_weekly_recalculated_loan_with_a_fee_on_interest_is_paid_early() -> None:
    """Figures: Apache Fineract, ClientLoanIntegrationTest, recalculation with an instalment charge."""
    case = deepcopy(FINERACT["W02"])
    case["charges"] = [{"name": "fee", "percent": "10", "when": "installment", "of": "interest"}]
    case["transactions"] = [
        {"type": "repayment", "date": "2024-01-08", "amount": "2533.53"},
        {"type": "repayment", "date": "2024-01-10", "amount": "4000"},
    ]
    answer = ask(case)
    assert column(answer, "principal") == ["2482.76", "3961.84", "1773.61", "1781.79"]
    assert column(answer, "interest") == ["46.15", "34.69", "16.41", "8.22"]
    assert column(answer, "fees") == ["4.62", "3.47", "1.64", "0.82"]


def test_early_money_gets_a_row_of_its_own_where_fewer_rows_are_wanted() -> None:
    """Figures: Apache Fineract, ClientLoanIntegrationTest, reduce number of installments."""
    case = deepcopy(FINERACT["W02"])
    case["product"]["repayment_strategy"] = "rbi-india-strategy"
    case["product"]["interest_recalculation"] = {
        "rest_frequency": "DAILY",
        "rest_interval": 1,
        "compounding": "INTEREST",
        "compounding_frequency": "WEEKLY",
        "compounding_interval": 1,
        "reschedule_strategy": "REDUCE_NUMBER_OF_INSTALLMENTS",
        "preclose_interest": "TILL_PRE_CLOSE_DATE",
    }
    late = ask(case)
    assert column(late, "interest") == ["46.15", "46.37", "23.24", "11.67"]
    case["transactions"] = [
        {"type": "repayment", "date": "2024-01-08", "amount": "2528.91"},
        {"type": "repayment", "date": "2024-01-10", "amount": "4000"},
    ]
    answer = ask(case)
    assert column(answer, "due_date") == ["2024-01-08", "2024-01-10", "2024-01-15", "2024-01-22"]
    assert column(answer, "principal") == ["2482.76", "3990.09", "2517.31", "1009.84"]
    assert column(answer, "interest") == ["46.15", "9.91", "11.60", "4.66"]


def test_a_plain_loan_is_paid_out_in_parts_and_what_is_left_is_told() -> None:
    """1,000.00 of 3,000.00 in January, 1,500.00 in February: 500.00 were approved and not drawn."""
    question = told(
        "S10",
        {"type": "disburse", "date": "2023-02-10", "amount": "1500"},
        multi_disburse=True,
        installment_amount_in_multiples_of=None,
    )
    question["disbursement"]["amount"] = question["events"][0]["amount"] = "1000"
    answer = ask(question)
    tranches = [row["amount"] for row in answer["schedule"] if row.get("disbursement")]
    assert (tranches, answer["undisbursed"]) == (["1000.00", "1500.00"], "500.00")
    assert answer["totals"]["principal"] == "2500.00"
    question["product"]["multi_disburse"] = False
    assert ask(question)["error"]["code"] == "BAD_TERM"


def test_charges_with_a_day_are_listed_and_a_plain_loan_is_quoted_for_a_day() -> None:
    charge = {"type": "charge", "name": "late", "penalty": True, "amount": "12", "due_date": "2023-02-03"}
    answer = ask({**told("S10", charge), "as_of": "2023-02-10"})
    assert answer["charges"] == [{"due_date": "2023-02-03", "penalty": True, "amount": "12.00"}]
    assert answer["payoff"] == {"date": "2023-02-10", "amount": "3102.00"}


def test_a_recalculated_loan_is_charged_rescheduled_and_written_off() -> None:
    change = {"type": "reschedule", "from_date": "2023-01-01", "extra_terms": "2"}
    charge = {"type": "charge", "name": "fee", "amount": "5", "when": "installment"}
    answer = ask(told("R12", charge, change))
    assert len(column(answer, "nr")) == 8
    assert set(column(answer, "fees")) == {"5.00"}
    gone = ask(told("R12", charge, {"type": "write_off", "date": "2023-01-10"}))
    assert set(column(gone, "outstanding")) == {"0.00"}
    assert gone["allocations"][0]["principal"] == "5000.00"


def test_a_progressive_loan_takes_a_new_rate_a_waiver_and_early_money() -> None:
    """Figures of the rate: Apache Fineract, ProgressiveEMICalculatorTest, 7 percent and then 4."""
    changed = ask(told("P01", {"type": "reschedule", "from_date": "2024-03-01", "new_interest_rate": "4"}))
    assert column(changed, "due") == ["17.01", "16.88", "16.88", "16.88", "16.88", "16.89"]
    early = ask(told("P01", {"type": "repayment", "date": "2024-01-15", "amount": "17.01"}))
    assert "error" not in early
    assert early["allocations"][0]["overpayment"] == "0.00"
    waived = ask(told("P01", {"type": "waive_interest", "date": "2024-02-01", "amount": "0.58"}))
    assert column(waived, "waived")[0] == "0.58"


def test_penalties_wait_repeat_and_keep_within_their_caps() -> None:
    late = {
        "name": "late",
        "penalty": True,
        "when": "overdue installment",
        "percent": "10",
        "most": "15",
        "wait_days": 3,
        "repeat_days": 10,
    }
    answer = ask({**told("S13", product_charges=[late]), "as_of": "2023-02-20"})
    assert column(answer, "penalties") == ["30.00", "0.00", "0.00"]
    assert [charge["due_date"] for charge in answer["charges"]] == ["2023-02-04", "2023-02-14"]
