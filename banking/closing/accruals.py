"""Interest, fees and penalties that loans have earned and clients have not paid, as receivables.

Products say how: ``cash`` books income when it is paid; ``periodic`` day by day (interest as it is earned,
fees and penalties when they fall due); ``upfront`` all of a loan's rows at once. A loan that does not perform
or is charged off accrues nothing: its target is zero, so that what it had accrued leaves income again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.closing.targets import Pair, find_shifts, post_to_target
from ledger.accruals import EarningRow, Shift, receivable_at
from ledger.money import ZERO, Money
from ledger.posting import Role
from schema.reading import fetch
from schema.writing import act

ACCRUAL: Final = "accrual"
PERIODIC, UPFRONT = "periodic", "upfront"

_PERFORMING = """
      a.origin_office_id = ? AND a.status = 'active' AND a.disbursed_on <= ?
  AND a.non_performing_since IS NULL AND a.charged_off_on IS NULL
"""

_DUE = f"""
SELECT p.id,
       CAST(sum(i.interest - coalesce(paid.interest, 0)) AS BIGINT),
       CAST(sum(i.fee - coalesce(paid.fee, 0)) AS BIGINT),
       CAST(sum(i.penalty - coalesce(paid.penalty, 0)) AS BIGINT)
  FROM loan_product AS p
  JOIN loan_account AS a ON a.product_id = p.id
  JOIN installment AS i ON i.loan_account_id = a.id
  LEFT JOIN (
       SELECT s.installment_id AS id, sum(s.interest) AS interest, sum(s.fee) AS fee,
              sum(s.penalty) AS penalty
         FROM loan_transaction_share AS s JOIN loan_transaction AS t ON t.id = s.loan_transaction_id
        WHERE t.booked_on <= ?
        GROUP BY s.installment_id) AS paid ON paid.id = i.id
 WHERE {_PERFORMING} AND p.accrual <> 'cash' AND (p.accrual = 'upfront' OR i.due_on <= ?)
 GROUP BY p.id
"""  # noqa: S608 - built from our own constants

_RUNNING = f"""
SELECT p.id, coalesce((SELECT max(b.due_on) FROM installment AS b
                        WHERE b.loan_account_id = a.id AND b.due_on <= ?), a.disbursed_on),
       i.due_on, i.interest,
       (SELECT CAST(coalesce(sum(s.interest), 0) AS BIGINT)
          FROM loan_transaction_share AS s JOIN loan_transaction AS t ON t.id = s.loan_transaction_id
         WHERE s.installment_id = i.id AND t.booked_on <= ?)
  FROM loan_product AS p
  JOIN loan_account AS a ON a.product_id = p.id
  JOIN (SELECT loan_account_id AS id, min(due_on) AS due_on FROM installment
         WHERE due_on > ? GROUP BY loan_account_id) AS next ON next.id = a.id
  JOIN installment AS i ON i.loan_account_id = a.id AND i.due_on = next.due_on
 WHERE {_PERFORMING} AND p.accrual = 'periodic' AND i.interest > 0
"""  # noqa: S608 - built from our own constants

_PRODUCTS = """
SELECT p.id, p.accrual,
       coalesce(p.gl_interest_receivable_id, (SELECT min(id) FROM gl_account WHERE role = ?)),
       p.gl_interest_id,
       coalesce(p.gl_fee_receivable_id, (SELECT min(id) FROM gl_account WHERE role = ?)),
       p.gl_fee_id,
       coalesce(p.gl_penalty_receivable_id, (SELECT min(id) FROM gl_account WHERE role = ?)),
       p.gl_penalty_id
  FROM loan_product AS p WHERE p.accrual <> 'cash' ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class _Mapped:
    """Receivable and income of a product: interest, fee, penalty."""

    interest: Pair
    fee: Pair
    penalty: Pair


def accrual_targets(session: Session, on: date) -> dict[Pair, Money]:
    """Give what each receivable must stand at at the close of ``on``, by its income account; minor units.

    Set-based: what is due is added up in the database, and only the one running row of each loan is looked at
    by itself. Receivables whose target is zero are among them.
    """
    mapping = _mapping(session)
    targets = dict.fromkeys(_all_pairs(mapping.values()), ZERO)
    if not mapping:
        return {}
    office, day = act(session).office_id, on.isoformat()
    for product, interest, fee, penalty in fetch(session, _DUE, day, office, day, day):
        pairs = mapping[product]
        targets[pairs.interest] += Money(interest)
        targets[pairs.fee] += Money(fee)
        targets[pairs.penalty] += Money(penalty)
    for product, starts, due, interest, paid in fetch(session, _RUNNING, day, day, day, office, day):
        row = EarningRow(date.fromisoformat(starts), date.fromisoformat(due), Money(interest), Money(paid))
        targets[mapping[product].interest] += receivable_at(row, on)
    return targets


def _mapping(session: Session) -> dict[int, _Mapped]:
    roles = (Role.INTEREST_RECEIVABLE, Role.FEE_RECEIVABLE, Role.PENALTY_RECEIVABLE)
    return {
        row[0]: _Mapped((row[2], row[3]), (row[4], row[5]), (row[6], row[7]))
        for row in fetch(session, _PRODUCTS, *roles)
    }


def _all_pairs(mapped: Iterable[_Mapped]) -> list[Pair]:
    return [pair for one in mapped for pair in (one.interest, one.fee, one.penalty)]


def post_accruals(session: Session, on: date) -> list[Shift]:
    """Bring every receivable to its target at the close of ``on``; a second time posts nothing.

    raises   ClosedDayError, ClosedPeriodError
    """
    return post_to_target(session, ACCRUAL, accrual_targets(session, on), on, "accrued")


def unposted_accruals(session: Session, on: date) -> list[Shift]:
    """Give what the receivables still lack at the close of ``on``: empty after ``post_accruals``."""
    return find_shifts(session, ACCRUAL, accrual_targets(session, on), on)
