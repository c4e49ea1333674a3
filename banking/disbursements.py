"""Paying loans out: in one or several ways at once, less what is charged for it; tranches: ``tranches``."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.approval import require_second_person
from banking.books import require_amount
from banking.disbursement_charges import Charged, charges_due
from banking.disbursement_parts import (
    ChargesTooHighError,
    Part,
    PartsError,
    pay_back_down,
    pay_charges_apart,
    pay_off_topped_up,
    require_own_loan,
    write_part,
)
from banking.errors import BadValueError, BeforeApprovalError
from banking.lending_errors import NoCreditLineError
from banking.loan_books import ACTIVE, APPROVED, CREDIT_LINE, own_loan, require_status
from banking.loan_charges import charge_rows, note_paid_at_disbursement
from banking.loan_plans import next_tranche, note_tranche, planned_schedule, write_rows
from banking.loan_terms import terms_of
from banking.payoffs import payoff_quote
from banking.product_checks import require_rate
from banking.security import require_security
from ledger.errors import BadTermError
from ledger.money import ZERO, Money, total
from ledger.soundness import require_sound
from ledger.tranches import Tranche
from schema.accounts import LoanAccount, LoanTransaction
from schema.products import LoanProduct
from schema.writing import act, update

NETTED, APART = "netted", "apart"
FEES: Final = (NETTED, APART)
"""Charges at disbursement are taken out of the money, or paid beside it."""


def disburse(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    loan_id: int,
    on: date,
    *,
    first_due_on: date | None = None,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    savings_account_id: int | None = None,
    parts: Sequence[Part] = (),
    amount: Money | None = None,
    charges: Sequence[int] = (),
    fees: str = NETTED,
    approved_by_id: int | None = None,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Pay an approved loan out: its schedule, charges, the transaction and the entry in one go.

    on             value date; with ``first_due_on`` (default: that of the application, else one period later,
                   or the meeting) the due dates follow from it
    till_id        where the cash comes from; with nothing named it is "Books brought in"
    savings_account_id  where the money goes instead
    parts          several ways at once; they add up to what is paid out. Without them a loan that replaces
                   an earlier one pays that off first
    amount         the first part of a loan paid out in tranches; default: all of it, or its first tranche
    charges        ids of further charges at disbursement, beside those of the product
    fees           ``NETTED`` takes them out of the first part for the client, ``APART`` has them paid apart
    returns        the (first) disbursement
    raises         StatusError, BeforeApprovalError, BadTermError, ReceiptTakenError, ClosedDayError,
                   ClosedPeriodError, NotFoundError, TillClosedError, PartsError, ChargesTooHighError,
                   NoMeetingError, RateTooHighError, NoCreditLineError, SecondPersonNeededError,
                   SecurityNeededError, GuaranteeNeededError, TopUpError
    """
    loan = own_loan(session, loan_id)
    product = _check(session, loan, on, fees)
    digits = act(session).digits
    first_due_on = _first_due(loan, on, first_due_on)
    if first_due_on is not None:
        require_sound(terms_of(loan, product, digits), on, first_due_on)
    paid_out = _amount_now(session, loan, product, amount)
    whole = paid_out == loan.principal and not product.most_tranches
    tranches = () if whole else (Tranche(on, paid_out.minor),)
    rows = planned_schedule(session, loan, on, first_due_on, digits=digits, tranches=tranches)
    if any(part.till_id or part.payment_type_id for part in parts):
        require_second_person(session, paid_out, approved_by_id)
    way = Part(paid_out, till_id, payment_type_id, savings_account_id, receipt=receipt)
    ways = ways_of(paid_out, parts or _with_top_up(session, loan, way, on), way)
    first_row = next((row.due_on for row in rows if row.due_on > on), rows[0].due_on)
    update(session, loan, status=ACTIVE, disbursed_on=on, first_due_on=first_row, rows_follow_terms=1)
    write_rows(session, loan_id, rows)
    due = charges_due(session, product, charges, paid_out, total(row.interest for row in rows))
    paid = pay_out(session, loan, ways, due, on, fees=fees, approved_by_id=approved_by_id, note=note)
    if tranches:
        note_tranche(session, loan_id, paid, paid_out)
    charge_rows(session, loan_id, on)
    pay_back_down(session, product, loan_id, rows, ways[0], on)
    return paid


def _check(session: Session, loan: LoanAccount, on: date, fees: str) -> LoanProduct:
    require_status(loan, {APPROVED}, "disburse")
    if loan.approved_on is not None and on < loan.approved_on:
        raise BeforeApprovalError(number=loan.number, day=on, approved=loan.approved_on)
    if fees not in FEES:
        raise BadValueError(field="fees", given=fees)
    require_rate(loan.annual_rate)
    product = session.get_one(LoanProduct, loan.product_id)
    if product.kind == CREDIT_LINE:
        raise NoCreditLineError(number=loan.number, reason="it is a credit line: draw on it")
    require_security(session, loan)
    return product


def _first_due(loan: LoanAccount, on: date, given: date | None) -> date | None:
    """Give the first due date: as given now, else as agreed in the application if that is still to come."""
    agreed = loan.first_due_on
    return given or (agreed if agreed is not None and agreed > on else None)


def _amount_now(session: Session, loan: LoanAccount, product: LoanProduct, amount: Money | None) -> Money:
    """Give what is paid out now.

    raises   BadTermError where a part is paid of a loan that is paid out at once, or more than was approved
    """
    planned = next_tranche(session, loan.id) if product.most_tranches else None
    wanted = amount or (planned.principal if planned is not None else loan.principal)
    require_amount(wanted)
    if wanted > loan.principal or (wanted != loan.principal and not product.most_tranches):
        raise BadTermError(term="amount", given=wanted)
    return wanted


def _with_top_up(session: Session, loan: LoanAccount, way: Part, on: date) -> list[Part]:
    """Give the parts of a loan that pays an earlier one off: the rest to the client, then what is owed there.

    raises   PartsError where the new loan is smaller than that; StatusError, NotDisbursedError
    """
    if loan.replaces_id is None:
        return []
    owed = payoff_quote(session, loan.replaces_id, on).total
    if not owed:
        return []
    if owed > way.amount:
        raise PartsError(given=owed, wanted=way.amount)
    rest = replace(way, amount=way.amount - owed)
    return [*([rest] if rest.amount else []), Part(owed, topped_up_id=loan.replaces_id)]


def ways_of(paid_out: Money, parts: Sequence[Part], single: Part) -> Sequence[Part]:
    """Give the ways in which ``paid_out`` is paid: the parts, which add up to it, or the single one.

    raises   PartsError, AmountError
    """
    if not parts:
        return [single]
    for part in parts:
        require_amount(part.amount)
    if total(part.amount for part in parts) != paid_out:
        raise PartsError(given=total(part.amount for part in parts), wanted=paid_out)
    return parts


def pay_out(
    session: Session,
    loan: LoanAccount,
    ways: Sequence[Part],
    due: Sequence[Charged],
    on: date,
    *,
    fees: str = NETTED,
    approved_by_id: int | None = None,
    note: str = "",
) -> LoanTransaction:
    """Write the disbursements of all ways, and what is charged for them; gives the first.

    raises   ChargesTooHighError, TopUpError, and as ``disburse`` for money and days
    """
    charged = total(one.amount for one in due)
    netted = due if fees == NETTED else ()
    money = next((part for part in ways if part.topped_up_id is None), None)
    if netted and (money is None or charged >= money.amount):
        raise ChargesTooHighError(charges=charged, amount=money.amount if money else ZERO)
    paid = []
    for part in ways:
        require_own_loan(session, loan, part)
        kept = netted if part is money else ()
        paid.append(write_part(session, loan.id, part, on, kept, approved_by_id=approved_by_id, note=note))
        pay_off_topped_up(session, part, on)
    for one in due:
        note_paid_at_disbursement(session, loan.id, one.definition, one.amount, on)
    if due and fees == APART:
        pay_charges_apart(session, loan.id, due, money or ways[0], on)
    return paid[0]
