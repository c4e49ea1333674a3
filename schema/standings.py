"""Where each loan stands, kept for reports about all of them: made after an import, dropped by any change.

Triggers drop the row of a loan as soon as anything of it is written, whoever writes (``schema/triggers.py``);
so a row that is there is true. A loan without one is worked out from its rows when a report asks.
"""

from typing import Final

from sqlalchemy.orm import Session

from schema.reading import execute, fetch

STANDINGS: Final = """
WITH wanted AS (
  SELECT a.id, a.origin_office_id, a.product_id FROM loan_account AS a
   WHERE {which}
), moved AS (
  SELECT t.loan_account_id AS loan_id,
         sum(CASE WHEN coalesce(o.kind, t.kind) = 'disbursement' THEN t.principal ELSE -t.principal END)
           AS principal,
         sum(CASE WHEN coalesce(o.kind, t.kind) = 'charge_off' THEN t.amount ELSE 0 END) AS charged_off,
         max(CASE WHEN t.booked_on > t.value_date THEN t.booked_on ELSE t.value_date END) AS until
    FROM wanted AS w JOIN loan_transaction AS t ON t.loan_account_id = w.id
    LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
   GROUP BY t.loan_account_id
), each_row AS (
  SELECT i.loan_account_id AS loan_id, i.due_on, i.principal + i.interest + i.fee + i.penalty AS owed,
         i.interest + i.fee + i.penalty AS besides,
         coalesce(sum(s.principal + s.interest + s.fee + s.penalty), 0) AS paid,
         coalesce(sum(s.interest + s.fee + s.penalty), 0) AS paid_besides
    FROM wanted AS w JOIN installment AS i ON i.loan_account_id = w.id
    LEFT JOIN loan_transaction_share AS s ON s.installment_id = i.id
   GROUP BY i.id, i.loan_account_id, i.due_on, i.principal, i.interest, i.fee, i.penalty
), charged AS (
  SELECT h.loan_account_id AS loan_id,
         max(CASE WHEN h.booked_on > h.charged_on THEN h.booked_on ELSE h.charged_on END) AS until
    FROM wanted AS w JOIN loan_charge AS h ON h.loan_account_id = w.id GROUP BY h.loan_account_id
), changed AS (
  SELECT h.loan_account_id AS loan_id, max(h.decided_on) AS until
    FROM wanted AS w JOIN loan_change AS h ON h.loan_account_id = w.id
   WHERE h.only_row = 0 GROUP BY h.loan_account_id
), known AS (
  SELECT m.loan_id, m.until FROM moved AS m
  UNION ALL SELECT c.loan_id, c.until FROM charged AS c
  UNION ALL SELECT c.loan_id, c.until FROM changed AS c
), last AS (
  SELECT loan_id, max(until) AS until FROM known GROUP BY loan_id
), due AS (
  SELECT r.loan_id, sum(r.besides - r.paid_besides) AS besides,
         min(CASE WHEN r.owed - r.paid > coalesce(product.arrears_tolerance, 0) THEN r.due_on END)
           AS overdue_from,
         sum(CASE WHEN r.due_on < last.until THEN r.owed - r.paid ELSE 0 END) AS arrears,
         sum(CASE WHEN r.due_on = last.until THEN r.owed - r.paid ELSE 0 END) AS due_then,
         max(CASE WHEN r.due_on > last.until AND r.paid <> 0 THEN 1 ELSE 0 END) AS prepaid
    FROM each_row AS r JOIN wanted AS w ON w.id = r.loan_id JOIN last ON last.loan_id = r.loan_id
    JOIN loan_product AS product ON product.id = w.product_id
   GROUP BY r.loan_id
)
SELECT w.id AS loan_account_id, w.origin_office_id, CAST(m.principal AS BIGINT) AS principal,
       CAST(m.principal + coalesce(d.besides, 0) AS BIGINT) AS owed, d.overdue_from,
       CAST(coalesce(d.arrears, 0) AS BIGINT) AS arrears,
       CAST(coalesce(d.due_then, 0) AS BIGINT) AS due_then, coalesce(d.prepaid, 0) AS prepaid,
       CAST(m.charged_off AS BIGINT) AS charged_off,
       CASE WHEN c.loan_id IS NULL THEN 0 ELSE 1 END AS renegotiated, last.until AS counted_until
  FROM wanted AS w JOIN moved AS m ON m.loan_id = w.id JOIN last ON last.loan_id = w.id
  LEFT JOIN due AS d ON d.loan_id = w.id LEFT JOIN changed AS c ON c.loan_id = w.id
"""
"""What the rows of some loans (``which``: a condition on ``a``, the account) come to, as ``loan_standing``
holds it; loans on which nothing was ever moved have none."""

_COLUMNS: Final = """loan_account_id, origin_office_id, principal, owed, overdue_from, arrears, due_then,
  prepaid, charged_off, renegotiated, counted_until"""

_UNKNOWN: Final = """
SELECT a.id FROM loan_account AS a
 WHERE a.origin_office_id = ? AND a.disbursed_on IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM loan_standing AS s WHERE s.loan_account_id = a.id) ORDER BY a.id
"""
_AT_ONCE: Final = 500
"""Loans that are worked out by one statement: few enough for any plan that a server may choose."""


def refresh_standings(session: Session, office_id: int) -> None:
    """Work out every loan of an office that has no standing, and keep them."""
    unknown = [row[0] for row in fetch(session, _UNKNOWN, office_id)]
    for start in range(0, len(unknown), _AT_ONCE):
        which = f"a.id IN ({', '.join(map(str, unknown[start : start + _AT_ONCE]))})"
        execute(session, f"INSERT INTO loan_standing ({_COLUMNS}) {STANDINGS.format(which=which)}", [()])


_FALSE: Final = f"""
SELECT kept.loan_account_id FROM loan_standing AS kept
  LEFT JOIN ({STANDINGS}) AS anew
    ON anew.loan_account_id = kept.loan_account_id
 WHERE kept.loan_account_id BETWEEN ? AND ?
   AND (anew.loan_account_id IS NULL OR anew.origin_office_id <> kept.origin_office_id
     OR anew.principal <> kept.principal OR anew.owed <> kept.owed
     OR coalesce(anew.overdue_from, '') <> coalesce(kept.overdue_from, '')
     OR anew.arrears <> kept.arrears OR anew.due_then <> kept.due_then OR anew.prepaid <> kept.prepaid
     OR anew.charged_off <> kept.charged_off OR anew.renegotiated <> kept.renegotiated
     OR anew.counted_until <> kept.counted_until)
 ORDER BY 1 LIMIT 1
"""  # noqa: S608 - built from our own constants
_KEPT: Final = "SELECT loan_account_id FROM loan_standing WHERE loan_account_id > ? ORDER BY 1 LIMIT ?"


def false_standing(session: Session) -> int | None:
    """Give the first loan of which something is kept that its rows do not say; None where all is true."""
    after = -1
    while kept := [row[0] for row in fetch(session, _KEPT, after, _AT_ONCE)]:
        which = f"a.id IN ({', '.join(map(str, kept))})"
        wrong = fetch(session, _FALSE.format(which=which), kept[0], kept[-1])
        if wrong:
            return int(wrong[0][0])
        after = kept[-1]
    return None
