"""Loans whose rows follow what happens: the engine behind one, fed from the books; its rows written down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.loan_plans import due_days
from banking.loan_terms import PlanKind, engine_terms
from ledger.charge_book import Placed
from ledger.charges import Charge, ChargeTime
from ledger.errors import UnsupportedTermError
from ledger.followed import FollowedLoan
from ledger.followed_replay import FollowedReplay
from ledger.money import Money
from ledger.replay import DatedCharge, PlanRow
from ledger.rescheduling import Reschedule
from ledger.rows import FEE, PENALTY
from schema.accounts import Installment, LoanAccount
from schema.lending import LoanChange
from schema.products import LoanProduct
from schema.reading import fetch
from schema.writing import UndeclaredWriteError, act, update

_FOLLOWS = """
SELECT 1 FROM loan_account AS l JOIN loan_product AS p ON p.id = l.product_id
 WHERE l.id = ? AND l.rows_follow_terms = 1 AND l.disbursed_on IS NOT NULL AND p.kind = 'loan'
   AND (p.recalculation <> 'none' OR p.schedule_kind <> 'cumulative')
"""

_TRANCHES = """
SELECT t.value_date, CAST(sum(t.amount) AS BIGINT) FROM loan_transaction AS t
 WHERE t.loan_account_id = ? AND t.kind = 'disbursement'
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id)
 GROUP BY t.value_date ORDER BY t.value_date
"""


@dataclass(frozen=True, slots=True)
class FollowedStory:
    """What a loan's rows follow from, beside its entries; ``through`` is the day that they are seen on."""

    loan: LoanAccount
    product: LoanProduct
    dates: Sequence[date] | None
    tranches: Sequence[tuple[date, Money]]
    changes: Sequence[Reschedule]
    through: date
    digits: int

    def engine(self, rows: Mapping[int, PlanRow], charges: Iterable[DatedCharge]) -> FollowedLoan:
        """Make the loan anew, without the entries on it.

        raises   UnsupportedTermError, BadTermError, NeverAmortizesError
        """
        assert self.loan.disbursed_on is not None
        plan = engine_terms(self.loan, self.product, self.digits)
        made = plan.engine(self.loan.disbursed_on, self.loan.first_due_on, self.dates)
        if not isinstance(made, FollowedLoan):
            raise UnsupportedTermError(term=f"{plan.kind} schedule of a running loan")
        numbers = {row.id: row.number for row in rows.values()}
        made.charges.placed = [
            Placed(PENALTY if charge.penalty else FEE, charge.on, charge.amount, numbers[charge.row_id])
            for charge in sorted(charges, key=lambda charge: charge.order)
        ]
        if self.product.installment_fee:
            fee = self.product.installment_fee
            each = Charge(name="fee", penalty=False, when=ChargeTime.INSTALLMENT, amount=fee)
            made.charges.each_row = [each]
        for on, amount in self.tranches:
            made.disburse(on, amount)
        for change in self.changes:
            made.reschedule(change)
        return made


def read_followed(session: Session, loan_id: int, rows: Mapping[int, PlanRow]) -> FollowedStory | None:
    """Give what the rows of a loan follow from; None for a loan whose rows stand as they were promised."""
    if not fetch(session, _FOLLOWS, loan_id):
        return None
    loan = session.get_one(LoanAccount, loan_id)
    product = session.get_one(LoanProduct, loan.product_id)
    digits, today = _of_act(session)
    if engine_terms(loan, product, digits).kind is PlanKind.PLAIN:
        return None
    written = list(
        session.scalars(
            select(LoanChange).where(LoanChange.loan_account_id == loan_id).order_by(LoanChange.id)
        )
    )
    changes = [change for change in written if not change.only_row]
    assert loan.disbursed_on is not None
    planned = sorted(rows.values(), key=lambda row: row.number)[: loan.installments]
    dates: Sequence[date] | None = [row.due_on for row in planned]
    if changes:
        dates = due_days(session, loan, product, loan.disbursed_on, loan.first_due_on)
        dates = dates and _with_moves(dates, written)
    return FollowedStory(
        loan,
        product,
        dates,
        [(date.fromisoformat(row[0]), Money(row[1])) for row in fetch(session, _TRANCHES, loan_id)],
        [change_of(change) for change in changes],
        max(today, loan.disbursed_on),
        digits,
    )


def _with_moves(dates: Sequence[date], written: Iterable[LoanChange]) -> list[date]:
    """Give the first dates of a loan as meetings and holidays moved them before its terms were changed."""
    found = list(dates)
    for move in takewhile(lambda change: change.only_row, written):
        if move.new_date is not None and move.from_date in found:
            found[found.index(move.from_date)] = move.new_date
    return found


def _of_act(session: Session) -> tuple[int, date]:
    """Give the digits of the currency and the business day; a question without an act knows no day."""
    try:
        current = act(session)
    except UndeclaredWriteError:
        row = fetch(session, "SELECT digits FROM institution")
        return int(row[0][0]), date.min
    return current.digits, current.business_date


def change_of(change: LoanChange) -> Reschedule:
    """Give a change of terms as the rules know it."""
    return Reschedule(
        from_date=change.from_date,
        new_date=change.new_date,
        extra_rows=change.extra_installments,
        grace_principal=change.grace_principal,
        grace_interest=change.grace_interest,
        new_rate=change.new_rate,
    )


def write_followed_rows(session: Session, loan_id: int, replay: FollowedReplay) -> None:
    """Bring the rows in the books to what they must be, their charges among it."""
    wanted = select(Installment).where(Installment.loan_account_id == loan_id)
    known = {row.number: row for row in session.scalars(wanted)}
    for row in replay.rows:
        penalty, fee, interest, principal = map(Money, row.due)
        update(
            session,
            known[row.number],
            due_on=row.due_date,
            penalty=penalty,
            fee=fee,
            interest=interest,
            principal=principal,
        )
