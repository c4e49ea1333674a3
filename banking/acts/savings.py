"""Acts on savings: accounts from their opening to their end, and the money on them."""

from typing import Final

from sqlalchemy.orm import Session

from banking import savings
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.acts.results import amount
from banking.acts.savings_results import of_account, of_movement, of_movements
from banking.errors import BadValueError
from banking.rows import get_row
from banking.savings_changes import change_terms
from banking.savings_charges import FEE, charge_by_hand
from banking.savings_closing import PaidOut, close_account, reopen_account
from banking.savings_interest import post_interest, post_interest_of_all
from banking.savings_maturity import renew_term
from banking.savings_opening import OwnTerms, open_within_limits
from banking.savings_transfers import transfer
from ledger.money import ZERO, Money
from schema.accounts import SavingsTransaction

BRANCH: Final = (Place.BRANCH,)
ACCOUNT: Final = Field("account", readers.savings, "number of the savings account", required=True)
AMOUNT: Final = Field("amount", readers.money, "how much", required=True)
ON: Final = Field("on", readers.day, "the day that it counts from; default: the open business day")
TILL: Final = Field("till", readers.till, "the till; default: “Books brought in”")
WAY: Final = Field("payment_type", readers.payment_type, "code of the way to pay, where it is no cash")
RECEIPT: Final = Field("receipt", readers.text, "number of a receipt that is on paper already")
NOTE: Final = Field("note", readers.text, "a note that stays with it")
REASON: Final = Field("reason", readers.text, "why", required=True)
MOVEMENT: Final = Field(
    "transaction", readers.row_id(SavingsTransaction, "savings transaction"), "id of what is taken back"
)
PAID_ON: Final = Field("pays_interest_to", readers.savings, "account that gets posted interest")
OWN: Final = (
    Field("annual_rate", readers.decimal, "percent a year; default: the product's"),
    Field("expected_deposit", readers.money, "what is agreed to be paid in each time, or for a fixed term"),
    Field("overdraft_limit", readers.any_money, "what may be owed"),
    PAID_ON,
    Field("officer", readers.staff, "who looks after it"),
)


def _own(values: Values) -> OwnTerms:
    return OwnTerms(
        term_days=values.maybe("term_days", int),
        expected_deposit=values.money("expected_deposit"),
        overdraft_limit=values.money("overdraft_limit"),
        officer_id=values.maybe("officer", int),
        pays_interest_to_id=values.maybe("pays_interest_to", int),
    )


def _open(session: Session, values: Values) -> Result:
    account = open_within_limits(
        session,
        client_id=values.maybe("client", int),
        group_id=values.maybe("group", int),
        product_id=values.id("product"),
        opened_on=values.day(session),
        number=values.text("number") or None,
        annual_rate=values.decimal("annual_rate"),
        own=_own(values),
    )
    return of_account(session, account.id, values.day(session))


def _change(session: Session, values: Values) -> Result:
    on = values.day(session)
    changed = change_terms(
        session, values.id("account"), _own(values), on, annual_rate=values.decimal("annual_rate")
    )
    return of_account(session, changed.id, on)


def _show(session: Session, values: Values) -> Result:
    return of_account(session, values.id("account"), values.day(session))


def _deposit(session: Session, values: Values) -> Result:
    paid_in = savings.deposit(
        session,
        values.id("account"),
        values.one("amount", Money),
        values.day(session),
        till_id=values.maybe("till", int),
        payment_type_id=values.maybe("payment_type", int),
        receipt=values.text("receipt"),
        note=values.text("note"),
    )
    return of_movement(session, paid_in)


def _withdraw(session: Session, values: Values) -> Result:
    paid_out = savings.withdraw(
        session,
        values.id("account"),
        values.one("amount", Money),
        values.day(session),
        till_id=values.maybe("till", int),
        payment_type_id=values.maybe("payment_type", int),
        receipt=values.text("receipt"),
        note=values.text("note"),
        approved_by_id=values.second_id,
    )
    return of_movement(session, paid_out)


def _transfer(session: Session, values: Values) -> Result:
    legs = transfer(
        session,
        values.id("account"),
        values.id("to"),
        values.one("amount", Money),
        values.day(session),
        note=values.text("note"),
        approved_by_id=values.second_id,
    )
    return of_movements(session, legs)


def _found(session: Session, values: Values) -> SavingsTransaction:
    """Give the movement that is named by its receipt, or by its id where it has none."""
    given = [key for key in ("receipt", "transaction") if key in values]
    if len(given) != 1:
        raise BadValueError(field="receipt", given="")
    return get_row(session, SavingsTransaction, values.id(given[0]), "savings transaction")


def _reverse(session: Session, values: Values) -> Result:
    return _taken_back(session, values, _found(session, values))


def _waive(session: Session, values: Values) -> Result:
    row = _found(session, values)
    if row.kind != FEE:
        raise BadValueError(field="transaction", given=row.kind)
    return _taken_back(session, values, row)


def _taken_back(session: Session, values: Values, row: SavingsTransaction) -> Result:
    reversal = savings.reverse(
        session,
        row,
        reason=values.one("reason", str),
        on=values.day(session),
        approved_by_id=values.second_id,
    )
    return of_movement(session, reversal)


def _charge(session: Session, values: Values) -> Result:
    taken = charge_by_hand(
        session,
        values.id("account"),
        values.id("charge"),
        values.day(session),
        base=values.money("base") or ZERO,
    )
    return {"charged": amount(session, -taken.amount if taken else ZERO)}


def _interest(session: Session, values: Values) -> Result:
    until, account_id = values.day(session, "until"), values.maybe("account", int)
    if account_id is None:
        return {"movements": post_interest_of_all(session, until)}
    to_the_day = bool(values.maybe("to_the_day", int))
    return of_movements(session, post_interest(session, account_id, until, to_the_day=to_the_day))


def _close(session: Session, values: Values) -> Result:
    way = PaidOut(
        till_id=values.maybe("till", int),
        payment_type_id=values.maybe("payment_type", int),
        to_savings_id=values.maybe("to", int),
        receipt=values.text("receipt"),
        approved_by_id=values.second_id,
    )
    on = values.day(session)
    return of_movements(
        session, close_account(session, values.id("account"), on, way, note=values.text("note"))
    )


def _reopen(session: Session, values: Values) -> Result:
    on = values.day(session)
    account = reopen_account(
        session,
        values.id("account"),
        reason=values.one("reason", str),
        on=on,
        approved_by_id=values.second_id,
    )
    return of_account(session, account.id, on)


def _renew(session: Session, values: Values) -> Result:
    on = values.day(session)
    account = renew_term(session, values.id("account"), on, term_days=values.maybe("term_days", int))
    return of_account(session, account.id, on)


ACTS: Final = (
    Act(
        "savings.open",
        "clients.write",
        BRANCH,
        "Open a savings account within what its product allows.",
        (
            Field("client", readers.client, "whose account it is; exactly one of client and group"),
            Field("group", readers.group, "the group whose account it is"),
            Field("product", readers.savings_product, "code of the product", required=True),
            ON,
            Field("number", readers.text, "number kept from other books; default: the next one"),
            Field("term_days", readers.count, "of a fixed or recurring deposit; default: the product's"),
            *OWN,
        ),
        _open,
    ),
    Act(
        "savings.change",
        "savings.manage",
        BRANCH,
        "Give an account terms of its own; a new rate counts from the day on.",
        (ACCOUNT, ON, *OWN),
        _change,
    ),
    Act(
        "savings.show",
        "clients.see",
        BRANCH,
        "Tell what is on an account: balance, held, free, interest earned and not posted, holders.",
        (ACCOUNT, ON),
        _show,
    ),
    Act(
        "savings.deposit",
        "money.post",
        BRANCH,
        "Pay money in.",
        (ACCOUNT, AMOUNT, ON, TILL, WAY, RECEIPT, NOTE),
        _deposit,
    ),
    Act(
        "savings.withdraw",
        "money.post",
        BRANCH,
        "Pay money out, with the product's charges for that.",
        (ACCOUNT, AMOUNT, ON, TILL, WAY, RECEIPT, NOTE),
        _withdraw,
    ),
    Act(
        "savings.transfer",
        "money.post",
        BRANCH,
        "Move money to another savings account of this branch.",
        (
            ACCOUNT,
            Field("to", readers.savings, "number of the other account", required=True),
            AMOUNT,
            ON,
            NOTE,
        ),
        _transfer,
    ),
    Act(
        "savings.reverse",
        "money.reverse",
        BRANCH,
        "Take a movement back, both legs of a transfer together.",
        (Field("receipt", readers.savings_receipt, "its receipt, where it has one"), MOVEMENT, ON, REASON),
        _reverse,
    ),
    Act(
        "savings.charge",
        "money.post",
        BRANCH,
        "Take a charge from the list once, as far as money is there.",
        (
            ACCOUNT,
            Field("charge", readers.charge, "code of the charge", required=True),
            Field("base", readers.money, "what a percentage is of"),
            ON,
        ),
        _charge,
    ),
    Act(
        "savings.waive_charge",
        "savings.manage",
        BRANCH,
        "Give a charge back; the period that it was for is not charged again.",
        (Field("receipt", readers.savings_receipt, "its receipt, where it has one"), MOVEMENT, ON, REASON),
        _waive,
    ),
    Act(
        "savings.post_interest",
        "savings.manage",
        BRANCH,
        "Post the interest of the periods that ended; without an account, of all.",
        (
            Field("account", readers.savings, "number of one account"),
            Field("until", readers.day, "the last day; default: the open business day"),
            Field("to_the_day", readers.flag, "also the begun period, of one account"),
        ),
        _interest,
    ),
    Act(
        "savings.close",
        "savings.manage",
        BRANCH,
        "Close an account: interest to the day, charges, and what is left paid out.",
        (
            ACCOUNT,
            ON,
            TILL,
            WAY,
            Field("to", readers.savings, "savings account that gets what is left"),
            RECEIPT,
            NOTE,
        ),
        _close,
    ),
    Act(
        "savings.reopen",
        "savings.manage",
        BRANCH,
        "Take the closing of an account back.",
        (ACCOUNT, ON, REASON),
        _reopen,
    ),
    Act(
        "savings.renew",
        "savings.manage",
        BRANCH,
        "Let a matured deposit run for another term.",
        (ACCOUNT, ON, Field("term_days", readers.count, "default: as long as before")),
        _renew,
    ),
)
