"""Moving a client with all accounts to another branch: headquarters decides, each branch does its part.

Headquarters reads what it holds of the client and decides: the digest of that goes to every branch, the
content to the new branch alone. The old branch hands its accounts over while they still give that digest, the
new branch opens its own from the content; both against the inter-branch account, leg by leg under the same
keys. Neither waits for the other, and everything counts from the day of the decision, in both books.

Where something changed at the old branch, it says so instead, and headquarters decides again: after the new
branch, if it was quicker, has given the accounts back.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.books import account_with_role
from banking.cash import CashLeg
from banking.client_snapshots import digest_of, open_loans, open_savings, pieces, snapshot
from banking.errors import BadValueError
from banking.inter_branch import write_leg as write_office_leg
from banking.lending_errors import (
    MoveBlockedError,
    MoveDoneError,
    MovedSinceError,
    MoveStateError,
)
from banking.loan_books import (
    read_book,
    read_dues,
    split_of,
)
from banking.loan_movements import Movement, write
from banking.rows import get_row
from banking.savings_book import balance, read_savings
from banking.savings_interest import interest_accrued, write_posting
from banking.savings_legs import write_leg
from banking.savings_terms import read_terms
from banking.security import release_all
from banking.text import LONGEST_NOTE, require
from ledger.allocation import Share
from ledger.money import Money
from ledger.posting import Account, Role, entry_between
from schema.accounting import JournalEntry
from schema.accounts import LoanAccount, SavingsAccount
from schema.people import Client, ClientMove
from schema.products import ClientTransfer, ClientTransferPart
from schema.reading import fetch
from schema.reference import Office
from schema.saving import SavingsHold, StandingInstruction
from schema.writing import act, insert, update

DECIDED, WITHDRAWN = "decided", "withdrawn"
OUT, IN, REFUSED, BACK = "out", "in", "refused", "back"
MOVED = "moved"
KIND = "client_move"
"""Kind of the journal entries by which balances change their branch."""


# --- headquarters ---------------------------------------------------------------------------------


def decide(
    session: Session, client_id: int, to_office_id: int, on: date, *, reason: str = ""
) -> ClientTransfer:
    """Decide at headquarters that a client moves, from ``on``, with everything that is in the books here.

    An earlier decision that the old branch could not carry out is withdrawn by this one.

    raises   NotFoundError; BadValueError for the branch where the client is, the head office or a day to
             come; MoveBlockedError for what must be settled first; MoveStateError while an earlier decision
             stands
    """
    client = get_row(session, Client, client_id, "client")
    to_office = get_row(session, Office, to_office_id, "branch")
    if to_office.id == client.origin_office_id or to_office.parent_id is None:
        raise BadValueError(field="to", given=to_office.code)
    if on > act(session).business_date:
        raise BadValueError(field="on", given=on)
    for earlier in decisions_on(session, client_id):
        if earlier.state == DECIDED:
            _require_failed(session, earlier)
            update(session, earlier, state=WITHDRAWN)
    act(session).cut()
    content = snapshot(session, client, on)
    digest = digest_of(content)
    for number, piece in enumerate(pieces(content), 1):
        insert(session, ClientTransferPart(digest=digest, number=number, content=piece))
    act(session).cut_into(to_office.number)
    transfer = ClientTransfer(
        client_id=client_id,
        from_office_id=client.origin_office_id,
        to_office_id=to_office_id,
        decided_on=on,
        reason=require(reason, "reason", LONGEST_NOTE) if reason else "",
        digest=digest,
    )
    insert(session, transfer)
    return transfer


def withdraw(session: Session, transfer_id: int) -> ClientTransfer:
    """Take a decision back at headquarters, as long as no branch is known to have done its part.

    raises   NotFoundError, MoveStateError
    """
    transfer = get_row(session, ClientTransfer, transfer_id, "decision")
    if transfer.state != DECIDED:
        raise MoveStateError(transfer=transfer_id, reason=f"it is {transfer.state}")
    if moves_of(session, transfer_id):
        _require_failed(session, transfer)
    update(session, transfer, state=WITHDRAWN)
    return transfer


def decisions_on(session: Session, client_id: int) -> Sequence[ClientTransfer]:
    """List the decisions to move a client, oldest first."""
    wanted = select(ClientTransfer).where(ClientTransfer.client_id == client_id)
    return session.scalars(wanted.order_by(ClientTransfer.id)).all()


def list_decisions(session: Session) -> Sequence[ClientTransfer]:
    """List all decisions to move clients, oldest first."""
    return session.scalars(select(ClientTransfer).order_by(ClientTransfer.id)).all()


def moves_of(session: Session, transfer_id: int) -> Sequence[ClientMove]:
    """List what branches did about a decision, in the order of their ids."""
    wanted = select(ClientMove).where(ClientMove.transfer_id == transfer_id)
    return session.scalars(wanted.order_by(ClientMove.id)).all()


def _require_failed(session: Session, transfer: ClientTransfer) -> None:
    """Refuse unless the old branch could not hand over, and the new branch has nothing of it."""
    done = [move.direction for move in moves_of(session, transfer.id)]
    if REFUSED not in done:
        raise MoveStateError(transfer=transfer.id, reason="it stands: the old branch has not refused it")
    if done.count(IN) > done.count(BACK):
        raise MoveStateError(transfer=transfer.id, reason="the new branch must give the accounts back first")


# --- the branches ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leg:
    """A place in the content of a decision: both branches book it under the same key."""

    transfer: ClientTransfer
    number: int

    @property
    def key(self) -> str:
        """Name the transfer between the two offices."""
        return f"M{self.transfer.id}-{self.number}"

    def write(self, session: Session, entry_id: int | None, amount: Money) -> None:
        """Write this office's side (debit-positive) of an entry on the inter-branch account."""
        assert entry_id is not None, "money that moves has an entry"
        ours = act(session).office_id
        both = {self.transfer.from_office_id, self.transfer.to_office_id}
        posted = session.get_one(JournalEntry, entry_id)
        write_office_leg(session, posted, (both - {ours}).pop(), self.key, amount)


def require_decision(session: Session, transfer_id: int, *, at_old: bool) -> ClientTransfer:
    """Give a decision that this branch may carry out now.

    raises   NotFoundError before it arrived; MoveStateError for another branch's or a withdrawn one;
             MoveDoneError the second time
    """
    transfer = get_row(session, ClientTransfer, transfer_id, "decision")
    office = transfer.from_office_id if at_old else transfer.to_office_id
    if office != act(session).office_id:
        raise MoveStateError(transfer=transfer_id, reason="this is not the branch that it is for")
    if transfer.state != DECIDED:
        raise MoveStateError(transfer=transfer_id, reason=f"it is {transfer.state}")
    for move in moves_of(session, transfer_id):
        if move.origin_office_id != office:
            continue
        if move.direction in {OUT, IN}:
            raise MoveDoneError(transfer=transfer_id, day=move.on)
        raise MoveStateError(transfer=transfer_id, reason=f"it was {move.direction} here on {move.on}")
    return transfer


def hand_over(session: Session, transfer_id: int) -> ClientMove:
    """Give a client's accounts away at the old branch, if they are what headquarters saw.

    Interest of savings is posted to the day before the decision. Holds and guarantors are let go, standing
    instructions end; the new branch makes them anew from the content, instructions excepted.

    returns  what was done: ``out``, or ``refused`` when something changed since; then nothing moves, and the
             next bundle tells headquarters
    raises   as ``require_decision``; ClosedDayError, ClosedPeriodError
    """
    transfer = require_decision(session, transfer_id, at_old=True)
    client = get_row(session, Client, transfer.client_id, "client")
    if not _is_unchanged(session, client, transfer):
        return record_move(session, transfer, client, REFUSED)
    loans, accounts = open_loans(session, client.id), open_savings(session, client.id)
    for number, loan in enumerate(loans, 1):
        _give_loan(session, loan, Leg(transfer, number))
    for number, account in enumerate(accounts, len(loans) + 1):
        _give_savings(session, account, Leg(transfer, number))
    update(session, client, state=MOVED, group_id=None)
    return record_move(session, transfer, client, OUT)


def _is_unchanged(session: Session, client: Client, transfer: ClientTransfer) -> bool:
    try:
        return digest_of(snapshot(session, client, transfer.decided_on)) == transfer.digest
    except MoveBlockedError:
        return False


def record_move(session: Session, transfer: ClientTransfer, client: Client, direction: str) -> ClientMove:
    """Write down what this branch did about a decision."""
    move = ClientMove(
        transfer_id=transfer.id, client_id=client.id, direction=direction, on=act(session).business_date
    )
    insert(session, move)
    return move


def _give_loan(session: Session, loan: LoanAccount, leg: Leg) -> None:
    """Take every open row off the books here: the principal is a claim on the other office."""
    on, dues = leg.transfer.decided_on, read_dues(session, loan.id)
    shares = [Share(due, due.penalty, due.fee, due.interest, due.principal) for due in dues]
    split = split_of(shares)
    between = CashLeg(account_with_role(session, Role.INTER_BRANCH))
    entry = entry_between(KIND, Role.CASH, Role.LOAN_PORTFOLIO, split.principal) if split.principal else None
    movement = Movement(
        kind=MOVED,
        amount=split.total,
        value_date=on,
        split=split,
        shares=shares,
        entry=entry,
        leg=between,
        note=leg.key,
    )
    written = write(session, read_book(session, loan.id), movement)
    if split.principal:
        leg.write(session, written.journal_entry_id, split.principal)
    release_all(session, loan.id, act(session).business_date)
    _cancel(session, "to_loan_id = ?", loan.id)
    update(session, loan, status=MOVED)


def _give_savings(session: Session, account: SavingsAccount, leg: Leg) -> None:
    """Post what was earned before the day, and take the balance off the books here."""
    on = leg.transfer.decided_on
    before = balance(session, account.id)
    earned = interest_accrued(session, account.id, on - timedelta(days=1))
    write_posting(session, account, read_terms(session, account.product_id), earned)
    amount = balance(session, account.id)
    if amount != before + earned.net:
        raise MovedSinceError(number=account.number)
    if amount:
        book = read_savings(session, account.id)
        accounts: dict[Account, int] = {
            Role.SAVINGS_DEPOSITS: book.gl_deposits_id,
            Role.INTER_BRANCH: account_with_role(session, Role.INTER_BRANCH),
        }
        entry = entry_between(KIND, Role.SAVINGS_DEPOSITS, Role.INTER_BRANCH, amount)
        posted = books.post(session, entry, accounts, value_date=on, note=leg.key)
        write_leg(session, account.id, MOVED, -amount, posted)
        leg.write(session, posted.id, -amount)
    _end_beside(session, account.id)
    update(session, account, status=MOVED, closed_on=on, interest_to=on - timedelta(days=1))


def _end_beside(session: Session, account_id: int) -> None:
    """Let holds go and end standing instructions from and to an account."""
    today = act(session).business_date
    holds = select(SavingsHold).where(
        SavingsHold.savings_account_id == account_id, SavingsHold.released_on.is_(None)
    )
    for hold in session.scalars(holds).all():
        update(session, hold, released_on=max(today, hold.held_on))
    _cancel(session, "(from_account_id = ? OR to_savings_id = ?)", account_id, account_id)


def _cancel(session: Session, which: str, *given: int) -> None:
    wanted = f"SELECT id FROM standing_instruction WHERE {which} AND state = 'active' ORDER BY id"  # noqa: S608 - a text of ours
    for (instruction_id,) in fetch(session, wanted, *given):
        update(session, session.get_one(StandingInstruction, instruction_id), state="cancelled")


def content_of(session: Session, transfer: ClientTransfer) -> dict[str, object] | None:
    """Give what moves by a decision, put together from its pieces; None while it is not whole."""
    wanted = select(ClientTransferPart.content).where(ClientTransferPart.digest == transfer.digest)
    numbered = session.execute(
        wanted.add_columns(ClientTransferPart.number).order_by(
            ClientTransferPart.number, ClientTransferPart.id
        )
    )
    found = {number: piece for piece, number in numbered}
    text = "".join(found[number] for number in sorted(found))
    if digest_of(text) != transfer.digest:
        return None
    document: dict[str, object] = json.loads(text)
    return document
