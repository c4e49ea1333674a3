"""Loans paid out in parts over time: later tranches, and taking a disbursement back with all of its parts."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.approval import require_second_person
from banking.books import require_amount
from banking.charge_reversals import recharge_rows
from banking.disbursement_charges import charges_due
from banking.disbursement_parts import DOWN_PAYMENT, Part
from banking.disbursements import pay_out, ways_of
from banking.errors import AlreadyReversedError, NotReversibleError, ReversalDateError
from banking.loan_books import ACTIVE, own_loan, require_not_charged_off, require_status
from banking.loan_plans import (
    PlannedRow,
    due_days,
    next_tranche,
    note_tranche,
    plan_anew,
    planned_schedule,
    standing_rows,
    tranches_of,
)
from banking.loan_replay import settle
from banking.loan_terms import PlanKind, engine_terms
from banking.product_checks import require_rate
from banking.reversals import reverse, take_paid_off_back, write_reversal
from banking.text import LONGEST_NOTE, require
from ledger.dates import RepayUnit, due_dates, step
from ledger.errors import BadTermError, UnsupportedTermError
from ledger.money import ZERO, Money, total
from ledger.terms import InterestType
from ledger.tranches import Tranche
from schema.accounts import LoanAccount, LoanTransaction
from schema.products import LoanProduct
from schema.writing import act


def disburse_tranche(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    loan_id: int,
    on: date,
    *,
    amount: Money | None = None,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    parts: Sequence[Part] = (),
    approved_by_id: int | None = None,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Pay a further part of a running loan out, and make its rows from that day on anew.

    amount   default: the tranche that is planned next, or what is left of the loan
    raises   StatusError, ChargedOffError; BadTermError for a day before the part before it or after the last
             row, and for more than was approved or agreed parts; UnsupportedTermError; else as ``disburse``
    """
    loan = own_loan(session, loan_id)
    require_status(loan, {ACTIVE}, "tranche")
    require_not_charged_off(loan)
    product = session.get_one(LoanProduct, loan.product_id)
    paid, _ = tranches_of(session, loan_id)
    planned = next_tranche(session, loan_id)
    left = loan.principal - total(one.principal for one in paid)
    wanted = require_amount(amount or (planned.principal if planned is not None else left))
    _check(loan, product, [Tranche(one.expected_on, one.principal.minor) for one in paid], wanted, left, on)
    require_rate(loan.annual_rate)
    tranches = [*(Tranche(one.expected_on, one.principal.minor) for one in paid), Tranche(on, wanted.minor)]
    rows = rows_of_tranches(session, loan, product, tranches)
    if engine_terms(loan, product, act(session).digits).kind is PlanKind.PLAIN:
        _require_past_kept(session, loan, rows, on)
    if any(part.till_id or part.payment_type_id for part in parts):
        require_second_person(session, wanted, approved_by_id)
    ways = ways_of(wanted, parts, Part(wanted, till_id, payment_type_id, receipt=receipt))
    plan_anew(session, loan_id, rows)
    due = charges_due(session, product, (), wanted, ZERO, later_tranche=True)
    written = pay_out(session, loan, ways, due, on, approved_by_id=approved_by_id, note=note)
    note_tranche(session, loan_id, written, wanted)
    recharge_rows(session, loan_id, on)
    settle(session, loan_id, cause_on=on)
    return written


def _check(
    loan: LoanAccount,
    product: LoanProduct,
    paid: Sequence[Tranche],
    wanted: Money,
    left: Money,
    on: date,
) -> None:
    if len(paid) >= product.most_tranches:
        raise BadTermError(term="tranches", given=len(paid) + 1)
    if wanted > left:
        raise BadTermError(term="amount", given=wanted)
    if not paid or on < paid[-1].on:
        raise BadTermError(term="disbursement", given=on)
    if loan.interest_type == InterestType.FLAT:
        raise UnsupportedTermError(term="tranches with interest_type=FLAT")


def rows_of_tranches(
    session: Session, loan: LoanAccount, product: LoanProduct, tranches: Sequence[Tranche]
) -> list[PlannedRow]:
    """Compute the rows of a running loan from what was paid out when; dates that stand are kept.

    raises   BadTermError, UnsupportedTermError, NeverAmortizesError
    """
    assert loan.disbursed_on is not None, "the loan is paid out"
    standing = [row.due_on for row in standing_rows(session, loan.id)]
    unit = RepayUnit(loan.repay_unit)
    natural = step(loan.disbursed_on, loan.repay_every, unit)
    first = None if loan.first_due_on in {None, natural} else loan.first_due_on
    regular = due_days(session, loan, product, loan.disbursed_on, first) or due_dates(
        loan.disbursed_on, loan.installments, loan.repay_every, unit, first
    )
    dates = [*standing, *regular[len(standing) :]][: loan.installments]
    return planned_schedule(
        session,
        loan,
        loan.disbursed_on,
        first,
        digits=act(session).digits,
        tranches=tranches,
        dates=dates,
    )


def _require_past_kept(session: Session, loan: LoanAccount, rows: Sequence[PlannedRow], on: date) -> None:
    """What fell due before the tranche is as it was; a rule that changes it is not one for tranches."""
    new = {row.number: row for row in rows}
    for row in standing_rows(session, loan.id):
        found = new.get(row.number)
        if row.due_on < on and (
            found is None or (found.principal, found.interest) != (row.principal, row.interest)
        ):
            raise UnsupportedTermError(term=f"tranche that changes row {row.number} of the past")


# --- taking back ------------------------------------------------------------------------------------


def undo_tranche(
    session: Session, loan_id: int, on: date, *, reason: str, approved_by_id: int | None = None
) -> list[LoanTransaction]:
    """Take the newest tranche of a running loan back; its rows are as they were without it.

    Money that came in since stays, and is shared over what is owed without the tranche.

    returns  the reversals
    raises   NotReversibleError where there is only the first part, whose disbursement is taken back instead;
             ReversalDateError for a day before the tranche; and as ``reverse``
    """
    why = require(reason, "reason", LONGEST_NOTE)
    loan = own_loan(session, loan_id)
    require_status(loan, {ACTIVE}, "undo tranche")
    paid, _ = tranches_of(session, loan_id)
    if len(paid) <= 1:
        raise NotReversibleError(receipt=loan.number, reason="nothing was paid out after the first part")
    first = session.get_one(LoanTransaction, paid[-1].loan_transaction_id)
    parts = [one for one in _live(session, loan_id) if one.kind == "disbursement" and one.id >= first.id]
    if on < first.value_date:
        raise ReversalDateError(day=on, first=first.value_date)
    require_second_person(session, total(one.amount for one in parts), approved_by_id)
    taken = [write_reversal(session, one, on, why, approved_by_id=approved_by_id) for one in reversed(parts)]
    taken += take_paid_off_back(session, parts, on, why)
    product = session.get_one(LoanProduct, loan.product_id)
    left = [Tranche(one.expected_on, one.principal.minor) for one in paid[:-1]]
    plan_anew(session, loan_id, rows_of_tranches(session, loan, product, left))
    recharge_rows(session, loan_id, on)
    settle(session, loan_id, cause_on=on)
    return taken


def undo_disbursement(
    session: Session, loan_id: int, on: date, *, reason: str, approved_by_id: int | None = None
) -> list[LoanTransaction]:
    """Take everything back that was written when a loan was paid out: all parts, charges, down payment.

    What the new loan paid off is owed again. The loan is approved as before.

    returns  the reversals
    raises   NotReversibleError where money came in on the loan since; and as ``reverse``
    """
    why = require(reason, "reason", LONGEST_NOTE)
    loan = own_loan(session, loan_id)
    require_status(loan, {ACTIVE}, "undo disbursement")
    product = session.get_one(LoanProduct, loan.product_id)
    live = _live(session, loan_id)
    parts = [one for one in live if one.kind == "disbursement"]
    if not parts:
        raise AlreadyReversedError(receipt=loan.number)
    require_second_person(session, total(one.amount for one in parts), approved_by_id)
    instants = {one.recorded_at for one in parts}
    taken = []
    for one in reversed(live):
        if one.kind == "disbursement":
            continue
        if one.recorded_at not in instants or not _is_part_of_it(one, product):
            raise NotReversibleError(receipt=one.receipt or one.id, reason="it came after the disbursement")
        taken.append(reverse(session, one, reason=why, on=on, approved_by_id=approved_by_id))
    taken += [
        write_reversal(session, one, on, why, approved_by_id=approved_by_id) for one in reversed(parts[1:])
    ]
    taken.append(reverse(session, parts[0], reason=why, on=on, approved_by_id=approved_by_id))
    return taken + take_paid_off_back(session, parts[1:], on, why)


def _is_part_of_it(one: LoanTransaction, product: LoanProduct) -> bool:
    """Tell whether an entry was made by the disbursement itself: charges paid apart, the down payment."""
    down = one.kind == "repayment" and one.note == DOWN_PAYMENT and bool(product.auto_down_payment)
    return one.kind == "fee" or down


def _live(session: Session, loan_id: int) -> list[LoanTransaction]:
    taken_back = select(LoanTransaction.reverses_id).where(LoanTransaction.reverses_id.is_not(None))
    wanted = select(LoanTransaction).where(
        LoanTransaction.loan_account_id == loan_id,
        LoanTransaction.kind.not_in(["reversal", "adjustment"]),
        LoanTransaction.id.not_in(taken_back),
    )
    return list(session.scalars(wanted.order_by(LoanTransaction.id)))
