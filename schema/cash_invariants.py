"""What must hold of cash, counts, transfers between offices and bank statements: questions in SQL."""

from typing import Final

_MOVEMENTS = """
SELECT m.id, m.amount FROM cash_movement AS m
  LEFT JOIN till AS taker ON taker.id = m.to_till_id
  LEFT JOIN till AS giver ON giver.id = m.from_till_id
 WHERE coalesce((SELECT sum(l.debit) FROM journal_line AS l
                  WHERE l.journal_entry_id = m.journal_entry_id), 0) <> m.amount
    OR (m.to_till_id IS NULL AND m.from_till_id IS NULL)
    OR (m.to_till_id IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM journal_line AS l WHERE l.journal_entry_id = m.journal_entry_id
             AND l.gl_account_id = taker.gl_account_id AND l.debit = m.amount))
    OR (m.from_till_id IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM journal_line AS l WHERE l.journal_entry_id = m.journal_entry_id
             AND l.gl_account_id = giver.gl_account_id AND l.credit = m.amount))
 ORDER BY m.id LIMIT 1
"""

_COUNTS = """
SELECT c.id, c.counted - c.expected FROM cash_count AS c JOIN till AS t ON t.id = c.till_id
 WHERE coalesce((SELECT sum(l.debit - l.credit) FROM journal_line AS l
                  WHERE l.journal_entry_id = c.journal_entry_id AND l.gl_account_id = t.gl_account_id), 0)
       <> c.counted - c.expected
 ORDER BY c.id LIMIT 1
"""

_LEGS = """
SELECT office, CAST(sum(amount) AS BIGINT) FROM (
  SELECT l.origin_office_id AS office, l.debit - l.credit AS amount
    FROM journal_line AS l JOIN gl_account AS g ON g.id = l.gl_account_id WHERE g.role = 'inter_branch'
  UNION ALL
  SELECT origin_office_id, -amount FROM inter_branch_leg
) AS difference GROUP BY office HAVING sum(amount) <> 0 ORDER BY office LIMIT 1
"""

_STATEMENTS = """
SELECT s.id, s.opening, s.closing FROM bank_statement AS s
 WHERE s.opening + coalesce((SELECT sum(b.amount) FROM bank_statement_line AS b
                              WHERE b.bank_statement_id = s.id), 0) <> s.closing
 ORDER BY s.id LIMIT 1
"""

_MATCHED = """
SELECT id, amount FROM (
  SELECT b.id AS id, b.amount AS amount
    FROM bank_statement_line AS b
    JOIN bank_statement AS s ON s.id = b.bank_statement_id
    LEFT JOIN journal_line AS l ON l.id = b.journal_line_id
   WHERE b.journal_line_id IS NOT NULL
     AND (l.id IS NULL OR l.debit - l.credit <> b.amount OR l.gl_account_id <> s.gl_account_id
          OR l.origin_office_id <> s.origin_office_id)
  UNION ALL
  SELECT max(id), max(amount) FROM bank_statement_line
   WHERE journal_line_id IS NOT NULL GROUP BY journal_line_id HAVING count(*) > 1
) AS wrong ORDER BY id LIMIT 1
"""

CASH_CHECKS: Final[tuple[tuple[str, str, str], ...]] = (
    ("cash_movements_have_entries", _MOVEMENTS, "cash movement {0} of {1} is not what its entry moved"),
    ("counts_book_their_difference", _COUNTS, "count {0} differs from the books by {1}, its entry does not"),
    ("inter_branch_legs_are_the_account", _LEGS, "office {0}: inter-branch account less transfers is {1}"),
    ("bank_statements_add_up", _STATEMENTS, "bank statement {0}: {1} and its lines are not {2}"),
    ("matched_lines_agree", _MATCHED, "line {0} of a bank statement ({1}) is matched with another amount"),
)
"""Name of the check, the rows that break it, and what is said of the first one."""
