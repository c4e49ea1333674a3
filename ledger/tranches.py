"""Loans that are paid out in parts, each on a day of its own (convention "fineract").

* The equal installment, or the equal principal, follows from ``terms.principal``: what was approved, or what
  was paid out up to now; the caller says which by the terms that it gives.
* A tranche bears interest from its day; one on a due date counts from the next row. Flat interest counts on
  the whole principal for the whole term, whenever its parts were paid out.
* A down payment is due with each tranche, in a row of its own.
* No row pays more principal than was paid out before it falls due; the last row takes what is left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ledger.errors import BadTermError, NeverAmortizesError, UnsupportedTermError
from ledger.interest import EXACT, round_money, span_rate
from ledger.money import ZERO, Money
from ledger.schedule import (
    ScheduledInstallment,
    collect_late,
    down_payment,
    flat_interest,
    flat_principal,
    installment_of,
    rising_dates,
)
from ledger.terms import Convention, InterestType, LoanTerms


@dataclass(frozen=True, slots=True)
class Tranche:
    """Money paid out to the client; minor units."""

    on: date
    amount: int


def build_tranched_schedule(
    terms: LoanTerms,
    tranches: Sequence[Tranche],
    first_due_on: date | None = None,
    dates: Sequence[date] | None = None,
) -> list[ScheduledInstallment]:
    """Compute the rows of a loan paid out in ``tranches``, oldest first; principal adds up to their sum.

    dates    as in ``build_schedule``
    raises   BadTermError for a tranche on or after the last due date, none at all, or more than
             ``terms.principal``; UnsupportedTermError; NeverAmortizesError
    """
    if not tranches or sum(tranche.amount for tranche in tranches) > terms.principal.minor:
        raise BadTermError(term="tranches", given=len(tranches))
    if terms.convention is Convention.MIFOS:
        raise UnsupportedTermError(term="tranches with convention=mifos")
    if terms.down_payment_percent is not None:
        return _with_down_payments(terms, tranches, first_due_on, dates)
    start = tranches[0].on
    dates = rising_dates(terms, start, first_due_on, dates)
    if dates[0] <= start or tranches[-1].on >= dates[-1]:
        raise BadTermError(term="tranches", given=tranches[-1].on)
    starts = [start, *dates[:-1]]
    parts = _parts(terms, tranches, starts, dates, (first_due_on or start).day)
    return [
        ScheduledInstallment(number, begun, due, Money(principal), Money(interest))
        for number, (begun, due, (principal, interest)) in enumerate(
            zip(starts, dates, parts, strict=False), 1
        )
    ]


def _with_down_payments(
    terms: LoanTerms, tranches: Sequence[Tranche], first_due_on: date | None, dates: Sequence[date] | None
) -> list[ScheduledInstallment]:
    """Put a row due with each tranche before the others; flat interest counts on the whole amounts."""
    downs = [Tranche(tranche.on, down_payment(terms, tranche.amount)) for tranche in tranches]
    lefts = [
        Tranche(tranche.on, tranche.amount - down.amount)
        for tranche, down in zip(tranches, downs, strict=True)
    ]
    plain = replace(terms, down_payment_percent=None, auto_down_payment=False)
    left = terms.principal.minor - sum(down.amount for down in downs)
    whole = build_tranched_schedule(plain, tranches, first_due_on, dates)
    rows = build_tranched_schedule(replace(plain, principal=Money(left)), lefts, first_due_on, dates)
    rows = [replace(row, interest=other.interest) for row, other in zip(rows, whole, strict=False)]
    rows += [ScheduledInstallment(0, down.on, down.on, Money(down.amount), ZERO) for down in downs]
    rows.sort(key=lambda row: (row.due_date, row.number))
    return [replace(row, number=number) for number, row in enumerate(rows, 1)]


def _parts(
    terms: LoanTerms,
    tranches: Sequence[Tranche],
    starts: Sequence[date],
    dates: Sequence[date],
    seed_day: int,
) -> list[tuple[int, int]]:
    """Give principal and interest of each row, minor units."""
    flat = terms.interest_type is InterestType.FLAT
    interests = flat_interest(terms, starts, dates, seed_day) if flat else []
    payment, part = installment_of(terms)
    if flat:
        payment, part = None, flat_principal(terms, interests[_first_interest(terms)])
    repaid, rows = 0, list[tuple[int, int]]()
    for index, (start, due) in enumerate(zip(starts, dates, strict=True)):
        owed = sum(tranche.amount for tranche in tranches if tranche.on < due) - repaid
        exact = _interest(terms, tranches, (start, due), repaid, seed_day)
        interest = interests[index] if flat else round_money(exact, terms)
        if index < terms.grace_interest_charged:
            interest = 0
        principal = min(owed, part if payment is None else payment - interest)
        if index < terms.grace_principal:
            principal = 0
        elif index == terms.installments - 1:
            principal = owed
        if principal < 0:
            raise NeverAmortizesError(installment=Money(payment or 0), interest=Money(interest))
        rows.append((principal, interest))
        repaid += principal
        if repaid == sum(tranche.amount for tranche in tranches):
            break
    return _closing(rows, interests) if flat else collect_late(rows, terms.grace_interest_payment)


def _first_interest(terms: LoanTerms) -> int:
    return max(terms.grace_interest_payment, terms.grace_interest_charged)


def _closing(rows: list[tuple[int, int]], interests: Sequence[int]) -> list[tuple[int, int]]:
    """Give the interest of flat rows that are no longer needed to the last row that is."""
    principal, interest = rows[-1]
    return [*rows[:-1], (principal, interest + sum(interests[len(rows) :]))]


def _interest(
    terms: LoanTerms, tranches: Sequence[Tranche], row: tuple[date, date], repaid: int, seed_day: int
) -> Decimal:
    """Give the exact interest of a row: each tranche for the part of the row after its day."""
    start, due = row
    rate = span_rate(terms, start, due, terms.repay_every, seed_day)
    exact = EXACT.multiply(Decimal(-repaid), rate)
    for amount, days in _bearing(tranches, start, due):
        part = EXACT.divide(EXACT.multiply(rate, Decimal(days)), Decimal((due - start).days))
        exact = EXACT.add(exact, EXACT.multiply(Decimal(amount), part))
    return exact


def _bearing(tranches: Sequence[Tranche], start: date, due: date) -> Iterator[tuple[int, int]]:
    for tranche in tranches:
        if tranche.on < due:
            yield tranche.amount, (due - max(start, tranche.on)).days
