"""``satchel calc loan`` for the convention "fineract": product terms and events in, figures out."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from ledger.charges import Charge, ChargeBase, ChargeTime
from ledger.errors import BadTermError, NotFoundError, UnsupportedTermError
from ledger.life import LoanLife
from ledger.money import Money, format_major
from ledger.rescheduling import Reschedule
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL, Movement, MovementKind, Row
from ledger.terms import (
    MAX_INSTALLMENTS,
    Amortization,
    DaysInMonth,
    InterestPeriod,
    InterestType,
    LoanTerms,
    RepayUnit,
    Strategy,
)
from satchel.calc_reading import Fields

Answer = dict[str, object]

_PRODUCT_NOTES = ("source_product", "unsure", "stated_rate", "grace_note", "note", "name")
_ACCOUNTING = ("NONE", "CASH", "CASH_BASED", "ACCRUAL_PERIODIC", "ACCRUAL_UPFRONT")
_FIXED_PRINCIPAL = "fixed_principal_percentage_per_installment"


class _Step(StrEnum):
    """Events that ask for nothing but are checked, beside the movements."""

    BUSINESS_DATE = "business_date"
    CLOSE_OF_BUSINESS = "close_of_business"
    CONFIG = "config"
    DISBURSE = "disburse"
    CHARGE = "charge"
    CHARGE_OFF = "charge_off"
    RESCHEDULE = "reschedule"
    UNDO = "undo"
    PAYOFF = "payoff"


def read_terms(product: Fields) -> LoanTerms:
    """Read the terms of a loan; what is not supported is refused by name.

    raises   RuleError
    """
    digits = product.integer("currency_digits", 2)
    if not 0 <= digits <= 6:  # noqa: PLR2004 - as many as a currency may have
        raise BadTermError(term=product.term("currency_digits"), given=digits)
    multiple = product.integer("currency_in_multiples_of", 0)
    if digits and multiple > 1:
        raise UnsupportedTermError(term=product.term("currency_in_multiples_of"))
    _refuse_what_is_missing(product)
    days = product.choice("days_in_year", _DaysInYear, _DaysInYear.ACTUAL)
    terms = LoanTerms(
        principal=product.money("principal", digits),
        annual_rate=product.decimal("annual_rate_percent"),
        installments=product.integer("number_of_repayments"),
        repay_every=product.integer("repay_every", 1),
        repay_unit=product.choice("repay_unit", RepayUnit),
        interest_type=product.choice("interest_type", InterestType),
        amortization=product.choice("amortization", Amortization, Amortization.EQUAL_INSTALLMENTS),
        interest_period=product.choice(
            "interest_calculation_period", InterestPeriod, InterestPeriod.SAME_AS_REPAYMENT
        ),
        partial_periods=product.boolean("allow_partial_period_interest", default=False),
        days_in_year=None if days is _DaysInYear.ACTUAL else int(days),
        days_in_month=product.choice("days_in_month", DaysInMonth, DaysInMonth.ACTUAL),
        currency_digits=digits,
        currency_multiple=multiple,
        installment_multiple=_multiple(product, digits),
        grace_principal=product.integer("grace_on_principal_payment", 0),
        grace_interest_payment=product.integer("grace_on_interest_payment", 0),
        grace_interest_charged=product.integer("grace_on_interest_charged", 0),
        fixed_principal_percent=product.decimal_or_none(_FIXED_PRINCIPAL),
        strategy=product.choice("repayment_strategy", Strategy, Strategy.STANDARD),
    )
    _check_term(product, terms)
    return terms


class _DaysInYear(StrEnum):
    ACTUAL = "actual"
    D360 = "360"
    D364 = "364"
    D365 = "365"


def _refuse_what_is_missing(product: Fields) -> None:
    product.only("schedule_type", "CUMULATIVE")
    product.only("interest_recalculation")
    product.only("rounding_mode", "HALF_EVEN")
    product.only("down_payment_percent")
    product.only("auto_down_payment", False)  # noqa: FBT003 - the value that is allowed
    product.only("accounting", *_ACCOUNTING)
    product.boolean("multi_disburse", default=False)
    product.ignore(_PRODUCT_NOTES)


def _multiple(product: Fields, digits: int) -> int:
    size = product.decimal("installment_amount_in_multiples_of", Decimal(0)).scaleb(digits)
    if size != size.to_integral_value() or not 0 <= size <= 10**12:
        raise BadTermError(
            term=product.term("installment_amount_in_multiples_of"), given=size.scaleb(-digits)
        )
    return int(size)


def _check_term(product: Fields, terms: LoanTerms) -> None:
    """The term of the loan says the same as number and distance of the rows, or is refused."""
    term = product.integer("loan_term", terms.installments * terms.repay_every)
    unit = product.choice("loan_term_unit", RepayUnit, terms.repay_unit)
    if term != terms.installments * terms.repay_every or unit is not terms.repay_unit:
        raise BadTermError(term=product.term("loan_term"), given=f"{term} {unit}")


# --- charges and events ----------------------------------------------------------------------------------


_SAID = re.compile(
    r"%\s*of\s+(?P<base>principal\+interest|principal|amount|interest)"
    r"(?:\s+due)?(?:\s+of\s+(?:the\s+)?(?:overdue\s+installment|whole\s+loan|loan))?"
)
"""The words in which the cases say what a percentage counts from."""


def _base(charge: Fields, default: ChargeBase) -> ChargeBase:
    """Read what a percentage counts from: the key ``of`` or ``calc``, else words in brackets in the name."""
    words = charge.text("calc", "")
    if words:
        said = _SAID.fullmatch(words)
        if said is None:
            raise UnsupportedTermError(term=f"{charge.term('calc')}={words[:40]}")
    else:
        said = _SAID.search(charge.text("name", ""))
    if "of" in charge:
        return charge.choice("of", ChargeBase)
    charge.only("of")
    if said is None:
        return default
    return ChargeBase.PRINCIPAL if said["base"] == "amount" else ChargeBase(said["base"])


def _read_charge(charge: Fields, digits: int) -> Charge:
    charge.only("type", "charge")
    when = charge.choice("when", ChargeTime, ChargeTime.DATED)
    default = ChargeBase.PRINCIPAL if when is ChargeTime.DISBURSEMENT else ChargeBase.PRINCIPAL_INTEREST
    read = Charge(
        name=charge.text("name", "charge"),
        penalty=charge.boolean("penalty", default=False),
        when=when,
        amount=charge.money_or_none("amount", digits),
        percent=charge.decimal_or_none("percent"),
        base=_base(charge, default),
        due_date=charge.day_or_none("due_date"),
    )
    charge.finish()
    return read


class _Story:
    """Plays events on a loan, in the order in which they were entered."""

    def __init__(self, life: LoanLife, overdue: list[Charge], digits: int) -> None:
        self.life = life
        self.overdue = overdue
        self.digits = digits
        self.today = life.disbursed_on

    def play(self, event: Fields) -> None:
        """Do what one event says.

        raises   RuleError
        """
        kind = event.text("type")
        if kind.startswith("check"):
            return
        if kind in list(MovementKind):
            self._move(MovementKind(kind), event)
        elif kind in list(_Step):
            self._step(_Step(kind), event)
        else:
            raise UnsupportedTermError(term=f"{event.term('type')}={kind[:40]}")
        event.finish()

    def _move(self, kind: MovementKind, event: Fields) -> None:
        on = event.day("date")
        self._until(on)
        if kind is MovementKind.RECOVERY:
            raise UnsupportedTermError(term=event.term("type=recovery"))
        if kind is MovementKind.WRITE_OFF:
            self.life.write_off(on)
        else:
            self.life.pay(kind, on, event.money("amount", self.digits))

    def _step(self, kind: _Step, event: Fields) -> None:
        if kind is _Step.BUSINESS_DATE:
            self.today = event.day("date")
        elif kind is _Step.CLOSE_OF_BUSINESS:
            self.life.charge_overdue(self.overdue, self.today)
        elif kind is _Step.CONFIG:
            event.ignore(("text",))
        elif kind is _Step.DISBURSE:
            self._disburse(event)
        elif kind is _Step.CHARGE:
            self.life.charge(_read_charge(event, self.digits))
        elif kind is _Step.CHARGE_OFF:
            self._until(event.day("date"))
        elif kind is _Step.RESCHEDULE:
            self.life.reschedule(_read_reschedule(event))
        elif kind is _Step.UNDO:
            self.life.undo(self._find(event))
        else:
            on = event.day("date")
            self._until(on)
            self.life.pay(MovementKind.REPAYMENT, on, Money(self.life.outstanding))

    def _until(self, on: date) -> None:
        """Let the day of an entry come, unless the events say themselves what day it is."""
        self.today = max(self.today, on)

    def _disburse(self, event: Fields) -> None:
        on, amount = event.day("date"), event.money("amount", self.digits)
        if self.life.disbursed:
            raise UnsupportedTermError(term="later_disbursements")
        if on != self.life.disbursed_on or amount != self.life.terms.principal:
            raise BadTermError(term=event.term("amount"), given=f"{on} {format_major(amount, self.digits)}")
        self.life.disburse()

    def _find(self, event: Fields) -> Movement:
        """Give the entry that an undo means: the n-th of its kind, on its day if one is named."""
        nth, of = event.integer("nth"), event.text("of")
        day = event.day_or_none("made_on")
        event.day_or_none("undone_on")
        name = "repayment" if of == "all repayments, in order" else of.lower().replace(" ", "_")
        found = [
            movement
            for movement in sorted(self.life.movements, key=lambda movement: movement.on)
            if movement.kind == name and (day is None or movement.on == day)
        ]
        if not 1 <= nth <= len(found) or not found[nth - 1].live:
            raise NotFoundError(kind="transaction", key=f"{of} {nth}")
        return found[nth - 1]


def _read_reschedule(event: Fields) -> Reschedule:
    event.day("submitted_on", date.min)
    event.only("grace_on_interest")
    return Reschedule(
        from_date=event.day("from_date"),
        new_date=event.day_or_none("adjusted_due_date"),
        extra_rows=_count(event, "extra_terms"),
        grace_principal=_count(event, "grace_on_principal"),
        new_rate=event.decimal_or_none("new_interest_rate"),
    )


def _count(event: Fields, key: str) -> int:
    count = event.integer(key, 0)
    if not 0 <= count <= MAX_INSTALLMENTS:
        raise BadTermError(term=event.term(key), given=count)
    return count


# --- the answer ------------------------------------------------------------------------------------------


def fineract_answer(document: Fields, product: Fields) -> Answer:
    """Give schedule and allocations for a product, a disbursement and what happened.

    raises   RuleError
    """
    disbursement = document.inner("disbursement")
    terms = read_terms(product)
    first_due = product.day_or_none("first_repayment_date")
    on = disbursement.day("date")
    if disbursement.money("amount", terms.currency_digits) != terms.principal:
        raise BadTermError(term=disbursement.term("amount"), given=disbursement.text("amount", "-"))
    disbursement.ignore(("note",))
    disbursement.finish()
    if product.day("submitted_on", on) > on:
        raise BadTermError(term=product.term("submitted_on"), given=product.day("submitted_on"))
    charges = [_read_charge(charge, terms.currency_digits) for charge in product.each("product_charges")]
    product.finish()
    told = "events" in document
    life = LoanLife(terms, on, first_due, disbursed=not told)
    _play(document, life, charges, told=told)
    return _answer(life, told=told)


def _play(document: Fields, life: LoanLife, charges: Sequence[Charge], *, told: bool) -> None:
    """Play the events, or the charges and transactions where no events are given."""
    overdue = [charge for charge in charges if charge.when is ChargeTime.OVERDUE]
    digits = life.terms.currency_digits
    story = _Story(life, overdue, digits)
    for charge in charges:
        if charge.when is not ChargeTime.OVERDUE:
            life.charge(charge)
    if told:
        document.ignore(("charges", "transactions", "later_disbursements"))
        for event in document.each("events"):
            story.play(event)
        if "as_of" in document:
            life.charge_overdue(overdue, document.day("as_of"))
        document.ignore(("as_of",))
        return
    document.ignore(("events",))
    if document.each("later_disbursements"):
        raise UnsupportedTermError(term="later_disbursements")
    for charge in document.each("charges"):
        life.charge(_read_charge(charge, digits))
    for transaction in document.each("transactions"):
        if "date" in transaction:
            life.charge_overdue(overdue, transaction.day("date"))
        story.play(transaction)
    life.charge_overdue(overdue, document.day("as_of", story.today))


def _answer(life: LoanLife, *, told: bool) -> Answer:
    digits = life.terms.currency_digits

    def show(minor: int) -> str:
        return format_major(Money(minor), digits)

    opening = {
        "disbursement": True,
        "date": life.disbursed_on.isoformat(),
        "amount": show(life.terms.principal.minor),
        "fees": show(life.fees_at_disbursement),
        "paid": show(life.fees_at_disbursement) if life.disbursed else None,
    }
    balance = life.terms.principal.minor
    rows: list[Answer] = [opening] if told else []
    for row in life.rows:
        balance -= row.due[PRINCIPAL]
        rows.append(_shown_row(row, show(balance), digits))
    sums = [sum(row.due[part] for row in life.rows) for part in range(4)]
    return {
        "schedule": rows,
        "allocations": [_shown_movement(movement, digits) for movement in life.live()],
        "rounding_difference": show(0),
        "payoff": None,
        "totals": {
            "principal": show(sums[PRINCIPAL]),
            "interest": show(sums[INTEREST]),
            "fees": show(sums[FEE] + life.fees_at_disbursement),
            "penalties": show(sums[PENALTY]),
        },
    }


def _shown_row(row: Row, balance: str, digits: int) -> Answer:
    def show(minor: int) -> str:
        return format_major(Money(minor), digits)

    return {
        "nr": row.number,
        "due_date": row.due_date.isoformat(),
        "days": row.days,
        "principal": show(row.due[PRINCIPAL]),
        "interest": show(row.due[INTEREST]),
        "fees": show(row.due[FEE]),
        "penalties": show(row.due[PENALTY]),
        "due": show(sum(row.due)),
        "balance": balance,
        "paid": show(sum(row.paid)),
        "in_advance": show(row.in_advance),
        "late": show(row.late),
        "waived": show(sum(row.waived)),
        "written_off": show(sum(row.written_off)),
        "outstanding": show(row.outstanding),
        "paid_date": row.paid_on.isoformat() if row.paid_on else None,
    }


def _shown_movement(movement: Movement, digits: int) -> Answer:
    def show(amount: Money) -> str:
        return format_major(amount, digits)

    return {
        "date": movement.on.isoformat(),
        "type": movement.kind.value,
        "amount": show(movement.amount),
        "principal": show(movement.split.principal),
        "interest": show(movement.split.interest),
        "fees": show(movement.split.fee),
        "penalties": show(movement.split.penalty),
        "overpayment": show(movement.split.overpayment),
        "balance_after": show(movement.balance_after),
    }
