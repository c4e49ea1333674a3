"""Every input of every case, changed to another value that makes sense, changes the answer or is refused.

What may leave the answer as it was is listed with the reason; what is refused by ``UNSUPPORTED_TERM`` is
counted by term (shown with ``-s``), and there is nothing of that in the tiers core and strategy.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from ledger.recalculation import AfterExcess, Compounding, PayoffInterest, Rest
from ledger.terms import (
    Amortization,
    DaysInMonth,
    FutureRule,
    InterestPeriod,
    InterestType,
    RepayUnit,
    Strategy,
)
from satchel.calc import _NOTES
from satchel.calc_terms import _PRODUCT_NOTES, ScheduleType
from tests.satchel.calc_cases import Case, ask, cases

Path = tuple[str | int, ...]

DESCRIBING = {*_NOTES, *_PRODUCT_NOTES, "line", "text", "name", "type", "of", "when", "calc", "math_context"}
CHOICES: dict[str, tuple[object, ...]] = {
    "repay_unit": tuple(RepayUnit),
    "interest_type": tuple(InterestType),
    "amortization": tuple(Amortization),
    "interest_calculation_period": tuple(InterestPeriod),
    "days_in_year": ("actual", 360, 364, 365),
    "days_in_month": tuple(DaysInMonth),
    "repayment_strategy": tuple(strategy for strategy in Strategy if strategy is not Strategy.ADVANCED),
    "schedule_type": tuple(ScheduleType),
    "rest_frequency": tuple(Rest),
    "compounding": tuple(Compounding),
    "reschedule_strategy": tuple(AfterExcess),
    "preclose_interest": tuple(PayoffInterest),
    "processing_type": ("HORIZONTAL", "VERTICAL"),
    "DEFAULT": tuple(FutureRule),
}
MAY_STAY = {
    "repayment_strategy": "orders agree where nothing tells them apart",
    "days_in_year": "no daily interest, no interest, or a cent's part of it",
    "days_in_month": "no daily interest by months",
    "allow_partial_period_interest": "every period is whole",
    "multi_disburse": "it says what may come, and nothing more came",
    "currency_in_multiples_of": "0 and 1 are the same",
    "installment_amount_in_multiples_of": "the installment is a multiple of both",
    "amortization": "flat loans and loans without interest have equal principal anyway",
    "schedule_type": "without interest, or flat, the rows are the same",
    "interest_type": "no interest, or one row",
    "interest_calculation_period": "no interest",
    "grace_on_interest_charged": "no interest",
    "grace_on_interest_payment": "no interest",
    "grace_on_principal_payment": "more was paid than the grace puts off",
    "reschedule_strategy": "no money beyond the schedule",
    "preclose_interest": "no payoff",
    "rest_frequency": "all money came on due dates",
    "compounding": "no interest is overdue",
    "processing_type": "one row, or one part",
    "DEFAULT": "no early money",
    "GOODWILL_CREDIT": "none came",
    "MERCHANT_ISSUED_REFUND": "none came",
    "PAYOUT_REFUND": "none came",
    "rest_interval": "0 and 1 are the same",
    "annual_rate_percent": "the currency's multiple of 100 hides one percent",
    "submitted_on": "the day of asking for a change",
    "undone_on": "the day of taking back",
    "date": "a business date, or money that was taken back",
    "amount": "money that was taken back",
}
FINERACT = {case["id"]: case for case in cases("loans-fineract.json")}
MIFOS = {case["file"]: case for case in cases("loans-mifos.json")}


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Give every input of a case: what neither describes it nor says what is expected."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in DESCRIBING and not key.startswith("expected"):
                yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if not (isinstance(inner, dict) and str(inner.get("type", "")).startswith("check")):
                yield from leaves(inner, (*path, index))
    elif value is not None:
        yield path, value


def others(path: Path, value: object) -> Iterator[object]:
    """Give other values that could stand there."""
    key = str(path[-1])
    if key in CHOICES:
        yield from (choice for choice in CHOICES[key] if str(choice) != str(value))
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, str) and value[:4].isdigit() and value.count("-") == 2:
        yield (date.fromisoformat(value) + timedelta(days=1)).isoformat()
    elif isinstance(value, str) and value.replace(".", "").isdigit():
        yield str(float(value) + 1) if "." in value else str(int(value) + 1)


def changed(case: Case, path: Path, value: object) -> Case:
    """Give the case with one input replaced; the term of the loan goes with number and distance of rows."""
    question: Any = deepcopy(case)
    inside = question
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    if path[-1] in {"number_of_repayments", "repay_every", "repay_unit"}:
        for key in ("loan_term", "loan_term_unit"):
            question["product"].pop(key, None)
    return dict(question)


def asked_of(case: Case) -> Case:
    """Leave out what is not read where events are told."""
    told = ("charges", "transactions", "later_disbursements") if "events" in case else ()
    return {key: value for key, value in case.items() if key not in told}


@cache
def outcomes(name: str) -> tuple[frozenset[str], Counter[str]]:
    """Give the inputs of a case that left the answer as it was, and what was refused as unsupported."""
    case = asked_of(FINERACT[name])
    expected, stayed, refused = ask(case), set(), Counter[str]()
    for path, value in leaves(case):
        for other in others(path, value):
            answer = ask(changed(case, path, other))
            error = answer.get("error", {})
            if answer == expected:
                stayed.add(str(path[-1]))
            elif error.get("code") == "UNSUPPORTED_TERM":
                refused[str(error["where"])] += 1
    return frozenset(stayed), refused


@pytest.mark.parametrize("name", FINERACT)
def test_no_input_that_bears_on_figures_is_ignored(name: str) -> None:
    assert outcomes(name)[0] <= set(MAY_STAY)


@pytest.mark.parametrize(
    "name", [name for name, case in FINERACT.items() if case["tier"] in {"core", "strategy"}]
)
def test_nothing_is_unsupported_in_core_and_strategy(name: str) -> None:
    assert not outcomes(name)[1]


def test_what_is_refused_is_counted_by_term() -> None:
    """Shown with ``-s``: only recalculated and progressive loans have terms without a known rule."""
    counts: Counter[tuple[str, str]] = Counter()
    for name, case in FINERACT.items():
        for term, count in outcomes(name)[1].items():
            counts[case["tier"], term] += count
    for (tier, term), count in sorted(counts.items()):
        sys.stdout.write(f"{tier:14} {count:4} {term}\n")
    assert {tier for tier, _ in counts} <= {"recalculation", "progressive"}


MIFOS_CHOICES: dict[str, tuple[str, ...]] = {
    "Loan Type": ("Flat", "Declining", "Fixed Principal"),
    "Payment Frequency": ("Weekly", "Monthly"),
    "Days in Year": ("360", "365"),
    "GracePeriodType": ("None", "Principal", "All"),
    "FeeFrequency": ("None", "Periodic"),
    "FeeType": ("Value", "Principal", "Interest", "Principal+Interest"),
}
MUST_CHANGE = ("Principal", "Annual Interest", "Number of Payments", "Digits After Decimal")


@pytest.mark.parametrize("name", MIFOS)
def test_parameters_of_the_spreadsheets_change_the_answer_and_none_is_unsupported(name: str) -> None:
    case = MIFOS[name]
    expected = ask(case)
    for key, value in case["params"].items():
        kinds = MIFOS_CHOICES.get(key, ())
        given = [kind for kind in kinds if kind != value]
        if key in MUST_CHANGE:
            number = value.removesuffix("%")
            given = [f"{float(number) + 1}%" if "%" in value else str(int(float(number)) + 1)]
        for other in given:
            answer = ask({**case, "params": {**case["params"], key: other}})
            assert answer.get("error", {}).get("code") != "UNSUPPORTED_TERM", key
            assert answer != expected or key not in MUST_CHANGE, key
