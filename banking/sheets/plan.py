"""Who owes what at a meeting: the rows and columns of a collection sheet, as they would be printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import OneOwnerError
from banking.rows import get_row
from banking.sheets.columns import (
    CHARGE,
    DISBURSEMENT,
    FINE,
    LOAN,
    SAVINGS,
    WITHDRAWAL,
    Column,
    in_order,
    slot_of,
    title_of,
)
from banking.sheets.figures import Figure, loan_figures, marks, payout_figures, savings_figures
from ledger.money import ZERO, Money
from schema.people import Center, Client, Group, Staff
from schema.reading import fetch

__all__ = ["Cell", "Column", "SheetLineOf", "SheetPlan", "plan_sheet"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one account of a member expects; minor units.

    due      to be paid on the day, what is overdue included; of a disbursement the cash to hand over
    overdue  the part of ``due`` that fell due before
    balance  what is owed in all, what is saved, or the principal that is paid out
    """

    slot: str
    kind: str
    account_id: int
    number: str
    due: Money
    overdue: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class SheetLineOf:
    """A member in the order of the paper; ``line`` counts from 1.

    ``client_id`` is the group's id on the line of a group's own accounts (``is_group``). ``group`` is the
    name of the group, for headings between the groups of a center.
    """

    line: int
    client_id: int
    name: str
    number: str
    cells: Mapping[str, Cell]
    group: str = ""
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """A sheet before it has a number. ``place`` names the center or group; ``officer`` may be empty."""

    center_id: int | None
    group_id: int | None
    place: str
    officer_id: int | None
    officer: str
    meeting_on: date
    columns: tuple[Column, ...]
    lines: tuple[SheetLineOf, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """A member of a group, or the group itself: one line of a sheet."""

    id: int
    name: str
    number: str
    group: str
    is_group: bool = False
    is_active: bool = True


@dataclass(slots=True)
class _Account:
    """A column that an account has on its owner's line."""

    kind: str
    code: str
    product: str
    cell: Figure = field(repr=False)


def plan_sheet(
    session: Session, *, center_id: int | None = None, group_id: int | None = None, meeting_on: date
) -> SheetPlan:
    """Find what the members of a center or a group pay at a meeting.

    Groups stand by number, members by number in each, after them the group itself if it has accounts; a group
    with a schedule of its own is not on the sheet of its center, but on its own. Shown
    are running loans on which something is owed, active savings but fixed terms, approved loans that are paid
    out whole, and a fine for whoever has an account. Loans that replace others, tranches, credit lines and
    loans with a down payment are paid out at the counter.

    meeting_on  any day: dues are those of that day, net of what is paid until now
    raises      OneOwnerError unless exactly one of the two is given; NotFoundError
    """
    if (center_id is None) == (group_id is None):
        raise OneOwnerError
    place: Center | Group
    if center_id is not None:
        place = get_row(session, Center, center_id, "center")
        by_themselves = Group.meeting_weekday.is_not(None) | Group.first_meeting_on.is_not(None)
        with_it = select(Group).where(Group.center_id == center_id, ~by_themselves)
        groups = list(session.scalars(with_it))
    else:
        assert group_id is not None
        place = get_row(session, Group, group_id, "group")
        groups = [place]
    officer_id = place.officer_id or _officer_of_center(session, place)
    officer = session.get(Staff, officer_id) if officer_id is not None else None
    owners = _owners(session, sorted(groups, key=lambda group: (group.number, group.id)))
    lines, columns = _lines(owners, _accounts(session, owners, place.origin_office_id, meeting_on))
    return SheetPlan(
        center_id,
        group_id,
        place.name,
        officer_id,
        officer.name if officer is not None else "",
        meeting_on,
        columns,
        lines,
    )


def _officer_of_center(session: Session, place: Center | Group) -> int | None:
    if isinstance(place, Group) and place.center_id is not None:
        return session.get_one(Center, place.center_id).officer_id
    return None


def _owners(session: Session, groups: Sequence[Group]) -> list[Owner]:
    members = select(Client).where(Client.group_id.in_([group.id for group in groups]))
    by_group: dict[int | None, list[Client]] = {}
    for client in session.scalars(members.order_by(Client.number, Client.id)):
        by_group.setdefault(client.group_id, []).append(client)
    owners = []
    for group in groups:
        owners += [
            Owner(
                client.id,
                f"{client.given_name} {client.name}".strip(),
                client.number,
                group.name,
                is_active=client.state == "active",
            )
            for client in by_group.get(group.id, [])
        ]
        owners.append(Owner(group.id, group.name, group.number, group.name, is_group=True))
    return owners


# --- accounts -------------------------------------------------------------------------------------

_LOAN_IDS = """
SELECT l.id FROM loan_account AS l JOIN loan_product AS p ON p.id = l.product_id
 WHERE (l.client_id IN ({marks}) OR l.group_id IN ({marks})) AND l.origin_office_id = ?
   AND l.status = 'active'
 ORDER BY l.number, l.id
"""

_PAYOUT_IDS = """
SELECT l.id FROM loan_account AS l JOIN loan_product AS p ON p.id = l.product_id
 WHERE (l.client_id IN ({marks}) OR l.group_id IN ({marks})) AND l.origin_office_id = ?
   AND l.status = 'approved' AND l.replaces_id IS NULL AND p.kind <> 'credit_line'
   AND p.most_tranches = 0 AND (p.auto_down_payment = 0 OR p.down_payment_percent IS NULL)
 ORDER BY l.number, l.id
"""

_SAVINGS_IDS = """
SELECT a.id FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
 WHERE (a.client_id IN ({marks}) OR a.group_id IN ({marks})) AND a.origin_office_id = ?
   AND a.status = 'active' AND p.kind <> 'fixed'
 ORDER BY a.number, a.id
"""


def _accounts(
    session: Session, owners: Sequence[Owner], office_id: int, on: date
) -> dict[int, list[_Account]]:
    """Give the accounts of each owner, as they stand in columns from left to right."""
    ids = [owner.id for owner in owners]

    def wanted(statement: str) -> list[int]:
        rows = fetch(session, statement.format(marks=marks(ids)), *ids, *ids, office_id) if ids else []
        return [row[0] for row in rows]

    loan_ids, savings_ids, payout_ids = wanted(_LOAN_IDS), wanted(_SAVINGS_IDS), wanted(_PAYOUT_IDS)
    loans = loan_figures(session, loan_ids, on)
    savings = savings_figures(session, savings_ids, on)
    payouts = payout_figures(session, payout_ids, on)
    found: dict[int, list[_Account]] = {}

    def put(kind: str, figure: Figure) -> None:
        code = "" if kind == DISBURSEMENT else figure.code
        found.setdefault(figure.owner_id, []).append(_Account(kind, code, figure.product, figure))

    for loan_id in loan_ids:
        if loans[loan_id].is_open:
            put(LOAN, loans[loan_id])
    for account_id in savings_ids:
        put(SAVINGS, savings[account_id])
        if savings[account_id].takes_out:
            put(WITHDRAWAL, savings[account_id])
    for loan_id in payout_ids:
        put(DISBURSEMENT, payouts[loan_id])
    return found


def _lines(
    owners: Sequence[Owner], accounts: Mapping[int, Sequence[_Account]]
) -> tuple[tuple[SheetLineOf, ...], tuple[Column, ...]]:
    lines: list[SheetLineOf] = []
    columns: dict[str, Column] = {}
    for owner in owners:
        cells: dict[str, Cell] = {}
        seen: dict[tuple[str, str], int] = {}
        for one in accounts.get(owner.id, ()):
            number = seen[one.kind, one.code] = seen.get((one.kind, one.code), 0) + 1
            slot = slot_of(one.kind, one.code, number)
            columns.setdefault(slot, Column(slot, one.kind, title_of(one.kind, one.product, slot)))
            cells[slot] = _cell(slot, one.kind, one.cell)
        if not cells and (owner.is_group or not owner.is_active):
            continue
        bearer = _bearer_of_fines(cells) if not owner.is_group else None
        if bearer is not None:
            cells[FINE] = Cell(FINE, CHARGE, bearer.account_id, bearer.number, ZERO, ZERO, ZERO)
            columns.setdefault(FINE, Column(FINE, CHARGE, title_of(CHARGE, "", FINE)))
        lines.append(
            SheetLineOf(
                len(lines) + 1, owner.id, owner.name, owner.number, cells, owner.group, owner.is_group
            )
        )
    return tuple(lines), in_order(list(columns.values()))


def _cell(slot: str, kind: str, figure: Figure) -> Cell:
    nothing = kind == WITHDRAWAL
    return Cell(
        slot,
        kind,
        figure.account_id,
        figure.number,
        ZERO if nothing else figure.due,
        ZERO if nothing else figure.overdue,
        figure.balance,
    )


def _bearer_of_fines(cells: Mapping[str, Cell]) -> Cell | None:
    """Give the account under which a fine is written: the first loan, else the first savings."""
    for kind in (LOAN, SAVINGS):
        for cell in cells.values():
            if cell.kind == kind:
                return cell
    return None
