"""Who answers for a loan: members of a group's loan by their shares, and all where liability is joint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from banking.books import require_amount
from banking.errors import BadValueError
from banking.lending_errors import MemberSharesError, NotMemberError
from banking.loan_books import APPLIED, APPROVED, PAID_OUT, own_loan, read_dues, require_status
from banking.rows import get_row
from ledger.money import ZERO, Money, total
from ledger.proportions import in_proportion
from schema.accounts import LoanAccount, LoanTransaction
from schema.lending import LoanMember
from schema.people import Client, Group
from schema.writing import insert, update


@dataclass(frozen=True, slots=True)
class Liable:
    """One who answers for a loan; minor units.

    share        part of what was lent
    owes         part of what is owed now, in proportion to the shares
    answers_for  what can be asked of this person: all that is owed where liability is joint
    """

    client_id: int
    number: str
    name: str
    share: Money
    owes: Money
    answers_for: Money


@dataclass(frozen=True, slots=True)
class MemberDefault:
    """A loan of a group or of one of its members with something overdue; minor units."""

    loan_number: str
    client_id: int | None
    overdue: Money
    days_past_due: int


def set_members(
    session: Session, loan_id: int, shares: Mapping[int, Money], *, joint_liability: bool = True
) -> list[LoanMember]:
    """Say what each member has of a group's loan, before it is paid out; the shares add up to the principal.

    shares   minor units by client id; members who had a share before and are not named have none any more
    raises   NotFoundError, StatusError, AmountError; BadValueError for a loan that is not a group's;
             NotMemberError; MemberSharesError
    """
    loan = own_loan(session, loan_id)
    require_status(loan, {APPLIED, APPROVED}, "members")
    if loan.group_id is None:
        raise BadValueError(field="loan", given=loan.number)
    group = get_row(session, Group, loan.group_id, "group")
    for client_id, share in shares.items():
        client = get_row(session, Client, client_id, "client")
        if client.group_id != group.id:
            raise NotMemberError(number=client.number, group=group.number)
        require_amount(share)
    if total(shares.values()) != loan.principal:
        raise MemberSharesError(total=total(shares.values()), principal=loan.principal)
    known = {member.client_id: member for member in _all_members(session, loan_id)}
    for client_id, member in known.items():
        update(session, member, principal=shares.get(client_id, ZERO))
    for client_id, share in shares.items():
        if client_id not in known:
            insert(session, LoanMember(loan_account_id=loan_id, client_id=client_id, principal=share))
    update(session, loan, joint_liability=int(joint_liability))
    return list_members(session, loan_id)


def set_joint_liability(session: Session, loan_id: int, *, joint: bool = True) -> LoanAccount:
    """Say that the group of a client's own loan answers for it, or does not, before it is paid out.

    raises   NotFoundError, StatusError; BadValueError where the client is in no group
    """
    loan = own_loan(session, loan_id)
    require_status(loan, {APPLIED, APPROVED}, "joint liability")
    client = None if loan.client_id is None else session.get(Client, loan.client_id)
    if joint and client is not None and client.group_id is None:
        raise BadValueError(field="group", given=client.number)
    update(session, loan, joint_liability=int(joint))
    return loan


def _all_members(session: Session, loan_id: int) -> Sequence[LoanMember]:
    found = select(LoanMember).where(LoanMember.loan_account_id == loan_id)
    return session.scalars(found.order_by(LoanMember.id)).all()


def list_members(session: Session, loan_id: int) -> list[LoanMember]:
    """List the members with a share in a group's loan, as they were written down."""
    return [member for member in _all_members(session, loan_id) if member.principal]


def liable_for(session: Session, loan: LoanAccount) -> list[Liable]:
    """List who answers for a loan, and for how much: of a client's own loan the borrower stands first.

    A group's loan without shares is the group's as a whole: every member answers for all of it.
    """
    owed = total(due.owed for due in read_dues(session, loan.id)) if loan.status in PAID_OUT else ZERO
    if loan.client_id is not None:
        return _of_client(session, loan, owed)
    assert loan.group_id is not None, "a loan has one owner"
    shares = {member.client_id: member.principal for member in list_members(session, loan.id)}
    if not shares:
        everybody = _clients(session, group_id=loan.group_id)
        return [_liable(client, ZERO, ZERO, owed) for client in everybody]
    parts = dict(zip(shares, in_proportion(owed, list(shares.values())), strict=True))
    clients = {client.id: client for client in _clients(session, ids=list(shares))}
    return [
        _liable(
            clients[client_id], share, parts[client_id], owed if loan.joint_liability else parts[client_id]
        )
        for client_id, share in shares.items()
    ]


def _of_client(session: Session, loan: LoanAccount, owed: Money) -> list[Liable]:
    borrower = session.get_one(Client, loan.client_id)
    found = [_liable(borrower, loan.principal, owed, owed)]
    if loan.joint_liability and borrower.group_id is not None:
        others = _clients(session, group_id=borrower.group_id)
        found += [_liable(client, ZERO, ZERO, owed) for client in others if client.id != borrower.id]
    return found


def _clients(
    session: Session, *, group_id: int | None = None, ids: Sequence[int] | None = None
) -> Sequence[Client]:
    wanted = Client.group_id == group_id if ids is None else Client.id.in_(ids)
    return session.scalars(select(Client).where(wanted).order_by(Client.number, Client.id)).all()


def _liable(client: Client, share: Money, owes: Money, answers_for: Money) -> Liable:
    name = f"{client.given_name} {client.name}".strip()
    return Liable(client.id, client.number, name, share, owes, answers_for)


def by_member(session: Session, transaction: LoanTransaction) -> dict[int, Money]:
    """Show what of a group's payment is each member's, by client id, in proportion to the shares.

    Nothing is booked by it; a loan without shares gives nothing.
    """
    shares = {
        member.client_id: member.principal for member in list_members(session, transaction.loan_account_id)
    }
    if not shares:
        return {}
    return dict(zip(shares, in_proportion(transaction.amount, list(shares.values())), strict=True))


def payments_by_member(session: Session, loan_id: int) -> list[tuple[LoanTransaction, dict[int, Money]]]:
    """List the payments of a group's loan that stand, oldest first, each with its members' parts."""
    taken_back = select(LoanTransaction.reverses_id).where(LoanTransaction.reverses_id.is_not(None))
    found = session.scalars(
        select(LoanTransaction)
        .where(
            LoanTransaction.loan_account_id == loan_id,
            LoanTransaction.kind == "repayment",
            LoanTransaction.id.not_in(taken_back),
        )
        .order_by(LoanTransaction.value_date, LoanTransaction.id)
    )
    return [(payment, by_member(session, payment)) for payment in found]


def defaults_in_group(session: Session, group_id: int, on: date) -> list[MemberDefault]:
    """List what is overdue in a group on ``on``: its own loans and those of its members, oldest first.

    Whoever decides on a member's next loan asks here; whether it stops the loan is that person's decision.
    """
    members = select(Client.id).where(Client.group_id == group_id)
    loans = session.scalars(
        select(LoanAccount)
        .where(
            or_(LoanAccount.group_id == group_id, LoanAccount.client_id.in_(members)),
            LoanAccount.status.in_(sorted(PAID_OUT)),
        )
        .order_by(LoanAccount.number)
    )
    found = []
    for loan in loans:
        late = [due for due in read_dues(session, loan.id) if due.due_date < on]
        if late:
            days = (on - min(due.due_date for due in late)).days
            overdue = total(due.owed for due in late)
            found.append(MemberDefault(loan.number, loan.client_id, overdue, days))
    return sorted(found, key=lambda one: -one.days_past_due)
