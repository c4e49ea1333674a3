"""What a decision would do to the books, found out by doing it and keeping nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hq.waiting import waiting_list
from ledger.money import ZERO, Money
from schema.accounting import GLDayTotal, JournalEntry
from schema.reference import GLAccount
from schema.writing import act as declared
from sync.changeset import Op
from sync.installation import Installation, Undo
from sync.refold import settle_after


@dataclass(frozen=True, slots=True)
class AccountChange:
    """A GL account whose balance (debit-positive) would be another one."""

    code: str
    name: str
    before: Money
    after: Money
    change: Money


@dataclass(frozen=True, slots=True)
class Effects:
    """What would become of the books.

    entries  how many journal entries more (or fewer) there would be
    waiting  what would wait for a person that does not wait now, in its own words
    settled  how many things that wait now would wait no more
    """

    accounts: tuple[AccountChange, ...]
    entries: int
    waiting: tuple[str, ...]
    settled: int

    @property
    def moves_money(self) -> bool:
        """Whether any balance would change."""
        return bool(self.accounts)


@dataclass(frozen=True, slots=True)
class _Books:
    balances: Mapping[int, Money]
    entries: int
    waiting: Mapping[str, str]


def effects_of(
    installation: Installation, kind: str, actor_id: int, act: Callable[[Session], object]
) -> Effects:
    """Do ``act`` as in earnest inside a unit of work of chain 0, compare the books, keep nothing.

    raises   what ``act`` raises
    """
    found: list[Effects] = []
    with installation.bulk_work(kind, actor_id) as (session, seal):
        before = _books(session)
        act(session)
        written = [Op._make(op) for op in declared(session).ops]
        seal(kind, "")
        settle_after(session, installation.roster(session), written)
        found.append(_compared(session, before, _books(session)))
        _keep_nothing()
    return found[0]


def _keep_nothing() -> None:
    raise Undo


def _books(session: Session) -> _Books:
    rows = session.execute(
        select(GLDayTotal.gl_account_id, func.sum(GLDayTotal.debit), func.sum(GLDayTotal.credit)).group_by(
            GLDayTotal.gl_account_id
        )
    )
    return _Books(
        {account: _amount(debit) - _amount(credit) for account, debit, credit in rows},
        session.execute(select(func.count()).select_from(JournalEntry)).scalar_one(),
        {item.key: item.what for item in waiting_list(session)},
    )


def _amount(value: Money | int | None) -> Money:
    return value if isinstance(value, Money) else Money(int(value or 0))


def _compared(session: Session, before: _Books, after: _Books) -> Effects:
    changed = {
        account
        for account in before.balances.keys() | after.balances.keys()
        if before.balances.get(account, ZERO) != after.balances.get(account, ZERO)
    }
    accounts = session.scalars(select(GLAccount).where(GLAccount.id.in_(changed)).order_by(GLAccount.code))
    return Effects(
        tuple(_change(account, before, after) for account in accounts),
        after.entries - before.entries,
        tuple(what for key, what in after.waiting.items() if key not in before.waiting),
        len(before.waiting.keys() - after.waiting.keys()),
    )


def _change(account: GLAccount, before: _Books, after: _Books) -> AccountChange:
    was, will = before.balances.get(account.id, ZERO), after.balances.get(account.id, ZERO)
    return AccountChange(account.code, account.name, was, will, will - was)
