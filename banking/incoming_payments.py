"""Payments from outside: lists that are read, and the account that each payment is for.

Money of a list is booked at the head office when the list is read: into the bank's or wallet's account,
against the receipts that are not yet allocated. From there a payment goes on to the branch that keeps its
account (``banking.incoming_payments_sent``), or back to the payer. So the balance of that account is at all
times what the queue adds up to.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.account_lookup import FoundAccount
from banking.booking_day import booked_on
from banking.incoming_payments_errors import PaymentFileKnownError, PaymentStateError
from banking.incoming_payments_files import Layout, PaymentLine, read_payments
from banking.incoming_payments_known import Before, recognise
from banking.incoming_payments_rules import (
    PERSON,
    Asked,
    Verdict,
    accounts_with_number,
    find_accounts,
    takes_money,
)
from banking.message_errors import NoAccountError
from banking.rows import get_row
from banking.standard import STANDARD_CHART
from banking.text import LONGEST_NOTE, clean, require
from ledger.errors import ClosedDayError, ClosedPeriodError, NotFoundError
from ledger.money import Money, total
from ledger.posting import Account, Role, entry_between
from schema.payments import IncomingPayment, PaymentFile
from schema.reference import GLAccount, Office
from schema.writing import act, cut_when_full, insert, update

UNMATCHED, MATCHED, SENT, SET_ASIDE, RETURNED = "unmatched", "matched", "sent", "set_aside", "returned"
STATES: Final = (UNMATCHED, MATCHED, SENT, SET_ASIDE, RETURNED)
QUEUED: Final = (UNMATCHED, MATCHED, SET_ASIDE)
"""States of payments whose money is not yet allocated."""
KIND: Final = "incoming_payment"


@dataclass(frozen=True, slots=True)
class Previewed:
    """A payment of a list that is not read yet: its key, whether it is here already, and its account.

    ``before`` is the payment that it repeats, or seemed to (``known`` is not true where a person says that it
    is another); ``certain`` where its own number says so.
    """

    line: PaymentLine
    key: str
    known: bool
    verdict: Verdict
    before: Before | None = None
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What reading a list would do; ``passed_over`` counts the lines that are no payments."""

    payments: Sequence[Previewed]
    passed_over: int

    @property
    def new(self) -> list[Previewed]:
        """Those that would be booked."""
        return [one for one in self.payments if not one.known]

    @property
    def came_before(self) -> list[Previewed]:
        """Those that are not booked, since they were on a list before."""
        return [one for one in self.payments if one.known and one.before is not None]

    @property
    def total(self) -> Money:
        """What would be booked, in minor units."""
        return total(one.line.amount for one in self.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """A list as it came: its name, its bytes, how to read it; ``gl_code`` is where its money lies.

    ``another`` are rows that seem to have come before, of which a person says that they are other payments,
    and ``reason`` is why.
    """

    name: str
    content: bytes
    layout: Layout
    gl_code: str
    another: Collection[int] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A list that was read: its row, what was new, and what was here already.

    ``known`` counts the payments that were not booked again; ``before`` are those that were on a list.
    """

    file: PaymentFile
    payments: Sequence[IncomingPayment]
    known: int
    before: Sequence[Previewed] = ()


def preview(session: Session, wanted: ListFile, *, digits: int, today: date) -> Preview:
    """Read a list and say what taking it would do; nothing is written.

    digits   decimals of the currency
    raises   PaymentFileKnownError, StatementFileError, StatementRowsError; PaymentStateError for a row of
             ``another`` that is none; NotFoundError, ManualEntryError for the account where the money lies
    """
    books.manual_accounts(session, [wanted.gl_code])
    _refuse_known(session, wanted.content)
    found = read_payments(wanted.content, wanted.layout, digits, today)
    seen = recognise(session, found.lines, wanted.layout, wanted.gl_code, wanted.another)
    asked = [Asked(line.reference, line.phone, line.note) for line in found.lines]
    verdicts = find_accounts(session, asked, today)
    return Preview(
        [
            Previewed(line, one.key, one.known, verdict, one.before, one.certain)
            for line, one, verdict in zip(found.lines, seen, verdicts, strict=True)
        ],
        found.passed_over,
    )


def read_file(session: Session, wanted: ListFile) -> Read:
    """Take a list: book each payment that is new, and write down whose it is where a rule finds the account.

    raises   as ``preview``; MissingError where rows are said to be other payments without a reason;
             ClosedPeriodError where the open day itself is closed
    """
    current = act(session)
    reason = require(wanted.reason, "reason", LONGEST_NOTE) if wanted.another else ""
    unallocated = unallocated_account(session)
    seen = preview(session, wanted, digits=current.digits, today=current.business_date)
    account_id = books.manual_accounts(session, [wanted.gl_code])[wanted.gl_code]
    new = seen.new
    file = PaymentFile(
        name=clean(wanted.name, "name", LONGEST_NOTE),
        sha256=hashlib.sha256(wanted.content).digest(),
        layout=wanted.layout.as_json(),
        gl_account_id=account_id,
        payments=len(new),
        total=seen.total,
        read_at=current.recorded_at,
    )
    insert(session, file)
    entry_accounts: dict[Account, int] = {"here": account_id, Role.UNALLOCATED: unallocated}
    written = []
    for one in new:
        line = one.line
        posted = books.post(
            session,
            entry_between(KIND, "here", Role.UNALLOCATED, line.amount),
            entry_accounts,
            value_date=_open_day(session, line.on),
            note=one.key
            if one.before is None
            else f"{one.key}, not {one.before.key}: {reason}"[:LONGEST_NOTE],
        )
        payment = IncomingPayment(
            payment_file_id=file.id,
            row=line.row,
            key=one.key,
            on=line.on,
            amount=line.amount,
            reference=line.reference,
            payer=line.payer,
            phone=line.phone,
            note=line.note,
            journal_entry_id=posted.id,
            **_found(one.verdict),
        )
        insert(session, payment)
        written.append(payment)
        cut_when_full(session)
    return Read(file, written, len(seen.payments) - len(new), seen.came_before)


def unallocated_account(session: Session) -> int:
    """Give the account of receipts that are not yet allocated; a chart of before has it made now.

    The account is reference data, so it is written into that chain.
    """
    try:
        return books.account_with_role(session, Role.UNALLOCATED)
    except NotFoundError:
        row = next(standard.row for standard in STANDARD_CHART if standard.role == Role.UNALLOCATED)
    taken = set(session.scalars(select(GLAccount.code)))
    code = next(
        f"{'S' * tries}{row.code}"
        for tries in range(len(taken) + 1)
        if f"{'S' * tries}{row.code}" not in taken
    )
    act(session).cut()
    account = GLAccount(code=code, name=row.name, type=row.type, role=Role.UNALLOCATED, manual_entries=0)
    insert(session, account)
    act(session).cut_into(0)
    return account.id


def _refuse_known(session: Session, content: bytes) -> None:
    wanted = select(PaymentFile).where(PaymentFile.sha256 == hashlib.sha256(content).digest())
    known = session.scalars(wanted.limit(1)).first()
    if known is not None:
        raise PaymentFileKnownError(name=known.name, on=known.read_at.date())


def _open_day(session: Session, on: date) -> date:
    """Give the day under which a payment is booked: its own, or the open one where that is closed."""
    try:
        booked_on(session, on)
    except (ClosedDayError, ClosedPeriodError):
        return act(session).business_date
    return on


def _found(verdict: Verdict) -> Mapping[str, object]:
    account = verdict.account
    return {
        "state": MATCHED if account else UNMATCHED,
        "rule": verdict.rule,
        "account_number": account.number if account else "",
        "office_id": account.office_id if account else None,
        "reason": verdict.reason,
    }


# --- whose it is ----------------------------------------------------------------------------------


def match_all(session: Session) -> list[IncomingPayment]:
    """Ask the rules again about every payment that is unmatched; gives those whose account is found now."""
    waiting = session.scalars(
        select(IncomingPayment).where(IncomingPayment.state == UNMATCHED).order_by(IncomingPayment.id)
    ).all()
    asked = [Asked(one.reference, one.phone, one.note) for one in waiting if not one.message_id]
    verdicts = find_accounts(session, asked, act(session).business_date)
    found = []
    for payment, verdict in zip((one for one in waiting if not one.message_id), verdicts, strict=True):
        update(session, payment, **_found(verdict))
        if verdict.account is not None:
            found.append(payment)
        cut_when_full(session)
    return found


def candidates(session: Session, payments: Sequence[IncomingPayment], today: date) -> list[Verdict]:
    """Say what the rules find for each payment, with the accounts that are possible; nothing is written."""
    return find_accounts(session, [Asked(one.reference, one.phone, one.note) for one in payments], today)


def match_by_person(
    session: Session, payment_id: int, number: str, *, office_id: int | None = None, reason: str
) -> IncomingPayment:
    """Say whose a payment is: the account with this number, where two offices have it, of one office.

    raises   NotFoundError; PaymentStateError; NoAccountError for a number that no open account has, or that
             several have; MissingError without a reason
    """
    payment = queued(session, payment_id)
    why = require(reason, "reason", LONGEST_NOTE)
    account = _one_account(session, number, office_id)
    update(
        session,
        payment,
        state=MATCHED,
        rule=PERSON,
        account_number=account.number,
        office_id=account.office_id,
        reason=why,
    )
    return payment


def _one_account(session: Session, number: str, office_id: int | None) -> FoundAccount:
    today = act(session).business_date
    found = [
        account
        for account in accounts_with_number(session, number)
        if office_id in {None, account.office_id} and takes_money(session, account, today)
    ]
    if len(found) != 1:
        office = "" if office_id is None else session.get_one(Office, office_id).code
        raise NoAccountError(number=number, office=office or "HQ")
    return found[0]


def unmatch(session: Session, payment_id: int, *, reason: str) -> IncomingPayment:
    """Take back whose a payment is, or that it was set aside: it is in the queue without an account.

    raises   NotFoundError, PaymentStateError, MissingError
    """
    payment = queued(session, payment_id)
    why = require(reason, "reason", LONGEST_NOTE)
    update(session, payment, state=UNMATCHED, rule="", account_number="", office_id=None, reason=why)
    return payment


def set_aside(session: Session, payment_id: int, *, reason: str) -> IncomingPayment:
    """Keep a payment out of what is sent, until somebody decides.

    raises   NotFoundError, PaymentStateError, MissingError
    """
    payment = queued(session, payment_id)
    why = require(reason, "reason", LONGEST_NOTE)
    update(session, payment, state=SET_ASIDE, rule="", account_number="", office_id=None, reason=why)
    return payment


def queued(session: Session, payment_id: int) -> IncomingPayment:
    """Give a payment whose money is not yet allocated.

    raises   NotFoundError; PaymentStateError for one that was sent or given back
    """
    payment = get_row(session, IncomingPayment, payment_id, "payment")
    if payment.state not in QUEUED:
        why = "it was sent to its branch" if payment.state == SENT else "it was given back to the payer"
        raise PaymentStateError(key=payment.key, reason=why)
    return payment
