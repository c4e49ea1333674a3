"""Acts on loans that run: payments, losses, payoff, what state they are in, and taking entries back."""

from typing import Final

from sqlalchemy.orm import Session

from banking import repayments
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Run, Values
from banking.acts.results import amount, of_loan
from banking.errors import MissingError
from banking.loan_books import own_loan
from banking.loan_from_savings import pay_from_savings, refund_to_savings
from banking.loan_states import state_of
from banking.payoffs import pay_off, payoff_quote
from ledger.money import Money
from schema.accounts import LoanTransaction

LOAN: Final = Field("loan", readers.loan, "number of the loan", required=True)
ON: Final = Field("on", readers.day, "the day that it counts from; default: the open business day")
NOTE: Final = Field("note", readers.text, "a note that stays with it")
REASON: Final = Field("reason", readers.text, "why", required=True)
AMOUNT: Final = Field("amount", readers.money, "how much", required=True)
TILL: Final = Field("till", readers.till, "the till where cash moves")
PAYMENT_TYPE: Final = Field("payment_type", readers.payment_type, "the way it is paid when it is no cash")
RECEIPT: Final = Field("receipt", readers.text, "number of a paper that was written already")
SAVINGS: Final = Field("savings", readers.savings, "the savings account on the other side, in place of money")


def of_entry(session: Session, entry: LoanTransaction) -> Result:
    """Tell a transaction of a loan: what it did by component, and its paper."""
    return {
        **of_loan(session, own_loan(session, entry.loan_account_id)),
        "id": str(entry.id),
        "kind": entry.kind,
        "on": entry.value_date.isoformat(),
        "amount": amount(session, entry.amount),
        "principal_part": amount(session, entry.principal),
        "interest_part": amount(session, entry.interest),
        "fee_part": amount(session, entry.fee),
        "penalty_part": amount(session, entry.penalty),
        "overpayment_part": amount(session, entry.overpayment),
        "receipt": entry.receipt,
    }


def _repay(session: Session, values: Values) -> Result:
    loan_id, paid, on = values.id("loan"), values.one("amount", Money), values.day(session)
    savings_id = values.maybe("savings", int)
    if savings_id is not None:
        entry = pay_from_savings(session, loan_id, savings_id, paid, on, note=values.text("note"))
    else:
        entry = repayments.post_repayment(
            session,
            loan_id,
            paid,
            on,
            till_id=values.maybe("till", int),
            payment_type_id=values.maybe("payment_type", int),
            receipt=values.text("receipt"),
            note=values.text("note"),
        )
    return of_entry(session, entry)


def _refund(session: Session, values: Values) -> Result:
    loan_id, paid, on = values.id("loan"), values.one("amount", Money), values.day(session)
    savings_id = values.maybe("savings", int)
    if savings_id is not None:
        entry = refund_to_savings(session, loan_id, savings_id, paid, on, note=values.text("note"))
    else:
        entry = repayments.refund_overpayment(
            session,
            loan_id,
            paid,
            on,
            till_id=values.maybe("till", int),
            payment_type_id=values.maybe("payment_type", int),
            receipt=values.text("receipt"),
            approved_by_id=values.second_id,
            note=values.text("note"),
        )
    return of_entry(session, entry)


def _waive(session: Session, values: Values) -> Result:
    entry = repayments.waive(
        session,
        values.id("loan"),
        values.money("amount"),
        values.day(session),
        component=values.text("component"),
        note=values.text("note"),
    )
    return of_entry(session, entry)


def _write_off(session: Session, values: Values) -> Result:
    entry = repayments.write_off(
        session, values.id("loan"), values.money("amount"), values.day(session), note=values.text("note")
    )
    return of_entry(session, entry)


def _recover(session: Session, values: Values) -> Result:
    entry = repayments.recover(
        session,
        values.id("loan"),
        values.one("amount", Money),
        values.day(session),
        till_id=values.maybe("till", int),
        payment_type_id=values.maybe("payment_type", int),
        receipt=values.text("receipt"),
        note=values.text("note"),
    )
    return of_entry(session, entry)


def _charge_off(session: Session, values: Values) -> Result:
    entry = repayments.charge_off(session, values.id("loan"), values.day(session), note=values.text("note"))
    return of_entry(session, entry)


def _quote(session: Session, values: Values) -> Result:
    loan_id, on = values.id("loan"), values.day(session)
    quote = payoff_quote(session, loan_id, on)
    return {
        **of_loan(session, own_loan(session, loan_id)),
        "on": on.isoformat(),
        "total": amount(session, quote.total),
        "principal_part": amount(session, quote.owed.principal),
        "interest_part": amount(session, quote.owed.interest),
        "fee_part": amount(session, quote.owed.fee),
        "penalty_part": amount(session, quote.owed.penalty),
        "forgiven_interest": amount(session, quote.forgiven.interest),
        "overpaid": amount(session, quote.overpaid),
    }


def _pay_off(session: Session, values: Values) -> Result:
    entry = pay_off(
        session,
        values.id("loan"),
        values.day(session),
        till_id=values.maybe("till", int),
        payment_type_id=values.maybe("payment_type", int),
        receipt=values.text("receipt"),
        note=values.text("note"),
    )
    return of_entry(session, entry)


def _reverse(session: Session, values: Values) -> Result:
    found = values.maybe("receipt", int) or values.maybe("id", int)
    if found is None:
        raise MissingError(field="receipt")
    entry = repayments.reverse(
        session,
        session.get_one(LoanTransaction, found),
        reason=values.text("reason"),
        on=values.day(session),
        approved_by_id=values.second_id,
    )
    return of_entry(session, entry)


def _state(session: Session, values: Values) -> Result:
    loan_id, on = values.id("loan"), values.day(session)
    state = state_of(session, loan_id, on)
    return {
        **of_loan(session, own_loan(session, loan_id)),
        "on": on.isoformat(),
        "state": state.state,
        "owed": amount(session, state.owed.total),
        "overdue": amount(session, state.overdue),
        "overpaid": amount(session, state.overpaid),
        "days_past_due": state.days_past_due,
        "matures_on": state.matures_on.isoformat() if state.matures_on else None,
        "charged_off": state.charged_off,
        "non_performing": state.non_performing,
    }


PAID: Final = (TILL, PAYMENT_TYPE, RECEIPT)


def loan_act(name: str, permission: str, meaning: str, fields: tuple[Field, ...], run: Run) -> Act:
    """Make an act of a branch on a loan."""
    return Act(f"loan.{name}", permission, (Place.BRANCH,), meaning, fields, run)


ACTS: Final = (
    loan_act(
        "repay",
        "money.post",
        "Book a repayment, in money or out of savings; a late one takes its place among the others.",
        (LOAN, AMOUNT, ON, SAVINGS, *PAID, NOTE),
        _repay,
    ),
    loan_act(
        "refund",
        "money.post",
        "Give back what was paid too much, in money or into savings.",
        (LOAN, AMOUNT, ON, SAVINGS, *PAID, NOTE),
        _refund,
    ),
    loan_act(
        "waive",
        "loans.write_off",
        "Let penalties, then fees, then interest go, or one of them.",
        (
            LOAN,
            Field("amount", readers.money, "how much; default: all of it"),
            Field("component", readers.choice("penalty", "fee", "interest"), "only this one"),
            ON,
            NOTE,
        ),
        _waive,
    ),
    loan_act(
        "write_off",
        "loans.write_off",
        "Write off all that is owed, or a part of it.",
        (LOAN, Field("amount", readers.money, "how much; default: all of it"), ON, NOTE),
        _write_off,
    ),
    loan_act(
        "recover",
        "money.post",
        "Book money that came in on a loan written off before.",
        (LOAN, AMOUNT, ON, *PAID, NOTE),
        _recover,
    ),
    loan_act(
        "charge_off",
        "loans.write_off",
        "Take a loan's principal out of the portfolio as an expense; the client owes as before.",
        (LOAN, ON, NOTE),
        _charge_off,
    ),
    loan_act(
        "payoff_quote", "reports.see", "Tell what closes a loan on a day, by component.", (LOAN, ON), _quote
    ),
    loan_act("pay_off", "money.post", "Pay what closes a loan on a day.", (LOAN, ON, *PAID, NOTE), _pay_off),
    loan_act("state", "reports.see", "Tell in what state a loan was on a day.", (LOAN, ON), _state),
    loan_act(
        "reverse",
        "money.reverse",
        "Take a transaction of a loan back, by its receipt or its id.",
        (
            Field("receipt", readers.loan_receipt, "receipt of what is taken back"),
            Field(
                "id", readers.row_id(LoanTransaction, "loan transaction"), "its id where it has no receipt"
            ),
            REASON,
            ON,
        ),
        _reverse,
    ),
)
