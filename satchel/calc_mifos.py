"""``satchel calc loan`` for the convention "mifos": the parameters of its acceptance spreadsheets."""

from decimal import Decimal
from enum import StrEnum

from ledger.errors import BadTermError
from ledger.mifos import FeeBase, LoanKind, MifosTerms, build_mifos_schedule
from ledger.money import Currency, Money, total
from ledger.terms import RepayUnit, Rounding
from satchel.calc_reading import Fields, read_decimal
from satchel.calc_terms import RoundingMode

Answer = dict[str, object]

_NOTES = (
    "Exact",
    "Flat",
    "Declining fixed payment",
    "Declining - Fixed Principal",
    "Calculated Totals",
    "Summed Totals",
    "Discrepancy",
    "TestCaseNumber",
)


class _Frequency(StrEnum):
    WEEKLY = "Weekly"
    MONTHLY = "Monthly"


class _Grace(StrEnum):
    NONE = "None"
    PRINCIPAL = "Principal"
    ALL = "All"


class _FeeFrequency(StrEnum):
    NONE = "None"
    PERIODIC = "Periodic"


def _percent(params: Fields, key: str) -> Decimal:
    return read_decimal(params.term(key), params.text(key).strip().removesuffix("%"))


def _rounding(params: Fields, multiple: str, mode: str, digits: int) -> Rounding:
    size = params.decimal(multiple).scaleb(digits)
    if size < 1 or size != size.to_integral_value():
        raise BadTermError(term=params.term(multiple), given=size.scaleb(-digits))
    return Rounding(int(size), f"ROUND_{params.choice(mode, RoundingMode)}")


def _terms(params: Fields, digits: int) -> MifosTerms:
    weekly = params.choice("Payment Frequency", _Frequency) is _Frequency.WEEKLY
    installments = params.integer("Number of Payments")
    grace, grace_rows = (
        params.choice("GracePeriodType", _Grace, _Grace.NONE),
        params.integer("GracePeriod", 0),
    )
    if grace is not _Grace.NONE and not 0 <= grace_rows < installments:
        raise BadTermError(term=params.term("GracePeriod"), given=grace_rows)
    base, fee = _fee(params, digits)
    return MifosTerms(
        principal=params.money("Principal", digits),
        annual_rate=_percent(params, "Annual Interest"),
        kind=params.choice("Loan Type", LoanKind),
        installments=installments,
        repay_unit=RepayUnit.WEEKS if weekly else RepayUnit.MONTHS,
        days_in_year=params.integer("Days in Year", 365),
        currency=Rounding(1, f"ROUND_{params.choice('CurrencyRounding', RoundingMode)}"),
        initial=_rounding(params, "InitialRoundOffMultiple", "InitialRoundingMode", digits),
        final=_rounding(params, "FinalRoundOffMultiple", "FinalRoundingMode", digits),
        grace_principal=grace_rows if grace is _Grace.PRINCIPAL else 0,
        fee_base=base,
        fee=fee,
    )


def _fee(params: Fields, digits: int) -> tuple[FeeBase, Decimal]:
    """Give what the periodic fee is a part of, and its exact minor units or its percentage."""
    periodic = params.choice("FeeFrequency", _FeeFrequency, _FeeFrequency.NONE) is _FeeFrequency.PERIODIC
    base = params.choice("FeeType", FeeBase, FeeBase.VALUE)
    amount = params.decimal("FeeValue", Decimal(0)).scaleb(digits)
    percent = _percent(params, "FeePercentage") if "FeePercentage" in params else Decimal(0)
    if not periodic:
        return FeeBase.VALUE, Decimal(0)
    return base, amount if base is FeeBase.VALUE else percent


def mifos_answer(params: Fields) -> Answer:
    """Give the rounded schedule for the parameters of a spreadsheet case.

    raises   RuleError
    """
    digits = params.integer("Digits After Decimal")
    if not 0 <= digits <= 6:  # noqa: PLR2004 - as many as a currency may have
        raise BadTermError(term=params.term("Digits After Decimal"), given=digits)
    terms = _terms(params, digits)
    params.ignore(_NOTES)
    params.finish()
    schedule = build_mifos_schedule(terms)
    show, zero = Currency("XXX", digits).format, Money(0)
    nothing = show(zero)
    rows = [
        {
            "nr": row.number,
            "due_date": None,
            "days": None,
            "principal": show(row.principal),
            "interest": show(row.interest),
            "fees": show(row.fee),
            "penalties": nothing,
            "due": show(row.payment),
            "balance": show(row.balance),
            "paid": nothing,
            "in_advance": nothing,
            "late": nothing,
            "outstanding": show(row.payment),
            "paid_date": None,
        }
        for row in schedule.rows
    ]
    totals = {
        "principal": show(total(row.principal for row in schedule.rows)),
        "interest": show(total(row.interest for row in schedule.rows)),
        "fees": show(total(row.fee for row in schedule.rows)),
        "penalties": nothing,
    }
    return {
        "schedule": rows,
        "allocations": [],
        "rounding_difference": show(schedule.rounding_difference),
        "payoff": None,
        "totals": totals,
    }
