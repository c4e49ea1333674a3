"""One row at a time into the books: written whole, or taken back and told, and on to the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from banking.groups import create_center, create_staff, find_center, find_staff
from banking.loading.cells import Bounds
from banking.loading.changesets import Changesets
from banking.loading.known import Known
from banking.loading.report import WrongRow
from ledger.errors import RuleError
from ledger.money import Money, format_major
from schema.writing import act

_ROW = "satchel_row"
_COLUMN_OF_CODE = {
    "ALREADY_REVERSED": "reverses",
    "BEFORE_APPROVAL": "on",
    "CLOSED_DAY": "on",
    "CLOSED_PERIOD": "on",
    "INSUFFICIENT_FUNDS": "amount",
    "LIMIT": "amount",
    "NOTHING_OWED": "account",
    "NOT_THE_PRINCIPAL": "amount",
    "NOT_DISBURSED": "account",
    "NOT_REVERSIBLE": "reverses",
    "NUMBER_TAKEN": "number",
    "OVERPAYMENT": "amount",
    "RECEIPT_TAKEN": "receipt",
    "REVERSAL_DATE": "on",
    "STATUS": "account",
}


def bounds_of(session: Session) -> Bounds:
    """Give what cells are held to: the currency's decimals, and today by the book or by the clock."""
    current = act(session)
    return Bounds(current.digits, max(current.business_date, current.recorded_at.date()))


def told(refusal: RuleError, digits: int) -> str:
    """Give the sentence of a refusal with amounts in major units."""
    return refusal.told(show=lambda fact: format_major(fact, digits) if isinstance(fact, Money) else fact)


def _column_of(refusal: RuleError) -> str | None:
    if refusal.facts.get("field") == "value_date":
        return "on"
    return _COLUMN_OF_CODE.get(refusal.code)


@dataclass(slots=True)
class RowWriter:
    """What all writers of rows share: the books as far as they are known, and what went wrong."""

    session: Session
    known: Known
    errors: list[WrongRow]
    changesets: Changesets
    created: dict[str, int]
    _new_names: list[tuple[dict[str, int], str]] = field(default_factory=list)

    @property
    def digits(self) -> int:
        """Decimals of the currency."""
        return act(self.session).digits

    def count(self, kind: str) -> None:
        """Count one made row of a kind."""
        self.created[kind] = self.created.get(kind, 0) + 1

    @contextmanager
    def row(self, file: str, number: int, overlook: frozenset[str] = frozenset()) -> Iterator[None]:
        """Write one row of a file. A refusal takes back all of the row and is told; it does not leave here.

        overlook   codes that are not told: they may follow from a fault that was told before
        """
        ops, created = act(self.session).ops, dict(self.created)
        before = len(ops)
        self._new_names.clear()
        connection = self.session.connection()
        connection.exec_driver_sql(f"SAVEPOINT {_ROW}")
        try:
            yield
            connection.exec_driver_sql(f"RELEASE SAVEPOINT {_ROW}")
        except RuleError as refusal:
            connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {_ROW}")
            connection.exec_driver_sql(f"RELEASE SAVEPOINT {_ROW}")
            self.session.expire_all()  # what was read since may have been taken back
            del ops[before:]
            self.created.clear()
            self.created.update(created)
            for names, name in self._new_names:
                del names[name]
            self.changesets.held_back = True
            if refusal.code not in overlook:
                message = told(refusal, self.digits)
                self.errors.append(WrongRow(file, number, _column_of(refusal), refusal.code, message))
        else:
            self.changesets.row_done()

    def center_id(self, name: str) -> int | None:
        """Give the center of this name, made if it is new; None for no name."""
        if not name:
            return None
        if name not in self.known.centers:
            center = find_center(self.session, name)
            if center is None:
                center = create_center(self.session, name=name)
                self.count("centers")
            self._remember(self.known.centers, name, center.id)
        return self.known.centers[name]

    def officer_id(self, name: str) -> int | None:
        """Give the officer of this name, made if new; None for no name."""
        if not name:
            return None
        if name not in self.known.officers:
            officer = find_staff(self.session, name)
            if officer is None:
                officer = create_staff(self.session, name)
                self.count("officers")
            self._remember(self.known.officers, name, officer.id)
        return self.known.officers[name]

    def _remember(self, names: dict[str, int], name: str, row_id: int) -> None:
        names[name] = row_id
        self._new_names.append((names, name))
