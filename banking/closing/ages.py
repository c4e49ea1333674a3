"""How late each loan is at a close, and what follows: non-performing loans, provisions by age."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ledger.money import Money
from schema.accounts import LoanAccount
from schema.reading import fetch
from schema.writing import act, cut_when_full, update

_AGES = """
SELECT a.id, p.id, p.non_performing_after_days, p.charge_off_after_days, a.non_performing_since,
       a.charged_off_on, min(CASE WHEN i.left_over > coalesce(p.arrears_tolerance, 0) THEN i.due_on END),
       CAST(sum(i.principal) AS BIGINT),
       CAST(sum(CASE WHEN i.due_on < ? THEN i.left_over ELSE 0 END) AS BIGINT)
  FROM loan_account AS a
  JOIN loan_product AS p ON p.id = a.product_id
  JOIN (SELECT i.loan_account_id AS loan_id, i.due_on,
               i.principal - coalesce(paid.principal, 0) AS principal,
               i.principal + i.interest + i.fee + i.penalty - coalesce(paid.whole, 0) AS left_over
          FROM installment AS i
          LEFT JOIN (
               SELECT s.installment_id AS id, sum(s.principal) AS principal,
                      sum(s.principal + s.interest + s.fee + s.penalty) AS whole
                 FROM loan_transaction_share AS s
                 JOIN loan_transaction AS t ON t.id = s.loan_transaction_id
                WHERE t.booked_on <= ?
                GROUP BY s.installment_id) AS paid ON paid.id = i.id) AS i ON i.loan_id = a.id
 WHERE a.origin_office_id = ? AND a.status = 'active' AND a.disbursed_on <= ? AND i.left_over > 0
 GROUP BY a.id, p.id, p.non_performing_after_days, p.charge_off_after_days, a.non_performing_since,
          a.charged_off_on
 ORDER BY a.id
"""


@dataclass(frozen=True, slots=True)
class LoanAge:
    """A loan with something owed on it at a close; amounts in minor units.

    days       since the oldest row with more than the tolerance unpaid; 0: due today; -1: nothing due
    principal  what is left of it, due or not
    overdue    all that fell due before the day and is unpaid
    """

    loan_id: int
    product_id: int
    days: int
    principal: Money
    overdue: Money
    non_performing_since: date | None
    charged_off_on: date | None
    non_performing_after: int | None
    charge_off_after: int | None

    @property
    def performs(self) -> bool:
        """Whether it is not later than its product allows; products without a limit always perform."""
        return self.non_performing_after is None or self.days <= self.non_performing_after

    @property
    def is_to_be_charged_off(self) -> bool:
        """Whether its product's days are over and it is not charged off yet."""
        limit = self.charge_off_after
        return limit is not None and self.days > limit and self.charged_off_on is None


def loan_ages(session: Session, on: date, office_id: int | None = None) -> Iterator[LoanAge]:
    """Give every loan of an office (None: this one) with something owed at the close of ``on``, by id."""
    office, day = office_id or act(session).office_id, on.isoformat()
    for row in fetch(session, _AGES, day, day, office, day):
        oldest = None if row[6] is None else date.fromisoformat(row[6])
        yield LoanAge(
            loan_id=row[0],
            product_id=row[1],
            days=-1 if oldest is None else max(-1, (on - oldest).days),
            principal=Money(row[7]),
            overdue=Money(row[8]),
            non_performing_since=_day(row[4]),
            charged_off_on=_day(row[5]),
            non_performing_after=row[2],
            charge_off_after=row[3],
        )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


_MARKED = """
SELECT id FROM loan_account
 WHERE origin_office_id = ? AND status = 'active' AND non_performing_since IS NOT NULL
"""


def mark_non_performing(session: Session, ages: list[LoanAge], on: date) -> int:
    """Set and clear ``non_performing_since``; gives how many loans changed.

    A loan is non-performing while it is later than its product's limit, and performs again as soon as it is
    not: the day's own state decides, never how many closes there were.
    """
    changed = 0
    late = {age.loan_id for age in ages if not age.performs}
    wanted = {age.loan_id for age in ages if not age.performs and age.non_performing_since is None}
    known = {row[0] for row in fetch(session, _MARKED, act(session).office_id)}
    for loan_id in sorted(wanted | (known - late)):
        loan = session.get_one(LoanAccount, loan_id)
        update(session, loan, non_performing_since=on if loan_id in wanted else None)
        changed += 1
        cut_when_full(session)
    return changed
