"""Posting a sheet: everything that was keyed, in one unit of work, or nothing."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking.booking_day import booked_on
from banking.cash_errors import TillCashError
from banking.disbursements import disburse
from banking.errors import (
    BadSecondPersonError,
    NotYourTillError,
    SecondPersonNeededError,
    TillClosedError,
)
from banking.repayments import post_repayment
from banking.savings import deposit, withdraw
from banking.sheets.attendance import write_attendance
from banking.sheets.columns import CHARGE, DISBURSEMENT, LOAN, SAVINGS, WITHDRAWAL, Column
from banking.sheets.errors import (
    ControlTotalError,
    DraftChangedError,
    MeetingPostedError,
    NotKeyedError,
    PayoutChangedError,
    WrongCellError,
)
from banking.sheets.fines import post_fine
from banking.sheets.keyed import NOT_KEYED, WRONG, KeyedCell, KeyedLine, KeyedSheet, read_keyed
from banking.sheets.sheets import POSTED, drop_cells, require_open
from ledger.errors import ClosedPeriodError, NotFoundError, RuleError
from ledger.money import Money
from schema.meetings import CollectionSheet
from schema.reading import fetch_one
from schema.writing import act, cut_when_full, update

_OF_ALL = (SecondPersonNeededError, BadSecondPersonError, TillCashError, TillClosedError, NotYourTillError)
"""Refusals that are not about one row: they go to the clerk as they are."""

NOBODY: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Posting:
    """What was booked of one cell, with the number on its receipt; minor units, as they were keyed."""

    line: int
    slot: str
    kind: str
    name: str
    amount: Money
    receipt: str


@dataclass(frozen=True, slots=True)
class PostedSheet:
    """What a sheet became in the books."""

    sheet: CollectionSheet
    meeting_id: int
    value_date: date
    cash_in: Money
    cash_out: Money
    postings: tuple[Posting, ...]


def post_sheet(
    session: Session,
    sheet_id: int,
    counted: Money,
    till_id: int,
    *,
    approved_by_id: int | None = None,
    confirmed: Collection[tuple[int, str]] = NOBODY,
    beside: str = "",
    seen: str = "",
) -> PostedSheet:
    """Book everything that is keyed on a sheet, each amount with its receipt, and who came.

    What was paid in is booked before what is paid out, so that the drawer holds it. A cell with 0 makes no
    movement. It counts on the day of the meeting, or today where that lies ahead or in a closed period. That
    a due changed since printing refuses nothing: ``read_keyed`` flags it. The draft goes with the posting.

    counted    the cash that came back, as it was counted: money in less money out, or below zero
    confirmed  line and slot of the cells whose warning somebody confirmed
    beside     number of the sheet of the same meeting that is posted already, where there is one: said by who
               knows that this is other money
    seen       fingerprint of the draft that somebody looked at before; empty: nobody did
    raises     NotFoundError, SheetClosedError, MeetingPostedError, NotKeyedError, ControlTotalError;
               DraftChangedError when the draft is no longer the one that was seen;
               WrongCellError for a row that is wrong or not confirmed; SecondPersonNeededError,
               BadSecondPersonError, TillCashError, TillClosedError, NotYourTillError, CancelledMeetingError,
               PayoutChangedError; nothing was written then
    """
    sheet, current = require_open(session, sheet_id), act(session)
    if sheet.origin_office_id != current.office_id:
        raise NotFoundError(kind="sheet", key=sheet_id)
    keyed = read_keyed(session, sheet_id, current.business_date)
    if seen and seen != keyed.fingerprint:
        raise DraftChangedError(number=sheet.number)
    _require_postable(keyed, counted, confirmed)
    _require_first(session, sheet, beside)
    on = _value_date(session, sheet)
    current.sheet_id = sheet_id
    try:
        meeting = write_attendance(session, keyed)
        postings = tuple(_post_all(session, keyed, on, till_id, approved_by_id))
        update(
            session,
            sheet,
            state=POSTED,
            cash_counted=counted,
            posted_on=current.business_date,
            posted_at=current.recorded_at,
        )
    finally:
        current.sheet_id = None
    drop_cells(session, sheet_id)
    return PostedSheet(sheet, meeting.id, on, keyed.cash_in, keyed.cash_out, postings)


def _require_postable(keyed: KeyedSheet, counted: Money, confirmed: Collection[tuple[int, str]]) -> None:
    """Refuse a sheet that is not keyed whole, has a wrong row, or does not agree with the cash.

    raises   NotKeyedError, WrongCellError, ControlTotalError
    """
    if blank := keyed.in_state(NOT_KEYED):
        raise NotKeyedError(number=keyed.sheet.number, count=len(blank), line=blank[0][0].line)
    for line, cell in keyed.in_state(WRONG):
        assert cell.refusal is not None
        raise WrongCellError(line.line, line.name, cell.refusal)
    for line in keyed.lines:
        for cell in line.cells.values():
            if cell.warning is not None and (line.line, cell.slot) not in confirmed:
                raise WrongCellError(line.line, line.name, cell.warning)
    if counted != keyed.total:
        difference = counted - keyed.total
        raise ControlTotalError(counted=counted, total=keyed.total, difference=difference)


_POSTED_BEFORE = """
SELECT s.number FROM collection_sheet AS s
 WHERE s.origin_office_id = ? AND s.meeting_on = ? AND s.state = 'posted' AND EXISTS (
       SELECT 1 FROM sheet_line AS a JOIN sheet_line AS b ON b.client_id = a.client_id
        WHERE a.sheet_id = s.id AND b.sheet_id = ?)
 ORDER BY s.number DESC LIMIT 1
"""


def _require_first(session: Session, sheet: CollectionSheet, beside: str) -> None:
    """Refuse a second sheet of a meeting that shares people with a posted one, unless that one is named.

    raises   MeetingPostedError
    """
    row = fetch_one(session, _POSTED_BEFORE, sheet.origin_office_id, sheet.meeting_on.isoformat(), sheet.id)
    if row is not None and beside.strip().upper() != row[0]:
        raise MeetingPostedError(number=sheet.number, other=row[0])


def _value_date(session: Session, sheet: CollectionSheet) -> date:
    today = act(session).business_date
    if sheet.meeting_on >= today:
        return today
    try:
        booked_on(session, sheet.meeting_on)
    except ClosedPeriodError:
        return today
    return sheet.meeting_on


def _post_all(
    session: Session, keyed: KeyedSheet, on: date, till_id: int, approved_by_id: int | None
) -> Iterator[Posting]:
    desk = _Desk(session, on, till_id, approved_by_id)
    for pays_out in (False, True):
        columns = [column for column in keyed.columns if column.pays_out is pays_out]
        for line in keyed.lines:
            yield from _post_line(desk, line, columns)
            cut_when_full(session)


def _post_line(desk: "_Desk", line: KeyedLine, columns: list[Column]) -> Iterator[Posting]:
    for column in columns:
        cell = line.cells.get(column.slot)
        if cell is None or not cell.amount:
            continue
        with _told_of(line):
            receipt = desk.post(cell, cell.amount)
        yield Posting(line.line, cell.slot, cell.kind, line.name, cell.amount, receipt)


@contextmanager
def _told_of(line: KeyedLine) -> Iterator[None]:
    """Say in which row a rule said no."""
    try:
        yield
    except _OF_ALL:
        raise
    except RuleError as refusal:
        raise WrongCellError(line.line, line.name, refusal) from refusal


class _Desk:
    """Books one amount after the other from the same drawer, on the same day."""

    def __init__(self, session: Session, on: date, till_id: int, approved_by_id: int | None) -> None:
        self.session = session
        self.on = on
        self.till_id = till_id
        self.approved_by_id = approved_by_id

    def post(self, cell: KeyedCell, amount: Money) -> str:
        """Book a cell by the rule of its kind; gives the receipt."""
        session, on, till_id = self.session, self.on, self.till_id
        if cell.kind == LOAN:
            return post_repayment(session, cell.account_id, amount, on, till_id=till_id).receipt
        if cell.kind == SAVINGS:
            return deposit(session, cell.account_id, amount, on, till_id=till_id).receipt
        if cell.kind == CHARGE:
            return post_fine(session, cell.account_id, amount, on, till_id=till_id)
        second = self.approved_by_id
        if cell.kind == WITHDRAWAL:
            taken = withdraw(session, cell.account_id, amount, on, till_id=till_id, approved_by_id=second)
            return taken.receipt
        assert cell.kind == DISBURSEMENT, cell.kind
        paid = disburse(session, cell.account_id, on, till_id=till_id, approved_by_id=second)
        handed_over = paid.amount - paid.fee - paid.penalty
        if handed_over != amount:
            raise PayoutChangedError(booked=handed_over, keyed=amount)
        return paid.receipt
