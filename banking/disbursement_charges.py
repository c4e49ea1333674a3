"""What is charged when a loan is paid out: how much, and how it is paid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from banking.loan_charges import AT_DISBURSEMENT, charge_amount, charges_of_product
from banking.loan_errors import WrongChargeError
from banking.rows import get_row
from ledger.money import Money
from ledger.posting import Account, Line, Role
from schema.products import ChargeDefinition, LoanProduct
from schema.reference import GLAccount


@dataclass(frozen=True, slots=True)
class Charged:
    """A charge at disbursement: minor units, and the account that gains it.

    account     the income account's role, or its code where the charge has one of its own
    account_id  of an own account
    """

    definition: ChargeDefinition
    amount: Money
    account: Account
    account_id: int | None = None

    @property
    def penalty(self) -> bool:
        """Whether it counts as a penalty."""
        return bool(self.definition.penalty)


def charges_due(
    session: Session,
    product: LoanProduct,
    further: Sequence[int],
    principal: Money,
    interest: Money,
    *,
    later_tranche: bool = False,
) -> list[Charged]:
    """Give what is charged for paying ``principal`` out; minor units.

    further        ids of charges beside those of the product
    later_tranche  only what counts from the amount is charged again
    raises         NotFoundError; WrongChargeError for one that is not made at disbursement
    """
    definitions = charges_of_product(session, product.id, AT_DISBURSEMENT)
    known = {definition.id for definition in definitions}
    for charge_id in further:
        definition = get_row(session, ChargeDefinition, charge_id, "charge")
        if definition.applies_to != "loan" or definition.due != AT_DISBURSEMENT:
            raise WrongChargeError(charge=definition.code, reason="it is not made at disbursement")
        if charge_id not in known:
            definitions.append(definition)
            known.add(charge_id)
    if later_tranche:
        definitions = [definition for definition in definitions if definition.percent is not None]
    charged = []
    for definition in definitions:
        amount = charge_amount(session, product, definition, principal, interest)
        if amount:
            charged.append(_charged(session, definition, amount))
    return charged


def _charged(session: Session, definition: ChargeDefinition, amount: Money) -> Charged:
    if definition.gl_income_id is None:
        return Charged(definition, amount, Role.PENALTY_INCOME if definition.penalty else Role.FEE_INCOME)
    own = session.get_one(GLAccount, definition.gl_income_id)
    return Charged(definition, amount, own.code, own.id)


def income_lines(charged: Iterable[Charged]) -> list[Line]:
    """Credit each income account with what it gains, one line for each account."""
    gained: dict[Account, Money] = {}
    for one in charged:
        gained[one.account] = gained.get(one.account, Money(0)) + one.amount
    return [Line(account, credit=amount) for account, amount in gained.items()]


def own_accounts(charged: Iterable[Charged]) -> dict[Account, int]:
    """Give the ids of the accounts that charges have of their own."""
    return {one.account: one.account_id for one in charged if one.account_id is not None}
