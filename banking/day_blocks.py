"""What stands between an open day and its close: what must be done first, and what somebody should know.

Each finding names the page that puts it right, so that one key leads there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.cash_counts import CLOSING, counts_of
from banking.message_answers import count_waiting
from banking.prints import unprinted_receipts
from banking.till_cash import TILL, drawers_of, till_cash
from ledger.errors import N_, RuleError
from ledger.money import Money
from schema.accounting import Till
from schema.reading import fetch

DRAFT_SHEET: Final = "draft_sheet"
UNCOUNTED_TILL: Final = "uncounted_till"
UNPRINTED: Final = "unprinted"
MISSING_NUMBERS: Final = "missing_numbers"
UNCOUNTED_VAULT: Final = "uncounted_vault"
WAITING_APPROVAL: Final = "waiting_approval"
OPEN_SHEET: Final = "open_sheet"
WAITING_MESSAGES: Final = "waiting_messages"

_DRAFTS = """
SELECT s.id, s.number FROM collection_sheet AS s
 WHERE s.origin_office_id = ? AND s.state = 'printed'
   AND EXISTS (SELECT 1 FROM sheet_cell AS c WHERE c.sheet_id = s.id)
 ORDER BY s.number, s.id
"""

_NOT_KEYED = """
SELECT s.id, s.number FROM collection_sheet AS s
 WHERE s.origin_office_id = ? AND s.state = 'printed' AND s.meeting_on = ?
   AND NOT EXISTS (SELECT 1 FROM sheet_cell AS c WHERE c.sheet_id = s.id)
 ORDER BY s.number, s.id
"""

_RECEIPTS = """
SELECT receipt_till, min(receipt_sequence), max(receipt_sequence), count(DISTINCT receipt_sequence)
  FROM (SELECT receipt_till, receipt_sequence FROM loan_transaction
         WHERE origin_office_id = ? AND booked_on = ? AND receipt_sequence IS NOT NULL
         UNION ALL
        SELECT receipt_till, receipt_sequence FROM savings_transaction
         WHERE origin_office_id = ? AND booked_on = ? AND receipt_sequence IS NOT NULL) AS given
 GROUP BY receipt_till ORDER BY receipt_till
"""

_WAITING = "SELECT count(*) FROM approval_request WHERE origin_office_id = ? AND state = 'waiting'"


class DayBlockedError(RuleError):
    """Something must be done before the day can close. Facts: count."""

    code = "DAY_BLOCKED"
    message = N_(
        "{count} things must be done before the day can close. They stand below; nothing was closed."
    )


@dataclass(frozen=True, slots=True)
class Block:
    """One finding.

    kind      one of the names above
    facts     for the sentence: name, number, count or amount
    endpoint  the page where it is put right, with its ``values``
    hard      the day cannot be closed over it; otherwise it is a warning, over which a manager may close
    """

    kind: str
    facts: Mapping[str, object]
    endpoint: str
    values: Mapping[str, object] = field(default_factory=dict)
    hard: bool = True


def what_blocks(session: Session, office_id: int, on: date, *, has_printer: bool = True) -> list[Block]:
    """List what blocks the close of a day, hard ones first, each kind in the order of its numbers.

    has_printer  whether receipts can be printed without a browser's dialog; where they cannot, one that was
                 not printed is a warning only
    """
    found = [
        *_sheets(session, _DRAFTS, (office_id,), DRAFT_SHEET, hard=True),
        *_tills(session, office_id, on),
        *_papers(session, office_id, on, hard=has_printer),
        *_gaps(session, office_id, on),
        *_sheets(session, _NOT_KEYED, (office_id, on.isoformat()), OPEN_SHEET, hard=False),
        *_approvals(session, office_id),
        *_messages(session, office_id),
    ]
    return sorted(found, key=lambda block: not block.hard)


def require_unblocked(session: Session, office_id: int, on: date, *, has_printer: bool = True) -> None:
    """Refuse to close a day over what must be done first; ``has_printer`` as ``what_blocks`` takes it.

    raises   DayBlockedError
    """
    found = what_blocks(session, office_id, on, has_printer=has_printer)
    hard = [block for block in found if block.hard]
    if hard:
        raise DayBlockedError(count=len(hard))


def is_counted(session: Session, till: Till, on: date) -> bool:
    """Tell whether a drawer was counted to close it, and holds by the books what was counted then."""
    held = till_cash(session, till)
    closing = [count for count in counts_of(session, till.id, on) if count.moment == CLOSING]
    return bool(closing) and closing[-1].counted == held


def _tills(session: Session, office_id: int, on: date) -> Iterator[Block]:
    for till in drawers_of(session, office_id):
        if till.state != "active" or is_counted(session, till, on):
            continue
        is_till = till.kind == TILL
        if not is_till and not till_cash(session, till):
            continue  # an empty vault
        yield Block(
            UNCOUNTED_TILL if is_till else UNCOUNTED_VAULT,
            {"name": till.name},
            "tills.count",
            {"till_id": till.id, "moment": CLOSING},
            hard=is_till,
        )


def _papers(session: Session, office_id: int, on: date, *, hard: bool) -> Iterator[Block]:
    for paper in unprinted_receipts(session, office_id, on):
        yield Block(
            UNPRINTED,
            {"number": paper.receipt, "amount": Money(abs(paper.amount.minor))},
            "receipts.show",
            {"kind": paper.account_kind, "transaction_id": paper.transaction_id},
            hard=hard,
        )


def _gaps(session: Session, office_id: int, on: date) -> Iterator[Block]:
    day = on.isoformat()
    for till, first, last, given in fetch(session, _RECEIPTS, office_id, day, office_id, day):
        missing = last - first + 1 - given
        if missing:
            yield Block(
                MISSING_NUMBERS,
                {"till": till, "count": missing, "first": first, "last": last},
                "cash.show",
                hard=False,
            )


def _sheets(
    session: Session, statement: str, given: Sequence[int | str], kind: str, *, hard: bool
) -> Iterator[Block]:
    for sheet_id, number in fetch(session, statement, *given):
        yield Block(kind, {"number": number}, "sheets.show", {"sheet_id": sheet_id}, hard=hard)


def _approvals(session: Session, office_id: int) -> Iterator[Block]:
    for (waiting,) in fetch(session, _WAITING, office_id):
        if waiting:
            yield Block(WAITING_APPROVAL, {"count": waiting}, "approvals.show", hard=False)


def _messages(session: Session, office_id: int) -> Iterator[Block]:
    waiting = count_waiting(session, office_id)
    if waiting:
        yield Block(WAITING_MESSAGES, {"count": waiting}, "elsewhere.show", hard=False)
