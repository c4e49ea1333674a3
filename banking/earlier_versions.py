"""The way back from a wrong version: an earlier one is published again, as the newest.

Nothing is taken out of any books: loans and accounts keep the version that they were made under, the wrong
one as well; what is made from then on is made under the terms of the earlier one.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.offers import define_charge
from banking.product_versions import newest_version
from banking.products import charges_of, cycles_of, define_loan_product
from banking.savings_products import charges_of_savings, define_savings_product, rate_steps_of
from ledger.errors import N_, NotFoundError, RuleError
from schema.products import ChargeDefinition, LoanProduct, SavingsProduct

LOAN_PRODUCT, SAVINGS_PRODUCT, CHARGE = "loan_product", "savings_product", "charge_definition"
KINDS: Final[Mapping[str, Any]] = {
    LOAN_PRODUCT: LoanProduct,
    SAVINGS_PRODUCT: SavingsProduct,
    CHARGE: ChargeDefinition,
}
_NOT_TERMS: Final = frozenset({"id", "code", "version", "active"})


class NewestVersionError(RuleError):
    """Facts: code, version."""

    code = "NEWEST_VERSION"
    message = N_("Version {version} of {code} is the one on offer already. Nothing was published.")


def publish_again(session: Session, kind: str, code: str, version: int) -> Any:  # noqa: ANN401 - a row of the kind
    """Write an earlier version of a product or charge as the next one; charges and steps come with it.

    raises   NotFoundError; NewestVersionError where it is on offer; FieldsError where its terms are not good
             any more, such as an account that was taken out of use
    """
    model = KINDS[kind]
    wanted = select(model).where(model.code == code, model.version == version).order_by(model.id.desc())
    row = session.scalars(wanted.limit(1)).first()
    if row is None:
        raise NotFoundError(kind=kind.replace("_", " "), key=f"{code} {version}")
    if newest_version(session, model, code) is row and row.active:
        raise NewestVersionError(code=code, version=version)
    terms = _columns(row)
    if kind == LOAN_PRODUCT:
        cycles = [_columns(one, "loan_product_id") for one in cycles_of(session, row.id)]
        return define_loan_product(session, code, terms, charges=charges_of(session, row.id), cycles=cycles)
    if kind == SAVINGS_PRODUCT:
        steps = [_columns(one, "savings_product_id") for one in rate_steps_of(session, row.id)]
        charges = charges_of_savings(session, row.id)
        return define_savings_product(session, code, terms, charges=charges, rate_steps=steps)
    return define_charge(session, code, terms)


def _columns(row: Any, *owner: str) -> dict[str, object]:  # noqa: ANN401 - any row of reference data
    names = {column.name for column in row.__table__.columns} - _NOT_TERMS - set(owner)
    return {name: getattr(row, name) for name in sorted(names)}
