"""Published terms end to end: product defined, loan applied for and paid out, rows as published."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from banking import loans
from banking.products import define_loan_product
from banking.repayments import post_repayment
from banking.tranches import disburse_tranche
from ledger.money import ZERO, format_major, parse_major, total
from satchel.calc import answer_loan
from schema.accounts import Installment, LoanTransaction
from tests.support.books import Books
from tests.support.lending import a_client, broken

Json = Mapping[str, Any]
FILE = Path(__file__).parents[2].parent / "shared" / "cases" / "loans-fineract.json"
CASES: dict[str, Json] = {case["id"]: case for case in json.loads(FILE.read_text(encoding="utf-8"))["cases"]}
PUBLISHED_ROWS = [
    "D01-due-dates-seed-31",
    "D03-due-dates-first-29feb",
    "D05-due-dates-disb-31mar",
    "J01-decl-emi-12000-2pct-month",
    "J02-equal-principal-currency-multiples-of-100",
    "J03-equal-principal-currency-multiples-of-100-grace5",
    "J07-zero-interest-1250-by-4-mult1",
    "J13-zero-interest-1250-by-3",
    "S01-flat-monthly-mult1",
    "S02-decl-emi-monthly-same",
    "S04-decl-equal-principal",
    "S05-decl-emi-grace-principal-3",
    "S07-decl-emi-grace-principal-6-interest-payment-3",
    "E02-progressive-365-actual-15.678",
    "E03-progressive-364-weekly",
    "E04-progressive-364-biweekly",
]
OTHERS = sorted(
    set(CASES) - set(PUBLISHED_ROWS) - {"E10-progressive-late-disbursement-in-period", "R16-recalculation"}
)
"""E10's first period begins before its disbursement, which no loan of a branch does; R16 has its own test."""


def terms_of(product: Json, digits: int) -> dict[str, object]:
    """Give the terms of a case as a product of headquarters has them."""
    size = product.get("installment_amount_in_multiples_of")
    steps = [step.rpartition("_") for step in product.get("payment_allocation_order") or ()]
    future = product.get("future_installment_rule") or {}
    terms: dict[str, object] = {
        "name": "A published product",
        "interest_type": product["interest_type"],
        "amortization": product["amortization"],
        "interest_period": product["interest_calculation_period"],
        "annual_rate": Decimal(product["annual_rate_percent"]),
        "installments": int(product["number_of_repayments"]),
        "repay_every": int(product["repay_every"]),
        "repay_unit": product["repay_unit"],
        "days_in_year": str(product["days_in_year"]),
        "days_in_month": str(product["days_in_month"]),
        "partial_periods": int(product["allow_partial_period_interest"]),
        "currency_multiple": 0 if digits else int(product["currency_in_multiples_of"] or 0),
        "installment_multiple": 0 if size is None else parse_major(str(size), digits).minor,
        "grace_principal": product.get("grace_on_principal_payment") or 0,
        "grace_interest_payment": product.get("grace_on_interest_payment") or 0,
        "grace_interest_charged": product.get("grace_on_interest_charged") or 0,
        "schedule_kind": product["schedule_type"].lower(),
        "strategy": product["repayment_strategy"],
        "allocation_order": ", ".join(f"{kind} {part.lower()}" for kind, _, part in steps),
        "future_rules": ", ".join(f"{kind} {rule}" for kind, rule in future.items()),
        "most_tranches": 3 if product["multi_disburse"] and product["interest_type"] != "FLAT" else 0,
        "auto_down_payment": int(product.get("auto_down_payment") or 0),
    }
    if product["down_payment_percent"] is not None:
        terms["down_payment_percent"] = Decimal(product["down_payment_percent"])
    rule = product["interest_recalculation"]
    if rule is not None:
        terms |= {
            "recalculation": rule["reschedule_strategy"],
            "recalculation_rest": rule["rest_frequency"],
            "recalculation_compounding": rule["compounding"],
            "recalculation_day": rule.get("compounding_on_day"),
            "payoff_interest": rule.get("preclose_interest") or "TILL_PRE_CLOSE_DATE",
        }
    return terms


def lend(books: Books, case: Json) -> tuple[Books, int]:
    """Define the product, apply, pay the first part out; give books in its currency and the loan's id."""
    product = case["product"]
    lent = replace(books, digits=int(product["currency_digits"]))
    on = date.fromisoformat(case["disbursement"]["date"])
    amount = parse_major(str(case["disbursement"]["amount"]).removesuffix(".0"), lent.digits)
    first = product.get("first_repayment_date")
    with lent.hq_work() as session:
        made = define_loan_product(session, "CASE", terms_of(product, lent.digits))
    with lent.work() as session:
        loan = loans.apply(
            session,
            client_id=a_client(session),
            product_id=made.id,
            principal=parse_major(product["principal"], lent.digits),
            applied_on=on,
        )
        loans.approve(session, loan.id, on)
        first_due_on = date.fromisoformat(first) if first else None
        loans.disburse(session, loan.id, on, amount=amount, first_due_on=first_due_on)
    return lent, loan.id


def rows_of(lent: Books, loan_id: int, on: date) -> list[dict[str, str]]:
    """Give date, principal and interest of each row; they add up to what was paid out."""
    assert broken(lent) == []
    with lent.look() as session:
        wanted = select(Installment).where(Installment.loan_account_id == loan_id)
        rows = list(session.scalars(wanted.order_by(Installment.number)))
        parts = select(LoanTransaction.amount).where(
            LoanTransaction.loan_account_id == loan_id, LoanTransaction.kind == "disbursement"
        )
        assert total(row.principal for row in rows) == total(session.scalars(parts))
    return [
        {
            "due_date": row.due_on.isoformat(),
            "principal": format_major(row.principal, lent.digits),
            "interest": format_major(row.interest, lent.digits),
        }
        for row in rows
        if (row.principal or row.interest) != ZERO or row.due_on > on
    ]


@pytest.mark.parametrize("name", PUBLISHED_ROWS)
def test_rows_of_a_loan_paid_out_are_the_published_ones(books: Books, name: str) -> None:
    """Every figure that the source gives for dates, principal and interest of the rows."""
    case = CASES[name]
    lent, loan_id = lend(books, case)
    rows = rows_of(lent, loan_id, date.fromisoformat(case["disbursement"]["date"]))
    compare([row for row in case["expected_schedule"] if "nr" in row], rows)


def compare(published: Sequence[Json], rows: Sequence[Mapping[str, str]]) -> None:
    """See that every published figure of dates, principal and interest is ours."""
    assert published
    for row in published:
        ours = rows[row["nr"] - 1]
        for part in {"due_date", "principal", "interest"} & set(row):
            same = (
                ours[part] == row[part] if part == "due_date" else Decimal(ours[part]) == Decimal(row[part])
            )
            assert same, f"row {row['nr']}: {part} {row[part]} published, {ours[part]} here"


@pytest.mark.parametrize("name", OTHERS)
def test_rows_of_a_loan_paid_out_are_those_of_the_arithmetic(books: Books, name: str) -> None:
    """Terms of every other case, before anything has happened: the same rows as ``calc loan`` gives."""
    case = CASES[name]
    asked = {"product": case["product"], "disbursement": case["disbursement"]}
    answer = answer_loan(json.dumps(asked).encode())
    schedule = answer["schedule"]
    assert isinstance(schedule, list)
    expected = [
        {part: row[part] for part in ("due_date", "principal", "interest")} for row in schedule if "nr" in row
    ]
    lent, loan_id = lend(books, case)
    rows = rows_of(lent, loan_id, date.fromisoformat(case["disbursement"]["date"]))
    assert rows[: len(expected)] == expected


def test_a_published_loan_in_three_parts_has_the_published_rows(books: Books) -> None:
    """R16: paid out in three tranches, each on a due date, and repaid as due; interest is recalculated."""
    case = CASES["R16-recalculation"]
    lent, loan_id = lend(books, case)
    for event in case["events"]:
        if event["type"] not in {"disburse", "repayment"} or event["date"] == case["disbursement"]["date"]:
            continue
        on, amount = date.fromisoformat(event["date"]), parse_major(event["amount"], lent.digits)
        lent.today = on
        with lent.work() as session:
            if event["type"] == "disburse":
                disburse_tranche(session, loan_id, on, amount=amount)
            else:
                post_repayment(session, loan_id, amount, on)
    rows = rows_of(lent, loan_id, date.fromisoformat(case["disbursement"]["date"]))
    compare([row for row in case["expected_schedule"] if "nr" in row], rows)
