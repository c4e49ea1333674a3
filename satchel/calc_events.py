"""``satchel calc loan``: what happened to a loan, event by event."""

import re
from datetime import date
from enum import StrEnum

from ledger.charges import Charge, ChargeBase, ChargeTime
from ledger.errors import BadTermError, NotFoundError, UnsupportedTermError
from ledger.life import LoanLife
from ledger.money import Money, format_major
from ledger.progressive import ProgressiveLoan
from ledger.recalculation import RecalculatedLoan
from ledger.rescheduling import Reschedule
from ledger.rows import Movement, MovementKind
from ledger.terms import MAX_INSTALLMENTS
from satchel.calc_reading import Fields

Loan = LoanLife | RecalculatedLoan | ProgressiveLoan
"""Three ways in which a loan lives; what one does not know it refuses by name."""


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


_SAID = re.compile(
    r"%\s*of\s+(?P<base>principal\+interest|principal|amount|interest)"
    r"(?:\s+due)?(?:\s+of\s+(?:the\s+)?(?:overdue\s+installment|whole\s+loan|loan))?"
)
"""The words in which the cases say what a percentage counts from."""

_COUNTED = re.compile(r"(?:all |any )?(?P<kind>[a-z_ ]+?)s?(?:,? (?:in order|on (?:that|the) day))?")
"""The words in which an undo says what it counts: "Repayment", "all repayments, in order"."""


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


def read_charge(charge: Fields, digits: int) -> Charge:
    """Read a fee or penalty: an amount, or a percentage of what ``of``, ``calc`` or the name says.

    raises   RuleError
    """
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
        least=charge.money_or_none("least", digits),
        most=charge.money_or_none("most", digits),
        wait_days=charge.integer("wait_days", 0),
        repeat_days=charge.integer("repeat_days") if "repeat_days" in charge else None,
    )
    charge.finish()
    return read


class Story:
    """Plays events on a loan, in the order in which they were entered.

    charges  of the product: they are on the loan from its disbursement, penalties when a row is overdue
    """

    def __init__(self, loan: Loan, charges: list[Charge], digits: int) -> None:
        self.loan = loan
        self.overdue = [charge for charge in charges if charge.when is ChargeTime.OVERDUE]
        self.digits = digits
        self.today = loan.disbursed_on
        self._waiting = [charge for charge in charges if charge.when is not ChargeTime.OVERDUE]
        if isinstance(loan, LoanLife):
            self._charge_product()

    def play(self, event: Fields) -> None:
        """Do what one event says.

        raises   RuleError
        """
        kind = event.text("type")
        event.ignore(("note", "line"))
        if kind.startswith("check"):
            return
        if kind in list(MovementKind):
            self._move(MovementKind(kind), event)
        elif kind in list(_Step):
            self._step(_Step(kind), event)
        else:
            raise UnsupportedTermError(term=f"{event.term('type')}={kind[:40]}")
        event.finish()

    def close_day(self, on: date) -> None:
        """Do what the daily job does at the end of a day."""
        self.charge_late(on)
        if not isinstance(self.loan, LoanLife):
            self.loan.recalculate(on)

    def charge_late(self, on: date) -> None:
        """Put the product's penalties on rows that are overdue on a day."""
        self.loan.charge_overdue(self.overdue, on)

    def pay_out(self, on: date, amount: Money, term: str) -> None:
        """Pay out a tranche; the first brings the product's charges.

        raises   RuleError; BadTermError names ``term``
        """
        try:
            self.loan.disburse(on, amount)
        except BadTermError:
            given = f"{on} {format_major(amount, self.digits)}"
            raise BadTermError(term=term, given=given) from None
        self._charge_product()

    def _charge_product(self) -> None:
        waiting, self._waiting = self._waiting, []
        for charge in waiting:
            self.loan.charge(charge)

    def _move(self, kind: MovementKind, event: Fields) -> None:
        on = event.day("date")
        self.today = max(self.today, on)
        if kind in {MovementKind.RECOVERY, MovementKind.DOWN_PAYMENT}:
            raise UnsupportedTermError(term=f"{event.term('type')}={kind}")
        if kind is MovementKind.WRITE_OFF:
            self.loan.write_off(on)
        elif kind is MovementKind.WRITE_OFF_PART:
            self.loan.write_off(on, event.money("amount", self.digits))
        else:
            self.loan.pay(kind, on, event.money("amount", self.digits))

    def _step(self, kind: _Step, event: Fields) -> None:
        if kind is _Step.BUSINESS_DATE:
            self.today = event.day("date")
        elif kind is _Step.CLOSE_OF_BUSINESS:
            self.close_day(self.today)
        elif kind is _Step.CONFIG:
            event.only("text", event.text("text", ""))
        elif kind is _Step.DISBURSE:
            self.pay_out(event.day("date"), event.money("amount", self.digits), event.term("amount"))
        elif kind is _Step.CHARGE:
            self.loan.charge(read_charge(event, self.digits))
        elif kind is _Step.CHARGE_OFF:
            self.today = max(self.today, event.day("date"))
        elif kind is _Step.RESCHEDULE:
            self.loan.reschedule(_read_reschedule(event))
        elif kind is _Step.UNDO:
            self.loan.undo(self._find(event))
        else:
            on = event.day("date")
            self.today = max(self.today, on)
            self.loan.pay(MovementKind.REPAYMENT, on, self.loan.payoff(on))

    def _find(self, event: Fields) -> Movement:
        """Give the entry that an undo means: the n-th of its kind, on its day if one is named.

        Where ``of`` is absent, or says "transaction", entries of every kind are counted.
        """
        nth, of = event.integer("nth", 1), event.text("of", "transaction")
        day = event.day_or_none("made_on")
        event.day_or_none("undone_on")
        said = _COUNTED.fullmatch(of.lower())
        name = said["kind"].replace(" ", "_") if said else ""
        found = [
            movement
            for movement in sorted(self.loan.movements, key=lambda movement: movement.on)
            if name in {movement.kind, "transaction"} and (day is None or movement.on == day)
        ]
        if not 1 <= nth <= len(found) or not found[nth - 1].live:
            raise NotFoundError(kind="transaction", key=f"{of} {nth}")
        return found[nth - 1]


def _read_reschedule(event: Fields) -> Reschedule:
    event.day("submitted_on", date.min)
    return Reschedule(
        from_date=event.day("from_date"),
        new_date=event.day_or_none("adjusted_due_date"),
        extra_rows=_count(event, "extra_terms"),
        grace_principal=_count(event, "grace_on_principal"),
        grace_interest=_count(event, "grace_on_interest"),
        new_rate=event.decimal_or_none("new_interest_rate"),
    )


def _count(event: Fields, key: str) -> int:
    count = event.integer(key, 0)
    if not 0 <= count <= MAX_INSTALLMENTS:
        raise BadTermError(term=event.term(key), given=count)
    return count
