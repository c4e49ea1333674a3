"""Numbered sheets: printed and kept as they were printed, found again, voided."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.numbers import DIGITS, next_number
from banking.rows import get_row
from banking.sheets.columns import Column, in_order, title_of
from banking.sheets.errors import NobodyToMeetError, SheetClosedError
from banking.sheets.plan import Cell, SheetLineOf, SheetPlan
from banking.text import LONGEST_NOTE, require
from ledger.money import ZERO
from schema.accounts import LoanAccount, SavingsAccount
from schema.database import remove, upsert
from schema.meetings import CollectionSheet, SheetCell, SheetLine
from schema.people import Center, Client, Group, Staff
from schema.products import LoanProduct, SavingsProduct
from schema.writing import insert, update

PRINTED, POSTED, VOID = "printed", "posted", "void"
STATES = (PRINTED, POSTED, VOID)
_LAST_DIGITS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


def print_sheet(session: Session, plan: SheetPlan, as_at: datetime) -> CollectionSheet:
    """Give a plan its number, gap-free in the branch, and keep its cells as they are on paper.

    as_at    the instant of the figures
    raises   NobodyToMeetError for a plan without lines
    """
    if not plan.lines:
        raise NobodyToMeetError(place=plan.place)
    sheet = CollectionSheet(
        number=next_number(session, CollectionSheet),
        center_id=plan.center_id,
        group_id=plan.group_id,
        officer_id=plan.officer_id,
        meeting_on=plan.meeting_on,
        as_at=as_at,
        lines=len(plan.lines),
    )
    insert(session, sheet)
    rows = [row for line in plan.lines for row in _rows_of(sheet.id, line)]
    upsert(session, cast("Any", SheetLine.__table__), rows)
    return sheet


def _rows_of(sheet_id: int, line: SheetLineOf) -> list[dict[str, object]]:
    shared = {"sheet_id": sheet_id, "line": line.line, "client_id": line.client_id}
    if not line.cells:
        return [{**shared, "slot": "", "kind": "", "account_id": None, "due": 0, "balance": 0}]
    return [
        {
            **shared,
            "slot": cell.slot,
            "kind": cell.kind,
            "account_id": cell.account_id,
            "due": cell.due.minor,
            "balance": cell.balance.minor,
        }
        for cell in line.cells.values()
    ]


# --- finding --------------------------------------------------------------------------------------


def get_sheet(session: Session, sheet_id: int) -> CollectionSheet:
    """Give a sheet by its id.

    raises   NotFoundError
    """
    return get_row(session, CollectionSheet, sheet_id, "sheet")


def find_sheet(session: Session, number: str) -> CollectionSheet | None:
    """Find a sheet by the number on its paper; capitals do not count, and the last digits are enough."""
    wanted = number.strip().upper()
    exact = select(CollectionSheet).where(CollectionSheet.number == wanted)
    found = session.scalars(exact.limit(1)).first()
    if found is None and _LAST_DIGITS.fullmatch(wanted):
        short = select(CollectionSheet).where(CollectionSheet.number.like(f"%-SH-{wanted:0>{DIGITS}}"))
        found = session.scalars(short.limit(1)).first()
    return found


def list_sheets(
    session: Session, office_id: int, state: str | None = None, on: date | None = None
) -> list[CollectionSheet]:
    """List the sheets of an office, newest first: of one state, of meetings of one day."""
    wanted = select(CollectionSheet).where(CollectionSheet.origin_office_id == office_id)
    if state is not None:
        wanted = wanted.where(CollectionSheet.state == state)
    if on is not None:
        wanted = wanted.where(CollectionSheet.meeting_on == on)
    return list(session.scalars(wanted.order_by(CollectionSheet.number.desc())))


def sheets_of_day(session: Session, office_id: int, on: date) -> list[CollectionSheet]:
    """List the sheets of the meetings of a day that are not void, in the order of their numbers."""
    return [sheet for sheet in reversed(list_sheets(session, office_id, on=on)) if sheet.state != VOID]


def latest_sheet_for(
    session: Session, *, center_id: int | None = None, group_id: int | None = None, meeting_on: date
) -> CollectionSheet | None:
    """Find the newest sheet of a meeting that is not void; an open one goes before a posted one."""
    wanted = select(CollectionSheet).where(
        CollectionSheet.center_id == center_id,
        CollectionSheet.group_id == group_id,
        CollectionSheet.meeting_on == meeting_on,
        CollectionSheet.state != VOID,
    )
    return session.scalars(
        wanted.order_by(CollectionSheet.state.desc(), CollectionSheet.number.desc())
    ).first()


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A sheet with a draft that is not posted: ``cells`` were keyed, the last at ``keyed_at``."""

    sheet: CollectionSheet
    place: str
    cells: int
    keyed_at: datetime


def open_drafts(session: Session, office_id: int) -> list[OpenDraft]:
    """List the sheets with keyed cells that are not posted, oldest meeting first: they block day close."""
    keyed: dict[int, list[datetime]] = {}
    for sheet_id, at in session.execute(select(SheetCell.sheet_id, SheetCell.at)):
        keyed.setdefault(sheet_id, []).append(at)
    found = [
        OpenDraft(sheet, place_of(session, sheet), len(keyed[sheet.id]), max(keyed[sheet.id]))
        for sheet in list_sheets(session, office_id, state=PRINTED)
        if sheet.id in keyed
    ]
    return sorted(found, key=lambda draft: (draft.sheet.meeting_on, draft.sheet.number))


def place_of(session: Session, sheet: CollectionSheet) -> str:
    """Give the name of the center or group that a sheet is of."""
    if sheet.center_id is not None:
        return session.get_one(Center, sheet.center_id).name
    assert sheet.group_id is not None
    return session.get_one(Group, sheet.group_id).name


# --- as printed -----------------------------------------------------------------------------------


def printed_lines(session: Session, sheet_id: int) -> list[SheetLine]:
    """List the cells of a sheet as they were printed, row by row."""
    wanted = select(SheetLine).where(SheetLine.sheet_id == sheet_id)
    return list(session.scalars(wanted.order_by(SheetLine.line, SheetLine.slot)))


def printed_plan(session: Session, sheet_id: int) -> SheetPlan:
    """Give a sheet as it was printed, for a reprint: its figures then, names and numbers as they are now.

    Which part of a due was overdue is not kept: ``overdue`` is zero in every cell.

    raises   NotFoundError
    """
    sheet = get_sheet(session, sheet_id)
    rows = printed_lines(session, sheet_id)
    officer = session.get(Staff, sheet.officer_id) if sheet.officer_id is not None else None
    owners = _owners(session, sorted({row.client_id for row in rows}))
    accounts = _account_names(session, rows)
    lines: dict[int, SheetLineOf] = {}
    cells: dict[int, dict[str, Cell]] = {}
    columns: dict[str, Column] = {}
    for row in rows:
        name, number, group, is_group = owners[row.client_id]
        own = cells.setdefault(row.line, {})
        lines[row.line] = SheetLineOf(row.line, row.client_id, name, number, own, group, is_group)
        if row.account_id is None:
            continue
        account_number, product = accounts[row.account_id]
        columns.setdefault(row.slot, Column(row.slot, row.kind, title_of(row.kind, product, row.slot)))
        own[row.slot] = Cell(row.slot, row.kind, row.account_id, account_number, row.due, ZERO, row.balance)
    ordered = in_order(list(columns.values()))
    _sort_cells(cells, ordered)
    return SheetPlan(
        sheet.center_id,
        sheet.group_id,
        place_of(session, sheet),
        sheet.officer_id,
        officer.name if officer is not None else "",
        sheet.meeting_on,
        ordered,
        tuple(lines.values()),
    )


def _sort_cells(cells: Mapping[int, dict[str, Cell]], ordered: Sequence[Column]) -> None:
    """Put the cells of every line in the order of the columns."""
    for own in cells.values():
        sorted_cells = {column.slot: own[column.slot] for column in ordered if column.slot in own}
        own.clear()
        own.update(sorted_cells)


def _owners(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str, str, bool]]:
    """Give name, number, group's name, and whether it is a group, of everybody on a sheet."""
    found: dict[int, tuple[str, str, str, bool]] = {}
    clients = (
        select(Client, Group.name).outerjoin(Group, Group.id == Client.group_id).where(Client.id.in_(ids))
    )
    for client, group in session.execute(clients):
        name = f"{client.given_name} {client.name}".strip()
        found[client.id] = (name, client.number, group or "", False)
    for one in session.scalars(select(Group).where(Group.id.in_(ids))):
        found[one.id] = (one.name, one.number, one.name, True)
    return found


def _account_names(session: Session, rows: Sequence[SheetLine]) -> dict[int, tuple[str, str]]:
    """Give number and product of every account on a sheet."""
    ids = sorted({row.account_id for row in rows if row.account_id is not None})
    loans = select(LoanAccount.id, LoanAccount.number, LoanProduct.name).join(
        LoanProduct, LoanProduct.id == LoanAccount.product_id
    )
    savings = select(SavingsAccount.id, SavingsAccount.number, SavingsProduct.name).join(
        SavingsProduct, SavingsProduct.id == SavingsAccount.product_id
    )
    found: dict[int, tuple[str, str]] = {}
    for account_id, number, product in session.execute(loans.where(LoanAccount.id.in_(ids))):
        found[account_id] = (number, product)
    for account_id, number, product in session.execute(savings.where(SavingsAccount.id.in_(ids))):
        found[account_id] = (number, product)
    return found


# --- voiding --------------------------------------------------------------------------------------


def require_open(session: Session, sheet_id: int) -> CollectionSheet:
    """Give a sheet that can be keyed.

    raises   NotFoundError; SheetClosedError for one that is posted or void
    """
    sheet = get_sheet(session, sheet_id)
    if sheet.state != PRINTED:
        raise SheetClosedError(number=sheet.number, state=sheet.state)
    return sheet


def void_sheet(session: Session, sheet_id: int, reason: str) -> CollectionSheet:
    """Void a sheet that will not be keyed; its number is never used again, and its draft is let go.

    raises   NotFoundError, SheetClosedError; MissingError without a reason
    """
    sheet = require_open(session, sheet_id)
    why = require(reason, "reason", LONGEST_NOTE)
    update(session, sheet, state=VOID, reason=why)
    drop_cells(session, sheet_id)
    return sheet


def drop_cells(session: Session, sheet_id: int) -> None:
    """Let go of everything that was keyed on a sheet."""
    remove(session, cast("Any", SheetCell.__table__), sheet_id=sheet_id)
