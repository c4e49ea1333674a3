"""Reports of cash: what the tills moved on a day, and what lay in the drawers before and after."""

from sqlalchemy.orm import Session

from banking.cash import BROUGHT_IN_TILL, till_reports
from banking.reports.journal import cash_accounts
from banking.reports.ledger_books import movements
from banking.reports.shape import Found, Question, Row, count, money, text
from ledger.errors import N_
from ledger.money import ZERO, total
from schema.reading import fetch

MOVEMENTS = (
    count("till", N_("Till")),
    text("receipt", N_("Receipt")),
    text("kind", N_("Kind")),
    text("account", N_("Account")),
    money("amount", N_("Amount")),
    text("note", N_("Note")),
)


def find_cash_today(session: Session, asked: Question) -> Found:
    """Give what the tills moved on the day by the books, and the cash in hand before and after."""
    lines = [
        line
        for office in offices_of(session, asked)
        for report in till_reports(session, office, asked.as_of)
        if report.number != BROUGHT_IN_TILL
        for line in report.lines
    ]
    received = total(line.amount for line in lines if line.amount > ZERO).minor
    paid_out = -total(line.amount for line in lines if line.amount < ZERO).minor
    opening, closing = _drawers(session, asked)
    other = closing - opening - received + paid_out
    rows: list[Row] = [
        (line.till_number, line.receipt, line.kind, line.account, line.amount.minor, line.note)
        for line in lines
    ]
    return Found((opening, received, paid_out, other, closing), (rows,))


def offices_of(session: Session, asked: Question) -> list[int]:
    """List the offices that a question is about."""
    found = [row[0] for row in fetch(session, "SELECT id FROM office ORDER BY number, id")]
    return [office for office in found if asked.offices is None or office in asked.offices]


def _drawers(session: Session, asked: Question) -> tuple[int, int]:
    """Add up the cash accounts before and after the day."""
    ids = cash_accounts(session)
    until, on_the_day = (
        movements(session, asked, "", asked.until),
        movements(session, asked, asked.until, asked.until),
    )
    closing, moved = (
        sum(debit - credit for account in ids for debit, credit in found.get(account, {}).values())
        for found in (until, on_the_day)
    )
    return closing - moved, closing
