"""What the lending desk looks at: applications by state, and what a loan will be before it is paid out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.disbursement_charges import Charged, charges_due
from banking.loan_books import ACTIVE, APPLIED, APPROVED, CREDIT_LINE, REJECTED, WITHDRAWN
from banking.loan_plans import PlannedRow, next_tranche, planned_schedule
from banking.officers import history
from banking.payoffs import payoff_quote
from banking.reports.standing import OWNER, OWNER_NUMBER
from banking.rows import get_row
from ledger.money import ZERO, Money, total
from ledger.tranches import Tranche
from schema.accounts import LoanAccount
from schema.lending import LoanChange
from schema.people import User
from schema.products import ChargeDefinition, LoanProduct
from schema.reading import fetch

STATES: Final = (APPLIED, APPROVED, ACTIVE, REJECTED, WITHDRAWN)
"""The states that the desk lists, in the order of its tabs."""

PAGE: Final = 100
"""So many applications stand on a page."""

_APPLICATIONS: Final = f"""
SELECT a.id, a.number, a.status, {OWNER}, {OWNER_NUMBER}, coalesce(cl.village, ''), p.code, p.name,
       a.principal, a.applied_on, a.approved_on, a.disbursed_on, coalesce(s.name, ''), a.purpose,
       (SELECT d.decision FROM loan_decision AS d WHERE d.loan_account_id = a.id ORDER BY d.id DESC LIMIT 1)
  FROM loan_account AS a JOIN loan_product AS p ON p.id = a.product_id
  LEFT JOIN client AS cl ON cl.id = a.client_id
  LEFT JOIN lending_group AS g ON g.id = coalesce(a.group_id, cl.group_id)
  LEFT JOIN staff AS s ON s.id = a.officer_id
 WHERE a.status = ? AND a.origin_office_id = ?
 ORDER BY a.id DESC LIMIT {PAGE}
"""  # noqa: S608 - fragments of ours

_BY_STATE: Final = "SELECT status, count(*) FROM loan_account WHERE origin_office_id = ? GROUP BY status"


@dataclass(frozen=True, slots=True)
class Application:
    """An application in one line; amounts in minor units.

    ``decision`` is what headquarters said: approved, rejected, or None.
    """

    id: int
    number: str
    status: str
    owner: str
    owner_number: str
    village: str
    product: str
    product_name: str
    principal: int
    applied_on: date | None
    approved_on: date | None
    disbursed_on: date | None
    officer: str
    purpose: str
    decision: str | None


def list_applications(session: Session, state: str, office_id: int) -> list[Application]:
    """List the newest ``PAGE`` loans of an office in a state, the newest first."""
    return [
        Application(*row[:9], *(_day(iso) for iso in row[9:12]), *row[12:])
        for row in fetch(session, _APPLICATIONS, state, office_id)
    ]


def _day(iso: str | None) -> date | None:
    return None if iso is None else date.fromisoformat(iso)


def count_by_state(session: Session, office_id: int) -> dict[str, int]:
    """Count the loans of an office by state."""
    return {row[0]: row[1] for row in fetch(session, _BY_STATE, office_id)}


@dataclass(frozen=True, slots=True)
class Payout:
    """What happens when a loan is paid out: the money, what is kept back of it, and the rows.

    amount     minor units, of this part
    pays_off   what an earlier loan takes of it (a top-up)
    net        what the client gets
    """

    amount: Money
    charges: tuple[Charged, ...]
    pays_off: Money
    net: Money
    rows: tuple[PlannedRow, ...]
    principal: Money
    interest: Money

    @property
    def charged(self) -> Money:
        """All charges together."""
        return total(one.amount for one in self.charges)


def preview_payout(
    session: Session,
    loan_id: int,
    on: date,
    *,
    digits: int,
    first_due_on: date | None = None,
    charges: Sequence[int] = (),
    amount: Money | None = None,
    netted: bool = True,
) -> Payout:
    """Compute what ``banking.disbursements.disburse`` would do on ``on``, without doing it.

    charges  ids of further charges beside those of the product
    netted   whether charges are kept back from the money
    raises   NotFoundError; BadTermError and others of ``planned_schedule``; WrongChargeError
    """
    loan = get_row(session, LoanAccount, loan_id, "loan")
    product = session.get_one(LoanProduct, loan.product_id)
    planned = next_tranche(session, loan_id) if product.most_tranches else None
    now = amount or (planned.principal if planned is not None else loan.principal)
    agreed = loan.first_due_on if loan.first_due_on is not None and loan.first_due_on > on else None
    whole = now == loan.principal and not product.most_tranches
    rows: Sequence[PlannedRow] = ()
    if product.kind != CREDIT_LINE:
        rows = planned_schedule(
            session,
            loan,
            on,
            first_due_on or agreed,
            digits=digits,
            tranches=() if whole else (Tranche(on, now.minor),),
        )
    interest = total(row.interest for row in rows)
    due = charges_due(session, product, charges, now, interest)
    pays_off = ZERO
    if loan.replaces_id is not None:
        pays_off = payoff_quote(session, loan.replaces_id, on).total
    kept = total(one.amount for one in due) if netted else ZERO
    return Payout(
        amount=now,
        charges=tuple(due),
        pays_off=pays_off,
        net=now - kept - pays_off,
        rows=tuple(rows),
        principal=total(row.principal for row in rows),
        interest=interest,
    )


# --- what a product allows --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Allowed:
    """A product's limits and defaults, as the form of an application tells them."""

    code: str
    name: str
    principal: tuple[Money | None, Money | None, Money | None]
    rate: tuple[Decimal | None, Decimal | None, Decimal | None]
    installments: tuple[int | None, int | None, int | None]
    repay_every: int
    repay_unit: str
    most_tranches: int


def products_on_offer(session: Session) -> list[Allowed]:
    """List the products that can be applied for, each with (least, default, most) of its terms."""
    found = session.scalars(select(LoanProduct).where(LoanProduct.active == 1).order_by(LoanProduct.code))
    return [
        Allowed(
            one.code,
            one.name,
            (one.principal_minimum, one.principal_default, one.principal_maximum),
            (one.rate_minimum, one.annual_rate, one.rate_maximum),
            (one.installments_minimum, one.installments, one.installments_maximum),
            one.repay_every,
            one.repay_unit,
            one.most_tranches,
        )
        for one in found
    ]


def charge_ids(session: Session, codes: Iterable[str]) -> list[int]:
    """Give the ids of charges by their codes; a code that there is not is left out."""
    wanted = set(codes)
    found = select(ChargeDefinition.id).where(ChargeDefinition.code.in_(wanted), ChargeDefinition.active == 1)
    return list(session.scalars(found.order_by(ChargeDefinition.id))) if wanted else []


# --- what became of a loan --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LoanNote:
    """One change in a loan's life that moved no money: its day, what it was, in whose words."""

    on: date | None
    kind: str
    words: str
    by: str


def notes_on(session: Session, loan: LoanAccount) -> list[LoanNote]:
    """List changes of terms, moves of rows and changes of officer, the oldest first.

    ``kind`` is terms, moved or officer; ``words`` the reason, or the officer's name
    """
    changes = session.execute(
        select(LoanChange, User.full_name)
        .outerjoin(User, User.id == LoanChange.approved_by_id)
        .where(LoanChange.loan_account_id == loan.id)
    )
    notes = [
        LoanNote(change.decided_on, "moved" if change.only_row else "terms", change.reason, by or "")
        for change, by in changes
    ]
    names = {row[0]: str(row[1]) for row in fetch(session, "SELECT id, name FROM staff")}
    notes += [
        LoanNote(
            None if one.from_date == date.min else one.from_date,
            "officer",
            names.get(one.officer_id, ""),
            one.reason,
        )
        for one in history(session, loan)
    ]
    return sorted(notes, key=lambda note: note.on or date.min)
