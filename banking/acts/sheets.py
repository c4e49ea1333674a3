"""Acts on collection sheets: printed, keyed, accepted, counted and posted, voided; and looked at."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Reader, Result, Values
from banking.acts.results import amount
from banking.errors import BadValueError
from banking.sheets import drafts
from banking.sheets.keyed import KeyedCell, KeyedLine, read_keyed
from banking.sheets.plan import plan_sheet
from banking.sheets.posting import post_sheet
from banking.sheets.sheets import find_sheet, get_sheet, print_sheet, void_sheet
from ledger.errors import NotFoundError
from ledger.money import Money
from schema.writing import act

_BRANCH: Final = (Place.BRANCH,)
_SHOWN: Final = 40
_CELL: Final = re.compile(r"([0-9]{1,6})/(\S{1,80})", re.ASCII)


def _sheet(session: Session, _field: str, given: str) -> int:
    found = find_sheet(session, given)
    if found is None or found.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="sheet", key=given[:_SHOWN])
    return found.id


def _cell(_session: Session, field: str, given: str) -> tuple[int, str]:
    found = _CELL.fullmatch(given)
    if found is None:
        raise BadValueError(field=field, given=given[:_SHOWN])
    return int(found[1]), found[2]


_SHEET: Final = Field("sheet", Reader("number of a sheet", _sheet), "number on the paper", required=True)


def _print(session: Session, values: Values) -> Result:
    plan = plan_sheet(
        session,
        center_id=values.maybe("center", int),
        group_id=values.maybe("group", int),
        meeting_on=values.one("meeting_on", date),
    )
    made = print_sheet(session, plan, act(session).recorded_at)
    return {"sheet": made.number, "meeting_on": made.meeting_on.isoformat(), "lines": made.lines}


def _key(session: Session, values: Values) -> Result:
    sheet_id, current = values.id("sheet"), act(session)
    for row in values.many("rows", Values):
        drafts.key_cell(
            session,
            sheet_id,
            row.one("line", int),
            row.one("slot", str),
            row.text("typed"),
            current.actor_id,
            current.recorded_at,
        )
    return _standing(session, sheet_id)


def _accept(session: Session, values: Values) -> Result:
    sheet_id, current = values.id("sheet"), act(session)
    drafts.accept_all_as_due(session, sheet_id, current.actor_id, current.recorded_at)
    return _standing(session, sheet_id)


def _post(session: Session, values: Values) -> Result:
    posted = post_sheet(
        session,
        values.id("sheet"),
        values.one("counted", Money),
        values.id("till"),
        approved_by_id=values.second_id,
        confirmed=values.many("confirmed", tuple),
        beside=values.text("beside"),
    )
    return {
        "sheet": posted.sheet.number,
        "state": posted.sheet.state,
        "value_date": posted.value_date.isoformat(),
        "cash_in": amount(session, posted.cash_in),
        "cash_out": amount(session, posted.cash_out),
        "receipts": [
            {
                "line": one.line,
                "slot": one.slot,
                "name": one.name,
                "amount": amount(session, one.amount),
                "receipt": one.receipt,
            }
            for one in posted.postings
        ],
    }


def _void(session: Session, values: Values) -> Result:
    gone = void_sheet(session, values.id("sheet"), values.one("reason", str))
    return {"sheet": gone.number, "state": gone.state}


def _show(session: Session, values: Values) -> Result:
    sheet_id = values.id("sheet")
    keyed = read_keyed(session, sheet_id, act(session).business_date)
    return {
        **_standing(session, sheet_id),
        "meeting_on": keyed.sheet.meeting_on.isoformat(),
        "place": keyed.place,
        "lines": [_of_line(session, line) for line in keyed.lines],
    }


def _of_line(session: Session, line: KeyedLine) -> dict[str, object]:
    return {
        "line": line.line,
        "number": line.number,
        "name": line.name,
        "attendance": line.attendance,
        "cells": {slot: _of_cell(session, cell) for slot, cell in line.cells.items()},
    }


def _of_cell(session: Session, cell: KeyedCell) -> Mapping[str, object]:
    return {
        "account": cell.number,
        "printed": amount(session, cell.printed),
        "due": amount(session, cell.due),
        "balance": amount(session, cell.balance),
        "changed": cell.changed,
        "typed": cell.typed,
        "state": cell.state,
    }


def _standing(session: Session, sheet_id: int) -> dict[str, object]:
    """Tell how far a sheet is; its total is not told, so that the cash is counted before anybody knows it."""
    sheet = get_sheet(session, sheet_id)
    keyed = read_keyed(session, sheet_id, act(session).business_date)
    states = [cell.state for _, cell in keyed.cells()]
    return {
        "sheet": sheet.number,
        "state": sheet.state,
        "not_keyed": states.count("not_keyed"),
        "wrong": states.count("wrong"),
        "to_confirm": [f"{line}/{slot}" for line, slot in sorted(keyed.warned)],
    }


ACTS: Final = (
    Act(
        "sheet.print",
        "sheets.print",
        _BRANCH,
        "Give the sheet of a meeting its number and keep it as it is printed.",
        (
            Field("center", readers.center, "the center that meets"),
            Field("group", readers.group, "or the group that meets by itself"),
            Field("meeting_on", readers.day, "day of the meeting", required=True),
        ),
        _print,
    ),
    Act(
        "sheet.show",
        "clients.see",
        _BRANCH,
        "Tell what is due and what is keyed on a sheet.",
        (_SHEET,),
        _show,
    ),
    Act(
        "sheet.key",
        "money.post",
        _BRANCH,
        "Key cells of a sheet; nothing is posted.",
        (
            _SHEET,
            Field(
                "rows",
                None,
                "the cells, as they are typed",
                required=True,
                rows=(
                    Field("line", readers.count, "number of the row on the paper", required=True),
                    Field("slot", readers.text, "the column, or attendance", required=True),
                    Field("typed", readers.text, "the amount, or P, LP, A or L; nothing clears the cell"),
                ),
            ),
        ),
        _key,
    ),
    Act(
        "sheet.accept",
        "money.post",
        _BRANCH,
        "Key what is due into every cell of a sheet that is not keyed.",
        (_SHEET,),
        _accept,
    ),
    Act(
        "sheet.post",
        "money.post",
        _BRANCH,
        "Post a sheet whole, when the cash that was counted is what was keyed.",
        (
            _SHEET,
            Field("counted", readers.any_money, "cash counted: money in less money out", required=True),
            Field("till", readers.till, "the till that takes and gives the cash", required=True),
            Field(
                "confirmed",
                Reader("row/column", _cell),
                "a cell whose amount is unusual and right, such as 3/loan:WEEKLY:1",
                many=True,
            ),
            Field("beside", readers.text, "number of the sheet of the same meeting that is posted already"),
        ),
        _post,
    ),
    Act(
        "sheet.void",
        "money.post",
        _BRANCH,
        "Void a sheet that will not be keyed; its number is not used again.",
        (_SHEET, Field("reason", readers.text, "why", required=True)),
        _void,
    ),
)
