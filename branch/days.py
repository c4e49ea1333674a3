"""The business day from the command line: opened and closed in one unit of work each."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.closing.steps import StepDone
from banking.days import close_business, current_day, open_day
from banking.reports import REPORTS, to_json
from ledger.errors import RefusedError
from ledger.money import format_major, parse_major
from schema.accounting import BusinessDay
from sync.installation import Installation

COMMANDED: Final = "counted for the command line"
"""The reason of a difference where the command was given none."""


def open_business_day(
    installation: Installation, on: date, cash: str | None, actor_id: int, reason: str = COMMANDED
) -> dict[str, object]:
    """Open a day; ``cash`` in major units. Gives date, state and whether the trial balance balances.

    A difference from the limit of two people on is refused: it is counted on the pages, where both log in.
    """
    counted = None if cash is None else parse_major(cash, installation.place.digits)
    with installation.unit_of_work("day.open", actor_id) as session:
        day = open_day(session, on, counted, reason=reason)
        return _state(installation, session, day)


def close_business_day(
    installation: Installation, on: date | None, cash: str | None, actor_id: int, reason: str = COMMANDED
) -> dict[str, object]:
    """Close the open day; with ``on`` only that one. Gives also what each step of the close did."""
    counted = None if cash is None else parse_major(cash, installation.place.digits)
    with installation.unit_of_work("day.close", actor_id) as session:
        current = current_day(session)
        if on is not None and current is not None and current.on != on:
            raise RefusedError(reason=f"The open day is {current.on}, not {on}.")
        closed = close_business(session, counted, reason=reason)
        steps = [_step(installation, done, before.on) for before in closed.before for done in before.steps]
        steps += [_step(installation, done, closed.day.on) for done in closed.steps]
        return {**_state(installation, session, closed.day), "steps": steps}


def _step(installation: Installation, done: StepDone, on: date) -> dict[str, object]:
    return {
        "name": done.name,
        "done": done.done,
        "amount": format_major(done.amount, installation.place.digits),
        "date": on.isoformat(),
        "refused": list(done.refused),
    }


def _state(installation: Installation, session: Session, day: BusinessDay) -> dict[str, object]:
    place = installation.place
    report = REPORTS["trial-balance"](session, as_of=date.max, office_id=place.office_id)
    balance = to_json(report, place.digits)
    balanced = balance["debit"] == balance["credit"]
    return {
        "date": day.on.isoformat(),
        "state": day.state,
        "trial_balance": {**balance, "balanced": balanced},
        "cash_difference": None
        if day.cash_difference is None
        else format_major(day.cash_difference, place.digits),
    }


def lines_of_close(state: Mapping[str, Any]) -> list[str]:
    """Tell a close in lines that can be read aloud; steps that found nothing are left out."""
    lines = [f"{state['date']} is {state['state']}."]
    lines += [
        f"  {step['date']} {step['name'].replace('_', ' ')}: {step['done']}, {step['amount']}"
        for step in state["steps"]
        if step["done"]
    ]
    lines += [f"  waits for the next close: {told}" for step in state["steps"] for told in step["refused"]]
    return lines
