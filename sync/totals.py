"""Control totals of one chain alone, derived from the rows that its changesets made.

Ids of a device rise along its chain, so that "up to a sequence" is "up to an id": totals at any place of a
chain can be asked for again, whatever came later.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from schema.base import COUNTER_BITS, first_id
from sync.manifest import Totals

_ACCOUNTS: Final = text("""
    SELECT a.code AS name, sum(l.debit) - sum(l.credit) AS amount
      FROM journal_line l JOIN gl_account a ON a.id = l.gl_account_id
     WHERE l.id > :low AND l.id <= :high
     GROUP BY a.code
""")
_LOANS: Final = text("""
    SELECT a.number AS name,
           sum(CASE coalesce(r.kind, t.kind) WHEN 'disbursement' THEN t.amount ELSE -t.principal END)
               AS amount
      FROM loan_transaction t
      JOIN loan_account a ON a.id = t.loan_account_id
      LEFT JOIN loan_transaction r ON r.id = t.reverses_id
     WHERE t.id > :low AND t.id <= :high
     GROUP BY a.number
""")
_SAVINGS: Final = text("""
    SELECT a.number AS name, sum(t.amount) AS amount
      FROM savings_transaction t JOIN savings_account a ON a.id = t.savings_account_id
     WHERE t.id > :low AND t.id <= :high
     GROUP BY a.number
""")


def chain_totals(session: Session, device: int, up_to_id: int | None = None) -> Totals:
    """Add up what the chain of ``device`` made, up to an id of its own (all of it without one).

    Amounts are minor units; accounts are debit-positive by GL code; what comes to nothing is left out.
    """
    low = first_id(device)
    limits = {"low": low, "high": low + (1 << COUNTER_BITS) - 1 if up_to_id is None else up_to_id}

    def summed(statement: object) -> dict[str, int]:
        rows = session.execute(statement, limits)  # type: ignore[call-overload]  # one of the texts above
        return {row.name: int(row.amount) for row in rows if row.amount}

    return Totals(accounts=summed(_ACCOUNTS), loans=summed(_LOANS), savings=summed(_SAVINGS))


def difference(claimed: Totals, ours: Totals) -> str:
    """Name the first account whose claimed balance differs from ours; empty when all agree."""
    for kind, theirs, known in (
        ("GL account", claimed.accounts, ours.accounts),
        ("loan", claimed.loans, ours.loans),
        ("savings account", claimed.savings, ours.savings),
    ):
        name = _first_difference(theirs, known)
        if name is not None:
            return f"{kind} {name}: {theirs.get(name, 0)} claimed, {known.get(name, 0)} here (minor units)"
    return ""


def _first_difference(claimed: Mapping[str, int], ours: Mapping[str, int]) -> str | None:
    for name in sorted(claimed.keys() | ours.keys()):
        if claimed.get(name, 0) != ours.get(name, 0):
            return name
    return None
