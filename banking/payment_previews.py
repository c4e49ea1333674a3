"""What a payment would pay, shown before it is posted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking.books import require_amount
from banking.credit_lines import dues_on
from banking.loan_books import WRITTEN_OFF, Components, LoanBook, look_at_book, read_dues, split_of
from banking.loan_replay import place
from ledger.allocation import Due, Share
from ledger.errors import OverpaymentError
from ledger.money import ZERO, Money, total
from ledger.replay import EntryKind
from schema.accounts import LoanAccount


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What a payment would pay of one instalment, and what would be left of it."""

    number: int
    due_on: date
    paid: Components
    left: Money


@dataclass(frozen=True, slots=True)
class Ages:
    """What a payment would pay of a component: of overdue rows, of the one due now, of rows to come."""

    component: str
    overdue: Money
    due: Money
    ahead: Money

    @property
    def total(self) -> Money:
        """Give all of it."""
        return self.overdue + self.due + self.ahead


@dataclass(frozen=True, slots=True)
class Preview:
    """How a payment would be shared. ``recovery``: the loan is written off, so it would be income."""

    rows: tuple[PreviewRow, ...]
    paid: Components
    overpayment: Money
    left: Money
    recovery: bool

    def by_age(self, on: date) -> tuple[Ages, ...]:
        """Give what would be paid of each component by age: a row is overdue the day after its date.

        The first row from ``on`` on is the one due now; what is paid of later rows is paid ahead.
        """
        coming = min((row.due_on for row in self.rows if row.due_on >= on), default=None)
        return tuple(
            Ages(
                name,
                overdue=total(getattr(row.paid, name) for row in self.rows if row.due_on < on),
                due=total(getattr(row.paid, name) for row in self.rows if row.due_on == coming),
                ahead=total(
                    getattr(row.paid, name) for row in self.rows if coming is not None and row.due_on > coming
                ),
            )
            for name in ("interest", "principal", "fee", "penalty")
        )


def preview_repayment(session: Session, loan_id: int, paid: Money, on: date) -> Preview:
    """Share ``paid`` as ``post_repayment`` would, and write nothing.

    raises   AmountError, NotDisbursedError, OverpaymentError, NoLongerFitsError, ChargedOffError,
             NotFoundError
    """
    require_amount(paid)
    book = look_at_book(session, loan_id)
    book.require_paid_out(on)
    if book.status == WRITTEN_OFF:
        return Preview((), Components(), ZERO, ZERO, recovery=True)
    placed = _placed(session, book, paid, on)
    if placed.overpaid > ZERO and not book.keeps_overpayment:
        raise OverpaymentError(paid=paid, owed=paid - placed.overpaid)
    rows = tuple(
        PreviewRow(
            share.due.number,
            share.due.due_date,
            Components(share.principal, share.interest, share.fee, share.penalty),
            placed.left.get(share.due.number, ZERO),
        )
        for share in placed.shares
    )
    split = split_of(placed.shares)
    return Preview(
        rows,
        Components(split.principal, split.interest, split.fee, split.penalty),
        placed.overpayment,
        total(placed.left.values()),
        recovery=False,
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """What a payment would pay, and what would be left of each row by its number."""

    shares: Sequence[Share]
    overpayment: Money
    overpaid: Money
    left: Mapping[int, Money]


def _placed(session: Session, book: LoanBook, paid: Money, on: date) -> _Placed:
    if not book.is_line:
        placed = place(session, book, EntryKind.PAYMENT, paid, on)
        if placed.replay is not None:
            left = {due.number: due.owed for due in placed.replay.dues(on)}
            return _Placed(placed.shares, placed.overpayment, placed.overpaid, left)
        dues = read_dues(session, book.id)
        return _Placed(placed.shares, placed.overpayment, placed.overpaid, _left(dues, placed.shares))
    dues = dues_on(session, session.get_one(LoanAccount, book.id), on)
    shares, excess = book.sharing(paid, dues, on)
    return _Placed(shares, excess, excess, _left(dues, shares))


def _left(dues: Iterable[Due], shares: Iterable[Share]) -> dict[int, Money]:
    paid = {share.due.number: share.total for share in shares}
    return {due.number: due.owed - paid.get(due.number, ZERO) for due in dues}
