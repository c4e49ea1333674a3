"""Trial balance, balance sheet and income statement of all offices together, side by side, and consolidated.

Consolidated is the sum of the offices with the inter-branch account taken off. What of it does not cancel
stands on a line of its own, so that consolidated equals sum plus eliminations to the last unit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.inter_branch_matching import Pair, unmatched_pairs
from banking.reports.ledger_books import DEBIT_SIDE, ChartAccount, Movements, chart, movements
from banking.reports.paper import day_words
from banking.reports.shape import Column, Found, Link, Question, Row, Table, count, money, stored, text
from banking.reports.side_by_side import CONSOLIDATION, Layout, Vector, compared_start, layout
from ledger.errors import N_
from ledger.money import total
from ledger.posting import Role
from schema.reading import fetch

_FIGURE: Final = Link("figure", "code")
TRIAL_BALANCE: Final = (
    text("code", N_("Account"), "account"),
    text("name", N_("Name")),
    text("type", ""),
    money("opening", N_("Opening")),
    money("debit", N_("Debit")),
    money("credit", N_("Credit")),
    money("closing", N_("Closing"), link=_FIGURE),
)
STATEMENT: Final = (
    text("code", N_("Account"), "account"),
    text("name", N_("Name")),
    text("type", ""),
    text("usage", ""),
    count("level", ""),
    money("balance", "", added=False),
    money("amount", N_("Amount"), added=False, link=_FIGURE),
)
"""Headings and accounts as a tree. ``balance`` is debit-positive; ``amount`` is as printed."""

PAIRS: Final = (
    text("office", N_("Office"), "office"),
    text("other", N_("With"), "office"),
    count("transfers", N_("Transfers"), added=True),
    money("open", N_("Still open")),
    count("days", N_("Oldest, days")),
)
_LEFT: Final = "Between offices: what does not cancel"
_ROLE: Final = "SELECT id FROM gl_account WHERE role = ? ORDER BY id LIMIT 1"


@dataclass(frozen=True, slots=True)
class Books:
    """The chart with what stands on each account, spread over the columns that were asked for."""

    accounts: Sequence[ChartAccount]
    vectors: Mapping[int, Vector]
    layout: Layout

    def of_type(self, kind: str) -> Vector:
        """Add up what is posted to the accounts of a type, as printed."""
        found = [self.vectors[one.id] for one in self.accounts if one.id in self.vectors and one.type == kind]
        width = 1 + len(self.layout.columns)
        return tuple(_as_printed(kind, sum(parts)) for parts in zip((0,) * width, *found, strict=True))

    @property
    def widened(self) -> bool:
        """Whether there are columns beside the sum."""
        return bool(self.layout.columns)


def _nets(moved: Movements) -> dict[int, dict[int, int]]:
    return {
        account: {office: debit - credit for office, (debit, credit) in offices.items()}
        for account, offices in moved.items()
    }


def _books(
    session: Session,
    asked: Question,
    moved: Movements,
    first: tuple[str, str] = ("", ""),
    *,
    result: bool = False,
) -> Books:
    """Spread what was ``moved``. ``first`` are the first days, now and of the time compared with.

    result   of income and expenses: what brought them to retained earnings does not count
    """
    before: dict[int, dict[int, int]] = {}
    if asked.compare is not None:
        earlier = replace(asked, as_of=asked.compare)
        before = _nets(movements(session, earlier, first[1], earlier.until, without_year_end=result))
    now = _nets(moved)
    beside = layout(session, asked, {office for offices in now.values() for office in offices})
    accounts, vectors = chart(session), {}
    between = [row[0] for row in fetch(session, _ROLE, Role.INTER_BRANCH)] if beside.eliminates else []
    for account in now.keys() | before.keys():
        nets, earlier_nets = now.get(account, {}), before.get(account, {})
        vectors[account] = beside.spread(nets, earlier_nets, cut=account in between)
        if account in between:
            vectors[-account] = beside.left(nets, earlier_nets)
    return Books([*_with_left(accounts, between)], vectors, beside)


def _with_left(accounts: Iterable[ChartAccount], between: Sequence[int]) -> Iterable[ChartAccount]:
    """Add the line of what does not cancel below the inter-branch account."""
    for account in accounts:
        yield account
        if account.id in between:
            yield replace(account, id=-account.id, name=_LEFT)


def _as_printed(kind: str, balance: int) -> int:
    return balance if kind in DEBIT_SIDE else -balance


# --- trial balance --------------------------------------------------------------------------------


def find_trial_balance(session: Session, asked: Question) -> Found:
    """Answer for the catalogue."""
    until = movements(session, asked, "", asked.until)
    moved = until if asked.start is None else movements(session, asked, asked.since, asked.until)
    books = _books(session, asked, until)
    rows: list[Row] = []
    for account in books.accounts:
        if account.id not in books.vectors:
            continue
        sides = moved.get(account.id, {}).values()
        debit, credit = sum(side[0] for side in sides), sum(side[1] for side in sides)
        closing, *beside = books.vectors[account.id]
        opening = closing - debit + credit
        rows.append((account.code, account.name, account.type, opening, debit, credit, closing, *beside))
    figures = tuple(sum(_minor(row[place]) for row in rows) for place in (4, 5))
    return Found(
        figures,
        (rows,),
        beside=books.layout.columns,
        **_explained(session, asked, books),
    )


def _minor(value: object) -> int:
    return value if isinstance(value, int) else 0


# --- balance sheet and income statement -----------------------------------------------------------


def _tree(books: Books, kinds: tuple[str, ...]) -> list[Row]:
    """Lay the accounts of some types out as a tree: headings before what they hold, by code.

    A heading carries the sum of what stands below it; what was never posted to is left out
    """
    wanted = {account.id: account for account in books.accounts if account.type in kinds}
    below: dict[int | None, list[ChartAccount]] = {}
    for account in wanted.values():
        below.setdefault(account.parent_id if account.parent_id in wanted else None, []).append(account)
    rows: list[Row] = []

    def lay_out(account: ChartAccount, level: int) -> Vector | None:
        place = len(rows)
        own = books.vectors.get(account.id)
        sums = [lay_out(child, level + 1) for child in below.get(account.id, [])]
        found = [vector for vector in (own, *sums) if vector is not None]
        if not found:
            return None
        balance = tuple(map(sum, zip(*found, strict=True)))
        printed = [_as_printed(account.type, part) for part in balance]
        described = (account.code, account.name, account.type, account.usage, level)
        rows.insert(place, (*described, balance[0], *printed))
        return balance

    for kind in kinds:
        for account in below.get(None, []):
            if account.type == kind:
                lay_out(account, 0)
    return rows


def find_balance_sheet(session: Session, asked: Question) -> Found:
    """Answer for the catalogue: what the institution has and owes at the end of a day."""
    books = _books(session, asked, movements(session, asked, "", asked.until))
    assets, liabilities, equity = (books.of_type(kind) for kind in ("asset", "liability", "equity"))
    result = _less(books.of_type("income"), books.of_type("expense"))
    assert assets == tuple(map(sum, zip(liabilities, equity, result, strict=True)))
    sums = (
        (N_("Assets"), *assets),
        (N_("Liabilities"), *liabilities),
        (N_("Equity"), *equity),
        (N_("Result not yet closed"), *result),
    )
    explained = _explained(session, asked, books)
    return Found(
        tuple(row[1] for row in sums),
        (_tree(books, ("asset", "liability", "equity")),),
        beside=books.layout.columns,
        notes=explained.get("notes", ()),
        more=(*_sums(books, sums), *explained.get("more", ())),
    )


def find_income_statement(session: Session, asked: Question) -> Found:
    """Answer for the catalogue: what was earned and spent between two days, both included."""
    start = compared_start(asked)
    first = (asked.since, "" if start is None else start.isoformat())
    moved = movements(session, asked, asked.since, asked.until, without_year_end=True)
    books = _books(session, asked, moved, first, result=True)
    income, expenses = books.of_type("income"), books.of_type("expense")
    result = _less(income, expenses)
    sums = ((N_("Income"), *income), (N_("Expenses"), *expenses), (N_("Result"), *result))
    return Found(
        tuple(row[1] for row in sums),
        (_tree(books, ("income", "expense")),),
        beside=books.layout.columns,
        notes=_compared_note(asked),
        more=_sums(books, sums),
    )


def _less(one: Vector, other: Vector) -> Vector:
    return tuple(left - right for left, right in zip(one, other, strict=True))


def _sums(books: Books, rows: Sequence[Row]) -> tuple[Table, ...]:
    """Give the figures of the statement for each column too."""
    if not books.widened:
        return ()
    plain: tuple[Column, ...] = tuple(replace(column, link=None) for column in books.layout.columns)
    head = (text("sum", N_("Sum"), said=True), money("amount", N_("Amount"), added=False))
    return (Table("sums", N_("Sums"), (*head, *plain), rows),)


# --- what consolidation cuts ----------------------------------------------------------------------


def _explained(session: Session, asked: Question, books: Books) -> dict[str, tuple[Any, ...]]:
    """Give the pairs of offices whose transfers do not cancel, and what no transfer explains."""
    if asked.columns != CONSOLIDATION:
        return {}
    if asked.office_id is not None:
        return {"notes": ("What these offices have with others outside does not cancel here.",)}
    pairs = unmatched_pairs(session, asked.as_of)
    left = sum(vector[0 - _after(books)] for account, vector in books.vectors.items() if account < 0)
    notes = ("Something of what does not cancel is no transfer: look for its entry.",)
    return {
        "more": _table_of(pairs),
        "notes": notes if not asked.late and left != total(pair.open for pair in pairs).minor else (),
    }


def _after(books: Books) -> int:
    """Count the columns from the consolidated one on."""
    return 3 if books.layout.compares else 1


def _table_of(pairs: Sequence[Pair]) -> tuple[Table, ...]:
    rows = [tuple(stored(getattr(pair, column.name)) for column in PAIRS) for pair in pairs]
    return (Table("pairs", N_("Transfers without their other side"), PAIRS, rows),) if rows else ()


def _compared_note(asked: Question) -> tuple[str, ...]:
    start = compared_start(asked)
    if start is None or asked.compare is None:
        return ()
    return (f"Compared with {day_words(start.isoformat())} - {day_words(asked.compare.isoformat())}.",)
