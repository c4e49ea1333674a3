"""Terms that can be computed and should not be lent on: checks for products and applications.

Every check gives errors as values, so that one look at a form shows all its faults. The bare arithmetic
(``ledger.schedule``) gives a convention's figures even where these say no.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from ledger.errors import BadTermError, NeverAmortizesError, RuleError
from ledger.interest import EXACT
from ledger.money import Money
from ledger.schedule import ScheduledInstallment, build_schedule
from ledger.terms import Amortization, Convention, LoanTerms

UNSOUND_ANNUAL_RATE: Final = Decimal(1000)
"""A rate of so many percent a year is a typing error: a rate a month typed as one of a day, or worse."""

LONGEST_YEARS: Final = 50
LONGEST_FIRST_PERIODS: Final = 13
"""A first row may wait for harvest, for so many of its own periods; later is a wrong year."""


def rate_faults(annual_rate: Decimal) -> Iterator[RuleError]:
    """Refuse a rate of 1,000 percent a year and more, and one below zero."""
    if not annual_rate.is_finite() or not 0 <= annual_rate < UNSOUND_ANNUAL_RATE:
        yield BadTermError(term="annual_rate", given=annual_rate)


def term_faults(
    terms: LoanTerms, disbursed_on: date, first_due_on: date | None = None
) -> Iterator[RuleError]:
    """Name everything that makes a schedule nobody should sign.

    A rate of 1,000 percent and more; installments that do not pay their own interest, or leave more than
    the half of the loan to a last one that was meant to be equal; more interest than the books can hold; a
    first row before disbursement, or years after it; a last row after half a century.
    """
    yield from rate_faults(terms.annual_rate)
    too_early = first_due_on is not None and first_due_on <= disbursed_on
    if too_early:
        yield BadTermError(term="first_due_on", given=first_due_on)
    if terms.installment_multiple >= terms.principal.minor:
        yield BadTermError(term="installment_multiple", given=Money(terms.installment_multiple))
    if too_early:
        return
    try:
        rows = build_schedule(terms, disbursed_on, first_due_on)
    except RuleError as refusal:
        yield refusal
        return
    yield from _row_faults(terms, rows)
    if rows[-1].due_date.year - disbursed_on.year > LONGEST_YEARS:
        yield BadTermError(term="installments", given=terms.installments)
    regular = build_schedule(terms, disbursed_on)
    if rows[0].days > LONGEST_FIRST_PERIODS * max(1, regular[0].days):
        yield BadTermError(term="first_due_on", given=first_due_on)


def _row_faults(terms: LoanTerms, rows: list[ScheduledInstallment]) -> Iterator[RuleError]:
    """Refuse schedules whose rows leave the loan to the last of them, or whose payments are nothing."""
    last, balloon = rows[-1], terms.fixed_principal_percent is not None
    if (
        len(rows) - terms.grace_principal > 1
        and not balloon
        and last.principal.minor * 2 > terms.principal.minor
        and last.due.minor > rows[-2].due.minor * 2  # of two equal installments the second has more principal
    ):
        before = rows[-2]
        yield NeverAmortizesError(installment=before.due, interest=before.interest)
    if balloon and terms.fixed_principal_percent is not None:
        paid = EXACT.multiply(terms.fixed_principal_percent, Decimal(terms.installments - 1))
        if paid >= 100:  # noqa: PLR2004 - percent
            yield BadTermError(term="fixed_principal_percent", given=terms.fixed_principal_percent)
    if terms.convention is Convention.MIFOS and terms.amortization is Amortization.EQUAL_PRINCIPAL:
        return
    if any(not row.due for row in rows[terms.grace_principal :]) and not terms.grace_interest_payment:
        yield BadTermError(term="installments", given=terms.installments)


def require_sound(terms: LoanTerms, disbursed_on: date, first_due_on: date | None = None) -> None:
    """Raise the first of ``term_faults``."""
    for fault in term_faults(terms, disbursed_on, first_due_on):
        raise fault
