"""Queries about people: the same telephone, paper or address twice, staff among clients, round amounts."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from banking.reports.audit.shape import MOVED, Item, Scope

_TIDY: Final = "replace(replace(replace(replace(c.{column}, ' ', ''), '-', ''), '/', ''), '.', '')"
_PHONE_DIGITS: Final = 9
"""The end of a number decides: +254 700 123456 and 0700 123456 are one."""

_SAME: Final = """
WITH tidy AS (
  SELECT c.id, c.origin_office_id AS office_id, c.number, c.name, c.given_name, c.joined_on, {key} AS mark
    FROM client AS c WHERE c.{column} <> '')
SELECT t.office_id, t.joined_on, t.number, t.mark, t.given_name, t.name
  FROM tidy AS t
  JOIN (SELECT mark FROM tidy WHERE mark <> '' GROUP BY mark HAVING count(*) >= ?) AS many
    ON many.mark = t.mark
 ORDER BY t.mark, t.id
"""

_STAFF: Final = """
WITH people AS (SELECT name, lower(trim(name)) AS mark FROM staff
                UNION SELECT full_name, lower(trim(full_name)) FROM user_account)
SELECT c.origin_office_id, c.joined_on, c.number, s.name FROM client AS c
  JOIN people AS s ON s.mark = lower(trim(c.given_name || ' ' || c.name))
UNION
SELECT c.origin_office_id, c.joined_on, c.number, s.name FROM client AS c
  JOIN people AS s ON s.mark = lower(trim(c.name || ' ' || c.given_name))
 ORDER BY 3
"""


def _same(scope: Scope, column: str, key: str, least: int) -> Iterator[Item]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in scope.rows(_SAME.format(column=column, key=key), least):
        found.setdefault(row[3], []).append(row)
    meant = scope.asked.offices
    for mark, rows in found.items():
        for row in rows:
            if meant is None or row[0] in meant:
                others = ", ".join(other[2] for other in rows if other is not row)
                yield Item(
                    office_id=row[0],
                    on=row[1],
                    client=row[2],
                    subject=mark,
                    number=len(rows),
                    other=others[:200],
                )


def same_phone(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """Clients with one telephone number; ``number`` is how many have it, ``other`` who."""
    tidy = _TIDY.format(column="phone")
    ending = (
        f"CASE WHEN length({tidy}) > {_PHONE_DIGITS} THEN substr({tidy}, length({tidy}) - 8) ELSE {tidy} END"
    )
    yield from _same(scope, "phone", ending, limits["least"])


def same_paper(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """Clients with one identity number."""
    yield from _same(scope, "national_id", f"lower({_TIDY.format(column='national_id')})", limits["least"])


def same_address(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """Clients with one address in one village; a village alone is no address."""
    key = f"lower({_TIDY.format(column='address')} || '|' || trim(c.village))"
    yield from _same(scope, "address", key, limits["least"])


def staff_as_clients(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Clients with the name of somebody who works here, and those with such a client's telephone."""
    own: dict[str, str] = {}
    for row in scope.rows(_STAFF):
        own[row[2]] = row[3]
        if scope.asked.offices is None or row[0] in scope.asked.offices:
            yield Item(office_id=row[0], on=row[1], client=row[2], subject=row[3])
    for item in same_phone(scope, {"least": 2}):
        staff = [number for number in item.other.split(", ") if number in own]
        if staff and item.client not in own:
            yield Item(
                office_id=item.office_id,
                on=item.on,
                client=item.client,
                subject=own[staff[0]],
                other=staff[0],
            )


_AMOUNTS: Final = """
SELECT m.id, m.recorded_at, m.office_id, CASE WHEN m.amount % ? = 0 THEN 1 ELSE 0 END, m.amount
  FROM ({moved}) AS m
 WHERE m.kind IN ('repayment', 'deposit', 'withdrawal') AND m.till_id IS NOT NULL AND {within}
"""


def round_amounts(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """Users whose share of amounts that are multiples of ``round_to`` is far above their colleagues'.

    ``number`` is the share in percent, ``subject`` the share of the others in the office; by at least
    ``points`` more, among at least ``least`` movements at a till.
    """
    wanted = _AMOUNTS.format(moved=MOVED, within=scope.within("m.office_id"))
    rows: list[tuple[Any, ...]] = list(
        scope.rows(wanted, limits["round_to"] * scope.unit, *(scope.since, scope.until) * 2)
    )
    who = scope.makers((row[0], row[1]) for row in rows)
    seen: Counter[tuple[int, int]] = Counter()
    smooth: Counter[tuple[int, int]] = Counter()
    sums: Counter[tuple[int, int]] = Counter()
    for row_id, _at, office, is_round, amount in rows:
        place = (office, who.get(row_id, 0))
        seen[place] += 1
        smooth[place] += is_round
        sums[place] += abs(amount) * is_round
    for (office, user), count in sorted(seen.items()):
        others = sum(n for (of, by), n in seen.items() if of == office and by != user)
        theirs = sum(n for (of, by), n in smooth.items() if of == office and by != user)
        if count < limits["least"] or not others or not user:
            continue
        share, usual = 100 * smooth[office, user] // count, 100 * theirs // others
        if share >= usual + limits["points"]:
            yield Item(
                office_id=office,
                on=scope.until,
                user_id=user,
                number=share,
                subject=f"{usual} %",
                amount=sums[office, user],
            )
