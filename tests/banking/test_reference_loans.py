"""Published loans, lived through in the books: rows and allocations are those of ``satchel calc loan``."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import loans, repayments
from banking.clients import register_client
from banking.loan_charges import charge_overdue, put_charge
from banking.loan_replay import read_story
from banking.rescheduling import reschedule_loan
from ledger.charges import Charge, ChargeTime
from ledger.money import Money, format_major, parse_major
from ledger.replay import Outcome
from ledger.rescheduling import Reschedule
from satchel.calc import answer_loan
from satchel.calc_events import read_charge
from satchel.calc_reading import read_document
from schema.accounts import LoanTransaction
from schema.products import ChargeDefinition, LoanProduct, ProductCharge
from schema.writing import insert
from tests.support.books import Books
from tests.support.lending import broken

Json = dict[str, Any]
SHARED_CASES = Path(__file__).parents[2].parent / "shared" / "cases" / "loans-fineract.json"
CASES: dict[str, Json] = {
    case["id"]: case
    for case in json.loads(SHARED_CASES.read_text(encoding="utf-8"))["cases"]
    if case["tier"] in {"core", "strategy"}
}
DUE = {ChargeTime.DATED: "date", ChargeTime.INSTALLMENT: "installment", ChargeTime.OVERDUE: "overdue"}
PAYMENTS = {"repayment", "goodwill_credit"}


class LivedCase:
    """One case: a product of its terms, a loan under it, and its events by the services of the counter."""

    def __init__(self, books: Books, case: Json) -> None:
        """Set the product up; nothing is lent yet."""
        self.case, self.terms = case, case["product"]
        self.digits = int(self.terms["currency_digits"])
        self.books = replace(books, digits=self.digits)
        self.today = date.fromisoformat(case["disbursement"]["date"])
        self.waiting: list[Json] = []
        self.loan_id = 0
        self.made: list[int] = []
        with self.books.hq_work() as session:
            self.product_id = self._product(session)
            for number, told in enumerate(self.terms.get("product_charges") or []):
                definition = self._definition(session, told, f"P{number}")
                insert(session, ProductCharge(charge_id=definition, loan_product_id=self.product_id))

    def _product(self, session: Session) -> int:
        terms = self.terms
        standard = session.scalars(select(LoanProduct).where(LoanProduct.code == "MONTHLY")).one()
        accounts = {name: getattr(standard, name) for name in vars(standard) if name.startswith("gl_")}
        multiple = terms.get("installment_amount_in_multiples_of")
        made = LoanProduct(
            code="CASE",
            name="A published case",
            interest_type=terms["interest_type"],
            amortization=terms["amortization"],
            annual_rate=Decimal(terms["annual_rate_percent"]),
            installments=int(terms["number_of_repayments"]),
            repay_every=int(terms["repay_every"]),
            repay_unit=terms["repay_unit"],
            days_in_year=str(terms["days_in_year"]),
            days_in_month=str(terms["days_in_month"]),
            interest_period=terms["interest_calculation_period"],
            partial_periods=int(terms["allow_partial_period_interest"]),
            currency_multiple=int(terms["currency_in_multiples_of"] or 0),
            installment_multiple=0 if multiple is None else int(multiple) * 10**self.digits,
            grace_principal=int(terms["grace_on_principal_payment"]),
            grace_interest_payment=int(terms["grace_on_interest_payment"]),
            grace_interest_charged=int(terms["grace_on_interest_charged"]),
            strategy=terms["repayment_strategy"],
            **accounts,
        )
        insert(session, made)
        return made.id

    def _definition(self, session: Session, told: Json, code: str) -> int:
        read: Charge = read_charge(read_document(json.dumps(told).encode()), self.digits)
        made = ChargeDefinition(
            code=code,
            name=read.name,
            due=DUE[read.when],
            penalty=int(read.penalty),
            amount=read.amount,
            percent=read.percent,
            base=read.base.value,
        )
        insert(session, made)
        return made.id

    def live(self) -> None:
        """Do everything that the case tells, in its order."""
        events = self.case.get("events")
        if not events:
            told = [*(self.case.get("charges") or []), *(self.case.get("transactions") or [])]
            events = [{"type": "disburse"}, *({"type": "charge", **one} for one in told)]
        for event in events:
            if not event["type"].startswith("check"):
                self._do(event)
        if not self.loan_id:
            self._do({"type": "disburse"})

    def _do(self, event: Json) -> None:
        kind = event["type"]
        self.today = date.fromisoformat(event.get("date") or self.today.isoformat())
        if kind == "disburse":
            self._disburse()
        elif kind == "charge" and not self.loan_id:
            self.waiting.append(event)
        elif kind == "charge":
            self._charge(event)
        elif kind != "business_date":
            with self.books.work(kind) as session:
                self._move(session, kind, event)

    def _disburse(self) -> None:
        on = date.fromisoformat(self.case["disbursement"]["date"])
        with self.books.work("loan.disburse") as session:
            loan = loans.apply(
                session,
                client_id=register_client(session, name="Wanjiku").id,
                product_id=self.product_id,
                principal=parse_major(self.terms["principal"], self.digits),
                applied_on=on,
            )
            loans.approve(session, loan.id, on)
            first = self.terms.get("first_repayment_date")
            loans.disburse(session, loan.id, on, first_due_on=date.fromisoformat(first) if first else None)
            self.loan_id = loan.id
        for event in self.waiting:
            self._charge(event)

    def _charge(self, event: Json) -> None:
        with self.books.hq_work() as session:
            charge_id = self._definition(session, event, f"C{len(self.waiting)}-{self.today}")
        each = event.get("when") == "installment"
        on = self.case["disbursement"]["date"] if each else event["due_date"]
        with self.books.work("loan.charge") as session:
            put_charge(session, self.loan_id, charge_id, date.fromisoformat(on))

    def _move(self, session: Session, kind: str, event: Json) -> None:
        on, loan_id = self.today, self.loan_id
        if kind in PAYMENTS:
            amount = parse_major(event["amount"], self.digits)
            self.made.append(repayments.post_repayment(session, loan_id, amount, on).id)
        elif kind == "waive_interest":
            amount = parse_major(event["amount"], self.digits)
            repayments.waive(session, loan_id, amount, on, component="interest")
        elif kind == "write_off":
            repayments.write_off(session, loan_id, None, on)
        elif kind == "charge_off":
            repayments.charge_off(session, loan_id, on)
        elif kind == "close_of_business":
            charge_overdue(session, loan_id, on)
        elif kind == "reschedule":
            reschedule_loan(session, loan_id, _change(event), on, reason="asked for")
        elif kind == "undo":
            repayments.reverse(session, self._meant(session, event), reason="undo", on=date(2030, 1, 1))
        else:
            pytest.fail(f"the books have no {kind}")

    def _meant(self, session: Session, event: Json) -> LoanTransaction:
        entries = [session.get_one(LoanTransaction, entry) for entry in self.made]
        day = event.get("made_on")
        found = [entry for entry in entries if day is None or entry.value_date.isoformat() == day]
        nth: int = event["nth"]
        return sorted(found, key=lambda entry: entry.value_date)[nth - 1]

    def allocations(self) -> list[Json]:
        """Give what each live entry paid, as ``calc`` writes it."""
        with self.books.look() as session:
            story = read_story(session, self.loan_id)
        return [
            self._allocation(entry.on, entry.amount.minor, story.standing[entry.order])
            for entry in sorted(story.entries, key=lambda entry: entry.place)
        ]

    def _allocation(self, on: date, amount: int, did: Outcome) -> Json:
        split = did.split
        parts = {
            "amount": amount,
            "principal": split.principal.minor,
            "interest": split.interest.minor,
            "fees": split.fee.minor,
            "penalties": split.penalty.minor,
            "overpayment": split.overpayment.minor,
        }
        return {"date": on.isoformat(), **{name: self._shown(part) for name, part in parts.items()}}

    def schedule(self) -> list[Json]:
        """Give the rows with something due, as ``calc`` writes them."""
        with self.books.look() as session:
            story = read_story(session, self.loan_id)
        charged: dict[tuple[int, bool], int] = {}
        for charge in story.charges:
            key = (charge.row_id, charge.penalty)
            charged[key] = charged.get(key, 0) + charge.amount
        rows = []
        for row in story.rows.values():
            gone = [did.rows.get(row.id, [0] * 4) for did in story.standing.values()]
            penalty, fee, interest, principal = row.due
            due = [penalty + charged.get((row.id, True), 0), fee + charged.get((row.id, False), 0)]
            parts = [*due, interest, principal]
            rows.append(
                {
                    "nr": row.number,
                    "due_date": row.due_on.isoformat(),
                    "penalties": self._shown(parts[0]),
                    "fees": self._shown(parts[1]),
                    "interest": self._shown(parts[2]),
                    "principal": self._shown(parts[3]),
                    "outstanding": self._shown(sum(parts) - sum(map(sum, gone))),
                }
            )
        return rows

    def _shown(self, minor: int) -> str:
        return format_major(Money(minor), self.digits)


def _change(event: Json) -> Reschedule:
    moved, rate = event.get("adjusted_due_date"), event.get("new_interest_rate")
    return Reschedule(
        from_date=date.fromisoformat(event["from_date"]),
        new_date=date.fromisoformat(moved) if moved else None,
        extra_rows=int(event.get("extra_terms") or 0),
        grace_principal=int(event.get("grace_on_principal") or 0),
        new_rate=Decimal(rate) if rate else None,
    )


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_published_loan_is_the_same_in_the_books(books: Books, name: str) -> None:
    """What each live payment paid, and what every row has due and still owes."""
    lived = LivedCase(books, CASES[name])
    lived.live()
    answer = answer_loan(json.dumps(CASES[name]).encode())
    wanted: Any = answer["allocations"]
    keys = ("date", "amount", "principal", "interest", "fees", "penalties", "overpayment")
    assert lived.allocations() == [{key: one[key] for key in keys} for one in wanted]
    rows: Any = answer["schedule"]
    shown = [row for row in rows if "nr" in row]
    keys = ("nr", "due_date", "penalties", "fees", "interest", "principal", "outstanding")
    assert lived.schedule() == [{key: row[key] for key in keys} for row in shown]
    assert broken(lived.books) == []
