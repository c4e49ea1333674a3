"""A loan's own ledger: what it is, and what is owed on it.

What is owed is never stored. It is the instalments less the shares that transactions had in them, and it
counts only while the loan is paid out: rows of an application are a plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from banking.allocation_orders import read_order
from banking.cash import CashLeg
from banking.errors import NotDisbursedError, OneOwnerError, StatusError
from banking.loan_errors import ChargedOffError
from ledger.allocation import Due, Share
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money, total
from ledger.posting import Account, Role, Split
from ledger.replay import Sharing, sharing_of
from ledger.terms import AllocationOrder, Strategy
from schema.accounts import LoanAccount
from schema.people import Client, Group, Staff
from schema.reading import fetch, fetch_one
from schema.writing import act

APPLIED, APPROVED, REJECTED, WITHDRAWN = "applied", "approved", "rejected", "withdrawn"
ACTIVE, WRITTEN_OFF = "active", "written_off"
MOVED = "moved"
"""Handed over to another branch with everything that was owed on it."""
PAID_OUT = frozenset({ACTIVE, WRITTEN_OFF})
CREDIT_LINE = "credit_line"
"""``LoanProduct.kind`` of a line that is drawn and repaid up to its limit."""

_LOAN = """
SELECT l.number, l.status, l.disbursed_on, l.origin_office_id, l.product_id, p.strategy, p.overpayment,
       p.allocation_order, p.future_rules, p.recalculation, p.schedule_kind, l.rows_follow_terms,
       l.charged_off_on, p.kind,
       (SELECT max(t.value_date) FROM loan_transaction AS t
         WHERE t.loan_account_id = l.id AND t.kind IN ('repayment', 'waiver', 'write_off', 'refund')),
       p.gl_portfolio_id, p.gl_interest_id, p.gl_fee_id, p.gl_penalty_id, p.gl_write_off_id,
       p.gl_recovery_id, p.gl_overpayment_id, p.gl_charge_off_id
  FROM loan_account AS l JOIN loan_product AS p ON p.id = l.product_id
 WHERE l.id = ?
"""

_ROLES = (
    Role.LOAN_PORTFOLIO,
    Role.INTEREST_INCOME,
    Role.FEE_INCOME,
    Role.PENALTY_INCOME,
    Role.WRITE_OFF_EXPENSE,
    Role.RECOVERY_INCOME,
    Role.OVERPAYMENT,
    Role.CHARGE_OFF_EXPENSE,
)

PLAIN_STRATEGIES = frozenset(
    {
        Strategy.STANDARD,
        Strategy.INTEREST_PRINCIPAL_PENALTY_FEE,
        Strategy.PRINCIPAL_INTEREST_PENALTY_FEE,
        Strategy.RBI_INDIA,
    }
)
"""Strategies that ask for what is owed and its due dates only, not for the days of charges."""

_DUES = """
SELECT i.id, i.number, i.due_on,
       i.penalty - CAST(coalesce(sum(s.penalty), 0) AS BIGINT),
       i.fee - CAST(coalesce(sum(s.fee), 0) AS BIGINT),
       i.interest - CAST(coalesce(sum(s.interest), 0) AS BIGINT),
       i.principal - CAST(coalesce(sum(s.principal), 0) AS BIGINT)
  FROM loan_account AS l
  JOIN installment AS i ON i.loan_account_id = l.id
  LEFT JOIN loan_transaction_share AS s ON s.installment_id = i.id
 WHERE l.id = ? AND l.disbursed_on IS NOT NULL
 GROUP BY i.id
 ORDER BY i.number
"""


@dataclass(frozen=True, slots=True)
class Components:
    """Amounts of a loan by component, in minor units."""

    principal: Money = ZERO
    interest: Money = ZERO
    fee: Money = ZERO
    penalty: Money = ZERO

    @property
    def total(self) -> Money:
        """Add up the four."""
        return self.principal + self.interest + self.fee + self.penalty


def own_loan(session: Session, loan_id: int) -> LoanAccount:
    """Give a loan of this branch.

    raises   NotFoundError, also for another branch's loan: every account has one writer
    """
    loan = session.get(LoanAccount, loan_id)
    if loan is None or loan.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="loan", key=loan_id)
    return loan


def require_status(loan: LoanAccount, allowed: set[str], wanted: str) -> None:
    """Refuse what a loan in this state does not allow.

    raises   StatusError
    """
    if loan.status not in allowed:
        raise StatusError(number=loan.number, status=loan.status, wanted=wanted)


def require_not_charged_off(loan: LoanAccount) -> None:
    """Refuse to lend more where the principal is an expense already and stands in no portfolio.

    raises   ChargedOffError
    """
    if loan.charged_off_on is not None:
        raise ChargedOffError(number=loan.number, day=loan.charged_off_on)


def check_owner(
    session: Session, client_id: int | None, group_id: int | None, officer_id: int | None
) -> None:
    """Refuse an owner or an officer that is not there, and two owners at once.

    raises   OneOwnerError, NotFoundError
    """
    if (client_id is None) == (group_id is None):
        raise OneOwnerError
    if client_id is not None and session.get(Client, client_id) is None:
        raise NotFoundError(kind="client", key=client_id)
    if group_id is not None and session.get(Group, group_id) is None:
        raise NotFoundError(kind="group", key=group_id)
    if officer_id is not None and session.get(Staff, officer_id) is None:
        raise NotFoundError(kind="officer", key=officer_id)


@dataclass(frozen=True, slots=True)
class LoanBook:
    """What a posting needs to know of a loan and its product: state, rules, GL accounts by role.

    recalculates    its rows follow what happens, so that every entry computes them anew
    last_on         the newest day of an entry that paid, waived, wrote off or gave back, reversed ones too
    is_line         it is a credit line, whose rows follow from what is drawn and repaid
    """

    id: int
    number: str
    status: str
    disbursed_on: date | None
    product_id: int
    strategy: Strategy
    keeps_overpayment: bool
    allocation_order: AllocationOrder | None
    recalculates: bool
    charged_off_on: date | None
    last_on: date | None
    accounts: Mapping[Account, int]
    is_line: bool = False

    @property
    def sharing(self) -> Sharing:
        """Give the order in which its product shares money over what is owed."""
        return sharing_of(self.strategy, self.allocation_order)

    @property
    def is_plain(self) -> bool:
        """Tell whether an entry at the end is shared by what is owed alone."""
        return not (self.recalculates or self.is_line) and self.strategy in PLAIN_STRATEGIES

    def charged_off(self, on: date) -> bool:
        """Tell whether principal that comes in on ``on`` was an expense before."""
        return self.charged_off_on is not None and on >= self.charged_off_on

    def require_paid_out(self, on: date) -> None:
        """Refuse money on a loan that is not paid out, or not yet on this date.

        raises   NotDisbursedError; StatusError for one that moved to another branch
        """
        if self.status == MOVED:
            raise StatusError(number=self.number, status=self.status, wanted="money on it")
        if self.status not in PAID_OUT or self.disbursed_on is None or on < self.disbursed_on:
            raise NotDisbursedError(number=self.number, day=on)

    def with_cash(self, leg: CashLeg) -> dict[Account, int]:
        """Give the accounts with the cash side among them."""
        return {**self.accounts, Role.CASH: leg.account_id}


def read_book(session: Session, loan_id: int) -> LoanBook:
    """Give what a posting needs to know of a loan of this branch.

    raises   NotFoundError, also for another branch's loan: every account has one writer
    """
    row = fetch_one(session, _LOAN, loan_id)
    if row is None or row[3] != act(session).office_id:
        raise NotFoundError(kind="loan", key=loan_id)
    return _book(loan_id, row)


def look_at_book(session: Session, loan_id: int) -> LoanBook:
    """Give the same of any branch's loan, for a question that posts nothing.

    raises   NotFoundError
    """
    row = fetch_one(session, _LOAN, loan_id)
    if row is None:
        raise NotFoundError(kind="loan", key=loan_id)
    return _book(loan_id, row)


def _book(loan_id: int, row: tuple[Any, ...]) -> LoanBook:
    number, status, disbursed_on, _, product_id, strategy, overpayment = row[:7]
    order, future, recalculation, schedule_kind, follows, charged_off_on, kind, last_on = row[7:15]
    accounts = dict(zip(_ROLES, row[15:], strict=True))
    return LoanBook(
        loan_id,
        number,
        status,
        _day(disbursed_on),
        product_id,
        Strategy(strategy),
        overpayment == "keep",
        read_order(order, future) if order else None,
        bool(follows) and (recalculation != "none" or schedule_kind != "cumulative"),
        _day(charged_off_on),
        _day(last_on),
        {role: account for role, account in accounts.items() if account is not None},
        kind == CREDIT_LINE,
    )


def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


def read_dues(session: Session, loan_id: int) -> list[Due]:
    """List what is still owed, oldest instalment first; paid ones are left out. Empty before disbursement."""
    return [
        Due(
            row[0],
            row[1],
            date.fromisoformat(row[2]),
            penalty=Money(row[3]),
            fee=Money(row[4]),
            interest=Money(row[5]),
            principal=Money(row[6]),
        )
        for row in fetch(session, _DUES, loan_id)
        if row[3] or row[4] or row[5] or row[6]
    ]


def owed_by_component(dues: Iterable[Due]) -> Components:
    """Add up what is owed."""
    rows = list(dues)
    return Components(
        principal=total(due.principal for due in rows),
        interest=total(due.interest for due in rows),
        fee=total(due.fee for due in rows),
        penalty=total(due.penalty for due in rows),
    )


def overpaid(session: Session, loan_id: int) -> Money:
    """Give what the client has paid above everything owed and not taken back."""
    row = fetch_one(
        session,
        "SELECT CAST(coalesce(sum(overpayment), 0) AS BIGINT) FROM loan_transaction "
        "WHERE loan_account_id = ?",
        loan_id,
    )
    return Money(row[0]) if row else ZERO


_WRITTEN_OFF_LEFT = """
SELECT CAST(coalesce(sum(CASE coalesce(o.kind, t.kind) WHEN 'write_off' THEN t.amount ELSE -t.amount END), 0)
            AS BIGINT)
  FROM loan_transaction AS t
  LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
 WHERE t.loan_account_id = ? AND coalesce(o.kind, t.kind) IN ('write_off', 'recovery')
"""


def written_off_left(session: Session, loan_id: int) -> Money:
    """Give what was written off of a loan and not recovered since."""
    row = fetch_one(session, _WRITTEN_OFF_LEFT, loan_id)
    return Money(row[0]) if row else ZERO


def split_of(shares: Sequence[Share], overpayment: Money = ZERO) -> Split:
    """Add up shares by component."""
    return Split(
        principal=total(share.principal for share in shares),
        interest=total(share.interest for share in shares),
        fee=total(share.fee for share in shares),
        penalty=total(share.penalty for share in shares),
        overpayment=overpayment,
    )
