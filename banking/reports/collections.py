"""What is to be collected, the sheets to collect it with, and what came of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.reports.shape import (
    Found,
    Question,
    Row,
    Sheet,
    blank,
    count,
    money,
    percent,
    rows_of,
    text,
)
from banking.reports.standing import OFFICER, Standing, officer_names, standings
from banking.reports.standing import percent as percent_of
from ledger.errors import N_
from schema.reading import fetch

DUE = (
    text("center", N_("Center")),
    text("group", N_("Group")),
    text("owner", N_("Client")),
    text("owner_number", N_("Number")),
    text("phone", N_("Phone")),
    text("number", N_("Loan"), "loan"),
    text("officer", N_("Officer")),
    money("overdue", N_("Overdue")),
    money("due_today", N_("Due today")),
    money("to_collect", N_("To collect")),
    count("days_past_due", N_("Days")),
)


def find_collections_due(session: Session, asked: Question) -> Found:
    """List loans with a row due on the day or before and not paid, in the order of a walk."""
    loans = [loan for loan in standings(session, asked) if loan.to_collect]
    loans.sort(key=lambda loan: (loan.center, loan.group, loan.owner_number, loan.number))
    sums = [sum(getattr(loan, name) for loan in loans) for name in ("overdue", "due_today", "to_collect")]
    return Found(sums, (rows_of(loans, DUE),))


# --- collection sheets ----------------------------------------------------------------------------

LINES_A_PAGE: Final = 30
_CHECK_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

SHEET = (
    text("sheet", ""),
    text("center", ""),
    text("group", N_("Group")),
    count("line", N_("Nr")),
    text("member", N_("Member")),
    text("member_number", ""),
    text("loan", N_("Loan"), "loan"),
    text("product", ""),
    money("overdue", N_("Overdue")),
    money("due", N_("Due")),
    money("to_collect", N_("To collect")),
    money("balance", N_("Balance")),
    money("savings_due", N_("To save")),
    money("savings", N_("Savings")),
    blank("paid", N_("Paid"), 9),
    blank("saved", N_("Saved"), 9),
    blank("attendance", N_("PAL"), 5),
    blank("signature", N_("Signature"), 15),
)

_GROUPS = """
SELECT g.id, g.number, g.name, office.code, coalesce(c.id, 0), coalesce(c.number, ''), coalesce(c.name, ''),
       coalesce(g.meeting_weekday, c.meeting_weekday),
       coalesce(g.meeting_every_weeks, c.meeting_every_weeks, 1),
       coalesce(g.first_meeting_on, c.first_meeting_on)
  FROM lending_group AS g LEFT JOIN center AS c ON c.id = g.center_id
  LEFT JOIN office ON office.id = g.origin_office_id
 WHERE g.state = 'active' AND {within}
 ORDER BY coalesce(c.name, g.name), coalesce(c.id, g.id), g.number, g.id
"""

_MEMBERS = """
SELECT cl.group_id, cl.id, cl.number, trim(coalesce(cl.given_name, '') || ' ' || cl.name)
  FROM client AS cl JOIN lending_group AS g ON g.id = cl.group_id
 WHERE cl.state = 'active' AND {within} ORDER BY cl.number, cl.id
"""

_SAVINGS = """
SELECT coalesce(a.client_id, 0), coalesce(a.group_id, 0),
       CAST(sum(CASE WHEN p.kind = 'mandatory' THEN coalesce(a.expected_deposit, p.expected_deposit, 0)
                     ELSE coalesce(a.expected_deposit, 0) END) AS BIGINT),
       CAST(sum(coalesce(b.balance, 0)) AS BIGINT)
  FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
  LEFT JOIN (SELECT t.savings_account_id AS account_id, sum(t.amount) AS balance FROM savings_transaction AS t
              WHERE t.booked_on <= ? GROUP BY t.savings_account_id) AS b ON b.account_id = a.id
 WHERE a.status = 'active' AND {within} GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A group that meets, and when: with its center, else alone."""

    group_id: int
    number: str
    name: str
    office: str
    center_id: int
    center_number: str
    center: str
    weekday: int | None
    every_weeks: int
    first_on: str | None

    def is_on(self, day: date) -> bool:
        """Whether it meets on a day."""
        if self.weekday != day.isoweekday():
            return False
        if self.first_on is None:
            return True
        first = date.fromisoformat(self.first_on)
        weeks = ((day - first).days + first.isoweekday() - 1) // 7  # since the week of the first meeting
        return day >= first and weeks % max(self.every_weeks, 1) == 0

    @property
    def place(self) -> tuple[str, str]:
        """Number and name of where it meets: one sheet for each."""
        return (self.center_number, self.center) if self.center_id else (self.number, self.name)


@dataclass(frozen=True, slots=True)
class _Member:
    """Somebody on a sheet: a client of the group, or the group itself (client 0)."""

    group_id: int
    client_id: int
    number: str
    name: str

    @property
    def key(self) -> tuple[int, int]:
        return (self.client_id, 0) if self.client_id else (0, self.group_id)


def find_collection_sheet(session: Session, asked: Question) -> Found:
    """Give the sheets of all meetings of the day, or of the group or center that was asked for."""
    groups = [
        Meeting(*row) for row in fetch(session, _GROUPS.format(within=asked.within("g.origin_office_id")))
    ]
    if asked.group:
        meetings = [one for one in groups if asked.group in {one.number, one.name, *one.place}]
    else:
        meetings = [one for one in groups if one.is_on(asked.as_of)]
    members = _members(session, asked)
    loans: dict[tuple[int, int], list[Standing]] = {}
    for loan in standings(session, replace(asked, officer="", product="")):
        loans.setdefault((loan.client_id, 0) if loan.client_id else (0, loan.group_id), []).append(loan)
    savings_rows = fetch(session, _SAVINGS.format(within=asked.within("a.origin_office_id")), asked.until)
    savings = {(row[0], 0 if row[0] else row[1]): (row[2], row[3]) for row in savings_rows}
    places: dict[tuple[str, str], list[Meeting]] = {}
    for meeting in meetings:
        places.setdefault(meeting.place, []).append(meeting)
    rows: list[Row] = []
    sheets = []
    for place, together in places.items():
        lines = [
            line
            for meeting in together
            for line in _lines(meeting, members.get(meeting.group_id, []), loans, savings)
        ]
        if lines:
            sheet = _sheet(place, together[0].office, asked.as_of, lines, len(rows))
            sheets.append(sheet)
            rows += [
                (sheet.number, *line[:2], number, *line[2:], None, None, None, None)
                for number, line in enumerate(lines, 1)
            ]
    sums = sum(_amount(row[10]) for row in rows), sum(_amount(row[12]) for row in rows)
    return Found((len(sheets), *sums), (rows,), sheets=tuple(sheets))


def _amount(value: object) -> int:
    assert isinstance(value, int)
    return value


def _members(session: Session, asked: Question) -> dict[int, list[_Member]]:
    found: dict[int, list[_Member]] = {}
    for row in fetch(session, _MEMBERS.format(within=asked.within("g.origin_office_id"))):
        found.setdefault(row[0], []).append(_Member(*row))
    return found


def _lines(
    meeting: Meeting,
    members: Sequence[_Member],
    loans: dict[tuple[int, int], list[Standing]],
    savings: dict[tuple[int, int], tuple[int, int]],
) -> list[Row]:
    """Give a line for each loan of each member, and one for a member without any; savings on the first."""
    group = _Member(meeting.group_id, 0, meeting.number, meeting.name)
    lines: list[Row] = []
    for member in (*members, group):
        own = loans.get(member.key, [])
        saved = savings.get(member.key)
        if member is group and not own and saved is None:
            continue
        head = (meeting.center, meeting.name, member.name, member.number)
        expected = saved or (0, 0)
        if not own:
            lines.append((*head, "", "", 0, 0, 0, 0, *expected))
        for place, loan in enumerate(own):
            owed = (loan.overdue, loan.due_today, loan.to_collect, loan.outstanding)
            lines.append((*head, loan.number, loan.product, *owed, *((0, 0) if place else expected)))
    return lines


def _sheet(place: tuple[str, str], office: str, on: date, lines: Sequence[Row], first: int) -> Sheet:
    """Number a sheet: office, place, day, and four letters that change with any figure on it."""
    digest = int.from_bytes(hashlib.sha256(repr(lines).encode()).digest()[:4])
    check = "".join(_CHECK_LETTERS[digest >> shift & 31] for shift in (0, 5, 10, 15))
    where = place[0] if place[0].startswith(f"{office}-") else f"{office}-{place[0]}"
    number = f"{where}-{on:%Y%m%d}-{check}"
    signatures = (N_("Leader"), N_("Officer"), N_("Cashier"))
    return Sheet(number, place[1], first, first + len(lines), LINES_A_PAGE, signatures)


# --- demand against collection --------------------------------------------------------------------

DEMAND = (
    text("office", N_("Office"), "office"),
    text("officer", N_("Officer")),
    money("overdue_before", N_("Overdue before")),
    money("due", N_("Due")),
    money("paid_before", N_("Paid in advance before")),
    money("collected", N_("Collected of due")),
    money("overdue_recovered", N_("Overdue recovered")),
    money("prepaid", N_("Prepaid")),
    money("waived", N_("Waived, written off")),
    money("overdue_after", N_("Overdue after")),
    percent("percent", N_("% of due")),
    money("principal_due", N_("Principal due")),
    money("principal_received", N_("Principal received")),
    money("principal_prepaid", N_("of it prepaid")),
)

_DEMAND = """
WITH shares AS (
  SELECT s.installment_id,
         sum(CASE WHEN t.{counted_by} < ?
                  THEN s.principal + s.interest + s.fee + s.penalty ELSE 0 END) AS before,
         sum(CASE WHEN t.{counted_by} >= ? AND coalesce(o.kind, t.kind) NOT IN ('waiver', 'write_off')
                  THEN s.principal + s.interest + s.fee + s.penalty ELSE 0 END) AS repaid,
         sum(CASE WHEN t.{counted_by} >= ? AND coalesce(o.kind, t.kind) IN ('waiver', 'write_off')
                  THEN s.principal + s.interest + s.fee + s.penalty ELSE 0 END) AS waived,
         sum(CASE WHEN t.{counted_by} >= ? AND coalesce(o.kind, t.kind) NOT IN ('waiver', 'write_off')
                  THEN s.principal ELSE 0 END) AS principal
    FROM loan_transaction_share AS s JOIN loan_transaction AS t ON t.id = s.loan_transaction_id
    LEFT JOIN loan_transaction AS o ON o.id = coalesce(t.reverses_id, t.adjusts_id)
   WHERE t.{counted_by} <= ? AND {within_t} GROUP BY s.installment_id
), due AS (
  SELECT a.origin_office_id AS office_id, {officer} AS officer_id, i.due_on, i.principal,
         i.principal + i.interest + i.fee + i.penalty AS owed, coalesce(s.before, 0) AS before,
         coalesce(s.repaid, 0) AS repaid, coalesce(s.waived, 0) AS waived,
         coalesce(s.principal, 0) AS repaid_principal
    FROM installment AS i JOIN loan_account AS a ON a.id = i.loan_account_id
    LEFT JOIN shares AS s ON s.installment_id = i.id
   WHERE a.disbursed_on <= ? AND {within_a}
)
SELECT office_id, officer_id,
       CAST(sum(CASE WHEN due_on < ? THEN owed - before ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN due_on BETWEEN ? AND ? THEN owed ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN due_on BETWEEN ? AND ? THEN before ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN due_on BETWEEN ? AND ? THEN repaid ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN due_on < ? THEN repaid ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN due_on > ? THEN repaid ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN due_on <= ? THEN waived ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN due_on BETWEEN ? AND ? THEN principal ELSE 0 END) AS BIGINT),
       CAST(sum(repaid_principal) AS BIGINT),
       CAST(sum(CASE WHEN due_on > ? THEN repaid_principal ELSE 0 END) AS BIGINT)
  FROM due GROUP BY office_id, officer_id
"""


def find_demand(session: Session, asked: Question) -> Found:
    """Set what fell due in a time against what was collected, by office and officer."""
    first, last = asked.since, asked.until
    statement = _DEMAND.format(
        counted_by=asked.counted_by,
        within_t=asked.within("t.origin_office_id"),
        within_a=asked.within("a.origin_office_id"),
        officer=OFFICER,
    )
    span = (first, last)
    given = (
        first,
        first,
        first,
        first,
        last,
        last,
        last,
        first,
        *span,
        *span,
        *span,
        first,
        last,
        last,
        *span,
        last,
    )
    found = fetch(session, statement, *given)
    offices = {row[0]: row[1] for row in fetch(session, "SELECT id, code FROM office")}
    names = officer_names(session)
    rows: list[Row] = []
    for office_id, officer_id, *amounts in found:
        overdue, due, before, collected, recovered, _prepaid, waived, *principal = amounts
        after = overdue + due - before - collected - recovered - waived
        rows.append(
            (
                offices.get(office_id, ""),
                names.get(officer_id, ""),
                *amounts[:7],
                after,
                percent_of(before + collected, due),
                *principal,
            )
        )
    rows.sort(key=lambda row: (str(row[0]), str(row[1])))
    due, held = sum(_amount(row[3]) for row in rows), sum(_amount(row[4]) + _amount(row[5]) for row in rows)
    return Found((due, held, percent_of(held, due)), (rows,))
