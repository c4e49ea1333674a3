"""Provisions of all offices beside what they booked, and the entry of the head office for the difference.

A branch brings its own allowance to the tables when it closes a month (``docs/adr/0011``); headquarters
writes in no branch's journal. What the tables ask for and a branch has not booked (its month was closed
before a loan was corrected, its tables were older) the head office sets aside in its own books, to a target
as well: asked again it proposes nothing, and what a branch books later is taken back here by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.closing.ages import loan_ages
from banking.closing.provisions import (
    PROVISION,
    STANDARD,
    ProvisionRow,
    propose_provisions,
    reckon,
    tables_in_force,
)
from banking.closing.targets import Pair, find_shifts, post_to_target
from ledger.accruals import Shift
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money, total
from schema.reading import fetch

NOTE: Final = "provision of the head office for what branches have not booked"

_OFFICES: Final = "SELECT id, code, name, parent_id FROM office ORDER BY number"


@dataclass(frozen=True, slots=True)
class OfficeProvision:
    """One branch: what its loans ask for by age, what it booked, and the difference; minor units.

    missing        what it has still to set aside; below zero: what it has too much
    without_table  products with loans that no table covers
    """

    office_id: int
    code: str
    name: str
    rows: tuple[ProvisionRow, ...]
    balance: Money
    wanted: Money
    missing: Money
    without_table: tuple[str, ...]

    @property
    def booked(self) -> Money:
        """What stands on its allowance."""
        return self.wanted - self.missing


@dataclass(frozen=True, slots=True)
class Review:
    """All branches as at the end of ``as_of``, and the head office's journal that makes up the difference.

    ``journal`` is as in ``Proposal``; empty where nothing has to be posted.
    """

    as_of: date
    offices: tuple[OfficeProvision, ...]
    journal: tuple[Shift, ...]

    @property
    def held(self) -> Money:
        """What the head office will have set aside beside the branches, once its journal is posted."""
        return total(office.missing for office in self.offices)


@dataclass(frozen=True, slots=True)
class AgedLoan:
    """A loan behind a provision: its number, how many days late, and its principal (minor units)."""

    loan_id: int
    number: str
    days: int
    principal: Money


def review_provisions(session: Session, on: date) -> Review:
    """Compare what tables ask for with what branches booked at the end of ``on``; writes nothing."""
    offices = []
    head_id, targets = _targets(session, on)
    for office_id, code, name, parent_id in fetch(session, _OFFICES):
        if parent_id is None:
            continue
        found = propose_provisions(session, on, office_id)
        missing = -total(shift.amount for shift in found.journal)
        if found.rows or missing or found.without_table:
            offices.append(
                OfficeProvision(
                    office_id,
                    code,
                    name,
                    found.rows,
                    found.balance,
                    found.provision,
                    missing,
                    found.without_table,
                )
            )
    return Review(on, tuple(offices), tuple(find_shifts(session, PROVISION, targets, on, head_id)))


def post_review(session: Session, on: date, approved_by_id: int | None) -> list[Shift]:
    """Bring the head office's own allowance to what branches lack; gives what was posted.

    approved_by_id  the second person, checked before
    raises   ClosedPeriodError, ClosedDayError
    """
    _, targets = _targets(session, on)
    return post_to_target(session, PROVISION, targets, on, NOTE, approved_by_id=approved_by_id)


def account_names(session: Session) -> dict[int, str]:
    """Give the accounts of a journal by id, as people read them: code and name."""
    return {row[0]: f"{row[1]} {row[2]}" for row in fetch(session, "SELECT id, code, name FROM gl_account")}


def loans_behind(session: Session, on: date, office_id: int, product: str, from_days: int) -> list[AgedLoan]:
    """List the loans of an office behind one age of a product, the latest first.

    raises   NotFoundError for an age that no table in force has
    """
    rows = fetch(session, "SELECT id, code, provision_table FROM loan_product WHERE code = ?", product)
    table = tables_in_force(session, on).get((rows[0][2] or STANDARD) if rows else "")
    firsts = [rate.first for rate in table.rates.rates] if table is not None else []
    if from_days not in firsts:
        raise NotFoundError(kind="age", key=from_days)
    place, products = firsts.index(from_days), {row[0] for row in rows}
    until = firsts[place + 1] if place + 1 < len(firsts) else None
    numbers = dict(
        fetch(session, "SELECT id, number FROM loan_account WHERE origin_office_id = ?", office_id)
    )
    found = [
        AgedLoan(age.loan_id, numbers[age.loan_id], age.days, age.principal)
        for age in loan_ages(session, on, office_id)
        if age.product_id in products
        and age.charged_off_on is None
        and age.principal
        and (place == 0 or age.days >= from_days)
        and (until is None or age.days < until)
    ]
    return sorted(found, key=lambda one: (-one.days, one.number))


def _targets(session: Session, on: date) -> tuple[int, Mapping[Pair, Money]]:
    """Give the head office and what its allowances must stand at: its own loans', and what branches lack."""
    offices = fetch(session, _OFFICES)
    head_id = min(row[0] for row in offices if row[3] is None)
    _, own, _ = reckon(session, on, head_id)
    targets = dict(own)
    for office_id, _, _, parent_id in offices:
        if parent_id is None:
            continue
        _, wanted, _ = reckon(session, on, office_id)
        for shift in find_shifts(session, PROVISION, wanted, on, office_id):
            pair = (int(shift.held), int(shift.against))
            targets[pair] = targets.get(pair, ZERO) + shift.amount
    return head_id, targets
