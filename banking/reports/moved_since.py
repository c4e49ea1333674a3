"""Loans on which something moved after a day, taken back to it from where they stand now, not from all rows.

Only what came after the day is read: its movements, their shares, the charges. What a row had unpaid then is
what it has unpaid now and what those paid of it, less what they charged on it; a row that none of them
touched stood as it does now. Where that does not settle how late a loan was, its rows are asked.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.reports.shape import Question
from schema.adopted_rows import arm_rows
from schema.reading import fetch

_OF_ARMS: Final = arm_rows("loan_transaction").replace("SELECT 1", "SELECT arm.loan_account_id", 1)
"""Loans that both laptops of a fork moved: their rows may be overpaid."""

# all movements are read one after another (SQLite uses no index for NOT): each later one by an index took ten
# times as long; no row of other loans is overpaid, so one that got more than the tolerance since was late
_SUMS: Final = """
WITH each_moved AS (
  SELECT t.loan_account_id AS loan_id,
         CASE WHEN t.kind = 'disbursement' THEN t.principal ELSE -t.principal END AS principal,
         CASE WHEN t.kind = 'charge_off' THEN t.amount ELSE 0 END AS charged_off
    FROM loan_transaction AS t WHERE NOT t.{counted_by} <= {day}
  UNION ALL
  SELECT t.loan_account_id, CASE WHEN o.kind = 'disbursement' THEN 2 * t.principal ELSE 0 END,
         CASE WHEN o.kind = 'charge_off' THEN t.amount ELSE 0 END
    FROM loan_transaction AS t JOIN loan_transaction AS o ON o.id = t.reverses_id
   WHERE t.reverses_id IS NOT NULL AND NOT t.{counted_by} <= {day}
     AND o.kind IN ('disbursement', 'charge_off')
), moved AS (
  SELECT loan_id, sum(principal) AS principal, sum(charged_off) AS charged_off
    FROM each_moved GROUP BY loan_id
), since AS (
  SELECT i.loan_account_id AS loan_id, i.id, i.due_on, i.principal + i.interest + i.fee + i.penalty AS owed,
         s.principal + s.interest + s.fee + s.penalty AS paid
    FROM loan_transaction_share AS s CROSS JOIN loan_transaction AS t CROSS JOIN installment AS i
   WHERE t.id = s.loan_transaction_id AND i.id = s.installment_id
     AND NOT t.{counted_by} <= {day} AND i.due_on < {day}
  UNION ALL
  SELECT i.loan_account_id, i.id, i.due_on, i.principal + i.interest + i.fee + i.penalty, -h.amount
    FROM loan_charge AS h JOIN installment AS i ON i.id = h.installment_id
   WHERE h.{charged_by} > {day} AND i.due_on < {day}
), touched AS (
  SELECT loan_id, id, due_on, owed, sum(paid) AS paid FROM since GROUP BY loan_id, id, due_on, owed
), weighed AS (
  SELECT r.loan_id, r.due_on, r.paid, k.overdue_from,
         CASE WHEN r.paid > coalesce(product.arrears_tolerance, 0) THEN 1
              WHEN r.owed + r.paid - coalesce((
                SELECT sum(s.principal + s.interest + s.fee + s.penalty) FROM loan_transaction_share AS s
                 WHERE s.installment_id = r.id), 0) > coalesce(product.arrears_tolerance, 0) THEN 1
              ELSE 0 END AS late
    FROM touched AS r JOIN loan_standing AS k ON k.loan_account_id = r.loan_id
    JOIN loan_account AS a ON a.id = r.loan_id JOIN loan_product AS product ON product.id = a.product_id
), back AS (
  SELECT loan_id, sum(paid) AS overdue, min(CASE WHEN late = 1 THEN due_on END) AS overdue_from,
         max(CASE WHEN late = 0 AND due_on = overdue_from THEN 1 ELSE 0 END) AS doubtful
    FROM weighed GROUP BY loan_id
), taken_back AS MATERIALIZED (
SELECT k.loan_account_id, office.code AS office, product.code AS product,
       CASE WHEN b.overdue_from IS NULL OR k.overdue_from < b.overdue_from
            THEN k.overdue_from ELSE b.overdue_from END AS overdue_from,
       CASE WHEN k.renegotiated = 1 AND EXISTS (
              SELECT 1 FROM loan_change AS h WHERE h.loan_account_id = k.loan_account_id
                 AND h.decided_on <= {day} AND h.only_row = 0) THEN 1 ELSE 0 END AS renegotiated,
       k.principal - coalesce(m.principal, 0) AS principal,
       k.charged_off - coalesce(m.charged_off, 0) AS charged_off,
       coalesce(b.overdue, 0) + CASE WHEN k.arrears = 0 THEN 0 ELSE coalesce((
         SELECT sum(i.principal + i.interest + i.fee + i.penalty - coalesce((
                  SELECT sum(s.principal + s.interest + s.fee + s.penalty)
                    FROM loan_transaction_share AS s WHERE s.installment_id = i.id), 0))
           FROM installment AS i WHERE i.loan_account_id = k.loan_account_id AND i.due_on < {day}
            AND (i.due_on >= k.overdue_from OR product.arrears_tolerance > 0)), 0) END AS overdue,
       CASE WHEN b.doubtful = 1 OR {of_arms}
              OR k.principal <= coalesce(m.principal, 0) AND EXISTS (
              SELECT 1 FROM loan_transaction AS t
               WHERE t.loan_account_id = k.loan_account_id AND t.{counted_by} <= {day})
            THEN k.loan_account_id ELSE 0 END AS doubtful
  FROM loan_standing AS k JOIN loan_account AS a ON a.id = k.loan_account_id
  JOIN loan_product AS product ON product.id = a.product_id
  JOIN office ON office.id = k.origin_office_id
  LEFT JOIN moved AS m ON m.loan_id = k.loan_account_id LEFT JOIN back AS b ON b.loan_id = k.loan_account_id
 WHERE k.counted_until > {day} AND {within} AND {product}
)
SELECT office, product, {age} AS age, renegotiated, count(*), CAST(sum(principal) AS BIGINT),
       CAST(sum(overdue) AS BIGINT), doubtful FROM taken_back AS k
 WHERE doubtful <> 0 OR principal > 0 AND charged_off = 0
 GROUP BY office, product, age, renegotiated, doubtful
"""


def sums_taken_back(
    session: Session, asked: Question, age: str, limits: Sequence[str]
) -> tuple[list[tuple[Any, ...]], list[int]]:
    """Add up the loans that moved after the day by office, product, age and whether they were renegotiated.

    age      expression of the class that ``k.overdue_from`` gives, with a mark for each of ``limits``
    returns  rows (the four, how many loans, their principal, what was overdue of them; minor units) of the
             loans that were in the portfolio then, and the ids of those that only their rows can settle
    """
    armed = fetch(session, "SELECT 1 FROM watermark WHERE stage = 'arm' LIMIT 1")
    statement = _SUMS.format(
        age=age,
        of_arms=f"k.loan_account_id IN ({_OF_ARMS})" if armed else "1 = 0",
        day=f"'{asked.until}'",
        counted_by=asked.counted_by,
        charged_by="charged_on" if asked.late else "booked_on",
        within=asked.within("k.origin_office_id"),
        product="product.code = ?" if asked.product else "1 = 1",
    )
    found = fetch(session, statement, *([asked.product] if asked.product else ()), *limits)
    return [row[:7] for row in found if not row[7]], [row[7] for row in found if row[7]]
