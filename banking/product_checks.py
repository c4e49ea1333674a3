"""Checks that loan and savings products share: words, percentages, limits in order, GL accounts."""

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.books import account_with_role
from banking.errors import BadValueError
from banking.reasons import Reasons
from banking.text import require
from ledger.errors import N_, BadTermError, NotFoundError, RuleError
from ledger.money import ZERO, Money
from ledger.posting import Role
from ledger.soundness import UNSOUND_ANNUAL_RATE
from schema.reading import fetch_one
from schema.reference import GLAccount
from schema.writing import update

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}", re.ASCII)


class RateTooHighError(RuleError):
    """A rate that can only be a typing error. Facts: given, limit."""

    code = "RATE_TOO_HIGH"
    message = N_("{given} percent a year is no rate: it must be below {limit}. Check the decimal point.")


class LimitOrderError(RuleError):
    """Least, default and most that do not follow each other. Facts: least, usual, most."""

    code = "LIMIT_ORDER"
    message = N_("Least, default and most must rise: {least}, {usual}, {most}. Correct them.")


class WrongAccountError(RuleError):
    """A GL account that cannot play its part. Facts: account (its code), wanted (in words)."""

    code = "WRONG_ACCOUNT"
    message = N_("The GL account {account} cannot be used here: it must be {wanted}. Choose another one.")


def require_code(code: str) -> str:
    """Give the code of a product, charge or payment type.

    raises   MissingError, BadValueError
    """
    wanted = require(code, "code")
    if not CODE.fullmatch(wanted):
        raise BadValueError(field="code", given=wanted)
    return wanted


def require_rate(rate: Decimal) -> Decimal:
    """Give a rate back that people can mean: from 0, below 1,000 percent a year.

    raises   RateTooHighError, BadTermError below zero
    """
    if not rate.is_finite() or rate < 0:
        raise BadTermError(term="annual_rate", given=rate)
    if rate >= UNSOUND_ANNUAL_RATE:
        raise RateTooHighError(given=rate, limit=UNSOUND_ANNUAL_RATE)
    return rate


def check_words(reasons: Reasons, row: object, choices: Mapping[str, Collection[str]]) -> None:
    """Note every column whose word is none of its choices."""
    for name, words in choices.items():
        given = getattr(row, name)
        if given not in words:
            reasons.add(name, BadValueError(field=name, given=given))


def check_order(reasons: Reasons, name: str, least: Any, usual: Any, most: Any) -> None:  # noqa: ANN401 - amounts, rates or numbers
    """Note limits that are below zero or not in order."""
    given = [value for value in (least, usual, most) if value is not None]
    if any(_below_zero(value) for value in given):
        reasons.add(name, BadValueError(field=name, given=min(given)))
    if given != sorted(given):
        reasons.add(name, LimitOrderError(least=least, usual=usual, most=most))


def _below_zero(value: Any) -> bool:  # noqa: ANN401 - as above
    return bool(value < (ZERO if isinstance(value, Money) else 0))


def check_amounts(reasons: Reasons, row: object, names: Sequence[str]) -> None:
    """Note amounts and numbers below zero."""
    for name in names:
        value = getattr(row, name)
        if value is not None and _below_zero(value):
            reasons.add(name, BadValueError(field=name, given=value))


def check_percent(reasons: Reasons, row: object, name: str, most: int = 100) -> None:
    """Note a percentage that is not above 0 and up to ``most``."""
    value = getattr(row, name)
    if value is not None and not (value.is_finite() and 0 < value <= most):
        reasons.add(name, BadValueError(field=name, given=value))


def default_accounts(session: Session, row: Any, roles: Mapping[str, Role]) -> None:  # noqa: ANN401 - both kinds of products
    """Fill GL accounts that were not given with those that the chart has for their part."""
    for name, role in roles.items():
        if getattr(row, name) is None:
            setattr(row, name, account_with_role(session, role))


_KEEPS_MONEY = """
SELECT 1 FROM payment_type WHERE gl_account_id = ?
 UNION ALL SELECT 1 FROM payment_account WHERE gl_account_id = ?
 UNION ALL SELECT 1 FROM till WHERE gl_account_id = ?
"""


def check_accounts(
    session: Session, reasons: Reasons, row: object, types: Mapping[str, str], controls: Mapping[str, Role]
) -> None:
    """Note GL accounts of the wrong type or use.

    types     the type that each column's account must have
    controls  columns whose account's balance is the sum of the accounts of clients: it takes no manual entry,
              and plays no other part
    """
    for name, kind in types.items():
        account_id = getattr(row, name)
        if account_id is None:
            continue
        account = session.get(GLAccount, account_id)
        if account is None:
            reasons.add(name, NotFoundError(kind="GL account", key=account_id))
            continue
        if account.type != kind or account.usage != "detail" or not account.active:
            reasons.add(
                name,
                WrongAccountError(
                    account=account.code, wanted=f"an active {kind} account without others below it"
                ),
            )
        elif name in controls and account.role not in {"", controls[name]}:
            reasons.add(
                name, WrongAccountError(account=account.code, wanted="without another part in the books")
            )
        elif name in controls and account.manual_entries and _is_used(session, account_id):
            reasons.add(name, WrongAccountError(account=account.code, wanted="without entries made by hand"))
        elif name in controls and fetch_one(session, _KEEPS_MONEY, account_id, account_id, account_id):
            reasons.add(name, WrongAccountError(account=account.code, wanted="without money kept on it"))


def check_money_account(session: Session, reasons: Reasons, row: object) -> None:
    """Note a ``gl_account_id`` on which no money can be kept.

    It is an asset, and not one whose balance is the sum of the accounts of clients.
    """
    check_accounts(session, reasons, row, {"gl_account_id": "asset"}, {})
    account = session.get(GLAccount, getattr(row, "gl_account_id"))  # noqa: B009 - rows of several tables
    if account is not None and not account.manual_entries:
        wanted = "open to entries by hand"
        reasons.add("gl_account_id", WrongAccountError(account=account.code, wanted=wanted))


def take_under_control(session: Session, row: object, controls: Mapping[str, Role]) -> None:
    """End manual entries on the accounts whose balance follows from the accounts of clients."""
    for name in controls:
        account_id = getattr(row, name)
        if account_id is not None:
            update(session, session.get_one(GLAccount, account_id), manual_entries=0)


def _is_used(session: Session, account_id: int) -> bool:
    return (
        fetch_one(session, "SELECT 1 FROM gl_day_total WHERE gl_account_id = ? LIMIT 1", account_id)
        is not None
    )
