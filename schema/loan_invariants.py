"""What must hold of loans in any database of ours: each check is one question in SQL over whole tables."""

from typing import Final

from schema.adopted_rows import arm_rows

_BALANCES = """
  SELECT l.origin_office_id AS office, l.gl_account_id AS account, l.debit - l.credit AS amount
    FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id
"""

_LOANS_ARE_THE_PORTFOLIO = f"""
SELECT office, account, CAST(sum(amount) AS BIGINT) FROM (
  {_BALANCES}
   WHERE l.gl_account_id IN (SELECT gl_portfolio_id FROM loan_product)
  UNION ALL
  SELECT a.origin_office_id, p.gl_portfolio_id, -i.principal
    FROM loan_account AS a JOIN loan_product AS p ON p.id = a.product_id
    JOIN installment AS i ON i.loan_account_id = a.id
   WHERE a.disbursed_on IS NOT NULL AND a.charged_off_on IS NULL
  UNION ALL
  SELECT a.origin_office_id, p.gl_portfolio_id, s.principal
    FROM loan_account AS a JOIN loan_product AS p ON p.id = a.product_id
    JOIN installment AS i ON i.loan_account_id = a.id
    JOIN loan_transaction_share AS s ON s.installment_id = i.id
   WHERE a.charged_off_on IS NULL
) AS difference GROUP BY office, account HAVING sum(amount) <> 0 ORDER BY 1, 2 LIMIT 1
"""  # noqa: S608 - built from our own constants

_OVERPAYMENTS = f"""
SELECT office, account, CAST(sum(amount) AS BIGINT) FROM (
  {_BALANCES}
   WHERE l.gl_account_id IN (SELECT gl_overpayment_id FROM loan_product)
  UNION ALL
  SELECT a.origin_office_id, p.gl_overpayment_id, t.overpayment
    FROM loan_account AS a JOIN loan_product AS p ON p.id = a.product_id
    JOIN loan_transaction AS t ON t.loan_account_id = a.id
) AS difference GROUP BY office, account HAVING sum(amount) <> 0 ORDER BY 1, 2 LIMIT 1
"""  # noqa: S608 - built from our own constants

_OVERPAID_NOT_BELOW_ZERO = """
SELECT a.number, CAST(sum(t.overpayment) AS BIGINT)
  FROM loan_account AS a JOIN loan_transaction AS t ON t.loan_account_id = a.id
 GROUP BY a.id, a.number HAVING sum(t.overpayment) < 0 ORDER BY 1 LIMIT 1
"""

_SHARES_WITHIN_DUES = f"""
SELECT a.number, i.number
  FROM installment AS i
  JOIN loan_account AS a ON a.id = i.loan_account_id
  JOIN loan_transaction_share AS s ON s.installment_id = i.id
 WHERE NOT EXISTS ({arm_rows("loan_transaction_share")} AND arm.installment_id = i.id)
 GROUP BY i.id, a.number, i.number, i.principal, i.interest, i.fee, i.penalty
HAVING sum(s.principal) < 0 OR sum(s.principal) > i.principal
    OR sum(s.interest) < 0 OR sum(s.interest) > i.interest
    OR sum(s.fee) < 0 OR sum(s.fee) > i.fee
    OR sum(s.penalty) < 0 OR sum(s.penalty) > i.penalty
 ORDER BY 1, 2 LIMIT 1
"""  # noqa: S608 - built from our own constants

_SHARES_ADD_UP = """
SELECT t.id, a.number
  FROM loan_transaction AS t
  JOIN loan_account AS a ON a.id = t.loan_account_id
  LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
  LEFT JOIN loan_transaction_share AS s ON s.loan_transaction_id = t.id
 WHERE coalesce(o.kind, t.kind) IN ('repayment', 'waiver', 'write_off', 'adjustment', 'moved')
 GROUP BY t.id, a.number, t.amount, t.principal, t.interest, t.fee, t.penalty, t.overpayment
HAVING t.principal <> coalesce(sum(s.principal), 0) OR t.interest <> coalesce(sum(s.interest), 0)
    OR t.fee <> coalesce(sum(s.fee), 0) OR t.penalty <> coalesce(sum(s.penalty), 0)
    OR t.amount <> t.principal + t.interest + t.fee + t.penalty + t.overpayment
 ORDER BY 1 LIMIT 1
"""

_SHARES_STAY_IN_THEIR_LOAN = """
SELECT s.id, t.id
  FROM loan_transaction_share AS s
  JOIN loan_transaction AS t ON t.id = s.loan_transaction_id
  JOIN installment AS i ON i.id = s.installment_id
 WHERE i.loan_account_id <> t.loan_account_id
 ORDER BY 1 LIMIT 1
"""

_MONEY_HAS_ENTRIES = """
SELECT id, amount, entered FROM (
  SELECT t.id AS id,
         CASE WHEN coalesce(o.kind, t.kind) = 'waiver' THEN 0
              WHEN coalesce(o.kind, t.kind) = 'moved' THEN abs(t.principal)
              WHEN coalesce(o.kind, t.kind) = 'write_off' THEN
                CASE WHEN t.journal_entry_id IS NULL AND EXISTS (
                       SELECT 1 FROM loan_transaction AS c
                        WHERE c.loan_account_id = t.loan_account_id AND c.kind = 'charge_off' AND c.id < t.id)
                     THEN 0 ELSE abs(t.principal) END
              WHEN coalesce(o.kind, t.kind) = 'adjustment' THEN
                CASE adjusted.kind
                  WHEN 'repayment' THEN (abs(t.principal) + abs(t.interest) + abs(t.fee) + abs(t.penalty)
                                         + abs(t.overpayment)) / 2
                  WHEN 'write_off' THEN abs(t.principal) ELSE 0 END
              ELSE abs(t.amount) END AS amount,
         coalesce((SELECT CAST(sum(l.debit) AS BIGINT) FROM journal_line AS l
                    WHERE l.journal_entry_id = t.journal_entry_id), 0) AS entered
    FROM loan_transaction AS t
    LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
    LEFT JOIN loan_transaction AS adjusted ON adjusted.id = coalesce(o.adjusts_id, t.adjusts_id)
) AS posted WHERE amount <> entered ORDER BY id LIMIT 1
"""

_ADJUSTMENTS_ADJUST = """
SELECT t.id, a.number
  FROM loan_transaction AS t
  JOIN loan_account AS a ON a.id = t.loan_account_id
  LEFT JOIN loan_transaction AS o ON o.id = t.adjusts_id
 WHERE (t.kind = 'adjustment' OR t.adjusts_id IS NOT NULL)
   AND (t.kind <> 'adjustment' OR t.amount <> 0 OR o.id IS NULL
        OR o.loan_account_id <> t.loan_account_id
        OR o.kind NOT IN ('repayment', 'waiver', 'write_off')
        OR EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = o.id)
           <> EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id))
 ORDER BY 1 LIMIT 1
"""

_CHARGES_STAND_IN_ROWS = """
SELECT number, row_number FROM (
  SELECT a.number AS number, i.number AS row_number, a.rows_follow_terms AS follows,
         coalesce(p.installment_fee, 0) AS each_row,
         i.fee - coalesce((SELECT sum(c.amount) FROM loan_charge AS c
                            WHERE c.installment_id = i.id AND c.penalty = 0), 0) AS fee,
         i.penalty - coalesce((SELECT sum(c.amount) FROM loan_charge AS c
                                WHERE c.installment_id = i.id AND c.penalty = 1), 0) AS penalty
    FROM installment AS i
    JOIN loan_account AS a ON a.id = i.loan_account_id
    JOIN loan_product AS p ON p.id = a.product_id
) AS uncharged
 WHERE fee < 0 OR penalty < 0
    OR (follows = 1 AND (penalty <> 0 OR (fee <> 0 AND fee <> each_row)))
 ORDER BY 1, 2 LIMIT 1
"""

_CHARGES_TAKEN_BACK = """
SELECT id FROM (
  SELECT r.id AS id FROM loan_charge AS r JOIN loan_charge AS o ON o.id = r.reverses_id
   WHERE o.reverses_id IS NOT NULL OR r.amount <> -o.amount OR r.loan_account_id <> o.loan_account_id
      OR r.penalty <> o.penalty OR coalesce(r.installment_id, 0) <> coalesce(o.installment_id, 0)
  UNION ALL
  SELECT max(id) FROM loan_charge WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1
  UNION ALL
  SELECT c.id FROM loan_charge AS c JOIN installment AS i ON i.id = c.installment_id
   WHERE i.loan_account_id <> c.loan_account_id OR (c.reverses_id IS NULL AND c.amount <= 0)
) AS wrong ORDER BY id LIMIT 1
"""

_CHARGE_OFFS_STAND = """
SELECT a.number FROM loan_account AS a
 WHERE (a.charged_off_on IS NOT NULL) <> EXISTS (
         SELECT 1 FROM loan_transaction AS t
          WHERE t.loan_account_id = a.id AND t.kind = 'charge_off'
            AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id))
 ORDER BY 1 LIMIT 1
"""

_WRITTEN_OFF_OWES_NOTHING = """
SELECT number, CAST(sum(amount) AS BIGINT) FROM (
  SELECT a.number AS number, i.principal + i.interest + i.fee + i.penalty AS amount
    FROM loan_account AS a JOIN installment AS i ON i.loan_account_id = a.id
   WHERE a.status = 'written_off'
  UNION ALL
  SELECT a.number, -(s.principal + s.interest + s.fee + s.penalty)
    FROM loan_account AS a JOIN installment AS i ON i.loan_account_id = a.id
    JOIN loan_transaction_share AS s ON s.installment_id = i.id
   WHERE a.status = 'written_off'
) AS owed GROUP BY number HAVING sum(amount) <> 0 ORDER BY 1 LIMIT 1
"""

_SAVINGS_BESIDE_LOANS = """
SELECT t.id, s.id
  FROM loan_transaction AS t JOIN savings_transaction AS s ON s.id = t.savings_transaction_id
 WHERE t.journal_entry_id IS NULL OR t.journal_entry_id <> s.journal_entry_id
 ORDER BY 1 LIMIT 1
"""

LOAN_CHECKS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "loans_are_the_portfolio",
        _LOANS_ARE_THE_PORTFOLIO,
        "office {0}, account {1}: books less loans are {2}",
    ),
    ("overpayments_are_the_account", _OVERPAYMENTS, "office {0}, account {1}: books and loans: {2}"),
    ("overpaid_not_below_zero", _OVERPAID_NOT_BELOW_ZERO, "loan {0}: {1} more was given back than was paid"),
    ("shares_within_dues", _SHARES_WITHIN_DUES, "loan {0}, row {1}: paid below zero or above what is due"),
    ("shares_add_up", _SHARES_ADD_UP, "transaction {0} of loan {1} is not the sum of its shares"),
    (
        "shares_stay_in_their_loan",
        _SHARES_STAY_IN_THEIR_LOAN,
        "share {0} of transaction {1} lies in another loan",
    ),
    ("money_has_entries", _MONEY_HAS_ENTRIES, "transaction {0} moved {1}, its entry {2}"),
    (
        "adjustments_adjust",
        _ADJUSTMENTS_ADJUST,
        "adjustment {0} of loan {1} does not belong to a live payment",
    ),
    (
        "charges_stand_in_rows",
        _CHARGES_STAND_IN_ROWS,
        "loan {0}, row {1}: fee or penalty is not what was planned and charged",
    ),
    ("charges_taken_back", _CHARGES_TAKEN_BACK, "charge {0} is not what it takes back, or of another loan"),
    ("charge_offs_stand", _CHARGE_OFFS_STAND, "loan {0}: its state and its charge-off do not agree"),
    ("written_off_owes_nothing", _WRITTEN_OFF_OWES_NOTHING, "loan {0} is written off and owes {1}"),
    ("savings_beside_loans", _SAVINGS_BESIDE_LOANS, "transactions {0} and {1} do not share their entry"),
)
