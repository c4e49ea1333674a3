"""Ways to pay beside cash in a till, as the counter offers them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.products import PaymentType


def ways_to_pay(session: Session) -> Sequence[PaymentType]:
    """List the ways to pay that are in use, by name."""
    wanted = select(PaymentType).where(PaymentType.active == 1).order_by(PaymentType.name, PaymentType.id)
    return session.scalars(wanted).all()


def name_of_way(session: Session, payment_type_id: int | None) -> str:
    """Give the name of a way to pay; nothing for cash."""
    found = None if payment_type_id is None else session.get(PaymentType, payment_type_id)
    return found.name if found is not None else ""
