"""How every loan stood at the end of a day: what is owed, how late it is, whose it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from sqlalchemy.orm import Session

from banking.reports.shape import Question
from schema.reading import fetch

_HUNDREDTH = Decimal("0.01")

OWNER = """CASE WHEN cl.id IS NULL THEN coalesce(g.name, '')
            ELSE trim(coalesce(cl.given_name, '') || ' ' || coalesce(cl.name, '')) END"""
"""Name of an account's owner in SQL, the given name first; ``cl`` is the client, ``g`` the group."""

OWNER_NUMBER = "coalesce(cl.number, g.number, '')"

OFFICER = """coalesce(
         (SELECT coalesce(o.officer_id, 0) FROM officer_assignment AS o
           WHERE o.loan_account_id = a.id AND o.from_date <= ? ORDER BY o.from_date DESC, o.id DESC LIMIT 1),
         CASE WHEN EXISTS (SELECT 1 FROM officer_assignment AS o WHERE o.loan_account_id = a.id)
              THEN 0 ELSE a.officer_id END)"""
"""The officer of a loan ``a`` at the end of a day (``banking.officers.officer_on`` for many): 0 is nobody."""

_STANDING = """
WITH moved AS (
  SELECT t.loan_account_id AS loan_id,
         sum(CASE WHEN coalesce(o.kind, t.kind) = 'disbursement' THEN t.principal ELSE 0 END) AS disbursed,
         sum(CASE WHEN coalesce(o.kind, t.kind) = 'disbursement' THEN t.principal ELSE -t.principal END)
           AS principal,
         sum(CASE WHEN coalesce(o.kind, t.kind) = 'charge_off' THEN t.amount ELSE 0 END) AS charged_off,
         max(CASE WHEN t.kind = 'repayment' THEN t.value_date END) AS paid_on
    FROM loan_transaction AS t LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
   WHERE t.{counted_by} <= ? AND {within_t} AND {which_t} GROUP BY t.loan_account_id
), paid AS (
  SELECT s.installment_id, sum(s.principal) AS principal, sum(s.interest) AS interest,
         sum(s.fee) AS fee, sum(s.penalty) AS penalty
    FROM loan_transaction_share AS s JOIN loan_transaction AS t ON t.id = s.loan_transaction_id
   WHERE t.{counted_by} <= ? AND {within_t} AND {which_t} GROUP BY s.installment_id
), made_later AS (
  SELECT h.installment_id, sum(CASE WHEN h.penalty = 0 THEN h.amount ELSE 0 END) AS fee,
         sum(CASE WHEN h.penalty = 0 THEN 0 ELSE h.amount END) AS penalty
    FROM loan_charge AS h WHERE h.{charged_by} > ? AND h.installment_id IS NOT NULL
   GROUP BY h.installment_id
), due AS (
  SELECT i.loan_account_id AS loan_id, i.due_on,
         i.principal - coalesce(p.principal, 0) AS principal,
         i.interest - coalesce(p.interest, 0) AS interest,
         i.fee - coalesce(p.fee, 0) - coalesce(h.fee, 0) AS fee,
         i.penalty - coalesce(p.penalty, 0) - coalesce(h.penalty, 0) AS penalty
    FROM installment AS i LEFT JOIN paid AS p ON p.installment_id = i.id
    LEFT JOIN made_later AS h ON h.installment_id = i.id
   WHERE {within_i} AND {which_i}
), owed AS (
  SELECT d.loan_id, sum(d.interest) AS interest, sum(d.fee) AS fee, sum(d.penalty) AS penalty,
         sum(CASE WHEN d.due_on < ? THEN d.principal ELSE 0 END) AS overdue_principal,
         sum(CASE WHEN d.due_on < ?
                  THEN d.principal + d.interest + d.fee + d.penalty ELSE 0 END) AS overdue,
         sum(CASE WHEN d.due_on = ?
                  THEN d.principal + d.interest + d.fee + d.penalty ELSE 0 END) AS due_today,
         min(CASE WHEN d.due_on < ? AND d.principal + d.interest + d.fee + d.penalty
                       > coalesce(p.arrears_tolerance, 0) THEN d.due_on END) AS late_since,
         max(d.due_on) AS last_due_on
    FROM due AS d JOIN loan_account AS a ON a.id = d.loan_id JOIN loan_product AS p ON p.id = a.product_id
   GROUP BY d.loan_id
)
SELECT a.id, a.number, a.origin_office_id, office.code, {owner}, {owner_number},
       coalesce(cl.phone, ''), coalesce(cl.village, ''), coalesce(g.name, ''), coalesce(c.name, ''),
       product.code, product.provision_table, {officer} AS officer_id,
       a.disbursed_on, a."cycle", a.purpose, CAST(m.disbursed AS BIGINT), CAST(m.principal AS BIGINT),
       CAST(coalesce(owed.interest, 0) AS BIGINT), CAST(coalesce(owed.fee, 0) AS BIGINT),
       CAST(coalesce(owed.penalty, 0) AS BIGINT), CAST(coalesce(owed.overdue_principal, 0) AS BIGINT),
       CAST(coalesce(owed.overdue, 0) AS BIGINT), CAST(coalesce(owed.due_today, 0) AS BIGINT),
       owed.late_since, owed.last_due_on, m.paid_on, a.annual_rate,
       CASE WHEN EXISTS (SELECT 1 FROM loan_change AS h
                          WHERE h.loan_account_id = a.id AND h.decided_on <= ?
                            AND h.only_row = 0) THEN 1 ELSE 0 END,
       coalesce(a.client_id, 0), coalesce(a.group_id, 0), CAST(m.charged_off AS BIGINT)
  FROM moved AS m JOIN loan_account AS a ON a.id = m.loan_id
  LEFT JOIN owed ON owed.loan_id = a.id
  JOIN loan_product AS product ON product.id = a.product_id
  LEFT JOIN office ON office.id = a.origin_office_id
  LEFT JOIN client AS cl ON cl.id = a.client_id
  LEFT JOIN lending_group AS g ON g.id = coalesce(a.group_id, cl.group_id)
  LEFT JOIN center AS c ON c.id = g.center_id
 WHERE m.principal > 0
    OR coalesce(owed.interest, 0) + coalesce(owed.fee, 0) + coalesce(owed.penalty, 0) > 0
 ORDER BY a.number, a.id
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A loan with something owed on it at the end of a day. Amounts in minor units, days as ISO text.

    ``principal`` is what the transactions booked by then leave of what was paid out, so that the loans of an
    office add up to its portfolio account, but for those that were ``charged_off``. ``days_past_due`` counts
    from the oldest row with more than the product's tolerance unpaid, of any component.
    """

    id: int
    number: str
    office_id: int
    office: str
    owner: str
    owner_number: str
    phone: str
    village: str
    group: str
    center: str
    product: str
    provision_table: str
    officer_id: int | None
    disbursed_on: str
    cycle: int
    purpose: str
    disbursed: int
    principal: int
    interest: int
    fees: int
    penalties: int
    overdue_principal: int
    overdue: int
    due_today: int
    late_since: str | None
    last_due_on: str | None
    paid_on: str | None
    annual_rate: str
    renegotiated: int
    client_id: int
    group_id: int
    charged_off: int
    officer: str
    days_past_due: int

    @property
    def outstanding(self) -> int:
        """All components together."""
        return self.principal + self.interest + self.fees + self.penalties

    @property
    def to_collect(self) -> int:
        """What is overdue and what falls due on the day itself."""
        return self.overdue + self.due_today

    @property
    def borrower(self) -> tuple[int, int]:
        """Who borrowed, to count people and not loans."""
        return self.client_id, self.group_id


def standings(session: Session, asked: Question, which: str = "") -> list[Standing]:
    """Give every loan that was paid out and has something owed at the end of the day, by number.

    ``officer`` and ``product`` of the question leave only theirs

    which   a query of ids of our own making: only these loans
    """
    day = asked.until
    statement = _STANDING.format(
        counted_by=asked.counted_by,
        charged_by="charged_on" if asked.late else "booked_on",
        within_t=asked.within("t.origin_office_id"),
        within_i=asked.within("i.origin_office_id"),
        which_t=f"t.loan_account_id IN ({which})" if which else "1 = 1",
        which_i=f"i.loan_account_id IN ({which})" if which else "1 = 1",
        owner=OWNER,
        owner_number=OWNER_NUMBER,
        officer=OFFICER,
    )
    names = officer_names(session)
    found = [
        Standing(*(*row, names.get(row[12], ""), _days_past_due(row[24], asked.as_of)))
        for row in fetch(session, statement, *[day] * statement.count("?"))
    ]
    return [
        loan for loan in found if asked.officer in {"", loan.officer} and asked.product in {"", loan.product}
    ]


def portfolio(session: Session, asked: Question) -> list[Standing]:
    """Give the loans that stand in the portfolio account: those not charged off."""
    return [loan for loan in standings(session, asked) if not loan.charged_off]


def officer_names(session: Session) -> dict[int | None, str]:
    """Give the names of loan officers by id."""
    return {row[0]: row[1] for row in fetch(session, "SELECT id, name FROM staff")}


def _days_past_due(late_since: str | None, as_of: date) -> int:
    return 0 if late_since is None else (as_of - date.fromisoformat(late_since)).days


def percent(part: int, whole: int) -> Decimal:
    """Give ``part`` of ``whole`` in percent with two decimals, halves to even; nothing of nothing is 0."""
    if not whole:
        return Decimal("0.00")
    return (Decimal(part) * 100 / Decimal(whole)).quantize(_HUNDREDTH, ROUND_HALF_EVEN)


def principal_of(loans: Iterable[Standing]) -> int:
    """Add up the principal outstanding, minor units."""
    return sum(loan.principal for loan in loans)
