"""Queries about the numbers of receipts: voided, used twice, missing in their series."""

from collections.abc import Iterator, Mapping
from typing import Final

from banking.reports.audit.shape import MOVED, Item, Scope

_VOIDED: Final = """
SELECT m.office_id, m.booked_on, m.recorded_at, m.id, o.receipt, m.loan, m.savings, c.number, m.entry_id,
       m.amount, m.note
  FROM ({moved}) AS m
  JOIN (SELECT id, receipt FROM loan_transaction WHERE receipt <> ''
        UNION ALL SELECT id, receipt FROM savings_transaction WHERE receipt <> '') AS o
    ON o.id = m.reverses_id
  LEFT JOIN client AS c ON c.id = m.client_id
 WHERE m.reverses_id IS NOT NULL AND {within} ORDER BY m.booked_on, m.id
"""

_TWICE: Final = """
SELECT m.office_id, min(m.booked_on), min(m.recorded_at), min(m.id), m.receipt, max(m.loan), max(m.savings),
       max(m.entry_id), count(DISTINCT m.entry_id), CAST(sum(m.amount) AS BIGINT)
  FROM ({moved}) AS m
 WHERE m.receipt <> '' AND m.reverses_id IS NULL AND {within}
 GROUP BY m.office_id, m.receipt HAVING count(DISTINCT m.entry_id) > 1 ORDER BY m.office_id, m.receipt
"""

_SERIES: Final = """
SELECT office_id, receipt_till, receipt_sequence, receipt, booked_on, recorded_at, id, before
  FROM (SELECT s.*, lag(s.receipt_sequence) OVER (PARTITION BY s.office_id, s.receipt_till
                                                  ORDER BY s.receipt_sequence) AS before
          FROM (SELECT m.office_id, m.receipt_till, m.receipt_sequence, min(m.receipt) AS receipt,
                       min(m.booked_on) AS booked_on, min(m.recorded_at) AS recorded_at, min(m.id) AS id
                  FROM ({moved}) AS m WHERE m.receipt_sequence IS NOT NULL AND {within}
                 GROUP BY m.office_id, m.receipt_till, m.receipt_sequence) AS s) AS n
 WHERE before IS NULL OR receipt_sequence > before + 1
 ORDER BY office_id, receipt_till, receipt_sequence
"""

_NEAREST: Final = """
SELECT max(n) FROM (
  SELECT max(receipt_sequence) AS n FROM loan_transaction
   WHERE receipt_till = ? AND receipt_sequence < ? AND origin_office_id = ?
  UNION ALL
  SELECT max(receipt_sequence) FROM savings_transaction
   WHERE receipt_till = ? AND receipt_sequence < ? AND origin_office_id = ?) AS found
"""

_KEPT: Final = """
SELECT 1 FROM loan_transaction WHERE receipt = ? AND origin_office_id = ?
UNION ALL SELECT 1 FROM savings_transaction WHERE receipt = ? AND origin_office_id = ?
"""


def voided(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Receipts whose money was taken back."""
    for row in scope.rows(
        _VOIDED.format(moved=MOVED, within=scope.within("m.office_id")), *(scope.since, scope.until) * 2
    ):
        yield Item(
            office_id=row[0],
            on=row[1],
            recorded_at=row[2],
            made=row[3],
            subject=row[4],
            loan=row[5],
            savings=row[6],
            client=row[7] or "",
            entry=row[8],
            amount=row[9],
            other=row[10],
        )


def used_twice(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Numbers that stand on the receipts of more than one entry; ``number`` is how many."""
    for row in scope.rows(
        _TWICE.format(moved=MOVED, within=scope.within("m.office_id")), *(scope.since, scope.until) * 2
    ):
        yield Item(
            office_id=row[0],
            on=row[1],
            recorded_at=row[2],
            made=row[3],
            subject=row[4],
            loan=row[5],
            savings=row[6],
            entry=row[7],
            number=row[8],
            amount=row[9],
        )


def missing(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Numbers of a till's series that no receipt has; ``number`` is how many before the one named."""
    for row in scope.rows(
        _SERIES.format(moved=MOVED, within=scope.within("m.office_id")), *(scope.since, scope.until) * 2
    ):
        office, till, sequence, receipt, on, at, made, before = row
        if before is None:
            place = (till, sequence, office)
            before = next(iter(scope.rows(_NEAREST, *place, *place)))[0] or 0
        absent = [nr for nr in range(int(before) + 1, sequence) if not _is_kept(scope, office, receipt, nr)]
        if absent:
            yield Item(
                office_id=office,
                on=on,
                recorded_at=at,
                made=made,
                subject=receipt,
                number=len(absent),
                other=_number_like(receipt, absent[0]),
            )


def _number_like(receipt: str, sequence: int) -> str:
    """Give the number of a receipt as the till would have written it."""
    series, dash, digits = receipt.rpartition("-")
    return f"{series}{dash}{sequence:0{len(digits)}d}"


def _is_kept(scope: Scope, office: int, receipt: str, sequence: int) -> bool:
    """Whether a paper from elsewhere has this number already: it fills its place."""
    text = _number_like(receipt, sequence)
    return any(True for _ in scope.rows(_KEPT, text, office, text, office))
