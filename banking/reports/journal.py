"""The journal as reports: the general ledger of accounts, and the cash book."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.reports.ledger_books import ChartAccount, chart, movements
from banking.reports.shape import Column, Found, Link, Question, Row, day, money, text
from ledger.errors import N_, NotFoundError
from ledger.posting import Role
from schema.reading import fetch

LEDGER = (
    text("code", N_("Account"), "account"),
    text("name", ""),
    day("on", N_("Day")),
    day("value_date", N_("Counts on")),
    day("booked_on", ""),
    text("office", N_("Office"), "office"),
    text("entry", N_("Entry"), "entry"),
    text("kind", N_("Kind")),
    text("receipt", N_("Receipt")),
    text("note", N_("Note")),
    money("debit", N_("Debit")),
    money("credit", N_("Credit")),
    money("balance", N_("Balance"), added=False),
)

_LINES: Final = """
SELECT l.gl_account_id, coalesce(late.posted_on, e.booked_on) AS shown_on, e.value_date, e.booked_on,
       office.code, e.id, e.kind, e.note, l.debit, l.credit
  FROM journal_entry AS e JOIN journal_line AS l ON l.journal_entry_id = e.id
  LEFT JOIN office ON office.id = e.origin_office_id
  LEFT JOIN late_entry AS late ON late.journal_entry_id = e.id
 WHERE ((e.booked_on BETWEEN ? AND ? AND e.id NOT IN (SELECT journal_entry_id FROM late_entry)) OR {late})
   AND {within} AND {accounts}
 ORDER BY shown_on, e.recorded_at, e.id, l.id
"""

_SHOWN_LATE: Final = "IN (SELECT journal_entry_id FROM late_entry WHERE posted_on BETWEEN ? AND ?)"
"""Entries for days of closed periods, which the books show later."""

_RECEIPTS: Final = """
SELECT t.journal_entry_id, t.receipt, {number}
  FROM {kind}_transaction AS t JOIN {kind}_account AS a ON a.id = t.{kind}_account_id
 WHERE (t.booked_on BETWEEN ? AND ? OR {late}) AND {within} AND t.journal_entry_id IS NOT NULL
"""


def find_general_ledger(session: Session, asked: Question) -> Found:
    """List the lines of one account, or of all, with the balance after each; the first one is the opening.

    raises   NotFoundError for an account that the chart has not
    """
    accounts = _wanted(session, asked.account)
    opening = _openings(session, asked) if asked.start else {}
    receipts = _receipts(session, asked)
    lines: dict[int, list[Sequence[Any]]] = {}
    for line in _lines(session, asked, accounts if asked.account else None):
        lines.setdefault(line[0], []).append(line)
    rows: list[Row] = []
    for account in accounts:
        if account.id in lines or opening.get(account.id):
            rows += _account_rows(
                account, opening.get(account.id, 0), lines.get(account.id, []), receipts, asked
            )
    debit, credit = (sum(_amount(row[place]) for row in rows) for place in (10, 11))
    return Found((debit, credit), (rows,))


def _amount(value: object) -> int:
    return value if isinstance(value, int) else 0


def _wanted(session: Session, code: str) -> list[ChartAccount]:
    """Give the account with a code and what stands below it; without a code all."""
    accounts = chart(session)
    if not code:
        return accounts
    found = [account for account in accounts if account.code == code]
    if not found:
        raise NotFoundError(kind="GL account", key=code)
    for one in found:  # grows while it is read
        found += [account for account in accounts if account.parent_id == one.id and account not in found]
    return sorted(found, key=lambda account: account.code)


def _openings(session: Session, asked: Question) -> dict[int, int]:
    """Give the balance of each account before the first day."""
    before = {
        account: [debit - credit for debit, credit in offices.values()]
        for account, offices in movements(session, asked, "", asked.until).items()
    }
    within = movements(session, asked, asked.since, asked.until)
    return {
        account: sum(nets) - sum(debit - credit for debit, credit in within.get(account, {}).values())
        for account, nets in before.items()
    }


def _lines(
    session: Session, asked: Question, accounts: Iterable[ChartAccount] | None
) -> Sequence[Sequence[Any]]:
    """Give the lines of some accounts, or of all (None), in the order of booking."""
    ids = ", ".join(str(account.id) for account in accounts or ()) or "0"
    statement = _LINES.format(
        within=asked.within("e.origin_office_id"),
        late=f"e.id {_SHOWN_LATE}",
        accounts="1 = 1" if accounts is None else f"l.gl_account_id IN ({ids})",
    )
    return fetch(session, statement, *(asked.since, asked.until) * 2)


def _receipts(session: Session, asked: Question) -> dict[int, tuple[str, str]]:
    """Give receipt and account of the movements behind entries; a line is not asked one by one."""
    found: dict[int, tuple[str, str]] = {}
    for kind in ("loan", "savings"):
        statement = _RECEIPTS.format(
            kind=kind,
            number="a.number",
            within=asked.within("t.origin_office_id"),
            late=f"t.journal_entry_id {_SHOWN_LATE}",
        )
        for entry_id, receipt, number in fetch(session, statement, *(asked.since, asked.until) * 2):
            found[entry_id] = (receipt, number)
    return found


def _account_rows(
    account: ChartAccount,
    opening: int,
    lines: Sequence[Sequence[Any]],
    receipts: dict[int, tuple[str, str]],
    asked: Question,
) -> list[Row]:
    head = (account.code, account.name)
    balance = opening
    rows: list[Row] = []
    if asked.start:
        rows.append((*head, asked.since, None, None, "", "", "opening", "", "", 0, 0, opening))
    for _, on, value_date, booked_on, office, entry_id, kind, note, debit, credit in lines:
        balance += debit - credit
        receipt, number = receipts.get(entry_id, ("", ""))
        words = " ".join(part for part in (number, note) if part)
        days = (on, value_date, booked_on)
        rows.append((*head, *days, office, str(entry_id), kind, receipt, words, debit, credit, balance))
    return rows


CASH_BOOK = (
    day("on", N_("Day")),
    day("booked_on", ""),
    text("office", N_("Office"), "office"),
    text("code", N_("Account"), "account"),
    text("entry", ""),
    Column("kind", N_("Kind"), link=Link("entry", "entry")),
    text("receipt", N_("Receipt")),
    text("note", N_("Of")),
    money("received", N_("Received")),
    money("paid", N_("Paid")),
    money("balance", N_("Balance"), added=False),
)

_CASH_ACCOUNTS: Final = """
SELECT id FROM gl_account WHERE role IN (?, ?)
UNION SELECT gl_account_id FROM till WHERE gl_account_id NOT IN (SELECT id FROM gl_account WHERE role = ?)
"""


def cash_accounts(session: Session) -> set[int]:
    """Give the GL accounts in which cash lies: drawers, the vault, and what tills have of their own."""
    return {row[0] for row in fetch(session, _CASH_ACCOUNTS, Role.CASH, Role.VAULT, Role.BROUGHT_IN)}


def find_cash_book(session: Session, asked: Question) -> Found:
    """List what came into and went out of the cash accounts, with the cash in hand after each."""
    ids = cash_accounts(session)
    accounts = {account.id: account for account in chart(session) if account.id in ids}
    before = _openings(session, asked) if asked.start else {}
    opening = sum(before.get(account_id, 0) for account_id in ids)
    receipts = _receipts(session, asked)
    balance = opening
    rows: list[Row] = []
    for line in _lines(session, asked, accounts.values()):
        account_id, on, _, booked_on, office, entry_id, kind, note, debit, credit = line
        balance += debit - credit
        receipt, number = receipts.get(entry_id, ("", ""))
        words = " ".join(part for part in (number, note) if part)
        code = accounts[account_id].code
        rows.append(
            (on, booked_on, office, code, str(entry_id), kind, receipt, words, debit, credit, balance)
        )
    received, paid = (sum(_amount(row[place]) for row in rows) for place in (8, 9))
    return Found((opening, received, paid, balance), (rows,))
