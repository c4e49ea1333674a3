"""Closing a period: the checklist first, then the newer version of it, and the reports as they stand."""

from sqlalchemy.orm import Session

from banking.closing.checklist import blocking, check_period
from banking.period_errors import PeriodBlockedError
from banking.periods import write_closed
from schema.reference import Period


def close_period(session: Session, name: str, office_id: int | None) -> Period:
    """Close a month or a year at headquarters, for one office or for all of them.

    raises   PeriodBlockedError with everything that is missing; NotFoundError; PeriodStateError
    """
    missing = blocking(check_period(session, name, office_id, whole=True))
    if missing:
        raise PeriodBlockedError(name, missing)
    return write_closed(session, name, office_id)
