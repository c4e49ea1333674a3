"""The rows of a loan as they are promised: their dates, amounts, and how they are written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.calendar_days import meeting_of, working_days
from banking.loan_terms import LoanPlan, PlanKind, engine_terms
from ledger.due_dates import ShiftRule, plan_due_dates
from ledger.errors import N_, RuleError
from ledger.money import ZERO, Money
from ledger.rows import INTEREST, PRINCIPAL
from ledger.schedule import build_schedule
from ledger.terms import RepayUnit
from ledger.tranches import Tranche, build_tranched_schedule
from schema.accounts import Installment, LoanAccount, LoanTransaction
from schema.lending import LoanTranche
from schema.products import LoanProduct
from schema.reading import fetch
from schema.writing import act, insert, update

AT_MEETINGS = "meeting"


class NoMeetingError(RuleError):
    """A product whose rows fall due at meetings, and a client whose group has none. Facts: number."""

    code = "NO_MEETING"
    message = N_(
        "{number} falls due when the group meets, and no meeting is known. Write down when it meets."
    )


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of a schedule; amounts in minor units."""

    number: int
    due_on: date
    principal: Money
    interest: Money
    fee: Money = ZERO
    penalty: Money = ZERO


def planned_schedule(
    session: Session,
    loan: LoanAccount,
    disbursed_on: date,
    first_due_on: date | None = None,
    *,
    digits: int,
    tranches: Sequence[Tranche] = (),
    dates: Sequence[date] | None = None,
) -> list[PlannedRow]:
    """Compute the rows that a loan would have if it were paid out on this day, fees of its product included.

    tranches  what is paid out on which day, where that is not all of it at once
    dates     due dates that stand already
    raises    BadTermError, UnsupportedTermError, NeverAmortizesError, NoMeetingError
    """
    product = session.get_one(LoanProduct, loan.product_id)
    plan = engine_terms(loan, product, digits)
    if dates is None:
        dates = due_days(session, loan, product, disbursed_on, first_due_on)
    fee = product.installment_fee or ZERO
    rows = _rows(plan, disbursed_on, first_due_on, dates, tranches)
    return [
        PlannedRow(number, due, Money(part), Money(interest), fee) for number, due, part, interest in rows
    ]


def _rows(
    plan: LoanPlan,
    on: date,
    first_due_on: date | None,
    dates: Sequence[date] | None,
    tranches: Sequence[Tranche],
) -> list[tuple[int, date, int, int]]:
    """Give number, date, principal and interest of each row, minor units."""
    if plan.kind is PlanKind.PLAIN:
        rows = (
            build_tranched_schedule(plan.terms, tranches, first_due_on, dates)
            if tranches
            else build_schedule(plan.terms, on, first_due_on, dates)
        )
        return [(row.number, row.due_date, row.principal.minor, row.interest.minor) for row in rows]
    engine = plan.engine(on, first_due_on, dates)
    for tranche in tranches or [Tranche(on, plan.terms.principal.minor)]:
        engine.disburse(tranche.on, Money(tranche.amount))
    return [(row.number, row.due_date, row.due[PRINCIPAL], row.due[INTEREST]) for row in engine.rows]


def due_days(
    session: Session, loan: LoanAccount, product: LoanProduct, disbursed_on: date, first_due_on: date | None
) -> list[date] | None:
    """Give the due dates where they do not simply follow from the first one: at meetings, off holidays.

    raises   NoMeetingError, BadTermError
    """
    rule = ShiftRule(product.shift_rule)
    if product.due_from != AT_MEETINGS and rule is ShiftRule.SAME_DAY:
        return None
    meeting = None
    if product.due_from == AT_MEETINGS:
        meeting = meeting_of(session, client_id=loan.client_id, group_id=loan.group_id)
        if meeting is None:
            raise NoMeetingError(number=loan.number or product.code)
    office = loan.origin_office_id or act(session).office_id
    return plan_due_dates(
        disbursed_on,
        loan.installments,
        loan.repay_every,
        RepayUnit(loan.repay_unit),
        first_due_on,
        meeting=meeting,
        working=working_days(session, office),
        rule=rule,
    )


def standing_rows(session: Session, loan_id: int) -> list[Installment]:
    """List the rows of a loan as they stand, those without amounts too, by number."""
    wanted = select(Installment).where(Installment.loan_account_id == loan_id)
    return list(session.scalars(wanted.order_by(Installment.number)))


def write_rows(session: Session, loan_id: int, rows: Sequence[PlannedRow]) -> None:
    """Write the schedule; rows of an earlier plan (of an application or a reversed loan) are used again."""
    earlier = {row.number: row for row in standing_rows(session, loan_id)}
    for row in rows:
        amounts = {
            "principal": row.principal,
            "interest": row.interest,
            "fee": row.fee,
            "penalty": row.penalty,
        }
        planned = earlier.pop(row.number, None)
        if planned is not None:
            update(session, planned, due_on=row.due_on, **amounts)
        else:
            insert(
                session,
                Installment(loan_account_id=loan_id, number=row.number, due_on=row.due_on, **amounts),
            )
    for surplus in earlier.values():
        update(session, surplus, principal=ZERO, interest=ZERO, fee=ZERO, penalty=ZERO)


def plan_anew(session: Session, loan_id: int, rows: Sequence[PlannedRow]) -> list[int]:
    """Give the rows of a running loan new principal, interest and dates; what was charged on them stays.

    returns  the numbers of rows that were not there or held nothing before
    """
    earlier = {row.number: row for row in standing_rows(session, loan_id)}
    kept = {number: row for number, row in earlier.items() if row.principal or row.interest}
    fresh = [row.number for row in rows if row.number not in kept]
    for row in rows:
        known = earlier.get(row.number)
        if known is None or row.number in fresh:
            added = row if known is None else replace(row, fee=row.fee + known.fee, penalty=known.penalty)
            _put(session, loan_id, known, added)
        else:
            update(session, known, due_on=row.due_on, principal=row.principal, interest=row.interest)
    last = max((row.number for row in rows), default=0)
    for number, beyond in kept.items():
        if number > last:
            update(session, beyond, principal=ZERO, interest=ZERO)
    return fresh


def _put(session: Session, loan_id: int, known: Installment | None, row: PlannedRow) -> None:
    amounts = {"principal": row.principal, "interest": row.interest, "fee": row.fee, "penalty": row.penalty}
    if known is not None:
        update(session, known, due_on=row.due_on, **amounts)
    else:
        added = Installment(loan_account_id=loan_id, number=row.number, due_on=row.due_on, **amounts)
        insert(session, added)


# --- tranches -------------------------------------------------------------------------------------


_PAID_TRANCHES = """
SELECT t.id FROM loan_tranche AS t
 WHERE t.loan_account_id = ? AND t.loan_transaction_id IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.loan_transaction_id)
"""


def tranches_of(session: Session, loan_id: int) -> tuple[list[LoanTranche], list[LoanTranche]]:
    """Give the tranches of a loan that were paid out and stand, and those still to come, by number."""
    wanted = select(LoanTranche).where(LoanTranche.loan_account_id == loan_id).order_by(LoanTranche.number)
    paid_ids = {row[0] for row in fetch(session, _PAID_TRANCHES, loan_id)}
    rows = [row for row in session.scalars(wanted) if row.principal]
    return [row for row in rows if row.id in paid_ids], [row for row in rows if row.id not in paid_ids]


def next_tranche(session: Session, loan_id: int) -> LoanTranche | None:
    """Give the tranche that is to be paid out next; None where none is planned."""
    return next(iter(tranches_of(session, loan_id)[1]), None)


def note_tranche(session: Session, loan_id: int, paid: LoanTransaction, amount: Money) -> LoanTranche:
    """Write down that a tranche was paid out: the next planned one, or one more."""
    planned = next_tranche(session, loan_id)
    if planned is not None:
        update(session, planned, principal=amount, expected_on=paid.value_date, loan_transaction_id=paid.id)
        return planned
    number = len(tranches_of(session, loan_id)[0]) + 1
    tranche = LoanTranche(
        loan_account_id=loan_id,
        number=number,
        expected_on=paid.value_date,
        principal=amount,
        loan_transaction_id=paid.id,
    )
    insert(session, tranche)
    return tranche
