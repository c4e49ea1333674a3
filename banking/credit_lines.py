"""Credit lines: drawn and repaid up to their limit, interest by the day on the part in use.

Repayments, waivers, write-offs and reversals of a line are those of any loan (``banking.repayments``). What
is owed stands in rows: one for the interest of each month, due on its last day, and one for what is drawn,
due when the line ends. The close of a month charges its interest; so does every payment, up to its own day.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.allocation_orders import read_order
from banking.books import require_amount
from banking.errors import BeforeApprovalError, NotDisbursedError
from banking.lending_errors import CreditLimitError, LineEndedError, LineOwedError, NoCreditLineError
from banking.line_rows import ensure_rows, read_terms
from banking.loan_books import (
    ACTIVE,
    APPROVED,
    CREDIT_LINE,
    PAID_OUT,
    Components,
    owed_by_component,
    own_loan,
    read_book,
    require_not_charged_off,
    require_status,
)
from banking.loan_movements import Movement, write
from banking.loan_replay import read_story, settle
from banking.money_legs import paying_leg
from banking.numbers import receipt_number
from banking.security import require_security
from ledger.allocation import Due
from ledger.credit_line import month_end, most_used_from, used
from ledger.errors import BadTermError
from ledger.line_replay import Draw, LineReplay
from ledger.money import ZERO, Money
from ledger.posting import Role, Split, disbursement_entry
from ledger.replay import Sharing, sharing_of
from ledger.terms import Strategy
from schema.accounts import LoanAccount, LoanTransaction
from schema.products import LoanProduct
from schema.writing import act, cut_when_full, update

_DAY = timedelta(days=1)
_NOW = 2**63 - 1
"""The place of a draw that is only being made: after everything else of its day."""


@dataclass(frozen=True, slots=True)
class LineStanding:
    """A credit line as it stands; minor units. ``owed`` has the interest of all days before the asked one."""

    limit: Money
    used: Money
    available: Money
    owed: Components
    ends_on: date | None


def is_line(session: Session, loan: LoanAccount) -> bool:
    """Tell whether a loan is a credit line."""
    return session.get_one(LoanProduct, loan.product_id).kind == CREDIT_LINE


def limit_of(loan: LoanAccount) -> Money:
    """Give what may be drawn at most: the limit agreed last, else what was asked for."""
    return loan.principal if loan.credit_limit is None else loan.credit_limit


def _own_line(session: Session, loan_id: int) -> LoanAccount:
    loan = own_loan(session, loan_id)
    if not is_line(session, loan):
        raise NoCreditLineError(number=loan.number, reason="it is a loan, not a credit line")
    return loan


def draw(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    loan_id: int,
    amount: Money,
    on: date,
    *,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    receipt: str = "",
    approved_by_id: int | None = None,
    note: str = "",
) -> LoanTransaction:
    """Pay a part of a line out; the first draw opens it. Later payments are shared anew where it comes late.

    amount   minor units, above zero
    raises   NoCreditLineError, StatusError, ChargedOffError, BeforeApprovalError; NotDisbursedError before
             the line was opened; LineEndedError, CreditLimitError on any day from this one on;
             SecurityNeededError, GuaranteeNeededError; AmountError, SecondPersonNeededError, NotFoundError,
             ClosedDayError, ClosedPeriodError
    """
    require_amount(amount)
    loan = _own_line(session, loan_id)
    require_status(loan, {APPROVED, ACTIVE}, "draw")
    require_not_charged_off(loan)
    require_security(session, loan)
    if loan.status == APPROVED:
        _open(session, loan, on)
    elif loan.disbursed_on is None or on < loan.disbursed_on:
        raise NotDisbursedError(number=loan.number, day=on)
    _require_limit(session, loan, amount, on)
    leg = paying_leg(
        session,
        amount,
        till_id=till_id,
        payment_type_id=payment_type_id,
        loan_product_id=loan.product_id,
        approved_by_id=approved_by_id,
    )
    movement = Movement(
        kind="disbursement",
        amount=amount,
        value_date=on,
        split=Split(principal=amount),
        entry=disbursement_entry(amount, cash=Role.CASH),
        leg=leg,
        receipt=receipt_number(session, leg.till_number, receipt),
        approved_by_id=approved_by_id,
        note=note,
    )
    written = write(session, read_book(session, loan_id), movement)
    settle(session, loan_id, cause_on=on)
    return written


def _open(session: Session, loan: LoanAccount, on: date) -> None:
    if loan.approved_on is not None and on < loan.approved_on:
        raise BeforeApprovalError(number=loan.number, day=on, approved=loan.approved_on)
    update(session, loan, status=ACTIVE, disbursed_on=on, first_due_on=month_end(on))


def _require_limit(session: Session, loan: LoanAccount, amount: Money, on: date) -> None:
    """Refuse a draw after the line's end, and one that would go beyond the limit on its day or later."""
    ensure_rows(session, loan.id, on)
    story = read_story(session, loan.id)
    assert story.line is not None, "the line is open"
    if on > story.line.terms.ends_on:
        raise LineEndedError(number=loan.number, ends_on=story.line.terms.ends_on)
    line = replace(story.line, draws=(*story.line.draws, Draw(_NOW, on, amount)))
    found = replace(story, line=line).replay(read_book(session, loan.id))
    assert isinstance(found, LineReplay)
    limit, most = limit_of(loan), most_used_from(found.changes, on)
    if most > limit:
        left = max(limit - most + amount, ZERO)
        raise CreditLimitError(amount=amount, available=left, limit=limit)


def charge_interest(session: Session, loan_id: int, through: date) -> Money:
    """Charge a line the interest of all days up to the end of ``through``; gives what is charged in all.

    Asked again it changes nothing; what is not over yet is charged anew by whoever asks later.

    raises   NoCreditLineError, NotFoundError; StatusError for a line that was not opened
    """
    loan = _own_line(session, loan_id)
    require_status(loan, set(PAID_OUT), "interest")
    settle(session, loan_id, through=through)
    story = read_story(session, loan_id)
    return Money(sum(row.due[2] for row in story.rows.values()))


def charge_all(session: Session, through: date) -> int:
    """Charge every open line of this office the interest up to the end of ``through``; gives their number.

    For the close of a month (``through``: its last day); done again it changes nothing.
    """
    lines = session.scalars(
        select(LoanAccount)
        .join(LoanProduct, LoanProduct.id == LoanAccount.product_id)
        .where(
            LoanProduct.kind == CREDIT_LINE,
            LoanAccount.status == ACTIVE,
            LoanAccount.disbursed_on <= through,
            LoanAccount.origin_office_id == act(session).office_id,
        )
        .order_by(LoanAccount.id)
    ).all()
    for loan in lines:
        settle(session, loan.id, through=through)
        cut_when_full(session)
    return len(lines)


def standing(session: Session, loan: LoanAccount, on: date) -> LineStanding:
    """Tell how a line stands as a payment of ``on`` would find it, that day's interest not yet in it.

    raises   NoCreditLineError
    """
    if not is_line(session, loan):
        raise NoCreditLineError(number=loan.number, reason="it is a loan, not a credit line")
    limit, terms = limit_of(loan), read_terms(session, loan.id)
    if terms is None or loan.status not in PAID_OUT:
        return LineStanding(limit, ZERO, limit if loan.status == APPROVED else ZERO, Components(), None)
    found = _reckoned(session, loan, on)
    in_use = used(found.changes)
    left = max(limit - in_use, ZERO) if loan.status == ACTIVE and on <= terms.ends_on else ZERO
    return LineStanding(limit, in_use, left, owed_by_component(found.dues(on)), terms.ends_on)


def dues_on(session: Session, loan: LoanAccount, on: date) -> list[Due]:
    """List what is owed on an open line as a payment of ``on`` would find it: interest by months, principal.

    Interest that is not charged yet has no row; it stands under the negative of the row's number.
    """
    return _reckoned(session, loan, on).dues(on)


def _reckoned(session: Session, loan: LoanAccount, on: date) -> LineReplay:
    story = read_story(session, loan.id)
    assert story.line is not None, "the line is open"
    line = replace(story.line, through=on - _DAY)
    return LineReplay(line, story.rows.values(), story.charges, story.entries, _sharing(session, loan))


def _sharing(session: Session, loan: LoanAccount) -> Sharing:
    product = session.get_one(LoanProduct, loan.product_id)
    order = read_order(product.allocation_order, product.future_rules) if product.allocation_order else None
    return sharing_of(Strategy(product.strategy), order)


def change_limit(session: Session, loan_id: int, limit: Money) -> LoanAccount:
    """Agree on another limit for what is drawn from now on.

    raises   NoCreditLineError, StatusError, AmountError; BadTermError below what is in use
    """
    require_amount(limit)
    loan = _own_line(session, loan_id)
    require_status(loan, {APPROVED, ACTIVE}, "limit")
    if limit < standing(session, loan, act(session).business_date).used:
        raise BadTermError(term="limit", given=limit)
    update(session, loan, credit_limit=limit)
    return loan


def close_line(session: Session, loan_id: int, on: date) -> LoanAccount:
    """End a line on which nothing is owed: from now on nothing can be drawn on it.

    raises   NoCreditLineError, StatusError; LineOwedError while principal, interest or charges are owed
    """
    loan = _own_line(session, loan_id)
    require_status(loan, {ACTIVE}, "close")
    owed = standing(session, loan, on).owed.total
    if owed:
        raise LineOwedError(number=loan.number, owed=owed)
    settle(session, loan_id, through=on - _DAY)
    update(session, loan, credit_limit=ZERO)
    return loan
