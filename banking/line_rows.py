"""A credit line in the books: what was drawn on it, and its rows, which follow from what happened.

``ledger.line_replay`` reckons a line anew whenever something happens to it; here its rows are made ahead of
what they bear, and brought to what the line owes.
"""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.credit_line import LineTerms, rows_through
from ledger.dates import RepayUnit, step
from ledger.line_replay import Draw, LineReplay, LineStory
from ledger.money import ZERO, Money
from schema.accounts import Installment, LoanAccount
from schema.reading import fetch, fetch_one
from schema.writing import UndeclaredWriteError, act, insert, update

_TERMS = """
SELECT l.disbursed_on, l.annual_rate, l.installments, l.repay_every, l.repay_unit, p.days_in_year
  FROM loan_account AS l JOIN loan_product AS p ON p.id = l.product_id
 WHERE l.id = ? AND p.kind = 'credit_line' AND l.disbursed_on IS NOT NULL
"""

_DRAWS = """
SELECT t.id, t.value_date, t.amount FROM loan_transaction AS t
 WHERE t.loan_account_id = ? AND t.kind = 'disbursement'
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id)
 ORDER BY t.id
"""

_LIVE = """
SELECT 1 FROM loan_transaction AS t
 WHERE t.loan_account_id = ? AND t.kind <> 'reversal'
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id)
 LIMIT 1
"""


def read_terms(session: Session, loan_id: int) -> LineTerms | None:
    """Give what the rows of a credit line follow from; None for a loan, and before the first draw."""
    row = fetch_one(session, _TERMS, loan_id)
    if row is None:
        return None
    opened_on = date.fromisoformat(row[0])
    return LineTerms(
        opened_on,
        step(opened_on, row[2] * row[3], RepayUnit(row[4])),
        Decimal(row[1]),
        None if row[5] == "actual" else int(row[5]),
    )


def read_line(session: Session, loan_id: int) -> LineStory | None:
    """Give what was drawn on a credit line, and up to when its interest is charged; None for a loan."""
    terms = read_terms(session, loan_id)
    if terms is None:
        return None
    draws = tuple(
        Draw(row[0], date.fromisoformat(row[1]), Money(row[2])) for row in fetch(session, _DRAWS, loan_id)
    )
    return LineStory(terms, draws, _last_month_end(session))


def _last_month_end(session: Session) -> date:
    """Give the end of the last month that is over on the business day: its interest is charged."""
    try:
        today = act(session).business_date
    except UndeclaredWriteError:  # a question, which charges nothing
        return date.min
    return date.min if today.toordinal() <= today.day else today - timedelta(days=today.day)


def ensure_rows(session: Session, loan_id: int, until: date) -> None:
    """Make the rows that a credit line needs up to the month of ``until``; for a loan it does nothing."""
    terms = read_terms(session, loan_id)
    if terms is None:
        return
    known = {row.number: row for row in _rows(session, loan_id)}
    needed = rows_through(terms, max(until, _last_month_end(session)))
    for number, due_on in needed.items():
        if number in known:
            update(session, known[number], due_on=due_on)
        else:
            row = Installment(
                loan_account_id=loan_id, number=number, due_on=due_on, principal=ZERO, interest=ZERO
            )
            insert(session, row)


def write_rows(session: Session, loan_id: int, replay: LineReplay) -> None:
    """Bring the rows of a credit line to what it owes by ``replay``."""
    for row in _rows(session, loan_id):
        interest, principal = replay.parts.get(row.id, (ZERO, ZERO))
        update(session, row, interest=interest, principal=principal)


def _rows(session: Session, loan_id: int) -> list[Installment]:
    found = select(Installment).where(Installment.loan_account_id == loan_id)
    return list(session.scalars(found.order_by(Installment.number)))


def unopen_when_empty(session: Session, loan: LoanAccount) -> bool:
    """Give a line back its state before the first draw when nothing that happened to it stands any more.

    returns   whether it was so
    """
    if fetch_one(session, _LIVE, loan.id) is not None:
        return False
    update(session, loan, status="approved", disbursed_on=None, first_due_on=None)
    return True
