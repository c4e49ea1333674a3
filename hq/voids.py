"""Asking a branch to take an entry back: a decision never posts money, the owner's own entry does.

The message stands in the branch's chain, the decision with its reason in chain 0, both in one transaction.
"""

from typing import TypeAlias, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.text import LONGEST_NOTE, require
from hq.decision_errors import NothingToVoidError
from hq.decision_rows import VOID, write_decision
from hq.decisions import confirmed_by
from schema.accounts import LoanAccount, LoanTransaction, SavingsAccount, SavingsTransaction
from schema.messages import AccountMessage
from schema.reference import Office
from schema.writing import act, insert
from sync.cases import Member, case_key
from sync.lookup import find_origin

Movement: TypeAlias = LoanTransaction | SavingsTransaction
M = TypeVar("M", LoanTransaction, SavingsTransaction)


def find_movement(session: Session, number: str) -> Movement | None:
    """Find the movement on a branch's account with a receipt number that is not taken back; None else."""
    loan = _find(session, LoanTransaction, number)
    return _find(session, SavingsTransaction, number) if loan is None else loan


def _find(session: Session, table: type[M], number: str) -> M | None:
    taken_back = select(table.reverses_id).where(table.reverses_id.is_not(None))
    wanted = select(table).where(
        table.receipt == number, table.reverses_id.is_(None), table.id.not_in(taken_back)
    )
    return session.scalars(wanted.order_by(table.id)).first()


def void(session: Session, number: str, reason: str, second_id: int | None) -> str:
    """Ask the branch of an account to take back the movement with a receipt number; gives the message's key.

    raises   NothingToVoidError; MissingError without a reason; SecondPersonForDecisionError,
             BadSecondPersonError
    """
    row = find_movement(session, number.strip())
    key = f"void-{row.id}" if row is not None else ""
    asked = session.execute(select(AccountMessage.id).where(AccountMessage.key == key)).first()
    if row is None or asked is not None:
        raise NothingToVoidError(number=number)
    told = require(reason, "reason", LONGEST_NOTE)
    second = confirmed_by(session, second_id, needed=True)
    office = session.get_one(Office, row.origin_office_id)
    insert(
        session,
        AccountMessage(
            office_id=office.id,
            kind=VOID,
            key=key,
            account_number=_account_number(session, row),
            row_id=row.id,
            on=act(session).business_date,
            reason=told,
            approved_by=second,
        ),
    )
    act(session).cut_into(office.number)
    origin = find_origin(session, row.__tablename__, row.id, row.recorded_at)
    members = () if origin is None else (Member(origin.device, origin.seq, origin.hash),)
    write_decision(
        session,
        VOID,
        VOID,
        case_key(VOID, members),
        members,
        reason=told,
        approved_by=second,
        detail={"table": row.__tablename__, "id": row.id, "office": office.id},
    )
    return key


def _account_number(session: Session, row: Movement) -> str:
    if isinstance(row, LoanTransaction):
        return session.get_one(LoanAccount, row.loan_account_id).number
    return session.get_one(SavingsAccount, row.savings_account_id).number
