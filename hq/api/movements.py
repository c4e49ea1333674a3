"""Movements of money: on loans and savings accounts, and entries of the journal with their lines."""

from collections.abc import Sequence
from typing import Any, Final

from hq.api import scopes
from hq.api.errors import NOT_FOUND
from hq.api.kinds import NUMBER, Choice, Day
from hq.api.listings import OFFICE, Listing, rows_of_page
from hq.api.operations import Answer, Call, Operation, Parameter
from hq.api.paging import PAGING, limit_of, page
from hq.api.shapes import Field, Form, document_of, list_of, object_of, page_of
from schema.reading import fetch

_FROM: Final = Parameter("from", Day(), "First day of booking.")
_TO: Final = Parameter("to", Day(), "Last day of booking.")


def _movements(kind: str, components: Sequence[str]) -> Listing:
    """Give the listing of one kind of account; what it has not is null."""

    def part(name: str, meaning: str) -> Field:
        return Field(name, Form.MONEY, meaning, f"t.{name}" if name in components else "NULL", is_null=True)

    return Listing(
        fields=(
            Field("id", Form.ID, "Its id.", "t.id"),
            Field("account_kind", Form.TEXT, "loan or savings.", f"'{kind}'"),
            Field("account_id", Form.ID, "Id of the account.", "a.id"),
            Field("account", Form.TEXT, "Number of the account.", "a.number"),
            Field("office", Form.TEXT, "Code of the office that booked it.", "o.code"),
            Field("kind", Form.TEXT, "Such as repayment, deposit, reversal.", "t.kind"),
            Field("amount", Form.MONEY, "What moved; savings: out is below zero.", "t.amount"),
            part("principal", "Principal of it."),
            part("interest", "Interest of it."),
            part("fee", "Fees of it."),
            part("penalty", "Penalties of it."),
            part("overpayment", "What was paid too much."),
            Field("value_date", Form.DAY, "The day from which it counts.", "t.value_date"),
            Field("booked_on", Form.DAY, "The business day on which it was booked.", "t.booked_on"),
            Field("recorded_at", Form.INSTANT, "When it was typed.", "t.recorded_at"),
            Field("receipt", Form.TEXT, "Number of the receipt; may be empty.", "t.receipt"),
            Field("reverses_id", Form.ID, "What it takes back.", "t.reverses_id", is_null=True),
            Field("journal_entry_id", Form.ID, "Its entry.", "t.journal_entry_id", is_null=True),
            Field("note", Form.TEXT, "Note.", "t.note", scope=scopes.PRIVATE),
        ),
        tables=f"{kind}_transaction AS t JOIN {kind}_account AS a ON a.id = t.{kind}_account_id "
        "JOIN office AS o ON o.id = t.origin_office_id",
        office="t.origin_office_id",
        filters={
            "account": "a.number = ?",
            "from": "t.booked_on >= ?",
            "to": "t.booked_on <= ?",
        },
    )


_COMPONENTS: Final = ("principal", "interest", "fee", "penalty", "overpayment")
MOVEMENTS: Final = {"loan": _movements("loan", _COMPONENTS), "savings": _movements("savings", ())}

ENTRIES: Final = Listing(
    fields=(
        Field("id", Form.ID, "Its id.", "e.id"),
        Field("office", Form.TEXT, "Code of the office whose books it is in.", "o.code"),
        Field("kind", Form.TEXT, "What it is about.", "e.kind"),
        Field("value_date", Form.DAY, "The day from which it counts.", "e.value_date"),
        Field("booked_on", Form.DAY, "The business day on which it was booked.", "e.booked_on"),
        Field("recorded_at", Form.INSTANT, "When it was typed.", "e.recorded_at"),
        Field("reverses_id", Form.ID, "The entry that it takes back.", "e.reverses_id", is_null=True),
        Field("note", Form.TEXT, "Note.", "e.note", scope=scopes.PRIVATE),
    ),
    tables="journal_entry AS e JOIN office AS o ON o.id = e.origin_office_id",
    office="e.origin_office_id",
    filters={"from": "e.booked_on >= ?", "to": "e.booked_on <= ?"},
)
_LINE: Final = (
    Field("id", Form.ID, "Its id."),
    Field("gl_account", Form.TEXT, "Code of the account in the chart."),
    Field("currency", Form.TEXT, "ISO code."),
    Field("debit", Form.MONEY, "Left side."),
    Field("credit", Form.MONEY, "Right side."),
)


def _list_movements(call: Call) -> Answer:
    """List movements of both kinds of accounts in the order of ids, which are of one series."""
    kind = call.text("account_kind")
    with call.installation.database.reading() as session:
        rows = [
            row
            for name, listing in MOVEMENTS.items()
            if kind in {None, name}
            for row in rows_of_page(session, call, listing)
        ]
    rows.sort(key=lambda row: int(row[0]))
    fields = MOVEMENTS["loan"].fields

    def write(row: Sequence[Any]) -> object:
        return document_of(fields, row, call.digits, call.caller.scopes)

    return 200, page(call, rows[: limit_of(call) + 1], write)


def _list_entries(call: Call) -> Answer:
    """List entries with their lines."""
    with call.installation.database.reading() as session:
        rows = rows_of_page(session, call, ENTRIES)
        lines: dict[int, list[dict[str, object]]] = {int(row[0]): [] for row in rows}
        marks = ", ".join("?" * len(lines)) or "0"
        found = fetch(
            session,
            "SELECT l.journal_entry_id, l.id, g.code, l.currency, l.debit, l.credit"  # noqa: S608 - only marks
            " FROM journal_line AS l"
            f" JOIN gl_account AS g ON g.id = l.gl_account_id WHERE l.journal_entry_id IN ({marks})"
            " ORDER BY l.id",
            *lines,
        )
    for entry_id, *line in found:
        lines[entry_id].append(document_of(_LINE, line, call.digits, call.caller.scopes))
    return 200, page(call, rows, lambda row: ENTRIES.document(call, row) | {"lines": lines[int(row[0])]})


OPERATIONS: Final = (
    Operation(
        "listTransactions",
        "GET",
        "/transactions",
        "List movements on loans and savings accounts, in the order of their ids.",
        _list_movements,
        page_of(object_of(MOVEMENTS["loan"].fields)),
        scope=scopes.MOVEMENTS,
        parameters=(
            OFFICE,
            Parameter("account", NUMBER, "Number of one account."),
            Parameter("account_kind", Choice(("loan", "savings")), "Only of this kind."),
            _FROM,
            _TO,
            *PAGING,
        ),
        refusals=(NOT_FOUND,),
        group="Books",
    ),
    Operation(
        "listJournalEntries",
        "GET",
        "/journal-entries",
        "List entries of the journal with their lines, in the order of their ids.",
        _list_entries,
        page_of(object_of(ENTRIES.fields, lines=list_of(object_of(_LINE)))),
        scope=scopes.MOVEMENTS,
        parameters=(OFFICE, _FROM, _TO, *PAGING),
        refusals=(NOT_FOUND,),
        group="Books",
    ),
)
