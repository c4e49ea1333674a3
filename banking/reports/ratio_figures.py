"""The figures that ratios are made of, each asked once: books, portfolio, borrowers, collections."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

from sqlalchemy.orm import Session

from banking.reports.journal import cash_accounts
from banking.reports.ledger_books import ChartAccount, Movements, chart, movements
from banking.reports.losses import allowance
from banking.reports.shape import Question
from banking.reports.standing import Standing, portfolio
from ledger.money import Money
from ledger.ratios import average
from schema.reading import fetch

_SETS: Final = {
    "portfolio": "SELECT gl_portfolio_id FROM loan_product",
    "deposits": "SELECT gl_deposits_id FROM savings_product",
    "financing": "SELECT id FROM gl_account WHERE role = 'savings_interest_expense' "
    "UNION SELECT gl_interest_id FROM savings_product",
    "impairment": "SELECT id FROM gl_account "
    "WHERE role IN ('provision_expense', 'write_off_expense', 'charge_off_expense') "
    "UNION SELECT gl_write_off_id FROM loan_product UNION SELECT gl_charge_off_id FROM loan_product "
    "UNION SELECT gl_expense_id FROM provision_table",
    "bank": "SELECT gl_account_id FROM payment_type UNION SELECT gl_account_id FROM bank_statement",
    "payables": "SELECT id FROM gl_account WHERE role IN ('savings_interest_payable', 'savings_tax')",
}
"""GL accounts by what they are for; everything else of a type is the rest."""

_RECEIVED: Final = """
SELECT CAST(coalesce(sum(t.interest + t.fee + t.penalty), 0) AS BIGINT)
  FROM loan_transaction AS t LEFT JOIN loan_transaction AS o ON o.id = coalesce(t.reverses_id, t.adjusts_id)
 WHERE t.booked_on BETWEEN ? AND ? AND {within}
   AND coalesce(o.kind, t.kind) NOT IN ('waiver', 'write_off', 'charge_off', 'disbursement')
"""

_WRITTEN_OFF: Final = """
SELECT CAST(coalesce(sum(CASE WHEN coalesce(o.kind, t.kind) = 'write_off' THEN t.principal
                              ELSE t.amount END), 0) AS BIGINT)
  FROM loan_transaction AS t LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
 WHERE t.booked_on BETWEEN ? AND ? AND {within} AND coalesce(o.kind, t.kind) IN ('write_off', 'charge_off')
"""

_ON_TIME: Final = """
SELECT CAST(coalesce(sum(i.principal + i.interest + i.fee + i.penalty), 0) AS BIGINT),
       CAST(coalesce(sum(p.paid), 0) AS BIGINT)
  FROM installment AS i JOIN loan_account AS a ON a.id = i.loan_account_id
  LEFT JOIN (
    SELECT s.installment_id, sum(s.principal + s.interest + s.fee + s.penalty) AS paid
      FROM loan_transaction_share AS s JOIN loan_transaction AS t ON t.id = s.loan_transaction_id
      JOIN installment AS r ON r.id = s.installment_id
      LEFT JOIN loan_transaction AS o ON o.id = coalesce(t.reverses_id, t.adjusts_id)
     WHERE t.booked_on <= ? AND coalesce(o.value_date, t.value_date) <= r.due_on AND {within_t}
       AND coalesce(o.kind, t.kind) NOT IN ('waiver', 'write_off')
     GROUP BY s.installment_id) AS p ON p.installment_id = i.id
 WHERE i.due_on BETWEEN ? AND ? AND a.disbursed_on <= ? AND {within_a}
"""

_COLLECTED: Final = """
SELECT CAST(coalesce(sum(s.principal), 0) AS BIGINT),
       CAST(coalesce(sum(CASE WHEN i.due_on > ? THEN s.principal ELSE 0 END), 0) AS BIGINT)
  FROM loan_transaction_share AS s JOIN loan_transaction AS t ON t.id = s.loan_transaction_id
  JOIN installment AS i ON i.id = s.installment_id
  LEFT JOIN loan_transaction AS o ON o.id = coalesce(t.reverses_id, t.adjusts_id)
 WHERE t.booked_on BETWEEN ? AND ? AND {within} AND coalesce(o.kind, t.kind) NOT IN ('waiver', 'write_off')
"""

_FELL_DUE: Final = """
SELECT CAST(coalesce(sum(i.principal), 0) AS BIGINT)
  FROM installment AS i JOIN loan_account AS a ON a.id = i.loan_account_id
 WHERE i.due_on BETWEEN ? AND ? AND a.disbursed_on <= ? AND {within}
"""

_BORROWERS: Final = """
SELECT coalesce(a.client_id, 0), coalesce(a.group_id, 0),
       min(CASE WHEN t.kind = 'disbursement' THEN t.booked_on END){ends}
  FROM loan_transaction AS t JOIN loan_account AS a ON a.id = t.loan_account_id
  LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
 WHERE t.booked_on <= ? AND {within} GROUP BY a.id, a.client_id, a.group_id
"""

_AT_END: Final = """,
       CAST(sum(CASE WHEN t.booked_on > ? THEN 0
                     WHEN coalesce(o.kind, t.kind) = 'disbursement' THEN t.principal
                     ELSE -t.principal END) AS BIGINT)"""


@dataclass(frozen=True, slots=True)
class Borrowers:
    """How many people and groups owed principal at each end of a period, and how many came new."""

    at_ends: tuple[int, ...]
    new: int


class Figures:
    """Everything that the ratios of one question need; amounts in minor units.

    The time is from ``start`` (without it: the twelve months to ``as_of``) to ``as_of``; averages are over
    the day before it, the ends of the months in it, and its last day.
    """

    def __init__(self, session: Session, asked: Question) -> None:
        self._session = session
        start = asked.start or _year_before(asked.as_of)
        self.asked = replace(asked, start=start)
        self.ends = period_ends(start, asked.as_of)
        self.months = months_of(start, asked.as_of)
        self._chart: list[ChartAccount] = chart(session)
        self._closing = movements(session, asked, "", asked.until)
        self._moved = movements(session, asked, start.isoformat(), asked.until, without_year_end=True)
        self._sets = {name: {row[0] for row in fetch(session, text)} for name, text in _SETS.items()}
        self.cash = cash_accounts(session)

    @property
    def _span(self) -> tuple[str, str]:
        return self.asked.since, self.asked.until

    def _one(self, statement: str, *given: str) -> Sequence[int]:
        within = self.asked.within
        text = statement.format(
            within=within("t.origin_office_id") if "AS t" in statement else within("a.origin_office_id"),
            within_t=within("t.origin_office_id"),
            within_a=within("a.origin_office_id"),
        )
        return fetch(self._session, text, *given)[0]

    # --- books ---

    def closing(self, accounts: Iterable[int | None]) -> int:
        """Add up what stands on some accounts at the end, debit-positive."""
        return _net(self._closing, accounts)

    def moved(self, accounts: Iterable[int | None]) -> int:
        """Add up what some accounts moved in the time, debit-positive."""
        return _net(self._moved, accounts)

    def of(self, name: str) -> set[int]:
        """Give the accounts of one purpose."""
        return self._sets[name]

    def of_type(self, kind: str) -> set[int]:
        """Give the accounts of one type."""
        return {account.id for account in self._chart if account.type == kind}

    @cached_property
    def income(self) -> int:
        """All income of the time."""
        return -self.moved(self.of_type("income"))

    @cached_property
    def operating(self) -> int:
        """Expenses that are neither for funds nor for losses."""
        return self.moved(self.of_type("expense") - self.of("financing") - self.of("impairment"))

    @cached_property
    def financing(self) -> int:
        """What funds cost: interest on savings."""
        return self.moved(self.of("financing"))

    @cached_property
    def impairment(self) -> int:
        """What losses cost: provisions, write-offs, charge-offs."""
        return self.moved(self.of("impairment"))

    @cached_property
    def allowance(self) -> int:
        """What is set aside for losses."""
        return allowance(self._session, self.asked)

    @cached_property
    def equity(self) -> int:
        """Equity accounts and the result that no closing has brought there."""
        return -self.closing(self.of_type("equity") | self.of_type("income") | self.of_type("expense"))

    @cached_property
    def average_portfolio(self) -> int:
        """The portfolio account on average of the period ends, to the nearest unit."""
        ids = ", ".join(map(str, self.of("portfolio"))) or "0"
        statement = (
            "SELECT booked_on, CAST(sum(debit - credit) AS BIGINT) FROM gl_day_total "  # noqa: S608 - ids
            f"WHERE gl_account_id IN ({ids}) AND {self.asked.within('origin_office_id')} GROUP BY booked_on"
        )
        days = fetch(self._session, statement)
        balances = [Money(sum(row[1] for row in days if row[0] <= end)) for end in self.ends]
        return round(average(balances))

    # --- loans ---

    @cached_property
    def loans(self) -> list[Standing]:
        """The portfolio at the end."""
        return portfolio(self._session, self.asked)

    def older_than(self, days: int) -> int:
        """Principal outstanding of loans more than ``days`` late."""
        return sum(loan.principal for loan in self.loans if loan.days_past_due > days)

    @cached_property
    def gross(self) -> int:
        """Principal outstanding of the portfolio."""
        return sum(loan.principal for loan in self.loans)

    @cached_property
    def received(self) -> int:
        """Interest, fees and penalties that came in."""
        return self._one(_RECEIVED, *self._span)[0]

    @cached_property
    def written_off(self) -> int:
        """Principal written off and charged off."""
        return self._one(_WRITTEN_OFF, *self._span)[0]

    @cached_property
    def on_time(self) -> tuple[int, int]:
        """What fell due in the time, and what of it was paid by its day."""
        due, paid = self._one(_ON_TIME, self.asked.until, *self._span, self.asked.until)
        return due, paid

    @cached_property
    def collected(self) -> tuple[int, int, int]:
        """Principal received, what of it was prepaid, and principal that fell due."""
        received, prepaid = self._one(_COLLECTED, self.asked.until, *self._span)
        return received, prepaid, self._one(_FELL_DUE, *self._span, self.asked.until)[0]

    @cached_property
    def average_term(self) -> Decimal:
        """Years from paying out to the last row, on average of the loans that run."""
        terms = [
            (date.fromisoformat(loan.last_due_on) - date.fromisoformat(loan.disbursed_on)).days
            for loan in self.loans
            if loan.last_due_on and loan.disbursed_on  # a disbursement may have been taken back since
        ]
        return Decimal(sum(terms)) / 365 / len(terms) if terms else Decimal(0)

    @cached_property
    def borrowers(self) -> Borrowers:
        """Count who owed principal at each period end, and who borrowed for the first time."""
        statement = _BORROWERS.format(
            ends=_AT_END * len(self.ends), within=self.asked.within("t.origin_office_id")
        )
        owing: list[set[tuple[int, int]]] = [set() for _ in self.ends]
        first: dict[tuple[int, int], str] = {}
        for client, group, since, *balances in fetch(self._session, statement, *self.ends, self.asked.until):
            who = (client, group)
            if since is not None:
                first[who] = min(since, first.get(who, since))
            for people, balance in zip(owing, balances, strict=True):
                if balance > 0:
                    people.add(who)
        new = sum(1 for since in first.values() if since >= self.asked.since)
        return Borrowers(tuple(len(people) for people in owing), new)


def _net(found: Movements, accounts: Iterable[int | None]) -> int:
    return sum(
        debit - credit
        for account in accounts
        if account is not None
        for debit, credit in found.get(account, {}).values()
    )


def _year_before(day: date) -> date:
    following = day + timedelta(days=1)
    if (following.month, following.day) == (2, 29):
        return date(following.year - 1, 3, 1)
    return following.replace(year=following.year - 1)


def period_ends(start: date, end: date) -> tuple[str, ...]:
    """Give the day before ``start``, the ends of the months between, and ``end``."""
    found = [start - timedelta(days=1)]
    month = start.replace(day=1)
    while True:
        month = (month + timedelta(days=32)).replace(day=1)
        last = month - timedelta(days=1)
        if last >= end:
            break
        if last > found[0]:
            found.append(last)
    return tuple(day.isoformat() for day in (*found, end))


def months_of(start: date, end: date) -> Decimal:
    """Count the months of a time: whole ones exactly, others by days of a year of 365."""
    following = end + timedelta(days=1)
    if start.day == following.day:
        return Decimal((following.year - start.year) * 12 + following.month - start.month)
    return Decimal((following - start).days) * 12 / 365
