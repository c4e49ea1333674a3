"""Inter-branch transfers as headquarters sees them: sides without their other one, and what is cut."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.books import account_with_role
from banking.cash import account_balance
from ledger.money import ZERO, Money, total
from ledger.posting import Role
from schema.reading import fetch
from schema.reference import Office

AGES: Final[tuple[tuple[int, int | None], ...]] = ((0, 7), (8, 30), (31, 90), (91, None))
"""Ages in days, from and to, both included; None: no end. None should be older than the first at a close."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A transfer of which the two sides do not agree, as of a day; amounts in minor units.

    ``booked`` is what ``office`` has on ``other`` (a claim is positive), ``answered`` what ``other`` has on
    ``office``; together they should be zero. ``days`` is how old the first side is. ``entry_id`` is the first
    entry of a side.
    """

    key: str
    office: str
    other: str
    booked: Money
    answered: Money
    since: date
    days: int
    entry_id: int = 0

    @property
    def why(self) -> str:
        """What is wrong: ``differs`` between the sides, ``unanswered`` or ``unannounced`` with only one."""
        if self.booked and self.answered:
            return "differs"
        return "unanswered" if self.open > ZERO else "unannounced"

    @property
    def open(self) -> Money:
        """What the two sides differ by: it stays on the consolidated inter-branch account."""
        return self.booked + self.answered


_LEGS = """
SELECT l.key, l.origin_office_id, l.other_office_id, CAST(sum(l.amount) AS BIGINT), min(l."on"),
       min(l.journal_entry_id)
  FROM inter_branch_leg AS l WHERE l."on" <= ?
 GROUP BY l.key, l.origin_office_id, l.other_office_id ORDER BY 5, 1, 2, 3
"""


_ADDRESSED = """
SELECT m.key, coalesce(m.from_office_id, (SELECT min(id) FROM office WHERE parent_id IS NULL)), m.office_id
  FROM account_message AS m WHERE m.kind = 'payment' ORDER BY m.id
"""
"""Where a payment that one office took went in the end: the newest message with its key says."""


def unmatched(session: Session, as_of: date) -> list[Unmatched]:
    """List the transfers whose sides do not agree at the end of ``as_of``, oldest first.

    Two sides belong together when they have one key and name each other. A payment for an account that moved
    is answered by the office to which headquarters addressed it at last.
    """
    codes = {office.id: office.code for office in session.scalars(select(Office))}
    addressed = {(key, taker): keeper for key, taker, keeper in fetch(session, _ADDRESSED)}
    legs: dict[tuple[str, int, int], tuple[Money, date, int]] = {}
    for key, own, named, booked, first, entry_id in fetch(session, _LEGS, as_of.isoformat()):
        place = (key, own, addressed.get((key, own), named))
        known, since, entry = legs.get(place, (ZERO, date.max, entry_id))
        legs[place] = (known + Money(booked), min(since, date.fromisoformat(first)), entry)
    found: list[Unmatched] = []
    seen: set[tuple[str, int, int]] = set()
    for (key, office, other), (booked, since, entry) in legs.items():
        nothing = (ZERO, since, entry)  # also where the office that took the money keeps the account by now
        answered, answered_on, _entry = (
            nothing if office == other else legs.get((key, other, office), nothing)
        )
        if (key, office, other) in seen or not booked + answered:
            continue
        seen.add((key, other, office))
        first = min(since, answered_on)
        found.append(
            Unmatched(key, codes[office], codes[other], booked, answered, first, (as_of - first).days, entry)
        )
    return sorted(found, key=lambda row: (row.since, row.key, row.office))


def older_than(session: Session, as_of: date, days: int) -> list[Unmatched]:
    """List the unmatched transfers that are more than so many days old at the end of ``as_of``."""
    return [row for row in unmatched(session, as_of) if row.days > days]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two offices and what is open between them, by codes in the order of the alphabet."""

    office: str
    other: str
    transfers: int
    open: Money
    days: int
    ages: tuple[Money, ...] = ()
    """What is open of each age of ``AGES``."""


def unmatched_pairs(session: Session, as_of: date) -> list[Pair]:
    """Add the unmatched transfers up by pair of offices; ``days`` is the age of the oldest."""
    return pairs_of(unmatched(session, as_of))


def pairs_of(transfers: Iterable[Unmatched]) -> list[Pair]:
    """Add transfers up by pair of offices."""
    by_pair: dict[tuple[str, str], list[Unmatched]] = {}
    for row in transfers:
        first, second = sorted((row.office, row.other))
        by_pair.setdefault((first, second), []).append(row)
    return [
        Pair(
            first,
            second,
            len(rows),
            total(row.open for row in rows),
            max(row.days for row in rows),
            tuple(total(row.open for row in rows if _is_of(age, row.days)) for age in AGES),
        )
        for (first, second), rows in sorted(by_pair.items())
    ]


def _is_of(age: tuple[int, int | None], days: int) -> bool:
    first, last = age
    return days >= first and (last is None or days <= last)


@dataclass(frozen=True, slots=True)
class Elimination:
    """The inter-branch account in consolidation, debit-positive.

    ``by_office`` is each office's balance; their sum ``remaining`` is cut to zero only when every transfer
    has both sides, so it must be what the unmatched ones are open by: ``unexplained`` is zero then.
    """

    by_office: tuple[tuple[str, Money], ...]
    remaining: Money
    unmatched: Money

    @property
    def unexplained(self) -> Money:
        """What no transfer explains."""
        return self.remaining - self.unmatched


def elimination(session: Session, as_of: date) -> Elimination:
    """Give what consolidation cuts from the inter-branch account at the end of ``as_of``."""
    account_id = account_with_role(session, Role.INTER_BRANCH)
    offices = session.scalars(select(Office).order_by(Office.code)).all()
    balances = tuple(
        (office.code, account_balance(session, account_id, office.id, as_of)) for office in offices
    )
    return Elimination(
        by_office=tuple((code, balance) for code, balance in balances if balance),
        remaining=total(balance for _, balance in balances),
        unmatched=total(row.open for row in unmatched(session, as_of)),
    )
