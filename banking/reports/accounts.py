"""Reports of savings accounts: their balances, and those on which nothing moves."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.reports.shape import Found, Question, Row, count, day, money, text
from banking.reports.standing import OWNER, OWNER_NUMBER
from ledger.errors import N_
from schema.people import Client, Group
from schema.reading import fetch

USUAL_DORMANCY_DAYS: Final = 365
"""An account on which the client has moved nothing for so long is idle, where its product does not say."""

SAVINGS = (
    text("number", N_("Account"), "savings"),
    text("owner", N_("Client")),
    text("owner_number", ""),
    text("group", N_("Group")),
    text("product", N_("Product")),
    text("office", ""),
    text("status", N_("Status")),
    day("opened_on", N_("Opened")),
    money("balance", N_("Balance")),
    money("held", N_("of it held")),
)

_SAVINGS = f"""
SELECT a.number, {OWNER}, {OWNER_NUMBER}, coalesce(g.name, ''), p.code, office.code,
       CASE WHEN a.closed_on > ? THEN 'active' ELSE a.status END, a.opened_on,
       CAST(coalesce(b.balance, 0) AS BIGINT), CAST(coalesce(h.amount, 0) AS BIGINT),
       b.moved_on, coalesce(p.dormant_after_days, ?), coalesce(cl.phone, '')
  FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
  LEFT JOIN office ON office.id = a.origin_office_id
  LEFT JOIN client AS cl ON cl.id = a.client_id
  LEFT JOIN lending_group AS g ON g.id = coalesce(a.group_id, cl.group_id)
  LEFT JOIN (
    SELECT t.savings_account_id AS account_id, sum(t.amount) AS balance,
           max(CASE WHEN t.kind IN ('deposit', 'withdrawal', 'transfer_in', 'transfer_out', 'loan_payment')
                    THEN t.value_date END) AS moved_on
      FROM savings_transaction AS t WHERE t.{{counted_by}} <= ? GROUP BY t.savings_account_id
  ) AS b ON b.account_id = a.id
  LEFT JOIN (
    SELECT savings_account_id AS account_id, sum(amount) AS amount FROM savings_hold
     WHERE held_on <= ? AND (released_on IS NULL OR released_on > ?) GROUP BY savings_account_id
  ) AS h ON h.account_id = a.id
 WHERE (a.opened_on IS NULL OR a.opened_on <= ?) AND {{within}}
   AND (coalesce(b.balance, 0) <> 0 OR a.closed_on IS NULL OR a.closed_on > ?)
 ORDER BY a.number, a.id
"""  # noqa: S608 - built from our own constants


def _accounts(session: Session, asked: Question) -> list[Row]:
    within = asked.within("a.origin_office_id")
    statement = _SAVINGS.format(counted_by=asked.counted_by, within=within)
    until = [asked.until] * 5
    found = fetch(session, statement, asked.until, USUAL_DORMANCY_DAYS, *until)
    return [row for row in found if asked.product in {"", row[4]}]


def find_savings_balances(session: Session, asked: Question) -> Found:
    """List the savings accounts opened by the day and not closed, by number."""
    rows = [row[: len(SAVINGS)] for row in _accounts(session, asked)]
    return Found((len(rows), sum(_amount(row[8]) for row in rows)), (rows,))


def _amount(value: object) -> int:
    return value if isinstance(value, int) else 0


DORMANT = (
    text("number", N_("Account"), "savings"),
    text("owner", N_("Client")),
    text("owner_number", ""),
    text("phone", N_("Phone")),
    text("group", N_("Group")),
    text("product", N_("Product")),
    text("office", ""),
    text("status", N_("Status")),
    day("moved_on", N_("Last moved")),
    count("idle_days", N_("Days idle")),
    money("balance", N_("Balance")),
)


def find_dormant_accounts(session: Session, asked: Question) -> Found:
    """List accounts that are dormant or unclaimed, or on which the client has moved nothing for long."""
    rows: list[Row] = []
    for row in _accounts(session, asked):
        number, owner, owner_number, group, product, office, status, opened_on, balance, _, *rest = row
        moved_on, limit, phone = rest
        since = moved_on or opened_on
        idle = None if since is None else (asked.as_of - date.fromisoformat(str(since))).days
        if status in {"dormant", "unclaimed"} or (idle is not None and idle >= _amount(limit)):
            described = (number, owner, owner_number, phone, group, product, office, status)
            rows.append((*described, moved_on, idle, balance))
    rows.sort(key=lambda row: (-_amount(row[9]), str(row[0])))
    return Found((len(rows), sum(_amount(row[10]) for row in rows)), (rows,))


def owner_number(client: Client | None, group: Group | None) -> str:
    """Give the number of an account's owner."""
    owner = client or group
    return "" if owner is None else owner.number
