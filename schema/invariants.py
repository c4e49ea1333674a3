"""What must hold in any database of ours, asked in SQL over whole tables.

Each check looks for rows that break it; the first one found is named. None of them reads derived totals of
another check, so a single altered cell shows where it stands.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from schema.adopted_rows import arm_rows
from schema.base import COUNTER_BITS
from schema.beside_invariants import BESIDE_CHECKS
from schema.cash_invariants import CASH_CHECKS
from schema.loan_invariants import LOAN_CHECKS
from schema.standings import false_standing


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the whole database: its name, whether it holds, and what breaks it."""

    name: str
    ok: bool
    detail: str


_ENTRIES_BALANCE = """
SELECT journal_entry_id, currency, CAST(sum(debit) AS BIGINT), CAST(sum(credit) AS BIGINT)
  FROM journal_line GROUP BY journal_entry_id, currency HAVING sum(debit) <> sum(credit)
 ORDER BY 1 LIMIT 1
"""

_LINES_HAVE_ENTRIES = """
SELECT id FROM (
  SELECT e.id AS id FROM journal_entry AS e
   WHERE NOT EXISTS (SELECT 1 FROM journal_line AS l WHERE l.journal_entry_id = e.id)
  UNION ALL
  SELECT l.journal_entry_id FROM journal_line AS l
   WHERE NOT EXISTS (SELECT 1 FROM journal_entry AS e WHERE e.id = l.journal_entry_id)
) AS alone ORDER BY id LIMIT 1
"""

_DAY_TOTALS = """
SELECT office, account, day, CAST(sum(debit) AS BIGINT), CAST(sum(credit) AS BIGINT) FROM (
  SELECT l.origin_office_id AS office, l.gl_account_id AS account,
         coalesce(late.posted_on, e.booked_on) AS day, l.debit, l.credit
    FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id
    LEFT JOIN late_entry AS late ON late.journal_entry_id = e.id
  UNION ALL
  SELECT origin_office_id, gl_account_id, booked_on, -debit, -credit FROM gl_day_total
) AS difference GROUP BY office, account, day HAVING sum(debit) <> 0 OR sum(credit) <> 0
 ORDER BY 1, 2, 3 LIMIT 1
"""

_MONTH_TOTALS = """
SELECT office, account, month, CAST(sum(debit) AS BIGINT), CAST(sum(credit) AS BIGINT) FROM (
  SELECT origin_office_id AS office, gl_account_id AS account, substr(booked_on, 1, 7) || '-01' AS month,
         debit, credit
    FROM gl_day_total
  UNION ALL
  SELECT origin_office_id, gl_account_id, month, -debit, -credit FROM gl_month_total
) AS difference GROUP BY office, account, month HAVING sum(debit) <> 0 OR sum(credit) <> 0
 ORDER BY 1, 2, 3 LIMIT 1
"""

_BALANCES = """
  SELECT l.origin_office_id AS office, l.gl_account_id AS account, l.debit - l.credit AS amount
    FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id
"""

_SAVINGS_ARE_THE_DEPOSITS = f"""
SELECT office, account, CAST(sum(amount) AS BIGINT) FROM (
  {_BALANCES}
   WHERE l.gl_account_id IN (SELECT gl_deposits_id FROM savings_product) AND e.kind <> 'savings_overdraft'
  UNION ALL
  SELECT a.origin_office_id, p.gl_deposits_id, t.amount
    FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
    JOIN savings_transaction AS t ON t.savings_account_id = a.id
) AS difference GROUP BY office, account HAVING sum(amount) <> 0 ORDER BY 1, 2 LIMIT 1
"""  # noqa: S608 - built from our own constants

_SAVINGS_HAVE_ENTRIES = """
SELECT entry, account, CAST(sum(booked) AS BIGINT), CAST(sum(moved) AS BIGINT) FROM (
  SELECT l.journal_entry_id AS entry, l.gl_account_id AS account, l.credit - l.debit AS booked, 0 AS moved
    FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id
   WHERE l.gl_account_id IN (SELECT gl_deposits_id FROM savings_product) AND e.kind <> 'savings_overdraft'
  UNION ALL
  SELECT t.journal_entry_id, p.gl_deposits_id, 0, t.amount
    FROM savings_transaction AS t
    JOIN savings_account AS a ON a.id = t.savings_account_id JOIN savings_product AS p ON p.id = a.product_id
) AS each GROUP BY entry, account HAVING sum(booked) <> sum(moved) ORDER BY 1, 2 LIMIT 1
"""

_TRANSFERS_MOVE_NOTHING = """
SELECT journal_entry_id, CAST(sum(amount) AS BIGINT), count(*) FROM savings_transaction
 WHERE kind IN ('transfer_in', 'transfer_out')
 GROUP BY journal_entry_id HAVING sum(amount) <> 0 OR count(*) <> 2 ORDER BY 1 LIMIT 1
"""

_REVERSALS = """
SELECT id FROM (
  SELECT r.id AS id FROM loan_transaction AS r JOIN loan_transaction AS o ON o.id = r.reverses_id
   WHERE o.kind = 'reversal' OR r.amount <> -o.amount OR r.loan_account_id <> o.loan_account_id
      OR r.principal <> -o.principal OR r.interest <> -o.interest OR r.fee <> -o.fee
      OR r.penalty <> -o.penalty OR r.overpayment <> -o.overpayment
  UNION ALL
  SELECT r.id FROM savings_transaction AS r JOIN savings_transaction AS o ON o.id = r.reverses_id
   WHERE o.kind = 'reversal' OR r.amount <> -o.amount OR r.savings_account_id <> o.savings_account_id
  UNION ALL
  SELECT max(id) FROM loan_transaction WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1
  UNION ALL
  SELECT max(id) FROM savings_transaction WHERE reverses_id IS NOT NULL
   GROUP BY reverses_id HAVING count(*) > 1
) AS wrong ORDER BY id LIMIT 1
"""

_SAVINGS_NOT_BELOW_ZERO = f"""
SELECT a.number, CAST(sum(t.amount) AS BIGINT)
  FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
  JOIN savings_transaction AS t ON t.savings_account_id = a.id
 WHERE t.kind <> 'overdraft_interest'
   AND NOT EXISTS ({arm_rows("savings_transaction")} AND arm.savings_account_id = a.id)
 GROUP BY a.id, a.number, a.overdraft_limit, p.overdraft_limit
HAVING sum(t.amount) < -coalesce(a.overdraft_limit, p.overdraft_limit, 0) ORDER BY 1 LIMIT 1
"""  # noqa: S608 - built from our own constants

_ONE_OPEN_DAY = f"""
SELECT origin_office_id, count(*) FROM business_day WHERE state = 'open'
 GROUP BY origin_office_id, id / {1 << COUNTER_BITS} HAVING count(*) > 1 ORDER BY 1 LIMIT 1
"""  # noqa: S608 - built from our own constants
# by laptop: a lost one and the one in its place may each have opened a day, and both are closed in turn

_NUMBERS = """
SELECT origin_office_id, number, count(*) FROM (
  SELECT origin_office_id, number FROM loan_account
  UNION ALL SELECT origin_office_id, number FROM savings_account
) AS accounts GROUP BY origin_office_id, number HAVING count(*) > 1 ORDER BY 1, 2 LIMIT 1
"""

_CHECKS: tuple[tuple[str, str, str], ...] = (
    ("entries_balance", _ENTRIES_BALANCE, "entry {0} in {1}: debit {2}, credit {3}"),
    ("lines_have_entries", _LINES_HAVE_ENTRIES, "entry {0} and its lines are not both there"),
    ("day_totals", _DAY_TOTALS, "office {0}, account {1}, {2}: lines less totals are {3} debit, {4} credit"),
    (
        "month_totals",
        _MONTH_TOTALS,
        "office {0}, account {1}, {2}: days less months are {3} debit, {4} credit",
    ),
    *LOAN_CHECKS,
    (
        "savings_are_the_deposits",
        _SAVINGS_ARE_THE_DEPOSITS,
        "office {0}, account {1}: books and savings: {2}",
    ),
    (
        "savings_have_entries",
        _SAVINGS_HAVE_ENTRIES,
        "entry {0}, account {1}: {2} booked, {3} moved on savings",
    ),
    ("transfers_move_nothing", _TRANSFERS_MOVE_NOTHING, "transfer {0}: its {2} legs add up to {1}"),
    ("reversals_are_exact", _REVERSALS, "reversal {0} is not the negative of one transaction"),
    ("savings_not_below_zero", _SAVINGS_NOT_BELOW_ZERO, "savings account {0} stands at {1}"),
    *CASH_CHECKS,
    *BESIDE_CHECKS,
    ("one_open_day", _ONE_OPEN_DAY, "office {0} has {1} open days"),
    ("numbers_are_unique", _NUMBERS, "office {0}: {2} accounts have the number {1}"),
)

_RECEIPT_SERIES = """
SELECT office, till, count(*), count(DISTINCT sequence), max(sequence) FROM (
  SELECT origin_office_id AS office, receipt_till AS till, receipt_sequence AS sequence
    FROM loan_transaction WHERE receipt_sequence IS NOT NULL AND replace(receipt, '/', '') = receipt
  UNION ALL
  SELECT origin_office_id, receipt_till, receipt_sequence
    FROM savings_transaction WHERE receipt_sequence IS NOT NULL AND replace(receipt, '/', '') = receipt
) AS receipts GROUP BY office, till ORDER BY 1, 2
"""

_SEQUENCES = """
SELECT receipt_sequence FROM loan_transaction WHERE origin_office_id = {office} AND receipt_till = {till}
UNION ALL
SELECT receipt_sequence FROM savings_transaction WHERE origin_office_id = {office} AND receipt_till = {till}
"""

_KEPT_RECEIPTS = """
SELECT receipt FROM loan_transaction
 WHERE origin_office_id = {office} AND receipt_till IS NULL AND receipt <> ''
UNION ALL
SELECT receipt FROM savings_transaction
 WHERE origin_office_id = {office} AND receipt_till IS NULL AND receipt <> ''
"""


def check_invariants(session: Session) -> list[Check]:
    """Ask every question, whether or not an earlier one failed; amounts in details are minor units."""
    checks = []
    for name, statement, broken in _CHECKS:
        rows = _rows(session, statement)
        checks.append(Check(name, not rows, broken.format(*rows[0]) if rows else ""))
    checks.append(_receipts_are_gapless(session))
    wrong = false_standing(session)
    told = "" if wrong is None else f"loan {wrong}: what is kept of it is not what its rows come to"
    checks.append(Check("loan_standings", wrong is None, told))
    return checks


def _rows(session: Session, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.connection().exec_driver_sql(statement)]


def _receipts_are_gapless(session: Session) -> Check:
    """Every till's receipts run 1, 2, 3 without hole or double; paper kept from elsewhere fills its place.

    A number that two laptops of a branch have printed stands with its arm's letter, as ``KIT-1-000007/A``.
    """
    name = "receipts_are_gapless"
    for office, till, count, distinct, highest in _rows(session, _RECEIPT_SERIES):
        if count == distinct == highest:
            continue
        if count != distinct:
            return Check(name, ok=False, detail=f"office {office}, till {till}: a receipt stands twice")
        there = {row[0] for row in _rows(session, _SEQUENCES.format(office=office, till=till))}
        missing = set(range(1, highest + 1)) - there
        kept = {row[0] for row in _rows(session, _KEPT_RECEIPTS.format(office=office))}
        codes = dict(_rows(session, "SELECT id, code FROM office"))
        code = codes.get(office, "")
        lost = sorted(number for number in missing if f"{code}-{till}-{number:06d}" not in kept)
        if lost:
            return Check(name, ok=False, detail=f"office {office}, till {till}: receipt {lost[0]} is missing")
    return Check(name, ok=True, detail="")
