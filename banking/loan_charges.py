"""Charges on a loan: put on it, made by themselves when rows are overdue, taken back, waived.

A charge stands in its row's fee or penalty, and as a ``LoanCharge`` that says what it is and from which day
it counts. Penalties for being late stand on the row that is late; a charge dated after the last row makes one
row more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.booking_day import booked_on
from banking.books import require_amount
from banking.errors import StatusError
from banking.loan_books import WRITTEN_OFF, LoanBook, overpaid, own_loan, read_book, read_dues
from banking.loan_errors import ChargedOffError, WrongChargeError
from banking.loan_replay import settle
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean, require
from ledger.charges import Charge, ChargeBase, ChargeTime
from ledger.money import ZERO, Money
from ledger.terms import LoanTerms
from schema.accounts import Installment, LoanAccount
from schema.lending import LoanCharge
from schema.products import ChargeDefinition, LoanProduct, ProductCharge
from schema.reading import fetch
from schema.writing import act, insert, update

AT_DISBURSEMENT, ON_A_DATE, EACH_ROW, OVERDUE = "disbursement", "date", "installment", "overdue"
_WHEN = {
    AT_DISBURSEMENT: ChargeTime.DISBURSEMENT,
    ON_A_DATE: ChargeTime.DATED,
    EACH_ROW: ChargeTime.INSTALLMENT,
    OVERDUE: ChargeTime.OVERDUE,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A charge that is about to be made: on which row, from which day, how much."""

    row: Installment
    on: date
    amount: Money


# --- how much -------------------------------------------------------------------------------------


def charge_of(definition: ChargeDefinition) -> Charge:
    """Give a charge of headquarters' list as the rules know it.

    raises   BadTermError for a charge that is neither an amount nor a percentage, or otherwise impossible
    """
    when = _WHEN[definition.due]
    return Charge(
        name=definition.name,
        penalty=bool(definition.penalty),
        when=when,
        amount=definition.amount,
        percent=definition.percent,
        base=ChargeBase(definition.base),
        due_date=date.min if when is ChargeTime.DATED else None,
        least=definition.least,
        most=definition.most,
        wait_days=definition.wait_days,
        repeat_days=definition.repeat_days,
    )


def charge_amount(
    session: Session, product: LoanProduct, definition: ChargeDefinition, principal: Money, interest: Money
) -> Money:
    """Give what a charge comes to on ``principal`` and ``interest``, within its caps, in minor units.

    raises   BadTermError
    """
    rounding = LoanTerms(
        principal=Money(1),
        annual_rate=Decimal(0),
        installments=1,
        currency_digits=act(session).digits,
        currency_multiple=product.currency_multiple,
    )
    return Money(charge_of(definition).minor(rounding, principal.minor, interest.minor))


def charges_of_product(session: Session, product_id: int, due: str) -> list[ChargeDefinition]:
    """List the charges that every loan under a product's version bears, by code.

    A charge has versions as a product has: the product keeps the one that it was made with.
    """
    wanted = (
        select(ChargeDefinition)
        .join(ProductCharge, ProductCharge.charge_id == ChargeDefinition.id)
        .where(ProductCharge.loan_product_id == product_id, ChargeDefinition.due == due)
    )
    return list(session.scalars(wanted.order_by(ChargeDefinition.code)))


# --- putting one on -------------------------------------------------------------------------------


def put_charge(
    session: Session,
    loan_id: int,
    charge_id: int,
    on: date,
    *,
    amount: Money | None = None,
    note: str = "",
) -> list[LoanCharge]:
    """Put a charge of headquarters' list on a running loan: on the row of ``on``, or on every row from then.

    amount   another amount than the charge comes to by itself
    returns  the charges made, one for each row
    raises   WrongChargeError for one of savings, not in use, or made by itself; StatusError, ChargedOffError,
             NotDisbursedError, NotFoundError, AmountError, NoLongerFitsError, ClosedPeriodError
    """
    book = require_chargeable(session, loan_id, on)
    definition = get_row(session, ChargeDefinition, charge_id, "charge")
    if definition.applies_to != "loan" or not definition.active:
        raise WrongChargeError(charge=definition.code, reason="it is not in use for loans")
    if definition.due not in {ON_A_DATE, EACH_ROW}:
        raise WrongChargeError(charge=definition.code, reason=f"it is made by itself: {definition.due}")
    loan, product = session.get_one(LoanAccount, loan_id), session.get_one(LoanProduct, book.product_id)
    rows = rows_of_schedule(session, loan_id)
    if definition.due == EACH_ROW:
        wanted = [
            Wanted(row, row.due_on, amount or amount_of_row(session, product, definition, row))
            for row in rows
            if row.due_on >= on and (row.principal or row.interest)
        ]
    else:
        interest = Money(sum(row.interest.minor for row in rows))
        whole = amount or charge_amount(session, product, definition, loan.principal, interest)
        wanted = [Wanted(_row_of(session, loan_id, rows, on), on, whole)]
    return make_charges(session, book, wanted, definition, on=on, note=note)


def put_amount(
    session: Session,
    loan_id: int,
    amount: Money,
    on: date,
    *,
    name: str,
    penalty: bool = False,
    note: str = "",
) -> LoanCharge:
    """Put a charge of a free amount on a running loan, on the row of ``on``.

    raises   as ``put_charge``; MissingError without a name
    """
    book = require_chargeable(session, loan_id, on)
    row = _row_of(session, loan_id, rows_of_schedule(session, loan_id), on)
    free = ChargeDefinition(name=require(name, "name"), penalty=int(penalty))
    return make_charges(session, book, [Wanted(row, on, amount)], free, on=on, note=note)[0]


def charge_rows(session: Session, loan_id: int, on: date) -> list[LoanCharge]:
    """Put the charges of the product that every row bears on the rows of a loan paid out on ``on``.

    raises   as ``put_charge``
    """
    book = require_chargeable(session, loan_id, on)
    product, made = session.get_one(LoanProduct, book.product_id), []
    for definition in charges_of_product(session, book.product_id, EACH_ROW):
        wanted = [
            Wanted(row, row.due_on, amount_of_row(session, product, definition, row))
            for row in rows_of_schedule(session, loan_id)
            if row.principal or row.interest
        ]
        made += make_charges(session, book, wanted, definition, on=on)
    return made


def note_paid_at_disbursement(
    session: Session, loan_id: int, definition: ChargeDefinition, amount: Money, on: date
) -> LoanCharge:
    """Write down a charge that was taken out of the money paid out: no row bears it, and nothing is owed."""
    charge = LoanCharge(
        loan_account_id=own_loan(session, loan_id).id,
        charge_id=definition.id,
        name=definition.name,
        penalty=definition.penalty,
        charged_on=on,
        booked_on=booked_on(session, on),
        amount=require_amount(amount),
    )
    insert(session, charge)
    return charge


def require_chargeable(session: Session, loan_id: int, on: date) -> LoanBook:
    """Give the book of a loan that can be charged from ``on`` on.

    raises   NotFoundError, NotDisbursedError; StatusError for one that is written off; ChargedOffError
    """
    book = read_book(session, loan_id)
    book.require_paid_out(on)
    if book.status == WRITTEN_OFF:
        raise StatusError(number=book.number, status=book.status, wanted="charge")
    if book.charged_off_on is not None and on < book.charged_off_on:
        raise ChargedOffError(number=book.number, day=book.charged_off_on)
    return book


def amount_of_row(
    session: Session, product: LoanProduct, definition: ChargeDefinition, row: Installment
) -> Money:
    """Give what a charge comes to on one row."""
    return charge_amount(session, product, definition, row.principal, row.interest)


def rows_of_schedule(session: Session, loan_id: int) -> list[Installment]:
    """List the rows of the schedule; empty ones of an earlier plan after its end are left out."""
    wanted = select(Installment).where(Installment.loan_account_id == loan_id).order_by(Installment.number)
    rows = list(session.scalars(wanted))
    while rows and not (rows[-1].principal or rows[-1].interest or rows[-1].fee or rows[-1].penalty):
        rows.pop()
    return rows


def _row_of(session: Session, loan_id: int, rows: Sequence[Installment], on: date) -> Installment:
    """Give the row in which ``on`` lies; after the last one, the row for charges after maturity."""
    for row in rows:
        if on <= row.due_on:
            return row
    last = rows[-1]
    if not (last.principal or last.interest) and len(rows) > 1:
        update(session, last, due_on=on)
        return last
    spare = session.scalars(
        select(Installment).where(
            Installment.loan_account_id == loan_id, Installment.number == last.number + 1
        )
    ).first()
    if spare is not None:
        update(session, spare, due_on=on)
        return spare
    added = Installment(
        loan_account_id=loan_id, number=last.number + 1, due_on=on, principal=ZERO, interest=ZERO
    )
    insert(session, added)
    return added


def make_charges(
    session: Session,
    book: LoanBook,
    wanted: Sequence[Wanted],
    definition: ChargeDefinition,
    *,
    on: date,
    note: str = "",
) -> list[LoanCharge]:
    """Write charges and what their rows gain; entries that know them are shared anew."""
    said = clean(note, "note", LONGEST_NOTE) if note else ""
    made, shown_on = [], booked_on(session, on)
    for one in wanted:
        if not one.amount:
            continue
        charge = LoanCharge(
            loan_account_id=book.id,
            charge_id=definition.id,
            installment_id=one.row.id,
            name=definition.name,
            penalty=definition.penalty,
            charged_on=one.on,
            booked_on=shown_on,
            amount=require_amount(one.amount),
            note=said,
        )
        insert(session, charge)
        add_to_row(session, one.row, one.amount, penalty=bool(definition.penalty))
        made.append(charge)
    if not made:
        return made
    first = min(charge.charged_on for charge in made)
    if (
        book.recalculates
        or (book.last_on is not None and first <= book.last_on)
        or overpaid(session, book.id)
    ):
        settle(session, book.id, cause_on=first)
    return made


def add_to_row(session: Session, row: Installment, amount: Money, *, penalty: bool) -> None:
    """Add a charge to what falls due with a row; below zero takes it away."""
    if penalty:
        update(session, row, penalty=row.penalty + amount)
    else:
        update(session, row, fee=row.fee + amount)


# --- overdue rows ---------------------------------------------------------------------------------


_MADE = """
SELECT charge_id, installment_id, charged_on FROM loan_charge
 WHERE loan_account_id = ? AND reverses_id IS NULL AND charge_id IS NOT NULL
"""


def charge_overdue(session: Session, loan_id: int, on: date) -> list[LoanCharge]:
    """Make the product's penalties for rows that are unpaid on ``on`` although due before.

    A penalty counts from the row's due date and its waiting days, and again so often as it repeats. What was
    made before, and what was taken back, is not made again. Loans written off or charged off bear none.

    raises   NotFoundError, NotDisbursedError, NoLongerFitsError, ClosedPeriodError
    """
    book = read_book(session, loan_id)
    if book.status == WRITTEN_OFF or book.charged_off_on is not None:
        return []
    definitions = charges_of_product(session, book.product_id, OVERDUE)
    if not definitions:
        return []
    book.require_paid_out(on)
    late = [due for due in read_dues(session, loan_id) if due.due_date < on and due.owed - due.penalty]
    product = session.get_one(LoanProduct, book.product_id)
    known = {(row[0], row[1], row[2]) for row in fetch(session, _MADE, loan_id)}
    made = []
    for definition in definitions:
        wanted = []
        for due in late:
            row = session.get_one(Installment, due.installment_id)
            if not (row.principal or row.interest):
                continue
            amount = amount_of_row(session, product, definition, row)
            wanted += [
                Wanted(row, day, amount)
                for day in charge_of(definition).overdue_days(row.due_on, on)
                if (definition.id, row.id, day.isoformat()) not in known
            ]
        made += make_charges(session, book, wanted, definition, on=on)
    return made
