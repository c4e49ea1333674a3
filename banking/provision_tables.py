"""Tables of provisions by age: made by headquarters, dated; and some that regulators and handbooks print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.books import account_with_role
from banking.errors import BadValueError
from banking.text import require
from ledger.errors import NotFoundError
from ledger.posting import Role
from ledger.provisions import AgeRate
from ledger.provisions import ProvisionTable as Rates
from schema.products import ProvisionBand, ProvisionTable
from schema.reference import GLAccount
from schema.writing import insert


@dataclass(frozen=True, slots=True)
class Band:
    """One age: from so many days overdue on, ``percent`` of the balance; -1 tells not due from due today."""

    name: str
    from_days: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table that stands in a source, in its words."""

    name: str
    source: str
    bands: tuple[Band, ...]


def _bands(*rows: tuple[str, int, int]) -> tuple[Band, ...]:
    return tuple(Band(name, days, Decimal(percent)) for name, days, percent in rows)


PUBLISHED: Final[Mapping[str, PublishedTable]] = {
    "sa-dhan": PublishedTable(
        "Sa-Dhan",
        "Sa-Dhan, Tracking Financial Performance Standards, p. 60",
        _bands(
            ("Current", 0, 0),
            ("1 to 30 days", 1, 10),
            ("31 to 60 days", 31, 25),
            ("61 to 90 days", 61, 50),
            ("91 to 180 days", 91, 75),
            ("181 to 365 days", 181, 90),
            ("Over 365 days", 366, 100),
        ),
    ),
    "nigeria-mfb": PublishedTable(
        "Nigeria, microfinance banks",
        "training example for microfinance banks",
        _bands(
            ("Current", -1, 0),
            ("Due today", 0, 1),
            ("1 to 30 days", 1, 5),
            ("31 to 60 days", 31, 20),
            ("61 to 90 days", 61, 50),
            ("Over 90 days", 91, 100),
        ),
    ),
    "nepal-nrb": PublishedTable(
        "Nepal Rastra Bank 2071",
        "directive of 2071; its watch list (5 %) is a judgement and no age",
        _bands(
            ("Pass", 0, 1),
            ("Substandard, over 3 months", 91, 25),
            ("Doubtful, over 6 months", 181, 50),
            ("Loss, over 12 months", 366, 100),
        ),
    ),
    "kenya-sasra": PublishedTable(
        "Kenya, SASRA",
        "SASRA regulations; days of doubtful and loss as commonly used",
        _bands(
            ("Performing", 0, 1),
            ("Watch", 30, 5),
            ("Substandard", 91, 25),
            ("Doubtful", 181, 50),
            ("Loss", 361, 100),
        ),
    ),
    "pearls": PublishedTable(
        "PEARLS P1 and P2",
        "WOCCU PEARLS: 35 % of 1 to 12 months, 100 % of more",
        _bands(("Up to 1 month", 0, 0), ("1 to 12 months", 31, 35), ("Over 12 months", 366, 100)),
    ),
}
"""Published tables by the name under which they can be asked for."""


def define_table(
    session: Session,
    *,
    code: str,
    starts_on: date,
    bands: Sequence[Band],
    name: str = "",
    allowance_id: int | None = None,
    expense_id: int | None = None,
) -> ProvisionTable:
    """Write a provision table that counts from ``starts_on`` on; until then an earlier one of the code does.

    bands    rising ages, the first of them 0 or -1
    raises   BadTermError for ages that do not rise or rates that are none; BadValueError for a first band
             that begins late or a day that has a table already; NotFoundError for accounts
    """
    rows = tuple(bands)
    Rates(starts_on, tuple(AgeRate(band.from_days, band.percent) for band in rows))
    if rows[0].from_days not in {-1, 0}:
        raise BadValueError(field="from_days", given=rows[0].from_days)
    wanted = require(code, "code")
    known = select(ProvisionTable.id).where(
        ProvisionTable.code == wanted, ProvisionTable.starts_on == starts_on
    )
    if session.scalars(known).first() is not None:
        raise BadValueError(field="starts_on", given=starts_on)
    table = ProvisionTable(
        code=wanted,
        name=require(name or wanted, "name"),
        starts_on=starts_on,
        gl_allowance_id=_account(session, allowance_id, Role.LOSS_ALLOWANCE, "asset", "liability"),
        gl_expense_id=_account(session, expense_id, Role.PROVISION_EXPENSE, "expense"),
    )
    insert(session, table)
    insert(
        session,
        *(
            ProvisionBand(
                provision_table_id=table.id,
                name=require(band.name, "name"),
                from_days=band.from_days,
                percent=band.percent,
            )
            for band in rows
        ),
    )
    return table


def published_table(name: str) -> PublishedTable:
    """Give a published table by its name.

    raises   NotFoundError
    """
    try:
        return PUBLISHED[name]
    except KeyError:
        raise NotFoundError(kind="published provision table", key=name) from None


def _account(session: Session, account_id: int | None, role: Role, *types: str) -> int:
    """Give the account to book on: the one that was named if it is of a fitting type, else the role's."""
    if account_id is None:
        return account_with_role(session, role)
    account = session.get(GLAccount, account_id)
    if account is None:
        raise NotFoundError(kind="GL account", key=account_id)
    if account.usage != "detail" or account.type not in types:
        raise BadValueError(field="GL account", given=f"{account.code} {account.name}")
    return account_id
