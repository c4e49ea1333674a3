"""Who wrote an application down: nobody approves what is their own."""

from contextlib import closing
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import N_, RuleError
from schema.accounts import LoanAccount
from schema.base import device_of
from schema.replication import StoredChangeset
from sync.changeset import Changeset

APPLIED_BY: Final = "loan.apply"
"""Kind of the changesets in which applications are written down, by page, command or file."""

_LOOKED_AT: Final = 3000
"""An application that waits for approval is among the newest so many."""


class OwnApplicationError(RuleError):
    """The person who wrote an application down approves it. Facts: number."""

    code = "OWN_APPLICATION"
    message = N_("You wrote {number} down yourself: somebody else approves it. Nothing was changed.")


def who_applied(session: Session, loan_id: int) -> int | None:
    """Give the user who wrote an application down; None where its changeset is not among those here."""
    mark = loan_id.to_bytes(8, "big")
    newest = (
        select(StoredChangeset.body)
        .where(StoredChangeset.device == device_of(loan_id), StoredChangeset.kind == APPLIED_BY)
        .order_by(StoredChangeset.hlc.desc())
        .limit(_LOOKED_AT)
    )
    with closing(session.scalars(newest.execution_options(yield_per=32))) as bodies:
        for body in bodies:
            if mark in body:
                return Changeset.from_bytes(body).actor
    return None


def require_not_own(session: Session, loan: LoanAccount, user_id: int) -> None:
    """Refuse an approval by who wrote the application down.

    raises   OwnApplicationError
    """
    if who_applied(session, loan.id) == user_id:
        raise OwnApplicationError(number=loan.number)
