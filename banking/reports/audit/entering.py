"""Queries about how and when entries were made: dates, hours, reversals, manual entries, documents."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from banking.books import BY_PEOPLE
from banking.reports.audit.shape import DAY_MS, HOUR_MS, MOVED, Item, Scope

SATURDAY: Final = 6
_DAYS_AT_ONCE: Final = 400

_PEOPLE: Final = ", ".join(f"'{kind}'" for kind in sorted(BY_PEOPLE))

_ENTRY: Final = """
SELECT e.origin_office_id, e.booked_on, e.recorded_at, e.id, e.value_date, e.kind, e.note,
       (SELECT CAST(sum(l.debit) AS BIGINT) FROM journal_line AS l WHERE l.journal_entry_id = e.id),
       coalesce((SELECT min(t.receipt) FROM loan_transaction AS t WHERE t.journal_entry_id = e.id),
                (SELECT min(t.receipt) FROM savings_transaction AS t WHERE t.journal_entry_id = e.id), ''),
       coalesce((SELECT min(a.number) FROM loan_transaction AS t JOIN loan_account AS a
                    ON a.id = t.loan_account_id WHERE t.journal_entry_id = e.id), ''),
       coalesce((SELECT min(a.number) FROM savings_transaction AS t JOIN savings_account AS a
                    ON a.id = t.savings_account_id WHERE t.journal_entry_id = e.id), '')
  FROM journal_entry AS e {joined}
 WHERE e.booked_on BETWEEN ? AND ? AND {within} AND {condition}
 ORDER BY e.booked_on, e.id
"""


def _entries(
    scope: Scope, condition: str, *given: int | str, joined: str = "", since: str | None = None
) -> Iterator[tuple[Item, tuple[Any, ...]]]:
    """Give the entries of the scope under a condition, each with its row (value date at 4, kind at 5)."""
    wanted = _ENTRY.format(joined=joined, within=scope.within("e.origin_office_id"), condition=condition)
    for row in scope.rows(wanted, scope.since if since is None else since, scope.until, *given):
        yield _item(row), row


def _item(row: tuple[Any, ...]) -> Item:
    return Item(
        office_id=row[0],
        on=row[1],
        recorded_at=row[2],
        made=row[3],
        entry=row[3],
        subject=row[8] or row[5],
        loan=row[9],
        savings=row[10],
        other=row[6],
        amount=row[7],
    )


_UNOPENED: Final = """
SELECT t.origin_office_id, t.booked_on, min(d.opened_at)
  FROM (SELECT DISTINCT origin_office_id, booked_on FROM gl_day_total) AS t
  JOIN business_day AS d ON d.origin_office_id = t.origin_office_id
 WHERE t.booked_on <= ?
   AND NOT EXISTS (SELECT 1 FROM business_day AS b
                    WHERE b."on" = t.booked_on AND b.origin_office_id = t.origin_office_id)
 GROUP BY t.origin_office_id, t.booked_on
"""


def back_dated(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """Entries that count on a day before the one on which they were entered, by more than ``days``.

    An entry for a day that the branch never opened is booked on that day itself: it was entered on the day
    that its instant says. What was written down before the first day was opened are older books.
    """
    late = list(_entries(scope, "e.value_date < e.booked_on AND e.kind <> 'reversal'"))
    for item, row in (*late, *_on_unopened_days(scope)):
        entered = max(row[1], scope.day_of(row[2])) if row[4] == row[1] else row[1]
        days = (date.fromisoformat(entered) - date.fromisoformat(row[4])).days
        if days > limits["days"]:
            yield replace(item, number=days, other=row[4])


def _on_unopened_days(scope: Scope) -> Iterator[tuple[Item, tuple[Any, ...]]]:
    """Give the entries made in the scope's days for days on which their branch was not open."""
    begun: dict[tuple[int, str], int] = {
        (row[0], row[1]): row[2] for row in scope.rows(_UNOPENED, scope.until)
    }
    days = sorted({day for _, day in begun})
    for first in range(0, len(days), _DAYS_AT_ONCE):
        some = ", ".join(f"'{day}'" for day in days[first : first + _DAYS_AT_ONCE])
        condition = f"e.booked_on IN ({some}) AND e.value_date = e.booked_on"
        for item, row in _entries(scope, condition, since=""):
            opened = begun.get((row[0], row[1]))
            if opened is not None and row[2] >= opened and scope.since <= scope.day_of(row[2]) <= scope.until:
                yield item, row


def after_close(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Entries recorded after the close of the business day on which they are booked."""
    joined = (
        'JOIN business_day AS d ON d."on" = e.booked_on AND d.origin_office_id = e.origin_office_id '
        "AND d.closed_at IS NOT NULL"
    )
    for item, _row in _entries(scope, "e.recorded_at > d.closed_at", joined=joined):
        yield item


def out_of_hours(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """Entries that people made outside the hours ``from_hour`` to ``to_hour`` of this computer's time."""
    hour = f"((e.recorded_at + {scope.offset_ms}) / {HOUR_MS}) % 24"
    by_people = (
        "(e.kind IN ('disbursement', 'repayment', 'deposit', 'withdrawal', 'fee', 'recovery', 'reversal', "
        f"'write_off', 'transfer', {_PEOPLE}))"
    )
    wanted = f"({hour} < ? OR {hour} >= ?) AND {by_people}"
    for item, row in _entries(scope, wanted, limits["from_hour"], limits["to_hour"]):
        yield replace(item, number=((row[2] + scope.offset_ms) // HOUR_MS) % 24)


def on_sundays(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Entries booked or recorded on a Sunday, or on a weekday on which the institution does not work."""
    working = {
        int(digit)
        for (days,) in scope.rows("SELECT working_days FROM institution")
        for digit in str(days)
        if digit.isdigit()
    }
    rest = {day for day in range(1, 8) if day > SATURDAY or day not in working}
    closed = [f"'{day.isoformat()}'" for day in scope.days if day.isoweekday() in rest]
    weekday = f"(((e.recorded_at + {scope.offset_ms}) / {DAY_MS}) + 3) % 7 + 1"
    recorded = f"{weekday} IN ({', '.join(map(str, sorted(rest)))})"
    booked = f"e.booked_on IN ({', '.join(closed)}) OR " if closed else ""
    for item, _row in _entries(scope, f"({booked}{recorded})"):
        yield item


def on_holidays(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Entries booked on a holiday of their office."""
    joined = (
        'JOIN holiday AS h ON h."on" = e.booked_on '
        "AND (h.office_id IS NULL OR h.office_id = e.origin_office_id)"
    )
    yield from _once(item for item, _row in _entries(scope, "1 = 1", joined=joined))


def _once(items: Iterable[Item]) -> Iterator[Item]:
    seen: set[int | None] = set()
    for item in items:
        if item.entry not in seen:
            seen.add(item.entry)
            yield item


# --- what was taken back --------------------------------------------------------------------------


def reversals(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Entries that take another one back."""
    for item, row in _entries(scope, "e.reverses_id IS NOT NULL"):
        yield replace(item, other=row[6])


def reversed_by_maker(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Entries taken back by the person who had made them, without a second person."""
    found = list(_entries(scope, "e.reverses_id IS NOT NULL AND e.approved_by_id IS NULL"))
    first = _reversed(scope, [item.entry for item, _ in found if item.entry is not None])
    made = [(item.entry, item.recorded_at) for item, _ in found if item.entry and item.recorded_at]
    who = scope.makers([*made, *((of, at) for of, at in first.values())])
    for item, row in found:
        of = first.get(item.entry or 0)
        if of is not None and who.get(of[0], -1) == who.get(item.entry or 0, -2):
            yield replace(item, user_id=who[of[0]], other=row[6])


def _reversed(scope: Scope, entries: list[int]) -> dict[int, tuple[int, int]]:
    """Give for each reversing entry the id and instant of the one that it takes back."""
    wanted = (
        "SELECT e.id, o.id, o.recorded_at FROM journal_entry AS e JOIN journal_entry AS o "
        "ON o.id = e.reverses_id WHERE e.booked_on BETWEEN ? AND ? AND e.reverses_id IS NOT NULL"
    )
    meant = set(entries)
    return {
        row[0]: (row[1], row[2]) for row in scope.rows(wanted, scope.since, scope.until) if row[0] in meant
    }


_PRINTED: Final = """
SELECT m.office_id, m.booked_on, m.recorded_at, m.id, o.receipt, m.loan, m.savings, c.number, m.entry_id,
       m.amount, m.note
  FROM ({moved}) AS m
  JOIN (SELECT id, receipt FROM loan_transaction WHERE receipt <> ''
        UNION ALL SELECT id, receipt FROM savings_transaction WHERE receipt <> '') AS o
    ON o.id = m.reverses_id
  LEFT JOIN client AS c ON c.id = m.client_id
 WHERE m.reverses_id IS NOT NULL AND {within}
   AND (EXISTS (SELECT 1 FROM audit_log AS p WHERE p.subject = o.receipt AND p.what = 'receipt.print'
                   AND p.at <= m.recorded_at)
        OR o.receipt IN (SELECT p.subject FROM audit_event AS p WHERE p.what = 'receipt.print'
                            AND p.at <= m.recorded_at))
 ORDER BY m.booked_on, m.id
"""


def reversed_after_print(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Movements taken back after their receipt had been printed: the client has paper for them."""
    wanted = _PRINTED.format(moved=MOVED, within=scope.within("m.office_id"))
    for row in scope.rows(wanted, *(scope.since, scope.until) * 2):
        yield Item(
            office_id=row[0],
            on=row[1],
            recorded_at=row[2],
            made=row[3],
            subject=row[4],
            loan=row[5],
            savings=row[6],
            client=row[7] or "",
            entry=row[8],
            amount=row[9],
            other=row[10],
        )


# --- by hand --------------------------------------------------------------------------------------

CONTROL_ACCOUNTS: Final = """
SELECT gl_portfolio_id FROM loan_product UNION SELECT gl_deposits_id FROM savings_product
UNION SELECT gl_overpayment_id FROM loan_product
UNION SELECT gl_interest_receivable_id FROM loan_product WHERE gl_interest_receivable_id IS NOT NULL
UNION SELECT id FROM gl_account WHERE role = 'inter_branch'
"""
"""The accounts whose balance other rows must add up to: of loans, of deposits, between offices."""

_ON_CONTROL: Final = f"""
e.kind IN ({_PEOPLE}) AND EXISTS (SELECT 1 FROM journal_line AS l
  WHERE l.journal_entry_id = e.id AND l.gl_account_id IN ({CONTROL_ACCOUNTS}))
"""  # noqa: S608 - constants of this module

_NO_DOCUMENT: Final = f"""
((e.kind IN ({_PEOPLE}) AND trim(e.note) = '')
 OR EXISTS (SELECT 1 FROM loan_transaction AS t WHERE t.journal_entry_id = e.id AND t.till_id IS NOT NULL
               AND t.receipt = '' AND t.amount <> 0 AND t.reverses_id IS NULL)
 OR EXISTS (SELECT 1 FROM savings_transaction AS t WHERE t.journal_entry_id = e.id AND t.till_id IS NOT NULL
               AND t.receipt = '' AND t.reverses_id IS NULL))
"""  # noqa: S608 - constants of this module


def manual_on_control(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Entries by hand on an account of loans, of deposits or between offices."""
    for item, row in _entries(scope, _ON_CONTROL):
        yield replace(item, other=row[6])


def without_document(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Entries by hand without a word of what for, and cash at a till without the number of a receipt."""
    for item, _row in _entries(scope, _NO_DOCUMENT):
        yield item
