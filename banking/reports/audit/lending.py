"""Queries about loans and savings: never paid, paid off and lent again, paid by others, woken."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from banking.reports.audit.shape import Item, Scope

_UNPAID: Final = """
SELECT a.origin_office_id, a.disbursed_on, a.number, c.number, a.principal, a.id,
       (SELECT min(i.due_on) FROM installment AS i
         WHERE i.loan_account_id = a.id AND i.due_on > a.disbursed_on)
  FROM loan_account AS a LEFT JOIN client AS c ON c.id = a.client_id
 WHERE a.status = 'active' AND a.disbursed_on <= ? AND {within}
   AND (SELECT coalesce(sum(t.amount), 0) FROM loan_transaction AS t
         LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
         WHERE t.loan_account_id = a.id AND coalesce(o.kind, t.kind) IN ('repayment', 'recovery')) <= 0
 ORDER BY a.disbursed_on, a.id
"""
_PAID_OUT: Final = """
SELECT t.id, t.recorded_at, t.journal_entry_id FROM loan_transaction AS t
 WHERE t.loan_account_id = ? AND t.kind = 'disbursement' ORDER BY t.id LIMIT 1
"""

_AGAIN: Final = """
SELECT DISTINCT n.origin_office_id, d.booked_on, d.recorded_at, d.id, n.number, c.number, d.journal_entry_id,
       o.number, d.amount
  FROM loan_transaction AS d
  JOIN loan_account AS n ON n.id = d.loan_account_id
  JOIN loan_account AS o ON o.client_id = n.client_id AND o.id <> n.id
  JOIN loan_transaction AS r
    ON r.loan_account_id = o.id AND r.kind = 'repayment' AND r.booked_on = d.booked_on
  LEFT JOIN client AS c ON c.id = n.client_id
 WHERE d.kind = 'disbursement' AND d.booked_on BETWEEN ? AND ? AND {within} AND o.disbursed_on < d.booked_on
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS b WHERE b.reverses_id IN (d.id, r.id))
   AND (SELECT sum(CASE WHEN coalesce(x.kind, t.kind) = 'disbursement' THEN t.principal ELSE -t.principal END)
          FROM loan_transaction AS t LEFT JOIN loan_transaction AS x ON x.id = t.reverses_id
         WHERE t.loan_account_id = o.id AND t.booked_on <= d.booked_on) <= 0
 ORDER BY 2, 4
"""

_FROM_OTHERS: Final = """
SELECT t.origin_office_id, t.booked_on, t.recorded_at, t.id, t.receipt, a.number, c.number,
       t.journal_entry_id, s.number, t.amount
  FROM loan_transaction AS t
  JOIN loan_account AS a ON a.id = t.loan_account_id
  JOIN savings_transaction AS st ON st.id = t.savings_transaction_id
  JOIN savings_account AS s ON s.id = st.savings_account_id
  LEFT JOIN client AS c ON c.id = a.client_id
 WHERE t.kind = 'repayment' AND t.booked_on BETWEEN ? AND ? AND {within}
   AND (s.client_id IS NULL OR a.client_id IS NULL OR s.client_id <> a.client_id)
   AND (s.group_id IS NULL OR a.group_id IS NULL OR s.group_id <> a.group_id)
 ORDER BY t.booked_on, t.id
"""

_PARTS: Final = """
SELECT t.origin_office_id, t.booked_on, t.recorded_at, t.id, a.number, c.number, t.journal_entry_id, t.amount
  FROM loan_transaction AS t
  JOIN loan_account AS a ON a.id = t.loan_account_id
  JOIN loan_transaction_share AS s ON s.loan_transaction_id = t.id
  JOIN installment AS i ON i.id = s.installment_id
  LEFT JOIN client AS c ON c.id = a.client_id
 WHERE t.kind = 'repayment' AND t.booked_on BETWEEN ? AND ? AND {within} AND i.due_on < t.value_date
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS b WHERE b.reverses_id = t.id)
 GROUP BY t.origin_office_id, t.booked_on, t.recorded_at, t.id, a.number, c.number, t.journal_entry_id,
          t.amount
HAVING t.amount * 100 < ? * max(i.principal + i.interest + i.fee + i.penalty)
 ORDER BY a.number, t.id
"""

_TOUCHED: Final = """
SELECT t.savings_account_id, t.origin_office_id, t.booked_on, t.recorded_at, t.id, t.amount, t.receipt,
       t.journal_entry_id, a.number, c.number,
       coalesce(lag(t.booked_on) OVER (PARTITION BY t.savings_account_id ORDER BY t.booked_on, t.id),
                a.opened_on)
  FROM savings_transaction AS t
  JOIN savings_account AS a ON a.id = t.savings_account_id
  LEFT JOIN client AS c ON c.id = a.client_id
 WHERE t.kind IN ('deposit', 'withdrawal', 'transfer_in', 'transfer_out', 'loan_payment', 'loan_disbursement')
   AND t.booked_on <= ? AND {within}
   AND t.savings_account_id IN (SELECT w.savings_account_id FROM savings_transaction AS w
                                 WHERE w.booked_on BETWEEN ? AND ? AND w.amount < 0
                                   AND w.kind IN ('withdrawal', 'transfer_out', 'loan_payment'))
 ORDER BY t.savings_account_id, t.booked_on, t.id
"""


def never_paid(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """Running loans on which nothing was ever paid, ``days`` after their first instalment fell due."""
    last = date.fromisoformat(scope.until)
    for row in scope.rows(_UNPAID.format(within=scope.within("a.origin_office_id")), scope.until):
        if row[6] is None or (late := (last - date.fromisoformat(row[6])).days) < limits["days"]:
            continue
        paid = next(iter(scope.rows(_PAID_OUT, row[5])), (None, None, None))
        made, at, entry = paid
        yield Item(
            office_id=row[0],
            on=row[1],
            recorded_at=at if isinstance(at, int) else None,
            made=made if isinstance(made, int) else None,
            loan=row[2],
            client=row[3] or "",
            entry=entry if isinstance(entry, int) else None,
            number=late,
            amount=row[4],
        )


def lent_again(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Loans paid out on the day on which another loan of the same client was paid off (``other``)."""
    for row in scope.rows(_AGAIN.format(within=scope.within("n.origin_office_id")), scope.since, scope.until):
        yield Item(
            office_id=row[0],
            on=row[1],
            recorded_at=row[2],
            made=row[3],
            loan=row[4],
            client=row[5] or "",
            entry=row[6],
            other=row[7],
            amount=row[8],
        )


def paid_by_others(scope: Scope, _limits: Mapping[str, int]) -> Iterator[Item]:
    """Repayments out of the savings of somebody else, whose account is ``savings``."""
    for row in scope.rows(
        _FROM_OTHERS.format(within=scope.within("t.origin_office_id")), scope.since, scope.until
    ):
        yield Item(
            office_id=row[0],
            on=row[1],
            recorded_at=row[2],
            made=row[3],
            subject=row[4],
            loan=row[5],
            client=row[6] or "",
            entry=row[7],
            savings=row[8],
            amount=row[9],
        )


def part_payments(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """Loans with ``times`` or more payments of less than ``percent`` of a row that was overdue."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in scope.rows(
        _PARTS.format(within=scope.within("t.origin_office_id")), scope.since, scope.until, limits["percent"]
    ):
        found.setdefault(row[4], []).append(row)
    for number, rows in found.items():
        if len(rows) >= limits["times"]:
            newest = rows[-1]
            yield Item(
                office_id=newest[0],
                on=newest[1],
                recorded_at=newest[2],
                made=newest[3],
                loan=number,
                client=newest[5] or "",
                entry=newest[6],
                number=len(rows),
                amount=sum(row[7] for row in rows),
            )


def woken(scope: Scope, limits: Mapping[str, int]) -> Iterator[Item]:
    """Savings from which money was taken within ``within_days`` after ``days`` without any movement.

    ``number`` is how long nobody had touched it, ``amount`` what was taken out since.
    """
    sleeping: dict[int, tuple[int, str]] = {}
    found: dict[int, Item] = {}
    wanted = _TOUCHED.format(within=scope.within("t.origin_office_id"))
    for row in scope.rows(wanted, scope.until, scope.since, scope.until):
        account, on, amount, before = row[0], row[2], row[5], row[10]
        if before is not None:
            slept = (date.fromisoformat(on) - date.fromisoformat(before)).days
            if slept >= limits["days"]:
                last = date.fromisoformat(on) + timedelta(limits["within_days"])
                sleeping[account] = (slept, last.isoformat())
        slept, last_day = sleeping.get(account, (0, ""))
        if amount < 0 and on <= last_day and on >= scope.since:
            earlier = found.get(account)
            taken = -amount + (earlier.amount or 0 if earlier else 0)
            found[account] = Item(
                office_id=row[1],
                on=on,
                recorded_at=row[3],
                made=row[4],
                subject=row[6],
                entry=row[7],
                savings=row[8],
                client=row[9] or "",
                number=slept,
                amount=taken,
            )
    yield from found.values()
