"""Loan-loss provisions: the allowance that a dated table of ages asks for, proposed and posted to target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from banking.closing.ages import LoanAge, loan_ages
from banking.closing.targets import Pair, find_shifts, post_to_target
from ledger.accruals import Shift
from ledger.money import ZERO, Money, total
from ledger.provisions import AgeRate, ProvisionTable, provision_total, provisions
from schema.reading import fetch

PROVISION: Final = "provision"
STANDARD: Final = "standard"
"""Code of the table for products that name none."""

_TABLES = """
SELECT t.id, t.code, t.name, t.gl_allowance_id, t.gl_expense_id
  FROM provision_table AS t
 WHERE t.starts_on <= ?
   AND NOT EXISTS (SELECT 1 FROM provision_table AS newer
                    WHERE newer.code = t.code AND newer.starts_on <= ?
                      AND (newer.starts_on > t.starts_on
                           OR (newer.starts_on = t.starts_on AND newer.id > t.id)))
 ORDER BY t.code
"""

_BANDS = """
SELECT name, from_days, percent FROM provision_band WHERE provision_table_id = ? ORDER BY from_days
"""


@dataclass(frozen=True, slots=True)
class TableInForce:
    """A provision table as it counts on a day; ``names`` are its bands', youngest first."""

    code: str
    name: str
    names: tuple[str, ...]
    rates: ProvisionTable
    pair: Pair


@dataclass(frozen=True, slots=True)
class ProvisionRow:
    """One age of a product's loans: what is owed at that age and what is set aside; minor units."""

    product: str
    table: str
    band: str
    from_days: int
    percent: Decimal
    loans: int
    balance: Money
    provision: Money


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the tables ask for at the close of ``as_of``, and the journal that brings the allowance there.

    ``journal`` holds (allowance account, expense account, amount) with the debit-positive gain of the
    allowance: below zero more is set aside, above zero some is taken back. ``without_table`` names products
    with loans that no table covers.
    """

    as_of: date
    rows: tuple[ProvisionRow, ...]
    balance: Money
    provision: Money
    journal: tuple[Shift, ...]
    without_table: tuple[str, ...]


def tables_in_force(session: Session, on: date) -> dict[str, TableInForce]:
    """Give the tables that count on ``on``, by code: of each code the newest that has begun."""
    day = on.isoformat()
    found = {}
    for table_id, code, name, allowance, expense in fetch(session, _TABLES, day, day):
        bands = fetch(session, _BANDS, table_id)
        rates = tuple(AgeRate(row[1], Decimal(row[2])) for row in bands)
        names = tuple(row[0] for row in bands)
        found[code] = TableInForce(code, name, names, ProvisionTable(on, rates), (allowance, expense))
    return found


def propose_provisions(session: Session, on: date, office_id: int | None = None) -> Proposal:
    """Show what would be set aside for an office's loans at the close of ``on``; writes nothing.

    The base is the whole principal of a loan; what is charged off or written off has none. Each age of each
    product is rounded once.

    office_id  None: this one
    """
    rows, targets, without = reckon(session, on, office_id)
    return Proposal(
        on,
        tuple(rows),
        total(row.balance for row in rows),
        total(row.provision for row in rows),
        tuple(find_shifts(session, PROVISION, targets, on, office_id)),
        without,
    )


def post_provisions(session: Session, on: date) -> list[Shift]:
    """Bring each allowance to what the tables ask for at the close of ``on``; a second time posts nothing.

    raises   ClosedDayError, ClosedPeriodError
    """
    _, targets, _ = reckon(session, on)
    return post_to_target(session, PROVISION, targets, on, "provision for loan losses")


def reckon(
    session: Session, on: date, office_id: int | None = None
) -> tuple[list[ProvisionRow], dict[Pair, Money], tuple[str, ...]]:
    """Give what the tables ask for of an office: rows, what each allowance must stand at, products without.

    office_id  None: this one
    """
    tables = tables_in_force(session, on)
    targets = {
        (row[0], row[1]): ZERO
        for row in fetch(
            session,
            "SELECT DISTINCT gl_allowance_id, gl_expense_id FROM provision_table WHERE starts_on <= ?",
            on.isoformat(),
        )
    }
    products = {
        row[0]: row[1:] for row in fetch(session, "SELECT id, code, provision_table FROM loan_product")
    }
    ages = [age for age in loan_ages(session, on, office_id) if age.charged_off_on is None and age.principal]
    rows: list[ProvisionRow] = []
    without = set()
    for (code, table_code), of_code in _by_product(products, ages).items():
        table = tables.get(table_code)
        if table is None:
            without.add(code)
            continue
        reckoned = _rows_of(code, table, of_code)
        rows += reckoned
        targets[table.pair] -= total(row.provision for row in reckoned)
    return rows, targets, tuple(sorted(without))


def _by_product(
    products: Mapping[int, Sequence[str]], ages: Sequence[LoanAge]
) -> dict[tuple[str, str], list[LoanAge]]:
    """Bring the versions of a product together as far as they use one table; by codes of both."""
    found: dict[tuple[str, str], list[LoanAge]] = {}
    for age in ages:
        code, table = products[age.product_id]
        found.setdefault((code, table or STANDARD), []).append(age)
    return dict(sorted(found.items()))


def _rows_of(code: str, table: TableInForce, ages: Sequence[LoanAge]) -> list[ProvisionRow]:
    reckoned = provisions(((age.days, age.principal) for age in ages), table.rates)
    assert provision_total(reckoned) == total(row.provision for row in reckoned)
    firsts = [row.rate.first for row in reckoned]
    counts = [0] * len(firsts)
    for age in ages:
        counts[max((place for place, first in enumerate(firsts) if first <= age.days), default=0)] += 1
    return [
        ProvisionRow(
            code, table.code, name, row.rate.first, row.rate.percent, count, row.balance, row.provision
        )
        for name, count, row in zip(table.names, counts, reckoned, strict=True)
    ]
