"""Closing a loan before its time: what that takes on a day, and paying it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking.credit_lines import dues_on
from banking.errors import StatusError
from banking.loan_books import (
    WRITTEN_OFF,
    Components,
    LoanBook,
    look_at_book,
    overpaid,
    owed_by_component,
    read_book,
    read_dues,
)
from banking.loan_replay import bring_forward, read_story
from banking.repayments import post_repayment
from ledger.errors import NothingOwedError
from ledger.followed_replay import FollowedReplay
from ledger.money import ZERO, Money
from ledger.rows import MovementKind
from schema.accounts import LoanAccount, LoanTransaction


@dataclass(frozen=True, slots=True)
class Payoff:
    """What closes a loan on a day, by component, and what need not be paid because it is closed early.

    Interest to come is owed in full, unless the product recalculates interest or is a credit line.
    """

    on: date
    owed: Components
    forgiven: Components
    overpaid: Money

    @property
    def total(self) -> Money:
        """Give what is to be paid."""
        return self.owed.total


def payoff_quote(session: Session, loan_id: int, on: date) -> Payoff:
    """Give what closes a loan on ``on``, if nothing else happens before.

    raises   NotFoundError, NotDisbursedError; StatusError for a loan that is written off
    """
    book = look_at_book(session, loan_id)
    book.require_paid_out(on)
    if book.status == WRITTEN_OFF:
        raise StatusError(number=book.number, status=book.status, wanted="pay off")
    planned = owed_by_component(read_dues(session, loan_id))
    owed = _to_the_day(session, book, on) or planned
    forgiven = Components(interest=max(ZERO, planned.interest - owed.interest))
    return Payoff(on, owed, forgiven, overpaid(session, loan_id))


def _to_the_day(session: Session, book: LoanBook, on: date) -> Components | None:
    """Give what closes a credit line, or a loan whose interest is recalculated; None for any other."""
    if book.is_line:
        return owed_by_component(dues_on(session, session.get_one(LoanAccount, book.id), on))
    story = read_story(session, book.id) if book.recalculates else None
    if story is None or story.followed is None:
        return None
    replay = story.replay(book)
    assert isinstance(replay, FollowedReplay)
    amount = replay.loan.payoff(on)
    if not amount:
        return Components()
    split = replay.loan.pay(MovementKind.REPAYMENT, on, amount).split
    return Components(split.principal, split.interest, split.fee, split.penalty)


def pay_off(
    session: Session,
    loan_id: int,
    on: date,
    *,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Pay what closes a loan on ``on``.

    raises   NothingOwedError; as ``payoff_quote`` and ``banking.repayments.post_repayment``
    """
    bring_forward(session, read_book(session, loan_id), on)
    wanted = payoff_quote(session, loan_id, on).total
    if not wanted:
        raise NothingOwedError
    return post_repayment(
        session,
        loan_id,
        wanted,
        on,
        till_id=till_id,
        payment_type_id=payment_type_id,
        receipt=receipt,
        note=note,
    )
