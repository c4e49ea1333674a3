"""Accounts that came below zero, or rows paid twice, because both arms of a fork count.

Each is an exception; no money is stopped.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy.orm import Session

from schema.base import first_id
from schema.reading import connection_of, execute, fetch, fetch_one
from sync import chain as chains
from sync.arms import first_of_arm
from sync.cases import exception_key
from sync.chain import ARM, Accepted
from sync.changeset import Changeset
from sync.folding import note_exception
from sync.rulings import outcomes

OVERDRAWN: Final = "OVERDRAWN"

_SAVINGS: Final = """
SELECT a.number, sum(t.amount)
  FROM savings_account AS a JOIN savings_transaction AS t ON t.savings_account_id = a.id
 WHERE a.id IN (SELECT savings_account_id FROM savings_transaction WHERE id > ? AND id < ?)
 GROUP BY a.id, a.number, a.overdraft_limit HAVING sum(t.amount) < -coalesce(a.overdraft_limit, 0)
 ORDER BY a.number
"""
_LOANS: Final = """
SELECT a.number, sum(CASE coalesce(r.kind, t.kind) WHEN 'disbursement' THEN t.amount ELSE -t.principal END)
  FROM loan_account AS a JOIN loan_transaction AS t ON t.loan_account_id = a.id
  LEFT JOIN loan_transaction AS r ON r.id = t.reverses_id
 WHERE a.id IN (SELECT loan_account_id FROM loan_transaction WHERE id > ? AND id < ?)
 GROUP BY a.id, a.number
HAVING sum(CASE coalesce(r.kind, t.kind) WHEN 'disbursement' THEN t.amount ELSE -t.principal END) < 0
 ORDER BY a.number
"""
_ROWS: Final = """
SELECT a.number || ', row ' || i.number,
       sum(s.principal + s.interest + s.fee + s.penalty) - (i.principal + i.interest + i.fee + i.penalty)
  FROM installment AS i JOIN loan_account AS a ON a.id = i.loan_account_id
  JOIN loan_transaction_share AS s ON s.installment_id = i.id
 WHERE i.id IN (SELECT installment_id FROM loan_transaction_share WHERE id > ? AND id < ?)
 GROUP BY i.id, a.number, i.number, i.principal, i.interest, i.fee, i.penalty
HAVING sum(s.principal) > i.principal OR sum(s.interest) > i.interest OR sum(s.fee) > i.fee
    OR sum(s.penalty) > i.penalty
 ORDER BY 1
"""


def note_overdrawn(session: Session, numbers: Sequence[int], office_id: int) -> None:
    """Put the accounts that adopted arms of an office took below zero on the list of what waits.

    numbers   every device number of the office
    """
    arms = [number for number in numbers if chains.watermark(session, number, 0, ARM)]
    if not arms:
        return
    mark = "?" if connection_of(session).dialect.name == "sqlite" else "%s"
    forgotten = [(OVERDRAWN, number) for number in numbers]
    execute(session, f"DELETE FROM exception WHERE code = {mark} AND device = {mark}", forgotten)  # noqa: S608 - only marks
    decided = outcomes(session)
    for number in arms:
        accepted = _first(session, number)
        for account, what in _overdrawn(session, number):
            outcome = decided.get(exception_key(OVERDRAWN, accepted, account), "")
            note_exception(session, accepted, office_id, OVERDRAWN, what, about=account, outcome=outcome)


def _overdrawn(session: Session, number: int) -> Iterator[tuple[str, str]]:
    for kind, statement in (("savings account", _SAVINGS), ("loan", _LOANS)):
        for account, amount in fetch(session, statement, first_id(number), first_id(number + 1)):
            yield account, f"{kind} {account} comes to {amount} (minor units)"
    for row, amount in fetch(session, _ROWS, first_id(number), first_id(number + 1)):
        yield row, f"loan {row} was paid {amount} (minor units) beyond what is due"


def _first(session: Session, number: int) -> Accepted:
    device, place = first_of_arm(session, number)
    row = fetch_one(
        session,
        "SELECT body, signature, key_time, beacon FROM changeset"
        " WHERE device = ? AND chain = 0 AND seq = ? AND hash = ?",
        device,
        *place,
    )
    assert row is not None, "an arm has a first changeset"
    body = bytes(row[0])
    return Accepted(Changeset.from_bytes(body), body, bytes(row[1]), place.hash, row[2], row[3])
