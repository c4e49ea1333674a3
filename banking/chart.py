"""The chart of accounts as headquarters keeps it: added to, renamed, rearranged, taken out of use."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.chart_errors import GLAccountInUseError
from banking.errors import BadValueError, NumberTakenError
from banking.standard import ACCOUNT_TYPES, DETAIL, HEADER, ChartRow
from banking.text import require
from ledger.errors import NotFoundError
from ledger.posting import Role
from schema.products import LoanProduct, SavingsProduct
from schema.reading import fetch_one
from schema.reference import GLAccount
from schema.tables import metadata
from schema.totals import TOTALS
from schema.writing import insert, update

LONGEST_CODE: Final = 20
_CONTROL: Final = {
    LoanProduct: ("gl_portfolio_id", "gl_overpayment_id"),
    SavingsProduct: ("gl_deposits_id",),
}
_LINES = "SELECT 1 FROM journal_line WHERE gl_account_id = ? LIMIT 1"
_NOT_AT_ZERO = """
SELECT o.code, CAST(sum(t.debit - t.credit) AS BIGINT)
  FROM gl_day_total AS t JOIN office AS o ON o.id = t.origin_office_id
 WHERE t.gl_account_id = ? GROUP BY o.code HAVING sum(t.debit - t.credit) <> 0 ORDER BY o.code LIMIT 1
"""


def get_account(session: Session, code: str) -> GLAccount:
    """Give the account with this code; the newest where older ones had it too.

    raises   NotFoundError
    """
    found = session.scalars(
        select(GLAccount).where(GLAccount.code == code.strip()).order_by(GLAccount.id.desc())
    ).first()
    if found is None:
        raise NotFoundError(kind="GL account", key=code)
    return found


def add_account(session: Session, row: ChartRow, *, manual: bool = True) -> GLAccount:
    """Add an account under a heading of its type.

    manual   whether people may post to it; a heading takes no entries at all
    raises   NumberTakenError for a code that is there; BadValueError, MissingError, NotFoundError
    """
    code = require(row.code, "code", LONGEST_CODE)
    if session.scalar(select(GLAccount.id).where(GLAccount.code == code).limit(1)) is not None:
        raise NumberTakenError(number=code)
    if row.type not in ACCOUNT_TYPES:
        raise BadValueError(field="type", given=row.type)
    if row.usage not in {HEADER, DETAIL}:
        raise BadValueError(field="usage", given=row.usage)
    parent = get_account(session, row.parent) if row.parent else None
    _require_heading(parent, row.type)
    made = GLAccount(
        code=code,
        name=require(row.name, "name"),
        type=row.type,
        parent_id=None if parent is None else parent.id,
        usage=row.usage,
        manual_entries=int(manual and row.usage == DETAIL),
    )
    insert(session, made)
    return made


def rename_account(session: Session, code: str, name: str) -> GLAccount:
    """Give an account another name; its code stays, because people know it by that.

    raises   NotFoundError, MissingError
    """
    account = get_account(session, code)
    update(session, account, name=require(name, "name"))
    return account


def move_account(session: Session, code: str, parent_code: str) -> GLAccount:
    """Put an account, with all below it, under another heading of its type (empty: to the top).

    raises   NotFoundError; BadValueError for a heading below itself or of another type
    """
    account = get_account(session, code)
    parent = get_account(session, parent_code) if parent_code else None
    _require_heading(parent, account.type)
    above = parent
    while above is not None:
        if above.id == account.id:
            raise BadValueError(field="parent", given=parent_code)
        above = None if above.parent_id is None else session.get_one(GLAccount, above.parent_id)
    update(session, account, parent_id=None if parent is None else parent.id)
    return account


def change_usage(session: Session, code: str, usage: str) -> GLAccount:
    """Make a heading of an account without entries, or an account of a heading with nothing below it.

    raises   NotFoundError, BadValueError, GLAccountInUseError
    """
    account = get_account(session, code)
    if usage not in {HEADER, DETAIL}:
        raise BadValueError(field="usage", given=usage)
    if usage == account.usage:
        return account
    if usage == HEADER:
        _refuse_used(session, account)
        if fetch_one(session, _LINES, account.id) is not None:
            raise GLAccountInUseError(account=_named(account), reason="it has entries")
    elif _children(session, account):
        raise GLAccountInUseError(account=_named(account), reason="accounts stand below it")
    update(session, account, usage=usage, manual_entries=int(usage == DETAIL))
    return account


def allow_manual_entries(session: Session, code: str, *, allowed: bool) -> GLAccount:
    """Say whether people may post to an account.

    raises   NotFoundError; GLAccountInUseError for a heading, and for accounts whose balance follows from
             loans, savings or transfers between offices, when they shall be opened to people
    """
    account = get_account(session, code)
    if allowed and account.usage != DETAIL:
        raise GLAccountInUseError(account=_named(account), reason="it is a heading")
    if allowed and _is_control(session, account):
        raise GLAccountInUseError(account=_named(account), reason="its balance follows from client accounts")
    update(session, account, manual_entries=int(allowed))
    return account


def deactivate_account(session: Session, code: str) -> GLAccount:
    """Take an account out of use: it keeps its entries, and takes no new ones.

    raises   NotFoundError; GLAccountInUseError while posting rules, products or tills need it, while an
             office has a balance on it, or while accounts in use stand below it
    """
    account = get_account(session, code)
    _refuse_used(session, account)
    if any(child.active for child in _children(session, account)):
        raise GLAccountInUseError(account=_named(account), reason="accounts in use stand below it")
    standing = fetch_one(session, _NOT_AT_ZERO, account.id)
    if standing is not None:
        raise GLAccountInUseError(account=_named(account), reason=f"{standing[0]} has a balance on it")
    update(session, account, active=0)
    return account


def reactivate_account(session: Session, code: str) -> GLAccount:
    """Take an account into use again.

    raises   NotFoundError
    """
    account = get_account(session, code)
    update(session, account, active=1)
    return account


@dataclass(frozen=True, slots=True)
class ChartLine:
    """An account in its place in the tree; ``depth`` counts the headings above it."""

    account: GLAccount
    depth: int


def chart_tree(session: Session) -> list[ChartLine]:
    """List the whole chart, each account under its heading, by code."""
    accounts = list(session.scalars(select(GLAccount).order_by(GLAccount.code, GLAccount.id)))
    below: dict[int | None, list[GLAccount]] = {}
    for account in accounts:
        below.setdefault(account.parent_id, []).append(account)
    lines: list[ChartLine] = []
    waiting = [ChartLine(account, 0) for account in reversed(below.get(None, []))]
    while waiting:
        line = waiting.pop()
        lines.append(line)
        children = reversed(below.get(line.account.id, []))
        waiting += [ChartLine(child, line.depth + 1) for child in children]
    return lines


def _require_heading(parent: GLAccount | None, account_type: str) -> None:
    if parent is not None and (parent.usage != HEADER or parent.type != account_type or not parent.active):
        raise BadValueError(field="parent", given=f"{parent.code} {parent.name}")


def _children(session: Session, account: GLAccount) -> list[GLAccount]:
    return list(session.scalars(select(GLAccount).where(GLAccount.parent_id == account.id)))


def _is_control(session: Session, account: GLAccount) -> bool:
    if account.role == Role.INTER_BRANCH:
        return True
    columns = [getattr(model, name) for model, names in _CONTROL.items() for name in names]
    return any(session.scalar(select(column).where(column == account.id).limit(1)) for column in columns)


def _refuse_used(session: Session, account: GLAccount) -> None:
    """Refuse an account that posting rules or reference data point at, whatever table they stand in."""
    if account.role:
        raise GLAccountInUseError(account=_named(account), reason=f"posting rules need it ({account.role})")
    for table in metadata.sorted_tables:
        for column in table.columns:
            if not column.name.startswith("gl_") or table.name in {"gl_account", *TOTALS}:
                continue
            wanted = select(column).where(column == account.id)
            if "active" in table.columns:
                wanted = wanted.where(table.c.active == 1)
            if table.name not in _OF_ENTRIES and session.execute(wanted.limit(1)).first() is not None:
                raise GLAccountInUseError(account=_named(account), reason=f"{table.name} points at it")


_OF_ENTRIES: Final = frozenset({"journal_line", "bank_statement", "payment_file"})
"""Tables that keep pointing at an account out of use: what was posted stays."""


def _named(account: GLAccount) -> str:
    return f"{account.code} {account.name}"
