"""What waits for a person at headquarters."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.reference import Office
from schema.replication import ExceptionItem


def open_exceptions(session: Session) -> list[dict[str, str | None]]:
    """List what is open: id, reason code, branch and what was found, in an order that never changes."""
    rows = session.execute(
        select(ExceptionItem, Office.code)
        .join(Office, Office.id == ExceptionItem.office_id, isouter=True)
        .where(ExceptionItem.state == "open")
        .order_by(ExceptionItem.device, ExceptionItem.seq, ExceptionItem.key)
    )
    return [
        {"id": item.key.hex()[:16], "code": item.code, "branch": branch, "what": item.what}
        for item, branch in rows
    ]
