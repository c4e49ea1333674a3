"""``satchel calc loan``: product terms and events in, figures out."""

from datetime import date

from ledger.charges import Charge, ChargeTime
from ledger.errors import BadTermError, RuleError, UnsupportedTermError
from ledger.life import LoanLife
from ledger.money import Money
from ledger.progressive import ProgressiveLoan
from ledger.recalculation import RecalculatedLoan
from ledger.rows import MovementKind
from ledger.schedule import rounding_difference
from ledger.terms import Convention, LoanTerms
from satchel.calc_answer import Answer, PaidOut, Pen, in_major_units, write_answer
from satchel.calc_events import Story, read_charge
from satchel.calc_reading import Fields
from satchel.calc_terms import ScheduleType, read_progressive_payoff, read_recalculation, read_terms


def product_answer(document: Fields, product: Fields, convention: Convention) -> Answer:
    """Give schedule and allocations for a product, a disbursement and what happened.

    raises   RuleError, with amounts in major units
    """
    terms = read_terms(product, convention)
    try:
        return _answer(document, product, terms)
    except RuleError as refusal:
        raise in_major_units(refusal, terms.currency_digits) from refusal


def _answer(document: Fields, product: Fields, terms: LoanTerms) -> Answer:
    told = "events" in document
    if terms.convention is Convention.MIFOS:
        product.only("schedule_type", "CUMULATIVE")
    schedule_type = product.choice("schedule_type", ScheduleType, ScheduleType.CUMULATIVE)
    make = _cumulative if schedule_type is ScheduleType.CUMULATIVE else _progressive
    first_due = product.day_or_none("first_repayment_date")
    charges = [read_charge(charge, terms.currency_digits) for charge in product.each("product_charges")]
    on, amount = _read_disbursement(document.inner("disbursement"), terms)
    if product.day("submitted_on", on) > on:
        raise BadTermError(term=product.term("submitted_on"), given=product.day("submitted_on"))
    loan = make(product, terms, on, first_due, told=told)
    product.finish()
    document.ignore(("charges", "transactions", "later_disbursements") if told else ("events",))
    if amount != terms.principal and not isinstance(loan, RecalculatedLoan):
        raise BadTermError(term="disbursement.amount", given=Pen(terms.currency_digits).minor(amount.minor))
    if isinstance(loan, LoanLife):
        return _plain_answer(document, loan, charges, told=told)
    if charges or (not told and document.each("charges")):
        raise UnsupportedTermError(term="charges where interest is recalculated or progressive")
    return _recalculated_answer(document, loan, amount, told=told)


def _cumulative(
    product: Fields, terms: LoanTerms, on: date, first_due: date | None, *, told: bool
) -> LoanLife | RecalculatedLoan:
    """Make a loan on a cumulative schedule."""
    if terms.convention is Convention.MIFOS:
        product.only("interest_recalculation")
    rule = read_recalculation(product, daily_job=not told)
    if rule is None:
        return LoanLife(terms, on, first_due, disbursed=not told)
    return RecalculatedLoan(terms, rule, on, first_due)


def _progressive(
    product: Fields, terms: LoanTerms, on: date, first_due: date | None, *, told: bool
) -> LoanLife | ProgressiveLoan:
    """Make a loan on a progressive schedule; without interest it has the rows of a cumulative one."""
    payoff_rule = read_progressive_payoff(product)
    if not terms.annual_rate:
        product.only("first_period_starts")
        return LoanLife(terms, on, first_due, disbursed=not told)
    return ProgressiveLoan(
        terms,
        on,
        first_due,
        payoff_rule=payoff_rule,
        period_start=product.day_or_none("first_period_starts"),
    )


def _read_disbursement(disbursement: Fields, terms: LoanTerms) -> tuple[date, Money]:
    on, amount = disbursement.day("date"), disbursement.money("amount", terms.currency_digits)
    disbursement.ignore(("note",))
    disbursement.finish()
    return on, amount


def _plain_answer(document: Fields, life: LoanLife, charges: list[Charge], *, told: bool) -> Answer:
    """Play the events, or the charges and transactions where no events are given."""
    overdue = [charge for charge in charges if charge.when is ChargeTime.OVERDUE]
    digits = life.terms.currency_digits
    story = Story(life, overdue, digits)
    for charge in charges:
        if charge.when is not ChargeTime.OVERDUE:
            life.charge(charge)
    if told:
        for event in document.each("events"):
            story.play(event)
        asked = document.day_or_none("as_of")
        if asked:
            story.close_day(asked)
    else:
        if document.each("later_disbursements"):
            raise UnsupportedTermError(term="later_disbursements")
        for given in document.each("charges"):
            life.charge(read_charge(given, digits))
        for transaction in document.each("transactions"):
            if "date" in transaction:
                story.close_day(transaction.day("date"))
            story.play(transaction)
        story.close_day(document.day("as_of", story.today))
    paid_out = PaidOut(
        life.disbursed_on, life.terms.principal.minor, life.fees_at_disbursement, happened=life.disbursed
    )
    shown = [movement for movement in life.live() if movement.kind is not MovementKind.DOWN_PAYMENT]
    rounding = rounding_difference(life.terms)
    return write_answer(digits, life.rows, [paid_out], shown, told=told, rounding=rounding)


def _recalculated_answer(
    document: Fields, loan: RecalculatedLoan | ProgressiveLoan, amount: Money, *, told: bool
) -> Answer:
    """Play what happened on a recalculated loan, and quote its payoff where a day is named."""
    digits = loan.terms.currency_digits
    story = Story(loan, [], digits)
    asked = document.day_or_none("as_of")
    if told:
        for event in document.each("events"):
            story.play(event)
        if not loan.tranches:
            loan.disburse(loan.disbursed_on, amount)
        elif loan.tranches[0].amount != amount.minor:
            raise BadTermError(term="disbursement.amount", given=Pen(digits).minor(amount.minor))
    else:
        loan.disburse(loan.disbursed_on, amount)
        for tranche in document.each("later_disbursements"):
            loan.disburse(tranche.day("date"), tranche.money("amount", digits))
            tranche.ignore(("note",))
            tranche.finish()
        for transaction in document.each("transactions"):
            story.play(transaction)
    if asked or not told:
        story.close_day(asked or story.today)
    payoff: Answer | None = None
    if asked:
        payoff = {"date": asked.isoformat(), "amount": Pen(digits).minor(loan.payoff(asked).minor)}
    tranches = [PaidOut(tranche.on, tranche.amount) for tranche in loan.tranches]
    return write_answer(digits, loan.standing_rows(), tranches, loan.live(), told=told, payoff=payoff)
