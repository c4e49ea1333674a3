"""Who the institution serves: clients, groups, and all that one client has."""

from typing import Final

from sqlalchemy.orm import Session

from banking.reports.shape import Found, Question, Row, count, day, money, text
from banking.reports.standing import officer_names, standings
from ledger.errors import N_, NotFoundError
from schema.reading import fetch

CLIENTS = (
    text("number", N_("Number"), "client"),
    text("name", N_("Name")),
    text("gender", N_("Gender")),
    day("born_on", N_("Born")),
    text("phone", N_("Phone")),
    text("village", N_("Village")),
    text("group", N_("Group")),
    text("office", ""),
    day("joined_on", N_("Joined")),
    text("state", N_("State")),
    count("loans", N_("Loans"), added=True),
    money("principal", N_("Principal")),
    money("overdue", N_("Overdue")),
    money("savings", N_("Savings")),
)

_CLIENTS: Final = """
SELECT cl.id, cl.number, trim(coalesce(cl.given_name, '') || ' ' || cl.name), cl.gender, cl.born_on, cl.phone,
       cl.village, coalesce(g.name, ''), office.code, cl.joined_on, cl.state
  FROM client AS cl LEFT JOIN lending_group AS g ON g.id = cl.group_id
  LEFT JOIN office ON office.id = cl.origin_office_id
 WHERE (cl.joined_on IS NULL OR cl.joined_on <= ?) AND {within}
 ORDER BY cl.number, cl.id
"""

_SAVED: Final = """
SELECT coalesce(a.client_id, 0), coalesce(a.group_id, 0), CAST(sum(t.amount) AS BIGINT)
  FROM savings_transaction AS t JOIN savings_account AS a ON a.id = t.savings_account_id
 WHERE t.{counted_by} <= ? AND {within} GROUP BY 1, 2
"""

_People = dict[tuple[int, int], tuple[int, int, int]]


def _borrowed(session: Session, asked: Question) -> _People:
    """Give loans, principal and overdue by who borrowed."""
    found: _People = {}
    for loan in standings(session, asked):
        loans, principal, overdue = found.get(loan.borrower, (0, 0, 0))
        found[loan.borrower] = (loans + 1, principal + loan.principal, overdue + loan.overdue)
    return found


def _saved(session: Session, asked: Question) -> dict[tuple[int, int], int]:
    statement = _SAVED.format(counted_by=asked.counted_by, within=asked.within("t.origin_office_id"))
    return {(row[0], row[1]): row[2] for row in fetch(session, statement, asked.until)}


def find_client_listing(session: Session, asked: Question) -> Found:
    """List the clients who had joined by the day, by number, with what they owe and have saved."""
    borrowed, saved = _borrowed(session, asked), _saved(session, asked)
    found = fetch(session, _CLIENTS.format(within=asked.within("cl.origin_office_id")), asked.until)
    rows: list[Row] = [
        (*row[1:], *borrowed.get((row[0], 0), (0, 0, 0)), saved.get((row[0], 0), 0))
        for row in found
        if asked.group in {"", row[7]}
    ]
    active = sum(1 for row in rows if row[9] == "active")
    return Found((len(rows), active), (rows,))


GROUPS = (
    text("number", N_("Number")),
    text("name", N_("Name")),
    text("center", N_("Center")),
    text("office", ""),
    text("officer", N_("Officer")),
    count("meeting_weekday", N_("Meets on")),
    count("meeting_every_weeks", N_("Every weeks")),
    text("state", N_("State")),
    count("members", N_("Members"), added=True),
    count("borrowers", N_("Borrowers"), added=True),
    money("principal", N_("Principal")),
    money("overdue", N_("Overdue")),
    money("savings", N_("Savings")),
)

_GROUPS: Final = """
SELECT g.id, g.number, g.name, coalesce(c.name, ''), office.code,
       coalesce((SELECT coalesce(o.officer_id, 0) FROM officer_assignment AS o
                  WHERE (o.group_id = g.id OR o.center_id = g.center_id) AND o.from_date <= ?
                  ORDER BY o.from_date DESC, o.id DESC LIMIT 1), g.officer_id, c.officer_id),
       coalesce(g.meeting_weekday, c.meeting_weekday), coalesce(g.meeting_every_weeks, c.meeting_every_weeks),
       g.state
  FROM lending_group AS g LEFT JOIN center AS c ON c.id = g.center_id
  LEFT JOIN office ON office.id = g.origin_office_id
 WHERE {within} ORDER BY g.number, g.id
"""


def find_group_listing(session: Session, asked: Question) -> Found:
    """List the groups by number, with the loans and savings of the group and of its members."""
    names = officer_names(session)
    home: dict[tuple[int, int], int] = {}
    members: dict[int, int] = {}
    for client_id, group_id, state in fetch(
        session, "SELECT id, group_id, state FROM client WHERE group_id > 0"
    ):
        home[client_id, 0] = group_id
        if state == "active":
            members[group_id] = members.get(group_id, 0) + 1
    sums: dict[int, list[int]] = {}
    for who, (_, principal, overdue) in _borrowed(session, asked).items():
        of_group = sums.setdefault(home.get(who, who[1]), [0, 0, 0, 0])
        of_group[0] += 1
        of_group[1] += principal
        of_group[2] += overdue
    for who, amount in _saved(session, asked).items():
        sums.setdefault(home.get(who, who[1]), [0, 0, 0, 0])[3] += amount
    rows: list[Row] = []
    for row in fetch(session, _GROUPS.format(within=asked.within("g.origin_office_id")), asked.until):
        described = (*row[1:5], names.get(row[5], ""), *row[6:])
        rows.append((*described, members.get(row[0], 0), *sums.get(row[0], [0, 0, 0, 0])))
    return Found((len(rows),), (rows,))


# --- one client -----------------------------------------------------------------------------------

CLIENT_LOANS = (
    text("number", N_("Loan"), "loan"),
    text("product", N_("Product")),
    day("disbursed_on", N_("Paid out")),
    money("disbursed", N_("Amount")),
    money("principal", N_("Principal")),
    money("outstanding", N_("Outstanding")),
    money("overdue", N_("Overdue")),
    count("days_past_due", N_("Days")),
)

CLIENT_SAVINGS = (
    text("number", N_("Account"), "savings"),
    text("product", N_("Product")),
    text("status", N_("Status")),
    day("opened_on", N_("Opened")),
    money("balance", N_("Balance")),
)

CLIENT_MOVEMENTS = (
    day("value_date", N_("Day")),
    day("booked_on", ""),
    text("account", N_("Account")),
    text("kind", N_("Kind")),
    text("receipt", N_("Receipt")),
    money("amount", N_("Amount"), added=False),
    money("balance", N_("Balance"), added=False),
    text("note", N_("Note")),
)

_CLIENT: Final = """
SELECT id, number, trim(coalesce(given_name, '') || ' ' || name) FROM client
 WHERE number = ? AND {within} ORDER BY id LIMIT 1
"""

_CLIENT_SAVINGS: Final = """
SELECT a.number, p.code, a.status, a.opened_on,
       CAST(coalesce((SELECT sum(t.amount) FROM savings_transaction AS t
                       WHERE t.savings_account_id = a.id AND t.{counted_by} <= ?), 0) AS BIGINT)
  FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
 WHERE a.client_id = ? OR a.id IN (SELECT savings_account_id FROM savings_holder
                                    WHERE client_id = ? AND removed_on IS NULL)
 ORDER BY a.number
"""

_CLIENT_MOVEMENTS: Final = """
SELECT t.value_date, t.booked_on, a.number, t.kind, t.receipt, t.amount,
       CASE WHEN coalesce(o.kind, t.kind) = 'disbursement' THEN t.principal ELSE -t.principal END, t.note,
       t.recorded_at, t.id
  FROM loan_transaction AS t JOIN loan_account AS a ON a.id = t.loan_account_id
  LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
 WHERE a.client_id = ? AND t.{counted_by} <= ?
UNION ALL
SELECT t.value_date, t.booked_on, a.number, t.kind, t.receipt, t.amount, t.amount, t.note, t.recorded_at, t.id
  FROM savings_transaction AS t JOIN savings_account AS a ON a.id = t.savings_account_id
 WHERE a.client_id = ? AND t.{counted_by} <= ?
 ORDER BY 1, 9, 10
"""


def find_client_statement(session: Session, asked: Question) -> Found:
    """Give all accounts of one client, and everything that moved on them, oldest first.

    raises   NotFoundError
    """
    found = fetch(session, _CLIENT.format(within=asked.within("origin_office_id")), asked.client)
    if not found:
        raise NotFoundError(kind="client", key=asked.client)
    client_id, number, name = found[0]
    own = [loan for loan in standings(session, asked) if loan.client_id == client_id]
    loans: list[Row] = [tuple(getattr(loan, column.name) for column in CLIENT_LOANS) for loan in own]
    statement = _CLIENT_SAVINGS.format(counted_by=asked.counted_by)
    savings = fetch(session, statement, asked.until, client_id, client_id)
    moved = fetch(
        session,
        _CLIENT_MOVEMENTS.format(counted_by=asked.counted_by),
        *(client_id, asked.until, client_id, asked.until),
    )
    balances: dict[str, int] = {}
    movements: list[Row] = []
    for on, booked, account, kind, receipt, amount, change, note, *_ in moved:
        balances[account] = balances.get(account, 0) + change
        if on >= asked.since:
            movements.append((on, booked, account, kind, receipt, amount, balances[account], note))
    owed, saved = sum(loan.outstanding for loan in own), sum(row[4] for row in savings)
    return Found((name, number, owed, saved), (loans, list(savings), movements))
