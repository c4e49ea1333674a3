"""What was printed: the first paper of a document is the original, every later one a numbered copy.

A print is a line of the local log, so that it is counted at once; the log is sealed into the chain when the
day closes. A print that the printer refused is taken back by a line of its own and does not count.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from banking.users import log_look
from ledger.money import Money
from schema.reading import fetch, fetch_one

RECEIPT: Final = "receipt"
"""The kind of document whose prints are counted for each number."""

_PRINTED: Final = "print"
_FAILED: Final = "print.failed"

_COPIES = """
SELECT CAST(coalesce(sum(CASE WHEN what = ? THEN 1 WHEN what = ? THEN -1 ELSE 0 END), 0) AS BIGINT)
  FROM audit_log WHERE subject = ?
"""

_UNPRINTED = """
SELECT '{kind}', t.id, t.receipt, t.kind, t.amount, t.receipt_till, t.receipt_sequence
  FROM {kind}_transaction AS t
  LEFT JOIN journal_entry AS e ON e.id = t.journal_entry_id
 WHERE t.origin_office_id = ? AND t.booked_on = ? AND t.receipt_sequence IS NOT NULL AND e.sheet_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM {kind}_transaction AS r WHERE r.reverses_id = t.id)
   AND (SELECT coalesce(sum(CASE WHEN a.what = ? THEN 1 WHEN a.what = ? THEN -1 ELSE 0 END), 0)
          FROM audit_log AS a WHERE a.subject = t.receipt) <= 0
"""
_ALL_UNPRINTED = (
    f"{_UNPRINTED.format(kind='loan')} UNION ALL {_UNPRINTED.format(kind='savings')} ORDER BY 6, 7, 3"
)


@dataclass(frozen=True, slots=True)
class UnprintedReceipt:
    """A receipt that no paper was made of. ``account_kind`` is loan or savings, ``kind`` what moved."""

    account_kind: str
    transaction_id: int
    receipt: str
    kind: str
    amount: Money


def record_print(
    session: Session, now: datetime, user_id: int | None, document_kind: str, number: str
) -> int:
    """Write down that a document is printed now; gives which paper it is: 1 the original, 2 the first copy.

    session        one that may write the home's own tables
    document_kind  such as receipt, statement, passbook
    number         the number of the document, or of the account that it is of
    """
    log_look(session, now, user_id, f"{document_kind}.{_PRINTED}", number)
    return copies_of(session, document_kind, number)


def record_failed_print(
    session: Session, now: datetime, user_id: int | None, document_kind: str, number: str
) -> None:
    """Write down that the printer refused the paper that was counted last: it does not count."""
    log_look(session, now, user_id, f"{document_kind}.{_FAILED}", number)


def copies_of(session: Session, document_kind: str, number: str) -> int:
    """Give how many papers were printed of a document here."""
    printed, failed = f"{document_kind}.{_PRINTED}", f"{document_kind}.{_FAILED}"
    row = fetch_one(session, _COPIES, printed, failed, number)
    return max(0, int(row[0])) if row else 0


def unprinted_receipts(session: Session, office_id: int, on: date) -> list[UnprintedReceipt]:
    """List the receipts of a day that were never printed, by till and number.

    Receipts of a collection sheet are printed with the sheet; those with a number of older paper are on that
    paper; and one that was taken back needs none: the slip of its reversal stands for both.
    """
    names = (f"{RECEIPT}.{_PRINTED}", f"{RECEIPT}.{_FAILED}")
    given = (office_id, on.isoformat(), *names)
    return [
        UnprintedReceipt(account_kind, transaction_id, receipt, kind, Money(amount))
        for account_kind, transaction_id, receipt, kind, amount, *_place in fetch(
            session, _ALL_UNPRINTED, *given, *given
        )
    ]
