"""Acts of drawers and the vault: tills, cashiers, counts, movements, and the till report."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking import tills
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Run, Values
from banking.acts.results import amount
from banking.cash import create_till
from banking.cash_counts import CHECK, MOMENTS, Counted, count_till
from banking.till_cash import TILL, VAULT, get_till, holding
from banking.till_sheets import TillSheet, branch_sheet, office_sheets, till_sheet
from banking.vault import OPPOSITE, CashMove, move_cash, reverse_move
from ledger.denominations import DENOMINATIONS
from ledger.money import Money
from schema.accounting import Till
from schema.cash import CashierAssignment, CashMovement
from schema.people import User
from schema.writing import act

_AT: Final = (Place.BRANCH, Place.HEAD_OFFICE)
TILL_FIELD: Final = Field("till", readers.till, "number of the till", required=True)
ON: Final = Field("on", readers.day, "the day; default: the open business day")
PIECES: Final = Field("pieces", readers.text, "denominations in major units: 1000x12 500x3 coins=45.50")
REASON: Final = Field("reason", readers.text, "why", required=True)


def _of_till(session: Session, till: Till) -> Result:
    now = holding(session, till)
    return {
        "till": till.number,
        "name": till.name,
        "kind": till.kind,
        "state": till.state,
        "held": amount(session, now.held),
        "limit": amount(session, now.limit),
        "too_much": now.too_much,
    }


def _create(session: Session, values: Values) -> Result:
    made = create_till(
        session,
        number=values.maybe("number", int),
        name=values.text("name"),
        gl_account_id=values.maybe("gl_account", int),
        kind=values.maybe("kind", str) or TILL,
        cash_limit=values.money("cash_limit"),
    )
    return _of_till(session, made)


def _retire(session: Session, values: Values) -> Result:
    tills.retire_till(session, values.id("till"))
    return _of_till(session, get_till(session, values.id("till")))


def _limit(session: Session, values: Values) -> Result:
    return _of_till(session, tills.set_cash_limit(session, values.id("till"), values.money("cash_limit")))


def _of_assignment(session: Session, assigned: CashierAssignment) -> Result:
    return {
        "till": session.get_one(Till, assigned.till_id).number,
        "user": session.get_one(User, assigned.user_id).username,
        "from": assigned.from_date.isoformat(),
        "until": None if assigned.until is None else assigned.until.isoformat(),
    }


def _assign(session: Session, values: Values) -> Result:
    first, last = values.maybe("from", date) or act(session).business_date, values.maybe("until", date)
    assigned = tills.assign_cashier(session, values.id("till"), values.id("user"), first, last)
    return _of_assignment(session, assigned)


def _unassign(session: Session, values: Values) -> Result:
    return _of_assignment(
        session, tills.end_assignment(session, values.id("till"), values.day(session, "until"))
    )


def _count(session: Session, values: Values) -> Result:
    counted = count_till(
        session,
        values.id("till"),
        Counted(amount=values.money("amount"), pieces=values.text("pieces")),
        values.day(session),
        moment=values.maybe("moment", str) or CHECK,
        reason=values.text("reason"),
        seen_by_id=values.second_id,
    )
    return {
        "count": str(counted.id),
        "till": get_till(session, counted.till_id).number,
        "counted": amount(session, counted.counted),
        "expected": amount(session, counted.expected),
        "difference": amount(session, counted.counted - counted.expected),
    }


def _of_movement(session: Session, moved: CashMovement) -> Result:
    ends = {
        name: None if till_id is None else session.get_one(Till, till_id)
        for name, till_id in (("from", moved.from_till_id), ("to", moved.to_till_id))
    }
    warned = [end.number for end in ends.values() if end is not None and holding(session, end).too_much]
    return {
        "movement": str(moved.id),
        "kind": moved.kind,
        "amount": amount(session, moved.amount),
        **{name: None if end is None else end.number for name, end in ends.items()},
        "entry": str(moved.journal_entry_id),
        "above_limit": warned,
    }


def _move(session: Session, values: Values) -> Result:
    wanted = CashMove(
        kind=values.text("kind"),
        amount=values.one("amount", Money),
        from_till_id=values.maybe("from", int),
        to_till_id=values.maybe("to", int),
        gl_code=values.text("gl_account"),
        pieces=values.text("pieces"),
        note=values.text("note"),
    )
    moved = move_cash(session, wanted, values.day(session), approved_by_id=values.second_id)
    return _of_movement(session, moved)


def _reverse(session: Session, values: Values) -> Result:
    back = reverse_move(
        session,
        values.id("movement"),
        reason=values.text("reason"),
        on=values.day(session),
        approved_by_id=values.second_id,
    )
    return _of_movement(session, back)


def of_sheet(session: Session, sheet: TillSheet) -> dict[str, object]:
    """Tell a till report, amounts in major units; its lines are not among it."""
    figures = (
        "opening",
        "received",
        "paid_out",
        "floats_in",
        "floats_out",
        "from_bank",
        "to_bank",
        "other",
        "over_short",
        "expected",
        "closing",
        "counted",
        "difference",
        "limit",
    )
    return {
        "till": sheet.number,
        "name": sheet.name,
        "kind": sheet.kind,
        "on": sheet.on.isoformat(),
        "cashiers": list(sheet.cashiers),
        **{name: amount(session, getattr(sheet, name)) for name in figures},
        "transfers": [
            {
                "way": way.way,
                "received": amount(session, way.received),
                "paid_out": amount(session, way.paid_out),
            }
            for way in sheet.transfers
        ],
    }


def _sheet(session: Session, values: Values) -> Result:
    on = values.day(session)
    if "till" in values:
        blank = DENOMINATIONS.get(act(session).currency, ())
        return {**of_sheet(session, till_sheet(session, values.id("till"), on)), "denominations": list(blank)}
    sheets = office_sheets(session, act(session).office_id, on)
    whole = branch_sheet(act(session).office_code, on, sheets)
    return {**of_sheet(session, whole), "tills": [of_sheet(session, sheet) for sheet in sheets]}


def _act(name: str, permission: str, meaning: str, fields: tuple[Field, ...], run: Run) -> Act:
    return Act(name, permission, _AT, meaning, fields, run)


ACTS: Final = (
    _act(
        "till.create",
        "cash.assign",
        "Set up a cash drawer or the vault.",
        (
            Field("number", readers.count, "its number; default: the next one"),
            Field("name", readers.text, "its name"),
            Field("kind", readers.choice(TILL, VAULT), "default: till"),
            Field("gl_account", readers.gl_account, "default: “Cash in hand”, of a vault “Vault”"),
            Field("cash_limit", readers.money, "what it may hold; default: the office's limit"),
        ),
        _create,
    ),
    _act("till.retire", "cash.assign", "Take an empty till out of use.", (TILL_FIELD,), _retire),
    _act(
        "till.limit",
        "cash.assign",
        "Set what a till may hold.",
        (TILL_FIELD, Field("cash_limit", readers.any_money, "the limit; default: what the office's says")),
        _limit,
    ),
    _act(
        "till.assign",
        "cash.assign",
        "Make somebody answer for a till; nobody else works it then.",
        (
            TILL_FIELD,
            Field("user", readers.user, "who", required=True),
            Field("from", readers.day, "first day; default: the open business day"),
            Field("until", readers.day, "last day; default: until further notice"),
        ),
        _assign,
    ),
    _act(
        "till.unassign",
        "cash.assign",
        "Let the newest assignment of a till end.",
        (TILL_FIELD, Field("until", readers.day, "its last day; default: the open business day")),
        _unassign,
    ),
    _act(
        "till.count",
        "cash.move",
        "Count a drawer; a difference goes to over and short, with its reason.",
        (
            TILL_FIELD,
            PIECES,
            Field("amount", readers.any_money, "what was counted, without or beside the pieces"),
            Field("moment", readers.choice(*MOMENTS), "default: check"),
            Field("reason", readers.text, "of a difference"),
            ON,
        ),
        _count,
    ),
    _act(
        "till.sheet",
        "reports.see",
        "Show the till report of a day: one till's, or all tills' and the branch's.",
        (Field("till", readers.till, "number of the till; default: all"), ON),
        _sheet,
    ),
    _act(
        "cash.move",
        "cash.move",
        "Move cash: float, settle, handover, to and from the bank, pay an expense, receive other money.",
        (
            Field("kind", readers.choice(*OPPOSITE), "what is done", required=True),
            Field("amount", readers.money, "how much", required=True),
            Field("from", readers.till, "till that gives; for a float default: the vault"),
            Field("to", readers.till, "till that takes; for a settle default: the vault"),
            Field("gl_account", readers.text, "GL code of the bank, the expense or the income"),
            PIECES,
            ON,
            Field("note", readers.text, "what it is for; needed to pay and to receive"),
        ),
        _move,
    ),
    _act(
        "cash.reverse",
        "money.reverse",
        "Take a movement of cash back.",
        (
            Field("movement", readers.row_id(CashMovement, "cash movement"), "its id", required=True),
            REASON,
            ON,
        ),
        _reverse,
    ),
)
