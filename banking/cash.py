"""Tills and the cash in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.books import account_with_role
from banking.errors import BadValueError, NotYourTillError, NumberTakenError, TillClosedError
from banking.product_checks import check_money_account
from banking.reasons import Reasons
from banking.text import require
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money
from ledger.posting import Role
from schema.accounting import Till
from schema.reading import fetch, fetch_one
from schema.writing import act, insert

BROUGHT_IN_TILL = 0
"""Number of the till without a drawer: what comes in from older books."""


@dataclass(frozen=True, slots=True)
class CashLeg:
    """Where the money side of an entry stands: a till, a way to pay, or the account of books brought in.

    With a till and a way to pay the money is no cash: the till only wrote the receipt.
    """

    account_id: int
    till_id: int | None = None
    till_number: int | None = None
    payment_type_id: int | None = None


def create_till(
    session: Session,
    *,
    number: int | None = None,
    name: str = "",
    gl_account_id: int | None = None,
    kind: str = "till",
    cash_limit: Money | None = None,
) -> Till:
    """Set up a cash drawer; without a number it gets the next one, without an account "Cash in hand".

    kind        till or vault (whose account is "Vault")
    cash_limit  what it may hold, in minor units; None: the office's limit
    raises      NumberTakenError; BadValueError for another kind; FieldsError where no money can be kept
    """
    if kind not in {"till", "vault"}:
        raise BadValueError(field="kind", given=kind)
    numbers = {till.number for till in list_tills(session, act(session).office_id)}
    chosen = max(numbers, default=0) + 1 if number is None else number
    if chosen in numbers:
        raise NumberTakenError(number=chosen)
    role = Role.BROUGHT_IN if chosen == BROUGHT_IN_TILL else Role.CASH
    if kind == "vault":
        role = Role.VAULT
    till = Till(
        number=chosen,
        name=require(name or ("Vault" if kind == "vault" else f"Till {chosen}"), "name"),
        gl_account_id=gl_account_id or account_with_role(session, role),
        kind=kind,
        cash_limit=cash_limit,
    )
    if gl_account_id is not None:
        reasons = Reasons()
        check_money_account(session, reasons, till)
        reasons.refuse()
    insert(session, till)
    return till


def list_tills(session: Session, office_id: int) -> Sequence[Till]:
    """List the tills of an office by number."""
    own = select(Till).where(Till.origin_office_id == office_id)
    return session.scalars(own.order_by(Till.number)).all()


_TILL = """
SELECT t.gl_account_id, t.number, t.state, t.origin_office_id, count(a.id),
       CAST(coalesce(sum(CASE WHEN a.user_id = ? THEN 1 ELSE 0 END), 0) AS BIGINT)
  FROM till AS t
  LEFT JOIN cashier_assignment AS a ON a.till_id = t.id AND a.from_date <= ?
                                   AND (a.until IS NULL OR a.until >= ?)
 WHERE t.id = ? GROUP BY t.id, t.gl_account_id, t.number, t.state, t.origin_office_id
"""


def cash_leg(session: Session, till_id: int | None) -> CashLeg:
    """Give the cash side for ``till_id``; without a till it is the account "Books brought in".

    raises   NotFoundError, TillClosedError; NotYourTillError where somebody else answers for the till today
    """
    if till_id is None:
        return CashLeg(account_with_role(session, Role.BROUGHT_IN))
    current = act(session)
    today = current.business_date.isoformat()
    row = fetch_one(session, _TILL, current.actor_id, today, today, till_id)
    if row is None or row[3] != current.office_id:
        raise NotFoundError(kind="till", key=till_id)
    if row[2] != "active":
        raise TillClosedError(till=row[1])
    if row[4] and not row[5]:
        raise NotYourTillError(till=row[1], day=current.business_date)
    return CashLeg(row[0], till_id, row[1])


def account_balance(session: Session, gl_account_id: int, office_id: int, until: date | None = None) -> Money:
    """Give the balance of one GL account in one office, debit-positive, to the end of ``until``."""
    last = (until or date.max).isoformat()
    row = fetch_one(
        session,
        "SELECT CAST(coalesce(sum(debit - credit), 0) AS BIGINT) FROM gl_day_total "
        "WHERE gl_account_id = ? AND origin_office_id = ? AND booked_on <= ?",
        gl_account_id,
        office_id,
        last,
    )
    return ZERO if row is None else Money(row[0])


@dataclass(frozen=True, slots=True)
class TillLine:
    """One movement of a till on a day: cash in is positive."""

    till_number: int
    receipt: str
    kind: str
    account: str
    amount: Money
    note: str


@dataclass(frozen=True, slots=True)
class TillReport:
    """A till's day: what came in and went out, line by line."""

    number: int
    name: str
    received: Money
    paid_out: Money
    lines: tuple[TillLine, ...]

    @property
    def net(self) -> Money:
        """Received less paid out."""
        return self.received - self.paid_out


_LINES = """
SELECT till.number, t.receipt, t.kind, loan_account.number, line.debit - line.credit, t.note, t.id
  FROM loan_transaction AS t
  JOIN till ON till.id = t.till_id
  JOIN loan_account ON loan_account.id = t.loan_account_id
  JOIN journal_line AS line ON line.journal_entry_id = t.journal_entry_id
                           AND line.gl_account_id = till.gl_account_id
 WHERE t.booked_on = ? AND t.origin_office_id = ? AND t.payment_type_id IS NULL
UNION ALL
SELECT till.number, t.receipt, t.kind, savings_account.number, t.amount, t.note, t.id
  FROM savings_transaction AS t
  JOIN till ON till.id = t.till_id
  JOIN savings_account ON savings_account.id = t.savings_account_id
 WHERE t.booked_on = ? AND t.origin_office_id = ? AND t.payment_type_id IS NULL
 ORDER BY 1, 7
"""


def till_reports(session: Session, office_id: int, day: date) -> list[TillReport]:
    """Give what each till moved on ``day`` by the books: tills by number, movements as they were made."""
    wanted = day.isoformat()
    rows = fetch(session, _LINES, wanted, office_id, wanted, office_id)
    reports = []
    for till in list_tills(session, office_id):
        lines = tuple(
            TillLine(row[0], row[1], row[2], row[3], Money(row[4]), row[5])
            for row in rows
            if row[0] == till.number
        )
        reports.append(
            TillReport(
                till.number,
                till.name,
                Money(sum(line.amount.minor for line in lines if line.amount > ZERO)),
                Money(-sum(line.amount.minor for line in lines if line.amount < ZERO)),
                lines,
            )
        )
    return reports
