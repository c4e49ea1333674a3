"""``satchel calc loan``: figures as JSON, money as decimal strings with the currency's digits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.charge_book import Placed
from ledger.errors import RuleError
from ledger.money import ZERO, Money, format_major
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL, Movement, Row

Answer = dict[str, object]


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A tranche on the answer: minor units; ``happened`` is False where the loan is only promised."""

    on: date
    amount: int
    fees: int = 0
    happened: bool = True


def in_major_units(refusal: RuleError, digits: int) -> RuleError:
    """Say a refusal again with its amounts as people write them."""
    facts = {
        name: format_major(fact, digits) if isinstance(fact, Money) else fact
        for name, fact in refusal.facts.items()
    }
    return type(refusal)(**facts)


class Pen:
    """Writes figures of one currency."""

    def __init__(self, digits: int) -> None:
        self.digits = digits

    def minor(self, minor: int) -> str:
        """Write minor units as major ones."""
        return format_major(Money(minor), self.digits)

    def schedule(self, rows: Iterable[Row], tranches: Sequence[PaidOut], *, told: bool) -> list[Answer]:
        """Write the rows, with the tranches between them where events were told."""
        waiting = sorted(tranches, key=lambda tranche: tranche.on)
        balance, written = 0, []
        for row in rows:
            while waiting and waiting[0].on <= row.due_date:
                balance += waiting[0].amount
                if told:
                    written.append(self._tranche(waiting[0]))
                waiting.pop(0)
            balance -= row.due[PRINCIPAL]
            written.append(self._row(row, balance))
        return written

    def _tranche(self, tranche: PaidOut) -> Answer:
        return {
            "disbursement": True,
            "date": tranche.on.isoformat(),
            "amount": self.minor(tranche.amount),
            "fees": self.minor(tranche.fees),
            "paid": self.minor(tranche.fees) if tranche.happened else None,
        }

    def _row(self, row: Row, balance: int) -> Answer:
        return {
            "nr": row.number,
            "due_date": row.due_date.isoformat(),
            "days": row.days,
            "principal": self.minor(row.due[PRINCIPAL]),
            "interest": self.minor(row.due[INTEREST]),
            "fees": self.minor(row.due[FEE]),
            "penalties": self.minor(row.due[PENALTY]),
            "due": self.minor(sum(row.due)),
            "emi": self.minor(row.due[PRINCIPAL] + row.due[INTEREST]),
            "balance": self.minor(balance),
            "paid": self.minor(sum(row.paid)),
            "in_advance": self.minor(row.in_advance),
            "late": self.minor(row.late),
            "waived": self.minor(sum(row.waived)),
            "written_off": self.minor(sum(row.written_off)),
            "outstanding": self.minor(row.outstanding),
            "paid_date": row.paid_on.isoformat() if row.paid_on else None,
        }

    def movement(self, movement: Movement) -> Answer:
        """Write what one entry paid."""
        return {
            "date": movement.on.isoformat(),
            "type": movement.kind.value,
            "amount": self.minor(movement.amount.minor),
            "principal": self.minor(movement.split.principal.minor),
            "interest": self.minor(movement.split.interest.minor),
            "fees": self.minor(movement.split.fee.minor),
            "penalties": self.minor(movement.split.penalty.minor),
            "overpayment": self.minor(movement.split.overpayment.minor),
            "balance_after": self.minor(movement.balance_after.minor),
        }

    def charge(self, placed: Placed) -> Answer:
        """Write a charge that has a day of its own."""
        return {
            "due_date": placed.on.isoformat(),
            "penalty": placed.component == PENALTY,
            "amount": self.minor(placed.minor),
        }

    def totals(self, rows: Sequence[Row], tranches: Iterable[PaidOut]) -> Answer:
        """Add up what is due by component."""
        sums = [sum(row.due[part] for row in rows) for part in range(4)]
        return {
            "principal": self.minor(sums[PRINCIPAL]),
            "interest": self.minor(sums[INTEREST]),
            "fees": self.minor(sums[FEE] + sum(tranche.fees for tranche in tranches)),
            "penalties": self.minor(sums[PENALTY]),
        }


def write_answer(  # noqa: PLR0913 - each is a part of the answer
    digits: int,
    rows: Sequence[Row],
    tranches: Sequence[PaidOut],
    movements: Iterable[Movement],
    *,
    told: bool,
    payoff: Answer | None = None,
    rounding: Money = ZERO,
    approved: Money = ZERO,
    charges: Iterable[Placed] = (),
) -> Answer:
    """Put the answer together; ``told`` says that events were given, which name the tranches too.

    approved  of which the part that was not paid out is told as well
    charges   those with a day of their own
    """
    pen = Pen(digits)
    undisbursed = approved.minor - sum(tranche.amount for tranche in tranches)
    return {
        "schedule": pen.schedule(rows, tranches, told=told),
        "allocations": [pen.movement(movement) for movement in movements],
        "rounding_difference": pen.minor(rounding.minor),
        "charges": [pen.charge(charge) for charge in charges],
        "undisbursed": pen.minor(max(0, undisbursed)),
        "payoff": payoff,
        "totals": pen.totals(rows, tranches),
    }
