"""The till report at the end of the day: opening, in, out, floats, transfers, other, counted, difference."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy.orm import Session

from banking.cash_counts import counts_of
from banking.rows import get_row
from banking.till_cash import cash_limit, drawers_of, till_cash
from banking.tills import cashiers_on
from ledger.money import ZERO, Money, total
from ledger.posting import Role
from schema.accounting import Till
from schema.people import User
from schema.reading import fetch

CLIENTS, DRAWERS, BANK, OTHER, TRANSFER, DIFFERENCE = (
    "clients",
    "drawers",
    "bank",
    "other",
    "transfer",
    "difference",
)
_GROUPS: Final = {
    "float": DRAWERS,
    "settle": DRAWERS,
    "handover": DRAWERS,
    "to_bank": BANK,
    "from_bank": BANK,
    "pay": OTHER,
    "receive": OTHER,
}

_OF_ACCOUNTS = """
SELECT t.id, 'clients', t.receipt, t.kind, a.number, {amount}, t.note, coalesce(p.name, '')
  FROM {kind}_transaction AS t
  JOIN {kind}_account AS a ON a.id = t.{kind}_account_id
  LEFT JOIN payment_type AS p ON p.id = t.payment_type_id
{lines} WHERE t.till_id = ? AND t.booked_on = ?
"""
_ON_MONEY = """
  JOIN till AS d ON d.id = t.till_id
  JOIN journal_line AS l ON l.journal_entry_id = t.journal_entry_id
   AND ((t.payment_type_id IS NULL AND l.gl_account_id = d.gl_account_id)
     OR (t.payment_type_id IS NOT NULL AND l.gl_account_id IN (
           SELECT gl_account_id FROM payment_type WHERE id = t.payment_type_id
           UNION SELECT gl_account_id FROM payment_account WHERE payment_type_id = t.payment_type_id)))
"""
_OF_LOANS = _OF_ACCOUNTS.format(kind="loan", amount="l.debit - l.credit", lines=_ON_MONEY)
_OF_SAVINGS = _OF_ACCOUNTS.format(kind="savings", amount="t.amount", lines="")
_LINES = f"""
{_OF_LOANS}
UNION ALL
{_OF_SAVINGS}
UNION ALL
SELECT m.id, 'cash', '', m.kind, '', CASE WHEN m.to_till_id = ? THEN m.amount ELSE -m.amount END, m.note, ''
  FROM cash_movement AS m WHERE (m.to_till_id = ? OR m.from_till_id = ?) AND m."on" = ?
UNION ALL
SELECT c.id, CASE WHEN EXISTS (
         SELECT 1 FROM journal_line AS l JOIN gl_account AS g ON g.id = l.gl_account_id
          WHERE l.journal_entry_id = c.journal_entry_id AND g.role = ?) THEN 'difference' ELSE 'other' END,
       '', c.moment, '', c.counted - c.expected, c.reason, ''
  FROM cash_count AS c WHERE c.till_id = ? AND c."on" = ? AND c.journal_entry_id IS NOT NULL
 ORDER BY 1
"""  # noqa: S608 - built from our own constants


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One thing that happened to a till on a day; ``amount`` in minor units, into the till is positive.

    group   clients, drawers, bank, other, transfer (no cash: ``way`` says how) or difference (of a count)
    """

    group: str
    receipt: str
    kind: str
    account: str
    amount: Money
    note: str
    way: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What clients paid and were paid in one way without cash; no part of what the till holds."""

    way: str
    received: Money
    paid_out: Money

    @property
    def net(self) -> Money:
        """Received less paid out."""
        return self.received - self.paid_out


@dataclass(frozen=True, slots=True, kw_only=True)
class TillSheet:
    """A drawer's day in minor units. ``closing`` is what it must hold: opening and everything between.

    ``other`` is what nobody gave a till: expenses and other money, books brought in, manual entries, counts
    of all drawers together. ``counted`` and ``difference`` are None when nobody counted; the difference is
    what all counts of the day found, and ``closing`` has it already.
    """

    number: int
    name: str
    kind: str
    on: date
    cashiers: tuple[str, ...]
    opening: Money
    received: Money
    paid_out: Money
    floats_in: Money
    floats_out: Money
    from_bank: Money
    to_bank: Money
    other: Money
    over_short: Money
    closing: Money
    counted: Money | None
    difference: Money | None
    limit: Money | None
    transfers: tuple[Transfer, ...]
    lines: tuple[SheetLine, ...]

    @property
    def expected(self) -> Money:
        """What the books said before the counts of the day."""
        return self.closing - self.over_short

    @property
    def moved(self) -> Money:
        """Floats, bank and other money, netted: what moved beside clients and counts."""
        return self.closing - self.opening - self.received + self.paid_out - self.over_short

    @property
    def too_much(self) -> bool:
        """Whether the drawer ended the day above what it may hold."""
        return self.limit is not None and self.closing > self.limit


def till_sheet(session: Session, till_id: int, on: date) -> TillSheet:
    """Give the report of one drawer, till or vault, for a day by booked date.

    raises   NotFoundError
    """
    till = get_row(session, Till, till_id, "till")
    lines = _lines(session, till, on)
    opening, closing = till_cash(session, till, on - timedelta(days=1)), till_cash(session, till, on)
    by_group = {group: [line.amount for line in lines if line.group == group] for group in _ALL}
    known = total(amount for group in (CLIENTS, DRAWERS, BANK, DIFFERENCE) for amount in by_group[group])
    counts = counts_of(session, till_id, on)
    return TillSheet(
        number=till.number,
        name=till.name,
        kind=till.kind,
        on=on,
        cashiers=tuple(_name(session, user_id) for user_id in cashiers_on(session, till_id, on)),
        opening=opening,
        received=_in(by_group[CLIENTS]),
        paid_out=_out(by_group[CLIENTS]),
        floats_in=_in(by_group[DRAWERS]),
        floats_out=_out(by_group[DRAWERS]),
        from_bank=_in(by_group[BANK]),
        to_bank=_out(by_group[BANK]),
        other=closing - opening - known,
        over_short=total(by_group[DIFFERENCE]),
        closing=closing,
        counted=counts[-1].counted if counts else None,
        difference=total(count.counted - count.expected for count in counts) if counts else None,
        limit=cash_limit(session, till),
        transfers=_transfers(lines),
        lines=tuple(lines),
    )


_ALL: Final = (CLIENTS, DRAWERS, BANK, OTHER, TRANSFER, DIFFERENCE)


def office_sheets(session: Session, office_id: int, on: date) -> list[TillSheet]:
    """Give the reports of all drawers of an office that were in use or moved cash, vaults last."""
    tills = sorted(drawers_of(session, office_id), key=lambda till: (till.kind == "vault", till.number))
    sheets = [till_sheet(session, till.id, on) for till in tills]
    states = {till.number: till.state for till in tills}
    return [sheet for sheet in sheets if states[sheet.number] == "active" or sheet.lines or sheet.closing]


def branch_sheet(name: str, on: date, sheets: Sequence[TillSheet]) -> TillSheet:
    """Add the drawers of an office up to the report of the whole branch; floats between them cancel out."""
    counted = [sheet.counted for sheet in sheets if sheet.counted is not None]
    differences = [sheet.difference for sheet in sheets if sheet.difference is not None]
    lines = tuple(line for sheet in sheets for line in sheet.lines)
    return TillSheet(
        number=0,
        name=name,
        kind="branch",
        on=on,
        cashiers=(),
        opening=total(sheet.opening for sheet in sheets),
        received=total(sheet.received for sheet in sheets),
        paid_out=total(sheet.paid_out for sheet in sheets),
        floats_in=total(sheet.floats_in for sheet in sheets),
        floats_out=total(sheet.floats_out for sheet in sheets),
        from_bank=total(sheet.from_bank for sheet in sheets),
        to_bank=total(sheet.to_bank for sheet in sheets),
        other=total(sheet.other for sheet in sheets),
        over_short=total(sheet.over_short for sheet in sheets),
        closing=total(sheet.closing for sheet in sheets),
        counted=total(counted) if len(counted) == len(sheets) else None,
        difference=total(differences) if differences else None,
        limit=None,
        transfers=_transfers(lines),
        lines=lines,
    )


def _lines(session: Session, till: Till, on: date) -> list[SheetLine]:
    day = on.isoformat()
    rows = fetch(
        session,
        _LINES,
        till.id,
        day,
        till.id,
        day,
        till.id,
        till.id,
        till.id,
        day,
        Role.OVER_SHORT,
        till.id,
        day,
    )
    return [
        SheetLine(_group(row[1], row[3], row[7]), row[2], row[3], row[4], Money(row[5]), row[6], row[7])
        for row in rows
    ]


def _group(table: str, kind: str, way: str) -> str:
    if table == "clients":
        return TRANSFER if way else CLIENTS
    return _GROUPS[kind] if table == "cash" else table


def _transfers(lines: Iterable[SheetLine]) -> tuple[Transfer, ...]:
    moved = [line for line in lines if line.group == TRANSFER]
    return tuple(
        Transfer(
            way,
            _in(line.amount for line in moved if line.way == way),
            _out(line.amount for line in moved if line.way == way),
        )
        for way in sorted({line.way for line in moved})
    )


def _in(amounts: Iterable[Money]) -> Money:
    return total(amount for amount in amounts if amount > ZERO)


def _out(amounts: Iterable[Money]) -> Money:
    return -total(amount for amount in amounts if amount < ZERO)


def _name(session: Session, user_id: int) -> str:
    user = session.get(User, user_id)
    return user.full_name if user is not None else str(user_id)
