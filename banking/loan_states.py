"""Questions to a loan: in what state it is on a day, how late, until when it runs."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking.loan_books import ACTIVE, Components
from banking.rows import get_row
from ledger.arrears import OpenInstallment, days_past_due
from ledger.arrears import overdue as overdue_of
from ledger.money import ZERO, Money, total
from schema.accounts import LoanAccount
from schema.products import LoanProduct
from schema.reading import fetch, fetch_one

CLOSED, OVERPAID, NOT_YET = "closed", "overpaid", "not yet"

_ROWS_ON = """
SELECT i.due_on, i.penalty - coalesce(p.penalty, 0), i.fee - coalesce(p.fee, 0),
       i.interest - coalesce(p.interest, 0), i.principal - coalesce(p.principal, 0),
       i.penalty + i.fee + i.interest + i.principal
  FROM installment AS i
  LEFT JOIN (
    SELECT s.installment_id AS row_id,
           CAST(sum(s.penalty) AS BIGINT) AS penalty, CAST(sum(s.fee) AS BIGINT) AS fee,
           CAST(sum(s.interest) AS BIGINT) AS interest, CAST(sum(s.principal) AS BIGINT) AS principal
      FROM loan_transaction AS t JOIN loan_transaction_share AS s ON s.loan_transaction_id = t.id
     WHERE t.loan_account_id = ? AND t.value_date <= ?
     GROUP BY s.installment_id) AS p ON p.row_id = i.id
 WHERE i.loan_account_id = ? ORDER BY i.number
"""

_OVERPAID_ON = """
SELECT CAST(coalesce(sum(overpayment), 0) AS BIGINT) FROM loan_transaction
 WHERE loan_account_id = ? AND value_date <= ?
"""


@dataclass(frozen=True, slots=True)
class LoanState:
    """A loan at the end of a day, by value date.

    state          applied, approved, rejected, withdrawn, not yet (paid out), active, overpaid, closed,
                   written_off or moved; those of an application are as they are today
    days_past_due  from its oldest row with more unpaid than the product tolerates
    overdue        everything unpaid although due before the day
    matures_on     the last due date; None before it is paid out
    """

    on: date
    state: str
    owed: Components
    overpaid: Money
    overdue: Money
    days_past_due: int
    matures_on: date | None
    charged_off: bool
    non_performing: bool


def state_of(session: Session, loan_id: int, on: date) -> LoanState:
    """Tell in what state a loan was at the end of ``on``.

    raises   NotFoundError
    """
    loan = get_row(session, LoanAccount, loan_id, "loan")
    product = session.get_one(LoanProduct, loan.product_id)
    if loan.disbursed_on is None or on < loan.disbursed_on:
        state = loan.status if loan.disbursed_on is None else NOT_YET
        return LoanState(
            on, state, Components(), ZERO, ZERO, 0, None, charged_off=False, non_performing=False
        )
    day = on.isoformat()
    rows = [
        (date.fromisoformat(row[0]), [Money(part) for part in row[1:5]], row[5])
        for row in fetch(session, _ROWS_ON, loan_id, day, loan_id)
    ]
    penalty, fee, interest, principal = (total(parts[at] for _, parts, _ in rows) for at in range(4))
    owed = Components(principal, interest, fee, penalty)
    paid_too_much = fetch_one(session, _OVERPAID_ON, loan_id, day)
    credit = Money(paid_too_much[0]) if paid_too_much else ZERO
    unpaid = [OpenInstallment(due_on, total(parts), parts[3]) for due_on, parts, _ in rows if total(parts)]
    return LoanState(
        on,
        _named(loan.status, owed.total, credit),
        owed,
        credit,
        overdue_of(unpaid, on)[0],
        days_past_due(unpaid, on, tolerance=product.arrears_tolerance or ZERO),
        max((due_on for due_on, _, due in rows if due), default=None),
        charged_off=loan.charged_off_on is not None and loan.charged_off_on <= on,
        non_performing=loan.non_performing_since is not None and loan.non_performing_since <= on,
    )


def _named(status: str, owed: Money, credit: Money) -> str:
    if status != ACTIVE or owed:
        return ACTIVE if owed else status
    return OVERPAID if credit else CLOSED
