"""Repayment schedules: the rows of a loan as they are promised on the day it is made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from ledger.dates import due_dates
from ledger.errors import BadTermError, NeverAmortizesError, UnsupportedTermError
from ledger.interest import (
    ACTUAL_YEAR_DAYS,
    EXACT,
    equal_installment,
    nominal_rate,
    round_money,
    round_multiple,
    span_rate,
)
from ledger.mifos import LoanKind, MifosTerms, build_mifos_schedule
from ledger.money import MAX_MINOR, ZERO, Money
from ledger.terms import Amortization, Convention, InterestPeriod, InterestType, LoanTerms


@dataclass(frozen=True, slots=True)
class ScheduledInstallment:
    """One row of a schedule: when it is due, for which days, and how much; amounts in minor units."""

    number: int
    start: date
    due_date: date
    principal: Money
    interest: Money

    @property
    def days(self) -> int:
        """Count the days that the row covers."""
        return (self.due_date - self.start).days

    @property
    def due(self) -> Money:
        """Principal and interest."""
        return self.principal + self.interest


def build_schedule(
    terms: LoanTerms,
    disbursed_on: date,
    first_due_on: date | None = None,
    dates: Sequence[date] | None = None,
) -> list[ScheduledInstallment]:
    """Compute the rows of a loan; their principal adds up to ``terms.principal`` exactly.

    A schedule may have fewer rows than ``terms.installments`` when rounding up to a multiple pays the
    principal off earlier.

    dates    due dates of ``terms.installments`` rows where they do not simply follow from the first one:
             those of meetings, or moved by holidays
    raises   BadTermError (also for dates that do not rise after disbursement), NeverAmortizesError,
             UnsupportedTermError
    source   conventions "fineract" (cumulative schedules) and "mifos" (see ``ledger.mifos``)
    """
    if first_due_on is not None and first_due_on <= disbursed_on:
        raise BadTermError(term="first_due_on", given=first_due_on)
    if terms.down_payment_percent is not None:
        return _with_down_payment(terms, disbursed_on, first_due_on, dates)
    dates = rising_dates(terms, disbursed_on, first_due_on, dates)
    starts = [disbursed_on, *dates[:-1]]
    seed_day = (first_due_on or disbursed_on).day
    if terms.convention is Convention.MIFOS:
        rows = mifos_parts(terms)
    elif terms.interest_type is InterestType.FLAT:
        rows = _flat(terms, starts, dates, seed_day)
    else:
        rows = declining_parts(terms, starts, dates, seed_day)
    if sum(principal + interest for principal, interest in rows) > MAX_MINOR:
        raise BadTermError(term="principal", given=terms.principal)
    return [
        ScheduledInstallment(number, start, due, Money(principal), Money(interest))
        for number, (start, due, (principal, interest)) in enumerate(
            zip(starts, dates, rows, strict=False), 1
        )
    ]


def rising_dates(
    terms: LoanTerms, start: date, first_due_on: date | None, dates: Sequence[date] | None
) -> list[date]:
    """Give the due dates of the rows after ``start``: the given ones, or those that follow from the first.

    raises   BadTermError for dates that do not rise, or are not one for each row
    """
    if dates is None:
        return due_dates(start, terms.installments, terms.repay_every, terms.repay_unit, first_due_on)
    if len(dates) != terms.installments:
        raise BadTermError(term="installments", given=len(dates))
    for earlier, later in pairwise([start, *dates]):
        if later <= earlier:
            raise BadTermError(term="due_dates", given=later)
    return list(dates)


def _with_down_payment(
    terms: LoanTerms, disbursed_on: date, first_due_on: date | None, dates: Sequence[date] | None
) -> list[ScheduledInstallment]:
    """Put a row due at disbursement before the others; flat interest counts on the whole amount."""
    down = down_payment(terms, terms.principal.minor)
    left = terms.principal.minor - down
    plain = replace(terms, down_payment_percent=None, auto_down_payment=False)
    interest = build_schedule(plain, disbursed_on, first_due_on, dates)
    rows = build_schedule(replace(plain, principal=Money(left)), disbursed_on, first_due_on, dates)
    first = ScheduledInstallment(1, disbursed_on, disbursed_on, Money(down), Money(0))
    return [
        first,
        *(
            replace(row, number=row.number + 1, interest=whole.interest)
            for row, whole in zip(rows, interest, strict=False)
        ),
    ]


def down_payment(terms: LoanTerms, amount: int) -> int:
    """Give what is due of ``amount`` on the day that it is paid out, minor units.

    To a multiple it is rounded with halves up, unlike the installments: 312.50 gives 313.
    source   Apache Fineract, LoanAccountRepaymentCalculationTest: 313, 312, 312, 313 of 1,250
    raises   BadTermError where that is nothing or all of it; UnsupportedTermError
    """
    share = EXACT.divide(terms.down_payment_percent or Decimal(0), Decimal(100))
    part = EXACT.multiply(Decimal(amount), share)
    multiple = terms.installment_multiple
    down = round_multiple(part, multiple, ROUND_HALF_UP) if multiple else round_money(part, terms)
    if not 0 < down < amount:
        raise BadTermError(term="down_payment_percent", given=terms.down_payment_percent)
    if terms.interest_type is InterestType.DECLINING and terms.annual_rate:
        raise UnsupportedTermError(term="down_payment_percent with declining interest")
    return down


def declining_parts(
    terms: LoanTerms,
    starts: Sequence[date],
    dates: Sequence[date],
    seed_day: int,
    payment: int | None = None,
) -> list[tuple[int, int]]:
    """Give principal and interest (minor units) of each row of a declining loan.

    Interest counts on what is still owed; principal is the installment less interest, or fixed.

    starts, dates  of the rows, one each for ``terms.installments``
    payment        the installment, where a running loan keeps one; solved from ``terms`` otherwise
    """
    solved, principal_part = installment_of(terms)
    payment = solved if solved is None or payment is None else payment
    balance = terms.principal.minor
    rows: list[tuple[int, int]] = []
    for index, (start, due) in enumerate(zip(starts, dates, strict=True)):
        rate = span_rate(terms, start, due, terms.repay_every, seed_day)
        interest = round_money(EXACT.multiply(Decimal(balance), rate), terms)
        if index < terms.grace_interest_charged:
            interest = 0
        if index < terms.grace_principal:
            principal = 0
        elif index == terms.installments - 1:
            principal = balance
        elif payment is None:
            principal = min(principal_part, balance)
        else:
            principal = min(payment - interest, balance)
        if principal < 0:
            raise NeverAmortizesError(installment=Money(payment or 0), interest=Money(interest))
        rows.append((principal, interest))
        balance -= principal
        if not balance:
            break
    return collect_late(rows, terms.grace_interest_payment)


def installment_of(terms: LoanTerms) -> tuple[int | None, int]:
    """Give the equal payment (or None) and the equal principal of a declining loan, rounded, minor units."""
    rows = terms.installments - terms.grace_principal
    principal = terms.principal.minor
    if terms.fixed_principal_percent is not None:
        part = EXACT.multiply(Decimal(principal), EXACT.divide(terms.fixed_principal_percent, Decimal(100)))
        return None, round_money(part, terms)
    if terms.amortization is Amortization.EQUAL_PRINCIPAL:
        return None, round_money(EXACT.divide(Decimal(principal), Decimal(rows)), terms)
    payment = equal_installment(principal, nominal_rate(terms), rows)
    if terms.installment_multiple > 1:
        return round_multiple(payment, terms.installment_multiple), 0
    return round_money(payment, terms), 0


def collect_late(rows: list[tuple[int, int]], grace: int) -> list[tuple[int, int]]:
    """Move the interest of the first ``grace`` rows into the row after them; nothing is lost."""
    grace = min(grace, len(rows) - 1)
    if not grace:
        return rows
    waiting = sum(interest for _, interest in rows[:grace])
    principal, interest = rows[grace]
    return [*((part, 0) for part, _ in rows[:grace]), (principal, interest + waiting), *rows[grace + 1 :]]


def flat_interest(
    terms: LoanTerms, starts: Sequence[date], dates: Sequence[date], seed_day: int
) -> list[int]:
    """Give the interest of each row of a flat loan: the whole in equal parts, the last row what is left."""
    count = terms.installments
    rate = span_rate(terms, starts[0], dates[-1], terms.repay_every * count, seed_day)
    whole = EXACT.multiply(Decimal(terms.principal.minor), rate)
    free = terms.grace_interest_charged
    whole -= EXACT.divide(whole, Decimal(count)) * free
    total = round_money(whole, terms)
    grace = max(terms.grace_interest_payment, free)
    part = round_money(EXACT.divide(Decimal(total), Decimal(count - grace)), terms)
    interests = [0] * grace + [min(part, max(0, total - part * index)) for index in range(count - grace)]
    interests[-1] = total - sum(interests[:-1])
    return interests


def _flat(
    terms: LoanTerms, starts: Sequence[date], dates: Sequence[date], seed_day: int
) -> list[tuple[int, int]]:
    """Interest on the whole principal for the whole term, in equal parts; the last row takes what is left."""
    interests = flat_interest(terms, starts, dates, seed_day)
    grace = max(terms.grace_interest_payment, terms.grace_interest_charged)
    principal_part = flat_principal(terms, interests[grace])
    rows: list[tuple[int, int]] = []
    owed = terms.principal.minor
    for index, interest in enumerate(interests):
        part = 0 if index < terms.grace_principal else min(principal_part, owed)
        if index == terms.installments - 1 or part == owed:
            rows.append((owed, sum(interests[index:])))
            break
        if part < 0:
            raise NeverAmortizesError(installment=Money(part + interest), interest=Money(interest))
        rows.append((part, interest))
        owed -= part
    return rows


def flat_principal(terms: LoanTerms, interest: int) -> int:
    """Give the equal principal of a flat loan; a multiple rounds both parts, and the sum stays on it."""
    principal = Decimal(terms.principal.minor)
    if terms.fixed_principal_percent is not None:
        share = EXACT.divide(terms.fixed_principal_percent, Decimal(100))
        return round_money(EXACT.multiply(principal, share), terms)
    part = EXACT.divide(principal, Decimal(terms.installments - terms.grace_principal))
    multiple = terms.installment_multiple
    if multiple <= 1 or terms.amortization is Amortization.EQUAL_PRINCIPAL:
        return round_money(part, terms)
    return round_multiple(part, multiple) + round_multiple(Decimal(interest), multiple) - interest


def mifos_terms(terms: LoanTerms) -> MifosTerms:
    """Say ``terms`` as the other convention says them.

    raises   UnsupportedTermError for terms that it does not know
    """
    rounding = terms.mifos_rounding
    if rounding is None:
        raise UnsupportedTermError(term="convention=mifos without its roundings")
    for term, unknown in (
        ("interest_period", terms.interest_period is InterestPeriod.DAILY),
        ("partial_periods", terms.partial_periods),
        ("grace_interest_payment", terms.grace_interest_payment),
        ("grace_interest_charged", terms.grace_interest_charged),
        ("fixed_principal_percent", terms.fixed_principal_percent is not None),
        ("currency_multiple", terms.currency_multiple > 1),
    ):
        if unknown:
            raise UnsupportedTermError(term=f"{term} with convention=mifos")
    kind = LoanKind.FLAT if terms.interest_type is InterestType.FLAT else LoanKind.DECLINING
    if terms.amortization is Amortization.EQUAL_PRINCIPAL and kind is LoanKind.DECLINING:
        kind = LoanKind.FIXED_PRINCIPAL
    return MifosTerms(
        principal=terms.principal,
        annual_rate=terms.annual_rate,
        kind=kind,
        installments=terms.installments,
        repay_unit=terms.repay_unit,
        repay_every=terms.repay_every,
        days_in_year=terms.days_in_year or ACTUAL_YEAR_DAYS,
        currency=rounding.currency,
        initial=rounding.initial,
        final=rounding.final,
        grace_principal=terms.grace_principal,
    )


def rounding_difference(terms: LoanTerms) -> Money:
    """Give what the roundings of a schedule took (above zero) or gave (below); zero where none is kept."""
    if terms.convention is Convention.FINERACT:
        return ZERO
    return build_mifos_schedule(mifos_terms(terms)).rounding_difference


def mifos_parts(terms: LoanTerms) -> list[tuple[int, int]]:
    """Give principal and interest of each row by the other convention; a row below zero is refused."""
    other = mifos_terms(terms)
    rows = [(row.principal.minor, row.interest.minor) for row in build_mifos_schedule(other).rows]
    if any(min(row) < 0 for row in rows):
        raise BadTermError(term="mifos_rounding", given=other.initial.multiple)
    return rows
