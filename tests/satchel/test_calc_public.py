"""Lives of loans that the public test suite of a core-banking system asserts, and no shared case has.

Source: Apache Fineract, LoanRepayment.feature; the scenarios are named by their numbers.
"""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from tests.satchel.calc_cases import ask
from tests.satchel.test_calc_lives import FINERACT, column, told

SPLIT = ("principal", "interest", "fees", "penalties", "balance_after")
MID_JANUARY = "2023-01-15"


def paid(on: str, amount: int, kind: str = "repayment") -> dict[str, Any]:
    return {"type": kind, "date": on, "amount": str(amount)}


def charged(on: str, amount: int, *, penalty: bool) -> dict[str, Any]:
    return {"type": "charge", "name": "charge", "penalty": penalty, "due_date": on, "amount": str(amount)}


def splits(answer: dict[str, Any]) -> list[tuple[int, ...]]:
    """Give what each entry paid, in whole units."""
    return [tuple(int(Decimal(entry[key])) for key in SPLIT) for entry in answer["allocations"]]


def early_with_charges(amount: int, *events: dict[str, Any], rate: str = "12") -> dict[str, Any]:
    """Give a loan of 3,000.00 with three charges in its first row, paid on 15 January, and what follows."""
    charges = (
        charged(MID_JANUARY, 50, penalty=True),
        charged("2023-01-20", 50, penalty=True),
        charged("2023-01-20", 50, penalty=False),
    )
    return told("A05", *charges, paid(MID_JANUARY, amount), *events, annual_rate_percent=rate)


@pytest.mark.parametrize(
    ("amount", "rate", "split"),
    [
        (500, "0", (450, 0, 0, 50, 2550)),
        (1150, "0", (1000, 0, 50, 100, 2000)),
        (1180, "12", (1000, 30, 50, 100, 2000)),
    ],
    ids=["C2663", "C2665", "C2666"],
)
def test_early_money_pays_dated_charges_principal_and_then_the_rest(
    amount: int, rate: str, split: tuple[int, ...]
) -> None:
    assert splits(ask(early_with_charges(amount, rate=rate))) == [split]


@pytest.mark.parametrize(
    "undo",
    [
        {"nth": 1, "of": "Repayment"},
        {"nth": 1, "of": "transaction", "made_on": MID_JANUARY},
        {"nth": "1", "made_on": MID_JANUARY},
        {"of": "all transactions, in order"},
        {"of": "all repayments on that day", "made_on": MID_JANUARY},
    ],
)
def test_a_payment_taken_back_leaves_its_row_unpaid_however_it_is_named(undo: dict[str, Any]) -> None:
    """C2667: the first entry of 15 January, of whatever kind."""
    answer = ask(early_with_charges(1180, {"type": "undo", **undo}))
    assert column(answer, "outstanding") == ["1180.00", "1030.00", "1030.00"]
    assert answer["allocations"] == []


def test_an_undo_that_names_another_kind_finds_nothing() -> None:
    answer = ask(early_with_charges(1180, {"type": "undo", "nth": 1, "of": "Payout Refund"}))
    assert answer["error"]["code"] == "NOT_FOUND"


def test_principal_goes_before_fees_in_advance_and_when_due() -> None:
    """C2704: two payments taken back, a third charge, and what was paid when due and late."""
    due = "2023-02-01"
    answer = ask(
        told(
            "B02",
            charged(due, 20, penalty=False),
            paid("2023-01-10", 1020),
            {"type": "undo", "nth": 1, "of": "Repayment", "made_on": "2023-01-10"},
            charged("2023-01-28", 20, penalty=True),
            paid("2023-01-28", 1040),
            {"type": "undo", "nth": 1, "of": "Repayment", "made_on": "2023-01-28"},
            charged(due, 20, penalty=True),
            paid(due, 20),
            paid("2023-02-05", 1040),
        )
    )
    assert splits(answer) == [(0, 0, 0, 20, 1000), (1000, 0, 20, 20, 0)]
    assert column(answer, "late") == ["1040.00"]


def test_transactions_are_taken_by_date_in_whatever_order_they_stand() -> None:
    """The payoff is what is left after the payment before it."""
    case = {key: FINERACT["P01"][key] for key in ("product", "disbursement", "transactions")}
    turned = deepcopy(case)
    turned["transactions"].reverse()
    assert ask(turned) == ask(case)


@pytest.mark.parametrize(
    ("key", "value"), [("compounding_on_day", 1), ("compounding_on_day", "Monday"), ("rest_interval", "1")]
)
def test_weekly_compounding_falls_on_the_day_of_the_rows(key: str, value: object) -> None:
    """ClientLoanIntegrationTest: daily rest, overdue interest compounded weekly, two weeks unpaid."""
    case = deepcopy(FINERACT["W02"])
    rule = case["product"]["interest_recalculation"]
    rule.update(rest_frequency="DAILY", compounding="INTEREST", compounding_frequency="WEEKLY")
    rule[key] = value
    assert column(ask(case), "interest") == ["46.15", "46.37", "23.24", "11.67"]
    rule[key] = 2
    assert ask(case)["error"]["where"] == f"product.interest_recalculation.{key}"


def test_giving_back_what_was_overpaid_is_refused_and_not_taken_for_a_payment() -> None:
    answer = ask(told("A05", paid(MID_JANUARY, 10, "credit_balance_refund")))
    assert answer["error"]["code"] == "UNSUPPORTED_TERM"
