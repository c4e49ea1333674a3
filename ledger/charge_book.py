"""The charges on one loan, and how they lie on its rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from ledger.charges import Charge, ChargeTime
from ledger.errors import BadTermError
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL, Row
from ledger.terms import LoanTerms


@dataclass(frozen=True, slots=True)
class Placed:
    """A dated charge as it was made: PENALTY or FEE, day, minor units, and its row if not that of its day."""

    component: int
    on: date
    minor: int
    row: int | None = None


@dataclass(slots=True)
class ChargeBook:
    """What was charged on a loan; ``lay`` writes it on the rows, as often as they are made anew.

    each_row         charges on every planned row
    placed           charges with a day of their own
    at_disbursement  what was paid out of the disbursement, minor units
    """

    terms: LoanTerms
    disbursed_on: date
    each_row: list[Charge] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    at_disbursement: int = 0
    _penalized: set[tuple[str, int, date]] = field(default_factory=set)

    def add(self, charge: Charge, principal: int, interest: int) -> Placed | None:
        """Take a charge; gives where it was placed if it has a day of its own.

        principal, interest  of the whole loan (minor units), which percentages of dated charges count from
        raises               BadTermError for a day before disbursement
        """
        if charge.when is ChargeTime.INSTALLMENT:
            self.each_row.append(charge)
            return None
        minor = charge.minor(self.terms, principal, interest)
        if charge.when is ChargeTime.DISBURSEMENT:
            self.at_disbursement += minor
            return None
        if charge.due_date is None:
            raise BadTermError(term="charge", given=charge.name)
        return self._place(Placed(_component(charge), charge.due_date, minor))

    def add_overdue(self, charges: Sequence[Charge], row: Row, on: date) -> list[Placed]:
        """Put the overdue penalties on a row that is unpaid, as often as each says; gives what is new.

        A penalty that repeats is dated on the days of its repetition; all of them are the unpaid row's.
        """
        made = []
        for charge in charges:
            for day in charge.overdue_days(row.due_date, on):
                key = (charge.name, row.number, day)
                if key not in self._penalized:
                    self._penalized.add(key)
                    minor = charge.minor(self.terms, row.due[PRINCIPAL], row.due[INTEREST])
                    made.append(self._place(Placed(_component(charge), day, minor, row.number)))
        return made

    def _place(self, placed: Placed) -> Placed:
        if placed.on < self.disbursed_on:
            raise BadTermError(term="charge.due_date", given=placed.on)
        self.placed.append(placed)
        return placed

    def lay(self, rows: list[Row], planned: int, bearing: int | None = None) -> None:
        """Write penalty, fee and dated charges of every row anew; ``rows`` may get one after maturity.

        Charges fall on the row of their date, those dated after maturity on one row after the planned ones.

        bearing  so many of the planned rows bear the charges of every row; all by default
        """
        for row in rows:
            row.due[PENALTY], row.due[FEE], row.dated = 0, 0, []
        for row in rows[: planned if bearing is None else bearing]:
            for charge in self.each_row:
                minor = charge.minor(self.terms, row.due[PRINCIPAL], row.due[INTEREST])
                row.due[_component(charge)] += minor
        for placed in self.placed:
            row = self._row_of(placed, rows, planned)
            row.due[placed.component] += placed.minor
            row.dated.append((placed.component, placed.on, placed.minor))

    @staticmethod
    def _row_of(placed: Placed, rows: list[Row], planned: int) -> Row:
        if placed.row is not None and placed.row <= len(rows):
            return rows[placed.row - 1]
        row = next((row for row in rows[:planned] if placed.on <= row.due_date), None)
        if row is not None:
            return row
        if len(rows) == planned:
            rows.append(Row(rows[-1].number + 1, rows[-1].due_date, placed.on, [0] * 4))
        rows[-1].due_date = max(rows[-1].due_date, placed.on)
        return rows[-1]


def _component(charge: Charge) -> int:
    return PENALTY if charge.penalty else FEE
