"""The business day from the command line: opened and closed in one unit of work each."""

from datetime import date

from sqlalchemy.orm import Session

from banking.days import close_day, current_day, open_day
from banking.reports import to_json, trial_balance
from ledger.errors import RefusedError
from ledger.money import format_major, parse_major
from schema.accounting import BusinessDay
from sync.installation import Installation


def open_business_day(
    installation: Installation, on: date, cash: str | None, actor_id: int
) -> dict[str, object]:
    """Open a day; ``cash`` in major units. Gives date, state and whether the trial balance balances."""
    counted = None if cash is None else parse_major(cash, installation.place.digits)
    with installation.unit_of_work("day.open", actor_id) as session:
        day = open_day(session, on, counted)
        return _state(installation, session, day)


def close_business_day(
    installation: Installation, on: date | None, cash: str | None, actor_id: int
) -> dict[str, object]:
    """Close the open day; with ``on`` only that one."""
    counted = None if cash is None else parse_major(cash, installation.place.digits)
    with installation.unit_of_work("day.close", actor_id) as session:
        current = current_day(session)
        if on is not None and current is not None and current.on != on:
            raise RefusedError(reason=f"The open day is {current.on}, not {on}.")
        day = close_day(session, counted)
        return _state(installation, session, day)


def _state(installation: Installation, session: Session, day: BusinessDay) -> dict[str, object]:
    place = installation.place
    balance = to_json(trial_balance(session, office_id=place.office_id), place.digits)
    balanced = balance["debit"] == balance["credit"]
    return {
        "date": day.on.isoformat(),
        "state": day.state,
        "trial_balance": {**balance, "balanced": balanced},
        "cash_difference": None
        if day.cash_difference is None
        else format_major(day.cash_difference, place.digits),
    }
