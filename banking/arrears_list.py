"""The arrears list: every late loan by officer and age, with telephone and village, and sums per age."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.reports.shape import Question
from banking.reports.standing import Standing, standings

AGES: Final = ((1, 7), (8, 30), (31, 60), (61, 90), (91, 180), (181, None))
"""Days late, first and last of each age."""


@dataclass(frozen=True, slots=True)
class Age:
    """Late loans of one age; amounts in minor units. ``last`` None: and more."""

    first: int
    last: int | None
    loans: int
    overdue: int
    principal: int


@dataclass(frozen=True, slots=True)
class Arrears:
    """The list of one officer, or of all.

    officers    (name, number of late loans) of everybody who has any
    principal   what is outstanding of all late loans
    """

    on: date
    officers: tuple[tuple[str, int], ...]
    ages: tuple[Age, ...]
    loans: tuple[Standing, ...]
    overdue: int
    principal: int


def read_arrears(
    session: Session, on: date, office_id: int, *, officer: str | None = None, age: int = 0
) -> Arrears:
    """Give the late loans of an office at the end of a day: by officer, the oldest arrears first.

    officer   only this one's (empty: those of nobody); None: everybody's
    age       only loans of the age that begins with so many days; 0: all
    """
    late = [
        loan
        for loan in standings(session, Question(as_of=on, office_id=office_id, offices=(office_id,)))
        if loan.days_past_due > 0 and loan.overdue > 0
    ]
    counted: dict[str, int] = {}
    for loan in late:
        counted[loan.officer] = counted.get(loan.officer, 0) + 1
    own = [loan for loan in late if officer is None or loan.officer == officer]
    shown = [loan for loan in own if not age or _age_of(loan)[0] == age]
    return Arrears(
        on,
        tuple(sorted(counted.items())),
        tuple(_age(first, last, own) for first, last in AGES),
        tuple(sorted(shown, key=lambda loan: (loan.officer, -loan.days_past_due, loan.number))),
        sum(loan.overdue for loan in shown),
        sum(loan.principal for loan in shown),
    )


def _age_of(loan: Standing) -> tuple[int, int | None]:
    return next(age for age in reversed(AGES) if loan.days_past_due >= age[0])


def _age(first: int, last: int | None, loans: Iterable[Standing]) -> Age:
    own = [loan for loan in loans if _age_of(loan)[0] == first]
    return Age(first, last, len(own), sum(loan.overdue for loan in own), sum(loan.principal for loan in own))
