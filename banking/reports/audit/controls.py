"""Queries about the controls themselves: two people, drawers counted, the clock, chains and bundles."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from banking.reports.audit.makers import actor_in
from banking.reports.audit.shape import Item, Scope

_COUNTS: Final = """
SELECT c.origin_office_id, t.number, c."on", c.recorded_at, c.id, c.counted - c.expected, c.counted_by_id,
       c.journal_entry_id
  FROM cash_count AS c JOIN till AS t ON t.id = c.till_id
 WHERE c."on" BETWEEN ? AND ? AND c.counted <> c.expected AND {within}
   AND NOT EXISTS (SELECT 1 FROM journal_line AS l JOIN gl_account AS g ON g.id = l.gl_account_id
                    WHERE l.journal_entry_id = c.journal_entry_id AND g.role = 'brought_in')
 ORDER BY c.origin_office_id, t.number, c.recorded_at, c.id
"""


def over_short(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """Tills that differed from the books ``times`` or more in the period; ``amount`` is the sum.

    ``other`` are the single differences, in whole major units.
    """
    tills: dict[tuple[int, int], list[tuple[Any, ...]]] = defaultdict(list)
    for row in scope.rows(
        _COUNTS.format(within=scope.within("c.origin_office_id")), scope.since, scope.until
    ):
        tills[row[0], row[1]].append(row)
    for (office, till), rows in tills.items():
        if len(rows) >= limits["times"]:
            newest = rows[-1]
            yield Item(
                office_id=office,
                on=newest[2],
                recorded_at=newest[3],
                made=newest[4],
                user_id=newest[6],
                subject=str(till),
                number=len(rows),
                entry=newest[7],
                other=" ".join(f"{row[5] // scope.unit:+d}" for row in rows)[:200],
                amount=sum(row[5] for row in rows),
            )


_BACKWARDS: Final = """
SELECT office_id, booked_on, recorded_at, id, before FROM (
  SELECT e.origin_office_id AS office_id, e.booked_on, e.recorded_at, e.id,
         lag(e.recorded_at) OVER (PARTITION BY e.id >> 40 ORDER BY e.id) AS before
    FROM journal_entry AS e WHERE e.booked_on BETWEEN ? AND ? AND {within}) AS n
 WHERE before > recorded_at + ? ORDER BY id
"""


def clock_set_back(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """Entries recorded ``minutes`` or more before the entry that the same device made before them.

    ``number`` is by how many minutes the clock had gone back.
    """
    wanted = _BACKWARDS.format(within=scope.within("e.origin_office_id"))
    for row in scope.rows(wanted, scope.since, scope.until, limits["minutes"] * 60_000):
        yield Item(
            office_id=row[0],
            on=row[1],
            recorded_at=row[2],
            made=row[3],
            entry=row[3],
            number=(row[4] - row[2]) // 60_000,
        )


# --- two people -----------------------------------------------------------------------------------

_APPROVED: Final = """
SELECT e.origin_office_id, e.booked_on, e.recorded_at, e.id, e.kind, e.approved_by_id, a.staff_id, a.username,
       a.full_name
  FROM journal_entry AS e JOIN user_account AS a ON a.id = e.approved_by_id
 WHERE e.booked_on BETWEEN ? AND ? AND {within}
"""
_REQUESTS: Final = """
SELECT r.origin_office_id, r.asked_on, r.decided_at, r.id, r.subject, r.asked_by_id, r.amount, a.username,
       r.asked_at, r.decided_by_id
  FROM approval_request AS r JOIN user_account AS a ON a.id = r.decided_by_id
 WHERE r.state = 'approved' AND r.asked_on BETWEEN ? AND ? AND {within}
   AND (r.asked_by_id = r.decided_by_id OR r.decided_at - r.asked_at < ?)
"""
_DECIDED: Final = """
SELECT device, body FROM changeset
 WHERE kind = ? AND state = 'accepted' AND business_date BETWEEN ? AND ?
"""
_LENT: Final = """
SELECT l.origin_office_id, l.approved_on, l.number, c.number, l.principal, l.id
  FROM loan_account AS l LEFT JOIN client AS c ON c.id = l.client_id
 WHERE l.approved_on BETWEEN ? AND ? AND {within}
"""


def maker_is_checker(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """What needs two people and had one: the same person, one person under two names, or no time to look.

    Entries confirmed by who made them or under another log-in of the same person (the same member of staff,
    or the same full name); requests approved by who asked, or less than ``seconds`` after they were asked;
    loans approved by who had written down the application.
    """
    yield from _confirmed_by_maker(scope)
    wanted = _REQUESTS.format(within=scope.within("r.origin_office_id"))
    for row in scope.rows(wanted, scope.since, scope.until, limits["seconds"] * 1000):
        yield Item(
            office_id=row[0],
            on=row[1],
            recorded_at=row[2],
            user_id=row[5],
            subject=row[4],
            number=(row[2] - row[8]) // 1000,
            other=row[7],
            amount=row[6],
        )
    yield from _approved_by_applicant(scope)


def _confirmed_by_maker(scope: Scope) -> Iterator[Item]:
    rows: list[tuple[Any, ...]] = list(
        scope.rows(_APPROVED.format(within=scope.within("e.origin_office_id")), scope.since, scope.until)
    )
    who = scope.makers((row[3], row[2]) for row in rows)
    known = {
        row[0]: (row[1], row[2]) for row in (scope.rows("SELECT id, staff_id, full_name FROM user_account"))
    }
    for row in rows:
        maker = who.get(row[3])
        if maker is None:
            continue
        staff, name = known.get(maker, (None, ""))
        same = maker == row[5] or (staff is not None and staff == row[6]) or (name and name == row[8])
        if same:
            yield Item(
                office_id=row[0],
                on=row[1],
                recorded_at=row[2],
                user_id=maker,
                subject=row[4],
                entry=row[3],
                other=row[7],
            )


def _approved_by_applicant(scope: Scope) -> Iterator[Item]:
    """Compare who wrote an application down with who approved it: two changesets of the same kinds."""
    loans = scope.rows(_LENT.format(within=scope.within("l.origin_office_id")), scope.since, scope.until)
    if not loans:
        return
    wanted = {row[5]: row for row in loans}
    approved = _actors_by_row(scope, "loan.approve", wanted)
    applied = _actors_by_row(scope, "loan.apply", wanted)
    for loan_id, row in wanted.items():
        if approved.get(loan_id, -1) == applied.get(loan_id, -2):
            yield Item(
                office_id=row[0],
                on=row[1],
                user_id=approved[loan_id],
                loan=row[2],
                client=row[3] or "",
                amount=row[4],
            )


_WIDE_NUMBER: Final = b"\x1b"
"""How a whole number of eight bytes begins in a changeset."""


def _actors_by_row(scope: Scope, kind: str, wanted: Mapping[int, object]) -> dict[int, int]:
    """Give who acted in the changesets of a kind that name one of the rows."""
    since = "" if kind == "loan.apply" else scope.since
    found: dict[int, int] = {}
    for row in scope.rows(_DECIDED, kind, since, scope.until):
        body = bytes(row[1])
        actor = actor_in(body)
        place = body.find(_WIDE_NUMBER)
        while place >= 0 and actor is not None:
            named = int.from_bytes(body[place + 1 : place + 9], "big")
            if named in wanted:
                found[named] = actor
            place = body.find(_WIDE_NUMBER, place + 1)
    return found


# --- chains and bundles ---------------------------------------------------------------------------

_BREAKS: Final = """
SELECT e.office_id, e.device, e.seq, e.code, e.what, CAST(NULL AS BIGINT)
  FROM exception AS e WHERE e.state = 'open'
UNION ALL
SELECT c.office_id, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), c.kind, c.what, CAST(NULL AS BIGINT)
  FROM conflict_case AS c
 WHERE c.state = 'open' AND c.kind IN ('fork', 'gap')
UNION ALL
SELECT d.office_id, q.device, q.seq, q.code, q.detail, q.at FROM quarantine AS q
  LEFT JOIN device AS d ON d.number = q.device
UNION ALL
SELECT d.office_id, h.device, min(h.seq), 'held', '', CAST(NULL AS BIGINT) FROM changeset AS h
  LEFT JOIN device AS d ON d.number = h.device WHERE h.state = 'held' GROUP BY d.office_id, h.device
UNION ALL
SELECT b.office_id, b.device, b.number, b.code, b.detail, b.at FROM bundle AS b
 WHERE b.direction = 'in' AND b.verdict = 'REJECT'
UNION ALL
SELECT d.office_id, t.device, t.seq, 'totals', t.difference, CAST(NULL AS BIGINT)
  FROM control_total AS t
  LEFT JOIN device AS d ON d.number = t.device WHERE t.agree = 0
"""


def chain_breaks(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """What of chains and bundles is broken, missing, refused or waits for a person, of any time."""
    meant = scope.asked.offices
    for row in scope.rows(_BREAKS):
        if meant is None or row[0] in meant:
            place = "" if row[1] is None else f"{row[1]}-{row[2]}"
            yield Item(office_id=row[0], recorded_at=row[5], subject=str(row[3]), number=row[2], other=place)
