"""Accounts by their number: loans and savings alike, and where one is that moved with its client."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from schema.reading import fetch_one

LOAN, SAVINGS = "loan", "savings"
MOVED: Final = "moved"


@dataclass(frozen=True, slots=True)
class FoundAccount:
    """An account: ``kind`` is loan or savings, ``status`` as it stands in the books of its office."""

    kind: str
    id: int
    number: str
    office_id: int
    status: str


_FIND: Final = """
SELECT '{kind}', id, number, origin_office_id, status FROM {kind}_account
 WHERE number = ? AND origin_office_id = ? ORDER BY id LIMIT 1
"""
_BY_ID: Final = "SELECT '{kind}', id, number, origin_office_id, status FROM {kind}_account WHERE id = ?"

_AFTER: Final = """
SELECT there.{kind}_account_id
  FROM {kind}_transaction AS here
  JOIN inter_branch_leg AS given ON given.journal_entry_id = here.journal_entry_id
  JOIN inter_branch_leg AS taken ON taken.key = given.key AND taken.other_office_id = given.origin_office_id
   AND taken.origin_office_id = given.other_office_id
  JOIN {kind}_transaction AS there ON there.journal_entry_id = taken.journal_entry_id
 WHERE here.{kind}_account_id = ? AND here.kind = 'moved'
 ORDER BY there.id DESC LIMIT 1
"""


def find_account(session: Session, number: str, office_id: int) -> FoundAccount | None:
    """Find a loan or savings account of an office by its number."""
    for kind in (LOAN, SAVINGS):
        row = fetch_one(session, _FIND.format(kind=kind), number.strip().upper(), office_id)
        if row is not None:
            return FoundAccount(*row)
    return None


def after_move(session: Session, account: FoundAccount) -> FoundAccount | None:
    """Give the account that goes on with one that moved with its client, at its last branch.

    None while the new branch has not taken it over, or where nothing was owed on it.
    """
    found: FoundAccount | None = None
    current = account
    while current.status == MOVED:
        row = fetch_one(session, _AFTER.format(kind=current.kind), current.id)
        row = fetch_one(session, _BY_ID.format(kind=current.kind), row[0]) if row is not None else None
        if row is None:
            return None
        current = found = FoundAccount(*row)
    return found
