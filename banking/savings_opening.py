"""Opening a savings account: whose it is, at what rate, locked or until when."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from banking.errors import BadValueError, OneOwnerError
from banking.numbers import account_number
from banking.rows import get_row
from banking.savings_errors import SavingsLimitError
from banking.savings_terms import WITH_TERM, rate_for
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money
from schema.accounts import SavingsAccount
from schema.people import Client, Group
from schema.products import SavingsProduct
from schema.writing import act, insert, update

LONGEST_TERM_DAYS = 36_600
"""A hundred years: more is a typing error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTerms:
    """What an account has of its own; None: as its product says. Amounts in minor units.

    expected_deposit     of a fixed term: what will be paid in; else what is expected each time
    pays_interest_to_id  the savings account that gets posted interest
    """

    term_days: int | None = None
    expected_deposit: Money | None = None
    overdraft_limit: Money | None = None
    officer_id: int | None = None
    pays_interest_to_id: int | None = None


NO_TERMS = OwnTerms()


def open_account(
    session: Session,
    *,
    client_id: int | None = None,
    group_id: int | None = None,
    product_id: int,
    opened_on: date | None,
    number: str | None = None,
    annual_rate: Decimal | None = None,
    own: OwnTerms = NO_TERMS,
) -> SavingsAccount:
    """Open a savings account; the rate is the product's unless older books had another one.

    An account with a term gets the rate of its term and amount, and the day on which it matures; the others
    are locked for as long as the product says.

    raises   OneOwnerError, NotFoundError, NumberTakenError; BadValueError for a rate below zero or a term
             that cannot be
    """
    _require_owner(session, client_id, group_id)
    product = session.get(SavingsProduct, product_id)
    if product is None or not product.active:
        raise NotFoundError(kind="savings product", key=product_id)
    days = _term_days(product, own)
    rate = annual_rate
    if rate is None:
        rate = (
            rate_for(session, product, days or 0, own.expected_deposit or ZERO)
            if days
            else product.annual_rate
        )
    if not rate.is_finite() or rate < 0:
        raise BadValueError(field="annual_rate", given=rate)
    if own.pays_interest_to_id is not None:
        require_own_account(session, own.pays_interest_to_id)
    account = SavingsAccount(
        number=account_number(session, SavingsAccount, number),
        client_id=client_id,
        group_id=group_id,
        product_id=product_id,
        annual_rate=rate,
        opened_on=opened_on,
        officer_id=own.officer_id,
        term_days=days,
        matures_on=_after(opened_on, days),
        locked_until=_after(opened_on, product.lock_in_days),
        expected_deposit=own.expected_deposit,
        overdraft_limit=own.overdraft_limit,
        pays_interest_to_id=own.pays_interest_to_id,
    )
    insert(session, account)
    return account


def open_within_limits(
    session: Session,
    *,
    client_id: int | None = None,
    group_id: int | None = None,
    product_id: int,
    opened_on: date,
    number: str | None = None,
    annual_rate: Decimal | None = None,
    own: OwnTerms = NO_TERMS,
) -> SavingsAccount:
    """Open an account for somebody who asks for it now: within what the product allows.

    raises   SavingsLimitError, and as ``open_account``
    """
    require_limits(get_row(session, SavingsProduct, product_id, "savings product"), own, annual_rate)
    return open_account(
        session,
        client_id=client_id,
        group_id=group_id,
        product_id=product_id,
        opened_on=opened_on,
        number=number,
        annual_rate=annual_rate,
        own=own,
    )


def require_limits(product: SavingsProduct, own: OwnTerms, annual_rate: Decimal | None) -> None:
    """Refuse terms that a product does not allow.

    raises   SavingsLimitError
    """
    checks = (
        ("annual_rate", annual_rate, product.rate_minimum, product.rate_maximum),
        ("term_days", _term_days(product, own), product.term_days_minimum, product.term_days_maximum),
        ("overdraft_limit", own.overdraft_limit, None, product.overdraft_limit or ZERO),
    )
    for field, given, least, most in checks:
        if given is None:
            continue
        if (least is not None and given < least) or (most is not None and given > most):  # type: ignore[operator]  # each row compares one type
            raise SavingsLimitError(field=field, given=given, least=_shown(least), most=_shown(most))


def _shown(limit: object) -> object:
    return "…" if limit is None else limit


def settle_rate(session: Session, account: SavingsAccount, paid_in: Money) -> None:
    """Give a fixed deposit the rate of what was really paid in, unless a rate of its own was agreed."""
    product = session.get_one(SavingsProduct, account.product_id)
    days = account.term_days or 0
    if account.annual_rate == rate_for(session, product, days, account.expected_deposit or ZERO):
        update(session, account, annual_rate=rate_for(session, product, days, paid_in))


def _require_owner(session: Session, client_id: int | None, group_id: int | None) -> None:
    if (client_id is None) == (group_id is None):
        raise OneOwnerError
    if client_id is not None and session.get(Client, client_id) is None:
        raise NotFoundError(kind="client", key=client_id)
    if group_id is not None and session.get(Group, group_id) is None:
        raise NotFoundError(kind="group", key=group_id)


def require_own_account(session: Session, account_id: int) -> None:
    """Refuse an account of another office as the one that interest is paid to.

    raises   NotFoundError
    """
    found = session.get(SavingsAccount, account_id)
    if found is None or found.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="savings account", key=account_id)


def _term_days(product: SavingsProduct, own: OwnTerms) -> int | None:
    if product.kind not in WITH_TERM:
        return None
    days = own.term_days or product.term_days
    if days is not None and not 1 <= days <= LONGEST_TERM_DAYS:
        raise BadValueError(field="term_days", given=days)
    return days


def _after(opened_on: date | None, days: int | None) -> date | None:
    return opened_on + timedelta(days=days) if opened_on is not None and days else None
