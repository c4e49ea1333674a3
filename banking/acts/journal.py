"""Acts of the books: entries that people compose, frequent postings, transfers between offices."""

from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import frequent_postings, inter_branch
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Reader, Result, Run, Values
from banking.acts.results import amount
from banking.books import ManualLine, post_manual, require_amount, reverse_manual
from banking.errors import BadValueError, TwoPeopleAlwaysError
from banking.inter_branch import OfficeTransfer
from banking.inter_branch_matching import elimination, unmatched, unmatched_pairs
from banking.offices import is_head_office
from banking.opening_balances import post_opening_balances
from ledger.money import Money, parse_major
from schema.accounting import JournalEntry, JournalLine
from schema.cash import InterBranchLeg
from schema.reference import GLAccount, Office
from schema.writing import act

_HQ: Final = (Place.HQ,)
_OFFICES: Final = (Place.BRANCH, Place.HEAD_OFFICE)
ON: Final = Field("on", readers.day, "the day that it counts from; default: the open business day")
REASON: Final = Field("reason", readers.text, "why", required=True)


def _side(session: Session, field: str, text: str) -> tuple[str, Money]:
    code, sign, given = text.rpartition(":")
    if not sign or not code.strip():
        raise BadValueError(field=field, given=text[: readers.SHOWN])
    return code.strip(), require_amount(parse_major(given.strip(), act(session).digits))


SIDE: Final = Reader("GL code:amount", _side)
SIDES: Final = (
    Field("debit", SIDE, "account and amount, such as 5320:300.00", many=True),
    Field("credit", SIDE, "account and amount, such as 1130:300.00", many=True),
)


def _lines(values: Values) -> list[ManualLine]:
    debits = [ManualLine(code, debit=given) for code, given in values.many("debit", tuple)]
    return debits + [ManualLine(code, credit=given) for code, given in values.many("credit", tuple)]


# --- entries --------------------------------------------------------------------------------------


def of_entry(session: Session, entry: JournalEntry) -> dict[str, object]:
    """Tell an entry: its id, days, kind and lines, amounts in major units."""
    rows = session.execute(
        select(GLAccount.code, JournalLine.debit, JournalLine.credit)
        .join(GLAccount, GLAccount.id == JournalLine.gl_account_id)
        .where(JournalLine.journal_entry_id == entry.id)
        .order_by(JournalLine.id)
    )
    return {
        "entry": str(entry.id),
        "kind": entry.kind,
        "value_date": entry.value_date.isoformat(),
        "booked_on": entry.booked_on.isoformat(),
        "lines": [
            {"code": code, "debit": amount(session, debit), "credit": amount(session, credit)}
            for code, debit, credit in rows
        ],
    }


def _second(session: Session, values: Values) -> int | None:
    """Give who confirms: at the head office an entry that somebody composed always takes two people.

    raises   TwoPeopleAlwaysError
    """
    if values.second_id is None and is_head_office(session):
        raise TwoPeopleAlwaysError
    return values.second_id


def _post(session: Session, values: Values) -> Result:
    entry = post_manual(
        session,
        _lines(values),
        value_date=values.day(session),
        note=values.text("note"),
        approved_by_id=_second(session, values),
    )
    return of_entry(session, entry)


def _reverse(session: Session, values: Values) -> Result:
    entry = reverse_manual(
        session,
        values.id("entry"),
        reason=values.text("reason"),
        on=values.day(session),
        approved_by_id=_second(session, values),
    )
    return of_entry(session, entry)


def _opening(session: Session, values: Values) -> Result:
    entry = post_opening_balances(
        session,
        _lines(values),
        values.one("on", date),
        note=values.text("note") or "Opening balances",
        approved_by_id=_second(session, values),
    )
    return of_entry(session, entry)


def _define_frequent(session: Session, values: Values) -> Result:
    made = frequent_postings.define_posting(
        session, values.text("code"), values.text("name"), values.text("debit"), values.text("credit")
    )
    return {"posting": made.code, "name": made.name}


def _retire_frequent(session: Session, values: Values) -> Result:
    return {"posting": frequent_postings.retire_posting(session, values.text("code")).code, "active": False}


def _post_frequent(session: Session, values: Values) -> Result:
    entry = frequent_postings.post_frequent(
        session,
        values.text("code"),
        values.one("amount", Money),
        values.day(session),
        note=values.text("note"),
        approved_by_id=_second(session, values),
    )
    return of_entry(session, entry)


# --- between offices ------------------------------------------------------------------------------


def _of_leg(session: Session, leg: InterBranchLeg) -> Result:
    return {
        "leg": str(leg.id),
        "key": leg.key,
        "other": session.get_one(Office, leg.other_office_id).code,
        "amount": amount(session, leg.amount),
        "entry": str(leg.journal_entry_id),
    }


def _transfer(values: Values) -> OfficeTransfer:
    return OfficeTransfer(
        other_office_id=values.id("office"),
        amount=values.one("amount", Money),
        till_id=values.maybe("till", int),
        gl_code=values.text("gl_account"),
        key=values.text("key"),
        note=values.text("note"),
    )


def _send(session: Session, values: Values) -> Result:
    leg = inter_branch.send(session, _transfer(values), values.day(session), approved_by_id=values.second_id)
    return _of_leg(session, leg)


def _receive(session: Session, values: Values) -> Result:
    leg = inter_branch.receive(
        session, _transfer(values), values.day(session), approved_by_id=values.second_id
    )
    return _of_leg(session, leg)


def _reverse_leg(session: Session, values: Values) -> Result:
    leg = inter_branch.reverse_leg(
        session,
        values.id("leg"),
        reason=values.text("reason"),
        on=values.day(session),
        approved_by_id=values.second_id,
    )
    return _of_leg(session, leg)


def _unmatched(session: Session, values: Values) -> Result:
    as_of = values.day(session, "as_of")
    cut = elimination(session, as_of)
    return {
        "as_of": as_of.isoformat(),
        "unmatched": [
            {
                "key": row.key,
                "office": row.office,
                "other": row.other,
                "booked": amount(session, row.booked),
                "answered": amount(session, row.answered),
                "open": amount(session, row.open),
                "since": row.since.isoformat(),
                "days": row.days,
            }
            for row in unmatched(session, as_of)
        ],
        "pairs": [
            {
                "office": pair.office,
                "other": pair.other,
                "transfers": pair.transfers,
                "open": amount(session, pair.open),
                "days": pair.days,
            }
            for pair in unmatched_pairs(session, as_of)
        ],
        "by_office": {code: amount(session, balance) for code, balance in cut.by_office},
        "remaining": amount(session, cut.remaining),
        "unexplained": amount(session, cut.unexplained),
    }


_MOVED: Final = (
    Field("amount", readers.money, "how much", required=True),
    Field("till", readers.till, "the cash of this till; exactly one of till and gl_account"),
    Field("gl_account", readers.text, "GL code of the bank here"),
    ON,
    Field("note", readers.text, "a note that stays with it"),
)


def _chart(name: str, meaning: str, fields: tuple[Field, ...], run: Run) -> Act:
    return Act(name, "reference.write", _HQ, meaning, fields, run)


def _entry(name: str, meaning: str, fields: tuple[Field, ...], run: Run) -> Act:
    return Act(name, "journal.post", _OFFICES, meaning, fields, run)


ACTS: Final = (
    _chart(
        "frequent.define",
        "Name an entry that is made often by a code.",
        (
            Field("code", readers.text, "its code", required=True),
            Field("name", readers.text, "its words in the books", required=True),
            Field("debit", readers.text, "GL code", required=True),
            Field("credit", readers.text, "GL code", required=True),
        ),
        _define_frequent,
    ),
    _chart(
        "frequent.retire",
        "Take a frequent posting out of use.",
        (Field("code", readers.text, "its code", required=True),),
        _retire_frequent,
    ),
    _entry(
        "frequent.post",
        "Post an entry that headquarters named, by its code and an amount.",
        (
            Field("code", readers.text, "code of the frequent posting", required=True),
            Field("amount", readers.money, "how much", required=True),
            ON,
            Field("note", readers.text, "more words"),
        ),
        _post_frequent,
    ),
    _entry(
        "journal.post",
        "Post an entry that you compose.",
        (*SIDES, ON, Field("note", readers.text, "what it is for", required=True)),
        _post,
    ),
    _entry(
        "journal.reverse",
        "Take an entry that somebody composed back, in the open period.",
        (Field("entry", readers.journal_entry, "its id", required=True), REASON, ON),
        _reverse,
    ),
    _entry(
        "opening.post",
        "Post this office's opening balances, once, against “Books brought in”.",
        (
            *SIDES,
            Field("on", readers.day, "the day from which they count", required=True),
            Field("note", readers.text, "default: Opening balances"),
        ),
        _opening,
    ),
    _entry(
        "inter_branch.send",
        "Book what this office sends to another one; the key goes with the money.",
        (
            Field("office", readers.office, "who gets it", required=True),
            Field("key", readers.text, "of the transfer; default: the next one"),
            *_MOVED,
        ),
        _send,
    ),
    _entry(
        "inter_branch.receive",
        "Book what came from another office, under its key.",
        (
            Field("office", readers.office, "who sent it", required=True),
            Field("key", readers.text, "the key that came with it", required=True),
            *_MOVED,
        ),
        _receive,
    ),
    _entry(
        "inter_branch.reverse",
        "Take this office's side of a transfer back.",
        (
            Field("leg", readers.row_id(InterBranchLeg, "inter-branch entry"), "its id", required=True),
            REASON,
            ON,
        ),
        _reverse_leg,
    ),
    Act(
        "inter_branch.unmatched",
        "reports.see",
        (*_HQ, Place.HEAD_OFFICE),
        "List transfers of which one side is missing, by pair and age, and what consolidation cuts.",
        (Field("as_of", readers.day, "as at the end of this day; default: today"),),
        _unmatched,
    ),
)
