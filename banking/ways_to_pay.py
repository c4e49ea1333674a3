"""What the counter offers beside cash in a till: other ways to pay, and the fees on the list."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.products import ChargeDefinition, PaymentType


def ways_to_pay(session: Session) -> Sequence[PaymentType]:
    """List the ways to pay that are in use, by name."""
    wanted = select(PaymentType).where(PaymentType.active == 1).order_by(PaymentType.name, PaymentType.id)
    return session.scalars(wanted).all()


def name_of_way(session: Session, payment_type_id: int | None) -> str:
    """Give the name of a way to pay; nothing for cash."""
    found = None if payment_type_id is None else session.get(PaymentType, payment_type_id)
    return found.name if found is not None else ""


def listed_charges(session: Session) -> Sequence[ChargeDefinition]:
    """List the fees on offer that the counter can put on a running loan, by name.

    Those that are made by themselves (at disbursement, when a row is overdue) are not among them.
    """
    wanted = select(ChargeDefinition).where(
        ChargeDefinition.active == 1, ChargeDefinition.applies_to == "loan", ChargeDefinition.due == "date"
    )
    return session.scalars(wanted.order_by(ChargeDefinition.name, ChargeDefinition.id)).all()
