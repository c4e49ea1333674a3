"""Changing what an account has of its own: its rate, overdraft, expected deposit, where its interest goes."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.savings_book import ACTIVE, DORMANT, balance, read_savings, require_status
from banking.savings_errors import OverdraftInUseError
from banking.savings_interest import post_interest
from banking.savings_opening import OwnTerms, require_limits, require_own_account
from banking.savings_terms import WITH_TERM
from ledger.money import ZERO
from schema.accounts import SavingsAccount
from schema.products import SavingsProduct
from schema.writing import update


def change_terms(
    session: Session, account_id: int, own: OwnTerms, on: date, *, annual_rate: Decimal | None = None
) -> SavingsAccount:
    """Give an account terms of its own from ``on``; what is None stays as it is.

    A new rate counts from ``on``: what was earned before is posted to the day before, at the old one. The
    term of a deposit and its rate do not change while it runs.

    raises   SavingsLimitError; OverdraftInUseError for a limit below what is drawn; BadValueError for a term,
             for the rate of a deposit with a term, or for a day whose interest is posted; StatusError
    """
    book = read_savings(session, account_id, on)
    require_status(book, "other terms", ACTIVE, DORMANT)
    account = session.get_one(SavingsAccount, account_id)
    product = session.get_one(SavingsProduct, account.product_id)
    if own.term_days is not None:
        raise BadValueError(field="term_days", given=own.term_days)
    require_limits(product, own, annual_rate)
    changed: dict[str, object] = {
        name: value
        for name in ("expected_deposit", "overdraft_limit", "officer_id", "pays_interest_to_id")
        if (value := getattr(own, name)) is not None
    }
    drawn = -min(balance(session, account_id), ZERO)
    if own.overdraft_limit is not None and own.overdraft_limit < drawn:
        raise OverdraftInUseError(number=book.number, limit=own.overdraft_limit, drawn=drawn)
    if own.pays_interest_to_id is not None:
        require_own_account(session, own.pays_interest_to_id)
    if annual_rate is not None and annual_rate != account.annual_rate:
        changed |= _new_rate(session, account, product, annual_rate, on)
    update(session, account, **changed)
    return account


def _new_rate(
    session: Session, account: SavingsAccount, product: SavingsProduct, annual_rate: Decimal, on: date
) -> dict[str, object]:
    if product.kind in WITH_TERM:
        raise BadValueError(field="annual_rate", given=annual_rate)
    before = on - timedelta(days=1)
    if account.interest_to is not None and account.interest_to > before:
        raise BadValueError(field="on", given=on)
    if account.opened_on is None or account.opened_on <= before:
        post_interest(session, account.id, before, to_the_day=True)
    return {"annual_rate": annual_rate, "earns_from": on, "interest_to": before}
