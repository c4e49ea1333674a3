"""What was lent and what was given up for lost in a time."""

from typing import Final

from sqlalchemy.orm import Session

from banking.reports.shape import Found, Question, Row, count, day, money, text
from banking.reports.standing import OFFICER, OWNER, OWNER_NUMBER, officer_names
from ledger.errors import N_
from schema.reading import fetch

_OWNED: Final = """
  JOIN loan_product AS p ON p.id = a.product_id
  LEFT JOIN office ON office.id = a.origin_office_id
  LEFT JOIN client AS cl ON cl.id = a.client_id
  LEFT JOIN lending_group AS g ON g.id = coalesce(a.group_id, cl.group_id)
"""

DISBURSEMENTS = (
    day("on", N_("Day")),
    day("value_date", ""),
    text("number", N_("Loan"), "loan"),
    text("owner", N_("Client")),
    text("owner_number", ""),
    text("group", N_("Group")),
    text("product", N_("Product")),
    text("office", ""),
    text("officer", N_("Officer")),
    text("purpose", N_("Purpose")),
    count("cycle", N_("Loan nr")),
    text("annual_rate", N_("% a year")),
    count("installments", N_("Instalments")),
    text("kind", ""),
    text("receipt", N_("Receipt")),
    money("amount", N_("Paid out")),
)

_DISBURSEMENTS = f"""
SELECT t.booked_on, t.value_date, a.number, {OWNER}, {OWNER_NUMBER}, coalesce(g.name, ''),
       p.code, office.code, {OFFICER}, a.purpose, a."cycle", a.annual_rate,
       a.installments, t.kind, t.receipt, t.principal
  FROM loan_transaction AS t LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
  JOIN loan_account AS a ON a.id = t.loan_account_id {_OWNED}
 WHERE coalesce(o.kind, t.kind) = 'disbursement' AND t.{{counted_by}} BETWEEN ? AND ? AND {{within}}
 ORDER BY t.booked_on, t.recorded_at, t.id
"""  # noqa: S608 - built from our own constants


def find_disbursements(session: Session, asked: Question) -> Found:
    """List what was paid out in a time; what was taken back stands below zero."""
    within = asked.within("t.origin_office_id")
    statement = _DISBURSEMENTS.format(counted_by=asked.counted_by, within=within)
    names = officer_names(session)
    rows: list[Row] = [
        (*row[:8], names.get(row[8], ""), *row[9:])
        for row in fetch(session, statement, asked.until, asked.since, asked.until)
        if asked.officer in {"", names.get(row[8], "")} and asked.product in {"", row[6]}
    ]
    loans = sum(-1 if row[13] == "reversal" else 1 for row in rows)
    return Found((loans, sum(row[-1] for row in rows if isinstance(row[-1], int))), (rows,))


WRITTEN_OFF = (
    day("on", N_("Day")),
    text("kind", N_("Kind")),
    text("number", N_("Loan"), "loan"),
    text("owner", N_("Client")),
    text("owner_number", ""),
    text("group", N_("Group")),
    text("product", N_("Product")),
    text("office", ""),
    text("officer", N_("Officer")),
    money("principal", N_("Principal")),
    money("interest", N_("Interest")),
    money("fees", N_("Fees")),
    money("penalties", N_("Penalties")),
    money("recovered", N_("Recovered since")),
)

_WRITTEN_OFF = f"""
WITH lost AS (
  SELECT t.loan_account_id AS loan_id, coalesce(o.kind, t.kind) AS kind, max(t.booked_on) AS "on",
         sum(CASE WHEN coalesce(o.kind, t.kind) = 'charge_off' THEN t.amount ELSE t.principal END)
           AS principal,
         sum(t.interest) AS interest, sum(t.fee) AS fee, sum(t.penalty) AS penalty
    FROM loan_transaction AS t LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
   WHERE coalesce(o.kind, t.kind) IN ('write_off', 'charge_off')
     AND t.{{counted_by}} BETWEEN ? AND ? AND {{within}}
   GROUP BY t.loan_account_id, coalesce(o.kind, t.kind)
), back AS (
  SELECT t.loan_account_id AS loan_id, sum(t.amount) AS amount
    FROM loan_transaction AS t LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
   WHERE coalesce(o.kind, t.kind) = 'recovery' AND t.{{counted_by}} <= ? AND {{within}}
   GROUP BY t.loan_account_id
)
SELECT lost."on", lost.kind, a.number, {OWNER}, {OWNER_NUMBER}, coalesce(g.name, ''), p.code,
       office.code, {OFFICER},
       CAST(lost.principal AS BIGINT), CAST(lost.interest AS BIGINT), CAST(lost.fee AS BIGINT),
       CAST(lost.penalty AS BIGINT), CAST(coalesce(back.amount, 0) AS BIGINT)
  FROM lost JOIN loan_account AS a ON a.id = lost.loan_id LEFT JOIN back ON back.loan_id = a.id {_OWNED}
 WHERE lost.principal + lost.interest + lost.fee + lost.penalty <> 0
 ORDER BY lost."on", a.number, a.id
"""  # noqa: S608 - built from our own constants


def find_written_off(session: Session, asked: Question) -> Found:
    """List loans that were written off or charged off in a time, and what came back of them to its end."""
    within = asked.within("t.origin_office_id")
    statement = _WRITTEN_OFF.format(counted_by=asked.counted_by, within=within)
    names = officer_names(session)
    span = (asked.since, asked.until)
    rows: list[Row] = [
        (*row[:8], names.get(row[8], ""), *row[9:])
        for row in fetch(session, statement, *span, asked.until, asked.until)
    ]
    principal = sum(row[9] for row in rows if isinstance(row[9], int))
    recovered = sum(row[13] for row in rows if isinstance(row[13], int))
    return Found((len(rows), principal, recovered), (rows,))
