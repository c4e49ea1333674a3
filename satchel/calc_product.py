"""``satchel calc loan``: product terms and events in, figures out."""

from dataclasses import replace
from datetime import date

from ledger.charges import Charge
from ledger.errors import BadTermError, RuleError
from ledger.life import LoanLife
from ledger.money import Money
from ledger.progressive import ProgressiveLoan
from ledger.recalculation import RecalculatedLoan
from ledger.rows import MovementKind
from ledger.schedule import rounding_difference
from ledger.terms import Convention, InterestPeriod, InterestType, LoanTerms
from satchel.calc_answer import Answer, PaidOut, Pen, in_major_units, write_answer
from satchel.calc_events import Loan, Story, read_charge
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
    in_parts = product.boolean("multi_disburse", default=False)
    loan = make(product, terms, on, first_due, told=told)
    product.finish()
    document.ignore(("charges", "transactions", "later_disbursements") if told else ("events",))
    if amount != terms.principal and not in_parts:
        raise BadTermError(term="disbursement.amount", given=Pen(terms.currency_digits).minor(amount.minor))
    return _lived_answer(document, loan, charges, amount, told=told)


def _cumulative(
    product: Fields, terms: LoanTerms, on: date, first_due: date | None, *, told: bool
) -> LoanLife | RecalculatedLoan:
    """Make a loan on a cumulative schedule."""
    if terms.convention is Convention.MIFOS:
        product.only("interest_recalculation")
    rule = read_recalculation(product, first_due or on, daily_job=not told)
    if rule is None:
        return LoanLife(terms, on, first_due, disbursed=False)
    return RecalculatedLoan(terms, rule, on, first_due, follows_approved=False, may_add_rows=True)


def _progressive(
    product: Fields,
    terms: LoanTerms,
    on: date,
    first_due: date | None,
    *,
    told: bool,  # noqa: ARG001 - as ``_cumulative``
) -> LoanLife | ProgressiveLoan:
    """Make a loan on a progressive schedule.

    Flat, or with a down payment and no interest, it has the rows of a cumulative one.
    """
    payoff_rule = read_progressive_payoff(product)
    flat = terms.interest_type is InterestType.FLAT and payoff_rule is None
    if (terms.annual_rate and flat) or (not terms.annual_rate and terms.down_payment_percent is not None):
        product.only("first_period_starts")
        return LoanLife(terms, on, first_due, disbursed=False)
    if not terms.annual_rate:  # without interest its kind and its period say nothing
        terms = replace(terms, interest_type=InterestType.DECLINING, interest_period=InterestPeriod.DAILY)
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


def _lived_answer(
    document: Fields, loan: Loan, charges: list[Charge], amount: Money, *, told: bool
) -> Answer:
    """Play the events, or the tranches, charges and transactions where no events are given."""
    digits, promised = loan.terms.currency_digits, loan.terms.principal
    story = Story(loan, charges, digits)
    asked = document.day_or_none("as_of")
    if told:
        _play_events(document, story, amount, promised)
    else:
        _play_transactions(document, story, amount)
    if asked or not told:
        story.close_day(asked or story.today)
    payoff: Answer | None = None
    if asked:
        payoff = {"date": asked.isoformat(), "amount": Pen(digits).minor(loan.payoff(asked).minor)}
    shown = [movement for movement in loan.live() if movement.kind is not MovementKind.DOWN_PAYMENT]
    return write_answer(
        digits,
        loan.standing_rows(),
        _paid_out(loan, promised),
        shown,
        told=told,
        payoff=payoff,
        rounding=rounding_difference(loan.terms),
        approved=promised,
        charges=loan.charges.placed,
    )


def _paid_out(loan: Loan, promised: Money) -> list[PaidOut]:
    """Give the tranches of the answer; charges at disbursement are the first one's."""
    if not loan.tranches:
        return [PaidOut(loan.disbursed_on, promised.minor, loan.fees_at_disbursement, happened=False)]
    first, *later = loan.tranches
    fees = loan.fees_at_disbursement
    return [PaidOut(first.on, first.amount, fees), *(PaidOut(part.on, part.amount) for part in later)]


def _play_events(document: Fields, story: Story, amount: Money, promised: Money) -> None:
    """Play the events; a loan that none of them pays out is only promised."""
    loan = story.loan
    for event in document.each("events"):
        story.play(event)
    if loan.tranches:
        agrees = loan.tranches[0].amount == amount.minor
    elif isinstance(loan, LoanLife):
        agrees = amount == promised
    else:
        story.pay_out(loan.disbursed_on, amount, "disbursement.amount")
        agrees = True
    if not agrees:
        given = Pen(loan.terms.currency_digits).minor(amount.minor)
        raise BadTermError(term="disbursement.amount", given=given)


def _by_date(transactions: list[Fields]) -> list[Fields]:
    """Put transactions in date order, those of one day as listed; one without a date keeps all in place."""
    if all("date" in transaction for transaction in transactions):
        return sorted(transactions, key=lambda transaction: transaction.day("date"))
    return transactions


def _play_transactions(document: Fields, story: Story, amount: Money) -> None:
    digits = story.digits
    story.pay_out(story.loan.disbursed_on, amount, "disbursement.amount")
    for tranche in document.each("later_disbursements"):
        story.pay_out(tranche.day("date"), tranche.money("amount", digits), tranche.term("amount"))
        tranche.ignore(("note",))
        tranche.finish()
    for given in document.each("charges"):
        story.loan.charge(read_charge(given, digits))
    for transaction in _by_date(document.each("transactions")):
        if "date" in transaction:
            story.charge_late(transaction.day("date"))
        story.play(transaction)
