"""Standing instructions: money that leaves a savings account by itself when a day is closed."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.approval import require_second_person
from banking.books import require_amount
from banking.errors import BadValueError, InsufficientFundsError
from banking.loan_books import own_loan, read_dues
from banking.loan_from_savings import pay_from_savings
from banking.rows import get_row
from banking.savings_book import (
    ACTIVE,
    CLOSED,
    MOVED,
    read_savings,
    require_funds,
    require_status,
    require_unlocked,
)
from banking.savings_charges import WITHDRAWAL, charge_occasion, charges_on
from banking.savings_transfers import write_transfer
from ledger.dates import RepayUnit, step
from ledger.errors import RuleError
from ledger.money import ZERO, Money, total
from schema.reading import fetch
from schema.saving import StandingInstruction
from schema.writing import act, attempt, cut_when_full, insert, update

NOTE: Final = "standing instruction"
RUNS, ENDED, CANCELLED = "active", "ended", "cancelled"
DONE, NOTHING_DUE, NO_FUNDS, REFUSED = "done", "nothing due", "insufficient funds", "refused"
"""Outcomes of an instruction; after *refused* stands the code of the rule that said no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done: to which account, how much (None: what is due on the loan), and when.

    Exactly one of ``to_savings_id`` and ``to_loan_id``; ``amount`` in minor units; ``unit`` a ``RepayUnit``.
    """

    to_savings_id: int | None = None
    to_loan_id: int | None = None
    amount: Money | None = None
    every: int = 1
    unit: str = "MONTHS"
    first_on: date
    until: date | None = None


def add_instruction(
    session: Session, from_account_id: int, order: Order, *, approved_by_id: int | None = None
) -> StandingInstruction:
    """Write down a standing instruction; it is done first when the day ``first_on`` is closed.

    raises   BadValueError for two aims or none, a loan's amount asked of savings, or dates that cannot be;
             StatusError, NotFoundError, AmountError; SecondPersonNeededError, as the amount is confirmed here
             and not at each close
    """
    book = read_savings(session, from_account_id)
    if book.status in {CLOSED, MOVED}:
        require_status(book, "standing instruction", ACTIVE)
    _check_order(session, from_account_id, order)
    if order.amount is not None:
        require_amount(order.amount)
        require_second_person(session, order.amount, approved_by_id)
    row = StandingInstruction(
        from_account_id=from_account_id,
        to_savings_id=order.to_savings_id,
        to_loan_id=order.to_loan_id,
        amount=order.amount,
        every=order.every,
        unit=order.unit,
        first_on=order.first_on,
        next_on=order.first_on,
        until=order.until,
    )
    insert(session, row)
    return row


def _check_order(session: Session, from_account_id: int, order: Order) -> None:
    if (order.to_savings_id is None) == (order.to_loan_id is None) or order.to_savings_id == from_account_id:
        raise BadValueError(field="to", given=order.to_savings_id or order.to_loan_id or "")
    if order.to_savings_id is not None:
        read_savings(session, order.to_savings_id)
        if order.amount is None:
            raise BadValueError(field="amount", given="")
    if order.to_loan_id is not None:
        own_loan(session, order.to_loan_id)
    if order.every < 1:
        raise BadValueError(field="every", given=order.every)
    if order.unit not in set(RepayUnit):
        raise BadValueError(field="unit", given=order.unit)
    if order.until is not None and order.until < order.first_on:
        raise BadValueError(field="until", given=order.until)


def cancel_instruction(session: Session, instruction_id: int) -> StandingInstruction:
    """End an instruction before its time; what it did stays.

    raises   NotFoundError; BadValueError for one that runs no more
    """
    row = get_row(session, StandingInstruction, instruction_id, "standing instruction")
    read_savings(session, row.from_account_id)
    if row.state != RUNS:
        raise BadValueError(field="state", given=row.state)
    update(session, row, state=CANCELLED)
    return row


# --- at the close ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Carried:
    """One instruction at a close: what came of it and the amount that moved, in minor units."""

    instruction_id: int
    outcome: str
    amount: Money = ZERO


_DUE = """
SELECT id FROM standing_instruction
 WHERE origin_office_id = ? AND state = 'active' AND next_on <= ? ORDER BY next_on, id
"""


def run_standing_instructions(session: Session, on: date) -> list[Carried]:
    """Do every instruction whose day has come, for the close of ``on``; each counts on that day.

    All of its amount moves or nothing. What could not be done is written on the instruction and not tried
    again before its next day; whatever days were missed, it is done once. The second time nothing is due.
    """
    carried = []
    for (instruction_id,) in fetch(session, _DUE, act(session).office_id, on.isoformat()):
        row = session.get_one(StandingInstruction, instruction_id)
        done = _carry_out(session, row, on)
        next_on = _next_day(row, on)
        over = row.until is not None and next_on > row.until
        update(session, row, last_outcome=done.outcome, next_on=next_on, state=ENDED if over else row.state)
        carried.append(done)
        cut_when_full(session)
    return carried


def _next_day(row: StandingInstruction, on: date) -> date:
    """Give the first day of the instruction's rhythm after ``on``, counted from its first day."""
    count = 0
    while (day := step(row.first_on, count * row.every, RepayUnit(row.unit))) <= on:
        count += 1
    return day


def _carry_out(session: Session, row: StandingInstruction, on: date) -> Carried:
    """Try one instruction; one that a rule refuses leaves nothing and keeps no other from being done."""
    instruction_id = row.id
    try:
        with attempt(session):
            return _move(session, row, on)
    except RuleError as refusal:
        poor = isinstance(refusal, InsufficientFundsError)
        return Carried(instruction_id, NO_FUNDS if poor else f"{REFUSED} {refusal.code}")


def _move(session: Session, row: StandingInstruction, on: date) -> Carried:
    source = read_savings(session, row.from_account_id, on)
    require_status(source, "standing instruction", ACTIVE)
    require_unlocked(source, on)
    amount = _due_on_loan(session, row.to_loan_id, on) if row.amount is None else row.amount
    if amount <= ZERO:
        return Carried(row.id, NOTHING_DUE)
    if row.to_savings_id is not None:
        fees = charges_on(session, source, WITHDRAWAL, amount)
        require_funds(session, source, amount + fees, on)
        target = read_savings(session, row.to_savings_id, on)
        write_transfer(session, source, target, amount, on, note=NOTE)
        charge_occasion(session, source, WITHDRAWAL, amount, on)
    else:
        assert row.to_loan_id is not None, "an instruction has one aim"
        require_funds(session, source, amount, on)
        pay_from_savings(session, row.to_loan_id, source.id, amount, on, note=NOTE)
    return Carried(row.id, DONE, amount)


def _due_on_loan(session: Session, loan_id: int | None, on: date) -> Money:
    assert loan_id is not None, "only a loan has something due"
    return total(due.owed for due in read_dues(session, loan_id) if due.due_date <= on)
