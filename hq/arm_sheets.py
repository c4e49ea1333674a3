"""What the arms of a fork hold: days, people, kinds of work, money by account, receipts. Reads only."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.arms import Arm, Shared, arms_of, shared_end
from hq.changesets import readable
from hq.stakes import lines_of
from ledger.money import Money
from schema.people import User
from schema.reference import GLAccount
from schema.replication import StoredChangeset
from sync.cases import Member
from sync.changeset import INSERT, Changeset, Op

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class AccountMoved:
    """What one arm moves on one GL account."""

    code: str
    name: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class ArmSheet:
    """One arm as an accountant compares it with the others.

    number   1 for the first
    people   names of those who worked on it
    kinds    what was done, and how often, the most frequent first
    receipts numbers that it printed
    """

    arm: Arm
    number: int
    first_day: date
    last_day: date
    people: tuple[str, ...]
    kinds: tuple[tuple[str, int], ...]
    money: tuple[AccountMoved, ...]
    receipts: frozenset[str]


@dataclass(frozen=True, slots=True)
class ForkSheet:
    """A fork: what is shared, the arms side by side, and the receipts that were printed twice."""

    shared: Shared | None
    arms: tuple[ArmSheet, ...]
    twice: tuple[str, ...]


def fork_sheet(session: Session, members: Sequence[Member]) -> ForkSheet:
    """Give the fork that begins with ``members``."""
    arms = arms_of(session, members)
    sheets = tuple(_sheet(session, arm, number) for number, arm in enumerate(arms, 1))
    counted = Counter(receipt for sheet in sheets for receipt in sheet.receipts)
    twice = tuple(sorted(receipt for receipt, times in counted.items() if times > 1))
    return ForkSheet(shared_end(session, arms[0]) if arms else None, sheets, twice)


def _sheet(session: Session, arm: Arm, number: int) -> ArmSheet:
    kinds: Counter[str] = Counter()
    moved: dict[int, list[int]] = {}
    people: set[int] = set()
    receipts: set[str] = set()
    for changeset in _changesets(session, arm):
        kinds[changeset.kind] += 1
        people.add(changeset.actor)
        receipts |= _receipts(changeset.ops)
        for account, debit, credit in lines_of(changeset.ops):
            sums = moved.setdefault(account, [0, 0])
            sums[0] += debit
            sums[1] += credit
    days = [link.date for link in arm.links]
    return ArmSheet(
        arm,
        number,
        min(days),
        max(days),
        _names(session, people),
        tuple(kinds.most_common()),
        _moved(session, moved),
        frozenset(receipts),
    )


def _changesets(session: Session, arm: Arm) -> Iterator[Changeset]:
    hashes = [link.hash for link in arm.links]
    for start in range(0, len(hashes), _CHUNK):
        bodies = session.scalars(
            select(StoredChangeset.body)
            .where(
                StoredChangeset.device == arm.device,
                StoredChangeset.hash.in_(hashes[start : start + _CHUNK]),
            )
            .order_by(StoredChangeset.seq)
        )
        for body in bodies:
            yield Changeset.from_bytes(body)


def _receipts(ops: Sequence[Op]) -> set[str]:
    """Numbers that these rows were printed under."""
    found = {cast("dict[str, object]", op.new).get("receipt") for op in ops if op.sign == INSERT}
    return {number for number in found if isinstance(number, str) and number}


def _names(session: Session, people: set[int]) -> tuple[str, ...]:
    users = session.scalars(select(User).where(User.id.in_(people)).order_by(User.id))
    return tuple(readable(user.full_name or user.username) for user in users)


def _moved(session: Session, moved: dict[int, list[int]]) -> tuple[AccountMoved, ...]:
    accounts = session.scalars(select(GLAccount).where(GLAccount.id.in_(moved)).order_by(GLAccount.code))
    return tuple(
        AccountMoved(one.code, one.name, Money(moved[one.id][0]), Money(moved[one.id][1])) for one in accounts
    )
