"""Statements of single accounts: everything that happened on them, oldest first, with running balances."""

from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.reports.shape import Found, Question, Row, count, day, money, text
from banking.reports.standing import OWNER, OWNER_NUMBER
from banking.savings_interest import interest_accrued
from ledger.errors import N_, NotFoundError
from schema.reading import fetch

LOAN_MOVEMENTS = (
    day("value_date", N_("Day")),
    day("booked_on", ""),
    text("kind", N_("Kind")),
    text("receipt", N_("Receipt")),
    money("amount", N_("Amount"), added=False),
    money("principal", N_("Principal"), added=False),
    money("interest", N_("Interest"), added=False),
    money("fees", N_("Fees"), added=False),
    money("penalties", N_("Penalties"), added=False),
    money("overpayment", N_("Overpaid"), added=False),
    money("balance", N_("Balance"), added=False),
    text("note", ""),
)

SCHEDULE = (
    count("nr", N_("Nr")),
    day("due_date", N_("Due on")),
    money("principal", N_("Principal")),
    money("interest", N_("Interest")),
    money("fees", N_("Fees")),
    money("penalties", N_("Penalties")),
    money("paid", N_("Paid")),
    money("outstanding", N_("Outstanding")),
)

_LOAN: Final = f"""
SELECT a.id, a.number, {OWNER}, {OWNER_NUMBER}, p.code, a.status, a.disbursed_on, a.principal
  FROM loan_account AS a JOIN loan_product AS p ON p.id = a.product_id
  LEFT JOIN client AS cl ON cl.id = a.client_id LEFT JOIN lending_group AS g ON g.id = a.group_id
 WHERE a.number = ? AND {{within}} ORDER BY a.id LIMIT 1
"""  # noqa: S608 - built from our own constants

_LOAN_MOVEMENTS: Final = """
SELECT t.value_date, t.booked_on, t.kind, t.receipt, t.amount, t.principal, t.interest, t.fee, t.penalty,
       t.overpayment,
       CASE WHEN coalesce(o.kind, t.kind) = 'disbursement' THEN t.principal ELSE -t.principal END, t.note
  FROM loan_transaction AS t LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
 WHERE t.loan_account_id = ? AND t.{counted_by} <= ? ORDER BY t.value_date, t.recorded_at, t.id
"""

_SCHEDULE: Final = """
SELECT i.number, i.due_on, i.principal, i.interest, i.fee, i.penalty,
       CAST(coalesce(sum(CASE WHEN t.id IS NULL THEN 0
                              ELSE s.principal + s.interest + s.fee + s.penalty END), 0) AS BIGINT)
  FROM installment AS i LEFT JOIN loan_transaction_share AS s ON s.installment_id = i.id
  LEFT JOIN loan_transaction AS t ON t.id = s.loan_transaction_id AND t.{counted_by} <= ?
 WHERE i.loan_account_id = ?
 GROUP BY i.id, i.number, i.due_on, i.principal, i.interest, i.fee, i.penalty ORDER BY i.number
"""


def find_loan_statement(session: Session, asked: Question) -> Found:
    """Give a loan with its schedule and everything that happened on it.

    raises   NotFoundError
    """
    loan_id, number, owner, owner_number, product, status, disbursed_on, disbursed = _account(
        session, _LOAN, asked, "loan"
    )
    movements: list[Row] = []
    balance = overpaid = 0
    statement = _LOAN_MOVEMENTS.format(counted_by=asked.counted_by)
    for *values, change, note in fetch(session, statement, loan_id, asked.until):
        balance += change
        overpaid += values[9]
        movements.append((*values, balance, note))
    rows = fetch(session, _SCHEDULE.format(counted_by=asked.counted_by), asked.until, loan_id)
    schedule: list[Row] = [(*row, sum(row[2:6]) - row[6]) for row in rows if movements and sum(row[2:6])]
    outstanding = sum(_amount(row[7]) for row in schedule)
    about = (number, owner, owner_number, product, status, disbursed_on, disbursed)
    return Found((*about, balance, outstanding, overpaid), (movements, schedule))


def _account(session: Session, statement: str, asked: Question, kind: str) -> Any:  # noqa: ANN401 - a row
    found = fetch(session, statement.format(within=asked.within("a.origin_office_id")), asked.account)
    if not found:
        raise NotFoundError(kind=kind, key=asked.account)
    return found[0]


def _amount(value: object) -> int:
    return value if isinstance(value, int) else 0


SAVINGS_MOVEMENTS = (
    day("value_date", N_("Day")),
    day("booked_on", ""),
    text("kind", N_("Kind")),
    text("receipt", N_("Receipt")),
    money("amount", N_("Amount"), added=False),
    money("balance", N_("Balance"), added=False),
    text("note", N_("Note")),
)

_SAVINGS: Final = f"""
SELECT a.id, a.number, {OWNER}, {OWNER_NUMBER}, p.code, a.status
  FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
  LEFT JOIN client AS cl ON cl.id = a.client_id LEFT JOIN lending_group AS g ON g.id = a.group_id
 WHERE a.number = ? AND {{within}} ORDER BY a.id LIMIT 1
"""  # noqa: S608 - built from our own constants

_SAVINGS_MOVEMENTS: Final = """
SELECT value_date, booked_on, kind, receipt, amount, note FROM savings_transaction
 WHERE savings_account_id = ? AND {counted_by} <= ? ORDER BY value_date, recorded_at, id
"""


def find_savings_statement(session: Session, asked: Question) -> Found:
    """Give a savings account with everything that happened on it; money out is below zero.

    What it earned up to the day and was not posted by then stands beside the balance.

    raises   NotFoundError
    """
    account_id, *about = _account(session, _SAVINGS, asked, "savings account")
    balance = opening = 0
    rows: list[Row] = []
    statement = _SAVINGS_MOVEMENTS.format(counted_by=asked.counted_by)
    for on, booked_on, kind, receipt, amount, note in fetch(session, statement, account_id, asked.until):
        balance += amount
        if on >= asked.since:
            rows.append((on, booked_on, kind, receipt, amount, balance, note))
        else:
            opening = balance
    accrued = 0  # "every entry" is no day on which something could be accrued
    if asked.as_of != date.max:
        accrued = interest_accrued(session, account_id, asked.as_of).interest.minor
    return Found((*about, opening, balance, accrued), (rows,))
