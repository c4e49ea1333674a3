"""The steps of a day close, in their order; each can be done again without doing anything twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from sqlalchemy.orm import Session

from banking.closing.accruals import post_accruals
from banking.closing.ages import loan_ages, mark_non_performing
from banking.closing.targets import moved_in_all
from ledger.money import ZERO, Money, total
from schema.writing import cut_when_full


@dataclass(frozen=True, slots=True)
class StepDone:
    """One step of a close: how many accounts or entries it was about, and the amount (minor units)."""

    name: str
    done: int
    amount: Money = ZERO


Step: TypeAlias = Callable[[Session, date], StepDone]


def _arrears(session: Session, on: date) -> StepDone:
    """Find what is late; nothing is written, since arrears are always reckoned from the rows."""
    late = [age.overdue for age in loan_ages(session, on) if age.overdue]
    return StepDone("arrears", len(late), total(late))


def _non_performing(session: Session, on: date) -> StepDone:
    """Mark the loans that do not perform and clear the mark of those that do again."""
    ages = list(loan_ages(session, on))
    changed = mark_non_performing(session, ages, on)
    return StepDone("non_performing", changed, total(age.principal for age in ages if not age.performs))


def _accruals(session: Session, on: date) -> StepDone:
    """Bring the receivables of loans to what is earned and unpaid."""
    posted = post_accruals(session, on)
    return StepDone("accruals", len(posted), moved_in_all(posted))


STEPS: Final[tuple[Step, ...]] = (_arrears, _non_performing, _accruals)
"""In this order: money moves first, then it is seen what is late, then what is earned is booked."""


def run_steps(session: Session, on: date) -> list[StepDone]:
    """Do every step as at the close of ``on``.

    Long work is cut into changesets between two accounts; all of it is committed together, so that a power
    cut leaves the day open as it was.

    raises   what posting raises: ClosedDayError, ClosedPeriodError
    """
    done = []
    for step in STEPS:
        done.append(step(session, on))
        cut_when_full(session)
    return done
