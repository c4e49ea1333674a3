"""The fields of products, charges and rate steps, as acts take them: a field for each column."""

from collections.abc import Mapping
from typing import Final

from banking.acts import readers
from banking.acts.readers import any_money, choice, count, decimal, flag, gl_account, multiple, or_none, text
from banking.acts.registry import Field, Reader, Values
from banking.offers import ON_LOANS, ON_SAVINGS
from banking.products import WORDS as LOAN_WORDS
from banking.savings_products import WORDS as SAVINGS_WORDS
from ledger.charges import ChargeBase

_AMOUNT, _NUMBER, _DECIMAL, _ACCOUNT = map(or_none, (any_money, count, decimal, gl_account))


def _limits(name: str, reader: Reader, what: str) -> tuple[Field, Field]:
    return (
        Field(f"{name}_minimum", reader, f"the least {what}"),
        Field(f"{name}_maximum", reader, f"the most {what}"),
    )


def _word(words: Mapping[str, tuple[str, ...]], name: str, meaning: str) -> Field:
    return Field(name, choice(*words[name]), meaning)


def _gl(names: Mapping[str, str]) -> tuple[Field, ...]:
    return tuple(Field(name, _ACCOUNT, meaning) for name, meaning in names.items())


CODE: Final = Field("code", text, "its code; a known code makes the next version", required=True)
NAME: Final = Field("name", text, "its name")
CHARGES: Final = Field("charge", readers.charge, "a charge that every account bears", many=True)
_LIMITED: Final = (
    *_limits("principal", _AMOUNT, "that may be asked for"),
    *_limits("rate", _DECIMAL, "percent a year"),
    *_limits("installments", _NUMBER, "rows"),
)
CYCLES: Final = Field(
    "cycles",
    None,
    "what a client may ask for from the so-manieth loan on",
    rows=(Field("cycle", count, "the number of the loan, from 1", required=True), *_LIMITED),
)

LOAN_FIELDS: Final = (
    NAME,
    _word(LOAN_WORDS, "kind", "a loan with rows, or a credit line without"),
    _word(LOAN_WORDS, "convention", "whose rounding and interest rules it follows"),
    _word(LOAN_WORDS, "interest_type", "interest on the whole principal, or on what is owed"),
    _word(LOAN_WORDS, "amortization", "what is the same in each row"),
    Field("annual_rate", decimal, "percent a year, below 1,000"),
    Field("installments", count, "number of rows"),
    Field("principal_default", _AMOUNT, "what is lent when nothing else is said"),
    *_LIMITED,
    Field("repay_every", count, "a row every so many units"),
    _word(LOAN_WORDS, "repay_unit", "the unit"),
    _word(LOAN_WORDS, "days_in_year", "actual counts 365 days, leap years too"),
    _word(LOAN_WORDS, "days_in_month", "days of a month under daily interest"),
    _word(LOAN_WORDS, "interest_period", "interest of whole periods, or of actual days"),
    Field("partial_periods", flag, "a row's interest counts the exact part of a period"),
    Field("grace_principal", count, "rows at the start without principal"),
    Field("grace_interest_payment", count, "rows at the start whose interest is paid later"),
    Field("grace_interest_charged", count, "rows at the start whose interest is never charged"),
    Field("currency_multiple", count, "amounts go to multiples of so many units (currency without decimals)"),
    Field("installment_multiple", multiple, "the instalment goes to a multiple of this amount"),
    Field("rounding_currency", text, "convention mifos: parts of a row, as “1 ROUND_HALF_UP” in minor units"),
    Field("rounding_initial", text, "convention mifos: each payment"),
    Field("rounding_final", text, "convention mifos: the sum of all payments"),
    Field("fixed_principal_percent", _DECIMAL, "part of the principal in each row; the rest is in the last"),
    Field("down_payment_percent", _DECIMAL, "part of the principal due at disbursement"),
    Field("auto_down_payment", flag, "the down payment is paid from the disbursement"),
    Field("most_tranches", count, "in so many parts may it be paid out; 0: in one"),
    _word(LOAN_WORDS, "schedule_kind", "how the rows are made"),
    _word(LOAN_WORDS, "recalculation", "what early money does to the rows left; none: nothing"),
    _word(LOAN_WORDS, "recalculation_rest", "when money begins to count"),
    _word(LOAN_WORDS, "recalculation_compounding", "whether overdue interest bears interest"),
    Field("recalculation_day", _NUMBER, "day of month from which it does; none: from its due date"),
    _word(LOAN_WORDS, "payoff_interest", "up to when a payoff pays interest"),
    _word(LOAN_WORDS, "due_from", "rows fall due from disbursement on, or when the group meets"),
    _word(LOAN_WORDS, "shift_rule", "what a row does that falls on a day off"),
    _word(LOAN_WORDS, "strategy", "the order in which money is shared"),
    Field("allocation_order", text, "the free order of twelve: “DUE penalty, DUE fee, …”"),
    Field("future_rules", text, "where early money goes: “DEFAULT NEXT_INSTALLMENT”"),
    Field("installment_fee", _AMOUNT, "a fee of every row"),
    _word(LOAN_WORDS, "overpayment", "what is paid too much is kept for the client, or refused"),
    _word(LOAN_WORDS, "accrual", "when interest is income: when paid, by the day, or at once"),
    Field("non_performing_after_days", _NUMBER, "so many days overdue"),
    Field("charge_off_after_days", _NUMBER, "so many days overdue"),
    Field("arrears_tolerance", _AMOUNT, "overdue principal up to this is no arrears"),
    Field("guarantors_needed", count, "so many guarantors before it is paid out"),
    Field("guarantee_percent", _DECIMAL, "part of the principal that they answer for"),
    Field("provision_table", text, "code of its provision table; empty: standard"),
    *_gl(
        {
            "gl_portfolio": "GL account of the loans (asset, no manual entries)",
            "gl_interest": "interest income",
            "gl_fee": "fee income",
            "gl_penalty": "penalty income",
            "gl_write_off": "write-off expense",
            "gl_recovery": "recovery income",
            "gl_overpayment": "what clients paid too much (liability, no manual entries)",
            "gl_interest_receivable": "interest receivable (asset)",
            "gl_fee_receivable": "fees receivable (asset)",
            "gl_penalty_receivable": "penalties receivable (asset)",
            "gl_charge_off": "charge-off expense",
        }
    ),
)

SAVINGS_FIELDS: Final = (
    NAME,
    _word(SAVINGS_WORDS, "kind", "what kind of savings"),
    Field("annual_rate", decimal, "percent a year"),
    *_limits("rate", _DECIMAL, "percent a year"),
    _word(SAVINGS_WORDS, "balance_method", "interest on each day's balance, or on their average"),
    _word(SAVINGS_WORDS, "compounding", "when interest begins to earn interest"),
    _word(SAVINGS_WORDS, "posting", "when interest is posted"),
    _word(SAVINGS_WORDS, "days_in_year", "days of a year"),
    Field("interest_minimum", _AMOUNT, "the balance below which a day earns nothing"),
    Field("expected_deposit", _AMOUNT, "what is to be paid in each time (mandatory, recurring)"),
    Field("deposit_every", count, "a deposit every so many units"),
    _word(SAVINGS_WORDS, "deposit_unit", "the unit"),
    Field("opening_minimum", _AMOUNT, "the least first deposit"),
    Field("minimum_balance", _AMOUNT, "what must stay"),
    Field("overdraft_limit", _AMOUNT, "how far below zero it may go"),
    Field("overdraft_rate", _DECIMAL, "percent a year on what is below zero"),
    Field("tax_percent", _DECIMAL, "of interest, withheld"),
    Field("term_days", _NUMBER, "days of a fixed or recurring account"),
    *_limits("term_days", _NUMBER, "days"),
    Field("early_rate", _DECIMAL, "percent a year off the rate when it ends before its term"),
    Field("lock_in_days", count, "days after opening in which nothing is taken out"),
    Field("dormant_after_days", _NUMBER, "days without its owner's movement"),
    Field("unclaimed_after_days", _NUMBER, "days without its owner's movement"),
    *_gl(
        {
            "gl_deposits": "GL account of the savings (liability, no manual entries)",
            "gl_interest": "interest expense",
            "gl_fee": "fee income",
            "gl_tax": "tax withheld (liability)",
            "gl_overdraft": "what is below zero (asset, no manual entries)",
            "gl_overdraft_interest": "interest income on it",
            "gl_interest_payable": "interest payable (liability)",
            "gl_unclaimed": "unclaimed savings (liability, no manual entries)",
        }
    ),
)
RATE_STEPS: Final = Field(
    "rate_steps",
    None,
    "the rate from a term and an amount on; the highest step counts",
    rows=(
        Field("from_days", count, "from so many days on"),
        Field("from_amount", _AMOUNT, "from this amount on"),
        Field("annual_rate", decimal, "percent a year", required=True),
    ),
)
CHARGE_FIELDS: Final = (
    NAME,
    Field("applies_to", choice("loan", "savings"), "on what it is made"),
    Field("due", choice(*ON_LOANS, *ON_SAVINGS), "when it is made"),
    Field("penalty", flag, "a penalty, not a fee"),
    Field("amount", _AMOUNT, "a flat amount"),
    Field("percent", _DECIMAL, "or so many percent of its base"),
    Field("base", choice(*map(str, ChargeBase)), "what the percentage counts from"),
    Field("least", _AMOUNT, "never less"),
    Field("most", _AMOUNT, "never more"),
    Field("wait_days", count, "overdue: days after the due date before it is made"),
    Field("repeat_days", _NUMBER, "overdue: made again so often while the row is unpaid"),
    Field("gl_income", _ACCOUNT, "income account; default: that of the product"),
)


def columns_of(values: Values, fields: tuple[Field, ...]) -> dict[str, object]:
    """Give the columns that were set, under their names in the table."""
    return {
        f"{one.name}_id" if one.name.startswith("gl_") else one.name: values[one.name]
        for one in fields
        if one.name in values
    }
