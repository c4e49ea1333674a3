"""Loan and savings accounts: lists, and one by one with schedule, standing and balance."""

from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.counter import CLOSED, ScheduleRow, loan_sheet
from banking.loan_books import Components, overpaid
from banking.savings_book import balance
from hq.api import scopes
from hq.api.errors import NOT_FOUND
from hq.api.kinds import CODE, NUMBER, Choice, RowNumber
from hq.api.listings import OFFICE, Listing, rows_of_page
from hq.api.operations import Answer, Call, Operation, Parameter
from hq.api.paging import PAGING, page
from hq.api.shapes import Field, Form, list_of, object_of, page_of
from ledger.money import Money, format_major

_ID: Final = RowNumber()

LOANS: Final = Listing(
    fields=(
        Field("id", Form.ID, "Its id, the same at branch and headquarters.", "l.id"),
        Field("number", Form.TEXT, "The number that people know.", "l.number"),
        Field("office", Form.TEXT, "Code of the office that keeps it.", "o.code"),
        Field("client_id", Form.ID, "Id of the borrower, where it is a person.", "l.client_id", is_null=True),
        Field("group_id", Form.ID, "Id of the borrower, where it is a group.", "l.group_id", is_null=True),
        Field("product", Form.TEXT, "Code of the product.", "p.code"),
        Field(
            "status",
            Form.TEXT,
            "applied, approved, rejected, withdrawn, active, written_off or moved.",
            "l.status",
        ),
        Field("principal", Form.MONEY, "What was lent, or asked for.", "l.principal"),
        Field("annual_rate", Form.TEXT, "Interest in percent a year.", "l.annual_rate"),
        Field("installments", Form.COUNT, "Number of instalments.", "l.installments"),
        Field("applied_on", Form.DAY, "Day of the application.", "l.applied_on", is_null=True),
        Field("approved_on", Form.DAY, "Day of the approval.", "l.approved_on", is_null=True),
        Field("disbursed_on", Form.DAY, "Day of paying out.", "l.disbursed_on", is_null=True),
        Field("cycle", Form.COUNT, "How many loans the borrower has had, with this one.", "l.cycle"),
        Field("purpose", Form.TEXT, "What it is for; may be empty.", "l.purpose"),
    ),
    tables="loan_account AS l JOIN office AS o ON o.id = l.origin_office_id "
    "JOIN loan_product AS p ON p.id = l.product_id",
    office="l.origin_office_id",
    filters={
        "number": "l.number = ?",
        "client": "l.client_id = ?",
        "product": "p.code = ?",
        "status": "l.status = ?",
    },
)
SAVINGS: Final = Listing(
    fields=(
        Field("id", Form.ID, "Its id, the same at branch and headquarters.", "s.id"),
        Field("number", Form.TEXT, "The number that people know.", "s.number"),
        Field("office", Form.TEXT, "Code of the office that keeps it.", "o.code"),
        Field("client_id", Form.ID, "Id of the owner, where it is a person.", "s.client_id", is_null=True),
        Field("group_id", Form.ID, "Id of the owner, where it is a group.", "s.group_id", is_null=True),
        Field("product", Form.TEXT, "Code of the product.", "p.code"),
        Field("status", Form.TEXT, "active, dormant, unclaimed, matured, closed or moved.", "s.status"),
        Field("annual_rate", Form.TEXT, "Interest in percent a year.", "s.annual_rate"),
        Field("opened_on", Form.DAY, "Day of opening.", "s.opened_on", is_null=True),
        Field("closed_on", Form.DAY, "Day of closing.", "s.closed_on", is_null=True),
        Field("matures_on", Form.DAY, "Day on which a term ends.", "s.matures_on", is_null=True),
    ),
    tables="savings_account AS s JOIN office AS o ON o.id = s.origin_office_id "
    "JOIN savings_product AS p ON p.id = s.product_id",
    office="s.origin_office_id",
    filters={
        "number": "s.number = ?",
        "client": "s.client_id = ?",
        "product": "p.code = ?",
        "status": "s.status = ?",
    },
)
_AMOUNTS: Final = tuple(
    Field(name, Form.MONEY, meaning)
    for name, meaning in (
        ("principal", "Principal."),
        ("interest", "Interest."),
        ("fees", "Fees."),
        ("penalties", "Penalties."),
        ("total", "All four."),
    )
)
_ROW: Final = (
    Field("number", Form.COUNT, "Number of the instalment."),
    Field("due_on", Form.DAY, "When it falls due."),
    *_AMOUNTS,
    Field("paid", Form.MONEY, "What was paid of it."),
    Field("outstanding", Form.MONEY, "What is left of it."),
    Field("state", Form.TEXT, "paid, overdue, due, coming or planned."),
)
_STANDING: Final = (
    Field("as_of", Form.DAY, "The day of this answer."),
    Field("is_closed", Form.FLAG, "Whether it was paid out and nothing is owed any more."),
    *_AMOUNTS,
    Field("overdue", Form.MONEY, "What fell due before this day and is unpaid."),
    Field("days_past_due", Form.COUNT, "Days since the oldest unpaid instalment fell due."),
    Field("overpaid", Form.MONEY, "What was paid above everything owed."),
    Field("next_due_on", Form.DAY, "When the next instalment falls due.", is_null=True),
    Field("next_due", Form.MONEY, "What is left of the next instalment."),
)


def _list_of(listing: Listing) -> Any:  # noqa: ANN401 - a view of this listing
    def run(call: Call) -> Answer:
        with call.installation.database.reading() as session:
            rows = rows_of_page(session, call, listing)
        return 200, page(call, rows, lambda row: listing.document(call, row))

    return run


def _loan(call: Call) -> Answer:
    """Give one loan with what is owed on it and its instalments."""
    today = call.now.astimezone().date()
    with call.installation.database.reading() as session:
        row = LOANS.one(session, call, call.values["id"], "loan")
        return 200, LOANS.document(call, row) | _standing(session, call, today)


def _standing(session: Session, call: Call, today: date) -> dict[str, object]:
    loan_id = call.values["id"]
    sheet = loan_sheet(session, loan_id, today)
    glance = sheet.glance

    def money(amount: Money) -> str:
        return format_major(amount, call.digits)

    return {
        "standing": {
            "as_of": today.isoformat(),
            "is_closed": glance.status == CLOSED,
            **_components(sheet.owed, call.digits),
            "overdue": money(glance.overdue),
            "days_past_due": glance.days_past_due,
            "overpaid": money(overpaid(session, loan_id)),
            "next_due_on": glance.next_due_on.isoformat() if glance.next_due_on else None,
            "next_due": money(glance.next_due),
        },
        "schedule": [_schedule_row(row, call.digits) for row in sheet.schedule.rows],
    }


def _schedule_row(row: ScheduleRow, digits: int) -> dict[str, object]:
    return {
        "number": row.number,
        "due_on": row.due_on.isoformat(),
        **_components(row.due, digits),
        "paid": format_major(row.paid, digits),
        "outstanding": format_major(row.outstanding, digits),
        "state": row.state,
    }


def _components(amounts: Components, digits: int) -> dict[str, str]:
    return {
        "principal": format_major(amounts.principal, digits),
        "interest": format_major(amounts.interest, digits),
        "fees": format_major(amounts.fee, digits),
        "penalties": format_major(amounts.penalty, digits),
        "total": format_major(amounts.total, digits),
    }


def _one_savings(call: Call) -> Answer:
    """Give one savings account with its balance."""
    with call.installation.database.reading() as session:
        row = SAVINGS.one(session, call, call.values["id"], "savings account")
        there = format_major(balance(session, call.values["id"]), call.digits)
        return 200, SAVINGS.document(call, row) | {"balance": there}


def _filters(statuses: tuple[str, ...]) -> tuple[Parameter, ...]:
    return (
        OFFICE,
        Parameter("number", NUMBER, "Exactly this number."),
        Parameter("client", _ID, "Id of the owner."),
        Parameter("product", CODE, "Code of the product."),
        Parameter("status", Choice(statuses), "Only of this status."),
        *PAGING,
    )


_LOAN_STATES: Final = ("applied", "approved", "rejected", "withdrawn", "active", "written_off", "moved")
_SAVINGS_STATES: Final = ("active", "dormant", "unclaimed", "matured", "closed", "moved")

OPERATIONS: Final = (
    Operation(
        "listLoans",
        "GET",
        "/loans",
        "List loans, in the order of their ids.",
        _list_of(LOANS),
        page_of(object_of(LOANS.fields)),
        scope=scopes.LOANS,
        parameters=_filters(_LOAN_STATES),
        refusals=(NOT_FOUND,),
        group="Clients and accounts",
    ),
    Operation(
        "getLoan",
        "GET",
        "/loans/{id}",
        "One loan with its standing and its schedule.",
        _loan,
        object_of(LOANS.fields, standing=object_of(_STANDING), schedule=list_of(object_of(_ROW))),
        scope=scopes.LOANS,
        in_path=(Parameter("id", _ID, "Id of the loan.", required=True),),
        group="Clients and accounts",
    ),
    Operation(
        "listSavings",
        "GET",
        "/savings",
        "List savings accounts, in the order of their ids.",
        _list_of(SAVINGS),
        page_of(object_of(SAVINGS.fields)),
        scope=scopes.SAVINGS,
        parameters=_filters(_SAVINGS_STATES),
        refusals=(NOT_FOUND,),
        group="Clients and accounts",
    ),
    Operation(
        "getSavings",
        "GET",
        "/savings/{id}",
        "One savings account with its balance.",
        _one_savings,
        object_of(SAVINGS.fields, balance=Field("balance", Form.MONEY, "What is on it now.").schema),
        scope=scopes.SAVINGS,
        in_path=(Parameter("id", _ID, "Id of the account.", required=True),),
        group="Clients and accounts",
    ),
)
