"""Cash on its way: vault to till and back, till to till, to and from the bank, and for expenses.

Each movement is one row with its entry. The drawer that gives must hold the amount, the one that takes must
be allowed to hold it, and from the limit on a second person confirms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.approval import require_second_person
from banking.cash_counts import WITNESS
from banking.cash_errors import CashLimitError, CashPlacesError, CountMismatchError, NoVaultError
from banking.errors import BadValueError, TillClosedError
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean, require
from banking.till_cash import TILL, VAULT, cash_limit, drawers_of, get_till, require_held, till_cash
from ledger.denominations import parse_pieces
from ledger.errors import NotFoundError
from ledger.money import Money
from ledger.posting import Account, entry_between
from schema.accounting import JournalEntry, Till
from schema.cash import CashMovement
from schema.reference import GLAccount
from schema.writing import act, insert

FLOAT, SETTLE, HANDOVER = "float", "settle", "handover"
TO_BANK, FROM_BANK, PAY, RECEIVE = "to_bank", "from_bank", "pay", "receive"
OPPOSITE: Final[Mapping[str, str]] = {
    FLOAT: SETTLE,
    SETTLE: FLOAT,
    HANDOVER: HANDOVER,
    TO_BANK: FROM_BANK,
    FROM_BANK: TO_BANK,
    PAY: RECEIVE,
    RECEIVE: PAY,
}
"""The kind that takes each kind back."""
_OUT_OF_DRAWERS: Final = frozenset({TO_BANK, PAY})
_INTO_DRAWERS: Final = frozenset({FROM_BANK, RECEIVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMove:
    """A movement as somebody asks for it.

    kind         float (vault to till), settle (till to vault), handover (till to till), to_bank, from_bank,
                 pay (an expense out of a drawer), receive (other money into a drawer)
    from_till_id, to_till_id  drawers; the vault need not be named where the office has one
    gl_code      the GL account of the bank, the expense or the income
    pieces       the denominations in major units, when they were counted
    note         what it is for; needed for ``pay`` and ``receive``
    gl_account_id  set by rooms whose rules chose the account, instead of a code that a person typed
    """

    kind: str
    amount: Money
    from_till_id: int | None = None
    to_till_id: int | None = None
    gl_code: str = ""
    pieces: str = ""
    note: str = ""
    gl_account_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the money leaves and where it arrives: a drawer on at least one side, GL accounts on both."""

    giver: Till | None
    taker: Till | None
    from_account_id: int
    to_account_id: int


def find_vault(session: Session, office_id: int) -> Till | None:
    """Find the office's vault in use; where there are several, the one with the lowest number."""
    vaults = (till for till in drawers_of(session, office_id) if till.kind == VAULT)
    return next((vault for vault in vaults if vault.state == "active"), None)


def move_cash(
    session: Session, wanted: CashMove, on: date, *, approved_by_id: int | None = None
) -> CashMovement:
    """Move cash, and book it.

    on       the business day
    raises   NotFoundError, NoVaultError, TillClosedError; CashPlacesError for places that the kind does not
             join; CountMismatchError, BadPiecesError; TillCashError when the giving drawer holds less;
             CashLimitError when the taking one would hold more than it may; SecondPersonNeededError,
             BadSecondPersonError; ManualEntryError for a GL account that takes no manual entries;
             MissingError, AmountError, ClosedDayError, ClosedPeriodError
    """
    books.require_amount(wanted.amount)
    pieces = _checked_pieces(session, wanted)
    needs_words = wanted.kind in {PAY, RECEIVE}
    note = (require if needs_words else clean)(wanted.note, "note", LONGEST_NOTE)
    places = _places(session, wanted)
    if places.giver is not None:
        require_held(session, places.giver, wanted.amount)
    if places.taker is not None and wanted.kind != SETTLE:
        _require_room(session, places.taker, wanted.amount)
    second = require_second_person(session, wanted.amount, approved_by_id, permission=WITNESS)
    accounts: dict[Account, int] = {"to": places.to_account_id, "from": places.from_account_id}
    entry = entry_between(wanted.kind, "to", "from", wanted.amount)
    posted = books.post(session, entry, accounts, value_date=on, note=note, approved_by_id=second)
    return _write(session, replace(wanted, pieces=pieces, note=note), places.giver, places.taker, posted)


def reverse_move(
    session: Session, movement_id: int, *, reason: str, on: date, approved_by_id: int | None = None
) -> CashMovement:
    """Take a movement back: the cash returns to where it came from, by an entry that reverses its entry.

    raises   NotFoundError, AlreadyReversedError, NotReversibleError, MissingError; TillCashError when the
             cash is not there any more; SecondPersonNeededError, BadSecondPersonError, ClosedDayError,
             ClosedPeriodError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    moved = get_row(session, CashMovement, movement_id, "cash movement")
    if moved.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="cash movement", key=movement_id)
    books.require_no_reversal(session, moved.journal_entry_id)
    books.require_not_reversed(session, moved.journal_entry_id)
    giver, taker = (
        None if till_id is None else get_till(session, till_id)
        for till_id in (moved.to_till_id, moved.from_till_id)
    )
    if giver is not None:
        require_held(session, giver, moved.amount)
    second = require_second_person(session, moved.amount, approved_by_id, permission=WITNESS)
    posted = books.reverse_entry(
        session, moved.journal_entry_id, value_date=on, note=why, approved_by_id=second
    )
    back = CashMove(kind=OPPOSITE[moved.kind], amount=moved.amount, pieces=moved.pieces, note=why)
    return _write(session, back, giver, taker, posted)


def _write(
    session: Session, moved: CashMove, giver: Till | None, taker: Till | None, posted: JournalEntry
) -> CashMovement:
    row = CashMovement(
        kind=moved.kind,
        from_till_id=None if giver is None else giver.id,
        to_till_id=None if taker is None else taker.id,
        amount=moved.amount,
        pieces=moved.pieces,
        journal_entry_id=posted.id,
        on=posted.booked_on,
        approved_by_id=posted.approved_by_id,
        note=moved.note,
    )
    insert(session, row)
    return row


def _checked_pieces(session: Session, wanted: CashMove) -> str:
    if not wanted.pieces.strip():
        return ""
    pieces = parse_pieces(wanted.pieces, act(session).digits)
    if pieces.total != wanted.amount:
        raise CountMismatchError(pieces=pieces.total, counted=wanted.amount)
    return pieces.stored()


def _require_room(session: Session, till: Till, amount: Money) -> None:
    limit = cash_limit(session, till)
    held = till_cash(session, till) + amount
    if limit is not None and held > limit:
        raise CashLimitError(till=till.number, held=held, limit=limit)


def _places(session: Session, wanted: CashMove) -> _Places:
    """Find both ends of a movement, and refuse ends that its kind does not join."""
    kind = wanted.kind
    if kind not in OPPOSITE:
        raise BadValueError(field="kind", given=kind)
    giver = _drawer(session, wanted.from_till_id, to_vault=kind == FLOAT, needed=kind not in _INTO_DRAWERS)
    taker = _drawer(session, wanted.to_till_id, to_vault=kind == SETTLE, needed=kind not in _OUT_OF_DRAWERS)
    if kind in {FLOAT, SETTLE, HANDOVER}:
        _refuse_wrong_drawers(kind, giver, taker)
    if kind in _OUT_OF_DRAWERS | _INTO_DRAWERS:
        other = wanted.gl_account_id or _gl_account(session, kind, wanted.gl_code)
        if giver is not None and taker is not None:
            raise CashPlacesError(kind=kind, reason="one side is a GL account, so only one drawer takes part")
    elif wanted.gl_code:
        raise CashPlacesError(kind=kind, reason="cash between drawers has no other GL account")
    else:
        other = 0
    return _Places(
        giver,
        taker,
        other if giver is None else giver.gl_account_id,
        other if taker is None else taker.gl_account_id,
    )


def _drawer(session: Session, till_id: int | None, *, to_vault: bool, needed: bool) -> Till | None:
    if till_id is None and to_vault:
        vault = find_vault(session, act(session).office_id)
        if vault is None:
            raise NoVaultError
        return vault
    if till_id is None:
        if needed:
            raise NotFoundError(kind="till", key="?")
        return None
    till = get_till(session, till_id)
    if till.state != "active":
        raise TillClosedError(till=till.number)
    return till


def _refuse_wrong_drawers(kind: str, giver: Till | None, taker: Till | None) -> None:
    assert giver is not None
    assert taker is not None
    if giver.id == taker.id:
        raise CashPlacesError(kind=kind, reason="both ends are the same drawer")
    wanted = {FLOAT: (VAULT, TILL), SETTLE: (TILL, VAULT), HANDOVER: (giver.kind, giver.kind)}[kind]
    if (giver.kind, taker.kind) != wanted:
        raise CashPlacesError(kind=kind, reason=f"it goes from a {wanted[0]} to a {wanted[1]}")


def _gl_account(session: Session, kind: str, code: str) -> int:
    """Give the GL account at the other end: of a bank (an asset), or of an expense or income."""
    account_id = books.manual_accounts(session, [code])[code]
    account = get_row(session, GLAccount, account_id, "GL account")
    if kind in {TO_BANK, FROM_BANK} and account.type != "asset":
        raise CashPlacesError(kind=kind, reason=f"{account.code} {account.name} is no bank")
    drawers = select(Till.id).where(
        Till.gl_account_id == account_id, Till.origin_office_id == act(session).office_id
    )
    if session.scalar(drawers.limit(1)) is not None:
        raise CashPlacesError(kind=kind, reason=f"{account.code} {account.name} is cash in a drawer")
    return account_id
