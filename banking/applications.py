"""Applications for loans: terms taken from the product or of their own, held to what it allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from banking.books import require_amount
from banking.errors import BadValueError, LimitError, MissingError
from banking.loan_books import APPLIED, CREDIT_LINE, PAID_OUT, check_owner
from banking.loan_plans import due_days
from banking.loan_terms import PlanKind, engine_terms
from banking.numbers import account_number
from banking.product_checks import require_rate
from banking.products import cycles_of
from banking.text import LONGEST_NOTE, clean, folded
from ledger.errors import N_, BadTermError, NotFoundError, RuleError
from ledger.money import Money, total
from ledger.soundness import require_sound
from schema.accounts import LoanAccount, SavingsAccount
from schema.lending import LoanTranche
from schema.products import LoanProduct, LoanPurpose
from schema.writing import act, insert

EARLIEST: Final = date(1900, 1, 1)
FARTHEST: Final = timedelta(days=366)
"""An application dated more than a year after the business day has a wrong year."""

MOVED: Final = "moved"


class PurposeError(RuleError):
    """A purpose that is not on headquarters' list. Facts: given, known."""

    code = "PURPOSE"
    message = N_("“{given}” is no purpose that loans are taken for. Choose one of: {known}.")


@dataclass(frozen=True, slots=True)
class OwnTerms:
    """Terms that an application has of its own; None: those of the product.

    grace_*    rows at the start without principal; whose interest is paid later; is never charged
    tranches   (expected day, minor units) of each part in which it is paid out
    """

    annual_rate: Decimal | None = None
    installments: int | None = None
    first_due_on: date | None = None
    grace_principal: int | None = None
    grace_interest_payment: int | None = None
    grace_interest_charged: int | None = None
    tranches: Sequence[tuple[date, Money]] = ()


AS_THE_PRODUCT: Final = OwnTerms()


def apply(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    *,
    client_id: int | None = None,
    group_id: int | None = None,
    product_id: int,
    principal: Money | None = None,
    annual_rate: Decimal | None = None,
    installments: int | None = None,
    applied_on: date,
    number: str | None = None,
    officer_id: int | None = None,
    purpose: str = "",
    terms: OwnTerms = AS_THE_PRODUCT,
    savings_account_id: int | None = None,
    replaces_id: int | None = None,
) -> LoanAccount:
    """Write down an application under a product's terms; rate and number of rows may be its own.

    principal           default: the product's
    savings_account_id  where the money goes and from where it may be paid
    replaces_id         the running loan that this one pays off when it is paid out
    raises   OneOwnerError, NotFoundError, LimitError, RateTooHighError, PurposeError, BadTermError,
             NeverAmortizesError, UnsupportedTermError, NumberTakenError, AmountError, NoMeetingError;
             TextNotAllowedError for the purpose
    """
    product = session.get(LoanProduct, product_id)
    if product is None or not product.active:
        raise NotFoundError(kind="loan product", key=product_id)
    check_owner(session, client_id, group_id, officer_id)
    _check_day(session, applied_on)
    wanted = product.principal_default if principal is None else principal
    if wanted is None:
        raise MissingError(field="principal")
    loan = LoanAccount(
        client_id=client_id,
        group_id=group_id,
        product_id=product_id,
        product_version=product.version,
        status=APPLIED,
        principal=require_amount(wanted),
        applied_on=applied_on,
        officer_id=officer_id,
        purpose=_purpose(session, purpose),
        cycle=1 + _loans_had(session, client_id, group_id),
        savings_account_id=savings_account_id,
        replaces_id=replaces_id,
        **_columns(product, terms, annual_rate, installments),
    )
    check_limits(session, product, loan)
    _check_terms(session, product, loan, applied_on)
    _check_others(session, product, loan, terms.tranches)
    loan.number = account_number(session, LoanAccount, number)
    insert(session, loan)
    for place, (on, amount) in enumerate(terms.tranches, 1):
        insert(session, LoanTranche(loan_account_id=loan.id, number=place, expected_on=on, principal=amount))
    return loan


def _columns(
    product: LoanProduct, terms: OwnTerms, annual_rate: Decimal | None, installments: int | None
) -> dict[str, Any]:
    """Give the terms that stand on the loan itself: its own, else those of the product."""
    return {
        "annual_rate": _either(annual_rate, terms.annual_rate, product.annual_rate),
        "interest_type": product.interest_type,
        "amortization": product.amortization,
        "installments": _either(installments, terms.installments, product.installments),
        "repay_every": product.repay_every,
        "repay_unit": product.repay_unit,
        "first_due_on": terms.first_due_on,
        "grace_principal": terms.grace_principal,
        "grace_interest_payment": terms.grace_interest_payment,
        "grace_interest_charged": terms.grace_interest_charged,
    }


def _either(given: Any, own: Any, of_product: Any) -> Any:  # noqa: ANN401 - rates or numbers
    first = own if given is None else given
    return of_product if first is None else first


def _check_day(session: Session, applied_on: date) -> None:
    """Raises BadTermError for a day with a wrong year."""
    if not EARLIEST <= applied_on <= act(session).business_date + FARTHEST:
        raise BadTermError(term="applied_on", given=applied_on)


# --- limits ---------------------------------------------------------------------------------------


def check_limits(session: Session, product: LoanProduct, loan: LoanAccount) -> None:
    """Refuse principal, rate and number outside what the product allows, for this cycle of the client.

    raises   LimitError, RateTooHighError
    """
    require_rate(loan.annual_rate)
    place = 1 + _loans_had(session, loan.client_id, loan.group_id, product.code)
    own = [cycle for cycle in cycles_of(session, product.id) if cycle.cycle <= place]
    limited = own[-1] if own else None
    for value, name in (
        (loan.principal, "principal"),
        (loan.annual_rate, "rate"),
        (loan.installments, "installments"),
    ):
        least, most = (
            _either(None, getattr(limited, f"{name}_{end}", None), getattr(product, f"{name}_{end}"))
            for end in ("minimum", "maximum")
        )
        if least is not None and value < least:
            raise LimitError(amount=value, limit=least)
        if most is not None and value > most:
            raise LimitError(amount=value, limit=most)


def _loans_had(
    session: Session, client_id: int | None, group_id: int | None, product_code: str | None = None
) -> int:
    """Count the loans that were paid out to a client or group, of one product or of all."""
    wanted = select(func.count()).select_from(LoanAccount).where(LoanAccount.status.in_([*PAID_OUT, MOVED]))
    owner = LoanAccount.client_id == client_id if client_id is not None else LoanAccount.group_id == group_id
    wanted = wanted.where(owner)
    if product_code is not None:
        versions = select(LoanProduct.id).where(LoanProduct.code == product_code)
        wanted = wanted.where(LoanAccount.product_id.in_(versions))
    return session.scalar(wanted) or 0


# --- terms ----------------------------------------------------------------------------------------


def _check_terms(session: Session, product: LoanProduct, loan: LoanAccount, on: date) -> None:
    """Compute the rows, so that terms that no schedule follows from are refused now, not at the till."""
    plan = engine_terms(loan, product, act(session).digits)
    if product.kind == CREDIT_LINE:
        return
    first = loan.first_due_on
    require_sound(plan.terms, on, first)
    dates = due_days(session, loan, product, on, first)
    if plan.kind is not PlanKind.PLAIN:
        plan.engine(on, first, dates).disburse(on, plan.terms.principal)


def _check_others(
    session: Session, product: LoanProduct, loan: LoanAccount, tranches: Sequence[tuple[date, Money]]
) -> None:
    """Refuse tranches that do not fit, and savings or loans of somebody else."""
    if len(tranches) > product.most_tranches:
        raise BadTermError(term="tranches", given=len(tranches))
    if tranches:
        for _, amount in tranches:
            require_amount(amount)
        days = [on for on, _ in tranches]
        if total(amount for _, amount in tranches) != loan.principal or days != sorted(set(days)):
            raise BadTermError(term="tranches", given=total(amount for _, amount in tranches))
    if loan.savings_account_id is not None:
        account = session.get(SavingsAccount, loan.savings_account_id)
        if account is None or (account.client_id, account.group_id) != (loan.client_id, loan.group_id):
            raise BadValueError(field="savings", given=account.number if account else loan.savings_account_id)
    if loan.replaces_id is not None:
        earlier = session.get(LoanAccount, loan.replaces_id)
        if earlier is None or (earlier.client_id, earlier.group_id) != (loan.client_id, loan.group_id):
            raise BadValueError(field="replaces", given=earlier.number if earlier else loan.replaces_id)


def _purpose(session: Session, given: str) -> str:
    """Give a purpose as it is listed; any text while nothing is listed.

    raises   PurposeError, TextNotAllowedError
    """
    text = clean(given, "purpose", LONGEST_NOTE)
    listed = session.scalars(
        select(LoanPurpose).where(LoanPurpose.active == 1).order_by(LoanPurpose.code)
    ).all()
    if not listed:
        return text
    wanted = folded(text)
    found = next((one for one in listed if wanted in {folded(one.code), folded(one.name)}), None)
    if found is None:
        raise PurposeError(given=text, known=", ".join(one.code for one in listed))
    return found.name
