"""The branch cash confirmation: what the money of a day was, line by line, for whoever verifies it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.till_sheets import CLIENTS, TillSheet
from ledger.money import ZERO, Money, total
from schema.reading import fetch_one

DEPOSITS: Final = ("deposit",)
WITHDRAWALS: Final = ("withdrawal",)
DISBURSEMENTS: Final = ("disbursement",)

_REPAID = """
SELECT CAST(coalesce(sum(CASE WHEN i.due_on = ? THEN s.principal + s.interest ELSE 0 END), 0) AS BIGINT),
       CAST(coalesce(sum(CASE WHEN i.due_on < ? THEN s.principal + s.interest ELSE 0 END), 0) AS BIGINT),
       CAST(coalesce(sum(CASE WHEN i.due_on > ? THEN s.principal + s.interest ELSE 0 END), 0) AS BIGINT)
  FROM loan_transaction AS t
  JOIN loan_transaction_share AS s ON s.loan_transaction_id = t.id
  JOIN installment AS i ON i.id = s.installment_id
  LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
 WHERE t.booked_on = ? AND t.origin_office_id = ? AND t.till_id IS NOT NULL AND t.payment_type_id IS NULL
   AND coalesce(o.kind, t.kind) IN ('repayment', 'fee', 'recovery')
"""

_BESIDE = """
SELECT CAST(coalesce(sum(t.fee + t.penalty), 0) AS BIGINT), CAST(coalesce(sum(t.overpayment), 0) AS BIGINT)
  FROM loan_transaction AS t LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
 WHERE t.booked_on = ? AND t.origin_office_id = ? AND t.till_id IS NOT NULL AND t.payment_type_id IS NULL
   AND coalesce(o.kind, t.kind) IN ('repayment', 'fee', 'recovery')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A day's cash in minor units; money that left is negative. The lines add up to ``net``.

    recoveries   principal and interest of what fell due that day
    arrears      of what was overdue
    prepayments  of what falls due later, and what was overpaid
    fees         fees and penalties of loans
    other        everything else that moved cash: bank, expenses, differences of counts
    net          what all drawers together hold more (or less) than in the morning
    """

    recoveries: Money
    arrears: Money
    prepayments: Money
    fees: Money
    deposits: Money
    withdrawals: Money
    disbursements: Money
    other: Money
    net: Money


def confirmation(session: Session, office_id: int, on: date, whole: TillSheet) -> Confirmation:
    """Give the cash confirmation of a day; ``whole`` is the report of the whole branch."""
    day = on.isoformat()
    repaid = fetch_one(session, _REPAID, day, day, day, day, office_id) or (0, 0, 0)
    recoveries, arrears, prepaid = (Money(amount) for amount in repaid)
    fees, overpaid = (Money(amount) for amount in fetch_one(session, _BESIDE, day, office_id) or (0, 0))
    deposits, withdrawals, disbursements = (
        _of(whole, kinds) for kinds in (DEPOSITS, WITHDRAWALS, DISBURSEMENTS)
    )
    prepayments = prepaid + overpaid
    net = whole.closing - whole.opening
    known = total((recoveries, arrears, prepayments, fees, deposits, withdrawals, disbursements))
    return Confirmation(
        recoveries=recoveries,
        arrears=arrears,
        prepayments=prepayments,
        fees=fees,
        deposits=deposits,
        withdrawals=withdrawals,
        disbursements=disbursements,
        other=net - known,
        net=net,
    )


def _of(whole: TillSheet, kinds: tuple[str, ...]) -> Money:
    return total(
        (ZERO, *(line.amount for line in whole.lines if line.group == CLIENTS and line.kind in kinds))
    )
