"""Changing the rows of a running loan: a new date, more rows, a pause on principal, a new rate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ledger.dates import step
from ledger.errors import BadTermError
from ledger.interest import EXACT, nominal_rate, round_money, span_rate
from ledger.money import Money, total
from ledger.schedule import (
    ScheduledInstallment,
    collect_late,
    declining_parts,
    flat_principal,
    mifos_parts,
)
from ledger.terms import Convention, InterestPeriod, InterestType, LoanTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Reschedule:
    """What changes from the row that is due on ``from_date``.

    new_date         that row's new due date; all later ones step from it
    extra_rows       so many rows more, over which the balance is spread anew
    grace_principal  so many rows without principal are put before it
    grace_interest   so many rows from it on pay no interest; the row after them pays it all
    new_rate         percent a year
    """

    from_date: date
    new_date: date | None = None
    extra_rows: int = 0
    grace_principal: int = 0
    grace_interest: int = 0
    new_rate: Decimal | None = None

    def row_in(self, dates: Sequence[date]) -> int:
        """Find the row that changes first.

        raises   BadTermError when none of ``dates`` is ``from_date``
        """
        if self.from_date not in dates:
            raise BadTermError(term="reschedule.from_date", given=self.from_date)
        return dates.index(self.from_date)


def reschedule(
    terms: LoanTerms, rows: Sequence[ScheduledInstallment], change: Reschedule, seed_day: int
) -> list[ScheduledInstallment]:
    """Give the rows after ``change``; those before it stay, and principal still adds up.

    seed_day  the day of month that due dates keep
    raises    BadTermError when no row is due on ``from_date`` or the dates would not rise
    """
    at = change.row_in([row.due_date for row in rows])
    first = change.new_date or change.from_date
    if first <= rows[at].start:
        raise BadTermError(term="reschedule.adjusted_due_date", given=first)
    day = first.day if change.new_date else seed_day
    count = len(rows) - at + change.extra_rows + change.grace_principal
    dates = [step(first, terms.repay_every * k, terms.repay_unit, day) for k in range(count)]
    starts = [rows[at].start, *dates[:-1]]
    if terms.convention is Convention.MIFOS:
        parts = _mifos_parts(terms, rows[at:], change)
    elif terms.interest_type is InterestType.FLAT:
        parts = _flat_parts(terms, rows[at:], change, (starts[0], dates[-1], seed_day))
    else:
        parts = _declining_parts(terms, rows[at:], change, starts, dates)
    put_off = _put_off(terms, rows[:at], seed_day) if at <= terms.grace_interest_payment else 0
    grace = min(len(parts) - 1, max(0, change.grace_interest, terms.grace_interest_payment - at))
    parts = collect_late(parts, grace)
    parts[grace] = (parts[grace][0], parts[grace][1] + put_off)
    left = [
        ScheduledInstallment(number, start, due, Money(principal), Money(interest))
        for number, (start, due, (principal, interest)) in enumerate(
            zip(starts, dates, parts, strict=False), at + 1
        )
    ]
    return [*rows[:at], *left]


def _put_off(terms: LoanTerms, rows: Sequence[ScheduledInstallment], seed_day: int) -> int:
    """Give the interest of rows in grace on interest payment, which no row before the change has paid.

    Flat interest is not put off: the rows after the grace carry all of it in equal parts.
    """
    declining = terms.interest_type is InterestType.DECLINING and terms.convention is Convention.FINERACT
    balance, waiting = terms.principal.minor, 0
    for row in rows if declining else []:
        rate = span_rate(terms, row.start, row.due_date, terms.repay_every, seed_day)
        if row.number > terms.grace_interest_charged:
            waiting += round_money(EXACT.multiply(Decimal(balance), rate), terms)
        balance -= row.principal.minor
    return waiting


def _flat_parts(
    terms: LoanTerms,
    rows: Sequence[ScheduledInstallment],
    change: Reschedule,
    span: tuple[date, date, int],
) -> list[tuple[int, int]]:
    """Interest of each row on the original principal, at the new rate if there is one.

    span  first day and due date of the rows left, and the day of month that they keep: daily interest
          counts their days, in equal parts
    """
    pause = change.grace_principal
    paying = next((row for row in rows if row.interest), rows[0])
    interests = [paying.interest.minor] * (pause + len(rows) + change.extra_rows)
    if change.new_rate is None and not change.extra_rows:
        interests[pause:] = [row.interest.minor for row in rows]
    rate = terms.annual_rate if change.new_rate is None else change.new_rate
    if terms.interest_period is InterestPeriod.DAILY and rate:
        start, end, seed_day = span
        units = terms.repay_every * len(interests)
        whole = span_rate(replace(terms, annual_rate=rate), start, end, units, seed_day)
        exact = EXACT.multiply(Decimal(terms.principal.minor), whole)
        interests = [round_money(EXACT.divide(exact, Decimal(len(interests))), terms)] * len(interests)
        interests[-1] = max(0, round_money(exact, terms) - sum(interests[:-1]))
    elif change.new_rate is not None:
        nominal = nominal_rate(replace(terms, annual_rate=rate))
        each = round_money(EXACT.multiply(Decimal(terms.principal.minor), nominal), terms)
        interests = [each] * len(interests)
    principals = [0] * pause + _flat_principals(terms, rows, change, interests[pause])
    return list(zip(principals, interests, strict=True))


def _flat_principals(
    terms: LoanTerms, rows: Sequence[ScheduledInstallment], change: Reschedule, interest: int
) -> list[int]:
    """Give the principal of the rows left: as it was, or the balance spread over more rows."""
    if change.new_rate is None and not change.extra_rows:
        return [row.principal.minor for row in rows]
    count = len(rows) + change.extra_rows
    balance = total(row.principal for row in rows).minor
    each = flat_principal(terms, interest)
    if change.extra_rows:
        spread = replace(terms, principal=Money(balance), installments=count, grace_principal=0)
        each = flat_principal(spread, interest)
    each = max(0, each)
    principals = [min(each, max(0, balance - each * k)) for k in range(count - 1)]
    return [*principals, balance - sum(principals)]


def _declining_parts(
    terms: LoanTerms,
    rows: Sequence[ScheduledInstallment],
    change: Reschedule,
    starts: Sequence[date],
    dates: Sequence[date],
) -> list[tuple[int, int]]:
    """Interest on what is still owed; the installment is solved anew only when rows or rate change."""
    left = replace(
        terms,
        principal=total(row.principal for row in rows),
        installments=len(dates),
        annual_rate=terms.annual_rate if change.new_rate is None else change.new_rate,
        grace_principal=change.grace_principal,
        grace_interest_payment=0,
        grace_interest_charged=0,
    )
    keep = change.new_rate is None and not change.extra_rows
    payment = rows[0].due.minor if keep and len(rows) > 1 else None
    return declining_parts(left, starts, dates, dates[0].day, payment=payment)


def _mifos_parts(
    terms: LoanTerms, rows: Sequence[ScheduledInstallment], change: Reschedule
) -> list[tuple[int, int]]:
    """New days move no amount; else what is left is a loan of its own with its own roundings."""
    if change.new_rate is None and not change.extra_rows and not change.grace_principal:
        return [(row.principal.minor, row.interest.minor) for row in rows]
    left = replace(
        terms,
        principal=total(row.principal for row in rows),
        installments=len(rows) + change.extra_rows + change.grace_principal,
        annual_rate=terms.annual_rate if change.new_rate is None else change.new_rate,
        grace_principal=change.grace_principal,
    )
    return mifos_parts(left)
