"""What cannot be answered is refused by name, in one document, without a traceback."""

import json
from copy import deepcopy
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from satchel.calc import answer_line, calc
from tests.satchel.calc_cases import ask, cases

LOAN: dict[str, Any] = {
    "product": {
        "currency_digits": 2,
        "principal": "1000",
        "annual_rate_percent": 24,
        "interest_type": "FLAT",
        "number_of_repayments": 4,
        "repay_every": 1,
        "repay_unit": "MONTHS",
    },
    "disbursement": {"date": "2023-01-01", "amount": "1000"},
}
SHEET: dict[str, Any] = next(case["params"] for case in cases("loans-mifos.json"))
ANSWERED = [
    case
    for case in cases("loans-fineract.json")
    if case["tier"] in {"core", "strategy"} and "error" not in ask(case)
]


def changed(path: str, value: object) -> dict[str, Any]:
    """Give the plain loan with one value replaced; a dot goes inside."""
    question: Any = deepcopy(LOAN)
    *outer, last = path.split(".")
    inside = question
    for key in outer:
        inside = inside[key]
    inside[last] = value
    return dict(question)


def refusal(question: object) -> tuple[str, str]:
    """Give code and place of a refusal."""
    error = ask(question)["error"]
    assert error["message"]
    assert error["next"]
    return error["code"], error["where"]


def test_the_plain_loan_is_answered() -> None:
    answer = ask(LOAN)
    assert [row["interest"] for row in answer["schedule"]] == ["20.00"] * 4
    assert answer["totals"] == {
        "principal": "1000.00",
        "interest": "80.00",
        "fees": "0.00",
        "penalties": "0.00",
    }
    assert (answer["payoff"], answer["rounding_difference"]) == (None, "0.00")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff{}",
        b'{"product": NaN}',
        b'{"a": 1, "a": 2}',
        b"[" * 100_000,
        b'{"product": {"principal": 1' + b"0" * 5000 + b"}}",
    ],
)
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    assert answer_line(raw)["error"]["code"] in {"BAD_JSON", "MISSING_KEY", "BAD_TERM"}  # type: ignore[index]  # any of the document


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("product.principal", "-1000", "BAD_TERM"),
        ("product.principal", "0", "BAD_TERM"),
        ("product.principal", "1000.001", "AMOUNT_DIGITS"),
        ("product.principal", "92233720368547758.08", "AMOUNT_TOO_LARGE"),
        ("product.principal", "1,000", "BAD_TERM"),
        ("product.principal", "1e3", "BAD_TERM"),
        ("product.principal", True, "BAD_TERM"),
        ("product.principal", [], "BAD_TERM"),
        ("product.principal", None, "MISSING_KEY"),
        ("product.annual_rate_percent", "-1", "BAD_TERM"),
        ("product.annual_rate_percent", "20 %", "BAD_TERM"),
        ("product.number_of_repayments", 0, "BAD_TERM"),
        ("product.number_of_repayments", 2.5, "BAD_TERM"),
        ("product.number_of_repayments", 10**9, "BAD_TERM"),
        ("product.repay_unit", "YEARS", "UNSUPPORTED_TERM"),
        ("product.interest_type", "COMPOUND", "UNSUPPORTED_TERM"),
        ("product.days_in_year", 366, "UNSUPPORTED_TERM"),
        ("product.rounding_mode", "HALF_UP", "UNSUPPORTED_TERM"),
        ("product.surprise", "1", "UNSUPPORTED_TERM"),
        ("product.loan_term", 5, "BAD_TERM"),
        ("product.loan_term_unit", "WEEKS", "BAD_TERM"),
        ("product.submitted_on", "2023-01-02", "BAD_TERM"),
        ("product.first_repayment_date", "2023-01-01", "BAD_TERM"),
        ("product.convention", "other", "UNSUPPORTED_TERM"),
        ("product", "LP1", "BAD_TERM"),
        ("disbursement", None, "MISSING_KEY"),
        ("disbursement.date", "2023-02-30", "BAD_TERM"),
        ("disbursement.date", "20230101", "BAD_TERM"),
        ("disbursement.date", "0001-01-01", "BAD_TERM"),
        ("disbursement.date", "9999-12-31", "BAD_TERM"),
        ("disbursement.amount", "999", "BAD_TERM"),
        ("disbursement.amount", 999.5, "BAD_TERM"),
        ("surprise", 1, "UNSUPPORTED_TERM"),
        ("later_disbursements", [{"date": "2023-02-01", "amount": "1"}], "BAD_TERM"),
        ("transactions", [{"type": "gift", "date": "2023-02-01", "amount": "1"}], "UNSUPPORTED_TERM"),
        ("transactions", [{"type": "repayment", "date": "2022-12-31", "amount": "1"}], "BAD_TERM"),
        ("transactions", [{"type": "repayment", "date": "2023-02-01", "amount": "0"}], "AMOUNT_ZERO"),
        ("transactions", [{"type": "repayment", "date": "2023-02-01", "amount": "-1"}], "AMOUNT_NEGATIVE"),
        ("transactions", [{"type": "repayment", "date": "2023-02-01"}], "MISSING_KEY"),
        ("transactions", [{"type": "undo", "nth": 1, "of": "Repayment"}], "NOT_FOUND"),
        ("transactions", [{"type": "waive_interest", "date": "2023-02-01", "amount": "99"}], "OVERPAYMENT"),
        ("transactions", [7], "BAD_TERM"),
        ("transactions", {}, "BAD_TERM"),
        ("charges", [{"name": "f", "due_date": "2023-02-01"}], "BAD_TERM"),
        ("charges", [{"name": "f", "amount": "1"}], "BAD_TERM"),
        ("charges", [{"name": "f", "amount": "1", "due_date": "2022-12-31"}], "BAD_TERM"),
        ("charges", [{"name": "f", "amount": "1", "when": "sometimes"}], "UNSUPPORTED_TERM"),
        ("charges", [{"name": "f", "percent": "1", "when": "installment", "calc": "?"}], "UNSUPPORTED_TERM"),
        ("events", [{"type": "disburse", "date": "2023-01-02", "amount": "1000"}], "BAD_TERM"),
        ("events", [{"type": "earthquake"}], "UNSUPPORTED_TERM"),
    ],
)
def test_a_bad_value_is_refused_by_name(path: str, value: object, code: str) -> None:
    assert refusal(changed(path, value))[0] == code


def test_a_refusal_names_the_place_inside_lists() -> None:
    events = [{"type": "repayment", "date": "2023-02-01", "amount": "1", "colour": "red"}]
    assert refusal(changed("events", events)) == ("UNSUPPORTED_TERM", "events[0].colour")


def test_a_refusal_writes_amounts_in_major_units() -> None:
    waived = [{"type": "waive_interest", "date": "2023-02-01", "amount": "99"}]
    message = ask(changed("transactions", waived))["error"]["message"]
    assert message == "99.00 is more than the 80.00 still owed."


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("Principal", "-1", "BAD_TERM"),
        ("Loan Type", "Balloon", "UNSUPPORTED_TERM"),
        ("Payment Frequency", "Daily", "UNSUPPORTED_TERM"),
        ("Annual Interest", "many", "BAD_TERM"),
        ("Days in Year", "100", "BAD_TERM"),
        ("Digits After Decimal", "9", "BAD_TERM"),
        ("InitialRoundOffMultiple", "0.0001", "BAD_TERM"),
        ("InitialRoundOffMultiple", "0", "BAD_TERM"),
        ("CurrencyRounding", "RANDOM", "UNSUPPORTED_TERM"),
        ("FeeFrequency", "Hourly", "UNSUPPORTED_TERM"),
        ("Surprise", "1", "UNSUPPORTED_TERM"),
        ("Number of Payments", None, "MISSING_KEY"),
    ],
)
def test_a_bad_parameter_of_the_spreadsheets_is_refused_by_name(key: str, value: object, code: str) -> None:
    assert refusal({"params": {**SHEET, key: value}})[0] == code


def test_the_spreadsheet_keys_may_stand_in_the_product_too() -> None:
    answer = ask({"params": SHEET})
    assert answer == ask({"product": {"convention": "mifos"}, "params": SHEET})
    assert answer == ask({"product": {"convention": "mifos", **SHEET}})
    assert refusal({"product": {"convention": "fineract"}, "params": SHEET})[0] == "UNSUPPORTED_TERM"


def test_the_mifos_convention_takes_a_product_as_well() -> None:
    """1,000.00 flat at 10 percent a year, 50 weeks, whole payments: rounding gives 0.11."""
    product = {
        **LOAN["product"],
        "convention": "mifos",
        "annual_rate_percent": 10,
        "number_of_repayments": 50,
        "repay_unit": "WEEKS",
        "installment_amount_in_multiples_of": 1,
    }
    answer = ask({**LOAN, "product": product})
    assert [row["due"] for row in answer["schedule"]] == ["22.00"] * 49 + ["18.00"]
    assert (answer["schedule"][0]["due_date"], answer["rounding_difference"]) == ("2023-01-08", "-0.11")
    up = ask({**LOAN, "product": {**product, "rounding_mode": "CEILING"}})
    assert up["rounding_difference"] == "-0.10"
    for key, value in (
        ("schedule_type", "PROGRESSIVE"),
        ("grace_on_interest_payment", 1),
        ("interest_calculation_period", "DAILY"),
        ("interest_recalculation", {"rest_frequency": "DAILY"}),
        ("rounding_mode", "RANDOM"),
    ):
        assert refusal({**LOAN, "product": {**product, key: value}})[0] == "UNSUPPORTED_TERM"


def test_a_fixed_part_of_principal_is_read_once() -> None:
    """Ten percent a row, the rest in the last."""
    answer = ask(changed("product.fixed_principal_percent", 10))
    assert [row["principal"] for row in answer["schedule"]] == ["100.00", "100.00", "100.00", "700.00"]
    twice = {"fixed_principal_percent": 10, "fixed_principal_percentage": 10}
    assert refusal({**LOAN, "product": {**LOAN["product"], **twice}})[0] == "UNSUPPORTED_TERM"


def test_a_disbursement_fee_is_paid_from_the_disbursement() -> None:
    charge = {"type": "charge", "name": "set-up", "percent": "1.5", "when": "disbursement"}
    events = [charge, {"type": "disburse", "date": "2023-01-01", "amount": "1000"}]
    answer = ask(changed("events", events))
    assert (answer["schedule"][0]["fees"], answer["schedule"][0]["paid"]) == ("15.00", "15.00")
    assert answer["totals"]["fees"] == "15.00"
    assert answer["allocations"] == []


def test_numbers_are_read_exactly_and_never_as_floats() -> None:
    """0.1 + 0.2 has no third digit here, and a JSON number counts like its text."""
    question = changed("product.annual_rate_percent", 0.3)
    assert ask(question) == ask(changed("product.annual_rate_percent", "0.3"))
    raw = json.dumps(changed("product.principal", "@")).replace('"@"', "1000.00")
    assert answer_line(raw.encode()) == ask(LOAN)


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case["id"])
def test_no_input_that_bears_on_figures_is_ignored(case: dict[str, Any]) -> None:
    """One more of principal, rows, distance or a later day changes the answer or is refused."""
    expected = ask(case)
    for place, key, other in (
        ("product", "principal", "1001"),
        ("product", "number_of_repayments", 7),
        ("product", "repay_every", 5),
        ("product", "repay_unit", "DAYS"),
        ("product", "loan_term", 99),
        ("product", "currency_digits", 1),
        ("disbursement", "amount", "1001"),
        ("disbursement", "date", "2024-02-02"),
    ):
        question = {**case, place: {**case[place], key: other}}
        if question != case:
            assert ask(question) != expected, key


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case["id"])
def test_a_key_that_nobody_knows_is_refused_wherever_it_stands(case: dict[str, Any]) -> None:
    for place in ("product", "disbursement"):
        question = {**case, place: {**case[place], "zzz": "1"}}
        assert refusal(question) == ("UNSUPPORTED_TERM", f"{place}.zzz")
    assert refusal({**case, "zzz": 1}) == ("UNSUPPORTED_TERM", "zzz")


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("2023-05-05")
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = [
    *LOAN,
    *(f"product.{key}" for key in LOAN["product"]),
    *(f"disbursement.{key}" for key in LOAN["disbursement"]),
    "events",
    "transactions",
    "charges",
    "as_of",
    "product.product_charges",
    "product.grace_on_principal_payment",
]


@given(place=st.sampled_from(PLACES), value=anything)
def test_whatever_stands_there_the_answer_is_one_document(place: str, value: object) -> None:
    answer = ask(changed(place, value))
    assert ("error" in answer) != ("schedule" in answer)


@given(st.binary(max_size=60))
def test_whatever_bytes_come_the_answer_is_a_document(raw: bytes) -> None:
    assert isinstance(answer_line(raw), dict)


def test_the_command_prints_one_document_and_its_status() -> None:
    runner = CliRunner()
    good = runner.invoke(calc, ["loan"], input=json.dumps(LOAN))
    assert (good.exit_code, json.loads(good.output)) == (0, ask(LOAN))
    bad = runner.invoke(calc, ["loan", "--json"], input=json.dumps(changed("product.zzz", 1)))
    assert bad.exit_code == 1
    assert json.loads(bad.output)["error"]["where"] == "product.zzz"


def test_lines_give_one_answer_each_in_order_and_status_zero() -> None:
    questions = [json.dumps(LOAN), "", "nonsense", json.dumps(changed("product.principal", "2000"))]
    result = CliRunner().invoke(calc, ["loan", "--lines", "--json"], input="\n".join(questions))
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 0
    assert [answer.get("error", {}).get("code") for answer in answers] == [
        None,
        "BAD_JSON",
        "BAD_JSON",
        "BAD_TERM",
    ]
