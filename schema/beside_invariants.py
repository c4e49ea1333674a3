"""What must hold of what stands beside loans, of credit lines, and of clients who moved: questions in SQL."""

from typing import Final

_LINES = """
SELECT number, CAST(sum(amount) AS BIGINT) FROM (
  SELECT a.number AS number, i.principal AS amount
    FROM loan_account AS a JOIN loan_product AS p ON p.id = a.product_id
    JOIN installment AS i ON i.loan_account_id = a.id
   WHERE p.kind = 'credit_line' AND a.disbursed_on IS NOT NULL
  UNION ALL
  SELECT a.number, -t.amount
    FROM loan_account AS a JOIN loan_product AS p ON p.id = a.product_id
    JOIN loan_transaction AS t ON t.loan_account_id = a.id
    LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
   WHERE p.kind = 'credit_line' AND a.disbursed_on IS NOT NULL AND coalesce(o.kind, t.kind) = 'disbursement'
) AS difference GROUP BY number HAVING sum(amount) <> 0 ORDER BY 1 LIMIT 1
"""

_GUARANTEES = """
SELECT g.id, g.amount FROM guarantor AS g JOIN savings_hold AS h ON h.id = g.hold_id
 WHERE h.amount <> g.amount OR (g.released_on IS NOT NULL AND h.released_on IS NULL)
 ORDER BY 1 LIMIT 1
"""

_MEMBERS = """
SELECT a.number, CAST(sum(m.principal) AS BIGINT)
  FROM loan_member AS m JOIN loan_account AS a ON a.id = m.loan_account_id
 GROUP BY a.id, a.number, a.principal HAVING sum(m.principal) NOT IN (0, a.principal)
 ORDER BY 1 LIMIT 1
"""

_MOVED = """
SELECT number, CAST(sum(amount) AS BIGINT) FROM (
  SELECT a.number AS number, t.amount AS amount
    FROM savings_account AS a JOIN savings_transaction AS t ON t.savings_account_id = a.id
   WHERE a.status = 'moved'
  UNION ALL
  SELECT a.number, i.principal + i.interest + i.fee + i.penalty
    FROM loan_account AS a JOIN installment AS i ON i.loan_account_id = a.id
   WHERE a.status = 'moved'
  UNION ALL
  SELECT a.number, -(s.principal + s.interest + s.fee + s.penalty)
    FROM loan_account AS a JOIN installment AS i ON i.loan_account_id = a.id
    JOIN loan_transaction_share AS s ON s.installment_id = i.id
   WHERE a.status = 'moved'
) AS left_over GROUP BY number HAVING sum(amount) <> 0 ORDER BY 1 LIMIT 1
"""

_MOVES = """
SELECT m.transfer_id, m.direction FROM client_move AS m
  JOIN client_transfer AS t ON t.id = m.transfer_id
 GROUP BY m.transfer_id, m.direction, t.from_office_id, t.to_office_id
HAVING count(*) > 1 OR min(m.origin_office_id) <> CASE WHEN m.direction IN ('in', 'back')
                                                       THEN t.to_office_id ELSE t.from_office_id END
 ORDER BY 1, 2 LIMIT 1
"""

_UNALLOCATED = """
SELECT office, CAST(sum(amount) AS BIGINT) FROM (
  SELECT l.origin_office_id AS office, l.credit - l.debit AS amount
    FROM journal_line AS l JOIN gl_account AS g ON g.id = l.gl_account_id WHERE g.role = 'unallocated'
  UNION ALL
  SELECT origin_office_id, -amount FROM incoming_payment WHERE state IN ('unmatched', 'matched', 'set_aside')
) AS difference GROUP BY office HAVING sum(amount) <> 0 ORDER BY 1 LIMIT 1
"""

BESIDE_CHECKS: Final[tuple[tuple[str, str, str], ...]] = (
    ("lines_are_their_draws", _LINES, "credit line {0}: its rows less what was drawn are {1}"),
    ("guarantees_are_held", _GUARANTEES, "guarantor {0} of {1}: the savings held do not agree"),
    ("members_add_up", _MEMBERS, "loan {0}: its members' parts come to {1}"),
    ("what_moved_is_gone", _MOVED, "{0} moved to another branch and has {1} left here"),
    ("unallocated_is_queued", _UNALLOCATED, "office {0}: receipts not allocated less those queued are {1}"),
    ("moves_happen_once", _MOVES, "decision {0} was carried out ({1}) twice, or by the wrong branch"),
)
"""Name of the check, the rows that break it, and what is said of the first one."""
