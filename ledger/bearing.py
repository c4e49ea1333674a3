"""What a row of a recalculated loan bears interest on, stretch by stretch.

Interest counts on the scheduled balance, plus principal overdue (until today or the day it is paid), less
principal paid early, cut at each change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ledger.dates import RepayUnit, due_dates
from ledger.interest import EXACT, RATE, daily_rate, span_rate
from ledger.recalculation_rules import Recalculation, Rest
from ledger.row_changes import RowTerms
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL, Row
from ledger.terms import DaysInMonth, InterestPeriod
from ledger.tranches import Tranche


@dataclass(slots=True)
class Receipts:
    """What one row received, by date: principal, interest, fees with penalties; minor units."""

    principal: list[tuple[date, int]] = field(default_factory=list)
    interest: list[tuple[date, int]] = field(default_factory=list)
    charges: list[tuple[date, int]] = field(default_factory=list)

    def principal_until(self, on: date) -> int:
        """Add up the principal received up to ``on``."""
        return sum(amount for day, amount in self.principal if day <= on)


@dataclass(slots=True)
class Bearing:
    """The rows of a loan, what each received, and what was paid out: everything that bears interest.

    following  what each row follows from
    """

    rule: Recalculation
    following: RowTerms
    rows: Sequence[Row]
    tranches: Sequence[Tranche]
    receipts: list[Receipts]

    def pieces(
        self, index: int, balance: int, today: date, till: date, closed: date | None
    ) -> Iterator[Decimal]:
        """Give the exact interest of each stretch of a row in which the base stays the same.

        balance  scheduled at the start of the row, minor units
        today    up to when overdue principal counts
        closed   the day on which the loan was paid off, from which nothing bears interest
        """
        row = self.rows[index]
        changes = self._changes(index, today)
        days = {row.start, till, closed or till, *(on for on, _ in changes)}
        cuts = sorted(day for day in days if row.start <= day <= till)
        for begun, ended in pairwise(cuts):
            base = balance + sum(amount for on, amount in changes if on <= begun)
            if base and (closed is None or begun < closed):
                yield EXACT.multiply(Decimal(base), self._rate(index, begun, ended))

    def _changes(self, index: int, today: date) -> list[tuple[date, int]]:
        """List when the base of a row's interest rises and falls, beside its scheduled balance."""
        row = self.rows[index]
        inside = [tranche for tranche in self.tranches if row.start < tranche.on < row.due_date]
        changes = [(tranche.on, tranche.amount) for tranche in inside]
        if self.rule.rest is Rest.DAILY:
            changes += [(on, -amount) for on, amount in self.receipts[index].principal if on < row.due_date]
        if today > row.start:
            for earlier in range(index):
                changes += self._overdue(earlier, row, min(today, row.due_date))
        return changes

    def _overdue(self, earlier: int, row: Row, until: date) -> Iterator[tuple[date, int]]:
        """Give what an unpaid row before ``row`` adds to its base, and when that ends."""
        receipts, due = self.receipts[earlier], self.rows[earlier].due
        parts = [(due[PRINCIPAL], receipts.principal, row.start)]
        compounds = self._compounds_on(self.rows[earlier].due_date)
        if self.rule.compounding.interest:
            parts.append((due[INTEREST], receipts.interest, compounds))
        if self.rule.compounding.charges:
            parts.append((due[PENALTY] + due[FEE], receipts.charges, compounds))
        for owed, paid, begins in parts:
            begin = max(begins, row.start)
            unpaid = owed - sum(amount for on, amount in paid if on <= begin)
            if begin >= row.due_date or unpaid <= 0:
                continue
            yield begin, unpaid
            if self.rule.rest is Rest.SAME_AS_REPAYMENT:
                continue
            later = [(on, amount) for on, amount in paid if begin < on < until]
            yield from ((on, -amount) for on, amount in later)
            yield until, -(unpaid - sum(amount for _, amount in later))

    def _compounds_on(self, due: date) -> date:
        """Give the day from which interest due on ``due`` bears interest."""
        day = self.rule.compounding_day
        if day is None or due.day == day:
            return due
        month = due.replace(day=1)
        if due.day > day:
            month = due_dates(month, 1, 1, RepayUnit.MONTHS)[0]
        return due_dates(month, 1, 1, RepayUnit.DAYS, month.replace(day=day))[0]

    def _rate(self, index: int, begun: date, ended: date) -> Decimal:
        """Give the rate of a stretch of a row: its days, or its share of the row.

        Of a row that early money cut in two, the first part bears its share of the whole row, and the second
        its days at the daily rate.
        """
        row, terms, cut = self.rows[index], self.following.terms[index], self.following.cut_from
        days, due = Decimal((ended - begun).days), cut.get(index, row.due_date)
        thirty = terms.repay_unit is RepayUnit.MONTHS and terms.days_in_month is DaysInMonth.THIRTY
        if index - 1 in cut or (terms.interest_period is InterestPeriod.DAILY and not thirty):
            return RATE.multiply(daily_rate(terms), days)
        whole = span_rate(terms, row.start, due, terms.repay_every, self.following.seed_days[index])
        length = (due - row.start).days
        if days == length:
            return whole
        return EXACT.divide(EXACT.multiply(whole, days), Decimal(length))
