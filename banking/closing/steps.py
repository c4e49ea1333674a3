"""The steps of a day close, in their order; each can be done again without doing anything twice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeAlias

from sqlalchemy.orm import Session

from banking.closing.accruals import post_accruals
from banking.closing.ages import LoanAge, loan_ages, mark_non_performing
from banking.closing.savings_accruals import post_savings_accruals, settle_brought_in
from banking.closing.savings_overdrafts import post_savings_overdrafts
from banking.closing.targets import moved_in_all
from banking.credit_lines import charge_all
from banking.loan_books import owed_by_component, read_dues
from banking.loan_charges import OVERDUE, charge_overdue
from banking.loan_losses import charge_off
from banking.loan_replay import settle
from banking.savings_charges import charge_periods
from banking.savings_dormancy import mark_dormant
from banking.savings_interest import post_interest_of_all
from banking.savings_maturity import mature_terms
from banking.standing_instructions import run_standing_instructions
from ledger.dates import month_ends
from ledger.errors import RuleError
from ledger.money import ZERO, Money, total
from schema.accounts import LoanAccount
from schema.reading import fetch
from schema.writing import act, attempt, cut_when_full


@dataclass(frozen=True, slots=True)
class StepDone:
    """One step of a close: how many accounts or entries it was about, and the amount (minor units).

    ``refused`` tells accounts that a rule kept out, with the reason: they wait for the next close.
    """

    name: str
    done: int
    amount: Money = ZERO
    refused: tuple[str, ...] = ()


_RECALCULATED: Final = """
SELECT id FROM loan_product
 WHERE kind = 'loan' AND (recalculation <> 'none' OR schedule_kind <> 'cumulative')
"""

ONE_DAY: Final = timedelta(days=1)
LONGEST_MONTH: Final = timedelta(days=31)
Step: TypeAlias = Callable[[Session, date], StepDone]


def _standing_instructions(session: Session, on: date) -> StepDone:
    """Move what owners ordered, so that it is paid before anything is called late."""
    moved = [one.amount for one in run_standing_instructions(session, on)]
    return StepDone("standing_instructions", len(moved), total(moved))


def _penalties(session: Session, on: date) -> StepDone:
    """Charge what is overdue, where products have a penalty for it."""
    rows = fetch(
        session,
        "SELECT DISTINCT c.loan_product_id FROM product_charge AS c "
        "JOIN charge_definition AS d ON d.id = c.charge_id WHERE d.due = ? AND d.active = 1",
        OVERDUE,
    )
    products = {row[0] for row in rows}
    if not products:
        return StepDone("penalties", 0)
    late = [age for age in loan_ages(session, on) if age.overdue and age.product_id in products]
    made: list[Money] = []

    def charge(loan_id: int) -> None:
        made.extend(one.amount for one in charge_overdue(session, loan_id, on))

    refused = _each(session, late, charge)
    return StepDone("penalties", len(made), total(made), refused)


def _recalculations(session: Session, on: date) -> StepDone:
    """Let overdue principal bear interest to the day, where a product recalculates interest."""
    rows = fetch(session, _RECALCULATED)
    products = {row[0] for row in rows}
    if not products:
        return StepDone("recalculations", 0)
    late = [age for age in loan_ages(session, on) if age.overdue and age.product_id in products]
    moved: list[Money] = []

    def follow(loan_id: int) -> None:
        before = owed_by_component(read_dues(session, loan_id)).interest
        settle(session, loan_id, through=on)
        after = owed_by_component(read_dues(session, loan_id)).interest
        if after != before:
            moved.append(after - before)

    refused = _each(session, late, follow)
    return StepDone("recalculations", len(moved), total(moved), refused)


def _arrears(session: Session, on: date) -> StepDone:
    """Find what is late; nothing is written, since arrears are always reckoned from the rows."""
    late = [age.overdue for age in loan_ages(session, on) if age.overdue]
    return StepDone("arrears", len(late), total(late))


def _non_performing(session: Session, on: date) -> StepDone:
    """Mark the loans that do not perform and clear the mark of those that do again."""
    ages = list(loan_ages(session, on))
    changed = mark_non_performing(session, ages, on)
    return StepDone("non_performing", changed, total(age.principal for age in ages if not age.performs))


def _charge_offs(session: Session, on: date) -> StepDone:
    """Charge off what is later than its product allows."""
    if not fetch(session, "SELECT 1 FROM loan_product WHERE charge_off_after_days IS NOT NULL LIMIT 1"):
        return StepDone("charge_offs", 0)
    late = [age for age in loan_ages(session, on) if age.is_to_be_charged_off and age.principal]
    made: list[Money] = []

    def give_up(loan_id: int) -> None:
        made.append(charge_off(session, loan_id, on, note="later than the product allows").amount)

    refused = _each(session, late, give_up)
    return StepDone("charge_offs", len(made), total(made), refused)


def _each(session: Session, ages: Iterable[LoanAge], do: Callable[[int], None]) -> tuple[str, ...]:
    """Do something to each loan; one that a rule refuses is told and keeps no other from it."""
    refused = []
    for age in ages:
        try:
            with attempt(session):
                do(age.loan_id)
        except RuleError as refusal:
            refused.append(f"{session.get_one(LoanAccount, age.loan_id).number}: {refusal}")
        cut_when_full(session)
    return tuple(refused)


def _credit_lines(session: Session, on: date) -> StepDone:
    """Charge credit lines their interest up to the end of the last month that is over."""
    ended = _ended_months(session, on)
    return StepDone("credit_lines", charge_all(session, ended[-1]) if ended else 0)


def _savings_charges(session: Session, on: date) -> StepDone:
    """Take the monthly and annual charges of savings."""
    return StepDone("savings_charges", charge_periods(session, on))


def _savings_terms(session: Session, on: date) -> StepDone:
    """End the terms of fixed deposits whose day has come."""
    return StepDone("savings_terms", mature_terms(session, on))


_INTEREST = """
SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM savings_transaction
 WHERE kind = 'interest' AND booked_on = ? AND origin_office_id = ?
"""

_LAST_CLOSE = """
SELECT max("on") FROM business_day WHERE origin_office_id = ? AND state = 'closed' AND "on" < ?
"""


def _savings_interest(session: Session, on: date) -> StepDone:
    """Post the interest of savings whose posting period has ended; periods end with calendar months."""
    office, day = act(session).office_id, on.isoformat()
    if not _ended_months(session, on):
        return StepDone("savings_interest", 0)
    settle_brought_in(session)
    posted = post_interest_of_all(session, on)
    return StepDone("savings_interest", posted, Money(fetch(session, _INTEREST, day, office)[0][0]))


def _ended_months(session: Session, on: date) -> list[date]:
    """List the ends of calendar months since the close before; the first close looks a month back."""
    last = fetch(session, _LAST_CLOSE, act(session).office_id, on.isoformat())[0][0]
    first = on - LONGEST_MONTH if last is None else date.fromisoformat(last) + ONE_DAY
    return month_ends(first, on)


def _dormancy(session: Session, on: date) -> StepDone:
    """Mark savings that nobody touched as dormant, and as unclaimed later."""
    found = mark_dormant(session, on)
    return StepDone("dormancy", found.dormant + found.unclaimed)


def _accruals(session: Session, on: date) -> StepDone:
    """Bring the receivables of loans to what is earned and unpaid."""
    posted = post_accruals(session, on)
    return StepDone("accruals", len(posted), moved_in_all(posted))


def _savings_accruals(session: Session, on: date) -> StepDone:
    """Bring the interest payable on savings to what is earned and not posted."""
    posted = post_savings_accruals(session, on)
    return StepDone("savings_accruals", len(posted), moved_in_all(posted))


def _savings_overdrafts(session: Session, on: date) -> StepDone:
    """Show what savings accounts owe among the assets."""
    posted = post_savings_overdrafts(session, on)
    return StepDone("savings_overdrafts", len(posted), moved_in_all(posted))


STEPS: Final[tuple[Step, ...]] = (
    _standing_instructions,
    _recalculations,
    _penalties,
    _arrears,
    _non_performing,
    _charge_offs,
    _credit_lines,
    _savings_charges,
    _savings_terms,
    _savings_interest,
    _dormancy,
    _accruals,
    _savings_accruals,
    _savings_overdrafts,
)
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
