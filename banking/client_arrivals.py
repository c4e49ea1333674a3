"""A client who comes from another branch: accounts opened from the content of headquarters' decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books, savings_holds
from banking.books import account_with_role
from banking.cash import CashLeg
from banking.client_transfers import (
    BACK,
    IN,
    KIND,
    MOVED,
    Leg,
    content_of,
    moves_of,
    record_move,
    require_decision,
)
from banking.clients import register_client
from banking.lending_errors import MovePartsError, MoveStateError
from banking.loan_books import (
    ACTIVE,
    WITHDRAWN,
    read_book,
)
from banking.loan_movements import Movement, write
from banking.numbers import account_number
from banking.reversals import reverse
from banking.rows import get_row
from banking.savings_book import CLOSED, read_savings
from banking.savings_legs import Trace, write_leg
from banking.text import LONGEST_NOTE, require
from ledger.money import Money, total
from ledger.posting import Account, Role, Split, disbursement_entry, entry_between
from schema.accounts import Installment, LoanAccount, LoanTransaction, SavingsAccount, SavingsTransaction
from schema.lending import Collateral, Guarantor
from schema.people import Client, ClientMove
from schema.products import ClientTransfer, LoanProduct
from schema.reading import fetch_one
from schema.writing import act, insert, update

_PROFILE: Final = ("name", "given_name", "gender", "national_id", "phone", "address", "village")
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a client brought: the accounts that were opened, in the order of the content."""

    move: ClientMove
    client: Client
    loans: tuple[LoanAccount, ...]
    savings: tuple[SavingsAccount, ...]


def take_over_client(session: Session, transfer_id: int) -> Arrival:
    """Open at the new branch what moves by a decision, all of it against the inter-branch account.

    The client gets a number of this branch. Loans come with the rows that are open, which are never computed
    again; savings with their balance and holds; guarantors by name, without savings held by them.

    raises   NotFoundError, MoveStateError, MoveDoneError; MovePartsError before the content arrived;
             ClosedDayError, ClosedPeriodError
    """
    transfer = require_decision(session, transfer_id, at_old=False)
    content: Any = content_of(session, transfer)
    if content is None:
        raise MovePartsError(transfer=transfer_id)
    client = _register(session, content["profile"])
    count = len(content["loans"])
    loans = [
        _take_loan(session, client, entry, Leg(transfer, number))
        for number, entry in enumerate(content["loans"], 1)
    ]
    savings = [
        _take_savings(session, client, entry, Leg(transfer, number))
        for number, entry in enumerate(content["savings"], count + 1)
    ]
    return Arrival(record_move(session, transfer, client, IN), client, tuple(loans), tuple(savings))


def _register(session: Session, profile: Entry) -> Client:
    client = register_client(
        session,
        **{name: profile[name] for name in _PROFILE},
        born_on=_day(profile["born_on"]),
        joined_on=_day(profile["joined_on"]),
    )
    update(session, client, blacklisted=profile["blacklisted"])
    return client


def _take_loan(session: Session, client: Client, entry: Entry, leg: Leg) -> LoanAccount:
    on, rows = leg.transfer.decided_on, entry["rows"]
    principal = total(Money(row[2]) for row in rows)
    product = get_row(session, LoanProduct, entry["product"], "loan product")
    loan = LoanAccount(
        number=account_number(session, LoanAccount, None),
        client_id=client.id,
        product_id=product.id,
        product_version=product.version,
        status=ACTIVE,
        principal=principal,
        annual_rate=Decimal(entry["rate"]),
        interest_type=entry["interest_type"],
        amortization=entry["amortization"],
        installments=len(rows),
        repay_every=entry["every"],
        repay_unit=entry["unit"],
        applied_on=_day(entry["applied_on"]),
        approved_on=_day(entry["approved_on"]),
        disbursed_on=on,
        first_due_on=_day(rows[0][1]),
        purpose=entry["purpose"],
        cycle=entry["cycle"],
        non_performing_since=_day(entry["non_performing_since"]),
        rows_follow_terms=0,
    )
    insert(session, loan)
    insert(session, *(_installment(loan.id, row) for row in rows))
    insert(session, *_security(loan.id, entry))
    if principal:
        movement = Movement(
            kind="disbursement",
            amount=principal,
            value_date=on,
            split=Split(principal=principal),
            entry=disbursement_entry(principal, cash=Role.CASH),
            leg=CashLeg(account_with_role(session, Role.INTER_BRANCH)),
            note=f"{leg.key} {entry['number']}",
        )
        written = write(session, read_book(session, loan.id), movement)
        leg.write(session, written.journal_entry_id, -principal)
    return loan


def _installment(loan_id: int, row: list[Any]) -> Installment:
    principal, interest, fee, penalty = (Money(amount) for amount in row[2:])
    return Installment(
        loan_account_id=loan_id,
        number=row[0],
        due_on=date.fromisoformat(row[1]),
        principal=principal,
        interest=interest,
        fee=fee,
        penalty=penalty,
    )


def _security(loan_id: int, entry: Entry) -> list[Guarantor | Collateral]:
    guarantors = [
        Guarantor(loan_account_id=loan_id, name=name, phone=phone, amount=Money(amount))
        for name, phone, amount in entry["guarantors"]
    ]
    things = [
        Collateral(loan_account_id=loan_id, kind=kind, description=description, value=Money(value))
        for kind, description, value in entry["collateral"]
    ]
    return [*guarantors, *things]


def _take_savings(session: Session, client: Client, entry: Entry, leg: Leg) -> SavingsAccount:
    """Open an account that earns from the decision's day on; what was earned before is in its balance."""
    on = leg.transfer.decided_on
    account = SavingsAccount(
        number=account_number(session, SavingsAccount, None),
        client_id=client.id,
        product_id=entry["product"],
        annual_rate=Decimal(entry["rate"]),
        opened_on=on,
        status=entry["status"],
        locked_until=_day(entry["locked_until"]),
        matures_on=_day(entry["matures_on"]),
        term_days=entry["term_days"],
        expected_deposit=_amount(entry["expected_deposit"]),
        overdraft_limit=_amount(entry["overdraft_limit"]),
    )
    insert(session, account)
    amount = Money(entry["balance"] + entry["interest"] - entry["tax"])
    if amount:
        accounts: dict[Account, int] = {
            Role.SAVINGS_DEPOSITS: read_savings(session, account.id).gl_deposits_id,
            Role.INTER_BRANCH: account_with_role(session, Role.INTER_BRANCH),
        }
        made = entry_between(KIND, Role.INTER_BRANCH, Role.SAVINGS_DEPOSITS, amount)
        posted = books.post(session, made, accounts, value_date=on, note=f"{leg.key} {entry['number']}")
        write_leg(session, account.id, MOVED, amount, posted)
        leg.write(session, posted.id, amount)
    for held, reason, _ in entry["holds"]:
        savings_holds.hold(session, account.id, Money(held), on, reason=reason)
    return account


# --- giving back ----------------------------------------------------------------------------------


_NEWER = """
SELECT number FROM (
  SELECT a.number AS number, count(t.id) AS moved FROM loan_account AS a
    JOIN loan_transaction AS t ON t.loan_account_id = a.id WHERE a.client_id = ? GROUP BY a.id, a.number
  UNION ALL
  SELECT a.number, count(t.id) FROM savings_account AS a
    JOIN savings_transaction AS t ON t.savings_account_id = a.id WHERE a.client_id = ? GROUP BY a.id, a.number
) AS counted WHERE moved > 1 ORDER BY number LIMIT 1
"""


def give_back(session: Session, transfer_id: int, *, reason: str) -> ClientMove:
    """Take the opening of a client's accounts back, because the old branch could not hand them over.

    raises   NotFoundError; MoveStateError where nothing was taken over, or was used since; MissingError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    transfer = get_row(session, ClientTransfer, transfer_id, "decision")
    own = [move for move in moves_of(session, transfer_id) if move.origin_office_id == act(session).office_id]
    if [move.direction for move in own] != [IN]:
        raise MoveStateError(transfer=transfer_id, reason="nothing of it stands here")
    client = session.get_one(Client, own[0].client_id)
    used = fetch_one(session, _NEWER, client.id, client.id)
    if used is not None:
        raise MoveStateError(transfer=transfer_id, reason=f"{used[0]} was used since; reverse that first")
    wanted = select(LoanAccount).where(LoanAccount.client_id == client.id)
    loans = session.scalars(wanted.order_by(LoanAccount.id)).all()
    accounts = session.scalars(
        select(SavingsAccount).where(SavingsAccount.client_id == client.id).order_by(SavingsAccount.id)
    ).all()
    for number, loan in enumerate(loans, 1):
        _return_loan(session, loan, Leg(transfer, number), why)
    for number, account in enumerate(accounts, len(loans) + 1):
        _return_savings(session, account, Leg(transfer, number), why)
    update(session, client, state=MOVED)
    return record_move(session, transfer, client, BACK)


def _return_loan(session: Session, loan: LoanAccount, leg: Leg, why: str) -> None:
    wanted = select(LoanTransaction).where(LoanTransaction.loan_account_id == loan.id)
    for transaction in session.scalars(wanted).all():
        taken_back = reverse(session, transaction, reason=why, on=leg.transfer.decided_on)
        leg.write(session, taken_back.journal_entry_id, transaction.amount)
    update(session, loan, status=WITHDRAWN, disbursed_on=None)


def _return_savings(session: Session, account: SavingsAccount, leg: Leg, why: str) -> None:
    on = leg.transfer.decided_on
    for hold in savings_holds.list_holds(session, account.id):
        savings_holds.release(session, hold.id, max(on, hold.held_on))
    wanted = select(SavingsTransaction).where(SavingsTransaction.savings_account_id == account.id)
    for row in session.scalars(wanted).all():
        posted = books.reverse_entry(session, row.journal_entry_id, value_date=on, note=why)
        write_leg(session, account.id, "reversal", -row.amount, posted, Trace(reverses_id=row.id))
        leg.write(session, posted.id, -row.amount)
    update(session, account, status=CLOSED, closed_on=on)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _amount(minor: int | None) -> Money | None:
    return None if minor is None else Money(minor)
