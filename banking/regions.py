"""Regions: offices without a laptop under which branches stand, so that reports can add them up."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from banking.rows import get_row
from banking.standard import add_office
from ledger.errors import N_, RuleError
from schema.reading import fetch
from schema.reference import Office
from schema.writing import update

REGION: Final = "region"
"""State of an office that is a region: it has no laptop and no books of its own."""


class OfficeLoopError(RuleError):
    """An office cannot stand under itself or under what stands under it. Facts: office, under."""

    code = "OFFICE_LOOP"
    message = N_("{office} cannot stand under {under}. Nothing was changed; choose a region above it.")


class NotARegionError(RuleError):
    """Facts: office."""

    code = "NOT_A_REGION"
    message = N_("{office} is a branch: nothing stands under it. Nothing was changed; choose a region.")


def add_region(session: Session, code: str, name: str, under_id: int | None = None) -> Office:
    """Make a region, under the head office or under another region.

    raises   BadValueError, MissingError, NumberTakenError, NotFoundError, NotARegionError
    """
    number = session.execute(select(func.max(Office.number))).scalar_one() + 1
    region = add_office(session, number, code, name)
    update(session, region, state=REGION)
    return region if under_id is None else place_office(session, region.id, under_id)


def place_office(session: Session, office_id: int, under_id: int) -> Office:
    """Put an office under a region or under the head office; its books stay what they are.

    raises   NotFoundError, NotARegionError, OfficeLoopError
    """
    office, under = (get_row(session, Office, one, "office") for one in (office_id, under_id))
    if under.parent_id is not None and under.state != REGION:
        raise NotARegionError(office=under.code)
    parents = dict(fetch(session, "SELECT id, parent_id FROM office"))
    above: int | None = under_id
    while above is not None:
        if above == office_id:
            raise OfficeLoopError(office=office.code, under=under.code)
        above = parents[above]
    update(session, office, parent_id=under_id)
    return office


def list_tree(session: Session) -> Sequence[Sequence[Any]]:
    """List code, name, code of the office above (empty: none) and state of every office, by number."""
    return fetch(
        session,
        "SELECT o.code, o.name, coalesce(p.code, ''), o.state FROM office AS o "
        "LEFT JOIN office AS p ON p.id = o.parent_id ORDER BY o.number",
    )
